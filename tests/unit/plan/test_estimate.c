/* The first answer of a plan: bounds and steady state, beside what simulation finds. */
#include "check.h"

#include "fixture.h"

#define CHAT "model: llama-3.1-8b\nprecision: bf16\ntraffic: {preset: azure-2023-conv, requests: 3000, rate: 20/s}\n" \
             "slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}\n"

static struct plan *estimate(struct world *w, const char *yaml)
{
    struct plan *p = ARENA_NEW(w->a, struct plan);
    struct plan_options o = {.threads = 2, .estimate = true};
    if (!plan_run(w->a, w->cat, world_scenario(w, yaml, SCENARIO_PLAN), &o, p, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return p;
}

static const struct candidate *of(const struct plan *p, const char *id)
{
    for (size_t i = 0; i < p->ncand; i++)
        if (strcmp(p->cand[i].acc->id, id) == 0)
            return &p->cand[i];
    fail_msg("no candidate %s", id);
    return NULL;
}

static void nothing_is_simulated(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = estimate(&w, CHAT "accelerators: [h100, l4, a100, t4, mi300x]\n");
    assert_true(p->estimate && p->answered);
    assert_int_equal(p->simulated_requests, 0);
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        assert_false(c->verified_full || c->robust);
        assert_true(isnan(c->ttft_p99.at) && isnan(c->tpot_p99.at));   /* tails are not known without a queue */
        if (!c->feasible)
            continue;
        assert_true(c->memory.fits && c->replicas >= 1);
        assert_true(c->ttft_p50.lo <= c->ttft_p50.at && c->ttft_p50.at <= c->ttft_p50.hi);
        assert_true(c->tpot_p50.at > 0 && c->tpot_p50.at <= 0.05 && c->e2e_p50.at > c->ttft_p50.at);
        assert_true(c->utilisation_frac > 0 && c->utilisation_frac <= 1);
        check_close(c->usd_h, c->billed_devices * c->price.usd_h, 1e-9);
    }
    arena_free(w.a);
}

/* Bounds are bounds: what simulation keeps, the estimate keeps too; and its fleet is of the same size. */
static void what_holds_is_not_lost(void **state)
{
    (void)state;
    struct world w = world_open();
    const char *yaml = CHAT "accelerators: [h100, l4, l40s, a100, t4, mi300x, rtx-4090]\n";
    struct plan *quick = estimate(&w, yaml), *sure = world_plan(&w, yaml, 2);
    for (size_t i = 0; i < sure->ncand; i++) {
        const struct candidate *s = &sure->cand[i], *q = of(quick, s->acc->id);
        if (!s->feasible)
            continue;
        assert_true(q->feasible);
        assert_true(q->devices <= 2 * s->devices && s->devices <= 2 * q->devices);
    }
    arena_free(w.a);
}

static void limits_and_threads(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *none = estimate(&w, CHAT "accelerators: [l4]\nlimits: {cards: 1}\n");
    assert_false(none->answered && none->best->devices > 1);
    struct plan *poor = estimate(&w, CHAT "accelerators: [h100]\nlimits: {usd_per_hour: $0.5}\n");
    assert_false(poor->answered);
    assert_int_equal(poor->cand[0].binding, BIND_BUDGET);
    struct plan *p = ARENA_NEW(w.a, struct plan);
    struct plan_options o = {.threads = 1, .estimate = true};
    struct scenario *owned = world_scenario(&w, CHAT "accelerators: [l4]\nhave: {l4: 8}\n", SCENARIO_PLAN);
    assert_false(plan_run(w.a, w.cat, owned, &o, p, &w.notes, &w.e));
    assert_int_equal(w.e.kind, ERR_INPUT);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_simulated),
        cmocka_unit_test(what_holds_is_not_lost),
        cmocka_unit_test(limits_and_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
