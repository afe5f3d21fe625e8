/* cluster.h - the whole simulation in one struct: replicas, their events, the router's view. Private to sim/. */
#ifndef MOAT_SIM_CLUSTER_H
#define MOAT_SIM_CLUSTER_H

#include "base/rng.h"
#include "sim/bug.h"
#include "sim/heap.h"
#include "sim/life.h"
#include "sim/metrics.h"
#include "sim/mintree.h"
#include "sim/replica.h"
#include "sim/sim.h"

/* Replicas that may get a request, by index, ascending. A router chooses among them. */
struct replica_set {
    uint32_t *id; uint32_t n;   /* (n) */
    uint32_t turn;              /* round-robin: the place in it that is next */
};

/* Replicas by the longest request they take (pools.c). */
struct takers { int n; int64_t limit[SIM_POOLS]; struct replica_set set[SIM_POOLS]; };

struct disagg;                  /* sim/disagg.h */
/* Neighbours without a gap: the trees below answer for the range id[0] .. id[n-1] without a look at each. */
static inline bool set_whole(const struct replica_set *among)
{
    return among->id[among->n - 1] - among->id[0] == among->n - 1;
}

struct err;

struct sim {
    struct arena *arena;
    const struct sim_config *config;
    const struct traffic *traffic;
    size_t n;
    struct request *req; uint32_t mask; /* of it, by index & mask: all, or a ring of those in flight (flight.c) */
    size_t oldest, loaded;      /* in the ring are oldest .. loaded - 1 */
    uint8_t *gone;              /* by index & mask: over, but not the oldest; NULL: no ring */
    struct replica *replica;    /* (replicas) of all pools, one pool behind the other */
    int replicas;
    /* By replica; changed through sim_event, sim_outstanding and sim_kv_low only. */
    struct mintree events;      /* the end of its stretch, or the instant it wakes */
    struct mintree outstanding; /* requests routed there and not done */
    struct mintree kv_low;      /* KV in use and waited for when its stretch began: it has no less before its next event */
    bool keeps_kv;              /* kv_low is kept: a router asks for it */
    struct rng route;           /* the router's random stream */
    struct replica_set all;
    struct takers begin, decode;        /* decode.n 0: every replica does both; begin.n 1 then: all take the same, and `all` counts */
    struct disagg *disagg;      /* NULL: the same */
    struct metrics metrics;
    struct life *life;          /* NULL: every replica is up for ever */

    /* Closed loop: instants at which a client sends its next request, in order. */
    bool closed;
    int64_t *send;              /* (send_cap) ring */
    uint32_t send_cap, send_at, send_n;
    int64_t *sent_ns;           /* (n) when each request was really sent; NULL in an open loop without sessions */

    /* Sessions (session.c). */
    const struct turn *turn;    /* (n) NULL: none */
    struct heap due;            /* by session: when its next call is sent */
    uint32_t *due_request;      /* (sessions) which one that is */

    int64_t now_ns;             /* of the event in hand */
    size_t next;                /* request that arrives next */
    size_t over;                /* requests done or rejected */
};

static inline void sim_event(struct sim *s, uint32_t replica, int64_t t_ns)    /* MINTREE_ABSENT: none */
{
    mintree_put(&s->events, replica, t_ns);
}

static inline int64_t sim_outstanding(const struct sim *s, uint32_t replica)
{
    return mintree_key(&s->outstanding, replica);
}

static inline void sim_outstanding_add(struct sim *s, uint32_t replica, int change)
{
    mintree_put(&s->outstanding, replica, mintree_key(&s->outstanding, replica) + change);
}

static inline const struct request *sim_request(const struct sim *s, uint32_t request)
{
    return &s->req[request & s->mask];
}

/* flight.c */
bool flight_start(struct sim *s, struct err *e);
bool flight_read(struct sim *s, struct err *e);         /* the next ones; false: they cannot be read */
void flight_over(struct sim *s, uint32_t request);      /* with a ring: nobody asks for it any more */
/* Each request of the traffic, in order, from wherever it is. */
bool flight_all(struct sim *s, void (*look)(struct sim *s, const struct request *q, size_t i), struct err *e);

/* Done or rejected: the client goes on. seen_ns: when it has the answer, behind the framework's own time. */
void sim_request_over(struct sim *s, uint32_t request, int64_t seen_ns);
void sim_route(struct sim *s, struct replica_set *among, uint32_t request, int64_t t_ns);        /* to one of them; there must be one */

/* session.c: the arrivals of a traffic whose requests wait for each other. concurrency: sessions at a time, 0: they begin by themselves. */
void session_start(struct sim *s, const struct traffic *t, int concurrency);
void session_begin(struct sim *s, int64_t t_ns);        /* closed loop: the next session begins, if one is left */
int64_t session_next_ns(const struct sim *s);           /* the next call; INT64_MAX: none before some answer is there */
uint32_t session_take(struct sim *s, int64_t t_ns);     /* the request that arrives then */
void session_over(struct sim *s, uint32_t request, int64_t seen_ns);

#endif
