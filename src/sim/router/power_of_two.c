/* power_of_two.c - of two replicas drawn at random, the one with fewer requests in flight.
**
** Mitzenmacher, "The power of two choices in randomized load balancing", IEEE TPDS 12(10), 2001.
*/
#include "sim/cluster.h"
#include "sim/router.h"

static int pick(struct sim *s, uint32_t request)
{
    (void)request;
    uint64_t n = (uint64_t)s->replicas;
    int a = (int)rng_below(&s->route, n), b = (int)rng_below(&s->route, n - 1);
    b += b >= a; /* two different ones */
    int low = a < b ? a : b, high = a < b ? b : a;
    return s->outstanding[high] < s->outstanding[low] ? high : low;
}

extern const struct router router_power_of_two;
const struct router router_power_of_two = {
    .name = "power-of-two",
    .help = "the less loaded of two replicas drawn at random",
    .paper = "Mitzenmacher, The power of two choices in randomized load balancing, 2001",
    .pick = pick,
};
