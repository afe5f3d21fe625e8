/* fleet_tight.c - rows the problem holds without, but its linear bound needs.
**
**      rate x[k, w, n, b] <= demand[w, n, b] on[k, n]
**
** says of each work what own + rented <= M on says of their sum, and is far tighter when a SKU has one work of many.
** There are too many to write them all: the linear problem is solved, what it breaks is added, and again, until nothing
** is broken or little is gained. Where spares are counted by shares (`on` real, see fleet_finish.c) the rows also count
** them closer to whole. The same rows as facility location's "strong" form (Krarup and Pruzan 1983), found as cuts.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/fleet_model.h"
#include "plan/milp_int.h"

#define ROUNDS 8
#define BROKEN 0.01 /* of on */
#define GAIN 1e-4   /* of the bound, a round */

static size_t add(struct fleet_model *m, const double *x, size_t n, size_t b, size_t w)
{
    const struct fleet *f = &m->f;
    const struct fleet_work *v = &f->work[w];
    size_t t = (size_t)f->node[n].period, added = 0;
    double wanted = v->deferrable ? fleet_demand_most(f, w, n) : v->demand[n * f->nb + b];
    for (size_t k = 0; k < f->nk; k++) {
        int col = m->x[NBKW(m, n, b, k, w)], on = m->on[JN(m, UNIT(m, m->pool_of_work[w], k), n)];
        int gate = on >= 0 ? on : m->approve ? m->approve[k] : -1;
        if (col < 0 || gate < 0)
            continue;
        double part = v->rate[k * f->nt + t] / wanted;
        if (part * x[col] <= x[gate] + BROKEN ||
            part * x[col] > 1.5) /* more than is asked is given away: no row mends that */
            continue;
        int row = milp_row(m->p, -HUGE_VAL, 0, "tight_%zu_%zu_%zu_%zu", w, n, b, k);
        milp_put(m->p, row, col, part);
        milp_put(m->p, row, gate, -1);
        added++;
    }
    return added;
}

bool fleet_tighten(struct fleet_model *m, struct arena *a, double wall_s, struct err *e)
{
    const struct fleet *f = &m->f;
    double last = -HUGE_VAL;
    for (int round = 0; round < ROUNDS; round++) {
        struct milp_answer s;
        if (!milp_solve(m->p, a, &(struct milp_limits){.relax = true, .wall_s = wall_s}, &s, e))
            return false;
        if (s.status != MILP_OPTIMAL || s.objective - last < GAIN * fabs(s.objective))
            return true;
        last = s.objective;
        size_t added = 0;
        for (size_t n = 0; n < f->nn; n++)
            for (size_t b = 0; b < f->nb; b++)
                for (size_t w = 0; w < f->nw; w++)
                    added += add(m, s.x, n, b, w);
        if (!added)
            return true;
    }
    return true;
}
