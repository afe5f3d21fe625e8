/* The cluster and what is reported: latencies by hand, goodput, causes, energy, quantiles, closed loops, bad input. */
#include "check.h"
#include "world.h"

#define MS 1000000

/* Steps of 1 ms, 10 ms with prefill; requests of 16 prompt tokens every gap_ms. */
static void simple(struct world *w, size_t n, int64_t gap_ms, int32_t out)
{
    world_begin(w);
    struct step_table t = {.max_tok = w->table.max_tok,
                           .max_seqs = w->table.max_seqs,
                           .tok_q20 = w->table.tok_q20,
                           .head_q20 = w->table.head_q20,
                           .step_fixed_q20 = MS_Q20,
                           .prefill_floor_q20 = 10 * MS_Q20,
                           .power_idle_w = 100,
                           .npower = 1,
                           .power_decode_w = {300},
                           .power_prefill_w = 500};
    memset(t.tok_q20, 0, sizeof(int64_t) * (size_t)(t.max_tok + 1));
    memset(t.head_q20, 0, sizeof(int64_t) * (size_t)(t.max_seqs + 1));
    w->table = t;
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    for (size_t i = 0; i < n; i++)
        w->traffic.req[i] = (struct request){
            .arrival_ns = (int64_t)i * gap_ms * MS, .in_tok = 16, .out_tok = out, .row = (uint32_t)i + 2};
    w->config.check = true;
}

static void one_request_by_hand(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 1, 0, 11);
    w.table.ttft_fixed_s = 0.005;
    w.config.records = true;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.completed, 1);
    assert_int_equal(r.steps, 11);
    check_close(sim_metric(&r, 0, 0.5), 0.015, 1e-12); /* fixed, and the prompt */
    check_close(sim_metric(&r, 1, 0.5), 0.001, 1e-12);
    check_close(sim_metric(&r, 2, 0.5), 0.025, 1e-12);
    check_close(sim_metric(&r, 3, -1), 0.001, 1e-12);
    assert_int_equal(r.itl.n, 10);
    check_close(r.makespan_s, 0.020, 1e-12);
    check_close(r.busy_frac, 1, 1e-12);
    check_close(r.energy_j, 0.010 * 500 + 0.010 * 300, 1e-9);
    check_close(r.by_bound_frac[BOUND_COMPUTE], 0.5, 1e-12);
    check_close(r.batch_mean, 1, 1e-12);
    check_close(r.output_tok_s, 11 / 0.020, 1e-9);
    assert_int_equal(r.record[0].row, 2);
    world_end(&w);
}

static void idle_time_costs_idle_power(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 2, 1000, 11);
    w.config.pool[0].replicas = 3;
    assert_true(world_run(&w, &r));
    double busy_s = 0.040, span_s = 3 * 1.020;
    check_close(r.energy_j, 0.020 * 500 + 0.020 * 300 + (span_s - busy_s) * 100, 1e-9);
    check_close(r.busy_frac, busy_s / span_s, 1e-9);
    world_end(&w);
}

static void causes_of_misses(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    /* One at a time, 20 ms each, one every 10 ms: waits grow. */
    simple(&w, 20, 10, 11);
    struct sim_slo ttft = {0, 0.9, 0.050};
    w.config.pool[0].max_seqs = 1;
    w.config.slo = &ttft;
    w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.good, 5); /* waits 0, 10, 20, 30, 40 ms and 10 ms of prefill */
    assert_int_equal(r.miss[MISS_QUEUE], 15);
    check_close(r.goodput_req_s, 5 / r.makespan_s, 1e-12);
    world_end(&w);

    /* Decode itself is above the limit. */
    simple(&w, 3, 1000, 11);
    struct sim_slo tpot = {1, 0.9, 0.0009};
    w.config.slo = &tpot;
    w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.miss[MISS_DECODE], 3);
    world_end(&w);

    /* Others' prefill in its steps: the first request's 10 gaps see a prefill of 9 ms more each 4 ms. */
    simple(&w, 3, 13, 31);
    tpot.limit_s = 0.0012;
    w.config.slo = &tpot;
    w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.miss[MISS_PREFILL], 2);
    assert_int_equal(r.good, 1);
    world_end(&w);

    /* The tail of its own gaps: one of 30 is above 5 ms, which 0.99 does not allow, 0.9 does. */
    for (int strict = 0; strict < 2; strict++) {
        struct sim_slo itl = {3, strict ? 0.99 : 0.9, 0.005};
        simple(&w, 2, 15, 31);
        w.config.slo = &itl;
        w.config.nslo = 1;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.good, strict ? 1 : 2);
        assert_int_equal(r.miss[MISS_PREFILL], strict);
        world_end(&w);
    }
}

static void a_closed_loop_keeps_its_concurrency(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 40, 0, 11);
    w.config.concurrency = 4;
    w.config.records = true;
    w.table.ttft_fixed_s = 0.005;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.completed, 40);
    /* The rounds are in step: 20 ms in the engine, 5 ms outside and a nanosecond. */
    for (int i = 0; i < 40; i++)
        assert_int_equal(r.record[i].arrival_ns, (int64_t)(i / 4) * (25 * MS + 1));
    check_close(sketch_mean(&r.e2e), 0.025, 1e-9);
    assert_false(r.saturated);
    world_end(&w);
}

static void warm_up_is_not_counted(void **state)
{
    (void)state;
    for (int barrier = 0; barrier < 2; barrier++) {
        struct world w;
        struct sim_result r;
        simple(&w, 10, 0, 11);
        for (int i = 0; i < 10; i++)
            w.traffic.req[i].out_tok = 11 + 10 * (i & 1);
        w.config.concurrency = 3;
        w.config.warmup_requests = 4;
        w.config.warmup_barrier = barrier;
        w.config.records = true;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.offered, 6);
        assert_int_equal(r.completed, 6);
        int64_t last = 0;
        for (int i = 0; i < 4; i++)
            last = r.record[i].done_ns > last ? r.record[i].done_ns : last;
        if (barrier) /* the counted ones start together behind the last of the warm-up */
            for (int i = 4; i < 7; i++)
                assert_int_equal(r.record[i].arrival_ns, last + 1);
        else
            assert_true(r.record[4].arrival_ns < last);
        world_end(&w);
    }
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void quantiles_are_exact(void **state)
{
    (void)state;
    static const double q[] = {0, 0.01, 0.5, 0.9, 0.99, 0.999, 1};
    struct world w;
    struct sim_result r;
    world_begin(&w);
    world_traffic(&w, 5000, 6, 800, 150, 4);
    w.config.records = true;
    w.table.ttft_fixed_s = 0;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.nexact[SIM_EXACT_TTFT], 5000);
    double *v = malloc(5000 * sizeof *v);
    for (int i = 0; i < 5000; i++)
        v[i] = (double)(r.record[i].first_ns - r.record[i].arrival_ns) / 1e9;
    qsort(v, 5000, sizeof *v, by_value);
    for (size_t i = 0; i < sizeof q / sizeof q[0]; i++) {
        int rank = q[i] > 0 ? (int)ceil(q[i] * 5000 - 1e-9) - 1 : 0;
        assert_true(sim_metric(&r, 0, q[i]) == v[rank]);
        check_close(sketch_quantile(&r.ttft, q[i]), v[rank], 0.006);
    }
    assert_true(isnan(sim_metric(&r, 99, 0.5)));
    free(v);
    world_end(&w);
}

static void stops_when_an_slo_is_lost(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_slo slo = {0, 0.99, 0.5};
    world_begin(&w);
    world_traffic(&w, 20000, 50, 800, 200, 4);
    w.config.slo = &slo;
    w.config.nslo = 1;
    w.config.stop_when_missed = true;
    assert_true(world_run(&w, &r));
    assert_true(r.stopped);
    assert_int_equal(r.miss[MISS_QUEUE] + r.miss[MISS_PREFILL] + r.miss[MISS_PREEMPTION], 201);
    assert_true(r.completed < 2000);
    assert_int_equal(r.failed, r.offered - r.completed - r.rejected);
    w.config.stop_when_missed = false;
    w.config.max_events = 1000;
    assert_true(world_run(&w, &r));
    assert_true(r.stopped);
    assert_int_equal(r.events, 1000);
    world_end(&w);
}

/* 2 of 150 above the limit are more than 1 %: the value, the verdict and the early stop agree. */
static void two_of_150_lose_p99(void **state)
{
    (void)state;
    for (int late = 1; late <= 2; late++) {
        struct world w;
        struct sim_result r;
        struct sim_slo slo = {2, 0.99, 0.021};
        simple(&w, 150, 1000, 11);
        for (int i = 0; i < late; i++)
            w.traffic.req[70 * i].out_tok = 31;
        w.config.slo = &slo;
        w.config.nslo = 1;
        assert_true(world_run(&w, &r));
        check_close(sim_metric(&r, 2, 0.99), late == 2 ? 0.040 : 0.020, 1e-12);
        check_close(sketch_quantile(&r.e2e, 0.99), late == 2 ? 0.040 : 0.020, 0.006);
        assert_int_equal(r.slo[0].of, 150);
        assert_int_equal(r.slo[0].missed, late);
        assert_int_equal(r.slo[0].allowed, 1);
        assert_int_equal(r.slo[0].lost, late == 2);
        assert_int_equal(r.held, late == 1);
        w.config.stop_when_missed = true;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.stopped, late == 2);
        assert_int_equal(r.held, late == 1);
        assert_int_equal(r.simulated, late == 2 ? 71 : 150);
        world_end(&w);
    }
}

/* At the limit is within it, whatever its last bit. */
static void at_the_limit_is_within(void **state)
{
    (void)state;
    for (int i = 11; i < 400; i++) {
        struct world w;
        struct sim_result r;
        simple(&w, 1, 0, i);
        char text[32];
        snprintf(text, sizeof text, "%.3f", 1e-3 * (9 + i));
        struct sim_slo slo[] = {{2, 0.99, strtod(text, NULL)}, {0, 0.99, 0.01}, {1, 0.99, 0.001}, {3, 0.99, 0.001},
                                {2, -1, strtod(text, NULL)},   {0, -1, 0.01},   {1, -1, 0.001},   {3, -1, 0.001}};
        w.config.slo = slo;
        w.config.nslo = 8;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.good, 1);
        assert_true(r.held);
        world_end(&w);
    }
}

/* Slow gaps come in bursts: many requests have more of their own than the quantile allows, the pool of gaps has not. */
static void itl_is_of_all_gaps(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_slo slo = {3, 0.9, 0.005};
    simple(&w, 40, 1000, 400);
    for (size_t i = 0; i < 40; i += 2) { /* a short one and a prompt beside its gaps */
        w.traffic.req[i].out_tok = 4;
        w.traffic.req[i + 1].arrival_ns = w.traffic.req[i].arrival_ns + 11 * MS;
    }
    w.config.slo = &slo;
    w.config.nslo = 1;
    for (int early = 0; early < 2; early++) {
        w.config.stop_when_missed = early;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.good, 20); /* the short ones have 1 of 3 gaps slow */
        assert_int_equal(r.slo[0].of, 20 * 3 + 20 * 399);
        assert_int_equal(r.slo[0].missed, 20);
        assert_true(!r.slo[0].lost && r.held && !r.stopped);
    }
    world_end(&w);
}

/* The gap that a preemption makes is one of the request's own slow gaps, as it is one of the histogram's. */
static void a_preemption_is_a_slow_gap(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_slo slo = {3, 0.99, 0.020}; /* no step is that long */
    simple(&w, 2, 0, 40);
    for (int i = 0; i < 2; i++)
        w.traffic.req[i].in_tok = 32;
    world_memory(&w, 8, 16);
    w.config.slo = &slo;
    w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.preemptions, 1);
    assert_int_equal(r.slo[0].missed, 1);
    assert_int_equal(r.good, 1);
    assert_int_equal(r.miss[MISS_PREEMPTION], 1);
    world_end(&w);
}

static void rejected_ones_count_against_every_slo(void **state)
{
    (void)state;
    for (int bad = 1; bad <= 3; bad++)
        for (int metric = 0; metric < 4; metric++)
            for (int mean = 0; mean < 2; mean++) {
                struct world w;
                struct sim_result r;
                struct sim_slo slo = {metric, mean ? -1 : 0.99, 1000};
                simple(&w, 200, 1000, 11);
                for (int i = 0; i < bad; i++)
                    w.traffic.req[50 * i].in_tok = 1000000;
                w.config.slo = &slo;
                w.config.nslo = 1;
                assert_true(world_run(&w, &r));
                assert_int_equal(r.rejected, bad);
                check_close(r.rejected_frac, bad / 200.0, 1e-12);
                assert_int_equal(r.slo[0].lost, bad == 3); /* 1 % of 200 are 2 */
                assert_int_equal(r.held, bad < 3);
                w.config.nslo = 0;
                assert_true(world_run(&w, &r));
                assert_null(r.slo);
                assert_int_equal(r.held, bad < 3);
                world_end(&w);
            }
    struct world w;
    struct sim_result r;
    simple(&w, 1, 0, 11);
    w.traffic.req[0].in_tok = 1000000;
    assert_true(world_run(&w, &r));
    assert_false(r.held); /* nothing was served */
    world_end(&w);
}

/* Waits in a pile grow by construction; the queue of a trace that outlasts its requests must not. */
static void a_pile_is_not_saturation(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 1000, 0, 11);
    w.config.pool[0].max_seqs = 4;
    assert_true(world_run(&w, &r));
    assert_false(r.saturated);
    assert_true(r.held);
    w.traffic.req[999].arrival_ns = (int64_t)3600 * 1000 * MS; /* one straggler makes no trace of it */
    assert_true(world_run(&w, &r));
    assert_false(r.saturated);
    for (size_t i = 0; i < 1000; i++)
        w.traffic.req[i].arrival_ns = (int64_t)i * MS; /* 1 a ms, served 4 in 20 ms */
    assert_true(world_run(&w, &r));
    assert_true(r.saturated);
    assert_false(r.held);
    world_end(&w);
}

static void routers_share_the_load(void **state)
{
    (void)state;
    double ttft[8] = {0};
    for (size_t k = 0; k < router_count; k++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_traffic(&w, 20000, 8 * 5.5, 1155, 211, 4);
        world_memory(&w, 24000, 16);
        w.config.pool[0].replicas = 8;
        w.config.router = router_table[k];
        w.config.records = true;
        assert_true(world_run(&w, &r));
        int count[8] = {0};
        for (int i = 0; i < 20000; i++)
            count[r.record[i].replica]++;
        for (int i = 0; i < 8; i++)
            assert_true(count[i] > 2200 && count[i] < 2800);
        ttft[k] = sim_metric(&r, 0, 0.99);
        world_end(&w);
    }
    for (size_t k = 0; k < router_count; k++) /* whoever looks at the load is better than chance */
        if (router_table[k] != router_find("random") && router_table[k] != router_find("round-robin"))
            assert_true(ttft[k] < ttft[3]);
    assert_ptr_equal(router_table[3], router_find("random"));
}

static void bad_configurations(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct err e = {0};
    simple(&w, 1, 0, 1);
    struct sim_config good = w.config, c = good;
    assert_true(sim_run(w.a, &c, &w.traffic, &r, &e));
    c.pool[0].replicas = 0;
    assert_false(sim_run(w.a, &c, &w.traffic, &r, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    c = good, c.pool[0].max_seqs = w.table.max_seqs + 1;
    assert_false(sim_run(w.a, &c, &w.traffic, &r, &e));
    c = good, c.pool[0].max_tokens = (int)w.table.max_tok + 1;
    assert_false(sim_run(w.a, &c, &w.traffic, &r, &e));
    c = good, c.pool[0].sched = NULL;
    assert_false(sim_run(w.a, &c, &w.traffic, &r, &e));
    c = good, c.pool[0].watermark_frac = NAN;
    assert_false(sim_run(w.a, &c, &w.traffic, &r, &e));
    c = good;
    w.traffic.n = 0; /* nothing to do is not an error */
    assert_true(sim_run(w.a, &c, &w.traffic, &r, &e));
    assert_int_equal(r.offered, 0);
    assert_true(isnan(sim_metric(&r, 0, 0.5)));
    world_end(&w);
}

/* 300 days of decoding at a second a step: the clock and the sums hold. */
static void long_runs_do_not_overflow(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 1, 0, 26000000);
    world_memory(&w, 2000000, 16);
    w.table.step_fixed_q20 = 1000 * MS_Q20;
    w.table.decode_full_q20 = Q20;
    assert_true(world_run(&w, &r));
    double steps = 26e6 - 1;
    check_close(r.makespan_s, 26e6 + 1e-9 * (steps * 17 + steps * (steps - 1) / 2), 1e-12);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request_by_hand),
        cmocka_unit_test(idle_time_costs_idle_power),
        cmocka_unit_test(causes_of_misses),
        cmocka_unit_test(a_closed_loop_keeps_its_concurrency),
        cmocka_unit_test(warm_up_is_not_counted),
        cmocka_unit_test(quantiles_are_exact),
        cmocka_unit_test(stops_when_an_slo_is_lost),
        cmocka_unit_test(routers_share_the_load),
        cmocka_unit_test(two_of_150_lose_p99),
        cmocka_unit_test(at_the_limit_is_within),
        cmocka_unit_test(itl_is_of_all_gaps),
        cmocka_unit_test(a_preemption_is_a_slow_gap),
        cmocka_unit_test(rejected_ones_count_against_every_slo),
        cmocka_unit_test(a_pile_is_not_saturation),
        cmocka_unit_test(bad_configurations),
        cmocka_unit_test(long_runs_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
