/* op.h - time of one operator: roofline with reached fractions and a fixed time (docs/model.md).
**
** max4(a, b) = (a^4 + b^4)^(1/4). All functions are pure; m, n, k are sizes on one device. A rate of 0 gives an
** infinite time: deployment_check refuses such a device before anything is predicted.
*/
#ifndef MOAT_SPEED_OP_H
#define MOAT_SPEED_OP_H

#include <math.h>

#include "facts/stack.h"

enum bound { BOUND_COMPUTE, BOUND_MEMORY, BOUND_LINK, BOUND_FIXED, BOUND_HOST, BOUND_N };
extern const char *const bound_name[BOUND_N];

struct op_time {
    double t_s;                 /* all of it */
    double work_s;              /* without the fixed time */
    double flop, bytes;         /* what it computes and moves */
    enum bound bound;           /* which part is largest */
};

struct device_rate {            /* the device as the operators see it */
    double peak_flop_s;         /* at the arithmetic used */
    double half_flop_s;         /* 16-bit peak: attention */
    double bw_bytes_s;
    double sms;                 /* cores; a default of 100 where not known */
    double least_rows;          /* of a GEMM, however few tokens there are: 1 to 64 */
};

static inline double max4(double a, double b)
{
    double hi = a > b ? a : b, lo = a > b ? b : a;
    double r = hi > 0 ? lo / hi : 0, r2 = r * r;
    return isinf(hi) ? hi : hi * sqrt(sqrt(1 + r2 * r2));
}

struct op_time op_gemm(const struct device_rate *r, const struct op_const *c, double m, double n, double k,
                       double weight_bytes, double act_bytes);
/* mats: matrices of an expert, 3 with a gate (gate, up, down), else 2. skew: stack.routing_skew. */
struct op_time op_moe(const struct device_rate *r, const struct op_const *c, double tokens, double hidden, double inter,
                      double experts, double topk, double ep, double moe_tp, double mats, double weight_bytes,
                      double skew);
struct op_time op_elementwise(const struct device_rate *r, double bytes);

/* Attention over a prompt, reduced to what depends on the step's load: `pairs` (query, key) pairs of `chunks` chunks
** with `tok` query tokens in all. keys is what a query sees on average in a chunk from position 0; a window caps it.
**
**      keys = min(cap, sqrt(pairs / chunks / 2))
**      C    = pair_s * max4(pairs + keys * (up128(tok) - tok), keys * row_tok),  up128 rounds each chunk up
**      t    = max4(C, tok_s * tok) + t0
*/
struct prefill_attention {
    double pair_s;              /* of one (query, key) pair, all local heads */
    double row_tok;             /* tokens that fill `waves` waves of 128-row blocks */
    double tok_s;               /* memory time of one query token: q, k, v, o */
    double t0_s;
    double keys_cap;            /* window; INFINITY: none */
};

static inline double prefill_attention_s(const struct prefill_attention *a, double tok, double chunks, double pairs)
{
    double keys = fmin(a->keys_cap, sqrt(pairs / chunks / 2));
    double pad = chunks * ceil(tok / chunks / 128) * 128 - tok;
    return max4(a->pair_s * max4(pairs + keys * pad, keys * a->row_tok), a->tok_s * tok) + a->t0_s;
}

struct prefill_attention op_prefill_const(const struct device_rate *r, const struct attn_const *c, double heads,
                                          double kv_heads, double qk_dim, double v_dim, double kv_bytes, double window);

/* sum_context: stored tokens read, summed over the sequences; linear in it. */
struct op_time op_decode_attention(const struct device_rate *r, const struct attn_const *c, double sum_context,
                                   double kv_heads, double heads, double qk_dim, double v_dim, double kv_bytes);
struct op_time op_mla_decode(const struct device_rate *r, const struct attn_const *c, double sum_context,
                             double heads, double kv_lora, double rope_dim, double kv_bytes);
/* Sparse attention's indexer: one key of index_dim values a stored token, index_heads queries. */
struct op_time op_indexer(const struct device_rate *r, const struct attn_const *c, double pairs, double keys_read,
                          double index_heads, double index_dim);
/* State of linear attention, read and written once a sequence. */
struct op_time op_linear_decode(const struct device_rate *r, const struct attn_const *c, double seqs,
                                double state_bytes);
/* Chunked scan over a prompt (64 tokens a chunk): state update, state query and the products inside a chunk. */
struct op_time op_linear_prefill(const struct device_rate *r, const struct attn_const *c, double tok, double chunks,
                                 double heads, double k_dim, double v_dim, double state_bytes);

#endif
