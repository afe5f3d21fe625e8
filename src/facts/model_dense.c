/* model_dense.c - Llama's family: RMS norm, grouped-query attention, SwiGLU or experts, full or sliding.
**
** Sources of the shapes: huggingface/transformers src/transformers/models/<type>/modeling_<type>.py. What differs from
** Llama is a row of kin[]; Gemma, gpt-oss, Llama 4, MiMo-V2 and MiniMax-M3 (model_dense2.c) have readers of their own.
*/
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

enum qk { QK_NONE, QK_HEAD, QK_LAYER }; /* norm of q and k: none, over a head, over all heads */

static const struct kin {
    const char *type;
    bool qkv_bias;  /* always there, whatever attention_bias says */
    bool no_o_bias; /* attention_bias is about q, k and v only */
    enum qk qk;
    bool shared_gate;
    bool router_bias; /* e_score_correction_bias */
} kin[] = {
    {.type = "qwen2", .qkv_bias = true, .no_o_bias = true},
    {.type = "qwen2_moe", .qkv_bias = true, .no_o_bias = true, .shared_gate = true},
    {.type = "qwen2_5_vl_text", .qkv_bias = true, .no_o_bias = true},
    {.type = "qwen3", .qk = QK_HEAD},
    {.type = "qwen3_moe", .qk = QK_HEAD},
    {.type = "qwen3_vl_text", .qk = QK_HEAD},
    {.type = "qwen3_vl_moe_text", .qk = QK_HEAD},
    {.type = "minimax_m2", .qk = QK_LAYER, .router_bias = true},
    {.type = "mimo", .no_o_bias = true},
    {.type = "glm4_moe", .no_o_bias = true, .router_bias = true},
    {.type = "step3p5", .qk = QK_HEAD, .router_bias = true},
    {.type = "step3p7", .qk = QK_HEAD, .router_bias = true},
};

static const struct kin *kin_of(const char *type)
{
    static const struct kin plain = {0};
    for (size_t i = 0; i < sizeof kin / sizeof *kin; i++)
        if (strcmp(kin[i].type, type) == 0)
            return &kin[i];
    return &plain;
}

static void norms(const struct reader *r, struct layer *l, enum qk qk)
{
    l->norm_params = 2.0 * (double)r->m->hidden;
    if (qk == QK_HEAD)
        l->norm_params += 2.0 * l->head_dim;
    if (qk == QK_LAYER)
        l->norm_params += (double)(l->heads + l->kv_heads) * l->head_dim;
    l->qk_norm = qk != QK_NONE;
}

/* The window of layer i in tokens, 0 for full attention. */
static bool window_of(struct reader *r, int i, int64_t *window)
{
    const char *type = NULL;
    *window = 0;
    int64_t sliding = 0, chunk = 0;
    if (!read_i64(r, KEYS("sliding_window"), 0, INT64_C(1) << 40, &sliding))
        return false;
    if (!read_i64(r, KEYS("attention_chunk_size"), 0, INT64_C(1) << 40, &chunk))
        return false;
    if (!list_str(r, "layer_types", i, &type))
        return false;
    if (type) {
        *window = strstr(type, "sliding") ? sliding : strstr(type, "chunked") ? chunk : 0;
        return true;
    }
    bool use = true;
    int from = 0;
    if (!read_flag(r, KEYS("use_sliding_window"), &use))
        return false;
    if (has_key(r, "use_sliding_window") && !read_int(r, KEYS("max_window_layers"), 0, MAX_LAYERS, &from))
        return false;
    if (use && i >= from)
        *window = sliding; /* Qwen: the first max_window_layers are full */
    return true;
}

/* Step-3.5: the sliding layers have head counts of their own, and each head may have a gate value (hidden x heads). */
static bool step_heads(struct reader *r, struct layer *slide)
{
    const struct node *other = node_get(r->text, "attention_other_setting");
    if (!other || other->kind != NODE_MAP)
        return true;
    int64_t heads = slide->heads, kv = slide->kv_heads;
    const struct node *nh = node_get(other, "num_attention_heads"), *nkv = node_get(other, "num_attention_groups");
    if (!node_int(r->a, nh, 1, MAX_HEADS, &heads, r->e) || !node_int(r->a, nkv, 1, MAX_HEADS, &kv, r->e))
        return false;
    if (heads % kv)
        return refuse(r, "attention_other_setting", "%d heads cannot share %d KV heads evenly", (int)heads, (int)kv);
    slide->heads = (int)heads;
    slide->kv_heads = (int)kv;
    return true;
}

bool arch_llama(struct reader *r)
{
    const struct kin *k = kin_of(r->m->type);
    struct layer attn = {0}, slide, dense = {0}, moe = {0};
    bool head_gate = false;
    if (!read_frame(r) || !read_gqa(r, &attn) || !read_ffn(r, &dense, &moe))
        return false;
    if (!read_flag(r, KEYS("use_head_wise_attn_gate"), &head_gate))
        return false;
    attn.qkv_bias |= k->qkv_bias;
    if (k->no_o_bias)
        attn.o_bias = false;
    slide = attn;
    if (!step_heads(r, &slide))
        return false;
    norms(r, &attn, k->qk == QK_NONE && attn.qk_norm ? QK_HEAD : k->qk);
    norms(r, &slide, k->qk == QK_NONE && slide.qk_norm ? QK_HEAD : k->qk);
    if (head_gate) {
        attn.mixer_extra_params = (double)r->m->hidden * attn.heads;
        slide.mixer_extra_params = (double)r->m->hidden * slide.heads;
    }
    moe.shared_gate = k->shared_gate && moe.shared_inter > 0;
    if (k->router_bias)
        moe.ffn_extra_params = moe.experts;
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        bool is_moe;
        int64_t window;
        if (!window_of(r, i, &window) || !layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(l, window ? &slide : &attn, sizeof *l);
        l->window = window;
        if (!is_moe && dense.ffn_inter == 0)
            return refuse(r, "intermediate_size", "missing for the dense layer %d", i);
        copy_ffn(l, is_moe ? &moe : &dense);
    }
    return true;
}

bool arch_gpt_oss(struct reader *r)
{
    struct layer attn = {0}, dense = {0}, moe = {0};
    if (!read_frame(r) || !read_gqa(r, &attn) || !read_ffn(r, &dense, &moe))
        return false;
    norms(r, &attn, QK_NONE);
    attn.qkv_bias = attn.o_bias = attn.sinks = true;
    moe.ffn_inter = 0;
    moe.ffn_bias = true;                /* of gate, up and down of every expert */
    moe.ffn_extra_params = moe.experts; /* router bias */
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        memcpy(l, &attn, sizeof *l);
        if (!window_of(r, i, &l->window))
            return false;
        if (!has_key(r, "layer_types") && i % 2)
            l->window = 0; /* sliding first, then full, by turns */
        copy_ffn(l, &moe);
    }
    return true;
}

bool arch_llama4(struct reader *r)
{
    struct layer attn = {0}, dense = {0}, moe = {0};
    int interval = 4;
    if (!read_frame(r) || !read_gqa(r, &attn) || !read_ffn(r, &dense, &moe))
        return false;
    norms(r, &attn, QK_NONE); /* its qk norm has no weights */
    attn.qk_norm = false;
    if (!read_i64(r, KEYS("intermediate_size"), 1, MAX_DIM * INT64_C(8), &moe.expert_inter))
        return false;
    if (!read_int(r, KEYS("no_rope_layer_interval"), 1, MAX_LAYERS, &interval))
        return false;
    moe.shared_inter = moe.expert_inter; /* one shared expert, which no key tells */
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        bool is_moe;
        memcpy(l, &attn, sizeof *l);
        if (!window_of(r, i, &l->window) || !layer_is_moe(r, i, &is_moe))
            return false;
        /* Layers without RoPE (every 4th) attend to everything, the others within a chunk. */
        if (!has_key(r, "layer_types") && (i + 1) % interval != 0 &&
            !read_i64(r, KEYS("attention_chunk_size"), 0, INT64_C(1) << 40, &l->window))
            return false;
        copy_ffn(l, is_moe ? &moe : &dense);
    }
    return true;
}
