/* least_kv.c - the replica with the most free KV memory after its queue: tokens in use now, and prompts still waiting.
**
** The KV in use grows with time, so that no order of the replicas lasts. But none has less than when its stretch began
** (sim.kv_low, a tree of minima): what is there above the least load found so far need not be asked.
**
** The load signal of KV-aware gateways (llm-d, NVIDIA Dynamo's KV router without prefix overlap).
*/
#include "sim/cluster.h"
#include "sim/router.h"

struct least { uint32_t id; int64_t load; };

static void ask(const struct sim *s, uint32_t id, struct least *l)
{
    const struct replica *r = &s->replica[id];
    int64_t load = replica_kv_used(r, s->now_ns) + kvpool_need(&r->kv, r->waiting_tok);
    if (load < l->load || (load == l->load && id < l->id))
        *l = (struct least){id, load};
}

/* Those below a node of the tree, which stands for the ids from .. from + width - 1, that are in lo .. hi - 1. */
static void ask_below(const struct sim *s, uint32_t node, uint32_t from, uint32_t width, uint32_t lo, uint32_t hi,
                      struct least *l)
{
    int64_t low = s->kv_low.node[node].key;
    if (from >= hi || from + width <= lo || low > l->load || (low == l->load && from > l->id))
        return;
    if (width == 1) {
        ask(s, from, l);
        return;
    }
    ask_below(s, 2 * node, from, width / 2, lo, hi, l);
    ask_below(s, 2 * node + 1, from + width / 2, width / 2, lo, hi, l);
}

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    struct least l = {UINT32_MAX, INT64_MAX};
    uint32_t lo = among->id[0], hi = lo + among->n;
    if (set_whole(among) && s->keeps_kv) {
        ask(s, mintree_first_of(&s->kv_low, lo, hi), &l);       /* a good one, so that most are ruled out */
        ask_below(s, 1, 0, s->kv_low.cap, lo, hi, &l);
        return l.id;
    }
    for (uint32_t i = 0; i < among->n; i++)
        ask(s, among->id[i], &l);
    return l.id;
}

extern const struct router router_least_kv;
const struct router router_least_kv = {
    .name = "least-kv",
    .help = "the replica with the least KV memory in use or waited for",
    .paper = "load term of NVIDIA Dynamo's KV router, 2025",
    .pick = pick,
    .reads_kv = true,
};
