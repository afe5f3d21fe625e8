/* model_mla.c - multi-head latent attention: DeepSeek V2 to V3.2, R1, Kimi K2, GLM-5; with DSA where an indexer is.
**
** q = Wqb norm(Wqa x), [c, kr] = Wkva x, [k, v] = Wkvb norm(c); a token caches c and kr: kv_lora + rope values.
** arXiv:2405.04434 (MLA), DeepSeek-V3.2 report (DSA), transformers models/deepseek_v3, glm_moe_dsa.
*/
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

bool read_mla(struct reader *r, struct layer *l)
{
    l->mixer = MIX_MLA;
    if (!need_int(r, KEYS("num_attention_heads"), 1, MAX_HEADS, &l->heads))
        return false;
    if (!read_int(r, KEYS("q_lora_rank"), 1, MAX_DIM, &l->q_lora))
        return false;
    if (!need_int(r, KEYS("kv_lora_rank"), 1, MAX_DIM, &l->kv_lora))
        return false;
    if (!need_int(r, KEYS("qk_nope_head_dim"), 1, MAX_DIM, &l->nope_dim))
        return false;
    if (!need_int(r, KEYS("qk_rope_head_dim"), 0, MAX_DIM, &l->rope_dim))
        return false;
    if (!need_int(r, KEYS("v_head_dim"), 1, MAX_DIM, &l->v_head_dim))
        return false;
    l->head_dim = l->nope_dim + l->rope_dim;
    l->kv_heads = l->heads;
    bool bias = false;
    if (!read_flag(r, KEYS("attention_bias"), &bias))
        return false;
    l->qkv_bias = l->o_bias = bias;
    l->norm_params = 2.0 * (double)r->m->hidden + l->q_lora + l->kv_lora;
    return true;
}

bool read_indexer(struct reader *r, struct layer *l)
{
    if (!read_i64(r, KEYS("index_topk"), 1, INT64_C(1) << 40, &l->topk) || l->topk == 0)
        return l->topk == 0;
    if (!need_int(r, KEYS("index_n_heads"), 1, MAX_HEADS, &l->index_heads))
        return false;
    return need_int(r, KEYS("index_head_dim"), 1, MAX_DIM, &l->index_dim);
}

/* Experts chosen with a learned correction bias have one more weight each (noaux_tc; sigmoid scores). */
bool router_bias(struct reader *r, struct layer *moe)
{
    const struct node *nd = read_key(r, KEYS("topk_method"));
    const char *method = nd ? "" : "noaux_tc";
    if (nd && !node_str(r->a, nd, &method, r->e))
        return false;
    if (strcmp(method, "noaux_tc") == 0)
        moe->ffn_extra_params = moe->experts;
    return true;
}

bool arch_deepseek(struct reader *r)
{
    struct layer attn = {0}, dense = {0}, moe = {0};
    if (!read_frame(r) || !read_mla(r, &attn) || !read_indexer(r, &attn) || !read_ffn(r, &dense, &moe))
        return false;
    if (!router_bias(r, &moe))
        return false;
    moe.ffn_inter = 0;
    for (int i = 0; i < r->m->layers; i++) {
        struct layer *l = &r->layer[i];
        bool is_moe;
        const char *indexer = "full";
        memcpy(l, &attn, sizeof *l);
        if (!layer_is_moe(r, i, &is_moe) || !list_str(r, "indexer_types", i, &indexer))
            return false;
        if (!is_moe && dense.ffn_inter == 0)
            return refuse(r, "intermediate_size", "missing for the dense layer %d", i);
        copy_ffn(l, is_moe ? &moe : &dense);
        l->index_shared = l->topk > 0 && strcmp(indexer, "shared") == 0;
        if (l->topk > 0 && !l->index_shared)
            l->norm_params += 2.0 * l->index_dim; /* layer norm of the index keys */
    }
    return true;
}
