/* predict.h - one operating point without a simulation: steady state of a closed loop at a batch size.
**
**      TPOT = T_decode(b, isl + osl/2) / (1 - rho),  rho = X * T_prefill(isl),  X = b / (TTFT + osl * TPOT)
**
** solved by iteration. Throughput = b * osl / (TTFT + osl * TPOT). Intervals are the stack's for the tier.
*/
#ifndef MOAT_SPEED_PREDICT_H
#define MOAT_SPEED_PREDICT_H

#include <math.h>

#include "speed/deployment.h"
#include "speed/memory.h"
#include "speed/step.h"

struct span { double at, lo, hi; };             /* a predicted number and its 80 % interval */

/* The point with two simulated ends: faster steps usually, not always, mean shorter latencies, so the interval spans all three. */
static inline struct span span_around(double at, double a, double b)
{
    return (struct span){at, fmin(at, fmin(a, b)), fmax(at, fmax(a, b))};
}

struct prediction {
    bool fits;
    struct memory memory;
    int64_t batch;              /* what runs: asked for, or what KV memory, max_seqs or max_tokens allow if less */
    struct span ttft_s, tpot_s, output_tok_s, tok_s_per_device;
    struct span power_w;        /* whole replica, mean of prompts and decoding at their shares of the time */
    struct span prefill_w, decode_w;            /* in either */
    struct span prompt_j_tok, output_j_tok;     /* what a token of either sort adds; together the mean power */
    struct step_time decode;    /* one decode step, with the breakdown */
    struct step_time prefill;   /* the prompt of one request */
    enum tier tier;             /* the farthest among the constants that decide: whose interval it is */
    enum grade evidence;
    double step_tok;            /* tokens that a decode step gives a sequence: 1, more under speculation */
    double mfu_frac, mbu_frac;  /* of the decode step: share of peak FLOP/s and of bandwidth */
};

void predict_point(const struct deployment *d, int64_t batch, int64_t isl, int64_t osl, struct prediction *out);

#endif
