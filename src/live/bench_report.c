/* bench_report.c - what the rows add up to. Quantiles lie between two values by a straight line, as numpy's and so vLLM's do. */
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "live/bench.h"

const char *const bench_metric_name[BENCH_METRIC_N] = {"ttft", "tpot", "itl", "e2el"};

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *v, uint64_t n, double q)
{
    double at = q * (double)(n - 1);
    uint64_t low = (uint64_t)at;
    return low + 1 < n ? v[low] + (at - (double)low) * (v[low + 1] - v[low]) : v[n - 1];
}

static struct bench_span span(double *v, uint64_t n)
{
    double sum = 0, squares = 0;
    if (!n)
        return (struct bench_span){0, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    qsort(v, n, sizeof *v, ascending);
    for (uint64_t i = 0; i < n; i++)
        sum += v[i];
    for (uint64_t i = 0; i < n; i++)
        squares += (v[i] - sum / (double)n) * (v[i] - sum / (double)n);
    return (struct bench_span){n, sum / (double)n, sqrt(squares / (double)n), quantile(v, n, 0.5), quantile(v, n, 0.9), quantile(v, n, 0.95),
                               quantile(v, n, 0.99), v[n - 1]};
}

static double ttft_s(const struct bench_row *r)
{
    return (double)(r->first_ns - r->start_ns - (r->connect_ns > 0 ? r->connect_ns : 0)) * 1e-9;
}

static double tpot_s(const struct bench_row *r)
{
    return r->out_tok > 1 ? (double)(r->last_ns - r->first_ns) * 1e-9 / (r->out_tok - 1) : NAN;
}

/* Every gap counts for an ITL limit: the worst of a request decides. */
static bool within(const struct bench *b, const struct bench_row *r, const struct bench_limit *l)
{
    if (l->metric == BENCH_TTFT)
        return ttft_s(r) <= l->limit_s;
    if (l->metric == BENCH_E2EL)
        return (double)(r->last_ns - r->start_ns) * 1e-9 <= l->limit_s;
    if (l->metric == BENCH_TPOT)
        return !(tpot_s(r) > l->limit_s);
    for (int32_t i = 0; i + 1 < r->chunks; i++)
        if ((double)b->gap_s[r->gap + (uint64_t)i] > l->limit_s)
            return false;
    return true;
}

void bench_report(struct arena *a, const struct bench_options *o, struct bench *b)
{
    double *v[BENCH_METRIC_N], *delay = ARENA_ARRAY(a, double, b->n), *connect = ARENA_ARRAY(a, double, b->n), flying_s = 0;
    uint64_t n[BENCH_METRIC_N] = {0}, ndelay = 0, nconnect = 0;
    int64_t begin = INT64_MAX, end = 0;
    for (int i = 0; i < BENCH_METRIC_N; i++)
        v[i] = ARENA_ARRAY(a, double, i == BENCH_ITL ? b->ngap : b->n);
    for (size_t i = o->warmup; i < b->n; i++) {
        struct bench_row *r = &b->row[i];
        b->counted++;
        if (r->start_ns < 0) {
            b->failed++;
            continue;
        }
        begin = r->start_ns < begin ? r->start_ns : begin;
        end = r->end_ns > end ? r->end_ns : end;
        flying_s += (double)(r->end_ns - r->start_ns) * 1e-9;
        delay[ndelay++] = (double)(r->start_ns - r->due_ns) * 1e-9;
        b->lied += r->lied;
        if (r->error != BENCH_OK) {
            b->failed++;
            continue;
        }
        b->completed++;
        b->shorter += r->out_tok < r->want_out;
        b->tok_in += (uint64_t)r->in_tok;
        b->tok_out += (uint64_t)r->out_tok;
        v[BENCH_TTFT][n[BENCH_TTFT]++] = ttft_s(r);
        v[BENCH_E2EL][n[BENCH_E2EL]++] = (double)(r->last_ns - r->start_ns) * 1e-9;
        if (r->out_tok > 1)
            v[BENCH_TPOT][n[BENCH_TPOT]++] = tpot_s(r);
        for (int32_t k = 0; k + 1 < r->chunks; k++)
            v[BENCH_ITL][n[BENCH_ITL]++] = (double)b->gap_s[r->gap + (uint64_t)k];
        if (r->connect_ns > 0)
            connect[nconnect++] = (double)r->connect_ns * 1e-9;
        r->good = true;
        for (size_t l = 0; l < o->ngoodput; l++)
            r->good &= within(b, r, &o->goodput[l]);
        b->good += r->good;
    }
    for (int i = 0; i < BENCH_METRIC_N; i++)
        b->metric[i] = span(v[i], n[i]);
    b->delay = span(delay, ndelay);
    b->connect = span(connect, nconnect);
    b->duration_s = end > begin ? (double)(end - begin) * 1e-9 : 0;
    b->in_flight_mean = b->duration_s > 0 ? flying_s / b->duration_s : 0;
}
