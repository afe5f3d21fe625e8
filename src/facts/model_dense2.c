/* model_dense2.c - cousins of Llama whose layers come in two shapes: Gemma, MiMo-V2, MiniMax-M3.
**
** Sources: transformers models/gemma2, gemma3, gemma4; sglang srt/models/mimo_v2_flash.py, minimax_m3.py.
*/
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

/* Gemma: four norms a layer, tied embedding; sliding layers with a full one between.
** Gemma 2 alternates; Gemma 3 has 5 sliding to 1 full and norms q and k; Gemma 4 gives its full layers wider heads
** (global_head_dim), fewer KV heads and one projection for K and V, and may run experts beside the dense MLP. */
static bool gemma_is_full(struct reader *r, int i, bool *full)
{
    const char *type = NULL;
    int pattern = strcmp(r->m->type, "gemma2") == 0 ? 2 : 6;
    if (!list_str(r, "layer_types", i, &type))
        return false;
    if (!read_int(r, KEYS("sliding_window_pattern", "_sliding_window_pattern"), 1, MAX_LAYERS, &pattern))
        return false;
    *full = type ? strstr(type, "full") != NULL : (i + 1) % pattern == 0;
    return true;
}

static bool gemma_global(struct reader *r, struct layer *full)
{
    if (!read_int(r, KEYS("global_head_dim"), 1, MAX_DIM, &full->head_dim))
        return false;
    if (!read_int(r, KEYS("num_global_key_value_heads"), 1, MAX_HEADS, &full->kv_heads))
        return false;
    if (has_key(r, "global_head_dim"))
        full->v_head_dim = full->head_dim;
    if (full->heads % full->kv_heads)
        return refuse(r, "num_global_key_value_heads", "%d heads cannot share %d KV heads evenly", full->heads,
                      full->kv_heads);
    return read_flag(r, KEYS("attention_k_eq_v"), &full->k_is_v);
}

/* Per-layer embeddings (Gemma 3n, 4 E2B and E4B): a second table, and a gate and projection in each layer. */
static bool gemma_ple(struct reader *r, double *per_layer)
{
    int64_t width = 0, vocab = r->m->vocab;
    if (!read_i64(r, KEYS("hidden_size_per_layer_input"), 0, MAX_DIM, &width))
        return false;
    if (!read_i64(r, KEYS("vocab_size_per_layer_input"), 1, MAX_VOCAB, &vocab))
        return false;
    double h = (double)r->m->hidden, all = (double)width * r->m->layers;
    *per_layer = width ? 2 * h * (double)width + h : 0;
    r->m->lookup_params = (double)vocab * all;
    r->m->extra_params = width ? h * all + (double)width : 0;
    return true;
}

bool arch_gemma(struct reader *r)
{
    struct layer slide = {0}, full, dense = {0}, moe = {0};
    bool four = strcmp(r->m->type, "gemma4_text") == 0, norm_qk = four || strncmp(r->m->type, "gemma3", 6) == 0;
    bool with_experts = false, wide = false;
    double ple = 0;
    int shared_kv = 0;
    r->m->tied = true;
    if (!read_frame(r) || !read_gqa(r, &slide) || !read_ffn(r, &dense, &moe) || !gemma_ple(r, &ple))
        return false;
    if (!read_i64(r, KEYS("sliding_window"), 1, INT64_C(1) << 40, &slide.window))
        return false;
    if (!read_flag(r, KEYS("enable_moe_block"), &with_experts))
        return false;
    if (!read_flag(r, KEYS("use_double_wide_mlp"), &wide))
        return false;
    if (!read_int(r, KEYS("num_kv_shared_layers"), 0, r->m->layers, &shared_kv))
        return false;
    full = slide;
    full.window = 0;
    if (four && !gemma_global(r, &full))
        return false;
    double h = (double)r->m->hidden;
    double norms = 4 * h;
    if (with_experts) {
        /* The dense MLP stays and runs beside the experts, as a shared expert does; three more norms; the router
        ** scales its input (hidden) and each expert. */
        moe.shared_inter = dense.ffn_inter;
        moe.ffn_extra_params = h + moe.experts;
        norms += 3 * h;
    }
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        bool is_full;
        if (!gemma_is_full(r, i, &is_full))
            return false;
        memcpy(l, is_full ? &full : &slide, sizeof *l);
        copy_ffn(l, with_experts ? &moe : &dense);
        l->qk_norm = norm_qk;
        l->share_kv = i >= r->m->layers - shared_kv;
        if (l->share_kv && wide)
            l->ffn_inter *= 2;
        l->norm_params = norms + (norm_qk ? (l->share_kv ? 1 : 2) * l->head_dim : 0);
        l->ffn_extra_params += ple + (four ? 1 : 0); /* layer_scalar */
    }
    return true;
}

/* MiMo-V2-Flash: 5 sliding layers of 128 tokens with sinks to 1 full; KV heads differ; values are narrower than keys.
 */
bool arch_mimo_v2(struct reader *r)
{
    struct layer full = {0}, slide, dense = {0}, moe = {0};
    if (!read_frame(r) || !read_gqa(r, &full) || !read_ffn(r, &dense, &moe))
        return false;
    full.norm_params = 2.0 * (double)r->m->hidden;
    slide = full;
    if (!read_int(r, KEYS("swa_num_attention_heads"), 1, MAX_HEADS, &slide.heads))
        return false;
    if (!read_int(r, KEYS("swa_num_key_value_heads"), 1, MAX_HEADS, &slide.kv_heads))
        return false;
    if (!read_int(r, KEYS("swa_head_dim"), 1, MAX_DIM, &slide.head_dim))
        return false;
    if (!read_int(r, KEYS("swa_v_head_dim"), 1, MAX_DIM, &slide.v_head_dim))
        return false;
    if (!need_i64(r, KEYS("sliding_window", "sliding_window_size"), 1, INT64_C(1) << 40, &slide.window))
        return false;
    if (!read_flag(r, KEYS("add_swa_attention_sink_bias"), &slide.sinks))
        return false;
    if (!read_flag(r, KEYS("add_full_attention_sink_bias"), &full.sinks))
        return false;
    if (slide.heads % slide.kv_heads)
        return refuse(r, "swa_num_key_value_heads", "%d heads cannot share %d KV heads evenly", slide.heads,
                      slide.kv_heads);
    if (!router_bias(r, &moe))
        return false;
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        int sliding = 0;
        bool is_moe;
        if (!list_int(r, "hybrid_layer_pattern", i, 0, 1, &sliding) || !layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(&r->layer[i], sliding ? &slide : &full, sizeof full);
        copy_ffn(&r->layer[i], is_moe ? &moe : &dense);
    }
    return true;
}

/* MiniMax-M3: grouped-query attention over the topk_blocks blocks of sparse_block_size tokens that an indexer picks. */
bool arch_minimax_m3(struct reader *r)
{
    struct layer attn = {0}, sparse, dense = {0}, moe = {0};
    if (!read_frame(r) || !read_gqa(r, &attn) || !read_ffn(r, &dense, &moe))
        return false;
    attn.qk_norm = true;
    attn.norm_params = 2.0 * (double)r->m->hidden + 2.0 * attn.head_dim;
    if (!read_flag(r, KEYS("attention_output_gate"), &attn.q_gate))
        return false;
    sparse = attn;
    moe.ffn_extra_params = moe.experts; /* use_routing_bias */
    moe.ffn_inter = 0;

    const struct node *outer = r->text, *cfg = node_get(r->text, "sparse_attention_config");
    if (cfg && cfg->kind == NODE_MAP) {
        int64_t block = 0, blocks = 0;
        r->text = cfg; /* the helpers read below this map for a moment */
        bool ok = need_i64(r, KEYS("sparse_block_size"), 1, 1 << 20, &block) &&
                  need_i64(r, KEYS("sparse_topk_blocks"), 1, 1 << 20, &blocks) &&
                  need_int(r, KEYS("sparse_num_index_heads"), 1, MAX_HEADS, &sparse.index_heads) &&
                  need_int(r, KEYS("sparse_index_dim"), 1, MAX_DIM, &sparse.index_dim);
        r->text = outer;
        if (!ok)
            return false;
        sparse.topk = block * blocks;
        sparse.norm_params += 2.0 * sparse.index_dim;
    }
    for (int i = 0; i < r->m->layers; i++) {
        int is_sparse = 0;
        bool is_moe;
        r->text = cfg && cfg->kind == NODE_MAP ? cfg : outer;
        bool ok = list_int(r, "sparse_attention_freq", i, 0, 1, &is_sparse);
        r->text = outer;
        if (!ok || !layer_is_moe(r, i, &is_moe))
            return false;
        memcpy(&r->layer[i], is_sparse ? &sparse : &attn, sizeof attn);
        copy_ffn(&r->layer[i], is_moe ? &moe : &dense);
    }
    return true;
}
