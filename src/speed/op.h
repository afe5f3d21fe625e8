/* op.h - time of one operator: roofline with reached fractions and a fixed time (docs/model.md).
**
** max4(a, b) = (a^4 + b^4)^(1/4). All functions are pure; m, n, k are sizes on one device.
*/
#ifndef MOAT_SPEED_OP_H
#define MOAT_SPEED_OP_H

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
};

double max4(double a, double b);
struct op_time op_gemm(const struct device_rate *r, const struct op_const *c, double m, double n, double k,
                       double weight_bytes, double act_bytes);
struct op_time op_prefill_attention(const struct device_rate *r, const struct attn_const *c, double seqs, double chunk,
                                    double past, double heads, double kv_heads, double qk_dim, double v_dim, double kv_bytes);
struct op_time op_decode_attention(const struct device_rate *r, const struct attn_const *c, double sum_context, double seqs,
                                   double kv_heads, double heads, double qk_dim, double v_dim, double kv_bytes);
struct op_time op_mla_decode(const struct device_rate *r, const struct attn_const *c, double sum_context, double seqs,
                             double heads, double kv_lora, double rope_dim, double kv_bytes);
struct op_time op_moe(const struct device_rate *r, const struct op_const *c, double tokens, double hidden, double inter,
                      double experts, double topk, double ep, double moe_tp, double weight_bytes);
struct op_time op_elementwise(const struct device_rate *r, double bytes);

#endif
