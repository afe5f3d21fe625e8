/* model_read.c - typed reads of a config's keys under their many names, and the parts most architectures share. */
#include "facts/model_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"

const struct node *read_key(const struct reader *r, const char *const *names)
{
    for (; *names; names++) {
        const struct node *nd = node_get(r->text, *names);
        if (nd && !node_is_null(nd))
            return nd;
    }
    return NULL;
}

bool has_key(const struct reader *r, const char *name)
{
    return read_key(r, KEYS(name)) != NULL;
}

bool refuse(struct reader *r, const char *key, const char *fmt, ...)
{
    char what[512];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    const struct node *nd = key ? node_get(r->text, key) : NULL;
    const char *place = nd    ? node_place(r->a, nd)
                        : key ? arena_printf(r->a, "%s: %s", r->root->file ? r->root->file : "config", key)
                              : node_place(r->a, r->root);
    return err_input(r->e, place, "%s", what);
}

bool read_i64(struct reader *r, const char *const *names, int64_t lo, int64_t hi, int64_t *out)
{
    const struct node *nd = read_key(r, names);
    return !nd || node_int(r->a, nd, lo, hi, out, r->e);
}

bool read_int(struct reader *r, const char *const *names, int lo, int hi, int *out)
{
    int64_t v = *out;
    if (!read_i64(r, names, lo, hi, &v))
        return false;
    *out = (int)v;
    return true;
}

static bool missing(struct reader *r, const char *const *names)
{
    if (names[1])
        refuse(r, names[0], "missing (nor is there %s); the size of the model cannot be told without it", names[1]);
    else
        refuse(r, names[0], "missing; the size of the model cannot be told without it");
    return err_mend(r->e, "give a Hugging Face config.json of a decoder");
}

bool need_i64(struct reader *r, const char *const *names, int64_t lo, int64_t hi, int64_t *out)
{
    return read_key(r, names) ? read_i64(r, names, lo, hi, out) : missing(r, names);
}

bool need_int(struct reader *r, const char *const *names, int lo, int hi, int *out)
{
    return read_key(r, names) ? read_int(r, names, lo, hi, out) : missing(r, names);
}

bool read_flag(struct reader *r, const char *const *names, bool *out)
{
    const struct node *nd = read_key(r, names);
    return !nd || node_bool(r->a, nd, out, r->e);
}

/* Element i of the list at key; *out NULL when there is no list. */
static bool list_item(struct reader *r, const char *key, int i, const struct node **out)
{
    *out = NULL;
    const struct node *nd = read_key(r, KEYS(key));
    if (!nd || nd->kind != NODE_SEQ)
        return true;
    if (nd->n < (size_t)r->m->layers)
        return refuse(r, key, "has %zu entries for %d layers", nd->n, r->m->layers);
    *out = &nd->item[i];
    return true;
}

bool list_int(struct reader *r, const char *key, int i, int lo, int hi, int *out)
{
    const struct node *nd;
    if (!list_item(r, key, i, &nd))
        return false;
    int64_t v = *out;
    if (nd && !node_int(r->a, nd, lo, hi, &v, r->e))
        return false;
    *out = (int)v;
    return true;
}

bool list_str(struct reader *r, const char *key, int i, const char **out)
{
    const struct node *nd;
    if (!list_item(r, key, i, &nd))
        return false;
    return !nd || node_str(r->a, nd, out, r->e);
}

bool read_frame(struct reader *r)
{
    struct model *m = r->m;
    if (!need_i64(r, KEYS("hidden_size", "n_embd", "d_model", "n_embed"), 1, MAX_DIM, &m->hidden))
        return false;
    if (!need_i64(r, KEYS("vocab_size", "n_vocab"), 1, MAX_VOCAB, &m->vocab))
        return false;
    if (!read_i64(
            r,
            KEYS("max_position_embeddings", "n_positions", "max_seq_len", "seq_length", "n_ctx", "max_sequence_length"),
            1, INT64_C(1) << 40, &m->max_context))
        return false;
    if (!r->layer) { /* architectures whose layers are lists count them first */
        if (!need_int(r, KEYS("num_hidden_layers", "n_layer", "n_layers", "num_layers"), 1, MAX_LAYERS, &m->layers))
            return false;
        r->layer = ARENA_ARRAY(r->a, struct layer, (size_t)m->layers);
    }
    for (int i = 0; i < m->layers; i++)
        r->layer[i].count = 1;
    /* tie_word_embeddings stands at the top of multimodal configs, inside text_config, or in both; the inner wins. */
    const struct node *tied = node_get(r->text, "tie_word_embeddings");
    if (!tied || node_is_null(tied))
        tied = node_get(r->root, "tie_word_embeddings");
    if (tied && !node_is_null(tied) && !node_bool(r->a, tied, &m->tied, r->e))
        return false;
    return read_int(r, KEYS("num_nextn_predict_layers", "num_mtp_modules", "mtp_num_hidden_layers"), 0, MAX_LAYERS,
                    &m->mtp_layers);
}

bool read_gqa(struct reader *r, struct layer *l)
{
    int64_t hidden = r->m->hidden;
    l->mixer = MIX_GQA;
    if (!need_int(r, KEYS("num_attention_heads", "n_head", "n_heads", "num_heads"), 1, MAX_HEADS, &l->heads))
        return false;
    l->kv_heads = l->heads;
    if (!read_int(r, KEYS("num_key_value_heads", "num_kv_heads", "n_head_kv", "kv_heads", "num_attention_groups"), 1,
                  MAX_HEADS, &l->kv_heads))
        return false;
    if (l->kv_heads > l->heads || l->heads % l->kv_heads)
        return refuse(r, "num_key_value_heads", "%d heads cannot share %d KV heads evenly", l->heads, l->kv_heads);
    if (!read_int(r, KEYS("head_dim", "attention_head_dim", "d_kv"), 1, MAX_DIM, &l->head_dim))
        return false;
    if (l->head_dim == 0) {
        if (hidden % l->heads)
            return refuse(r, "num_attention_heads",
                          "hidden size %lld is not divisible by %d heads, and there is no head_dim", (long long)hidden,
                          l->heads);
        l->head_dim = (int)(hidden / l->heads);
    }
    l->v_head_dim = l->head_dim;
    if (!read_int(r, KEYS("v_head_dim"), 1, MAX_DIM, &l->v_head_dim))
        return false;
    bool bias = false;
    if (!read_flag(r, KEYS("attention_bias", "qkv_bias", "use_qkv_bias"), &bias))
        return false;
    l->qkv_bias = l->o_bias = bias;
    if (!read_flag(r, KEYS("use_qk_norm", "qk_norm", "qk_layernorm"), &l->qk_norm))
        return false;
    return true;
}

/* The experts of a mixture; called only where the config has some. */
static bool read_experts(struct reader *r, struct layer *moe)
{
    const char *const *count = KEYS("num_local_experts", "n_routed_experts", "num_experts", "moe_num_experts");
    if (!need_int(r, count, 1, MAX_EXPERTS, &moe->experts))
        return false;
    if (!need_int(r,
                  KEYS("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_top_k", "top_k_experts",
                       "experts_per_token", "num_selected_experts"),
                  1, MAX_EXPERTS, &moe->topk_experts))
        return false;
    if (moe->topk_experts > moe->experts)
        return refuse(r, "num_experts_per_tok", "%d experts a token of only %d experts", moe->topk_experts,
                      moe->experts);
    if (!need_i64(r,
                  KEYS("moe_intermediate_size", "moe_ffn_hidden_size", "expert_intermediate_size", "intermediate_size"),
                  1, MAX_DIM * INT64_C(8), &moe->expert_inter))
        return false;

    /* Shared experts: their number times the width of one (DeepSeek), or a width of their own (Qwen, Step, Nemotron).
     */
    int shared = 0;
    if (!read_int(r, KEYS("n_shared_experts", "num_shared_experts"), 0, MAX_EXPERTS, &shared))
        return false;
    moe->shared_inter = shared * moe->expert_inter;
    return read_i64(r,
                    KEYS("shared_expert_intermediate_size", "moe_shared_expert_intermediate_size", "share_expert_dim",
                         "shared_intermediate_size"),
                    0, MAX_DIM * INT64_C(8), &moe->shared_inter);
}

static bool has_experts(const struct reader *r)
{
    const struct node *nd =
        read_key(r, KEYS("num_local_experts", "n_routed_experts", "num_experts", "moe_num_experts"));
    return nd && !(nd->text && strcmp(nd->text, "0") == 0);
}

bool read_ffn(struct reader *r, struct layer *dense, struct layer *moe)
{
    bool bias = false;
    if (!read_flag(r, KEYS("mlp_bias"), &bias))
        return false;
    dense->gated = true;
    dense->ffn_bias = bias;
    *moe = *dense;
    const char *const *width = KEYS("dense_intermediate_size", "intermediate_size_mlp", "intermediate_size",
                                    "ffn_hidden_size", "ffn_dim", "n_inner");
    if (!has_experts(r))
        return need_i64(r, width, 1, MAX_DIM * INT64_C(8), &dense->ffn_inter);
    if (!read_i64(r, width, 1, MAX_DIM * INT64_C(8), &dense->ffn_inter))
        return false;
    return read_experts(r, moe);
}

void copy_ffn(struct layer *to, const struct layer *from)
{
    to->ffn_inter = from->ffn_inter;
    to->gated = from->gated;
    to->ffn_bias = from->ffn_bias;
    to->experts = from->experts;
    to->topk_experts = from->topk_experts;
    to->expert_inter = from->expert_inter;
    to->shared_inter = from->shared_inter;
    to->shared_gate = from->shared_gate;
    to->expert_hidden = from->expert_hidden;
    to->ffn_extra_params = from->ffn_extra_params;
}

/* Is i in a list, or in a text such as "3,4,5" (Step)? */
static bool in_list(const struct node *list, int i)
{
    char want[16];
    for (const char *p = list->text; p && *p; p += strcspn(p, ","), p += *p == ',')
        if (strtol(p, NULL, 10) == i)
            return true;
    snprintf(want, sizeof want, "%d", i);
    for (size_t k = 0; k < list->n; k++)
        if (list->item[k].text && strcmp(list->item[k].text, want) == 0)
            return true;
    return false;
}

bool layer_is_moe(struct reader *r, int i, bool *moe)
{
    *moe = has_experts(r);
    if (!*moe)
        return true;
    const char *type = NULL;
    if (!list_str(r, "mlp_layer_types", i, &type))
        return false;
    if (type) {
        *moe = strcmp(type, "dense") != 0;
        return true;
    }
    const struct node *list = read_key(r, KEYS("moe_layers", "moe_layers_enum"));
    if (list && (list->kind == NODE_SEQ || list->kind == NODE_SCALAR)) {
        *moe = in_list(list, i);
        return true;
    }
    const struct node *freq = read_key(r, KEYS("moe_layer_freq"));
    if (freq && freq->kind == NODE_SEQ) {
        int yes = 0;
        if (!list_int(r, "moe_layer_freq", i, 0, 1, &yes))
            return false;
        *moe = yes != 0;
        return true;
    }
    int first = 0, step = 1;
    if (!read_int(r, KEYS("first_k_dense_replace"), 0, MAX_LAYERS, &first))
        return false;
    if (freq && !read_int(r, KEYS("moe_layer_freq"), 1, MAX_LAYERS, &step))
        return false;
    if (i < first || i % step) { /* DeepSeek: layer i is MoE when i >= first and i % freq == 0 */
        *moe = false;
        return true;
    }
    const struct node *only = read_key(r, KEYS("mlp_only_layers"));
    if (only && only->kind == NODE_SEQ && in_list(only, i)) {
        *moe = false;
        return true;
    }
    step = 1; /* Qwen and Llama 4: (i + 1) % step == 0 */
    if (!read_int(r, KEYS("decoder_sparse_step", "interleave_moe_layer_step"), 1, MAX_LAYERS, &step))
        return false;
    *moe = (i + 1) % step == 0;
    return true;
}
