/* Prefill and decode in pools of their own: what the plan found is what moat sim says of the same pools, and is not too large. */
#include "check.h"

#include "fixture.h"
#include "plan/apart.h"

#define ASKED "model: llama-3.1-8b\nframework: vllm\nslo: {ttft: {p99: 1s}, tpot: {p99: 25ms}}\n" \
              "traffic: {preset: azure-2023-conv, rate: 150/s, limit: 6000}\n"

static struct plan *planned(struct world *w, const char *yaml)
{
    struct plan *p = ARENA_NEW(w->a, struct plan);
    struct plan_options o = {.threads = 2, .disaggregated = true};
    if (!plan_run(w->a, w->cat, world_scenario(w, yaml, SCENARIO_PLAN), &o, p, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return p;
}

static struct sim_run_out *simulated(struct world *w, const struct apart *x, int fewer_prefill, int fewer_decode)
{
    const struct apart_side *p = &x->prefill, *d = &x->decode;
    const char *yaml = arena_printf(w->a, ASKED "pools:\n  prefill: {accelerator: %s, tp: %d, pp: %d, replicas: %d}\n"
                                    "  decode: {accelerator: %s, tp: %d, pp: %d, replicas: %d}\n", p->d.acc->id, p->d.tp, p->d.pp,
                                    p->replicas - fewer_prefill, d->d.acc->id, d->d.tp, d->d.pp, d->replicas - fewer_decode);
    struct sim_run_out *r = ARENA_NEW(w->a, struct sim_run_out);
    if (!plan_simulate(w->a, w->cat, world_scenario(w, yaml, SCENARIO_SIM), (struct simulate_options){.point_only = true}, r, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return r;
}

static void as_sim_says(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = planned(&w, ASKED "accelerators: [h100, l40s, a100]\n");
    const struct apart *x = p->apart;
    assert_non_null(x);
    assert_true(x->found);
    struct sim_run_out *r = simulated(&w, x, 0, 0);
    assert_true(r->r.held);
    check_close(sim_metric(&r->r, SLO_TTFT, 0.99), x->ttft_p99_s, 1e-12);
    check_close(sim_metric(&r->r, SLO_TPOT, 0.99), x->tpot_p99_s, 1e-12);
    check_close(r->usd_h, x->usd_h, 1e-12);
    check_close(x->ratio, x->usd_mtok / p->best->usd_mtok, 1e-12);
    print_message("# %d of %s and %d of %s, %.2f times the best\n", x->prefill.replicas, x->prefill.d.acc->id, x->decode.replicas,
                  x->decode.d.acc->id, x->ratio);
    /* One less of either does not hold. */
    if (x->prefill.replicas > 1)
        assert_false(simulated(&w, x, 1, 0)->r.held);
    if (x->decode.replicas > 1)
        assert_false(simulated(&w, x, 0, 1)->r.held);
    arena_free(w.a);
}

static void not_asked(void **state)
{
    (void)state;
    struct world w = world_open();
    assert_null(world_plan(&w, ASKED "accelerators: [l40s]\n", 1)->apart);
    const struct apart *x = planned(&w, ASKED "accelerators: [l40s]\nspares: 1\n")->apart;
    assert_false(x->found);
    assert_non_null(strstr(x->why, "spares"));
    x = planned(&w, "model: llama-3.1-8b\naccelerators: [l40s]\ntraffic: {preset: azure-2023-conv, concurrency: 8, requests: 200}\n")->apart;
    assert_false(x->found);
    assert_non_null(strstr(x->why, "no rate"));
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(as_sim_says), cmocka_unit_test(not_asked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
