/* predict.c - from a measured point to a deployment, and from a time to a metric with its interval. */
#include "fit/predict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/units.h"
#include "fit/load.h"
#include "fit/training.h"
#include "speed/power.h"

bool fit_refuse(struct fit_run *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(r->out->why, sizeof r->out->why, fmt, ap);
    va_end(ap);
    r->out->ok = false;
    return false;
}

/* TensorRT-LLM takes the format of the KV cache from the checkpoint, and NVIDIA's fp8 and nvfp4 checkpoints say fp8
** (kv_cache_quant_algo in their hf_quant_config.json); other engines keep the model's 16 bits unless told otherwise. */
static enum precision kv_format(const struct fit_point *p, const struct model *m)
{
    bool quantised = p->precision == PREC_FP8 || p->precision == PREC_FP8_BLOCK || p->precision == PREC_NVFP4;
    if (p->kv_precision != PREC_N)
        return p->kv_precision;
    return strcmp(p->framework, "trtllm") == 0 && quantised ? PREC_FP8 : m->quant.kv;
}

struct quant fit_quant(const struct fit_point *p)
{
    const struct model *m = p->model;
    struct quant q = m->quant;
    bool sixteen = precision_table[p->precision].bits >= 16;
    q.linear = q.attention = p->precision;
    if (p->moe_precision != PREC_N)
        q.experts = p->moe_precision;
    else if (!sixteen || !m->quant_declared)
        q.experts = p->precision;
    if (precision_of_gguf(p->precision)) /* a GGUF file quantises head and embedding too (llama.cpp, tools/quantize) */
        q.lm_head = q.embed = p->precision;
    q.kv = kv_format(p, m);
    return q;
}

/* With data-parallel attention every rank has a scheduler of its own, and the limits are those of a rank. SGLang
** divides its chunk of prefill by dp (server_args.py, enable_dp_attention). */
static bool each_rank(const struct fit_point *p)
{
    return strcmp(stack_file_name(p->stack), "sglang") != 0;
}

/* Sequences of a replica; the row speaks of the whole deployment. */
static int64_t at_once(const struct fit_point *p, const struct stack *s, int ranks)
{
    int64_t seqs = p->max_seqs > 0 ? p->max_seqs : (int64_t)s->max_seqs * ranks, n = p->replicas > 0 ? p->replicas : 1;
    int64_t asked = (p->kind == FIT_STATIC ? p->batch : p->max_seqs > 0 ? 0 : p->concurrency) / n;
    if (p->kind == FIT_STATIC && asked > 0)
        return asked;
    return asked > seqs ? asked : seqs; /* a server is started for the concurrency it is measured at */
}

/* What is held out has no calibration either. */
static const struct calibration *calibration_of(const struct fit_run *r, const struct stack *s, const struct quant *q)
{
    const struct catalog *c = r->s->catalog;
    if (r->s->own || !c || stack_mask_holds(r->s->mask, r->p->acc))
        return r->s->own;
    return calibration_find(c->calibration, c->ncalibration, s, r->p->acc, r->p->model, q);
}

bool fit_deploy(struct fit_run *r, const struct fit_pool *side)
{
    const struct fit_point *p = r->p;
    struct stack stack = stack_constants_without(p->stack, p->acc, r->s->mask);
    struct quant quant = fit_quant(p);
    calibration_apply(calibration_of(r, &stack, &quant), &stack);
    struct err e = {0};
    int64_t osl = p->osl > 0 ? p->osl : 1;
    int dp = side ? side->dp : p->dp, ranks = each_rank(p) ? dp : 1;
    r->d = (struct deployment){
        .acc = p->acc,
        .model = p->model,
        .quant = quant,
        .stack = stack,
        .tp = side ? side->tp : p->tp,
        .pp = side ? 1 : p->pp,
        .dp = dp,
        .ep = side ? side->ep : p->ep,
        .max_seqs = (int)at_once(p, &stack, ranks),
        .max_tokens = stack.max_tokens * ranks,
        .memory_frac = stack.memory_frac,
        .max_context = p->isl + osl,
        .power_cap_w = p->power_cap_w,
    };
    if (!deployment_check(&r->d, &e))
        return fit_refuse(r, "%s: %.160s", e.place, e.what);
    if (p->kind == FIT_STATIC)
        power_cap_apply(&r->d, p->batch / p->replicas, p->isl + osl / 2, p->isl);
    else
        power_cap_apply_usual(&r->d);
    r->memory = memory_of(&r->d);
    if (r->memory.fits)
        return true;
    char short_by[32];
    unit_format(short_by, sizeof short_by, UNIT_BYTES, r->memory.short_by_bytes);
    return fit_refuse(r, "does not fit in memory: %s short on each device", short_by);
}

void fit_grade(struct fit_run *r, const struct deployment *d)
{
    struct prediction one;
    predict_point(d, 1, r->p->isl > 0 ? r->p->isl : 1, 1, &one);
    r->out->tier = one.tier;
    r->out->evidence = one.evidence;
}

/* A rate falls as its time rises: its lower end belongs to the longest time. */
static struct span interval(const struct fit_run *r, double at, enum fit_sort sort)
{
    const struct stack *s = &r->d.stack;
    enum tier t = r->out->tier;
    double lo = s->interval[t].step_lo, hi = s->interval[t].step_hi;
    if (sort == FIT_SORT_TTFT)
        lo = s->interval[t].ttft_lo, hi = s->interval[t].ttft_hi;
    if (sort == FIT_SORT_POWER)
        lo = s->power.lo, hi = s->power.hi;
    if (sort == FIT_SORT_RATE)
        return (struct span){at, at / (1 + hi), at / (1 - lo)};
    return (struct span){at, at * (1 - lo), at * (1 + hi)};
}

/* The interval of a calibrated step was earned by times per token: TTFT keeps its own, whatever it is made of. */
void fit_say_as(struct fit_run *r, enum fit_metric m, double base, enum fit_sort sort)
{
    if (r->d.stack.calibrated && fit_metric_table[m].sort == FIT_SORT_TTFT)
        sort = FIT_SORT_TTFT;
    if (isfinite(base) && base > 0)
        r->out->value[m] = interval(r, base * fit_metric_table[m].per_base, sort);
}

void fit_say(struct fit_run *r, enum fit_metric m, double base)
{
    fit_say_as(r, m, base, fit_metric_table[m].sort);
}

void fit_say_rates(struct fit_run *r, double req_s, double in_tok, double out_tok)
{
    fit_say(r, FIT_SAMPLES_PER_S, req_s);
    fit_say(r, FIT_OUTPUT_TOK_S, req_s * out_tok);
    fit_say(r, FIT_INPUT_TOK_S, req_s * in_tok);
    fit_say(r, FIT_TOTAL_TOK_S, req_s * (in_tok + out_tok));
    fit_say(r, FIT_TOK_S_PER_ACCELERATOR, req_s * out_tok / r->p->devices);
}

/* As from the measured ones, so that nothing but TTFT and TPOT is compared. */
static void derived(struct fit_run *r)
{
    double ttft_s = r->out->value[FIT_TTFT_MEAN_MS].at / fit_metric_table[FIT_TTFT_MEAN_MS].per_base;
    double tpot_s = r->out->value[FIT_TPOT_MEAN_MS].at / fit_metric_table[FIT_TPOT_MEAN_MS].per_base;
    if (r->out->ok)
        fit_say(r, FIT_TOK_S_PER_ACCELERATOR_DERIVED, fit_closed_loop_tok_s(r->p, ttft_s, tpot_s));
}

void fit_predict(struct arena *a, const struct fit_point *p, const struct fit_settings *s, struct fit_prediction *out)
{
    struct fit_run r = {.arena = a, .p = p, .s = s, .out = out};
    *out = (struct fit_prediction){.ok = true, .how = ""};
    for (int m = 0; m < FIT_METRIC_N; m++)
        out->value[m] = (struct span){NAN, NAN, NAN};
    if (p->refused) {
        fit_refuse(&r, "%.190s", p->refused);
        return;
    }
    if (p->kind == FIT_TRAINING)
        fit_train(&r);
    else if (p->disaggregated)
        fit_disaggregated(&r);
    else if (p->kind == FIT_STATIC)
        fit_static(&r);
    else
        fit_replay(&r);
    derived(&r);
}
