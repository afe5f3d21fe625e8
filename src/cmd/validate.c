/* validate.c - `moat validate`: predicted against measured. */
#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "facts/catalog.h"
#include "show/show_validate.h"
#include "show/show_work.h"

static const struct option own[] = {
    {"without", "ACCELERATOR", "hold out this device's own constants: what if nobody had measured it? each: of every device its own", NULL, AS_TEXT,
     NULL},
    {"without-arch", "FAMILY", "hold out a whole family: ampere, ada, hopper, blackwell, ...; each: of every device its family", NULL, AS_TEXT, NULL},
    {"calibrate-points", "N", "calibrate each deployment with N of its points, score the others", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Held out", own);

static bool remember(struct call *c, struct node *doc, const char *key, const char *text, struct err *e)
{
    if (!text)
        return true;
    if (!node_set(c->arena, doc, key, "''", e))
        return false;
    doc->item[doc->n - 1].text = text;
    return true;
}

/* A file of workloads: what is no language model. */
static bool run_work(struct call *c, struct catalog *cat, struct node *doc, struct err *e)
{
    struct work_report report;
    if (option_text(c, "without") || option_text(c, "without-arch"))
        return usage_error(c, e, "workloads have no constants of a device to hold out: rows say themselves what was fitted");
    if (!fit_work(c->arena, cat, c->arg[0], c->seed ? c->seed : 1, &report, &c->notes, e) ||
        !remember(c, doc, "points", c->arg[0], e))
        return false;
    c->show.inputs = doc;
    c->show.seed = c->seed ? c->seed : 1;
    c->no_answer = !report.scored;
    while (call_show(c))
        show_validate_work(&c->show, &report);
    return true;
}

static bool run(struct call *c, struct err *e)
{
    bool is_work = false;
    struct catalog *cat;
    struct node *doc;
    struct fit_points points;
    struct fit_report report;
    int64_t each = 0;
    if (!input_args(c, 1, 1, e) || !input_catalog(c, &cat, e) || !input_doc(c, NULL, &doc, e) ||
        !fit_is_work(c->arena, c->arg[0], &is_work, e))
        return false;
    if (is_work)
        return run_work(c, cat, doc, e);
    if (!fit_points_read(c->arena, cat, c->arg[0], &points, &c->notes, e))
        return false;
    if (!option_int(c, "calibrate-points", 1, 100, &each, e))
        return false;
    struct fit_options o = {.calibrate_points = (size_t)each,
                            .threads = c->threads,
                            .seed = c->seed ? c->seed : 1,
                            .without = option_text(c, "without"),
                            .without_family = option_text(c, "without-arch")};
    if (!fit_validate(c->arena, cat, &points, &o, &report, e) || !remember(c, doc, "points", c->arg[0], e) ||
        !remember(c, doc, "without", o.without, e) || !remember(c, doc, "without_arch", o.without_family, e) ||
        !remember(c, doc, "calibrate_points", option_text(c, "calibrate-points"), e))
        return false;
    if (!each && fit_fitted_to(cat, &points))
        note_add(&c->notes, "%s: a calibration in use was fitted to this file, and errors here are of points it has seen; "
                            "--calibrate-points scores the others", points.name);
    c->show.inputs = doc;
    c->show.seed = o.seed;
    c->no_answer = !report.scored;
    while (call_show(c))
        show_validate(&c->show, &points, &o, &report);
    return true;
}

const struct command command_validate = {
    .name = "validate",
    .args = "POINTS.csv",
    .help = "predicted against measured: error, bias and interval coverage",
    .about = "Reads measured points (docs/formats.md): serving, offline, static and training ones, and whole training "
             "campaigns. Each is predicted as it was measured: a closed loop at its concurrency, an open loop at its "
             "rate, a queue of everything, a batch run to completion, a training step in its split. Prints the error by "
             "metric and by group, worst first, how often the measured value is "
             "inside the printed 80 % interval, whether the faster of two was predicted to be the faster, and what choosing a "
             "configuration by the predictions loses. A row that cannot be predicted is refused with its reason. Exit 1 when "
             "nothing can be scored.\n\n"
             "A file with a column `work` holds points of workloads that are no language models (data/work/points.csv); rows that set "
             "the constants are scored apart.",
    .example = {{"moat validate points.csv", "how good are the predictions here?"},
                {"moat validate points.csv --without h200", "and had nobody measured the H200?"},
                {"moat validate points.csv --calibrate-points 2", "and with two measured points of each deployment?"},
                {"moat validate points.csv --json", "every point, for a program"}},
    .group = {&group_own},
    .run = run,
};
