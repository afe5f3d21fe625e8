/* fleet_build.h - from a scenario and its rates to the numbers that are planned with.
**
**      fleet_scenario --fleet_market--> prices by period    --fleet_tree--> nodes, blocks, demand
**                     --fleet_rate----> work of a card      --fleet_build--> struct fleet, maturity laid over the rates once
*/
#ifndef MOAT_PLAN_FLEET_BUILD_H
#define MOAT_PLAN_FLEET_BUILD_H

#include "facts/fleet_scenario.h"
#include "plan/fleet.h"
#include "plan/fleet_rate.h"

struct fleet_market {           /* where the prices of a SKU come from */
    struct price purchase, on_demand, reserved;         /* of the catalog; found false: the scenario's own, or none */
    const char *purchase_from, *rent_from, *reserve_from;       /* "catalog", "scenario", "none" */
    double card_usd;            /* of the card alone, at the start; NaN */
    double half_life_y;
};

struct fleet_case {
    const struct fleet_scenario *scenario;
    struct fleet_rates rates;
    struct fleet f;
    const struct fleet_market *market;          /* (product) SKU k is product k */
    const int *job_of_work, *job_of_campaign;   /* (w), (c) */
    const int *future_of_node;                  /* (n) */
    const double *block_level;  /* (w, b) load of a block over the mean */
    double *fix;                /* (w, k) factors that the simulation of the chosen fleet sends back; 1 at first */
};

/* Numbers for the solver. False where no SKU can do a work, or a number makes no sense: what, and how to mend it. */
bool fleet_case_build(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_rates *rates,
                      struct fleet_case *out, struct notes *notes, struct err *e);
/* The rates again, after fix was changed. */
void fleet_case_rates(struct arena *a, struct fleet_case *x);

/* What the rate of a job on a SKU is multiplied by for its software at a period: 1 where nothing is said. */
double fleet_case_maturity(const struct fleet_case *x, int job, size_t k, int t);

/* Inside plan/ only. */
bool fleet_market_set(struct arena *a, struct catalog *c, struct fleet_case *x, struct fleet_sku *sku, struct notes *notes, struct err *e);
bool fleet_future_set(struct arena *a, struct fleet_case *x, struct err *e);
void fleet_blocks_set(struct arena *a, struct fleet_case *x);
void fleet_demand_set(struct arena *a, struct fleet_case *x, struct fleet_work *work);
/* Maturity of a family's software at a period, at most 1. */
double fleet_maturity(const struct fleet_scenario *s, const struct fleet_software *f, double day);

#endif
