/* test_sketch.c - quantiles within 0.5 % of the sorted truth, and merging that equals adding. */
#include "fixture.h"

#include "base/rng.h"
#include "base/sketch.h"

#define N 50000

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double draw(struct rng *r, int kind)
{
    switch (kind) {
    case 0:
        return rng_exp(r, 0.2);
    case 1:
        return rng_lognormal(r, 0, 3);
    case 2:
        return exp((rng_unit(r) - 0.5) * 41.4); /* over all buckets */
    case 3:
        return (double)(1 + rng_below(r, 5)); /* many ties */
    default:
        return 0.75;
    }
}

static void quantiles_are_close(void **state)
{
    (void)state;
    static double x[N];
    static const double qs[] = {0, 0.001, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999, 1};
    struct sketch *s = malloc(sizeof *s);
    struct rng r;
    rng_seed(&r, 21, 1);
    for (int kind = 0; kind < 5; kind++)
        for (size_t n = 1; n <= N; n = n * 7 + 3) {
            double sum = 0;
            sketch_init(s);
            for (size_t i = 0; i < n; i++) {
                x[i] = draw(&r, kind);
                sum += x[i];
                sketch_add(s, x[i]);
            }
            qsort(x, n, sizeof *x, ascending);
            for (size_t k = 0; k < sizeof qs / sizeof *qs; k++)
                check_close(sketch_quantile(s, qs[k]), x[sketch_rank(n, qs[k])], 0.0050001);
            assert_true(sketch_quantile(s, 0) == x[0] && sketch_quantile(s, 1) == x[n - 1]);
            check_close(sketch_mean(s), sum / (double)n, 1e-12);
        }
    free(s);
}

/* The least rank whose value P(x <= value) >= q holds for, exactly for q in hundredths though q * n is rounded. */
static void the_rank_is_nearest(void **state)
{
    (void)state;
    for (uint64_t n = 1; n <= 3000; n++)
        for (uint64_t p = 1; p <= 100; p++)
            assert_int_equal(sketch_rank(n, (double)p / 100), (p * n + 99) / 100 - 1);
    assert_int_equal(sketch_rank(150, 0.99), 148);
    assert_int_equal(sketch_rank(1000, 99.9 / 100), 998);
    assert_int_equal(sketch_rank(10, 0), 0);
    assert_int_equal(sketch_rank(10, -1), 0);
    assert_int_equal(sketch_rank(10, 2), 9);
    assert_int_equal(sketch_rank(0, 0.5), 0);
}

static void quantiles_never_fall(void **state)
{
    (void)state;
    struct sketch *s = malloc(sizeof *s);
    struct rng r;
    rng_seed(&r, 22, 1);
    sketch_init(s);
    for (int i = 0; i < 1000; i++)
        sketch_add(s, rng_lognormal(&r, 0, 2));
    double last = 0;
    for (int i = 0; i <= 1000; i++) {
        double v = sketch_quantile(s, i / 1000.0);
        assert_true(v >= last);
        last = v;
    }
    assert_true(sketch_quantile(s, -1) == s->min && sketch_quantile(s, 2) == s->max);
    free(s);
}

static void merging_equals_adding(void **state)
{
    (void)state;
    struct sketch *s = calloc(4, sizeof *s);
    struct rng r;
    rng_seed(&r, 23, 1);
    for (int i = 0; i < 4; i++)
        sketch_init(&s[i]);
    for (int i = 0; i < 10000; i++) {
        double v = (double)(1 + rng_below(&r, 1000)) / 1024; /* sums of these are exact */
        sketch_add(&s[3], v);
        sketch_add(&s[i % 3], v);
    }
    sketch_merge(&s[1], &s[2]);
    sketch_merge(&s[0], &s[1]);
    assert_memory_equal(&s[0], &s[3], sizeof *s);
    sketch_init(&s[1]);
    sketch_merge(&s[0], &s[1]); /* nothing changes nothing */
    assert_memory_equal(&s[0], &s[3], sizeof *s);
    sketch_merge(&s[1], &s[0]);
    assert_memory_equal(&s[1], &s[3], sizeof *s);
    free(s);
}

static void edges(void **state)
{
    (void)state;
    struct sketch *s = malloc(sizeof *s);
    sketch_init(s);
    assert_true(isnan(sketch_quantile(s, 0.5)) && isnan(sketch_mean(s)));
    sketch_add(s, NAN);
    assert_int_equal(s->n, 0);
    sketch_add(s, 0);
    assert_true(sketch_quantile(s, 0.5) == 0 && sketch_mean(s) == 0);
    sketch_add(s, -5);
    sketch_add(s, 1e-30);
    sketch_add(s, 1e9);
    sketch_add(s, 1e30);
    sketch_add(s, HUGE_VAL);
    assert_int_equal(s->n, 6);
    check_close(sketch_quantile(s, 1), 1e9, 0);
    check_close(sketch_quantile(s, 0.7), 1e9, 0.005);
    uint64_t total = 0;
    for (int i = 0; i < SKETCH_BUCKETS; i++)
        total += s->count[i];
    assert_int_equal(total, 6);
    free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_close),
        cmocka_unit_test(the_rank_is_nearest),
        cmocka_unit_test(quantiles_never_fall),
        cmocka_unit_test(merging_equals_adding),
        cmocka_unit_test(edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
