/* model_gpt.c - decoders before Llama: layer norm with bias, two-matrix GELU MLP, biases, learned positions.
**
** Each row of kinds[] says what the architecture has whatever its config says; sources: transformers
** models/<type>/modeling_<type>.py; GPT-3 arXiv:2005.14165 (read as gpt2), PaLM arXiv:2204.02311.
*/
#include <string.h>

#include "base/doc.h"
#include "base/err.h"
#include "facts/model_read.h"

static const struct kind {
    const char *type;
    bool positions;      /* learned, one row a position */
    int position_offset; /* rows beyond max_position_embeddings */
    int norms;           /* layer norms a layer: 1 when attention and MLP run side by side on one */
    bool norm_bias, attn_bias, ffn_bias, head_bias, embed_norm, gated, tied, mqa;
} kinds[] = {
    {.type = "gpt2",
     .positions = true,
     .norms = 2,
     .norm_bias = true,
     .attn_bias = true,
     .ffn_bias = true,
     .tied = true},
    {.type = "gptj", .norms = 1, .norm_bias = true, .ffn_bias = true, .head_bias = true},
    {.type = "gpt_neox", .norms = 2, .norm_bias = true, .attn_bias = true, .ffn_bias = true},
    {.type = "opt",
     .positions = true,
     .position_offset = 2,
     .norms = 2,
     .norm_bias = true,
     .attn_bias = true,
     .ffn_bias = true,
     .tied = true},
    {.type = "bloom",
     .norms = 2,
     .norm_bias = true,
     .attn_bias = true,
     .ffn_bias = true,
     .embed_norm = true,
     .tied = true},
    {.type = "mpt", .norms = 2, .tied = true},
    {.type = "falcon", .norms = 1, .norm_bias = true, .tied = true, .mqa = true},
    {.type = "phi", .norms = 1, .norm_bias = true, .attn_bias = true, .ffn_bias = true, .head_bias = true},
    {.type = "palm", .norms = 1, .gated = true, .tied = true, .mqa = true},
};

static const struct kind *kind_of(const char *type)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(kinds[i].type, type) == 0)
            return &kinds[i];
    return &kinds[0];
}

/* Falcon: 7B is multi-query with one norm; the newer decoder (40B, 180B) has num_kv_heads groups and two norms. */
static bool falcon(struct reader *r, struct layer *l, int *norms)
{
    bool newer = false, mqa = true, parallel = true, bias = false;
    if (!read_flag(r, KEYS("new_decoder_architecture"), &newer))
        return false;
    if (!read_flag(r, KEYS("multi_query"), &mqa))
        return false;
    if (!read_flag(r, KEYS("parallel_attn"), &parallel))
        return false;
    if (!read_flag(r, KEYS("bias"), &bias))
        return false;
    if (!newer)
        l->kv_heads = mqa ? 1 : l->heads;
    l->qkv_bias = l->o_bias = l->ffn_bias = bias;
    *norms = newer || !parallel ? 2 : 1;
    return true;
}

/* MPT: no_bias is usual; grouped-query attention hides in attn_config. */
static bool mpt(struct reader *r, struct layer *l, bool *biased)
{
    bool no_bias = true;
    int64_t kv = l->heads, ratio = 4;
    if (!read_flag(r, KEYS("no_bias"), &no_bias))
        return false;
    if (!read_i64(r, KEYS("expansion_ratio"), 1, 64, &ratio))
        return false;
    const struct node *nd = node_at(r->text, "attn_config.kv_n_heads");
    if (nd && !node_is_null(nd) && !node_int(r->a, nd, 1, l->heads, &kv, r->e))
        return false;
    l->kv_heads = (int)kv;
    l->ffn_inter = ratio * r->m->hidden;
    *biased = !no_bias;
    l->qkv_bias = l->o_bias = l->ffn_bias = *biased;
    return true;
}

bool arch_gpt(struct reader *r)
{
    const struct kind *k = kind_of(r->m->type);
    struct layer l = {0};
    bool norm_bias = k->norm_bias;
    int norms = k->norms;
    r->m->tied = k->tied;
    if (!read_frame(r) || !read_gqa(r, &l))
        return false;
    if (k->mqa && !has_key(r, "num_kv_heads") && !has_key(r, "num_key_value_heads"))
        l.kv_heads = 1;
    l.qkv_bias = l.o_bias = k->attn_bias;
    l.ffn_bias = k->ffn_bias;
    l.gated = k->gated;
    l.ffn_inter = 4 * r->m->hidden;
    if (strcmp(k->type, "falcon") == 0 && !falcon(r, &l, &norms))
        return false;
    if (strcmp(k->type, "mpt") == 0 && !mpt(r, &l, &norm_bias))
        return false;
    if (!read_i64(r, KEYS("intermediate_size", "ffn_dim", "n_inner", "ffn_hidden_size"), 1, MAX_DIM * INT64_C(8),
                  &l.ffn_inter))
        return false;

    double h = (double)r->m->hidden, one_norm = norm_bias ? 2 * h : h;
    l.norm_params = norms * one_norm;
    if (norm_bias)
        r->m->extra_params += h; /* of the last norm; its weight is counted everywhere */
    if (k->embed_norm)
        r->m->extra_params += one_norm;
    if (k->head_bias)
        r->m->extra_params += (double)r->m->vocab;
    if (k->positions)
        r->m->lookup_params = h * ((double)r->m->max_context + k->position_offset);
    for (int i = 0; i < r->m->layers; i++)
        memcpy(&r->layer[i], &l, sizeof l);
    return true;
}
