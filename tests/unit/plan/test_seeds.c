/* Intervals over seeds: t quantiles against tables, coverage by counting, the same for any number of threads. */
#include "check.h"

#include "base/rng.h"
#include "fixture.h"
#include "plan/seeds.h"

/* Two-sided t quantiles of printed tables (Abramowitz and Stegun, table 26.10). */
static void t_of_the_tables(void **state)
{
    (void)state;
    check_close(seeds_t(0.95, 1), 12.706205, 1e-6);
    check_close(seeds_t(0.95, 2), 4.302653, 1e-6);
    check_close(seeds_t(0.95, 9), 2.262157, 1e-6);
    check_close(seeds_t(0.95, 30), 2.042272, 1e-6);
    check_close(seeds_t(0.80, 1), 3.077684, 1e-6);
    check_close(seeds_t(0.80, 4), 1.533206, 1e-6);
    check_close(seeds_t(0.80, 10), 1.372184, 1e-6);
    check_close(seeds_t(0.99, 5), 4.032143, 1e-6);
    check_close(seeds_t(0.80, 100000), 1.281558, 1e-5);        /* the normal's */
}

static void by_hand(void **state)
{
    (void)state;
    double v[] = {3, 1, 2, 5, 4}, covers;
    struct span s = seeds_mean(v, 5, 0.8);              /* mean 3, s = sqrt(2.5) */
    check_close(s.at, 3, 1e-12);
    check_close(s.hi - 3, 1.533206 * sqrt(2.5 / 5), 1e-6);
    check_close(3 - s.lo, s.hi - 3, 1e-12);
    s = seeds_median(v, 5, 0.8, &covers);
    assert_true(s.at == 3 && s.lo == 1 && s.hi == 5);   /* [x1, x5] 93.75 %; [x2, x4] only 62.5 % */
    check_close(covers, 0.9375, 1e-12);
    double w[20];
    for (int i = 0; i < 20; i++)
        w[i] = i + 1;
    s = seeds_median(w, 20, 0.8, &covers);              /* 1 - 2 B(6; 20, 1/2) = 0.8847; B(7) gives 0.7368 */
    assert_true(s.at == 10.5 && s.lo == 7 && s.hi == 14);
    check_close(covers, 0.884682, 1e-5);
    double two[] = {1, 2};                              /* two can only say so much, and say how much */
    s = seeds_median(two, 2, 0.8, &covers);
    assert_true(s.lo == 1 && s.hi == 2);
    check_close(covers, 0.5, 1e-12);
    double none[] = {1, NAN, 2}, same[] = {0.1, 0.1, 0.1};
    assert_true(isnan(seeds_mean(none, 3, 0.8).at) && isnan(seeds_median(none, 3, 0.8, &covers).at));
    s = seeds_mean(same, 3, 0.8);
    assert_true(s.at == 0.1 && s.lo == 0.1 && s.hi == 0.1);
    assert_true(isnan(seeds_mean(same, 1, 0.8).lo));
}

/* Of 4,000 samples of 10 exponentials, the intervals hold the true median and mean in as many as they say. */
static void they_cover(void **state)
{
    (void)state;
    enum { TRIALS = 4000, N = 10 };
    struct rng r;
    int median = 0, mean = 0;
    double covers = 0;
    rng_seed(&r, 1, 2);
    for (int i = 0; i < TRIALS; i++) {
        double v[N];
        for (int k = 0; k < N; k++)
            v[k] = -log(1 - rng_unit(&r));
        struct span s = seeds_mean(v, N, 0.8);
        mean += s.lo <= 1 && 1 <= s.hi;
        s = seeds_median(v, N, 0.8, &covers);
        median += s.lo <= log(2) && log(2) <= s.hi;
    }
    assert_true(covers >= 0.8);
    assert_true(fabs((double)median / TRIALS - covers) < 4 * sqrt(covers * (1 - covers) / TRIALS));
    assert_true(fabs((double)mean / TRIALS - 0.8) < 0.04);      /* t on a skewed distribution: a little less */
}

#define DRAWN "model: llama-3.1-8b\naccelerator: l40s\nreplicas: 2\nslo: {ttft: {p99: 2s}}\n" \
              "traffic: {preset: azure-2023-conv, requests: 300, rate: 6/s}\n"

static void the_same_for_any_threads(void **state)
{
    (void)state;
    struct world w = world_open();
    struct scenario *s = world_scenario(&w, DRAWN, SCENARIO_SIM);
    struct seeds *one = ARENA_NEW(w.a, struct seeds), *three = ARENA_NEW(w.a, struct seeds);
    assert_true(seeds_run(w.a, w.cat, s, 5, 1, NULL, NULL, one, &w.e));
    assert_true(seeds_run(w.a, w.cat, s, 5, 3, NULL, NULL, three, &w.e));
    assert_memory_equal(one->over, three->over, sizeof one->over);
    assert_int_equal(one->kept[0], three->kept[0]);
    assert_false(one->same);
    assert_true(one->over[OUT_TTFT_P99].lo < one->over[OUT_TTFT_P99].hi);
    /* The first seed is the run without seeds. */
    struct sim_run_out *r = ARENA_NEW(w.a, struct sim_run_out);
    struct outcome o;
    assert_true(plan_simulate(w.a, w.cat, s, (struct simulate_options){.point_only = true}, r, NULL, &w.e));
    outcome_sim(r, s->nslo, false, &o);
    assert_true(seeds_run(w.a, w.cat, s, 1, 1, NULL, NULL, one, &w.e));
    for (int k = 0; k < OUT_N; k++)
        assert_true(one->over[k].at == o.v[k].at || (isnan(one->over[k].at) && isnan(o.v[k].at)));
    arena_free(w.a);
}

/* Seed k of several is what that seed alone gives: two seeds' mean is the mean of both. */
static void each_seed_is_itself(void **state)
{
    (void)state;
    struct world w = world_open();
    struct seeds *both = ARENA_NEW(w.a, struct seeds), *first = ARENA_NEW(w.a, struct seeds), *second = ARENA_NEW(w.a, struct seeds);
    struct scenario *s = world_scenario(&w, DRAWN, SCENARIO_SIM);
    assert_true(seeds_run(w.a, w.cat, s, 2, 2, NULL, NULL, both, &w.e));
    assert_true(seeds_run(w.a, w.cat, s, 1, 1, NULL, NULL, first, &w.e));
    struct node *doc;
    struct scenario other;
    const char yaml[] = DRAWN "seed: 2\n";
    assert_true(doc_yaml(w.a, "test.yaml", yaml, sizeof yaml - 1, &doc, &w.e));
    assert_true(scenario_read(w.a, w.cat, doc, SCENARIO_SIM, 0, &other, NULL, &w.e));
    assert_true(seeds_run(w.a, w.cat, &other, 1, 1, NULL, NULL, second, &w.e));
    double a = first->over[OUT_TTFT_MEAN].at, b = second->over[OUT_TTFT_MEAN].at;
    assert_true(a != b);
    check_close(both->over[OUT_TTFT_MEAN].at, 0.5 * (a + b), 1e-12);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t_of_the_tables), cmocka_unit_test(by_hand), cmocka_unit_test(they_cover),
        cmocka_unit_test(the_same_for_any_threads), cmocka_unit_test(each_seed_is_itself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
