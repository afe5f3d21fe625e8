/* bounds.h - what the replicas' busy time was bound by, from sums that the simulation keeps anyway. */
#ifndef MOAT_SIM_BOUNDS_H
#define MOAT_SIM_BOUNDS_H

#include "speed/step.h"

struct busy {                   /* a pool's time in steps, in seconds or any one unit */
    double decode, prefill;     /* prefill: what prompts add to steps, with what moving KV took */
    double host;                /* of both together: the engine's own time, steps and sequences times the table's */
    double loading;             /* of prefill: KV over PCIe or from a disk */
    double batch, context;      /* sequences of a decode step, and tokens of each, on average */
};

/* Shares of decode + prefill; they add up to 1. Nothing was done: all 0. */
void bounds_of(const struct step_table *t, const struct busy *b, double frac[BOUND_N]);

#endif
