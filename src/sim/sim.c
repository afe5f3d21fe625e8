/* sim.c - the loop: the earlier of the next arrival and the next end of a stretch, until nothing is left.
**
** Total order of events: by time; at one instant what changes the replicas comes first (life.h), then arrivals, in the order of the
** traffic, then prompts that leave for a decode pool and links (disagg.h), then replicas by index. None of it depends on how steps are
** grouped, so skipping and stepping give the same result. In a closed loop
** a client sends its next request fixed + 1 ns after the last token, never at the very instant, for the same reason.
*/
#include "sim/sim.h"

#include "base/arena.h"
#include "base/err.h"
#include "sim/cluster.h"
#include "sim/disagg.h"
#include "sim/pools.h"
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
    if (c->dynamics && c->dynamics->failures.straggler_frac > 0 && !c->dynamics->failures.slow)
        return err_input(e, "simulation", "stragglers without a slower step table");
    return !c->dynamics || dynamics_check(c->dynamics, c->replicas, e);
}

/* Either every pool does both, or there is one of each at least; what moves must be measured alike at both ends. */
static bool check_roles(const struct sim_config *c, struct err *e)
{
    int n[POOL_ROLES] = {0};
    for (int i = 0; i < c->npool; i++)
        n[c->pool[i].role]++;
    if (!n[POOL_PREFILL] && !n[POOL_DECODE])
        return true;
    if (n[POOL_BOTH] || !n[POOL_PREFILL] || !n[POOL_DECODE])
        return err_input(e, "simulation", "pools: expected a prefill and a decode pool, and none that does both beside them");
    for (int i = 0; i < c->npool; i++)
        if (!(c->pool[i].nic.bytes_s > 0 && c->pool[i].nic.seq_bytes_s > 0 && c->pool[i].nic.latency_s >= 0))
            return err_input(e, "simulation", "pools: no link between prefill and decode");
    return true;
}

/* What comes and goes stands in one set: every pool must take the same requests, and do all of them. */
static bool check_dynamics(const struct sim_config *c, struct err *e)
{
    bool any = false, unlike = false;
    for (int i = 0; i < c->npool; i++) {
        const struct sim_pool *p = &c->pool[i], *q = &c->pool[0];
        any |= p->dynamics != NULL;
        unlike |= p->role != POOL_BOTH || p->max_context != q->max_context ||
                  sim_max_context(p->memory, p->sched, p->speculative_tok) != sim_max_context(q->memory, q->sched, q->speculative_tok);
    }
    return !(any && unlike) || err_input(e, "simulation", "replicas that come and go must all take the same requests");
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
    if (!check_roles(c, e) || !check_dynamics(c, e))
        return false;
    if (t->spool && (t->turn || t->concurrency || c->concurrency || c->records))
        return err_input(e, "simulation", "requests that wait for each other, and rows of requests, need the whole traffic in memory");
    if (t->n >= UINT32_MAX)
        return err_input(e, "simulation", "more than %u requests", UINT32_MAX - 1);
    return true;
}

/* ---- arrivals ---- */

/* In order of time: behind those of the same instant. Frameworks of unlike pools take unlike times to answer. */
static void send_at(struct sim *s, int64_t t_ns)
{
    uint32_t n = s->send_n++, at;
    for (;; n--) {
        at = s->send_at + n;
        at = at >= s->send_cap ? at - s->send_cap : at;
        uint32_t before = at ? at - 1 : s->send_cap - 1;
        if (!n || s->send[before] <= t_ns)
            break;
        s->send[at] = s->send[before];
    }
    s->send[at] = t_ns;
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

void sim_request_over(struct sim *s, uint32_t request, int64_t seen_ns)
{
    s->over++;
    if (s->gone)
        flight_over(s, request);
    if (s->turn)
        session_over(s, request, seen_ns);
    else if (s->closed)
        send_more(s, seen_ns + 1);
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
    return s->next < s->n ? sim_request(s, (uint32_t)s->next)->arrival_ns : INT64_MAX;
}

void sim_route(struct sim *s, struct replica_set *among, uint32_t request, int64_t t_ns)
{
    uint32_t to = among->n == 1 ? among->id[0] : s->config->router->pick(s, among, request);
    sim_outstanding_add(s, to, 1);
    if (s->life)
        life_routed(s->life, to, t_ns);
    replica_arrive(&s->replica[to], request, t_ns);
}

/* A step may go so far beyond the last token that counts. */
static int64_t ahead_tok(int speculative_tok)
{
    return speculative_tok > 0 ? speculative_tok + 1 : 0;
}

static bool arrive(struct sim *s, int64_t t_ns, struct err *e)
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
    if (s->next == s->loaded && s->loaded < s->n && !flight_read(s, e))
        return false;
    struct replica_set *among = pools_begin(s, sim_request(s, request));
    if (!among) {
        metrics_reject(m, sim_request(s, request), request, t_ns, -1);
        sim_request_over(s, request, t_ns + m->fixed_ns);
        return true;
    }
    metrics_queue(m, t_ns, 1);
    if (among->n)
        sim_route(s, among, request, t_ns);
    else
        life_hold(s->life, request, t_ns);
    return true;
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

/* Of many replicas the one whose event is next lies in no near cache: ask for it while this one is at work. */
static void fetch_next(const struct sim *s)
{
    const char *at = (const char *)&s->replica[mintree_second(&s->events)], *end = at + sizeof(struct replica);
    for (; at < end; at += 64)
        __builtin_prefetch(at);
}

static bool run(struct sim *s, struct err *e)
{
    struct sim_result *out = s->metrics.out;
    const struct sim_config *c = s->config;
    for (;;) {
        int64_t arrival = next_arrival_ns(s), event = mintree_first(&s->events).key, link = disagg_next_ns(s);
        int64_t life = life_next_ns(s->life);
        if (arrival == INT64_MAX && event == INT64_MAX && link == INT64_MAX && (life == INT64_MAX || s->over == s->n))
            break;
        out->events++;
        if (life <= arrival && life <= event && life <= link) {
            s->now_ns = life;
            life_event(s->life, life);
        } else if (arrival <= event && arrival <= link) {
            s->now_ns = arrival;
            if (!arrive(s, arrival, e))
                return false;
        } else if (link <= event) {
            s->now_ns = link;
            disagg_event(s, link);
        } else {
            s->now_ns = event;
            struct replica *r = &s->replica[mintree_first(&s->events).id];
            fetch_next(s);
            replica_event(r, event);
            if (c->check)
                replica_check(r);
        }
        if ((c->stop_when_missed && !s->life && s->metrics.verdict.lost) || (c->max_events && out->events >= c->max_events)) {
            out->stopped = s->over < s->n;
            break;
        }
    }
    if (!out->stopped && s->over != s->n)
        sim_bug(s->now_ns, NO_REQUEST, "requests are left and no event is");
    return true;
}

static void offer(struct sim *s, const struct request *q, size_t i)
{
    verdict_offer(&s->metrics.verdict, q, i >= s->metrics.warmup, !pools_begin(s, q));
}

static void build_replicas(struct sim *s)
{
    const struct sim_config *c = s->config;
    uint32_t n = (uint32_t)s->replicas, at = 0;
    mintree_init(&s->events, s->arena, n, MINTREE_ABSENT);
    mintree_init(&s->outstanding, s->arena, n, 0);
    s->keeps_kv = c->router->reads_kv && n > 1;
    if (s->keeps_kv)
        mintree_init(&s->kv_low, s->arena, n, 0);
    s->replica = ARENA_ARRAY(s->arena, struct replica, n);
    s->all.id = ARENA_ARRAY(s->arena, uint32_t, n);
    for (int p = 0; p < c->npool; p++)
        for (int i = 0; i < c->pool[p].replicas; i++, at++) {
            replica_init(&s->replica[at], s, &c->pool[p], at);
            s->all.id[s->all.n++] = at;
        }
    pools_init(s);
    disagg_start(s);
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
    s->n = t->n;
    for (int i = 0; i < c->npool; i++)
        s->replicas += c->pool[i].replicas;
    if (!metrics_init(&s->metrics, a, c, t, out, e) || !flight_start(s, e))
        return false;
    rng_seed(&s->route, c->seed, PURPOSE_ROUTE);
    build_replicas(s);
    life_init(s);
    if (c->nslo && !flight_all(s, offer, e))
        return false;
    verdict_allow(&s->metrics.verdict);
    int concurrency = c->concurrency > 0 ? c->concurrency : t->concurrency;
    if (t->turn)
        session_start(s, t, concurrency);
    else if (concurrency > 0)
        start_closed_loop(s, concurrency);
    if (!run(s, e))
        return false;
    out->simulated = s->over;
    metrics_queue(&s->metrics, s->metrics.end_ns > s->metrics.queue_ns ? s->metrics.end_ns : s->metrics.queue_ns, 0);
    if (s->life)
        life_finish(s->life, s->metrics.end_ns);
    metrics_finish(&s->metrics, a, s->replica, s->replicas, s->closed);
    return true;
}
