/* show_seeds.h - what several seeds say, as parts of the document of `moat sim`. */
#ifndef MOAT_SHOW_SHOW_SEEDS_H
#define MOAT_SHOW_SHOW_SEEDS_H

#include "plan/seeds.h"
#include "show/document.h"

void seeds_text(const struct show *s, const struct scenario *sc, const struct seeds *all);
void seeds_json(struct jw *w, const struct scenario *sc, const struct seeds *all);     /* the object `seeds` */
void seeds_csv_head(struct buf *b);             /* cells behind those that stand in the line */
void seeds_csv(struct buf *b, const struct seeds *all);

/* Name of a figure with the unit it is shown in, as ttft_p99_ms, and what its value is multiplied by. */
const char *outcome_name(struct arena *a, enum outcome_key k);
double outcome_scale(enum outcome_key k);

#endif
