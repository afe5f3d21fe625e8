/* sketch.h - quantiles of positive numbers in bounded memory, merged exactly.
**
** Log-spaced buckets with relative width 2*alpha (Masson, Rim and Lee, "DDSketch", VLDB 2019),
** alpha = 0.5 %: a quantile is within 0.5 % of the true value. Adding counts merges two
** sketches exactly, so results do not depend on the number of threads. Values below 1e-9
** count as 1e-9; above 1e9 as 1e9; NaN is not counted. The mean is exact (sum / n), and so are the
** quantiles 0 and 1. A bucket holds up to 4e9 values.
*/
#ifndef MOAT_BASE_SKETCH_H
#define MOAT_BASE_SKETCH_H

#include <stdint.h>

#define SKETCH_BUCKETS 4160

struct sketch {
    uint64_t n;
    double sum, min, max;
    uint32_t count[SKETCH_BUCKETS];
};

void sketch_init(struct sketch *s);
void sketch_add(struct sketch *s, double v);
void sketch_merge(struct sketch *into, const struct sketch *from);
double sketch_quantile(const struct sketch *s, double q);       /* q in [0, 1]; NaN when empty */
/* The one rule for a quantile of n sorted values, nearest rank: the least k with (k + 1) / n >= q, that is ceil(q n) - 1,
** from 0 on; so P(x <= v[k]) >= q. 0 when n is 0. */
uint64_t sketch_rank(uint64_t n, double q);
double sketch_mean(const struct sketch *s);                     /* NaN when empty */

#endif
