/* memory.c - KV pool = usable*frac - weights - max(forward peak, sampler peak) - workspace.
**
** The accounting is vLLM's (v1/worker/gpu_worker.py, determine_available_memory; vllm/utils/mem_utils.py): the
** budget is gpu_memory_utilization times what the driver reports; from it go the weights, the torch peak of a
** profiling run over max_num_batched_tokens tokens whose sampler runs over max_num_seqs rows, and what grew outside
** torch. The CUDA context lies before the first snapshot and CUDA graphs are captured after the pool is made (they
** are deducted only from vLLM 0.21 on): both live in the share that gpu_memory_utilization leaves.
**
** Sampler peak, bytes a logit, with the sort-based top-k/top-p of PyTorch (vllm/v1/sample/ops/topk_topp_sampler.py):
**      16-bit logits 2 + fp32 logits 4 + sorted values 4 + int64 indices 8 + ATen's reversed indices 8 (SortStable.cu,
**      segmented_sort_pairs) + CUB's second buffers 4 + 8 = 38
** Two published vLLM logs agree (Qwen3-8B, vocabulary 151,936, 256 rows, 2025-09 and 2026-02): "torch peak memory
** increase: 1.40GiB", formula with hidden states 1.39; and vLLM pull request 21489 (gemma-3-4b, 262,208, 1,024
** rows): 9.96 GiB, formula 9.6. One disagrees: gpt-oss-20b on A100 with vLLM 0.19.0 leaves 1.2 GiB where this says
** 1.9. Engines with fused sampling kernels keep logits 2 + 4, probabilities 4 and noise 4 = 14.
*/
#include "speed/memory.h"

#include <math.h>
#include <string.h>

#include "speed/draft.h"
#include "speed/shape.h"

/* Drivers report 98.0 % (RTX 4090: 25,250,627,584 of 24 GiB) to 99.1 % (A100: 79.25 of 80 GiB) of the capacity. */
#define USABLE_FRAC 0.98
/* CUDA context of a process on A100 and H100 class devices: recall, 400 to 700 MiB. */
#define CONTEXT_BYTES (500.0 * 1048576)
/* vLLM logs: "Graph capturing finished, took 0.65 GiB" for 51 + 35 graphs, 0.67 GiB for 67 graphs. */
#define GRAPH_BYTES (8.0 * 1048576)

struct accounting {
    const char *framework;
    double bytes_logit;
    bool activations_outside; /* SGLang: mem_fraction_static holds weights and KV pool only (server_args.py) */
};
static const struct accounting accounting[] = {
    {"vllm", 38, false},
    {"sglang", 14, true}, /* FlashInfer's sampling kernels */
    {"trtllm", 14, false},
    {NULL, 14, false}, /* any other */
};

static const struct accounting *accounting_of(const char *framework)
{
    const struct accounting *row = accounting;
    while (row->framework && (!framework || strcmp(framework, row->framework) != 0))
        row++;
    return row;
}

/* vLLM's capture sizes: 1, 2, 4, then by 8 to 256, then by 16 to min(2 * max_seqs, 512); decode graphs to max_seqs. */
static double captures(double largest)
{
    return 3 + floor(fmin(largest, 256) / 8) + floor(fmax(largest - 256, 0) / 16);
}

static double outside_bytes(const struct deployment *d)
{
    const char *sw = d->acc->software;
    if (!sw || (strcmp(sw, "CUDA") != 0 && strcmp(sw, "ROCm") != 0))
        return 0;
    double seqs = d->max_seqs, largest = fmin(2 * seqs, 512);
    return CONTEXT_BYTES + GRAPH_BYTES * (captures(largest) + captures(fmin(seqs, largest)));
}

/* ------------------------------------------------------------------ weights */

struct weights {
    double layers, embed, head, layers_whole, ends_whole;
};

static struct weights weigh(const struct deployment *d)
{
    const struct model *m = d->model;
    struct weights w = {0};
    for (size_t i = 0; i < m->ngroup; i++) {
        struct matrix mat[MATRICES_MAX];
        size_t n = layer_matrices(d, &m->group[i], mat);
        for (size_t j = 0; j < n; j++) {
            double bytes = weight_bytes(d, mat[j].prec, mat[j].bits) * m->group[i].count;
            w.layers += bytes * mat[j].local;
            /* Attention is stored dp times over in a replica, the rest tp * dp ways split once. */
            w.layers_whole += bytes * mat[j].local * d->tp * d->dp;
        }
    }
    double table = (double)m->vocab * (double)m->hidden / d->tp;
    double norm = (double)m->hidden * 2 + m->extra_params * 2;
    w.embed = table * weight_bytes(d, d->quant.embed, d->quant.bits.embed) + m->lookup_params / d->tp * 2;
    w.head = (m->tied && d->pp == 1 ? 0 : table * weight_bytes(d, d->quant.lm_head, d->quant.bits.lm_head)) + norm;
    w.ends_whole = (w.embed + w.head) * d->tp * d->dp;
    return w;
}

/* Stages hold ceil(layers / pp) layers at most, the first also the embedding and the last the LM head. */
static double stage_share(const struct deployment *d)
{
    double layers = d->model->layers, stages = d->pp;
    return layers > 0 ? ceil(layers / stages) / layers : 0;
}

/* ------------------------------------------------------------------ activations */

static double mixer_values(const struct deployment *d, const struct layer *l, const struct matrix *mat, size_t n)
{
    double out = 0;
    for (size_t i = 0; i < n; i++)
        if (mat[i].part == PART_MIXER && mat[i].op && strcmp(mat[i].op, "gemm.o") != 0)
            out += mat[i].n;
    double v = l->mixer == MIX_LINEAR ? (double)l->lin_v_heads * l->lin_v_dim : (double)l->heads * l->v_head_dim;
    return out + v / d->tp;
}

/* gate and up, then their product; experts: the two caches of a fused kernel, for each expert a token goes to. */
static double ffn_values(const struct deployment *d, const struct layer *l)
{
    double up = l->gated ? 2 : 1, dense = (up + 1) * (double)l->ffn_inter / d->tp;
    if (l->experts == 0)
        return dense;
    double h = (double)d->model->hidden, inter = (double)l->expert_inter / deployment_moe_tp(d);
    return dense + l->topk_experts * (fmax(up * inter, h) + inter) * d->dp + h;
}

static double activation_bytes(const struct deployment *d)
{
    const struct model *m = d->model;
    double h = (double)m->hidden, tok = ceil((double)d->max_tokens / d->dp), rows = ceil((double)d->max_seqs / d->dp);
    double widest = 0;
    for (size_t i = 0; i < m->ngroup; i++) {
        struct matrix mat[MATRICES_MAX];
        size_t n = layer_matrices(d, &m->group[i], mat);
        widest = fmax(widest, fmax(mixer_values(d, &m->group[i], mat, n), ffn_values(d, &m->group[i])));
    }
    double forward = 2 * tok * (2 * h + widest); /* residual and layer input beside the widest pair of buffers */
    double sample = fmin(rows, tok) * (double)m->vocab * accounting_of(d->stack.framework)->bytes_logit + 2 * tok * h;
    return fmax(forward, sample);
}

/* Table of cosines and sines for every position (vllm/model_executor/layers/rotary_embedding): 16 bits a value. */
static double rotary_bytes(const struct model *m)
{
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        if (l->mixer == MIX_GQA || l->mixer == MIX_MLA)
            return 2.0 * (double)m->max_context * (l->mixer == MIX_MLA ? l->rope_dim : l->head_dim);
    }
    return 0;
}

/* ------------------------------------------------------------------ KV cache */

/* Values a layer keeps of one token as keys and values, in whole (kv heads unsharded). */
static double kv_values(const struct layer *l, double kv_heads)
{
    if (l->mixer == MIX_MLA)
        return l->kv_lora + l->rope_dim;
    if (l->mixer == MIX_GQA && !l->share_kv)
        return kv_heads * (l->head_dim + l->v_head_dim);
    return 0;
}

/* Keys of the indexer: fp8 with one fp32 scale for 128 values (DeepSeek-V3.2, vLLM's indexer cache). */
static double index_bytes(const struct layer *l)
{
    bool own = l->topk > 0 && !l->index_shared && l->index_heads > 0;
    return own ? l->index_dim * (1 + 4.0 / 128) : 0;
}

static double stored_frac(const struct layer *l)
{
    return l->compress > 1 ? 1.0 / l->compress : 1;
}

double kv_bytes_per_token(const struct model *m, enum precision kv)
{
    double bytes = 0, value = precision_table[kv].bits / 8;
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        bytes += l->count * (kv_values(l, l->kv_heads) * value + index_bytes(l)) * stored_frac(l);
    }
    return bytes;
}

static void kv_of(const struct deployment *d, struct memory *mem)
{
    const struct model *m = d->model;
    double value = precision_table[d->quant.kv].bits / 8, share = stage_share(d);
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        double count = l->count * share, tok = kv_values(l, local_kv_heads(d, l)) * value + index_bytes(l);
        bool raw_window = l->window > 0 && l->compress > 1;
        if (l->mixer == MIX_LINEAR)
            mem->state_bytes_seq += count * (linear_state_bytes(d, l) + linear_conv_bytes(d, l));
        if (l->window > 0)
            mem->kv_clip_bytes_tok += count * tok;
        if (l->window == 0 || raw_window)
            mem->kv_full_bytes_tok += count * tok * stored_frac(l);
        if (tok > 0 && l->window > mem->kv_window)
            mem->kv_window = l->window;
    }
    mem->state_bytes_seq += m->extra_state_bytes;
    mem->kv_total_bytes_tok = kv_bytes_per_token(m, d->quant.kv);
}

static int64_t up(int64_t tok, int block)
{
    return (tok + block - 1) / block * block;
}

double kv_seq_bytes(const struct memory *m, int64_t context)
{
    int64_t clipped = m->kv_window > 0 && context > m->kv_window ? m->kv_window : context;
    return m->kv_full_bytes_tok * (double)up(context, m->block_tok) +
           m->kv_clip_bytes_tok * (double)up(clipped, m->block_tok) + m->state_bytes_seq;
}

static int64_t longest(const struct deployment *d, const struct memory *m)
{
    int64_t one = m->block_tok;
    if (kv_seq_bytes(m, one) > m->kv_pool_bytes)
        return 0;
    if (m->kv_full_bytes_tok <= 0) /* nothing grows past the window */
        return d->model->max_context;
    double rest = m->kv_pool_bytes - m->state_bytes_seq;
    double all = m->kv_full_bytes_tok + m->kv_clip_bytes_tok;
    double tok = rest / all;
    if (m->kv_window > 0 && tok > (double)m->kv_window)
        tok = (rest - m->kv_clip_bytes_tok * (double)up(m->kv_window, m->block_tok)) / m->kv_full_bytes_tok;
    int64_t blocks = (int64_t)(tok / m->block_tok);
    return blocks * m->block_tok;
}

/* vLLM: a share of the device for all; SGLang: for weights and KV; TensorRT-LLM: for KV, of what the rest leaves. */
static void budget(const struct deployment *d, struct memory *m)
{
    bool outside = accounting_of(d->stack.framework)->activations_outside;
    double fixed = m->weight_bytes + m->workspace_bytes, act = m->activation_bytes;
    double all = m->usable_bytes - m->outside_bytes; /* of what the process can allocate at all */
    if (d->stack.memory_frac_of_free)
        m->budget_bytes = fixed + act + d->memory_frac * (all - fixed - act);
    else
        m->budget_bytes = fmin(m->usable_bytes * d->memory_frac + (outside ? act : 0), all);
    m->kv_pool_bytes = m->budget_bytes - fixed - act;
}

/* Devices with on-chip memory only (Groq's LPU: 230 MB) run programs compiled ahead of time: no context, no graphs, tables
** spread over the chips. What is left of a GPU engine's reserves is an assumption: at most 2 % of the memory. */
static bool on_chip(const struct accelerator *acc)
{
    return acc->mem_bytes < 4e9;
}

static double reserve(const struct accelerator *acc, double bytes)
{
    return on_chip(acc) ? fmin(bytes, 0.02 * acc->mem_bytes) : bytes;
}

double memory_usable_bytes(const struct accelerator *acc)
{
    return acc->mem_usable_bytes > 0 ? acc->mem_usable_bytes : USABLE_FRAC * acc->mem_bytes;
}

/* ------------------------------------------------------------------ a draft model or head of speculation */

static void add_draft(const struct deployment *d, const struct proposer *g, struct memory *m)
{
    struct weights w = weigh(&g->d);
    double h = (double)g->model.hidden, join = 2 * h * h * weight_bytes(&g->d, g->d.quant.linear, g->d.quant.bits.linear) / g->d.tp;
    double own = g->head ? w.layers + join : w.layers + w.embed + w.head;
    m->weight_bytes += own;
    m->weight_total_bytes += own * d->tp * d->dp;
}

/* All of its layers count as full. */
static void add_draft_kv(const struct proposer *g, struct memory *m)
{
    struct memory own = {0};
    kv_of(&g->d, &own);
    m->kv_full_bytes_tok += own.kv_full_bytes_tok + own.kv_clip_bytes_tok;
    m->state_bytes_seq += own.state_bytes_seq;
    m->kv_total_bytes_tok += own.kv_total_bytes_tok;
}

struct memory memory_of(const struct deployment *d)
{
    const struct accelerator *acc = d->acc;
    struct memory m = {.block_tok = d->stack.block_tok > 0 ? d->stack.block_tok : 16};
    m.usable_assumed = acc->mem_usable_bytes <= 0;
    m.usable_bytes = memory_usable_bytes(acc);
    m.outside_bytes = reserve(acc, outside_bytes(d));

    struct weights w = weigh(d);
    /* The first and last stage hold the tables; chips with on-chip memory only spread them over the whole pipeline. */
    double ends = on_chip(acc) ? (w.embed + w.head) / d->pp : d->pp == 1 ? w.embed + w.head : fmax(w.embed, w.head);
    m.weight_bytes = w.layers * stage_share(d) + ends;
    m.weight_total_bytes = w.layers_whole + w.ends_whole;
    struct proposer g;
    bool drafts = draft_of(d, &g);
    if (drafts)
        add_draft(d, &g, &m);
    m.activation_bytes = activation_bytes(d);
    m.workspace_bytes = reserve(acc, d->stack.workspace_bytes + rotary_bytes(d->model));
    budget(d, &m);

    kv_of(d, &m);
    if (drafts)
        add_draft_kv(&g, &m);
    double block = m.block_tok * (m.kv_full_bytes_tok + m.kv_clip_bytes_tok);
    if (block <= 0) /* only recurrent state: one block holds one sequence */
        block = fmax(m.state_bytes_seq, 1);
    m.kv_blocks = m.kv_pool_bytes > 0 ? (int64_t)(m.kv_pool_bytes / block) : 0;
    m.kv_tokens = m.kv_blocks * m.block_tok * d->dp;
    m.max_context = longest(d, &m);
    double need = kv_seq_bytes(&m, d->max_context > 0 ? d->max_context : 1);
    m.fits = m.kv_pool_bytes >= need;
    m.short_by_bytes = m.fits ? 0 : need - m.kv_pool_bytes;
    return m;
}
