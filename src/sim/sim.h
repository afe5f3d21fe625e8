/* sim.h - a serving cluster, request by request: deterministic, silent, no globals.
**
** One struct sim simulates pools of equal replicas behind a router; a request goes to any that can take it. Time is int64 nanoseconds; inside a replica it is kept
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
#include "facts/scenario.h"
#include "facts/traffic.h"
#include "sim/dynamics.h"
#include "speed/memory.h"
#include "speed/step.h"

struct arena;
struct err;
struct sched;                   /* sim/sched.h: one row a policy */
struct router;                  /* sim/router.h */

struct sim_slo { int metric; double q; double limit_s; };       /* enum slo_metric of facts/scenario.h; q < 0: mean */

/* Equal replicas: what each one is. */
struct sim_pool {
    const struct step_table *table;
    const struct memory *memory;
    const struct sched *sched;
    int replicas;
    int max_seqs, max_tokens;   /* of a replica and step; no more than max_tokens sequences run */
    double watermark_frac;      /* KV kept free before a waiting request is admitted; vLLM 0.01 */
    int recv_interval_steps;    /* SGLang looks for new requests every so many steps */
    int64_t max_context;        /* requests longer than this are rejected */
    struct sim_tier { int64_t blocks, block_q20; } tier[2];     /* host and disk under each replica's prefix cache: room,
                                                                ** and what loading one takes, 2^-20 ns; 0: none */
    struct sim_swap { int64_t room, unit_q20; } swap;   /* preempted decoders go to host memory: KV units there is room for (0:
                                                        ** they are recomputed), and what moving one takes, one way */
    enum prefix_cache prefix_cache;     /* prompts with known blocks (traffic.block) share their KV; see prefix.h */
    enum pool_role role;        /* prefill and decode go together, and both does not stand beside them: disagg.h */
    struct sim_nic {            /* over which KV leaves a prefill replica or comes to a decode replica, one direction */
        double bytes_s;         /* of the replica */
        double seq_bytes_s;     /* of one sequence: the devices that hold it */
        double latency_s;       /* before the first byte moves; of two ends the longer one */
        int seq_devices;        /* handover_bytes */
    } nic;
    const struct sim_dynamics *dynamics;        /* what changes while it runs (dynamics.h); NULL: nothing */
    bool by_priority;           /* a request's class orders the queue, and who has to make room (admission.h) */
    int max_queue;              /* requests that wait at most; 0: any number */
    int64_t max_wait_ns;        /* who has waited so long is turned away; 0: never */
    bool shed_lowest;           /* a full queue turns away the newest of the largest class; else the newest */
    int speculative_tok;        /* tokens that are proposed to each decoder in a step; 0: no speculation */
    double acceptance;          /* of each proposed token, those before it being accepted */
    bool first_chunk_admits;    /* vllm-v1: a prompt is admitted when its first chunk fits, as before 2026; else when
                                ** all of it fits (scheduler_reserve_full_isl) */
};

#define SIM_POOLS 16

/* What becomes of each request, told in the order of the traffic as soon as it and all before it are over. */
struct sim_record;              /* below */
struct sim_rows { void (*row)(void *ctx, size_t i, const struct sim_record *r); void *ctx; };

struct sim_config {
    struct sim_pool pool[SIM_POOLS];
    int npool;
    const struct router *router;
    uint64_t seed;
    int concurrency;            /* closed loop at this many requests in flight; 0: open loop by arrival times */
    int warmup_requests;        /* first so many are served but not counted */
    bool warmup_barrier;        /* closed loop: the counted ones start together, when warm-up is over (vLLM bench) */
    const struct sim_slo *slo; size_t nslo;     /* in any order; several of a metric are all kept */
    bool records;               /* keep one row a request */
    struct sim_rows rows;       /* of a spooled traffic: tell them instead; row NULL: neither */
    bool step_by_step;          /* take every decode step by itself (to test skipping) */
    uint64_t max_events;        /* stop a runaway: 0 none */
    /* Stop early, for a search: as soon as an SLO is lost for certain (sim_verdict). `held` is the same with and without. */
    bool stop_when_missed;
    bool check;                 /* recount every sum the slow way at each event (tests): sim_bug on a difference */
};

/* Why a request missed a limit. The first of TTFT, TPOT or ITL, E2E that it missed decides:
**   TTFT   queue when it would have held without the wait for admission, or that was half of it or more; else
**          transfer when it would have without the time its KV took to the decode replica; else
**          preemption when the time lost to one explains the excess; else prefill (its own and others' chunks).
**      TPOT   preemption when the time lost explains the excess; else prefill when others' prefill in its decode steps,
**          with
**   ITL    what was lost, explains it; else decode.
**   E2E    queue, transfer, preemption, prefill, in this order, when it alone explains the excess; else decode. */
enum miss_cause {
    MISS_QUEUE, MISS_PREFILL, MISS_DECODE, MISS_PREEMPTION, MISS_TOO_LONG, MISS_TRANSFER, MISS_COLD, MISS_FAILURE, MISS_N
};
/* queue, prefill interference, decode too slow, preemption, rejected, transfer; and in the place of queue, when fewer replicas were up
** than wanted while it waited: cold start, or failure when something had failed or it was lost with a replica. Given up: failure. */
extern const char *const miss_cause_name[MISS_N];

/* One row a request, in the order of the traffic. done_ns < 0: rejected, or not finished when the run was stopped.
** first_ns and done_ns contain table.ttft_fixed_s, of both replicas where there are two; in a closed loop arrival_ns is when it was sent. miss: enum
** miss_cause, -1: none. */
struct sim_record {
    int64_t arrival_ns, first_ns, done_ns;
    int32_t in_tok, out_tok, replica, preemptions;
    int32_t hit_tok;            /* of the prompt, found in the prefix cache when it was admitted */
    int32_t retries;            /* it was lost with a replica so often, and sent again */
    uint32_t row;
    int8_t miss;
};

/* One a row of sim_config.slo, in its order. An SLO at quantile q holds when P(value <= limit) >= q, that is when no more
** than n - ceil(q n) of n values are above the limit (sketch_rank). The values are
**   TTFT, E2E   of the counted requests;    TPOT   of those with at least 2 tokens;
**   ITL         all gaps between tokens, pooled over requests as in sim_result.itl, not each request by itself.
** A rejected request counts in every SLO, as later than any limit: one value, or for ITL all its gaps (at least one). A
** mean is over what was served, and lost too when more than SIM_REJECTED_FRAC of the requests are rejected: missed and
** allowed count rejected ones then. An SLO with nothing to measure holds. */
#define SIM_REJECTED_FRAC 0.01
struct sim_verdict {
    uint64_t of;                /* how many values there are, known from the traffic before the run */
    uint64_t missed;            /* of them above the limit; until the stop, in a run that was stopped */
    uint64_t allowed;           /* as many may be */
    bool lost;                  /* for certain, also in a run that was stopped; else nothing is said about that run */
};

/* What one pool did; the whole run, warm-up included, but for the first four. */
struct sim_pool_result {
    uint64_t requests;          /* counted ones that ended there; of a prefill pool: whose prompt did */
    uint64_t tok_in, tok_out;   /* of those: prompt tokens (a decode pool: 0), tokens made there */
    uint64_t good;              /* within every limit, of those that ended there */
    uint64_t steps, preemptions;
    double busy_frac;           /* replicas' time in steps */
    double batch_mean;          /* sequences in a decode step, time-weighted */
    double kv_peak_frac, kv_mean_frac;
    int64_t kv_blocks;          /* of a replica */
    double energy_j, decode_j, prefill_j, idle_j;
    double nic_frac;            /* disaggregated: bytes moved over what its NICs could have */
};

/* KV on its way from prefill to decode; whole run. */
struct sim_transfer_result {
    uint64_t n;
    double bytes;
    double room_mean_s, room_max_s;     /* from the end of the prompt until the decode replica set KV aside */
    double moving_mean_s, moving_max_s; /* from there until all of it was there */
};

enum sim_exact { SIM_EXACT_TTFT, SIM_EXACT_TPOT, SIM_EXACT_E2E, SIM_EXACT_N };
#define SIM_EXACT_MAX 200000    /* requests up to which the values are kept */

/* The counted requests of a priority class. */
struct sim_class {
    uint64_t offered, completed, rejected, good;
    struct sketch ttft, tpot, e2e;
    double wait_max_s;          /* for the first admission, of those that were completed or turned away while they waited */
};

struct sim_result {
    uint64_t offered, completed, rejected, failed;      /* counted ones; failed: given up when a replica was lost, or not
                                                        ** finished when stopped */
    uint64_t simulated;         /* requests done or rejected until the end or stop, warm-up included: the work of the run */
    double rejected_frac;       /* of the offered */
    /* The one verdict: the whole run was seen, something was completed, the queue did not grow without end, no SLO is
    ** lost; and if there are no SLOs, no more than SIM_REJECTED_FRAC were rejected. */
    bool held;
    struct sim_verdict *slo;    /* (nslo); NULL: no SLOs */
    /* Seconds; counted requests only; tpot: requests with at least 2 tokens. itl: gaps between tokens, all requests,
    ** from a histogram 0.4 % wide; its mean is exact. */
    struct sketch ttft, tpot, itl, e2e;
    double makespan_s;          /* first arrival to last token */
    double req_s, output_tok_s, total_tok_s, goodput_req_s;     /* over the makespan */
    /* Requests within every SLO's limit, each for itself: an ITL quantile holds for a request when no more of its own
    ** gaps are above the limit than the quantile allows. For goodput; the SLO's verdict is another thing. */
    uint64_t good;
    uint64_t miss[MISS_N];
    uint64_t shed;              /* of the rejected, those that admission control turned away */
    struct sim_class *by_class; int classes;    /* (classes) NULL: all of one class */
    uint64_t tok_in, tok_out;   /* of completed requests */
    double prefix_hit_frac;     /* of tok_in, found in the prefix cache at admission; after a preemption does not count */
    double prefix_loaded_frac;  /* of tok_in, of those the ones that were loaded from host memory or disk */
    uint64_t tok_hit, tok_loaded;
    bool prefix_cache;          /* it was on, and the traffic names the blocks of its prompts */
    uint64_t preemptions, steps, events;
    uint64_t spec_steps, spec_tok;      /* under speculation: decode steps of sequences, and the tokens made in them */
    uint64_t swaps;             /* of the preemptions, those whose KV went to host memory */
    double swap_peak_frac;      /* of the swap space, of the replica that had most there */
    /* The next ones are over the whole run, warm-up included. */
    double busy_frac;           /* replicas' time in steps */
    double prefill_frac;        /* of the busy time: what prompts add to steps */
    double by_bound_frac[BOUND_N];      /* of the busy time, by what it was bound by: bounds.h */
    double kv_peak_frac, kv_mean_frac;      /* of the pool: blocks at the fullest; tokens, mean over steps' time */
    int64_t kv_blocks;          /* capacity of a replica in blocks (bytes for models with clipped layers or a state) */
    double batch_mean;          /* sequences in a decode step, time-weighted */
    double queue_mean;          /* requests waiting for admission, time-weighted, all replicas */
    /* Whole run, warm-up included: decoding at the power of its mean batch, what prompts add at theirs, the rest idle. */
    double energy_j, decode_j, prefill_j, idle_j;
    struct sim_pool_result pool[SIM_POOLS];     /* as sim_config.pool */
    struct sim_transfer_result transfer;
    /* The waits of the last tenth of arrivals are above those of the middle, those above the first, by a quarter at
    ** least, and longer than a mean request is in service; open loop, 100 requests or more, and the arrivals (up to the
    ** last tenth) go on for 3 times as long as a mean request is in service: in a pile that comes all at once, waits grow
    ** by construction. Latencies are then a lower bound. */
    bool saturated;
    struct sim_life_result life;        /* of pools that change while they run */
    bool stopped;               /* by stop_when_missed or max_events */
    struct sim_record *record; size_t nrecord;
    /* Each counted request's value, seconds, when there are few enough of them to keep: sim_metric selects from these
    ** and is then exact (nearest rank). Their order is not defined. NULL: the sketches answer. */
    double *exact[SIM_EXACT_N]; size_t nexact[SIM_EXACT_N];
};

/* Everything is allocated in a. false only for a bad configuration (ERR_INPUT), or a spool that cannot be read (ERR_ENV). */
bool sim_run(struct arena *a, const struct sim_config *c, const struct traffic *t, struct sim_result *out,
             struct err *e);

/* The most tokens, prompt and output, of a request that the pool of a replica can hold: longer ones are rejected, as are
** those above sim_config.max_context. It is less than memory.max_context where the engine keeps blocks for itself (vLLM:
** one), one token more than the KV cache holds since the last token is never cached; one copy of the attention (dp)
** counts. Speculation wants room for what it verifies. INT64_MAX: nothing grows with the context. */
int64_t sim_max_context(const struct memory *m, const struct sched *sched, int speculative_tok);

/* Value of an SLO metric in a result (quantile or mean) over what was served, seconds; NaN when nothing was counted. */
double sim_metric(const struct sim_result *r, int metric, double q);

#endif
