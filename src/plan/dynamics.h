/* dynamics.h - what a scenario says about a changing cluster, for the simulator: defaults filled in, times in ns. */
#ifndef MOAT_PLAN_DYNAMICS_H
#define MOAT_PLAN_DYNAMICS_H

#include "facts/scenario.h"
#include "sim/dynamics.h"
#include "speed/deployment.h"
#include "speed/memory.h"

struct arena;
struct catalog;
struct err;

struct dynamics {
    struct sim_dynamics sim;
    double slowdown;            /* of stragglers; the caller scales its own step table by it: sim.failures.slow */
    int pool;                   /* replicas that can exist */
    int devices;                /* of a replica */
    double cold_s;              /* a cold start from nothing */
    bool failing;               /* failures were asked for */
    double mtbf_s;              /* of a device; 0: none fails */
};

/* *out NULL: nothing changes. replicas: those at the start. */
bool dynamics_of(struct arena *a, const struct catalog *c, const struct scenario *s, const struct deployment *d,
                 const struct memory *m, const struct price *price, int replicas, struct dynamics **out, struct err *e);

#endif
