/* model_v4.c - DeepSeek-V4: attention to latents that are key and value themselves, recent ones and pooled older ones.
**
** A token writes one latent of head_dim values. Layer i sees the last sliding_window of them and, by its ratio,
**
**      0       nothing else
**      r = 4   (CSA) context / 4 pooled latents, of which an indexer picks index_topk; windows overlap, so the pooling
**              projections are twice as wide; the indexer pools keys of its own in the same way
**      r = 128 (HCA) all context / 128 pooled latents
**
** The residual is hc_mult streams, mixed by two hyper-connections a layer. Shapes from transformers
** models/deepseek_v4/modular_deepseek_v4.py; tid2eid of the hash-routed layers is a table, not a weight.
*/
#include <string.h>

#include "base/err.h"
#include "facts/model_read.h"

static double pool_params(double hidden, double width, double ratio, double norm)
{
    return 2 * hidden * width + ratio * width + norm; /* kv_proj, gate_proj, position_bias, kv_norm */
}

bool arch_deepseek_v4(struct reader *r)
{
    struct layer attn = {0}, dense = {0}, moe = {0};
    int streams = 1, hash_layers = 0;
    if (!read_frame(r))
        return false;
    attn.mixer = MIX_MLA;
    attn.latent_kv = attn.sinks = true;
    if (!need_int(r, KEYS("num_attention_heads"), 1, MAX_HEADS, &attn.heads))
        return false;
    if (!need_int(r, KEYS("head_dim"), 2, MAX_DIM, &attn.head_dim))
        return false;
    if (!need_int(r, KEYS("qk_rope_head_dim"), 0, attn.head_dim - 1, &attn.rope_dim))
        return false;
    if (!need_int(r, KEYS("q_lora_rank"), 1, MAX_DIM, &attn.q_lora))
        return false;
    if (!need_int(r, KEYS("o_lora_rank"), 1, MAX_DIM, &attn.o_lora))
        return false;
    if (!need_int(r, KEYS("o_groups"), 1, MAX_HEADS, &attn.o_groups))
        return false;
    if (!need_i64(r, KEYS("sliding_window"), 1, INT64_C(1) << 40, &attn.window))
        return false;
    if (!read_int(r, KEYS("hc_mult"), 1, 64, &streams))
        return false;
    if (!read_int(r, KEYS("num_hash_layers"), 0, MAX_LAYERS, &hash_layers))
        return false;
    if (!read_ffn(r, &dense, &moe))
        return false;
    attn.kv_heads = 1;
    attn.v_head_dim = attn.head_dim;
    attn.kv_lora = attn.nope_dim = attn.head_dim - attn.rope_dim;

    double h = (double)r->m->hidden, mix = (2.0 + streams) * streams;
    attn.norm_params = 2 * h + attn.q_lora + attn.head_dim;
    attn.mixer_extra_params = 2 * (mix * streams * h + mix + 3); /* both hyper-connections of the layer */
    r->m->extra_params = streams * streams * h + streams + 1;    /* the one that ends the streams */
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        int ratio = 0;
        if (!list_int(r, "compress_ratios", i, 0, 1 << 20, &ratio))
            return false;
        memcpy(l, &attn, sizeof *l);
        copy_ffn(l, &moe);
        l->ffn_inter = 0;
        if (i >= hash_layers)
            l->ffn_extra_params = moe.experts; /* e_score_correction_bias */
        l->compress = ratio;
        if (ratio > 0 && ratio < 16) { /* compressed sparse attention */
            if (!read_indexer(r, l))
                return false;
            /* layer_mixer_params counts an indexer's q, k and head weights; pooled keys take their place */
            double counted = h * l->index_dim, width = 2.0 * l->index_dim;
            l->mixer_extra_params += pool_params(h, 2.0 * l->head_dim, ratio, l->head_dim);
            if (l->topk)
                l->mixer_extra_params += pool_params(h, width, ratio, l->index_dim) - counted;
        } else if (ratio > 0) { /* heavily compressed attention */
            l->mixer_extra_params += pool_params(h, l->head_dim, ratio, l->head_dim);
        }
    }
    return true;
}
