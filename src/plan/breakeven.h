/* breakeven.h - what a challenger must deliver to be bought, and what keeps the incumbent's moat, in dollars.
**
**      struct challenge: a fleet, which SKU challenges, which is the incumbent, and what the challenger would do without each handicap
**      breakeven_find:   entry and majority price, speed, software budget, maturity, supply, memory, dates, contours, who is not bought and why
**      moat_find:        Shapley value of each of eight reasons on the entry price
**
** Z0 is the least cost with the challenger banned, Z1 with it forced in: approved, ported, for its whole cost. It enters where
** Z1 < Z0. Price p is that of a card with its share of server and network, in the first period in which it is sold; its
** later prices, used prices and lease-out move with it in proportion, so Z1(p) is concave and nondecreasing. The challenger is bought, not
** rented: the price that is asked for is that of a purchase.
** Costs are those before cards come in whole servers, so that lumps of eight do not move a price.
*/
#ifndef MOAT_PLAN_BREAKEVEN_H
#define MOAT_PLAN_BREAKEVEN_H

#include "plan/fleet.h"

/* Reasons for which a challenger is not bought. Each is one switch that makes an input of the challenger as good as the incumbent's. */
enum moat_reason {
    MOAT_SOFTWARE,              /* port cost, lag, maturity */
    MOAT_INTERCONNECT,          /* scale-up and scale-out network */
    MOAT_RESIDUAL,              /* what a used card and an idle hour earn, in every future */
    MOAT_UNIFY,                 /* one SKU more: spares, people; and training on the cards that serve */
    MOAT_BURST,                 /* what bursts and promises cost its rate */
    MOAT_MEMORY,                /* capacity and its bandwidth */
    MOAT_GENERALITY,            /* classes of work that it cannot do */
    MOAT_SUPPLY,                /* cards a period, lead time, first day of sale */
    MOAT_REASONS
};
#define MOAT_ALL ((1u << MOAT_REASONS) - 1)

/* Work of a card that depends on its silicon: what the floors below say of a changed chip, software apart. */
struct challenger_speed {
    const double *rate;         /* (w) units of demand; 0: cannot */
    const double *cards;        /* (c) of a campaign; NaN: cannot */
};
enum { HARD_INTERCONNECT = 1, HARD_MEMORY = 2, HARD_BURST = 4, HARD_VARIANTS = 8 };

struct challenge {
    const struct fleet *f;
    size_t x, incumbent;        /* SKUs */
    /* The challenger as it is, and with the incumbent's interconnect, memory and share lost to bursts, added up. [0].rate NULL: nothing
    ** else is known than the fleet's own rates, and those three reasons are none. */
    struct challenger_speed hard[HARD_VARIANTS];
    const double *maturity;     /* (w, t) that the fleet's rates of the challenger hold; NULL: 1 */
    const double *mature;       /* (w) what takes its place when software is no handicap; NULL: 1 */
    const double *slow, *fast;  /* (w) factors on its rates at the ends of their 80 % interval; NULL: no interval */
    const double *slow_campaign, *fast_campaign;        /* (c) factors on speed; NULL */
    size_t nmemory;             /* steps of memory: what the challenger would do with so much */
    const double *memory_bytes;
    const struct challenger_speed *memory;
    struct fleet_limits limits;
    int threads;
    void (*tick)(void *ctx, size_t done, size_t of);
    void *ctx;
};

struct be_value { double at, lo, hi; };         /* lo and hi with its rates at the slow and the fast end; NaN: none */

#define BE_SPEEDS 7
#define BE_MATURITIES 5
#define BE_SUPPLIES 4
#define BE_LEADS 4

enum be_lost {                  /* why a SKU is not bought */
    LOST_BOUGHT, LOST_EXPORT, LOST_UNPRICED, LOST_CAPABILITY, LOST_REASON, LOST_PRICE
};
struct be_loser {
    enum be_lost why;
    enum moat_reason reason;    /* LOST_REASON: the first that alone, taken away, has it bought at its price */
    double price_usd, entry_usd;        /* its price, and the one at which it enters; NaN */
};

struct breakeven {
    double z0_usd, z1_usd;      /* without the challenger; with it, at its own price */
    double price_usd, incumbent_price_usd;      /* in the first period in which each is sold */
    bool enters;                /* at its own price */
    bool surely;                /* so also at both ends of its interval */
    struct be_value entry_usd;  /* 0: not for nothing; HUGE_VAL: at any price */
    struct be_value majority_usd;       /* the highest price at which it does half of the work; 0: not for nothing */
    bool majority_monotone;     /* share fell with price over the scan */
    struct be_value speed_x;    /* factor on its rates with which it enters at the incumbent's price; HUGE_VAL */
    struct be_value software_usd;       /* Z0 - Z1 without the cost of its port: what that may cost. Negative: what must be paid to it */
    double port_usd;            /* what it costs now; 0: nothing, or ported */
    struct be_value maturity;   /* share of mature speed with which it enters at its own price; HUGE_VAL: not even mature */
    int first_purchase;         /* period, along the earliest future; -1: never; -2: not found within the limits */
    double waiting_usd;         /* cost of having it in service from the start, less that of the best date (or never); NaN: not found */
    struct { double speed, entry_usd, majority_usd; } by_speed[BE_SPEEDS];
    struct { double maturity, entry_usd; } by_maturity[BE_MATURITIES];
    struct { double cards; double entry_usd[BE_LEADS]; } by_supply[BE_SUPPLIES];    /* cards a period; lead 0, 1, 2, 4 periods */
    int lead[BE_LEADS];
    const double *by_memory_usd;        /* (nmemory) entry price */
    struct be_loser *loser;     /* (k) */
    size_t solves;
};
/* False for a challenge that makes no sense, or when the solver breaks. */
bool breakeven_find(struct arena *a, const struct challenge *q, struct breakeven *out, struct err *e);

struct moat_part {
    bool handicap;              /* its switch changes an input; else its values are 0 */
    double alone_usd;           /* v(none) - v(it) */
    double last_off_usd;        /* v(all but it) - v(all) */
    double shapley_usd;
    double error_usd;           /* standard error of shapley_usd; 0 when exact */
};
struct moat {
    struct moat_part part[MOAT_REASONS];
    double free_usd, full_usd;  /* entry price with no reason, with all */
    double total_usd;           /* free - full: the shapley values add up to it */
    size_t handicaps, values, solves;
    int samples;                /* permutations; 0: all sets */
};
const char *moat_reason_name(enum moat_reason r);        /* "software", ... */
/* samples 0: exact. Seed: of the permutations. */
bool moat_find(struct arena *a, const struct challenge *q, int samples, uint64_t seed, struct moat *out, struct err *e);

#endif
