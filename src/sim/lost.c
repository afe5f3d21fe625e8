/* lost.c - what a replica had when it stopped: its requests leave it, its KV and its caches are empty.
**
** Tokens that were computed and are computed again elsewhere are counted (sim_life_result.lost_*); the gaps between tokens that a
** client did see stay in the ITL, beside those of the next attempt.
*/
#include "sim/cluster.h"
#include "sim/running.h"

uint32_t replica_load(const struct replica *r)
{
    uint32_t n = (uint32_t)r->nrun + r->ring_n;
    for (uint32_t i = r->preempted; i != NO_SLOT; i = r->slot[i].next)
        n++;
    return n;
}

static void count(struct replica *r, const struct slot *s, bool again)
{
    struct sim_life_result *out = &r->sim->metrics.out->life;
    uint64_t gaps = r->speculation ? (uint64_t)s->steps : s->made > 1 ? (uint64_t)s->made - 1 : 0;
    int32_t prompt = s->cached < s->in_tok ? s->cached : s->in_tok;
    out->lost_prompt_tok += (uint64_t)(s->made ? s->in_tok : prompt);
    out->lost_out_tok += (uint64_t)s->made;
    out->lost_gaps += gaps;
    if (again)
        verdict_lost(&r->sim->metrics.verdict, gaps);
}

uint32_t replica_lose(struct replica *r, int64_t t_ns, uint32_t *out, bool again)
{
    uint32_t n = 0;
    replica_cut(r, t_ns);
    sim_event(r->sim, r->index, MINTREE_ABSENT);
    while (r->head != NO_SLOT) {
        uint32_t id = r->head;
        struct slot *s = &r->slot[id];
        if (s->state == SLOT_DECODE)
            running_leave(r, id);
        count(r, s, again);
        running_remove(r, id, false);
        out[n++] = s->request;
        running_free(r, id);
        if (again)
            metrics_queue(&r->sim->metrics, t_ns, 1); /* it waits again */
    }
    uint32_t ran = n;
    for (uint32_t id = r->preempted, next; id != NO_SLOT; id = next) {
        next = r->slot[id].next;
        count(r, &r->slot[id], again);
        r->swap_used -= r->slot[id].swapped;
        out[n++] = r->slot[id].request;
        running_free(r, id);
    }
    r->preempted = NO_SLOT;
    for (; r->ring_n; r->ring_n--) {
        out[n++] = r->ring[r->ring_at];
        r->ring_at = r->ring_at + 1 == r->ring_cap ? 0 : r->ring_at + 1;
    }
    if (!again)
        metrics_queue(&r->sim->metrics, t_ns, -(int)(n - ran));
    r->waiting_tok = 0;
    replica_forget(r);
    return n;
}

void replica_forget(struct replica *r)
{
    if (r->kv.used || r->ndec || r->nrun)
        sim_bug(r->now_ns, NO_REQUEST, "a replica that stopped still holds KV");
    r->seen = 0;
    r->unpolled = 0;
    r->nstall = 0;
    r->stalled_q20 = 0;
    r->look = true;
    r->overtaken = false;
    r->mixed = r->planned_preemption = false;
    r->batch.decode = false;
    r->batch.nchunk = r->batch.prefill_tok = 0;
    r->batch.loading_q20 = 0;
    r->memo.request = NO_REQUEST;
    if (r->prefix)
        prefix_clear(r->prefix, r->kv.capacity);
    replica_keep_kv_low(r);
}
