/* life.c - replicas start, serve, drain and stop: as many as are wanted. The states are in life.h.
**
**      cold start = boot + weights / bandwidth + warm-up        held = starting + up + standby + draining
**      availability = integral of min(up, wanted) / integral of wanted
*/
#include "sim/life.h"

#include <limits.h>

#include "base/arena.h"
#include "sim/cluster.h"

bool life_running(enum life_state s)
{
    return s == LIFE_STARTING || s == LIFE_UP || s == LIFE_STANDBY || s == LIFE_DRAINING;
}

struct life_pool *life_pool_of(struct life *l, uint32_t replica)
{
    struct life_pool *p = l->pool;
    while (replica - p->first >= p->n)
        p++;
    return p;
}

/* ---- timers ---- */

void life_timer_put(struct life *l, enum life_timer kind, uint32_t id, int64_t t_ns)
{
    uint32_t at = (uint32_t)kind * l->ids + id;
    heap_put(&l->timer, at, t_ns, at);
}

void life_timer_drop(struct life *l, enum life_timer kind, uint32_t id)
{
    heap_drop(&l->timer, (uint32_t)kind * l->ids + id);
}

/* ---- sums over time ---- */

static uint32_t cold_spares(const struct life_pool *p)
{
    if (!p->dyn || !p->dyn->spares_cold)
        return 0;
    uint32_t most = (uint32_t)p->dyn->spares, off = p->count[LIFE_OFF];
    return off < most ? off : most;
}

static int64_t billed_devices(const struct life_pool *p)
{
    if (!p->dyn)
        return 0;
    int64_t held = cold_spares(p), whole = p->dyn->instance_devices > 1 ? p->dyn->instance_devices : 1;
    for (int k = 0; k < LIFE_STATES; k++)
        held += life_running((enum life_state)k) ? p->count[k] : 0;
    return (held * p->dyn->devices + whole - 1) / whole * whole;
}

static void account(struct life *l, int64_t t_ns)
{
    struct sim *s = l->sim;
    struct sim_life_result *out = &s->metrics.out->life;
    int64_t from = l->account_ns > s->metrics.begin_ns ? l->account_ns : s->metrics.begin_ns;
    if (s->metrics.begin_ns < 0 || t_ns <= from) {
        l->account_ns = t_ns > l->account_ns ? t_ns : l->account_ns;
        return;
    }
    wide dt = t_ns - from;
    for (int i = 0; i < s->config->npool; i++) {
        const struct life_pool *p = &l->pool[i];
        for (int k = 0; k < LIFE_STATES; k++)
            l->area[k] += dt * p->count[k];
        l->spare_area += dt * cold_spares(p);
        l->billed_area += dt * billed_devices(p);
        wide up = p->count[LIFE_UP];
        l->wanted_area += dt * p->wanted;
        l->served_area += dt * (up < p->wanted ? up : p->wanted);
    }
    if (!s->all.n)
        l->none_up += dt;
    out->peak_up = (int)s->all.n > out->peak_up ? (int)s->all.n : out->peak_up;
    out->least_up = (int)s->all.n < out->least_up ? (int)s->all.n : out->least_up;
    l->account_ns = t_ns;
}

static void set_add(struct replica_set *set, uint32_t id)
{
    uint32_t at = set->n++;
    for (; at > 0 && set->id[at - 1] > id; at--)
        set->id[at] = set->id[at - 1];
    set->id[at] = id;
}

static void set_remove(struct replica_set *set, uint32_t id)
{
    uint32_t at = 0;
    while (set->id[at] != id)
        at++;
    for (set->n--; at < set->n; at++)
        set->id[at] = set->id[at + 1];
}

static void see_shortage(struct life_pool *p, int64_t t_ns)
{
    bool now = p->count[LIFE_UP] < (uint32_t)p->wanted;
    if (p->is_short && !now)
        p->short_until_ns = t_ns;
    if (now && !p->is_short)
        p->short_failed = false;
    p->short_failed |= now && p->count[LIFE_DOWN] > 0;
    p->is_short = now;
}

void life_move(struct life *l, uint32_t replica, enum life_state to, int64_t t_ns)
{
    struct sim *s = l->sim;
    struct life_pool *p = life_pool_of(l, replica);
    struct life_replica *x = &l->rep[replica];
    account(l, t_ns);
    if (x->state == LIFE_UP)
        set_remove(&s->all, replica);
    p->count[x->state]--;
    x->state = to;
    p->count[to]++;
    if (to == LIFE_UP)
        set_add(&s->all, replica);
    see_shortage(p, t_ns);
}

void life_flow(struct life *l, struct life_pool *p, int64_t t_ns, int change)
{
    p->flow += (wide)(t_ns - p->flow_at_ns) * (p->in_flight + l->held_n);
    p->flow_at_ns = t_ns;
    p->in_flight += change;
}

/* ---- requests ---- */

void life_routed(struct life *l, uint32_t replica, int64_t t_ns)
{
    life_flow(l, life_pool_of(l, replica), t_ns, 1);
}

void life_done(struct life *l, uint32_t replica, int64_t t_ns)
{
    life_flow(l, life_pool_of(l, replica), t_ns, -1);
    if (l->rep[replica].state == LIFE_DRAINING && !sim_outstanding(l->sim, replica))
        life_timer_put(l, TIMER_EMPTY, replica, t_ns);
}

static void flow_all(struct life *l, int64_t t_ns)
{
    for (int i = 0; i < l->sim->config->npool; i++)
        life_flow(l, &l->pool[i], t_ns, 0);
}

void life_wait(struct life *l, uint32_t request, int64_t t_ns)
{
    flow_all(l, t_ns);
    if (l->held_n == l->held_cap) {
        uint32_t *ring = ARENA_ARRAY(l->sim->arena, uint32_t, 2 * (size_t)l->held_cap);
        for (uint32_t i = 0; i < l->held_n; i++)
            ring[i] = l->held[(l->held_at + i) % l->held_cap];
        l->held = ring;
        l->held_at = 0;
        l->held_cap *= 2;
    }
    l->held[(l->held_at + l->held_n++) % l->held_cap] = request;
}

void life_hold(struct life *l, uint32_t request, int64_t t_ns)
{
    life_wait(l, request, t_ns);
    l->sim->metrics.out->life.held_back++;
}

void life_release_held(struct life *l, int64_t t_ns)
{
    while (l->held_n && l->sim->all.n) {
        flow_all(l, t_ns);
        uint32_t request = l->held[l->held_at];
        l->held_at = (l->held_at + 1) % l->held_cap;
        l->held_n--;
        sim_route(l->sim, &l->sim->all, request, t_ns);
    }
}

int life_late(const struct life *l, uint32_t replica, uint32_t request, int64_t arrival_ns)
{
    const struct life_pool *p = l->pool;
    while (replica - p->first >= p->n)
        p++;
    if (l->tries.n && map_get_u64(&l->tries, request) != MAP_NONE)
        return MISS_FAILURE;
    if (!p->is_short && p->short_until_ns < arrival_ns)
        return MISS_QUEUE;
    return p->short_failed ? MISS_FAILURE : MISS_COLD;
}

/* ---- as many as are wanted ---- */

static void begin(struct life *l, uint32_t i, int64_t boot_ns, int64_t t_ns)
{
    const struct sim_dynamics *d = life_pool_of(l, i)->dyn;
    life_move(l, i, LIFE_STARTING, t_ns);
    l->sim->metrics.out->life.starts++;
    failure_start(l, i);
    life_timer_put(l, TIMER_READY, i, t_ns + boot_ns + d->load_ns + d->warm_ns);
}

static void gone(struct life *l, uint32_t i, int64_t t_ns)
{
    const struct life_pool *p = life_pool_of(l, i);
    replica_forget(&l->sim->replica[i]);
    if (p->dyn->lend.nhours && lend_keep(p, t_ns) != INT_MAX)
        lend_give(l, i, t_ns);
    else
        life_move(l, i, LIFE_OFF, t_ns);
}

static void drain(struct life *l, uint32_t i, int64_t t_ns)
{
    life_timer_drop(l, TIMER_READY, i);
    life_move(l, i, LIFE_DRAINING, t_ns);
    if (!sim_outstanding(l->sim, i))
        gone(l, i, t_ns);
}

/* The next one to start: a draining one that still is there, cards back from training, an instance. */
static bool start_one(struct life *l, struct life_pool *p, int64_t t_ns)
{
    uint32_t end = p->first + p->n;
    for (uint32_t i = p->first; i < end; i++)
        if (l->rep[i].state == LIFE_DRAINING && !l->rep[i].doomed) {
            life_timer_drop(l, TIMER_EMPTY, i);
            life_move(l, i, LIFE_UP, t_ns);
            return true;
        }
    for (uint32_t i = p->first; i < end; i++)
        if (l->rep[i].state == LIFE_LENT) {
            lend_take(l, i, t_ns);
            begin(l, i, 0, t_ns); /* the machine runs: weights and engine only */
            return true;
        }
    for (uint32_t i = p->first; i < end; i++)
        if (l->rep[i].state == LIFE_OFF) {
            begin(l, i, p->dyn->spares_cold ? 0 : p->dyn->boot_ns, t_ns);
            return true;
        }
    return false;
}

/* Of those starting the last, then of those that wait as spares, then of those up the one with the fewest requests. */
static bool stop_one(struct life *l, struct life_pool *p, int64_t t_ns)
{
    static const enum life_state order[] = {LIFE_STARTING, LIFE_STANDBY, LIFE_UP};
    for (int k = 0; k < 3; k++) {
        uint32_t best = UINT32_MAX;
        for (uint32_t i = p->first + p->n; i-- > p->first;)
            if (l->rep[i].state == order[k] &&
                (best == UINT32_MAX || sim_outstanding(l->sim, i) < sim_outstanding(l->sim, best)))
                best = i;
        if (best != UINT32_MAX) {
            drain(l, best, t_ns);
            return true;
        }
    }
    return false;
}

void life_settle(struct life *l, struct life_pool *p, int64_t t_ns)
{
    int keep = lend_keep(p, t_ns), warm = p->dyn->spares_cold ? 0 : p->dyn->spares;
    int wanted = p->wish < keep ? p->wish : keep;
    account(l, t_ns);
    p->wanted = wanted;
    see_shortage(p, t_ns);
    for (;;) {
        int alive = (int)(p->count[LIFE_STARTING] + p->count[LIFE_UP] + p->count[LIFE_STANDBY]);
        if (alive == wanted + warm || !(alive < wanted + warm ? start_one : stop_one)(l, p, t_ns))
            break;
    }
    for (uint32_t i = p->first; i < p->first + p->n && p->count[LIFE_UP] < (uint32_t)wanted; i++)
        if (l->rep[i].state == LIFE_STANDBY)
            life_move(l, i, LIFE_UP, t_ns);
    if (keep == INT_MAX && p->count[LIFE_LENT]) /* the window is over, and not all are wanted back */
        for (uint32_t i = p->first; i < p->first + p->n; i++)
            if (l->rep[i].state == LIFE_LENT) {
                lend_take(l, i, t_ns);
                life_move(l, i, LIFE_OFF, t_ns);
            }
    life_release_held(l, t_ns);
}

/* ---- events ---- */

static void scale(struct life *l, struct life_pool *p, int64_t t_ns)
{
    const struct sim_autoscale *c = &p->dyn->autoscale;
    struct scale_view v = {.t_ns = t_ns, .clock_ns = p->dyn->clock_ns, .wanted = p->wish, .up = (int)p->count[LIFE_UP]};
    life_flow(l, p, t_ns, 0);
    v.in_flight = p->in_flight + l->held_n;
    v.waiting = l->held_n;
    v.flow_ns = (double)p->flow;
    for (uint32_t i = p->first; i < p->first + p->n; i++) {
        const struct replica *r = &l->sim->replica[i];
        v.waiting += replica_load(r) - (uint32_t)r->nrun;
        if (l->rep[i].state == LIFE_UP && r->kv.capacity)
            v.kv += (double)replica_kv_used(r, t_ns) / (double)r->kv.capacity;
    }
    int wish = c->policy->wish(c, &p->memory, &v);
    p->wish = wish < c->min ? c->min : wish > c->max ? c->max : wish;
    life_settle(l, p, t_ns);
    life_timer_put(l, TIMER_SCALE, (uint32_t)(p - l->pool), t_ns + c->interval_ns);
}

static void ready(struct life *l, uint32_t i, int64_t t_ns)
{
    struct life_pool *p = life_pool_of(l, i);
    bool spare = p->count[LIFE_UP] >= (uint32_t)p->wanted && p->dyn->spares && !p->dyn->spares_cold;
    life_move(l, i, spare ? LIFE_STANDBY : LIFE_UP, t_ns);
    life_release_held(l, t_ns);
}

void life_event(struct life *l, int64_t t_ns)
{
    uint32_t at = l->timer.item[0].id, id = at % l->ids;
    enum life_timer kind = (enum life_timer)(at / l->ids);
    heap_drop(&l->timer, at);
    switch (kind) {
    case TIMER_EMPTY:
        if (l->rep[id].state == LIFE_DRAINING && !sim_outstanding(l->sim, id) && !l->rep[id].doomed)
            gone(l, id, t_ns);
        break;
    case TIMER_READY:
        ready(l, id, t_ns);
        break;
    case TIMER_HOURS:
        life_settle(l, &l->pool[id], t_ns);
        lend_next(l, &l->pool[id], t_ns);
        break;
    case TIMER_SCALE:
        scale(l, &l->pool[id], t_ns);
        break;
    default:
        failure_event(l, kind, id, t_ns);
    }
}

/* ---- the beginning and the end ---- */

static void init_pool(struct life *l, struct life_pool *p, uint32_t index)
{
    const struct sim_dynamics *d = p->dyn;
    int start = (int)p->n;
    p->wish = p->wanted = (int)p->n;
    p->short_until_ns = -1;
    p->count[LIFE_OFF] = p->n;
    if (d) {
        p->wish = d->start;
        int keep = lend_keep(p, 0);
        p->wanted = p->wish < keep ? p->wish : keep;
        start = p->wanted;
    }
    for (uint32_t i = p->first; i < p->first + p->n; i++) {
        bool up = i - p->first < (uint32_t)start;
        bool spare = d && !up && i - p->first < (uint32_t)(start + d->spares) && !d->spares_cold;
        if (up || spare) {
            life_move(l, i, up ? LIFE_UP : LIFE_STANDBY, 0);
        } else if (d && d->lend.nhours && lend_keep(p, 0) != INT_MAX && i - p->first < (uint32_t)d->start) {
            lend_give(l, i, 0);
        }
    }
    if (!d)
        return;
    failure_init(l, p);
    if (d->autoscale.policy) {
        scale_memory_init(&p->memory, l->sim->arena, &d->autoscale);
        life_timer_put(l, TIMER_SCALE, index, d->autoscale.interval_ns);
    }
    lend_next(l, p, 0);
}

void life_init(struct sim *s)
{
    const struct sim_config *c = s->config;
    bool any = false;
    for (int i = 0; i < c->npool; i++)
        any |= c->pool[i].dynamics != NULL;
    if (!any)
        return;
    struct life *l = s->life = ARENA_NEW(s->arena, struct life);
    uint32_t n = (uint32_t)s->replicas, at = 0;
    *l = (struct life){.sim = s, .ids = n > SIM_POOLS ? n : SIM_POOLS, .held_cap = 64, .tries = {.arena = s->arena}};
    l->pool = ARENA_ARRAY(s->arena, struct life_pool, (size_t)c->npool);
    l->rep = ARENA_ARRAY(s->arena, struct life_replica, n);
    l->held = ARENA_ARRAY(s->arena, uint32_t, l->held_cap);
    heap_init(&l->timer, s->arena, l->ids * TIMER_N);
    s->metrics.out->life.on = true;
    s->metrics.out->life.least_up = INT_MAX;
    s->all.n = 0;
    for (int i = 0; i < c->npool; i++) {
        struct life_pool *p = &l->pool[i];
        *p = (struct life_pool){.dyn = c->pool[i].dynamics, .first = at, .n = (uint32_t)c->pool[i].replicas};
        at += p->n;
        init_pool(l, p, (uint32_t)i);
    }
}

void life_finish(struct life *l, int64_t end_ns)
{
    struct sim *s = l->sim;
    struct sim_life_result *o = &s->metrics.out->life;
    if (l->account_ns > end_ns) /* the last one to be turned away waited longer than the last token took */
        end_ns = l->account_ns;
    for (uint32_t i = 0; i < (uint32_t)s->replicas; i++)
        if (l->rep[i].state == LIFE_LENT)
            lend_take(l, i, end_ns);
    account(l, end_ns);
    o->up_s = (double)l->area[LIFE_UP] * 1e-9;
    o->standby_s = (double)(l->area[LIFE_STANDBY] + l->spare_area) * 1e-9;
    o->starting_s = (double)l->area[LIFE_STARTING] * 1e-9;
    o->draining_s = (double)l->area[LIFE_DRAINING] * 1e-9;
    o->down_s = (double)l->area[LIFE_DOWN] * 1e-9;
    o->lent_s = (double)l->area[LIFE_LENT] * 1e-9;
    o->held_s = o->up_s + o->standby_s + o->starting_s + o->draining_s;
    o->billed_device_s = (double)l->billed_area * 1e-9;
    o->wanted_s = (double)l->wanted_area * 1e-9;
    o->availability_frac = l->wanted_area > 0 ? (double)l->served_area / (double)l->wanted_area : 1;
    o->none_up_s = (double)l->none_up * 1e-9;
    o->span_s = s->metrics.begin_ns >= 0 ? (double)(end_ns - s->metrics.begin_ns) * 1e-9 : 0;
    if (o->least_up == INT_MAX)
        o->least_up = o->peak_up = (int)s->all.n;
}
