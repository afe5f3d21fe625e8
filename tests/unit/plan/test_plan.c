/* The planner's answers: ranked, explained, the same for any number of threads, and as good as exhaustive search. */
#include "check.h"

#include "fixture.h"
#include "plan/candidate.h"
#include "plan/cost.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"

#define CHAT "model: llama-3.1-8b\nprecision: bf16\ntraffic: {preset: azure-2023-conv, requests: 3000, rate: 20/s}\n" \
             "slo: {ttft: {p99: 2s}, tpot: {p99: 50ms}}\n"

static void ranked_by_cost(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [h100, l4, a100, t4, mi300x]\n", 2);
    assert_true(p->answered);
    assert_ptr_equal(p->best, &p->cand[0]);
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        assert_int_equal(c->rank, i + 1);
        if (i && c->feasible && c->priced && c->price_as_asked == p->cand[i - 1].price_as_asked)
            assert_true(c->usd_mtok >= p->cand[i - 1].usd_mtok);
        if (!c->feasible)
            assert_true(c->reason[0] && c->binding != BIND_NONE);
        if (c->feasible) {
            assert_true(c->slo[0].met && c->slo[1].met);
            assert_true(c->slo[0].s.at <= 2.0 && c->slo[1].s.at <= 0.05);
            assert_true(c->slo[0].s.lo <= c->slo[0].s.at && c->slo[0].s.at <= c->slo[0].s.hi);
            assert_true(c->memory.fits);
            assert_true(c->simulated_requests >= 2000);
            assert_int_equal(c->devices, c->replicas * deployment_devices(&c->d));
            assert_true(c->billed_devices >= c->devices);
            check_close(c->usd_h, c->billed_devices * c->price.usd_h, 1e-9);
            check_close(c->usd_mtok, c->usd_h / (3600 * p->stat.out_tok_s) * 1e6, 1e-9);
        }
    }
    assert_true(p->best->verified_full);
    arena_free(w.a);
}

static void threads_do_not_matter(void **state)
{
    (void)state;
    struct world w = world_open();
    const char *yaml = CHAT "accelerators: [h100, l40s, a10, rtx-4090, mi300x, gaudi3]\n";
    struct plan *p = world_plan(&w, yaml, 1), *r = world_plan(&w, yaml, 2);
    for (size_t i = 0; i < p->ncand; i++) {
        assert_string_equal(p->cand[i].acc->id, r->cand[i].acc->id);
        assert_int_equal(p->cand[i].replicas, r->cand[i].replicas);
        assert_memory_equal(&p->cand[i].ttft_p99, &r->cand[i].ttft_p99, sizeof(struct span));
        assert_int_equal(p->cand[i].simulated_requests, r->cand[i].simulated_requests);
    }
    arena_free(w.a);
}

static void nobody_meets_it(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, "model: llama-3.1-70b\nprecision: fp8\ntraffic: {preset: azure-2023-conv, requests: 500}\n"
                                    "slo: {tpot: {p99: 10us}}\naccelerators: [h100, l4]\n", 1);
    assert_false(p->answered);
    assert_null(p->best);
    for (size_t i = 0; i < p->ncand; i++) {
        assert_true(p->cand[i].binding == BIND_TPOT || p->cand[i].binding == BIND_MEMORY);
        assert_true(p->cand[i].short_by > 1);
    }
    arena_free(w.a);
}

/* Sizing finds the fewest replicas: one fewer does not hold. */
static void one_fewer_does_not_hold(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [a10]\n", 1);
    assert_true(p->answered);
    const struct candidate *c = p->best;
    struct step_table t;
    step_table_build(w.a, &c->d, &t);
    static const struct deployment_keys none;
    struct sizing z = {.keys = &none, .d = &c->d, .memory = &c->memory, .table = &t, .sched = sched_find(c->scheduler),
                       .router = router_find("least-outstanding"), .slo = p->scenario->slo, .nslo = p->scenario->nslo,
                       .whole = p->scenario->traffic, .seed = p->scenario->seed, .trial = arena_child(w.a)};
    struct sim_result *r = ARENA_NEW(w.a, struct sim_result);
    bool holds;
    assert_true(size_run(w.a, &z, c->replicas, SIZE_POINT, false, r, &holds));
    assert_true(holds);
    if (c->replicas > 1) {
        assert_true(size_run(w.a, &z, c->replicas - 1, SIZE_POINT, false, r, &holds));
        assert_false(holds);
    }
    arena_free(w.a);
}

/* What the pruned search chooses costs no more than the best of every configuration simulated and sized by itself. */
static void pruned_equals_exhaustive(void **state)
{
    (void)state;
    struct world w = world_open();
    static const char *const device[] = {"h100", "l40s", "a100"};
    for (size_t k = 0; k < 3; k++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, "%saccelerators: [%s]\nscheduler: {max_tokens: 2048}\n", CHAT, device[k]);
        struct plan *p = world_plan(&w, yaml, 2);
        double best = INFINITY;
        for (int split = 0; split < 12; split++) { /* tp 1, 2, 4, 8 by pp 1, 2, 4 */
            snprintf(yaml, sizeof yaml, "%saccelerators: [%s]\nscheduler: {max_tokens: 2048}\ntp: %d\npp: %d\n", CHAT,
                     device[k], 1 << split % 4, 1 << split / 4);
            struct plan *one = world_plan(&w, yaml, 2);
            if (one->answered)
                best = fmin(best, one->best->usd_h);
        }
        assert_true(p->answered);
        check_close(p->best->usd_h, best, 1e-9);
    }
    arena_free(w.a);
}

static void owned_cards_come_first(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *all = world_plan(&w, CHAT "have: {h100: 64}\naccelerators: [l4]\n", 1);
    assert_true(all->answered);
    assert_int_equal(all->nowned, 1);
    check_close(all->owned_share_frac, 1, 1e-9);
    assert_null(all->best);                 /* nothing is left to rent */
    struct plan *some = world_plan(&w, CHAT "have: {a10: 2}\naccelerators: [h100]\n", 1);
    assert_true(some->owned_share_frac > 0 && some->owned_share_frac < 1);
    assert_non_null(some->best);
    struct plan *none = world_plan(&w, CHAT "accelerators: [h100]\n", 1);
    assert_true(some->best->devices <= none->best->devices);
    arena_free(w.a);
}

static void limits_bind(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [h100]\nlimits: {power: 100W}\n", 1);
    assert_false(p->answered);
    assert_int_equal(p->cand[0].binding, BIND_POWER);
    assert_true(p->cand[0].short_by > 1);
    arena_free(w.a);
}

/* What has no price of the kind asked stands after what has, however cheap its owner's cost is. */
static void ranked_by_way_of_pricing(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [gaudi2, h100, mi350x]\n", 2);
    assert_string_equal(p->cand[0].acc->id, "h100-sxm-80");
    assert_true(p->cand[0].price_as_asked);
    assert_string_equal(p->cand[1].acc->id, "gaudi2");          /* owned: no on-demand price is listed */
    assert_true(p->cand[1].priced && !p->cand[1].price_as_asked);
    assert_string_equal(p->cand[2].acc->id, "mi350x");          /* no price at all */
    assert_false(p->cand[2].priced);
    assert_true(isnan(p->cand[2].usd_h));
    struct plan *o = world_plan(&w, CHAT "accelerators: [gaudi2, h100]\nprices: owned\n", 2);
    for (size_t i = 0; i < 2; i++)
        assert_true(o->cand[i].price_as_asked);
    arena_free(w.a);
}

static void holds_at_the_bad_end(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [h100]\n", 1);
    const struct candidate *c = p->best;
    assert_true(c->replicas_robust >= c->replicas);
    assert_true(c->usd_h_robust >= c->usd_h);
    assert_true(c->robust == (c->replicas_robust == c->replicas));
    arena_free(w.a);
}

static void billed_in_whole_instances(void **state)
{
    (void)state;
    struct price p = {.found = true, .instance_cards = 8};
    assert_int_equal(cost_billed(&p, 1), 8);
    assert_int_equal(cost_billed(&p, 8), 8);
    assert_int_equal(cost_billed(&p, 9), 16);
    assert_int_equal(cost_billed(&p, 0), 0);
    double out, total;
    cost_per_mtok(3.6, 1000, 4000, &out, &total);      /* 3.6 USD an hour at 3.6e6 tokens an hour */
    check_close(out, 1.0, 1e-12);
    check_close(total, 0.25, 1e-12);
}

static void explains_both_sides(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, CHAT "accelerators: [h100, l40s, a100, t4]\n", 2);
    struct explanation x;
    for (size_t i = 0; i < p->ncand; i++) {
        assert_true(plan_explain(w.a, p, p->cand[i].acc, &x, &w.e));
        if (p->cand[i].feasible && p->cand[i].priced && i) {
            assert_true(x.nflip >= 1);
            assert_true(x.flip[0].factor <= 1);        /* a loser has to become cheaper */
            check_close(x.flip[0].factor * p->cand[i].usd_h, p->best->usd_h, 1e-9);
        }
    }
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranked_by_cost),
        cmocka_unit_test(threads_do_not_matter),
        cmocka_unit_test(nobody_meets_it),
        cmocka_unit_test(one_fewer_does_not_hold),
        cmocka_unit_test(pruned_equals_exhaustive),
        cmocka_unit_test(owned_cards_come_first),
        cmocka_unit_test(limits_bind),
        cmocka_unit_test(ranked_by_way_of_pricing),
        cmocka_unit_test(holds_at_the_bad_end),
        cmocka_unit_test(billed_in_whole_instances),
        cmocka_unit_test(explains_both_sides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
