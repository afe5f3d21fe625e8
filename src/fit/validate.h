/* validate.h - predicted against measured, over whole files: error, bias and interval coverage, by metric and by group.
**
**      APE = |predicted - measured| / measured      bias = median of predicted / measured - 1
**      coverage = share of measured values inside the printed 80 % interval
**
** The interval of a median error comes from a bootstrap over clusters: points of one model on one accelerator are not
** independent, so whole model x accelerator groups are drawn with replacement (Cameron and Miller 2015). Points that
** claim more than the device's peak or bandwidth allow are left out and said so. Points of a group that the constants of
** their software were fitted to (`fitted_on` in data/stacks) are counted and not scored, unless their device is held out.
*/
#ifndef MOAT_FIT_VALIDATE_H
#define MOAT_FIT_VALIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fit/choice.h"
#include "fit/predict.h"
#include "fit/ranking.h"

struct arena;
struct err;
struct notes;

struct fit_score {
    size_t n, clusters;
    double median_ape_pct, p90_ape_pct, bias_pct, coverage80_pct;
    double median_lo_pct, median_hi_pct; /* 80 % interval of the median error; NaN with fewer than 2 clusters */
};

struct fit_group {
    const char *by, *key;
    enum fit_metric metric;
    struct fit_score score;
};
struct fit_refusal {
    const char *id, *why;
    uint64_t line;
};
struct fit_reason {
    const char *why;
    size_t n;
};                 /* refusals of one kind, numbers aside */
struct fit_error { /* one metric of one point */
    const struct fit_point *point;
    enum fit_metric metric;
    double measured;
    struct span predicted;
    enum grade evidence;
    enum tier tier;
    bool fitted; /* left out of the scores by metric; in the groups it is a kind of its own */
    const char *how;
};

struct fit_report {
    struct fit_ranking ranking;
    struct fit_choice choice;
    size_t rows, scored; /* points with at least one metric scored */
    size_t fitted;       /* predicted by constants that were fitted to them: counted, and but for their power not scored */
    struct fit_score metric[FIT_METRIC_N];
    struct fit_group *group;
    size_t ngroup; /* by accelerator, model, framework, mode, kind; worst first in each */
    struct fit_refusal *refused;
    size_t nrefused;
    struct fit_reason *reason;
    size_t nreason; /* most frequent first */
    struct fit_error *error;
    size_t nerror; /* in the order of the file and of the metrics */
};

struct fit_options {
    int threads;
    uint64_t seed;       /* 0: 1 */
    const char *without; /* accelerator id whose own constants are held out; "each": of each row its own; NULL: none */
    const char *without_family;                      /* calibration family, or "each"; NULL: none */
    size_t calibrate_points;                         /* of each deployment, which are not scored; 0: none */
    void (*tick)(void *ctx, size_t done, size_t of); /* may be NULL; called from any thread */
    void *ctx;
};

extern const char *const fit_tier_name[3]; /* "device" "family" "pooled" */

bool fit_validate(struct arena *a, struct catalog *c, const struct fit_points *p, const struct fit_options *o,
                  struct fit_report *out, struct err *e);
/* Quantile of v (n > 0), which is sorted in place: linear between order statistics. */
double fit_quantile(double *v, size_t n, double q);
/* The calibration that was fitted to this very file, whose errors here would be those of its own points; NULL: none. */
const struct calibration *fit_fitted_to(const struct catalog *c, const struct fit_points *p);
/* Score of a set of errors (n > 0), given in any order. */
struct fit_score fit_score_of(struct arena *a, const struct fit_error *const *error, size_t n, uint64_t seed);

#endif
