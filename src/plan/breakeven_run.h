/* breakeven_run.h - what `moat breakeven` does: rates, numbers, the challenger's silicon with each handicap taken away, answers.
**
**      scenario -> rates (cached) -> struct fleet + struct challenge -> breakeven_find, moat_find
*/
#ifndef MOAT_PLAN_BREAKEVEN_RUN_H
#define MOAT_PLAN_BREAKEVEN_RUN_H

#include "facts/fleet_challenger.h"
#include "plan/breakeven.h"
#include "plan/fleet_build.h"

struct breakeven_options {
    struct fleet_rate_options rates;
    struct fleet_limits limits;
    bool no_moat;
    int samples;                /* of the decomposition; 0: exact */
};

struct breakeven_result {
    struct fleet_case x;
    struct challenge q;
    struct breakeven b;
    struct moat moat;
    bool has_moat;
    const char *incumbent_from; /* "scenario", "plan" */
    double find_s, moat_s;
};

bool breakeven_run(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_challenger *who,
                   const struct breakeven_options *o, struct breakeven_result *out, struct notes *notes, struct err *e);

#endif
