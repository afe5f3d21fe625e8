/* life.h - the states of the replicas of pools that change while they run. Private to sim/.
**
**          wanted                   booted, loaded, warm                 not wanted                  empty
**   off ------------> starting ------------------------> up / standby ------------> draining ------------> off, or lent
**    ^                   |                                   |                         |                      |
**    |     repaired      v        failure, end of notice     v                         v                      |
**    +---------------- down <--------------------------------+-------------------------+      taken back      |
**                                                        starting <-------------------------------------------+
**
** Only `up` gets requests. settle() starts and drains until as many are alive (starting, up, standby) as are wanted:
**
**      wanted = min(the autoscaler's wish, what the calendar keeps from training)            alive = wanted + warm spares
**
** Timers (life_event) come before arrivals at the same instant, and those before ends of stretches (sim.c); of one instant by
** kind, then by replica. None of it depends on how steps are grouped. Each replica has random streams of its own for
** failures and reclaims, drawn as instants of a Poisson process whatever its state (those that find it off pass by), so that one
** replica more changes no other's.
*/
#ifndef MOAT_SIM_LIFE_H
#define MOAT_SIM_LIFE_H

#include "base/map.h"
#include "base/rng.h"
#include "sim/autoscale.h"
#include "sim/dynamics.h"
#include "sim/heap.h"
#include "sim/replica.h"
#include "sim/sim.h"

enum life_state { LIFE_OFF, LIFE_STARTING, LIFE_UP, LIFE_STANDBY, LIFE_DRAINING, LIFE_DOWN, LIFE_LENT, LIFE_STATES };

/* In the order of one instant. The last two are of a pool. */
enum life_timer { TIMER_EMPTY, TIMER_KILL, TIMER_FAIL, TIMER_RECLAIM, TIMER_REPAIRED, TIMER_READY, TIMER_OF_REPLICA,
                  TIMER_HOURS = TIMER_OF_REPLICA, TIMER_SCALE, TIMER_N };

struct life_replica {
    enum life_state state;
    bool doomed;                /* spot: its notice runs */
    int64_t lent_ns;            /* since when */
    struct rng fail, reclaim, chance;
};

struct life_pool {
    const struct sim_dynamics *dyn;     /* NULL: all its replicas are up for ever */
    uint32_t first, n;          /* its replicas */
    int wish, wanted;           /* of the autoscaler; within the calendar too */
    uint32_t count[LIFE_STATES];
    int64_t in_flight, flow_at_ns;
    wide flow;                  /* integral of in_flight and held requests */
    struct scale_memory memory;
    bool is_short, short_failed;        /* fewer up than wanted; something had failed then */
    int64_t short_until_ns;     /* the end of the last such time; -1: none */
};

struct life {
    struct sim *sim;
    struct life_pool *pool;     /* (npool) */
    struct life_replica *rep;   /* (replicas) */
    struct heap timer;          /* by kind * ids + replica, or pool */
    uint32_t ids;
    uint32_t *held;             /* (held_cap) ring of requests that wait because nothing is up */
    uint32_t held_cap, held_at, held_n;
    uint32_t *lost;             /* (lost_cap) those a replica has just lost */
    uint32_t lost_cap;
    struct map tries;           /* by request: how often it was lost */
    int64_t account_ns;
    wide area[LIFE_STATES], spare_area, wanted_area, served_area, billed_area, none_up;
};

/* --- verbs of sim.c and replica.c; s->life NULL: nothing changes --- */
void life_init(struct sim *s);
static inline int64_t life_next_ns(const struct life *l)
{
    return l ? heap_min(&l->timer) : INT64_MAX;
}
void life_event(struct life *l, int64_t t_ns);
void life_hold(struct life *l, uint32_t request, int64_t t_ns);         /* it arrives, and nothing is up */
void life_routed(struct life *l, uint32_t replica, int64_t t_ns);
void life_done(struct life *l, uint32_t replica, int64_t t_ns);         /* a request there is over */
/* Why a request that is admitted now had to wait until now, when that was for lack of replicas: MISS_COLD or MISS_FAILURE;
** else MISS_QUEUE. */
int life_late(const struct life *l, uint32_t replica, uint32_t request, int64_t arrival_ns);
void life_finish(struct life *l, int64_t end_ns);

/* --- of its files --- */
void life_timer_put(struct life *l, enum life_timer kind, uint32_t id, int64_t t_ns);
void life_timer_drop(struct life *l, enum life_timer kind, uint32_t id);
void life_move(struct life *l, uint32_t replica, enum life_state to, int64_t t_ns);    /* the sums and the router's set follow */
void life_flow(struct life *l, struct life_pool *p, int64_t t_ns, int change);
struct life_pool *life_pool_of(struct life *l, uint32_t replica);
bool life_running(enum life_state s);   /* its cards are ours and on */
void life_settle(struct life *l, struct life_pool *p, int64_t t_ns);
void life_wait(struct life *l, uint32_t request, int64_t t_ns);         /* at the router */
void life_release_held(struct life *l, int64_t t_ns);   /* those that waited go to what is up now */

/* failure.c */
void failure_init(struct life *l, struct life_pool *p);
void failure_start(struct life *l, uint32_t replica);   /* at each start: is it a straggler? */
void failure_event(struct life *l, enum life_timer kind, uint32_t replica, int64_t t_ns);

/* lend.c */
int lend_keep(const struct life_pool *p, int64_t t_ns);         /* replicas the calendar leaves; INT_MAX: all */
void lend_give(struct life *l, uint32_t replica, int64_t t_ns); /* its cards go to training */
void lend_take(struct life *l, uint32_t replica, int64_t t_ns);
void lend_next(struct life *l, struct life_pool *p, int64_t t_ns);

/* lost.c: the replica at t: steps that ended before it count, everything on it is lost and its caches are empty. Gives the requests
** in `out` in the order of their admission, then the preempted, then the waiting; out has room for all. */
uint32_t replica_lose(struct replica *r, int64_t t_ns, uint32_t *out, bool again);
uint32_t replica_load(const struct replica *r);         /* requests on it */
void replica_forget(struct replica *r);                 /* an empty one: its caches too */

#endif
