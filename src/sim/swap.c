/* swap.c - preemption by swapping: time = units moved * bytes a unit / PCIe, out in the step behind the preemption, in
** before the step that takes the request back.
**
** All of a sequence goes or nothing (Kwon et al., PagedAttention, SOSP 2023, section 4.5: all-or-nothing eviction), and
** what is out comes back before anything new is admitted, the last one out first, which is the first that arrived
** (vLLM's first engine, vllm/core/scheduler.py, _schedule_swapped). The copies are made before the step's kernels and
** everybody in the step waits, as that engine issues them. A request whose prompt is not done is recomputed; so is one
** that finds the swap space full. What it shared with others of the prefix cache is copied too and its own behind that.
**
** Coming back is an admission whose KV is there but for the last token, so it takes one token of the step's budget.
*/
#include "sim/swap.h"

#include "sim/cluster.h"

bool swap_out(struct replica *r, struct slot *s)
{
    int64_t units = s->held + s->path.blocks;
    if (r->swap_used + units > r->pool->swap.room)
        return false;
    r->swap_used += units;
    s->swapped = units;
    r->batch.loading_q20 += units * r->pool->swap.unit_q20;
    r->sim->metrics.out->swaps++;
    if (r->swap_used > r->swap_peak)
        r->swap_peak = r->swap_used;
    return true;
}

void swap_in(struct replica *r, struct slot *s, int64_t hold)
{
    r->batch.loading_q20 += s->swapped * r->pool->swap.unit_q20;
    r->swap_used -= s->swapped;
    s->swapped = 0;
    s->cached = s->target - 1;
    s->path = PREFIX_ROOT;
    s->held = kvpool_need(&r->kv, hold);
    kvpool_take(&r->kv, s->held);
}

void swap_check(const struct replica *r)
{
    int64_t units = 0;
    for (uint32_t id = r->preempted; id != NO_SLOT; id = r->slot[id].next)
        units += r->slot[id].swapped;
    if (units != r->swap_used || units > r->pool->swap.room)
        sim_bug(r->now_ns, NO_REQUEST, "wrong sum of swapped KV");
}
