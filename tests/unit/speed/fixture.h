/* fixture.h - devices, models and constants by hand, so that these tests stand without the catalog. */
#ifndef MOAT_TESTS_SPEED_FIXTURE_H
#define MOAT_TESTS_SPEED_FIXTURE_H

#include "check.h"

#include "base/rng.h"
#include "base/units.h"
#include "speed/deployment.h"

static inline struct accelerator acc_h100(void)
{
    struct accelerator a = {.id = "h100", .name = "H100", .software = "CUDA", .family = "hopper", .mem_bytes = 80 * GIB,
                            .mem_usable_bytes = 79.1 * GIB, .mem_bw_bytes_s = 3.35e12, .cores = 132,
                            .scaleup = {TOPO_SWITCH, "NVLink4", 450e9, 450e9, 8}, .pcie_bytes_s = 64e9,
                            .scaleout_bytes_s = 50e9, .node_cards = 8, .host_cards = 8, .tdp_w = 700,
                            .evidence = GRADE_INFERRED};
    a.peak_flop_s[ARITH_FP32] = 67e12;
    a.peak_flop_s[ARITH_BF16] = a.peak_flop_s[ARITH_FP16] = 989.4e12;
    a.peak_flop_s[ARITH_FP8] = a.peak_flop_s[ARITH_INT8] = 1979e12;
    return a;
}

static inline struct accelerator acc_rtx4090(void)
{
    struct accelerator a = {.id = "rtx-4090", .name = "RTX 4090", .software = "CUDA", .family = "ada", .mem_bytes = 24 * GIB,
                            .mem_usable_bytes = 25250627584.0, .mem_bw_bytes_s = 1008e9, .cores = 128,
                            .scaleup = {TOPO_NONE, "", 0, 0, 1}, .pcie_bytes_s = 32e9, .node_cards = 1, .host_cards = 8,
                            .tdp_w = 450, .evidence = GRADE_INFERRED};
    a.peak_flop_s[ARITH_FP32] = 82.6e12;
    a.peak_flop_s[ARITH_BF16] = a.peak_flop_s[ARITH_FP16] = 165.2e12;
    a.peak_flop_s[ARITH_FP8] = 330.3e12;
    return a;
}

static inline struct accelerator acc_mi300x(void)
{
    struct accelerator a = acc_h100();
    a.id = "mi300x", a.software = "ROCm", a.mem_bytes = 192 * GIB, a.mem_usable_bytes = 0, a.mem_bw_bytes_s = 5.3e12;
    a.cores = 304, a.scaleup = (struct link){TOPO_MESH, "Infinity Fabric", 64e9, 448e9, 8};
    return a;
}

/* Pooled constants of data/stacks (aiconfigurator @095f58a5), the same for every format of a class. */
static inline struct stack stack_plain(const char *framework)
{
    struct stack s = {.framework = framework, .prefill = {0.56, 0.4, 0.4, 9.3e-6, 2.5, 0, TIER_POOLED},
                      .decode = {1, 0.85, 0.78, 9e-6, 0, 256, TIER_POOLED},
                      .mla_prefill = {0.52, 0.31, 0.31, 16.7e-6, 2.2, 0, TIER_POOLED},
                      .mla_decode = {0.7, 0.77, 0.77, 13e-6, 0, 0, TIER_POOLED},
                      .linear = {0.5, 0.78, 0.78, 10e-6, 0, 0, TIER_POOLED},
                      .all_reduce = {4.8e-6, 0.45e-6, 0.6, TIER_POOLED}, .all_gather = {5.4e-6, 2.7e-6, 0.48, TIER_POOLED},
                      .reduce_scatter = {5.3e-6, 2.5e-6, 0.51, TIER_POOLED}, .all_to_all = {11e-6, 0.8e-6, 0.5, TIER_POOLED},
                      .p2p = {6.8e-6, 0, 0.7, TIER_POOLED}, .net = {14e-6, 5e-6, 0.8, TIER_POOLED},
                      .small_kernel_dense_s = 10e-6, .small_kernel_moe_s = 17e-6, .elementwise_passes = 10, .least_rows = 64,
                      .step_fixed_s = 0.3e-3, .step_per_seq_s = 5e-6, .request_fixed_s = 40e-3,
                      .prefill_floor_s_per_layer = 0.4e-3, .recv_interval_steps = 1, .memory_frac = 0.9,
                      .workspace_bytes = 0.07 * GIB, .block_tok = 16, .max_seqs = 256, .max_tokens = 8192,
                      .power = {0.15, 0.25, 1.6, 0.8, 3, 0.3, 0.5, 0.1, 0.2, NULL}, .evidence = GRADE_INFERRED};
    for (int p = 0; p < PREC_N; p++) {
        bool narrow = precision_table[p].bits < 16;
        s.gemm[p] = narrow ? (struct op_const){0.62, 0.7, 6.2e-6, 0.3, 2.1, TIER_POOLED}
                           : (struct op_const){0.74, 0.79, 3.3e-6, 0.2, 0.1, TIER_POOLED};
        s.moe[p] = narrow ? (struct op_const){0.22, 0.88, 42e-6, 12, 0.5, TIER_POOLED}
                          : (struct op_const){0.35, 0.95, 40e-6, 35, 0.45, TIER_POOLED};
    }
    for (int t = 0; t < 3; t++) {
        s.interval[t].step_lo = 0.1 + 0.05 * t, s.interval[t].step_hi = 0.15 + 0.1 * t;
        s.interval[t].ttft_lo = 0.4, s.interval[t].ttft_hi = 0.7;
    }
    return s;
}

static const struct quant quant_bf16 = {.linear = PREC_BF16, .experts = PREC_BF16, .attention = PREC_BF16,
                                         .lm_head = PREC_BF16, .embed = PREC_BF16, .kv = PREC_BF16};
static const struct quant quant_fp8 = {.linear = PREC_FP8, .experts = PREC_FP8, .attention = PREC_FP8,
                                        .lm_head = PREC_BF16, .embed = PREC_BF16, .kv = PREC_FP8};

/* Llama 3.1: hidden, feed-forward width, layers, heads from the published config.json. */
static inline struct model model_llama(struct layer *l, int64_t hidden, int64_t inter, int layers, int heads)
{
    *l = (struct layer){.count = layers, .mixer = MIX_GQA, .heads = heads, .kv_heads = 8, .head_dim = 128, .v_head_dim = 128,
                        .ffn_inter = inter, .gated = true, .norm_params = 2.0 * (double)hidden};
    return (struct model){.id = "llama", .hidden = hidden, .vocab = 128256, .max_context = 131072, .group = l, .ngroup = 1,
                          .layers = layers, .quant = quant_bf16};
}
#define LLAMA_8B(l) model_llama((l), 4096, 14336, 32, 32)
#define LLAMA_70B(l) model_llama((l), 8192, 28672, 80, 64)

/* DeepSeek-V3: 3 dense layers and 58 with 256 experts of 2048, 8 of them active and one shared. */
static inline struct model model_deepseek_v3(struct layer l[2])
{
    struct layer mla = {.mixer = MIX_MLA, .heads = 128, .kv_heads = 128, .head_dim = 192, .v_head_dim = 128, .q_lora = 1536,
                        .kv_lora = 512, .nope_dim = 128, .rope_dim = 64, .gated = true,
                        .norm_params = 2 * 7168 + 1536 + 512};
    l[0] = l[1] = mla;
    l[0].count = 3, l[0].ffn_inter = 18432;
    l[1].count = 58, l[1].experts = 256, l[1].topk_experts = 8, l[1].expert_inter = 2048, l[1].shared_inter = 2048;
    return (struct model){.id = "deepseek-v3", .hidden = 7168, .vocab = 129280, .max_context = 163840, .group = l, .ngroup = 2,
                          .layers = 61, .quant = quant_bf16};
}

/* gpt-oss-120b: 36 layers, every other one sees 128 tokens; 128 experts of 2880, 4 active. */
static inline struct model model_gpt_oss(struct layer l[2])
{
    struct layer base = {.count = 18, .mixer = MIX_GQA, .heads = 64, .kv_heads = 8, .head_dim = 64, .v_head_dim = 64,
                         .qkv_bias = true, .o_bias = true, .sinks = true, .gated = true, .ffn_bias = true, .experts = 128,
                         .topk_experts = 4, .expert_inter = 2880, .norm_params = 2 * 2880};
    l[0] = l[1] = base;
    l[0].window = 128;
    return (struct model){.id = "gpt-oss-120b", .hidden = 2880, .vocab = 201088, .max_context = 131072, .group = l, .ngroup = 2,
                          .layers = 36, .quant = quant_bf16};
}

/* A hybrid after Qwen3-Next: three layers of gated DeltaNet to one of attention, 512 experts. */
static inline struct model model_hybrid(struct layer l[2])
{
    struct layer base = {.experts = 512, .topk_experts = 10, .expert_inter = 512, .shared_inter = 512, .gated = true,
                         .norm_params = 2 * 2048};
    l[0] = l[1] = base;
    l[0].count = 36, l[0].mixer = MIX_LINEAR, l[0].lin_k_heads = 16, l[0].lin_v_heads = 32, l[0].lin_k_dim = 128;
    l[0].lin_v_dim = 128, l[0].conv_width = 4;
    l[1].count = 12, l[1].mixer = MIX_GQA, l[1].heads = 16, l[1].kv_heads = 2, l[1].head_dim = 256, l[1].v_head_dim = 256;
    return (struct model){.id = "hybrid", .hidden = 2048, .vocab = 151936, .max_context = 262144, .group = l, .ngroup = 2,
                          .layers = 48, .quant = quant_bf16};
}

/* A sparse one after DeepSeek-V3.2: V3 whose attention reads at most 2048 tokens that an indexer picks. */
static inline struct model model_sparse(struct layer l[2])
{
    struct model m = model_deepseek_v3(l);
    for (int i = 0; i < 2; i++)
        l[i].topk = 2048, l[i].index_heads = 64, l[i].index_dim = 128;
    m.id = "sparse";
    return m;
}

static inline struct deployment deploy(const struct accelerator *acc, const struct model *m, struct quant q, int tp)
{
    return (struct deployment){.acc = acc, .model = m, .quant = q, .stack = stack_plain("vllm"), .tp = tp, .pp = 1, .dp = 1,
                               .ep = 1, .max_seqs = 256, .max_tokens = 8192, .memory_frac = 0.9, .max_context = 8192};
}

#endif
