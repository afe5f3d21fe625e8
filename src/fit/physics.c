/* physics.c - bounds that no software can beat without computing less (speculative decoding, pruning, a cache of
** prefixes).
**
**      tokens/s <= devices * peak / (2 * active parameters)         TPOT >= active weight bytes / (devices * bandwidth)
**      TTFT >= 2 * active parameters * prompt / (devices * peak) and the same weights read once
**
** Whoever writes seconds in a column of milliseconds is a thousand times off: a value so much faster than predicted is
** taken for a slip of unit, and so is a time per token so much slower. A slow TTFT or a slow request may be that of an
** overloaded server: it is scored, but nothing is fitted to it.
**
** The peak is that of the device's fastest arithmetic, the bytes those of the narrowest format stated: honest rows
** pass.
*/
#include "fit/physics.h"

#include <math.h>

#include "base/arena.h"

#define SLIP 250.0 /* times the prediction, or a part of it */

static double fastest(const struct accelerator *acc)
{
    double peak = 0;
    for (int i = 0; i < ARITH_N; i++)
        peak = fmax(peak, acc->peak_flop_s[i]);
    return peak;
}

const char *fit_beats_physics(const struct fit_point *p, enum fit_metric m, double measured)
{
    double v = measured / fit_metric_table[m].per_base, n = p->devices, active = model_active_params(p->model);
    double bits = precision_table[p->precision].bits;
    if (p->moe_precision != PREC_N)
        bits = fmin(bits, precision_table[p->moe_precision].bits);
    double most_tok_s = n * fastest(p->acc) / (2 * active), least_s = active * bits / 8 / (n * p->acc->mem_bw_bytes_s);
    double prompt_s = 2 * active * (double)p->isl * p->length_ratio_min / (n * fastest(p->acc));
    switch (m) {
    case FIT_TTFT_MS:
    case FIT_TTFT_MEAN_MS:
    case FIT_TTFT_P50_MS:
        return v < fmax(least_s, prompt_s) ? "faster than the prompt can be computed" : NULL;
    case FIT_TOK_S_PER_ACCELERATOR:
    case FIT_TOK_S_PER_ACCELERATOR_DERIVED:
        v *= n;
        /* fall through */
    case FIT_OUTPUT_TOK_S:
    case FIT_INPUT_TOK_S:
    case FIT_TOTAL_TOK_S:
        return v > most_tok_s ? "faster than the devices can multiply" : NULL;
    case FIT_TOK_S_PER_USER:
        v = 1 / v;
        /* fall through */
    case FIT_TPOT_MS:
    case FIT_TPOT_MEAN_MS:
    case FIT_TPOT_P50_MS:
        return v < least_s ? "faster than the weights can be read" : NULL;
    default:
        return NULL;
    }
}

static bool per_token(enum fit_metric m)
{
    return m == FIT_TPOT_MS || m == FIT_TPOT_MEAN_MS || m == FIT_TPOT_P50_MS;
}

const char *fit_doubt(struct arena *a, const struct fit_point *p, enum fit_metric m, double measured, double predicted,
                      bool to_fit)
{
    const char *beats = fit_beats_physics(p, m, measured);
    double slower = fit_metric_table[m].sort == FIT_SORT_RATE ? predicted / measured : measured / predicted;
    if (slower < 1 / SLIP || (slower > SLIP && (to_fit || per_token(m))))
        return arena_printf(a, "%s%s%s: %.4g where %.4g is predicted: is the unit right?", beats ? beats : "",
                            beats ? ": " : "", fit_metric_table[m].name, measured, predicted);
    return beats;
}
