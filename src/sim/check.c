/* check.c - recount everything a replica keeps as a running sum by walking its requests. For tests (sim_config.check).
 */
#include "sim/cluster.h"
#include "sim/disagg.h"
#include "sim/running.h"
#include "sim/sched.h"
#include "sim/speculation.h"
#include "sim/swap.h"

static void must(bool ok, const struct replica *r, uint32_t request, const char *what)
{
    if (!ok)
        sim_bug(r->now_ns, request, what);
}

struct count {
    int64_t full, clip, fill, grow_all, units, finish, shared, holds;
    int32_t dec, run, full_slope, clip_slope, prefill;
};

static void count_decoder(const struct replica *r, const struct slot *s, struct count *n)
{
    int64_t cached = running_cached(r, s), c = cached + r->parts, m = r->min_ctx, w = r->window_ctx;
    int64_t most = c > m ? c : m;
    n->dec++;
    n->full += most;
    n->clip += most < w ? most : w;
    n->full_slope += c >= m && !s->stopped;
    n->clip_slope += c >= m && c < w && !s->stopped;
    n->finish += s->finish;
    must(s->finish > r->d, r, s->request, "a decoder is past its end");
    if (r->parts > 1) {
        speculation_check(r, s);
    } else {
        must(s->made + (s->finish - r->d) <= s->out_tok, r, s->request, "more tokens to come than were asked for");
        must(cached + (s->finish - r->d) == s->in_tok + s->out_tok - 1, r, s->request, "tokens are not conserved");
    }
    if (r->sched->reserve)
        return;
    n->fill += r->kv.full * cached + r->kv.clip * (cached < r->kv.window ? cached : r->kv.window) +
               r->kv.state * r->kv.block_parts;
    n->grow_all += s->stopped ? 0 : r->kv.full + (cached < r->kv.window ? r->kv.clip : 0);
}

static void check_batch(const struct replica *r)
{
    int64_t tok = r->batch.prefill_tok + replica_decode_tok(r);
    must(r->nrun <= r->max_seqs, r, NO_REQUEST, "more sequences than max_seqs");
    must(tok <= r->max_tokens || r->batch.nchunk == 1, r, NO_REQUEST, "more tokens in a step than max_tokens");
    must(!r->nrun || tok > 0, r, NO_REQUEST, "requests run and nothing is scheduled");
    for (int32_t i = 0; i < r->batch.nchunk; i++) {
        const struct slot *s = &r->slot[r->batch.chunk[i].slot];
        must(s->state == SLOT_PREFILL && r->batch.chunk[i].tok > 0, r, s->request,
             "a chunk of a request that does not prefill");
        must(s->cached + r->batch.chunk[i].tok <= s->target, r, s->request, "a chunk beyond the prompt");
        for (int32_t j = 0; j < i; j++)
            must(r->batch.chunk[j].slot != r->batch.chunk[i].slot, r, s->request, "a request twice in a step");
    }
}

/* Nodes that a sequence holds; its blocks are no more than they have. */
static int64_t path_nodes(const struct replica *r, const struct slot *s)
{
    int64_t n = 0, blocks = 0;
    for (uint32_t id = s->path.leaf; r->prefix && id != NO_NODE; id = r->prefix->node[id].parent, n++)
        blocks += r->prefix->node[id].blocks;
    must(s->path.blocks <= blocks && s->path.blocks * r->kv.block_tok <= s->in_tok, r, s->request,
         "a sequence shares more than there is");
    return n;
}

/* What stands in the queue and what is held add up to the pool; nobody holds what nobody uses. */
static void check_prefix(const struct replica *r, const struct count *n, int64_t free)
{
    const struct prefix *p = r->prefix;
    int64_t queued = 0, held = 0, refs = 0, below[PREFIX_TIERS] = {0};
    uint32_t prompts = 0, last = NO_NODE;
    for (uint32_t id = p->head; id != NO_NODE; last = id, id = p->node[id].next) {
        queued += p->node[id].blocks;
        must(p->node[id].blocks > 0 && p->node[id].ref == 0 && p->node[id].prev == last, r, NO_REQUEST, "the free queue is torn");
    }
    for (uint32_t i = 0; i < p->places; i++) {
        if (p->place[i] == NO_NODE)
            continue;
        const struct prefix_node *x = &p->node[p->place[i]];
        prompts++;
        refs += x->ref;
        held += x->ref ? x->blocks : 0;
        for (int t = 0; t < PREFIX_TIERS; t++)
            below[t] += x->below[t];
        must(x->kind == NODE_PROMPT && x->blocks + x->below[PREFIX_HOST] + x->below[PREFIX_DISK] > 0, r, NO_REQUEST,
             "the index names a node that is gone");
        if (!x->blocks)
            continue;
        must(x->parent == NO_NODE || p->node[x->parent].kind == NODE_PROMPT, r, NO_REQUEST, "a cached block outlived its prefix");
        must(x->parent == NO_NODE || p->node[x->parent].ref >= x->ref, r, NO_REQUEST, "a block is held without its prefix");
    }
    must(last == p->tail && queued == free, r, NO_REQUEST, "the free queue is not what is free");
    must(prompts == p->nprompt && held == p->held && refs == n->holds, r, NO_REQUEST, "wrong number of holders of cached blocks");
    for (int t = 0; t < PREFIX_TIERS; t++)
        must(below[t] == p->tier[t].used && below[t] <= p->tier[t].room, r, NO_REQUEST, "a tier holds more than it has room for");
    must(n->shared == r->shared, r, NO_REQUEST, "wrong number of shared blocks");
}

/* KV here of sequences on their way out or in; their paths count as held. */
static int64_t parked(const struct replica *r, struct count *n)
{
    const struct disagg *d = r->sim->disagg;
    int64_t units = 0;
    uint32_t many = 0;
    for (uint32_t i = 0; d && i < d->parcels; i++)
        if (d->parcel[i].live && d->parcel[i].from == r->index) {
            units += d->parcel[i].slot.held;
            n->holds += path_nodes(r, &d->parcel[i].slot);
            many++;
        }
    for (uint32_t i = 0; r->pool->role == POOL_DECODE && i < r->slots; i++)
        if (r->slot[i].state == SLOT_COMING) {
            units += r->slot[i].held;
            many++;
            must(r->slot[i].made == 1 && r->slot[i].cached == r->slot[i].in_tok, r, r->slot[i].request, "half a prompt is on its way");
        }
    must(units == r->parked && many == r->nparked, r, NO_REQUEST, "KV on its way is lost or counted twice");
    must(!r->arrived || r->nrun + (int32_t)many <= r->max_seqs, r, NO_REQUEST, "more sequences than seats");
    return units;
}

/* No NIC gives more than it has; every flow moves. */
static void check_net(const struct replica *r)
{
    const struct disagg *d = r->sim->disagg;
    int64_t given = 0;
    for (uint32_t i = 0; d && i < d->net.nmoving; i++) {
        const struct flow *f = &d->net.flow[d->net.moving[i]];
        must(f->rate_q20 > 0 && f->rate_q20 <= f->cap_q20, r, NO_REQUEST, "a transfer stands, or is faster than its devices");
        given += f->from == r->index || f->to == r->index ? f->rate_q20 : 0;
    }
    must(!given || given <= d->net.nic_q20[r->index] + d->net.nmoving, r, NO_REQUEST, "a NIC gives more than it has");
}

void replica_check(const struct replica *r)
{
    struct count n = {0};
    uint32_t last = NO_SLOT;
    for (uint32_t i = r->head; i != NO_SLOT; last = i, i = r->slot[i].next) {
        const struct slot *s = &r->slot[i];
        n.run++;
        must(s->prev == last, r, s->request, "the running list is torn");
        must(s->state == SLOT_DECODE || s->state == SLOT_PREFILL, r, s->request, "a request runs that should not");
        if (s->state == SLOT_DECODE)
            count_decoder(r, s, &n);
        else
            n.prefill++;
        n.units += running_units(r, s);
        n.holds += path_nodes(r, s);
        n.shared += s->state == SLOT_DECODE ? s->path.blocks : 0;
    }
    must(last == r->tail && n.run == r->nrun && n.dec == r->ndec, r, NO_REQUEST, "wrong number of running requests");
    must(n.full == r->full && n.clip == r->clip, r, NO_REQUEST, "wrong sum of contexts");
    must(n.full_slope == r->full_slope && n.clip_slope == r->clip_slope, r, NO_REQUEST, "wrong slope of contexts");
    must(n.finish == r->finish_sum && (int32_t)r->finish.n == r->ndec, r, NO_REQUEST, "wrong finish counts");
    must(n.fill == r->kv.fill && n.grow_all == r->kv.grow_all, r, NO_REQUEST, "wrong KV growth");
    int64_t taken = r->batch.decode && !r->sched->reserve ? kvpool_growth(&r->kv, r->d, r->gain) : 0;
    n.units += parked(r, &n) + (r->prefix ? r->prefix->held : 0);
    if (r->prefix && (!r->nrun || r->sim->metrics.out->events % 5 == 0)) /* it walks the whole index */
        check_prefix(r, &n, r->kv.capacity - r->kv.used);
    check_net(r);
    must(n.units + taken == r->kv.used, r, NO_REQUEST, "KV is lost or counted twice");
    must(r->kv.used >= 0 && r->kv.used <= r->kv.capacity, r, NO_REQUEST, "KV above capacity");
    must(r->nrun || r->nparked || r->kv.used == 0, r, NO_REQUEST, "an empty replica holds KV");
    swap_check(r);
    check_batch(r);
    must(!r->sim->keeps_kv || mintree_key(&r->sim->kv_low, r->index) <= r->kv.used + kvpool_need(&r->kv, r->waiting_tok), r,
         NO_REQUEST, "less KV than a router believes");
}
