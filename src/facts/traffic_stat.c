/* traffic_stat.c - what a traffic looks like: nearest-rank quantiles, burstiness, rates by window.
**
**      CV = sd / mean of the gaps;  IoD(w) = var / mean of the counts in whole windows of w seconds (1 for Poisson)
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
static struct traffic_rates rates(const struct traffic *t, int64_t window_s)
{
    int64_t window_ns = window_s * NS_PER_S, nwin = t->req[t->n - 1].arrival_ns / window_ns, busy = 0;
    double sum = 0, ss = 0, peak = 0, trough = (double)INFINITY;
    if (nwin < 2)
        return (struct traffic_rates){(double)window_s, (double)NAN, (double)NAN, (double)NAN};
    for (size_t i = 0; i < t->n; busy++) {
        int64_t w = t->req[i].arrival_ns / window_ns;
        double count = 0;
        if (w >= nwin)
            break;
        for (; i < t->n && t->req[i].arrival_ns / window_ns == w; i++)
            count++;
        sum += count;
        ss += count * count;
        peak = fmax(peak, count);
        trough = fmin(trough, count);
    }
    double mean = sum / (double)nwin;
    return (struct traffic_rates){(double)window_s, (ss / (double)nwin - mean * mean) / mean, peak / mean,
                                  busy < nwin ? 0 : trough / mean};
}

static double hour_swing(const struct traffic *t)
{
    const int64_t hour_ns = 3600 * NS_PER_S, days = t->req[t->n - 1].arrival_ns / (24 * hour_ns);
    double hour[24] = {0}, most = 0, least = (double)INFINITY;
    if (days < 1)
        return (double)NAN;
    for (size_t i = 0; i < t->n && t->req[i].arrival_ns < days * 24 * hour_ns; i++)
        hour[t->req[i].arrival_ns / hour_ns % 24]++;
    for (int h = 0; h < 24; h++) {
        most = fmax(most, hour[h]);
        least = fmin(least, hour[h]);
    }
    return most / least;
}

static double correlation(const struct traffic *t, double in_mean, double out_mean)
{
    double xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < t->n; i++) {
        double x = t->req[i].in_tok - in_mean, y = t->req[i].out_tok - out_mean;
        xx += x * x;
        yy += y * y;
        xy += x * y;
    }
    return xy / sqrt(xx * yy);
}

/* fresh (n): tokens of each prompt behind those that a cache without bounds would have of it, at least one. */
static void fresh_tokens(struct arena *a, const struct traffic *t, int32_t *fresh)
{
    struct map seen = {.arena = a};
    bool zero = false; /* 0 marks an empty slot of the map */
    for (size_t i = 0; i < t->n; i++) {
        int64_t known = 0, in_tok = t->req[i].in_tok;
        for (uint32_t k = 0; k < t->req[i].nblock; k++) {
            uint64_t id = t->block[t->req[i].block + k];
            if (id ? map_get_u64(&seen, id) != MAP_NONE : zero)
                known += known == (int64_t)k * t->block_tok ? t->block_tok : 0;
            else if (id)
                map_put_u64(&seen, id, 1);
            else
                zero = true;
        }
        fresh[i] = (int32_t)(known < in_tok ? in_tok - known : 1);
    }
}

struct traffic_stat traffic_stats(struct arena *a, const struct traffic *t)
{
    struct traffic_stat s = {.rate_s = t->rate_s};
    double in[5], out[5];
    static const int64_t window_s[TRAFFIC_WINDOWS] = {1, 10, 60, 600, 3600};
    if (!t->n)
        return s;
    int32_t *v = ARENA_ARRAY(a, int32_t, t->n);
    lengths(t, v, false, in);
    lengths(t, v, true, out);
    s.in_mean = in[0], s.in_p50 = in[1], s.in_p90 = in[2], s.in_p99 = in[3], s.in_max = in[4];
    s.out_mean = out[0], s.out_p50 = out[1], s.out_p90 = out[2], s.out_p99 = out[3], s.out_max = out[4];
    s.cv = t->n > 1 ? gap_cv(t) : 0;
    s.burstiness = s.cv > 0 ? 1 / (s.cv * s.cv) : (double)NAN;
    for (int i = 0; i < TRAFFIC_WINDOWS; i++)
        s.window[i] = rates(t, window_s[i]);
    s.iod_1s = s.window[0].iod;
    s.iod_60s = s.window[2].iod;
    s.peak_to_mean_60s = s.window[2].peak_to_mean;
    s.hour_max_to_min = hour_swing(t);
    s.in_tok = s.in_mean * (double)t->n;
    s.out_tok = s.out_mean * (double)t->n;
    s.in_out_corr = correlation(t, s.in_mean, s.out_mean);
    s.in_tok_s = t->rate_s * s.in_mean;
    s.out_tok_s = t->rate_s * s.out_mean;
    s.own = load_own_or_rent_of(a, t);
    fresh_tokens(a, t, v);
    values(v, t->n, in);
    s.new_mean = in[0], s.new_p50 = in[1], s.new_p90 = in[2], s.new_p99 = in[3];
    return s;
}
