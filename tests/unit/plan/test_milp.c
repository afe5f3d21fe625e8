/* test_milp.c - the solver port: answers and prices known by hand, limits, units far apart, what is written down. */
#include "check.h"

#include "base/arena.h"
#include "base/err.h"
#include "plan/milp.h"

static const struct milp_limits all = {.gap_frac = 1e-9, .nodes = 10000, .wall_s = 60};

/* max 3x + 2y, x + y <= 4, x + 3y <= 7, x <= 3: (3, 1), 11; prices 2 and 0, x's bound is worth 1. */
static struct milp *textbook(struct arena *a, double unit)
{
    struct milp *m = milp_new(a);
    int x = milp_col(m, 0, 3 * unit, -3 / unit, MILP_REAL, "x"), y = milp_col(m, 0, HUGE_VAL, -2, MILP_REAL, "y");
    int r = milp_row(m, -HUGE_VAL, 4, "r"), s = milp_row(m, -HUGE_VAL, 7, "s");
    milp_put(m, r, x, 1 / unit), milp_put(m, r, y, 0.5), milp_put(m, r, y, 0.5);
    milp_put(m, s, x, 1 / unit), milp_put(m, s, y, 3);
    return m;
}

static void test_linear(void **state)
{
    (void)state;
    static const double units[] = {1, 1e6, 1e-6};
    for (size_t i = 0; i < 3; i++) {
        struct arena *a = arena_new();
        struct milp_answer s;
        struct err e = {0};
        assert_true(milp_solve(textbook(a, units[i]), a, &all, &s, &e));
        assert_int_equal(s.status, MILP_OPTIMAL);
        check_close(s.objective, -11, 1e-9);
        check_close(s.bound, -11, 1e-9);
        check_close(s.x[0], 3 * units[i], 1e-9);
        check_close(s.x[1], 1, 1e-9);
        check_close(s.dual[0], -2, 1e-9);
        assert_true(fabs(s.dual[1]) < 1e-9 && s.worst < 1e-9);
        check_close(s.reduced[0], -1 / units[i], 1e-9);
        arena_free(a);
    }
}

/* Knapsack of 10: values 10 13 7 8, weights 3 4 2 3. */
static void test_whole(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct milp *m = milp_new(a);
    static const double value[] = {10, 13, 7, 8}, weight[] = {3, 4, 2, 3};
    int r = milp_row(m, -HUGE_VAL, 10, "room");
    for (int i = 0; i < 4; i++)
        milp_put(m, r, milp_col(m, 0, 1, -value[i], MILP_INT, "take %d", i), weight[i]);
    struct milp_answer s;
    struct err e = {0};
    assert_true(milp_solve(m, a, &all, &s, &e));
    assert_int_equal(s.status, MILP_OPTIMAL);
    check_close(s.objective, -31, 1e-9); /* 13 + 10 + 8: weight 10 */
    assert_string_equal(milp_col_name(m, 1), "take_1");
    struct milp_limits from = all;
    from.start = s.x;
    milp_cost(m, 2, -12); /* 10 + 13 + 12 = 35, weight 9 */
    assert_true(milp_solve(m, a, &from, &s, &e));
    check_close(s.objective, -35, 1e-9);
    milp_bounds(m, 1, 0, 0); /* without the second: 10 + 12 + 8 */
    assert_true(milp_solve(m, a, &all, &s, &e));
    check_close(s.objective, -30, 1e-9);
    struct milp_limits relax = all;
    relax.relax = true;
    milp_bounds(m, 1, 0, 1);
    assert_true(milp_solve(m, a, &relax, &s, &e));
    assert_true(s.objective < -35 - 1e-6);
    arena_free(a);
}

static void test_no_answer(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct milp *m = textbook(a, 1);
    struct milp_answer s;
    struct err e = {0};
    milp_row_bounds(m, 0, 100, 200);
    assert_true(milp_solve(m, a, &all, &s, &e));
    assert_int_equal(s.status, MILP_INFEASIBLE);
    m = milp_new(a);
    int x = milp_col(m, 0, HUGE_VAL, -1, MILP_REAL, "x"), y = milp_col(m, 0, 1, 0, MILP_INT, "y"),
        r = milp_row(m, 0, HUGE_VAL, "r");
    milp_put(m, r, x, 1), milp_put(m, r, y, 1);
    assert_true(milp_solve(m, a, &all, &s, &e));
    assert_int_equal(s.status, MILP_UNBOUNDED);
    m = milp_new(a); /* whole numbers alone do not fit */
    x = milp_col(m, 0, 10, 1, MILP_INT, "x"), r = milp_row(m, 0.2, 0.8, "r");
    milp_put(m, r, x, 1);
    assert_true(milp_solve(m, a, &all, &s, &e));
    assert_int_equal(s.status, MILP_INFEASIBLE);
    arena_free(a);
}

static void test_written(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct milp *m = textbook(a, 1);
    struct err e = {0};
    int z = milp_col(m, -HUGE_VAL, HUGE_VAL, 0, MILP_REAL, "z"), w = milp_col(m, 1, HUGE_VAL, 1, MILP_INT, "w"),
        r = milp_row(m, 2, 5, "range");
    milp_put(m, r, z, 1), milp_put(m, r, w, 1);
    char path[] = "/tmp/moat-milp-XXXXXX", text[2048] = "";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && milp_write_mps(m, path, &e));
    FILE *f = fopen(path, "r");
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f), close(fd), unlink(path);
    assert_string_equal(
        text, "NAME moat FREE\nROWS\n N COST\n L r\n L s\n L range\nCOLUMNS\n x COST -3\n x r 1\n x s 1\n y COST -2\n "
              "y r 1\n y s 3\n"
              " z COST 0\n z range 1\n M3 'MARKER' 'INTORG'\n w COST 1\n w range 1\n MEND 'MARKER' 'INTEND'\nRHS\n RHS "
              "r 4\n RHS s 7\n"
              " RHS range 5\nRANGES\n RNG range 3\nBOUNDS\n UP BND x 3\n FR BND z\n LO BND w 1\n PL BND w\nENDATA\n");
    assert_false(milp_write_mps(m, "/nowhere/at/all.mps", &e));
    assert_int_equal(e.kind, ERR_ENV);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_linear), cmocka_unit_test(test_whole),
                                       cmocka_unit_test(test_no_answer), cmocka_unit_test(test_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
