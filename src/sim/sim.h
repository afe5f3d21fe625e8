/* sim.h - a serving cluster, request by request: deterministic, silent, no globals.
**
** One struct sim simulates R equal replicas behind a router. Time is int64 nanoseconds; inside a replica it is kept
** in Q20 so that skipping many decode steps at once gives the same integer as taking them one by one (`step_by_step`).
** Events are ordered by (time, sequence). The same inputs give the same bytes on every machine.
**
**   arrival -> router -> replica: waiting queue -> [scheduler row fills each step] -> KV blocks -> tokens -> done
*/
#ifndef MOAT_SIM_SIM_H
#define MOAT_SIM_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sketch.h"
#include "facts/traffic.h"
#include "speed/memory.h"
#include "speed/step.h"

struct arena;
struct err;
struct sched;                   /* sim/sched.h: one row a policy */
struct router;                  /* sim/router.h */

struct sim_slo { int metric; double q; double limit_s; };       /* metric: enum slo_metric of facts/scenario.h; q < 0: mean */

struct sim_config {
    const struct step_table *table;
    const struct memory *memory;
    const struct sched *sched;
    const struct router *router;
    int replicas;
    int max_seqs, max_tokens;   /* of a replica and step */
    double watermark_frac;      /* KV kept free before a waiting request is admitted; vLLM 0.01 */
    int recv_interval_steps;    /* SGLang looks for new requests every so many steps */
    int64_t max_context;        /* requests longer than this are rejected */
    uint64_t seed;
    int concurrency;            /* closed loop at this many requests in flight; 0: open loop by arrival times */
    int warmup_requests;        /* first so many are served but not counted */
    const struct sim_slo *slo; size_t nslo;     /* for goodput and misses */
    bool records;               /* keep one row a request */
    bool step_by_step;          /* take every decode step by itself (to test skipping) */
    uint64_t max_events;        /* stop a runaway: 0 none */
    /* Stop early, for a search: as soon as more than (1-q) of all offered requests have missed a quantile SLO, the answer is no. */
    bool stop_when_missed;
};

enum miss_cause { MISS_QUEUE, MISS_PREFILL, MISS_DECODE, MISS_PREEMPTION, MISS_TOO_LONG, MISS_N };
extern const char *const miss_cause_name[MISS_N];   /* queue, prefill interference, decode too slow, preemption, rejected */

struct sim_record { int64_t arrival_ns, first_ns, done_ns; int32_t in_tok, out_tok, replica, preemptions; uint32_t row; int8_t miss; };

struct sim_result {
    uint64_t offered, completed, rejected, failed;
    struct sketch ttft, tpot, itl, e2e;         /* seconds; counted requests only; tpot: requests with at least 2 tokens */
    double makespan_s;          /* first arrival to last token */
    double req_s, output_tok_s, total_tok_s, goodput_req_s;     /* over the makespan */
    uint64_t good;              /* requests within every SLO's limit */
    uint64_t miss[MISS_N];
    uint64_t tok_in, tok_out;   /* computed for completed requests */
    uint64_t preemptions, steps, events;
    double busy_frac;           /* replicas' time in steps */
    double by_bound_frac[BOUND_N];
    double kv_peak_frac, kv_mean_frac;
    double batch_mean;          /* sequences in a decode step, time-weighted */
    double queue_mean;
    double energy_j;
    bool saturated;             /* the queue grew over the whole trace: latencies are a lower bound */
    bool stopped;               /* by stop_when_missed or max_events */
    struct sim_record *record; size_t nrecord;
};

/* Everything is allocated in a. false only for a bad configuration (ERR_INPUT). */
bool sim_run(struct arena *a, const struct sim_config *c, const struct traffic *t, struct sim_result *out, struct err *e);

/* Value of an SLO metric in a result (quantile or mean), seconds; NaN when nothing was counted. */
double sim_metric(const struct sim_result *r, int metric, double q);

#endif
