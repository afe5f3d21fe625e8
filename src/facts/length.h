/* length.h - a distribution of token counts, other counts or durations: fixed, lognormal, uniform, exponential, geometric, or a
** table of quantiles. */
#ifndef MOAT_FACTS_LENGTH_H
#define MOAT_FACTS_LENGTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/units.h"
#include "facts/preset.h"

struct arena;
struct err;
struct node;
struct rng;

struct length {
    enum { LENGTH_FIXED, LENGTH_LOGNORMAL, LENGTH_UNIFORM, LENGTH_EXPONENTIAL, LENGTH_GEOMETRIC, LENGTH_TABLE, LENGTH_SAMPLE } kind;
    enum unit unit;             /* UNIT_TOKENS and UNIT_COUNT: whole numbers from 1 on; UNIT_DURATION_S: any from 0 on */
    double a, b;                /* fixed, exponential, geometric: a (mean); lognormal: mu, sigma; uniform: lowest, highest */
    double min, max;            /* what is drawn is moved inside */
    const struct quantile *q; size_t nq;
    const double *sample; size_t nsample;       /* one of these, each as likely */
};

/* A count, or a map with dist, or {preset: NAME} (which: prompt or output). base_dir: of a file with samples. */
bool length_read(struct arena *a, const struct node *nd, const char *base_dir, bool output, struct length *out, struct err *e);
/* A count (UNIT_COUNT: 4) or a duration (UNIT_DURATION_S: 2s), or a map with dist. */
bool length_read_as(struct arena *a, const struct node *nd, const char *base_dir, enum unit unit, struct length *out, struct err *e);
struct length length_table(const struct quantile *q, size_t n);
double length_draw(const struct length *l, struct rng *r);      /* tokens, counts: whole, 1 .. 1e8; else seconds */

#endif
