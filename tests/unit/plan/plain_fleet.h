/* plain_fleet.h - the smallest fleet: one future, one block, no limits, cards that do one unit of work each; a test
 ** changes what it asks about. */
#ifndef MOAT_TESTS_PLAIN_FLEET_H
#define MOAT_TESTS_PLAIN_FLEET_H

#include <math.h>

#include "base/arena.h"
#include "plan/fleet.h"

struct plain { /* the same memory as the fleet's, to be written */
    struct arena *a;
    struct fleet f;
    struct fleet_sku *sku;
    struct fleet_work *work;
    struct fleet_campaign *campaign;
    struct fleet_family *family;
    struct fleet_node *node;
    double *block_h, *budget_usd, *power_kw, *space_u;
    int *vendor;
};

static double *many(struct arena *a, size_t n, double v)
{
    double *at = ARENA_ARRAY(a, double, n);
    for (size_t i = 0; i < n; i++)
        at[i] = v;
    return at;
}

static void plain_sku(struct plain *p, size_t k, double price_usd, double resale_usd, double rent_usd_h)
{
    size_t nt = p->f.nt;
    p->sku[k] = (struct fleet_sku){.id = arena_printf(p->a, "sku%zu", k),
                                   .family = -1,
                                   .price_usd = many(p->a, nt, price_usd),
                                   .resale_usd = many(p->a, p->f.nn, resale_usd),
                                   .rent_usd_h = many(p->a, nt, rent_usd_h),
                                   .reserve_usd_h = many(p->a, nt, NAN),
                                   .lease_out_usd_h = many(p->a, nt, NAN),
                                   .supply = many(p->a, nt, HUGE_VAL),
                                   .rent_cap = many(p->a, nt, HUGE_VAL),
                                   .lead = ARENA_ARRAY(p->a, int, nt),
                                   .allowed = true,
                                   .kw = 1,
                                   .avail_frac = 1,
                                   .node_cards = 1};
}

/* nk SKUs of $1000 (worth nothing used, not for rent), nw works of `demand` in every block, an hour each. */
static struct plain *plain_tree(struct arena *a, size_t nk, size_t nw, size_t nt, size_t nb, size_t nn, double demand)
{
    struct plain *p = ARENA_NEW(a, struct plain);
    p->a = a;
    p->sku = ARENA_ARRAY(a, struct fleet_sku, nk), p->work = ARENA_ARRAY(a, struct fleet_work, nw);
    p->campaign = ARENA_ARRAY(a, struct fleet_campaign, 4), p->family = ARENA_ARRAY(a, struct fleet_family, 4);
    p->node = ARENA_ARRAY(a, struct fleet_node, nn), p->block_h = many(a, nb, 1), p->vendor = ARENA_ARRAY(a, int, nk);
    p->budget_usd = many(a, nt, HUGE_VAL), p->power_kw = many(a, nt, HUGE_VAL), p->space_u = many(a, nt, HUGE_VAL);
    p->f = (struct fleet){.nk = nk,
                          .nw = nw,
                          .nn = nn,
                          .nt = nt,
                          .nb = nb,
                          .sku = p->sku,
                          .work = p->work,
                          .campaign = p->campaign,
                          .family = p->family,
                          .node = p->node,
                          .block_h = p->block_h,
                          .budget_usd = p->budget_usd,
                          .power_kw = p->power_kw,
                          .space_u = p->space_u,
                          .pue = 1,
                          .vendor = p->vendor};
    for (size_t n = 0; n < nn; n++)
        p->node[n] = (struct fleet_node){"base", (int)n - 1, (int)n, 1};
    for (size_t k = 0; k < nk; k++)
        plain_sku(p, k, 1000, 0, NAN), p->vendor[k] = (int)k;
    for (size_t w = 0; w < nw; w++)
        p->work[w] = (struct fleet_work){.id = arena_printf(a, "work%zu", w),
                                         .unit = "units",
                                         .klass = (int)w,
                                         .demand = many(a, nn * nb, demand),
                                         .rate = many(a, nk * nt, 1),
                                         .unmet_usd = 1e6,
                                         .buy_usd = NAN};
    return p;
}

static inline struct plain *plain_fleet(struct arena *a, size_t nk, size_t nw, size_t nt, size_t nb, double demand)
{
    return plain_tree(a, nk, nw, nt, nb, nt, demand);
}

static const struct fleet_limits exact = {.gap_frac = 1e-9, .nodes = 100000, .wall_s = 120};

#define SET(array, i, v) (((double *)(array))[i] = (v))

#endif
