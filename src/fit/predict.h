/* predict.h - what moat says of a measured point: the same deployment under the same load, metric by metric.
**
**   static         a batch run to completion: its prompts in steps of max_tokens, then osl - 1 decode steps
**   serving        closed loop at a concurrency or open loop at a rate, simulated request by request as it was measured
**   offline        everything queued at once, simulated
**   disaggregated  steady state of prefill workers feeding decode workers (nothing fitted stands behind it)
*/
#ifndef MOAT_FIT_PREDICT_H
#define MOAT_FIT_PREDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "fit/point.h"
#include "speed/predict.h"

struct arena;

struct fit_prediction {
    bool ok;
    char why[200];                   /* not ok: why the point is refused */
    struct span value[FIT_METRIC_N]; /* in the units of the columns; at is NaN where nothing is said */
    enum grade evidence;
    enum tier tier;  /* of the constants used */
    bool fitted;     /* this very point was fitted on (training): it is no evidence of anything */
    const char *how; /* "static", "simulated", "steady state" */
};

struct fit_settings {
    const struct stack_mask *mask; /* NULL: nothing is held out */
    uint64_t seed;
    const struct catalog *catalog;      /* whose calibrations are used; NULL: none are */
    const struct calibration *own;      /* takes their place; NULL: none */
    const struct catalog *training;     /* constants, prices and economics of training points */
};

/* Number formats of the parts of the model as the row states them. */
struct quant fit_quant(const struct fit_point *p);
/* Everything is allocated in a, which the caller may reset afterwards. */
void fit_predict(struct arena *a, const struct fit_point *p, const struct fit_settings *s, struct fit_prediction *out);

#endif
