/* The steady state of fit/disagg.c and the simulator's event by event see the same deployment: at low load they say the same. */
#include "fixture.h"

#include "base/doc.h"
#include "plan/plan.h"

/* One request at a time, 2,048 tokens in and 256 out: 1 prefill worker of 4 cards, 1 decode worker of 8. */
static const char *const yaml = "model: llama-3.1-70b\nprecision: fp8\nframework: vllm\n"
                                "pools:\n  prefill: {accelerator: h100, tp: 4}\n  decode: {accelerator: h100, tp: 8}\n"
                                "traffic: {concurrency: %d, arrivals: {process: all-at-once}, requests: 200, prompt_tokens: 2048, output_tokens: 256}\n";

static struct sim_run_out *simulated(struct world *w, int concurrency)
{
    struct node *doc;
    struct scenario *s = ARENA_NEW(w->a, struct scenario);
    struct sim_run_out *r = ARENA_NEW(w->a, struct sim_run_out);
    const char *text = arena_printf(w->a, yaml, concurrency);
    if (!doc_yaml(w->a, "test.yaml", text, strlen(text), &doc, &w->e) ||
        !scenario_read(w->a, w->cat, doc, SCENARIO_SIM, 1, s, &w->notes, &w->e) ||
        !plan_simulate(w->a, w->cat, s, (struct simulate_options){.point_only = true}, r, &w->notes, &w->e))
        fail_msg("%s: %s; %s", w->e.place, w->e.what, w->e.mend);
    return r;
}

static struct fit_prediction steady(struct world *w, int concurrency)
{
    struct fit_points p = world_points(w, arena_printf(w->a, CLOSED CLOSED_POOLS "tpot_mean_ms\n"
        "a,llama-3.1-70b,h100-sxm-80,12,vllm,disaggregated,fp8,2048,256,1,%d,,,,,1,4,1,1,1,8,1,1,9\n", concurrency));
    struct fit_prediction f = world_predict(w, &p.point[0], NULL);
    if (!f.ok)
        fail_msg("%s", f.why);
    return f;
}

static void low_load(void **state)
{
    (void)state;
    struct world w = world_open();
    struct sim_run_out *r = simulated(&w, 1);
    struct fit_prediction f = steady(&w, 1);
    assert_int_equal(r->r.transfer.n, 200);
    print_message("# TTFT %.2f and %.2f ms, TPOT %.3f and %.3f ms, transfer %.2f ms\n", sim_metric(&r->r, SLO_TTFT, -1) * 1e3,
                  f.value[FIT_TTFT_P50_MS].at, sim_metric(&r->r, SLO_TPOT, -1) * 1e3, f.value[FIT_TPOT_MEAN_MS].at,
                  r->r.transfer.moving_mean_s * 1e3);
    check_close(sim_metric(&r->r, SLO_TTFT, -1) * 1e3, f.value[FIT_TTFT_P50_MS].at, 0.02);
    check_close(sim_metric(&r->r, SLO_TPOT, -1) * 1e3, f.value[FIT_TPOT_MEAN_MS].at, 0.02);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(low_load)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
