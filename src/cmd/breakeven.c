/* breakeven.c - `moat breakeven`: what a challenger must deliver to be bought, and what keeps the incumbent's moat, in dollars. */
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/units.h"
#include "cmd/command.h"
#include "plan/breakeven_run.h"
#include "plan/sweep.h"
#include "show/show_breakeven.h"

static const struct option own[] = {
    {"challenger", "ID", "a catalog id or the YAML of a chip, in the place of the scenario's", NULL, AS_TEXT, NULL},
    {"samples", "N", "of the decomposition: so many orders of reasons, with standard errors (default: all sets, exact)", NULL, AS_TEXT,
     NULL},
    {"no-moat", NULL, "do not decompose the entry price by reason", NULL, AS_TEXT, NULL},
    {"gap", "FRACTION", "each plan is proved within this of the best (default 0.001%)", NULL, AS_TEXT, NULL},
    {"no-cache", NULL, "compute every rate, and keep none", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("The challenge", own);

#define SAMPLES_MOST 100000
#define GAP_FRAC 1e-5

static const char *cache_folder(struct arena *a)
{
    const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (xdg && *xdg == '/')
        return arena_printf(a, "%s/moat/rates", xdg);
    return home && *home == '/' ? arena_printf(a, "%s/.cache/moat/rates", home) : NULL;
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct fleet_challenger who;
    struct fleet_scenario *s = ARENA_NEW(c->arena, struct fleet_scenario);
    struct breakeven_result *r = ARENA_NEW(c->arena, struct breakeven_result);
    int64_t samples = 0;
    const char *gap = option_text(c, "gap");
    bool progress = !c->quiet && isatty(STDERR_FILENO);
    struct breakeven_options o = {.rates = {.cache = option_on(c, "no-cache") ? NULL : cache_folder(c->arena),
                                            .program = sweep_program(c->arena, "/proc/self/exe"),
                                            .threads = c->threads,
                                            .tick = progress ? progress_tick : NULL,
                                            .ctx = c},
                                  .limits = fleet_limits_default,
                                  .no_moat = option_on(c, "no-moat")};
    o.limits.gap_frac = GAP_FRAC;
    if (!input_args(c, 1, 1, e) || !input_catalog(c, &cat, e) || !input_doc(c, c->arg[0], &doc, e) ||
        !option_int(c, "samples", 2, SAMPLES_MOST, &samples, e) ||
        (gap && !unit_parse(gap, UNIT_FRAC, &o.limits.gap_frac, "--gap", e)) ||
        !fleet_challenger_read(c->arena, doc, option_text(c, "challenger"), &who, e) ||
        !fleet_scenario_read(c->arena, cat, doc, c->seed, s, &c->notes, e))
        return false;
    o.samples = (int)samples;
    c->counting = "answers";
    bool ok = breakeven_run(c->arena, cat, s, &who, &o, r, &c->notes, e);
    progress_clear(c);
    if (!ok)
        return false;
    c->show.inputs = s->doc;
    c->show.seed = s->seed;
    call_clock(c);
    show_breakeven(&c->show, r);
    return true;
}

const struct command command_breakeven = {
    .name = "breakeven",
    .args = "SCENARIO.yaml",
    .help = "what a challenger must deliver to be bought",
    .about = "For a challenger in a fleet scenario, a SKU of the catalog or a chip that does not exist yet: the price at which it is "
             "bought first and the one at which it does half of the work, the speed it needs at the incumbent's price, how much its "
             "port may cost, how mature its software must be, when it is bought first and what waiting is worth; each with its rates "
             "at the ends of their 80% interval, and by speed, maturity, memory, supply and lead time.\n\n"
             "Then the moat in dollars: what each of eight reasons takes from that price. A reason is taken away by changing an "
             "input (the chip's network, its used price, the cost of a port), never a result. Shapley values add up to the whole; "
             "beside them stands what a reason takes alone, and what it takes when it is the last one.",
    .example = {{"moat breakeven examples/breakeven/decode-asic.yaml", "a decode ASIC that does not exist yet"},
                {"moat breakeven examples/breakeven/decode-asic.yaml --no-moat --json", "without the decomposition, for a program"}},
    .group = {&group_own},
    .run = run,
};
