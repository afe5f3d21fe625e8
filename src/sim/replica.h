/* replica.h - one replica: its queues, its KV pool, its clock, and the stretch of equal steps it is in.
**
** Three things make it fast, and none of them changes a result:
**
**  - Decoders are not touched step by step. They share a counter d of decode steps; a decoder with n cached tokens is
**    stored as off = n - d, and is done when d reaches its own finish count. A heap holds the finish counts.
**  - The time of a step is linear in the sums of contexts, and those grow by a constant a step until a decoder crosses
**    min_kv or the window (the `bend` heap). So k steps last k*a + b*k(k-1)/2 in Q20 integers: one addition.
**  - An arrival cuts the stretch short only if it could be admitted: at the end of the step that is running then.
**
**      waiting: [preempted, newest first] -> [ring of request indices]
**      running: head <-> ... <-> tail, in order of admission; at most one of them is a partial prefill
**
** A policy (sched/) calls the verbs below from plan(), between two steps, and moves nothing else.
*/
#ifndef MOAT_SIM_REPLICA_H
#define MOAT_SIM_REPLICA_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/heap.h"
#include "sim/kvpool.h"
#include "sim/prefix.h"
#include "sim/sim.h"
#include "speed/step.h"

struct arena;
struct sched;
struct sim;

#define NO_SLOT UINT32_MAX

__extension__ typedef __int128 wide;            /* sums of Q20 products */

enum slot_state { SLOT_FREE, SLOT_PREEMPTED, SLOT_PREFILL, SLOT_DECODE, SLOT_COMING };      /* coming: its KV is on a link */

/* A request inside a replica. Touched at admission, first token and end, never in between, hence a struct. */
struct slot {
    uint32_t request;           /* index into the traffic */
    uint32_t prev, next;        /* running order; next also links the free and the preempted slots */
    enum slot_state state;
    int32_t in_tok, out_tok;
    int32_t made;               /* output tokens made; for a decoder, when it last joined: see finish */
    int32_t target;             /* tokens the prefill must cache: the prompt, and what was made before a preemption */
    int32_t cached;             /* of them, done so far (prefill only) */
    int32_t preemptions;
    bool sloped, clipped, growing, stopped;     /* decoder: is in full_slope, in clip_slope; its clipped layers still take KV */
    int64_t off, finish;        /* decoder: cached tokens = d + off; done when d = finish */
    int64_t joined, cap;        /* under speculation: d when it joined; cached tokens it comes to at most (stopped: it has) */
    int64_t steps;              /* under speculation: decode steps taken, but for those since it joined */
    int64_t held;               /* KV units of its own in prefill, or reserved; else a decoder's follow from its length */
    int64_t arrival_ns, start_ns, first_ns;     /* -1: not yet */
    int64_t left_ns;            /* when it was preempted */
    int64_t kept, kept_end;     /* full KV blocks it had then, and kvpool.freed behind them: see kvpool_left */
    struct prefix_path path;    /* nodes of the prefix cache it holds; their blocks are not in `held` */
    uint32_t kept_node;         /* with a prefix cache: its own blocks in the free queue, while preempted... */
    int64_t kept_after;         /* ...which follow so many of its path */
    int32_t hit_tok, loaded_tok;        /* found when it was first admitted; of them, in a tier */
    int64_t swapped;            /* KV units in host memory, while preempted; 0: to be recomputed */
    int64_t lost_ns;            /* from preemptions to the next token */
    int late;                   /* enum miss_cause: why it waited for admission, the last time */
    int64_t interfered_ns;      /* others' prefill in its steps; while decoding, minus the replica's at joining */
    int64_t fixed_ns;           /* table.ttft_fixed_s of the replicas it passed */
    int64_t room_ns, moved_ns;  /* disaggregated: its wait for the decode replica's KV, and from there to its batch */
};

struct chunk { uint32_t slot; int32_t tok; };

struct batch {                  /* what plan() leaves for the next step */
    bool decode;                /* every decoder gives one token */
    int32_t nchunk, prefill_tok;
    int64_t loading_q20;        /* time of moving KV from the tiers, to and from the swap space, before the step */
    struct chunk *chunk;        /* (slots) */
};

/* What the next waiting request would find in the pool. */
struct hit {
    struct prefix_path path;    /* blocks shared with others */
    int64_t own;                /* blocks behind them, its own from before a preemption */
    int64_t load[PREFIX_TIERS]; /* blocks between the two, in host memory or on disk */
    int64_t idle;               /* blocks of the path's nodes that nobody holds: they count as free until it is admitted */
};

/* Decoders that sat through steps without decoding (prefill-first policies): how long their next token is delayed. */
struct stall { int32_t seqs; int64_t since_q20; };

struct replica {
    struct sim *sim;
    const struct sim_pool *pool;
    const struct step_table *table;
    const struct sched *sched;
    uint32_t index;
    int32_t max_seqs, max_tokens;

    /* Clock: the start of the stretch, and the stretch: step j = 0 .. k-1 lasts first + j*slope. k = 0: none runs. */
    int64_t now_ns, frac_q20;
    int64_t k, first_q20, slope_q20;
    int64_t decode_only_q20;    /* what the first step would last without its prefill */

    /* Under speculation (speculation.h) a decode step advances d by `gain` parts of a token, `parts` of them a token, and all
    ** that is counted with d is in them: off, finish, cap, the sums of contexts and their slopes. Else all three are 1. */
    int64_t parts, gain;
    int32_t verify;             /* tokens of a decoder in a step */
    int64_t min_ctx, window_ctx;        /* the table's min_kv and clip_window, in parts */
    const struct speculation *speculation;

    /* Decoders. full and clip are the sums of step_load for the next step; the slopes are their growth a step. */
    int64_t d;
    int32_t ndec, nrun;
    int64_t full, clip;
    int32_t full_slope, clip_slope;
    int64_t finish_sum;         /* of the decoders' finish counts: finish_sum - ndec*d tokens are still to be made */
    struct heap finish, bend;   /* slots by the value of d at which they are done, or their slope changes */
    struct kvpool kv;
    int64_t watermark;          /* units */
    struct prefix *prefix;      /* NULL: off */
    int64_t shared;             /* blocks of decoders' paths, each decoder by itself: their lengths count them too */
    int64_t swap_used, swap_peak;       /* units in host memory */
    int64_t grown;              /* steps of the stretch whose KV is taken ahead of its end, for a router's look */
    struct { uint32_t request; uint64_t version; struct hit hit; } memo;        /* the last answer about the next request */

    struct slot *slot;          /* (slots) as many as were ever needed at once; never more than max_seqs */
    uint32_t slots, free_slot, preempted;
    uint32_t head, tail, partial;

    uint32_t *ring;             /* (ring_cap) waiting requests, ring_at oldest */
    uint32_t ring_cap, ring_at, ring_n;
    int64_t waiting_tok;        /* prompt tokens in the ring */
    uint32_t seen;              /* of ring_n, those the engine has received (recv_interval_steps) */
    int64_t unpolled;           /* decode steps since it looked */
    bool overtaken;             /* by priority: somebody came that is served before all who wait */
    bool look;                  /* something changed since nobody could be admitted */

    /* Disaggregated (disagg.h). */
    int64_t parked;             /* KV units of sequences on their way out or in */
    uint32_t nparked;
    uint32_t inbox, inbox_tail, inbox_n;        /* parcels that wait for a seat and KV here */
    uint32_t *arrived, narrived;        /* (max_seqs) slots whose KV is here since the last plan */
    int64_t fixed_ns;           /* table.ttft_fixed_s */
    int64_t speed;              /* tokens a second with a full batch, for routers of unlike replicas */

    struct batch batch;
    bool mixed;                 /* the last step had prefill */
    bool planned_preemption;

    struct stall *stall;        /* (slots + 2) */
    int32_t nstall;
    int64_t stalled_q20;

    int64_t interfered_ns;      /* since the start: decoders' time lost to prefill; and its part below 1 ns */
    int64_t interfered_frac;
    int64_t *slow;              /* (nitl) steps above the limit of each ITL row so far */
    int64_t *slot_slow;         /* (slots * nitl) a request's gaps above it; while decoding, minus the sum at joining */
    int32_t nitl;
};

void replica_init(struct replica *r, struct sim *s, const struct sim_pool *pool, uint32_t index);

void replica_more_slots(struct replica *r);     /* there is no free one */

/* --- verbs of sim.c --- */
void replica_arrive(struct replica *r, uint32_t request, int64_t t_ns); /* may put or move the replica's event */
void replica_cut(struct replica *r, int64_t t_ns);      /* it stops now: the steps that ended before t count, the one that runs does not */
void replica_event(struct replica *r, int64_t t_ns);    /* the stretch ends: complete it, plan, start the next one */
void replica_wake(struct replica *r, int64_t t_ns);     /* something came at t: its stretch ends with the step running then */
int64_t replica_kv_used(const struct replica *r, int64_t t_ns);
int64_t replica_cached_tok(struct replica *r, uint32_t request, int64_t t_ns);   /* of its prompt, at t, tiers included */
void replica_keep_kv_low(struct replica *r);         /* its KV fell: what a router believes of it */
void replica_check(const struct replica *r);            /* recount everything the slow way; sim_bug on a difference */

/* --- verbs of a policy, in the order a plan uses them --- */

/* One token for each decoder. Preempts from the tail of the running list until their KV growth fits. */
void replica_decode(struct replica *r);
/* A chunk of at most `most` tokens of the partial prefill, if there is one; if its KV does not fit it preempts itself.
** Returns the tokens taken. */
int32_t replica_resume(struct replica *r, int32_t most);
/* Is a received request waiting, and a sequence free for it? */
bool replica_waiting(const struct replica *r);
int32_t replica_next_tok(const struct replica *r);      /* tokens the next one must prefill */
int32_t replica_next_all(const struct replica *r);      /* tokens it will have cached in the end */
/* Of them, those whose KV is in the pool: in the prefix cache, or its own since a preemption. At least one is not. */
int32_t replica_next_hit(struct replica *r);
/* Do `tok` tokens of KV of the next one fit beside the watermark? An empty replica has no watermark, so nobody waits for ever. */
bool replica_room(struct replica *r, int64_t tok);
/* Admit waiting requests, first come first served, with chunks of `budget` tokens in all while sequences and KV last; the
** last one may be cut. What must fit in the pool for one to start, and what is taken at once: */
enum admit_kv { KV_CHUNK, KV_PROMPT, KV_ALL };  /* of its first chunk, of its prompt, of all it will ever cache */
void replica_fill(struct replica *r, int32_t budget, enum admit_kv fit, enum admit_kv take);
/* The next waiting request starts with a chunk of `tok` tokens behind its hit, and KV for `hold`, hit included. */
void replica_admit(struct replica *r, int32_t tok, int64_t hold);
void replica_preempt(struct replica *r, uint32_t slot);
uint32_t replica_next_by_priority(const struct replica *r);

/* The preempted request that is admitted next; NO_SLOT: it is the first in the ring. */
static inline uint32_t replica_next_slot(const struct replica *r)
{
    return r->preempted != NO_SLOT && r->pool->by_priority ? replica_next_by_priority(r) : r->preempted;
}

/* (nitl) */
static inline int64_t *slot_slow(const struct replica *r, uint32_t slot)
{
    return r->slot_slow + (size_t)slot * (size_t)r->nitl;
}

/* Tokens that the decoders take of the step that is being planned. */
static inline int32_t replica_decode_tok(const struct replica *r)
{
    return r->batch.decode ? r->ndec * r->verify : 0;
}

#endif
