/* seeds.h - one deployment under several seeds: how much of a figure is the luck of the draw.
**
** Runs under different seeds are independent replications (Law, Simulation Modeling and Analysis, 5th ed. 2015, section 9.4).
** Intervals cover 80 %, as those of the predictions do, but are another thing: they shrink with more seeds, those do not.
*/
#ifndef MOAT_PLAN_SEEDS_H
#define MOAT_PLAN_SEEDS_H

#include "plan/outcome.h"

#define SEEDS_LEVEL 0.8

struct seeds {
    size_t n;
    uint64_t first;             /* the seeds are first .. first + n - 1 */
    /* Means, rates and the rest: the mean over seeds with its t interval. Quantiles: the median over seeds with an interval
    ** from order statistics. NaN where a seed has no such figure; lo and hi NaN for one seed. */
    struct span over[OUT_N];
    double order_level;         /* what the interval of the quantiles covers: at least SEEDS_LEVEL where the seeds suffice */
    size_t held, saturated;     /* seeds whose run kept every promise; whose queue grew without end */
    size_t *kept;               /* (nslo) seeds that kept each */
    struct outcome run;         /* of the first seed */
    bool same;                  /* every seed gave the same figures: nothing here is drawn */
};

/* s: as scenario_read gives it; s->seed is the first. Traffic that is generated is drawn anew for every seed, a trace stays.
** The result does not depend on threads. false: what the first seed that failed says. */
bool seeds_run(struct arena *a, struct catalog *c, const struct scenario *s, size_t n, int threads,
               void (*tick)(void *ctx, size_t done, size_t of), void *ctx, struct seeds *out, struct err *e);

/* mean +- t(n - 1) s / sqrt(n) */
struct span seeds_mean(const double *v, size_t n, double level);
/* Median with [x(k), x(n + 1 - k)], k the largest that covers level: P = 1 - 2 B(k - 1; n, 1/2) for any continuous distribution
** (David and Nagaraja, Order Statistics, 3rd ed. 2003, section 7.1). v is sorted in place; *covers gets P. */
struct span seeds_median(double *v, size_t n, double level, double *covers);
/* t with P(|T| <= t) = level, at nu degrees of freedom. */
double seeds_t(double level, size_t nu);

#endif
