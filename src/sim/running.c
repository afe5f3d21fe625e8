/* running.c - the verbs a policy uses, and the bookkeeping of who decodes.
**
** What a decoder of context c = d + off + 1 adds to the sums of the next step, m = min_kv, w = clip_window:
**
**      full: max(c, m)           grows by 1 a step while c >= m
**      clip: min(max(c, m), w)   grows by 1 a step while m <= c < w
**
** Its bends are the counters d at which c reaches m or w, or its cached tokens d + off reach the window of the KV pool.
*/
#include "sim/running.h"

#include "sim/admission.h"
#include "sim/cluster.h"
#include "sim/sched.h"
#include "sim/speculation.h"
#include "sim/swap.h"

int64_t running_full(const struct replica *r, int64_t context)
{
    return context > r->min_ctx ? context : r->min_ctx;
}

int64_t running_clip(const struct replica *r, int64_t context)
{
    int64_t full = running_full(r, context), w = r->window_ctx;
    return full < w ? full : w;
}

/* Steps of more than one part can go past a bend: what the sums have of the slot becomes what it is. */
static void settle(struct replica *r, const struct slot *s)
{
    int64_t c = running_context(r, s), m = r->min_ctx, w = r->window_ctx, before = m < w ? m : w;
    r->full += running_full(r, c) - (s->sloped ? c : m);
    r->clip += running_clip(r, c) - (s->clipped ? c : s->sloped ? w : before);
}

/* It took more steps than its tokens should have: its context, c now, stays at the last token's. */
static void stop(struct replica *r, struct slot *s, int64_t c)
{
    int64_t last = s->cap + r->parts;
    if (!r->sched->reserve)
        kvpool_give(&r->kv, kvpool_stop(&r->kv, r->d, r->d + s->off, s->cap));
    r->full += running_full(r, last) - running_full(r, c);
    r->clip += running_clip(r, last) - running_clip(r, c);
    r->full_slope -= s->sloped;
    r->clip_slope -= s->clipped;
    s->sloped = s->clipped = s->growing = false;
    s->stopped = true;
}

/* Bring the slot's part in the slopes up to date and find its next bend. */
static void classify(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    int64_t c = running_context(r, s), n = c - r->parts;
    int64_t m = r->min_ctx, w = r->window_ctx;
    bool sloped = c >= m, clipped = sloped && c < w, growing = n < r->kv.window;
    r->full_slope += (int)sloped - (int)s->sloped;
    r->clip_slope += (int)clipped - (int)s->clipped;
    if (s->growing && !growing && !r->sched->reserve)
        kvpool_give(&r->kv, kvpool_fill_window(&r->kv, r->d, n));
    s->sloped = sloped;
    s->clipped = clipped;
    s->growing = growing;

    if (r->parts > 1 && n >= s->cap) {
        stop(r, s, c);
        heap_drop(&r->bend, id);
        return;
    }
    int64_t ahead = r->parts > 1 ? s->cap - n : INT64_MAX, next = INT64_MAX;
    if (!sloped)
        next = m - c;
    else if (clipped)
        next = w - c;
    if (next < ahead)
        ahead = next;
    if (growing && r->kv.window - n < ahead)
        ahead = r->kv.window - n;
    if (ahead != INT64_MAX)
        heap_put(&r->bend, id, r->d + ahead, s->request);
    else
        heap_drop(&r->bend, id);
}

void running_bend(struct replica *r, uint32_t id)
{
    if (r->parts > 1)
        settle(r, &r->slot[id]);
    classify(r, id);
}

void running_join(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    s->state = SLOT_DECODE;
    int64_t n = s->cached * r->parts;
    s->off = n - r->d;
    s->finish = r->d + s->out_tok - s->made;
    if (r->parts > 1)
        speculation_join(r, s);
    s->sloped = s->clipped = s->stopped = false;
    s->growing = n < r->kv.window;
    if (!r->sched->reserve)
        kvpool_join(&r->kv, r->d, n);
    r->full += running_full(r, running_context(r, s));
    r->clip += running_clip(r, running_context(r, s));
    r->ndec++;
    r->shared += s->path.blocks;
    r->finish_sum += s->finish;
    heap_put(&r->finish, id, s->finish, s->request);
    classify(r, id);
    s->interfered_ns -= r->interfered_ns;
    for (int32_t j = 0; j < r->nitl; j++)
        slot_slow(r, id)[j] -= r->slow[j];
}

void running_leave(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    int64_t n = running_cached(r, s);
    r->full -= running_full(r, n + r->parts);
    r->clip -= running_clip(r, n + r->parts);
    r->full_slope -= s->sloped;
    r->clip_slope -= s->clipped;
    r->ndec--;
    r->shared -= s->path.blocks;
    r->finish_sum -= s->finish;
    heap_drop(&r->finish, id);
    heap_drop(&r->bend, id);
    if (!r->sched->reserve) {
        if (s->stopped)
            kvpool_leave_stopped(&r->kv, n);
        else
            kvpool_leave(&r->kv, r->d, n);
        s->held = kvpool_need_parts(&r->kv, n) - s->path.blocks;
    }
    if (r->parts > 1) {
        speculation_leave(r, s);
    } else {
        s->cached = (int32_t)n;
        s->made = s->out_tok - (int32_t)(s->finish - r->d);
    }
    s->interfered_ns += r->interfered_ns;
    for (int32_t j = 0; j < r->nitl; j++)
        slot_slow(r, id)[j] += r->slow[j];
    for (int32_t i = 0; i < r->nstall; i++)
        if (r->stall[i].seqs > 0) { /* it leaves the oldest group: policies that stall decoders preempt seldom */
            r->stall[i].seqs--;
            break;
        }
}

int64_t running_units(const struct replica *r, const struct slot *s)
{
    if (s->state == SLOT_DECODE && !r->sched->reserve)
        return kvpool_need_parts(&r->kv, running_cached(r, s)) - s->path.blocks;
    return s->held;
}

void running_publish(struct replica *r, struct slot *s, int64_t tok)
{
    int64_t before = s->path.blocks;
    struct prefix_change c = prefix_publish(r->prefix, &s->path, sim_request(r->sim, s->request), tok);
    s->held -= s->path.blocks - before;
    kvpool_give(&r->kv, c.spare); /* first: it may be what makes room */
    kvpool_hold(&r->kv, c.woken);
}

/* Last blocks first: its own, then those of its path. */
void running_give(struct replica *r, struct slot *s, bool keep)
{
    if (keep && r->prefix) {
        s->kept_node = prefix_keep(r->prefix, s->held);
        kvpool_let(&r->kv, s->held);
    } else {
        kvpool_give(&r->kv, s->held);
    }
    s->held = 0;
    if (r->prefix)
        kvpool_let(&r->kv, prefix_release(r->prefix, &s->path));
}

void running_unlink(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    *(s->prev == NO_SLOT ? &r->head : &r->slot[s->prev].next) = s->next;
    *(s->next == NO_SLOT ? &r->tail : &r->slot[s->next].prev) = s->prev;
    if (r->partial == id)
        r->partial = NO_SLOT;
    r->nrun--;
}

void running_remove(struct replica *r, uint32_t id, bool keep)
{
    running_unlink(r, id);
    running_give(r, &r->slot[id], keep);
}

void running_link(struct replica *r, uint32_t id)
{
    r->slot[id].prev = r->tail;
    r->slot[id].next = NO_SLOT;
    *(r->tail == NO_SLOT ? &r->head : &r->slot[r->tail].next) = id;
    r->tail = id;
    r->nrun++;
}

void running_free(struct replica *r, uint32_t id)
{
    r->slot[id].state = SLOT_FREE;
    r->slot[id].next = r->free_slot;
    r->free_slot = id;
}

/* ---- verbs of a policy ---- */

void replica_preempt(struct replica *r, uint32_t id)
{
    struct slot *s = &r->slot[id];
    bool out = s->state == SLOT_DECODE && r->pool->swap.room > 0;
    if (s->state == SLOT_DECODE)
        running_leave(r, id);
    out = out && swap_out(r, s);
    bool keep = !out && r->sched->cache == CACHE_SCHEDULED && r->pool->prefix_cache != PREFIX_CACHE_OFF;
    s->kept_after = s->path.blocks;
    s->kept = keep ? s->cached / r->kv.block_tok - s->kept_after : 0;
    running_remove(r, id, keep);
    s->kept_end = r->kv.freed;
    s->state = SLOT_PREEMPTED;
    s->target = s->in_tok + s->made;
    s->cached = 0;
    s->preemptions++;
    s->left_ns = r->now_ns;
    admission_preempted(r, id);
    r->look = true;
    r->planned_preemption = true;
    r->sim->metrics.out->preemptions++;
    r->sim->metrics.out->pool[metrics_pool(&r->sim->metrics, r)].preemptions++;
    metrics_queue(&r->sim->metrics, r->now_ns, 1);
}

void replica_decode(struct replica *r)
{
    if (!r->ndec)
        return;
    int64_t need = 0;
    while (!r->sched->reserve && (need = kvpool_growth(&r->kv, r->d, r->gain)) > kvpool_free(&r->kv)) {
        if (r->nrun == 1 && !r->nparked)
            sim_bug(r->now_ns, r->slot[r->tail].request, "a request alone outgrows the KV pool");
        replica_preempt(r, admission_victim(r));
    }
    if (!r->ndec)
        return;
    kvpool_take(&r->kv, need);
    r->batch.decode = true;
}

int32_t replica_resume(struct replica *r, int32_t most)
{
    if (r->partial == NO_SLOT || most <= 0)
        return 0;
    struct slot *s = &r->slot[r->partial];
    int32_t tok = s->target - s->cached < most ? s->target - s->cached : most;
    int64_t more = kvpool_need(&r->kv, s->cached + tok) - s->path.blocks - s->held;
    if (more > 0) { /* else it was reserved at admission */
        if (more > kvpool_free(&r->kv)) {
            if (r->nrun == 1 && !r->nparked)
                sim_bug(r->now_ns, s->request, "a prompt alone outgrows the KV pool");
            replica_preempt(r, r->partial);
            return 0;
        }
        kvpool_take(&r->kv, more);
        s->held += more;
    }
    if (r->prefix && r->sched->cache == CACHE_SCHEDULED)
        running_publish(r, s, s->cached + tok);
    r->batch.chunk[r->batch.nchunk++] = (struct chunk){r->partial, tok};
    r->batch.prefill_tok += tok;
    return tok;
}

bool replica_waiting(const struct replica *r)
{
    return (r->preempted != NO_SLOT || r->seen > 0) && r->nrun < r->max_seqs && r->batch.nchunk < r->max_seqs;
}

int32_t replica_next_tok(const struct replica *r)
{
    uint32_t id = replica_next_slot(r);
    if (id != NO_SLOT)
        return r->slot[id].target;
    return sim_request(r->sim, r->ring[r->ring_at])->in_tok;
}

int32_t replica_next_all(const struct replica *r)
{
    uint32_t id = replica_next_slot(r);
    if (id != NO_SLOT)
        return r->slot[id].in_tok + (r->pool->role == POOL_PREFILL ? 1 : r->slot[id].out_tok) - 1;
    const struct request *q = sim_request(r->sim, r->ring[r->ring_at]);
    return r->pool->role == POOL_PREFILL ? q->in_tok : q->in_tok + q->out_tok - 1;
}

/* With a prefix cache: the cached part of its prompt, and behind all of it what is left of its own blocks. */
static struct hit look_up(const struct replica *r, uint32_t request)
{
    struct hit h = {.path = PREFIX_ROOT};
    const struct request *q = sim_request(r->sim, request);
    uint32_t id = replica_next_slot(r);
    const struct slot *s = id == NO_SLOT ? NULL : &r->slot[id];
    int64_t most_tok = (s ? s->target : q->in_tok) - 1;
    h.path = prefix_find(r->prefix, q, most_tok, &h.idle);
    prefix_below(r->prefix, q, most_tok, &h.path, h.load);
    if (s && h.path.blocks + h.load[PREFIX_HOST] + h.load[PREFIX_DISK] == s->kept_after) {
        int64_t left = prefix_kept(r->prefix, s->kept_node);
        h.own = left < s->kept ? left : s->kept;
    }
    return h;
}

static int64_t hit_blocks(const struct hit *h)
{
    return h->path.blocks + h->load[PREFIX_HOST] + h->load[PREFIX_DISK] + h->own;
}

/* Remembered, since a policy asks several times. */
static const struct hit *next_hit(struct replica *r)
{
    uint32_t id = replica_next_slot(r), request = id == NO_SLOT ? r->ring[r->ring_at] : r->slot[id].request;
    if (r->memo.request != request || r->memo.version != r->prefix->version) {
        r->memo.hit = look_up(r, request);
        r->memo.request = request;
        r->memo.version = r->prefix->version;
    }
    return &r->memo.hit;
}

/* Without a prefix cache: its own full blocks that nobody has reused, where the pool is counted in blocks of equal layers. */
static int64_t own_left(const struct replica *r)
{
    const struct slot *s = &r->slot[replica_next_slot(r)];
    return r->kv.full == 1 && !r->kv.clip && !r->kv.state ? kvpool_left(&r->kv, s->kept_end, s->kept) : 0;
}

int32_t replica_next_hit(struct replica *r)
{
    int64_t blocks = 0;
    uint32_t id = replica_next_slot(r);
    if (id != NO_SLOT && swap_has(&r->slot[id]))
        return r->slot[id].target - 1;
    if (r->prefix)
        blocks = hit_blocks(next_hit(r));
    else if (id != NO_SLOT)
        blocks = own_left(r);
    return (int32_t)(blocks * r->kv.block_tok);
}

bool replica_room(struct replica *r, int64_t tok)
{
    int64_t keep = r->nrun ? r->watermark : 0, need = kvpool_need(&r->kv, tok);
    uint32_t id = replica_next_slot(r);
    if (r->prefix && !(id != NO_SLOT && swap_has(&r->slot[id])))
        need += next_hit(r)->idle - next_hit(r)->path.blocks;
    return need <= kvpool_free(&r->kv) - keep;
}

static uint32_t from_ring(struct replica *r)
{
    if (r->free_slot == NO_SLOT)
        replica_more_slots(r);
    uint32_t id = r->free_slot, request = r->ring[r->ring_at];
    const struct request *q = sim_request(r->sim, request);
    struct slot *s = &r->slot[id];
    r->free_slot = s->next;
    r->ring_at = r->ring_at + 1 == r->ring_cap ? 0 : r->ring_at + 1;
    r->ring_n--;
    r->seen--;
    r->waiting_tok -= q->in_tok;
    *s = (struct slot){.request = request,
                       .in_tok = q->in_tok,
                       .out_tok = q->out_tok,
                       .target = q->in_tok,
                       .arrival_ns = q->arrival_ns,
                       .start_ns = r->now_ns,
                       .first_ns = -1,
                       .path = PREFIX_ROOT,
                       .kept_node = NO_NODE,
                       .fixed_ns = r->fixed_ns};
    for (int32_t j = 0; j < r->nitl; j++)
        slot_slow(r, id)[j] = 0;
    if (r->sim->sent_ns)
        s->arrival_ns = r->sim->sent_ns[request];
    s->late = r->sim->life ? life_late(r->sim->life, r->index, request, s->arrival_ns) : MISS_QUEUE;
    return id;
}

/* KV for `hold` tokens. The blocks it found leave the free queue first, so that those it takes besides are others. */
static void take_cached(struct replica *r, struct slot *s, const struct hit *h, int64_t hold)
{
    kvpool_hold(&r->kv, prefix_hold(r->prefix, &h->path) + h->own);
    prefix_rescue(r->prefix, s->kept_node, h->own);
    s->kept_node = NO_NODE;
    s->path = h->path;
    s->cached = (int32_t)(hit_blocks(h) * r->kv.block_tok);
    s->held = kvpool_need(&r->kv, hold) - s->path.blocks;
    kvpool_take(&r->kv, s->held - h->own);
    int64_t loaded = h->load[PREFIX_HOST] + h->load[PREFIX_DISK];
    if (!s->preemptions) {
        s->hit_tok = s->cached;
        s->loaded_tok = (int32_t)(loaded * r->kv.block_tok);
    }
    if (!loaded)
        return;
    for (int i = 0; i < PREFIX_TIERS; i++)
        r->batch.loading_q20 += h->load[i] * r->pool->tier[i].block_q20;
    running_publish(r, s, (h->path.blocks + loaded) * r->kv.block_tok);
    prefix_touch(r->prefix, &s->path);
}

static void take_plain(struct replica *r, struct slot *s, int64_t own, int64_t hold)
{
    kvpool_rescue(&r->kv, own);
    s->cached = (int32_t)(own * r->kv.block_tok);
    s->held = kvpool_need(&r->kv, hold);
    kvpool_take(&r->kv, s->held);
}

void replica_admit(struct replica *r, int32_t tok, int64_t hold)
{
    uint32_t id = replica_next_slot(r);
    int64_t own = r->prefix || id == NO_SLOT ? 0 : own_left(r);
    bool swapped = id != NO_SLOT && swap_has(&r->slot[id]);
    if (r->prefix && !swapped)
        next_hit(r); /* of whom is admitted here, before the next one is the next */
    if (id != NO_SLOT) /* always the first of them */
        r->preempted = r->slot[id].next;
    else
        id = from_ring(r);
    struct slot *s = &r->slot[id];
    if (swapped)
        swap_in(r, s, hold);
    else if (r->prefix)
        take_cached(r, s, &r->memo.hit, hold);
    else
        take_plain(r, s, own, hold);
    s->state = SLOT_PREFILL;
    if (r->prefix && r->sched->cache == CACHE_SCHEDULED)
        running_publish(r, s, s->cached + tok);
    running_link(r, id);
    r->batch.chunk[r->batch.nchunk++] = (struct chunk){id, tok};
    r->batch.prefill_tok += tok;
    if (s->cached + tok < s->target)
        r->partial = id;
    metrics_queue(&r->sim->metrics, r->now_ns, -1);
}

static int32_t tokens_of(const struct replica *r, enum admit_kv kv, int32_t chunk, int32_t prompt)
{
    return kv == KV_CHUNK ? chunk : kv == KV_PROMPT ? prompt : replica_next_all(r);
}

void replica_fill(struct replica *r, int32_t budget, enum admit_kv fit, enum admit_kv take)
{
    if (!r->look || r->planned_preemption)
        return;
    while (budget > 0 && replica_waiting(r)) {
        int32_t want = replica_next_tok(r), hit = replica_next_hit(r);
        int32_t tok = want - hit < budget ? want - hit : budget;
        if (!replica_room(r, tokens_of(r, fit, hit + tok, want)))
            break;
        replica_admit(r, tok, tokens_of(r, take, hit + tok, want));
        budget -= tok;
    }
}
