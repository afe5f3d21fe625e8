/* bench_fleet.c - seconds of a fleet plan of a given size.
**
** usage: bench_fleet SKUS PERIODS WORKS BRANCHES SCALE [SEED [GAP]]      3^BRANCHES futures, three blocks, three
*campaigns
**
** One line: skus periods works futures nodes rows cols nonzeros integers seconds gap rounding status bb_nodes
*/
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "random_fleet.h"

int main(int argc, char **argv)
{
    double arg[] = {5, 8, 5, 0, 500, 1, fleet_limits_default.gap_frac};
    for (int i = 1; i < argc && i < 8; i++)
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
    lim.mps = getenv("MPS");
    if (getenv("WALL"))
        lim.wall_s = atof(getenv("WALL"));
    struct fleet *f = random_fleet(a, &shape, (uint64_t)arg[5]);
    if (!fleet_solve(a, f, &lim, NULL, &plan, &e)) {
        fprintf(stderr, "%s: %s\n", e.place, e.what);
        return 1;
    }
    printf("%zu %zu %zu %zu %zu %zu %zu %zu %zu %.2f %.5f %.5f %s %zu\n", f->nk, f->nt, f->nw, plan.nleaf, f->nn,
           plan.rows, plan.cols, plan.nonzeros, plan.integers, (double)clock() / CLOCKS_PER_SEC, plan.gap_frac,
           plan.rounding_usd / plan.npv_usd, fleet_status_name[plan.status], plan.bb_nodes);
    if (getenv("VERBOSE")) {
        printf("npv %.0f expected %.0f bound %.0f unrounded %.0f worst %g\n", plan.npv_usd, plan.expected_usd,
               plan.bound_usd, plan.unrounded_usd, plan.worst_row_frac);
        for (int p = 0; p < FLEET_PARTS; p++)
            printf("%s %.0f\n", fleet_part_name[p], plan.part_usd[p]);
        for (size_t k = 0; k < f->nk; k++) {
            printf("%s %d:", f->sku[k].id, plan.approved[k]);
            for (size_t n = 0; n < f->nn && n < 12; n++)
                printf(" %.1f(+%.0f,r%.0f)", plan.owned[n * f->nk + k], plan.bought[n * f->nk + k],
                       plan.reserved[n * f->nk + k]);
            printf("\n");
        }
    }
    arena_free(a);
    return 0;
}
