/* size.h - the fewest replicas that keep every SLO on the traffic, found by simulation.
**
** A cluster of more than SIZE_CELL replicas is simulated as a cell of SIZE_CELL of them with that share of the
** requests, drawn at random: less pooling than in the whole cluster, so the answer errs to the safe side.
** The ends of the prediction interval are simulated with every step f times as long.
*/
#ifndef MOAT_PLAN_SIZE_H
#define MOAT_PLAN_SIZE_H

#include <stdbool.h>

#include "facts/scenario.h"
#include "plan/plan.h"

#define SIZE_CELL 8
#define SIZE_SAMPLE 500         /* requests that a cell should have at least: else it is made larger */

struct sizing {                 /* what is simulated */
    const struct deployment *d;
    const struct memory *memory;
    const struct step_table *table;
    const struct sched *sched;
    const struct router *router;
    const struct slo *slo;
    size_t nslo;
    const struct traffic *whole;        /* the traffic asked for */
    size_t window;              /* requests that a simulation should have at least; 0: the whole traffic */
    uint64_t seed;
    struct arena *trial;        /* memory of one simulation, emptied before each */
    bool all_replicas;          /* simulate every replica, however many: no cell */
    bool records, step_by_step; /* as in sim_config, like prefix_cache */
    const struct dynamics *dynamics;    /* what changes while it runs; NULL: nothing */
    const struct deployment_keys *keys; /* prefix_cache and its tiers, as the scenario has them */
};

/* A point of the prediction's interval: factors on the time of every step, and on the framework's own time a request. */
struct size_end { double step, fixed; };
#define SIZE_POINT ((struct size_end){1, 1})
struct size_end size_low(const struct sizing *z);      /* the favourable end of the 80 % interval */
struct size_end size_high(const struct sizing *z);

/* Replicas that are simulated in the place of so many. */
int size_cell(const struct sizing *z, int replicas);
/* Simulate replicas copies at a point of the interval. holds: every SLO is met and the queue does not grow. */
bool size_run(struct arena *a, const struct sizing *z, int replicas, struct size_end at, bool stop_early, struct sim_result *out,
              bool *holds);
/* Fewest replicas in [1, max] that hold at a point, near a first guess; 0: not even max. *simulated grows by the requests. */
int size_replicas(const struct sizing *z, int guess, int max, struct size_end at, uint64_t *simulated);
/* The SLO's metric with rejected requests counted as infinitely late: INFINITY where they alone lose the quantile. A mean is
** lost when more than SIM_REJECTED_FRAC of the requests are rejected. NaN: nothing to measure (one-token answers have no TPOT). */
double size_metric(const struct sim_result *r, const struct slo *slo);
bool size_meets(const struct sim_result *r, const struct slo *slo);

#endif
