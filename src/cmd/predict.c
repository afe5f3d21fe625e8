/* predict.c - `moat predict`: one operating point of a model or a workload at once, with where the time goes. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "plan/work_point.h"
#include "show/show_work.h"

static const struct option own[] = {
    {"batch", "N", "requests in flight (default 32); of a workload: units a card has in work", "batch", AS_YAML, NULL},
    {"isl", "N", "tokens of a prompt (default 1000)", "isl", AS_YAML, NULL},
    {"osl", "N", "tokens of an output (default 200)", "osl", AS_YAML, NULL},
    {"devices", "N", "of a workload: how many cards (default 1)", "devices", AS_YAML, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Operating point", own);

/* A workload in the place of the model. */
static bool run_work(struct call *c, struct catalog *cat, struct node *doc, const struct workload *w, struct err *e)
{
    struct work_points p;
    if (!plan_work_points(c->arena, cat, w, doc, &p, &c->notes, e))
        return false;
    c->show.inputs = doc;
    c->show.seed = c->seed ? c->seed : 1;
    c->no_answer = p.nzero == p.n;
    while (call_show(c))
        show_work_points(&c->show, &p);
    return true;
}

/* A scenario, and no model that lacks its accelerator. */
static bool names_file(const char *arg)
{
    const char *dot = strrchr(arg, '.');
    return strcmp(arg, "-") == 0 || (dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 || strcmp(dot, ".json") == 0));
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct scenario sc;
    if (!input_args(c, 0, 3, e))
        return false;
    bool file = c->narg == 1 && names_file(c->arg[0]);
    if (c->narg && !file && (c->narg != 3 || strcmp(c->arg[1], "on") != 0))
        return usage_error(c, e, "expected MODEL or WORK on ACCELERATOR, or SCENARIO.yaml");
    if (!c->narg && !(option_text(c, "model") && option_text(c, "accelerator")))
        return usage_error(c, e, "which model, on which accelerator?");
    struct point *p = ARENA_NEW(c->arena, struct point);
    if (!input_catalog(c, &cat, e) || !input_doc(c, file ? c->arg[0] : NULL, &doc, e))
        return false;
    if (c->narg == 3 && (!input_name(c, doc, "model", c->arg[0], e) || !input_name(c, doc, "accelerator", c->arg[2], e)))
        return false;
    const char *subject = c->narg == 3 ? c->arg[0] : option_text(c, "model");
    const struct node *named = node_get(doc, "model");
    if (file && (!named || !named->text))
        return err_input(e, c->arg[0], "names no model");
    if (file)
        subject = named->text;
    struct err bad = {0};
    const struct workload *work = catalog_work(cat, subject, &bad);
    if (work)
        return run_work(c, cat, doc, work, e);
    if (bad.kind != ERR_NONE) {
        *e = bad;
        return false;
    }
    if (!catalog_subject(cat, subject, "model", e))
        return false;
    if (!input_point(c, doc, e) ||
        !scenario_read(c->arena, cat, doc, SCENARIO_PREDICT, c->seed, &sc, &c->notes, e) ||
        !plan_point(c->arena, cat, &sc, sc.batch, sc.isl, sc.osl, p, e))
        return false;
    c->show.inputs = sc.doc;
    c->show.seed = sc.seed;
    c->no_answer = !p->p.fits;
    while (call_show(c))
        show_point(&c->show, p);
    return true;
}

const struct command command_predict = {
    .name = "predict", .args = "MODEL|WORK on ACCELERATOR | SCENARIO.yaml",
    .help = "one operating point at once, with where the time goes",
    .about = "So many requests are in flight all the time, each with a prompt of --isl and an output of --osl tokens. Prints TTFT, TPOT, "
             "throughput, memory, power and cost, each with its interval, and the time of a decode step by operator and by what bounds it. "
             "Exit 1 when it does not fit.\n\n"
             "WORK is a workload that is no language model (moat catalog list work: recommenders, diffusion, driving, HPC, graphics), or a "
             "path to a workload file. Prints its rate a card in its own unit with the interval, the time by operator, memory, power and "
             "cost. A capability that the accelerator lacks is rate 0 with the reason, and exit 1. ACCELERATOR may be several, parted by commas, or "
             "all: one line each, fastest first.",
    .example = {{"moat predict llama-3.1-70b on h100 --tp 4 --precision fp8 --batch 64", "how fast is Llama 70B on four H100?"},
                {"moat predict deepseek-v3 on h200 --tp 8 --isl 4000 --osl 500 --verbose", "and where does the prompt's time go?"},
                {"moat predict llama-3.1-8b on l4 --json", "for a program"},
                {"moat predict dlrm-v2 on h100 --devices 8", "how many recommender queries a second?"},
                {"moat predict cloud-gaming-1080p60 on all", "which cards can host game sessions, and how many?"}},
    .group = {&group_deploy, &group_own, &group_price}, .run = run,
};
