/* bench_fleet.c - seconds of a fleet plan of a given size.
**
** usage: bench_fleet SKUS PERIODS WORKS BRANCHES SCALE [SEED [GAP [WALL_S]]]      3^BRANCHES futures, three blocks, three
** campaigns
**
** One line: skus periods works futures nodes rows cols nonzeros integers cpu_s gap rounding status bb_nodes
*/
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "random_fleet.h"

int main(int argc, char **argv)
{
    double arg[] = {5, 8, 5, 0, 500, 1, fleet_limits_default.gap_frac, 600};
    for (int i = 1; i < argc && i < 9; i++)
        arg[i - 1] = strtod(argv[i], NULL);
    struct fleet_shape shape = {.skus = (size_t)arg[0],
                                .periods = (size_t)arg[1],
                                .works = (size_t)arg[2],
                                .blocks = 3,
                                .campaigns = 3,
                                .families = 5,
                                .branches = (size_t)arg[3],
                                .scale = arg[4],
                                .node_cards = 8,
                                .spares = 8};
    struct arena *a = arena_new();
    struct err e = {0};
    struct fleet_plan plan;
    struct fleet_limits lim = fleet_limits_default;
    lim.gap_frac = arg[6];
    lim.wall_s = arg[7];
    struct fleet *f = random_fleet(a, &shape, (uint64_t)arg[5]);
    if (!fleet_solve(a, f, &lim, NULL, &plan, &e)) {
        fprintf(stderr, "%s: %s\n", e.place, e.what);
        return 1;
    }
    printf("%zu %zu %zu %zu %zu %zu %zu %zu %zu %.2f %.5f %.5f %s %zu\n", f->nk, f->nt, f->nw, plan.nleaf, f->nn,
           plan.rows, plan.cols, plan.nonzeros, plan.integers, (double)clock() / CLOCKS_PER_SEC, plan.gap_frac,
           plan.rounding_usd / plan.npv_usd, fleet_status_name[plan.status], plan.bb_nodes);
    arena_free(a);
    return 0;
}
