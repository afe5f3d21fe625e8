/* series.h - a figure that changes over time: one value, or values by date.
**
**      demand: 200/s
**      demand: {2024-Q1: 200/s, 2026-Q4: 900/s, per_year: 1.3x}
**
** Straight between two dates (or held until the next one, for limits), the first value before the first date, and after
** the last one flat, or growing by per_year.
*/
#ifndef MOAT_FACTS_SERIES_H
#define MOAT_FACTS_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/units.h"

struct arena;
struct err;
struct node;

struct series {
    size_t n;                   /* 0: not given */
    int32_t *day;               /* (n) since 1970-01-01, rising */
    double *v;                  /* (n) */
    double year_factor;         /* after the last; 1: flat */
    bool held;                  /* a step function instead of straight lines */
    const char *place;
};

/* nd NULL: *out stays as it is. */
bool series_read(struct arena *a, const struct node *nd, enum unit u, bool held, struct series *out, struct err *e);
/* The same with another key beside the dates, such as per_quarter of a maturity; it is left to the caller. */
bool series_read_with(struct arena *a, const struct node *nd, enum unit u, bool held, const char *other, struct series *out,
                      struct err *e);
double series_at(const struct series *s, double day);           /* NaN: not given */

#endif
