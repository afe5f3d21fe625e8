/* training.h - what a training step reaches of the benchmarked operators, by stack and device family; and how often it
*fails.
**
** data/training.yaml carries a pooled row, rows of training stacks (Megatron, FSDP, MaxText) that differ from it, and
*one
** factor a device family. Formulas: docs/model.md, "Training"; how they were fitted: scripts/fit/training.py.
*/
#ifndef MOAT_FACTS_TRAINING_H
#define MOAT_FACTS_TRAINING_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/accelerator.h"
#include "facts/stack.h"

struct arena;
struct err;
struct model;
struct node;

enum train_shard {
    SHARD_NONE,      /* plain data parallelism: gradients all-reduced, everything on every rank */
    SHARD_OPTIMIZER, /* ZeRO-1, Megatron's distributed optimizer */
    SHARD_GRADIENT,  /* ZeRO-2, FSDP SHARD_GRAD_OP: parameters stay gathered within a step */
    SHARD_FULL,      /* ZeRO-3, FSDP FULL_SHARD */
    SHARD_N
};
extern const char *const train_shard_name[SHARD_N]; /* "none", "zero1", "zero2", "fsdp" */

struct train_const {
    double compute;       /* share of the benchmarked speed of GEMMs that a step sustains */
    double attention;     /* the same of attention */
    double scan;          /* the same of the scan of linear attention */
    double experts;       /* of it, what grouped GEMMs of experts reach */
    double passes;        /* memory passes over the hidden state, a layer, forward */
    double layer_fixed_s; /* small kernels of a layer, forward */
    double links;         /* times the share of a link that the benchmarked collectives reach: messages are large */
    double moe_host_s;    /* a layer with routed experts lasts at least this, forward: its launches */
    double step_fixed_s;  /* data loader, norms of gradients, logging, launch */
    double overlap_tp, overlap_dp, overlap_ep; /* shares of a collective that hide behind compute */
    double straggler_frac;                     /* longer by so much each time the number of nodes doubles */
    double grad_bytes;                         /* of a gradient as it is reduced */
    enum train_shard shard;                    /* what the stack does unless told otherwise */
    double lo, hi;                             /* 80 % interval of a step time: [t*(1-lo), t*(1+hi)] */
    enum tier tier;    /* DEVICE: model-free, this device fitted; FAMILY: its family; POOLED: neither */
    const char *stack; /* the row used: "megatron", "pooled" */
};

struct train_row;
struct train_group {
    const char *model, *acc;
    const char **id;
    size_t n;
}; /* with the rows of the point file */

struct reliability {           /* defaults of a campaign, each with its source in data/training.yaml */
    double mtbf_s;             /* accelerator-seconds between interruptions of a job, for each accelerator */
    double checkpoint_bytes_s; /* written by each accelerator while the step waits */
    double restart_s;          /* from the interruption to the first step again, work lost aside */
};

struct training {
    struct train_const pooled;
    struct train_row *stack, *family;
    size_t nstack, nfamily;
    struct {
        double lo, hi;
    } interval[3];
    struct train_group *fitted;
    size_t nfitted; /* model x accelerator groups that the constants were fitted on */
    struct reliability reliability;
    const char *source, *date, *interval_source;
};

bool training_read(struct arena *a, const struct node *doc, struct training *out, struct err *e);
/* Never fails: with neither a row of the stack nor of the family the pooled constants serve. */
struct train_const training_constants(const struct training *t, const char *stack, const struct accelerator *acc);
/* Names of the stacks that have a row, aliases too. */
#define TRAIN_STACKS_MAX 64
size_t training_stacks(const struct training *t, const char *names[TRAIN_STACKS_MAX]);
/* The stack that trains on a device when none is asked for: maxtext on TPUs, else megatron. */
const char *training_default_stack(const struct accelerator *acc);
/* Was this very row among those the constants were fitted on? */
bool training_fitted_on(const struct training *t, const char *model, const char *acc, const char *id);

#endif
