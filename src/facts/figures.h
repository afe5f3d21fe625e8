/* figures.h - files of single figures, each with its source: key: {value, source, date, note}, or key: value. Inside
 * facts/ only. */
#ifndef MOAT_FACTS_FIGURES_H
#define MOAT_FACTS_FIGURES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/units.h"

struct arena;
struct err;
struct node;

struct figure_field {
    const char *key;
    enum unit unit;
    double *to, lo, hi; /* what can be */
};

#define FIGURES_MAX 16
/* Keys not in doc are left as they are; keys that no figure has are an error. `source` of the file may be NULL. */
bool figures_read(struct arena *a, const struct node *doc, const struct figure_field *f, size_t n, const char **source,
                  struct err *e);

#endif
