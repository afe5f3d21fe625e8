/* breakeven_price.c - the price at which a challenger enters, and the one at which it does half of the work.
**
**      p <- p + (Z0 - Z1(p)) / Z1'(p)          Z1'(p) = discounted price-dependent dollars of the challenger / p
**
** Z1(p) is a minimum of linear functions, concave and nondecreasing, so a tangent lies above it and its root never lies beyond the
** entry price: after the first step Newton climbs from the left and ends on the piece of the entry price itself (reference: Dinkelbach
** 1967 for the same argument). The bracket guards against costs that are only near the least. Entry is the LOWEST price that does not
** pay: where nothing is bought Z1 is flat, and the price goes down.
**
** Bought cards fall with price (revealed preference); share of work nearly always does, so the majority price is scanned, then bisected.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/breakeven_int.h"
#include "plan/fleet_model.h"

#define NEAR 2e-4       /* of a price */
#define SAME 2e-7       /* of a cost: two plans are alike */
#define HIGHEST 1000.0  /* times the guess: more is any price */
#define LOWEST 1e-3     /* times the guess: less is nothing */
#define STEPS 60
#define SCAN 9

static void scaled(struct arena *a, const struct fleet *f, const struct fleet_sku *from, double by, struct fleet_sku *to)
{
    const double *const in[] = {from->price_usd, from->rent_usd_h, from->reserve_usd_h, from->lease_out_usd_h, from->resale_usd};
    const double **const out[] = {&to->price_usd, &to->rent_usd_h, &to->reserve_usd_h, &to->lease_out_usd_h, &to->resale_usd};
    *to = *from;
    for (size_t i = 0; i < sizeof in / sizeof *in; i++) {
        size_t n = in[i] == from->resale_usd ? f->nn : f->nt;
        double *v = ARENA_ARRAY(a, double, n);
        for (size_t j = 0; j < n; j++)
            v[j] = by * in[i][j];
        *out[i] = v;
    }
}

bool be_least(struct arena *a, const struct challenge *q, const struct fleet *f, int how, double *usd, struct err *e)
{
    struct arena *call = arena_child(a);
    struct fleet_model *m;
    struct fleet_plan plan;
    bool ok = fleet_model_new(call, f, NULL, &m, e);
    if (ok) {
        fleet_model_ban(m, q->x, how < 0), fleet_model_force(m, q->x, how > 0);
        ok = fleet_model_solve(m, call, &q->limits, &plan, e);
    }
    *usd = ok && plan.status != FLEET_INFEASIBLE ? plan.npv_usd : HUGE_VAL;
    arena_reset(call);
    return ok;
}

bool be_contest_begin(struct arena *a, const struct challenge *q, const struct be_set *s, double z0_usd,
                      struct be_contest *out, struct err *e)
{
    *out = (struct be_contest){.a = arena_child(a), .q = q, .z0_usd = z0_usd};
    out->f = be_fleet(out->a, q, s);
    out->price_usd = be_price(&out->f, q->x);
    if (isnan(z0_usd)) {
        out->solves++;
        if (!be_least(out->a, q, &out->f, -1, &out->z0_usd, e))
            return false;
    }
    if (!fleet_model_new(out->a, &out->f, NULL, &out->m, e))
        return false;
    fleet_model_force(out->m, q->x, true);
    return true;
}

void be_contest_end(struct be_contest *c)
{
    arena_reset(c->a);
}

static bool solve(struct be_contest *c, struct arena *call, double price_usd, struct fleet_plan *plan, struct err *e)
{
    struct fleet_sku s;
    scaled(c->a, &c->f, &c->f.sku[c->q->x], price_usd / c->price_usd, &s);
    fleet_model_reprice(c->m, c->q->x, &s);
    c->solves++;
    return fleet_model_solve(c->m, call, &c->q->limits, plan, e);
}

bool be_cost(struct be_contest *c, double price_usd, double *z1_usd, double *slope, struct err *e)
{
    struct arena *call = arena_child(c->a);
    struct fleet_plan plan;
    bool ok = solve(c, call, price_usd, &plan, e);
    *z1_usd = HUGE_VAL, *slope = 0;
    if (ok && plan.status != FLEET_INFEASIBLE)
        *z1_usd = plan.npv_usd, *slope = fleet_model_price_part_usd(c->m, c->q->x) / price_usd;
    arena_reset(call);
    return ok;
}

bool be_entry(struct be_contest *c, double guess_usd, double *entry_usd, struct err *e)
{
    bool root = false; /* p is where a tangent at a price that pays meets Z0 */
    double lo = 0, hi = HUGE_VAL, p = guess_usd, least = guess_usd * LOWEST, flat = SAME * fmax(fabs(c->z0_usd), 1);
    for (int i = 0; i < STEPS; i++) {
        double z1, slope, next;
        if (!be_cost(c, p, &z1, &slope, e))
            return false;
        double short_usd = c->z0_usd - z1; /* above 0: it pays to have it */
        bool bought = slope * p > flat, pays = short_usd > flat;
        if (pays || (bought && fabs(short_usd) <= flat))
            lo = fmax(lo, p);
        else
            hi = fmin(hi, p);
        if (!pays && root) /* where a tangent from the left says, and no lower: this is it */
            lo = p;
        if ((!pays && root) || (bought && fabs(short_usd) <= flat))
            break;
        if (p <= least && !pays) {
            *entry_usd = 0;
            return true;
        }
        if (lo >= guess_usd * HIGHEST) {
            *entry_usd = HUGE_VAL;
            return true;
        }
        if (bought && isfinite(z1))
            next = p + short_usd / slope;
        else
            next = pays ? p * 4 : p / 2;
        if (pays && next - p < NEAR * p) { /* on the last piece: its root is the answer, unless a dearer one is known to fail */
            lo = fmin(fmax(next, p), hi);
            break;
        }
        if (isfinite(hi) && hi - lo <= NEAR * hi)
            break;
        root = pays && bought && next > lo && next < hi && next >= least;
        if (!(next > lo && next < hi))
            next = lo > 0 && isfinite(hi) ? 0.5 * (lo + hi) : isfinite(hi) ? fmax(hi / 4, least) : lo * 4;
        p = fmin(fmax(next, least), guess_usd * HIGHEST);
    }
    *entry_usd = lo > 0 ? lo : hi;
    return true;
}

/* A unit of work in card-hours of the incumbent, or of the card that does it best where the incumbent cannot. */
static double weight(const struct challenge *q, const struct fleet *f, size_t w, size_t t)
{
    double rate = f->work[w].rate[q->incumbent * f->nt + t];
    for (size_t k = 0; !(rate > 0) && k < f->nk; k++)
        rate = fmax(rate, f->work[w].rate[k * f->nt + t]);
    return rate > 0 ? 1 / rate : 0;
}

static double share_of(const struct challenge *q, const struct fleet *f, const struct fleet_plan *p)
{
    double mine = 0, all = 0;
    for (size_t n = 0; n < f->nn; n++) {
        size_t t = (size_t)f->node[n].period;
        double now = f->node[n].probability * fleet_discount(f, (int)t);
        for (size_t w = 0; w < f->nw; w++)
            for (size_t b = 0; b < f->nb && !f->work[w].training; b++)
                for (size_t k = 0; k < f->nk; k++) {
                    double done = now * f->block_h[b] * weight(q, f, w, t) * f->work[w].rate[k * f->nt + t] *
                                  p->assign[((n * f->nb + b) * f->nk + k) * f->nw + w];
                    all += done, mine += k == q->x ? done : 0;
                }
    }
    return all > 0 ? mine / all : 0;
}

bool be_share(struct be_contest *c, double price_usd, double *share, struct err *e)
{
    struct arena *call = arena_child(c->a);
    struct fleet_plan plan;
    fleet_model_force(c->m, c->q->x, false);
    bool ok = solve(c, call, price_usd, &plan, e);
    fleet_model_force(c->m, c->q->x, true);
    *share = ok && plan.status != FLEET_INFEASIBLE ? share_of(c->q, &c->f, &plan) : 0;
    arena_reset(call);
    return ok;
}

bool be_majority(struct be_contest *c, double entry_usd, double *majority_usd, bool *monotone, struct err *e)
{
    double top = isfinite(entry_usd) ? entry_usd : 4 * c->price_usd, lo = 0, hi = top, share, last = 2;
    *majority_usd = 0, *monotone = true;
    if (!(entry_usd > 0))
        return true;
    for (int i = 1; i <= SCAN; i++) {
        double p = top * (i == SCAN ? 1 - NEAR : (double)i / SCAN);
        if (!be_share(c, p, &share, e))
            return false;
        *monotone &= share <= last + 1e-3;
        last = share;
        if (share >= 0.5)
            lo = p, hi = top;
        else if (hi >= top)
            hi = p;
    }
    if (!(lo > 0) && hi >= top)
        return true;
    while (hi - lo > fmax(2e-3 * hi, 1e-3 * top / SCAN)) {
        double p = 0.5 * (lo + hi);
        if (!be_share(c, p, &share, e))
            return false;
        *(share >= 0.5 ? &lo : &hi) = p;
    }
    *majority_usd = lo;
    return true;
}

bool be_entry_of(struct arena *a, const struct challenge *q, const struct be_set *s, double z0_usd, double guess_usd,
                 double *entry_usd, size_t *solves, struct err *e)
{
    struct be_contest c;
    struct arena *call = arena_child(a);
    bool ok = be_contest_begin(call, q, s, z0_usd, &c, e) && be_entry(&c, guess_usd, entry_usd, e);
    *solves += c.solves;
    arena_reset(call);
    return ok;
}
