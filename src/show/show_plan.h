/* show_plan.h - what the two files of the plan document share, and what compare and explain borrow from them. */
#ifndef MOAT_SHOW_SHOW_PLAN_H
#define MOAT_SHOW_SHOW_PLAN_H

#include "base/json.h"
#include "show/show.h"

const char *plan_answer(struct arena *a, const struct plan *p);        /* the sentence */
void plan_json(const struct show *s, const struct plan *p);
void plan_csv(const struct show *s, const struct plan *p);
void jw_candidate(struct jw *w, const char *key, const struct scenario *sc, const struct candidate *c);

#endif
