/* random_fleet.h - fleets for tests and the benchmark: made numbers of the right sizes, from a seed.
**
** A card has a speed; price, power and rent follow it with noise, so that many SKUs are near each other. Works grow,
** some shift in some futures; two families of five need a port. Futures branch by three after equal stretches of time.
*/
#ifndef MOAT_TESTS_RANDOM_FLEET_H
#define MOAT_TESTS_RANDOM_FLEET_H

#include <math.h>

#include "base/arena.h"
#include "base/rng.h"
#include "plan/fleet.h"

struct fleet_shape {
    size_t skus, periods, works, blocks, campaigns, families, branches; /* branches: 3^b futures */
    double scale;                                                       /* cards, about */
    double node_cards, spares;
};

static double between(struct rng *r, double lo, double hi)
{
    return lo + (hi - lo) * rng_unit(r);
}

static double *constant(struct arena *a, size_t n, double v)
{
    double *at = ARENA_ARRAY(a, double, n);
    for (size_t i = 0; i < n; i++)
        at[i] = v;
    return at;
}

static void grow_tree(struct fleet *f, struct arena *a, size_t branches)
{
    size_t stages = branches + 1, nn = 0, width = 1;
    for (size_t t = 0, s = 0; t < f->nt; t++) {
        while ((s + 1) * f->nt / stages <= t)
            s++, width *= 3;
        nn += width;
    }
    struct fleet_node *node = ARENA_ARRAY(a, struct fleet_node, nn);
    static const double chance[3] = {0.5, 0.3, 0.2};
    static const char *const name[3] = {"base", "boom", "shift"};
    size_t begin = 0, n = 1;
    node[0] = (struct fleet_node){"base", -1, 0, 1};
    for (size_t t = 1; t < f->nt; t++) {
        bool branch = false;
        for (size_t s = 1; s < stages; s++)
            branch |= s * f->nt / stages == t;
        size_t end = n;
        for (size_t up = begin; up < end; up++)
            for (int c = 0; c < (branch ? 3 : 1); c++)
                node[n++] = (struct fleet_node){branch ? name[c] : node[up].name, (int)up, (int)t,
                                                node[up].probability * (branch ? chance[c] : 1)};
        begin = end;
    }
    f->node = node, f->nn = nn;
}

static void random_sku(struct fleet *f, struct arena *a, struct fleet_sku *s, size_t k, const struct fleet_shape *shape,
                       struct rng *r, double speed)
{
    double usd = 30000 * pow(speed, 0.9) * between(r, 0.7, 1.4), life = between(r, 1.0, 2.0) * 4;
    double *price = ARENA_ARRAY(a, double, f->nt), *resale = ARENA_ARRAY(a, double, f->nn),
           *rent = ARENA_ARRAY(a, double, f->nt);
    double *lease = ARENA_ARRAY(a, double, f->nt);
    int *lead = ARENA_ARRAY(a, int, f->nt), family = (int)(k % f->nf), wait = (int)rng_below(r, 3);
    for (size_t t = 0; t < f->nt; t++) {
        price[t] = usd * pow(0.97, (double)t);
        rent[t] = usd / 9000 * pow(0.96, (double)t);
        lease[t] = 0.3 * rent[t];
        lead[t] = wait;
    }
    for (size_t n = 0; n < f->nn; n++)
        resale[n] = 0.8 * usd * pow(0.5, (f->node[n].period + 1) / life) * (f->node[n].name[0] == 's' ? 0.7 : 1);
    *s = (struct fleet_sku){.id = arena_printf(a, "sku%zu", k),
                            .family = family,
                            .price_usd = price,
                            .resale_usd = resale,
                            .rent_usd_h = rent,
                            .reserve_usd_h = constant(a, f->nt, 0.7 * usd / 9000),
                            .reserve_term = 4,
                            .lease_out_usd_h = lease,
                            .supply = constant(a, f->nt, shape->scale * between(r, 0.2, 0.6)),
                            .rent_cap = constant(a, f->nt, shape->scale * 0.1),
                            .lead = lead,
                            .allowed = true,
                            .stock = k == 1 ? floor(shape->scale / 10) : 0,
                            .kw = 0.9 * pow(speed, 0.7) * between(r, 0.8, 1.2),
                            .rack_units = 1,
                            .keep_usd = 0.02 * usd,
                            .avail_frac = 0.97,
                            .spares = shape->spares,
                            .complexity_usd = 250000,
                            .node_cards = shape->node_cards};
}

static inline struct fleet *random_fleet(struct arena *a, const struct fleet_shape *shape, uint64_t seed)
{
    struct rng rng, *r = &rng;
    rng_seed(r, seed, 1);
    struct fleet *f = ARENA_NEW(a, struct fleet);
    *f = (struct fleet){.nk = shape->skus,
                        .nw = shape->works,
                        .nc = shape->campaigns,
                        .nf = shape->families,
                        .nt = shape->periods,
                        .nb = shape->blocks};
    grow_tree(f, a, shape->branches);
    struct fleet_family *family = ARENA_ARRAY(a, struct fleet_family, f->nf);
    for (size_t i = 0; i < f->nf; i++)
        family[i] =
            (struct fleet_family){arena_printf(a, "family%zu", i), i ? 2e6 * (double)i : 0, (int)(i % 2), i < 2};
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, f->nk);
    double *speed = ARENA_ARRAY(a, double, f->nk);
    int *vendor = ARENA_ARRAY(a, int, f->nk);
    for (size_t k = 0; k < f->nk; k++) {
        speed[k] = exp(between(r, -1.2, 0.8));
        vendor[k] = (int)(k % f->nf);
        random_sku(f, a, &sku[k], k, shape, r, speed[k]);
    }
    struct fleet_work *work = ARENA_ARRAY(a, struct fleet_work, f->nw);
    for (size_t w = 0; w < f->nw; w++) {
        double *demand = ARENA_ARRAY(a, double, f->nn * f->nb), *rate = ARENA_ARRAY(a, double, f->nk * f->nt),
               unit = between(r, 200, 2000);
        double grow = between(r, 1.0, 1.08), size = shape->scale / (double)f->nw * between(r, 0.5, 1.5) * unit;
        double *wave = ARENA_ARRAY(a, double, f->nn);
        for (size_t n = 0; n < f->nn; n++) {
            int up = f->node[n].parent;
            const char *name = f->node[n].name;
            double step = up < 0 ? 1
                                 : grow * (name[0] == 'b' && name[1] == 'o' ? 1.05
                                           : name[0] == 's'                 ? (w % 3 == 0 ? 0.93 : 1.08)
                                                                            : 1);
            wave[n] = up < 0 ? size : wave[up] * step;
            for (size_t b = 0; b < f->nb; b++)
                demand[n * f->nb + b] = wave[n] * (1 - 0.3 * (double)b);
        }
        for (size_t k = 0; k < f->nk; k++) {
            double each = rng_unit(r) < 0.5 + 0.5 * (k < 2) ? unit * speed[k] * between(r, 0.6, 1.2) : 0;
            for (size_t t = 0; t < f->nt; t++)
                rate[k * f->nt + t] = each * (k % f->nf < 2 ? 1 : fmin(1, 0.7 + 0.03 * (double)t));
        }
        work[w] = (struct fleet_work){.id = arena_printf(a, "work%zu", w),
                                      .unit = "tok/s",
                                      .klass = (int)(w % 3),
                                      .training = w == 2,
                                      .demand = demand,
                                      .rate = rate,
                                      .unmet_usd = 40 * 4.0 / unit,
                                      .buy_usd = w == 0 ? 8.0 / unit : NAN};
    }
    struct fleet_campaign *campaign = ARENA_ARRAY(a, struct fleet_campaign, f->nc);
    for (size_t c = 0; c < f->nc; c++) {
        double *cards = ARENA_ARRAY(a, double, f->nk);
        int first = (int)((c * 2 + 1) * f->nt / (2 * f->nc + 1));
        for (size_t k = 0; k < f->nk; k++)
            cards[k] = k == 0 || speed[k] > 0.8 ? 0.15 * shape->scale / speed[k] : NAN;
        campaign[c] = (struct fleet_campaign){arena_printf(a, "campaign%zu", c),
                                              first,
                                              first + (c % 2 && first + 1 < (int)f->nt),
                                              cards,
                                              NULL,
                                              shape->scale * 50000};
    }
    double *hours = ARENA_ARRAY(a, double, f->nb);
    for (size_t b = 0; b < f->nb; b++)
        hours[b] = 2190.0 / (double)f->nb;
    f->sku = sku, f->work = work, f->campaign = campaign, f->family = family, f->block_h = hours, f->vendor = vendor;
    f->budget_usd = constant(a, f->nt, shape->scale * 20000), f->power_kw = constant(a, f->nt, shape->scale * 4),
    f->space_u = constant(a, f->nt, HUGE_VAL);
    f->pue = 1.25, f->usd_kwh = 0.08, f->discount_period = pow(1.08, 0.25) - 1, f->salvage_frac = 0.8,
    f->lease_out = true;
    return f;
}

#endif
