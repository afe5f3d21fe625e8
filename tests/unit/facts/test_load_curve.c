/* test_load_curve.c - load-duration curves made by hand, and identities that hold for any. */
#include "check.h"

#include "base/arena.h"
#include "base/rng.h"
#include "facts/traffic.h"

/* 1 h at 10, 2 h at 4, 1 h at 0: mean 4.5. */
static void by_hand(void **state)
{
    struct arena *a = *state;
    const double rate[] = {4, 10, 0, 4}, hold_s[] = {3600, 3600, 3600, 3600};
    struct load_curve c = load_curve_of(a, rate, hold_s, 4);
    check_close(c.mean, 4.5, 1e-12);
    check_close(c.peak, 10, 0);
    check_close(c.span_s, 4 * 3600, 0);
    struct load_above v = load_curve_above(&c, 4);
    check_close(v.work_frac, 6.0 / 18, 1e-12);
    check_close(v.time_frac, 0.25, 1e-12);
    check_close(v.use_frac, 12.0 / 16, 1e-12);
    assert_true(isnan(load_curve_above(&c, 0).use_frac));
    check_close(load_curve_above(&c, 0).work_frac, 1, 1e-12);
    check_close(load_curve_above(&c, 10).work_frac, 0, 0);
    check_close(load_curve_level(&c, 0), 10, 0);
    check_close(load_curve_level(&c, 0.25), 4, 0);
    check_close(load_curve_level(&c, 0.74), 4, 0);
    check_close(load_curve_level(&c, 0.75), 0, 0);
    check_close(load_curve_level(&c, 1), 0, 0);
}

static void blocks(void **state)
{
    struct arena *a = *state;
    const double rate[] = {4, 10, 0, 4};
    struct load_curve c = load_curve_of(a, rate, NULL, 4);
    struct load_block b[3];
    load_curve_blocks(&c, 2, b);
    check_close(b[0].mean, 7, 1e-12);
    check_close(b[0].peak, 10, 0);
    check_close(b[1].mean, 2, 1e-12);
    check_close(b[1].peak, 4, 0);
    load_curve_blocks(&c, 3, b); /* 4/3 s each: a cell is shared between two blocks */
    check_close(b[0].mean * b[0].hold_s, 10 + 4.0 / 3, 1e-12);
    check_close(b[1].mean, 4, 1e-12);
    check_close(b[2].mean * b[2].hold_s, 4.0 / 3, 1e-9);
    check_close(b[2].peak, 4, 0);
}

/* Work above the newsvendor level is what makes no other level cheaper, and blocks keep the work, whatever the curve. */
static void any_curve(void **state)
{
    struct arena *a = *state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct rng r;
        double rate[60], hold_s[60], k = 1 + 5 * (double)seed / 200, cost, other, sum = 0;
        rng_seed(&r, seed, 1);
        size_t n = 1 + rng_below(&r, 60), nb = 1 + rng_below(&r, 9);
        for (size_t i = 0; i < n; i++) {
            rate[i] = rng_below(&r, 4) ? rng_exp(&r, 5) : 3;
            hold_s[i] = 1 + rng_exp(&r, 100);
        }
        struct load_curve c = load_curve_of(a, rate, hold_s, n);
        double own = load_curve_own(&c, k, &cost);
        for (size_t i = 0; i <= n; i++) {
            double level = i < n ? rate[i] : 0;
            other = (level + k * load_curve_above(&c, level).work_frac * c.mean) / c.peak;
            assert_true(cost <= other * (1 + 1e-12));
        }
        assert_true(load_curve_above(&c, own).time_frac <= 1 / k + 1e-9);
        struct load_block b[9];
        load_curve_blocks(&c, nb, b);
        for (size_t i = 0; i < nb; i++) {
            sum += b[i].mean * b[i].hold_s;
            assert_true(b[i].mean <= b[i].peak * (1 + 1e-9));
            assert_true(i == 0 || b[i].peak <= b[i - 1].mean * (1 + 1e-9));
        }
        check_close(sum, c.mean * c.span_s, 1e-9);
    }
}

/* 20 windows of a minute, every other one empty; the last request begins the window that is not whole. */
static void of_traffic(void **state)
{
    struct arena *a = *state;
    struct request req[31];
    struct traffic t = {.req = req, .n = 31, .span_s = 1200};
    for (int i = 0; i < 30; i++)
        req[i] = (struct request){.arrival_ns = (int64_t)(120 * (i / 3) + i % 3) * 1000000000, .in_tok = 1, .out_tok = 1};
    req[30] = (struct request){.arrival_ns = (int64_t)1200 * 1000000000, .in_tok = 1, .out_tok = 1};
    struct load_curve c = load_curve_of_traffic(a, &t, 60);
    assert_int_equal(c.n, 20);
    check_close(c.peak, 3.0 / 60, 1e-12);
    check_close(c.mean, 1.5 / 60, 1e-12);
    struct own_or_rent o = load_own_or_rent_of(a, &t);
    check_close(o.window_s, 60, 0);
    check_close(o.share[1].above.work_frac, 0.4, 1e-12);
    check_close(o.share[1].above.time_frac, 0.5, 1e-12);
    check_close(o.share[1].above.use_frac, 0.5, 1e-12);
    t.concurrency = 4;
    assert_true(load_own_or_rent_of(a, &t).window_s == 0);
}

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
        cmocka_unit_test(blocks),
        cmocka_unit_test(any_curve),
        cmocka_unit_test(of_traffic),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
