/* shortest_delay.c - for unlike replicas: the one with the shortest expected delay, (requests in flight + 1) / speed.
**
** speed: tokens a second that a replica of the pool makes with as many sequences of 1,000 tokens as its memory and max_seqs allow,
** by its step table. Among equal replicas this is least-outstanding.
**
** Banawan and Zahorjan, "Load sharing in heterogeneous queueing systems", INFOCOM 1989; `sed` of the Linux virtual server.
*/
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    uint32_t best = among->id[0];
    for (uint32_t i = 1; i < among->n; i++) {
        uint32_t k = among->id[i];
        /* (n + 1) / speed in whole numbers */
        if ((wide)(sim_outstanding(s, k) + 1) * s->replica[best].speed < (wide)(sim_outstanding(s, best) + 1) * s->replica[k].speed)
            best = k;
    }
    return best;
}

extern const struct router router_shortest_delay;
const struct router router_shortest_delay = {
    .name = "shortest-delay",
    .help = "the fewest requests in flight for the replica's speed, where replicas are unlike",
    .paper = "Banawan and Zahorjan, Load sharing in heterogeneous queueing systems, INFOCOM 1989",
    .pick = pick,
};
