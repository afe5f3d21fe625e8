/* round_robin.c - each replica in turn. Gamma arrivals of shape R at each replica when the whole is Poisson. */
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)s, (void)request;
    uint32_t at = among->turn < among->n ? among->turn : 0;
    among->turn = at + 1;
    return among->id[at];
}

extern const struct router router_round_robin;
const struct router router_round_robin = {
    .name = "round-robin",
    .help = "each replica in turn",
    .paper = "the default of most load balancers",
    .pick = pick,
};
