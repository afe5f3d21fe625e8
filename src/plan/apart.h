/* apart.h - prefill and decode in pools of their own: the cheapest pair among the accelerators that lead a plan's ranking. */
#ifndef MOAT_PLAN_APART_H
#define MOAT_PLAN_APART_H

#include "plan/candidate.h"

#define APART_FIRST 3           /* accelerators of the ranking that are paired, each also with itself */

struct apart_side {
    const struct candidate *from;       /* whose split it has */
    struct deployment d;
    struct memory memory;
    const char *scheduler;
    int replicas, devices;
    double usd_h;
};

struct apart {
    bool found;                 /* a pair keeps every promise on the whole traffic */
    struct apart_side prefill, decode;  /* of that pair */
    double ttft_p50_s, ttft_p99_s, tpot_p50_s, tpot_p99_s, e2e_p50_s, e2e_p99_s;
    double transfer_mean_s;
    double usd_h, usd_mtok, usd_mtok_total;
    double ratio;               /* usd_mtok over that of the plan's best */
    const char *why;            /* when none was found, or none looked for */
    uint64_t simulated_requests;
};

/* p is ranked. */
void apart_find(struct arena *a, const struct question *q, const struct plan *p, struct apart *out);

#endif
