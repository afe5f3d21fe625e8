/* model_gguf.c - the metadata of a GGUF file as the config.json that they were converted from.
**
**      llama.embedding_length 4096, llama.block_count 32, ...    ->    {"hidden_size": 4096, "num_hidden_layers": 32, ...}
**
** Keys: ggml-org/ggml docs/gguf.md "Standardized key-value pairs" and gguf-py/gguf/constants.py of ggml-org/llama.cpp (2026-01).
** What the metadata leave open the table of tensors tells: vocabulary, tied embeddings, biases, norms of q and k, which
** layers are mixtures of experts. An architecture that is not in arch[] is read as Llama's; the count of its parameters
** (model_weights.c) decides whether that was right.
*/
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "facts/checkpoint.h"
#include "facts/model_read.h"

static const struct {
    const char *gguf, *type;
} arch[] = {
    {"llama4", "llama4_text"},     {"qwen2moe", "qwen2_moe"},       {"qwen2vl", "qwen2_5_vl_text"}, {"qwen3moe", "qwen3_moe"},
    {"qwen3vl", "qwen3_vl_text"},  {"qwen3vlmoe", "qwen3_vl_moe_text"}, {"qwen3next", "qwen3_next"}, {"qwen35", "qwen3_5_text"},
    {"qwen35moe", "qwen3_5_moe_text"}, {"gemma3", "gemma3_text"},   {"gpt-oss", "gpt_oss"},         {"gptneox", "gpt_neox"},
    {"phi2", "phi"},               {"deepseek2", "deepseek_v3"},    {"glm4moe", "glm4_moe"},        {"minimax-m2", "minimax_m2"},
    {"qwen2", "qwen2"},            {"qwen3", "qwen3"},              {"gemma2", "gemma2"},           {"phi3", "phi3"},
    {"gpt2", "gpt2"},              {"gptj", "gptj"},                {"bloom", "bloom"},             {"mpt", "mpt"},
    {"falcon", "falcon"},
};

static const struct {
    const char *gguf, *config;
} keys[] = {
    {"embedding_length", "hidden_size"},
    {"context_length", "max_position_embeddings"},
    {"attention.head_count", "num_attention_heads"},
    {"attention.sliding_window", "sliding_window"},
    {"attention.chunk_size", "attention_chunk_size"},
    {"attention.shared_kv_layers", "num_kv_shared_layers"},
    {"expert_used_count", "num_experts_per_tok"},
    {"expert_shared_count", "n_shared_experts"},
    {"expert_shared_feed_forward_length", "shared_expert_intermediate_size"},
    {"attention.q_lora_rank", "q_lora_rank"},
    {"attention.kv_lora_rank", "kv_lora_rank"},
    {"attention.indexer.head_count", "index_n_heads"},
    {"attention.indexer.key_length", "index_head_dim"},
    {"attention.indexer.top_k", "index_topk"},
    {"nextn_predict_layers", "num_nextn_predict_layers"},
    {"full_attention_interval", "full_attention_interval"},
    {"ssm.conv_kernel", "linear_conv_kernel_dim"},
    {"ssm.state_size", "linear_key_head_dim"},
    {"ssm.group_count", "linear_num_key_heads"},
    {"ssm.time_step_rank", "linear_num_value_heads"},
};

struct making {
    struct arena *a;
    const char *path, *arch;
    const struct gguf *g;
    const struct tensor_table *t;
    struct jw w;
    struct err *e;
};

/* ARCH.key, 0 where it is absent. */
static bool number(struct making *k, const char *key, int64_t *out)
{
    *out = 0;
    return gguf_int(k->g, arena_printf(k->a, "%s.%s", k->arch, key), out, k->e);
}

static bool put(struct making *k, const char *key, const char *as)
{
    int64_t v;
    if (!number(k, key, &v))
        return false;
    if (v)
        jw_int(&k->w, as, v);
    return true;
}

static bool layer_has(const struct making *k, const char *fmt, int layer)
{
    return tensor_findf(k->t, fmt, layer) != NULL;
}

/* Latent attention caches one head of kv_lora + rope; key_length is of that head, key_length_mla of a query's. */
static bool put_heads(struct making *k)
{
    int64_t lora, key, value, key_mla, value_mla, rope, kv;
    if (!number(k, "attention.kv_lora_rank", &lora) || !number(k, "attention.key_length", &key) ||
        !number(k, "attention.value_length", &value) || !number(k, "attention.key_length_mla", &key_mla) ||
        !number(k, "attention.value_length_mla", &value_mla) || !number(k, "rope.dimension_count", &rope) ||
        !number(k, "attention.head_count_kv", &kv))
        return false;
    if (lora) {
        bool scored = false; /* each expert's correction bias */
        for (int i = 0; i < MAX_LAYERS; i++)
            scored |= layer_has(k, "blk.%d.exp_probs_b.bias", i);
        key = key_mla ? key_mla : key;
        jw_int(&k->w, "qk_nope_head_dim", key - rope);
        jw_int(&k->w, "qk_rope_head_dim", rope);
        jw_int(&k->w, "v_head_dim", value_mla ? value_mla : value);
        jw_str(&k->w, "topk_method", scored ? "noaux_tc" : "greedy");
        return true;
    }
    if (key)
        jw_int(&k->w, "head_dim", key);
    if (value)
        jw_int(&k->w, "v_head_dim", value);
    if (kv)
        jw_int(&k->w, "num_key_value_heads", kv);
    if (strcmp(k->arch, "falcon") == 0)
        jw_bool(&k->w, "new_decoder_architecture", kv > 1);
    return true;
}

static bool put_ffn(struct making *k)
{
    int64_t wide, experts, narrow;
    bool four = strcmp(k->arch, "llama4") == 0;
    if (!number(k, "feed_forward_length", &wide) || !number(k, "expert_count", &experts) ||
        !number(k, "expert_feed_forward_length", &narrow))
        return false;
    if (wide)
        jw_int(&k->w, four ? "intermediate_size_mlp" : "intermediate_size", wide);
    if (!experts)
        return true;
    jw_int(&k->w, "num_experts", experts);
    if (narrow)
        jw_int(&k->w, four ? "intermediate_size" : "moe_intermediate_size", narrow);
    return true;
}

static void put_layers(struct making *k, int64_t layers)
{
    int64_t slides[MAX_LAYERS];
    size_t n = gguf_ints(k->g, arena_printf(k->a, "%s.attention.sliding_window_pattern", k->arch), slides, MAX_LAYERS);
    bool linear = false;
    jw_arr(&k->w, "mlp_layer_types");
    for (int i = 0; i < layers; i++)
        jw_str(&k->w, NULL, layer_has(k, "blk.%d.ffn_gate_inp.weight", i) ? "sparse" : "dense");
    jw_end(&k->w);
    for (int i = 0; i < layers; i++)
        linear |= layer_has(k, "blk.%d.ssm_out.weight", i);
    if (!linear && n < (size_t)layers)
        return;
    jw_arr(&k->w, "layer_types");
    for (int i = 0; i < layers; i++)
        jw_str(&k->w, NULL, layer_has(k, "blk.%d.ssm_out.weight", i)      ? "linear_attention"
                            : !linear && n >= (size_t)layers && slides[i] ? "sliding_attention"
                                                                          : "full_attention");
    jw_end(&k->w);
}

static const char *type_of(const struct making *k)
{
    int64_t experts = 0;
    struct err none = {0};
    for (size_t i = 0; i < sizeof arch / sizeof *arch; i++)
        if (strcmp(arch[i].gguf, k->arch) == 0)
            return arch[i].type;
    (void)gguf_int(k->g, arena_printf(k->a, "%s.expert_count", k->arch), &experts, &none);
    return experts > 0 ? "mixtral" : "llama";
}

/* id and name: of the file, and as its author calls it. */
static void put_names(struct making *k)
{
    const char *slash = strrchr(k->path, '/'), *base = slash ? slash + 1 : k->path, *name = gguf_text(k->g, "general.name");
    char *id = arena_strndup(k->a, base, strlen(base) - strlen(".gguf"));
    for (char *p = id; *p; p++)
        *p = *p >= 'A' && *p <= 'Z' ? (char)(*p - 'A' + 'a') : *p;
    jw_obj(&k->w, "moat");
    jw_str(&k->w, "id", id);
    jw_str(&k->w, "name", name && *name ? name : id);
    jw_str(&k->w, "source", base);
    jw_end(&k->w);
}

static bool write_config(struct making *k)
{
    int64_t layers, extra, inner, rank, vocab;
    const struct tensor *embed = tensor_find(k->t, "token_embd.weight");
    if (!number(k, "block_count", &layers) || !number(k, "nextn_predict_layers", &extra) || !number(k, "vocab_size", &vocab))
        return false;
    layers -= extra; /* block_count counts the layers of multi-token prediction too */
    if (layers < 1 || layers > MAX_LAYERS)
        return err_input(k->e, k->path, "%s.block_count: expected a number of layers from 1 to %d", k->arch, MAX_LAYERS);
    if (!vocab && embed && embed->ndim == 2)
        vocab = embed->dim[0];
    if (!vocab)
        vocab = (int64_t)gguf_array_n(k->g, "tokenizer.ggml.tokens");
    put_names(k);
    jw_str(&k->w, "model_type", type_of(k));
    jw_int(&k->w, "num_hidden_layers", layers);
    if (vocab)
        jw_int(&k->w, "vocab_size", vocab);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!put(k, keys[i].gguf, keys[i].config))
            return false;
    if (!number(k, "ssm.inner_size", &inner) || !number(k, "ssm.time_step_rank", &rank))
        return false;
    if (inner > 0 && rank > 0)
        jw_int(&k->w, "linear_value_head_dim", inner / rank);
    jw_bool(&k->w, "tie_word_embeddings", !tensor_find(k->t, "output.weight"));
    jw_bool(&k->w, "attention_bias", layer_has(k, "blk.%d.attn_q.bias", 0));
    jw_bool(&k->w, "use_qk_norm", layer_has(k, "blk.%d.attn_q_norm.weight", 0));
    jw_str(&k->w, "torch_dtype", embed && strcmp(embed->type->name, "BF16") == 0 ? "bfloat16" : "float16"); /* of the KV cache */
    if (!put_heads(k) || !put_ffn(k))
        return false;
    put_layers(k, layers);
    return true;
}

/* Part k of n has a name of its own; the metadata of the model are in the first. */
static bool read_split(struct arena *a, const char *path, int64_t parts, struct tensor_table *t, struct err *e)
{
    for (int i = 2; i <= parts; i++) {
        int n = 0;
        struct gguf *rest;
        const char *next = part_name(a, path, ".gguf", i, &n);
        if (!next || n != parts)
            return err_input(e, path, "split.count is %lld, but its name is not PREFIX-00001-of-%05lld.gguf", (long long)parts,
                             (long long)parts);
        if (!gguf_read(a, next, t, &rest, e))
            return false;
    }
    return true;
}

bool gguf_config(struct arena *a, const char *path, struct tensor_table *t, struct node **doc, struct err *e)
{
    struct making k = {.a = a, .path = path, .t = t, .e = e};
    struct gguf *g;
    struct buf b = {.arena = a};
    int64_t parts = 1, part = 0;
    if (!gguf_read(a, path, t, &g, e) || !gguf_int(g, "split.count", &parts, e) || !gguf_int(g, "split.no", &part, e))
        return false;
    if (parts > 1 && part != 0) {
        err_input(e, path, "is part %lld of %lld; the model is described in the first", (long long)part + 1, (long long)parts);
        return err_mend(e, "give the file that ends in -00001-of-%05lld.gguf", (long long)parts);
    }
    if (parts > 99999 || !read_split(a, path, parts, t, e))
        return parts > 99999 ? err_input(e, path, "split.count %lld is beyond sense", (long long)parts) : false;
    k.g = g;
    k.arch = gguf_text(g, "general.architecture");
    if (!k.arch || !*k.arch || strlen(k.arch) > 64) {
        err_input(e, path, "general.architecture is missing");
        return err_mend(e, "a GGUF file of a model names it");
    }
    if (!t->n)
        return err_input(e, path, "holds no tensors: a vocabulary, not a model");
    jw_init(&k.w, &b);
    jw_obj(&k.w, NULL);
    if (!write_config(&k))
        return false;
    jw_end(&k.w);
    return doc_json(a, path, buf_str(&b), b.n, doc, e);
}
