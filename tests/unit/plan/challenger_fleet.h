/* challenger_fleet.h - a random fleet and one SKU more, a copy of SKU 0, the incumbent: a test then makes it worse. */
#ifndef MOAT_TESTS_CHALLENGER_FLEET_H
#define MOAT_TESTS_CHALLENGER_FLEET_H

#include <string.h>

#include "plan/breakeven.h"
#include "random_fleet.h"

struct challenger { /* the same memory as the challenge's fleet, to be written */
    struct fleet f;
    struct challenge q;
    struct fleet_sku *sku, *x;
    struct fleet_family *family;
    double *rate[16];   /* (w) of the challenger: (t) */
    double *cards[16];  /* (c) of the challenger */
};

static inline double *own(struct arena *a, const double *v, size_t n)
{
    double *out = ARENA_ARRAY(a, double, n);
    memcpy(out, v, n * sizeof *out);
    return out;
}

/* No handicap: no people, no spares, no stock; family 0 is ported. */
static inline struct challenger *challenger_new(struct arena *a, const struct fleet_shape *shape, uint64_t seed)
{
    struct challenger *c = ARENA_NEW(a, struct challenger);
    const struct fleet *r = random_fleet(a, shape, seed);
    size_t nk = r->nk, nt = r->nt;
    c->f = *r;
    c->f.nk = nk + 1;
    c->sku = ARENA_ARRAY(a, struct fleet_sku, nk + 1), c->family = ARENA_ARRAY(a, struct fleet_family, r->nf + 1);
    memcpy(c->sku, r->sku, nk * sizeof *c->sku), memcpy(c->family, r->family, r->nf * sizeof *c->family);
    c->family[r->nf] = (struct fleet_family){.id = "new", .ported = true};
    c->x = &c->sku[nk];
    *c->x = c->sku[0];
    c->x->id = "challenger", c->x->spares = c->x->complexity_usd = c->x->stock = 0, c->x->family = (int)r->nf;
    c->x->price_usd = own(a, c->x->price_usd, nt), c->x->resale_usd = own(a, c->x->resale_usd, r->nn);
    c->x->supply = own(a, c->x->supply, nt);
    struct fleet_work *work = ARENA_ARRAY(a, struct fleet_work, r->nw);
    for (size_t w = 0; w < r->nw; w++) {
        double *rate = ARENA_ARRAY(a, double, (nk + 1) * nt);
        memcpy(rate, r->work[w].rate, nk * nt * sizeof *rate), memcpy(rate + nk * nt, rate, nt * sizeof *rate);
        work[w] = r->work[w];
        work[w].rate = rate, c->rate[w] = rate + nk * nt;
    }
    struct fleet_campaign *camp = ARENA_ARRAY(a, struct fleet_campaign, r->nc);
    for (size_t i = 0; i < r->nc; i++) {
        double *cards = ARENA_ARRAY(a, double, nk + 1);
        memcpy(cards, r->campaign[i].cards, nk * sizeof *cards);
        cards[nk] = cards[0];
        camp[i] = r->campaign[i];
        camp[i].cards = cards, c->cards[i] = cards + nk;
    }
    int *vendor = ARENA_ARRAY(a, int, nk + 1);
    memcpy(vendor, r->vendor, nk * sizeof *vendor);
    vendor[nk] = 99;
    c->f.sku = c->sku, c->f.family = c->family, c->f.nf = r->nf + 1, c->f.work = work, c->f.campaign = camp,
    c->f.vendor = vendor;
    c->q = (struct challenge){.f = &c->f, .x = nk, .incumbent = 0, .limits = fleet_limits_default, .threads = 1};
    c->q.limits.round = false, c->q.limits.gap_frac = 1e-5, c->q.limits.beside = true;
    return c;
}

/* Every handicap there is: software, silicon that lacks memory, network and quick answers, no used market, people, one class of
** work it cannot do, no training, few cards. */
static inline void challenger_burden(struct arena *a, struct challenger *c, double speed)
{
    size_t nw = c->f.nw, nc = c->f.nc, nt = c->f.nt, nn = c->f.nn;
    double *maturity = ARENA_ARRAY(a, double, nw * nt);
    for (size_t i = 0; i < nw * nt; i++)
        maturity[i] = fmin(1, 0.7 + 0.03 * (double)(i % nt));
    for (int v = 0; v < HARD_VARIANTS; v++) {
        double *rate = ARENA_ARRAY(a, double, nw), *cards = ARENA_ARRAY(a, double, nc);
        for (size_t w = 0; w < nw; w++) {
            rate[w] = speed * c->rate[w][0] * (v & HARD_BURST ? 1 : 0.8);
            rate[w] *= w == 1 && !(v & HARD_MEMORY) ? 0.3 : 1;
            rate[w] = c->f.work[w].klass == 1 || c->f.work[w].training ? 0 : rate[w];
        }
        for (size_t i = 0; i < nc; i++)
            cards[i] = v & HARD_INTERCONNECT ? c->cards[i][0] / speed : NAN;
        c->q.hard[v] = (struct challenger_speed){rate, cards};
    }
    for (size_t w = 0; w < nw; w++)
        for (size_t t = 0; t < nt; t++)
            c->rate[w][t] = c->q.hard[0].rate[w] * maturity[w * nt + t];
    for (size_t i = 0; i < nc; i++)
        *c->cards[i] = NAN;
    for (size_t n = 0; n < nn; n++)
        ((double *)c->x->resale_usd)[n] *= 0.4;
    for (size_t t = 0; t < nt; t++)
        ((double *)c->x->supply)[t] *= 0.5;
    c->family[c->f.nf - 1] = (struct fleet_family){.id = "new", .port_usd = 3e6, .lag = 1};
    c->x->spares = 8, c->x->complexity_usd = 250000;
    c->q.maturity = maturity;
    double *slow = ARENA_ARRAY(a, double, nw), *fast = ARENA_ARRAY(a, double, nw);
    for (size_t w = 0; w < nw; w++)
        slow[w] = 0.85, fast[w] = 1.2;
    c->q.slow = slow, c->q.fast = fast;
}

#endif
