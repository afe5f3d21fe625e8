/* point.h - measured points: one row of a file is one deployment under one load, and what somebody measured of it.
**
** Columns are known by name (docs/formats.md); others are left aside with a note. Every row becomes a struct
** fit_point: one that can be predicted, or one with `refused` set to the reason. Nothing that a row leaves open is
** guessed.
**
** `dp` means copies of the attention inside one replica in a file with a `backend` or `mode` column (closed-loop
** serving points); in other files, and for dense models everywhere, it means replicas.
*/
#ifndef MOAT_FIT_POINT_H
#define MOAT_FIT_POINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/catalog.h"
#include "fit/metric.h"

struct arena;
struct fit_training;
struct err;
struct notes;

enum fit_kind { FIT_SERVING, FIT_OFFLINE, FIT_STATIC, FIT_TRAINING, FIT_KIND_N };
extern const char *const fit_kind_name[FIT_KIND_N];

struct fit_pool {
    int workers, tp, dp, ep;
}; /* one side of a disaggregated deployment; dp: copies of the attention */

struct fit_point {
    const char *id; /* "line 7" where the file has none */
    uint64_t line;
    enum fit_kind kind;
    bool disaggregated;
    const char *model_name, *acc_name, *framework; /* as written; framework "" where it is not stated */
    const struct model *model;
    const struct accelerator *acc;
    const struct stack_file *stack;
    int devices;                                           /* all of the deployment; 0: not stated */
    enum precision precision, moe_precision, kv_precision; /* PREC_N: not stated */
    int tp, pp, dp, ep;                                    /* of one replica */
    int replicas;
    struct fit_pool prefill, decode;
    int64_t concurrency;        /* closed loop; 0: not */
    double rate_s;              /* open loop, of the whole deployment; 0: not */
    int64_t requests, max_seqs; /* 0: not stated */
    bool all_queued;
    int64_t batch;           /* static, of the whole deployment */
    int64_t isl, osl;        /* tokens; -1: not stated */
    double power_cap_w;      /* a device may draw so much; 0: its TDP */
    double length_ratio_min; /* lengths are uniform in [this, 1] times nominal; 1: fixed */
    const char *tier;
    double measured[FIT_METRIC_N]; /* in the units of the column; NaN: not measured */
    const struct fit_training *train; /* of a training point; else NULL */
    const char *refused;           /* NULL: can be predicted */
};

/* Order of two points of a model by load and split: 0 where one repeats the other. calibrate_groups.c. */
int fit_load_order(const struct fit_point *a, const struct fit_point *b);

struct fit_points {
    const char *name; /* of the file */
    struct fit_point *point;
    size_t n;
    const char *hash; /* of the bytes: "xxh64:..." */
};

/* Output tokens a second of an accelerator in a closed loop: concurrency / (TTFT + osl * TPOT) * osl / accelerators,
*osl the mean
** of the lengths. NaN where the point is no closed loop. */
double fit_closed_loop_tok_s(const struct fit_point *p, double ttft_s, double tpot_s);

/* false: no such file, or nothing in it is a point file (no column that names a model, an accelerator or a metric). */
bool fit_points_read(struct arena *a, struct catalog *c, const char *path, struct fit_points *out, struct notes *notes,
                     struct err *e);
/* The same of n bytes, which may be changed and must outlive the points. */
bool fit_points_parse(struct arena *a, struct catalog *c, const char *name, char *bytes, size_t n,
                      struct fit_points *out, struct notes *notes, struct err *e);

#endif
