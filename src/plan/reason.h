/* reason.h - why a candidate lost, in words and as a ratio. */
#ifndef MOAT_PLAN_REASON_H
#define MOAT_PLAN_REASON_H

#include "plan/reach.h"
#include "plan/plan.h"
#include "plan/search.h"

/* Set feasible false with binding, short_by and text; returns false. */
bool reason_set(struct candidate *c, enum binding b, double short_by, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
void reason_no_config(struct candidate *c, const struct search *s);     /* nothing divides or fits */
void reason_floor(struct candidate *c, const struct reach *b);          /* the latency floor is above a limit */
void reason_missed(struct candidate *c, const struct slo *slo, size_t nslo, const struct sim_result *r);

#endif
