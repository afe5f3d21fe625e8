/* fleet_values.c - what sharing, uniformity, generality and knowing are worth: differences of two optimal costs.
**
**      elasticity = Z(training apart) - Z           generality = Z(classes of work apart) - Z
**      unify      = Z - Z(no spares, no complexity)
**      VSS  = EEV - Z:  orders, sales and reservations before the first branch as the mean future wants them
**      EVPI = Z - sum_s p_s Z(s known)
**
** Birge and Louveaux, "Introduction to Stochastic Programming", 2011, chapter 4. All before rounding, so that nodes of
** 8 do not drown them; Z is the cheapest found in any of the solves. A value within the solves' gaps of 0 is 0.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

static bool cost(struct arena *a, const struct fleet *f, const struct fleet_limits *lim, struct fleet_values *v,
                 double *z, struct err *e)
{
    struct arena *call = arena_child(a);
    struct fleet_plan plan;
    struct fleet_limits l = *lim;
    l.round = false, l.mps = NULL;
    bool ok = fleet_solve(call, f, &l, NULL, &plan, e);
    *z = ok && plan.status != FLEET_INFEASIBLE ? plan.npv_usd : NAN;
    if (ok && isfinite(*z))
        v->slack_usd += plan.npv_usd - plan.bound_usd;
    v->solves++;
    arena_reset(call);
    return ok;
}

static bool training_apart(const struct fleet *f)
{
    bool training = f->nc > 0, other = false;
    for (size_t w = 0; w < f->nw; w++)
        training |= f->work[w].training, other |= !f->work[w].training;
    return training && other;
}

static bool classes_apart(const struct fleet *f)
{
    for (size_t w = 1; w < f->nw; w++)
        if (f->work[w].klass != f->work[0].klass)
            return true;
    return false;
}

/* Periods that all futures share: those of one node alone. */
static size_t trunk(const struct fleet *f)
{
    size_t last = f->nt;
    for (size_t n = 0; n < f->nn; n++)
        if (f->node[n].probability < 1 - 1e-9 && (size_t)f->node[n].period < last)
            last = (size_t)f->node[n].period;
    return last;
}

/* The mean future's first decisions carried into all futures. */
static bool carried(struct arena *a, const struct fleet *f, const struct fleet_limits *lim, struct fleet_values *v,
                    double *eev, struct err *e)
{
    struct arena *call = arena_child(a);
    struct fleet_model *mean, *all;
    struct fleet_plan plan, eplan;
    struct fleet_limits l = *lim;
    l.round = false, l.mps = NULL;
    bool ok = fleet_model_new(call, fleet_mean(call, f), NULL, &mean, e) &&
              fleet_model_solve(mean, call, &l, &plan, e) && fleet_model_new(call, f, NULL, &all, e);
    v->solves += 2;
    *eev = NAN;
    if (ok && plan.status != FLEET_INFEASIBLE) {
        fleet_model_follow(all, mean, trunk(f));
        ok = fleet_model_solve(all, call, &l, &eplan, e);
        if (ok && eplan.status != FLEET_INFEASIBLE) {
            *eev = eplan.npv_usd;
            v->slack_usd += eplan.npv_usd - eplan.bound_usd;
        }
    }
    arena_reset(call);
    return ok;
}

static double positive(double difference, double slack)
{
    return fabs(difference) <= slack ? fmax(0, difference) : difference;
}

bool fleet_values(struct arena *a, const struct fleet *f, const struct fleet_plan *plan, const struct fleet_limits *lim,
                  struct fleet_values *out, struct err *e)
{
    *out = (struct fleet_values){
        .elasticity_usd = NAN, .unify_usd = NAN, .generality_usd = NAN, .vss_usd = NAN, .evpi_usd = NAN};
    if (plan->status == FLEET_INFEASIBLE)
        return true;
    struct fleet other = *f;
    double z, apart = NAN, classes = NAN, bare, eev = NAN, known = NAN;
    other.risk = RISK_EXPECTED, other.pools = POOLS_SHARED;
    struct fleet base = other;
    if (!cost(a, &base, lim, out, &z, e))
        return false;
    other.pools = POOLS_TRAINING_APART;
    if (training_apart(f) && !cost(a, &other, lim, out, &apart, e))
        return false;
    other.pools = POOLS_CLASSES_APART;
    if (classes_apart(f) && !cost(a, &other, lim, out, &classes, e))
        return false;
    other.pools = POOLS_SHARED;
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, f->nk);
    for (size_t k = 0; k < f->nk; k++) {
        sku[k] = f->sku[k];
        sku[k].spares = sku[k].complexity_usd = 0;
    }
    other.sku = sku;
    if (!cost(a, &other, lim, out, &bare, e))
        return false;
    const int *leaf;
    size_t leaves = fleet_leaves(a, f, &leaf);
    if (leaves > 1) {
        if (!carried(a, &base, lim, out, &eev, e))
            return false;
        known = 0;
        for (size_t s = 0; s < leaves; s++) {
            double alone;
            if (!cost(a, fleet_path(a, &base, leaf[s], NULL), lim, out, &alone, e))
                return false;
            known += f->node[leaf[s]].probability * alone;
        }
    }
    z = fmin(z, fmin(isfinite(apart) ? apart : z, fmin(isfinite(classes) ? classes : z, isfinite(eev) ? eev : z)));
    double slack = out->slack_usd;
    out->elasticity_usd = apart - z, out->generality_usd = classes - z;
    out->unify_usd = positive(z - bare, slack);
    out->vss_usd = eev - z, out->evpi_usd = positive(z - known, slack);
    return true;
}

void fleet_card_cost(const struct fleet *f, size_t k, size_t t, struct fleet_card_cost *out)
{
    const struct fleet_sku *s = &f->sku[k];
    int end = -1; /* of the likeliest future */
    for (size_t n = 0; n < f->nn; n++)
        if (f->node[n].period == (int)f->nt - 1 && (end < 0 || f->node[n].probability > f->node[end].probability))
            end = (int)n;
    *out = (struct fleet_card_cost){.own_usd_h = NAN, .capital_usd_h = NAN, .tokens_usd_h = NAN};
    double hours = fleet_period_h(f);
    out->energy_usd_h = s->kw * f->pue * f->usd_kwh, out->keep_usd_h = s->keep_usd / hours;
    out->reserve_usd_h = s->reserve_usd_h[t], out->rent_usd_h = s->rent_usd_h[t],
    out->lease_out_usd_h = s->lease_out_usd_h[t];
    int from = (int)t + s->lead[t];
    if (isfinite(s->price_usd[t]) && from < (int)f->nt) {
        double held = 0;
        for (int u = from; u < (int)f->nt; u++)
            held += hours * fleet_discount(f, u);
        double back = f->salvage_frac * s->resale_usd[end] * fleet_discount(f, (int)f->nt);
        out->capital_usd_h = (s->price_usd[t] * fleet_discount(f, from) - back) / held;
        out->own_usd_h = out->capital_usd_h + out->energy_usd_h + out->keep_usd_h;
    }
    for (size_t w = 0; w < f->nw; w++)
        if (isfinite(f->work[w].buy_usd) && f->work[w].rate[k * f->nt + t] > 0)
            out->tokens_usd_h = fmax(isfinite(out->tokens_usd_h) ? out->tokens_usd_h : 0,
                                     f->work[w].buy_usd * f->work[w].rate[k * f->nt + t]);
}
