/* price.h - what a card costs, from dated list prices.
**
** Rule (planner.md): the median, over providers, of each provider's newest list price on or before
** as_of, of the kind and region asked for, among rows not more than 18 months older than the newest row;
** aggregate rows (medians of others) do not count. None of the kind asked: owned capital recovery
** from a purchase price; none: unpriced. A price is never invented.
** A list price may be old: it is kept, marked `stale`, and plan ranks it after the fresh ones.
** `survey` is what renters say they pay (one table of 12 cards): about half of list, so it is a kind of its own and
** never stands beside list prices in one ranking.
** A provider with several rows of its newest date (regions, instance sizes) counts with the cheapest. The instance size
** is the smallest that each of those providers sells, and of these the most common; a tie goes to the smaller one.
** Where no row says a size, and for owned cards, it is the accelerator's node_cards.
*/
#ifndef MOAT_FACTS_PRICE_H
#define MOAT_FACTS_PRICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/accelerator.h"

struct arena;
struct err;
struct notes;
struct catalog;

enum price_kind { PRICE_ON_DEMAND, PRICE_SPOT, PRICE_RESERVED_1Y, PRICE_RESERVED_3Y, PRICE_SURVEY, PRICE_PURCHASE, PRICE_RESALE,
                  PRICE_API_IN, PRICE_API_OUT, PRICE_OWNED, PRICE_KIND_N };
extern const char *const price_kind_name[PRICE_KIND_N];         /* "on-demand", "reserved-1y", "owned", ... */

struct price_row {
    const char *sku;            /* a catalog id; for API prices a model id */
    const char *provider, *region, *source, *note;
    enum price_kind kind;
    int32_t date;               /* yyyymmdd, first day of what is written */
    int cards;                  /* cards of the instance it is sold in; 0: not said */
    double usd;                 /* per card-hour; purchase and resale per card; API per million tokens */
    bool recall, aggregate;
};

struct price_query {
    enum price_kind kind;
    int32_t as_of;              /* 0: no limit */
    const char *region;         /* "us", "eu", "asia"; NULL or "any": all. Rows without a region always count. */
    const char *provider;       /* NULL or "any": all */
};

struct price {
    bool found;
    enum price_kind kind;       /* what it is: may be PRICE_OWNED when rent was asked and none is listed */
    double usd_h;               /* per card-hour; of PRICE_PURCHASE and PRICE_RESALE: USD per card */
    double purchase_usd;        /* PRICE_OWNED: the card price that usd_h recovers, else 0 */
    double lo_usd_h, hi_usd_h;  /* cheapest and dearest provider */
    int n;                      /* providers behind the median */
    int32_t date_first, date_last;
    int instance_cards;         /* smallest instance sold, most common over the rows; at least 1 */
    bool recall;                /* rests on memory only */
    bool stale;                 /* the newest row is more than 24 months older than as_of (or than the newest price known) */
    const char *source;         /* one line: "median of 9 providers, 2026-07..2026-10; ewyluda/gpu-price-index" */
    const char *note;           /* why it is another kind than asked, else NULL */
};

/* Facts an owner's hourly cost rests on, each with its source in data/economics.yaml. */
struct economics {
    double discount_frac_y;     /* cost of capital */
    double life_y;              /* book life */
    double residual_frac;       /* of purchase price at the end of life */
    double server_mult;         /* server price over the chips' */
    double network_frac;        /* network on top */
    double server_power_mult;   /* server power over chip TDP */
    double load_frac;           /* mean draw over server TDP */
    double pue, usd_kwh;
    double colo_usd_kw_month;   /* floor space where energy is not included */
    double ops_frac_y;          /* repair, staff, support: a year, of purchase price */
    const char *source;
};

struct price price_find(struct arena *a, const struct catalog *c, const struct accelerator *acc, const struct price_query *q);
/* Capital recovery: CRF * (P*(server+network) - residual) / 8760 + power + colocation + ops. */
double price_owned_usd_h(const struct economics *ec, double purchase_usd, double tdp_w);
/* API price of a model in USD per million tokens; false: none listed. */
bool price_api(struct arena *a, const struct catalog *c, const char *model_id, int32_t as_of, double *in_usd_mtok,
               double *out_usd_mtok, const char **source);

#endif
