/* breakeven_int.h - what the files of break-even share. Inside plan/ only.
**
**      breakeven_reason.c  the table of reasons     breakeven_fleet.c  a challenge and its settings into a fleet
**      breakeven_price.c   costs, entry, majority   breakeven_lost.c   who is not bought and why
*/
#ifndef MOAT_PLAN_BREAKEVEN_INT_H
#define MOAT_PLAN_BREAKEVEN_INT_H

#include "plan/breakeven.h"

struct be_set {                 /* the challenger's settings; be_plain: as it is */
    unsigned off;               /* reasons that are no handicap: bits */
    double speed;               /* factor on all its rates */
    double maturity;            /* flat share of mature speed in the place of its own; NaN */
    double supply;              /* cards a period; NaN: its own */
    int lead;                   /* periods; -1: its own */
    int end;                    /* -1: rates at their slow end, 1: at their fast one */
    const struct challenger_speed *memory;      /* NULL: its own */
    bool free_port;
};
extern const struct be_set be_plain;

struct be_edit {                /* a copy of the fleet whose challenger is being changed */
    struct arena *a;
    const struct challenge *q;
    struct fleet f;
    struct fleet_sku *x;
    const struct fleet_sku *inc;
    int hard;
    bool mature, trains, general;
};

struct be_reason {
    enum moat_reason id;
    const char *name;
    void (*off)(struct be_edit *d);
};
extern const struct be_reason be_reason_table[MOAT_REASONS];

/* The fleet with the challenger so set. */
struct fleet be_fleet(struct arena *a, const struct challenge *q, const struct be_set *s);
/* Does taking a reason away change any number of the fleet? */
bool be_handicap(struct arena *a, const struct challenge *q, enum moat_reason r);
double be_value_at(const struct fleet_sku *s, size_t nt, size_t t);     /* price in t, or the nearest one known; NaN: never sold */
double be_price(const struct fleet *f, size_t k);               /* of the first period in which it is sold; NaN */

struct be_contest {             /* a fleet kept alive while the challenger's price moves */
    struct arena *a;            /* of the contest: freed by be_contest_end */
    const struct challenge *q;
    struct fleet f;
    struct fleet_model *m;
    double price_usd, z0_usd;
    size_t solves;
};
/* z0_usd NaN: found first. */
bool be_contest_begin(struct arena *a, const struct challenge *q, const struct be_set *s, double z0_usd, struct be_contest *out,
                      struct err *e);
void be_contest_end(struct be_contest *c);
/* Z1 at a price, and its slope. HUGE_VAL: cannot be. */
bool be_cost(struct be_contest *c, double price_usd, double *z1_usd, double *slope, struct err *e);
bool be_entry(struct be_contest *c, double guess_usd, double *entry_usd, struct err *e);
/* Share of the work that the challenger does at a price, when it may be bought or not: in card-hours of the incumbent. */
bool be_share(struct be_contest *c, double price_usd, double *share, struct err *e);
bool be_majority(struct be_contest *c, double entry_usd, double *majority_usd, bool *monotone, struct err *e);
/* The entry price with settings, all in one. */
bool be_entry_of(struct arena *a, const struct challenge *q, const struct be_set *s, double z0_usd, double guess_usd, double *entry_usd,
                 size_t *solves, struct err *e);
/* Least cost of a fleet as it is, SKU x banned (-1), let (0) or forced (1); HUGE_VAL: infeasible. */
bool be_least(struct arena *a, const struct challenge *q, const struct fleet *f, int how, double *usd, struct err *e);
bool be_losers(struct arena *a, const struct challenge *q, struct be_loser *out, size_t *solves, struct err *e);

#endif
