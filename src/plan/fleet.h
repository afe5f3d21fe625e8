/* fleet.h - which accelerators to buy, rent, lend out, sell and assign, period by period, under an uncertain future.
**
**      scenario (facts/fleet_scenario.h) --rates, prices--> struct fleet --fleet_solve (CBC)--> struct fleet_plan
**
** struct fleet is numbers only: cards, dollars, hours, and work a card does. It knows no file, no model, no trace; the rates come
** from the floors below and never change inside a solve. Everything is by node of a scenario tree: a decision at a node holds for
** all futures that go through it, so nobody knows the future by construction.
**
** Arrays over SKUs k, workloads w, campaigns c, families f, nodes n, periods t, blocks b; shapes in brackets, the last index fastest.
*/
#ifndef MOAT_PLAN_FLEET_H
#define MOAT_PLAN_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct notes;

struct fleet_node {
    const char *name;           /* of the scenario it belongs to: "boom" */
    int parent;                 /* -1: the root. Always below the node's own index */
    int period;                 /* of the horizon, from 0; the parent's plus one */
    double probability;         /* of getting here, from the root */
};

struct fleet_family {
    const char *id;             /* "rocm" */
    double port_usd;            /* once */
    int lag;                    /* periods from the decision to port until its SKUs can work */
    bool ported;                /* at the start, for nothing */
};

struct fleet_sku {
    const char *id;
    int family;                 /* -1: needs no port */
    const double *price_usd;    /* (t) a card with its share of server and network, paid when it arrives; NaN: not sold then */
    const double *resale_usd;   /* (n) a used card, whatever its age; below price in every node */
    const double *rent_usd_h;   /* (t) a card on demand; NaN: not for rent */
    const double *reserve_usd_h;        /* (t) a card reserved for reserve_term periods from t on; NaN: not offered */
    int reserve_term;
    const double *lease_out_usd_h;      /* (t) what an idle card of ours earns; NaN: nobody takes it. Below rent */
    const double *supply;       /* (t) cards that may be ordered in a period; HUGE_VAL: any number */
    const double *rent_cap;     /* (t) cards on demand and reserved together; HUGE_VAL */
    int lead;                   /* periods from order to use */
    int max_life;               /* periods a bought card is kept at most; 0: no bound */
    bool allowed;               /* by export rules; false: neither bought nor rented, what is owned stays */
    double stock;               /* cards owned at the start */
    double kw;                  /* a card with its share of the server, before PUE */
    double rack_units;
    double keep_usd;            /* a card a period: maintenance, colocation without energy */
    double avail_frac;          /* of owned and reserved cards that work */
    double spares;              /* cards set aside while the SKU is in service */
    double complexity_usd;      /* a period while the SKU is in service: people, images, parts */
    double node_cards;          /* owned cards come in so many; 8 */
};

struct fleet_work {
    const char *id;
    const char *unit;           /* of demand: "output tok/s", "samples/s", "sessions" */
    const double *demand;       /* (n, b) */
    const double *rate;         /* (k, t) of a card, headroom and maturity included; 0: cannot */
    double unmet_usd;           /* of a unit of demand left unserved for one hour */
    double buy_usd;             /* the same bought outside as tokens; NaN: not for sale */
};

struct fleet_campaign {         /* training: so many cards of one SKU for its whole window, all blocks */
    const char *id;
    int first, last;            /* periods, both included */
    const double *cards;        /* (k) ; NaN: this SKU cannot */
    const double *card_maturity;        /* (k, t) cards are divided by it; NULL: 1 */
    double unmet_usd;           /* not run at all */
};

struct fleet {
    size_t nk, nw, nc, nf, nn, nt, nb;
    const struct fleet_sku *sku;
    const struct fleet_work *work;
    const struct fleet_campaign *campaign;
    const struct fleet_family *family;
    const struct fleet_node *node;
    const double *block_h;      /* (b) hours a period */
    const double *budget_usd;   /* (t) for purchases; HUGE_VAL */
    const double *power_kw, *space_u;   /* (t) HUGE_VAL */
    double pue, usd_kwh;
    double discount_period;     /* (1+yearly)^(years a period) - 1 */
    double salvage_frac;        /* of market resale at the end of the horizon */
    double second_source_frac;  /* no vendor has more than 1 - this of owned cards' money; 0: no rule */
    const int *vendor;          /* (k) */
    bool share;                 /* training and the rest use the same cards */
    bool lease_out;
    bool entry_by_node;         /* a SKU comes into service at a node; else it is on the approved list from the start or never */
    enum fleet_risk { RISK_EXPECTED, RISK_CVAR, RISK_REGRET } risk;
    double cvar_tail_frac, cvar_weight;
};

#endif
