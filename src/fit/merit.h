/* merit.h - what a scored point says of its deployment: TTFT, TPOT or E2E, throughput per accelerator; measured and
 * predicted. */
#ifndef MOAT_FIT_MERIT_H
#define MOAT_FIT_MERIT_H

#include "fit/validate.h"

enum fit_side { FIT_MEASURED, FIT_PREDICTED, FIT_SIDES };

/* What is timed and what is counted decides which values compare; a rate is per accelerator. */
enum fit_time { FIT_TIME_TPOT, FIT_TIME_E2E, FIT_TIME_NONE };
enum fit_rate { FIT_RATE_OUTPUT, FIT_RATE_TOTAL, FIT_RATE_SAMPLES, FIT_RATE_INPUT, FIT_RATE_NONE };

struct fit_merit {
    const struct fit_point *point;
    double ttft_s[FIT_SIDES], time_s[FIT_SIDES], rate_s[FIT_SIDES]; /* NaN: not among the scored metrics */
    enum fit_time time;                                             /* TPOT, else E2E */
    enum fit_rate rate;
};

/* One a point with at least one scored metric, in the order of the file. */
size_t fit_merits(struct arena *a, const struct fit_report *r, struct fit_merit **out);

#endif
