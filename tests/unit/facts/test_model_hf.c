/* test_model_hf.c - config.json of 84 models against the counts of their publishers.
**
** Totals within 1 %, or exactly where a checkpoint's own total is known. Active counts within 1 %, or within half of
** the last digit where the publisher prints fewer than three ("37B"). Publishers do not count alike, so a row says how:
** moat's own active count is of weights multiplied with, so the LM head is in and the embedding table is out.
** `apart` is what a total holds besides: a vision tower, or a tied table that is stored twice.
*/
#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "check.h"
#include "facts/model.h"

enum rule {
    NONE,       /* dense, or not published */
    MULTIPLIED, /* as model_active_params */
    WITH_TABLE, /* the embedding table too */
    NO_HEAD,    /* neither the table nor the LM head */
};

static const struct row {
    const char *file;
    double total, within; /* relative; 0: to the last weight */
    double apart;
    double active, give; /* give: weights either way */
    enum rule rule;
    const char *source;
} rows[] = {
    {"MiniMaxAI--MiniMax-M2.5", 228689764864, 0, 0, 10e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of M2.7, 2026-09-25; card: 10B active"},
    {"MiniMaxAI--MiniMax-M2.7", 228689764864, 0, 0, 10e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total, 2026-09-25; card: 10B active"},
    {"MiniMaxAI--MiniMax-M3", 428e9, 0.01, 0, 23e9, 0.51e9, NO_HEAD,
     "release note 2026-06-12: 428B with vision, 23B active (23.50 here, 0.22 of it the indexer)"},
    {"Qwen--Qwen3-0.6B", 751632384, 0, 155582464, 0, 0, NONE,
     "Hub safetensors.total, 2026-09-25: the tied table is stored twice"},
    {"Qwen--Qwen3-1.7B", 2031739904, 0, 311164928, 0, 0, NONE,
     "Hub safetensors.total, 2026-09-25: the tied table is stored twice"},
    {"Qwen--Qwen3-235B-A22B", 235093634560, 0, 0, 22e9, 0.5e9, MULTIPLIED,
     "safetensors total of Qwen/Qwen3-235B-A22B; card: 22B active"},
    {"Qwen--Qwen3-235B-A22B-FP8", 235093634560, 0, 0, 22e9, 0.5e9, MULTIPLIED,
     "safetensors total of Qwen/Qwen3-235B-A22B; card: 22B active"},
    {"Qwen--Qwen3-30B-A3B", 30532122624, 0, 0, 3.3e9, 0.06e9, WITH_TABLE,
     "safetensors total of Qwen/Qwen3-30B-A3B; card: 3.3B active"},
    {"Qwen--Qwen3-30B-A3B-FP8", 30532122624, 0, 0, 3.3e9, 0.06e9, WITH_TABLE,
     "safetensors total of Qwen/Qwen3-30B-A3B; card: 3.3B active"},
    {"Qwen--Qwen3-32B", 32762123264, 0, 0, 0, 0, NONE, "Hub safetensors.total, 2026-09-25 of Qwen/Qwen3-32B"},
    {"Qwen--Qwen3-32B-FP8", 32762123264, 0, 0, 0, 0, NONE, "Hub safetensors.total, 2026-09-25 of Qwen/Qwen3-32B"},
    {"Qwen--Qwen3-32B-FP8-Static-PerTensor", 32762123264, 0, 0, 0, 0, NONE,
     "Hub safetensors.total, 2026-09-25 of Qwen/Qwen3-32B"},
    {"Qwen--Qwen3-8B", 8190735360, 0, 0, 0, 0, NONE, "Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3-Coder-480B-A35B-Instruct", 480e9, 0.01, 0, 35e9, 0.5e9, MULTIPLIED, "card: 480B, 35B active"},
    {"Qwen--Qwen3-VL-235B-A22B-Instruct", 235093634560, 0, 0, 22e9, 0.5e9, MULTIPLIED,
     "language model of Qwen/Qwen3-235B-A22B"},
    {"Qwen--Qwen3-VL-2B-Instruct", 2031739904, 0, 311164928, 0, 0, NONE,
     "language model of Qwen/Qwen3-1.7B, Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3-VL-30B-A3B-Instruct", 30532122624, 0, 0, 3.3e9, 0.06e9, WITH_TABLE,
     "language model of Qwen/Qwen3-30B-A3B"},
    {"Qwen--Qwen3-VL-32B-Instruct", 32762123264, 0, 0, 0, 0, NONE,
     "language model of Qwen/Qwen3-32B, Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3-VL-32B-Thinking", 32762123264, 0, 0, 0, 0, NONE,
     "language model of Qwen/Qwen3-32B, Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3-VL-4B-Instruct", 4022468096, 0, 0, 0, 0, NONE,
     "language model of Qwen/Qwen3-4B, Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3-VL-8B-Instruct", 8190735360, 0, 0, 0, 0, NONE,
     "language model of Qwen/Qwen3-8B, Hub safetensors.total, 2026-09-25"},
    {"Qwen--Qwen3.5-122B-A10B", 122e9, 0.01, 0, 10e9, 0.5e9, WITH_TABLE, "card: 122B, 10B active"},
    {"Qwen--Qwen3.5-27B", 27e9, 0.01, 0, 0, 0, NONE, "card: 27B"},
    {"Qwen--Qwen3.5-35B-A3B", 35e9, 0.01, 0, 3e9, 0.5e9, MULTIPLIED, "card: 35B, 3B active"},
    {"Qwen--Qwen3.5-397B-A17B", 397e9, 0.01, 0, 17e9, 0.5e9, WITH_TABLE, "card: 397B, 17B active"},
    {"XiaomiMiMo--MiMo-7B-Base", 7.6e9, 0.01, 0, 0, 0, NONE,
     "safetensors of XiaomiMiMo/MiMo-7B-Base are 7.83B with the 0.2B MTP layer (recall)"},
    {"XiaomiMiMo--MiMo-V2-Flash", 309e9, 0.01, 0, 15e9, 0.5e9, MULTIPLIED, "card: 309B, 15B active"},
    {"deepseek-ai--DeepSeek-R1", 671e9, 0.01, 0, 37e9, 0.5e9, MULTIPLIED, "arXiv:2412.19437: 671B, 37B active"},
    {"deepseek-ai--DeepSeek-V3", 671e9, 0.01, 0, 37e9, 0.5e9, MULTIPLIED, "arXiv:2412.19437: 671B, 37B active"},
    {"deepseek-ai--DeepSeek-V3.2", 671e9, 0.01, 0, 37e9, 0.5e9, MULTIPLIED,
     "V3.2 report: V3.1 (671B, 37B active) and an indexer"},
    {"deepseek-ai--DeepSeek-V4-Flash", 284e9, 0.01, 0, 13e9, 0.5e9, MULTIPLIED, "card: 284B, 13B active"},
    {"deepseek-ai--DeepSeek-V4-Pro", 1600e9, 0.03125, 0, 49e9, 0.5e9, MULTIPLIED,
     "card: 1.6T, 49B active (the total has two digits)"},
    {"google--gemma-4-26B-A4B", 25.2e9, 0.01, 0, 3.8e9, 0.05e9, MULTIPLIED, "card: 25.2B, 3.8B active"},
    {"meta-llama--Llama-4-Maverick-17B-128E-Instruct", 400e9, 0.01, 0, 17e9, 0.5e9, WITH_TABLE,
     "card: 400B, 17B active"},
    {"meta-llama--Llama-4-Scout-17B-16E-Instruct", 108641793536, 0, 871932416, 17e9, 0.5e9, WITH_TABLE,
     "Hub safetensors.total, 2026-09-25 with the vision tower; card: 17B active"},
    {"meta-llama--Meta-Llama-3.1-405B", 405853388800, 0, 0, 0, 0, NONE,
     "safetensors total (recall); arXiv:2407.21783: 405B"},
    {"meta-llama--Meta-Llama-3.1-70B", 70553706496, 0, 0, 0, 0, NONE,
     "Hub safetensors.total, 2026-09-25 of Llama-3.3-70B-Instruct"},
    {"meta-llama--Meta-Llama-3.1-8B", 8030261248, 0, 0, 0, 0, NONE, "Hub safetensors.total, 2026-09-25"},
    {"mistralai--Mixtral-8x22B-v0.1", 141e9, 0.01, 0, 39e9, 0.5e9, WITH_TABLE,
     "mistral.ai/news/mixtral-8x22b: 141B, 39B active"},
    {"mistralai--Mixtral-8x7B-v0.1", 46.7e9, 0.01, 0, 12.9e9, 0.05e9, WITH_TABLE,
     "mistral.ai/news/mixtral-of-experts: 46.7B, 12.9B active"},
    {"moonshotai--Kimi-K2-Instruct", 1026408235864, 1e-08, 0, 32e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of Kimi-K2-Instruct (with 3416 other values), 2026-09-25; arXiv:2507.20534: 32B active"},
    {"moonshotai--Kimi-K2.5", 1026408235864, 1e-08, 0, 32e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of Kimi-K2-Instruct (with 3416 other values), 2026-09-25; arXiv:2507.20534: 32B active"},
    {"moonshotai--Kimi-K3", 2780e9, 0.01, 0, 104.2e9, 0.05e9, MULTIPLIED,
     "arXiv:2607.24653 table 1: 2.78T, 104.2B active"},
    {"nvidia--DeepSeek-V3.1-NVFP4", 671e9, 0.01, 0, 37e9, 0.5e9, MULTIPLIED, "arXiv:2412.19437: 671B, 37B active"},
    {"nvidia--DeepSeek-V3.2-NVFP4", 671e9, 0.01, 0, 37e9, 0.5e9, MULTIPLIED,
     "V3.2 report: V3.1 (671B, 37B active) and an indexer"},
    {"nvidia--DeepSeek-V4-Flash-NVFP4", 284e9, 0.01, 0, 13e9, 0.5e9, MULTIPLIED, "card: 284B, 13B active"},
    {"nvidia--DeepSeek-V4-Pro-NVFP4", 1600e9, 0.03125, 0, 49e9, 0.5e9, MULTIPLIED,
     "card: 1.6T, 49B active (the total has two digits)"},
    {"nvidia--GLM-5-NVFP4", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"nvidia--GLM-5.1-NVFP4", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"nvidia--GLM-5.2-NVFP4", 744e9, 0.01, 0, 40e9, 0.5e9, MULTIPLIED, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"nvidia--Gemma-4-26B-A4B-NVFP4", 25.2e9, 0.01, 0, 3.8e9, 0.05e9, MULTIPLIED, "card: 25.2B, 3.8B active"},
    {"nvidia--Gemma-4-31B-IT-NVFP4", 30.7e9, 0.01, 0, 0, 0, NONE, "card: 30.7B"},
    {"nvidia--Kimi-K2.5-NVFP4", 1026408235864, 1e-08, 0, 32e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of Kimi-K2-Instruct (with 3416 other values), 2026-09-25; arXiv:2507.20534: 32B active"},
    {"nvidia--Kimi-K2.6-NVFP4", 1026408235864, 1e-08, 0, 32e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of Kimi-K2-Instruct (with 3416 other values), 2026-09-25; arXiv:2507.20534: 32B active"},
    {"nvidia--Kimi-K2.7-Code-NVFP4", 1026408235864, 1e-08, 0, 32e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of Kimi-K2-Instruct (with 3416 other values), 2026-09-25; arXiv:2507.20534: 32B active"},
    {"nvidia--Llama-3.1-70B-Instruct-FP8", 70553706496, 0, 0, 0, 0, NONE,
     "Hub safetensors.total, 2026-09-25 of Llama-3.3-70B-Instruct"},
    {"nvidia--Llama-3_3-Nemotron-Super-49B-v1", 49.9e9, 0.01, 0, 0, 0, NONE, "safetensors total 49.9B (recall)"},
    {"nvidia--MiniMax-M2.5-NVFP4", 228689764864, 0, 0, 10e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of M2.7, 2026-09-25; card: 10B active"},
    {"nvidia--MiniMax-M2.7-NVFP4", 228689764864, 0, 0, 10e9, 0.5e9, MULTIPLIED,
     "Hub safetensors.total of M2.7, 2026-09-25; card: 10B active"},
    {"nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", 31.6e9, 0.01, 0, 3.2e9, 0.05e9, MULTIPLIED,
     "Nemotron 3 Nano report: 31.6B, 3.2B active"},
    {"nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4", 31.6e9, 0.01, 0, 3.2e9, 0.05e9, MULTIPLIED,
     "Nemotron 3 Nano report: 31.6B, 3.2B active"},
    {"nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8", 120.6e9, 0.01, 0, 12.7e9, 0.1e9, WITH_TABLE,
     "Nemotron 3 Super report: 120.6B, 12.7B active"},
    {"nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4", 120.6e9, 0.01, 0, 12.7e9, 0.1e9, WITH_TABLE,
     "Nemotron 3 Super report: 120.6B, 12.7B active"},
    {"nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-BF16", 550e9, 0.01, 0, 55e9, 0.5e9, MULTIPLIED,
     "card: 550B, 55B active"},
    {"nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-FP8", 550e9, 0.01, 0, 55e9, 0.5e9, MULTIPLIED,
     "card: 550B, 55B active"},
    {"nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4", 550e9, 0.01, 0, 55e9, 0.5e9, MULTIPLIED,
     "card: 550B, 55B active"},
    {"nvidia--NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4", 31.6e9, 0.01, 0, 3.2e9, 0.05e9, MULTIPLIED,
     "Nemotron 3 Nano report: 31.6B, 3.2B active"},
    {"nvidia--Nemotron-H-56B-Base-8K", 56e9, 0.01, 0, 0, 0, NONE, "arXiv:2504.03624: 56B"},
    {"nvidia--Qwen3-235B-A22B-NVFP4", 235093634560, 0, 0, 22e9, 0.5e9, MULTIPLIED,
     "safetensors total of Qwen/Qwen3-235B-A22B; card: 22B active"},
    {"nvidia--Qwen3.5-122B-A10B-NVFP4", 122e9, 0.01, 0, 10e9, 0.5e9, WITH_TABLE, "card: 122B, 10B active"},
    {"nvidia--Qwen3.5-397B-A17B-NVFP4", 397e9, 0.01, 0, 17e9, 0.5e9, WITH_TABLE, "card: 397B, 17B active"},
    {"nvidia--Qwen3.6-35B-A3B-NVFP4", 35e9, 0.01, 0, 3e9, 0.5e9, MULTIPLIED, "card: 35B, 3B active"},
    {"openai--gpt-oss-120b", 116829156672, 0, 0, 5.13e9, 5100000, MULTIPLIED,
     "Hub safetensors.total, 2026-09-25; arXiv:2508.10925: 5.13B active"},
    {"openai--gpt-oss-20b", 20914757184, 0, 0, 3.61e9, 0.005e9, MULTIPLIED,
     "Hub safetensors.total, 2026-09-25; arXiv:2508.10925: 3.61B active"},
    {"sgl-project--DeepSeek-V4-Flash-FP8", 284e9, 0.01, 0, 13e9, 0.5e9, MULTIPLIED, "card: 284B, 13B active"},
    {"sgl-project--DeepSeek-V4-Pro-FP8", 1600e9, 0.03125, 0, 49e9, 0.5e9, MULTIPLIED,
     "card: 1.6T, 49B active (the total has two digits)"},
    {"stepfun-ai--Step-3.7-Flash", 196e9, 0.01, 0, 11e9, 0.5e9, WITH_TABLE,
     "github.com/stepfun-ai/Step-3.7-Flash: 196B language backbone, 11B active"},
    {"stepfun-ai--Step-3.7-Flash-FP8", 196e9, 0.01, 0, 11e9, 0.5e9, WITH_TABLE,
     "github.com/stepfun-ai/Step-3.7-Flash: 196B language backbone, 11B active"},
    {"zai-org--GLM-5", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"zai-org--GLM-5-FP8", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"zai-org--GLM-5.1", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"zai-org--GLM-5.1-FP8", 744e9, 0.01, 0, 40e9, 0.5e9, NO_HEAD, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"zai-org--GLM-5.2", 744e9, 0.01, 0, 40e9, 0.5e9, MULTIPLIED, "github.com/zai-org/GLM-5: 744B, 40B active"},
    {"zai-org--GLM-5.2-FP8", 744e9, 0.01, 0, 40e9, 0.5e9, MULTIPLIED, "github.com/zai-org/GLM-5: 744B, 40B active"},
};

static double counted_active(const struct model *m, enum rule rule)
{
    double table = (double)m->vocab * (double)m->hidden, active = model_active_params(m);
    if (rule == WITH_TABLE && !m->tied)
        active += table;
    if (rule == NO_HEAD)
        active -= table;
    return active;
}

static void test_counts(void **state)
{
    (void)state;
    const char *data = check_data();
    if (!data) {
        print_message("# %zu configs skipped: no data\n", sizeof rows / sizeof *rows);
        skip();
    }
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *r = &rows[i];
        struct arena *a = arena_new();
        struct notes notes = {.arena = a};
        struct err e = {0};
        struct model m;
        char path[4400];
        snprintf(path, sizeof path, "%s/hf-configs/%s_config.json", data, r->file);
        if (!model_file(a, path, NULL, &m, &notes, &e)) {
            print_message("# %s: %s; %s\n", e.place, e.what, e.mend);
            wrong++;
        } else {
            double total = model_params(&m) + r->apart, active = counted_active(&m, r->rule);
            if (fabs(total - r->total) > r->within * r->total) {
                print_message("# %s: %.0f weights, published %.0f (%s)\n", r->file, total, r->total, r->source);
                wrong++;
            }
            if (r->rule != NONE && fabs(active - r->active) > r->give) {
                print_message("# %s: %.0f active, published %.0f (%s)\n", r->file, active, r->active, r->source);
                wrong++;
            }
        }
        arena_free(a);
    }
    assert_int_equal(wrong, 0);
}

/* Formats by part, as the files declare them. */
static const struct {
    const char *file;
    enum precision linear, experts, attention, head, kv;
} formats[] = {
    {"MiniMaxAI--MiniMax-M2.5", PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    {"Qwen--Qwen3-30B-A3B-FP8", PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    {"Qwen--Qwen3-32B-FP8-Static-PerTensor", PREC_FP8, PREC_FP8, PREC_FP8, PREC_BF16, PREC_FP8},
    {"deepseek-ai--DeepSeek-V3", PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    {"deepseek-ai--DeepSeek-V4-Pro", PREC_FP8_BLOCK, PREC_MXFP4, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    {"moonshotai--Kimi-K2.5", PREC_BF16, PREC_INT4, PREC_BF16, PREC_BF16, PREC_BF16},
    {"moonshotai--Kimi-K3", PREC_BF16, PREC_MXFP4, PREC_BF16, PREC_BF16, PREC_BF16},
    {"nvidia--DeepSeek-V4-Flash-NVFP4", PREC_FP8_BLOCK, PREC_NVFP4, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    {"nvidia--GLM-5.1-NVFP4", PREC_BF16, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Gemma-4-26B-A4B-NVFP4", PREC_BF16, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Gemma-4-31B-IT-NVFP4", PREC_NVFP4, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Kimi-K2.5-NVFP4", PREC_NVFP4, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Kimi-K2.6-NVFP4", PREC_BF16, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--MiniMax-M2.7-NVFP4", PREC_NVFP4, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Qwen3.5-397B-A17B-NVFP4", PREC_BF16, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
    {"nvidia--Qwen3.6-35B-A3B-NVFP4", PREC_NVFP4, PREC_NVFP4, PREC_FP8, PREC_NVFP4, PREC_BF16},
    {"openai--gpt-oss-120b", PREC_BF16, PREC_MXFP4, PREC_BF16, PREC_BF16, PREC_BF16},
    {"zai-org--GLM-5.2-FP8", PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
};

static void test_formats(void **state)
{
    (void)state;
    const char *data = check_data();
    if (!data)
        skip();
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        struct arena *a = arena_new();
        struct err e = {0};
        struct model m;
        char path[4400];
        snprintf(path, sizeof path, "%s/hf-configs/%s_config.json", data, formats[i].file);
        if (!model_file(a, path, NULL, &m, NULL, &e))
            fail_msg("%s: %s", e.place, e.what);
        const struct quant *q = &m.quant;
        if (q->linear != formats[i].linear || q->experts != formats[i].experts ||
            q->attention != formats[i].attention || q->lm_head != formats[i].head || q->kv != formats[i].kv ||
            !m.quant_declared)
            fail_msg("%s: linear %d, experts %d, attention %d, head %d, kv %d", formats[i].file, q->linear, q->experts,
                     q->attention, q->lm_head, q->kv);
        arena_free(a);
    }
}

/* Named after a format that the config does not declare: asked for, once. */
static void test_needs_precision(void **state)
{
    (void)state;
    static const char *const silent[] = {
        "nvidia--DeepSeek-V3.1-NVFP4",
        "nvidia--DeepSeek-V3.2-NVFP4",
        "nvidia--GLM-5-NVFP4",
        "nvidia--Llama-3.1-70B-Instruct-FP8",
        "nvidia--NVIDIA-Nemotron-3-Nano-30B-A3B-NVFP4",
        "nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-FP8",
        "nvidia--NVIDIA-Nemotron-3-Super-120B-A12B-NVFP4",
        "nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-FP8",
        "nvidia--NVIDIA-Nemotron-3-Ultra-550B-A55B-NVFP4",
        "nvidia--NVIDIA-Nemotron-3.5-Lightning-30B-A3B-NVFP4",
        "nvidia--Qwen3-235B-A22B-NVFP4",
    };
    const char *data = check_data();
    if (!data)
        skip();
    size_t found = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new();
        struct notes notes = {.arena = a};
        struct err e = {0};
        struct model m;
        char path[4400];
        snprintf(path, sizeof path, "%s/hf-configs/%s_config.json", data, rows[i].file);
        if (!model_file(a, path, NULL, &m, &notes, &e))
            fail_msg("%s: %s", e.place, e.what);
        bool want = false;
        for (size_t k = 0; k < sizeof silent / sizeof *silent; k++)
            want |= strcmp(silent[k], rows[i].file) == 0;
        if (m.precision_needed != want || notes.n != want)
            fail_msg("%s: %zu notes", rows[i].file, notes.n);
        found += want;
        arena_free(a);
    }
    assert_int_equal(found, sizeof silent / sizeof *silent);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_formats),
        cmocka_unit_test(test_needs_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
