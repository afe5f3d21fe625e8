/* fleet_check.c - numbers no plan can be made from, refused before any solve.
**
** Free money (a used card dearer than a new one, an idle card that earns more than rent, a card that pays for itself
** lent out), a tree whose probabilities do not add up, work nobody can do, a slip of units. What is only doubtful gets
** a note.
*/
#include <math.h>

#include "base/err.h"
#include "base/note.h"
#include "plan/fleet_model.h"

#define WATT_SLIP_KW 50.0 /* no card draws that */
#define SLACK 1e-6

static bool sku_prices(const struct fleet *f, size_t k, struct err *e)
{
    const struct fleet_sku *s = &f->sku[k];
    for (size_t t = 0; t < f->nt; t++) {
        double rent = s->rent_usd_h[t], term = s->reserve_usd_h[t], lease = s->lease_out_usd_h[t];
        if (s->price_usd[t] <= 0 || rent <= 0 || term <= 0 || lease < 0)
            return err_input(e, s->id, "a price in period %zu is negative or nothing", t) ||
                   err_mend(e, "leave out what is not sold");
        if (!(s->supply[t] >= 0) || !(s->rent_cap[t] >= 0))
            return err_input(e, s->id, "supply or rent cap in period %zu is negative", t);
        if (s->lead[t] < 0)
            return err_input(e, s->id, "the lead time in period %zu is negative", t);
        if (f->lease_out && (lease >= rent || lease >= term))
            return err_input(e, s->id, "in period %zu an idle card earns $%.4g an hour lent out and costs $%.4g rented",
                             t, lease, lease >= rent ? rent : term) ||
                   err_mend(e, "lease-out must pay less than rent, or a fleet without bounds earns money");
    }
    if (isfinite(s->reserve_usd_h[0]) && s->reserve_term < 1)
        return err_input(e, s->id, "a reserved price without a term of at least one period");
    return true;
}

static bool sku_resale(const struct fleet *f, size_t k, struct notes *notes, struct err *e)
{
    const struct fleet_sku *s = &f->sku[k];
    bool any = s->stock > 0;
    for (size_t t = 0; t < f->nt; t++)
        any |= isfinite(s->price_usd[t]);
    for (size_t n = 0; any && n < f->nn; n++) {
        double resale = s->resale_usd[n];
        if (!(resale >= 0) || !isfinite(resale))
            return err_input(e, s->id, "resale in node %zu (\"%s\", period %d) is missing or negative", n,
                             f->node[n].name, f->node[n].period);
        for (int up = (int)n; up >= 0 && s->allowed; up = f->node[up].parent) {
            int t = f->node[up].period, then = t + s->lead[t], now = f->node[n].period;
            if (!isfinite(s->price_usd[t]) || s->supply[t] <= 0 || then > now)
                continue;
            double keep = (s->kw * f->pue * f->usd_kwh * fleet_period_h(f) + s->keep_usd) * (now - then);
            double earns = resale * fleet_discount(f, now),
                   pays = s->price_usd[t] * fleet_discount(f, then) + keep * fleet_discount(f, now);
            if (earns < pays)
                continue;
            if (now == t || !isfinite(s->supply[t]))
                return err_input(e, s->id,
                                 "a card bought in period %d for $%.6g sells used in period %d of \"%s\" for $%.6g", t,
                                 s->price_usd[t], now, f->node[n].name, resale) ||
                       err_mend(e, "resale must stay below price, or a fleet without bounds earns money");
            note_add(notes, "%s: a card bought in period %d earns by being sold in period %d of \"%s\"", s->id, t, now,
                     f->node[n].name);
        }
    }
    return true;
}

/* Dollars a card earns over its price when it is only lent out. */
static void sku_lent(const struct fleet *f, size_t k, struct notes *notes)
{
    const struct fleet_sku *s = &f->sku[k];
    for (size_t t = 0; f->lease_out && s->allowed && t < f->nt; t++) {
        if (!isfinite(s->price_usd[t]))
            continue;
        double npv = -s->price_usd[t] * fleet_discount(f, (int)t + s->lead[t]);
        for (size_t u = t + (size_t)s->lead[t]; u < f->nt; u++) {
            double lease = isfinite(s->lease_out_usd_h[u]) ? s->lease_out_usd_h[u] * s->avail_frac : 0;
            npv += (lease * fleet_period_h(f) - s->kw * f->pue * f->usd_kwh * fleet_period_h(f) - s->keep_usd) *
                   fleet_discount(f, (int)u);
        }
        if (npv > 0) {
            note_add(notes,
                     "%s: bought in period %zu and only lent out, a card earns more than it costs; cards are bought up "
                     "to 1.05 times the largest demand",
                     s->id, t);
            return;
        }
    }
}

static bool sku(const struct fleet *f, size_t k, struct notes *notes, struct err *e)
{
    const struct fleet_sku *s = &f->sku[k];
    if (s->family >= (int)f->nf)
        return err_input(e, s->id, "its software family is none of the %zu", f->nf);
    if (!(s->avail_frac > 0 && s->avail_frac <= 1))
        return err_input(e, s->id, "availability must be above 0 and at most 1, got %g", s->avail_frac);
    if (!(s->kw >= 0) || !(s->keep_usd >= 0) || !(s->spares >= 0) || !(s->complexity_usd >= 0) || !(s->stock >= 0) ||
        !(s->rack_units >= 0) || s->max_life < 0)
        return err_input(e, s->id,
                         "power, upkeep, spares, complexity, rack units, life and stock must not be negative");
    if (s->kw > WATT_SLIP_KW)
        return err_input(e, s->id, "%g kW a card: these look like watts", s->kw) ||
               err_mend(e, "write the unit: 700W or 0.7kW");
    if (s->kw == 0)
        note_add(notes, "%s: draws no power", s->id);
    if (!sku_prices(f, k, e) || !sku_resale(f, k, notes, e))
        return false;
    sku_lent(f, k, notes);
    if (s->stock > 0 && s->family >= 0 && !f->family[s->family].ported)
        note_add(notes, "%s: cards of it are owned, so \"%s\" counts as ported", s->id, f->family[s->family].id);
    return true;
}

static bool tree(const struct fleet *f, struct err *e)
{
    if (!f->nn || !f->nt || !f->nb)
        return err_input(e, "fleet", "no node, no period or no block");
    if (f->node[0].parent != -1 || f->node[0].period != 0 || fabs(f->node[0].probability - 1) > SLACK)
        return err_input(e, "scenarios", "the first node must be the root: no parent, period 0, probability 1");
    for (size_t n = 0; n < f->nn; n++) {
        double below = 0;
        bool leaf = true;
        if (!(f->node[n].probability > 0))
            return err_input(e, "scenarios", "\"%s\" has probability %g in period %d", f->node[n].name,
                             f->node[n].probability, f->node[n].period) ||
                   err_mend(e, "leave out futures that cannot come");
        if (n && (f->node[n].parent < 0 || f->node[n].parent >= (int)n ||
                  f->node[n].period != f->node[f->node[n].parent].period + 1))
            return err_input(e, "scenarios", "node %zu (\"%s\") does not follow its parent by one period", n,
                             f->node[n].name);
        for (size_t c = n + 1; c < f->nn; c++)
            if (f->node[c].parent == (int)n)
                below += f->node[c].probability, leaf = false;
        if (leaf && f->node[n].period != (int)f->nt - 1)
            return err_input(e, "scenarios", "\"%s\" ends in period %d of %zu", f->node[n].name, f->node[n].period,
                             f->nt);
        if (!leaf && fabs(below - f->node[n].probability) > SLACK)
            return err_input(e, "scenarios", "what follows \"%s\" in period %d has probability %.6g in all, not %.6g",
                             f->node[n].name, f->node[n].period, below, f->node[n].probability);
    }
    return true;
}

/* Some card that can be had, in some period, does it. */
static bool served(const struct fleet *f, const double *rate, size_t from, size_t to)
{
    for (size_t k = 0; k < f->nk; k++) {
        const struct fleet_sku *s = &f->sku[k];
        bool had = s->stock > 0;
        for (size_t t = 0; t < f->nt && t <= to && s->allowed; t++) {
            had |= isfinite(s->price_usd[t]) && s->supply[t] > 0 && t + (size_t)s->lead[t] <= to;
            had |= (isfinite(s->rent_usd_h[t]) || isfinite(s->reserve_usd_h[t])) && s->rent_cap[t] > 0;
        }
        for (size_t t = from; had && t <= to; t++)
            if (rate[k * f->nt + t] > 0)
                return true;
    }
    return false;
}

static bool works(const struct fleet *f, struct notes *notes, struct err *e)
{
    for (size_t w = 0; w < f->nw; w++) {
        const struct fleet_work *v = &f->work[w];
        bool any = false;
        if (!(v->unmet_usd >= 0))
            return err_input(e, v->id, "the price of unserved demand is missing or negative");
        if (v->buy_usd < 0)
            return err_input(e, v->id, "the price of bought output is negative");
        if (v->buy_usd >= v->unmet_usd)
            note_add(notes, "%s: bought output costs no less than leaving demand unserved, and is never bought", v->id);
        for (size_t i = 0; i < f->nn * f->nb; i++) {
            if (!(v->demand[i] >= 0) || !isfinite(v->demand[i]))
                return err_input(e, v->id, "demand in node %zu is missing or negative", i / f->nb);
            any |= v->demand[i] > 0;
        }
        for (size_t i = 0; i < f->nk * f->nt; i++)
            if (!(v->rate[i] >= 0) || !isfinite(v->rate[i]))
                return err_input(e, v->id, "the rate of %s in period %zu is missing or negative", f->sku[i / f->nt].id,
                                 i % f->nt);
        if (any && !isfinite(v->buy_usd) && !served(f, v->rate, 0, f->nt - 1))
            return err_input(e, v->id, "no SKU that can be had does this work, and its output is not for sale") ||
                   err_mend(e, "add a SKU that can, or a price for bought output");
    }
    for (size_t c = 0; c < f->nc; c++) {
        const struct fleet_campaign *g = &f->campaign[c];
        if (g->first < 0 || g->last < g->first || g->last >= (int)f->nt)
            return err_input(e, g->id, "its window (periods %d to %d) is not inside the horizon of %zu", g->first,
                             g->last, f->nt);
        if (!(g->unmet_usd >= 0))
            return err_input(e, g->id, "the price of not running it is missing or negative");
        bool any = false;
        for (size_t k = 0; k < f->nk; k++) {
            if (g->cards[k] <= 0)
                return err_input(e, g->id, "needs %g cards of %s", g->cards[k], f->sku[k].id);
            bool can = isfinite(g->cards[k]) && (f->sku[k].allowed || f->sku[k].stock > 0);
            for (int t = g->first; can && t <= g->last; t++)
                can = isfinite(fleet_campaign_cards(f, c, k, t));
            any |= can;
        }
        if (!any)
            return err_input(e, g->id, "no SKU that can be had runs this campaign through its window");
    }
    return true;
}

bool fleet_check(const struct fleet *f, struct notes *notes, struct err *e)
{
    if (!tree(f, e))
        return false;
    for (size_t b = 0; b < f->nb; b++)
        if (!(f->block_h[b] > 0))
            return err_input(e, "blocks", "block %zu has %g hours a period", b, f->block_h[b]);
    for (size_t t = 0; t < f->nt; t++)
        if (!(f->budget_usd[t] >= 0) || !(f->power_kw[t] >= 0) || !(f->space_u[t] >= 0))
            return err_input(e, "limits", "a limit of period %zu is negative", t);
    if (!(f->pue >= 1) || !(f->usd_kwh >= 0) || !(f->discount_period > -1) ||
        !(f->salvage_frac >= 0 && f->salvage_frac <= 1))
        return err_input(e, "fleet", "PUE must be at least 1, energy cost at least 0, salvage from 0 to 1");
    if (!(f->second_source_frac >= 0 && f->second_source_frac < 1))
        return err_input(e, "second source", "the share left for other vendors must be at least 0 and below 1, got %g",
                         f->second_source_frac);
    if (f->risk == RISK_CVAR &&
        (!(f->cvar_tail_frac > 0 && f->cvar_tail_frac <= 1) || !(f->cvar_weight >= 0 && f->cvar_weight <= 1)))
        return err_input(e, "risk", "CVaR needs a tail above 0 and a weight from 0 to 1");
    for (size_t i = 0; i < f->nf; i++)
        if (!(f->family[i].port_usd >= 0) || f->family[i].lag < 0)
            return err_input(e, f->family[i].id, "the cost and the lag of a port must not be negative");
    for (size_t k = 0; k < f->nk; k++)
        if (!sku(f, k, notes, e))
            return false;
    return works(f, notes, e);
}
