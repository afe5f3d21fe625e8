/* test_fleet_scenario.c - figures over time, and the reader of fleet scenarios: what it takes, and one clear line for
 * each error. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/fleet_scenario.h"

static struct series series_of(struct arena *a, const char *yaml, enum unit u, bool held)
{
    struct node *doc;
    struct err e = {0};
    struct series s = {.n = 0};
    assert_true(doc_yaml(a, "s.yaml", yaml, strlen(yaml), &doc, &e));
    if (!series_read(a, doc, u, held, &s, &e))
        print_error("%s: %s\n", e.place, e.what);
    return s;
}

static double day(int32_t ymd)
{
    return date_to_days(ymd);
}

static void goes_straight_between_dates(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct series s = series_of(a, "{2026-Q4: 900/s, 2024-Q1: 200/s}", UNIT_RATE_S, false);
    assert_int_equal(s.n, 2);
    check_close(series_at(&s, day(20240101)), 200, 1e-12);
    check_close(series_at(&s, day(20230101)), 200, 1e-12);
    check_close(series_at(&s, day(20270101)), 900, 1e-12);
    double half = (day(20240101) + day(20261001)) / 2;
    check_close(series_at(&s, half), 550, 1e-12);
    s = series_of(a, "5000", UNIT_COUNT, true);
    check_close(series_at(&s, day(20300101)), 5000, 1e-12);
    s = series_of(a, "{2024: 1, 2026: 3}", UNIT_COUNT, true);
    check_close(series_at(&s, day(20251231)), 1, 1e-12);
    check_close(series_at(&s, day(20260101)), 3, 1e-12);
    s = series_of(a, "{2024: 100, per_year: 2x}", UNIT_COUNT, false);
    check_close(series_at(&s, day(20240101)), 100, 1e-12);
    check_close(series_at(&s, day(20240101) + 2 * 365.25), 400, 1e-9);
    struct series none = {.n = 0};
    assert_true(isnan(series_at(&none, 0)));
    arena_free(a);
}

#define HEAD "horizon: {start: 2024-Q1, periods: 12, period: quarter}\nskus: [h100, mi300x, l40s]\n"
#define CHAT                                                                                                           \
    "  - {id: chat, kind: serving, model: llama-3.1-8b, precision: fp8, traffic: {preset: azure-2023-conv, limit: "    \
    "50}, slo: {ttft: {p99: "                                                                                          \
    "2s}}, demand: {2024-Q1: 200/s, 2026-Q4: 900/s}}\n"
#define WORK "workloads:\n" CHAT
#define TRAIN "  - {id: pretrain, kind: training, model: llama-3.1-405b, tokens: 15.6T, window: 2024-Q2..2024-Q3}\n"

static bool read_text(struct arena *a, const char *yaml, struct fleet_scenario *out, struct err *e)
{
    struct catalog *c;
    struct node *doc;
    struct notes notes = {.arena = a};
    *e = (struct err){.kind = ERR_NONE};
    return catalog_open(a, NULL, &c, &notes, e) && doc_yaml(a, "f.yaml", yaml, strlen(yaml), &doc, e) &&
           fleet_scenario_read(a, c, doc, 0, out, &notes, e);
}

static void takes_the_example_of_the_design(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct fleet_scenario s;
    struct err e;
    bool ok = read_text(a,
                        HEAD WORK TRAIN
                        "  - {id: ranking, kind: recommender, demand: {2024-Q1: 2e6/s}}\n"
                        "scenarios:\n"
                        "  - {name: boom, probability: 0.6, from: 2025-Q1, demand: {chat: 1.5x}}\n"
                        "  - {name: shift, probability: 0.4, from: 2025-Q1, demand: {chat: 0.6x, ranking: 2x}}\n"
                        "  - {name: bust, parent: boom, probability: 0.5, from: 2025-Q3, demand: {chat: 0.1x}}\n"
                        "stock: {a100-sxm-80: 4000}\n"
                        "supply: {h100-sxm-80: {lead: 2q, per_quarter: 5000}, mi300x: {lead: 0q}}\n"
                        "software: {rocm: {port_cost: 8M USD, lag: 1q, maturity: {2024-Q1: 0.7, per_quarter: 0.03}}}\n"
                        "limits: {power: 20MW, budget: {2024-Q1: 300M USD}, region: us}\n"
                        "policy: {share: true, lease_out: true, risk: expected}\n",
                        &s, &e);
    if (!ok)
        print_error("%s: %s\n", e.place, e.what);
    assert_true(ok);
    assert_int_equal(s.nproduct, 4);
    assert_string_equal(s.product[3].acc->id, "a100-sxm-80");
    assert_false(s.product[3].listed);
    check_close(s.product[3].stock, 4000, 0);
    check_close(s.product[0].lead_months, 6, 1e-12);
    check_close(series_at(&s.product[0].per_quarter, 0), 5000, 1e-12);
    assert_true(s.product[1].lead_given && s.product[1].lead_months == 0);
    assert_int_equal(s.nsoftware, 2);
    check_close(s.software[1].port_usd, 8e6, 1e-12);
    assert_false(s.software[1].ported);
    assert_int_equal(s.job[1].first, 1);
    assert_int_equal(s.job[1].last, 2);
    assert_string_equal(s.job[2].work->id, "dlrm-v2");
    assert_string_equal(s.job[0].curve, "weekly");
    double sum = 0, most = 0;
    for (int h = 0; h < FLEET_HOURS; h++)
        sum += s.job[0].hour[h], most = fmax(most, s.job[0].hour[h]);
    check_close(sum, FLEET_HOURS, 1e-9);
    assert_true(most > 1.5);
    assert_int_equal(s.nfuture, 4);
    assert_int_equal(s.future[3].parent, 1);
    check_close(series_at(&s.power_w, 0), 20e6, 1e-12);
    check_close(s.future[2].factor[2], 2, 1e-12);
    assert_string_equal(horizon_name(a, &s.horizon, 5), "2025-Q2");
    assert_int_equal(s.price.as_of, 20240101);
    arena_free(a);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *place, *what, *mend;
    } bad[] = {
        {"skus: [h100]\n" WORK, "f.yaml: horizon", "is missing", "horizon"},
        {"horizon: {start: 2024-Q1, periods: 4, period: quater}\nskus: [h100]\n" WORK, "f.yaml:1: horizon.period",
         "expected month, quarter", "quarter"},
        {"horizon: {start: 2024-02-15, periods: 4}\nskus: [h100]\n" WORK, "f.yaml:1: horizon.start",
         "start of a quarter", ""},
        {"horizon: {start: 2024-Q1, periods: 0}\nskus: [h100]\n" WORK, "f.yaml:1: horizon.periods", "", ""},
        {HEAD WORK "stok: {a10: 4}\n", "f.yaml:5", "", "stock"},
        {"horizon: {start: 2024-Q1, periods: 4}\nskus: [h101]\n" WORK, "f.yaml:2", "", ""},
        {"horizon: {start: 2024-Q1, periods: 4}\nskus: [h100, h100-sxm-80]\n" WORK, "f.yaml:2", "twice", ""},
        {HEAD WORK "prices: {h200: {purchase: 1 USD}}\n", "f.yaml:5", "neither among skus nor in stock", ""},
        {HEAD WORK "prices: {h100: {purchase: -5 USD}}\n", "f.yaml:5: prices.h100.purchase", "", "cannot be negative"},
        {HEAD WORK "prices: {h100: {purchase: 0 USD}}\n", "f.yaml:5: prices.h100.purchase", "above 0", ""},
        {HEAD WORK "prices: {h100: {purchase: 1 USD, installed: 2 USD}}\n", "f.yaml:5: prices.h100.installed",
         "exclude each other", ""},
        {HEAD WORK "supply: {h100: {lead: 2}}\n", "f.yaml:5: supply.h100.lead", "2q", "unit"},
        {HEAD WORK "supply: {h100: {leed: 2q}}\n", "f.yaml:5: supply.h100.leed", "", "lead"},
        {HEAD WORK "limits: {power: 20}\n", "f.yaml:5: limits.power", "a power such as", "unit"},
        {HEAD WORK "energy_price: 82 USD\n", "f.yaml:5: energy_price", "more than anyone pays", "MWh"},
        {HEAD WORK "pue: 0.8x\n", "f.yaml:5: pue", "at least 1", ""},
        {HEAD WORK "software: {sysncl: {port_cost: 1 USD}}\n", "f.yaml:5", "none of the skus runs", ""},
        {HEAD WORK "policy: {risk: cvr}\n", "f.yaml:5: policy.risk", "expected expected, cvar or regret", "cvar"},
        {HEAD "workloads: []\n", "f.yaml:3: workloads", "a list of workloads", ""},
        {HEAD "workloads: [{id: a, kind: servng}]\n", "f.yaml:3: workloads.0.kind", "servng", "serving"},
        {HEAD "workloads: [{id: a, kind: hpc, model: sdxl, demand: 1/s}]\n", "f.yaml:3: workloads.0.model",
         "of kind diffusion", "diffusion"},
        {HEAD "workloads: [{id: a, kind: hpc}]\n", "f.yaml:3: workloads.0.demand", "is missing", "demand"},
        {HEAD "workloads: [{id: a, kind: recommender, demand: 5}]\n", "f.yaml:3: workloads.0.demand", "a rate such as",
         "unit"},
        {HEAD "workloads: [{id: a, kind: recommender, demand: 0/s}]\n", "f.yaml:3: workloads.0.demand", "above 0", ""},
        {HEAD "workloads: [{id: a, kind: recommender, demand: 5/s, tokens: 1T}]\n", "f.yaml:3: workloads.0.tokens", "",
         ""},
        {HEAD WORK "  - {id: chat, kind: recommender, demand: 5/s}\n", "f.yaml:5: workloads.1.id", "twice", ""},
        {HEAD "workloads: [{id: a, kind: training, model: llama-3.1-8b, tokens: 1T, window: 2027-Q2..2027-Q3}]\n",
         "f.yaml:3: workloads.0.window", "outside the horizon", "2026-Q4"},
        {HEAD "workloads: [{id: a, kind: training, model: llama-3.1-8b, tokens: 1T, window: 2024-Q3..2024-Q2}]\n",
         "f.yaml:3: workloads.0.window", "ends before", ""},
        {HEAD WORK
         "scenarios: [{name: a, probability: 0.6, from: 2025-Q1}, {name: b, probability: 0.6, from: 2025-Q1}]\n",
         "f.yaml:5", "add up to 1.2", "at most 1"},
        {HEAD WORK "scenarios: [{name: a, probability: 0, from: 2025-Q1}]\n", "f.yaml:5", "probability 0", ""},
        {HEAD WORK "scenarios: [{name: a, probability: 0.5, from: 2024-Q1}]\n", "f.yaml:5", "first period is known",
         ""},
        {HEAD WORK
         "scenarios: [{name: a, probability: 1, from: 2025-Q1}, {name: b, probability: 0.5, from: 2025-Q2}]\n",
         "f.yaml:5", "no probability is left", ""},
        {HEAD WORK "scenarios: [{name: a, parent: bas, probability: 0.5, from: 2025-Q1}]\n", "f.yaml:5",
         "no scenario above", "base"},
        {HEAD WORK "scenarios: [{name: a, probability: 0.5, from: 2025-Q1, demand: {chta: 2x}}]\n", "f.yaml:5",
         "no workload", "chat"},
        {HEAD WORK TRAIN "scenarios: [{name: a, probability: 0.5, from: 2025-Q1, demand: {pretrain: 2x}}]\n",
         "f.yaml:6", "run in every future", ""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena *a = arena_new();
        struct fleet_scenario s;
        struct err e;
        bool ok = read_text(a, bad[i].yaml, &s, &e);
        if (ok || e.kind != ERR_INPUT || strncmp(e.place, bad[i].place, strlen(bad[i].place)) != 0 ||
            !strstr(e.what, bad[i].what) || !strstr(e.mend, bad[i].mend)) {
            print_error("%zu: ok %d, \"%s: %s; %s\"\n", i, ok, e.place, e.what, e.mend);
            fail();
        }
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_straight_between_dates),
        cmocka_unit_test(takes_the_example_of_the_design),
        cmocka_unit_test(says_what_is_wrong),
    };
    return cmocka_run_group_tests_name("facts/fleet_scenario", tests, NULL, NULL);
}
