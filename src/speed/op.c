/* op.c - t = max4(C, B) + t0: C time at the reached share of peak FLOP/s, B at the reached share of bandwidth.
**
**      GEMM     C = 2*tm*128*k * max4(tiles/SM, w) * SM / (P*ec),  tiles = ceil(m/tm)*ceil(n/128)
**               tm = 128, or if m <= 64 the larger of m and the stack's least rows (64)
**               B = (wb*n*k + ab*m*k + 2*m*n) / (W*em)             and q*3*m*k/W for quantising the activations
**      prefill  C = 2*h*(dqk+dv)*pairs / (P16*ec), B = bytes/(W*em)
**      decode   B = kvh*(dqk+dv)*kvb*S / (W*em)                    S = sum over sequences of max(context, min_kv)
**      MLA      B = (r+dr)*kvb*S / (W*em), C = 2*max(16,h)*(2r+dr)*S / (P16*ec)
**      MoE      C = 2*n*h*I/mtp*(T*k/ep*imb + pad*act) / (P*ec), B = (n*h*I/mtp*wb*act + 4*h*T*k/ep) / (W*em), hypot
**               n = 3 matrices with a gate, else 2
**               act = E/ep*(1 - (1 - k/E)^(T^(1-s)))               experts that T tokens touch on one device
**
** s, the skew of routing: tokens of real text do not choose experts independently and evenly, so that T of them touch as
** few as T^(1-s) would that did. One token touches k whatever s is, very many touch all.
**
** Roofline: Williams, Waterman and Patterson 2009. Tile and wave terms: the constants were fitted with exactly these
** formulas (data/stacks), so they must not be changed one without the other. The wave floor w does not apply to m <=
** 64 (split-k kernels fill the device there). T*k/ep counts a token once for each expert of the device it goes to.
*/
#include "speed/op.h"

const char *const bound_name[BOUND_N] = {"compute", "memory", "link", "fixed", "host"};

static struct op_time timed(double c_s, double b_s, double work_s, double t0_s, double flop, double bytes)
{
    struct op_time t = {.t_s = work_s + t0_s, .work_s = work_s, .flop = flop, .bytes = bytes};
    double most = c_s > b_s ? c_s : b_s;
    t.bound = t0_s > most ? BOUND_FIXED : c_s > b_s ? BOUND_COMPUTE : BOUND_MEMORY;
    return t;
}

struct op_time op_gemm(const struct device_rate *r, const struct op_const *c, double m, double n, double k,
                       double weight_bytes, double act_bytes)
{
    bool small = m <= 64;
    double tm = small ? fmax(m, r->least_rows) : 128;
    double waves = ceil(m / tm) * ceil(n / 128) / r->sms;
    double c_s = 2 * tm * 128 * k * (small ? waves : max4(waves, c->waves)) * r->sms / (r->peak_flop_s * c->ec);
    double bytes = weight_bytes * n * k + act_bytes * m * k + 2 * m * n;
    double b_s = bytes / (r->bw_bytes_s * c->em);
    double quant_s = c->quant * 3 * m * k / r->bw_bytes_s;
    return timed(c_s, b_s + quant_s, max4(c_s, b_s) + quant_s, c->t0_s, 2 * m * n * k, bytes);
}

struct op_time op_moe(const struct device_rate *r, const struct op_const *c, double tokens, double hidden, double inter,
                      double experts, double topk, double ep, double moe_tp, double mats, double weight_bytes, double skew)
{
    double here = tokens * topk / ep;
    double active = experts / ep * (1 - exp(pow(tokens, 1 - skew) * log1p(-topk / experts)));
    if (topk >= experts)
        active = experts / ep;
    double imbalance = 1 + c->quant * log2(ep);
    double width = inter / moe_tp;
    double c_s = 2 * mats * hidden * width * (here * imbalance + c->waves * active) / (r->peak_flop_s * c->ec);
    double bytes = mats * hidden * width * weight_bytes * active + 4 * hidden * here;
    double b_s = bytes / (r->bw_bytes_s * c->em);
    return timed(c_s, b_s, hypot(c_s, b_s), c->t0_s, 2 * mats * hidden * width * here, bytes);
}

struct op_time op_elementwise(const struct device_rate *r, double bytes)
{
    return timed(0, bytes / r->bw_bytes_s, bytes / r->bw_bytes_s, 0, 0, bytes);
}

/* Share of bandwidth reached: the caches of 8 bits or less have their own. */
static double kv_em(const struct attn_const *c, double kv_bytes)
{
    return kv_bytes < 2 && c->em8 > 0 ? c->em8 : c->em;
}

struct prefill_attention op_prefill_const(const struct device_rate *r, const struct attn_const *c, double heads,
                                          double kv_heads, double qk_dim, double v_dim, double kv_bytes, double window)
{
    return (struct prefill_attention){
        .pair_s = 2 * heads * (qk_dim + v_dim) / (r->half_flop_s * c->ec),
        .row_tok = c->waves * r->sms * 128 / heads,
        .tok_s = (2 * heads * (qk_dim + v_dim) + kv_bytes * kv_heads * (qk_dim + v_dim)) / (r->bw_bytes_s * c->em),
        .t0_s = c->t0_s,
        .keys_cap = window > 0 ? window : INFINITY,
    };
}

struct op_time op_decode_attention(const struct device_rate *r, const struct attn_const *c, double sum_context,
                                   double kv_heads, double heads, double qk_dim, double v_dim, double kv_bytes)
{
    double bytes = kv_heads * (qk_dim + v_dim) * kv_bytes * sum_context;
    double b_s = bytes / (r->bw_bytes_s * kv_em(c, kv_bytes));
    return timed(0, b_s, b_s, c->t0_s, 2 * heads * (qk_dim + v_dim) * sum_context, bytes);
}

struct op_time op_mla_decode(const struct device_rate *r, const struct attn_const *c, double sum_context, double heads,
                             double kv_lora, double rope_dim, double kv_bytes)
{
    double bytes = (kv_lora + rope_dim) * kv_bytes * sum_context;
    double flop = 2 * fmax(16, heads) * (2 * kv_lora + rope_dim) * sum_context;
    double b_s = bytes / (r->bw_bytes_s * kv_em(c, kv_bytes)), c_s = flop / (r->half_flop_s * c->ec);
    return timed(c_s, b_s, max4(c_s, b_s), c->t0_s, flop, bytes);
}

struct op_time op_indexer(const struct device_rate *r, const struct attn_const *c, double pairs, double keys_read,
                          double index_heads, double index_dim)
{
    double flop = 2 * index_heads * index_dim * pairs, bytes = index_dim * keys_read; /* fp8 keys: 1 byte a value */
    double c_s = flop / (r->half_flop_s * c->ec), b_s = bytes / (r->bw_bytes_s * kv_em(c, 1));
    return timed(c_s, b_s, max4(c_s, b_s), 0, flop, bytes);
}

struct op_time op_linear_decode(const struct device_rate *r, const struct attn_const *c, double seqs,
                                double state_bytes)
{
    double bytes = 2 * seqs * state_bytes, b_s = bytes / (r->bw_bytes_s * c->em);
    return timed(0, b_s, b_s, c->t0_s, 0, bytes);
}

struct op_time op_linear_prefill(const struct device_rate *r, const struct attn_const *c, double tok, double chunks,
                                 double heads, double k_dim, double v_dim, double state_bytes)
{
    double flop = tok * heads * (4 * k_dim * v_dim + 2 * 64 * (k_dim + v_dim));
    double bytes = 2 * chunks * state_bytes + 2 * tok * heads * (2 * k_dim + 2 * v_dim);
    double c_s = flop / (r->half_flop_s * c->ec), b_s = bytes / (r->bw_bytes_s * c->em);
    return timed(c_s, b_s, c_s + b_s, c->t0_s, flop, bytes);
}
