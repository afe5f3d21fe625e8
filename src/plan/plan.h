/* plan.h - one workload, now: which accelerators, how many, which configuration, at what cost.
**
** For every accelerator: enumerate configurations (search.c), prune by memory and by bounds (reach.c), rank by the
** model, find by simulation the fewest replicas that keep every SLO on the traffic (size.c), price them in whole
** instances (cost.c), say why each loser lost (explain.c). Candidates are independent jobs on threads; results do not
** depend on how many.
*/
#ifndef MOAT_PLAN_PLAN_H
#define MOAT_PLAN_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/catalog.h"
#include "facts/scenario.h"
#include "sim/sim.h"
#include "speed/deployment.h"
#include "speed/predict.h"

struct arena;
struct err;
struct notes;

enum binding { BIND_NONE, BIND_MEMORY, BIND_TTFT, BIND_TPOT, BIND_E2E, BIND_ITL, BIND_SUPPLY, BIND_CAPABILITY, BIND_POWER,
               BIND_BUDGET, BIND_EXPORT, BIND_N };
extern const char *const binding_name[BIND_N];

struct slo_value { struct span s; bool met; };          /* seconds, with the 80 % interval */

struct candidate {
    int rank;                   /* 1 is best; feasible: priced as asked, priced otherwise, unpriced; then the rest */
    const struct accelerator *acc;
    struct deployment d;        /* the configuration chosen (for a loser: the one that came closest) */
    const char *scheduler;
    bool feasible, priced, verified_full;       /* verified_full: simulated on the whole trace, not a window */
    bool price_as_asked;        /* of the kind the scenario asks for and not stale; else an owner's cost or an old price */
    int replicas, spares;       /* replicas include spares */
    int devices;                /* replicas * devices of one */
    int owned_devices;          /* of them, already owned */
    int billed_devices;         /* rented, in whole instances */
    struct span ttft_p50, ttft_p99, tpot_p50, tpot_p99, e2e_p50, e2e_p99;
    struct slo_value *slo;      /* one for each SLO of the scenario */
    double goodput_req_s, utilisation_frac, kv_peak_frac;
    struct price price;
    double in_tok_s, out_tok_s; /* load that the cost is spread over: the traffic's mean, or what a closed loop reached */
    double usd_h, usd_mtok, usd_mtok_total;     /* NaN where unpriced */
    double power_w;             /* whole fleet at the mean load, at the wall of the server */
    enum grade evidence;
    uint64_t simulated_requests;
    bool pareto;                /* on the front of usd_h against median E2E latency, within one way of pricing */
    bool robust;                /* every SLO holds at the unfavourable end of the interval too */
    int replicas_robust;        /* that hold there, spares included; 0: none was found, or not asked (not among the verified) */
    double usd_h_robust;        /* what they cost; NaN where replicas_robust is 0 or there is no price */
    enum binding binding;       /* of a loser */
    double limit_s;             /* of the promise that binds; 0: none does */
    double short_by;            /* ratio: how many times over the limit (2.0: needs half the time, or twice the memory) */
    char reason[160];           /* "does not fit: 141.1 GB of weights on 1 x 24 GB", "costs 2.1x" */
    struct memory memory;
    struct precision_run precision;
};

struct owned_part {             /* what the cards already there take on, before anything is rented */
    struct candidate c;
    double share_frac;          /* of the traffic */
};

struct apart;                   /* plan/apart.h */

struct plan {
    const struct scenario *scenario;
    struct traffic_stat stat;
    const struct traffic *rest; /* what owned cards leave; the whole traffic without `have` */
    struct traffic_stat rest_stat;
    struct candidate *cand; size_t ncand;       /* ranked */
    size_t nfeasible;
    struct owned_part *owned; size_t nowned;
    double owned_share_frac, owned_usd_h;
    bool answered;              /* something holds every SLO; of an estimate: its bounds allow it */
    bool estimate;              /* nothing was simulated */
    const struct candidate *best;               /* NULL: nothing, or owned cards carry all */
    bool api_found;
    double api_usd_h, api_in_usd_mtok, api_out_usd_mtok;
    const char *api_source;
    struct apart *apart;        /* prefill and decode in pools of their own; NULL: not asked */
    double wall_s;
    uint64_t simulated_requests;
};

struct plan_options {
    int threads;
    bool estimate;              /* no simulation, see candidate_estimate */
    bool disaggregated;         /* try pools too: apart.h */
    void (*tick)(void *ctx, size_t done, size_t of); void *ctx;
};

/* false only for errors of input; a question without an answer is answered = false. */
bool plan_run(struct arena *a, struct catalog *c, const struct scenario *s, const struct plan_options *o, struct plan *out,
              struct notes *notes, struct err *e);

/* One pool of a simulated service; its figures of the run are sim_result.pool of the same index. */
struct pool_out {
    const char *name;           /* NULL: the scenario has no pools, this is all there is */
    enum pool_role role;
    struct deployment d;
    struct memory memory;
    struct precision_run precision;
    const char *scheduler;
    struct price price;
    int replicas, devices;
    double link_bytes_s;        /* of a replica, one direction; 0: nothing moves */
    double usd_h;
    struct span energy_kwh;
    enum grade evidence;
};

/* Simulate a scenario's own deployment (moat sim): one candidate with fixed configuration. */
struct sim_run_out {
    struct pool_out pool[SIM_POOLS]; int npool;
    bool disaggregated;
    struct deployment d;        /* of the first pool, as memory, price, scheduler and precision */
    struct memory memory;
    struct sim_result r;
    struct sim_result lo, hi;   /* at the favourable and unfavourable ends of the step-time interval */
    struct slo_value *slo;      /* one for each SLO of the scenario; a rejected request is infinitely late */
    struct price price;
    int replicas, devices;      /* that can exist, spares too */
    const struct dynamics *dynamics;    /* plan/dynamics.h; NULL: nothing changes while it runs */
    double held_mean;           /* replicas paid for, mean over the run: usd_h is theirs */
    double usd_h;
    struct span usd_mtok, usd_mtok_total;       /* lo is the cheap end */
    struct span req_s, output_tok_s, total_tok_s, goodput_req_s, busy_frac, batch_mean, queue_mean, kv_peak_frac;   /* of r, lo and hi */
    struct span energy_kwh, power_w;    /* of the cards; the interval is the power model's */
    double output_j_tok, total_j_tok;   /* energy of the run over its output tokens, and over all */
    double prefill_energy_frac, decode_energy_frac, idle_energy_frac;
    enum grade evidence;
    const char *scheduler, *router;
    struct precision_run precision;
};
/* Requests that a simulation holds in memory; of longer traffic only those in flight (sim/flight.c). */
#define SIMULATE_KEEP ((size_t)1 << 18)

struct simulate_options {
    bool records, step_by_step; /* as in sim_config */
    struct sim_rows rows;       /* of a spooled traffic, in place of records */
    bool point_only;            /* not the ends of the interval: a third of the work; lo and hi are as r */
    int threads;                /* above 1: the prediction and the ends at the same time */
};
bool plan_simulate(struct arena *a, struct catalog *c, const struct scenario *s, struct simulate_options o,
                   struct sim_run_out *out, struct notes *notes, struct err *e);

/* A note when the traffic goes beyond the context that the model was made for. */
void plan_context_note(const struct scenario *s, struct notes *notes);
/* A note when a prefix cache can find nothing: the traffic does not name its blocks, or the model's layers differ. */
void plan_prefix_note(const struct scenario *s, const char *scheduler, const struct memory *m, struct notes *notes);
/* The deployment a scenario describes, with defaults filled in from the stack. */
bool plan_deployment(struct catalog *c, const struct scenario *s, const struct accelerator *acc, struct deployment *out,
                     struct err *e);

/* Why an accelerator won or lost in a finished plan, and what would flip it. */
struct flip { const char *what; double factor; char text[160]; };       /* "price": at 0.61x it would tie */
struct explanation {
    const struct candidate *c, *winner;
    struct flip flip[8]; size_t nflip;
    struct step_time decode;    /* where the time of a decode step goes, at the mean batch */
    int64_t batch;
};
bool plan_explain(struct arena *a, const struct plan *p, const struct accelerator *acc, struct explanation *out,
                  struct err *e);

#endif
