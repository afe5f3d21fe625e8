/* A simulation that holds only the requests in flight gives the same bytes as one that holds the whole traffic: for every policy
** and router, where the ring goes round and where it grows. */
#include "check.h"
#include "facts/spool.h"
#include "random_world.h"

static struct sim_result run(struct world *w, bool spool)
{
    struct sim_result r;
    struct traffic all = w->traffic;
    struct err e = {0};
    w->config.slo = random_slo;
    w->config.nslo = 4;
    if (spool) {
        w->traffic.spool = spool_new(w->a, &e);
        assert_non_null(w->traffic.spool);
        for (size_t i = 0, n; i < all.n; i += n) { /* in pieces */
            n = all.n - i < 1000 ? all.n - i : 1000;
            assert_true(spool_add(w->traffic.spool, all.req + i, n, &e));
        }
        assert_int_equal(w->traffic.spool->n, all.n);
        w->traffic.req = NULL;
    }
    memset(&r, 0, sizeof r);
    assert_true(world_run(w, &r));
    w->traffic = all;
    return r;
}

static void same(struct world *w)
{
    struct sim_result x = run(w, false), y = run(w, true);
    for (int k = 0; k < SIM_EXACT_N; k++) {
        assert_int_equal(x.nexact[k], y.nexact[k]);
        assert_memory_equal(x.exact[k], y.exact[k], x.nexact[k] * sizeof(double));
        x.exact[k] = y.exact[k] = NULL;
    }
    assert_memory_equal(x.slo, y.slo, 4 * sizeof *x.slo);
    x.slo = y.slo = NULL;
    assert_memory_equal(&x, &y, sizeof x);
}

static void in_random_worlds(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
        for (uint64_t seed = 1; seed <= 6; seed++) {
            struct world w;
            random_world(&w, seed, sched_table[k], router_table[m]);
            w.config.records = false;
            w.config.concurrency = 0;
            w.traffic.classes = 0;          /* they are told apart in memory only */
            w.config.stop_when_missed = seed % 2;
            w.traffic.req[0].arrival_ns = 0; /* a spool counts from the first arrival */
            same(&w);
            world_end(&w);
        }
}

/* More than ten times what the ring begins with; in the overloaded one almost all of them wait at the end. */
static void round_and_growing(void **state)
{
    (void)state;
    static const double rate_s[] = {40, 4000};
    for (int i = 0; i < 2; i++) {
        struct world w;
        world_begin(&w);
        world_traffic(&w, 50000, rate_s[i], 200, 20, 5);
        w.config.pool[0].replicas = 3;
        w.config.warmup_requests = 5000;
        same(&w);
        world_end(&w);
    }
}

static void what_needs_all_is_refused(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct err e = {0};
    world_begin(&w);
    world_traffic(&w, 100, 5, 200, 20, 5);
    w.traffic.spool = spool_new(w.a, &e);
    assert_true(spool_add(w.traffic.spool, w.traffic.req, 100, &e));
    w.config.records = true;
    assert_false(sim_run(w.a, &w.config, &w.traffic, &r, &e));
    w.config.records = false;
    w.config.concurrency = 4;
    assert_false(sim_run(w.a, &w.config, &w.traffic, &r, &e));
    world_end(&w);
}

/* The file ends too early: an error, not a wrong answer. */
static void a_short_file_is_an_error(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct err e = {0};
    world_begin(&w);
    world_traffic(&w, 5000, 50, 200, 20, 5);
    w.traffic.spool = spool_new(w.a, &e);
    assert_true(spool_add(w.traffic.spool, w.traffic.req, 4000, &e));
    w.traffic.req = NULL;
    assert_false(sim_run(w.a, &w.config, &w.traffic, &r, &e));
    assert_non_null(strstr(e.what, "cannot be read back"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_random_worlds),
        cmocka_unit_test(round_and_growing),
        cmocka_unit_test(what_needs_all_is_refused),
        cmocka_unit_test(a_short_file_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
