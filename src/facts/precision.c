/* precision.c - the table of number formats, and how a device runs each of them.
**
** Bits a weight, with its scales (and zero points):
**   fp8_block  8 + 32 / (128 * 128)           one fp32 scale for 128 x 128 weights (DeepSeek-V3 report, 3.3)
**   nvfp4      4 + 8 / 16                     one fp8 scale for 16 weights (NVIDIA; the fp32 tensor scale is nothing)
**   mxfp4      4 + 8 / 32                     one e8m0 scale for 32 weights (OCP MX specification 1.0)
**   int4       4 + (16 + 4) / 128             fp16 scale and 4-bit zero point for 128 weights (AWQ, GPTQ)
**   q4_k_m     4.85                           llama.cpp: 4.5 in q4_K blocks, 6.56 in the tensors kept at q6_K
**   q8_0 to q2_k                              one block of ggml-common.h: 34 bytes / 32; 210, 176, 110, 84 bytes / 256 weights
**   bfp8       8 + 8 / 16                     one shared exponent for 16 weights (Tenstorrent BFLOAT8_B)
**   fp8, int8  8                              one scale a tensor or a channel
*/
#include "facts/precision.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const struct precision_row precision_table[PREC_N] = {
    [PREC_FP32] = {"fp32", 32, ARITH_FP32, false, 4, "32-bit floating point"},
    [PREC_BF16] = {"bf16", 16, ARITH_BF16, false, 2, "16-bit brain floating point"},
    [PREC_FP16] = {"fp16", 16, ARITH_FP16, false, 2, "16-bit floating point"},
    [PREC_FP8] = {"fp8", 8, ARITH_FP8, false, 1, "8-bit floating point, one scale a tensor or channel"},
    [PREC_FP8_BLOCK] = {"fp8_block", 8 + 32.0 / 16384, ARITH_FP8, false, 1, "8-bit floating point, 128 x 128 blocks"},
    [PREC_NVFP4] = {"nvfp4", 4.5, ARITH_FP4, false, 4.5 / 8, "4-bit floating point, blocks of 16"},
    [PREC_MXFP4] = {"mxfp4", 4.25, ARITH_FP4, false, 4.25 / 8, "4-bit floating point, blocks of 32"},
    [PREC_INT8] = {"int8", 8, ARITH_INT8, false, 1, "8-bit integer weights and activations"},
    [PREC_INT4] = {"int4", 4 + 20.0 / 128, ARITH_BF16, true, 2,
                   "4-bit integer weights only, groups of 128 (AWQ, GPTQ)"},
    [PREC_Q4_K_M] = {"q4_k_m", 4.85, ARITH_BF16, true, 2, "llama.cpp Q4_K_M, weights only"},
    [PREC_BFP8] = {"bfp8", 8.5, ARITH_FP8, false, 8.5 / 8, "8-bit block floating point (Tenstorrent)"},
    [PREC_Q8_0] = {"q8_0", 8.5, ARITH_BF16, true, 2, "llama.cpp Q8_0, weights only"},
    [PREC_Q6_K] = {"q6_k", 6.5625, ARITH_BF16, true, 2, "llama.cpp Q6_K, weights only"},
    [PREC_Q5_K] = {"q5_k", 5.5, ARITH_BF16, true, 2, "llama.cpp Q5_K, weights only"},
    [PREC_Q3_K] = {"q3_k", 3.4375, ARITH_BF16, true, 2, "llama.cpp Q3_K, weights only"},
    [PREC_Q2_K] = {"q2_k", 2.625, ARITH_BF16, true, 2, "llama.cpp Q2_K, weights only"},
};

enum precision precision_find(const char *name)
{
    static const struct {
        const char *alias;
        enum precision p;
    } alias[] = {
        {"float32", PREC_FP32},
        {"f32", PREC_FP32},
        {"bfloat16", PREC_BF16},
        {"float16", PREC_FP16},
        {"half", PREC_FP16},
        {"f16", PREC_FP16},
        {"float8", PREC_FP8},
        {"fp8_e4m3", PREC_FP8},
        {"fp8_e5m2", PREC_FP8},
        {"w8a8_fp8", PREC_FP8},
        {"fp8_static", PREC_FP8},
        {"fp8_dynamic", PREC_FP8},
        {"fp8_blockwise", PREC_FP8_BLOCK},
        {"fp4", PREC_NVFP4},
        {"nvfp4_w4a4", PREC_NVFP4},
        {"w4a4", PREC_NVFP4},
        {"mxfp4_moe", PREC_MXFP4},
        {"w4a16_mxfp4", PREC_MXFP4},
        {"w4a8_mxfp4_mxfp8", PREC_MXFP4},
        {"w8a8", PREC_INT8},
        {"w8a8_int8", PREC_INT8},
        {"int4_wo", PREC_INT4},
        {"w4a16", PREC_INT4},
        {"awq", PREC_INT4},
        {"gptq", PREC_INT4},
        {"gptq_int4", PREC_INT4},
        {"q4_k", PREC_Q4_K_M},
        {"gguf", PREC_Q4_K_M},
        {"bfloat8_b", PREC_BFP8},
        {"blockfp8", PREC_BFP8},
        {"bfp8_b", PREC_BFP8},
    };
    char key[32];
    size_t n = strlen(name);
    if (n >= sizeof key)
        return PREC_N;
    for (size_t i = 0; i <= n; i++)
        key[i] = name[i] == '-' ? '_' : name[i];
    for (int p = 0; p < PREC_N; p++)
        if (strcasecmp(key, precision_table[p].name) == 0)
            return (enum precision)p;
    for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
        if (strcasecmp(key, alias[i].alias) == 0)
            return alias[i].p;
    return PREC_N;
}

bool precision_of_gguf(enum precision p)
{
    return p == PREC_Q4_K_M || (p >= PREC_Q8_0 && p <= PREC_Q2_K);
}

/* 16 and 32 bits: run in another type of that class, weights converted once. */
static struct precision_run run_wide(enum precision p, const struct accelerator *acc, enum arith best)
{
    const struct precision_row *row = &precision_table[p];
    struct precision_run r = {.arith = best, .fallback = true};
    bool as32 = best == ARITH_FP32;
    r.weight_bytes =
        p == PREC_FP32 || !as32 ? (as32 ? 4 : 2) : 2; /* 16-bit weights stay 16 bits when fp32 multiplies */
    r.act_bytes = as32 ? 4 : 2;
    if (acc->peak_flop_s[row->arith] > 0) {
        r = (struct precision_run){row->arith, false, row->bits / 8, row->act_bytes, ""};
        snprintf(r.text, sizeof r.text, "%s", row->name);
    } else {
        snprintf(r.text, sizeof r.text, "%s run as %s", row->name, arith_name[best]);
    }
    return r;
}

/* A format runs as it is when the device multiplies it at least as fast as 16 bits (Volta's and Blackwell Ultra's
** INT8 is slower, so kernels unpack it); otherwise its weights are read in the format and multiplied in 16 bits. */
struct precision_run precision_on(enum precision p, const struct accelerator *acc)
{
    const struct precision_row *row = &precision_table[p];
    enum arith half = accelerator_half(acc);
    enum arith best = half != ARITH_N ? half : acc->peak_flop_s[ARITH_FP32] > 0 ? ARITH_FP32 : ARITH_N;
    double native = row->weight_only ? 0 : acc->peak_flop_s[row->arith];
    struct precision_run r = {.arith = ARITH_N, .weight_bytes = row->bits / 8, .act_bytes = row->act_bytes};

    if (best == ARITH_N && native == 0) {
        snprintf(r.text, sizeof r.text, "%s cannot run: no arithmetic for it", row->name);
        return r;
    }
    if (row->bits >= 16)
        return run_wide(p, acc, best);
    if (native > 0 && (best == ARITH_N || native >= acc->peak_flop_s[best])) {
        r.arith = row->arith;
        snprintf(r.text, sizeof r.text, "%s", row->name);
        return r;
    }
    r.arith = best;
    r.fallback = !row->weight_only;
    r.act_bytes = best == ARITH_FP32 ? 4 : 2;
    snprintf(r.text, sizeof r.text, "%s weight-only, %s arithmetic", row->name, arith_name[best]);
    return r;
}
