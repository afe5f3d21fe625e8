/* random.c - a replica drawn uniformly: a Poisson stream splits into independent Poisson streams. */
#include "sim/cluster.h"
#include "sim/router.h"

static uint32_t pick(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    return among->id[rng_below(&s->route, among->n)];
}

extern const struct router router_random;
const struct router router_random = {
    .name = "random",
    .help = "a replica drawn uniformly",
    .paper = "the baseline: Poisson splitting",
    .pick = pick,
};
