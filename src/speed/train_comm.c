/* train_comm.c - what training devices tell each other: t = collective of the operators, over groups that stand apart.
**
**      TP with sequence parallelism  gather and reduce-scatter of t*h*2 bytes, twice a layer, and again in backward
**      EP                            dispatch and combine: each token to the ranks of its experts, ep*(1 - (1 -
*1/ep)^k)
**      CP                            keys and values of all ranks, hidden behind the attention they feed (ring)
**      PP                            t*h*2/tp bytes to the next stage, v times each way
**      DP                            ZeRO-1: reduce-scatter of gradients, gather of weights, once a step
**                                    ZeRO-3: gather twice and reduce-scatter once, each micro-batch
**      exposed                       c - overlap * min(c, compute beside it)
*/
#include <math.h>

#include "speed/train_part.h"

#define MOST_OF_LINK 0.9

struct stack train_ops(struct stack s, const struct train_const *c)
{
    struct comm_const *const link[] = {&s.all_reduce, &s.all_gather, &s.reduce_scatter, &s.all_to_all, &s.p2p};
    for (size_t i = 0; i < sizeof link / sizeof *link; i++)
        link[i]->e = fmin(MOST_OF_LINK, link[i]->e * c->links);
    return s;
}

static int at_least_1(int v)
{
    return v > 1 ? v : 1;
}

double train_collective_s(const struct train_job *j, enum collective kind, int n, int stride, double bytes)
{
    if (n < 2)
        return 0;
    struct accelerator apart = *j->acc;
    int node = at_least_1(link_node(j->acc) / stride);
    apart.node_cards = apart.host_cards = node;
    apart.scaleup.domain = apart.scaleup.domain > 1 ? at_least_1(apart.scaleup.domain / stride) : apart.scaleup.domain;
    return op_collective(&apart, &j->ops, kind, n, bytes).t_s;
}

static double twice(const struct train_job *j, int n, int stride, double bytes)
{
    return train_collective_s(j, COLL_ALL_GATHER, n, stride, bytes) +
           train_collective_s(j, COLL_REDUCE_SCATTER, n, stride, bytes);
}

void train_layer_comm(const struct train_engine *t, const struct layer *l, struct train_work *w)
{
    const struct train_split *s = t->s;
    double row = (double)t->j->model->hidden * 2, ep = s->ep;
    bool moe = l->experts > 0, routed = moe && s->ep > 1;
    int halves = (l->mixer != MIX_NONE) + ((l->ffn_inter > 0 || moe) && (!routed || l->shared_inter > 0));
    w->tp_s += halves * twice(t->j, s->tp, 1, t->tok * row);
    if (routed) {
        double width = l->expert_hidden ? (double)l->expert_hidden * 2 : row;
        double copies = ep * (1 - pow(1 - 1 / ep, l->topk_experts));
        w->ep_s += 2 * train_collective_s(t->j, COLL_ALL_TO_ALL, s->ep, 1, t->tok_sp * copies * width);
    }
    if (s->cp > 1 && (l->mixer == MIX_GQA || l->mixer == MIX_MLA)) {
        double values = l->mixer == MIX_MLA ? (double)l->heads * (l->nope_dim + l->rope_dim + l->v_head_dim) / s->tp
                                            : fmax(1, (double)l->kv_heads / s->tp) * (l->head_dim + l->v_head_dim);
        double ring_s = train_collective_s(t->j, COLL_ALL_GATHER, s->cp, s->tp, t->tok * s->cp * values * 2);
        double attention_s = w->attention_s;
        w->cp_s += fmax(0, ring_s - attention_s);
        w->cp_back_s += fmax(0, 2 * ring_s - 2.5 * attention_s); /* keys and values, and their gradients */
    }
}

double train_stage_send_s(const struct train_engine *t)
{
    const struct train_split *s = t->s;
    if (s->pp < 2)
        return 0;
    double bytes = t->tok_sp * (double)t->j->model->hidden * 2;
    return 2 * s->vp * train_collective_s(t->j, COLL_P2P, t->j->devices, 1, bytes);
}

int train_dense_ranks(const struct train_split *s)
{
    return s->dp * s->cp;
}

int train_expert_ranks(const struct train_engine *t)
{
    return at_least_1(t->s->tp * t->s->cp * t->s->dp / (t->s->ep * t->moe_tp));
}

static double exposed(double comm_s, double overlap, double beside_s)
{
    return comm_s - overlap * fmin(comm_s, beside_s);
}

double train_reduce_s(const struct train_engine *t, double forward_s, double backward_s, int64_t micro_batches)
{
    const struct train_job *j = t->j;
    struct train_weights w = train_weights(t);
    double dense = w.dense + w.head, grad = j->lora_rank > 0 ? 0 : j->c.grad_bytes, weight = 2, times = 1;
    int n = train_dense_ranks(t->s), stride = t->s->tp, en = train_expert_ranks(t), es = t->s->ep * t->moe_tp;
    enum train_shard shard = t->s->shard;
    double gather_s = train_collective_s(j, COLL_ALL_GATHER, n, stride, dense * weight) +
                      train_collective_s(j, COLL_ALL_GATHER, en, es, w.experts * weight);
    double reduce_s = grad > 0 ? train_collective_s(j, COLL_REDUCE_SCATTER, n, stride, dense * grad) +
                                     train_collective_s(j, COLL_REDUCE_SCATTER, en, es, w.experts * grad)
                               : 0;
    if (shard == SHARD_NONE)
        gather_s = reduce_s; /* the second half of an all-reduce */
    if (shard != SHARD_FULL && j->lora_rank > 0)
        return 0; /* adapters are a thousandth of the weights */
    if (shard == SHARD_FULL)
        times = (double)micro_batches;
    double in_forward = gather_s, in_backward = reduce_s + (shard == SHARD_FULL ? gather_s : 0);
    return times *
           (exposed(in_forward, j->c.overlap_dp, forward_s) + exposed(in_backward, j->c.overlap_dp, backward_s));
}
