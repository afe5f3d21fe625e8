/* model.c - which reader understands a config, and equal layers put together into groups.
**
**      config.json -> text_config -> row of archs[] by model_type -> one struct layer a layer -> groups
*/
#include "facts/model.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/model_read.h"

static const struct arch archs[] = {
    {"llama", "LlamaForCausalLM", arch_llama},
    {"mistral", "MistralForCausalLM", arch_llama},
    {"ministral3", NULL, arch_llama},
    {"mixtral", "MixtralForCausalLM", arch_llama},
    {"qwen2", "Qwen2ForCausalLM", arch_llama},
    {"qwen2_moe", "Qwen2MoeForCausalLM", arch_llama},
    {"qwen2_5_vl_text", NULL, arch_llama},
    {"qwen3", "Qwen3ForCausalLM", arch_llama},
    {"qwen3_moe", "Qwen3MoeForCausalLM", arch_llama},
    {"qwen3_vl_text", NULL, arch_llama},
    {"qwen3_vl_moe_text", NULL, arch_llama},
    {"minimax_m2", "MiniMaxM2ForCausalLM", arch_llama},
    {"phi3", "Phi3ForCausalLM", arch_llama},
    {"mimo", "MiMoForCausalLM", arch_llama},
    {"glm4_moe", "Glm4MoeForCausalLM", arch_llama},
    {"step3p5", "Step3p5ForCausalLM", arch_llama},
    {"step3p7", "Step3p7FlashForCausalLM", arch_llama},
    {"gemma2", "Gemma2ForCausalLM", arch_gemma},
    {"gemma3", "Gemma3ForCausalLM", arch_gemma},
    {"gemma3_text", NULL, arch_gemma},
    {"gemma4_text", "Gemma4ForConditionalGeneration", arch_gemma},
    {"gpt_oss", "GptOssForCausalLM", arch_gpt_oss},
    {"llama4_text", "Llama4ForCausalLM", arch_llama4},
    {"mimo_v2_flash", "MiMoV2FlashForCausalLM", arch_mimo_v2},
    {"minimax_m3", "MiniMaxM3ForCausalLM", arch_minimax_m3},
    {"deepseek_v2", "DeepseekV2ForCausalLM", arch_deepseek},
    {"deepseek_v3", "DeepseekV3ForCausalLM", arch_deepseek},
    {"deepseek_v32", "DeepseekV32ForCausalLM", arch_deepseek},
    {"kimi_k2", NULL, arch_deepseek},
    {"glm_moe_dsa", "GlmMoeDsaForCausalLM", arch_deepseek},
    {"deepseek_v4", "DeepseekV4ForCausalLM", arch_deepseek_v4},
    {"qwen3_next", "Qwen3NextForCausalLM", arch_qwen_next},
    {"qwen3_5_text", "Qwen3_5ForCausalLM", arch_qwen_next},
    {"qwen3_5_moe_text", "Qwen3_5MoeForCausalLM", arch_qwen_next},
    {"kimi_linear", "KimiLinearForCausalLM", arch_kimi_linear},
    {"minimax_text_01", "MiniMaxText01ForCausalLM", arch_minimax_01},
    {"minimax", "MiniMaxForCausalLM", arch_minimax_01},
    {"minimax_m1", "MiniMaxM1ForCausalLM", arch_minimax_01},
    {"nemotron_h", "NemotronHForCausalLM", arch_nemotron_h},
    {"nemotron-nas", "DeciLMForCausalLM", arch_nemotron_nas},
    {"gpt2", "GPT2LMHeadModel", arch_gpt},
    {"gptj", "GPTJForCausalLM", arch_gpt},
    {"gpt_neox", "GPTNeoXForCausalLM", arch_gpt},
    {"opt", "OPTForCausalLM", arch_gpt},
    {"bloom", "BloomForCausalLM", arch_gpt},
    {"mpt", "MPTForCausalLM", arch_gpt},
    {"falcon", "FalconForCausalLM", arch_gpt},
    {"phi", "PhiForCausalLM", arch_gpt},
    {"palm", NULL, arch_gpt},
};

static const char *text_of(const struct node *map, const char *key)
{
    const struct node *nd = node_get(map, key);
    return nd && nd->kind == NODE_SCALAR && !node_is_null(nd) ? nd->text : NULL;
}

static const struct arch *arch_of_type(const char *type)
{
    for (size_t i = 0; type && i < sizeof archs / sizeof *archs; i++)
        if (strcmp(archs[i].type, type) == 0)
            return &archs[i];
    return NULL;
}

static const struct arch *arch_of_class(const struct node *map)
{
    const struct node *list = node_get(map, "architectures");
    for (size_t k = 0; list && k < list->n; k++)
        for (size_t i = 0; i < sizeof archs / sizeof *archs; i++)
            if (archs[i].architecture && list->item[k].text && strcmp(archs[i].architecture, list->item[k].text) == 0)
                return &archs[i];
    return NULL;
}

/* A stranger with the keys of a known kind is read as that kind, with a note; keys that would change the sizes and that
** this reading leaves aside are named in another. */
static const struct arch *arch_of_keys(struct reader *r, const char *type)
{
    static const char *const needed[] = {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size",
                                         "vocab_size"};
    static const char *const strange[] = {"ssm_state_size",
                                          "mamba_num_heads",
                                          "mamba_d_state",
                                          "linear_attn_config",
                                          "linear_num_value_heads",
                                          "block_configs",
                                          "hybrid_override_pattern",
                                          "layers_block_type",
                                          "compress_ratios",
                                          "sparse_attention_config",
                                          "state_size"};
    const char *file = r->root->file ? r->root->file : "config";
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!has_key(r, needed[i]))
            return NULL;
    bool latent = has_key(r, "kv_lora_rank");
    note_add(r->notes, "%s: model_type \"%s\" is not known; its keys are read as those of a %s-like decoder", file,
             type, latent ? "DeepSeek" : "Llama");
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
        if (has_key(r, strange[i]))
            note_add(r->notes, "%s: %s changes the size of the model and is left aside", file, strange[i]);
    return arch_of_type(latent ? "deepseek_v3" : "llama");
}

/* The row for a config: by the type of the text model, its class, the type and class at the top, or its keys. */
static const struct arch *arch_find(struct reader *r)
{
    const char *type = text_of(r->text, "model_type");
    const struct arch *found = arch_of_type(type);
    if (!found)
        found = arch_of_class(r->text);
    if (!found)
        found = arch_of_type(text_of(r->root, "model_type"));
    if (!found)
        found = arch_of_class(r->root);
    if (!found)
        found = arch_of_keys(r, type ? type : "");
    if (found)
        return found;
    if (type)
        refuse(r, "model_type", "unknown architecture \"%s\"", type);
    else
        refuse(r, "model_type", "missing, and the keys are not those of a Llama-like decoder");
    err_mend(r->e, "a decoder has at least hidden_size, num_hidden_layers, num_attention_heads, intermediate_size and "
                   "vocab_size");
    return NULL;
}

/* Put equal layers together, in order of first appearance. Layers come zeroed from the arena and are copied whole,
** so that their bytes can be compared. */
static void group_layers(struct reader *r)
{
    struct model *m = r->m;
    m->group = ARENA_ARRAY(r->a, struct layer, (size_t)m->layers);
    m->ngroup = 0;
    for (int i = 0; i < m->layers; i++) {
        size_t g = 0;
        r->layer[i].count = 0;
        while (g < m->ngroup) {
            int count = m->group[g].count;
            m->group[g].count = 0;
            bool same = memcmp(&m->group[g], &r->layer[i], sizeof *r->layer) == 0;
            m->group[g].count = count;
            if (same)
                break;
            g++;
        }
        if (g == m->ngroup)
            memcpy(&m->group[m->ngroup++], &r->layer[i], sizeof *r->layer);
        m->group[g].count++;
    }
}

/* "deepseek-ai--DeepSeek-V3_config.json" -> "deepseek-ai/DeepSeek-V3"; "DeepSeek-V3/config.json" -> "DeepSeek-V3". */
static const char *name_of_file(struct arena *a, const char *file)
{
    const char *base = strrchr(file, '/');
    base = base ? base + 1 : file;
    if (strcmp(base, "config.json") == 0 && base > file) {
        const char *end = base - 1, *at = end;
        while (at > file && at[-1] != '/')
            at--;
        return arena_strndup(a, at, (size_t)(end - at));
    }
    size_t n = strlen(base);
    static const char *const tail[] = {"_config.json", ".json"};
    for (size_t i = 0; i < 2; i++) {
        size_t k = strlen(tail[i]);
        if (n > k && strcmp(base + n - k, tail[i]) == 0) {
            n -= k;
            break;
        }
    }
    char *name = arena_strndup(a, base, n), *dash = strstr(name, "--");
    if (dash) {
        *dash = '/';
        memmove(dash + 1, dash + 2, strlen(dash + 2) + 1);
    }
    return name;
}

static bool contains_word(const char *text, const char *word)
{
    return text && strcasestr(text, word) != NULL;
}

static const char *lower(struct arena *a, const char *s)
{
    char *t = arena_strdup(a, s);
    for (char *p = t; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return t;
}

/* Who the model is, and what its publisher counts: our own "moat" object, else the file's name. */
static bool read_names(struct reader *r, const char *id)
{
    struct model *m = r->m;
    const struct node *own = node_get(r->root, "moat");
    const char *file = r->root->file ? r->root->file : "";
    m->place = file;
    m->name = name_of_file(r->a, file);
    const char *path = text_of(r->root, "_name_or_path");
    if (path && path[0] != '/' && strchr(path, '/') && !strchr(m->name, '/'))
        m->name = path;
    m->id = id;
    if (own) {
        static const char *const keys[] = {
            "id",   "name",       "aliases", "published_params", "published_active", "published_source", "source",
            "date", "parametric", "notes",   "weights"};
        if (own->kind != NODE_MAP)
            return err_input(r->e, node_place(r->a, own), "expected an object");
        if (!node_keys(r->a, own, keys, sizeof keys / sizeof *keys, r->e))
            return false;
        if (!node_str(r->a, node_get(own, "name"), &m->name, r->e))
            return false;
        if (!m->id && !node_str(r->a, node_get(own, "id"), &m->id, r->e))
            return false;
        if (!node_f64(r->a, node_get(own, "published_params"), &m->published_params, r->e))
            return false;
        if (!node_f64(r->a, node_get(own, "published_active"), &m->published_active, r->e))
            return false;
        if (!node_str(r->a, node_get(own, "published_source"), &m->published_source, r->e))
            return false;
        if (!node_str(r->a, node_get(own, "source"), &m->source, r->e))
            return false;
        if (!node_str(r->a, node_get(own, "date"), &m->date, r->e))
            return false;
        if (!node_bool(r->a, node_get(own, "parametric"), &m->parametric, r->e))
            return false;
        const struct node *list = node_get(own, "aliases");
        m->nalias = list && list->kind == NODE_SEQ ? list->n : 0;
        m->alias = ARENA_ARRAY(r->a, const char *, m->nalias);
        for (size_t i = 0; i < m->nalias; i++)
            if (!node_str(r->a, &list->item[i], &m->alias[i], r->e))
                return false;
    }
    if (!m->id)
        m->id = lower(r->a, name_of_file(r->a, file));
    if (!m->name || !*m->name)
        m->name = m->id;
    if (!m->source)
        m->source = file;
    return true;
}

/* A config named after a number format that it does not declare: the format stands in a file beside it
** (hf_quant_config.json), which we were not given. */
static void note_precision(struct reader *r)
{
    struct model *m = r->m;
    static const char *const format[] = {"NVFP4", "MXFP4", "FP8",  "FP4",   "AWQ",
                                         "GPTQ",  "INT4",  "INT8", "W4A16", "W8A8"};
    for (size_t i = 0; !m->quant_declared && !node_at(r->root, "moat.weights") && i < sizeof format / sizeof *format; i++) {
        if (!contains_word(m->name, format[i]) && !contains_word(text_of(r->root, "_name_or_path"), format[i]))
            continue;
        m->precision_needed = true;
        note_add(r->notes,
                 "%s is named %s but its config declares no quantisation; say which with `precision`, or bf16 is taken",
                 m->name, format[i]);
        return;
    }
}

bool model_read(struct arena *a, const struct node *doc, const char *id, struct model *out, struct notes *notes,
                struct err *e)
{
    memset(out, 0, sizeof *out);
    struct reader r = {.a = a, .root = doc, .text = doc, .notes = notes, .e = e, .m = out};
    if (doc->kind != NODE_MAP)
        return err_input(e, node_place(a, doc), "expected a config.json object");
    static const char *const inner[] = {"text_config", "llm_config", "language_config"};
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        const struct node *nd = node_get(doc, inner[i]);
        if (!nd || node_is_null(nd))
            continue;
        if (nd->kind != NODE_MAP)
            return err_input(e, node_place(a, nd), "expected an object");
        r.text = nd;
        break;
    }
    if (!read_names(&r, id))
        return false;
    const struct arch *arch = arch_find(&r);
    if (!arch)
        return false;
    const char *type = text_of(r.text, "model_type");
    out->type = type ? type : arch->type;
    if (!arch->read(&r))
        return false;
    group_layers(&r);
    if (!read_quant(&r) || !read_weights(&r))
        return false;
    note_precision(&r);
    double params = model_params(out);
    if (params >= 1 && params < 1e15)
        return true;
    err_input(e, node_place(a, doc), "%.3g parameters are beyond sense", params);
    return err_mend(e, "check hidden_size, intermediate_size and the numbers of layers and experts");
}
