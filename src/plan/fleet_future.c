/* fleet_future.c - the future as a tree of nodes, the week as blocks of load, and the demand of each work in both.
**
** Nodes: one for each future that is alive in a period; a row of `scenarios` splits off its parent's node of the period
*before.
** Blocks: the hours of the week in the order of their load, cut where a step function from above wastes least:
**
**      min over cuts of sum_b h_b (max load in b - mean load in b)         (dynamic programming over 168 hours)
**
** so capacity for a block carries each of its hours. With several works the order is that of the cards they need
*together.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/fleet_build.h"

#define NODES_MAX 20000
#define NOTHING 1e-9

struct growing {
    struct fleet_node *node;
    int *future;
    size_t n, cap;
    struct arena *a;
};

static void add_node(struct growing *g, const char *name, int parent, int period, double p, int future)
{
    if (g->n == g->cap) {
        g->cap = g->cap ? 2 * g->cap : 64;
        g->node = arena_grow(g->a, g->node, g->n, g->cap, sizeof *g->node);
        g->future = arena_grow(g->a, g->future, g->n, g->cap, sizeof *g->future);
    }
    g->node[g->n] = (struct fleet_node){name, parent, period, p};
    g->future[g->n++] = future;
}

bool fleet_future_set(struct arena *a, struct fleet_case *x, struct err *e)
{
    const struct fleet_scenario *s = x->scenario;
    struct growing g = {.a = a};
    add_node(&g, s->future[0].name, -1, 0, 1, 0);
    for (int t = 1; t < s->horizon.n; t++) {
        size_t end = g.n;
        for (size_t n = 0; n < end; n++) {
            if (g.node[n].period != t - 1)
                continue;
            double p = g.node[n].probability, left = 1;
            for (size_t k = 1; k < s->nfuture; k++) {
                if (s->future[k].parent != g.future[n] || s->future[k].from != t)
                    continue;
                add_node(&g, s->future[k].name, (int)n, t, p * s->future[k].probability, (int)k);
                left -= s->future[k].probability;
            }
            if (left > NOTHING)
                add_node(&g, g.node[n].name, (int)n, t, p * left, g.future[n]);
        }
        if (g.n > NODES_MAX) {
            err_input(e, s->name, "the scenario tree has more than %d nodes", NODES_MAX);
            return err_mend(e, "take longer periods, or fewer scenarios");
        }
    }
    x->f.node = g.node, x->f.nn = g.n, x->f.nt = (size_t)s->horizon.n;
    x->future_of_node = g.future;
    return true;
}

struct hour {
    double need;
    int h;
};

static int dearest_first(const void *pa, const void *pb)
{
    const struct hour *p = pa, *q = pb;
    return p->need != q->need ? (p->need < q->need ? 1 : -1) : p->h - q->h;
}

/* Where to cut sorted loads into nb groups; cut[b] is the first hour of block b. */
static void cut(const struct hour *o, int nb, int *first)
{
    static const double never = 1e300;
    double best[FLEET_HOURS + 1], last[FLEET_HOURS + 1];
    unsigned char from[FLEET_BLOCKS_MAX + 1][FLEET_HOURS + 1];
    for (int i = 0; i <= FLEET_HOURS; i++)
        last[i] = i ? never : 0;
    for (int b = 1; b <= nb; b++) {
        for (int i = 0; i <= FLEET_HOURS; i++) {
            best[i] = never, from[b][i] = 0;
            double sum = 0;
            for (int j = i - 1; j >= 0; j--) { /* block b holds hours j .. i - 1; the first is the highest */
                sum += o[j].need;
                double v = last[j] + (i - j) * o[j].need - sum;
                if (last[j] < never && v < best[i] - 1e-12)
                    best[i] = v, from[b][i] = (unsigned char)j;
            }
        }
        memcpy(last, best, sizeof last);
    }
    for (int b = nb, i = FLEET_HOURS; b >= 1; b--) {
        first[b - 1] = from[b][i];
        i = first[b - 1];
    }
}

/* Cards that a unit of a work takes at least; 0: nothing can do it. */
static double cards_of(const struct fleet_case *x, int job)
{
    const struct fleet_scenario *s = x->scenario;
    double most = 0;
    for (size_t k = 0; k < s->nproduct; k++)
        most = fmax(most, x->rates.rate[(size_t)job * s->nproduct + k].units_s);
    return most > 0 ? 1 / most : 0;
}

void fleet_blocks_set(struct arena *a, struct fleet_case *x)
{
    const struct fleet_scenario *s = x->scenario;
    struct hour o[FLEET_HOURS];
    int first[FLEET_BLOCKS_MAX + 1], nb = s->blocks;
    bool flat = true;
    for (int h = 0; h < FLEET_HOURS; h++) {
        o[h] = (struct hour){0, h};
        for (size_t w = 0; w < x->f.nw; w++) {
            int j = x->job_of_work[w];
            o[h].need += cards_of(x, j) * series_at(&s->job[j].demand, horizon_day(&s->horizon, 0)) * s->job[j].hour[h];
            flat &= s->job[j].hour[h] == s->job[j].hour[0];
        }
    }
    if (flat)
        nb = 1; /* nothing changes over the week */
    qsort(o, FLEET_HOURS, sizeof *o, dearest_first);
    cut(o, nb, first);
    first[nb] = FLEET_HOURS;
    double *hours = ARENA_ARRAY(a, double, (size_t)nb), *level = ARENA_ARRAY(a, double, x->f.nw *(size_t)nb);
    for (int b = 0; b < nb; b++) {
        hours[b] = horizon_hours(&s->horizon) * (first[b + 1] - first[b]) / FLEET_HOURS;
        for (size_t w = 0; w < x->f.nw; w++) {
            const struct fleet_job *j = &s->job[x->job_of_work[w]];
            double most = 0;
            for (int i = first[b]; i < first[b + 1]; i++)
                most = fmax(most, j->hour[o[i].h]);
            level[w * (size_t)nb + (size_t)b] = most;
        }
    }
    x->f.nb = (size_t)nb, x->f.block_h = hours, x->block_level = level;
}

/* Demand of a work in a future: the last series of its own along the branch, times the factors behind it. */
static double mean_demand(const struct fleet_scenario *s, int job, int future, double day)
{
    double factor = 1;
    for (int f = future; f >= 0; f = s->future[f].parent) {
        factor *= s->future[f].factor[job];
        if (s->future[f].demand[job].n)
            return factor * series_at(&s->future[f].demand[job], day);
    }
    return factor * series_at(&s->job[job].demand, day);
}

void fleet_demand_set(struct arena *a, struct fleet_case *x, struct fleet_work *work)
{
    const struct fleet_scenario *s = x->scenario;
    for (size_t w = 0; w < x->f.nw; w++) {
        double *d = ARENA_ARRAY(a, double, x->f.nn * x->f.nb);
        for (size_t n = 0; n < x->f.nn; n++) {
            double mean =
                mean_demand(s, x->job_of_work[w], x->future_of_node[n], horizon_day(&s->horizon, x->f.node[n].period));
            for (size_t b = 0; b < x->f.nb; b++)
                d[n * x->f.nb + b] = mean * x->block_level[w * x->f.nb + b];
        }
        work[w].demand = d;
    }
}
