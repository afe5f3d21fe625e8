/* score.c - quantiles of the error, bias, coverage, and a bootstrap over clusters for the median. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/rng.h"
#include "fit/validate.h"

#define RESAMPLES 200
#define PERCENT 100.0

static int by_value(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

/* Linear between order statistics (Hyndman and Fan 1996, type 7); v is sorted. */
static double quantile(const double *v, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t i = (size_t)at;
    return i + 1 < n ? v[i] + (at - (double)i) * (v[i + 1] - v[i]) : v[n - 1];
}

double fit_quantile(double *v, size_t n, double q)
{
    qsort(v, n, sizeof *v, by_value);
    return quantile(v, n, q);
}

static double ape_pct(const struct fit_error *e)
{
    return fabs(e->predicted.at - e->measured) / e->measured * PERCENT;
}

static int by_cluster(const void *pa, const void *pb)
{
    const struct fit_error *a = *(const struct fit_error *const *)pa, *b = *(const struct fit_error *const *)pb;
    int c = strcmp(a->point->model->id, b->point->model->id);
    if (!c)
        c = strcmp(a->point->acc->id, b->point->acc->id);
    if (!c)
        c = (a->point->line > b->point->line) - (a->point->line < b->point->line);
    return c ? c : (int)a->metric - (int)b->metric;
}

static bool same_cluster(const struct fit_error *a, const struct fit_error *b)
{
    return strcmp(a->point->model->id, b->point->model->id) == 0 && strcmp(a->point->acc->id, b->point->acc->id) == 0;
}

/* Draw whole clusters with replacement; the 10 % and 90 % quantiles of the medians. */
static void bootstrap(struct arena *a, const double *ape, const size_t *first, size_t clusters, uint64_t seed,
                      struct fit_score *s)
{
    struct rng rng;
    size_t longest = 0;
    rng_seed(&rng, seed, 73);
    for (size_t c = 0; c < clusters; c++)
        longest = first[c + 1] - first[c] > longest ? first[c + 1] - first[c] : longest;
    double *draw = ARENA_ARRAY(a, double, longest *clusters), median[RESAMPLES];
    for (int k = 0; k < RESAMPLES; k++) {
        size_t have = 0;
        for (size_t c = 0; c < clusters; c++) {
            size_t pick = (size_t)rng_below(&rng, clusters), size = first[pick + 1] - first[pick];
            memcpy(draw + have, ape + first[pick], size * sizeof *draw);
            have += size;
        }
        qsort(draw, have, sizeof *draw, by_value);
        median[k] = quantile(draw, have, 0.5);
    }
    qsort(median, RESAMPLES, sizeof *median, by_value);
    s->median_lo_pct = quantile(median, RESAMPLES, 0.1);
    s->median_hi_pct = quantile(median, RESAMPLES, 0.9);
}

struct fit_score fit_score_of(struct arena *a, const struct fit_error *const *error, size_t n, uint64_t seed)
{
    struct fit_score s = {.n = n, .median_lo_pct = NAN, .median_hi_pct = NAN};
    const struct fit_error **e = ARENA_ARRAY(a, const struct fit_error *, n);
    double *ape = ARENA_ARRAY(a, double, n), *sorted = ARENA_ARRAY(a, double, n), *bias = ARENA_ARRAY(a, double, n);
    size_t *first = ARENA_ARRAY(a, size_t, n + 1), inside = 0;
    memcpy(e, error, n * sizeof *e);
    qsort(e, n, sizeof *e, by_cluster);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || !same_cluster(e[i - 1], e[i]))
            first[s.clusters++] = i;
        ape[i] = sorted[i] = ape_pct(e[i]);
        bias[i] = (e[i]->predicted.at / e[i]->measured - 1) * PERCENT;
        inside += e[i]->measured >= e[i]->predicted.lo && e[i]->measured <= e[i]->predicted.hi;
    }
    first[s.clusters] = n;
    qsort(sorted, n, sizeof *sorted, by_value);
    qsort(bias, n, sizeof *bias, by_value);
    s.median_ape_pct = quantile(sorted, n, 0.5);
    s.p90_ape_pct = quantile(sorted, n, 0.9);
    s.bias_pct = quantile(bias, n, 0.5);
    s.coverage80_pct = (double)inside / (double)n * PERCENT;
    if (s.clusters >= 2)
        bootstrap(a, ape, first, s.clusters, seed, &s);
    return s;
}
