/* pools.c - sets of replicas by the longest request they take, ascending: set i has every pool whose limit is limit[i] or more.
**
** A request goes to the set of the smallest limit that is not below it, so that the router chooses among all that can take it.
** A prefill pool holds the prompt and one token of it; a decode pool all of it.
*/
#include "sim/pools.h"

#include "base/arena.h"
#include "sim/sched.h"

static int64_t limit_of(const struct sim_pool *p)
{
    int64_t kv = sim_max_context(p->memory, p->sched, p->speculative_tok);
    return p->max_context > 0 && p->max_context < kv ? p->max_context : kv;
}

static void add_limit(struct takers *t, int64_t limit)
{
    int i = t->n;
    for (int k = 0; k < t->n; k++)
        if (t->limit[k] == limit)
            return;
    for (; i > 0 && t->limit[i - 1] > limit; i--)
        t->limit[i] = t->limit[i - 1];
    t->limit[i] = limit;
    t->n++;
}

static void fill(struct sim *s, struct takers *t, bool decode)
{
    const struct sim_config *c = s->config;
    for (int p = 0; p < c->npool; p++)
        if ((c->pool[p].role == POOL_DECODE) == decode)
            add_limit(t, limit_of(&c->pool[p]));
    for (int i = 0; i < t->n && (decode || s->decode.n || t->n > 1); i++) {
        t->set[i].id = ARENA_ARRAY(s->arena, uint32_t, (size_t)s->replicas);
        for (uint32_t k = 0; k < (uint32_t)s->replicas; k++) {
            const struct sim_pool *p = s->replica[k].pool;
            if ((p->role == POOL_DECODE) == decode && limit_of(p) >= t->limit[i])
                t->set[i].id[t->set[i].n++] = k;
        }
    }
}

void pools_init(struct sim *s)
{
    fill(s, &s->decode, true);
    fill(s, &s->begin, false);
}

static struct replica_set *smallest(struct takers *t, int64_t context)
{
    for (int i = 0; i < t->n; i++)
        if (context <= t->limit[i])
            return &t->set[i];
    return NULL;
}

struct replica_set *pools_decode(struct sim *s, const struct request *q)
{
    return smallest(&s->decode, (int64_t)q->in_tok + q->out_tok);
}

struct replica_set *pools_begin(struct sim *s, const struct request *q)
{
    if (!s->decode.n && s->begin.n == 1)
        return (int64_t)q->in_tok + q->out_tok <= s->begin.limit[0] ? &s->all : NULL;
    if (!s->decode.n)
        return smallest(&s->begin, (int64_t)q->in_tok + q->out_tok);
    return q->out_tok > 1 && !pools_decode(s, q) ? NULL : smallest(&s->begin, (int64_t)q->in_tok + 1);
}
