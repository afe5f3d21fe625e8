/* calibrate.h - a few factors on the times of a stack, fitted to a few measured points of one deployment.
**
**      minimise over u = log factor      sum_i H((log y_i - log p_i(exp u)) / n_i) + sum_k (u_k / s_k)^2 / 2
**
** y measured, p predicted (simulated as it was measured), H the pseudo-Huber loss; n what repeats of a measurement
** differ by; s the prior: what a time of this tier is off by, from the interval of the stack. With few points the prior
** keeps a factor near 1, so that two points help and never make it wild.
**
** What the points can tell follows from their loads alone, before any measured value is looked at. A factor is
** IDENTIFIED where they shrink its prior's width to IDENTIFIED_BY or less. Those that cannot be told apart share one
** factor: points at one batch size know how long a step takes, not what of it. A factor that no point feels stays 1.
** TTFT's own constant has nothing to share: it leans on its prior where the points say little.
*/
#ifndef MOAT_FIT_CALIBRATE_H
#define MOAT_FIT_CALIBRATE_H

#include "fit/predict.h"

struct arena;
struct buf;
struct err;
struct notes;

#define IDENTIFIED_BY 0.5

enum fit_seen_sort { SEEN_TTFT, SEEN_STEP, SEEN_N };

/* One point as the fit sees it: at most one time to first token, and one time (or rate) that follows the steps. */
struct fit_seen {
    const struct fit_point *p;
    enum fit_metric metric[SEEN_N];    /* FIT_METRIC_N: none */
    double y[SEEN_N], noise[SEEN_N];   /* log of the measured value; its standard deviation */
    double base[SEEN_N];               /* log of the prediction with all factors 1 */
    double slope[SEEN_N][SCALE_N];     /* d log p / d log factor, at factors around 1 */
    double prior[SCALE_N];             /* standard deviations of log factor */
    const char *why;                   /* NULL: it is used; else why it is not */
};

enum fit_constant_state {
    CONST_IDENTIFIED,
    CONST_WEAK,   /* TTFT's own: felt, but no more than its prior says */
    CONST_SHARED, /* not told apart from the others of this state: they have one factor */
    CONST_OPEN,   /* the same, and not even their one factor is identified: 1 */
    CONST_SILENT, /* no point feels it: 1 */
    CONST_LEFT,   /* not asked for: 1 */
};

struct fit_constants {
    enum fit_constant_state state[SCALE_N];
    double prior[SCALE_N];     /* widths (standard deviations of log factor) before */
    double width[SCALE_N];     /* and after */
    double factor[SCALE_N];    /* exp u */
};

struct fit_calibrate_options {
    int threads;
    uint64_t seed;
    bool ask[SCALE_N];         /* constants to fit */
    bool only[SEEN_N];         /* what to look at */
    const struct stack_mask *mask;
    bool advise;               /* look for the further point that would identify a constant */
    bool insist;               /* the constants were asked for by name: one that is not identified is a refusal */
};

/* Predict a point with all factors 1, and say why it cannot be used. */
void fit_look(struct arena *a, const struct fit_point *p, const struct fit_calibrate_options *o, struct fit_seen *out);
/* The same, and with each factor a little to either side. Never fails: out->why. */
void fit_see(struct arena *a, const struct fit_point *p, const struct fit_calibrate_options *o, struct fit_seen *out);
/* The same of a point that nobody has measured, with both kinds of metric that it could have; false: it cannot be. */
bool fit_see_supposed(struct arena *a, struct fit_point *p, const struct fit_calibrate_options *o,
                      struct fit_seen *out);
/* What n points can tell of the constants, from their slopes alone. */
void fit_constants_plan(const struct fit_seen *const *seen, size_t n, const bool ask[SCALE_N],
                        struct fit_constants *out);
/* Fit the constants of the plan to n points. */
bool fit_constants_fit(struct arena *a, const struct fit_seen *const *seen, size_t n,
                       const struct fit_calibrate_options *o, struct fit_constants *c, struct err *e);

/* One step of the above with the model linear around u0, where it predicts f (n, SEEN_N; log): u comes back, and the
** widths in c. calibrate_solve.c, by NLopt. */
bool fit_constants_step(const struct fit_seen *const *seen, size_t n, const double (*f)[SEEN_N],
                        const double u0[SCALE_N], struct fit_constants *c, double u[SCALE_N], struct err *e);
/* The objective of the whole model, at log factors u that gave f. */
double fit_constants_loss(const struct fit_seen *const *seen, size_t n, const double (*f)[SEEN_N],
                          const double u[SCALE_N], const struct fit_constants *c);
/* Variance of the linearised prediction of a point under the posterior, without the measurement's own. */
double fit_constants_variance(const struct fit_constants *c, const struct fit_seen *const *seen, size_t n,
                              const struct fit_seen *at, int sort);

/* A point predicted by constants fitted without it. */
struct fit_held {
    size_t point;                      /* index into seen */
    enum fit_metric metric;
    double measured, before, after;    /* in the units of the column */
};

struct fit_calibration; /* calibrate_result.c fills `factor` and `score` */
void fit_held_scores(struct arena *a, struct fit_calibration *out);
/* calibrate_advise.c fills `because`, `missing` and `refused` */
void fit_advise(struct arena *a, const struct fit_seen *const *seen, size_t n, const struct fit_calibrate_options *o,
                struct fit_calibration *out);

/* Errors of the points held out, in percent. */
struct fit_held_score {
    size_t n;
    double before_median_pct, before_worst_pct, after_median_pct, after_worst_pct;
};

struct fit_calibration {
    struct fit_seen *seen;             /* (n), in the order of the points given */
    size_t n, used, folds;
    struct fit_constants constants;
    struct span factor[SCALE_N];       /* with its 80 % interval; where nothing was fitted {1, 1, 1} */
    struct fit_held *held;
    size_t nheld;                      /* none with one point */
    struct fit_held_score score[SEEN_N];
    bool better;                       /* than the stack as it is, on points held out; true where none was */
    struct interval interval, before;  /* of the calibrated deployment, and of its tier; NaN where nothing was seen */
    enum tier tier;                    /* before */
    const char *because[SCALE_N];      /* why it is not identified; NULL: it is, or was not asked for */
    const char *missing[SCALE_N];      /* a further point that would identify it; NULL: none of those tried */
    const char *refused;               /* NULL, or why there is no answer */
};

/* Fit n points of one deployment (or of several splits of it), and hold points out in up to 10 folds for the errors
** and the interval. false: no point can be used, or no memory. */
bool fit_calibrate(struct arena *a, const struct fit_point *const *point, size_t n,
                   const struct fit_calibrate_options *o, struct fit_calibration *out, struct err *e);
/* The same as an entry of a catalog, and that as a file. */
struct calibration fit_calibration_entry(const struct fit_calibration *c);
void fit_calibration_yaml(struct buf *out, const struct calibration *c);

#endif
