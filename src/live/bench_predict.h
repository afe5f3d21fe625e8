/* bench_predict.h - what was measured beside what moat predicts of the same traffic, and the row for `validate` and `calibrate`. */
#ifndef MOAT_LIVE_BENCH_PREDICT_H
#define MOAT_LIVE_BENCH_PREDICT_H

#include "live/bench.h"
#include "plan/plan.h"

struct buf;

struct bench_pair {             /* seconds, or rates */
    const char *name;           /* "p99 TTFT" */
    const char *key;            /* "p99_ttft_ms" */
    bool time;
    double measured, predicted, lo, hi, ratio;  /* ratio: predicted / measured */
};
#define BENCH_PAIRS 16
size_t bench_pairs(const struct bench *b, const struct sim_run_out *r, struct bench_pair pair[BENCH_PAIRS]);

/* A row of a point file, with its header when `have` (what the file holds; NULL: nothing) is empty. false: it has another header. */
bool bench_point(const struct bench *b, const struct bench_options *o, const struct traffic *t, const struct scenario *sc,
                 const struct sim_run_out *r, const char *date, const char *have, const char *file, struct buf *out, struct err *e);

#endif
