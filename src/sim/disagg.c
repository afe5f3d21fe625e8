/* disagg.c - parcels: from the last chunk of a prompt to the first step of its decoding somewhere else. */
#include "sim/disagg.h"

#include <math.h>

#include "base/arena.h"
#include "sim/cluster.h"
#include "sim/pools.h"
#include "sim/router.h"
#include "sim/running.h"
#include "sim/sched.h"
#include "speed/handover.h"

void disagg_start(struct sim *s)
{
    uint32_t flows = 0;
    if (!s->decode.n)
        return;
    struct disagg *d = s->disagg = ARENA_NEW(s->arena, struct disagg);
    *d = (struct disagg){.free_parcel = NO_SLOT, .left_cap = 64};
    d->left = ARENA_ARRAY(s->arena, uint32_t, d->left_cap);
    d->first_flow = ARENA_ARRAY(s->arena, uint32_t, (size_t)s->replicas);
    for (int i = 0; i < s->replicas; i++) {
        d->first_flow[i] = flows;
        flows += s->replica[i].pool->role == POOL_DECODE ? (uint32_t)s->replica[i].max_seqs : 0;
    }
    d->flow_parcel = ARENA_ARRAY(s->arena, uint32_t, flows);
    net_init(&d->net, s->arena, (uint32_t)s->replicas, flows);
    for (int i = 0; i < s->replicas; i++)
        d->net.nic_q20[i] = net_rate_q20(s->replica[i].pool->nic.bytes_s);
}

/* ---- leaving prefill ---- */

static uint32_t new_parcel(struct sim *s)
{
    struct disagg *d = s->disagg;
    if (d->free_parcel != NO_SLOT) {
        uint32_t id = d->free_parcel;
        d->free_parcel = d->parcel[id].next;
        return id;
    }
    if (d->parcels == d->parcel_cap) {
        uint32_t cap = d->parcel_cap ? 2 * d->parcel_cap : 64;
        struct parcel *more = ARENA_ARRAY(s->arena, struct parcel, cap);
        for (uint32_t i = 0; i < d->parcels; i++)
            more[i] = d->parcel[i];
        d->parcel = more;
        d->parcel_cap = cap;
    }
    return d->parcels++;
}

static void wait_for_route(struct sim *s, uint32_t parcel)
{
    struct disagg *d = s->disagg;
    if (d->left_n == d->left_cap) {
        uint32_t *ring = ARENA_ARRAY(s->arena, uint32_t, 2 * (size_t)d->left_cap);
        for (uint32_t i = 0; i < d->left_n; i++)
            ring[i] = d->left[(d->left_at + i) % d->left_cap];
        d->left = ring;
        d->left_at = 0;
        d->left_cap *= 2;
    }
    d->left[(d->left_at + d->left_n++) % d->left_cap] = parcel;
}

void disagg_leave(struct replica *r, uint32_t id)
{
    struct sim *s = r->sim;
    uint32_t at = new_parcel(s);
    running_unlink(r, id);
    s->disagg->parcel[at] = (struct parcel){.slot = r->slot[id], .from = r->index, .next = NO_SLOT, .left_ns = r->now_ns, .live = true};
    r->parked += r->slot[id].held;
    r->nparked++;
    running_free(r, id);
    r->look = true;
    metrics_left(&s->metrics, r, &r->slot[id]);
    wait_for_route(s, at);
}

static int64_t next_left_ns(const struct disagg *d)
{
    return d->left_n ? d->parcel[d->left[d->left_at]].left_ns + 1 : INT64_MAX;
}

/* ---- to a decode replica ---- */

static void route(struct sim *s, int64_t t_ns)
{
    struct disagg *d = s->disagg;
    uint32_t at = d->left[d->left_at], request = d->parcel[at].slot.request;
    d->left_at = (d->left_at + 1) % d->left_cap;
    d->left_n--;
    struct replica_set *set = pools_decode(s, sim_request(s, request));
    uint32_t to = set->n == 1 ? set->id[0] : s->config->router->pick(s, set, request);
    struct replica *r = &s->replica[to];
    sim_outstanding_add(s, to, 1);
    metrics_queue(&s->metrics, t_ns, 1);
    *(r->inbox_n ? &d->parcel[r->inbox_tail].next : &r->inbox) = at;
    r->inbox_tail = at;
    if (r->inbox_n++ == 0) /* else the first one waits, and nothing will be free before the stretch ends */
        replica_wake(r, t_ns);
}

static void take_in(struct replica *r, uint32_t at, int64_t hold)
{
    struct sim *s = r->sim;
    struct disagg *d = s->disagg;
    struct parcel *p = &d->parcel[at];
    const struct replica *from = &s->replica[p->from];
    if (r->free_slot == NO_SLOT)
        replica_more_slots(r);
    uint32_t id = r->free_slot, flow = d->first_flow[r->index] + id;
    struct slot *x = &r->slot[id];
    r->free_slot = x->next;
    *x = p->slot;
    x->state = SLOT_COMING;
    x->path = PREFIX_ROOT;
    x->kept_node = NO_NODE;
    x->held = kvpool_need(&r->kv, hold);
    x->room_ns = r->now_ns - p->left_ns;
    x->left_ns = r->now_ns;
    for (int32_t j = 0; j < r->nitl; j++)
        slot_slow(r, id)[j] = 0;
    kvpool_take(&r->kv, x->held);
    r->parked += x->held;
    r->nparked++;
    d->flow_parcel[flow] = at;
    const struct sim_nic *a = &from->pool->nic, *b = &r->pool->nic;
    d->net.flow[flow].from = p->from;
    d->net.flow[flow].to = r->index;
    d->net.flow[flow].cap_q20 = net_rate_q20(fmin(a->seq_bytes_s, b->seq_bytes_s));
    double bytes = handover_bytes(from->pool->memory, a->seq_devices, x->in_tok);
    p->bytes = bytes;
    p->start_ns = r->now_ns;
    net_start(&d->net, flow, bytes, (int64_t)llround(fmax(a->latency_s, b->latency_s) * 1e9), r->now_ns);
    metrics_queue(&s->metrics, r->now_ns, -1);
}

/* First come, first served; what was preempted here goes before. */
void disagg_admit(struct replica *r)
{
    while (r->inbox_n && r->preempted == NO_SLOT && !r->planned_preemption && r->nrun + (int32_t)r->nparked < r->max_seqs) {
        uint32_t at = r->inbox;
        const struct parcel *p = &r->sim->disagg->parcel[at];
        int64_t hold = r->sched->reserve ? (int64_t)p->slot.in_tok + p->slot.out_tok - 1 : p->slot.in_tok;
        if (!replica_room(r, hold))
            return;
        r->inbox = p->next;
        r->inbox_n--;
        take_in(r, at, hold);
    }
}

/* ---- arriving ---- */

static void arrive(struct sim *s, uint32_t flow, int64_t t_ns)
{
    struct disagg *d = s->disagg;
    struct parcel *p = &d->parcel[d->flow_parcel[flow]];
    uint32_t to = d->net.flow[flow].to;
    struct replica *from = &s->replica[p->from], *r = &s->replica[to];
    metrics_moved(&s->metrics, from, r, p->start_ns - p->left_ns, t_ns - p->start_ns, p->bytes);
    from->parked -= p->slot.held;
    from->nparked--;
    running_give(from, &p->slot, false);
    from->look = true;
    sim_outstanding_add(s, p->from, -1);
    replica_keep_kv_low(from);
    if (from->ring_n || from->preempted != NO_SLOT)
        replica_wake(from, t_ns);
    p->live = false;
    p->next = d->free_parcel;
    d->free_parcel = d->flow_parcel[flow];
    r->arrived[r->narrived++] = flow - d->first_flow[to];
    replica_wake(r, t_ns);
}

void disagg_join(struct replica *r)
{
    for (uint32_t i = 0; i < r->narrived; i++) {
        uint32_t id = r->arrived[i];
        struct slot *s = &r->slot[id];
        r->parked -= s->held;
        r->nparked--;
        s->moved_ns = r->now_ns - s->left_ns;
        s->first_ns = r->now_ns;
        s->fixed_ns += r->fixed_ns;
        running_link(r, id);
        running_join(r, id);
        if (r->nstall)
            r->stall[r->nstall - 1].seqs++;
        r->look = true;
    }
    r->narrived = 0;
}

/* ---- for the loop, and for tests ---- */

int64_t disagg_next_ns(const struct sim *s)
{
    if (!s->disagg)
        return INT64_MAX;
    int64_t left = next_left_ns(s->disagg), link = net_next_ns(&s->disagg->net);
    return left <= link ? left : link;
}

void disagg_event(struct sim *s, int64_t t_ns)
{
    uint32_t flow;
    if (next_left_ns(s->disagg) == t_ns)
        route(s, t_ns);
    else if (net_event(&s->disagg->net, &flow))
        arrive(s, flow, t_ns);
}
