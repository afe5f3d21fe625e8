/* shape.h - the weight matrices of one layer as they lie on one device: what memory counts and what a step multiplies.
**
** One walk serves both, so that a matrix cannot be in the time and not in the memory. Sizes are those of the fullest
** device of a stage: heads and widths over tp, experts over ep and moe_tp, KV heads at least one.
*/
#ifndef MOAT_SPEED_SHAPE_H
#define MOAT_SPEED_SHAPE_H

#include <stddef.h>

#include "speed/deployment.h"

enum matrix_part { PART_MIXER, PART_FFN, PART_EXPERTS };

struct matrix {
    const char *op;             /* "gemm.qkv"; NULL: weights that no GEMM reads (norms, biases, convolutions) */
    enum matrix_part part;
    enum precision prec;
    double n, k;                /* output and input width on one device; of one expert for PART_EXPERTS */
    double local, whole;        /* weights on one device, and in the whole layer */
    double bits;                /* a weight, where a checkpoint was counted; 0: as the format has */
};

#define MATRICES_MAX 20
size_t layer_matrices(const struct deployment *d, const struct layer *l, struct matrix out[MATRICES_MAX]);

/* Bytes a weight takes on this device in a format; bits: its own count, 0: the format's. */
double weight_bytes(const struct deployment *d, enum precision p, double bits);
double local_kv_heads(const struct deployment *d, const struct layer *l);       /* max(kv_heads / tp, 1) */
double linear_state_bytes(const struct deployment *d, const struct layer *l);   /* of one sequence, recurrent part */
double linear_conv_bytes(const struct deployment *d, const struct layer *l);    /* and the convolution's */

#endif
