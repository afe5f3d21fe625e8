/* engine.c - servers: their flags as each engine documents them, their images, how they span nodes.
**
** The flags are those that vLLM 0.19 to 0.33, SGLang 0.5 and TensorRT-LLM 1.x share; tests/cli/emit.t holds every flag that is
** written here to the engines' own lists (tests/cli/engine-flags).
*/
#include <string.h>

#include "base/arena.h"
#include "show/emit.h"

static const char *const vllm_entry[] = {"vllm", "serve", NULL};
static const char *const sglang_entry[] = {"python3", "-m", "sglang.launch_server", "--model-path", NULL};
static const char *const trtllm_entry[] = {"trtllm-serve", NULL};

static void option_text(struct emit_words *w, const char *name, const char *value)
{
    emit_word(w, name);
    emit_word(w, value);
}

static void option_int(struct emit_words *w, const char *name, int64_t value)
{
    option_text(w, name, arena_printf(w->arena, "%lld", (long long)value));
}

static void option_frac(struct emit_words *w, const char *name, double value)
{
    option_text(w, name, arena_printf(w->arena, "%.4g", value));
}

static bool is_software(const struct emit_plan *p, const char *word)
{
    return p->acc->software && strncmp(p->acc->software, word, strlen(word)) == 0;
}

/* "0.19.0" of "0.19.0 (0.14.0 on A100)"; NULL: the text does not begin with a version. */
static const char *version(struct arena *a, const char *text)
{
    size_t n = text ? strspn(text, "0123456789.") : 0;
    return n < 3 || (text[n] && text[n] != ' ') ? NULL : arena_strndup(a, text, n);
}

static const char *tagged(struct arena *a, const struct emit_plan *p, const char *image, const char *before)
{
    const char *v = version(a, p->framework_version);
    return v ? arena_printf(a, "%s:%s%s", image, before, v) : arena_printf(a, "%s:latest", image);
}

/* ---- vLLM ---- */

static void vllm_args(const struct emit_plan *p, struct emit_words *w, const char *node, const char *leader)
{
    emit_word(w, p->repo);
    option_text(w, "--served-model-name", p->model);
    option_text(w, "--host", "0.0.0.0");
    option_text(w, "--port", p->port);
    option_int(w, "--tensor-parallel-size", p->tp);
    if (p->pp > 1)
        option_int(w, "--pipeline-parallel-size", p->pp);
    if (p->dp > 1)
        option_int(w, "--data-parallel-size", p->dp);
    if (p->ep > 1)
        emit_word(w, "--enable-expert-parallel");
    if (p->quantize)
        option_text(w, "--quantization", p->quantize);
    option_text(w, "--kv-cache-dtype", p->kv_fp8 ? "fp8" : "auto");
    option_frac(w, "--gpu-memory-utilization", p->memory_frac);
    option_int(w, "--max-model-len", p->max_context);
    option_int(w, "--max-num-seqs", p->max_seqs);
    option_int(w, "--max-num-batched-tokens", p->max_tokens);
    if (strcmp(p->scheduler, "vllm-v1") == 0 || strcmp(p->scheduler, "sarathi") == 0)
        emit_word(w, "--enable-chunked-prefill");
    if (node) {
        option_int(w, "--nnodes", p->nodes);
        option_text(w, "--node-rank", node);
        option_text(w, "--master-addr", leader);
    }
}

static const char *vllm_image(struct arena *a, const struct emit_plan *p)
{
    return is_software(p, "CUDA") ? tagged(a, p, "docker.io/vllm/vllm-openai", "v")
           : is_software(p, "ROCm") ? tagged(a, p, "docker.io/vllm/vllm-openai-rocm", "v")
                                    : NULL;
}

const struct emit_engine emit_vllm = {
    .name = "vllm", .help = "vLLM", .source = "https://docs.vllm.ai/en/latest/cli/serve/ (flags of 0.33.0, read 2026-11-24)",
    .entry = vllm_entry, .port = "8000", .health = "/health", .args = vllm_args, .image = vllm_image, .spans_nodes = true,
};

/* ---- SGLang: its tp is all devices of a stage, those of the data-parallel ranks of attention too ---- */

static void sglang_args(const struct emit_plan *p, struct emit_words *w, const char *node, const char *leader)
{
    emit_word(w, p->repo);
    option_text(w, "--served-model-name", p->model);
    option_text(w, "--host", "0.0.0.0");
    option_text(w, "--port", p->port);
    option_int(w, "--tp-size", p->tp * p->dp);
    if (p->pp > 1)
        option_int(w, "--pp-size", p->pp);
    if (p->dp > 1) {
        option_int(w, "--dp-size", p->dp);
        emit_word(w, "--enable-dp-attention");
    }
    if (p->ep > 1)
        option_int(w, "--ep-size", p->ep);
    if (p->quantize)
        option_text(w, "--quantization", p->quantize);
    option_text(w, "--kv-cache-dtype", p->kv_fp8 ? "fp8_e4m3" : "auto");
    option_frac(w, "--mem-fraction-static", p->memory_frac);
    option_int(w, "--context-length", p->max_context);
    option_int(w, "--max-running-requests", p->max_seqs);
    option_int(w, "--chunked-prefill-size", p->max_tokens);
    if (node) {
        option_int(w, "--nnodes", p->nodes);
        option_text(w, "--node-rank", node);
        emit_word(w, "--dist-init-addr");
        emit_word(w, arena_printf(w->arena, "%s:20000", leader));
    }
}

static const char *sglang_image(struct arena *a, const struct emit_plan *p)
{
    return is_software(p, "CUDA") || is_software(p, "ROCm") ? tagged(a, p, "docker.io/lmsysorg/sglang", "v") : NULL;
}

const struct emit_engine emit_sglang = {
    .name = "sglang", .help = "SGLang",
    .source = "https://docs.sglang.ai/advanced_features/server_arguments.html (flags of 0.5.23, read 2026-11-24)",
    .entry = sglang_entry, .port = "30000", .health = "/health", .args = sglang_args, .image = sglang_image, .spans_nodes = true,
};

/* ---- TensorRT-LLM: what has no flag stands in extra.yaml ---- */

static void trtllm_args(const struct emit_plan *p, struct emit_words *w, const char *node, const char *leader)
{
    (void)node, (void)leader;
    emit_word(w, p->repo);
    option_text(w, "--backend", "pytorch");
    option_text(w, "--host", "0.0.0.0");
    option_text(w, "--port", p->port);
    option_int(w, "--tp_size", p->tp * p->dp);
    if (p->pp > 1)
        option_int(w, "--pp_size", p->pp);
    if (p->ep > 1)
        option_int(w, "--ep_size", p->ep);
    option_int(w, "--max_batch_size", p->max_seqs);
    option_int(w, "--max_num_tokens", p->max_tokens);
    option_int(w, "--max_seq_len", p->max_context);
    option_frac(w, "--kv_cache_free_gpu_memory_fraction", p->memory_frac);
    emit_word(w, "--enable_chunked_prefill");
    if (p->nodes > 1)
        option_int(w, "--gpus_per_node", p->node_devices);
    option_text(w, "--extra_llm_api_options", p->extra);
}

static void trtllm_extra(const struct emit_plan *p, struct buf *b)
{
    emit_head(b, p, "#");
    buf_fmt(b, "kv_cache_config:\n  dtype: %s\nenable_attention_dp: %s\n", p->kv_fp8 ? "fp8" : "auto", p->dp > 1 ? "true" : "false");
}

static const char *trtllm_image(struct arena *a, const struct emit_plan *p)
{
    return is_software(p, "CUDA") ? tagged(a, p, "nvcr.io/nvidia/tensorrt-llm/release", "") : NULL;
}

const struct emit_engine emit_trtllm = {
    .name = "trtllm", .help = "TensorRT-LLM",
    .source = "https://nvidia.github.io/TensorRT-LLM/commands/trtllm-serve/trtllm-serve.html (flags of main, read 2026-11-24)",
    .entry = trtllm_entry, .extra = trtllm_extra, .port = "8000", .health = "/health", .args = trtllm_args, .image = trtllm_image,
};

const struct emit_engine *emit_engine_find(const char *framework)
{
    const struct emit_engine *const all[] = {&emit_vllm, &emit_sglang, &emit_trtllm};
    size_t n = strcspn(framework, "@");
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (strlen(all[i]->name) == n && strncmp(all[i]->name, framework, n) == 0)
            return all[i];
    return NULL;
}
