/* model_infer.c - a Llama-like decoder from the names and shapes of its tensors, where no config.json says more.
**
**      vocabulary x hidden = embed_tokens; heads x head_dim = rows of q_proj, KV heads x head_dim = rows of k_proj;
**      head_dim = length of q_norm, or twice that of inv_freq; width = rows of gate_proj
**
** Names: huggingface/transformers models/llama/modeling_llama.py. Without q_norm or inv_freq a head of 128 is taken, with a
** note: parameters and KV bytes depend on heads x head_dim alone. How many experts a token takes stands in no tensor.
*/
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/json.h"
#include "base/note.h"
#include "facts/checkpoint.h"
#include "facts/model_read.h"

#define LAYER "model.layers.%d."

static bool missing(const char *path, const char *name, struct err *e)
{
    err_input(e, path, "has no tensor %s, and there is no config.json beside it", name);
    return err_mend(e, "put the config.json of the model into its folder");
}

static int64_t head_dim(const char *path, const struct tensor_table *t, int64_t q, int64_t kv, struct notes *notes)
{
    const struct tensor *norm = tensor_findf(t, LAYER "self_attn.q_norm.weight", 0);
    const struct tensor *freq = tensor_findf(t, LAYER "self_attn.rotary_emb.inv_freq", 0);
    if (norm && norm->ndim == 1)
        return norm->dim[0];
    if (freq && freq->ndim == 1)
        return 2 * freq->dim[0];
    int64_t d = q % 128 == 0 && kv % 128 == 0 ? 128 : 64;
    note_add(notes, "%s: no config.json beside it; heads of %lld are assumed, and no sliding window", path, (long long)d);
    return d;
}

/* "hf/tiny/model-00001-of-00002.safetensors" -> "tiny", "tiny.safetensors" -> "tiny" */
static const char *id_of(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *from = slash ? slash + 1 : path, *end = from + strcspn(from, ".");
    if (slash && strncmp(from, "model", 5) == 0)
        for (end = from = slash; from > path && from[-1] != '/';)
            from--;
    return end > from && *from != '.' ? arena_strndup(a, from, (size_t)(end - from)) : "model";
}

bool infer_config(struct arena *a, const char *path, const struct tensor_table *t, struct node **doc, struct notes *notes,
                  struct err *e)
{
    const struct tensor *embed = tensor_find(t, "model.embed_tokens.weight");
    const struct tensor *q = tensor_findf(t, LAYER "self_attn.q_proj.weight", 0);
    const struct tensor *k = tensor_findf(t, LAYER "self_attn.k_proj.weight", 0);
    const struct tensor *up = tensor_findf(t, LAYER "mlp.gate_proj.weight", 0);
    int layers = 0;
    if (!embed || embed->ndim != 2)
        return missing(path, "model.embed_tokens.weight", e);
    if (!q || !k || q->ndim != 2 || k->ndim != 2)
        return missing(path, "model.layers.0.self_attn.q_proj.weight (or k_proj)", e);
    if (!up && (tensor_findf(t, LAYER "mlp.gate.weight", 0) || tensor_findf(t, LAYER "block_sparse_moe.gate.weight", 0))) {
        err_input(e, path, "is a mixture of experts without a config.json: how many experts a token takes is in no tensor");
        return err_mend(e, "put the config.json of the model into its folder");
    }
    if (!up || up->ndim != 2)
        return missing(path, "model.layers.0.mlp.gate_proj.weight", e);
    while (layers < MAX_LAYERS && tensor_findf(t, LAYER "self_attn.q_proj.weight", layers))
        layers++;
    int64_t d = head_dim(path, t, q->dim[0], k->dim[0], notes);
    if (d < 1 || q->dim[0] % d || k->dim[0] % d)
        return err_input(e, path, "%lld rows of q_proj and %lld of k_proj are no whole heads of %lld", (long long)q->dim[0],
                         (long long)k->dim[0], (long long)d);
    struct buf b = {.arena = a};
    struct jw w;
    jw_init(&w, &b);
    jw_obj(&w, NULL);
    jw_obj(&w, "moat");
    jw_str(&w, "id", id_of(a, path));
    jw_str(&w, "name", id_of(a, path));
    jw_str(&w, "source", path);
    jw_end(&w);
    jw_str(&w, "model_type", "llama");
    jw_int(&w, "num_hidden_layers", layers);
    jw_int(&w, "vocab_size", embed->dim[0]);
    jw_int(&w, "hidden_size", embed->dim[1]);
    jw_int(&w, "num_attention_heads", q->dim[0] / d);
    jw_int(&w, "num_key_value_heads", k->dim[0] / d);
    jw_int(&w, "head_dim", d);
    jw_int(&w, "intermediate_size", up->dim[0]);
    jw_bool(&w, "tie_word_embeddings", !tensor_find(t, "lm_head.weight"));
    jw_bool(&w, "attention_bias", tensor_findf(t, LAYER "self_attn.q_proj.bias", 0) != NULL);
    jw_bool(&w, "use_qk_norm", tensor_findf(t, LAYER "self_attn.q_norm.weight", 0) != NULL);
    jw_str(&w, "torch_dtype", strcmp(q->type->name, "F16") == 0 ? "float16" : "bfloat16");
    jw_end(&w);
    return doc_json(a, path, buf_str(&b), b.n, doc, e);
}
