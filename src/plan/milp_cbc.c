/* milp_cbc.c - the solver port on COIN-OR: branch and cut by CBC, the linear problem and its duals by Clp.
**
** CBC finds which whole columns are what; Clp then solves the linear problem that is left, so that real columns are
** exact for those choices and have prices. Forrest and Lougee-Heimer, "CBC user guide", 2005.
** Traps: `sec` counts processor time unless timeMode is elapsed; on a limit the answer is the best saved solution; when
** the tree was emptied with a gap allowed, the bound CBC names is its own objective, and what is proved is only
** objective less gap.
*/
#include <coin/Cbc_C_Interface.h>
#include <coin/Clp_C_Interface.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/milp_int.h"

#define LARGEST_COST 1024.0 /* after scaling */
#define WHOLE 1e-9
#define HOLDS 1e-5          /* an answer may breach a row by this part of its largest term */

struct scaled { /* the problem as the solver sees it */
    double *lo, *hi, *cost, *row_lo, *row_hi, *value;
    int *start, *index;
};

/* CBC reads its settings through variables of the whole process; the linear problems around it run side by side. */
static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

static double elapsed_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct scaled scaled(struct milp *m, struct arena *a)
{
    size_t cols = (size_t)m->cols, rows = (size_t)m->rows, nonzeros = (size_t)m->start[m->cols];
    struct scaled s = {ARENA_ARRAY(a, double, cols),
                       ARENA_ARRAY(a, double, cols),
                       ARENA_ARRAY(a, double, cols),
                       ARENA_ARRAY(a, double, rows),
                       ARENA_ARRAY(a, double, rows),
                       ARENA_ARRAY(a, double, nonzeros),
                       m->start,
                       m->index};
    double most = 0;
    for (int j = 0; j < m->cols; j++) {
        double k = m->col_scale[j];
        s.lo[j] = m->lo[j] / k, s.hi[j] = m->hi[j] / k, s.cost[j] = m->cost[j] * k;
        most = fmax(most, fabs(s.cost[j]));
        for (int p = m->start[j]; p < m->start[j + 1]; p++)
            s.value[p] = m->value[p] * k * m->row_scale[m->index[p]];
    }
    m->cost_scale = most > 0 ? ldexp(1, -(int)lround(log2(most / LARGEST_COST))) : 1;
    for (int j = 0; j < m->cols; j++)
        s.cost[j] *= m->cost_scale;
    for (int i = 0; i < m->rows; i++)
        s.row_lo[i] = m->row_lo[i] * m->row_scale[i], s.row_hi[i] = m->row_hi[i] * m->row_scale[i];
    return s;
}

static void clp_free(void *clp)
{
    Clp_deleteModel(clp);
}

static void cbc_free(void *cbc)
{
    Cbc_deleteModel(cbc);
}

static bool broke(struct err *e, const char *what)
{
    return err_env(e, "solver", "%s", what);
}

/* The linear problem; whole columns real, or fixed where `fix` is given. */
static bool linear(struct milp *m, struct arena *a, const struct scaled *s, const double *fix, double wall_s,
                   struct milp_answer *out, struct err *e)
{
    struct arena *call = arena_child(a);
    Clp_Simplex *clp = Clp_newModel();
    arena_defer(call, clp_free, clp);
    Clp_setLogLevel(clp, 0);
    double *lo = ARENA_ARRAY(call, double, (size_t)m->cols), *hi = ARENA_ARRAY(call, double, (size_t)m->cols);
    for (int j = 0; j < m->cols; j++) {
        lo[j] = s->lo[j], hi[j] = s->hi[j];
        if (fix && m->whole[j])
            lo[j] = hi[j] = nearbyint(fix[j]);
    }
    Clp_loadProblem(clp, m->cols, m->rows, s->start, s->index, s->value, lo, hi, s->cost, s->row_lo, s->row_hi);
    if (wall_s > 0)
        Clp_setMaximumSeconds(clp, wall_s);
    if (m->basis) {
        Clp_copyinStatus(clp, m->basis);
        Clp_dual(clp, 0);
    } else {
        Clp_initialSolve(clp);
    }
    int status = Clp_status(clp);
    if (status == 0) {
        if (!m->basis)
            m->basis = arena_alloc(m->a, (size_t)(m->cols + m->rows)), m->basis_cols = m->cols, m->basis_rows = m->rows;
        memcpy(m->basis, Clp_statusArray(clp), (size_t)(m->cols + m->rows));
        const double *x = Clp_getColSolution(clp), *price = Clp_getRowPrice(clp), *reduced = Clp_getReducedCost(clp);
        double *xs = ARENA_ARRAY(a, double, (size_t)m->cols), *ds = ARENA_ARRAY(a, double, (size_t)m->cols);
        double *ps = ARENA_ARRAY(a, double, (size_t)m->rows);
        for (int j = 0; j < m->cols; j++) {
            xs[j] = fmin(fmax(x[j], lo[j]), hi[j]) * m->col_scale[j];
            ds[j] = reduced[j] / (m->col_scale[j] * m->cost_scale);
        }
        for (int i = 0; i < m->rows; i++)
            ps[i] = price[i] * m->row_scale[i] / m->cost_scale;
        out->x = xs, out->reduced = ds, out->dual = ps;
        out->objective = milp_objective(m, xs);
        out->worst = milp_breach(m, xs, fix != NULL);
    }
    out->iterations += (size_t)Clp_getIterationCount(clp);
    out->status = status == 0 ? MILP_OPTIMAL : status == 1 ? MILP_INFEASIBLE : status == 2 ? MILP_UNBOUNDED : MILP_NONE;
    out->timed_out |= status == 3 && wall_s > 0;
    arena_reset(call);
    return status <= 3 || broke(e, "the linear solver stopped with an error");
}

/* What cost more than it gave on fleets of 12 SKUs and 52 nodes: the pump took half the time; mixed integer rounding
 ** gave nearly all cuts. */
static const char *const off[] = {"feas", "probing", "gomory", "clique", "knapsack", "flow", "zero"};

static Cbc_Model *cbc_new(struct milp *m, struct arena *call, const struct scaled *s, const struct milp_limits *lim,
                          double left_s)
{
    pthread_mutex_lock(&one_at_a_time);
    Cbc_Model *cbc = Cbc_newModel();
    pthread_mutex_unlock(&one_at_a_time);
    arena_defer(call, cbc_free, cbc);
    Cbc_setLogLevel(cbc, 0);
    Cbc_loadProblem(cbc, m->cols, m->rows, s->start, s->index, s->value, s->lo, s->hi, s->cost, s->row_lo, s->row_hi);
    for (int j = 0; j < m->cols; j++)
        if (m->whole[j])
            Cbc_setInteger(cbc, j);
    char text[32];
    Cbc_setParameter(cbc, "log", "0");
    Cbc_setParameter(cbc, "slog", "0");
    Cbc_setParameter(cbc, "timeMode", "elapsed");
    Cbc_setParameter(cbc, "threads", "0");
    Cbc_setParameter(cbc, "randomCbcSeed", "1");
    Cbc_setParameter(cbc, "randomSeed", "1");
    for (size_t i = 0; i < sizeof off / sizeof *off; i++)
        Cbc_setParameter(cbc, off[i], "off");
    snprintf(text, sizeof text, "%.10g", lim->gap_frac);
    Cbc_setParameter(cbc, "ratioGap", text);
    Cbc_setParameter(cbc, "allowableGap", "0");
    snprintf(text, sizeof text, "%d", lim->nodes);
    Cbc_setParameter(cbc, "maxNodes", text);
    if (left_s > 0) {
        snprintf(text, sizeof text, "%.3f", left_s);
        Cbc_setParameter(cbc, "sec", text);
    }
    if (lim->start) {
        int n = 0, *at = ARENA_ARRAY(call, int, (size_t)m->cols);
        double *value = ARENA_ARRAY(call, double, (size_t)m->cols);
        for (int j = 0; j < m->cols; j++)
            if (m->whole[j])
                at[n] = j, value[n++] = nearbyint(lim->start[j]);
        Cbc_setMIPStartI(cbc, n, at, value);
    }
    return cbc;
}

/* The linear problem's own answer takes whole columns whole: nothing is left to branch on. */
static bool is_whole(const struct milp *m, const double *x)
{
    for (int j = 0; j < m->cols; j++)
        if (m->whole[j] && fabs(x[j] - nearbyint(x[j])) > WHOLE)
            return false;
    return true;
}

/* The whole columns are chosen: the linear problem that is left, and what is proved. */
static bool chosen(struct milp *m, struct arena *a, const struct scaled *s, const struct milp_limits *lim, const double *best,
                   double root, double proved, bool finished, struct milp_answer *out, struct err *e)
{
    struct arena *call = arena_child(a);
    double *fix = ARENA_ARRAY(call, double, (size_t)m->cols);
    for (int j = 0; j < m->cols; j++)
        fix[j] = m->whole[j] ? nearbyint(best[j]) : 0;
    bool ok = linear(m, a, s, fix, 0, out, e);
    if (ok && (out->status != MILP_OPTIMAL || out->worst > HOLDS)) { /* once more, from no basis */
        m->basis = NULL;
        ok = linear(m, a, s, fix, 0, out, e);
    }
    if (ok && out->status != MILP_OPTIMAL)
        ok = broke(e, "branch and cut gave choices that no linear problem fits");
    if (ok && out->worst > HOLDS)
        ok = err_env(e, "solver", "its answer breaches a row by %.2g of the row's size", out->worst);
    double allowed = lim->gap_frac * fabs(out->objective);
    out->bound = fmax(root, fmin(isfinite(proved) ? proved : root, out->objective));
    if (finished)
        out->bound = fmax(root, fmin(out->bound, out->objective - allowed));
    out->status = out->objective - out->bound <= 1.0001 * allowed + 1e-9 * fabs(out->objective) ? MILP_OPTIMAL
                                                                                                : MILP_FEASIBLE;
    arena_reset(call);
    return ok;
}

/* Branch and bound beside others. done false: it did not end, and out is the root's still. */
static bool beside(struct milp *m, struct arena *a, const struct scaled *s, const struct milp_limits *lim, double root,
                   struct milp_answer *out, bool *done, struct err *e)
{
    struct arena *call = arena_child(a);
    double *x = ARENA_ARRAY(call, double, (size_t)m->cols), usd = HUGE_VAL;
    bool found = false, ok = true;
    *done = false;
    if (lim->start) {
        struct milp_answer first = {.status = MILP_NONE};
        ok = linear(m, call, s, lim->start, 0, &first, e);
        found = ok && first.status == MILP_OPTIMAL;
        for (int j = 0; found && j < m->cols; j++)
            x[j] = m->whole[j] ? nearbyint(lim->start[j]) : 0;
        usd = found ? first.objective : usd;
    }
    Clp_Simplex *clp = Clp_newModel();
    arena_defer(call, clp_free, clp);
    Clp_setLogLevel(clp, 0);
    Clp_loadProblem(clp, m->cols, m->rows, s->start, s->index, s->value, s->lo, s->hi, s->cost, s->row_lo, s->row_hi);
    if (m->basis)
        Clp_copyinStatus(clp, m->basis);
    *done = ok && milp_branch(m, clp, lim, usd, x, &found, &out->nodes);
    struct err none = {0};
    if (*done && found)
        *done = chosen(m, a, s, lim, x, root, 1e300, true, out, &none); /* else CBC is asked */
    else if (*done)
        out->status = MILP_INFEASIBLE, out->bound = root, out->x = NULL;
    arena_reset(call);
    return ok;
}

bool milp_solve(struct milp *m, struct arena *a, const struct milp_limits *lim, struct milp_answer *out, struct err *e)
{
    double begin_s = elapsed_s();
    *out = (struct milp_answer){.status = MILP_NONE};
    milp_ready(m);
    struct arena *call = arena_child(a);
    struct scaled s = scaled(m, call);
    bool whole = !lim->relax && milp_size(m).integers, ok = true;
    ok = linear(m, a, &s, NULL, lim->wall_s, out, e);
    double root = out->objective;
    if (!ok || !whole || out->status != MILP_OPTIMAL || (out->worst <= HOLDS && is_whole(m, out->x))) {
        out->bound = out->objective;
        arena_reset(call);
        if (ok && whole && out->status == MILP_NONE)
            out->x = NULL;
        if (ok && out->x && !(whole && out->status != MILP_OPTIMAL) && out->worst > HOLDS)
            return err_env(e, "solver", "its answer breaches a row by %.2g of the row's size", out->worst);
        return ok;
    }
    bool done = false;
    ok = !lim->beside || beside(m, a, &s, lim, root, out, &done, e);
    if (!ok || done) {
        arena_reset(call);
        return ok;
    }
    double left_s = lim->wall_s > 0 ? fmax(0.01, lim->wall_s - (elapsed_s() - begin_s)) : 0;
    Cbc_Model *cbc = cbc_new(m, call, &s, lim, left_s);
    pthread_mutex_lock(&one_at_a_time);
    Cbc_solve(cbc);
    pthread_mutex_unlock(&one_at_a_time);
    const double *best = Cbc_bestSolution(cbc);
    bool finished = Cbc_isProvenOptimal(cbc), infeasible = Cbc_isProvenInfeasible(cbc);
    double proved = Cbc_getBestPossibleObjValue(cbc) / m->cost_scale;
    out->nodes = (size_t)Cbc_getNodeCount(cbc);
    out->timed_out |= Cbc_isSecondsLimitReached(cbc);
    out->x = NULL;
    if (best && !infeasible) {
        ok = chosen(m, a, &s, lim, best, root, proved, finished, out, e);
    } else {
        out->status = infeasible ? MILP_INFEASIBLE : MILP_NONE;
        out->bound = root;
    }
    arena_reset(call);
    return ok;
}
