/* test_fleet_case.c - from a fleet scenario to numbers: blocks of load, the tree, maturity counted once, capability,
 * the cache. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "plan/fleet_run.h"

struct made {
    struct catalog *c;
    struct fleet_scenario s;
    struct fleet_case x;
    struct fleet_rates rates;
};

#define HEAD "horizon: {start: 2024-Q1, periods: 4, period: quarter}\nskus: [h100, mi300x]\n"
#define RANKING "workloads:\n  - {id: ranking, kind: recommender, demand: 1e6/s}\n"

static bool make(struct arena *a, const char *yaml, const char *cache, struct made *m, struct err *e)
{
    struct node *doc;
    struct notes notes = {.arena = a};
    struct fleet_rate_options o = {.threads = 1, .cache = cache};
    *e = (struct err){.kind = ERR_NONE};
    bool ok = catalog_open(a, NULL, &m->c, &notes, e) && doc_yaml(a, "f.yaml", yaml, strlen(yaml), &doc, e) &&
              fleet_scenario_read(a, m->c, doc, 0, &m->s, &notes, e) &&
              fleet_rates_find(a, m->c, &m->s, &o, &m->rates, &notes, e) &&
              fleet_case_build(a, m->c, &m->s, &m->rates, &m->x, &notes, e);
    return ok;
}

static void must(bool ok, const struct err *e)
{
    if (!ok)
        print_error("%s: %s; %s\n", e->place, e->what, e->mend);
    assert_true(ok);
}

/* Every hour's load is at or under its block's level, the blocks add up to the period, and more blocks waste less. */
static void blocks_carry_every_hour(void **state)
{
    (void)state;
    double last = INFINITY;
    for (int blocks = 1; blocks <= 168; blocks = blocks == 1 ? 3 : blocks == 3 ? 12 : blocks + 156) {
        struct arena *a = arena_new();
        struct made *m = ARENA_NEW(a, struct made);
        struct err e;
        must(make(a, arena_printf(a, HEAD RANKING "blocks: %d\n", blocks), NULL, m, &e), &e);
        const struct fleet *f = &m->x.f;
        assert_int_equal(f->nb, blocks);
        double hours = 0, mean = 0, most = 0;
        for (size_t b = 0; b < f->nb; b++) {
            hours += f->block_h[b];
            mean += f->block_h[b] * m->x.block_level[b];
            most = fmax(most, m->x.block_level[b]);
            assert_true(b == 0 || m->x.block_level[b] <= m->x.block_level[b - 1]);
        }
        double peak = 0;
        for (int h = 0; h < FLEET_HOURS; h++)
            peak = fmax(peak, m->s.job[0].hour[h]);
        check_close(hours, 8766.0 / 4, 1e-9);
        check_close(most, peak, 1e-12);
        mean /= hours;
        assert_true(mean >= 1 - 1e-9 && mean <= last + 1e-12);
        if (blocks == 168)
            check_close(mean, 1, 1e-9);
        last = mean;
        arena_free(a);
    }
}

static void a_tree_keeps_all_probability(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct made *m = ARENA_NEW(a, struct made);
    struct err e;
    must(make(a,
              HEAD RANKING "scenarios:\n"
                           "  - {name: boom, probability: 0.3, from: 2024-Q2, demand: {ranking: 2x}}\n"
                           "  - {name: more, parent: boom, probability: 0.5, from: 2024-Q4, demand: {ranking: 3x}}\n"
                           "  - {name: own, probability: 0.5, from: 2024-Q3, demand: {ranking: 5e6/s}}\n",
              NULL, m, &e),
         &e);
    const struct fleet *f = &m->x.f;
    double at[4] = {0};
    for (size_t n = 0; n < f->nn; n++) {
        at[f->node[n].period] += f->node[n].probability;
        assert_true(f->node[n].parent < (int)n);
        double mean = f->work[0].demand[n * f->nb] / m->x.block_level[0];
        const char *name = f->node[n].name;
        check_close(mean,
                    strcmp(name, "boom") == 0   ? 2e6
                    : strcmp(name, "more") == 0 ? 6e6
                    : strcmp(name, "own") == 0  ? 5e6
                                                : 1e6,
                    1e-12);
        if (strcmp(name, "more") == 0)
            check_close(f->node[n].probability, 0.15, 1e-12);
    }
    for (int t = 0; t < 4; t++)
        check_close(at[t], 1, 1e-12);
    arena_free(a);
}

/* Where the software's own constants were fitted, maturity is 1 at their date, and before it as far behind as it was.
 */
static void software_is_counted_once(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct made *m = ARENA_NEW(a, struct made), *plain = ARENA_NEW(a, struct made);
    struct err e;
    must(make(a, HEAD RANKING, NULL, plain, &e), &e);
    must(make(a, HEAD RANKING "software: {rocm: {maturity: {2024-Q1: 0.5, per_quarter: 0.1}}}\n", NULL, m, &e), &e);
    const struct fleet *f = &m->x.f;
    struct fleet_rate *own = (struct fleet_rate *)&m->rates.rate[1];
    double base = own->units_s;
    for (size_t t = 0; t < 4; t++) /* the incumbent's is untouched */
        check_close(f->work[0].rate[t], plain->x.f.work[0].rate[t], 1e-12);
    own->fitted = false;
    check_close(fleet_case_maturity(&m->x, 0, 1, 0), 0.5, 1e-3);
    check_close(fleet_case_maturity(&m->x, 0, 1, 2), 0.7, 1e-2);
    own->fitted = true, own->fitted_day = date_to_days(20300101); /* by then mature */
    check_close(fleet_case_maturity(&m->x, 0, 1, 0), 0.5, 1e-3);
    own->fitted_day = date_to_days(20240101);
    check_close(fleet_case_maturity(&m->x, 0, 1, 0), 1, 1e-9);
    check_close(fleet_case_maturity(&m->x, 0, 1, 2), 1.4, 1e-2);
    fleet_case_rates(a, &m->x);
    check_close(m->x.f.work[0].rate[4 + 2], base * 1.4, 1e-2);
    check_close(fleet_maturity(&m->s, &m->s.software[m->s.product[1].family], date_to_days(20400101)), 1, 0);
    arena_free(a);
}

static void a_card_cannot_do_everything(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct made *m = ARENA_NEW(a, struct made);
    struct err e;
    must(make(a,
              "horizon: {start: 2025-Q1, periods: 2}\nskus: [h100, l40s, gaudi3]\nworkloads:\n"
              "  - {id: worlds, kind: graphics, demand: 100}\n  - {id: science, kind: hpc, demand: 100TFLOP/s}\n",
              NULL, m, &e),
         &e);
    const struct fleet *f = &m->x.f;
    assert_true(f->work[0].rate[0 * f->nt] == 0 && strstr(m->rates.rate[0].reason, "graphics"));
    assert_true(f->work[0].rate[1 * f->nt] > 0);
    assert_true(f->work[1].rate[0 * f->nt] > 10 && f->work[1].rate[2 * f->nt] == 0);
    check_close(f->work[1].demand[0], 100, 1e-12);
    assert_false(make(
        a,
        "horizon: {start: 2025-Q1, periods: 2}\nskus: [h100]\nworkloads: [{id: worlds, kind: graphics, demand: 100}]\n",
        NULL, m, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_non_null(strstr(e.what, "no SKU can do worlds: h100-sxm-80"));
    arena_free(a);
}

static void export_rules_and_arbitrage(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct made *m = ARENA_NEW(a, struct made);
    struct err e;
    must(make(a, "horizon: {start: 2025-Q1, periods: 2}\nskus: [h100, l20]\nlimits: {region: cn}\n" RANKING, NULL, m,
              &e),
         &e);
    assert_false(m->x.f.sku[0].allowed);
    assert_true(m->x.f.sku[1].allowed);
    assert_false(make(a, HEAD RANKING "resale: {h100: {value: 90000 USD}}\n", NULL, m, &e));
    assert_non_null(strstr(e.what, "sells used"));
    assert_false(make(a, HEAD RANKING "prices: {h100: {on_demand: $3, lease_out: $4}}\n", NULL, m, &e));
    assert_non_null(strstr(e.what, "lent out"));
    assert_int_equal(strncmp(e.place, "f.yaml:2: skus.0: h100-sxm-80", 29), 0);
    assert_false(make(a, HEAD RANKING "server_power: {h100: 700kW}\n", NULL, m, &e)); /* a slip of units */
    assert_non_null(strstr(e.what, "look like watts"));
    arena_free(a);
}

static void what_is_kept_is_what_was_found(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    char folder[] = "/tmp/moat-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    const char *cache = arena_printf(a, "%s/a/b", folder);
    struct made *first = ARENA_NEW(a, struct made), *again = ARENA_NEW(a, struct made);
    struct err e;
    const char *yaml = HEAD "workloads:\n  - {id: ranking, kind: recommender, demand: 1e6/s}\n"
                            "  - {id: tune, kind: training, model: llama-3.1-8b, tokens: 100B, window: 2024-Q2}\n";
    must(make(a, yaml, cache, first, &e), &e);
    must(make(a, yaml, cache, again, &e), &e);
    assert_int_equal(first->rates.kept, 0);
    assert_int_equal(again->rates.kept, 4);
    for (size_t i = 0; i < 4; i++) {
        struct fleet_rate x = first->rates.rate[i], y = again->rates.rate[i];
        assert_true(x.units_s == y.units_s && x.lo_units_s == y.lo_units_s && x.fitted == y.fitted &&
                    x.evidence == y.evidence);
        assert_true(x.cards == y.cards || (isnan(x.cards) && isnan(y.cards)));
        assert_string_equal(x.config, y.config);
        assert_string_equal(x.reason, y.reason);
    }
    assert_true(first->rates.rate[2].cards >= 8);
    assert_int_equal(system(arena_printf(a, "sh -c 'for f in %s/*.json; do echo broken > $f; done'", cache)), 0);
    must(make(a, yaml, cache, again, &e), &e);
    assert_int_equal(again->rates.kept, 0);
    assert_int_equal(system(arena_printf(a, "rm -r %s", folder)), 0);
    arena_free(a);
}

/* A serving rate is a load that holds: a little less does, and a lot more does not. */
static void a_rate_holds_and_no_more(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct made *m = ARENA_NEW(a, struct made);
    struct err e;
    must(make(a,
              "horizon: {start: 2025-Q1, periods: 1}\nskus: [h100]\nworkloads:\n"
              "  - {id: chat, kind: serving, model: llama-3.1-8b, precision: fp8, traffic: {preset: azure-2023-conv, "
              "limit: 4000}, "
              "slo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}, demand: 500/s}\n",
              NULL, m, &e),
         &e);
    const struct fleet_rate *r = m->rates.rate;
    const struct fleet_job *j = &m->s.job[0];
    const struct accelerator *acc = m->s.product[0].acc;
    double load = r->units_s * r->replicas * r->devices;
    assert_true(r->units_s > 1 && r->lo_units_s <= r->units_s);
    assert_true(fleet_serving_holds(a, m->c, j, acc, r, r->replicas, load, false));
    assert_false(fleet_serving_holds(a, m->c, j, acc, r, r->replicas, 2 * load, false));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_carry_every_hour),    cmocka_unit_test(a_tree_keeps_all_probability),
        cmocka_unit_test(software_is_counted_once),   cmocka_unit_test(a_card_cannot_do_everything),
        cmocka_unit_test(export_rules_and_arbitrage), cmocka_unit_test(what_is_kept_is_what_was_found),
        cmocka_unit_test(a_rate_holds_and_no_more),
    };
    return cmocka_run_group_tests_name("plan/fleet_case", tests, NULL, NULL);
}
