/* test_dynamics.c - autoscale, failures, spares, lend, cold_start and clock: what is read, and every error with its place. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/catalog.h"
#include "facts/dynamics.h"

static bool read_text(struct arena *a, const char *yaml, bool sim, struct dynamics_keys *out, struct err *e)
{
    struct node *doc;
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "s.yaml", yaml, strlen(yaml), &doc, e) && dynamics_read(a, doc, sim, out, e);
}

static void reads_everything(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct dynamics_keys k;
    struct err e;
    assert_true(read_text(a,
                          "clock: 08:30\n"
                          "cold_start: {boot: 3min, load_bw: 2GB/s}\n"
                          "autoscale: {policy: kpa, min: 0, max: 8, target: 12.5, interval: 2s, window: 1min, tolerance: 5%}\n"
                          "failures: {mtbf: 50000h, repair: 4h, node: 8, retry: false, stragglers: {frac: 1%, slowdown: 1.5x},\n"
                          "           spot: {reclaim_per_hour: 0.05, notice: 30s, back: 10min}}\n"
                          "spares: {replicas: 2, state: cold}\n"
                          "lend: {to: training, keep: 2, restart: 10min, calendar: [{from: \"22:00\", to: \"06:00\"}, {from: 6:00, to: 7:15, keep: 4}]}\n",
                          true, &k, &e));
    assert_true(k.any && k.autoscale.given && k.failures.given && k.spares_cold && !k.failures.retry && !k.failures.never);
    check_close(k.clock_s, 8.5 * 3600, 0);
    assert_true(isnan(k.cold_s) && isnan(k.warm_s));
    check_close(k.boot_s, 180, 0);
    check_close(k.load_bytes_s, 2e9, 0);
    assert_string_equal(k.autoscale.policy, "kpa");
    assert_true(k.autoscale.min == 0 && k.autoscale.max == 8);
    check_close(k.autoscale.target, 12.5, 0);
    check_close(k.autoscale.window_s, 60, 0);
    check_close(k.autoscale.tolerance, 0.05, 1e-12);
    check_close(k.failures.mtbf_s, 1.8e8, 0);
    assert_int_equal(k.failures.node, 8);
    check_close(k.failures.reclaims_h, 0.05, 0);
    check_close(k.failures.notice_s, 30, 0);
    check_close(k.failures.slowdown, 1.5, 0);
    assert_int_equal(k.lend.nhours, 2);
    assert_true(k.lend.hours[0].replicas == 2 && k.lend.hours[1].replicas == 4);
    check_close(k.lend.hours[1].to_s, 7.25 * 3600, 0);
    assert_true(isnan(k.lend.checkpoint_s));

    assert_true(read_text(a, "failures: {mtbf: never}\ncold_start: 90s\nautoscale: null\n", true, &k, &e));
    assert_true(k.failures.never && !k.autoscale.given && k.failures.retry && k.autoscale.min == -1);
    check_close(k.cold_s, 90, 0);
    assert_true(read_text(a, "model: x\n", true, &k, &e));
    assert_false(k.any);
    assert_false(read_text(a, "spares: {replicas: 1, state: cold}\n", false, &k, &e)); /* plan */
    assert_non_null(strstr(e.what, "whole number of replicas"));
    arena_free(a);
}

static void says_what_is_wrong(void **state)
{
    (void)state;
    static const struct { const char *yaml, *place, *what; } bad[] = {
        {"autoscale: kpa\n", "s.yaml:1: autoscale", "expected a map"},
        {"autoscale: {policy: kpa}\n", "s.yaml:1: autoscale", "max is missing"},
        {"autoscale: {max: 3}\n", "s.yaml:1: autoscale", "policy is missing"},
        {"autoscale: {policy: kpa, max: 3, tagret: 4}\n", "s.yaml:1: autoscale.tagret", "unknown key"},
        {"autoscale: {policy: kpa, max: 0}\n", "s.yaml:1: autoscale.max", "expected"},
        {"autoscale: {policy: kpa, max: 3, target: 0}\n", "s.yaml:1: autoscale.target", "more than 0"},
        {"autoscale: {policy: kpa, max: 3, interval: 0s}\n", "s.yaml:1: autoscale.interval", "more than 0"},
        {"autoscale: {policy: kpa, max: 3, interval: 5}\n", "s.yaml:1: autoscale.interval", "duration"},
        {"autoscale: {policy: schedule, max: 3, hours: {from: 8:00}}\n", "s.yaml:1: autoscale.hours", "from, to or replicas is missing"},
        {"autoscale: {policy: schedule, max: 3, hours: []}\n", "s.yaml:1: autoscale.hours", "expected hours"},
        {"failures: yes please\n", "s.yaml:1: failures", "expected a map"},
        {"failures: {mtbf: 0h}\n", "s.yaml:1: failures.mtbf", "more than 0"},
        {"failures: {mtbf: often}\n", "s.yaml:1: failures.mtbf", "duration"},
        {"failures: {node: 0}\n", "s.yaml:1: failures.node", "expected"},
        {"failures: {retry: maybe}\n", "s.yaml:1: failures.retry", "expected"},
        {"failures: {spot: {notice: 2min}}\n", "s.yaml:1: failures.spot", "reclaim_per_hour is missing"},
        {"failures: {spot: {reclaim_per_hour: -1}}\n", "s.yaml:1: failures.spot.reclaim_per_hour", "expected a count"},
        {"failures: {stragglers: {frac: 1%}}\n", "s.yaml:1: failures.stragglers", "go together"},
        {"failures: {stragglers: {frac: 1%, slowdown: 0.5x}}\n", "s.yaml:1: failures.stragglers.slowdown", "at least 1"},
        {"lend: {keep: 2}\n", "s.yaml:1: lend", "calendar is missing"},
        {"lend: {to: renders, calendar: {from: 1:00, to: 2:00}, keep: 1}\n", "s.yaml:1: lend.to", "expected training"},
        {"lend: {calendar: {from: 1:00, to: 2:00}}\n", "s.yaml:1: lend.calendar", "from, to or keep is missing"},
        {"lend: {keep: 1, calendar: {from: 1am, to: 2:00}}\n", "s.yaml:1: lend.calendar.from", "time of the day"},
        {"lend: {keep: 1, calendar: {from: 23:60, to: 2:00}}\n", "s.yaml:1: lend.calendar.from", "time of the day"},
        {"lend: {keep: 1, calendar: {from: 1:00, to: 24:01}}\n", "s.yaml:1: lend.calendar.to", "time of the day"},
        {"lend: {keep: 1, restart: soon, calendar: {from: 1:00, to: 2:00}}\n", "s.yaml:1: lend.restart", "duration"},
        {"cold_start: {boot: 1min, load: 2s}\n", "s.yaml:1: cold_start.load", "unknown key"},
        {"cold_start: {load_bw: 0GB/s}\n", "s.yaml:1: cold_start.load_bw", "more than 0"},
        {"cold_start: quick\n", "s.yaml:1: cold_start", "duration"},
        {"clock: noon\n", "s.yaml:1: clock", "time of the day"},
        {"spares: {replicas: 1, state: lukewarm}\n", "s.yaml:1: spares.state", "expected warm or cold"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct arena *a = arena_new();
        struct dynamics_keys k;
        struct err e;
        assert_false(read_text(a, bad[i].yaml, true, &k, &e));
        if (strcmp(e.place, bad[i].place) || !strstr(e.what, bad[i].what) || e.kind != ERR_INPUT)
            print_error("%s -> %s: %s\n", bad[i].yaml, e.place, e.what);
        assert_string_equal(e.place, bad[i].place);
        assert_non_null(strstr(e.what, bad[i].what));
        arena_free(a);
    }
}

static void the_constants_have_sources(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c;
    struct err e = {0};
    assert_true(catalog_open(a, NULL, &c, NULL, &e));
    const struct dynamics_const *d = &c->dynamics;
    assert_true(d->boot_s > 0 && d->load_bytes_s > 1e8 && d->warm_s > 0 && d->repair_s > 0 && d->notice_s > 0 && d->checkpoint_s > 0);
    struct node *doc;
    struct dynamics_const empty = {0};
    assert_true(doc_yaml(a, "dynamics.yaml", "boot: 1min\n", 11, &doc, &e));
    assert_false(dynamics_const_read(a, doc, &empty, &e));
    assert_non_null(strstr(e.what, "load_bw or repair is missing"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_everything),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(the_constants_have_sources),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
