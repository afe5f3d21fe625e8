/* session.c - requests that wait for the answer before them: agents and people in conversations.
**
** The first call of a session arrives at its time, or, in a closed loop, when another session ends. Each other one is sent its think or
** tool time after the client has the last token before it: at done + fixed + wait + 1 ns, never at the very instant, as in any closed loop
** (sim.c). A session has at most one call on its way or due, so that the calls due are a heap over sessions; ties go to the
** session with the lower number, after calls that begin one.
*/
#include "base/arena.h"
#include "sim/cluster.h"

void session_start(struct sim *s, const struct traffic *t, int concurrency)
{
    s->turn = t->turn;
    s->due_request = ARENA_ARRAY(s->arena, uint32_t, t->sessions);
    s->sent_ns = ARENA_ARRAY(s->arena, int64_t, s->n);
    heap_init(&s->due, s->arena, t->sessions);
    s->closed = concurrency > 0;
    while (s->next < s->n && s->turn[s->next].wait_ns >= 0)
        s->next++;
    for (int i = 0; i < concurrency; i++)
        session_begin(s, 0);
}

static void due(struct sim *s, uint32_t request, int64_t t_ns)
{
    uint32_t session = s->turn[request].session;
    s->due_request[session] = request;
    heap_put(&s->due, session, t_ns, session);
}

/* s->next is the first call of the next session; the one after it. */
static uint32_t take_first(struct sim *s)
{
    uint32_t request = (uint32_t)s->next++;
    while (s->next < s->n && s->turn[s->next].wait_ns >= 0)
        s->next++;
    return request;
}

void session_begin(struct sim *s, int64_t t_ns)
{
    if (s->next < s->n)
        due(s, take_first(s), t_ns);
}

int64_t session_next_ns(const struct sim *s)
{
    int64_t first = s->closed || s->next >= s->n ? INT64_MAX : s->req[s->next].arrival_ns, other = heap_min(&s->due);
    return first <= other ? first : other;
}

uint32_t session_take(struct sim *s, int64_t t_ns)
{
    uint32_t request;
    if (!s->closed && s->next < s->n && s->req[s->next].arrival_ns == t_ns)
        request = take_first(s);
    else {
        uint32_t session = s->due.item[0].id;
        request = s->due_request[session];
        heap_drop(&s->due, session);
    }
    s->sent_ns[request] = t_ns;
    return request;
}

void session_over(struct sim *s, uint32_t request, int64_t seen_ns)
{
    uint32_t next = s->turn[request].next;
    if (next != TURN_NONE)
        due(s, next, seen_ns + s->turn[next].wait_ns + 1);
    else if (s->closed)
        session_begin(s, seen_ns + 1);
}
