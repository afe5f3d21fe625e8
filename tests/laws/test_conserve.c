/* Tokens and KV are conserved and time runs forward: sim_config.check recounts every replica at each event (check.c).
 */
#include "check.h"
#include "random_world.h"

static void causal(const struct sim_record *q, const struct world *w)
{
    int64_t fixed = llround(w->table.ttft_fixed_s * 1e9);
    if (q->done_ns < 0) {
        assert_int_equal(q->miss, MISS_TOO_LONG);
        return;
    }
    assert_true(q->first_ns > q->arrival_ns + fixed);
    assert_true(q->out_tok == 1 ? q->done_ns == q->first_ns : q->done_ns > q->first_ns);
    assert_true(q->replica >= 0 && q->replica < w->config.pool[0].replicas);
}

static void tokens_and_time(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t seed = 1; seed <= 30; seed++) {
            struct world w;
            struct sim_result r;
            random_world(&w, seed * 50 + k * 7 + m, sched_table[k], router_table[m]);
            assert_true(world_run(&w, &r));
            uint64_t in = 0, out = 0, done = 0, gaps = 0;
            for (size_t i = 0; i < r.nrecord; i++) {
                causal(&r.record[i], &w);
                bool over = r.record[i].done_ns >= 0;
                gaps += over ? (uint64_t)r.record[i].out_tok - 1 : 0;
                over = over && i >= (size_t)w.config.warmup_requests;
                in += over ? (uint64_t)r.record[i].in_tok : 0;
                out += over ? (uint64_t)r.record[i].out_tok : 0;
                done += over;
            }
            assert_int_equal(r.tok_in, in);
            assert_int_equal(r.tok_out, out);
            assert_int_equal(r.completed, done);
            assert_int_equal(r.offered, r.completed + r.rejected + r.failed);
            assert_int_equal(r.failed, 0);
            if (w.config.pool[0].speculative_tok)       /* a gap is a step's: several tokens come at once */
                assert_true(r.itl.n <= gaps && r.itl.n >= r.spec_steps);
            else
                assert_int_equal(r.itl.n, gaps); /* every token but the first closes one gap */
            assert_true(r.kv_peak_frac <= 1 && r.kv_mean_frac <= r.kv_peak_frac + 1e-12 && r.kv_mean_frac >= 0);
            assert_true(r.busy_frac >= 0 && r.busy_frac <= 1 + 1e-9);
            if (sched_table[k]->reserve)
                assert_int_equal(r.preemptions, 0);
            world_end(&w);
        }
    }
}

/* Little: mean number in the system = arrival rate * mean time in it, the number taken from the records' order in time;
** and the time-weighted queue of the simulator = the waits it reports. */
static int by_time(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return x[0] != y[0] ? (x[0] < y[0] ? -1 : 1) : x[1] < y[1] ? 1 : x[1] > y[1] ? -1 : 0;
}

static void littles_law(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        struct world w;
        struct sim_result r;
        random_world(&w, 1000 + k * 7 + m, sched_table[k], router_table[m]);
        w.config.concurrency = 0;
        w.config.warmup_requests = 0;
        w.config.pool[0].max_context = 0;
        w.table.ttft_fixed_s = 0;
        assert_true(world_run(&w, &r));
        size_t n = r.nrecord, e = 0;
        int64_t(*step)[2] = malloc(2 * n * sizeof *step);
        double time = 0, area = 0;
        for (size_t i = 0; i < n; i++) {
            if (r.record[i].done_ns < 0)
                continue;
            step[e][0] = r.record[i].arrival_ns, step[e++][1] = 1;
            step[e][0] = r.record[i].done_ns, step[e++][1] = -1;
            time += (double)(r.record[i].done_ns - r.record[i].arrival_ns);
        }
        qsort(step, e, sizeof *step, by_time);
        int64_t in_system = 0;
        for (size_t i = 0; i + 1 < e; i++) {
            in_system += step[i][1];
            assert_true(in_system >= 0);
            area += (double)in_system * (double)(step[i + 1][0] - step[i][0]);
        }
        check_close(area, time, 1e-9);
        check_close(sketch_mean(&r.e2e) * (double)r.completed, time * 1e-9, 1e-9);
        free(step);
        world_end(&w);
    }
}

static void impossible_requests_are_rejected(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_memory(&w, 100, 16);
        world_traffic(&w, 20, 5, 100, 20, 3);
        w.traffic.req[4].in_tok = 5000;     /* longer than the pool */
        w.traffic.req[9].out_tok = 1 << 30; /* and for ever */
        w.config.pool[0].sched = sched_table[k];
        w.config.check = true;
        assert_true(world_run(&w, &r));
        assert_true(r.rejected >= 2);
        assert_int_equal(r.completed + r.rejected, 20);
        assert_int_equal(r.miss[MISS_TOO_LONG], r.rejected);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_and_time),
        cmocka_unit_test(littles_law),
        cmocka_unit_test(impossible_requests_are_rejected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
