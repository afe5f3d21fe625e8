/* sim.c - the loop: the earlier of the next arrival and the next end of a stretch, until nothing is left.
**
** Total order of events: by time; at one instant arrivals come first, in the order of the traffic, then replicas by
** index. None of it depends on how steps are grouped, so skipping and stepping give the same result. In a closed loop
** a client sends its next request fixed + 1 ns after the last token, never at the very instant, for the same reason.
*/
#include "sim/sim.h"

#include "base/arena.h"
#include "base/err.h"
#include "sim/cluster.h"
#include "sim/router.h"
#include "sim/sched.h"

enum { PURPOSE_ROUTE = 0x726f757465 & 0x7fffffff }; /* the router's own random stream */

static bool check_pool(const struct sim_pool *c, struct err *e)
{
    if (!c->table || !c->memory || !c->sched)
        return err_input(e, "simulation", "no step table, memory or scheduler");
    if (c->replicas < 1 || c->replicas > 1000000)
        return err_input(e, "simulation", "replicas: expected 1 to 1000000, got %d", c->replicas);
    if (c->max_seqs < 1 || c->max_seqs > c->table->max_seqs)
        return err_input(e, "simulation", "max_seqs: expected 1 to %d (the step table's), got %d",
                         (int)c->table->max_seqs, c->max_seqs);
    if (c->max_tokens < 1 || c->max_tokens > c->table->max_tok)
        return err_input(e, "simulation", "max_tokens: expected 1 to %lld (the step table's), got %d",
                         (long long)c->table->max_tok, c->max_tokens);
    if (c->by_priority && c->recv_interval_steps > 1)
        return err_input(e, "simulation", "an engine that orders by priority looks for new requests in every step");
    if (c->max_queue < 0 || c->max_wait_ns < 0)
        return err_input(e, "simulation", "max_queue and max_wait cannot be negative");
    if (c->speculative_tok != c->table->verify_tok || c->speculative_tok < 0)
        return err_input(e, "simulation", "the step table verifies %d tokens a sequence, not %d", c->table->verify_tok, c->speculative_tok);
    if (c->speculative_tok >= c->max_tokens)
        return err_input(e, "simulation", "max_tokens: a step of %d tokens cannot verify %d of one sequence", c->max_tokens,
                         c->speculative_tok + 1);
    if (!(c->acceptance >= 0 && c->acceptance <= 1))
        return err_input(e, "simulation", "acceptance: expected a fraction");
    if (!(c->watermark_frac >= 0 && c->watermark_frac < 1))
        return err_input(e, "simulation", "watermark: expected a fraction below 1");
    return true;
}

static bool check_config(const struct sim_config *c, const struct traffic *t, struct err *e)
{
    if (!c->router)
        return err_input(e, "simulation", "no router");
    if (c->npool < 1 || c->npool > SIM_POOLS)
        return err_input(e, "simulation", "pools: expected 1 to %d, got %d", SIM_POOLS, c->npool);
    for (int i = 0; i < c->npool; i++)
        if (!check_pool(&c->pool[i], e))
            return false;
    if (t->n >= UINT32_MAX)
        return err_input(e, "simulation", "more than %u requests", UINT32_MAX - 1);
    return true;
}

/* ---- arrivals ---- */

static void send_at(struct sim *s, int64_t t_ns)
{
    uint32_t at = s->send_at + s->send_n++;
    s->send[at >= s->send_cap ? at - s->send_cap : at] = t_ns;
}

/* Requests that may be sent now: all, or those of the warm-up until it is over. */
static size_t sendable(const struct sim *s)
{
    bool waits = s->config->warmup_barrier && s->over < s->metrics.warmup;
    return waits ? s->metrics.warmup : s->n;
}

static void send_more(struct sim *s, int64_t t_ns)
{
    while (s->next + s->send_n < sendable(s) && s->next + s->send_n - s->over < s->send_cap)
        send_at(s, t_ns);
}

void sim_request_over(struct sim *s, uint32_t request, int64_t t_ns)
{
    s->over++;
    if (s->turn)
        session_over(s, request, t_ns);
    else if (s->closed)
        send_more(s, t_ns + s->metrics.fixed_ns + 1);
}

static void start_closed_loop(struct sim *s, int concurrency)
{
    s->closed = true;
    s->send_cap = (uint32_t)concurrency;
    s->send = ARENA_ARRAY(s->arena, int64_t, (size_t)concurrency);
    s->sent_ns = ARENA_ARRAY(s->arena, int64_t, s->n);
    send_more(s, 0);
}

static int64_t next_arrival_ns(const struct sim *s)
{
    if (s->turn)
        return session_next_ns(s);
    if (s->closed)
        return s->send_n ? s->send[s->send_at] : INT64_MAX;
    return s->next < s->n ? s->req[s->next].arrival_ns : INT64_MAX;
}

/* A step may go so far beyond the last token that counts. */
static int64_t ahead_tok(int speculative_tok)
{
    return speculative_tok > 0 ? speculative_tok + 1 : 0;
}

static bool never_fits(const struct sim *s, const struct request *q)
{
    int64_t all = (int64_t)q->in_tok + q->out_tok;
    const struct kvpool *p = &s->replica[0].kv;
    int64_t most = s->config->pool[0].max_context, ahead = ahead_tok(s->config->pool[0].speculative_tok);
    return (most > 0 && all > most) || kvpool_need(p, all + ahead - 1) > p->one;
}

static void arrive(struct sim *s, int64_t t_ns)
{
    struct metrics *m = &s->metrics;
    uint32_t request = s->turn ? session_take(s, t_ns) : (uint32_t)s->next++;
    if (s->closed && !s->turn) {
        s->sent_ns[request] = t_ns;
        s->send_at = s->send_at + 1 == s->send_cap ? 0 : s->send_at + 1;
        s->send_n--;
    }
    if (m->begin_ns < 0)
        m->begin_ns = m->queue_ns = m->end_ns = t_ns;
    if (m->begin_counted_ns < 0 && metrics_counts(m, request))
        m->begin_counted_ns = t_ns;
    if (never_fits(s, &s->req[request])) {
        metrics_reject(m, &s->req[request], request, t_ns, -1);
        sim_request_over(s, request, t_ns);
        return;
    }
    uint32_t to = s->all.n == 1 ? s->all.id[0] : s->config->router->pick(s, &s->all, request);
    s->outstanding[to]++;
    metrics_queue(m, t_ns, 1);
    replica_arrive(&s->replica[to], request, t_ns);
}

int64_t sim_max_context(const struct memory *m, const struct sched *sched, int speculative_tok)
{
    struct kvpool p = kvpool_of(m, sched->held_back_blocks);
    int64_t fits = 0, not = INT64_C(1) << 40; /* cached tokens: one less than the context */
    if (kvpool_need(&p, not ) <= p.one)
        return INT64_MAX;
    while (not -fits > 1) {
        int64_t mid = fits + (not -fits) / 2;
        *(kvpool_need(&p, mid) <= p.one ? &fits : &not ) = mid;
    }
    return fits + 1 - ahead_tok(speculative_tok);
}

/* ---- the loop ---- */

static void run(struct sim *s)
{
    struct sim_result *out = s->metrics.out;
    const struct sim_config *c = s->config;
    for (;;) {
        int64_t arrival = next_arrival_ns(s), event = heap_min(&s->events);
        if (arrival == INT64_MAX && event == INT64_MAX)
            break;
        out->events++;
        if (arrival <= event) {
            s->now_ns = arrival;
            arrive(s, arrival);
        } else {
            s->now_ns = event;
            struct replica *r = &s->replica[s->events.item[0].id];
            replica_event(r, event);
            if (c->check)
                replica_check(r);
        }
        if ((c->stop_when_missed && s->metrics.verdict.lost) || (c->max_events && out->events >= c->max_events)) {
            out->stopped = s->over < s->n;
            break;
        }
    }
    if (!out->stopped && s->over != s->n)
        sim_bug(s->now_ns, NO_REQUEST, "requests are left and no event is");
}

static void build_replicas(struct sim *s)
{
    const struct sim_config *c = s->config;
    uint32_t n = (uint32_t)s->replicas, at = 0;
    heap_init(&s->events, s->arena, n);
    s->outstanding = ARENA_ARRAY(s->arena, int32_t, n);
    s->replica = ARENA_ARRAY(s->arena, struct replica, n);
    s->all.id = ARENA_ARRAY(s->arena, uint32_t, n);
    for (int p = 0; p < c->npool; p++)
        for (int i = 0; i < c->pool[p].replicas; i++, at++) {
            replica_init(&s->replica[at], s, &c->pool[p], at);
            s->all.id[s->all.n++] = at;
        }
}

bool sim_run(struct arena *a, const struct sim_config *c, const struct traffic *t, struct sim_result *out,
             struct err *e)
{
    if (!check_config(c, t, e))
        return false;
    struct sim *s = ARENA_NEW(a, struct sim);
    *out = (struct sim_result){0};
    s->arena = a;
    s->config = c;
    s->traffic = t;
    s->req = t->req;
    s->n = t->n;
    for (int i = 0; i < c->npool; i++)
        s->replicas += c->pool[i].replicas;
    metrics_init(&s->metrics, a, c, t, out);
    rng_seed(&s->route, c->seed, PURPOSE_ROUTE);
    build_replicas(s);
    for (size_t i = 0; c->nslo && i < s->n; i++)
        verdict_offer(&s->metrics.verdict, &s->req[i], i >= s->metrics.warmup, never_fits(s, &s->req[i]));
    verdict_allow(&s->metrics.verdict);
    int concurrency = c->concurrency > 0 ? c->concurrency : t->concurrency;
    if (t->turn)
        session_start(s, t, concurrency);
    else if (concurrency > 0)
        start_closed_loop(s, concurrency);
    run(s);
    out->simulated = s->over;
    metrics_queue(&s->metrics, s->metrics.end_ns > s->metrics.queue_ns ? s->metrics.end_ns : s->metrics.queue_ns, 0);
    metrics_finish(&s->metrics, a, s->replica, s->replicas, s->closed);
    return true;
}
