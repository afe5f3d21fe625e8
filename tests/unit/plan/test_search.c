/* Configurations that the planner looks at: valid, distinct, within what the scenario fixes. */
#include "check.h"

#include "fixture.h"
#include "plan/search.h"

static struct search *configs(struct world *w, const char *yaml, const char *acc, int max_devices)
{
    struct scenario *s = world_scenario(w, yaml, SCENARIO_PLAN);
    struct search *out = ARENA_NEW(w->a, struct search);
    struct deployment base;
    const struct accelerator *dev = catalog_accelerator(w->cat, acc, "test", &w->notes, &w->e);
    assert_non_null(dev);
    assert_true(plan_deployment(w->cat, s, dev, &base, &w->e));
    base.tp = s->deploy.tp, base.pp = s->deploy.pp, base.dp = s->deploy.dp, base.ep = s->deploy.ep;
    search_configs(&base, max_devices, out);
    return out;
}

static const char dense[] = "model: llama-3.1-70b\nprecision: fp8\ntraffic: {preset: azure-2023-conv, requests: 100}\n";

static void dense_70b_needs_two_h100(void **state)
{
    (void)state;
    struct world w = world_open();
    struct search *s = configs(&w, dense, "h100", 0);
    assert_true(s->n >= 2);
    for (size_t i = 0; i < s->n; i++) {
        assert_true(s->memory[i].fits);
        assert_int_equal(s->d[i].dp, 1);
        assert_int_equal(s->d[i].ep, 1);
        assert_true(deployment_devices(&s->d[i]) >= 2);     /* 71 GB of weights leave no room for KV on 80 GiB at 0.9 */
        for (size_t j = 0; j < i; j++)
            assert_false(s->d[i].tp == s->d[j].tp && s->d[i].pp == s->d[j].pp);
    }
    arena_free(w.a);
}

static void nothing_fits_names_the_nearest(void **state)
{
    (void)state;
    struct world w = world_open();
    struct search *s = configs(&w, dense, "t4", 2);
    assert_int_equal(s->n, 0);
    assert_true(s->any_valid);
    assert_true(s->nearest_memory.short_by_bytes > 0);
    assert_int_equal(deployment_devices(&s->nearest), 2);   /* the larger split is nearer */
    arena_free(w.a);
}

static void fixed_keys_stay_fixed(void **state)
{
    (void)state;
    struct world w = world_open();
    char yaml[256];
    snprintf(yaml, sizeof yaml, "%stp: 4\n", dense);
    struct search *s = configs(&w, yaml, "h100", 0);
    assert_true(s->n >= 1);
    for (size_t i = 0; i < s->n; i++)
        assert_int_equal(s->d[i].tp, 4);
    arena_free(w.a);
}

static void experts_are_spread(void **state)
{
    (void)state;
    struct world w = world_open();
    struct search *s = configs(&w, "model: deepseek-v3\ntraffic: {preset: azure-2023-conv, requests: 100}\n", "h200", 0);
    bool spread = false, copied = false;
    for (size_t i = 0; i < s->n; i++) {
        spread |= s->d[i].ep > 1 && s->d[i].dp == 1;
        copied |= s->d[i].ep > 1 && s->d[i].dp > 1;
    }
    assert_true(spread && copied);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dense_70b_needs_two_h100),
        cmocka_unit_test(nothing_fits_names_the_nearest),
        cmocka_unit_test(fixed_keys_stay_fixed),
        cmocka_unit_test(experts_are_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
