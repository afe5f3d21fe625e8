/* traffic_stat.c - what a traffic looks like: nearest-rank quantiles, burstiness, and the best a prefix cache could do.
**
**      CV = sd / mean of the gaps;  IoD(w) = var / mean of the counts in whole windows of w seconds (1 for Poisson)
**      hit = share of prefix blocks that were seen before, with a cache without bounds
*/
#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"
#include "base/sketch.h"
#include "base/units.h"
#include "facts/traffic.h"

static int by_value(const void *a, const void *b)
{
    int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

static double rank(const int32_t *sorted, size_t n, double q)
{
    return sorted[sketch_rank(n, q)];
}

/* Sorts v (n). out: mean, p50, p90, p99, max. */
static void values(int32_t *v, size_t n, double out[5])
{
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += v[i];
    qsort(v, n, sizeof *v, by_value);
    out[0] = sum / (double)n;
    out[1] = rank(v, n, 0.5);
    out[2] = rank(v, n, 0.9);
    out[3] = rank(v, n, 0.99);
    out[4] = v[n - 1];
}

static void lengths(const struct traffic *t, int32_t *v, bool output, double out[5])
{
    for (size_t i = 0; i < t->n; i++)
        v[i] = output ? t->req[i].out_tok : t->req[i].in_tok;
    values(v, t->n, out);
}

static double gap_cv(const struct traffic *t)
{
    double mean = t->span_s / (double)(t->n - 1), ss = 0;
    if (!(mean > 0))
        return 0;
    for (size_t i = 1; i < t->n; i++) {
        double d = (double)(t->req[i].arrival_ns - t->req[i - 1].arrival_ns) / 1e9 - mean;
        ss += d * d;
    }
    return sqrt(ss / (double)(t->n - 1)) / mean;
}

/* Counts in whole windows; NaN when there are fewer than two. Empty windows are not walked: a trace may span centuries. */
static double dispersion(const struct traffic *t, int64_t window_s, double *peak_to_mean)
{
    int64_t window_ns = window_s * NS_PER_S, nwin = t->req[t->n - 1].arrival_ns / window_ns;
    double sum = 0, ss = 0, peak = 0;
    *peak_to_mean = (double)NAN;
    if (nwin < 2)
        return (double)NAN;
    for (size_t i = 0; i < t->n;) {
        int64_t w = t->req[i].arrival_ns / window_ns;
        double count = 0;
        if (w >= nwin)
            break;
        for (; i < t->n && t->req[i].arrival_ns / window_ns == w; i++)
            count++;
        sum += count;
        ss += count * count;
        if (count > peak)
            peak = count;
    }
    double mean = sum / (double)nwin;
    *peak_to_mean = peak / mean;
    return (ss / (double)nwin - mean * mean) / mean;
}

/* Share of the blocks seen before; fresh (n): tokens of each prompt behind those that it begins with. */
static double prefix_hits(struct arena *a, const struct traffic *t, int32_t *fresh)
{
    struct map seen = {.arena = a};
    uint64_t blocks = 0, hits = 0;
    bool zero = false;          /* 0 marks an empty slot of the map */
    for (size_t i = 0; i < t->n; i++) {
        int64_t known = 0, in_tok = t->req[i].in_tok;
        for (uint32_t k = 0; k < t->req[i].nblock; k++, blocks++) {
            uint64_t id = t->block[t->req[i].block + k];
            if (id ? map_get_u64(&seen, id) != MAP_NONE : zero) {
                hits++;
                known += known == (int64_t)k * t->block_tok ? t->block_tok : 0;
            } else if (id)
                map_put_u64(&seen, id, 1);
            else
                zero = true;
        }
        fresh[i] = (int32_t)(known < in_tok ? in_tok - known : 1);
    }
    return blocks ? (double)hits / (double)blocks : 0;
}

struct traffic_stat traffic_stats(struct arena *a, const struct traffic *t)
{
    struct traffic_stat s = {.rate_s = t->rate_s};
    double in[5], out[5], peak;
    if (!t->n)
        return s;
    int32_t *v = ARENA_ARRAY(a, int32_t, t->n);
    lengths(t, v, false, in);
    lengths(t, v, true, out);
    s.in_mean = in[0], s.in_p50 = in[1], s.in_p90 = in[2], s.in_p99 = in[3], s.in_max = in[4];
    s.out_mean = out[0], s.out_p50 = out[1], s.out_p90 = out[2], s.out_p99 = out[3], s.out_max = out[4];
    s.cv = t->n > 1 ? gap_cv(t) : 0;
    s.iod_1s = dispersion(t, 1, &peak);
    s.iod_60s = dispersion(t, 60, &s.peak_to_mean_60s);
    s.in_tok_s = t->rate_s * s.in_mean;
    s.out_tok_s = t->rate_s * s.out_mean;
    s.prefix_hit_frac = prefix_hits(a, t, v);
    values(v, t->n, in);
    s.new_mean = in[0], s.new_p50 = in[1], s.new_p90 = in[2], s.new_p99 = in[3];
    return s;
}
