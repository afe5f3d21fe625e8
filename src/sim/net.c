/* net.c - max-min fair rates by progressive filling, and the instants at which flows end: t + ceil(left / rate). */
#include "sim/net.h"

#include <math.h>

#include "base/arena.h"
#include "sim/bug.h"
#include "speed/step.h"

void net_init(struct net *n, struct arena *a, uint32_t nics, uint32_t flows)
{
    *n = (struct net){.nic_q20 = ARENA_ARRAY(a, int64_t, nics),
                      .flow = ARENA_ARRAY(a, struct flow, flows),
                      .moving = ARENA_ARRAY(a, uint32_t, flows),
                      .room_q20 = ARENA_ARRAY(a, int64_t, nics),
                      .want = ARENA_ARRAY(a, uint32_t, nics)};
    for (uint32_t i = 0; i < flows; i++)
        n->flow[i].place = NET_IDLE;
    heap_init(&n->due, a, flows);
}

int64_t net_rate_q20(double bytes_s)
{
    double q = bytes_s * 1e-9 * (double)Q20;
    return q < 1 ? 1 : q < 1e15 ? (int64_t)q : (int64_t)1e15;
}

/* The lowest level at which something is full, or a flow at its cap. */
static int64_t level_q20(const struct net *n)
{
    int64_t level = INT64_MAX;
    for (uint32_t i = 0; i < n->nmoving; i++) {
        const struct flow *f = &n->flow[n->moving[i]];
        if (f->frozen)
            continue;
        int64_t a = n->room_q20[f->from] / n->want[f->from], b = n->room_q20[f->to] / n->want[f->to];
        int64_t c = a < b ? a : b;
        c = f->cap_q20 < c ? f->cap_q20 : c;
        level = c < level ? c : level;
    }
    return level;
}

/* Bring the flow to now and give it another rate. */
static void set_rate(struct net *n, uint32_t id, int64_t rate_q20, int64_t now_ns)
{
    struct flow *f = &n->flow[id];
    if (f->rate_q20 == rate_q20)
        return; /* it ends when it would have ended: ceil((left - rate*t) / rate) = ceil(left / rate) - t */
    f->left_q20 -= f->rate_q20 * (now_ns - f->at_ns);
    f->left_q20 = f->left_q20 > 0 ? f->left_q20 : 0;
    f->at_ns = now_ns;
    f->rate_q20 = rate_q20;
    heap_put(&n->due, id, now_ns + (f->left_q20 + rate_q20 - 1) / rate_q20, id);
}

static void share(struct net *n, int64_t now_ns)
{
    for (uint32_t i = 0; i < n->nmoving; i++) {
        struct flow *f = &n->flow[n->moving[i]];
        f->frozen = false;
        n->room_q20[f->from] = n->nic_q20[f->from];
        n->room_q20[f->to] = n->nic_q20[f->to];
        n->want[f->from] = n->want[f->to] = 0;
    }
    for (uint32_t i = 0; i < n->nmoving; i++) {
        n->want[n->flow[n->moving[i]].from]++;
        n->want[n->flow[n->moving[i]].to]++;
    }
    for (uint32_t left = n->nmoving; left;) {
        int64_t level = level_q20(n);
        for (uint32_t i = 0; i < n->nmoving; i++) { /* full at this level, by what stood before it */
            struct flow *f = &n->flow[n->moving[i]];
            if (f->frozen)
                continue;
            bool full = n->room_q20[f->from] / n->want[f->from] <= level || n->room_q20[f->to] / n->want[f->to] <= level;
            if (!full && f->cap_q20 > level)
                continue;
            f->frozen = true;
            left--;
            n->want[f->from]--, n->want[f->to]--;
            n->room_q20[f->from] -= level, n->room_q20[f->to] -= level;
            set_rate(n, n->moving[i], level > 0 ? level : 1, now_ns);
        }
    }
}

void net_start(struct net *n, uint32_t id, double bytes, int64_t latency_ns, int64_t now_ns)
{
    struct flow *f = &n->flow[id];
    if (!(bytes <= NET_MOST_BYTES))
        sim_bug(now_ns, id, "a sequence has more KV than a transfer can count");
    f->left_q20 = (int64_t)ceil(bytes) * Q20;
    f->rate_q20 = 0;
    f->at_ns = now_ns + latency_ns;
    heap_put(&n->due, id, f->at_ns, id);
}

int64_t net_next_ns(const struct net *n)
{
    return heap_min(&n->due);
}

bool net_event(struct net *n, uint32_t *id)
{
    int64_t now_ns = heap_min(&n->due);
    uint32_t at = n->due.item[0].id;
    struct flow *f = &n->flow[at];
    *id = at;
    if (f->place == NET_IDLE) {
        f->place = n->nmoving;
        n->moving[n->nmoving++] = at;
        share(n, now_ns);
        return false;
    }
    heap_drop(&n->due, at);
    n->moving[f->place] = n->moving[--n->nmoving];
    n->flow[n->moving[f->place]].place = f->place;
    f->place = NET_IDLE;
    share(n, now_ns);
    return true;
}
