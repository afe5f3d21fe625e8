/* model_hybrid.c - linear attention with a fixed state a sequence, and every few layers a softmax one.
**
** Gated DeltaNet (Qwen3-Next, Qwen3.5; arXiv:2412.06464), KDA (Kimi-Linear, arXiv:2510.26692; Kimi-K3) and lightning
** attention (MiniMax-01, arXiv:2501.08313). Shapes from transformers models/qwen3_5 and sglang srt/models/kimi_k3.py
** and kimi_linear.py.
*/
#include <stdlib.h>
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

/* Gated DeltaNet: q, k of lin_k_heads, v and z of lin_v_heads; b and a give one value a head each. */
static bool read_delta_net(struct reader *r, struct layer *l)
{
    l->mixer = MIX_LINEAR;
    if (!need_int(r, KEYS("linear_num_key_heads"), 1, MAX_HEADS, &l->lin_k_heads))
        return false;
    if (!need_int(r, KEYS("linear_num_value_heads"), 1, MAX_HEADS, &l->lin_v_heads))
        return false;
    if (!need_int(r, KEYS("linear_key_head_dim"), 1, MAX_DIM, &l->lin_k_dim))
        return false;
    if (!need_int(r, KEYS("linear_value_head_dim"), 1, MAX_DIM, &l->lin_v_dim))
        return false;
    if (!need_int(r, KEYS("linear_conv_kernel_dim"), 1, 1024, &l->conv_width))
        return false;
    if (l->lin_v_heads % l->lin_k_heads)
        return refuse(r, "linear_num_value_heads", "%d value heads cannot share %d key heads evenly", l->lin_v_heads,
                      l->lin_k_heads);
    l->mixer_extra_params = (2.0 * (double)r->m->hidden + 2) * l->lin_v_heads; /* b, a; A_log, dt_bias */
    l->norm_params = 2.0 * (double)r->m->hidden + l->lin_v_dim;
    return true;
}

bool arch_qwen_next(struct reader *r)
{
    struct layer full = {0}, linear = {0}, dense = {0}, moe = {0};
    int interval = 4;
    full.q_gate = true;
    if (!read_frame(r) || !read_gqa(r, &full) || !read_delta_net(r, &linear) || !read_ffn(r, &dense, &moe))
        return false;
    if (!read_flag(r, KEYS("attn_output_gate"), &full.q_gate))
        return false;
    if (!read_int(r, KEYS("full_attention_interval"), 1, MAX_LAYERS, &interval))
        return false;
    full.qk_norm = true;
    full.norm_params = 2.0 * (double)r->m->hidden + 2.0 * full.head_dim;
    moe.shared_gate = moe.shared_inter > 0;
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        const char *type = (i + 1) % interval == 0 ? "full_attention" : "linear_attention";
        bool is_moe;
        if (!list_str(r, "layer_types", i, &type) || !layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(&r->layer[i], strcmp(type, "full_attention") == 0 ? &full : &linear, sizeof full);
        if (!is_moe && dense.ffn_inter == 0)
            return refuse(r, "intermediate_size", "missing for the dense layer %d", i);
        copy_ffn(&r->layer[i], is_moe ? &moe : &dense);
    }
    return true;
}

/* KDA: q, k, v of equal heads, each with a convolution; decay through a rank of head_dim (f_a, f_b); one beta a head;
** an output gate of the same low rank, or of full rank (K3). */
static bool read_kda(struct reader *r, const struct node *cfg, struct layer *l)
{
    const struct node *outer = r->text;
    bool full_gate = false;
    l->mixer = MIX_LINEAR;
    r->text = cfg;
    bool ok = need_int(r, KEYS("num_heads"), 1, MAX_HEADS, &l->lin_v_heads) &&
              need_int(r, KEYS("head_dim"), 1, MAX_DIM, &l->lin_v_dim) &&
              need_int(r, KEYS("short_conv_kernel_size"), 1, 1024, &l->conv_width) &&
              read_flag(r, KEYS("use_full_rank_gate"), &full_gate);
    r->text = outer;
    if (!ok)
        return false;
    l->lin_k_heads = l->lin_v_heads;
    l->lin_k_dim = l->lin_v_dim;
    l->lin_gate_lora = full_gate ? 0 : l->lin_v_dim;
    double h = (double)r->m->hidden, heads = l->lin_v_heads, d = l->lin_v_dim;
    l->mixer_extra_params = (h + heads * d) * d + h * heads + heads * d + heads; /* f_a, f_b; beta; dt_bias; A_log */
    l->norm_params = 2 * h + d;
    return true;
}

/* Layers are numbered from 1 in full_attn_layers. */
static bool is_full_layer(const struct node *list, int i)
{
    for (size_t k = 0; list && k < list->n; k++)
        if (list->item[k].text && strtol(list->item[k].text, NULL, 10) == i + 1)
            return true;
    return false;
}

bool arch_kimi_linear(struct reader *r)
{
    struct layer full = {0}, linear = {0}, dense = {0}, moe = {0};
    const struct node *cfg = node_get(r->text, "linear_attn_config");
    if (!cfg || cfg->kind != NODE_MAP)
        return refuse(r, "linear_attn_config", "missing; the linear layers cannot be told without it");
    if (!read_frame(r) || !read_mla(r, &full) || !read_kda(r, cfg, &linear) || !read_ffn(r, &dense, &moe))
        return false;
    if (!read_flag(r, KEYS("mla_use_output_gate"), &full.q_gate))
        return false;
    if (!read_i64(r, KEYS("routed_expert_hidden_size"), 1, MAX_DIM, &moe.expert_hidden))
        return false;
    bool latent_norm = false;
    int residual_block = 0;
    if (!read_flag(r, KEYS("latent_moe_use_norm"), &latent_norm))
        return false;
    if (!read_int(r, KEYS("attn_res_block_size"), 0, MAX_LAYERS, &residual_block))
        return false;
    moe.ffn_extra_params = moe.experts + (latent_norm ? (double)moe.expert_hidden : 0);
    moe.ffn_inter = 0;
    /* Attention residuals (K3): before each half of a layer a learned query and a norm weigh the earlier blocks. */
    double residual = residual_block ? 4.0 * (double)r->m->hidden : 0;
    full.mixer_extra_params += residual;
    linear.mixer_extra_params += residual;
    const struct node *list = node_get(cfg, "full_attn_layers");
    for (int i = 0; i < r->m->layers; i++) {
        bool is_moe;
        if (!layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(&r->layer[i], is_full_layer(list, i) ? &full : &linear, sizeof full);
        copy_ffn(&r->layer[i], is_moe ? &moe : &dense);
    }
    return true;
}

/* MiniMax-01: seven lightning layers (qkv, an output gate, a norm over all heads) to one softmax layer. */
bool arch_minimax_01(struct reader *r)
{
    struct layer full = {0}, linear = {0}, dense = {0}, moe = {0};
    if (!read_frame(r) || !read_gqa(r, &full) || !read_ffn(r, &dense, &moe))
        return false;
    double h = (double)r->m->hidden;
    full.norm_params = 2 * h;
    linear.mixer = MIX_LINEAR;
    linear.lin_k_heads = linear.lin_v_heads = full.heads;
    linear.lin_k_dim = linear.lin_v_dim = full.head_dim;
    linear.norm_params = 2 * h + (double)full.heads * full.head_dim;
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        int softmax = (i + 1) % 8 == 0;
        const char *type = NULL;
        bool is_moe;
        if (!list_int(r, "attn_type_list", i, 0, 1, &softmax) || !list_str(r, "layer_types", i, &type))
            return false;
        if (type)
            softmax = strcmp(type, "full_attention") == 0;
        if (!layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(&r->layer[i], softmax ? &full : &linear, sizeof full);
        copy_ffn(&r->layer[i], is_moe ? &moe : &dense);
    }
    return true;
}
