/* model.h - a transformer as groups of equal layers, read from a Hugging Face config.json.
**
** Every weight matrix is countable from these fields, so parameters, weight bytes, KV bytes and
** operators all follow from one description:
**
**      embedding -> [ layer group 0 ] x count -> [ layer group 1 ] x count ... -> norm -> LM head
**      layer = token mixer (attention of some kind) + channel mixer (dense or MoE feed-forward, or none)
**
** Interleaved layers (one full attention to every five sliding) are two groups with their counts:
** order does not matter to any time or size.
*/
#ifndef MOAT_FACTS_MODEL_H
#define MOAT_FACTS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/precision.h"

struct arena;
struct err;
struct node;
struct notes;

enum mixer {
    MIX_NONE,                   /* layer without a token mixer (Nemotron-H MLP layers, pruned NAS blocks) */
    MIX_GQA,                    /* multi-head, grouped-query or multi-query attention */
    MIX_MLA,                    /* multi-head latent attention (DeepSeek) */
    MIX_LINEAR,                 /* fixed state a sequence: Mamba-2, gated DeltaNet, lightning attention, KDA */
};

struct layer {
    int count;                  /* layers in this group */

    enum mixer mixer;
    int heads, kv_heads;        /* MIX_GQA, MIX_MLA (heads) */
    int head_dim, v_head_dim;   /* values; v_head_dim = head_dim unless the config says otherwise */
    bool qkv_bias, o_bias, qk_norm;
    bool q_gate;                /* output gate: hidden x heads*v_head_dim weights more (Qwen3.5 doubles q; Kimi-K3 MLA) */
    bool sinks;                 /* one learned sink a head (gpt-oss) */
    bool share_kv;              /* K and V come from another layer: no own KV weights, no own KV cache */
    bool k_is_v;                /* one projection gives K and V: no V weights; both are cached (Gemma 4) */
    int64_t window;             /* sliding window or chunk in tokens; 0: full */
    /* MLA: kv_lora + rope_dim values a token are cached */
    int q_lora, kv_lora, nope_dim, rope_dim;    /* q_lora 0: full-rank queries */
    bool latent_kv;             /* the cached latent itself is key and value of every head: no kv_b (DeepSeek-V4) */
    int o_lora, o_groups;       /* output projection in two: o_groups blocks heads*v_head_dim/o_groups x o_lora, then
                                   o_groups*o_lora x hidden (DeepSeek-V4); 0: one matrix */
    /* sparse attention (DSA): at most topk stored entries attended, chosen by an indexer; 0: none. With compress > 1
    ** the entries are compressed ones (topk of context / compress), and the window is attended besides. */
    int64_t topk;
    int index_heads, index_dim;
    bool index_shared;          /* the indexer's choice is taken from another layer: no indexer weights here */
    /* compressed KV (DeepSeek-V4): stored entries = context / compress, plus min(context, window) raw ones when
    ** window > 0; 0 or 1: none */
    int compress;
    /* linear: state is lin_v_heads x lin_k_dim x lin_v_dim values a sequence, plus the convolution's */
    int lin_k_heads, lin_v_heads, lin_k_dim, lin_v_dim, conv_width;
    int lin_gate_lora;          /* rank of the output gate z (hidden x lin_v_heads*lin_v_dim); 0: full rank */
    double mixer_extra_params;  /* weights of the mixer that the fields above do not tell (A_log, dt, gates, ...) */

    int64_t ffn_inter;          /* dense feed-forward width; 0: none */
    bool gated;                 /* 3 matrices (SwiGLU) rather than 2 */
    bool ffn_bias;
    int experts, topk_experts;  /* 0: dense */
    int64_t expert_inter;       /* of one routed expert */
    int64_t shared_inter;       /* all shared experts together; 0: none */
    bool shared_gate;           /* a learned gate before the shared expert (Qwen) */
    int64_t expert_hidden;      /* experts work in this latent width (Nemotron-3 Super); 0: hidden */
    double ffn_extra_params;
    double norm_params;         /* all norms of the layer, those of q and k and of latents too */
};

struct quant {                  /* number format of each part, as the config says or as asked for */
    enum precision linear, experts, attention, lm_head, embed, kv;
    /* bits a weight, scales included, as the tensors of a checkpoint have them; 0: those of the format */
    struct { double linear, experts, attention, lm_head, embed; } bits;
};

/* The bits that own was counted to have, for the parts that q has in the same format; 0 for the others. */
void quant_own_bits(struct quant *q, const struct quant *own);

struct model {
    const char *id, *name;      /* "llama-3.1-70b", "meta-llama/Llama-3.1-70B" */
    const char **alias; size_t nalias;
    const char *type;           /* model_type of the config */
    int64_t hidden, vocab, max_context;
    bool tied;                  /* LM head shares the embedding */
    struct layer *group; size_t ngroup;
    int layers;                 /* sum of counts */
    int mtp_layers;             /* multi-token-prediction layers that the checkpoint carries; not in params */
    double lookup_params;       /* tables beside the token embedding of which a token reads one row: learned positions,
                                   per-layer embeddings (Gemma 3n, 4 E) */
    double extra_params;        /* other weights outside the layers: bias of the last norm and of the LM head, ...;
                                   vision towers are NOT counted (text only) */
    double extra_state_bytes;   /* a sequence, beside the layers' KV and states; 0 today */
    bool parametric;            /* moe-1.8t, gpt-4o-class: an assumption, not a publisher's count */

    struct quant quant;         /* as the config declares; bf16 when it says nothing */
    bool quant_declared;
    bool precision_needed;      /* the name says FP8 or NVFP4 but the config carries no quantisation: ask for `precision` */

    /* The publisher's own counts, 0 where none is known. */
    double published_params, published_active;
    const char *published_source;
    const char *source, *date;  /* of the config */
    const char *place;          /* file it was read from */
};

/* doc is a config.json tree. id may be NULL (taken from the file's name). Unknown architectures are an error that
** names model_type; unknown keys that change sizes are notes; absurd sizes (0 layers, 1e9 heads, heads not divisible) are errors. */
bool model_read(struct arena *a, const struct node *doc, const char *id, struct model *out, struct notes *notes,
                struct err *e);

/* The same from a file. Python writes Infinity and NaN into config.json, which is not JSON: they are read as texts, so
** that they are harmless in keys nobody needs and refused as numbers in the others. */
bool model_file(struct arena *a, const char *path, const char *id, struct model *out, struct notes *notes, struct err *e);
/* The same from what a path names: a config.json, .gguf, .safetensors, model.safetensors.index.json, or a folder of them; only
** headers of weights are read. doc (NULL-able) gets the config, with what the tensors told as moat.weights. */
bool model_open(struct arena *a, const char *path, struct model *out, struct node **doc, struct notes *notes, struct err *e);
bool model_is_path(const char *name);   /* is it such a path, by its ending, or a folder? */
/* config.json text (n bytes) into a tree, as model_file reads it. */
bool model_json(struct arena *a, const char *name, const char *bytes, size_t n, struct node **root, struct err *e);

double model_params(const struct model *m);             /* all weights of the text model, MTP left out */
double model_active_params(const struct model *m);  /* weights one token multiplies with: LM head in, lookup tables left out */
/* Parameters by part: they add up to model_params. attention: every token mixer; shared: shared experts, their gate and
** the projections into and out of the experts' latent width; other: learned positions and the like. */
struct model_parts { double embed, lm_head, attention, dense_ffn, experts, shared, router, norms, other; };
struct model_parts model_count(const struct model *m);
/* Weight parameters of one layer's mixer, and of one layer's channel mixer. */
double layer_mixer_params(const struct model *m, const struct layer *l);
double layer_ffn_params(const struct model *m, const struct layer *l);

#endif
