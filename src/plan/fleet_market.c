/* fleet_market.c - what a SKU costs to buy, keep, rent and reserve, and what it earns: by period, from scenario and
*catalog.
**
**      price(t)  = card(t) * (server_mult + network)          resale(n) = used * card(0) * 2^-(years / half life) *
*factor of the future
**      keep      = (ops * card + kW * colocation * 12) * years of a period
**
** A list price of the catalog is the one known at the start of the horizon (or as_of), and stays; the first known later
*where
** there was none. Nothing is sold or rented before it ships. `used` is a used card against a
** new one on the same day (data/fleet.yaml), or the catalog's own resale price. Half life where none is given: the one
*that ends at
** the residual of data/economics.yaml, life * ln 2 / ln(used / residual).
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "plan/fleet_build.h"

#define MONTHS_Y 12.0
#define SECONDS_Y 31557600.0
#define BELOW 0.95 /* a used card, or an hour let, against the price of the same new or rented */

/* A list price of exactly this kind: as known at as_of, else the first one known later. */
static struct price list_price(struct arena *a, struct catalog *c, const struct fleet_scenario *s,
                               const struct accelerator *acc, enum price_kind kind, struct notes *notes)
{
    struct price_query q = s->price;
    q.kind = kind;
    if (kind == PRICE_PURCHASE || kind == PRICE_RESALE)
        q.region = q.provider = NULL;
    struct price p = price_find(a, c, acc, &q);
    if (p.found && p.kind == kind)
        return p;
    int32_t first = 0;
    for (size_t i = 0; i < c->nprice; i++) {
        const struct price_row *r = &c->price[i];
        if (r->kind == kind && !r->aggregate && strcmp(r->sku, acc->id) == 0 && r->date > q.as_of &&
            (!first || r->date < first))
            first = r->date;
    }
    if (!first)
        return (struct price){.found = false, .kind = kind};
    q.as_of = first;
    p = price_find(a, c, acc, &q);
    p.found = p.found && p.kind == kind;
    if (p.found)
        note_add(notes, "%s: its first known %s price is of %d-%02d, after the start; it is used", acc->id,
                 price_kind_name[kind], first / 10000, first / 100 % 100);
    return p;
}

static double *filled(struct arena *a, int n, double v)
{
    double *x = ARENA_ARRAY(a, double, (size_t)n);
    for (int i = 0; i < n; i++)
        x[i] = v;
    return x;
}

static bool ships(const struct fleet_scenario *s, const struct accelerator *acc, int t)
{
    return !acc->launch || horizon_day(&s->horizon, t + 1) > date_to_days(acc->launch);
}

/* From the scenario's series, else one list price; nothing before it ships, unless the scenario prices that. */
static const double *prices(struct arena *a, const struct fleet_scenario *s, const struct fleet_product *p,
                            const struct series *own, const struct price *list, double mult)
{
    double *v = filled(a, s->horizon.n, NAN);
    for (int t = 0; t < s->horizon.n && p->listed; t++) {
        if (own->n)
            v[t] = mult * series_at(own, horizon_day(&s->horizon, t));
        else if (list->found && ships(s, p->acc, t))
            v[t] = mult * list->usd_h;
    }
    return v;
}

static const double *caps(struct arena *a, const struct fleet_scenario *s, const struct series *own, double scale)
{
    double *v = filled(a, s->horizon.n, HUGE_VAL);
    for (int t = 0; t < s->horizon.n && own->n; t++)
        v[t] = scale * series_at(own, horizon_day(&s->horizon, t));
    return v;
}

static int periods(const struct fleet_scenario *s, double months)
{
    return (int)lround(months / s->horizon.months);
}

static const double *resale(struct arena *a, const struct fleet_case *x, size_t k, const struct fleet_market *m,
                            const double *price, double first_usd)
{
    const struct fleet_scenario *s = x->scenario;
    const struct fleet_product *p = &s->product[k];
    double *v = filled(a, (int)x->f.nn, 0);
    for (size_t n = 0; n < x->f.nn; n++) {
        int t = x->f.node[n].period;
        double years = t * horizon_years(&s->horizon), worth = first_usd * exp2(-years / m->half_life_y);
        if (p->resale.n)
            worth = series_at(&p->resale, horizon_day(&s->horizon, t));
        else if (isfinite(price[t]))
            worth = fmin(worth, BELOW * price[t]);
        for (int f = x->future_of_node[n]; f >= 0; f = s->future[f].parent)
            worth *= s->future[f].resale[k];
        v[n] = isfinite(worth) ? worth : 0;
    }
    return v;
}

/* What an idle hour earns: the scenario's figure, else what renters say they pay (a part of the list price where nobody
*was
** asked) in the hours somebody takes it, and always below what renting costs. */
static const double *lease(struct arena *a, const struct fleet_scenario *s, const struct fleet_product *p,
                           const double *rent, const double *reserve, const struct price *survey)
{
    double *v = filled(a, s->horizon.n, NAN);
    for (int t = 0; t < s->horizon.n && s->lease_out; t++) {
        if (p->lease_out.n)
            v[t] = series_at(&p->lease_out, horizon_day(&s->horizon, t));
        else if (isfinite(rent[t]))
            v[t] =
                fmin(s->defaults.lease_hours_frac * (survey->found ? survey->usd_h : s->defaults.lease_frac * rent[t]),
                     BELOW * (isfinite(reserve[t]) ? fmin(reserve[t], rent[t]) : rent[t]));
    }
    return v;
}

static void one(struct arena *a, struct catalog *c, struct fleet_case *x, size_t k, struct fleet_market *m,
                struct fleet_sku *sku, struct notes *notes)
{
    const struct fleet_scenario *s = x->scenario;
    const struct fleet_product *p = &s->product[k];
    const struct economics *ec = &s->economics;
    const double all_in = ec->server_mult + ec->network_frac, years = horizon_years(&s->horizon);
    *m = (struct fleet_market){.purchase_from = "none", .rent_from = "none", .reserve_from = "none", .card_usd = NAN};
    if (!p->purchase.n && !p->installed.n)
        m->purchase = list_price(a, c, s, p->acc, PRICE_PURCHASE, notes);
    if (!p->on_demand.n && p->listed)
        m->on_demand = list_price(a, c, s, p->acc, PRICE_ON_DEMAND, notes);
    if (!p->reserved.n && p->listed)
        m->reserved = list_price(a, c, s, p->acc, PRICE_RESERVED_1Y, notes);
    const struct series *own = p->installed.n ? &p->installed : &p->purchase;
    sku->price_usd = prices(a, s, p, own, &m->purchase, p->installed.n ? 1 : all_in);
    sku->rent_usd_h = prices(a, s, p, &p->on_demand, &m->on_demand, 1);
    sku->reserve_usd_h = prices(a, s, p, &p->reserved, &m->reserved, 1);
    m->purchase_from = own->n ? "scenario" : m->purchase.found ? "catalog" : "none";
    m->rent_from = p->on_demand.n ? "scenario" : m->on_demand.found ? "catalog" : "none";
    m->reserve_from = p->reserved.n ? "scenario" : m->reserved.found ? "catalog" : "none";
    m->card_usd = own->n ? own->v[0] / (p->installed.n ? all_in : 1) : m->purchase.found ? m->purchase.usd_h : NAN;
    m->half_life_y = p->half_life_s > 0
                         ? p->half_life_s / SECONDS_Y
                         : ec->life_y * log(2) / log(fmax(s->defaults.used_frac / fmax(ec->residual_frac, 1e-6), 1.01));
    struct price used = list_price(a, c, s, p->acc, PRICE_RESALE, NULL);
    double first = used.found && !(used.usd_h >= m->card_usd) && used.date_first <= s->price.as_of
                       ? used.usd_h
                       : s->defaults.used_frac * m->card_usd;
    sku->resale_usd = resale(a, x, k, m, sku->price_usd, first);
    struct price survey = list_price(a, c, s, p->acc, PRICE_SURVEY, NULL);
    sku->lease_out_usd_h = lease(a, s, p, sku->rent_usd_h, sku->reserve_usd_h, &survey);
    sku->supply = caps(a, s, &p->per_quarter, s->horizon.months / 3.0);
    sku->rent_cap = caps(a, s, &p->rent_cap, 1);
    sku->reserve_term = periods(s, p->reserved_months > 0 ? p->reserved_months : MONTHS_Y);
    sku->reserve_term = sku->reserve_term < 1 ? 1 : sku->reserve_term;
    int *lead = ARENA_ARRAY(a, int, (size_t)s->horizon.n);
    for (int t = 0; t < s->horizon.n; t++)
        lead[t] = periods(s, p->lead_given ? p->lead_months : s->defaults.lead_months);
    sku->lead = lead;
    sku->max_life = (int)lround(p->life_s / SECONDS_Y / years);
    sku->kw = (isnan(p->power_w) ? p->acc->tdp_w * ec->server_power_mult : p->power_w) * 1e-3;
    sku->keep_usd = years * ((isfinite(m->card_usd) ? ec->ops_frac_y * m->card_usd : 0) +
                             sku->kw * ec->colo_usd_kw_month * MONTHS_Y);
    if (!(sku->kw > 0))
        note_add(notes, "%s: its vendor publishes no TDP, so its power counts as none; write server_power: {%s: 700W}",
                 p->acc->id, p->acc->id);
}

bool fleet_market_set(struct arena *a, struct catalog *c, struct fleet_case *x, struct fleet_sku *sku,
                      struct notes *notes, struct err *e)
{
    const struct fleet_scenario *s = x->scenario;
    const struct reliability *rel = &c->training.reliability;
    struct fleet_market *m = ARENA_ARRAY(a, struct fleet_market, s->nproduct);
    for (size_t k = 0; k < s->nproduct; k++) {
        const struct fleet_product *p = &s->product[k];
        one(a, c, x, k, &m[k], &sku[k], notes);
        sku[k].id = p->acc->id;
        sku[k].family = p->family;
        sku[k].allowed = p->listed && !(s->export_cn && p->acc->export_restricted_cn);
        sku[k].stock = p->stock;
        sku[k].rack_units = isnan(p->rack_units) ? s->defaults.rack_units : p->rack_units;
        sku[k].avail_frac = rel->mtbf_s / (rel->mtbf_s + s->defaults.repair_s);
        sku[k].spares = p->spares;
        sku[k].complexity_usd = horizon_years(&s->horizon) *
                                (isnan(p->complexity_usd_y) ? s->defaults.complexity_usd_y : p->complexity_usd_y);
        sku[k].node_cards = p->acc->node_cards;
        bool sold = false;
        for (int t = 0; t < s->horizon.n; t++)
            sold |=
                isfinite(sku[k].price_usd[t]) || isfinite(sku[k].rent_usd_h[t]) || isfinite(sku[k].reserve_usd_h[t]);
        if (sku[k].allowed && !sold) {
            err_input(e, p->place, "%s has neither a purchase nor a rental price in the horizon", p->acc->id);
            return err_mend(e, "write prices: {%s: {purchase: .., on_demand: ..}}", p->acc->id);
        }
        if (p->listed && !sku[k].allowed)
            note_add(notes, "%s: export rules keep it out of this region", p->acc->id);
    }
    x->market = m;
    return true;
}
