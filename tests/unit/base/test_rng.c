/* test_rng.c - reference words, moments within six standard errors, distributions, independent streams. */
#include "fixture.h"

#include "base/rng.h"

#define N 400000

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* First words of xoshiro256++ from the state 1, 2, 3, 4 (the reference C code, and Rust's rand_xoshiro). */
static void reference_words(void **state)
{
    (void)state;
    static const uint64_t want[] = {41943041, 58720359, 3588806011781223, 3591011842654386, 9228616714210784205ULL};
    struct rng r = {{1, 2, 3, 4}};
    for (size_t i = 0; i < 5; i++)
        assert_true(rng_u64(&r) == want[i]);
}

static double exponential(struct rng *r)
{
    return rng_exp(r, 3);
}

static double gamma_small(struct rng *r)
{
    return rng_gamma(r, 0.5, 2);
}

static double gamma_large(struct rng *r)
{
    return rng_gamma(r, 4.5, 0.5);
}

static double weibull(struct rng *r)
{
    return rng_weibull(r, 1.7, 2);
}

static double lognormal(struct rng *r)
{
    return rng_lognormal(r, 0.3, 0.5);
}

/* Mean and variance, each within six of its standard errors (that of the variance from the sample itself). */
static void check_moments(const char *name, double (*draw)(struct rng *), double mean, double var)
{
    struct rng r;
    double s1 = 0, s2 = 0, s4 = 0;
    rng_seed(&r, 11, 1);
    for (int i = 0; i < N; i++) {
        double d = draw(&r) - mean;
        s1 += d;
        s2 += d * d;
        s4 += d * d * d * d;
    }
    double m = s1 / N, v = s2 / N, v_err = sqrt((s4 / N - v * v) / N);
    if (fabs(m) > 6 * sqrt(var / N) || fabs(v - var) > 6 * v_err)
        fail_msg("%s: mean off by %g, variance %g for %g", name, m, v, var);
}

static void moments(void **state)
{
    (void)state;
    double g1 = tgamma(1 + 1 / 1.7), g2 = tgamma(1 + 2 / 1.7);
    check_moments("unit", rng_unit, 0.5, 1.0 / 12);
    check_moments("normal", rng_normal, 0, 1);
    check_moments("exponential", exponential, 3, 9);
    check_moments("gamma 0.5", gamma_small, 1, 2);
    check_moments("gamma 4.5", gamma_large, 2.25, 1.125);
    check_moments("weibull", weibull, 2 * g1, 4 * (g2 - g1 * g1));
    check_moments("lognormal", lognormal, exp(0.3 + 0.125), (exp(0.25) - 1) * exp(0.6 + 0.25));
}

static double normal_cdf(double x)
{
    return 0.5 * erfc(-x / sqrt(2));
}

static double exponential_cdf(double x)
{
    return 1 - exp(-x / 3);
}

static double weibull_cdf(double x)
{
    return 1 - exp(-pow(x / 2, 1.7));
}

static double lognormal_cdf(double x)
{
    return normal_cdf((log(x) - 0.3) / 0.5);
}

/* gamma with shape 1/2 and scale 2 is the square of a normal */
static double gamma_small_cdf(double x)
{
    return erf(sqrt(x / 2));
}

static double unit_cdf(double x)
{
    return x;
}

/* Kolmogorov and Smirnov: sqrt(n) D stays below 2.2 but for one seed in ten thousand. */
static void check_distribution(const char *name, double (*draw)(struct rng *), double (*cdf)(double))
{
    static double x[N];
    struct rng r;
    double d = 0;
    rng_seed(&r, 12, 1);
    for (int i = 0; i < N; i++)
        x[i] = draw(&r);
    qsort(x, N, sizeof *x, ascending);
    for (int i = 0; i < N; i++) {
        double f = cdf(x[i]);
        d = fmax(d, fmax(f - (double)i / N, (double)(i + 1) / N - f));
    }
    if (d * sqrt(N) > 2.2)
        fail_msg("%s: sqrt(n) D = %g", name, d * sqrt(N));
}

static void distributions(void **state)
{
    (void)state;
    check_distribution("unit", rng_unit, unit_cdf);
    check_distribution("normal", rng_normal, normal_cdf);
    check_distribution("exponential", exponential, exponential_cdf);
    check_distribution("weibull", weibull, weibull_cdf);
    check_distribution("lognormal", lognormal, lognormal_cdf);
    check_distribution("gamma 0.5", gamma_small, gamma_small_cdf);
}

static void unit_is_open(void **state)
{
    (void)state;
    /* the words that give the largest and the smallest value: rotl(s0 + s3, 23) + s0 with s0 = 0 is rotl(s3, 23) */
    struct rng high = {{0, 1, 2, UINT64_MAX}}, low = {{0, 1, 2, 0}};
    double v = rng_unit(&high);
    assert_true(v < 1 && v > 1 - 1e-15);
    v = rng_unit(&low);
    assert_true(v > 0 && v < 1e-15);
}

static void below_is_unbiased(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 13, 1);
    static const uint64_t ns[] = {1, 2, 7, 10, 1000};
    for (size_t k = 0; k < sizeof ns / sizeof *ns; k++) {
        static uint32_t count[1000];
        double expect = (double)N / (double)ns[k], chi = 0;
        memset(count, 0, sizeof count);
        for (int i = 0; i < N; i++) {
            uint64_t v = rng_below(&r, ns[k]);
            assert_true(v < ns[k]);
            count[v]++;
        }
        for (uint64_t i = 0; i < ns[k]; i++)
            chi += (count[i] - expect) * (count[i] - expect) / expect;
        double dof = (double)ns[k] - 1;
        assert_true(chi <= dof + 6 * sqrt(2 * dof + 1));
    }
    /* with n = 2/3 of the range, a plain remainder would hit the lower half twice as often */
    uint64_t n = 0xaaaaaaaaaaaaaaaa, low = 0;
    for (int i = 0; i < N; i++)
        low += rng_below(&r, n) < n / 2;
    assert_true(fabs((double)low - N / 2.0) < 6 * sqrt(N / 4.0));
}

static double correlation(uint64_t seed1, uint64_t purpose1, uint64_t seed2, uint64_t purpose2)
{
    enum { M = 20000 };
    struct rng p, q;
    double sum = 0;
    rng_seed(&p, seed1, purpose1);
    rng_seed(&q, seed2, purpose2);
    for (int i = 0; i < M; i++)
        sum += (rng_unit(&p) - 0.5) * (rng_unit(&q) - 0.5);
    return sum / M * 12 * sqrt(M); /* standard normal when independent */
}

static void streams_are_independent(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        assert_true(fabs(correlation(i, 0, i, 1)) < 5);         /* purposes of one seed */
        assert_true(fabs(correlation(i, 3, i + 1, 3)) < 5);     /* neighbouring seeds */
        assert_true(fabs(correlation(i, i + 1, i + 1, i)) < 5); /* exchanged */
    }
}

static int by_word(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* 256 seeds times 256 purposes: all first words differ, and the same pair gives the same stream. */
static void no_two_streams_start_alike(void **state)
{
    (void)state;
    static uint64_t word[65536];
    for (uint64_t i = 0; i < 65536; i++) {
        struct rng r, again;
        rng_seed(&r, i >> 8, i & 255);
        rng_seed(&again, i >> 8, i & 255);
        word[i] = rng_u64(&r);
        assert_true(word[i] == rng_u64(&again));
    }
    qsort(word, 65536, sizeof *word, by_word);
    for (size_t i = 1; i < 65536; i++)
        assert_true(word[i] != word[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_words),
        cmocka_unit_test(moments),
        cmocka_unit_test(distributions),
        cmocka_unit_test(unit_is_open),
        cmocka_unit_test(below_is_unbiased),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(no_two_streams_start_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
