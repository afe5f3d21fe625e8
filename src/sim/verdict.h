/* verdict.h - is each SLO kept? One rule, for the whole run and for stopping it early. The meaning is in sim.h.
**
** How many requests and gaps an SLO is about is known from the traffic before the run begins, and what is above a limit
** only grows, so that an SLO is lost for certain as soon as more is above it than may be, and never unless the whole run
** loses it.
*/
#ifndef MOAT_SIM_VERDICT_H
#define MOAT_SIM_VERDICT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"

struct arena;
struct replica;

struct itl_row {                /* an SLO on a quantile of the gaps */
    size_t at;                  /* of sim_config.slo */
    int64_t limit_q20;
    double share;               /* of the gaps that may be above it */
};

struct verdict {
    const struct sim_slo *slo;
    struct sim_verdict *row;    /* (n) the result's */
    size_t n;
    struct itl_row *itl;        /* (nitl) */
    int32_t nitl;
    bool chunks;                /* under speculation: how many gaps there are is known when the run is over, and judged then */
    bool lost;                  /* some SLO is, for certain */
};

void verdict_init(struct verdict *v, struct arena *a, const struct sim_config *c, struct sim_result *out);
/* Before the run: each request of the traffic, whether it is counted (not of the warm-up), whether it will be rejected;
** and then, when all were offered, how many may be above the limits. */
void verdict_offer(struct verdict *v, const struct request *q, bool counted, bool rejected);
void verdict_allow(struct verdict *v);

void verdict_reject(struct verdict *v, const struct request *q);        /* a counted one */
/* It was offered as one that would be served, and is turned away by admission control: before verdict_reject. A counted one
** misses all it was offered for, and at least one value; the gaps of another will not be. */
void verdict_shed(struct verdict *v, const struct request *q, bool counted);
void verdict_done(struct verdict *v, double ttft_s, double tpot_s, double e2e_s);       /* a counted one */
void verdict_fail(struct verdict *v, const struct request *q);          /* a counted one is given up */
/* A request is lost with its replica and begins again: its gaps until then are values more. */
void verdict_lost(struct verdict *v, uint64_t gaps);
void verdict_settle(struct verdict *v);         /* the whole run is over, and there may have been such: which rows are lost? */
/* n steps of the replica's stretch are completed: count their gaps above each limit; r->slow grows by the steps that
** are (after a pause: as the longest waiting decoder sees it). */
void verdict_steps(struct verdict *v, struct replica *r, int64_t n);
/* A gap of ns between two tokens of a request outside the steps of a stretch; slow: (nitl) the request's own counts. */
void verdict_gap(struct verdict *v, int64_t *slow, int64_t ns);
/* Has a request with so many gaps more slow ones of its own than a quantile allows? slow: (nitl). */
bool verdict_slow(const struct verdict *v, const int64_t *slow, int64_t gaps);
/* The whole run is over: judge the means too; gaps: between tokens or chunks of them, in all. */
void verdict_means(struct verdict *v, const struct sim_result *r, uint64_t gaps);

/* n values: how many may be above the value at quantile q. */
uint64_t verdict_allowed(uint64_t n, double q);

#endif
