/* power_of_two.c - of two replicas drawn at random, the one with fewer requests in flight.
**
** Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001.
*/
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    uint64_t a = rng_below(&s->route, among->n), b = rng_below(&s->route, among->n - 1);
    b += b >= a; /* two different ones */
    uint32_t low = among->id[a < b ? a : b], high = among->id[a < b ? b : a];
    return sim_outstanding(s, high) < sim_outstanding(s, low) ? high : low;
}

extern const struct router router_power_of_two;
const struct router router_power_of_two = {
    .name = "power-of-two",
    .help = "the less loaded of two replicas drawn at random",
    .paper = "Mitzenmacher, The power of two choices in randomized load balancing, 2001",
    .pick = pick,
};
