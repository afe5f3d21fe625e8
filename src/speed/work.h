/* work.h - rate of a workload that is no language model on one kind of device: units a second a card, and why.
**
**      t(batch) = fixed + sum over operators max4(flop / (P*share), bytes / (W*share)) + exchange,  rate = batch / t
**
** A capability that the device lacks, or memory that it lacks, is rate 0 with a reason. The shares are the class's
** (data/work_shares.yaml); so is the interval. Sessions: docs/model.md, work_graphics.c.
*/
#ifndef MOAT_SPEED_WORK_H
#define MOAT_SPEED_WORK_H

#include "facts/work.h"
#include "speed/op.h"
#include "speed/predict.h"

struct arena;

#define WORK_PARTS 40

struct work_part {
    const char *op;
    double t_s, flop, bytes;    /* of a batch, one card */
    enum bound bound;
};

struct work_rate {
    bool fits;                  /* memory; false too when a capability lacks */
    const char *reason;         /* why the rate is 0; NULL: it is not */
    const char *binding;        /* "capability", "memory", "latency"; NULL with reason */
    double short_by;            /* needs so many times what there is; NaN: a capability */
    int devices;
    double batch;               /* units a card has in work */
    struct span rate_s, total_s;        /* units a second (sessions: at once), a card and all cards */
    struct span batch_s;        /* a batch from start to end; sessions: a frame */
    const char *limit;          /* sessions: what ends them ("shading", "memory", ...); else NULL */
    double need_bytes, usable_bytes;    /* a card */
    double resident_frac;       /* of the embedding tables: rows that every card holds; 1 when there are none */
    struct span power_w;        /* all cards; NaN: no TDP is known */
    struct work_part part[WORK_PARTS]; int npart;
    enum arith arith;           /* of the matrices; ARITH_N: there are none */
    bool other;                 /* no device of this software was fitted for this class */
    enum grade evidence;
};

/* n cards; batch 0: the workload's own, halved until it fits. s gives the links' constants. */
void work_rate(struct arena *a, const struct workload *w, const struct work_shares *shares, const struct accelerator *acc,
               const struct stack *s, int n, double batch, struct work_rate *out);

#endif
