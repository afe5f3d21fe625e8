/* breakeven_fleet.c - a challenge and its settings into the fleet that is solved.
**
**      rate[x, w, t] = hard(off, memory)[w] * (software off ? mature[w] : maturity[w, t]) * speed * end
**
** hard is the challenger's silicon with the incumbent's interconnect, memory or share lost to bursts, as the settings say. A class of
** work it cannot do, and training, get the incumbent's rate (mature: the incumbent's own software is in it) where those reasons are
** taken away. Only rows of the challenger change, so the cost without it is the same for all settings.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/breakeven_int.h"

const struct be_set be_plain = {.speed = 1, .maturity = NAN, .supply = NAN, .lead = -1};

double be_value_at(const struct fleet_sku *s, size_t nt, size_t t)
{
    for (size_t d = 0; d < nt; d++) {
        if (t >= d && isfinite(s->price_usd[t - d]))
            return s->price_usd[t - d];
        if (t + d < nt && isfinite(s->price_usd[t + d]))
            return s->price_usd[t + d];
    }
    return NAN;
}

double be_price(const struct fleet *f, size_t k)
{
    for (size_t t = 0; t < f->nt; t++)
        if (isfinite(f->sku[k].price_usd[t]))
            return f->sku[k].price_usd[t];
    return NAN;
}

/* Is some work of this class done by the challenger, as it is or with any other memory, network or promise? */
static bool does_class(const struct challenge *q, int klass)
{
    const struct fleet *f = q->f;
    for (size_t w = 0; w < f->nw; w++) {
        bool can = f->work[w].rate[q->x * f->nt + f->nt - 1] > 0;
        for (int v = 0; v < HARD_VARIANTS && q->hard[0].rate; v++)
            can |= q->hard[v].rate[w] > 0;
        if (can && f->work[w].klass == klass && !f->work[w].training)
            return true;
    }
    return false;
}

static const struct challenger_speed *silicon(const struct be_edit *d, const struct be_set *s)
{
    return s->memory ? s->memory : d->q->hard[0].rate ? &d->q->hard[d->hard] : NULL;
}

static double end_of(const struct be_set *s, const double *slow, const double *fast, size_t i)
{
    const double *v = s->end < 0 ? slow : s->end > 0 ? fast : NULL;
    return v ? v[i] : 1;
}

static void set_rates(struct be_edit *d, const struct be_set *s)
{
    const struct challenge *q = d->q;
    size_t nt = d->f.nt, nk = d->f.nk;
    const struct challenger_speed *hard = silicon(d, s);
    struct fleet_work *work = ARENA_ARRAY(d->a, struct fleet_work, d->f.nw);
    for (size_t w = 0; w < d->f.nw; w++) {
        const struct fleet_work *v = &q->f->work[w];
        bool given = d->trains ? v->training : false;
        given |= d->general && !v->training && !does_class(q, v->klass);
        double *rate = ARENA_ARRAY(d->a, double, nk * nt), scale = s->speed * end_of(s, q->slow, q->fast, w);
        memcpy(rate, v->rate, nk * nt * sizeof *rate);
        for (size_t t = 0; t < nt; t++) {
            double has = q->maturity ? q->maturity[w * nt + t] : 1, full = q->mature ? q->mature[w] : 1;
            double base = hard ? hard->rate[w] : has > 0 ? v->rate[q->x * nt + t] / has : 0;
            double m = isfinite(s->maturity) ? s->maturity : d->mature ? full : has;
            rate[q->x * nt + t] = base * m * scale;
            if (given && !(base > 0))
                rate[q->x * nt + t] = v->rate[q->incumbent * nt + t];
        }
        work[w] = *v;
        work[w].rate = rate;
    }
    d->f.work = work;
}

static void set_campaigns(struct be_edit *d, const struct be_set *s)
{
    const struct challenge *q = d->q;
    size_t nt = d->f.nt, nk = d->f.nk;
    const struct challenger_speed *hard = silicon(d, s);
    struct fleet_campaign *camp = ARENA_ARRAY(d->a, struct fleet_campaign, d->f.nc);
    for (size_t c = 0; c < d->f.nc; c++) {
        const struct fleet_campaign *v = &q->f->campaign[c];
        double *cards = ARENA_ARRAY(d->a, double, nk), *m = ARENA_ARRAY(d->a, double, nk * nt);
        memcpy(cards, v->cards, nk * sizeof *cards);
        for (size_t i = 0; i < nk * nt; i++)
            m[i] = v->card_maturity ? v->card_maturity[i] : 1;
        if (hard)
            cards[q->x] = hard->cards ? hard->cards[c] : NAN;
        cards[q->x] /= s->speed * end_of(s, q->slow_campaign, q->fast_campaign, c);
        for (size_t t = 0; t < nt; t++)
            m[q->x * nt + t] = isfinite(s->maturity) ? s->maturity : d->mature ? 1 : m[q->x * nt + t];
        if (d->trains && !isfinite(cards[q->x])) {
            cards[q->x] = v->cards[q->incumbent];
            memcpy(m + q->x * nt, m + q->incumbent * nt, nt * sizeof *m);
        }
        camp[c] = *v;
        camp[c].cards = cards, camp[c].card_maturity = m;
    }
    d->f.campaign = camp;
}

static void set_supply(struct be_edit *d, const struct be_set *s)
{
    size_t nt = d->f.nt;
    double *cap = ARENA_ARRAY(d->a, double, nt);
    int *lead = ARENA_ARRAY(d->a, int, nt);
    for (size_t t = 0; t < nt; t++) {
        cap[t] = isfinite(s->supply) ? s->supply : d->x->supply[t];
        lead[t] = s->lead >= 0 ? s->lead : d->x->lead[t];
    }
    d->x->supply = cap, d->x->lead = lead;
}

static const double *never(struct arena *a, size_t nt)
{
    double *v = ARENA_ARRAY(a, double, nt);
    for (size_t t = 0; t < nt; t++)
        v[t] = NAN;
    return v;
}

struct fleet be_fleet(struct arena *a, const struct challenge *q, const struct be_set *s)
{
    struct be_edit d = {.a = a, .q = q, .f = *q->f};
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, q->f->nk);
    memcpy(sku, q->f->sku, q->f->nk * sizeof *sku);
    d.f.sku = sku, d.x = &sku[q->x], d.inc = &q->f->sku[q->incumbent];
    if (s->free_port && d.x->family >= 0) {
        struct fleet_family *family = ARENA_ARRAY(a, struct fleet_family, q->f->nf);
        memcpy(family, q->f->family, q->f->nf * sizeof *family);
        family[d.x->family].port_usd = 0;
        d.f.family = family;
    }
    for (size_t i = 0; i < MOAT_REASONS; i++)
        if (s->off >> i & 1)
            be_reason_table[i].off(&d);
    d.x->rent_usd_h = d.x->reserve_usd_h = never(a, q->f->nt); /* the question is its price, and rent would answer another */
    set_supply(&d, s);
    set_rates(&d, s);
    set_campaigns(&d, s);
    return d.f;
}

static bool differ(const double *x, const double *y, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != y[i] && !(isnan(x[i]) && isnan(y[i])))
            return true;
    return false;
}

/* Looked at with every other reason taken away as well, so that what only shows together (memory behind a network) counts. */
static bool differs(const struct challenge *q, const struct fleet *f, const struct fleet *g)
{
    const struct fleet_sku *s = &f->sku[q->x], *o = &g->sku[q->x];
    size_t nt = f->nt, at = q->x * nt;
    const struct fleet_family ready = {.ported = true};
    const struct fleet_family *was = s->family < 0 ? &ready : &f->family[s->family],
                              *is = o->family < 0 ? &ready : &g->family[o->family];
    bool change = was->ported != is->ported || s->spares != o->spares || s->complexity_usd != o->complexity_usd ||
                  s->allowed != o->allowed || memcmp(s->lead, o->lead, nt * sizeof *s->lead) != 0;
    const double *const x[] = {s->price_usd, s->rent_usd_h, s->reserve_usd_h, s->lease_out_usd_h, s->supply, s->rent_cap},
                       *const y[] = {o->price_usd, o->rent_usd_h, o->reserve_usd_h, o->lease_out_usd_h, o->supply, o->rent_cap};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        change |= differ(x[i], y[i], nt);
    change |= differ(s->resale_usd, o->resale_usd, f->nn);
    for (size_t w = 0; w < f->nw; w++)
        change |= differ(f->work[w].rate + at, g->work[w].rate + at, nt);
    for (size_t c = 0; c < f->nc; c++)
        change |= differ(f->campaign[c].cards + q->x, g->campaign[c].cards + q->x, 1) ||
                  differ(f->campaign[c].card_maturity + at, g->campaign[c].card_maturity + at, nt);
    return change;
}

bool be_handicap(struct arena *a, const struct challenge *q, enum moat_reason r)
{
    for (unsigned off = 0; off <= MOAT_ALL; off++) {
        if (off >> r & 1)
            continue;
        struct arena *call = arena_child(a);
        struct be_set with = be_plain, without = be_plain;
        with.off = off, without.off = off | 1u << r;
        struct fleet f = be_fleet(call, q, &with), g = be_fleet(call, q, &without);
        bool change = differs(q, &f, &g);
        arena_reset(call);
        if (change)
            return true;
    }
    return false;
}
