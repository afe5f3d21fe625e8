/* train_layer.c - one micro-batch through the layers of a model: forward, and backward at twice its matrix products.
**
**      GEMM       forward (t, n, k); backward dx (t, k, n) and dW (n, k, t): three products of 2*t*n*k FLOP
**      experts    tokens/expert padded to 128 rows, E/ep experts a device, grouped GEMMs
**      attention  causal pairs s(s+1)/2; backward BACKWARD_X times forward: 2.5 times its FLOP at a lower rate
**      elementwise  passes * t/tp * h * 2 bytes, and reads and writes of the activation function; twice in backward
**
** LoRA (Hu and others 2021, arXiv:2106.09685) freezes the weights: dW is not computed, adapters of rank r come on top
*of
** the mixer's matrices. Attention backward: Dao 2023, arXiv:2307.08691, five products against two.
*/
#include <math.h>
#include <string.h>

#include "speed/shape.h"
#include "speed/train_part.h"

#define BACKWARD_X 3.0 /* 5 products against 2, at about 5/6 of the forward rate (arXiv:2307.08691, arXiv:2407.08608)  \
                        */
#define MOST 0.95      /* no step sustains more of a peak */

static double sustained(double ec, double compute)
{
    return ec > 0 ? fmin(MOST, ec * compute) / ec : compute;
}

void train_engine_init(struct train_engine *t, const struct train_job *j, const struct train_split *s)
{
    *t = (struct train_engine){.j = j, .s = s};
    t->d = (struct deployment){
        .acc = j->acc, .model = j->model, .stack = j->ops, .tp = s->tp, .pp = 1, .dp = 1, .ep = s->ep};
    enum precision half = j->precision == PREC_FP16 ? PREC_FP16 : PREC_BF16;
    t->d.quant = (struct quant){.linear = j->precision, .experts = j->precision, .attention = j->precision,
                              .lm_head = half, .embed = half, .kv = half};
    engine_init(&t->e, &t->d);
    for (int p = 0; p < PREC_N; p++)
        t->e.format[p].rate.peak_flop_s *= sustained(t->e.format[p].gemm->ec, j->c.compute);
    t->e.format[PREC_BF16].rate.half_flop_s *= sustained(j->ops.prefill.ec, j->c.attention);
    t->tok = (double)s->micro_batch * (double)j->seq_tok / s->cp;
    t->tok_sp = t->tok / s->tp;
    t->moe_tp = s->ep > 1 ? 1 : s->tp;
}

static void add(struct train_work *w, double forward_s, double backward_s, double flop, double bytes)
{
    w->forward_s += forward_s;
    w->backward_s += backward_s;
    w->flop += flop;
    w->bytes += bytes;
}

static void gemm(const struct train_engine *t, enum precision p, double m, double n, double k, bool frozen,
                 struct train_work *w)
{
    const struct format *f = &t->e.format[p];
    struct op_time y = op_gemm(&f->rate, f->gemm, m, n, k, f->weight_bytes, f->act_bytes);
    struct op_time dx = op_gemm(&f->rate, f->gemm, m, k, n, f->weight_bytes, f->act_bytes);
    struct op_time dw = op_gemm(&f->rate, f->gemm, n, k, m, f->act_bytes, f->act_bytes);
    add(w, y.t_s, dx.t_s + (frozen ? 0 : dw.t_s), y.flop, y.bytes);
}

/* rows tokens of each of `count` experts, n x k weights each. */
static void grouped(const struct train_engine *t, enum precision p, double count, double rows, double n, double k,
                    struct train_work *w)
{
    struct format f = t->e.format[p];
    f.rate.peak_flop_s *= t->j->c.experts;
    double padded = count * ceil(rows / 128) * 128;
    struct op_time y = op_gemm(&f.rate, f.gemm, padded, n, k, f.weight_bytes * count, f.act_bytes);
    struct op_time dx = op_gemm(&f.rate, f.gemm, padded, k, n, f.weight_bytes * count, f.act_bytes);
    struct op_time dw = op_gemm(&f.rate, f.gemm, n * count, k, padded / count, f.act_bytes, f.act_bytes);
    bool frozen = t->j->lora_rank > 0;
    add(w, y.t_s, dx.t_s + (frozen ? 0 : dw.t_s), 2 * count * rows * n * k, y.bytes);
}

static void experts(const struct train_engine *t, const struct layer *l, const struct matrix *m, struct train_work *w)
{
    double count = (double)l->experts / t->s->ep, inter = (double)l->expert_inter / t->moe_tp;
    double here = (t->s->ep > 1 ? t->tok_sp : t->tok) * l->topk_experts;
    grouped(t, m->prec, count, here / count, (l->gated ? 2 : 1) * inter, m->k, w);
    grouped(t, m->prec, count, here / count, m->k, inter, w);
}

static void adapters(const struct train_engine *t, const struct matrix *m, struct train_work *w)
{
    double rank = t->j->lora_rank;
    if (rank <= 0 || m->part != PART_MIXER)
        return;
    gemm(t, PREC_BF16, t->tok, rank, m->k, false, w);
    gemm(t, PREC_BF16, t->tok, m->n, rank, false, w);
}

static void products(const struct train_engine *t, const struct layer *l, struct train_work *w)
{
    struct matrix mat[MATRICES_MAX];
    size_t n = layer_matrices(&t->d, l, mat);
    for (size_t i = 0; i < n; i++) {
        if (!mat[i].op)
            continue;
        if (mat[i].part == PART_EXPERTS) {
            experts(t, l, &mat[i], w);
            continue;
        }
        gemm(t, mat[i].prec, strcmp(mat[i].op, "gemm.router") == 0 ? t->tok_sp : t->tok, mat[i].n, mat[i].k,
             t->j->lora_rank > 0, w);
        adapters(t, &mat[i], w);
    }
}

static void attention(const struct train_engine *t, const struct layer *l, struct train_work *w)
{
    double seqs = (double)t->s->micro_batch, s = (double)t->j->seq_tok;
    if (l->mixer == MIX_LINEAR) {
        struct op_time one = layer_scan(&t->e, l, t->tok, seqs);
        double work_s = one.work_s / t->j->c.scan, fixed_s = one.t_s - one.work_s;
        add(w, work_s + fixed_s, BACKWARD_X * (work_s + fixed_s), one.flop, one.bytes);
        w->attention_s += work_s + fixed_s;
        return;
    }
    if (l->mixer != MIX_GQA && l->mixer != MIX_MLA)
        return;
    struct prefill_attention a = layer_prefill(&t->e, l);
    struct reach reach = layer_reach(&t->e, l);
    double window = t->e.window, pairs = seqs * s * (s + 1) / 2;
    double clip = window > 0 && window < s ? seqs * (window * (window + 1) / 2 + (s - window) * window) : pairs;
    double seen = (reach.full * pairs + reach.clip * clip) / t->s->cp, work_s;
    work_s = prefill_attention_s(&a, t->tok, seqs, seen) - a.t0_s;
    const struct attn_const *c = l->mixer == MIX_MLA ? &t->j->ops.mla_prefill : &t->j->ops.prefill;
    double flop = a.pair_s * seen * t->e.format[PREC_BF16].rate.half_flop_s * c->ec;
    double index_s = layer_indexer_pair_s(&t->e, l) * pairs / t->s->cp;
    add(w, work_s + a.t0_s + index_s, BACKWARD_X * (work_s + index_s) + 3 * a.t0_s, flop,
        a.tok_s * t->tok * t->j->acc->mem_bw_bytes_s);
    w->attention_s += work_s + a.t0_s;
}

/* Values a token that kernels between the products read and write, beside the hidden state: the activation function 3
** with a gate, else 2. */
static double activation_values(const struct train_engine *t, const struct layer *l)
{
    double each = l->gated ? 3 : 2, v = each * (double)(l->ffn_inter + l->shared_inter);
    if (l->mixer == MIX_GQA)
        v += 2.0 * (l->heads + l->kv_heads) * l->head_dim; /* rotary embedding of q and k */
    else if (l->mixer == MIX_MLA)
        v += 4.0 * l->heads * (l->nope_dim + l->rope_dim); /* rope, and keys put together */
    else if (l->mixer == MIX_LINEAR)
        v += 6.0 * (2 * l->lin_k_heads * l->lin_k_dim + l->lin_v_heads * l->lin_v_dim); /* convolution, gate, norm */
    v /= t->s->tp;
    if (l->experts > 0) { /* and 4 passes of each routed token: permuted, weighted, there and back */
        double share = t->s->ep > 1 ? 1.0 / t->s->tp : 1;
        double width = l->expert_hidden ? (double)l->expert_hidden : (double)t->j->model->hidden;
        v += l->topk_experts * share * (each * (double)l->expert_inter / t->moe_tp + 4 * width);
    }
    return v;
}

static void elementwise(const struct train_engine *t, const struct layer *l, struct train_work *w)
{
    bool mixer = l->mixer != MIX_NONE, ffn = l->ffn_inter > 0 || l->experts > 0;
    double halves = (mixer ? 0.5 : 0) + (ffn ? 0.5 : 0);
    double bytes =
        2 * (halves * t->j->c.passes * t->tok_sp * (double)t->j->model->hidden + t->tok * activation_values(t, l));
    double one_s = bytes / t->j->acc->mem_bw_bytes_s;
    add(w, one_s + halves * t->j->c.layer_fixed_s, 2 * (one_s + halves * t->j->c.layer_fixed_s), 0, bytes);
    w->elementwise_s += one_s;
    double host_s = l->experts > 0 ? t->j->c.moe_host_s : 0;
    w->forward_s = fmax(w->forward_s, host_s);
    w->backward_s = fmax(w->backward_s, 2 * host_s);
}

static void times(struct train_work *w, double n)
{
    double *v[] = {&w->forward_s, &w->backward_s, &w->attention_s, &w->elementwise_s, &w->flop,
                   &w->bytes,     &w->tp_s,       &w->ep_s,        &w->cp_s,          &w->cp_back_s};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        *v[i] *= n;
}

static void sum(struct train_work *to, const struct train_work *w)
{
    to->forward_s += w->forward_s, to->backward_s += w->backward_s;
    to->attention_s += w->attention_s, to->elementwise_s += w->elementwise_s;
    to->flop += w->flop, to->bytes += w->bytes;
    to->tp_s += w->tp_s, to->ep_s += w->ep_s, to->cp_s += w->cp_s, to->cp_back_s += w->cp_back_s;
}

struct train_work train_layers(const struct train_engine *t)
{
    struct train_work all = {0};
    for (size_t i = 0; i < t->j->model->ngroup; i++) {
        const struct layer *l = &t->j->model->group[i];
        struct train_work w = {0};
        products(t, l, &w);
        attention(t, l, &w);
        elementwise(t, l, &w);
        train_layer_comm(t, l, &w);
        times(&w, l->count);
        sum(&all, &w);
    }
    return all;
}

/* LM head and cross entropy: logits are written in 16 bits, read as fp32 twice, and their gradient written. */
struct train_work train_head(const struct train_engine *t)
{
    struct train_work w = {0};
    double vocab = (double)t->j->model->vocab / t->s->tp;
    gemm(t, t->d.quant.lm_head, t->tok, vocab, (double)t->j->model->hidden, t->j->lora_rank > 0, &w);
    double pass_s = t->tok * vocab * 4 / t->j->acc->mem_bw_bytes_s;
    add(&w, 2 * pass_s, pass_s, 0, 3 * pass_s * t->j->acc->mem_bw_bytes_s);
    return w;
}
