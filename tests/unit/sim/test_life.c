/* test_life.c - replicas that come and go, against closed forms and by hand. */
#include "check.h"

#include "sim/autoscale.h"
#include "sim/cluster.h"
#include "world.h"

#define S INT64_C(1000000000)
#define H (3600 * S)

/* n requests of one prompt and one answer, gap apart. */
static void steady(struct world *w, size_t n, int64_t gap_ns, int in_tok, int out_tok)
{
    w->traffic = (struct traffic){.n = n, .format = "generated", .name = "test"};
    w->traffic.req = ARENA_ARRAY(w->a, struct request, n);
    for (size_t i = 0; i < n; i++)
        w->traffic.req[i] = (struct request){.arrival_ns = (int64_t)i * gap_ns, .in_tok = in_tok, .out_tok = out_tok};
}

static void begin(struct world *w, struct sim_dynamics *d, int replicas)
{
    world_begin(w);
    world_table(w, 1024, 8);
    w->config.pool[0].max_seqs = 8;
    w->config.pool[0].max_tokens = 1024;
    w->config.pool[0].replicas = replicas;
    w->config.pool[0].dynamics = d;
    w->config.records = w->config.check = true;
}

static void hours_of_the_day(void **state)
{
    (void)state;
    struct sim_hours h[] = {{22 * H, 6 * H, 3}, {12 * H, 13 * H, 1}};
    assert_int_equal(hours_at(h, 2, 0, 0), 3);
    assert_int_equal(hours_at(h, 2, 0, 6 * H), -1);
    assert_int_equal(hours_at(h, 2, 0, 12 * H), 1);
    assert_int_equal(hours_at(h, 2, 20 * H, 2 * H), 3);         /* the clock begins at 20:00 */
    assert_int_equal(hours_at(h, 2, 0, 46 * H), 3);             /* the next day */
    assert_true(hours_next_ns(h, 2, 0, 0) == 6 * H && hours_next_ns(h, 2, 0, 6 * H) == 12 * H);
    assert_true(hours_next_ns(h, 2, 20 * H, 0) == 2 * H);
    assert_true(hours_next_ns(h, 0, 0, 0) == INT64_MAX);
    struct sim_hours all = {0, 0, 5};
    assert_true(hours_at(&all, 1, 0, 7 * H) == 5 && hours_next_ns(&all, 1, 0, 7 * H) == 24 * H);
}

/* Availability of N replicas: MTBF / (MTBF + repair + cold start); a node of two goes down when either fails. */
static void available_as_the_closed_form(void **state)
{
    (void)state;
    for (int node = 1; node <= 2; node++) {
        struct world w;
        struct sim_result r;
        double mtbf_h = 100, down_h = 10 + 0.5;
        struct sim_dynamics d = {.start = 20, .boot_ns = H / 4, .load_ns = H / 8, .warm_ns = H / 8,
                                 .failures = {.failures_s = 1 / (mtbf_h * 3600), .repair_ns = 10 * H, .node_replicas = node}};
        begin(&w, &d, 20);
        steady(&w, 6000, 10 * H, 30, 3);
        assert_true(world_run(&w, &r));
        double up_h = mtbf_h / node, span_h = r.life.span_s / 3600;
        check_close(r.life.availability_frac, up_h / (up_h + down_h), 0.01);
        check_close((double)r.life.failures, 20 * span_h / (up_h + down_h), 0.05);
        check_close(r.life.up_s + r.life.starting_s + r.life.down_s, 20 * r.life.span_s, 1e-9);
        check_close(r.life.held_s, r.life.up_s + r.life.starting_s, 1e-12);
        world_end(&w);
    }
}

/* With k warm spares the number alive is binomial, and availability is E[min(X, N)] / N. */
static void spares_as_the_binomial(void **state)
{
    (void)state;
    for (int k = 0; k <= 2; k++) {
        struct world w;
        struct sim_result r;
        struct sim_dynamics d = {.start = 4, .spares = k, .failures = {.failures_s = 1 / (40.0 * 3600), .repair_ns = 10 * H}};
        begin(&w, &d, 4 + k);
        steady(&w, 15000, 10 * H, 30, 3);
        assert_true(world_run(&w, &r));
        double a = 0.8, want = 0, choose = 1;
        for (int x = 0; x <= 4 + k; x++) {
            want += choose * pow(a, x) * pow(1 - a, 4 + k - x) * fmin(x, 4) / 4;
            choose = choose * (4 + k - x) / (x + 1);
        }
        check_close(r.life.availability_frac, want, 0.01);
        world_end(&w);
    }
}

/* What a failure does to the request on it. */
static void lost_and_sent_again(void **state)
{
    (void)state;
    for (int retry = 0; retry < 2; retry++) {
        struct world w;
        struct sim_result r;
        struct sim_slo slo[] = {{0, 0.99, 1}, {2, 0.99, 30}};
        struct sim_dynamics d = {.start = 1, .load_ns = 3 * S,
                                 .failures = {.failures_s = 1.0 / 60, .repair_ns = 20 * S, .no_retry = !retry}};
        begin(&w, &d, 1);
        steady(&w, 60, 20 * S, 200, 400);
        w.config.slo = slo, w.config.nslo = 2;
        assert_true(world_run(&w, &r));
        assert_true(r.life.failures > 3 && r.life.lost > 3 && r.miss[MISS_FAILURE] > 3);
        assert_int_equal(r.life.failed, retry ? 0 : r.life.lost);
        assert_int_equal(r.completed + r.failed, 60);
        assert_int_equal(r.failed, r.life.failed);
        assert_true(r.life.lost_out_tok > 100 && r.life.none_up_s > 20);
        uint64_t again = 0;
        for (size_t i = 0; i < 60; i++) {
            const struct sim_record *q = &r.record[i];
            again += (uint64_t)q->retries;
            if (q->retries) { /* it begins again after repair and cold start, if it was not with others */
                assert_true(q->first_ns - q->arrival_ns >= 23 * S);
                assert_int_equal(q->miss, MISS_FAILURE);
            }
        }
        assert_int_equal(again, r.life.retries);
        assert_true(retry ? again == r.life.lost : again == 0);
        world_end(&w);
    }
}

static void reclaimed_with_notice(void **state)
{
    (void)state;
    uint64_t lost[2];
    for (int k = 0; k < 2; k++) {
        struct world w;
        struct sim_result r;
        struct sim_dynamics d = {.start = 3, .load_ns = 5 * S,
                                 .failures = {.reclaims_s = 1.0 / 100, .notice_ns = k ? 120 * S : 0, .back_ns = 10 * S}};
        begin(&w, &d, 3);
        world_traffic(&w, 1200, 0.5, 100, 100, 3);
        assert_true(world_run(&w, &r));
        assert_true(r.life.reclaims > 10);
        assert_int_equal(r.completed, 1200);
        lost[k] = r.life.lost;
        assert_true(k ? r.life.draining_s > 60 : r.life.draining_s == 0);
        world_end(&w);
    }
    assert_true(lost[0] > 5 && lost[1] == 0); /* two minutes are enough for answers of a few seconds */
}

/* Nothing is up before 01:00: the first request waits for the look of the clock and a cold start, and says so. */
static void waits_for_a_cold_start(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_slo slo = {0, 0.5, 10};
    struct sim_hours h = {H, 2 * H, 1};
    struct sim_dynamics d = {.boot_ns = 60 * S, .load_ns = 40 * S, .warm_ns = 20 * S,
                             .autoscale = {.policy = autoscaler_find("schedule"), .max = 1, .hours = &h, .nhours = 1, .interval_ns = 60 * S}};
    begin(&w, &d, 1);
    steady(&w, 2, 5000 * S, 100, 2);
    w.traffic.req[0].arrival_ns = 100 * S;
    w.config.slo = &slo, w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    int64_t up_ns = H + 120 * S, first = r.record[0].first_ns;
    assert_true(first > up_ns && first < up_ns + S);
    assert_int_equal(r.record[0].miss, MISS_COLD);
    assert_int_equal(r.record[1].miss, -1);
    assert_int_equal(r.life.held_back, 1);
    assert_int_equal(r.life.starts, 1);
    check_close(r.life.none_up_s, 3500 + 120, 1e-9);
    check_close(r.life.starting_s, 120, 1e-9);
    world_end(&w);
}

static struct scale_view view(int wanted, int up, int64_t in_flight, int64_t waiting, double t_s)
{
    return (struct scale_view){.t_ns = (int64_t)(t_s * 1e9), .wanted = wanted, .up = up, .in_flight = in_flight, .waiting = waiting,
                               .flow_ns = 0};
}

static void kubernetes_rule(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct autoscaler *p = autoscaler_find("hpa-batch");
    struct sim_autoscale c = {.policy = p, .min = 1, .max = 100, .target = 10, .interval_ns = 15 * S, .window_ns = 300 * S, .tolerance = 0.1};
    struct scale_memory m;
    scale_memory_init(&m, a, &c);
    struct scale_view v = view(5, 5, 54, 0, 15); /* 8 % more: within the tolerance */
    assert_int_equal(p->wish(&c, &m, &v), 5);
    v = view(5, 5, 61, 0, 30);
    assert_int_equal(p->wish(&c, &m, &v), 7);
    v = view(7, 5, 500, 0, 45); /* twice as many at most */
    assert_int_equal(p->wish(&c, &m, &v), 14);
    v = view(2, 2, 500, 0, 60); /* or four more */
    assert_int_equal(p->wish(&c, &m, &v), 6);
    for (int i = 1; i <= 20; i++) { /* fewer only when the window has seen nothing more */
        v = view(14, 14, 20, 0, 45 + 15 * i);
        assert_int_equal(p->wish(&c, &m, &v), 14);
    }
    v = view(14, 14, 20, 0, 45 + 15 * 21);
    assert_true(p->wish(&c, &m, &v) < 14);
    arena_free(a);
}

static void knative_rule(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct autoscaler *p = autoscaler_find("kpa");
    struct sim_autoscale c = {.policy = p, .min = 0, .max = 100, .target = 10, .interval_ns = 2 * S, .window_ns = 60 * S};
    struct scale_memory m;
    scale_memory_init(&m, a, &c);
    double flow = 0;
    int got = 0;
    for (int i = 0; i <= 40; i++, flow += 2e9 * 35) { /* 35 in flight: four of ten */
        struct scale_view v = view(4, 4, 35, 0, 2 * i);
        v.flow_ns = flow;
        got = p->wish(&c, &m, &v);
    }
    assert_int_equal(got, 4);
    for (int i = 41; i <= 44; i++, flow += 2e9 * 300) { /* a burst of 300: the mean of 6 s is seen, not that of a minute */
        struct scale_view v = view(got, 4, 300, 0, 2 * i);
        v.flow_ns = flow;
        got = p->wish(&c, &m, &v);
    }
    assert_int_equal(got, 30);
    for (int i = 45; i <= 60; i++) { /* the panic holds */
        struct scale_view v = view(got, 30, 0, 0, 2 * i);
        v.flow_ns = flow;
        got = p->wish(&c, &m, &v);
        assert_int_equal(got, 30);
    }
    for (int i = 61; i <= 130; i++) { /* by halves, to nothing */
        struct scale_view v = view(got, got, 0, 0, 2 * i);
        v.flow_ns = flow;
        int next = p->wish(&c, &m, &v);
        assert_true(next >= got / 2);
        got = next;
    }
    assert_int_equal(got, 0);
    arena_free(a);
}

/* DeepSeek's day, 27-28 February 2025: 278 nodes by day, 68 in the small hours, in eleven steps; 226.75 serve on average, the others
** train: 1,230 node-hours, 18.4 % (open-infra-index, day 6). The steps: data/traces/deepseek-2025-02-27-inference-nodes.csv. */
static void deepseeks_day(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_hours night[] = {{0, 75 * H / 60, 218},           {75 * H / 60, 2 * H, 188},      {2 * H, 165 * H / 60, 158},
                                {165 * H / 60, 3 * H, 128},      {3 * H, 210 * H / 60, 98},      {210 * H / 60, 390 * H / 60, 68},
                                {390 * H / 60, 7 * H, 98},       {7 * H, 450 * H / 60, 128},     {450 * H / 60, 8 * H, 188},
                                {8 * H, 510 * H / 60, 218}};
    struct sim_dynamics d = {.start = 278, .clock_ns = 12 * H, .load_ns = 120 * S, .warm_ns = 60 * S,
                             .lend = {night, 10, .restart_ns = H / 4, .checkpoint_ns = H / 2}};
    begin(&w, &d, 278);
    steady(&w, 25, H, 30, 2);
    assert_true(world_run(&w, &r));
    double lent_h = r.life.lent_s / 3600, taken_back = 30 + 30 + 60 + 30 + 60;
    check_close(lent_h, 1230, 1e-6);
    check_close(lent_h / (278 * 24), 0.184, 0.003);
    check_close(278 - lent_h / 24, 226.75, 1e-6);
    assert_int_equal(r.life.returns, (uint64_t)taken_back);
    /* the first steps lend 60, 30, 30, 30, 30, 30 nodes; all are away for longer than a restart and half an interval */
    check_close(r.life.lent_useful_s / 3600, 1230 - taken_back * 0.5, 1e-6);
    check_close(r.life.starting_s, taken_back * 180, 1e-6);
    assert_int_equal(r.life.least_up, 68);
    assert_int_equal(r.life.peak_up, 278);
    assert_int_equal(r.completed, 25);
    world_end(&w);
}

/* Failures of the replicas there were do not move when there is one more. */
static void own_streams(void **state)
{
    (void)state;
    int64_t at[2][5];
    for (int more = 0; more < 2; more++) {
        struct world w;
        struct sim_dynamics d = {.start = 3 + more, .failures = {.failures_s = 0.01, .reclaims_s = 0.01}};
        struct sim s = {.config = &w.config, .replicas = 3 + more};
        struct sim_result out = {0};
        begin(&w, &d, 3 + more);
        s.arena = w.a;
        s.metrics.out = &out;
        s.metrics.begin_ns = -1;
        s.replica = ARENA_ARRAY(w.a, struct replica, 4);
        s.all.id = ARENA_ARRAY(w.a, uint32_t, 4);
        life_init(&s);
        for (uint32_t i = 0; i < 3; i++)
            at[more][i] = s.life->timer.item[s.life->timer.pos[TIMER_FAIL * s.life->ids + i]].key;
        at[more][3] = s.life->timer.item[s.life->timer.pos[TIMER_RECLAIM * s.life->ids]].key;
        world_end(&w);
    }
    assert_memory_equal(at[0], at[1], 4 * sizeof(int64_t));
    assert_true(at[0][0] != at[0][1] && at[0][0] != at[0][3]);
}

static void stragglers_take_longer(void **state)
{
    (void)state;
    double mean[2];
    for (int k = 0; k < 2; k++) {
        struct world w;
        struct sim_result r;
        struct sim_dynamics d = {.start = 2, .failures = {.straggler_frac = 1}};
        begin(&w, &d, 2);
        struct step_table slow = step_table_scale(w.a, &w.table, k ? 2 : 1);
        w.table.ttft_fixed_s = 0;
        d.failures.slow = &slow;
        steady(&w, 50, 20 * S, 100, 50);
        assert_true(world_run(&w, &r));
        mean[k] = sketch_mean(&r.e2e);
        world_end(&w);
    }
    check_close(mean[1], 2 * mean[0], 1e-6);
}

static void refuses_what_would_wait_for_ever(void **state)
{
    (void)state;
    struct sim_hours none = {0, 6 * H, 0}, all = {0, 0, 0}, many = {0, 6 * H, 9};
    const struct autoscaler *kpa = autoscaler_find("kpa"), *hpa = autoscaler_find("hpa-kv"), *schedule = autoscaler_find("schedule");
    const struct { struct sim_dynamics d; const char *what; } bad[] = {
        {{.start = 1, .lend = {.hours = &all, .nhours = 1}}, "wait for ever"},
        {{.autoscale = {schedule, 0, 2, .interval_ns = S, .hours = &none, .nhours = 1}}, "wait for ever"},
        {{.autoscale = {schedule, 0, 2, .interval_ns = S, .hours = &many, .nhours = 1}}, "more than max"},
        {{.start = 1, .autoscale = {hpa, 0, 2, .target = 1, .interval_ns = S}}, "1 <= min <= max"},
        {{.start = 1, .autoscale = {kpa, 1, 2, .interval_ns = S}}, "target above 0"},
        {{.start = 1, .autoscale = {kpa, 1, 2, .target = 1}}, "interval above 0"},
        {{.start = 4}, "more than the pool's"},
        {{.start = 0}, "replicas at the start"},
        {{.start = 1, .boot_ns = -1}, "below 0"},
        {{.start = 1, .failures = {.straggler_frac = 2}}, "fractions"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct err e = {0};
        assert_false(dynamics_check(&bad[i].d, 3, &e));
        if (!strstr(e.what, bad[i].what))
            print_error("%zu: %s\n", i, e.what);
        assert_non_null(strstr(e.what, bad[i].what));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hours_of_the_day),
        cmocka_unit_test(available_as_the_closed_form),
        cmocka_unit_test(spares_as_the_binomial),
        cmocka_unit_test(lost_and_sent_again),
        cmocka_unit_test(reclaimed_with_notice),
        cmocka_unit_test(waits_for_a_cold_start),
        cmocka_unit_test(kubernetes_rule),
        cmocka_unit_test(knative_rule),
        cmocka_unit_test(deepseeks_day),
        cmocka_unit_test(own_streams),
        cmocka_unit_test(stragglers_take_longer),
        cmocka_unit_test(refuses_what_would_wait_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
