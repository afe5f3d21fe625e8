/* failure.c - devices fail, spot instances are taken back, some replicas are slow.
**
**      failures of a replica: Poisson with rate devices / MTBF; down for the repair, then a cold start
**      reclaims of a spot replica: Poisson; it drains for the notice, is killed, and comes back when the cloud has another
**      straggler: with probability frac at each start, every step slowdown times as long
**
** A device that fails takes its node with it: all neighbours that run there. Requests in flight are lost with what was computed of
** them; the router sends them again (or they fail), and they begin again.
*/
#include "base/arena.h"
#include "sim/cluster.h"
#include "sim/life.h"

/* Random streams: of each purpose one for each replica. */
enum { PURPOSE_FAIL = 0x6661696c, PURPOSE_RECLAIM = 0x7265636c, PURPOSE_SLOW = 0x736c6f77 };

static void stream(struct rng *r, const struct life *l, uint64_t purpose, uint32_t pool, uint32_t at)
{
    rng_seed(r, l->sim->config->seed, purpose << 32 ^ (uint64_t)pool << 56 ^ at);
}

static int64_t later(struct rng *r, double rate_s, int64_t t_ns)
{
    double ns = rng_exp(r, 1e9 / rate_s);
    return ns < 4e18 - (double)t_ns ? t_ns + 1 + (int64_t)ns : INT64_MAX - 1;
}

void failure_init(struct life *l, struct life_pool *p)
{
    const struct sim_failures *d = &p->dyn->failures;
    for (uint32_t i = p->first; i < p->first + p->n; i++) {
        struct life_replica *x = &l->rep[i];
        uint32_t pool = (uint32_t)(p - l->pool), at = i - p->first;
        stream(&x->fail, l, PURPOSE_FAIL, pool, at);
        stream(&x->reclaim, l, PURPOSE_RECLAIM, pool, at);
        stream(&x->chance, l, PURPOSE_SLOW, pool, at);
        if (d->failures_s > 0)
            life_timer_put(l, TIMER_FAIL, i, later(&x->fail, d->failures_s, 0));
        if (d->reclaims_s > 0)
            life_timer_put(l, TIMER_RECLAIM, i, later(&x->reclaim, d->reclaims_s, 0));
        failure_start(l, i);
    }
}

void failure_start(struct life *l, uint32_t replica)
{
    const struct life_pool *p = life_pool_of(l, replica);
    const struct sim_failures *d = &p->dyn->failures;
    struct replica *r = &l->sim->replica[replica];
    if (d->straggler_frac > 0)
        r->table = rng_unit(&l->rep[replica].chance) < d->straggler_frac ? d->slow : r->pool->table;
}

static void give_up(struct life *l, uint32_t request, int64_t t_ns)
{
    struct sim *s = l->sim;
    s->metrics.out->life.failed++;
    const struct request *q = sim_request(s, request);
    metrics_fail(&s->metrics, q, request, s->sent_ns ? s->sent_ns[request] : q->arrival_ns, t_ns);
    sim_request_over(s, request, t_ns + s->metrics.fixed_ns);
}

/* Everything on it is lost, now. */
static void kill(struct life *l, uint32_t i, int64_t t_ns)
{
    struct sim *s = l->sim;
    struct life_pool *p = life_pool_of(l, i);
    bool again = !p->dyn->failures.no_retry;
    uint32_t load = replica_load(&s->replica[i]);
    if (load > l->lost_cap) {
        l->lost_cap = 2 * load;
        l->lost = ARENA_ARRAY(s->arena, uint32_t, l->lost_cap);
    }
    uint32_t n = replica_lose(&s->replica[i], t_ns, l->lost, again);
    sim_outstanding_add(s, i, -(int)sim_outstanding(s, i));
    life_flow(l, p, t_ns, -(int)n);
    s->metrics.out->life.lost += n;
    for (int k = 0; k < TIMER_OF_REPLICA; k++)
        if (k != TIMER_FAIL && k != TIMER_RECLAIM)
            life_timer_drop(l, (enum life_timer)k, i);
    l->rep[i].doomed = false;
    life_move(l, i, LIFE_DOWN, t_ns);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t request = l->lost[k], tries = map_get_u64(&l->tries, request);
        map_put_u64(&l->tries, request, tries == MAP_NONE ? 1 : tries + 1);
        if (s->metrics.record)
            metrics_record(&s->metrics, request)->retries += again;
        s->metrics.out->life.retries += again;
    }
    /* They wait with the others that find nothing up until the pool has seen what else went down. */
    for (uint32_t k = 0; k < n; k++)
        if (again)
            life_wait(l, l->lost[k], t_ns);
        else
            give_up(l, l->lost[k], t_ns);
}

static void down(struct life *l, uint32_t replica, int64_t t_ns)
{
    struct life_pool *p = life_pool_of(l, replica);
    const struct sim_failures *d = &p->dyn->failures;
    uint32_t size = d->node_replicas > 1 ? (uint32_t)d->node_replicas : 1;
    uint32_t from = p->first + (replica - p->first) / size * size, to = from + size;
    for (uint32_t i = from; i < to && i < p->first + p->n; i++)
        if (life_running(l->rep[i].state)) {
            l->sim->metrics.out->life.failures++;
            kill(l, i, t_ns);
            life_timer_put(l, TIMER_REPAIRED, i, t_ns + d->repair_ns);
        }
    life_settle(l, p, t_ns);
}

static void reclaim(struct life *l, uint32_t i, int64_t t_ns)
{
    struct life_pool *p = life_pool_of(l, i);
    if (!life_running(l->rep[i].state) || l->rep[i].doomed)
        return;
    l->sim->metrics.out->life.reclaims++;
    life_timer_drop(l, TIMER_READY, i);
    l->rep[i].doomed = true;
    life_move(l, i, LIFE_DRAINING, t_ns);
    life_timer_put(l, TIMER_KILL, i, t_ns + p->dyn->failures.notice_ns);
    life_settle(l, p, t_ns);
    p->short_failed |= p->is_short;
}

void failure_event(struct life *l, enum life_timer kind, uint32_t i, int64_t t_ns)
{
    struct life_pool *p = life_pool_of(l, i);
    const struct sim_failures *d = &p->dyn->failures;
    struct life_replica *x = &l->rep[i];
    switch (kind) {
    case TIMER_FAIL:
        life_timer_put(l, TIMER_FAIL, i, later(&x->fail, d->failures_s, t_ns));
        if (life_running(x->state))
            down(l, i, t_ns);
        break;
    case TIMER_RECLAIM:
        life_timer_put(l, TIMER_RECLAIM, i, later(&x->reclaim, d->reclaims_s, t_ns));
        reclaim(l, i, t_ns);
        break;
    case TIMER_KILL:
        kill(l, i, t_ns);
        life_timer_put(l, TIMER_REPAIRED, i, t_ns + d->back_ns);
        life_settle(l, p, t_ns);
        break;
    case TIMER_REPAIRED:
        life_move(l, i, LIFE_OFF, t_ns);
        life_settle(l, p, t_ns);
        break;
    default:
        sim_bug(t_ns, NO_REQUEST, "a timer that is none");
    }
}
