/* fleet_finish.c - a plan that can be carried out: whole spares, whole nodes.
**
** On the approved list a SKU's spares were counted by shares of use (a lower bound); here a SKU that has cards at a node
** keeps all of them. Where few such choices are open branch and bound takes them, else what has cards is in service.
** Orders and sales are then rounded along each path, the running total so that nothing drifts:
**
**      order[n] = round(orders up to n) - placed up to a(n)
**
** in four ways: up; up, but in all no more than down; to the nearest; down. The cheapest that holds is taken, with the
** linear problem of the rest (rent, leases, assignment, unmet) solved again.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/note.h"
#include "plan/fleet_model.h"
#include "plan/milp_int.h"

#define FEW 120 /* in-service choices for branch and bound */
#define USED 1e-6

struct kept {
    double *lo, *hi;
    bool *whole;
}; /* bounds and kinds, to be put back */

static struct kept keep(const struct milp *p, struct arena *a)
{
    size_t n = (size_t)p->cols;
    struct kept k = {ARENA_ARRAY(a, double, n), ARENA_ARRAY(a, double, n), ARENA_ARRAY(a, bool, n)};
    memcpy(k.lo, p->lo, n * sizeof *k.lo), memcpy(k.hi, p->hi, n * sizeof *k.hi),
        memcpy(k.whole, p->whole, n * sizeof *k.whole);
    return k;
}

static void put_back(struct milp *p, const struct kept *k)
{
    size_t n = (size_t)p->cols;
    memcpy(p->lo, k->lo, n * sizeof *k->lo), memcpy(p->hi, k->hi, n * sizeof *k->hi),
        memcpy(p->whole, k->whole, n * sizeof *k->whole);
}

static double at(const double *x, int col)
{
    return col >= 0 ? x[col] : 0;
}

/* Cards of unit j that are there at n, in its busiest block. */
static double cards(const struct fleet_model *m, const double *x, size_t j, size_t n)
{
    const struct fleet *f = &m->f;
    double sum = at(x, m->own[JN(m, j, n)]), most = 0;
    for (int d = 0, up; d < f->sku[j % f->nk].reserve_term && (up = fleet_ancestor(f, (int)n, d)) >= 0; d++)
        sum += at(x, m->res[JN(m, j, up)]);
    for (size_t b = 0; b < f->nb; b++)
        most = fmax(most, at(x, m->od[JNB(m, j, n, b)]));
    return sum + most;
}

static void fix_whole(struct milp *p, const double *x)
{
    for (int j = 0; j < p->cols; j++)
        if (p->whole[j])
            p->lo[j] = p->hi[j] = nearbyint(x[j]);
}

/* Whole spares; keeps s where nothing is open. */
static bool service(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct milp_answer *s,
                    struct err *e)
{
    const struct fleet *f = &m->f;
    size_t open = 0;
    bool any = false;
    if (!m->approve)
        return true;
    for (size_t j = 0; j < m->nj; j++)
        for (size_t n = 0; n < f->nn; n++) {
            int on = m->on[JN(m, j, n)];
            if (on < 0)
                continue;
            any = true;
            open += at(s->x, m->approve[j % f->nk]) > 0.5 && f->sku[j % f->nk].spares > 0;
        }
    if (!any)
        return true;
    for (size_t j = 0; j < m->nj; j++)
        for (size_t n = 0; n < f->nn; n++) {
            int on = m->on[JN(m, j, n)];
            if (on < 0 || f->sku[j % f->nk].spares <= 0)
                continue;
            if (at(s->x, m->approve[j % f->nk]) < 0.5)
                milp_bounds(m->p, on, 0, 0);
            else if (open <= FEW)
                milp_kind(m->p, on, MILP_INT);
            else if (cards(m, s->x, j, n) > USED)
                milp_bounds(m->p, on, 1, 1);
            else
                milp_bounds(m->p, on, 0, 0);
        }
    struct milp_limits ml = {.gap_frac = lim->gap_frac / 10, .nodes = lim->nodes / 10, .wall_s = lim->wall_s};
    struct milp_answer whole;
    if (!milp_solve(m->p, a, &ml, &whole, e))
        return false;
    if (!whole.x) { /* they do not fit everywhere: the share stays */
        note_add(m->notes, "fleet: the spares of every SKU do not fit into the limits in every period; there they are "
                           "counted by the share of its use");
        return true;
    }
    whole.timed_out |= s->timed_out;
    *s = whole;
    return true;
}

enum way { UP, EARLY, NEAREST, DOWN }; /* early: up, but no more in all than down */

static double rounded(double x, double step, enum way way)
{
    double n = x / step;
    if (fabs(n - nearbyint(n)) < 1e-6)
        return nearbyint(n) * step;
    return (way <= EARLY ? ceil(n) : way == DOWN ? floor(n) : nearbyint(n)) * step;
}

static void round_unit(struct fleet_model *m, struct arena *a, const double *x, size_t j, enum way way)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk;
    const struct fleet_sku *s = &f->sku[k];
    double step = s->node_cards > 0 ? s->node_cards : 1;
    double *ordered = ARENA_ARRAY(a, double, f->nn), *placed = ARENA_ARRAY(a, double, f->nn),
           *order = ARENA_ARRAY(a, double, f->nn);
    double *sold = ARENA_ARRAY(a, double, f->nn), *given = ARENA_ARRAY(a, double, f->nn),
           *arrived = ARENA_ARRAY(a, double, f->nn);
    double *most = ARENA_ARRAY(a, double, f->nn); /* ordered on the way to any leaf below */
    for (size_t n = 0; n < f->nn; n++) {
        int up = f->node[n].parent;
        ordered[n] = most[n] = (up >= 0 ? ordered[up] : 0) + at(x, m->buy[JN(m, j, n)]);
    }
    for (size_t n = f->nn; n-- > 1;)
        most[f->node[n].parent] = fmax(most[f->node[n].parent], most[n]);
    double stock = m->first_stock ? at(x, m->first_stock[j]) : s->stock;
    for (size_t n = 0; n < f->nn; n++) {
        int up = f->node[n].parent, t = f->node[n].period, buy = m->buy[JN(m, j, n)], from, d = 0;
        placed[n] = up >= 0 ? placed[up] : 0;
        if (buy >= 0) {
            double total = rounded(ordered[n], step, way);
            if (way == EARLY)
                total = fmin(total, rounded(most[n], step, DOWN));
            order[n] = fmax(0, total - placed[n]);
            if (isfinite(s->supply[t]))
                order[n] = fmin(order[n], floor(s->supply[t] / step + 1e-9) * step);
            placed[n] += order[n];
            milp_bounds(m->p, buy, order[n], order[n]);
        }
        arrived[n] = up >= 0 ? arrived[up] : 0;
        while ((from = fleet_order_node(f, k, (int)n, &d)) >= 0)
            arrived[n] += order[from];
        int sell = m->sell[JN(m, j, n)];
        if (sell < 0)
            continue;
        double before = up >= 0 ? given[up] : 0, have = stock + arrived[n] - before;
        sold[n] = (up >= 0 ? sold[up] : 0) + at(x, sell);
        double now = rounded(sold[n], step, way == UP ? DOWN : way == DOWN ? UP : NEAREST) - before;
        int old = s->max_life ? fleet_ancestor(f, (int)n, s->max_life) : -1;
        if (s->max_life && t >= s->max_life)
            now = fmax(now, stock + (old >= 0 ? arrived[old] : 0) - before);
        if (at(x, m->own[JN(m, j, n)]) < USED)
            now = have;
        now = fmin(fmax(now, 0), have);
        given[n] = before + now;
        milp_bounds(m->p, sell, now, now);
    }
}

static bool nodes(struct fleet_model *m, struct arena *a, struct milp_answer *s, struct err *e)
{
    struct milp_answer best = {.x = NULL};
    const double *x = s->x;
    for (enum way way = UP; way <= DOWN; way++) {
        struct milp_answer try;
        for (size_t j = 0; j < m->nj; j++)
            round_unit(m, a, x, j, way);
        if (!milp_solve(m->p, a, &(struct milp_limits){.relax = true}, &try, e))
            return false;
        if (try.x && (!best.x || try.objective < best.objective))
            best = try;
    }
    if (!best.x) {
        note_add(m->notes, "fleet: no rounding to whole nodes keeps every limit; cards are left as they are");
        return true;
    }
    best.timed_out |= s->timed_out;
    *s = best;
    return true;
}

bool fleet_finish(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct milp_answer *s,
                  struct fleet_plan *out, struct err *e)
{
    struct arena *call = arena_child(a);
    struct kept kept = keep(m->p, call);
    fix_whole(m->p, s->x);
    bool ok = true;
    if (lim->round)
        ok = service(m, a, lim, s, e);
    out->unrounded_usd = s->objective;
    if (ok && lim->round) {
        fix_whole(m->p, s->x);
        ok = nodes(m, a, s, e);
    }
    out->reproducible &= !s->timed_out;
    put_back(m->p, &kept);
    arena_reset(call);
    return ok;
}
