/* test_fleet_glpk.c - another solver on the same problems: GLPK's optimum of the MPS file we write against our
** objective and bound.
**
** glpsol (package glpk-utils) is a program of its own here, never linked: where it is not installed the tests are
** skipped.
*/
#include "check.h"

#include "base/err.h"
#include "plan/milp.h"
#include "random_fleet.h"

/* GLPK's objective of a free MPS file; NaN: it proved none within a minute. */
static double glpk(const char *mps)
{
    char command[512], line[256], out[256];
    double z = NAN;
    snprintf(out, sizeof out, "%s.out", mps);
    snprintf(command, sizeof command, "glpsol --freemps %s --mipgap 0 --tmlim 60 -w %s >/dev/null 2>&1", mps, out);
    if (system(command))
        return NAN;
    FILE *f = fopen(out, "r");
    while (f && fgets(line, sizeof line, f)) {
        char kind[8], status[4];
        if (sscanf(line, "s %7s %*d %*d %3s %lf", kind, status, &z) == 3 && !strcmp(kind, "mip") &&
            !strcmp(status, "o"))
            break;
        z = NAN;
    }
    if (f)
        fclose(f);
    unlink(out);
    return z;
}

static void same(uint64_t seed, bool by_node, enum fleet_pools pools, enum fleet_risk risk)
{
    char mps[] = "/tmp/moat-glpk-XXXXXX";
    int fd = mkstemp(mps);
    struct arena *a = arena_new();
    struct fleet_shape shape = {.skus = 3,
                                .periods = 3,
                                .works = 2,
                                .blocks = 2,
                                .campaigns = 1,
                                .families = 3,
                                .branches = 1,
                                .scale = 300,
                                .node_cards = 8,
                                .spares = seed % 2 ? 4 : 0};
    struct fleet *f = random_fleet(a, &shape, seed);
    f->entry_by_node = by_node, f->pools = pools, f->risk = risk, f->cvar_tail_frac = 0.2, f->cvar_weight = 0.5;
    f->second_source_frac = seed % 3 ? 0 : 0.2;
    struct fleet_limits lim = {.gap_frac = 1e-9, .nodes = 100000, .wall_s = 200, .mps = mps};
    struct fleet_plan plan;
    struct err e = {0};
    assert_true(fd >= 0 && fleet_solve(a, f, &lim, NULL, &plan, &e));
    assert_int_equal(plan.status, FLEET_OPTIMAL);
    double z = glpk(mps);
    close(fd), unlink(mps);
    check_close(plan.npv_usd, z, 1e-6);
    check_close(plan.bound_usd, z, 1e-6);
    arena_free(a);
}

static bool absent(void)
{
    return system("glpsol --version >/dev/null 2>&1") != 0;
}

static void test_approved(void **state)
{
    (void)state;
    if (absent())
        skip();
    for (uint64_t seed = 1; seed <= 12; seed++)
        same(seed, false, seed % 4 ? POOLS_SHARED : POOLS_TRAINING_APART, RISK_EXPECTED);
}

static void test_by_node(void **state)
{
    (void)state;
    if (absent())
        skip();
    for (uint64_t seed = 21; seed <= 24; seed++)
        same(seed, true, seed % 2 ? POOLS_SHARED : POOLS_CLASSES_APART, RISK_EXPECTED);
}

static void test_risk(void **state)
{
    (void)state;
    if (absent())
        skip();
    for (uint64_t seed = 31; seed <= 33; seed++)
        same(seed, false, POOLS_SHARED, RISK_CVAR);
    same(34, false, POOLS_SHARED, RISK_REGRET);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_approved), cmocka_unit_test(test_by_node),
                                       cmocka_unit_test(test_risk)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
