/* train_search.h - the fastest split of a training job over its devices, among those that fit in memory.
**
** Everything the caller leaves open is searched: tp, pp with interleaving, cp, ep, micro-batch, sharding and
** recomputation; dp follows. The objective is the time of a step a token. Nothing is recomputed when that fits: with
*the
** rest equal, less of it is never slower. Else it is selective, or full for as few layers of a stage as must be.
*/
#ifndef MOAT_PLAN_TRAIN_SEARCH_H
#define MOAT_PLAN_TRAIN_SEARCH_H

#include "speed/train.h"

struct train_space {
    struct train_job job;   /* global_batch 0: free, what fits in memory is taken */
    struct train_split fix; /* 0, SHARD_N, RECOMPUTE_N: open */
    bool any_memory;        /* a split that is stated whole ran: it is not checked against memory */
};

struct train_found {
    bool any;
    struct train_job job;     /* with the global batch */
    struct train_split split; /* the best; where none fits, the one that lacks least */
    struct train_step step;
    struct train_memory memory;
    size_t tried, fitting;
    char why[160]; /* nothing divides: the last reason */
};

struct train_split train_split_open(void); /* everything open */
void train_search(const struct train_space *sp, struct train_found *out);

#endif
