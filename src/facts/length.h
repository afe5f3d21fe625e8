/* length.h - a distribution of token counts: fixed, lognormal, uniform, or a table of quantiles. */
#ifndef MOAT_FACTS_LENGTH_H
#define MOAT_FACTS_LENGTH_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/preset.h"

struct arena;
struct err;
struct node;
struct rng;

struct length {
    enum { LENGTH_FIXED, LENGTH_LOGNORMAL, LENGTH_UNIFORM, LENGTH_TABLE } kind;
    double a, b;                /* fixed: a; lognormal: mu, sigma; uniform: lowest, highest */
    double min, max;            /* what is drawn is moved inside, at least 1 */
    const struct quantile *q; size_t nq;
};

/* A count, or a map with dist, or {preset: NAME} (which: prompt or output). */
bool length_read(struct arena *a, const struct node *nd, bool output, struct length *out, struct err *e);
struct length length_table(const struct quantile *q, size_t n);
double length_draw(const struct length *l, struct rng *r);      /* whole, 1 .. 1e8 */

#endif
