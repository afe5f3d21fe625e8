/* speculation.c - steps = the fewest m with X_1 + ... + X_m >= tokens, X = 1 + min(k, geometric(a)). */
#include "sim/speculation.h"

#include <math.h>

#include "base/arena.h"
#include "sim/cluster.h"
#include "sim/running.h"

enum { PURPOSE_ACCEPT = 0x616363 };

static double mean_tokens(int k, double a)
{
    double sum = 1, p = 1;
    for (int i = 0; i < k; i++)
        sum += p *= a;
    return sum;
}

void speculation_init(struct replica *r, struct arena *a)
{
    struct step_table *t = ARENA_NEW(a, struct step_table);
    struct speculation *p = ARENA_NEW(a, struct speculation);
    int k = r->pool->speculative_tok;
    double accept = r->pool->acceptance, reach = 0x1p64;
    *t = *r->table;
    t->decode_full_q20 /= SPECULATION_PARTS;
    t->decode_clip_q20 /= SPECULATION_PARTS;
    p->tokens = k;
    p->reach = ARENA_ARRAY(a, uint64_t, (size_t)k);
    for (int i = 0; i < k; i++) {
        reach *= accept;
        p->reach[i] = reach >= 0x1p64 ? UINT64_MAX : (uint64_t)reach;
    }
    r->table = t;
    r->speculation = p;
    r->parts = SPECULATION_PARTS;
    r->gain = llround(mean_tokens(k, accept) * SPECULATION_PARTS);
    r->verify = 1 + k;
    r->min_ctx *= r->parts;
    r->window_ctx *= r->parts;
}

int64_t speculation_steps(const struct speculation *p, uint64_t seed, uint32_t request, int32_t made, int64_t tok)
{
    struct rng stream;
    int64_t steps = 0;
    rng_seed(&stream, seed ^ (uint64_t)request << 32, PURPOSE_ACCEPT + ((uint64_t)(uint32_t)made << 24));
    for (; tok > 0; steps++) {
        uint64_t u = rng_u64(&stream);
        int n = 0;
        while (n < p->tokens && u < p->reach[n])
            n++;
        tok -= 1 + n;
    }
    return steps;
}

void speculation_join(struct replica *r, struct slot *s)
{
    int64_t left = s->out_tok - s->made;
    s->joined = r->d;
    s->finish = r->d + r->gain * speculation_steps(r->speculation, r->sim->config->seed, s->request, s->made, left);
    s->cap = ((int64_t)s->in_tok + s->out_tok - 1) * r->parts;
}

void speculation_leave(struct replica *r, struct slot *s)
{
    struct sim_result *out = r->sim->metrics.out;
    int64_t steps = (r->d - s->joined) / r->gain, before = s->made;
    int64_t cached = running_cached(r, s) / r->parts, last = (int64_t)s->in_tok + s->out_tok - 1;
    if (r->d == s->finish)
        cached = last;
    else if (cached >= last)
        cached = last - 1; /* not done yet */
    s->cached = (int32_t)cached;
    s->made = (int32_t)(cached - s->in_tok + 1);
    s->steps += steps;
    out->spec_steps += (uint64_t)steps;
    out->spec_tok += (uint64_t)(s->made - before);
}

void speculation_check(const struct replica *r, const struct slot *s)
{
    int64_t n = running_cached(r, s), least = ((int64_t)s->in_tok + s->made - 1) * r->parts;
    if ((s->finish - s->joined) % r->gain || (r->d - s->joined) % r->gain)
        sim_bug(r->now_ns, s->request, "a decoder between two steps");
    if (n < least || n > s->cap || (s->stopped && r->d + s->off < s->cap))
        sim_bug(r->now_ns, s->request, "a context beyond its request");
}
