/* train_part.h - what the files of the training model share. Inside the floor only. */
#ifndef MOAT_SPEED_TRAIN_PART_H
#define MOAT_SPEED_TRAIN_PART_H

#include "speed/collective.h"
#include "speed/train.h"
#include "speed/walk.h"

struct train_engine { /* operators of one stage's devices, with the speed that a step sustains */
    const struct train_job *j;
    const struct train_split *s;
    struct deployment d;
    struct engine e;
    double tok;    /* of a micro-batch on one device: micro_batch * seq / cp */
    double tok_sp; /* the same where sequence parallelism splits it over tp */
    int moe_tp;    /* devices that share one expert: tp when ep is 1, else 1 */
};

struct train_work { /* one micro-batch through all layers on one device, or through one layer */
    double forward_s, backward_s, attention_s, elementwise_s; /* the last two are parts of forward_s */
    double flop, bytes;                                       /* forward */
    double tp_s, ep_s, cp_s;                                  /* collectives of a forward pass, before any overlap */
    double cp_back_s;                                         /* of a backward pass; tp and ep take as long again */
};

void train_engine_init(struct train_engine *t, const struct train_job *j, const struct train_split *s);
struct train_work train_layers(const struct train_engine *t);
struct train_work train_head(const struct train_engine *t);

/* n devices that stand `stride` apart: with a stride of tp * cp fewer of them share a node. */
double train_collective_s(const struct train_job *j, enum collective kind, int n, int stride, double bytes);
void train_layer_comm(const struct train_engine *t, const struct layer *l, struct train_work *w);
double train_stage_send_s(const struct train_engine *t);
/* Exposed seconds of a step's reductions and gathers over the data-parallel ranks, given the compute that can hide
 * them. */
double train_reduce_s(const struct train_engine *t, double forward_s, double backward_s, int64_t micro_batches);

/* Layers of the fullest stage; and of the last one, which carries the LM head. */
double train_stage_layers(const struct train_job *j, const struct train_split *s);
double train_last_layers(const struct train_job *j, const struct train_split *s);
/* Weights on one device of the fullest stage: layers but experts, experts, embedding or head. */
struct train_weights {
    double dense, experts, head;
};
struct train_weights train_weights(const struct train_engine *t);
/* Ranks that hold the same dense weights, and the same experts. */
int train_dense_ranks(const struct train_split *s);
int train_expert_ranks(const struct train_engine *t);

#endif
