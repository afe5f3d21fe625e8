/* round_robin.c - each replica in turn. Gamma arrivals of shape R at each replica when the whole is Poisson. */
#include "sim/cluster.h"
#include "sim/router.h"

static int pick(struct sim *s, uint32_t request)
{
    (void)request;
    int to = s->next_replica;
    s->next_replica = to + 1 == s->replicas ? 0 : to + 1;
    return to;
}

extern const struct router router_round_robin;
const struct router router_round_robin = {
    .name = "round-robin",
    .help = "each replica in turn",
    .paper = "the default of most load balancers",
    .pick = pick,
};
