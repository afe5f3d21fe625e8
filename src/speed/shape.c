/* shape.c - weights of a layer = sum of its matrices n x k; local = whole / tp (or / (ep * moe_tp) for experts).
**
** Not divided by tp, because every rank needs all of it: the latent projections of MLA (q_a, kv_a), the indexer, the
** router, norms, and KV heads below one a device. Fused as engines fuse them: q, k, v in one GEMM, gate and up in
** one. Megatron's column- and row-parallel layers: Shoeybi and others 2019, arXiv:1909.08053.
*/
#include "speed/shape.h"

#include <math.h>

struct walk {
    const struct deployment *d;
    struct matrix *out;
    size_t n;
};

static struct matrix *put(struct walk *w, const char *op, enum matrix_part part, enum precision prec, double n,
                          double k, double whole)
{
    struct matrix *m = &w->out[w->n++];
    const struct quant *q = &w->d->quant;
    *m = (struct matrix){op, part, prec, n, k, n * k, whole, 0};
    if (part == PART_MIXER && prec == q->attention)
        m->bits = q->bits.attention;
    else if (part == PART_EXPERTS)
        m->bits = q->bits.experts;
    else if (part == PART_FFN && prec == q->linear)
        m->bits = q->bits.linear;
    return m;
}

double weight_bytes(const struct deployment *d, enum precision p, double bits)
{
    return bits > 0 ? bits / 8 : precision_on(p, d->acc).weight_bytes;
}

double local_kv_heads(const struct deployment *d, const struct layer *l)
{
    double local = (double)l->kv_heads / d->tp;
    return local > 1 ? local : 1;
}

double linear_state_bytes(const struct deployment *d, const struct layer *l)
{
    return (double)l->lin_v_heads / d->tp * l->lin_k_dim * l->lin_v_dim * 4; /* fp32, as engines keep it */
}

double linear_conv_bytes(const struct deployment *d, const struct layer *l)
{
    double width = 2.0 * l->lin_k_heads * l->lin_k_dim + (double)l->lin_v_heads * l->lin_v_dim;
    return l->conv_width > 1 ? (l->conv_width - 1) * width / d->tp * 2 : 0;
}

static void put_indexer(struct walk *w, const struct layer *l)
{
    if (l->topk <= 0 || l->index_shared || l->index_heads == 0)
        return;
    double h = (double)w->d->model->hidden, q = (double)l->index_heads * l->index_dim, d = l->index_dim;
    enum precision p = w->d->quant.attention;
    if (l->mixer == MIX_MLA) {
        double in = l->q_lora ? l->q_lora : h;
        put(w, "gemm.index_q", PART_MIXER, p, q, in, q * in);
        put(w, "gemm.index_k", PART_MIXER, p, d + l->index_heads, h, (d + l->index_heads) * h);
    } else {
        put(w, "gemm.index_q", PART_MIXER, p, q + d, h, (q + d) * h);
    }
}

static void put_gqa(struct walk *w, const struct layer *l)
{
    double h = (double)w->d->model->hidden, tp = w->d->tp, local = local_kv_heads(w->d, l);
    enum precision p = w->d->quant.attention;
    double q = (double)l->heads * (l->head_dim + (l->q_gate ? l->v_head_dim : 0));
    double kv = l->share_kv ? 0 : l->head_dim + (l->k_is_v ? 0 : l->v_head_dim);
    double o = (double)l->heads * l->v_head_dim;
    put(w, "gemm.qkv", PART_MIXER, p, q / tp + local * kv, h, (q + l->kv_heads * kv) * h);
    put_indexer(w, l);
    put(w, "gemm.o", PART_MIXER, p, h, o / tp, o * h);
}

static void put_mla(struct walk *w, const struct layer *l)
{
    double h = (double)w->d->model->hidden, tp = w->d->tp, heads = l->heads, dq = l->nope_dim + l->rope_dim;
    double latent = l->kv_lora + l->rope_dim, o = heads * l->v_head_dim;
    enum precision p = w->d->quant.attention;
    if (l->q_lora) {
        put(w, "gemm.qkv_a", PART_MIXER, p, l->q_lora + latent, h, (l->q_lora + latent) * h);
        put(w, "gemm.q_b", PART_MIXER, p, heads * dq / tp, l->q_lora, heads * dq * l->q_lora);
    } else {
        put(w, "gemm.q", PART_MIXER, p, heads * dq / tp, h, heads * dq * h);
        put(w, "gemm.kv_a", PART_MIXER, p, latent, h, latent * h);
    }
    if (l->q_gate)
        put(w, "gemm.gate", PART_MIXER, p, o / tp, h, o * h);
    put_indexer(w, l);
    double kv_b = heads * (l->nope_dim + l->v_head_dim);
    if (!l->latent_kv) /* prefill expands the latent; decode absorbs the same weights into q and the output */
        put(w, "gemm.kv_b", PART_MIXER, p, kv_b / tp, l->kv_lora, kv_b * l->kv_lora);
    if (l->o_lora) {
        put(w, "gemm.o_a", PART_MIXER, p, (double)l->o_groups * l->o_lora / tp, o / l->o_groups, o * l->o_lora);
        put(w, "gemm.o_b", PART_MIXER, p, h, (double)l->o_groups * l->o_lora / tp, (double)l->o_groups * l->o_lora * h);
    } else {
        put(w, "gemm.o", PART_MIXER, p, h, o / tp, o * h);
    }
}

static void put_linear(struct walk *w, const struct layer *l)
{
    double h = (double)w->d->model->hidden, tp = w->d->tp;
    double qk = 2.0 * l->lin_k_heads * l->lin_k_dim, v = (double)l->lin_v_heads * l->lin_v_dim, rank = l->lin_gate_lora;
    enum precision p = w->d->quant.attention;
    if (rank > 0) {
        put(w, "gemm.linear_in", PART_MIXER, p, (qk + v) / tp + rank, h, (qk + v + rank) * h);
        put(w, "gemm.linear_gate", PART_MIXER, p, v / tp, rank, v * rank);
    } else {
        put(w, "gemm.linear_in", PART_MIXER, p, (qk + 2 * v) / tp, h, (qk + 2 * v) * h);
    }
    put(w, "gemm.linear_out", PART_MIXER, p, h, v / tp, v * h);
}

static void put_experts(struct walk *w, const struct layer *l)
{
    const struct deployment *d = w->d;
    double h = (double)d->model->hidden, tp = d->tp, mats = l->gated ? 3 : 2;
    double width = l->expert_hidden ? (double)l->expert_hidden : h, inter = (double)l->expert_inter;
    enum precision p = d->quant.linear;
    put(w, "gemm.router", PART_FFN, PREC_BF16, l->experts, h, l->experts * h);
    if (l->expert_hidden) {
        put(w, "gemm.latent_in", PART_FFN, p, width, h, width * h);
        put(w, "gemm.latent_out", PART_FFN, p, h, width, width * h);
    }
    struct matrix *m =
        put(w, "moe.experts", PART_EXPERTS, d->quant.experts, inter, width, mats * width * inter * l->experts);
    m->local = m->whole / (d->tp * d->dp);
    if (l->shared_inter > 0) {
        double s = (double)l->shared_inter, up = l->gated ? 2 : 1;
        put(w, "gemm.shared_up", PART_FFN, p, up * s / tp, h, up * s * h);
        put(w, "gemm.shared_down", PART_FFN, p, h, s / tp, s * h);
    }
}

static void put_ffn(struct walk *w, const struct layer *l)
{
    double h = (double)w->d->model->hidden, tp = w->d->tp, inter = (double)l->ffn_inter, up = l->gated ? 2 : 1;
    enum precision p = w->d->quant.linear;
    if (l->ffn_inter > 0) {
        put(w, "gemm.gate_up", PART_FFN, p, up * inter / tp, h, up * inter * h);
        put(w, "gemm.down", PART_FFN, p, h, inter / tp, inter * h);
    }
    if (l->experts > 0)
        put_experts(w, l);
}

/* What the layer's count has beyond its matrices: biases, sinks, convolutions, gates of shared experts; 16 bits. */
static void put_rest(struct walk *w, enum matrix_part part, double total, size_t from, double ways)
{
    for (size_t i = from; i < w->n; i++)
        total -= w->out[i].whole;
    if (total > 0.5)
        put(w, NULL, part, PREC_BF16, 0, 0, total)->local = total / ways;
}

size_t layer_matrices(const struct deployment *d, const struct layer *l, struct matrix out[MATRICES_MAX])
{
    struct walk w = {d, out, 0};
    switch (l->mixer) {
    case MIX_NONE:
        break;
    case MIX_GQA:
        put_gqa(&w, l);
        break;
    case MIX_MLA:
        put_mla(&w, l);
        break;
    case MIX_LINEAR:
        put_linear(&w, l);
        break;
    }
    put_rest(&w, PART_MIXER, layer_mixer_params(d->model, l), 0, d->tp);
    size_t ffn = w.n;
    put_ffn(&w, l);
    put_rest(&w, PART_FFN, layer_ffn_params(d->model, l), ffn, l->experts > 0 ? d->tp * d->dp : d->tp);
    if (l->norm_params > 0)
        put(&w, NULL, PART_FFN, PREC_BF16, 0, 0, l->norm_params)->local = l->norm_params;
    return w.n;
}
