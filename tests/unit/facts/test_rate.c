/* test_rate.c - rates that change over time: curves from files, built-in shapes, sums of clients; counts against their integrals. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/clients.h"
#include "facts/rate_curve.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; struct traffic t; char dir[64], path[96]; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    strcpy(w->dir, "/tmp/moat-rate-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/r.csv", w->dir);
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

static void file(struct world *w, const char *text)
{
    FILE *f = fopen(w->path, "w");
    fputs(text, f);
    fclose(f);
}

static struct node *yaml(struct world *w, const char *text)
{
    struct node *nd;
    assert_true(doc_yaml(w->a, "t.yaml", text, strlen(text), &nd, &w->e));
    return nd;
}

static bool load(struct world *w, const char *text)
{
    w->notes.n = 0;
    return traffic_load(w->a, yaml(w, text), w->dir, 1, &w->t, &w->notes, &w->e);
}

static struct traffic_stat stat_of(struct world *w, const char *text)
{
    if (!load(w, text))
        fail_msg("%s: %s: %s", text, w->e.place, w->e.what);
    return traffic_stats(w->a, &w->t);
}

static void refused(struct world *w, const char *text, const char *place, const char *what)
{
    assert_false(load(w, text));
    if (strstr(w->e.place, ".csv"))
        assert_non_null(strstr(w->e.place, place));
    else
        assert_string_equal(w->e.place, place);
    assert_string_equal(w->e.what, what);
}

static uint64_t count(const struct traffic *t, double from_s, double to_s)
{
    uint64_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += (double)t->req[i].arrival_ns >= from_s * 1e9 && (double)t->req[i].arrival_ns < to_s * 1e9;
    return n;
}

#define FIXED "prompt_tokens: 100, output_tokens: 10"

/* Uneven cells, one of them empty; the last lasts as long as the one before: 60 + 0 + 600 requests. */
static void steps(void **state)
{
    struct world *w = *state;
    file(w, "t_s,rpm\n0,60\n60,0\n160,360\n");
    stat_of(w, "{arrivals: {process: fixed}, rate_curve: r.csv, " FIXED "}");
    assert_in_range(w->t.n, 659, 660);
    assert_in_range(count(&w->t, 0, 59), 58, 60);
    assert_int_equal(count(&w->t, 60, 158.9), 0);
    check_close(w->t.span_s, 259, 0.01);
    assert_non_null(strstr(w->notes.note[0].text, "a mean of 2.538/s"));
    /* twice as many, in the same time; two rounds; from the middle of the last cell */
    stat_of(w, "{arrivals: {process: fixed}, rate_curve: r.csv, rate: 5.0769230769/s, " FIXED "}");
    assert_in_range(w->t.n, 1318, 1320);
    check_close(w->t.span_s, 259, 0.01);
    stat_of(w, "{arrivals: {process: fixed}, rate_curve: r.csv, duration: 520s, " FIXED "}");
    assert_in_range(w->t.n, 1318, 1320);
    stat_of(w, "{arrivals: {process: fixed}, rate_curve: {file: r.csv, from: 210s}, duration: 60s, " FIXED "}");
    assert_in_range(w->t.n, 308, 310);  /* 50 s of 6/s, 10 s of 1/s */
    stat_of(w, "{arrivals: {process: fixed}, rate_curve: r.csv, speedup: 10x, " FIXED "}");
    assert_in_range(w->t.n, 659, 660);
    check_close(w->t.span_s, 25.9, 0.01);
    /* one empty half, no final newline */
    file(w, "t_s,relative\n0,0\n60,3");
    stat_of(w, "{rate_curve: r.csv, rate: 10/s, " FIXED "}");
    check_close((double)w->t.n, 1200, 0.1);
    refused(w, "{rate_curve: r.csv, " FIXED "}", "t.yaml:1: rate_curve", "the rate is missing: write rate: 20/s");
}

/* Any process keeps its burstiness where the rate is constant for long. */
static void any_process(void **state)
{
    struct world *w = *state;
    file(w, "t_s,rps\n0,10\n20000,40\n");
    static const struct { const char *process; double cv; } cases[] = {
        {"poisson", 1}, {"gamma, cv: 2.5", 2.5}, {"weibull, cv: 2", 2}, {"weibull, shape: 2", 0.5227},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "{arrivals: {process: %s}, rate_curve: r.csv, duration: 20000s, " FIXED "}", cases[i].process);
        struct traffic_stat s = stat_of(w, text);
        check_close(s.rate_s, 10, 0.03);
        check_close(s.cv, cases[i].cv, 0.04);
        snprintf(text, sizeof text, "{arrivals: {process: %s}, rate_curve: r.csv, " FIXED "}", cases[i].process);
        stat_of(w, text);
        check_close((double)w->t.n, 1e6, 0.01);
    }
}

static void shapes(void **state)
{
    struct world *w = *state;
    for (size_t i = 0; i < rate_shape_count; i++) {
        const struct rate_shape *s = &rate_shapes[i];
        double sum = 0;
        for (size_t k = 0; k < s->n; k++)
            sum += s->rel[k];
        check_close(sum / (double)s->n, 1, 1e-3);
        assert_true(*s->help && *s->source);
    }
    struct traffic_stat s = stat_of(w, "{rate_curve: daily, rate: 10/s, duration: 10d, " FIXED "}");
    check_close(s.rate_s, 10, 0.01);
    check_close(s.hour_max_to_min, 1.339 / 0.692, 0.03);
    s = stat_of(w, "{preset: azure-2024-conv, rate_curve: weekly, rate: 2/s}");
    check_close(w->t.span_s, 7 * 86400, 0.001);
    check_close(s.rate_s, 2, 0.01);
    double weekday = (double)count(&w->t, 0, 5 * 86400) / 5, weekend = (double)count(&w->t, 5 * 86400, 7 * 86400) / 2;
    check_close(weekend / weekday, 0.57, 0.02);         /* reference/workloads.md section 1.3 */
    stat_of(w, "{rate_curve: weekly-code, rate: 2/s, " FIXED "}");
    weekday = (double)count(&w->t, 0, 5 * 86400) / 5, weekend = (double)count(&w->t, 5 * 86400, 7 * 86400) / 2;
    check_close(weekend / weekday, 0.32, 0.02);
}

/* The published number of rows of the week, and the counts of its hours. */
static void azure_week(void **state)
{
    struct world *w = *state;
    static const struct { const char *series; double rows; } cases[] = {{"code", 16803695}, {"conv", 27303999}};
    char text[5200];
    if (!check_data())
        skip();
    for (int i = 0; i < 2; i++) {
        struct rate_curve c;
        snprintf(text, sizeof text, "{file: %s/traces/azure-2024-week-rpm-digitised.csv, series: %s}", check_data(), cases[i].series);
        assert_true(rate_curve_read(w->a, yaml(w, text), "", &c, &w->e));
        assert_int_equal(c.n, 1396);
        check_close(c.mean_s * c.span_s, cases[i].rows, 1e-5);
        snprintf(text, sizeof text, "{rate_curve: {file: %s/traces/azure-2024-week-rpm-digitised.csv, series: %s}, rate: 1/s, " FIXED "}",
                 check_data(), cases[i].series);
        stat_of(w, text);
        double z = 0;
        for (int h = 0; h < 167; h++) {
            double want = (rate_curve_mean(&c, (h + 1) * 3600.0) * (h + 1) - (h ? rate_curve_mean(&c, h * 3600.0) * h : 0)) * 3600;
            double got = (double)count(&w->t, h * 3600.0, (h + 1) * 3600.0);
            z = fmax(z, fabs(got - want) / sqrt(want));
        }
        assert_true(z < 4.5);           /* 167 Poisson counts */
    }
}

static void bad_curves(void **state)
{
    struct world *w = *state;
    static const struct { const char *text, *place, *what; } cases[] = {
        {"t_s,rpm\n0,1\n5,nan\n", "r.csv:3", "expected a rate of at least 0, got \"nan\""},
        {"t_s,rpm\n0,1\n5,-2\n", "r.csv:3", "expected a rate of at least 0, got \"-2\""},
        {"t_s,rpm\n0,1\n5,1e999\n", "r.csv:3", "expected a rate of at least 0, got \"1e999\""},
        {"t_s,rpm\n0,1\n0,2\n", "r.csv:3", "t_s goes from 0 to 0: a curve has one row for each time, in order"},
        {"t_s,rpm\n5,1\n2,2\n", "r.csv:3", "t_s goes from 5 to 2: a curve has one row for each time, in order"},
        {"t_s,rpm\nx,1\n2,2\n", "r.csv:2", "t_s: expected a time in seconds"},
        {"t_s,rpm\n0,1\n", "r.csv", "a curve needs two rows at least"},
        {"t_s,rpm\n0,1\n1\n", "r.csv:3", "another number of cells than the header"},
        {"t_s,rpm\n0,0\n1,0\n", "r.csv", "the rate is 0 all the time"},
        {"t_s,rate\n0,0\n1,0\n", "r.csv", "no column with a rate"},
        {"time,rpm\n0,0\n1,0\n", "r.csv", "no column t_s: a rate curve needs the time of each row in seconds"},
        {"series,t_s,rpm\na,0,1\na,1,2\nb,0,3\n", "r.csv", "more than one series: a, b"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file(w, cases[i].text);
        refused(w, "{rate_curve: r.csv, rate: 1/s, " FIXED "}", cases[i].place, cases[i].what);
    }
    refused(w, "{rate_curve: {shape: daily, series: x}, rate: 1/s, " FIXED "}", "t.yaml:1: rate_curve",
            "series and column belong to a file, not to a shape");
    refused(w, "{rate_curve: hourly, rate: 1/s, " FIXED "}", "t.yaml:1: rate_curve", "no shape \"hourly\"");
    refused(w, "{rate_curve: daily, concurrency: 4, preset: sharegpt}", "t.yaml:1: rate_curve",
            "a rate curve needs arrivals in time, not a closed loop or all at once");
    refused(w, "{rate_curve: daily, arrivals: {rate: 1/s, diurnal: 0.5}, " FIXED "}", "t.yaml:1: rate_curve",
            "rate_curve and arrivals.diurnal exclude each other");
    refused(w, "{trace: x.csv, rate_curve: daily}", "t.yaml:1: rate_curve",
            "a trace has its own arrivals and lengths: leave out trace or rate_curve");
}

/* Lengths drawn from the rows of a file, and the shapes that have one parameter. */
static void samples(void **state)
{
    struct world *w = *state;
    file(w, "num_prefill_tokens,num_decode_tokens\n10,1\n20,1\n30,5\n40,9");
    struct traffic_stat s = stat_of(w, "{arrivals: {rate: 100/s}, prompt_tokens: {dist: empirical, file: r.csv, column: num_prefill_tokens}, "
                                       "output_tokens: {dist: empirical, file: r.csv, column: num_decode_tokens, max: 6}, duration: 1000s}");
    check_close(s.in_mean, 25, 0.01);
    check_close(s.out_mean, (1 + 1 + 5 + 6) / 4.0, 0.01);
    assert_true(s.in_max == 40 && s.out_max == 6 && s.in_p50 == 20);
    s = stat_of(w, "{arrivals: {rate: 100/s}, prompt_tokens: {dist: exponential, mean: 500}, output_tokens: {dist: geometric, mean: 8}, duration: 1000s}");
    check_close(s.in_mean, 500, 0.02);
    check_close(s.in_p90, 500 * log(10), 0.02);
    check_close(s.out_mean, 8, 0.02);
    check_close(s.out_p90, 18, 0.03);   /* 1 + log(0.1) / log(7/8) = 18.2 */
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: empirical, file: r.csv}, output_tokens: 1, duration: 9s}", "t.yaml:1: prompt_tokens",
            "which column of the file? write column: input_tokens");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: exponential}, output_tokens: 1, duration: 9s}", "t.yaml:1: prompt_tokens",
            "an exponential length needs mean");
    file(w, "n\n10\n1.5\n");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: empirical, file: r.csv, column: n}, output_tokens: 1, duration: 9s}", "r.csv:3",
            "n: expected a whole number from 1 on, got \"1.5\"");
    file(w, "n\n");
    refused(w, "{arrivals: {rate: 1/s}, prompt_tokens: {dist: empirical, file: r.csv, column: n}, output_tokens: 1, duration: 9s}", "r.csv",
            "no rows: there is a header only");
}

#define HEAD "client,t_s,rate_rps,cv,pattern,arg1,arg2\n"

/* Each client's counts are its rates times the windows, however bursty it is; idle windows are idle. */
static void clients_keep_their_rates(void **state)
{
    struct world *w = *state;
    struct clients c;
    struct traffic t = {.n = 0};
    double n[3] = {0}, early[3] = {0};
    file(w, HEAD "a,0,2,1,Gamma,1,0.5\na,600,4,1,Weibull,2,9\nb,0,3,5,Gamma,0.04,1\nb,1200,3,5,Weibull,0.4,1\n"
                 "c,600,1,0.5,Gamma,4,1\n");
    assert_true(clients_read(w->a, yaml(w, "r.csv"), w->dir, &c, &w->e));
    assert_int_equal(c.count, 3);
    check_close(c.window_s, 600, 1e-12);
    check_close(clients_expect(&c, 1, 1800), 600 * (2 + 4 + 3 + 3 + 1), 1e-12);
    check_close(c.mean_s, 13.0 / 3, 1e-12);
    enum { SEEDS = 200 };
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        t.n = 0;
        clients_draw(w->a, &c, 1, 1800, seed, &t);
        for (size_t i = 0; i < t.n; i++) {
            assert_true(!i || t.req[i].arrival_ns >= t.req[i - 1].arrival_ns);
            n[t.req[i].row]++;
            early[t.req[i].row] += t.req[i].arrival_ns < 10000000000LL;
        }
    }
    check_close(n[0] / SEEDS, 3600, 0.005);
    check_close(n[1] / SEEDS, 3600, 0.03);
    check_close(n[2] / SEEDS, 600, 0.01);
    /* the first ten seconds are no different: a window begins in equilibrium */
    check_close(early[0] / SEEDS, 20, 0.05);
    check_close(early[1] / SEEDS, 30, 0.2);
    assert_true(early[2] == 0);
}

/* One client in one window is a renewal process: the CV of its gaps. */
static void clients_keep_their_burstiness(void **state)
{
    struct world *w = *state;
    static const struct { const char *row; double cv; } cases[] = {
        {"a,0,20,2,Gamma,0.25,1\n", 2}, {"a,0,20,1,Weibull,1,1\n", 1}, {"a,0,20,1,Weibull,0.6,1\n", 1.7581}, {"a,0,20,1,Gamma,16,1\n", 0.25},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[256];
        snprintf(text, sizeof text, "%s%sb,20000,1,1,Gamma,1,1\nb,40000,1,1,Gamma,1,1\n", HEAD, cases[i].row);
        file(w, text);
        struct traffic_stat s = stat_of(w, "{clients: r.csv, duration: 20000s, " FIXED "}");
        check_close(s.rate_s, 20, 0.04);
        check_close(s.cv, cases[i].cv, 0.04);
        s = stat_of(w, "{clients: r.csv, duration: 20000s, rate: 2/s, " FIXED "}");
        check_close(s.cv, cases[i].cv, 0.1);
    }
}

/* Each client has lengths of its own, from their time on; one that has none draws from the scenario. */
static void clients_have_lengths(void **state)
{
    struct world *w = *state;
    char path[128];
    static const char columns[] = "model,client,t_s,field,mean,p1,p5,p25,p50,p75,p95,p99,max\n";
    snprintf(path, sizeof path, "%s/l.csv", w->dir);
    FILE *f = fopen(path, "w");
    fprintf(f, "%sm,a,0,input_tokens,500,500,500,500,500,500,500,500,500\nm,a,0,output_tokens,3,3,3,3,3,3,3,3,3\n"
               "m,a,300,input_tokens,700,700,700,700,700,700,700,700,700\nm,a,300,output_tokens,4,4,4,4,4,4,4,4,4\n"
               "other,a,0,input_tokens,9,9,9,9,9,9,9,9,9\nm,c,0,input_tokens,9,9,9,9,9,9,9,9,9\n", columns);
    /* mean 150, though the longest is 100,000: a straight line from p99 would make it 600 */
    fprintf(f, "m,d,0,input_tokens,150,100,100,100,100,100,100,100,100000\nm,d,0,output_tokens,2,2,2,2,2,2,2,2,2\n");
    fclose(f);
    file(w, HEAD "a,0,50,1,Gamma,1,1\nb,0,50,1,Gamma,1,1\nd,0,400,1,Gamma,1,1\n");
    assert_true(load(w, "{clients: {file: r.csv, lengths: l.csv, model: m}, " FIXED "}"));
    double long_sum = 0, longs = 0;
    uint64_t n[4] = {0};
    for (size_t i = 0; i < w->t.n; i++) {
        const struct request *q = &w->t.req[i];
        bool late = q->arrival_ns > 300500000000LL, early = q->arrival_ns < 299500000000LL;
        n[0] += q->in_tok == 500 && q->out_tok == 3 && !late;
        n[1] += q->in_tok == 700 && q->out_tok == 4 && !early;
        n[2] += q->in_tok == 100 && q->out_tok == 10;
        n[3] += q->out_tok == 2;
        if (q->out_tok == 2)
            long_sum += q->in_tok, longs++;
    }
    assert_int_equal(n[0] + n[1] + n[2] + n[3], w->t.n);
    check_close((double)n[0], 15000, 0.05);
    check_close((double)n[1], 15000, 0.05);
    check_close((double)n[2], 30000, 0.05);
    check_close(long_sum / longs, 150, 0.05);
    refused(w, "{clients: {file: r.csv, lengths: l.csv}, " FIXED "}", "l.csv", "the file tells models apart: whose clients are these?");
    refused(w, "{clients: {file: r.csv, lengths: l.csv, model: x}, " FIXED "}", "l.csv", "no lengths of these clients for model \"x\"");
    f = fopen(path, "w");
    fprintf(f, "%sm,a,0,input_tokens,500,500,400,500,500,500,500,500,500\n", columns);
    fclose(f);
    refused(w, "{clients: {file: r.csv, lengths: l.csv, model: m}, " FIXED "}", "l.csv:2",
            "p5: expected a count of tokens that is not below the quantile before");
    unlink(path);
}

static void servegen(void **state)
{
    struct world *w = *state;
    char text[9000];
    if (!check_data())
        skip();
    snprintf(text, sizeof text, "{preset: deepseek-r1-reasoning, clients: %s/traces/servegen-client-windows-deepseek-r1.csv}", check_data());
    struct traffic_stat s = stat_of(w, text);
    check_close((double)w->t.n, 1383669, 0.01); /* requests of the published day */
    check_close(s.window[3].peak_to_mean, 2.66, 0.03);  /* of its 10-minute rates */
    assert_true(s.iod_1s > 3);          /* and far from Poisson */
    /* the published lengths of the whole service, from those of its clients */
    snprintf(text, sizeof text, "{preset: sharegpt, clients: {file: %s/traces/servegen-client-windows-deepseek-r1.csv, lengths: "
             "%s/traces/servegen-client-lengths.csv, model: deepseek-r1}}", check_data(), check_data());
    s = stat_of(w, text);
    check_close(s.in_mean, 1268.2, 0.05);
    check_close(s.in_p50, 208, 0.05);
    check_close(s.in_p99, 23423, 0.05);
    check_close(s.out_mean, 1527.4, 0.06);
    check_close(s.out_p50, 792, 0.06);
    check_close(s.out_p99, 12607, 0.06);
}

static void bad_clients(void **state)
{
    struct world *w = *state;
    static const struct { const char *text, *place, *what; } cases[] = {
        {"client,t_s,rate\n", "r.csv", "no column rate_rps: these are not the windows of clients"},
        {HEAD, "r.csv", "no rows: there is a header only"},
        {HEAD "a,0,1,1,Pareto,1,1\n", "r.csv:2", "pattern: expected Gamma or Weibull, got \"Pareto\""},
        {HEAD "a,0,1,1,Gamma,0,1\n", "r.csv:2", "arg1: expected a number from 0.0001 to 1e+06, got \"0\""},
        {HEAD "a,0,nan,1,Gamma,1,1\n", "r.csv:2", "rate_rps: expected a number from 0 to 1e+09, got \"nan\""},
        {HEAD "a,0,1,1,Gamma,1,1\na,0,1,1,Gamma,1,1\n", "r.csv", "a client has two rows for t_s 0"},
        {HEAD "a,0,0,1,Gamma,1,1\n", "r.csv", "no client sends anything"},
        {HEAD "a,0,1e6,1,Gamma,1,1\n", "t.yaml:1: clients", "6e+08 requests are more than the 100000000 that can be held"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        file(w, cases[i].text);
        refused(w, "{clients: r.csv, " FIXED "}", cases[i].place, cases[i].what);
    }
    file(w, HEAD "a,0,1,1,Gamma,1,1\n");
    refused(w, "{clients: r.csv, arrivals: {rate: 1/s}, " FIXED "}", "t.yaml:1: arrivals",
            "clients have their own arrivals: leave out clients or arrivals");
    refused(w, "{clients: {file: r.csv, from: 1h}, " FIXED "}", "t.yaml:1: clients.from", "the file ends at 0.166667 h");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(steps), T(any_process), T(shapes), T(azure_week), T(bad_curves), T(samples), T(clients_keep_their_rates), T(clients_keep_their_burstiness), T(clients_have_lengths),
        T(servegen), T(bad_clients),
    };
    return cmocka_run_group_tests_name("rate", tests, NULL, NULL);
}
