/* least_outstanding.c - the replica with the fewest requests routed to it and not done: join the shortest queue.
**
** Winston, "Optimality of the shortest line discipline", J. Appl. Prob. 14(1), 1977.
*/
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    uint32_t best = among->id[0];
    if (among->n == (uint32_t)s->replicas)
        return mintree_first(&s->outstanding).id;
    if (set_whole(among))
        return mintree_first_of(&s->outstanding, best, best + among->n);
    for (uint32_t i = 1; i < among->n; i++)
        if (sim_outstanding(s, among->id[i]) < sim_outstanding(s, best))
            best = among->id[i];
    return best;
}

extern const struct router router_least_outstanding;
const struct router router_least_outstanding = {
    .name = "least-outstanding",
    .help = "the replica with the fewest requests in flight",
    .paper = "Winston, Optimality of the shortest line discipline, 1977",
    .pick = pick,
};
