/* fleet_build.c - scenario and rates into struct fleet, and what is refused before any solve.
**
**      rate(k, t) = units_s * (1 - headroom) * m(t) / m(fitted)        constants of this software on this silicon were
*fitted
**                 = units_s * (1 - headroom) * m(t)                    they are the incumbent's
**
** m is the maturity of the family, at most 1, 1 where the scenario says nothing. So software is counted once: in the
*fitted
** constants at their date, and before and after it by how far it was and will be (planner.md).
**
** An hour of unserved demand costs `unmet` times what the cheapest way to serve it costs, where the scenario says
*nothing.
*/
#include "plan/fleet_build.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"

#define DAYS_QUARTER 91.3125
#define SECONDS_H 3600.0
#define MTOK 1e6
#define LET_AT_MOST 0.9 /* of what an owned hour costs */

static const char *const classes[] = {"serving",   "training", "recommender", "graphics",
                                      "diffusion", "video",    "driving",     "hpc"};
enum { CLASSES = sizeof classes / sizeof *classes };

double fleet_maturity(const struct fleet_scenario *s, const struct fleet_software *f, double day)
{
    (void)s;
    if (!f->maturity.n)
        return 1;
    double m = series_at(&f->maturity, day), last = f->maturity.day[f->maturity.n - 1];
    if (day > last)
        m += f->maturity_quarter * (day - last) / DAYS_QUARTER;
    return fmin(m, 1);
}

static int class_of(const char *name)
{
    for (int i = 0; i < CLASSES; i++)
        if (strcmp(name, classes[i]) == 0)
            return i;
    return 0;
}

static const struct fleet_rate *rate_of(const struct fleet_case *x, int job, size_t k)
{
    return &x->rates.rate[(size_t)job * x->scenario->nproduct + k];
}

double fleet_case_maturity(const struct fleet_case *x, int job, size_t k, int t)
{
    const struct fleet_scenario *s = x->scenario;
    const struct fleet_software *f = &s->software[s->product[k].family];
    const struct fleet_rate *r = rate_of(x, job, k);
    double m = fleet_maturity(s, f, horizon_day(&s->horizon, t));
    return r->fitted && r->fitted_day ? m / fleet_maturity(s, f, r->fitted_day) : m;
}

void fleet_case_rates(struct arena *a, struct fleet_case *x)
{
    const struct fleet_scenario *s = x->scenario;
    struct fleet *f = &x->f;
    struct fleet_work *work = ARENA_ARRAY(a, struct fleet_work, f->nw);
    struct fleet_campaign *camp = ARENA_ARRAY(a, struct fleet_campaign, f->nc);
    for (size_t w = 0; w < f->nw; w++) {
        const struct fleet_job *j = &s->job[x->job_of_work[w]];
        double *rate = ARENA_ARRAY(a, double, f->nk * f->nt);
        for (size_t k = 0; k < f->nk; k++)
            for (size_t t = 0; t < f->nt; t++)
                rate[k * f->nt + t] = rate_of(x, x->job_of_work[w], k)->units_s * (1 - j->headroom_frac) *
                                      fleet_case_maturity(x, x->job_of_work[w], k, (int)t) * x->fix[w * f->nk + k];
        work[w] = f->work[w];
        work[w].rate = rate;
    }
    for (size_t c = 0; c < f->nc; c++) {
        const struct fleet_job *j = &s->job[x->job_of_campaign[c]];
        double *cards = ARENA_ARRAY(a, double, f->nk), *m = ARENA_ARRAY(a, double, f->nk * f->nt);
        for (size_t k = 0; k < f->nk; k++) {
            cards[k] = rate_of(x, x->job_of_campaign[c], k)->cards / (1 - j->headroom_frac);
            for (size_t t = 0; t < f->nt; t++)
                m[k * f->nt + t] = fleet_case_maturity(x, x->job_of_campaign[c], k, (int)t);
        }
        camp[c] = f->campaign[c];
        camp[c].cards = cards, camp[c].card_maturity = m;
    }
    f->work = work, f->campaign = camp;
}

static double cheaper(double a, double b)
{
    return isnan(a) ? b : isnan(b) ? a : fmin(a, b);
}

/* Dollars an hour of a card by the cheapest way there is, in the first period with any; NaN. */
static double card_usd_h(const struct fleet *f, size_t k)
{
    for (size_t t = 0; t < f->nt; t++) {
        struct fleet_card_cost c;
        fleet_card_cost(f, k, t, &c);
        double v = cheaper(c.rent_usd_h, cheaper(c.reserve_usd_h, c.own_usd_h));
        if (isfinite(v))
            return v;
    }
    return NAN;
}

/* The cheapest way to have a unit of work for an hour, or a campaign's cards: 0 where no SKU can. */
static double cheapest(const struct fleet_case *x, int job, bool campaign)
{
    double best = INFINITY;
    for (size_t k = 0; k < x->f.nk; k++) {
        const struct fleet_rate *r = rate_of(x, job, k);
        double usd_h = card_usd_h(&x->f, k), v = campaign         ? usd_h * r->cards
                                                 : r->units_s > 0 ? usd_h / r->units_s
                                                                  : NAN;
        if (isfinite(v) && v > 0)
            best = fmin(best, v);
    }
    return isfinite(best) ? best : 0;
}

static void penalties(struct fleet_case *x, struct fleet_work *work, struct fleet_campaign *camp)
{
    const struct fleet_scenario *s = x->scenario;
    for (size_t w = 0; w < x->f.nw; w++) {
        const struct fleet_job *j = &s->job[x->job_of_work[w]];
        work[w].unmet_usd =
            isnan(j->unmet_usd) ? s->defaults.unmet_mult * cheapest(x, x->job_of_work[w], false) : j->unmet_usd;
    }
    for (size_t c = 0; c < x->f.nc; c++) {
        const struct fleet_job *j = &s->job[x->job_of_campaign[c]];
        double hours = (j->last - j->first + 1) * horizon_hours(&s->horizon);
        camp[c].unmet_usd = isnan(j->unmet_usd)
                                ? s->defaults.unmet_mult * hours * cheapest(x, x->job_of_campaign[c], true)
                                : j->unmet_usd;
    }
}

/* A request bought outside costs its mean prompt and answer; an hour of one a second is 3,600 of them. */
static double tokens_usd(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_job *j,
                         struct notes *notes)
{
    double in = j->buy_usd_mtok_in, out = j->buy_usd_mtok_out;
    if (!j->buy || !j->serving)
        return NAN;
    if (isnan(in) && !price_api(a, c, j->model->id, s->price.as_of, &in, &out, NULL) &&
        !price_api(a, c, j->model->id, 0, &in, &out, NULL)) {
        note_add(notes,
                 "%s: no API price of %s is listed, so its tokens cannot be bought; write buy: {in: $0.6, out: $0.8}",
                 j->id, j->model->id);
        return NAN;
    }
    struct traffic_stat st = traffic_stats(a, j->serving->traffic);
    return SECONDS_H * (st.in_mean * in + st.out_mean * out) / MTOK;
}

/* A work that nothing can do: the reasons, so that the one nearest can be mended. */
static bool somebody_can(struct arena *a, const struct fleet_case *x, int job, struct err *e)
{
    const struct fleet_scenario *s = x->scenario;
    const struct fleet_job *j = &s->job[job];
    const char *reasons = "";
    for (size_t k = 0; k < s->nproduct; k++) {
        const struct fleet_rate *r = rate_of(x, job, k);
        if (r->units_s > 0 && (x->f.sku[k].allowed || s->product[k].stock > 0))
            return true;
        const char *why = r->units_s > 0 ? "export rules" : r->reason;
        if (strlen(reasons) + strlen(why) < 300)
            reasons = arena_printf(a, "%s%s%s: %s", reasons, *reasons ? "; " : "", s->product[k].acc->id, why);
    }
    err_input(e, j->place, "no SKU can do %s: %s", j->id, reasons);
    return err_mend(e, "add a SKU that can, or loosen its slo or precision");
}

static bool jobs(struct arena *a, struct fleet_case *x, struct err *e)
{
    const struct fleet_scenario *s = x->scenario;
    int *work = ARENA_ARRAY(a, int, s->njob), *camp = ARENA_ARRAY(a, int, s->njob);
    for (size_t i = 0; i < s->njob; i++) {
        if (!somebody_can(a, x, (int)i, e))
            return false;
        if (s->job[i].kind == FLEET_TRAINING)
            camp[x->f.nc++] = (int)i;
        else
            work[x->f.nw++] = (int)i;
    }
    x->job_of_work = work, x->job_of_campaign = camp;
    return true;
}

static void families(struct arena *a, struct fleet_case *x)
{
    const struct fleet_scenario *s = x->scenario;
    struct fleet_family *f = ARENA_ARRAY(a, struct fleet_family, s->nsoftware);
    for (size_t i = 0; i < s->nsoftware; i++)
        f[i] = (struct fleet_family){s->software[i].name, s->software[i].port_usd,
                                     (int)lround(s->software[i].lag_months / s->horizon.months), s->software[i].ported};
    x->f.family = f, x->f.nf = s->nsoftware;
}

static const double *limit(struct arena *a, const struct fleet_scenario *s, const struct series *v, double scale)
{
    double *out = ARENA_ARRAY(a, double, (size_t)s->horizon.n);
    for (int t = 0; t < s->horizon.n; t++)
        out[t] = v->n ? scale * series_at(v, horizon_day(&s->horizon, t)) : HUGE_VAL;
    return out;
}

static void policy(struct arena *a, struct fleet_case *x)
{
    static const enum fleet_risk risks[] = {RISK_EXPECTED, RISK_CVAR, RISK_REGRET};
    const struct fleet_scenario *s = x->scenario;
    struct fleet *f = &x->f;
    int *vendor = ARENA_ARRAY(a, int, f->nk);
    for (size_t k = 0; k < f->nk; k++)
        for (vendor[k] = 0; strcmp(s->product[vendor[k]].acc->vendor, s->product[k].acc->vendor) != 0;)
            vendor[k]++; /* the first SKU of the same vendor */
    f->vendor = vendor;
    f->budget_usd = limit(a, s, &s->budget_usd, 1);
    f->power_kw = limit(a, s, &s->power_w, 1e-3);
    f->space_u = limit(a, s, &s->space_u, 1);
    f->pue = s->economics.pue;
    f->usd_kwh = s->economics.usd_kwh * s->economics.load_frac; /* limits count full draw, energy the mean one */
    f->discount_period = pow(1 + s->economics.discount_frac_y, horizon_years(&s->horizon)) - 1;
    f->salvage_frac = s->defaults.salvage_frac;
    f->second_source_frac = s->second_source_frac;
    f->pools = s->share ? POOLS_SHARED : POOLS_TRAINING_APART;
    f->lease_out = s->lease_out;
    f->entry_by_node = s->entry_when;
    f->risk = risks[s->risk];
    f->cvar_tail_frac = s->defaults.cvar_tail_frac, f->cvar_weight = s->defaults.cvar_weight;
}

/* Where the scenario names no price for hours that are let, they pay less than owning costs: a market in which they pay
 *more
 ** does not last, and a plan that rests on it is a plan to let cards. */
static void cap_lease(struct arena *a, struct fleet_case *x, struct fleet_sku *sku)
{
    for (size_t k = 0; k < x->f.nk; k++) {
        double own = INFINITY, *v = ARENA_ARRAY(a, double, x->f.nt);
        for (size_t t = 0; t < x->f.nt; t++) {
            struct fleet_card_cost c;
            fleet_card_cost(&x->f, k, t, &c);
            own = isfinite(c.own_usd_h) ? fmin(own, c.own_usd_h) : own;
        }
        for (size_t t = 0; t < x->f.nt; t++)
            v[t] = x->scenario->product[k].lease_out.n ? sku[k].lease_out_usd_h[t]
                                                       : fmin(sku[k].lease_out_usd_h[t], LET_AT_MOST * fmax(own, 0));
        for (size_t t = 0; t < x->f.nt; t++)
            v[t] = isnan(sku[k].lease_out_usd_h[t]) ? NAN : v[t]; /* fmin drops NaN */
        sku[k].lease_out_usd_h = v;
    }
}

/* The numbers are checked by the names of SKUs and works: here is where in the file they stand. */
static bool place_it(struct arena *a, const struct fleet_scenario *s, struct err *e)
{
    const char *at = NULL;
    for (size_t k = 0; k < s->nproduct; k++)
        at = strcmp(e->place, s->product[k].acc->id) == 0 ? s->product[k].place : at;
    for (size_t j = 0; j < s->njob; j++)
        at = strcmp(e->place, s->job[j].id) == 0 ? s->job[j].place : at;
    if (at)
        snprintf(e->place, sizeof e->place, "%.254s", arena_printf(a, "%s: %s", at, e->place));
    return false;
}

/* What the numbers alone do not show: an owner's hour of mostly energy is a slip of units; letting at a profit has no
 * end. */
static bool check_costs(struct fleet_case *x, struct notes *notes, struct err *e)
{
    const struct fleet *f = &x->f;
    for (size_t k = 0; k < f->nk; k++) {
        struct fleet_card_cost c;
        fleet_card_cost(f, k, 0, &c);
        if (isfinite(c.own_usd_h) && c.energy_usd_h > 0.6 * c.own_usd_h)
            note_add(notes,
                     "%s: %.0f%% of what an owned hour costs is energy: is its power in W, and the price of a kWh in "
                     "dollars?",
                     f->sku[k].id, 100 * c.energy_usd_h / c.own_usd_h);
        if (isfinite(c.own_usd_h) && isfinite(c.rent_usd_h) &&
            (c.own_usd_h > 20 * c.rent_usd_h || c.rent_usd_h > 20 * c.own_usd_h))
            note_add(notes,
                     "%s: an owned hour costs %.3g USD and a rented one %.3g: is one of the two in another unit?",
                     f->sku[k].id, c.own_usd_h, c.rent_usd_h);
        bool endless = !isfinite(f->budget_usd[0]) && !isfinite(f->power_kw[0]) && !isfinite(f->space_u[0]) &&
                       !isfinite(f->sku[k].supply[0]);
        if (f->lease_out && endless && f->sku[k].allowed && c.own_usd_h > 0 && c.lease_out_usd_h > c.own_usd_h) {
            err_input(e, x->scenario->product[k].place,
                      "%s: an owned hour costs %.3g USD and earns %.3g when let, so the most is bought that can be",
                      f->sku[k].id, c.own_usd_h, c.lease_out_usd_h);
            return err_mend(e, "set supply.per_quarter, limits, prices.%s.lease_out, or policy.lease_out: false",
                            f->sku[k].id);
        }
    }
    return true;
}

bool fleet_case_build(struct arena *a, struct catalog *c, const struct fleet_scenario *s,
                      const struct fleet_rates *rates, struct fleet_case *out, struct notes *notes, struct err *e)
{
    struct fleet_case *x = out;
    *x = (struct fleet_case){.scenario = s, .rates = *rates};
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, s->nproduct);
    x->f.nk = s->nproduct, x->f.sku = sku;
    if (!fleet_future_set(a, x, e) || !fleet_market_set(a, c, x, sku, notes, e) || !jobs(a, x, e))
        return false;
    struct fleet_work *work = ARENA_ARRAY(a, struct fleet_work, x->f.nw);
    struct fleet_campaign *camp = ARENA_ARRAY(a, struct fleet_campaign, x->f.nc);
    x->fix = ARENA_ARRAY(a, double, x->f.nw * x->f.nk);
    for (size_t i = 0; i < x->f.nw * x->f.nk; i++)
        x->fix[i] = 1;
    for (size_t w = 0; w < x->f.nw; w++) {
        const struct fleet_job *j = &s->job[x->job_of_work[w]];
        work[w] = (struct fleet_work){.id = j->id,
                                      .unit = j->unit,
                                      .klass = class_of(j->klass),
                                      .deferrable = j->deferrable,
                                      .training = j->work && j->work->train,
                                      .buy_usd = tokens_usd(a, c, s, j, notes)};
    }
    for (size_t i = 0; i < x->f.nc; i++) {
        const struct fleet_job *j = &s->job[x->job_of_campaign[i]];
        camp[i] = (struct fleet_campaign){.id = j->id, .first = j->first, .last = j->last};
    }
    families(a, x);
    policy(a, x);
    fleet_blocks_set(a, x);
    fleet_demand_set(a, x, work);
    x->f.work = work, x->f.campaign = camp;
    fleet_case_rates(a, x);
    memcpy(work, x->f.work, x->f.nw * sizeof *work);
    memcpy(camp, x->f.campaign, x->f.nc * sizeof *camp);
    x->f.work = work, x->f.campaign = camp;
    cap_lease(a, x, sku);
    penalties(x, work, camp);
    return (fleet_check(&x->f, notes, e) || place_it(a, s, e)) && check_costs(x, notes, e);
}
