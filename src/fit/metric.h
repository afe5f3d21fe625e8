/* metric.h - the quantities that a point file may carry and a prediction may be held against. One table. */
#ifndef MOAT_FIT_METRIC_H
#define MOAT_FIT_METRIC_H

#include <stddef.h>

enum fit_metric {
    FIT_TTFT_MEAN_MS,
    FIT_TTFT_P50_MS,
    FIT_TPOT_MEAN_MS,
    FIT_TPOT_P50_MS,
    FIT_OUTPUT_TOK_S,
    FIT_TOTAL_TOK_S,
    FIT_INPUT_TOK_S,
    FIT_TOK_S_PER_ACCELERATOR,
    FIT_TOK_S_PER_ACCELERATOR_DERIVED, /* no column: from TTFT and TPOT of a closed loop (fit_closed_loop_tok_s) */
    FIT_TOK_S_PER_USER,
    FIT_E2E_LATENCY_S,
    FIT_TTFT_MS, /* static points: there is only one */
    FIT_TPOT_MS,
    FIT_E2E_MS,
    FIT_SAMPLES_PER_S,
    FIT_PEAK_POWER_FRAC_TDP,
    FIT_MEAN_POWER_FRAC_TDP,
    FIT_STEP_TIME_S, /* from here on: training */
    FIT_TFLOP_S_PER_ACCELERATOR,
    FIT_MFU_PCT,
    FIT_TIME_TO_TRAIN_MIN,
    FIT_DAYS,
    FIT_ACCELERATOR_HOURS,
    FIT_METRIC_N
};

/* What decides how far a prediction may be off. */
enum fit_sort {
    FIT_SORT_STEP, /* a time that follows the step time */
    FIT_SORT_TTFT, /* a time that follows queueing and prompts */
    FIT_SORT_RATE, /* falls as steps take longer */
    FIT_SORT_POWER,
};

struct fit_metric_row {
    const char *name; /* the column, and the key in results */
    double per_base;  /* units of the column in one base unit (1e3 for milliseconds) */
    enum fit_sort sort;
};
extern const struct fit_metric_row fit_metric_table[FIT_METRIC_N];

#endif
