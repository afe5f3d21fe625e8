/* swap.h - a preempted decoder's KV waits in host memory instead of being computed again. */
#ifndef MOAT_SIM_SWAP_H
#define MOAT_SIM_SWAP_H

#include "sim/replica.h"

/* A decoder that has just left the batch and still holds its KV: copy it out, if there is room. false: recompute it. */
bool swap_out(struct replica *r, struct slot *s);
/* It starts again with KV for `hold` tokens; the last token's is all it has to compute. */
void swap_in(struct replica *r, struct slot *s, int64_t hold);
void swap_check(const struct replica *r);       /* recount: sim_bug on a difference */

static inline bool swap_has(const struct slot *s)
{
    return s->swapped > 0;
}

#endif
