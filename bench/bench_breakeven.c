/* bench_breakeven.c - seconds of break-even and of the whole decomposition for a challenger with every handicap.
**
** usage: bench_breakeven [THREADS [SKUS [PERIODS [SCALE [SEED [SAMPLES]]]]]]       3 futures, three blocks, two campaigns
**
** One line: threads skus periods futures  breakeven_s solves entry_usd  moat_s solves values total_usd
*/
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/err.h"
#include "challenger_fleet.h"

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    double arg[] = {2, 5, 8, 4000, 1, 0};
    for (int i = 1; i < argc && i < 7; i++)
        arg[i - 1] = strtod(argv[i], NULL);
    struct fleet_shape shape = {.skus = (size_t)arg[1] - 1, .periods = (size_t)arg[2], .works = 5, .blocks = 3, .campaigns = 2,
                                .families = 2, .branches = 1, .scale = arg[3], .node_cards = 8, .spares = 8};
    struct arena *a = arena_new();
    struct err e = {0};
    struct challenger *c = challenger_new(a, &shape, (uint64_t)arg[4]);
    struct breakeven b;
    struct moat m;
    challenger_burden(a, c, 2);
    c->q.threads = (int)arg[0];
    double begin = now_s();
    if (!breakeven_find(a, &c->q, &b, &e))
        return fprintf(stderr, "%s: %s\n", e.place, e.what), 1;
    double middle = now_s();
    if (!moat_find(a, &c->q, (int)arg[5], 1, &m, &e))
        return fprintf(stderr, "%s: %s\n", e.place, e.what), 1;
    printf("%d %zu %zu 3 %.2f %zu %.0f %.2f %zu %zu %.0f\n", c->q.threads, c->f.nk, c->f.nt, middle - begin, b.solves,
           b.entry_usd.at, now_s() - middle, m.solves, m.values, m.total_usd);
    for (size_t r = 0; r < MOAT_REASONS && getenv("VERBOSE"); r++)
        printf("  %-20s alone %8.0f last off %8.0f shapley %8.0f\n", moat_reason_name((enum moat_reason)r), m.part[r].alone_usd,
               m.part[r].last_off_usd, m.part[r].shapley_usd);
    arena_free(a);
    return 0;
}
