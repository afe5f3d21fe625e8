/* train_memory.c - bytes on the fullest device: weights 2, gradients 2 or 4, Adam 12 a parameter, and activations.
**
** Activations of a micro-batch and layer, in bytes a token (Korthikanti and others 2022, arXiv:2205.05198, generalised
** from h and 4h to the widths of the model; for GPT they give the paper's sbh*34/t with sequence parallelism):
**
**      attention   2h input, 2q, 4kv, 2o, h mask       feed-forward   2h input, 2 x (what the activation function reads
**      norms       4h                                                 and writes), h mask
**      scores      5*a*s, when they are kept (no flash attention, no selective recomputation)
**      selective   inputs of products and outputs of activation functions are computed again: they are not stored
**      full        2h a layer, and one layer at work
**
** Masks are those of dropout, which goes with kept scores: models since 2022 have neither. In fp8 and below the inputs
*of
** the products are stored in 8 bits (Transformer Engine).
**
** A stage holds pp micro-batches in flight, with interleaving pp*(1 + (pp-1)/(pp*v)) (section 4.2.3 there). ZeRO stages
** divide optimizer, gradients and weights by the data-parallel ranks.
*/
#include <math.h>

#include "speed/memory.h"
#include "speed/shape.h"
#include "speed/train_part.h"

#define WORKSPACE_BYTES 4e9 /* context, communication buffers, fragmentation; assumption: 3 to 6 GB seen in practice   \
                             */

/* Bytes a value: of inputs of products, which selective recomputation does not keep, and of all else. */
struct kept {
    double in, mask;
};

static double mixer_bytes_tok(const struct train_engine *t, const struct layer *l, struct kept k)
{
    double h = (double)t->j->model->hidden, tp = t->s->tp, v = 0;
    if (l->mixer == MIX_GQA) {
        double kv = fmax(1, l->kv_heads / tp) * tp;
        v = 2.0 * l->heads * l->head_dim + 2 * kv * (l->head_dim + l->v_head_dim) + 2.0 * l->heads * l->v_head_dim;
    } else if (l->mixer == MIX_MLA) {
        v = 2.0 * (l->q_lora + l->kv_lora) + 4.0 * l->heads * (l->nope_dim + l->rope_dim) +
            4.0 * l->heads * l->v_head_dim;
    } else if (l->mixer == MIX_LINEAR) {
        v = 8.0 * l->lin_k_heads * l->lin_k_dim + 8.0 * l->lin_v_heads * l->lin_v_dim;
    }
    if (t->j->scores_kept && t->s->recompute != RECOMPUTE_SELECTIVE && l->heads > 0)
        v += 5.0 * l->heads * (double)t->j->seq_tok;
    return l->mixer == MIX_NONE ? 0 : v + (k.in + k.mask + 2) * h;
}

static double layer_bytes_tok(const struct train_engine *t, const struct layer *l)
{
    double h = (double)t->j->model->hidden, mats = l->gated ? 2 : 1;
    bool ffn = l->ffn_inter > 0 || l->experts > 0;
    struct kept k = {precision_table[t->j->precision].bits < 16 ? 1 : 2, t->j->scores_kept ? 1 : 0};
    if (t->s->recompute == RECOMPUTE_SELECTIVE && !t->j->scores_kept)
        k.in = 0;
    double v = mixer_bytes_tok(t, l, k);
    if (t->j->lora_rank > 0)
        k.in = 0; /* frozen products need no inputs; adapters sit on the mixer */
    if (ffn)
        v += (k.in + k.mask + 2) * h + (2 * mats + k.in) * (double)(l->ffn_inter + l->shared_inter);
    if (l->experts > 0)
        v += l->topk_experts * ((k.in + 2) * (l->expert_hidden ? (double)l->expert_hidden : h) +
                                (2 * mats + k.in) * (double)l->expert_inter);
    return v / t->s->tp;
}

/* Of one micro-batch, all layers of the fullest stage; *one: the largest layer. */
static double stage_activation(const struct train_engine *t, double *one)
{
    double all = 0;
    *one = 0;
    for (size_t i = 0; i < t->j->model->ngroup; i++) {
        double b = layer_bytes_tok(t, &t->j->model->group[i]) * t->tok;
        all += b * t->j->model->group[i].count;
        *one = fmax(*one, b);
    }
    return all * train_stage_layers(t->j, t->s) / t->j->model->layers;
}

static double activations(const struct train_engine *t)
{
    const struct train_split *s = t->s;
    double one, stage = stage_activation(t, &one), m = train_micro_batches(t->j, s);
    double flight = s->pp + (s->vp > 1 ? (s->pp - 1.0) / s->vp : 0);
    if (flight > m)
        flight = m;
    double in = 2 * (double)t->j->model->hidden * t->tok_sp * train_stage_layers(t->j, s);
    double again = train_recomputed(t->j, s);
    double held = again > 0 ? flight * (again * in + (1 - again) * stage) + one : flight * stage;
    double logits = t->tok * (double)t->j->model->vocab / s->tp * 6; /* 16-bit logits, and their gradient in fp32 */
    if (s->pp == 1)
        return held + logits;
    double last =
        again > 0 ? again * in + (1 - again) * stage + one : stage; /* one micro-batch in flight on the last stage */
    return fmax(held, last * (s->vp > 1 ? 2 : 1) + logits);
}

struct train_weights train_weights(const struct train_engine *t)
{
    struct train_weights w = {0, 0, 0};
    const struct model *m = t->j->model;
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        struct matrix mat[MATRICES_MAX];
        size_t n = layer_matrices(&t->d, l, mat);
        for (size_t k = 0; k < n; k++) {
            if (mat[k].part == PART_EXPERTS)
                w.experts += l->count * mat[k].whole / ((double)t->s->ep * t->moe_tp);
            else
                w.dense += l->count * mat[k].local;
        }
    }
    double share = train_stage_layers(t->j, t->s) / m->layers;
    w.dense *= share, w.experts *= share;
    bool two = t->s->pp == 1 && !m->tied; /* embedding and head on one stage */
    w.head = (double)m->hidden * (double)m->vocab / t->s->tp * (two ? 2 : 1);
    return w;
}

struct train_memory train_memory(const struct train_job *j, const struct train_split *s)
{
    struct train_engine t;
    train_engine_init(&t, j, s);
    struct train_weights w = train_weights(&t);
    double dense = w.dense + w.head, n = train_dense_ranks(s), en = train_expert_ranks(&t);
    double all = dense + w.experts, shared = dense / n + w.experts / en;
    bool lora = j->lora_rank > 0, quantised = lora && precision_table[j->precision].bits < 16;
    double each = quantised ? precision_table[j->precision].bits / 8 : 2;
    struct train_memory m = {.workspace_bytes = WORKSPACE_BYTES};
    double layers = train_stage_layers(j, s),
           gathered = s->shard == SHARD_FULL ? each * 2 * all / (layers > 2 ? layers : 2) : 0;
    m.weight_bytes = each * (s->shard == SHARD_FULL ? shared : all) + gathered;
    if (!lora) {
        m.gradient_bytes = j->c.grad_bytes * (s->shard >= SHARD_GRADIENT ? shared : all);
        m.optimizer_bytes = 12 * (s->shard == SHARD_NONE ? all : shared);
    }
    m.activation_bytes = activations(&t);
    m.usable_bytes = j->acc->mem_usable_bytes > 0 ? j->acc->mem_usable_bytes : 0.98 * j->acc->mem_bytes;
    m.workspace_bytes = fmin(WORKSPACE_BYTES, 0.05 * m.usable_bytes);
    m.total_bytes = m.weight_bytes + m.gradient_bytes + m.optimizer_bytes + m.activation_bytes + m.workspace_bytes;
    m.short_by_bytes = fmax(0, m.total_bytes - m.usable_bytes);
    m.fits = m.short_by_bytes <= 0;
    return m;
}
