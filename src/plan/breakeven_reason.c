/* breakeven_reason.c - the eight reasons a challenger is not bought, each a switch on inputs, never on a result.
**
** A switch makes an input of the challenger as good as the incumbent's where it is worse, and leaves it where it is better. Rates
** that depend on silicon come from the floors below for the changed chip (struct challenge), so that memory, interconnect and bursts
** may act on each other; software is laid over them once: the port and its lag, and maturity in the place of which `mature` stands.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/breakeven_int.h"

static double *copy(struct be_edit *d, const double *v, size_t n)
{
    double *own = ARENA_ARRAY(d->a, double, n);
    memcpy(own, v, n * sizeof *own);
    return own;
}

static void software(struct be_edit *d)
{
    d->x->family = -1;
    d->mature = true;
}

static void interconnect(struct be_edit *d)
{
    d->hard |= HARD_INTERCONNECT;
}

/* A used card and an idle hour earn the same share of the price as the incumbent's. */
static void residual(struct be_edit *d)
{
    size_t nn = d->f.nn, nt = d->f.nt;
    double *used = copy(d, d->x->resale_usd, nn), *let = copy(d, d->x->lease_out_usd_h, nt);
    for (size_t n = 0; n < nn; n++) {
        size_t t = (size_t)d->f.node[n].period;
        double scale = be_value_at(d->x, nt, t) / be_value_at(d->inc, nt, t);
        used[n] = isfinite(scale) ? fmax(used[n], scale * d->inc->resale_usd[n]) : used[n];
    }
    for (size_t t = 0; t < nt; t++) {
        double scale = be_value_at(d->x, nt, t) / be_value_at(d->inc, nt, t), earns = scale * d->inc->lease_out_usd_h[t];
        if (isfinite(earns) && !(let[t] >= earns))
            let[t] = earns;
    }
    d->x->resale_usd = used, d->x->lease_out_usd_h = let;
}

static void unify(struct be_edit *d)
{
    d->x->spares = 0, d->x->complexity_usd = 0;
    d->trains = true;
}

static void burst(struct be_edit *d)
{
    d->hard |= HARD_BURST;
}

static void memory(struct be_edit *d)
{
    d->hard |= HARD_MEMORY;
}

static void generality(struct be_edit *d)
{
    d->general = true;
}

/* Sold and shipped as early, as many and as soon as the incumbent. */
static void supply(struct be_edit *d)
{
    size_t nt = d->f.nt;
    struct fleet_sku was = *d->x;
    double *cap = copy(d, was.supply, nt), *price = copy(d, was.price_usd, nt);
    int *lead = ARENA_ARRAY(d->a, int, nt);
    for (size_t t = 0; t < nt; t++) {
        cap[t] = fmax(cap[t], d->inc->supply[t]);
        lead[t] = was.lead[t] < d->inc->lead[t] ? was.lead[t] : d->inc->lead[t];
        if (isnan(price[t]) && isfinite(d->inc->price_usd[t]))
            price[t] = be_value_at(&was, nt, t);
    }
    d->x->allowed |= d->inc->allowed;
    d->x->supply = cap, d->x->lead = lead, d->x->price_usd = price;
}

const struct be_reason be_reason_table[MOAT_REASONS] = {
    {MOAT_SOFTWARE, "software", software},
    {MOAT_INTERCONNECT, "interconnect", interconnect},
    {MOAT_RESIDUAL, "residual value", residual},
    {MOAT_UNIFY, "unify and elasticity", unify},
    {MOAT_BURST, "burst and latency", burst},
    {MOAT_MEMORY, "memory", memory},
    {MOAT_GENERALITY, "generality", generality},
    {MOAT_SUPPLY, "supply", supply},
};

const char *moat_reason_name(enum moat_reason r)
{
    return be_reason_table[r].name;
}
