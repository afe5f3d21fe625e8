/* metric.c - the table of metrics, as the columns of point files are named. */
#include "fit/metric.h"

#define MS 1e3

const struct fit_metric_row fit_metric_table[FIT_METRIC_N] = {
    [FIT_TTFT_MEAN_MS] = {"ttft_mean_ms", MS, FIT_SORT_TTFT},
    [FIT_TTFT_P50_MS] = {"ttft_p50_ms", MS, FIT_SORT_TTFT},
    [FIT_TPOT_MEAN_MS] = {"tpot_mean_ms", MS, FIT_SORT_STEP},
    [FIT_TPOT_P50_MS] = {"tpot_p50_ms", MS, FIT_SORT_STEP},
    [FIT_OUTPUT_TOK_S] = {"output_tok_s", 1, FIT_SORT_RATE},
    [FIT_TOTAL_TOK_S] = {"total_tok_s", 1, FIT_SORT_RATE},
    [FIT_INPUT_TOK_S] = {"input_tok_s", 1, FIT_SORT_RATE},
    [FIT_TOK_S_PER_ACCELERATOR] = {"tok_s_per_accelerator", 1, FIT_SORT_RATE},
    [FIT_TOK_S_PER_ACCELERATOR_DERIVED] = {"tok_s_per_accelerator_derived", 1, FIT_SORT_RATE},
    [FIT_TOK_S_PER_USER] = {"tok_s_per_user", 1, FIT_SORT_RATE},
    [FIT_E2E_LATENCY_S] = {"e2e_latency_s", 1, FIT_SORT_STEP},
    [FIT_TTFT_MS] = {"ttft_ms", MS, FIT_SORT_TTFT},
    [FIT_TPOT_MS] = {"tpot_ms", MS, FIT_SORT_STEP},
    [FIT_E2E_MS] = {"e2e_ms", MS, FIT_SORT_STEP},
    [FIT_SAMPLES_PER_S] = {"samples_per_s", 1, FIT_SORT_RATE},
    [FIT_PEAK_POWER_FRAC_TDP] = {"peak_power_frac_tdp", 1, FIT_SORT_POWER},
    [FIT_MEAN_POWER_FRAC_TDP] = {"mean_power_frac_tdp", 1, FIT_SORT_POWER},
    [FIT_STEP_TIME_S] = {"step_time_s", 1, FIT_SORT_STEP},
    [FIT_TFLOP_S_PER_ACCELERATOR] = {"tflop_s_per_accelerator", 1, FIT_SORT_RATE},
    [FIT_MFU_PCT] = {"mfu_pct", 1, FIT_SORT_RATE},
    [FIT_TIME_TO_TRAIN_MIN] = {"time_to_train_min", 1 / 60.0, FIT_SORT_STEP},
    [FIT_DAYS] = {"days", 1 / 86400.0, FIT_SORT_STEP},
    [FIT_ACCELERATOR_HOURS] = {"accelerator_hours", 1 / 3600.0, FIT_SORT_STEP},
};
