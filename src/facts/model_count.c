/* model_count.c - parameters = embedding + sum over layers of (mixer + channel mixer + norms) + last norm + LM head.
**
**      GQA     h*(q*d + kv*d + kv*dv) + q*dv*h                     q, kv heads of d (keys) and dv (values)
**      MLA     h*rq + rq*q*(dn+dr) + h*(r+dr) + r*q*(dn+dv) + q*dv*h        DeepSeek-V2, arXiv:2405.04434
**      linear  h*(2*k*dk + 2*v*dv) + w*(2*k*dk + v*dv) + v*dv*h    in-projection q k v z, convolution, out
**      MoE     E*f*H*I + h*E + f*h*Is (+ 2*h*H when experts work in a latent width H), f = 3 gated or 2
**
** Everything is a whole number below 2^53, so doubles are exact.
*/
#include "facts/model.h"

static double matrices(const struct layer *l)
{
    return l->gated ? 3 : 2;
}

/* The lightning indexer: wq_b (from the query latent, or from hidden where there is none), wk, weights_proj, k_norm. */
static double indexer_params(const struct model *m, const struct layer *l)
{
    if (l->topk <= 0 || l->index_shared || l->index_heads == 0)
        return 0;
    double h = (double)m->hidden, heads = l->index_heads, d = l->index_dim;
    if (l->mixer == MIX_MLA)
        return (l->q_lora ? l->q_lora : h) * heads * d + h * d + h * heads;
    return h * heads * d + h * d; /* MiniMax-M3: index q and k from hidden, no head weights */
}

static double gqa_params(const struct model *m, const struct layer *l)
{
    double h = (double)m->hidden;
    double q = (double)l->heads * l->head_dim, gate = l->q_gate ? (double)l->heads * l->v_head_dim : 0;
    double k = l->share_kv ? 0 : (double)l->kv_heads * l->head_dim;
    double v = l->share_kv || l->k_is_v ? 0 : (double)l->kv_heads * l->v_head_dim;
    double o = (double)l->heads * l->v_head_dim;
    double p = h * (q + gate + k + v) + o * h;
    if (l->qkv_bias)
        p += q + gate + k + v;
    if (l->o_bias)
        p += h;
    if (l->sinks)
        p += l->heads;
    return p;
}

static double mla_params(const struct model *m, const struct layer *l)
{
    double h = (double)m->hidden, heads = l->heads, dq = l->nope_dim + l->rope_dim;
    double p = l->q_lora ? h * l->q_lora + l->q_lora * heads * dq : h * heads * dq;
    p += h * (l->kv_lora + l->rope_dim);
    if (!l->latent_kv)
        p += (double)l->kv_lora * heads * (l->nope_dim + l->v_head_dim);
    p +=
        l->o_lora ? heads * l->v_head_dim * l->o_lora + (double)l->o_groups * l->o_lora * h : heads * l->v_head_dim * h;
    if (l->q_gate)
        p += h * heads * l->v_head_dim;
    if (l->qkv_bias)
        p += l->q_lora + l->kv_lora + l->rope_dim; /* attention_bias: on q_a and kv_a */
    if (l->o_bias)
        p += h;
    if (l->sinks)
        p += heads;
    return p;
}

static double linear_params(const struct model *m, const struct layer *l)
{
    double h = (double)m->hidden;
    double qk = 2.0 * l->lin_k_heads * l->lin_k_dim, v = (double)l->lin_v_heads * l->lin_v_dim;
    double gate = l->lin_gate_lora ? (h + v) * l->lin_gate_lora : h * v;
    return h * (qk + v) + gate + l->conv_width * (qk + v) + v * h;
}

double layer_mixer_params(const struct model *m, const struct layer *l)
{
    double p = l->mixer_extra_params;
    switch (l->mixer) {
    case MIX_NONE:
        break;
    case MIX_GQA:
        p += gqa_params(m, l) + indexer_params(m, l);
        break;
    case MIX_MLA:
        p += mla_params(m, l) + indexer_params(m, l);
        break;
    case MIX_LINEAR:
        p += linear_params(m, l);
        break;
    }
    return p;
}

/* The channel mixer's parts; dense is 0 in a mixture of experts that has no dense half, and so on. */
struct ffn {
    double dense, one_expert, shared, router;
};

static struct ffn ffn_parts(const struct model *m, const struct layer *l)
{
    struct ffn f = {0};
    double h = (double)m->hidden, inter = (double)l->ffn_inter;
    f.dense = matrices(l) * h * inter;
    if (l->ffn_bias && l->ffn_inter)
        f.dense += (l->gated ? 2 : 1) * inter + h;
    f.router = l->ffn_extra_params;
    if (l->experts > 0) {
        double width = l->expert_hidden ? (double)l->expert_hidden : h, ei = (double)l->expert_inter;
        f.one_expert = matrices(l) * width * ei;
        if (l->ffn_bias)
            f.one_expert += (l->gated ? 2 : 1) * ei + width;
        f.shared = matrices(l) * h * (double)l->shared_inter;
        if (l->shared_gate)
            f.shared += h;
        if (l->expert_hidden)
            f.shared += 2 * h * width;
        f.router += h * l->experts;
    }
    return f;
}

double layer_ffn_params(const struct model *m, const struct layer *l)
{
    struct ffn f = ffn_parts(m, l);
    return f.dense + f.one_expert * l->experts + f.shared + f.router;
}

struct model_parts model_count(const struct model *m)
{
    struct model_parts p = {0};
    p.embed = (double)m->vocab * (double)m->hidden;
    p.lm_head = m->tied ? 0 : p.embed;
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        struct ffn f = ffn_parts(m, l);
        p.attention += l->count * layer_mixer_params(m, l);
        p.dense_ffn += l->count * f.dense;
        p.experts += l->count * f.one_expert * l->experts;
        p.shared += l->count * f.shared;
        p.router += l->count * f.router;
        p.norms += l->count * l->norm_params;
    }
    p.norms += (double)m->hidden;
    p.other = m->lookup_params + m->extra_params;
    return p;
}

double model_params(const struct model *m)
{
    struct model_parts p = model_count(m);
    return p.embed + p.lm_head + p.attention + p.dense_ffn + p.experts + p.shared + p.router + p.norms + p.other;
}

double model_active_params(const struct model *m)
{
    /* A tied embedding is still multiplied with as the LM head; looking one row up costs nothing. */
    double idle = m->lookup_params + (m->tied ? 0 : (double)m->vocab * (double)m->hidden);
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        idle += l->count * ffn_parts(m, l).one_expert * (l->experts - l->topk_experts);
    }
    return model_params(m) - idle;
}
