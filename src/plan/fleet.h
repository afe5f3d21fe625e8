/* fleet.h - which accelerators to buy, rent, lend out, sell and assign, period by period, under an uncertain future.
**
**      scenario (facts/fleet_scenario.h) --rates, prices--> struct fleet --fleet_solve (CBC)--> struct fleet_plan
**
** struct fleet is numbers only: cards, dollars, hours, and work a card does. It knows no file, no model, no trace; the rates come
** from the floors below and never change inside a solve. Everything is by node of a scenario tree: a decision at a node holds for
** all futures that go through it, so nobody knows the future by construction.
**
** Arrays over SKUs k, workloads w, campaigns c, families f, nodes n, periods t, blocks b; shapes in brackets, the last index fastest.
** Order of a period: cards ordered `lead` periods ago arrive and are paid; cards are sold; then the blocks are served.
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
    int parent;                 /* -1: the root, which is node 0. Always below the node's own index */
    int period;                 /* of the horizon, from 0; the parent's plus one */
    double probability;         /* of getting here, from the root; > 0, children add up to their parent */
};                              /* every node without children is in the last period: one leaf a scenario */

struct fleet_family {
    const char *id;             /* "rocm" */
    double port_usd;            /* once */
    int lag;                    /* periods from the decision to port until its SKUs can work */
    bool ported;                /* at the start, for nothing */
};

struct fleet_sku {
    const char *id;
    int family;                 /* -1: needs no port */
    const double *price_usd;    /* (t) a card with its share of server and network, ordered in t, paid when it arrives; NaN: not
                                ** sold then */
    const double *resale_usd;   /* (n) a used card, whatever its age; below price in every node */
    const double *rent_usd_h;   /* (t) a card on demand; NaN: not for rent */
    const double *reserve_usd_h;        /* (t) a card reserved for reserve_term periods from t on; NaN: not offered */
    int reserve_term;
    const double *lease_out_usd_h;      /* (t) what an idle card of ours earns; NaN: nobody takes it. Below rent and reserve */
    const double *supply;       /* (t) cards that may be ordered in a period; HUGE_VAL: any number */
    const double *rent_cap;     /* (t) cards on demand and reserved together; HUGE_VAL */
    const int *lead;            /* (t) periods from an order in t to use */
    int max_life;               /* periods a bought card is kept at most (the first stock counts as bought in period 0); 0: no bound */
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
    int klass;                  /* of work, for the value of generality: works of one class are done by the same kind of card */
    bool training;              /* belongs to the training pool when cards are not shared */
    bool deferrable;            /* the demand of a period may be served in any of its blocks */
    const double *demand;       /* (n, b) */
    const double *rate;         /* (k, t) of a card, headroom and maturity included; 0: cannot */
    double unmet_usd;           /* of a unit of demand left unserved for one hour; HUGE_VAL: it must be served */
    double buy_usd;             /* the same bought outside as tokens; NaN: not for sale */
};

struct fleet_campaign {         /* training: so many cards of one SKU for its whole window, all blocks */
    const char *id;
    int first, last;            /* periods, both included */
    const double *cards;        /* (k) ; NaN: this SKU cannot */
    const double *card_maturity;        /* (k, t) cards are divided by it; NULL: 1 */
    double unmet_usd;           /* not run at all; HUGE_VAL: it must run */
};

enum fleet_pools {              /* which work may use the same cards */
    POOLS_SHARED,               /* all */
    POOLS_TRAINING_APART,       /* training and the rest have cards of their own */
    POOLS_CLASSES_APART,        /* every class of work has; campaigns too */
};

enum fleet_risk { RISK_EXPECTED, RISK_CVAR, RISK_REGRET };

struct fleet {
    size_t nk, nw, nc, nf, nn, nt, nb;
    const struct fleet_sku *sku;
    const struct fleet_work *work;
    const struct fleet_campaign *campaign;
    const struct fleet_family *family;
    const struct fleet_node *node;
    const double *block_h;      /* (b) hours a period */
    const double *budget_usd;   /* (t) for purchases that arrive in it; HUGE_VAL */
    const double *power_kw, *space_u;   /* (t) after PUE; rack units. Of owned cards. HUGE_VAL */
    double pue, usd_kwh;
    double discount_period;     /* (1+yearly)^(years a period) - 1 */
    double salvage_frac;        /* of market resale at the end of the horizon */
    double second_source_frac;  /* no vendor has more than 1 - this of owned cards' money; 0: no rule */
    const int *vendor;          /* (k) from 0 */
    enum fleet_pools pools;
    bool lease_out;
    bool entry_by_node;         /* a SKU comes into service, and a family is ported, at a node; else SKUs are on the approved list
                                ** from the start or never, and a port is done for all futures so that its first SKU works as soon
                                ** as it can be had */
    enum fleet_risk risk;
    double cvar_tail_frac, cvar_weight;         /* (1 - weight) mean + weight (mean of the dearest tail_frac) */
};

enum fleet_part {               /* of the cost; revenues are negative */
    COST_BUY, COST_RESALE, COST_SALVAGE, COST_ENERGY, COST_KEEP, COST_RENT, COST_RESERVE, COST_LEASE, COST_COMPLEXITY, COST_PORT,
    COST_UNMET, COST_CAMPAIGN_UNMET, COST_TOKENS, FLEET_PARTS
};
extern const char *const fleet_part_name[FLEET_PARTS];  /* "buy", "resale", ... */

enum fleet_status { FLEET_OPTIMAL, FLEET_FEASIBLE, FLEET_INFEASIBLE };
extern const char *const fleet_status_name[3];

/* How far a solve goes. Node limits decide, so that it can be repeated; the wall limit only guards. */
struct fleet_limits {
    double gap_frac;            /* proved within this of the best: 0.005 */
    int nodes;                  /* of branch and bound */
    double wall_s;
    bool round;                 /* spares kept whole wherever a SKU has cards, owned cards to whole nodes, and solved again; false:
                                ** spares are counted by shares of use, as the bound counts them */
    bool beside;                /* small, and others like it are solved on other threads */
    const char *mps;            /* write the problem there (free MPS), as branch and bound gets it; NULL */
};
extern const struct fleet_limits fleet_limits_default;

/* What holds the fleet back, dollars of NPV; NULL or 0 where nothing does. From the linear problem with the choices fixed. */
struct fleet_shadow {
    double power_usd_mw_period; /* one MW more in every period, divided by the periods */
    double budget_usd_usd;      /* one more dollar to spend in every period, divided by the periods */
    double space_usd_u_period;
    const double *supply_usd;   /* (k) one card more to be ordered in every period, divided by the periods */
    const double *rent_usd;     /* (k) one card more for rent in every period, divided by the periods */
    const double *lead_usd;     /* (k) of a card, a period of lead time: gain of one that is there at once, at the price of the day, in the
                                ** node where it is worth most, divided by the lead */
    const double *demand_usd;   /* (w) one unit more of demand in every hour, divided by the hours */
};

struct fleet_relax {            /* the cheapest way out of an infeasible problem */
    const char *limit;          /* "power", "budget", "space", "supply", "second source", "vendor", "max life" ... */
    const char *of;             /* SKU id or "" */
    int node;
    double by;                  /* how much of it, in the unit below */
    const char *unit;
};

struct fleet_plan {
    enum fleet_status status;
    double npv_usd;             /* cost: what the plan pays less what it earns, by the chosen measure of risk (regret: the worst one
                                ** plus a thousandth of the mean) */
    double expected_usd;        /* mean over scenarios */
    double bound_usd;           /* no plan costs less */
    double gap_frac;            /* (npv - bound) / |npv| */
    bool reproducible;          /* no wall limit was met */
    double unrounded_usd;       /* before cards came in nodes */
    double rounding_usd;        /* npv - unrounded */
    double worst_row_frac;      /* largest breach of an unscaled row, of the row's size: the check of the solver's answer */
    double solve_s;             /* wall; the only number here that differs from run to run */
    size_t rows, cols, nonzeros, integers, bb_nodes;
    const double *owned, *bought, *sold;        /* (n, k) cards; bought: ordered at n. Pools together */
    const double *reserved;     /* (n, k) of terms that run at n */
    const double *reserve_new;  /* (n, k) started at n */
    const double *on_demand, *leased_out;       /* (n, b, k) */
    const double *assign;       /* (n, b, k, w) cards */
    const double *unmet, *tokens;               /* (n, b, w) units of demand; tokens: bought outside */
    const int *campaign_sku;    /* (n, c) -1: not running at n or not run at all */
    const bool *campaign_missed;        /* (n, c) the window holds n and it is not run */
    const double *campaign_cards;       /* (n, c) */
    const bool *in_service;     /* (n, k) */
    const bool *approved;       /* (k) */
    const bool *ported;         /* (n, f) decided at n or before */
    const double *cost_usd;     /* (n, part) of the node itself, not discounted, if it comes to it */
    double part_usd[FLEET_PARTS];       /* expected, discounted; add up to expected_usd */
    const double *scenario_usd; /* (leaf, in order of nodes) discounted cost of the path */
    size_t nleaf;
    const int *leaf;            /* (leaf) its node */
    const double *idle_frac;    /* (n) of working owned and reserved card-hours that do nothing (neither work, spare nor leased out) */
    const double *work_usd;     /* (w) expected discounted cost laid on the work: cards' cost by card-hours, its unmet and tokens */
    const double *work_units;   /* (w) expected discounted units served on our cards or rented ones, and bought, in unit-hours */
    const double *campaign_usd; /* (c) the same for campaigns */
    struct fleet_shadow shadow;
    size_t nrelax;              /* infeasible only */
    const struct fleet_relax *relax;
    const double *x;            /* the solver's columns: a start for the next solve */
    size_t nx;
};

/* Bad numbers (negative or missing prices, arbitrage, zero-probability trees, demand nobody can serve, W for kW) refused with a
** clear text; doubtful ones get a note. */
bool fleet_check(const struct fleet *f, struct notes *notes, struct err *e);

/* False only for input that fleet_check refuses, or when the solver breaks; an infeasible problem is a plan with that status. */
bool fleet_solve(struct arena *a, const struct fleet *f, const struct fleet_limits *lim, struct notes *notes,
                 struct fleet_plan *out, struct err *e);

/* Each the difference of two solves; NaN where it has no meaning (VSS and EVPI of one scenario, elasticity without training). */
struct fleet_values {
    double elasticity_usd;      /* training apart, less shared */
    double unify_usd;           /* the plan, less the plan when SKUs cost no people and no spares: what variety costs */
    double generality_usd;      /* every class of work apart, less shared */
    double vss_usd;             /* the plan for the mean future carried into all futures, less the plan: value of stochastic solution */
    double evpi_usd;            /* the plan, less the mean of plans that each know their future: value of perfect information */
    double slack_usd;           /* no value is surer than this: gaps of the solves added */
    int solves;
};
bool fleet_values(struct arena *a, const struct fleet *f, const struct fleet_plan *plan, const struct fleet_limits *lim,
                  struct fleet_values *out, struct err *e);

/* Dollars per card-hour before any solve: a slip of units shows here. */
struct fleet_card_cost {
    double own_usd_h;           /* capital less resale at the end of hold, energy, keep; over all hours of the hold */
    double capital_usd_h, energy_usd_h, keep_usd_h;
    double reserve_usd_h, rent_usd_h, lease_out_usd_h;  /* NaN: not offered */
    double tokens_usd_h;        /* of the work it does dearest: what its output would cost bought outside; NaN */
};
/* Of SKU k bought in period t and held to the end of the horizon along the likeliest path. */
void fleet_card_cost(const struct fleet *f, size_t k, size_t t, struct fleet_card_cost *out);

/* A problem kept alive between solves: break-even changes a price, bans or forces a SKU, and starts from the last answer. */
struct fleet_model;
bool fleet_model_new(struct arena *a, const struct fleet *f, struct notes *notes, struct fleet_model **out, struct err *e);
void fleet_model_ban(struct fleet_model *m, size_t k, bool banned);     /* neither approved, bought nor rented; stock is sold */
void fleet_model_force(struct fleet_model *m, size_t k, bool forced);   /* approved, ported at the root, for its whole cost */
void fleet_model_price(struct fleet_model *m, size_t k, const double *price_usd);      /* (t) NaN only where it was NaN before */
void fleet_model_port(struct fleet_model *m, size_t f, double port_usd);
/* Prices, used prices, rents and lease-out of k at once; nothing else of it may change, and NaN stays where it was. */
void fleet_model_reprice(struct fleet_model *m, size_t k, const struct fleet_sku *s);
bool fleet_model_solve(struct fleet_model *m, struct arena *a, const struct fleet_limits *lim, struct fleet_plan *out, struct err *e);
/* Expected discounted dollars of k in the last answer that move with its price level: bought, sold, salvaged, rented, reserved, let. */
double fleet_model_price_part_usd(const struct fleet_model *m, size_t k);
/* d npv / d price of k at the last answer: discounted cards bought. */
double fleet_plan_cards_bought(const struct fleet *f, const struct fleet_plan *plan, size_t k);

#endif
