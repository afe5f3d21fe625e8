/* fleet_verify.h - the chosen fleet simulated again: does each pool keep its promises in its hardest block?
**
** The planner knows rates of a few replicas under steady load. A pool of it may be smaller, and is made of whole replicas. Each
** (work, SKU) is simulated where its load a replica is highest; what does not hold becomes a factor on the rate, and the fleet is
** solved again. Then every pool once more at the unfavourable end of the interval of its prediction.
*/
#ifndef MOAT_PLAN_FLEET_VERIFY_H
#define MOAT_PLAN_FLEET_VERIFY_H

#include "plan/fleet_build.h"

struct fleet_pool {             /* a work on a SKU, where it is hardest */
    int work, sku, node, block;
    double cards, load;         /* load in units a second */
    int replicas, devices;      /* whole ones; cards of one */
    bool whole;                 /* at least one replica fits into the cards */
    bool holds, holds_unfavourable;
    double factor;              /* on the rate, to make it hold; 1: it does */
};

struct fleet_verified {
    struct fleet_pool *pool; size_t npool;
    size_t broken;              /* that do not hold at the prediction */
    size_t unfavourable;        /* that do not hold at the bad end of the interval */
    int rounds;                 /* solves, the first counted */
    const double *covered_frac; /* (w) of what its worst block serves, the share left where every rate is at its bad end */
    uint64_t simulated;
};

/* One look at a plan: pools filled in; broken > 0: x->fix was changed and the rates were set again. */
void fleet_verify(struct arena *a, struct catalog *c, struct fleet_case *x, const struct fleet_plan *p, int threads, struct fleet_verified *out);

#endif
