/* fleet_solve.c - from numbers to a plan: build, tighten, branch and bound, finish.
**
** A big problem goes by the linear one: the SKUs it uses are kept, the rest banned, and branch and bound runs on what
** is left; its cost against the linear bound is the proof. Where that is not near enough, the whole problem follows,
** started there. For fleets of 10^5 cards the linear bound is tight; for small ones fixed costs make it loose, and the
** whole problem is small.
*/
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "plan/fleet_model.h"
#include "plan/milp_int.h"

#define BIG_COLS 20000
#define USED 1e-6

const char *const fleet_status_name[3] = {"optimal", "feasible", "infeasible"};
const struct fleet_limits fleet_limits_default = {.gap_frac = 0.005, .nodes = 20000, .wall_s = 60, .round = true};

static double elapsed_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void shut(struct fleet_model *m, int col)
{
    if (col >= 0)
        milp_bounds(m->p, col, 0, 0);
}

static void ban(struct fleet_model *m, size_t k)
{
    const struct fleet *f = &m->f;
    if (m->approve)
        shut(m, m->approve[k]);
    for (size_t p = 0; p < m->np; p++)
        for (size_t n = 0; n < f->nn; n++) {
            size_t jn = JN(m, UNIT(m, p, k), n);
            shut(m, m->buy[jn]), shut(m, m->res[jn]), shut(m, m->on[jn]);
            for (size_t b = 0; b < f->nb; b++)
                shut(m, m->od[jn * f->nb + b]);
        }
}

static void force(struct fleet_model *m, size_t k)
{
    const struct fleet *f = &m->f;
    int family = f->sku[k].family;
    if (m->approve && m->approve[k] >= 0)
        milp_bounds(m->p, m->approve[k], 1, 1);
    for (size_t n = 0; !m->approve && n < f->nn; n++)
        if (m->on[JN(m, k, n)] >= 0)
            milp_bounds(m->p, m->on[JN(m, k, n)], 1, 1);
    if (!m->approve && family >= 0 && !m->ported[family] && m->port[(size_t)family * f->nn] >= 0)
        milp_bounds(m->p, m->port[(size_t)family * f->nn], 1, 1);
}

/* Node t of a chain is period t; so is node t of the trunk, for parents come before children. */
static void follow(struct fleet_model *m)
{
    const struct fleet_model *o = m->follow;
    for (size_t n = 0, t = 0; t < m->follow_periods && n < m->f.nn; n++) {
        if (m->f.node[n].period != (int)t)
            continue;
        for (size_t j = 0; j < m->nj; j++) {
            const int mine[3] = {m->buy[JN(m, j, n)], m->sell[JN(m, j, n)], m->res[JN(m, j, n)]};
            const int theirs[3] = {o->buy[JN(o, j, t)], o->sell[JN(o, j, t)], o->res[JN(o, j, t)]};
            for (int i = 0; i < 3; i++)
                if (mine[i] >= 0 && theirs[i] >= 0)
                    milp_bounds(m->p, mine[i], o->start[theirs[i]], o->start[theirs[i]]);
        }
        t++;
    }
}

void fleet_model_follow(struct fleet_model *m, const struct fleet_model *other, size_t periods)
{
    m->follow = other, m->follow_periods = periods, m->stale = true;
}

static void build(struct fleet_model *m)
{
    unsigned char *basis = m->p ? m->p->basis : NULL;
    int was_cols = m->p ? m->p->cols : 0, was_rows = m->p ? m->rows : 0;
    m->p = milp_new(m->a);
    m->nterm = 0, m->node_usd = NULL;
    fleet_columns(m);
    fleet_rows(m);
    fleet_terms(m);
    fleet_risk_rows(m);
    for (size_t k = 0; k < m->f.nk; k++) {
        if (m->banned[k])
            ban(m, k);
        else if (m->forced[k])
            force(m, k);
    }
    if (m->follow)
        follow(m);
    m->rows = m->p->rows;
    if (m->p->cols == was_cols && m->p->rows == was_rows)
        m->p->basis = basis, m->p->basis_cols = was_cols, m->p->basis_rows = was_rows;
    else
        m->start = NULL;
    m->stale = false;
}

bool fleet_model_new(struct arena *a, const struct fleet *f, struct notes *notes, struct fleet_model **out,
                     struct err *e)
{
    if (!fleet_check(f, notes, e))
        return false;
    struct fleet_model *m = ARENA_NEW(a, struct fleet_model);
    *m = (struct fleet_model){.a = a, .f = *f, .notes = notes, .stale = true};
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, f->nk);
    struct fleet_family *family = ARENA_ARRAY(a, struct fleet_family, f->nf);
    if (f->nk)
        memcpy(sku, f->sku, f->nk * sizeof *sku);
    if (f->nf)
        memcpy(family, f->family, f->nf * sizeof *family);
    m->f.sku = sku, m->f.family = family;
    m->banned = ARENA_ARRAY(a, bool, f->nk), m->forced = ARENA_ARRAY(a, bool, f->nk);
    if (f->risk == RISK_REGRET) {
        const int *leaf;
        size_t n = fleet_leaves(a, f, &leaf);
        m->scenario_best_usd = ARENA_ARRAY(a, double, n);
        struct fleet_limits lim = fleet_limits_default;
        lim.round = false;
        for (size_t s = 0; s < n; s++) {
            struct fleet_plan alone;
            if (!fleet_solve(a, fleet_path(a, f, leaf[s], NULL), &lim, NULL, &alone, e))
                return false;
            m->scenario_best_usd[s] = alone.status == FLEET_INFEASIBLE ? 0 : alone.npv_usd;
        }
    }
    *out = m;
    return true;
}

void fleet_model_ban(struct fleet_model *m, size_t k, bool banned)
{
    m->stale |= m->banned[k] != banned;
    m->banned[k] = banned;
}

void fleet_model_force(struct fleet_model *m, size_t k, bool forced)
{
    m->stale |= m->forced[k] != forced;
    m->forced[k] = forced;
}

void fleet_model_price(struct fleet_model *m, size_t k, const double *price_usd)
{
    double *own = ARENA_ARRAY(m->a, double, m->f.nt);
    memcpy(own, price_usd, m->f.nt * sizeof *own);
    ((struct fleet_sku *)m->f.sku)[k].price_usd = own;
    m->stale = true;
}

void fleet_model_reprice(struct fleet_model *m, size_t k, const struct fleet_sku *s)
{
    ((struct fleet_sku *)m->f.sku)[k] = *s;
    *(m->f.risk == RISK_EXPECTED ? &m->repriced : &m->stale) = true;
}

double fleet_model_price_part_usd(const struct fleet_model *m, size_t k)
{
    const unsigned parts = 1u << COST_BUY | 1u << COST_RESALE | 1u << COST_SALVAGE | 1u << COST_RENT |
                           1u << COST_RESERVE | 1u << COST_LEASE;
    double usd = 0;
    for (size_t i = 0; m->start && i < m->nterm; i++) {
        const struct fleet_term *t = &m->term[i];
        const struct fleet_node *n = &m->f.node[t->node];
        if (t->whose == (int)k && parts >> t->part & 1)
            usd += n->probability * fleet_discount(&m->f, n->period) * t->usd * m->start[t->col];
    }
    return usd;
}

void fleet_model_port(struct fleet_model *m, size_t f, double port_usd)
{
    ((struct fleet_family *)m->f.family)[f].port_usd = port_usd;
    m->stale = true;
}

/* The linear problem, its SKUs, branch and bound on them. False in *near: the whole problem is to be solved. */
static bool by_support(struct fleet_model *m, struct arena *a, const struct milp_limits *lim, struct milp_answer *s,
                       bool *near, struct err *e)
{
    struct milp_limits relax = *lim;
    relax.relax = true;
    struct milp_answer root;
    *near = true;
    if (!milp_solve(m->p, a, &relax, &root, e))
        return false;
    if (root.status != MILP_OPTIMAL) {
        *s = root;
        return true;
    }
    size_t nk = m->f.nk;
    bool *shut_now = ARENA_ARRAY(a, bool, nk);
    for (size_t k = 0; k < nk; k++)
        if (m->approve[k] >= 0 && root.x[m->approve[k]] < USED && milp_lower(m->p, m->approve[k]) == 0) {
            shut_now[k] = milp_upper(m->p, m->approve[k]) > 0;
            milp_bounds(m->p, m->approve[k], 0, 0);
        }
    bool ok = milp_solve(m->p, a, lim, s, e);
    for (size_t k = 0; k < nk; k++)
        if (shut_now[k])
            milp_bounds(m->p, m->approve[k], 0, 1);
    if (!ok)
        return false;
    s->bound = root.objective;
    *near = s->x && s->objective - root.objective <= lim->gap_frac * fabs(s->objective);
    if (*near)
        s->status = MILP_OPTIMAL;
    return true;
}

static bool search(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct milp_answer *s,
                   struct err *e)
{
    struct milp_limits ml = {.gap_frac = lim->gap_frac, .nodes = lim->nodes, .wall_s = lim->wall_s, .start = m->start, .beside = lim->beside};
    double begin_s = elapsed_s();
    bool near = false;
    struct milp_answer first = {.x = NULL};
    if (m->approve && m->p->cols > BIG_COLS && !by_support(m, a, &ml, &first, &near, e))
        return false;
    if (near) {
        *s = first;
        return true;
    }
    if (first.x)
        ml.start = first.x;
    if (ml.wall_s > 0)
        ml.wall_s = fmax(1, ml.wall_s - (elapsed_s() - begin_s));
    if (!milp_solve(m->p, a, &ml, s, e))
        return false;
    s->timed_out |= first.timed_out;
    if (first.x && (!s->x || first.objective < s->objective)) {
        double bound = fmax(first.bound, s->bound);
        bool late = s->timed_out;
        *s = first;
        s->bound = fmin(bound, s->objective), s->timed_out = late;
        s->status = s->objective - s->bound <= lim->gap_frac * fabs(s->objective) ? MILP_OPTIMAL : MILP_FEASIBLE;
    }
    return true;
}

bool fleet_model_solve(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct fleet_plan *out,
                       struct err *e)
{
    double begin_s = elapsed_s();
    struct milp_answer s;
    if (m->stale)
        build(m);
    else if (m->repriced)
        fleet_terms(m);
    m->repriced = false;
    *out = (struct fleet_plan){.reproducible = true};
    if (m->p->cols <= BIG_COLS && !fleet_tighten(m, a, lim->wall_s, e))
        return false;
    if (lim->mps && !milp_write_mps(m->p, lim->mps, e))
        return false;
    if (!search(m, a, lim, &s, e))
        return false;
    struct milp_size size = milp_size(m->p);
    out->rows = size.rows, out->cols = size.cols, out->nonzeros = size.nonzeros, out->integers = size.integers;
    out->reproducible = !s.timed_out;
    out->bb_nodes = s.nodes;
    if (s.status == MILP_UNBOUNDED)
        return err_input(e, "fleet", "the cost has no lower bound: something can be bought for less than it earns");
    if (s.status == MILP_NONE)
        return err_input(e, "fleet", "no plan was found within the limits of %d nodes and %g s", lim->nodes,
                         lim->wall_s);
    if (s.status == MILP_INFEASIBLE) {
        out->status = FLEET_INFEASIBLE;
        out->npv_usd = out->expected_usd = out->bound_usd = NAN;
        bool ok = fleet_relax(m, a, out, e);
        out->solve_s = elapsed_s() - begin_s;
        return ok;
    }
    out->status = s.status == MILP_OPTIMAL ? FLEET_OPTIMAL : FLEET_FEASIBLE;
    out->bound_usd = s.bound;
    m->start = ARENA_ARRAY(m->a, double, size.cols);
    memcpy(m->start, s.x, size.cols * sizeof *m->start);
    out->x = m->start, out->nx = size.cols;
    fleet_shadow(m, a, &s, out);
    if (!fleet_finish(m, a, lim, &s, out, e))
        return false;
    out->npv_usd = s.objective;
    out->rounding_usd = out->npv_usd - out->unrounded_usd;
    out->worst_row_frac = s.worst;
    fleet_answer(m, a, s.x, out);
    out->gap_frac = fabs(out->npv_usd) > 0 ? (out->npv_usd - out->bound_usd) / fabs(out->npv_usd) : 0;
    out->solve_s = elapsed_s() - begin_s;
    return true;
}

bool fleet_solve(struct arena *a, const struct fleet *f, const struct fleet_limits *lim, struct notes *notes,
                 struct fleet_plan *out, struct err *e)
{
    struct fleet_model *m;
    return fleet_model_new(a, f, notes, &m, e) && fleet_model_solve(m, a, lim, out, e);
}

double fleet_plan_cards_bought(const struct fleet *f, const struct fleet_plan *plan, size_t k)
{
    double cards = 0;
    for (size_t n = 0; n < f->nn; n++) {
        int t = f->node[n].period;
        if (plan->bought[n * f->nk + k] > 0)
            cards += f->node[n].probability * fleet_discount(f, t + f->sku[k].lead[t]) * plan->bought[n * f->nk + k];
    }
    return cards;
}
