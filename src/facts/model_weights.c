/* model_weights.c - number format and bits a weight of each part of a model, counted from its table of tensors.
**
**      bits = 8 * sum of bytes (scales and zero points too) / sum of weights        over the tensors of the part
**
** The format is that of most weights of the part; a mix of GGUF types (Q4_K_M keeps some at Q6_K) is the format with the
** nearest bits, and its own exact bits count. Names of tensors: gguf-py/gguf/constants.py of ggml-org/llama.cpp
** (TENSOR_NAMES) and the modules of huggingface/transformers. Norms, biases and routers are counted and have no format.
**
**      "moat": {"weights": {"attention": {"format": "q4_k_m", "bits": 4.71}, "linear": ..., "experts": ..., ...}}
*/
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/checkpoint.h"
#include "facts/model_read.h"

enum part { W_ATTENTION, W_LINEAR, W_EXPERTS, W_HEAD, W_EMBED, W_PARTS, W_SMALL = W_PARTS, W_OUT, W_N };

static const char *const part_name_of[W_PARTS] = {"attention", "linear", "experts", "lm_head", "embed"};

struct tally {
    double params[W_N], bytes[W_N];
    double of_type[W_PARTS][PREC_N];    /* weights by format; those of packed tensors are in none */
    bool block_scale;                   /* fp8 with a scale for each block of 128 x 128 */
};

static bool has(const char *s, const char *const *words)
{
    for (; *words; words++)
        if (strstr(s, *words))
            return true;
    return false;
}

static bool ends(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

/* The number behind "blk.", "layers." or "h."; -1: the tensor belongs to no layer. */
static int layer_of(const char *name)
{
    static const char *const mark[] = {"blk.", "layers.", "h."};
    for (size_t i = 0; i < 3; i++) {
        const char *at = strstr(name, mark[i]);
        if (at && (at == name || at[-1] == '.') && isdigit((unsigned char)at[strlen(mark[i])]))
            return (int)strtol(at + strlen(mark[i]), NULL, 10);
    }
    return -1;
}

static enum part part_of(const struct tensor *t, int layers)
{
    const char *s = t->name;
    if (strncmp(s, "v.", 2) == 0 || strncmp(s, "mm.", 3) == 0 || layer_of(s) >= layers ||
        has(s, KEYS("visual", "vision", "multi_modal_projector", "rope_freqs", "rope_factors", "rotary_emb", "mtp.", "nextn")))
        return W_OUT;
    if (t->ndim <= 1 || ends(s, ".bias") || ends(s, "_bias") || has(s, KEYS("norm", "ffn_gate_inp", "router", "position_embd", "per_layer_")) ||
        ends(s, ".gate.weight") || ends(s, "wpe.weight") || ends(s, "shared_expert_gate.weight"))
        return W_SMALL;
    if (strncmp(s, "output.", 7) == 0 || has(s, KEYS("lm_head")))
        return W_HEAD;
    if (has(s, KEYS("token_embd", "embed_tokens", "wte", "word_embeddings", "embed_in")))
        return W_EMBED;
    if (has(s, KEYS("shexp", "shared_expert")))
        return W_LINEAR;
    if (has(s, KEYS("_exps", ".experts.")))
        return W_EXPERTS;
    if (has(s, KEYS("attn", "attention", "ssm_", "mixer")))
        return W_ATTENTION;
    return has(s, KEYS("ffn", "mlp", "feed_forward", "block_sparse_moe")) ? W_LINEAR : W_SMALL;
}

/* ---------------------------------------------------------------- packed checkpoints (safetensors) */

/* Weights that one stored element holds; 0: it holds none (scales, zero points, indices). */
static double weights_in(const struct tensor_table *t, const struct tensor *one, double bits)
{
    const char *s = one->name, *type = one->type->name;
    char scale[512];
    if (strcmp(type, "I32") == 0)
        return ends(s, "qweight") || ends(s, "weight_packed") ? 32 / bits : 0;
    if (strcmp(type, "U8") == 0) {
        if (ends(s, "_blocks") || ends(s, "weight_packed"))
            return 2;
        snprintf(scale, sizeof scale, "%s_scale", s);
        bool modelopt = ends(s, "weight") && tensor_find(t, scale);
        snprintf(scale, sizeof scale, "%s.absmax", s);
        return modelopt || tensor_find(t, scale) ? 2 : 0;
    }
    if (has(s, KEYS("_scale", ".scales", "qzeros", "g_idx", "zero_point", "absmax", "quant_map")) || one->type->like == PREC_N)
        return 0;
    return 1;
}

void weights_unpack(struct tensor_table *t, const struct node *config)
{
    const struct node *nd = node_at(config, "quantization_config.bits");
    double bits = nd && nd->text && strcmp(nd->text, "8") == 0 ? 8 : 4;
    for (size_t i = 0; i < t->n; i++)
        t->tensor[i].params *= weights_in(t, &t->tensor[i], bits);
}

/* ---------------------------------------------------------------- counting */

static void count(const struct tensor_table *t, int layers, struct tally *out)
{
    *out = (struct tally){0};
    /* llama.cpp stores kv_b of latent attention whole, or as k_b and v_b, or both ways */
    for (size_t i = 0; i < t->n; i++) {
        const struct tensor *one = &t->tensor[i];
        int layer = layer_of(one->name);
        bool doubled = (ends(one->name, "attn_k_b.weight") || ends(one->name, "attn_v_b.weight")) &&
                       tensor_findf(t, "blk.%d.attn_kv_b.weight", layer);
        enum part p = doubled ? W_OUT : part_of(one, layers);
        if (p < W_PARTS && one->type->like != PREC_N)
            out->of_type[p][one->type->like] += one->params;
        out->params[p] += one->params;
        out->bytes[p] += one->bytes;
        out->block_scale |= ends(one->name, "weight_scale_inv");
    }
}

/* Of a part whose weights are mostly p: p, or among the formats of GGUF the one nearest in bits. */
static enum precision nearest(enum precision p, double bits, bool block_scale)
{
    enum precision best = p;
    if (p == PREC_FP8 && block_scale)
        return PREC_FP8_BLOCK;
    if (!precision_of_gguf(p))
        return p;
    for (int q = 0; q < PREC_N; q++)
        if (precision_of_gguf((enum precision)q) &&
            fabs(precision_table[q].bits - bits) < fabs(precision_table[best].bits - bits))
            best = (enum precision)q;
    return best;
}

static enum precision format_of(const struct tally *c, enum part p, enum precision declared, bool was_declared)
{
    double bits = 8 * c->bytes[p] / c->params[p];
    enum precision most = PREC_N;
    for (int q = 0; q < PREC_N; q++)
        if (c->of_type[p][q] > (most == PREC_N ? 0 : c->of_type[p][most]))
            most = (enum precision)q;
    bool agrees = precision_table[declared].bits < 16 && fabs(bits / precision_table[declared].bits - 1) < 0.25;
    if (most == PREC_N || (was_declared && agrees))
        return declared;
    if (most == PREC_FP32 && !precision_of_gguf(declared) && precision_table[declared].bits == 16 && !was_declared)
        return declared; /* fp32 checkpoints are served in 16 bits, as every engine's `auto` does */
    return nearest(most, bits, c->block_scale);
}

bool weights_write(struct arena *a, const struct tensor_table *t, const struct model *m, struct node *doc, struct err *e)
{
    const enum precision was[W_PARTS] = {m->quant.attention, m->quant.linear, m->quant.experts, m->quant.lm_head, m->quant.embed};
    struct tally c;
    count(t, m->layers, &c);
    for (int p = 0; p < W_PARTS; p++) {
        static const enum part other[W_PARTS] = {W_LINEAR, W_EXPERTS, W_LINEAR, W_EMBED, W_HEAD};
        enum part from = c.params[p] == 0 ? other[p] : (enum part)p; /* no part of its own: a tied head, no experts */
        if (c.params[from] == 0)
            continue;
        enum precision f = format_of(&c, from, was[p], m->quant_declared);
        double bits = 8 * c.bytes[from] / c.params[from];
        bool own = precision_table[f].bits < 16 && fabs(bits / precision_table[f].bits - 1) > 1e-6;
        const char *key = arena_printf(a, "moat.weights.%s", part_name_of[p]);
        if (!node_set(a, doc, arena_printf(a, "%s.format", key), precision_table[f].name, e) ||
            (own && !node_set(a, doc, arena_printf(a, "%s.bits", key), arena_printf(a, "%.17g", bits), e)))
            return false;
    }
    return true;
}

bool weights_check(const struct tensor_table *t, const struct model *m, const char *path, struct err *e)
{
    struct tally c;
    double table = 0, model = model_params(m);
    count(t, m->layers, &c);
    for (int p = 0; p < W_OUT; p++)
        table += c.params[p];
    if (fabs(table - model) <= 0.01 * model)
        return true;
    err_input(e, path, "its tensors hold %.6g parameters, a %s model of its sizes has %.6g", table, m->type, model);
    return err_mend(e, "its description and its tensors differ, or the architecture is not one that is read; give its own config.json");
}

/* ---------------------------------------------------------------- and back */

bool read_weights(struct reader *r)
{
    struct quant *q = &r->m->quant;
    const struct node *map = node_at(r->root, "moat.weights");
    enum precision *const format[W_PARTS] = {&q->attention, &q->linear, &q->experts, &q->lm_head, &q->embed};
    double *const bits[W_PARTS] = {&q->bits.attention, &q->bits.linear, &q->bits.experts, &q->bits.lm_head, &q->bits.embed};
    static const char *const keys[] = {"format", "bits"};
    if (!map)
        return true;
    if (map->kind != NODE_MAP)
        return err_input(r->e, node_place(r->a, map), "expected an object");
    if (!node_keys(r->a, map, part_name_of, W_PARTS, r->e))
        return false;
    for (int p = 0; p < W_PARTS; p++) {
        const struct node *nd = node_get(map, part_name_of[p]);
        const char *name = NULL;
        if (!nd)
            continue;
        if (!node_keys(r->a, nd, keys, 2, r->e) || !node_str(r->a, node_get(nd, "format"), &name, r->e) ||
            !node_f64(r->a, node_get(nd, "bits"), bits[p], r->e))
            return false;
        if (name && (*format[p] = precision_find(name)) == PREC_N)
            return err_input(r->e, node_place(r->a, nd), "no number format \"%.40s\"", name);
        if (*bits[p] < 0 || *bits[p] > 64)
            return err_input(r->e, node_place(r->a, nd), "%g bits a weight cannot be", *bits[p]);
        r->m->quant_declared |= precision_table[*format[p]].bits < 16;
    }
    return true;
}
