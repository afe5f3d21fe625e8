/* rate_curve.h - a rate of arrivals that changes over time: from a file, or a built-in shape of a day or week. */
#ifndef MOAT_FACTS_RATE_CURVE_H
#define MOAT_FACTS_RATE_CURVE_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct arrivals;
struct err;
struct node;
struct notes;

struct rate_shape {             /* a row of the table of built-in shapes */
    const char *name, *help, *source;
    const double *rel; size_t n;        /* relative rate, mean 1 */
    double cell_s;
};
extern const struct rate_shape rate_shapes[];
extern const size_t rate_shape_count;

struct rate_curve {             /* a step function, repeated when it is played for longer */
    const char *name;           /* file and series, or shape */
    double *rel;                /* (n) rate over the mean rate */
    double *cell_s;             /* (n) how long each holds */
    size_t n;
    double span_s, mean_s;      /* sum of the cells; mean rate, 0: relative rates only */
};

/* `rate_curve:` a shape, a file, or {file | shape, series, column, from}. */
bool rate_curve_read(struct arena *a, const struct node *nd, const char *base_dir, struct rate_curve *out, struct err *e);
/* Mean of the relative rate over the first duration_s. */
double rate_curve_mean(const struct rate_curve *c, double duration_s);

#endif
