/* random.c - a replica drawn uniformly: a Poisson stream splits into independent Poisson streams. */
#include "sim/cluster.h"
#include "sim/router.h"

static int pick(struct sim *s, uint32_t request)
{
    (void)request;
    return (int)rng_below(&s->route, (uint64_t)s->replicas);
}

extern const struct router router_random;
const struct router router_random = {
    .name = "random",
    .help = "a replica drawn uniformly",
    .paper = "the baseline: Poisson splitting",
    .pick = pick,
};
