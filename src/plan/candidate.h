/* candidate.h - the best way to serve the traffic on one accelerator, or why there is none. */
#ifndef MOAT_PLAN_CANDIDATE_H
#define MOAT_PLAN_CANDIDATE_H

#include "plan/plan.h"

struct arena;

struct question {               /* what every candidate is asked; shared, read only */
    struct catalog *catalog;
    const struct scenario *scenario;
    const struct traffic *traffic;      /* what is left after owned cards took their share */
    struct traffic_stat stat;   /* of that traffic */
    int32_t today;              /* yyyymmdd of `as_of`; 0: no date */
};

/* out->slo must point to room for scenario->nslo values, and out->price be set: both outlive the scratch arena. scratch is freed by the caller. window: requests a simulation
** should have; 0: the whole traffic. out is complete but for rank and pareto. */
void candidate_find(struct arena *scratch, const struct question *q, const struct accelerator *acc, size_t window,
                    struct candidate *out);
/* Again on the whole traffic, beginning with the configuration that candidate_find chose on the window. */
void candidate_verify(struct arena *scratch, const struct question *q, size_t window, struct candidate *c);

/* A first answer without a simulation: the configuration that the bounds rank first, as many replicas as its capacity asks for,
** latencies of its steady state. Nothing of it is verified; quantiles above the median are not known. */
void candidate_estimate(struct arena *scratch, const struct question *q, const struct accelerator *acc, struct candidate *out);

/* The largest share of the traffic that `cards` of an accelerator hold, with the configuration that holds most; share 0 when
** none does. Used for cards that are already owned. */
double candidate_share(struct arena *scratch, const struct question *q, const struct accelerator *acc, int cards, size_t window,
                       struct candidate *out);

#endif
