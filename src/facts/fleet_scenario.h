/* fleet_scenario.h - the question of `moat fleet`, read from YAML: periods, SKUs with their markets, work with its demand,
** and how the future may branch. Units are removed, names are resolved; what is not given stays absent, and plan/fleet_build.c
** fills it in from the catalog.
*/
#ifndef MOAT_FACTS_FLEET_SCENARIO_H
#define MOAT_FACTS_FLEET_SCENARIO_H

#include "facts/catalog.h"
#include "facts/scenario.h"
#include "facts/series.h"

struct node;

#define FLEET_PERIODS_MAX 240
#define FLEET_SKUS_MAX 64
#define FLEET_WORKS_MAX 64
#define FLEET_FUTURES_MAX 256
#define FLEET_HOURS 168         /* of a week from Monday: the load of every work is known by hour of it */
#define FLEET_BLOCKS_MAX FLEET_HOURS

struct horizon {
    int year, month;            /* of the first period */
    int months;                 /* of a period: 1, 3, 6, 12 */
    int n;                      /* periods */
    const char *period;         /* "quarter" */
};
int32_t horizon_day(const struct horizon *h, int t);            /* first day of period t, since 1970-01-01 */
const char *horizon_name(struct arena *a, const struct horizon *h, int t);      /* "2024-Q3", "2024-07", "2024-H2", "2024" */
double horizon_hours(const struct horizon *h);                  /* of a period, of a mean year */
double horizon_years(const struct horizon *h);                  /* of a period */

struct fleet_product {          /* a SKU */
    const struct accelerator *acc;
    const char *place;
    bool listed;                /* in skus; else only owned at the start */
    int family;                 /* index into families */
    struct series purchase, installed;  /* a card alone; with its share of server and network */
    struct series on_demand, reserved, lease_out;       /* USD a card-hour */
    struct series per_quarter, rent_cap;        /* cards */
    struct series resale;       /* USD a used card */
    double half_life_s;         /* of the resale price; 0: from data/economics.yaml */
    double reserved_months;     /* a term; 0: a year */
    bool lead_given;
    double lead_months, life_s; /* life 0: kept as long as it pays */
    double stock;
    double spares;              /* cards; 0: none */
    double rack_units;          /* NaN: the catalog's default */
    double power_w;             /* at the wall of the server; NaN: TDP times that of a server */
    double complexity_usd_y;    /* NaN: the default */
};

struct fleet_software {         /* a family of SKUs that run the same software */
    const char *name;           /* "ROCm", as the chip files have it */
    bool given;                 /* a row of `software` speaks of it */
    bool ported;
    double port_usd, lag_months;
    struct series maturity;     /* n 0: 1 */
    double maturity_quarter;    /* added a quarter after the last date */
};

enum fleet_kind { FLEET_SERVING, FLEET_TRAINING, FLEET_UNITS };

struct fleet_job {              /* a row of workloads */
    const char *id, *place;
    enum fleet_kind kind;
    const char *klass;          /* "serving", "training", "recommender", ... */
    const struct node *doc;
    const char *unit;           /* of demand: "requests/s", "images/s", "sessions" */
    struct series demand;       /* units */
    double hour[FLEET_HOURS];   /* relative, mean 1 */
    const char *curve;          /* where that comes from */
    bool deferrable;
    struct scenario *serving;   /* model, precision, slo, traffic */
    const struct workload *work;
    double batch;               /* 0: the workload's own */
    const struct model *model;  /* training */
    enum precision precision;
    double tokens;
    int64_t global_batch, seq_tok;      /* 0: free; 8192 */
    int first, last;            /* periods of the window */
    const char *framework;
    double unmet_usd;           /* of a unit-hour, of a campaign; NaN: the default; HUGE_VAL: it must be done */
    bool buy;                   /* may be bought outside as tokens */
    double buy_usd_mtok_in, buy_usd_mtok_out;   /* NaN: the catalog's */
    double headroom_frac;       /* of a card's rate, kept back */
    bool *only;                 /* (product) NULL: any */
};

struct fleet_future {           /* a row of scenarios; the first is the base */
    const char *name, *place;
    int parent;                 /* -1: the base itself */
    int from;                   /* period */
    double probability;         /* if its parent comes to its `from` */
    double *factor;             /* (work) on the demand of its parent */
    struct series *demand;      /* (work) in the place of it; n 0: not */
    double *resale;             /* (product) factor on the parent's */
};

enum fleet_risk_key { FLEET_EXPECTED, FLEET_CVAR, FLEET_REGRET };

struct fleet_scenario {
    struct node *doc;
    const char *name, *title;
    struct horizon horizon;
    struct fleet_product *product; size_t nproduct;
    struct fleet_software *software; size_t nsoftware;
    struct fleet_job *job; size_t njob;
    struct fleet_future *future; size_t nfuture;
    int blocks;
    struct price_query price;   /* as_of: the day before the horizon where nothing is said */
    bool as_of_given;
    bool export_cn;
    struct series power_w, space_u, budget_usd; /* n 0: no limit */
    struct economics economics; /* the catalog's, with what the scenario says of discount, energy, PUE, server, network */
    struct fleet_defaults defaults;     /* the same of data/fleet.yaml */
    bool share, lease_out;
    enum fleet_risk_key risk;
    double second_source_frac;
    bool entry_when;
    uint64_t seed;
};

bool fleet_scenario_read(struct arena *a, struct catalog *c, struct node *doc, uint64_t seed, struct fleet_scenario *out,
                         struct notes *notes, struct err *e);

#endif
