/* outcome.h - the figures of one run in one shape, whether it was simulated, predicted or planned: what sweeps and seeds compare. */
#ifndef MOAT_PLAN_OUTCOME_H
#define MOAT_PLAN_OUTCOME_H

#include "plan/plan.h"
#include "plan/point.h"

enum outcome_key {
    OUT_DEVICES, OUT_REPLICAS, OUT_REJECTED_FRAC,
    OUT_TTFT_MEAN, OUT_TTFT_P50, OUT_TTFT_P90, OUT_TTFT_P99,
    OUT_TPOT_MEAN, OUT_TPOT_P50, OUT_TPOT_P90, OUT_TPOT_P99,
    OUT_ITL_MEAN, OUT_ITL_P50, OUT_ITL_P90, OUT_ITL_P99,
    OUT_E2E_MEAN, OUT_E2E_P50, OUT_E2E_P90, OUT_E2E_P99,
    OUT_REQ_S, OUT_OUTPUT_TOK_S, OUT_GOODPUT_REQ_S, OUT_UTILISATION, OUT_KV_PEAK, OUT_POWER_W, OUT_USD_H, OUT_USD_MTOK,
    OUT_N
};

struct outcome_row {
    const char *name;           /* "ttft_p50"; behind it stands the unit: seconds for times, else it is in the name */
    bool time, quantile;
};
extern const struct outcome_row outcome_table[OUT_N];

enum held { HELD_NO, HELD_YES, HELD_UNKNOWN };         /* unknown: no promises, or nothing that says (predict) */

struct outcome {
    struct span v[OUT_N];       /* base units; NaN: there is none. lo and hi: NaN where no interval was asked for */
    bool answered, saturated;
    enum held held;             /* every promise; over several seeds, in every seed */
    int seeds, kept;            /* runs, and those that kept every promise */
    enum grade evidence;
    char accelerator[48], config[48];           /* "h100-sxm-80", "tp 4 pp 2" */
    char reason[320];           /* why there is no answer; "" */
};

void outcome_none(struct outcome *o, const char *reason);
/* intervals: the run's 80 % intervals into lo and hi too. */
void outcome_sim(const struct sim_run_out *r, size_t nslo, bool intervals, struct outcome *o);
void outcome_point(const struct point *p, bool intervals, struct outcome *o);
void outcome_plan(const struct plan *p, bool intervals, struct outcome *o);
/* A promise may be kept at so many dollars; the one to take among equals is the first. NaN: not to be compared. */
double outcome_cost(const struct outcome *o);

#endif
