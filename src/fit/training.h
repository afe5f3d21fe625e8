/* training.h - measured training points: what a row says of its split and batch, and what moat says of its step.
**
** A row that states all of its split is predicted as it ran. What it leaves open is searched among what fits in memory,
** and `how` says so. Columns beside those of docs/formats.md: cp, vp, recompute, shard, lora_rank, samples_to_target;
** where a file has none of them, the same facts are read from `notes` in the words of the public tables ("CP=2 VP=4",
** "activation checkpointing=True", "SHARD_GRAD_OP", "LoRA", "samples to target (per run): [..]").
*/
#ifndef MOAT_FIT_TRAINING_H
#define MOAT_FIT_TRAINING_H

#include "fit/load.h"
#include "plan/train_search.h"

struct csv;

struct fit_training {
    int64_t global_batch, micro_batch; /* sequences; 0: not stated */
    struct train_split fix;            /* 0, SHARD_N, RECOMPUTE_N: not stated */
    int lora_rank;
    bool hardware_flop;     /* the row counts recomputation in its FLOP (HFU) */
    double samples;         /* to the quality target; 0: not published */
    double eval_frac;       /* time of evaluations over that of training steps */
    bool assumed;        /* the row does not state its precision, or its sequence length */
    /* of a campaign (training-campaigns.csv): */
    bool campaign;
    double tokens;
};

/* Fills p, which has its model and accelerator where they are known. The reason why the row cannot be predicted, or NULL. */
const char *fit_training_read(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p);
void fit_train(struct fit_run *r);

#endif
