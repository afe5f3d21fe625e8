/* bounds.c - share_b = (host + loading + prefill * p_b + decode * d_b(batch, context)) / busy.
**
** The table knows what a step of 1, 8, 64 ... sequences consists of beside contexts, what a token of context costs and by
** which bound, and what a step of prompts consists of. A decode step of the mean batch with the mean context stands for
** all: shares are of ratios, which change slowly with either.
*/
#include "sim/bounds.h"

#include <math.h>

static void decode_parts(const struct step_table *t, double batch, double context, double part[BOUND_N])
{
    double at = batch > 1 ? log(batch) / log(STEP_POWER_RATIO) : 0;
    int i = (int)fmin(at, t->npower - 1), next = i + 1 < t->npower ? i + 1 : i;
    double f = fmin(at - i, 1), ways = (double)(t->pp > 1 ? t->pp : 1) * (t->dp > 1 ? t->dp : 1);
    double busiest = fmax(1, ways / fmax(batch, 1)); /* see step_decode_q20 */
    double read = fmax(context, (double)t->min_kv) * (double)t->decode_full_q20 * 1e-9 / (double)Q20;
    if (t->clip_window > 0)
        read += fmin(fmax(context, (double)t->min_kv), (double)t->clip_window) * (double)t->decode_clip_q20 * 1e-9 / (double)Q20;
    for (int b = 0; b < BOUND_N; b++)
        part[b] = t->decode_parts_s[i][b] + f * (t->decode_parts_s[next][b] - t->decode_parts_s[i][b]) +
                  read * busiest * batch * t->context_frac[b];
}

/* A table made by hand may not say what its times consist of: then all of it is `other`. */
static void spread(double frac[BOUND_N], const double part[BOUND_N], double time, enum bound other)
{
    double all = 0;
    for (int b = 0; b < BOUND_N; b++)
        all += part[b];
    for (int b = 0; b < BOUND_N; b++)
        frac[b] += all > 0 ? time * part[b] / all : b == (int)other ? time : 0;
}

void bounds_of(const struct step_table *t, const struct busy *b, double frac[BOUND_N])
{
    double busy = b->decode + b->prefill, part[BOUND_N] = {0};
    for (int k = 0; k < BOUND_N; k++)
        frac[k] = 0;
    if (!(busy > 0))
        return;
    double host = fmin(b->host, b->decode > 0 ? b->decode : b->prefill), loading = fmin(b->loading, b->prefill);
    double decode = b->decode > 0 ? b->decode - host : 0, prefill = b->prefill - loading - (b->decode > 0 ? 0 : host);
    if (t->npower > 0)
        decode_parts(t, b->batch, b->context, part);
    spread(frac, part, decode, BOUND_MEMORY);
    spread(frac, t->prefill_parts, fmax(prefill, 0), BOUND_COMPUTE);
    frac[BOUND_HOST] += host;
    frac[BOUND_LINK] += loading;
    double all = 0;
    for (int k = 0; k < BOUND_N; k++)
        all += frac[k];
    for (int k = 0; k < BOUND_N; k++)
        frac[k] /= all;
}
