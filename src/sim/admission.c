/* admission.c - priority classes and admission control.
**
** order: priority is vLLM's --scheduling-policy priority (vllm/v1/core/sched/request_queue.py, scheduler.py): the queue is
** sorted by (class, arrival), 0 is served first, and what has to make room is the running request of the largest class that
** was admitted last. Nobody running makes room for somebody waiting. A preempted request goes before those of its class.
** One thing differs: a prompt that is half done and finds no room makes room itself, whatever its class.
**
** Admission control is a gateway's: a queue of max_queue turns away the newest, or of the largest class the newest
** (shed: lowest); who has waited for max_wait is turned away when the engine next looks, between two steps, so that a
** stretch of steps ends at the first deadline. Requests that once ran are never turned away.
*/
#include "sim/admission.h"

#include "sim/cluster.h"

static uint32_t *at(const struct replica *r, uint32_t i)
{
    uint32_t p = r->ring_at + i;
    return &r->ring[p >= r->ring_cap ? p - r->ring_cap : p];
}

static unsigned class_of(const struct replica *r, uint32_t request)
{
    return sim_request(r->sim, request)->priority;
}

static int64_t sent_ns(const struct replica *r, uint32_t request)
{
    return r->sim->sent_ns ? r->sim->sent_ns[request] : sim_request(r->sim, request)->arrival_ns;
}

static void turn_away(struct replica *r, uint32_t request, int64_t t_ns)
{
    struct sim *s = r->sim;
    sim_outstanding_add(s, r->index, -1);
    metrics_queue(&s->metrics, t_ns, -1);
    metrics_shed(&s->metrics, sim_request(s, request), request, sent_ns(r, request), t_ns, (int32_t)r->index);
    sim_request_over(s, request, t_ns + r->fixed_ns);
    if (s->life)
        life_done(s->life, r->index, t_ns);
}

static void take_out(struct replica *r, uint32_t i)
{
    r->waiting_tok -= sim_request(r->sim, *at(r, i))->in_tok;
    for (; i + 1 < r->ring_n; i++)
        *at(r, i) = *at(r, i + 1);
    r->ring_n--;
    r->seen = r->seen < r->ring_n ? r->seen : r->ring_n;
}

bool admission_arrive(struct replica *r, uint32_t request, int64_t t_ns)
{
    const struct sim_pool *c = r->pool;
    if (c->max_queue <= 0 || r->ring_n < (uint32_t)c->max_queue)
        return true;
    uint32_t worst = r->ring_n;
    unsigned least = class_of(r, request);
    for (uint32_t i = r->ring_n; c->shed_lowest && i-- > 0;)
        if (class_of(r, *at(r, i)) > least) {
            least = class_of(r, *at(r, i));
            worst = i;
        }
    if (worst == r->ring_n) {
        turn_away(r, request, t_ns);
        return false;
    }
    uint32_t out = *at(r, worst);
    take_out(r, worst);
    turn_away(r, out, t_ns);
    return true;
}

/* Towards the nearer end: a request of a good class has few before it, one of a bad class few behind. */
bool admission_place(struct replica *r)
{
    uint32_t last = r->ring_n - 1, request = *at(r, last), to = 0, end = last;
    unsigned own = class_of(r, request);
    while (to < end) { /* the first of a larger class */
        uint32_t mid = (to + end) / 2;
        if (class_of(r, *at(r, mid)) <= own)
            to = mid + 1;
        else
            end = mid;
    }
    if (to == last)
        return false;
    if (to < last - to) { /* those before it move on by one, into the place before the first */
        r->ring_at = r->ring_at ? r->ring_at - 1 : r->ring_cap - 1;
        for (uint32_t i = 0; i < to; i++)
            *at(r, i) = *at(r, i + 1);
    } else {
        for (uint32_t i = last; i > to; i--)
            *at(r, i) = *at(r, i - 1);
    }
    *at(r, to) = request;
    return to == 0 && (r->preempted == NO_SLOT || own < class_of(r, r->slot[r->preempted].request));
}

void admission_expire(struct replica *r)
{
    for (uint32_t i = 0; i < r->ring_n;) {
        uint32_t request = *at(r, i);
        if (r->now_ns - sent_ns(r, request) < r->pool->max_wait_ns) {
            if (!r->pool->by_priority)
                return; /* the others came later */
            i++;
            continue;
        }
        take_out(r, i);
        turn_away(r, request, r->now_ns);
        r->look = true; /* the next one may be smaller */
    }
}

int64_t admission_until_ns(const struct replica *r, uint32_t request, int64_t t_ns)
{
    int64_t until = sent_ns(r, request) + r->pool->max_wait_ns;
    return until > t_ns ? until : t_ns;
}

int64_t admission_deadline_ns(const struct replica *r)
{
    int64_t first = INT64_MAX;
    for (uint32_t i = 0; i < r->ring_n; i++) {
        int64_t t = sent_ns(r, *at(r, i)) + r->pool->max_wait_ns;
        first = t < first ? t : first;
        if (!r->pool->by_priority)
            break;
    }
    return first;
}

uint32_t admission_victim(const struct replica *r)
{
    uint32_t victim = r->tail;
    if (!r->pool->by_priority)
        return victim;
    for (uint32_t i = r->slot[r->tail].prev; i != NO_SLOT; i = r->slot[i].prev)
        if (class_of(r, r->slot[i].request) > class_of(r, r->slot[victim].request))
            victim = i;
    return victim;
}

void admission_preempted(struct replica *r, uint32_t id)
{
    uint32_t *link = &r->preempted;
    while (r->pool->by_priority && *link != NO_SLOT &&
           class_of(r, r->slot[*link].request) < class_of(r, r->slot[id].request))
        link = &r->slot[*link].next;
    r->slot[id].next = *link;
    *link = id;
}

uint32_t replica_next_by_priority(const struct replica *r)
{
    /* A preempted request keeps its place among the sequences: when they have all of them, nobody goes ahead. */
    bool seat = r->free_slot != NO_SLOT || r->slots < (uint32_t)r->max_seqs;
    bool first = r->seen && seat && class_of(r, *at(r, 0)) < class_of(r, r->slot[r->preempted].request);
    return first ? NO_SLOT : r->preempted;
}
