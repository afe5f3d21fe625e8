/* scenario_precision.c - from `precision` and `kv_cache` and what the model declares to a number format for each part.
**
**      precision: fp8            linear, expert and attention weights; LM head and embedding as the model declares
**                                (q4_k_m and its kind: those too)
**      precision: best           plan tries several; the model's own to begin with
**      precision: {exact: fp8}   only devices that have this arithmetic
**      precision: {weights: mxfp4, attention: bf16, kv_cache: fp8}
*/
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/scenario.h"

static bool format(struct arena *a, const struct node *nd, enum precision *out, struct err *e)
{
    const char *name = NULL;
    if (!nd)
        return true;
    if (!node_str(a, nd, &name, e))
        return false;
    *out = precision_find(name);
    if (*out != PREC_N)
        return true;
    err_input(e, node_place(a, nd), "no number format \"%s\"", name);
    return err_mend(e, "there are bf16, fp16, fp32, fp8, fp8_block, nvfp4, mxfp4, int8, int4, q8_0, q6_k, q5_k, q4_k_m, q3_k, q2_k, bfp8");
}

static bool kv_format(struct arena *a, const struct node *nd, enum precision *out, struct err *e)
{
    const char *name = NULL;
    if (!nd)
        return true;
    if (!node_str(a, nd, &name, e))
        return false;
    if (strcmp(name, "auto") == 0)
        return true;
    enum precision p = PREC_N;
    if (!format(a, nd, &p, e))
        return false;
    if (precision_of_gguf(p) || p == PREC_FP8_BLOCK || p == PREC_BFP8) {
        err_input(e, node_place(a, nd), "%s is a format of weights, not of a KV cache", name);
        return err_mend(e, "write bf16, fp16, fp8, int8, nvfp4 or int4");
    }
    *out = p;
    return true;
}

static void set_weights(struct precision_keys *k, enum precision p)
{
    k->given = true;
    k->weights = p;
    k->quant.linear = k->quant.experts = k->quant.attention = p;
    if (precision_of_gguf(p)) /* a GGUF file quantises head and embedding too (llama.cpp, tools/quantize) */
        k->quant.lm_head = k->quant.embed = p;
}

static bool read_map(struct arena *a, const struct node *nd, struct precision_keys *k, struct err *e)
{
    static const char *const keys[] = {"weights", "exact", "experts", "attention", "linear", "lm_head", "embed", "kv_cache"};
    enum precision p = PREC_N;
    const struct node *weights = node_get(nd, "weights"), *exact = node_get(nd, "exact");
    if (!node_keys(a, nd, keys, sizeof keys / sizeof *keys, e))
        return false;
    if (weights && exact)
        return err_input(e, node_place(a, exact), "write exact: FORMAT or weights: FORMAT, not both");
    if (!format(a, exact ? exact : weights, &p, e))
        return false;
    if (p != PREC_N)
        set_weights(k, p);
    k->exact = exact != NULL;
    k->given |= node_get(nd, "linear") && (node_get(nd, "experts") || node_get(nd, "attention"));
    return format(a, node_get(nd, "linear"), &k->quant.linear, e) &&
           format(a, node_get(nd, "experts"), &k->quant.experts, e) &&
           format(a, node_get(nd, "attention"), &k->quant.attention, e) &&
           format(a, node_get(nd, "lm_head"), &k->quant.lm_head, e) &&
           format(a, node_get(nd, "embed"), &k->quant.embed, e) &&
           kv_format(a, node_get(nd, "kv_cache"), &k->quant.kv, e);
}

void quant_own_bits(struct quant *q, const struct quant *own)
{
    q->bits.linear = q->linear == own->linear ? own->bits.linear : 0;
    q->bits.experts = q->experts == own->experts ? own->bits.experts : 0;
    q->bits.attention = q->attention == own->attention ? own->bits.attention : 0;
    q->bits.lm_head = q->lm_head == own->lm_head ? own->bits.lm_head : 0;
    q->bits.embed = q->embed == own->embed ? own->bits.embed : 0;
}

static bool has_experts(const struct model *m)
{
    for (size_t i = 0; i < m->ngroup; i++)
        if (m->group[i].experts > 0)
            return true;
    return false;
}

bool scenario_precision(struct arena *a, const struct node *precision, const struct node *kv_cache,
                        const struct model *model, const char *place, struct precision_keys *out, struct err *e)
{
    struct precision_keys k = {.quant = model->quant};
    const char *word = precision && precision->kind == NODE_SCALAR ? precision->text : NULL;
    k.weights = has_experts(model) ? model->quant.experts : model->quant.linear;
    if (word && strcmp(word, "best") == 0)
        k.best = true;
    else if (precision && precision->kind == NODE_MAP) {
        if (!read_map(a, precision, &k, e))
            return false;
    } else if (precision && !node_is_null(precision)) {
        enum precision p = PREC_N;
        if (!format(a, precision, &p, e))
            return false;
        set_weights(&k, p);
    }
    if (!kv_format(a, kv_cache, &k.quant.kv, e))
        return false;
    if (model->precision_needed && !k.given && !k.best) {
        err_input(e, place, "%s: its name says that it is quantised, but its config does not say how", model->id);
        return err_mend(e, "write precision: fp8 (or fp8_block, nvfp4, mxfp4, int4)");
    }
    quant_own_bits(&k.quant, &model->quant);
    *out = k;
    return true;
}
