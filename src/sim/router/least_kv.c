/* least_kv.c - the replica with the most free KV memory after its queue: tokens in use now, and prompts still waiting.
**
** The load signal of KV-aware gateways (llm-d, NVIDIA Dynamo's KV router without prefix overlap).
*/
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    uint32_t best = among->id[0];
    int64_t least = INT64_MAX;
    for (uint32_t i = 0; i < among->n; i++) {
        const struct replica *r = &s->replica[among->id[i]];
        int64_t load = replica_kv_used(r, s->now_ns) + kvpool_need(&r->kv, r->waiting_tok);
        if (load < least) {
            least = load;
            best = among->id[i];
        }
    }
    return best;
}

extern const struct router router_least_kv;
const struct router router_least_kv = {
    .name = "least-kv",
    .help = "the replica with the least KV memory in use or waited for",
    .paper = "load term of NVIDIA Dynamo's KV router, 2025",
    .pick = pick,
};
