/* One verdict: the order of SLOs changes nothing, stopping early never loses a run that the whole run keeps, and the
** counts are those of the records and quantiles. */
#include "check.h"
#include "random_world.h"

enum { NROWS = 7 };
static const struct sim_slo rows[NROWS] = {{3, 0.5, 0.05}, {0, 0.9, 1.0}, {3, 0.99, 0.02}, {1, 0.9, 0.03},
                                           {2, -1, 9.0},   {3, 0.9, 0.1}, {3, -1, 0.04}};

static void order_changes_nothing(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++)
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct sim_result r[2];
            struct sim_verdict *v[2];
            struct world w[2];
            for (int turned = 0; turned < 2; turned++) {
                struct sim_slo slo[NROWS];
                for (int i = 0; i < NROWS; i++)
                    slo[i] = rows[turned ? NROWS - 1 - i : i];
                random_world(&w[turned], seed * 11 + k, sched_table[k], router_table[0]);
                w[turned].config.slo = slo;
                w[turned].config.nslo = NROWS;
                assert_true(world_run(&w[turned], &r[turned]));
                v[turned] = r[turned].slo;
            }
            assert_int_equal(r[0].good, r[1].good);
            assert_memory_equal(r[0].miss, r[1].miss, sizeof r[0].miss);
            assert_int_equal(r[0].held, r[1].held);
            for (int i = 0; i < NROWS; i++) {
                const struct sim_verdict *x = &v[0][i], *y = &v[1][NROWS - 1 - i];
                assert_true(x->of == y->of && x->missed == y->missed && x->allowed == y->allowed && x->lost == y->lost);
            }
            world_end(&w[0]);
            world_end(&w[1]);
        }
}

static struct sim_result run(uint64_t seed, const struct sched *sched, const struct sim_slo *slo, size_t n, bool early,
                             struct world *w)
{
    struct sim_result r;
    random_world(w, seed, sched, router_table[0]);
    w->config.check = false;
    w->config.slo = slo;
    w->config.nslo = n;
    w->config.stop_when_missed = early;
    assert_true(world_run(w, &r));
    return r;
}

/* Limits about the value itself, where the verdict turns. */
static void stopping_early_changes_no_verdict(void **state)
{
    (void)state;
    static const double at[] = {0.5, 0.95, 0.9999, 1, 1.0001, 1.05, 2}, q[] = {-1, 0.5, 0.9, 0.99, 0.999};
    int stopped = 0, held = 0;
    for (size_t k = 0; k < sched_count; k++)
        for (uint64_t seed = 1; seed <= 12; seed++) {
            struct world w;
            uint64_t s = seed * 13 + k;
            struct sim_result plain = run(s, sched_table[k], NULL, 0, false, &w);
            for (size_t i = 0; i < 20; i++) {
                struct sim_slo slo = {(int)(i % 4), q[i / 4], 1};
                double v = sim_metric(&plain, slo.metric, slo.q);
                slo.limit_s = isnan(v) ? 1 : v * at[(i + seed) % 7];
                struct world w1, w2;
                struct sim_result whole = run(s, sched_table[k], &slo, 1, false, &w1);
                struct sim_result early = run(s, sched_table[k], &slo, 1, true, &w2);
                assert_int_equal(whole.slo[0].lost, early.slo[0].lost);
                assert_int_equal(whole.held, early.held);
                if (!whole.shed) {      /* who will be turned away is not known before */
                    assert_int_equal(whole.slo[0].of, early.slo[0].of);
                    assert_int_equal(whole.slo[0].allowed, early.slo[0].allowed);
                }
                assert_true(early.simulated <= whole.simulated && whole.simulated == w1.traffic.n);
                assert_true(!whole.stopped && (!early.stopped || early.slo[0].lost));
                stopped += early.stopped;
                held += whole.held;
                world_end(&w1);
                world_end(&w2);
            }
            world_end(&w);
        }
    print_message("# %d runs stopped, %d held\n", stopped, held);
    assert_true(stopped > 100 && held > 100); /* both branches were walked */
}

/* P(value <= limit) >= q over the counted requests, a rejected one being later than any limit. */
static void the_verdict_is_the_quantile(void **state)
{
    (void)state;
    int lost = 0, kept = 0;
    for (size_t k = 0; k < sched_count; k++)
        for (uint64_t seed = 1; seed <= 30; seed++) {
            static const double q[] = {0.5, 0.9, 0.99};
            struct world w;
            uint64_t s = seed * 17 + k;
            struct sim_result plain = run(s, sched_table[k], NULL, 0, false, &w);
            for (int metric = 0; metric < 4; metric++) {
                struct world w1;
                double v = sim_metric(&plain, metric, q[seed % 3]);
                struct sim_slo slo = {metric, q[seed % 3], isnan(v) ? 1 : v * (seed % 2 ? 1 : 0.999)};
                if (metric == 3) /* the histogram is 0.4 % wide, the sketch 1 % */
                    slo.limit_s = isnan(v) ? 1 : v * (seed % 2 ? 1.02 : 0.98);
                struct sim_result r = run(s, sched_table[k], &slo, 1, false, &w1);
                const struct sim_verdict *x = &r.slo[0];
                assert_int_equal(x->lost, x->missed > x->allowed);
                assert_true((double)(x->of - x->allowed) >= slo.q * (double)x->of * (1 - 1e-12));
                assert_true((double)(x->of - x->allowed) - 1 < slo.q * (double)x->of);
                uint64_t of = 0, missed = 0;
                for (size_t i = 0; i < r.nrecord; i++) {
                    const struct sim_record *c = &r.record[i];
                    bool counted = i >= (size_t)w1.config.warmup_requests;
                    if (metric == 3 && r.spec_steps) {
                        of = x->of;     /* gaps between chunks */
                    } else if (metric == 3) {
                        of += c->done_ns >= 0 || counted ? (uint64_t)c->out_tok - 1 : 0;
                        of += counted && c->done_ns < 0 && c->out_tok == 1;
                    } else if (counted && (metric != 1 || c->out_tok > 1 || c->done_ns < 0)) {
                        int64_t ns = metric == 0 ? c->first_ns - c->arrival_ns : c->done_ns - c->arrival_ns;
                        double got = (double)ns / 1e9;
                        if (metric == 1)
                            got = (double)(c->done_ns - c->first_ns) / (c->out_tok - 1) / 1e9;
                        of++;
                        missed += c->done_ns < 0 || got > slo.limit_s;
                    }
                }
                assert_int_equal(x->of, of);
                if (metric != 3)
                    assert_int_equal(x->missed, missed);
                else if (!r.rejected && !isnan(v))
                    assert_int_equal(x->lost, seed % 2 == 0);
                if (!r.rejected && metric != 3 && x->of)
                    assert_int_equal(x->lost, sim_metric(&r, metric, slo.q) > slo.limit_s);
                lost += x->lost;
                kept += !x->lost;
                world_end(&w1);
            }
            world_end(&w);
        }
    assert_true(lost > 100 && kept > 100);
}

/* The longest request that the simulator says it takes is served alone, one token more is rejected. */
static void the_longest_request(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++)
        for (uint64_t seed = 1; seed <= 30; seed++) {
            struct world w;
            struct sim_result r;
            random_world(&w, seed, sched_table[k], router_table[0]);
            int64_t most = sim_max_context(&w.memory, w.config.pool[0].sched, w.config.pool[0].speculative_tok);
            assert_true(most > 1 && most < 100000);
            w.config.pool[0].max_context = 0;
            w.config.concurrency = w.config.warmup_requests = 0;
            w.traffic.n = 2;
            for (int i = 0; i < 2; i++) {
                w.traffic.req[i].in_tok = (int32_t)(most / 2);
                w.traffic.req[i].out_tok = (int32_t)(most - most / 2) + i;
            }
            assert_true(world_run(&w, &r));
            assert_int_equal(r.completed, 1);
            assert_int_equal(r.rejected, 1);
            assert_int_equal(r.record[1].miss, MISS_TOO_LONG);
            world_end(&w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_changes_nothing),
        cmocka_unit_test(stopping_early_changes_no_verdict),
        cmocka_unit_test(the_verdict_is_the_quantile),
        cmocka_unit_test(the_longest_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
