/* What owning a share of the peak leaves to rent on the week of Azure's public traces of May 2024, against figures computed from
** the same digitised curves (rpm_mid, cells of 7.2 min) by another program: shares of the requests and of the time above, use of
** what is owned, and by the newsvendor rule what to own when rent costs 2 and 3 times as much.
*/
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/load_curve.h"
#include "facts/rate_curve.h"

struct want { const char *series; double peak_to_mean, share[OWN_SHARES][3], own[OWN_PRICES], cost[OWN_PRICES]; };

static const struct want want[] = {
    {"code", 3.19, {{27.0, 27.9, 57}, {11.3, 21.0, 46}, {3.7, 10.9, 40}, {0.4, 3.2, 35}}, {19, 32}, {0.51, 0.65}},
    {"conv", 1.76, {{32.0, 78.9, 97}, {9.7, 46.6, 86}, {1.8, 13.6, 74}, {0.1, 2.0, 63}}, {58, 66}, {0.71, 0.75}},
};

/* Equal to what was printed: within half of its last digit. */
static void printed(double got, double shown, double digit)
{
    if (!(fabs(got - shown) <= digit / 2))
        fail_msg("%.4f is not %.4f", got, shown);
}

static void azure_week(void **state)
{
    (void)state;
    const char *data = check_data();
    if (!data)
        skip();
    struct arena *a = arena_new();
    for (size_t k = 0; k < sizeof want / sizeof *want; k++) {
        const struct want *w = &want[k];
        struct err e = {0};
        struct node *nd;
        struct rate_curve r;
        const char *text = arena_printf(a, "{file: %s/traces/azure-2024-week-rpm-digitised.csv, series: %s}", data, w->series);
        assert_true(doc_yaml(a, "test", text, strlen(text), &nd, &e));
        if (!rate_curve_read(a, nd, "", &r, &e))
            fail_msg("%s: %s", e.place, e.what);
        struct load_curve c = load_curve_of(a, r.rel, r.cell_s, r.n);
        struct own_or_rent o = load_own_or_rent(&c);
        printed(c.peak / c.mean, w->peak_to_mean, 0.01);
        for (int i = 0; i < OWN_SHARES; i++) {
            printed(100 * o.share[i].above.work_frac, w->share[i][0], 0.1);
            printed(100 * o.share[i].above.time_frac, w->share[i][1], 0.1);
            printed(100 * o.share[i].above.use_frac, w->share[i][2], 1);
        }
        for (int i = 0; i < OWN_PRICES; i++) {
            printed(100 * o.price[i].own_frac, w->own[i], 1);
            printed(o.price[i].cost_frac, w->cost[i], 0.01);
        }
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(azure_week)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
