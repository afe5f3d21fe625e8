/* fleet.c - `moat fleet`: which SKUs to buy, rent, lend out, retire and assign, period by period. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/units.h"
#include "cmd/command.h"
#include "plan/fleet_run.h"
#include "plan/sweep.h"
#include "show/show_fleet.h"

static const struct option own[] = {
    {"entry", "HOW", "a SKU is on the approved list or not (ever, default), or comes into service at some node (when)",
     "policy.entry", AS_TEXT, NULL},
    {"risk", "MEASURE", "of the cost over futures: expected (default), cvar, regret", "policy.risk", AS_TEXT, NULL},
    {"blocks", "N", "blocks of load in a week (default 3)", "blocks", AS_YAML, NULL},
    {"as-of", "DATE", "list prices known at this date (default: the start of the horizon)", "as_of", AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("The plan", own);

static const struct option solver[] = {
    {"time-limit", "TIME", "of a solve, by the clock, as 60s; when it bites the plan says reproducible: false", NULL,
     AS_TEXT, NULL},
    {"gap", "FRACTION", "stop when the plan is proved within this of the best (default 0.5%)", NULL, AS_TEXT, NULL},
    {"write-mps", "FILE", "write the problem as free MPS, for another solver", NULL, AS_TEXT, NULL},
    {"no-verify", NULL, "do not simulate the chosen fleet", NULL, AS_TEXT, NULL},
    {"no-values", NULL, "do not solve again for the values of elasticity, unification, generality and information",
     NULL, AS_TEXT, NULL},
    {"no-cache", NULL, "compute every rate, and keep none", NULL, AS_TEXT, NULL},
};
static const struct option_group group_solver = OPTION_GROUP("How it is solved", solver);

/* $XDG_CACHE_HOME/moat/rates, or ~/.cache/moat/rates; NULL: no home. */
static const char *cache_folder(struct arena *a)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/')
        return arena_printf(a, "%s/moat/rates", xdg);
    return home && *home == '/' ? arena_printf(a, "%s/.cache/moat/rates", home) : NULL;
}

static bool limits(struct call *c, struct fleet_limits *out, struct err *e)
{
    const char *time = option_text(c, "time-limit"), *gap = option_text(c, "gap");
    *out = fleet_limits_default;
    out->mps = option_text(c, "write-mps");
    if (time && !unit_parse(time, UNIT_DURATION_S, &out->wall_s, "--time-limit", e))
        return false;
    return !gap || unit_parse(gap, UNIT_FRAC, &out->gap_frac, "--gap", e);
}

static void say_rates(const struct call *c, const struct fleet_result *r)
{
    if (!c->quiet)
        fprintf(stderr, "moat: fleet: %zu rates computed in %.1f s, %zu taken from the cache\n", r->x.rates.found,
                r->x.rates.wall_s, r->x.rates.kept);
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct fleet_scenario *s = ARENA_NEW(c->arena, struct fleet_scenario);
    struct fleet_result *r = ARENA_NEW(c->arena, struct fleet_result);
    if (!input_args(c, 1, 1, e) || !input_catalog(c, &cat, e) || !input_doc(c, c->arg[0], &doc, e) ||
        !fleet_scenario_read(c->arena, cat, doc, c->seed, s, &c->notes, e))
        return false;
    if (node_get(doc, "challenger"))
        note_add(&c->notes, "challenger: only breakeven looks at it; name it among skus to plan with it");
    bool progress = !c->quiet && isatty(STDERR_FILENO);
    c->counting = "rates";
    struct fleet_options o = {.rates = {.cache = option_on(c, "no-cache") ? NULL : cache_folder(c->arena),
                                        .program = sweep_program(c->arena, "/proc/self/exe"),
                                        .threads = c->threads,
                                        .tick = progress ? progress_tick : NULL,
                                        .ctx = c},
                              .no_verify = option_on(c, "no-verify"),
                              .no_values = option_on(c, "no-values")};
    bool ok = limits(c, &o.limits, e) && fleet_run(c->arena, cat, s, &o, r, &c->notes, e);
    progress_clear(c);
    if (!ok)
        return false;
    say_rates(c, r);
    c->show.inputs = s->doc;
    c->show.seed = s->seed;
    c->no_answer = !r->solved;
    while (call_show(c))
        show_fleet(&c->show, r);
    return true;
}

const struct command command_fleet = {
    .name = "fleet",
    .args = "SCENARIO.yaml",
    .help = "buy, rent, retire and assign, period by period",
    .about = "What to buy, reserve, rent on demand, lend out, sell and assign, in each period, for serving, training "
             "and other work "
             "together, under supply, power, space, budget and export limits, when the future may branch. How much of "
             "each work a card "
             "does comes from the simulator and the training model, and is kept in a cache; then a mixed integer "
             "program is solved with "
             "CBC, and the chosen fleet is simulated again.\n\n"
             "The first table shows what an hour of a card costs owned, reserved, rented and let: a slip of units "
             "shows there. The "
             "cost is a present value: purchases less resale, energy, upkeep, rent, staff, ports, and what unserved "
             "demand is "
             "charged with.\n\n"
             "Exit 1 when no fleet fits within the limits: what binds, and the cheapest way out.",
    .example = {{"moat fleet examples/fleet/small-company.yaml", "4 x RTX 4090 and 8 x A10: what next?"},
                {"moat fleet examples/fleet/small-company.yaml --risk cvar --json",
                 "by the mean of the dearest futures, for a program"},
                {"moat fleet examples/fleet/small-company.yaml --set policy.share=false",
                 "when training has cards of its own"}},
    .group = {&group_own, &group_solver},
    .run = run,
};
