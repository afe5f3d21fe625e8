/* model_nemotron.c - NVIDIA's: Nemotron-H (Mamba-2, attention, MLP and MoE blocks in any order), NAS-pruned Llamas.
**
** Nemotron-H: a block is one norm and one mixer. Mamba-2 (arXiv:2405.21060): in-projection z, x, B, C, dt with
** x, z of heads*head_dim and B, C of n_groups*state; so B and C are keys, x values, z the gate. Experts may work in a
** latent width (moe_latent_size). NAS: block_configs names each block's attention group and feed-forward width.
** Shapes from transformers models/nemotron_h, and modeling_decilm.py beside Llama-3_3-Nemotron-Super-49B-v1.
*/
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

static bool read_mamba(struct reader *r, struct layer *l)
{
    bool conv_bias = true, proj_bias = false;
    l->mixer = MIX_LINEAR;
    if (!need_int(r, KEYS("mamba_num_heads"), 1, MAX_HEADS, &l->lin_v_heads))
        return false;
    if (!need_int(r, KEYS("mamba_head_dim"), 1, MAX_DIM, &l->lin_v_dim))
        return false;
    if (!need_int(r, KEYS("n_groups", "mamba_n_groups"), 1, MAX_HEADS, &l->lin_k_heads))
        return false;
    if (!need_int(r, KEYS("ssm_state_size", "mamba_d_state"), 1, MAX_DIM, &l->lin_k_dim))
        return false;
    if (!need_int(r, KEYS("conv_kernel", "mamba_d_conv"), 1, 1024, &l->conv_width))
        return false;
    if (!read_flag(r, KEYS("use_conv_bias"), &conv_bias))
        return false;
    if (!read_flag(r, KEYS("mamba_proj_bias", "use_bias"), &proj_bias))
        return false;
    double h = (double)r->m->hidden, heads = l->lin_v_heads, inner = heads * l->lin_v_dim;
    double bc = 2.0 * l->lin_k_heads * l->lin_k_dim;
    l->mixer_extra_params = h * heads + 3 * heads; /* dt; A_log, D, dt_bias */
    if (conv_bias)
        l->mixer_extra_params += inner + bc;
    if (proj_bias)
        l->mixer_extra_params += 2 * inner + bc + heads + h;
    l->norm_params = h + inner; /* before the block, and gated before the out-projection */
    return true;
}

enum block { BLOCK_MAMBA, BLOCK_ATTENTION, BLOCK_MLP, BLOCK_MOE, BLOCK_N };

/* Block i, from hybrid_override_pattern ("MEM*-") or the list layers_block_type. */
static bool block_of(struct reader *r, int i, enum block *out)
{
    static const char letter[BLOCK_N] = {'M', '*', '-', 'E'};
    static const char *const word[BLOCK_N] = {"mamba", "attention", "mlp", "moe"};
    const struct node *list = read_key(r, KEYS("layers_block_type"));
    const struct node *pattern = read_key(r, KEYS("hybrid_override_pattern"));
    bool listed = list && list->kind == NODE_SEQ;
    const char *text = listed ? list->item[i].text : NULL;
    if (listed && !text)
        return refuse(r, "layers_block_type", "block %d is not a text", i);
    for (int b = 0; b < BLOCK_N; b++) {
        if (text ? strcmp(text, word[b]) == 0 : pattern->text[i] == letter[b]) {
            *out = (enum block)b;
            return true;
        }
    }
    if (text)
        return refuse(r, "layers_block_type", "block %d is \"%s\", expected mamba, attention, mlp or moe", i, text);
    return refuse(r, "hybrid_override_pattern", "block %d is '%c', expected M, *, - or E", i, pattern->text[i]);
}

/* The number of blocks: the list's length when num_hidden_layers is left out. */
static bool count_blocks(struct reader *r)
{
    const struct node *list = read_key(r, KEYS("layers_block_type"));
    const struct node *pattern = read_key(r, KEYS("hybrid_override_pattern"));
    size_t n = list && list->kind == NODE_SEQ ? list->n : pattern && pattern->text ? strlen(pattern->text) : 0;
    if (n < 1 || n > MAX_LAYERS)
        return refuse(r, "hybrid_override_pattern", "missing or empty (nor is there layers_block_type)");
    r->m->layers = (int)n;
    if (!read_int(r, KEYS("num_hidden_layers"), 1, MAX_LAYERS, &r->m->layers))
        return false;
    if ((size_t)r->m->layers != n)
        return refuse(r, "num_hidden_layers", "is %d, but %zu blocks are listed", r->m->layers, n);
    r->layer = ARENA_ARRAY(r->a, struct layer, n);
    return true;
}

bool arch_nemotron_h(struct reader *r)
{
    struct layer attn = {0}, mamba = {0}, mlp = {0}, moe = {0};
    if (!count_blocks(r) || !read_frame(r) || !read_gqa(r, &attn))
        return false;
    bool any[BLOCK_N] = {false};
    for (int i = 0; i < r->m->layers; i++) {
        enum block b = BLOCK_MAMBA;
        if (!block_of(r, i, &b))
            return false;
        any[b] = true;
    }
    double h = (double)r->m->hidden;
    if (any[BLOCK_MAMBA] && !read_mamba(r, &mamba))
        return false;
    if (!read_ffn(r, &mlp, &moe))
        return false;
    if (any[BLOCK_MOE] && moe.experts == 0)
        return refuse(r, "n_routed_experts", "missing for the MoE blocks");
    if (any[BLOCK_MLP] && mlp.ffn_inter == 0)
        return refuse(r, "intermediate_size", "missing for the MLP blocks");
    if (!read_i64(r, KEYS("moe_latent_size"), 1, MAX_DIM, &moe.expert_hidden))
        return false;
    mlp.gated = moe.gated = false; /* relu^2 */
    moe.ffn_inter = 0;
    moe.ffn_extra_params = moe.experts; /* e_score_correction_bias */
    attn.norm_params = mlp.norm_params = moe.norm_params = h;
    const struct layer *of[BLOCK_N] = {&mamba, &attn, &mlp, &moe};
    for (int i = 0; i < r->m->layers; i++) {
        enum block b = BLOCK_MAMBA;
        if (!block_of(r, i, &b))
            return false;
        memcpy(&r->layer[i], of[b], sizeof mlp);
    }
    return true;
}

/* modeling_decilm.py: 2/3 of ffn_mult * hidden, rounded up to 256. */
static int64_t nas_width(double mult, double hidden)
{
    int64_t w = (int64_t)(2 * mult * hidden / 3);
    return (w + 255) / 256 * 256;
}

static bool nas_attention(struct reader *r, const struct node *cfg, const struct layer *attn, struct layer *l)
{
    bool no_op = false, linear = false;
    int64_t group = 1;
    if (!node_bool(r->a, node_get(cfg, "no_op"), &no_op, r->e))
        return false;
    if (!node_bool(r->a, node_get(cfg, "replace_with_linear"), &linear, r->e))
        return false;
    if (no_op)
        return true;
    double h = (double)r->m->hidden;
    l->norm_params += h;
    if (linear) {
        l->mixer_extra_params = h * h;
        return true;
    }
    const struct node *nd = node_get(cfg, "n_heads_in_group");
    if (nd && !node_is_null(nd) && !node_int(r->a, nd, 1, attn->heads, &group, r->e))
        return false;
    if (attn->heads % group)
        return err_input(r->e, node_place(r->a, nd), "%d heads do not divide into groups of %lld", attn->heads,
                         (long long)group);
    double norms = l->norm_params;
    memcpy(l, attn, sizeof *l);
    l->norm_params = norms;
    l->kv_heads = (int)(attn->heads / group);
    return true;
}

static bool nas_ffn(struct reader *r, const struct node *cfg, struct layer *l)
{
    bool no_op = false, linear = false;
    if (!node_bool(r->a, node_get(cfg, "no_op"), &no_op, r->e))
        return false;
    if (!node_bool(r->a, node_get(cfg, "replace_with_linear"), &linear, r->e))
        return false;
    if (no_op)
        return true;
    double h = (double)r->m->hidden, mult = 0;
    l->norm_params += h;
    if (linear) {
        l->ffn_extra_params = h * h;
        return true;
    }
    l->gated = true;
    const struct node *width = node_get(cfg, "intermediate_size"), *times = node_get(cfg, "ffn_mult");
    if (width && !node_is_null(width))
        return node_int(r->a, width, 1, MAX_DIM * INT64_C(8), &l->ffn_inter, r->e);
    if (!times || node_is_null(times))
        return err_input(r->e, node_place(r->a, cfg), "neither ffn_mult nor intermediate_size");
    if (!node_f64(r->a, times, &mult, r->e))
        return false;
    if (!(mult > 0 && mult < 1000))
        return err_input(r->e, node_place(r->a, times), "%g is beyond sense", mult);
    l->ffn_inter = nas_width(mult, h);
    return true;
}

bool arch_nemotron_nas(struct reader *r)
{
    struct layer attn = {0};
    if (!read_frame(r) || !read_gqa(r, &attn))
        return false;
    const struct node *blocks = node_get(r->text, "block_configs");
    if (!blocks || blocks->kind != NODE_SEQ || blocks->n != (size_t)r->m->layers)
        return refuse(r, "block_configs", "expected a list of %d blocks", r->m->layers);
    for (int i = 0; i < r->m->layers; i++) {
        const struct node *b = &blocks->item[i];
        struct layer *l = &r->layer[i];
        l->count = 0;
        const struct node *mix = node_get(b, "attention"), *ffn = node_get(b, "ffn");
        if (!mix || !ffn)
            return err_input(r->e, node_place(r->a, b), "expected an object with attention and ffn");
        if (!nas_attention(r, mix, &attn, l) || !nas_ffn(r, ffn, l))
            return false;
    }
    return true;
}
