/* dynamics.h - what changes in a pool while it runs, as asked: how many replicas are wanted, what fails, what is lent.
**
** sim_pool.dynamics points here; NULL: every replica is up from the first request to the last. sim_pool.replicas is then the
** most that can exist: autoscale.max (or the replicas wanted) and the spares. What a pool does with it: life.h.
*/
#ifndef MOAT_SIM_DYNAMICS_H
#define MOAT_SIM_DYNAMICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct autoscaler;              /* sim/autoscale.h: one row a policy */
struct err;
struct step_table;

/* A part of the day in which so many replicas are wanted, or kept. from > to: over midnight; equal: the whole day. */
struct sim_hours { int64_t from_ns, to_ns; int replicas; };

struct sim_autoscale {
    const struct autoscaler *policy;    /* NULL: as many as at the start */
    int min, max;
    double target;              /* of the policy's metric, for each replica */
    int64_t interval_ns;        /* between two looks */
    int64_t window_ns;          /* KPA: what is averaged over; HPA: scale-down waits for the highest wish within it */
    double tolerance;           /* HPA: a ratio of metric and target this near to 1 changes nothing */
    const struct sim_hours *hours; size_t nhours;       /* of the day; outside of them: min */
};

struct sim_failures {
    double failures_s;          /* of a replica: its devices / MTBF of one; 0: none */
    int64_t repair_ns;          /* from the failure to the beginning of the cold start */
    int node_replicas;          /* neighbours in the pool that go down together */
    double reclaims_s;          /* spot: of a replica; 0: none */
    int64_t notice_ns, back_ns; /* from the notice to the end; from the end until the cloud has another */
    double straggler_frac;      /* of the replicas that start; drawn again at each start */
    const struct step_table *slow;      /* what they run by */
    bool no_retry;              /* what a replica loses fails; else the router sends it again, and it begins again */
};

struct sim_lend {
    const struct sim_hours *hours; size_t nhours;       /* replicas: kept for serving; n 0: nothing is lent */
    int64_t restart_ns;         /* training loses this and half a checkpoint interval each time a card is taken back */
    int64_t checkpoint_ns;
};

struct sim_dynamics {
    int start;                  /* replicas wanted at the start */
    int64_t boot_ns, load_ns, warm_ns;  /* a cold start: the instance, the weights, the engine; in this order */
    struct sim_autoscale autoscale;
    struct sim_failures failures;
    struct sim_lend lend;
    int spares;                 /* besides those wanted: loaded and idle, or ... */
    bool spares_cold;           /* ... held without weights: their start needs no boot */
    int devices, instance_devices;      /* of a replica; of what is rented as a whole (0: a device) */
    int64_t clock_ns;           /* time of the day at time 0 of the traffic */
};

/* Replicas asked for by the calendar at time t; -1: none of its hours. Several: the first. */
int hours_at(const struct sim_hours *h, size_t n, int64_t clock_ns, int64_t t_ns);
/* The next instant after t at which one of them begins or ends; INT64_MAX: none. */
int64_t hours_next_ns(const struct sim_hours *h, size_t n, int64_t clock_ns, int64_t t_ns);

/* Do they make sense in a pool of so many replicas? Else false with the reason. */
bool dynamics_check(const struct sim_dynamics *d, int replicas, struct err *e);

/* What came of it, over all pools, from the first arrival to the last token. Seconds are replica-seconds. */
struct sim_life_result {
    bool on;                    /* some pool has dynamics; else everything below is 0 */
    double up_s, standby_s, starting_s, draining_s, down_s, lent_s;
    double held_s;              /* paid for: up, standby (cold spares too), starting, draining */
    double billed_device_s;     /* the devices of those, in whole instances; not replica-seconds */
    double span_s;              /* of the run */
    double wanted_s;            /* replicas wanted */
    double availability_frac;   /* of the replicas wanted, those up */
    double none_up_s;           /* seconds of the run in which nothing was up */
    int peak_up, least_up;      /* replicas in the router's set */
    uint64_t starts;            /* cold starts begun */
    uint64_t failures, reclaims;        /* replicas that went down; node neighbours count */
    uint64_t lost, retries, failed;     /* requests in flight on them; sent again; given up */
    uint64_t held_back;         /* requests that came when nothing was up, and waited for it */
    uint64_t lost_prompt_tok, lost_out_tok;     /* computed, and lost with them */
    uint64_t lost_gaps;         /* gaps between tokens of lost attempts: they are in itl too */
    double lent_useful_s, lent_lost_s;  /* lent: what training got of it, what restarts and lost work cost */
    uint64_t returns;           /* replicas that training gave back */
};

#endif
