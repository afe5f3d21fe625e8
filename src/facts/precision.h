/* precision.h - number formats of weights, activations and KV cache.
**
** One table. `bits` counts scales and zero points too: nvfp4 is 4 bits + one fp8 scale per 16 weights.
*/
#ifndef MOAT_FACTS_PRECISION_H
#define MOAT_FACTS_PRECISION_H

#include <stdbool.h>

#include "facts/accelerator.h"

enum precision {
    PREC_FP32, PREC_BF16, PREC_FP16,
    PREC_FP8,                   /* per tensor or channel, activations fp8 too */
    PREC_FP8_BLOCK,             /* 128 x 128 blocks (DeepSeek) */
    PREC_NVFP4, PREC_MXFP4,
    PREC_INT8,                  /* weights and activations */
    PREC_INT4,                  /* weight-only, group 128 (AWQ, GPTQ) */
    PREC_Q4_K_M,                /* llama.cpp */
    PREC_BFP8,                  /* block floating point, Tenstorrent */
    PREC_Q8_0, PREC_Q6_K, PREC_Q5_K, PREC_Q3_K, PREC_Q2_K,      /* llama.cpp; a mix of types counts as the nearest of them */
    PREC_N
};

struct precision_row {
    const char *name;           /* "fp8_block"; aliases are accepted by precision_find (fp8-block, int4_wo, awq, ...) */
    double bits;                /* per weight, scales included */
    enum arith arith;           /* what multiplies when the device has it */
    bool weight_only;           /* multiplies in 16 bits on every device */
    double act_bytes;           /* per activation element read by the GEMM */
    const char *help;
};

extern const struct precision_row precision_table[PREC_N];

enum precision precision_find(const char *name);        /* PREC_N: unknown */

bool precision_of_gguf(enum precision p);         /* blocks of llama.cpp, Q2_K to Q8_0: weights only, all parts of a model */

/* How a device runs a format: as it is, or weight-only at its best 16-bit type. */
struct precision_run {
    enum arith arith;           /* ARITH_N: cannot run at all */
    bool fallback;              /* the device lacks the format's arithmetic: weights only */
    double weight_bytes;        /* per weight */
    double act_bytes;           /* per activation element */
    char text[48];              /* "fp8", "fp8 weight-only, fp16 arithmetic" */
};
struct precision_run precision_on(enum precision p, const struct accelerator *acc);

#endif
