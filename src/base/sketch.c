/* sketch.c - bucket i counts values in (g^(i-1), g^i], g = (1 + alpha) / (1 - alpha); DDSketch, VLDB 2019.
**
** Any value of the bucket is within alpha of 2 g^i / (g + 1), which a quantile answers with.
*/
#include "base/sketch.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define ALPHA 0.005
#define LN_GAMMA 0.010000083334583356 /* ln(1.005 / 0.995) */
#define LOW 1e-9
#define HIGH 1e9
#define FIRST (-2073) /* ceil(ln(LOW) / LN_GAMMA) is -2072 */

void sketch_init(struct sketch *s)
{
    memset(s, 0, sizeof *s);
    s->min = HUGE_VAL;
    s->max = -HUGE_VAL;
}

static double clamp(double v, double lo, double hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

void sketch_add(struct sketch *s, double v)
{
    if (isnan(v))
        return;
    if (v > HIGH)
        v = HIGH;
    double in = v < LOW ? LOW : v;
    int i = (int)ceil(log(in) / LN_GAMMA) - FIRST;
    s->count[i < 0 ? 0 : i >= SKETCH_BUCKETS ? SKETCH_BUCKETS - 1 : i]++;
    s->n++;
    s->sum += v;
    s->min = v < s->min ? v : s->min;
    s->max = v > s->max ? v : s->max;
}

void sketch_merge(struct sketch *into, const struct sketch *from)
{
    for (int i = 0; i < SKETCH_BUCKETS; i++)
        into->count[i] += from->count[i];
    into->n += from->n;
    into->sum += from->sum;
    into->min = from->min < into->min ? from->min : into->min;
    into->max = from->max > into->max ? from->max : into->max;
}

uint64_t sketch_rank(uint64_t n, double q)
{
    /* q is rounded, and so is q n: 0.07 * 100 must not count as above 7 */
    double above = ceil(clamp(q, 0, 1) * (double)n * (1 - 4 * DBL_EPSILON));
    uint64_t k = above > 1 ? (uint64_t)above - 1 : 0;
    return k < n ? k : n ? n - 1 : 0;
}

double sketch_quantile(const struct sketch *s, double q)
{
    if (!s->n)
        return NAN;
    uint64_t rank = sketch_rank(s->n, q);
    if (rank == 0)
        return s->min;
    if (rank == s->n - 1)
        return s->max;
    uint64_t below = 0;
    int i = 0;
    while (i < SKETCH_BUCKETS - 1 && (below += s->count[i]) <= rank)
        i++;
    /* 2 g^i / (g + 1) with 2 / (g + 1) = 1 - alpha; the extremes are known better */
    return clamp((1 - ALPHA) * exp((i + FIRST) * LN_GAMMA), s->min, s->max);
}

double sketch_mean(const struct sketch *s)
{
    return s->n ? s->sum / (double)s->n : NAN;
}
