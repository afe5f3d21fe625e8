/* services.h - several models in one fleet: each service with its own traffic, promises and pools, on one clock. */
#ifndef MOAT_PLAN_SERVICES_H
#define MOAT_PLAN_SERVICES_H

#include "plan/plan.h"

/* No pool serves two services, so that they do not meet: the run of all is the runs of each, and sums are exact. */
struct services_out {
    const struct scenario *scenario;
    struct sim_run_out *run; size_t n;  /* one a service, in the order of the scenario */
    uint64_t offered, completed, rejected, failed, preemptions, events;
    uint64_t miss[MISS_N];
    double req_s, output_tok_s, total_tok_s, goodput_req_s;     /* sums over services, each over its own makespan */
    double busy_frac;           /* of the replicas' time, weighed by cards */
    int devices, replicas;
    double usd_h, usd_mtok, usd_mtok_total;
    struct span energy_kwh, power_w;
    bool saturated;             /* one of them is */
    enum grade evidence;
};

bool services_run(struct arena *a, struct catalog *c, const struct scenario *s, struct simulate_options o,
                  struct services_out *out, struct notes *notes, struct err *e);

#endif
