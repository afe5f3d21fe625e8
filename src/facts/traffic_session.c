/* traffic_session.c - which conversation a request belongs to.
**
** A trace may say so itself (session_id, Session ID, chat_id with parent_chat_id). Else the blocks of the prompts do:
** a conversation is known by its first block behind those that most prompts begin with (a system prompt: in Mooncake's
** conversations block 0 is everybody's).
*/
#include "facts/traffic.h"

static bool begins(const struct traffic *t, const struct request *q, const struct request *with, uint32_t n)
{
    if (q->nblock < n)
        return false;
    for (uint32_t m = 0; m < n; m++)
        if (t->block[q->block + m] != t->block[with->block + m])
            return false;
    return true;
}

/* Boyer and Moore's majority vote, among the requests with blocks: does more than half of them have the same first n? */
static bool majority(const struct traffic *t, uint32_t n)
{
    const struct request *vote = NULL;
    size_t lead = 0, same = 0, all = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct request *q = &t->req[i];
        all += q->nblock > 0;
        if (q->nblock < n)
            continue;
        if (!lead)
            vote = q;
        lead = begins(t, q, vote, n) ? lead + 1 : lead - 1;
    }
    for (size_t i = 0; vote && i < t->n; i++)
        same += begins(t, &t->req[i], vote, n);
    return 2 * same > all;
}

void traffic_sessions(struct traffic *t)
{
    t->common = 0;
    while (t->nblock && majority(t, t->common + 1))
        t->common++;
}

uint64_t traffic_session(const struct traffic *t, const struct request *q)
{
    if (q->session)
        return q->session;
    return t->nblock && q->nblock > t->common ? t->block[q->block + t->common] + 1 : 0;
}
