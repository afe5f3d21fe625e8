/* engine.c - swap space in units of the KV pool: room = bytes of a device / bytes of a unit, time = bytes of a unit / PCIe. */
#include "plan/engine.h"

#include <math.h>

#include "base/note.h"
#include "sim/sched.h"

/* vLLM's first engine: EngineArgs.swap_space, CPU memory a device when nothing is said. */
#define SWAP_DEFAULT_BYTES 4294967296.0

/* Each device moves its part over its own link. */
static struct sim_swap swap_of(const struct deployment *d, const struct memory *m, const struct engine_keys *k)
{
    bool bytes = m->kv_window > 0 || m->state_bytes_seq > 0; /* units of the KV pool: bytes or blocks */
    double unit = bytes ? 1 : m->kv_full_bytes_tok * m->block_tok, s = unit / d->acc->pcie_bytes_s;
    double room = k->swap_bytes > 0 ? k->swap_bytes / deployment_devices(d) : SWAP_DEFAULT_BYTES;
    if (k->preemption != PREEMPT_SWAP || !(unit > 0) || !isfinite(s))
        return (struct sim_swap){0, 0};
    return (struct sim_swap){(int64_t)fmin(room / unit, 1e15), (int64_t)llround(s * 1e9 * (double)Q20)};
}

void engine_pool(const struct deployment *d, const struct memory *m, const struct engine_keys *k, struct sim_pool *out)
{
    out->swap = swap_of(d, m, k);
    out->speculative_tok = d->spec.tokens;
    out->acceptance = d->spec.acceptance;
    out->by_priority = k->by_priority;
    if (k->by_priority) /* sorting what came needs a look at it */
        out->recv_interval_steps = 1;
    out->max_queue = k->admission.max_queue;
    out->max_wait_ns = (int64_t)llround(k->admission.max_wait_s * 1e9);
    out->shed_lowest = k->admission.shed_lowest;
}

void engine_notes(const struct scenario *s, const char *scheduler, const struct accelerator *acc, struct notes *notes)
{
    const struct sched *sched = scheduler ? sched_find(scheduler) : NULL;
    const struct engine_keys *k = &s->deploy.engine;
    if (k->by_priority && s->traffic && s->traffic->classes < 2)
        note_add(notes, "order: this traffic has no priorities (column priority, or traffic: {priorities: {0: 20%%, 1: 80%%}}): all are equal");
    if (k->preemption == PREEMPT_SWAP && sched && sched->reserve)
        note_add(notes, "preemption: %s sets KV aside for whole requests: nothing is preempted, so nothing is swapped", sched->name);
    else if (k->preemption == PREEMPT_SWAP && acc && !(acc->pcie_bytes_s > 0))
        note_add(notes, "preemption: %s has no pcie figure: what is preempted is recomputed", acc->id);
}
