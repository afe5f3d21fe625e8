/* test_generate.c - generated traffic: presets against the traces they stand for, processes against their formulas. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; struct traffic t; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_free(w->a);
    free(w);
    return 0;
}

static bool load(struct world *w, const char *yaml, uint64_t seed)
{
    struct node *nd;
    assert_true(doc_yaml(w->a, "t.yaml", yaml, strlen(yaml), &nd, &w->e));
    return traffic_load(w->a, nd, "", seed, &w->t, &w->notes, &w->e);
}

static struct traffic_stat stat_of(struct world *w, const char *yaml)
{
    if (!load(w, yaml, 1))
        fail_msg("%s: %s", w->e.place, w->e.what);
    return traffic_stats(w->a, &w->t);
}

static void refused(struct world *w, const char *yaml, const char *place, const char *what, const char *mend)
{
    assert_false(load(w, yaml, 1));
    assert_string_equal(w->e.place, place);
    assert_string_equal(w->e.what, what);
    assert_string_equal(w->e.mend, mend);
}

#define FIXED "prompt_tokens: 100, output_tokens: 10"

static void processes(void **state)
{
    struct world *w = *state;
    static const struct { const char *arrivals; double cv; } cases[] = {
        {"{process: poisson, rate: 50/s}", 1},
        {"{process: gamma, rate: 50/s, cv: 2.5}", 2.5},
        {"{process: gamma, rate: 50/s, burstiness: 4}", 0.5},
        {"{process: weibull, rate: 50/s, shape: 1}", 1},
        {"{process: weibull, rate: 50/s, cv: 1.8}", 1.8},
        {"{process: on-off, rate: 50/s, cv: 5, burst: 50}", 5},
        {"{process: fixed, rate: 50/s}", 0},
        {"{process: uniform, rate: 50/s}", 0},
        {"{rate: 50/s, cv: 1.5}", 1.5},
        {"{rate: 3000/min}", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[256];
        snprintf(yaml, sizeof yaml, "{arrivals: %s, " FIXED ", duration: 4000s}", cases[i].arrivals);
        struct traffic_stat s = stat_of(w, yaml);
        check_close(s.rate_s, 50, 0.03);
        if (fabs(s.cv - cases[i].cv) > 0.04 * cases[i].cv + 1e-6)
            fail_msg("%s: CV %g", cases[i].arrivals, s.cv);
        assert_true(s.in_p50 == 100 && s.in_max == 100 && s.out_p50 == 10);
    }
}

static void poisson_counts(void **state)
{
    struct world *w = *state;
    struct traffic_stat s = stat_of(w, "{arrivals: {process: poisson, rate: 20/s}, " FIXED ", duration: 20000s}");
    check_close(s.iod_1s, 1, 0.03);
    check_close(s.iod_60s, 1, 0.2);
}

static void all_at_once(void **state)
{
    struct world *w = *state;
    stat_of(w, "{arrivals: {process: all-at-once}, " FIXED ", requests: 500}");
    assert_int_equal(w->t.n, 500);
    assert_int_equal(w->t.req[499].arrival_ns, 0);
    assert_true(w->t.rate_s == 0);
    refused(w, "{arrivals: {process: all-at-once}, " FIXED "}", "t.yaml:1", "say how many: requests: 1000 is missing", "");
}

static void closed_loop(void **state)
{
    struct world *w = *state;
    stat_of(w, "{preset: azure-2023-conv, concurrency: 64, requests: 1000}");
    assert_int_equal(w->t.concurrency, 64);
    assert_int_equal(w->t.n, 1000);
}

/* The rate follows 1 - A cos, the mean stays. */
static void diurnal(void **state)
{
    struct world *w = *state;
    struct traffic_stat s = stat_of(w, "{arrivals: {process: poisson, rate: 2/s, diurnal: 0.5}, " FIXED ", duration: 2d}");
    double hour[24] = {0};
    check_close(s.rate_s, 2, 0.01);
    for (size_t i = 0; i < w->t.n; i++)
        hour[w->t.req[i].arrival_ns / 3600000000000LL % 24]++;
    check_close(hour[4] / (2 * 7200), 0.5, 0.05);
    check_close(hour[16] / (2 * 7200), 1.5, 0.05);
    s = stat_of(w, "{arrivals: {process: poisson, rate: 20/s, diurnal: 0.5}, " FIXED ", duration: 2h}");
    check_close(s.rate_s, 20, 0.01);
    check_close(s.peak_to_mean_60s, 1.5, 0.1);
}

static void lengths(void **state)
{
    struct world *w = *state;
    struct traffic_stat s =
        stat_of(w, "{arrivals: {rate: 100/s}, prompt_tokens: {dist: lognormal, median: 900, p99: 7000}, "
                   "output_tokens: {dist: lognormal, mean: 200, cv: 1.5, min: 5, max: 2000}, duration: 2000s}");
    check_close(s.in_p50, 900, 0.02);
    check_close(s.in_p99, 7000, 0.04);
    check_close(s.out_mean, 200, 0.04);
    assert_true(s.out_max == 2000);
    s = stat_of(w, "{arrivals: {rate: 100/s}, prompt_tokens: {dist: uniform, min: 10, max: 30}, "
                   "output_tokens: {dist: empirical, quantiles: {p0: 1, p50: 100, p90: 500, p100: 1000}}, duration: 2000s}");
    check_close(s.in_mean, 20, 0.01);
    assert_true(s.in_max == 30);
    check_close(s.out_p50, 100, 0.03);
    check_close(s.out_p90, 500, 0.03);
}

static void same_seed_same_bytes(void **state)
{
    struct world *w = *state;
    static const char yaml[] = "{preset: azure-2023-code}";
    assert_true(load(w, yaml, 7));
    struct traffic one = w->t;
    assert_true(load(w, yaml, 7));
    assert_int_equal(one.n, w->t.n);
    assert_memory_equal(one.req, w->t.req, one.n * sizeof *one.req);
    assert_true(load(w, yaml, 8));
    assert_true(one.n != w->t.n || memcmp(one.req, w->t.req, one.n * sizeof *one.req) != 0);
}

/* The generator must stand in for the trace: rate, burstiness and lengths within a few percent. */
static void preset_is_like_its_trace(void **state)
{
    struct world *w = *state;
    char path[5000];
    if (!check_data())
        skip();
    snprintf(path, sizeof path, "%s/traces/azure-2023-conv.csv", check_data());
    if (access(path, R_OK) != 0)
        skip();
    assert_true(traffic_read(w->a, path, &w->t, &w->notes, &w->e));
    struct traffic_stat t = traffic_stats(w->a, &w->t), p = stat_of(w, "azure-2023-conv");
    check_close(p.rate_s, t.rate_s, 0.02);
    check_close(p.cv, t.cv, 0.03);
    check_close(p.iod_1s, t.iod_1s, 0.06);
    check_close(p.iod_60s, t.iod_60s, 0.2);
    check_close(p.peak_to_mean_60s, t.peak_to_mean_60s, 0.08);
    check_close(p.in_mean, t.in_mean, 0.02);
    check_close(p.in_p50, t.in_p50, 0.02);
    check_close(p.in_p90, t.in_p90, 0.05);
    check_close(p.in_p99, t.in_p99, 0.02);
    check_close(p.out_mean, t.out_mean, 0.02);
    check_close(p.out_p50, t.out_p50, 0.05);
    check_close(p.out_p90, t.out_p90, 0.02);
    check_close(p.out_p99, t.out_p99, 0.03);
}

static void every_preset_generates(void **state)
{
    struct world *w = *state;
    const char *name, *help, *source;
    for (size_t i = 0; (name = traffic_preset(i, &help, &source)); i++) {
        char yaml[128];
        assert_true(*help && *source);
        snprintf(yaml, sizeof yaml, "{preset: %s, requests: 20000}", name);
        struct traffic_stat s = stat_of(w, yaml);
        assert_int_equal(w->t.n, 20000);
        assert_true(s.in_p50 >= 1 && s.out_p50 >= 1 && s.rate_s > 0);
    }
    assert_null(traffic_preset(1000, NULL, NULL));
}

/* Means that the sources publish, which the tables of quantiles must reproduce. */
static void preset_means(void **state)
{
    struct world *w = *state;
    static const struct { const char *preset; double in, out, tol; } cases[] = {
        {"azure-2023-code", 2048, 28, 0.08},   {"azure-2024-conv", 1660, 107, 0.05}, {"azure-2024-code", 2500, 22, 0.15},
        {"mooncake-conversation", 12035, 343, 0.03}, {"arxiv-summarization", 2588, 291, 0.03},
        {"sharegpt", 161, 338, 0.05},          {"copilot-agents", 67800, 527, 0.06},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[128];
        snprintf(yaml, sizeof yaml, "{preset: %s, requests: 50000}", cases[i].preset);
        struct traffic_stat s = stat_of(w, yaml);
        if (fabs(s.in_mean / cases[i].in - 1) > cases[i].tol || fabs(s.out_mean / cases[i].out - 1) > cases[i].tol)
            fail_msg("%s: %g in, %g out", cases[i].preset, s.in_mean, s.out_mean);
    }
}

static void faster(void **state)
{
    struct world *w = *state;
    stat_of(w, "{preset: azure-2023-conv, rate: 40/s}");
    check_close(w->t.rate_s, 40, 1e-6);
    check_close(w->t.span_s, 3502 * 5.53 / 40, 0.03);
    stat_of(w, "{preset: azure-2023-conv, speedup: 10x, duration: 10min}");
    check_close(w->t.span_s, 600, 0.01);
    check_close(w->t.rate_s, 55.3, 0.05);
    stat_of(w, "{preset: azure-2023-conv, arrivals: {process: poisson, rate: 3/s}, output_tokens: 1, duration: 1h}");
    check_close(w->t.rate_s, 3, 0.05);
    stat_of(w, "{preset: azure-2023-conv, requests: 100, limit: 30}");
    assert_int_equal(w->t.n, 30);
    assert_int_equal(w->t.ledger.over_limit, 70);
}

static void refusals(void **state)
{
    struct world *w = *state;
    refused(w, "{preset: azure-2023-con}", "t.yaml:1: preset", "no preset \"azure-2023-con\"",
            "did you mean \"azure-2023-conv\"?");
    refused(w, "{requests: 5}", "t.yaml:1", "no trace, preset or arrivals",
            "write preset: azure-2023-conv, or arrivals: {process: poisson, rate: 20/s}");
    refused(w, "{arrivals: {process: poisson}, " FIXED ", duration: 1h}", "t.yaml:1: arrivals",
            "the rate is missing: write rate: 20/s", "");
    refused(w, "{arrivals: {process: poison, rate: 1/s}, " FIXED ", duration: 1h}", "t.yaml:1: arrivals.process",
            "expected poisson, gamma, weibull, on-off, fixed or all-at-once, got \"poison\"", "");
    refused(w, "{arrivals: {process: gamma, rate: 1/s}, " FIXED ", duration: 1h}", "t.yaml:1: arrivals",
            "a gamma process needs cv, or burstiness (cv = 1/sqrt(burstiness))", "");
    refused(w, "{arrivals: {process: gamma, rate: 1/s, cv: 1e9}, " FIXED ", duration: 1h}", "t.yaml:1: arrivals.cv",
            "expected a number from 0.01 to 30, got 1e9", "");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: 5, duration: 1h}", "t.yaml:1", "output_tokens is missing",
            "write output_tokens: {dist: lognormal, median: 900, p99: 7000}, or a preset or a trace");
    refused(w, "{arrivals: {rate: 1/s}, " FIXED "}", "t.yaml:1", "neither duration nor requests is given",
            "write duration: 1h or requests: 10000");
    refused(w, "{arrivals: {rate: 1e6/s}, " FIXED ", duration: 1d}", "t.yaml:1: duration",
            "8.64e+10 requests are more than the 100000000 that can be held", "");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: lognormal, median: 9, p99: 3}, output_tokens: 1, duration: 1h}",
            "t.yaml:1: prompt_tokens", "p99 3 is below the median 9", "");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: zipf}, output_tokens: 1, duration: 1h}",
            "t.yaml:1: prompt_tokens.dist", "expected dist: fixed, lognormal, uniform, exponential, geometric or empirical, got zipf", "");
    refused(w, "{preset: sharegpt, speedup: 2x, rate: 3/s}", "t.yaml:1: rate",
            "speedup and rate exclude each other: both set the mean rate", "");
    refused(w, "{arrivals: {process: on-off, rate: 1/s, cv: 50, burst: 10}, " FIXED ", duration: 1h}", "t.yaml:1: arrivals",
            "cv 50 needs longer bursts than 10 requests: at most sqrt(2 burst - 1) = 4.36", "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(processes), T(poisson_counts), T(all_at_once), T(closed_loop), T(diurnal), T(lengths), T(same_seed_same_bytes),
        T(preset_is_like_its_trace), T(every_preset_generates), T(preset_means), T(faster), T(refusals),
    };
    return cmocka_run_group_tests_name("generate", tests, NULL, NULL);
}
