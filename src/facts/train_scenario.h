/* train_scenario.h - the question of `moat train`: what is trained, on what, for how long, and what is fixed of the
 * split. */
#ifndef MOAT_FACTS_TRAIN_SCENARIO_H
#define MOAT_FACTS_TRAIN_SCENARIO_H

#include "facts/catalog.h"
#include "facts/price.h"

struct node;

struct train_question {
    struct node *doc; /* for `inputs` */
    const char *title;
    const struct model *model;
    const struct accelerator *acc;
    const char *framework; /* row of data/training.yaml; NULL: by the device's software */
    enum precision precision;
    int devices;
    double tokens; /* of the campaign */
    int64_t global_batch, seq_tok;
    int lora_rank;
    /* 0, SHARD_N, -1: open */
    int tp, pp, vp, cp, ep;
    int64_t micro_batch;
    enum train_shard shard;
    int recompute;                                                       /* 0 none, 1 selective, 2 full, -1 open */
    double mtbf_s, restart_s, checkpoint_interval_s, checkpoint_write_s; /* 0: the catalog's, or best */
    double max_usd, max_days;                                            /* limits; 0: none */
    struct price_query price;
    uint64_t seed;
};

bool train_question_read(struct arena *a, struct catalog *c, struct node *doc, uint64_t seed,
                         struct train_question *out, struct notes *notes, struct err *e);

#endif
