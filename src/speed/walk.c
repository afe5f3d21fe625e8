/* walk.c - step = sum over layers of (GEMMs + attention + experts + collectives + small kernels + passes over
** hidden).
**
**      layer(m tokens) = mixer GEMMs(m/dp) + all-reduce(tp) + feed-forward GEMMs(m/dp) + experts(m)
**                        + all-reduce(tp); with data-parallel attention gather and scatter over tp*dp, or
**                          all-to-all to the ranks of the chosen experts
**                        + small kernels + passes * m/dp * hidden * 2 B / W
**
** No term for overlap: measured steps cannot tell it from the efficiencies (docs/model.md).
*/
#include "speed/walk.h"

#include "speed/collective.h"
#include "speed/shape.h"

void time_begin(struct step_time *t)
{
    t->t_s = 0;
    t->npart = 0;
    for (int b = 0; b < BOUND_N; b++)
        t->by_bound_s[b] = 0;
}

/* work: the bound of the working time when the fixed time is the largest part. */
void time_add(struct step_time *t, const char *op, int count, struct op_time one, enum bound work)
{
    if (count <= 0 || !(one.t_s > 0))
        return;
    t->t_s += count * one.t_s;
    t->by_bound_s[BOUND_FIXED] += count * (one.t_s - one.work_s);
    t->by_bound_s[one.bound == BOUND_FIXED ? work : one.bound] += count * one.work_s;
    for (size_t i = 0; i < t->npart; i++) {
        struct step_part *p = &t->part[i];
        if (p->op == op && p->one.t_s == one.t_s) {
            p->count += count;
            return;
        }
    }
    if (t->npart < STEP_PARTS_MAX) {
        t->part[t->npart++] = (struct step_part){op, count, one};
        return;
    }
    /* A network with more kinds of layers than fit: fold the rest into the last part, as one launch. */
    struct step_part *p = &t->part[STEP_PARTS_MAX - 1];
    struct op_time *o = &p->one;
    double t_s = p->count * o->t_s + count * one.t_s, work_s = p->count * o->work_s + count * one.work_s;
    double flop = p->count * o->flop + count * one.flop, bytes = p->count * o->bytes + count * one.bytes;
    *p = (struct step_part){"other", 1, {t_s, work_s, flop, bytes, o->bound}};
}

static double at_least_one(double v)
{
    return v > 1 ? v : 1;
}

static struct op_time fixed(double t_s)
{
    return (struct op_time){.t_s = t_s, .bound = BOUND_FIXED};
}

static void collective(const struct engine *e, enum collective kind, const char *op, int n, int count, double bytes,
                       struct step_time *t)
{
    if (n > 1)
        time_add(t, op, count, op_collective(e->d->acc, &e->d->stack, kind, n, bytes), BOUND_LINK);
}

static void matrices(const struct engine *e, const struct layer *l, double rank_tok, double all_tok,
                     struct step_time *t)
{
    const struct deployment *d = e->d;
    struct matrix mat[MATRICES_MAX];
    size_t n = layer_matrices(d, l, mat);
    for (size_t i = 0; i < n; i++) {
        const struct format *f = &e->format[mat[i].prec];
        double bytes = mat[i].bits > 0 ? mat[i].bits / 8 : f->weight_bytes;
        if (mat[i].part == PART_EXPERTS)
            time_add(t, mat[i].op, l->count,
                     op_moe(&f->rate, f->moe, all_tok, mat[i].k, mat[i].n, l->experts, l->topk_experts, d->ep,
                            deployment_moe_tp(d), l->gated ? 3 : 2, bytes, d->stack.routing_skew),
                     BOUND_MEMORY);
        else if (mat[i].op)
            time_add(t, mat[i].op, l->count,
                     op_gemm(&f->rate, f->gemm, rank_tok, mat[i].n, mat[i].k, bytes, f->act_bytes),
                     BOUND_MEMORY);
    }
}

/* Tokens to the experts and back, when each rank attends to its own tokens: everything to everyone (gather, scatter),
** or each token to the ranks that hold its experts (all-to-all), ep * (1 - (1 - 1/ep)^k) of them on average, moe_tp
** ranks each. Engines take the one that moves less: the first for a few ranks, the second for many (DeepEP). */
static void to_experts(const struct engine *e, const struct layer *l, double rank_tok, double all_tok,
                       struct step_time *t)
{
    const struct deployment *d = e->d;
    const struct accelerator *acc = d->acc;
    double row = (double)d->model->hidden * 2, ep = d->ep;
    double copies = deployment_moe_tp(d) * ep * (1 - pow(1 - 1 / ep, l->topk_experts));
    int n = d->tp * d->dp;
    struct op_time gather = op_collective(acc, &d->stack, COLL_ALL_GATHER, n, all_tok * row);
    struct op_time scatter = op_collective(acc, &d->stack, COLL_REDUCE_SCATTER, n, all_tok * row);
    struct op_time route = op_collective(acc, &d->stack, COLL_ALL_TO_ALL, n, rank_tok / d->tp * copies * row);
    if (gather.t_s + scatter.t_s <= 2 * route.t_s) {
        time_add(t, "comm.gather", l->count, gather, BOUND_LINK);
        time_add(t, "comm.scatter", l->count, scatter, BOUND_LINK);
    } else {
        time_add(t, "comm.dispatch", l->count, route, BOUND_LINK);
        time_add(t, "comm.combine", l->count, route, BOUND_LINK);
    }
}

static void walk_layer(const struct engine *e, const struct layer *l, double rank_tok, double all_tok,
                       struct step_time *t)
{
    const struct deployment *d = e->d;
    double row = (double)d->model->hidden * 2;
    bool mixer = l->mixer != MIX_NONE, moe = l->experts > 0, ffn = moe || l->ffn_inter > 0;
    double halves = (mixer ? 0.5 : 0) + (ffn ? 0.5 : 0);

    matrices(e, l, rank_tok, all_tok, t);
    if (mixer)
        collective(e, COLL_ALL_REDUCE, "comm.all_reduce", d->tp, l->count, rank_tok * row, t);
    if (moe && d->dp > 1) {
        to_experts(e, l, all_tok / d->dp, all_tok, t); /* as if the ranks had equal parts */
    } else if (ffn) {
        collective(e, COLL_ALL_REDUCE, "comm.all_reduce", d->tp, l->count, rank_tok * row, t);
    }
    double small_s = halves * (moe ? d->stack.small_kernel_moe_s : d->stack.small_kernel_dense_s);
    time_add(t, "small kernels", l->count, fixed(small_s), BOUND_FIXED);
    double pass_bytes = halves * d->stack.elementwise_passes * rank_tok * row;
    time_add(t, "elementwise", l->count, op_elementwise(&e->format[PREC_BF16].rate, pass_bytes), BOUND_MEMORY);
}

void walk_tokens(const struct engine *e, double rank_tok, double all_tok, struct step_time *t)
{
    const struct deployment *d = e->d;
    if (rank_tok <= 0)
        return;
    rank_tok = at_least_one(rank_tok), all_tok = at_least_one(all_tok);
    for (size_t i = 0; i < d->model->ngroup; i++)
        walk_layer(e, &d->model->group[i], rank_tok, all_tok, t);
    if (d->pp > 1) /* stages are neighbours; they may sit on other nodes */
        collective(e, COLL_P2P, "comm.stage", deployment_devices(d), d->pp - 1, rank_tok * (double)d->model->hidden * 2,
                   t);
}

void walk_head(const struct engine *e, double seqs, struct step_time *t)
{
    const struct deployment *d = e->d;
    if (seqs <= 0)
        return;
    const struct format *f = &e->format[d->quant.lm_head];
    double rows = at_least_one(seqs * e->share), vocab = (double)d->model->vocab;
    double bytes = d->quant.bits.lm_head > 0 ? d->quant.bits.lm_head / 8 : f->weight_bytes;
    time_add(t, "gemm.lm_head", 1,
             op_gemm(&f->rate, f->gemm, rows, vocab / d->tp, (double)d->model->hidden, bytes, f->act_bytes),
             BOUND_MEMORY);
    collective(e, COLL_ALL_GATHER, "comm.logits", d->tp, 1, rows * vocab * 2, t);
    /* 16-bit logits are read, and written as fp32 for the sampler. */
    time_add(t, "sampling", 1, op_elementwise(&e->format[PREC_BF16].rate, rows * vocab * 6), BOUND_MEMORY);
}

static double state_bytes(const struct engine *e, const struct layer *l)
{
    return linear_state_bytes(e->d, l) + linear_conv_bytes(e->d, l);
}

struct op_time layer_scan(const struct engine *e, const struct layer *l, double tok, double chunks)
{
    return op_linear_prefill(&e->format[PREC_BF16].rate, &e->d->stack.linear, tok, chunks,
                             (double)l->lin_v_heads / e->d->tp, l->lin_k_dim, l->lin_v_dim, state_bytes(e, l));
}

/* Verifying k proposed tokens reads a context once for k + 1 queries; of a linear layer's state one is read and all k + 1 are
** written, so that it can be taken back. */
void walk_decode(const struct engine *e, double seqs, double full, double clip, struct step_time *t)
{
    const struct deployment *d = e->d;
    const struct device_rate *r = &e->format[PREC_BF16].rate;
    if (seqs <= 0)
        return;
    double share = fmax(e->share, 1 / at_least_one(seqs)); /* one sequence stays on one rank */
    seqs *= share, full *= share, clip *= share;
    for (size_t i = 0; i < d->model->ngroup; i++) {
        const struct layer *l = &d->model->group[i];
        struct reach reach = layer_reach(e, l);
        double keys = reach.full * full + reach.clip * clip, queries = 1 + d->spec.tokens, heads = queries * l->heads / d->tp;
        if (l->mixer == MIX_GQA)
            time_add(t, "attention.decode", l->count,
                     op_decode_attention(r, &d->stack.decode, keys, local_kv_heads(d, l), heads, l->head_dim,
                                         l->v_head_dim, e->kv_bytes),
                     BOUND_MEMORY);
        else if (l->mixer == MIX_MLA)
            time_add(t, "attention.mla_decode", l->count,
                     op_mla_decode(r, &d->stack.mla_decode, keys, heads, l->kv_lora, l->rope_dim, e->kv_bytes),
                     BOUND_MEMORY);
        else if (l->mixer == MIX_LINEAR)
            time_add(t, "linear.decode", l->count, op_linear_decode(r, &d->stack.linear, seqs * (1 + queries) / 2, state_bytes(e, l)),
                     BOUND_MEMORY);
        if (l->topk > 0 && !l->index_shared && l->index_heads > 0) {
            double stored = full / (l->compress > 1 ? l->compress : 1);
            time_add(t, "attention.indexer", l->count,
                     op_indexer(r, &d->stack.mla_decode, stored * queries, stored, l->index_heads, l->index_dim), BOUND_MEMORY);
        }
    }
}

void walk_prefill(const struct engine *e, double tok, double chunks, double pairs, double pairs_clip,
                  struct prefill_ways ways, struct step_time *t)
{
    const struct deployment *d = e->d;
    const struct device_rate *r = &e->format[PREC_BF16].rate;
    if (tok <= 0)
        return;
    double share = 1 / (double)(ways.pp * ways.dp);
    tok *= share, pairs *= share, pairs_clip *= share;
    chunks = at_least_one(chunks * share);
    for (size_t i = 0; i < d->model->ngroup; i++) {
        const struct layer *l = &d->model->group[i];
        if (l->mixer == MIX_LINEAR)
            time_add(t, "linear.prefill", l->count, layer_scan(e, l, tok, chunks), BOUND_MEMORY);
        if (l->mixer != MIX_GQA && l->mixer != MIX_MLA)
            continue;
        struct reach reach = layer_reach(e, l);
        struct prefill_attention a = layer_prefill(e, l);
        double seen = reach.full * pairs + reach.clip * pairs_clip;
        double t_s = prefill_attention_s(&a, tok, chunks, seen), c_s = a.pair_s * seen, b_s = a.tok_s * tok;
        double flop = c_s * r->half_flop_s * (l->mixer == MIX_MLA ? d->stack.mla_prefill.ec : d->stack.prefill.ec);
        struct op_time one = {t_s, t_s - a.t0_s, flop, b_s * r->bw_bytes_s, c_s > b_s ? BOUND_COMPUTE : BOUND_MEMORY};
        time_add(t, l->mixer == MIX_MLA ? "attention.mla_prefill" : "attention.prefill", l->count, one, BOUND_COMPUTE);
        double index_s = layer_indexer_pair_s(e, l) * pairs;
        time_add(t, "attention.indexer", l->count, (struct op_time){index_s, index_s, 0, 0, BOUND_COMPUTE},
                 BOUND_COMPUTE);
    }
}
