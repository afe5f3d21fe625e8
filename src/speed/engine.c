/* engine.c - a deployment made ready for the walk: rates, constants and windows that do not depend on the load. */
#include <string.h>

#include "speed/shape.h"
#include "speed/walk.h"

static bool weight_only(enum precision p, const struct precision_run *run)
{
    return precision_table[p].bits < 16 && (run->fallback || precision_table[p].weight_only);
}

/* A format the device lacks runs weight-only, by the kernels of the weight-only format that was measured: int4. */
static const struct op_const *gemm_constants(const struct stack *s, enum precision p, const struct precision_run *run)
{
    const struct op_const *c = &s->gemm[run->fallback && precision_table[p].bits < 16 ? PREC_INT4 : p];
    return c->ec > 0 && c->em > 0 ? c : &s->gemm[PREC_BF16];
}

/* Experts whose weights are only stored in a format are multiplied in 16 bits: the constants of 16-bit experts, with
** the format's bytes. The public timings of weight-only expert kernels (int4 and mxfp4 on devices without FP4) are
** of kernels that engines do not deploy: they alone take longer than whole measured steps (gpt-oss-120b, Kimi K2.5
** on H200). */
static const struct op_const *moe_constants(const struct stack *s, enum precision p, const struct precision_run *run)
{
    const struct op_const *c = &s->moe[weight_only(p, run) ? PREC_BF16 : p];
    return c->ec > 0 && c->em > 0 ? c : &s->moe[PREC_BF16];
}

static double half_rate(const struct accelerator *acc)
{
    enum arith half = accelerator_half(acc);
    return acc->peak_flop_s[half == ARITH_N ? ARITH_FP32 : half];
}

static double widest_window(const struct model *m)
{
    double widest = 0;
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        double sparse = (double)l->topk * (l->compress > 1 ? l->compress : 1);
        if (l->mixer == MIX_GQA || l->mixer == MIX_MLA)
            widest = fmax(widest, fmax(sparse, (double)l->window));
    }
    return widest;
}

static double least_context(const struct deployment *d)
{
    for (size_t i = 0; i < d->model->ngroup; i++)
        if (d->model->group[i].mixer == MIX_MLA)
            return fmax(1, d->stack.mla_decode.min_kv);
    return fmax(1, d->stack.decode.min_kv);
}

void engine_init(struct engine *e, const struct deployment *d)
{
    double sms = d->acc->cores > 0 ? d->acc->cores : 100;
    double clock = d->clock_frac > 0 ? d->clock_frac : 1;
    double bw = d->acc->mem_bw_bytes_s * (d->bandwidth_frac > 0 ? d->bandwidth_frac : 1);
    *e = (struct engine){.d = d,
                         .share = 1.0 / (d->pp * d->dp),
                         .kv_bytes = precision_table[d->quant.kv].bits / 8,
                         .window = widest_window(d->model),
                         .min_kv = least_context(d)};
    for (int p = 0; p < PREC_N; p++) {
        struct precision_run run = precision_on((enum precision)p, d->acc);
        struct format *f = &e->format[p];
        double peak = run.arith < ARITH_N ? d->acc->peak_flop_s[run.arith] : 0;
        f->rate = (struct device_rate){peak * clock, half_rate(d->acc) * clock, bw, sms, d->stack.least_rows};
        f->weight_bytes = run.weight_bytes;
        f->act_bytes = run.act_bytes;
        f->borrowed = weight_only((enum precision)p, &run);
        f->gemm = gemm_constants(&d->stack, (enum precision)p, &run);
        f->moe = moe_constants(&d->stack, (enum precision)p, &run);
    }
}

enum tier engine_tier(const struct engine *e)
{
    const struct deployment *d = e->d;
    enum tier t = e->format[d->quant.linear].gemm->tier;
    for (size_t i = 0; i < d->model->ngroup; i++) {
        const struct layer *l = &d->model->group[i];
        enum tier at = l->mixer == MIX_GQA ? d->stack.decode.tier : l->mixer == MIX_MLA ? d->stack.mla_decode.tier : t;
        t = at > t ? at : t;
        const struct format *f = &e->format[d->quant.experts];
        if (l->experts > 0 && f->moe->tier > t)
            t = f->moe->tier;
        if (l->experts > 0 && f->borrowed && t == TIER_DEVICE) /* constants of another format are not its own */
            t = TIER_FAMILY;
    }
    return t;
}

/* MEASURED: the deciding constants are this device's own. Nothing measured stands behind pipelines, several nodes or
** speculation. */
enum grade engine_evidence(const struct engine *e)
{
    const struct deployment *d = e->d;
    bool usual = d->pp == 1 && !deployment_spans_nodes(d) && d->spec.tokens == 0;
    if (d->stack.calibrated && usual)
        return GRADE_MEASURED;
    if (d->acc->evidence == GRADE_ASSUMED)
        return GRADE_ASSUMED;
    bool own = d->stack.evidence == GRADE_MEASURED && engine_tier(e) == TIER_DEVICE;
    return own && usual ? GRADE_MEASURED : GRADE_INFERRED;
}

struct reach layer_reach(const struct engine *e, const struct layer *l)
{
    struct reach r = {0, 0};
    if (l->topk > 0)
        r.clip += (double)l->topk / e->window;
    else if (l->compress > 1)
        r.full += 1.0 / l->compress;
    else if (l->window == 0)
        r.full += 1;
    if (l->window > 0)
        r.clip += (double)l->window / e->window;
    return r;
}

struct prefill_attention layer_prefill(const struct engine *e, const struct layer *l)
{
    const struct stack *s = &e->d->stack;
    const struct device_rate *r = &e->format[PREC_BF16].rate;
    double heads = (double)l->heads / e->d->tp, cap = layer_reach(e, l).full > 0 ? 0 : e->window;
    if (l->mixer == MIX_GQA)
        return op_prefill_const(r, &s->prefill, heads, local_kv_heads(e->d, l), l->head_dim, l->v_head_dim, e->kv_bytes,
                                cap);
    if (l->topk > 0 || l->latent_kv) /* attends the latents themselves */
        return op_prefill_const(r, &s->mla_prefill, heads, 1, l->kv_lora + l->rope_dim, l->kv_lora, e->kv_bytes, cap);
    return op_prefill_const(r, &s->mla_prefill, heads, heads, l->nope_dim + l->rope_dim, l->v_head_dim, 2, cap);
}

double layer_indexer_pair_s(const struct engine *e, const struct layer *l)
{
    if (l->topk <= 0 || l->index_shared || l->index_heads == 0)
        return 0;
    double stored = l->compress > 1 ? 1.0 / l->compress : 1;
    return op_indexer(&e->format[PREC_BF16].rate, &e->d->stack.mla_prefill, stored, 0, l->index_heads, l->index_dim)
        .work_s;
}
