/* train_fixture.h - a training job by hand, without the catalog. */
#ifndef MOAT_TESTS_SPEED_TRAIN_FIXTURE_H
#define MOAT_TESTS_SPEED_TRAIN_FIXTURE_H

#include "fixture.h"
#include "speed/train.h"

static inline struct train_const train_plain(void)
{
    return (struct train_const){.compute = 0.9,
                                .attention = 0.9,
                                .scan = 0.3,
                                .experts = 0.8,
                                .passes = 10,
                                .links = 1.5,
                                .layer_fixed_s = 20e-6,
                                .moe_host_s = 0.5e-3,
                                .step_fixed_s = 10e-3,
                                .overlap_tp = 0.5,
                                .overlap_dp = 0.8,
                                .overlap_ep = 0.3,
                                .straggler_frac = 0.01,
                                .grad_bytes = 4,
                                .shard = SHARD_OPTIMIZER,
                                .lo = 0.2,
                                .hi = 0.3,
                                .tier = TIER_POOLED,
                                .stack = "plain"};
}

static inline struct train_job train_plain_job(const struct accelerator *acc, const struct model *m, int devices,
                                               int64_t batch, int64_t seq)
{
    struct train_job j = {.acc = acc,
                          .model = m,
                          .c = train_plain(),
                          .precision = PREC_BF16,
                          .devices = devices,
                          .global_batch = batch,
                          .seq_tok = seq};
    j.ops = train_ops(stack_plain("generic"), &j.c);
    return j;
}

static inline struct train_split train_ways(int tp, int pp, int vp, int dp)
{
    return (struct train_split){
        .tp = tp, .pp = pp, .vp = vp, .cp = 1, .ep = 1, .dp = dp, .micro_batch = 1, .shard = SHARD_OPTIMIZER};
}

/* GPT of Korthikanti and others: heads of h/a, feed-forward 4h without a gate, tied embeddings. */
static inline struct model model_gpt(struct layer *l, int64_t hidden, int heads, int layers)
{
    *l = (struct layer){.count = layers,
                        .mixer = MIX_GQA,
                        .heads = heads,
                        .kv_heads = heads,
                        .head_dim = (int)(hidden / heads),
                        .v_head_dim = (int)(hidden / heads),
                        .ffn_inter = 4 * hidden};
    return (struct model){.id = "gpt",
                          .hidden = hidden,
                          .vocab = 51200,
                          .max_context = 2048,
                          .tied = true,
                          .group = l,
                          .ngroup = 1,
                          .layers = layers,
                          .quant = quant_bf16};
}

#endif
