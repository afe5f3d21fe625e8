/* test_traffic.c - the `traffic:` map over a trace file, and what speed-up, thinning and windows keep. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; struct traffic t; char dir[64], path[96]; };

/* trace.csv: 1,000 requests, one every 100 ms, prompt = row number */
static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    strcpy(w->dir, "/tmp/moat-traffic-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/trace.csv", w->dir);
    FILE *f = fopen(w->path, "w");
    fprintf(f, "arrival_s,input_tokens,output_tokens\n");
    for (int i = 0; i < 1000; i++)
        fprintf(f, "%d.%d,%d,7\n", i / 10, i % 10, i + 1);
    fclose(f);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unlink(w->path);
    rmdir(w->dir);
    arena_free(w->a);
    free(w);
    return 0;
}

static bool load(struct world *w, const char *yaml)
{
    struct node *nd;
    assert_true(doc_yaml(w->a, "t.yaml", yaml, strlen(yaml), &nd, &w->e));
    return traffic_load(w->a, nd, w->dir, 1, &w->t, &w->notes, &w->e);
}

static void refused(struct world *w, const char *yaml, const char *place, const char *what, const char *mend)
{
    assert_false(load(w, yaml));
    assert_string_equal(w->e.place, place);
    assert_string_equal(w->e.what, what);
    assert_string_equal(w->e.mend, mend);
}

static void plain(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{trace: trace.csv}"));     /* beside the scenario */
    assert_int_equal(w->t.n, 1000);
    check_close(w->t.span_s, 99.9, 1e-12);
    assert_true(load(w, "trace.csv"));
    assert_int_equal(w->t.n, 1000);
    assert_string_equal(w->t.name, "trace.csv");
}

static void scaled(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{trace: trace.csv, speedup: 10x}"));
    check_close(w->t.span_s, 9.99, 1e-9);
    assert_true(load(w, "{trace: trace.csv, rate: 40/s}"));
    check_close(w->t.rate_s, 40, 1e-6);
    assert_true(load(w, "{trace: trace.csv, duration: 10s}"));
    assert_int_equal(w->t.n, 100);
    assert_int_equal(w->t.ledger.over_limit, 900);
    assert_int_equal(w->t.ledger.emitted, 100);
    assert_true(load(w, "{trace: trace.csv, limit: 3}"));
    assert_int_equal(w->t.n, 3);
    assert_true(load(w, "{trace: trace.csv, speedup: 10x, duration: 1s, requests: 50}"));
    assert_int_equal(w->t.n, 50);
}

static void thinned(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{arrivals: {rate: 100/s}, prompt_tokens: 5, output_tokens: 5, duration: 1000s}"));
    struct traffic t = traffic_thin(w->a, &w->t, 0.25, false, 3), again = traffic_thin(w->a, &w->t, 0.25, false, 3);
    struct traffic_stat s = traffic_stats(w->a, &t);
    check_close(s.rate_s, 25, 0.03);
    check_close(s.cv, 1, 0.03);         /* a thinned Poisson process is one */
    assert_int_equal(t.n, again.n);
    assert_memory_equal(t.req, again.req, t.n * sizeof *t.req);
    assert_int_equal(traffic_thin(w->a, &w->t, 1, false, 3).n, w->t.n);
    assert_int_equal(t.req[0].arrival_ns, 0);
}

static void windowed(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{trace: trace.csv}"));
    struct traffic t = traffic_window(w->a, &w->t, 100);
    assert_int_equal(t.n, 104);         /* 8 stretches of 13 */
    check_close(t.span_s, 10.3, 1e-9);  /* gaps closed, mean rate kept */
    for (size_t i = 1; i < t.n; i++)
        assert_true(t.req[i].arrival_ns > t.req[i - 1].arrival_ns && t.req[i].row > t.req[i - 1].row);
    assert_true(t.req[0].row < 125 && t.req[t.n - 1].row > 900);
    assert_int_equal(traffic_window(w->a, &w->t, 5000).n, 1000);
    assert_true(load(w, "{trace: trace.csv, window: 100}"));
    assert_int_equal(w->t.n, 104);
}

static void window_keeps_the_rate(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{preset: azure-2023-conv}"));
    struct traffic t = traffic_window(w->a, &w->t, 4000);
    check_close(t.rate_s, w->t.rate_s, 0.06);
    check_close(traffic_stats(w->a, &t).cv, traffic_stats(w->a, &w->t).cv, 0.06);
}

static void one_request(void **state)
{
    struct world *w = *state;
    assert_true(load(w, "{trace: trace.csv, limit: 1}"));
    struct traffic_stat s = traffic_stats(w->a, &w->t);
    assert_true(w->t.rate_s == 0 && s.cv == 0 && s.in_p99 == 1);
    refused(w, "{preset: sharegpt, concurrency: 4, requests: 9, speedup: 2x}", "t.yaml:1: speedup",
            "all requests arrive at once: there is no rate to change", "");
}

static void refusals(void **state)
{
    struct world *w = *state;
    char what[256];
    snprintf(what, sizeof what, "no such file: %s/azure-2023-conv-copy.csv", w->dir);
    refused(w, "{trace: azure-2023-conv-copy.csv}", "t.yaml:1: trace", what,
            "without the file, write preset: azure-2023-conv, which carries its published statistics");
    assert_int_equal(w->e.kind, ERR_ENV);
    refused(w, "{trace: trace.csv, arrivals: {rate: 1/s}}", "t.yaml:1: arrivals",
            "a trace has its own arrivals and lengths: leave out trace or arrivals", "");
    refused(w, "{trace: trace.csv, speedup: 0}", "t.yaml:1: speedup", "expected a factor between 1e-6 and 1e6, got 0", "");
    refused(w, "{trace: trace.csv, rate: 0/s}", "t.yaml:1: rate", "the rate must be above 0 and at most 1e9/s", "");
    assert_false(load(w, "{trace: trace.csv, sped: 2x}"));
    assert_string_equal(w->e.place, "t.yaml:1: sped");
    assert_false(load(w, "[1]"));
    assert_string_equal(w->e.what, "expected a map with trace, preset or arrivals");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(plain), T(scaled), T(thinned), T(windowed), T(window_keeps_the_rate), T(one_request), T(refusals),
    };
    return cmocka_run_group_tests_name("traffic", tests, NULL, NULL);
}
