/* prefix_aware.c - the replica that has most of the prompt in its prefix cache, unless the load is out of balance.
**
**      max > min + 64 and max > 1.5 * min (requests in flight)     the least loaded
**      longest cached part > 0.3 of the prompt                     that replica; of equals the least loaded
**      else                                                        the least loaded
**
** The rule and its constants are SGLang's (cache_aware.rs of sgl-model-gateway 0.3.2, 2026: balance_abs_threshold,
** balance_rel_threshold, cache_threshold). That router guesses what workers hold from a tree of what it sent them; here
** it sees what they hold when the request arrives, as gateways fed by KV events do (llm-d, NVIDIA Dynamo). What still
** waits in a queue is not in a cache yet.
*/
#include "sim/cluster.h"
#include "sim/router.h"

enum { BALANCE_ABS = 64 };
#define BALANCE_REL 1.5
#define CACHE_THRESHOLD 0.3

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    uint32_t least = among->id[0], best = least;
    int64_t max = 0;
    for (uint32_t k = 0; k < among->n; k++) {
        uint32_t i = among->id[k];
        max = sim_outstanding(s, i) > max ? sim_outstanding(s, i) : max;
        if (sim_outstanding(s, i) < sim_outstanding(s, least))
            least = i;
    }
    int64_t min = sim_outstanding(s, least);
    if (max - min > BALANCE_ABS && (double)max > BALANCE_REL * (double)min)
        return least;
    int64_t longest = -1;
    for (uint32_t k = 0; k < among->n; k++) {
        uint32_t i = among->id[k];
        int64_t tok = replica_cached_tok(&s->replica[i], request, s->now_ns);
        if (tok > longest || (tok == longest && sim_outstanding(s, i) < sim_outstanding(s, best))) {
            longest = tok;
            best = i;
        }
    }
    return (double)longest > CACHE_THRESHOLD * sim_request(s, request)->in_tok ? best : least;
}

extern const struct router router_prefix_aware;
const struct router router_prefix_aware = {
    .name = "prefix-aware",
    .help = "the replica that has most of the prompt cached, while the load is balanced",
    .paper = "cache-aware router of SGLang, 2024; Srivatsa et al., Preble, ICLR 2025",
    .pick = pick,
    .keeps_sessions = true,
};
