/* fleet_risk.c - how the costs of different futures are weighed.
**
**      node_usd[n] = sum of the terms of n,   path[s] = sum over n on the path to leaf s of (1 + r)^-t node_usd[n]
**      CVaR:    (1 - l) sum p_s path[s] + l (var + sum p_s excess[s] / tail),   excess[s] >= path[s] - var, 0
**      regret:  worst + mean / 1000,   worst >= path[s] - best[s],   best[s] = the cost of s had it been known
**
** Rockafellar and Uryasev, "Optimization of conditional value-at-risk", 2000. The thousandth of the mean breaks ties
** among plans of the same regret.
*/
#include <math.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

#define TIE 1e-3

static void path_rows(struct fleet_model *m, size_t s, int leaf, int extra, double extra_value, int slack, double best)
{
    int row = milp_row(m->p, -HUGE_VAL, best, "path_%zu", s);
    for (int n = leaf; n >= 0; n = m->f.node[n].parent)
        milp_put(m->p, row, m->node_usd[n], fleet_discount(&m->f, m->f.node[n].period));
    milp_put(m->p, row, extra, extra_value);
    if (slack >= 0)
        milp_put(m->p, row, slack, -1);
}

void fleet_risk_rows(struct fleet_model *m)
{
    const struct fleet *f = &m->f;
    m->var = m->worst_regret = -1;
    if (f->risk == RISK_EXPECTED)
        return;
    const int *leaf;
    size_t leaves = fleet_leaves(m->a, f, &leaf);
    m->node_usd = ARENA_ARRAY(m->a, int, f->nn);
    double mean = f->risk == RISK_CVAR ? 1 - f->cvar_weight : TIE;
    for (size_t n = 0; n < f->nn; n++) {
        double weight = f->node[n].probability * fleet_discount(f, f->node[n].period);
        m->node_usd[n] = milp_col(m->p, -HUGE_VAL, HUGE_VAL, mean * weight, MILP_REAL, "usd_%zu", n);
    }
    size_t i = 0; /* terms come by node */
    for (size_t n = 0; n < f->nn; n++) {
        int row = milp_row(m->p, 0, 0, "usd_%zu", n);
        milp_put(m->p, row, m->node_usd[n], -1);
        for (; i < m->nterm && m->term[i].node == (int)n; i++)
            milp_put(m->p, row, m->term[i].col, m->term[i].usd);
    }
    if (f->risk == RISK_CVAR)
        m->var = milp_col(m->p, -HUGE_VAL, HUGE_VAL, f->cvar_weight, MILP_REAL, "var");
    else
        m->worst_regret = milp_col(m->p, 0, HUGE_VAL, 1, MILP_REAL, "regret");
    m->excess = ARENA_ARRAY(m->a, int, leaves);
    for (size_t s = 0; s < leaves; s++) {
        m->excess[s] = -1;
        if (f->risk == RISK_CVAR)
            m->excess[s] =
                milp_col(m->p, 0, HUGE_VAL, f->cvar_weight * f->node[leaf[s]].probability / f->cvar_tail_frac,
                         MILP_REAL, "excess_%zu", s);
        path_rows(m, s, leaf[s], f->risk == RISK_CVAR ? m->var : m->worst_regret, -1, m->excess[s],
                  f->risk == RISK_CVAR ? 0 : m->scenario_best_usd[s]);
    }
}
