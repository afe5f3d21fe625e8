/* model_quant.c - number format of each part of the weights, from quantization_config as five tools write it.
**
**      fp8 (DeepSeek, Qwen, ...)   quant_method fp8, weight_block_size, modules_to_not_convert
**      mxfp4 (gpt-oss)             experts only
**      compressed-tensors          config_groups: num_bits, type, group_size, strategy; targets; ignore
**      modelopt (NVIDIA)           quant_algo FP8, NVFP4, W4A16_NVFP4, MIXED_PRECISION + quantized_layers; ignore
**      awq, gptq, bitsandbytes     bits
**
** Lists of modules that stay as they are name thousands of tensors. They are read by part only: a part stays when half
** of its layers or more are named, for struct quant has one format a part.
*/
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/model_read.h"

enum part { PART_ATTENTION, PART_DENSE, PART_SHARED, PART_EXPERTS, PART_HEAD, PART_EMBED, PART_N };

struct named {           /* modules that a list names */
    bool *layer[PART_N]; /* (layers) */
    bool all[PART_N];    /* by a pattern without a layer number */
};

static const char *scalar(const struct node *map, const char *key)
{
    const struct node *nd = node_get(map, key);
    return nd && nd->kind == NODE_SCALAR && !node_is_null(nd) ? nd->text : NULL;
}

static bool ends_with(const char *s, const char *tail)
{
    size_t n = strlen(s), k = strlen(tail);
    return n >= k && strcmp(s + n - k, tail) == 0;
}

/* What the name of a module, or of a pattern, is about: a bit for each part. Norms, biases, routers and indexers are
** too small to matter and are no part. */
static unsigned parts_of(const char *s)
{
    static const char *const small[] = {"norm",   "indexer", "bias",      "conv1d", "in_proj_a", "in_proj_b", "router",
                                        "visual", "vision",  "projector", "mtp",    "dt_",       "A_log"};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++)
        if (strstr(s, small[i]))
            return 0;
    if (ends_with(s, ".gate") || ends_with(s, "_gate") || strcmp(s, "gate") == 0)
        return 0;
    if (strstr(s, "lm_head") || strcmp(s, "head") == 0)
        return 1u << PART_HEAD;
    if (strstr(s, "embed") || strcmp(s, "wte") == 0)
        return 1u << PART_EMBED;
    if (strstr(s, "shared_expert") || strstr(s, "share_expert"))
        return 1u << PART_SHARED;
    if (strstr(s, "experts"))
        return 1u << PART_EXPERTS;
    if (strstr(s, "attn") || strstr(s, "attention") || strstr(s, "mixer"))
        return 1u << PART_ATTENTION;
    /* A whole mlp: its dense half, be it a layer's or run beside the experts. */
    if (ends_with(s, "mlp") || ends_with(s, "mlp*") || ends_with(s, "mlp.*"))
        return 1u << PART_DENSE | 1u << PART_SHARED;
    if (strstr(s, "mlp") || strstr(s, "feed_forward") || strstr(s, "ffn"))
        return 1u << PART_DENSE;
    return 0;
}

/* Add one name: "model.layers.12.self_attn*", "re:.*mlp\\.(gate|up)_proj.*", "lm_head", "model.layers.0*". */
static void name_add(const struct model *m, struct named *set, const char *s)
{
    const char *at = strstr(s, "layers.");
    char *end;
    long layer = -1;
    if (at && isdigit((unsigned char)at[7])) {
        layer = strtol(at + 7, &end, 10);
        if (layer >= m->layers)
            return; /* MTP layers follow the last */
    }
    const char *rest = layer >= 0 ? end : s;
    unsigned parts = parts_of(rest);
    if (layer >= 0 && (*rest == '\0' || strcmp(rest, "*") == 0 || strcmp(rest, ".*") == 0))
        parts = 1u << PART_ATTENTION | 1u << PART_DENSE | 1u << PART_SHARED | 1u << PART_EXPERTS;
    for (int p = 0; p < PART_N; p++) {
        if (!(parts >> p & 1))
            continue;
        if (layer >= 0)
            set->layer[p][layer] = true;
        else
            set->all[p] = true;
    }
}

static bool has_part(const struct layer *l, enum part p)
{
    return p == PART_ATTENTION ? l->mixer != MIX_NONE
           : p == PART_DENSE   ? l->ffn_inter > 0
           : p == PART_SHARED  ? l->shared_inter > 0
                               : l->experts > 0;
}

static int layers_with(const struct reader *r, enum part p)
{
    int n = 0;
    for (int i = 0; i < r->m->layers; i++)
        n += has_part(&r->layer[i], p);
    return n;
}

static bool most_named(const struct reader *r, const struct named *set, enum part p)
{
    if (set->all[p])
        return true;
    if (p >= PART_HEAD)
        return false;
    int named = 0, n = layers_with(r, p);
    for (int i = 0; i < r->m->layers; i++)
        named += set->layer[p][i] && has_part(&r->layer[i], p);
    return named > 0 && 2 * named >= n;
}

static struct named *names_new(struct reader *r)
{
    struct named *set = ARENA_NEW(r->a, struct named);
    for (int p = 0; p < PART_N; p++)
        set->layer[p] = ARENA_ARRAY(r->a, bool, (size_t)r->m->layers);
    return set;
}

static void names_of(const struct model *m, struct named *set, const struct node *list)
{
    for (size_t i = 0; list && list->kind == NODE_SEQ && i < list->n; i++)
        if (list->item[i].text)
            name_add(m, set, list->item[i].text);
}

/* modelopt's names. */
static enum precision of_algo(const char *algo, bool block)
{
    static const struct {
        const char *algo;
        enum precision p;
    } names[] = {
        {"NVFP4_AWQ", PREC_NVFP4},
        {"W4A16_NVFP4", PREC_NVFP4},
        {"W4A8_NVFP4_FP8", PREC_NVFP4},
        {"NVFP4", PREC_NVFP4},
        {"MXFP4", PREC_MXFP4},
        {"W4A8_MXFP4_FP8", PREC_MXFP4},
        {"FP8_PB_WO", PREC_FP8_BLOCK},
        {"FP8_BLOCK", PREC_FP8_BLOCK},
        {"FP8", PREC_FP8},
        {"FP8_PER_CHANNEL_PER_TOKEN", PREC_FP8},
        {"W8A8_SQ_PER_CHANNEL", PREC_INT8},
        {"INT8_SQ", PREC_INT8},
        {"W8A16", PREC_INT8},
        {"W4A16_AWQ", PREC_INT4},
        {"W4A16", PREC_INT4},
        {"W4A8_AWQ", PREC_INT4},
    };
    for (size_t i = 0; algo && i < sizeof names / sizeof *names; i++)
        if (strcasecmp(names[i].algo, algo) == 0)
            return names[i].p == PREC_FP8 && block ? PREC_FP8_BLOCK : names[i].p;
    return PREC_N;
}

/* compressed-tensors and modelopt: a group's weights {num_bits, type, group_size, strategy}. */
static enum precision of_group(const struct node *weights, const char *format)
{
    const char *bits = scalar(weights, "num_bits"), *type = scalar(weights, "type"),
               *size = scalar(weights, "group_size");
    const char *strategy = scalar(weights, "strategy");
    bool real = type && strcmp(type, "float") == 0;
    if (!bits)
        return PREC_N;
    if (strcmp(bits, "8") == 0)
        return real ? strategy && strcmp(strategy, "block") == 0 ? PREC_FP8_BLOCK : PREC_FP8 : PREC_INT8;
    if (strcmp(bits, "4") != 0)
        return PREC_N;
    if (!real)
        return PREC_INT4;
    bool mx = (format && strstr(format, "mxfp4")) || (size && strcmp(size, "32") == 0);
    return mx ? PREC_MXFP4 : PREC_NVFP4;
}

static enum precision of_config(const struct node *q)
{
    const char *method = scalar(q, "quant_method"), *algo = scalar(q, "quant_algo"), *bits = scalar(q, "bits");
    bool block = node_get(q, "weight_block_size") && !node_is_null(node_get(q, "weight_block_size"));
    bool four = bits && strcmp(bits, "4") == 0;
    enum precision p = of_algo(algo, block);
    if (p != PREC_N)
        return p;
    if (method && strcmp(method, "mxfp4") == 0)
        return PREC_MXFP4;
    if (method && (strcmp(method, "fp8") == 0 || strcmp(method, "fbgemm_fp8") == 0))
        return block ? PREC_FP8_BLOCK : PREC_FP8;
    if (method && (strcmp(method, "awq") == 0 || strcmp(method, "gptq") == 0))
        return four || !bits ? PREC_INT4 : PREC_INT8;
    if (method && strcmp(method, "bitsandbytes") == 0) {
        const char *in4 = scalar(q, "load_in_4bit");
        return in4 && strcmp(in4, "true") == 0 ? PREC_INT4 : PREC_INT8;
    }
    const struct node *groups = node_get(q, "config_groups");
    return groups && groups->n ? of_group(node_get(&groups->item[0], "weights"), scalar(q, "format")) : PREC_N;
}

/* kv_cache_scheme: "FP8", or {num_bits: 8, type: float}; kv_cache_quant_algo: "FP8". */
static enum precision of_kv(const struct node *q, enum precision half)
{
    const char *algo = scalar(q, "kv_cache_quant_algo");
    const struct node *scheme = node_get(q, "kv_cache_scheme");
    if (!algo)
        algo = scalar(q, "kv_cache_scheme");
    enum precision p = algo                                 ? of_algo(algo, false)
                       : scheme && scheme->kind == NODE_MAP ? of_group(scheme, NULL)
                                                            : PREC_N;
    return p == PREC_N ? half : p;
}

/* MIXED_PRECISION: quantized_layers names each module's algorithm; parts it leaves out keep *base. */
static void mixed(struct reader *r, const struct node *layers, enum precision base, enum precision half,
                  struct quant *out)
{
    struct named *by[PREC_N] = {NULL};
    for (size_t i = 0; layers->kind == NODE_MAP && i < layers->n; i++) {
        enum precision p = of_algo(scalar(&layers->item[i], "quant_algo"), false);
        if (p == PREC_N)
            continue;
        if (!by[p])
            by[p] = names_new(r);
        name_add(r->m, by[p], layers->key[i]);
    }
    out->attention = out->linear = out->experts = base;
    out->lm_head = out->embed = half;
    for (int p = 0; p < PREC_N; p++) {
        if (!by[p])
            continue;
        enum precision format = (enum precision)p;
        if (most_named(r, by[p], PART_ATTENTION))
            out->attention = format;
        if (most_named(r, by[p], PART_EXPERTS))
            out->experts = format;
        if (most_named(r, by[p], layers_with(r, PART_SHARED) ? PART_SHARED : PART_DENSE))
            out->linear = format;
        if (most_named(r, by[p], PART_HEAD))
            out->lm_head = format;
        if (most_named(r, by[p], PART_EMBED))
            out->embed = format;
    }
}

static void apply(struct reader *r, const struct node *q, enum precision p, enum precision half, struct quant *out)
{
    struct named *kept = names_new(r);
    const char *method = scalar(q, "quant_method");
    names_of(r->m, kept, node_get(q, "ignore"));
    names_of(r->m, kept, node_get(q, "modules_to_not_convert"));
    names_of(r->m, kept, node_get(q, "ignored_layers"));
    names_of(r->m, kept, node_get(q, "exclude_modules"));
    bool only_experts = method && strcmp(method, "mxfp4") == 0;
    enum part linear = layers_with(r, PART_SHARED) ? PART_SHARED : PART_DENSE;
    out->experts = most_named(r, kept, PART_EXPERTS) ? half : p;
    out->attention = only_experts || most_named(r, kept, PART_ATTENTION) ? half : p;
    out->linear = only_experts || most_named(r, kept, linear) ? half : p;
    out->lm_head = out->embed = half; /* no tool quantises them without naming them */
}

/* torch_dtype: float32 checkpoints are served in 16 bits, as every engine's `auto` does. */
static enum precision dtype_of(const struct reader *r)
{
    const struct node *nd = read_key(r, KEYS("torch_dtype", "dtype"));
    const char *name = nd ? nd->text : scalar(r->root, "torch_dtype");
    if (!name)
        name = scalar(r->root, "dtype");
    return name && strstr(name, "float16") && !strstr(name, "bfloat16") ? PREC_FP16 : PREC_BF16;
}

bool read_quant(struct reader *r)
{
    struct quant *out = &r->m->quant;
    enum precision half = dtype_of(r);
    *out = (struct quant){.linear = half, .experts = half, .attention = half, .lm_head = half, .embed = half, .kv = half};
    const struct node *q = NULL;
    static const char *const keys[] = {"quantization_config", "compression_config", "quantization"};
    for (size_t i = 0; !q && i < sizeof keys / sizeof *keys; i++) {
        q = node_get(r->text, keys[i]);
        if (!q || node_is_null(q))
            q = node_get(r->root, keys[i]);
        if (q && node_is_null(q))
            q = NULL;
    }
    if (!q)
        return true;
    if (q->kind != NODE_MAP)
        return err_input(r->e, node_place(r->a, q), "expected an object");

    const char *algo = scalar(q, "quant_algo");
    bool several = algo && strcasecmp(algo, "MIXED_PRECISION") == 0;
    const struct node *layers = node_get(q, "quantized_layers");
    enum precision p = of_config(q);
    if (several && layers) {
        /* Beside its NVFP4 layers a checkpoint may say quant_method fp8 with blocks: then that is the rest. */
        bool block = node_get(q, "weight_block_size") && !node_is_null(node_get(q, "weight_block_size"));
        mixed(r, layers, block ? PREC_FP8_BLOCK : half, half, out);
    } else if (p == PREC_N) {
        note_add(r->notes, "%s: quantisation is not understood; %s is taken, say otherwise with `precision`",
                 node_place(r->a, q), half == PREC_FP16 ? "fp16" : "bf16");
        return true;
    } else {
        apply(r, q, p, half, out);
        /* DeepSeek-V4: fp8 blocks everywhere but in the experts, which are 4-bit with a power-of-two scale every 32. */
        const char *expert = scalar(r->text, "expert_dtype");
        if (expert && strcmp(expert, "fp4") == 0)
            out->experts = PREC_MXFP4;
    }
    out->kv = of_kv(q, half);
    r->m->quant_declared = true;
    return true;
}
