/* fleet_run.h - what `moat fleet` does: rates, numbers, solve, simulate again, values.
**
**      scenario -> rates (cached) -> struct fleet -> solve -> verify -+-> values
**                                       ^---- fix, at most ROUNDS ----+
*/
#ifndef MOAT_PLAN_FLEET_RUN_H
#define MOAT_PLAN_FLEET_RUN_H

#include "plan/fleet_build.h"
#include "plan/fleet_verify.h"

struct fleet_options {
    struct fleet_rate_options rates;
    struct fleet_limits limits;
    bool no_verify, no_values;
};

struct fleet_next {             /* the order that has to be placed first */
    int sku, node;              /* -1: nothing is ordered */
    double cards, usd;
    int use_period;             /* when the cards are used first */
    int32_t latest_day;         /* days since 1970: the last day on which they come in time */
};

struct fleet_move {             /* a SKU's work changes: the cascade of old cards */
    int sku, from, to;          /* works; campaigns come behind them: nw + c */
    int period;
    double cards;
};

struct fleet_result {
    struct fleet_case x;
    struct fleet_plan plan;
    struct fleet_verified verified;
    struct fleet_values values;
    bool solved, has_values, has_verified;
    int *likely; size_t nlikely;        /* nodes of the likeliest path, by period */
    struct fleet_next next;
    struct fleet_move *move; size_t nmove;
    double stock_usd;           /* what the cards owned at the start would sell for then: paid with, though not paid */
    double *work_usd;           /* (w, then c) the plan's, with the stock charged to whoever uses it */
    double solve_s, verify_s, values_s;
};

bool fleet_run(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_options *o, struct fleet_result *out,
               struct notes *notes, struct err *e);

#endif
