/* memory.h - bytes on each device: weights, KV cache, state, activations, reserve; and how many KV blocks are left.
**
**      usable * memory_frac = weights + activation peak + workspace + KV pool        (per device)
**
** KV bytes of a sequence of c tokens on the device that holds most of it:
**      full * up(c) + clip * up(min(c, window)) + state,    up() rounds to blocks
** where full counts layers that keep everything, clip those with a sliding window (the widest window counts).
*/
#ifndef MOAT_SPEED_MEMORY_H
#define MOAT_SPEED_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "speed/deployment.h"

/* What the driver reports, else 98 % of the capacity. */
double memory_usable_bytes(const struct accelerator *acc);

struct memory {
    double usable_bytes;        /* of one device, as the driver reports or as assumed */
    bool usable_assumed;        /* nobody reported it: 98 % of the capacity */
    double budget_bytes;        /* usable * memory_frac, less what context and CUDA graphs take beyond the rest */
    double outside_bytes;       /* driver context and CUDA graphs: they live outside the budget */
    double weight_bytes;        /* of the fullest device */
    double weight_total_bytes;  /* of the whole replica */
    double activation_bytes, workspace_bytes;
    double kv_full_bytes_tok, kv_clip_bytes_tok;        /* per token, on one device of the replica's dp group */
    double kv_total_bytes_tok;  /* "KV bytes a token": the whole model, unsharded, all layers counted as full */
    int64_t kv_window;          /* tokens; 0: no clipped layers */
    double state_bytes_seq;     /* linear attention and convolution state of one sequence */
    double kv_pool_bytes;       /* per device; < 0: does not fit */
    int block_tok;
    int64_t kv_blocks;          /* blocks of block_tok tokens in the pool of one dp group (full + clip bytes each) */
    int64_t kv_tokens;          /* kv_blocks * block_tok * dp: of the replica */
    int64_t max_context;        /* longest single sequence the pool can hold */
    bool fits;                  /* weights fit and one sequence of d->max_context does */
    double short_by_bytes;      /* per device, when it does not */
};

struct memory memory_of(const struct deployment *d);
double kv_seq_bytes(const struct memory *m, int64_t context);  /* formula above */
/* Unsharded, all layers full: 2*kv_heads*head_dim values a layer, MLA 576, ... */
double kv_bytes_per_token(const struct model *m, enum precision kv);

#endif
