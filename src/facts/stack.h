/* stack.h - a serving framework on a device: the fitted constants of the performance model.
**
** data/stacks/<framework>.yaml carries for each operator and number format constants in three tiers:
** this device, its architecture family, pooled over all. stack_constants picks the nearest tier and says
** which. Formulas: docs/model.md; sources and errors: the YAML.
*/
#ifndef MOAT_FACTS_STACK_H
#define MOAT_FACTS_STACK_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/accelerator.h"
#include "facts/power_const.h"
#include "facts/precision.h"

struct arena;
struct err;
struct node;
struct notes;

enum tier { TIER_DEVICE, TIER_FAMILY, TIER_POOLED };

/* t = max4(C/ec, B/em) + t0 ..., see speed/ops.h; waves and quant have their meaning there. */
struct op_const {
    double ec, em;              /* fractions of peak FLOP/s and of memory bandwidth that are reached */
    double t0_s;                /* fixed time of the kernel */
    double waves;               /* GEMM, prefill attention: least share of a wave; MoE: pad tokens per active expert */
    double quant;               /* GEMM: activation passes; MoE: imbalance per log2(ep) */
    enum tier tier;
};

struct comm_const { double a0_s, a1_s, e; enum tier tier; };    /* a0 + a1*log2(n) + f*bytes*(n-1)/n/(link*e) */

/* em8: em with an 8-bit KV cache, never 0; waves, min_kv: 0 where the formula has none. */
struct attn_const { double ec, em, em8, t0_s, waves, min_kv; enum tier tier; };

struct stack {                  /* resolved for one framework on one device */
    const char *framework;      /* "vllm" */
    const char *version;        /* of the engine the constants describe */
    struct op_const gemm[PREC_N], moe[PREC_N];
    struct attn_const prefill, decode, mla_prefill, mla_decode, linear;
    struct comm_const all_reduce, all_gather, reduce_scatter, all_to_all, p2p;      /* inside the scale-up domain */
    struct comm_const net;      /* across nodes, per byte and step over scale-out */
    double small_kernel_dense_s, small_kernel_moe_s;    /* a layer */
    double routing_skew;        /* T tokens touch as many experts as T^(1 - skew) evenly routed ones; in [0, 1) */
    double elementwise_passes;  /* over the hidden state, a layer */
    double least_rows;          /* a GEMM computes at least so many rows, however few tokens there are */
    double step_fixed_s, step_per_seq_s;                /* host time a step, that the device waits for */
    double request_fixed_s;     /* before the first token: tokeniser, HTTP, scheduling; adds to TTFT, blocks nobody */
    double prefill_floor_s_per_layer;                   /* a step with prefill lasts at least this a layer (no CUDA graph) */
    int recv_interval_steps;    /* new requests are looked at every so many steps */
    double memory_frac;         /* share of device memory the engine takes (vLLM gpu_memory_utilization) */
    bool memory_frac_of_free;   /* TensorRT-LLM: the share is of what weights and workspace leave, and all of it is KV */
    double workspace_bytes;     /* context, graphs, collective buffers, outside weights and KV */
    const char *workspace_source;
    int block_tok;              /* KV block size */
    bool prompts_one_by_one;    /* prompts are computed one after the other, and the TTFT printed of a batch is one prompt's */
    int max_seqs, max_tokens;   /* the engine's own defaults */
    const char *scheduler;      /* default policy row of sim/sched */
    /* 80 % interval of a prediction by tier: truth is within [p*(1-lo), p*(1+hi)] for step times, by tier. */
    struct interval { double step_lo, step_hi, ttft_lo, ttft_hi; } interval[3];
    struct interval vendor;     /* stands in for family and pooled on devices that do not run CUDA, as the fitted ones do */
    const char *interval_source;
    struct power_const power;   /* the same for every stack */
    enum grade evidence;        /* MEASURED only when the device's own constants were fitted */
    bool calibrated;            /* facts/calibration.h: fitted to points of this very model and format */
    const char *source, *date;
};

struct stack_file;              /* one one file of data/stacks as read */
bool stack_read(struct arena *a, const struct node *doc, struct stack_file **out, struct notes *notes, struct err *e);
const char *stack_file_name(const struct stack_file *f);
void stack_file_power(struct stack_file *f, const struct power_const *power);
/* Files that lie over another one (`base: vllm`) become whole. */
bool stack_bind(struct arena *a, struct stack_file *const *file, size_t n, struct err *e);
bool stack_same(const struct stack_file *f, const struct stack_file *g);        /* framework, software and era */
const char *stack_file_label(struct arena *a, const struct stack_file *f);      /* "vllm", "vllm on ROCm before 0.7" */
const char *stack_file_for(struct arena *a, const struct stack_file *f);        /* the part behind the name: "" or " on ROCm ..." */
/* The flavour of a framework for a device and a version or date (either may be NULL: the newest): an era that holds it
** before none, software that is the device's before any. NULL: no such framework. acc NULL: any device. */
const struct stack_file *stack_pick(struct stack_file *const *file, size_t n, const char *framework,
                                    const struct accelerator *acc, const char *version, const char *date);
/* "0.6.1" out of "vLLM 0.6.1+rocm", "v0.14", "vllm_0.9.1_2025"; NULL where none stands there. */
const char *stack_version(struct arena *a, const char *framework, const char *text);
bool stack_is_default(const struct stack_file *f, const struct accelerator *acc);
/* The constants of this file were fitted to published points of this model on this accelerator. */
bool stack_fitted_device(const struct stack_file *f, const char *acc);          /* to points of any model on it */
bool stack_fitted_on(const struct stack_file *f, const char *model, const char *acc);
/* Never fails: with no nearer tier the pooled constants serve. A format that the device can only unpack to 16 bits
** (precision_on says fallback) takes its own constants where this device has them, else those of int4. */
struct stack stack_constants(const struct stack_file *f, const struct accelerator *acc);

/* What the model would say of a device, or of a whole family, had nobody measured it: its own constants are not used, and
** the tiers below are medians over the measured devices that are left. `blackwell` holds out `blackwell-ultra` too. */
struct stack_mask {
    const char *device, *family;        /* NULL: nothing of this kind is held out */
    const struct accelerator *acc; size_t nacc; /* the catalog, to know the families of the devices in the file */
};
bool stack_mask_holds(const struct stack_mask *m, const struct accelerator *acc);
/* The same as stack_constants for a device that the mask does not hold. */
struct stack stack_constants_without(const struct stack_file *f, const struct accelerator *acc,
                                     const struct stack_mask *m);

#endif
