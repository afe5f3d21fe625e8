/* replica.c - the life of a replica between events: plan a step, stretch it, complete it.
**
** A stretch of k steps without prefill lasts S(k) = k*a + b*k(k-1)/2 (a: the first step, b: growth a step), in units of
** 2^-20 ns. Its end is known when it starts. It ends early when
**
**      a decoder is done, a bend is reached, the next step's KV would not fit       (all known when it starts), or
**      an arrival that could be admitted comes at t: at the end of the step running then, the smallest n with
**      now + S(n) >= t, by the root of the quadratic and a correction in integers.
**
** An arrival at the very instant a step ends is seen by the plan at that end.
*/
#include "sim/replica.h"

#include <math.h>

#include "base/arena.h"
#include "sim/admission.h"
#include "sim/cluster.h"
#include "sim/disagg.h"
#include "sim/running.h"
#include "sim/sched.h"
#include "sim/speculation.h"

#define STRETCH_Q20 ((int64_t)1 << 61) /* longest stretch, 36 minutes: sums stay within 63 bits */

/* Blocks of models with clipped layers or a state are not shared here. */
static bool shares_prefixes(const struct traffic *t, const struct sim_pool *c, const struct kvpool *p)
{
    return c->role != POOL_DECODE && sched_caches(c->sched, c->prefix_cache) && t->block_tok > 0 && t->nblock > 0 && p->full == 1 && !p->clip && !p->state;
}

#define USUAL_TOK 1000 /* context of a sequence, to compare replicas by */

static int64_t full_speed(const struct replica *r)
{
    int64_t room = r->kv.capacity / (kvpool_need(&r->kv, USUAL_TOK) > 0 ? kvpool_need(&r->kv, USUAL_TOK) : 1);
    int64_t seqs = room < 1 ? 1 : room < r->max_seqs ? room : r->max_seqs, each = running_full(r, USUAL_TOK);
    struct step_load l = {.decode_seqs = seqs, .decode_full = seqs * each, .decode_clip = seqs * running_clip(r, USUAL_TOK)};
    double speed = (double)seqs / ((double)step_q20(r->table, &l) / (1e9 * (double)Q20));
    return speed > 1 ? (int64_t)fmin(speed, 1e15) : 1;
}

void replica_init(struct replica *r, struct sim *s, const struct sim_pool *c, uint32_t index)
{
    struct arena *a = s->arena;
    /* Each running sequence has its tokens in every step, so that no more than so many can run. */
    int32_t verify = 1 + c->speculative_tok, room = c->max_tokens / verify;
    int32_t most = c->max_seqs < room ? c->max_seqs : room;
    *r = (struct replica){.sim = s,
                          .pool = c,
                          .table = c->table,
                          .sched = c->sched,
                          .index = index,
                          .max_seqs = most,
                          .max_tokens = c->max_tokens,
                          .preempted = NO_SLOT,
                          .head = NO_SLOT,
                          .tail = NO_SLOT,
                          .partial = NO_SLOT,
                          .memo = {.request = NO_REQUEST},
                          .inbox = NO_SLOT,
                          .fixed_ns = (int64_t)llround(c->table->ttft_fixed_s * 1e9),
                          .parts = 1,
                          .gain = 1,
                          .verify = 1,
                          .min_ctx = c->table->min_kv,
                          .window_ctx = c->table->clip_window,
                          .look = true};
    if (c->speculative_tok > 0)
        speculation_init(r, a);
    kvpool_init(&r->kv, a, c->memory, c->sched->held_back_blocks, r->parts);
    if (shares_prefixes(s->traffic, c, &r->kv)) {
        r->prefix = r->kv.prefix = ARENA_NEW(a, struct prefix);
        prefix_init(r->prefix, a, s->traffic, r->kv.block_tok, r->kv.capacity);
        for (int i = 0; i < PREFIX_TIERS; i++)
            r->prefix->tier[i].room = c->tier[i].blocks;
        s->metrics.out->prefix_cache = true;
    }
    r->speed = full_speed(r);
    r->watermark = (int64_t)ceil(c->watermark_frac * (double)r->kv.capacity);
    r->nitl = s->metrics.verdict.nitl;
    r->slow = ARENA_ARRAY(a, int64_t, (size_t)r->nitl);
    replica_more_slots(r);
    if (c->role == POOL_DECODE)
        r->arrived = ARENA_ARRAY(a, uint32_t, (size_t)most);
    r->ring_cap = 64;
    r->ring = ARENA_ARRAY(a, uint32_t, r->ring_cap);
}

/* Most replicas run far fewer sequences at once than they may: what they need stays together, and is quick to set up. */
void replica_more_slots(struct replica *r)
{
    struct arena *a = r->sim->arena;
    uint32_t old = r->slots, most = (uint32_t)r->max_seqs, n = old ? 2 * old : 32;
    n = n < most ? n : most;
    r->slot = arena_grow(a, r->slot, old, n, sizeof *r->slot);
    for (uint32_t i = old; i < n; i++)
        r->slot[i].next = i + 1 < n ? i + 1 : NO_SLOT;
    r->free_slot = old;
    r->slot_slow = arena_grow(a, r->slot_slow, (size_t)old * (size_t)r->nitl, (size_t)n * (size_t)r->nitl, sizeof *r->slot_slow);
    r->batch.chunk = arena_grow(a, r->batch.chunk, old, n, sizeof *r->batch.chunk);
    r->stall = arena_grow(a, r->stall, old ? old + 2 : 0, (size_t)n + 2, sizeof *r->stall);
    heap_grow(&r->finish, a, n);
    heap_grow(&r->bend, a, n);
    r->slots = n;
}

/* ---- time ---- */

static int64_t steps_q20(const struct replica *r, int64_t n)
{
    return n * r->first_q20 + r->slope_q20 * (n * (n - 1) / 2);
}

static int64_t end_ns(const struct replica *r, int64_t n)
{
    return r->now_ns + ((r->frac_q20 + steps_q20(r, n)) >> 20);
}

/* The smallest n >= 1 whose steps end at t or later; t is not after the end of the stretch. */
static int64_t steps_until(const struct replica *r, int64_t t_ns)
{
    int64_t target = ((t_ns - r->now_ns) << 20) - r->frac_q20;
    if (target <= r->first_q20)
        return 1;
    double a = (double)r->first_q20, b = (double)r->slope_q20, h = a - b / 2;
    int64_t n = (int64_t)(2 * (double)target / (h + sqrt(h * h + 2 * b * (double)target)));
    if (n < 1)
        n = 1;
    if (n > r->k)
        n = r->k;
    while (n > 1 && steps_q20(r, n - 1) >= target)
        n--;
    while (steps_q20(r, n) < target)
        n++;
    return n;
}

/* ---- a stretch begins ---- */

static int64_t tok_q20(const struct step_table *t, int64_t tok)
{
    if (tok <= t->max_tok)
        return t->tok_q20[tok];
    /* A whole prompt above the table, from a policy that does not chunk: more of the last slope. */
    int64_t half = t->max_tok / 2;
    int64_t slope = (t->tok_q20[t->max_tok] - t->tok_q20[half]) / (t->max_tok - half);
    return t->tok_q20[t->max_tok] + slope * (tok - t->max_tok);
}

static int64_t load_q20(const struct step_table *t, const struct step_load *l)
{
    int64_t decode = l->decode_seqs * (1 + t->verify_tok), tok = decode + l->prefill_tok, q;
    if (tok > t->max_tok) {
        struct step_load most = *l;
        most.prefill_tok = t->max_tok - decode;
        q = step_q20(t, &most) + tok_q20(t, tok) - t->tok_q20[t->max_tok];
    } else {
        q = step_q20(t, l);
    }
    return q > 0 ? q : 1; /* time must go on */
}

static void start_prefill_step(struct replica *r)
{
    struct step_load l = {0};
    if (r->batch.decode) {
        l.decode_seqs = r->ndec;
        l.decode_full = r->full;
        l.decode_clip = r->clip;
        r->decode_only_q20 = load_q20(r->table, &l);
    } else {
        r->decode_only_q20 = 0;
    }
    for (int32_t i = 0; i < r->batch.nchunk; i++) {
        const struct slot *s = &r->slot[r->batch.chunk[i].slot];
        int64_t tok = r->batch.chunk[i].tok, past = s->cached, window = r->table->clip_window;
        l.prefill_tok += tok;
        l.prefill_chunks++;
        l.prefill_first += past == 0;
        l.prefill_done += past + tok == s->target;
        l.prefill_pairs += step_pairs(past, tok, 0);
        if (window > 0)
            l.prefill_pairs_clip += step_pairs(past, tok, window);
    }
    r->k = 1;
    r->slope_q20 = 0;
    r->first_q20 = load_q20(r->table, &l) + r->batch.loading_q20;
}

/* The stretch ends with the step that runs at t. */
static void stop_at(struct replica *r, int64_t t_ns)
{
    if (r->k > 1 && end_ns(r, r->k) > t_ns)
        r->k = t_ns > r->now_ns ? steps_until(r, t_ns) : 1;
}

static void start_decode_steps(struct replica *r)
{
    struct step_load l = {.decode_seqs = r->ndec, .decode_full = r->full, .decode_clip = r->clip};
    r->decode_only_q20 = load_q20(r->table, &l);
    r->first_q20 = r->decode_only_q20 + r->batch.loading_q20;
    r->slope_q20 = step_decode_q20(r->table, r->ndec, r->full_slope * r->gain, r->clip_slope * r->gain, 0);
    int64_t ahead = heap_min(&r->finish) - r->d;
    if (r->bend.n && heap_min(&r->bend) - r->d < ahead)
        ahead = heap_min(&r->bend) - r->d;
    int64_t gain = r->gain, k = gain == 1 ? ahead : (ahead + gain - 1) / gain;
    int64_t interval = r->pool->recv_interval_steps;
    if (interval > 1 && r->ring_n > r->seen && interval - r->unpolled % interval < k)
        k = interval - r->unpolled % interval; /* somebody is waiting to be received */
    if (!r->sched->reserve)                    /* the first step's growth is taken already */
        k = 1 + kvpool_steps(&r->kv, r->d + gain, (k - 1) * gain) / gain;
    while (k > 1 && (double)k * ((double)r->first_q20 + (double)r->slope_q20 * (double)k) > (double)STRETCH_Q20)
        k /= 2;
    r->k = r->sim->config->step_by_step || r->batch.loading_q20 ? 1 : k;
    if (r->pool->max_wait_ns > 0 && r->ring_n)
        stop_at(r, admission_deadline_ns(r));
}

static void receive(struct replica *r)
{
    int64_t interval = r->pool->recv_interval_steps;
    if (interval > 1 && r->nrun && !r->mixed && r->unpolled % interval != 0)
        return;
    r->unpolled = 0;
    if ((!r->seen && r->ring_n && r->preempted == NO_SLOT) || r->overtaken)
        r->look = true;
    r->overtaken = false;
    r->seen = r->ring_n;
}

static void plan_and_start(struct replica *r)
{
    receive(r);
    if (r->pool->max_wait_ns > 0)
        admission_expire(r);
    r->batch.decode = false;
    r->batch.nchunk = r->batch.prefill_tok = 0;
    r->batch.loading_q20 = 0;
    r->planned_preemption = false;
    if (r->narrived)
        disagg_join(r);
    r->sched->plan(r);
    if (r->inbox_n)
        disagg_admit(r);
    r->mixed = r->batch.nchunk > 0;
    if (r->mixed)
        start_prefill_step(r);
    else if (r->batch.decode)
        start_decode_steps(r);
    else
        r->k = 0;
    r->look = r->mixed; /* what was blocked stays blocked until a request ends or the first one arrives */
    if (r->k)
        sim_event(r->sim, r->index, end_ns(r, r->k));
    else if ((r->ring_n || r->nrun || r->preempted != NO_SLOT || r->inbox_n) && !r->nparked)
        sim_bug(r->now_ns, r->ring_n ? r->ring[r->ring_at] : NO_REQUEST, "requests wait and nothing can run");
    else
        sim_event(r->sim, r->index, MINTREE_ABSENT);
}

/* ---- a stretch ends ---- */

static void first_token(struct replica *r, uint32_t id)
{
    struct metrics *m = &r->sim->metrics;
    struct slot *s = &r->slot[id];
    if (s->made == 0) {
        s->first_ns = r->now_ns;
    } else { /* back from a preemption */
        s->lost_ns += r->now_ns - s->left_ns;
        metrics_gap(m, r->now_ns - s->left_ns);
        verdict_gap(&m->verdict, slot_slow(r, id), r->now_ns - s->left_ns);
    }
    s->made++;
}

static void over(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    running_remove(r, id, false);
    metrics_done(&r->sim->metrics, r, s, slot_slow(r, id), r->now_ns);
    running_free(r, id);
    r->look = true;
    sim_request_over(r->sim, s->request, r->now_ns + s->fixed_ns);
    sim_outstanding_add(r->sim, r->index, -1);
    if (r->sim->life)
        life_done(r->sim->life, r->index, r->now_ns);
}

static void complete_chunks(struct replica *r)
{
    for (int32_t i = 0; i < r->batch.nchunk; i++) {
        uint32_t id = r->batch.chunk[i].slot;
        struct slot *s = &r->slot[id];
        s->cached += r->batch.chunk[i].tok;
        if (r->prefix && r->sched->cache != CACHE_SCHEDULED)
            running_publish(r, s, s->cached);
        if (s->cached < s->target)
            continue;
        if (r->partial == id)
            r->partial = NO_SLOT;
        first_token(r, id);
        if (s->made == s->out_tok) {
            over(r, id);
            continue;
        }
        if (r->pool->role == POOL_PREFILL) {
            disagg_leave(r, id);
            continue;
        }
        running_join(r, id);
        if (!r->batch.decode && r->nstall)
            r->stall[r->nstall - 1].seqs++;
    }
}

/* A step without decoding while decoders wait: their next gap grows. Groups by how much they have waited for. */
static void stall_decoders(struct replica *r, int64_t q20)
{
    if (r->nstall == 0) {
        if (r->ndec == 0)
            return;
        r->stalled_q20 = 0;
        r->stall[r->nstall++] = (struct stall){r->ndec, 0};
    }
    r->stalled_q20 += q20;
    if (r->stall[r->nstall - 1].seqs)
        r->stall[r->nstall++] = (struct stall){0, r->stalled_q20};
    else
        r->stall[r->nstall - 1].since_q20 = r->stalled_q20;
}

/* Take the KV of the first n steps behind the one whose KV was taken at the start. */
static void grow(struct replica *r, int64_t n)
{
    kvpool_take(&r->kv, kvpool_growth(&r->kv, r->d + r->gain * (1 + r->grown), r->gain * (n - r->grown)));
    r->grown = n;
}

static void advance_decoders(struct replica *r, int64_t n)
{
    if (n > 1 && !r->sched->reserve)
        grow(r, n - 1);
    r->grown = 0;
    n *= r->gain;
    r->d += n;
    r->kv.fill += n * r->kv.grow_all;
    r->full += n * r->full_slope;
    r->clip += n * r->clip_slope;
    while (r->bend.n && heap_min(&r->bend) <= r->d)
        running_bend(r, r->bend.item[0].id);
    while (heap_min(&r->finish) == r->d) {
        uint32_t id = r->finish.item[0].id;
        running_leave(r, id);
        over(r, id);
    }
}

static void complete(struct replica *r)
{
    int64_t n = r->k, q20 = steps_q20(r, n);
    int64_t interfered = r->first_q20 - r->decode_only_q20;
    if (r->mixed && r->ndec) {
        r->interfered_frac += interfered;
        r->interfered_ns += r->interfered_frac >> 20;
        r->interfered_frac &= Q20 - 1;
    }
    verdict_steps(&r->sim->metrics.verdict, r, n);
    metrics_steps(&r->sim->metrics, r, n, q20);
    r->now_ns += (r->frac_q20 + q20) >> 20;
    r->frac_q20 = (r->frac_q20 + q20) & (Q20 - 1);
    r->k = 0;
    r->unpolled += n;
    if (r->batch.decode) {
        r->nstall = 0;
        advance_decoders(r, n);
    } else {
        stall_decoders(r, q20);
    }
    complete_chunks(r);
}

void replica_keep_kv_low(struct replica *r)
{
    if (r->sim->keeps_kv)
        mintree_put(&r->sim->kv_low, r->index, r->kv.used + kvpool_need(&r->kv, r->waiting_tok));
}

void replica_event(struct replica *r, int64_t t_ns)
{
    if (r->k) {
        complete(r);
        if (r->now_ns != t_ns)
            sim_bug(t_ns, NO_REQUEST, "a stretch ended at another time than its event");
    } else {
        r->now_ns = t_ns; /* woken by an arrival */
        r->frac_q20 = 0;
    }
    plan_and_start(r);
    replica_keep_kv_low(r);
}

/* ---- arrivals ---- */

static void wait_in_ring(struct replica *r, uint32_t request)
{
    if (r->ring_n == r->ring_cap) {
        uint32_t *ring = ARENA_ARRAY(r->sim->arena, uint32_t, 2 * (size_t)r->ring_cap);
        for (uint32_t i = 0; i < r->ring_n; i++)
            ring[i] = r->ring[(r->ring_at + i) % r->ring_cap];
        r->ring = ring;
        r->ring_at = 0;
        r->ring_cap *= 2;
    }
    r->waiting_tok += sim_request(r->sim, request)->in_tok;
    uint32_t at = r->ring_at + r->ring_n++;
    r->ring[at >= r->ring_cap ? at - r->ring_cap : at] = request;
}

static void wait_until(struct replica *r, int64_t t_ns)
{
    int64_t k = r->k;
    stop_at(r, t_ns);
    if (r->k < k)
        sim_event(r->sim, r->index, end_ns(r, r->k));
}

void replica_arrive(struct replica *r, uint32_t request, int64_t t_ns)
{
    bool overtakes = false;
    if (r->pool->max_queue > 0 && !admission_arrive(r, request, t_ns))
        return;
    wait_in_ring(r, request);
    if (r->pool->by_priority)
        overtakes = admission_place(r);
    r->overtaken |= overtakes;
    replica_keep_kv_low(r);
    if (!r->k) {
        sim_event(r->sim, r->index, t_ns);
        return;
    }
    int64_t interval = r->pool->recv_interval_steps;
    bool blocked = ((r->seen || r->preempted != NO_SLOT) && !overtakes) || r->nrun == r->max_seqs;
    if (r->pool->max_wait_ns > 0)
        wait_until(r, admission_until_ns(r, request, t_ns));
    if (r->k == 1 || r->sched->when_empty || (blocked && interval <= 1))
        return; /* it could not be admitted before the stretch ends */
    int64_t n = steps_until(r, t_ns);
    if (interval > 1) /* the engine looks at that step, whether it can admit or not */
        n += (interval - (r->unpolled + n) % interval) % interval;
    if (n < r->k) {
        r->k = n;
        sim_event(r->sim, r->index, end_ns(r, n));
    }
}

void replica_wake(struct replica *r, int64_t t_ns)
{
    if (!r->k)
        sim_event(r->sim, r->index, t_ns);
    else if (r->k > 1) {
        int64_t n = steps_until(r, t_ns);
        if (n == r->k)
            return;
        r->k = n;
        sim_event(r->sim, r->index, end_ns(r, n));
    }
}

/* Only a stretch of decode steps has steps that are over: nobody is done, and no bend is reached, before its last one. */
void replica_cut(struct replica *r, int64_t t_ns)
{
    int64_t n = r->k ? steps_until(r, t_ns) - 1 : 0;
    if (n) {
        int64_t q20 = steps_q20(r, n);
        if (!r->sched->reserve)
            grow(r, n);
        verdict_steps(&r->sim->metrics.verdict, r, n);
        metrics_steps(&r->sim->metrics, r, n, q20);
        n *= r->gain;
        r->d += n;
        r->kv.fill += n * r->kv.grow_all;
        r->full += n * r->full_slope;
        r->clip += n * r->clip_slope;
    }
    if (r->k && r->batch.decode && !r->sched->reserve) /* what the step that runs has taken */
        kvpool_give(&r->kv, kvpool_growth(&r->kv, r->d, r->gain));
    r->k = r->grown = 0;
    r->now_ns = t_ns;
    r->frac_q20 = 0;
}

int64_t replica_kv_used(const struct replica *r, int64_t t_ns)
{
    if (r->k <= 1 || r->sched->reserve)
        return r->kv.used;
    return r->kv.used + kvpool_growth(&r->kv, r->d + r->gain * (1 + r->grown), r->gain * (steps_until(r, t_ns) - 1 - r->grown));
}

int64_t replica_cached_tok(struct replica *r, uint32_t request, int64_t t_ns)
{
    const struct request *q = sim_request(r->sim, request);
    int64_t idle, load[PREFIX_TIERS];
    if (!r->prefix)
        return 0;
    if (r->k > 1 && !r->sched->reserve)
        grow(r, steps_until(r, t_ns) - 1); /* what these steps took is no longer to be found */
    struct prefix_path path = prefix_find(r->prefix, q, q->in_tok - 1, &idle);
    prefix_below(r->prefix, q, q->in_tok - 1, &path, load);
    return (path.blocks + load[PREFIX_HOST] + load[PREFIX_DISK]) * r->kv.block_tok;
}
