/* least_outstanding.c - the replica with the fewest requests routed to it and not done: join the shortest queue.
**
** Winston, "Optimality of the shortest line discipline", J. Appl. Prob. 14(1), 1977.
*/
#include "sim/cluster.h"
#include "sim/router.h"

static int pick(struct sim *s, uint32_t request)
{
    (void)request;
    int best = 0;
    for (int i = 1; i < s->replicas; i++)
        if (s->outstanding[i] < s->outstanding[best])
            best = i;
    return best;
}

extern const struct router router_least_outstanding;
const struct router router_least_outstanding = {
    .name = "least-outstanding",
    .help = "the replica with the fewest requests in flight",
    .paper = "Winston, Optimality of the shortest line discipline, 1977",
    .pick = pick,
};
