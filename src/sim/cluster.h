/* cluster.h - the whole simulation in one struct: replicas, their events, the router's view. Private to sim/. */
#ifndef MOAT_SIM_CLUSTER_H
#define MOAT_SIM_CLUSTER_H

#include "base/rng.h"
#include "sim/bug.h"
#include "sim/heap.h"
#include "sim/life.h"
#include "sim/metrics.h"
#include "sim/replica.h"
#include "sim/sim.h"

/* Replicas that may get a request, by index, ascending. A router chooses among them. */
struct replica_set {
    uint32_t *id; uint32_t n;   /* (n) */
    uint32_t turn;              /* round-robin: the place in it that is next */
};

struct sim {
    struct arena *arena;
    const struct sim_config *config;
    const struct traffic *traffic;
    const struct request *req;  /* (n) of it */
    size_t n;
    struct replica *replica;    /* (replicas) of all pools, one pool behind the other */
    int replicas;
    struct heap events;         /* by replica: the end of its stretch, or the instant it wakes */
    int32_t *outstanding;       /* (replicas) requests routed there and not done */
    struct rng route;           /* the router's random stream */
    struct replica_set all;
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

void sim_route(struct sim *s, uint32_t request, int64_t t_ns);          /* to one of those up; there must be one */
void sim_request_over(struct sim *s, uint32_t request, int64_t t_ns);   /* done or rejected: the client goes on */

/* session.c: the arrivals of a traffic whose requests wait for each other. concurrency: sessions at a time, 0: they begin by themselves. */
void session_start(struct sim *s, const struct traffic *t, int concurrency);
void session_begin(struct sim *s, int64_t t_ns);        /* closed loop: the next session begins, if one is left */
int64_t session_next_ns(const struct sim *s);           /* the next call; INT64_MAX: none before some answer is there */
uint32_t session_take(struct sim *s, int64_t t_ns);     /* the request that arrives then */
void session_over(struct sim *s, uint32_t request, int64_t t_ns);

#endif
