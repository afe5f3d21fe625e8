/* calibrate.c - `moat calibrate`: a few constants of one deployment, from a few measured points. */
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "facts/catalog.h"
#include "show/show_calibrate.h"

static const struct option own[] = {
    {"out", "FILE.yaml", "write the calibration there, for --catalog", NULL, AS_TEXT, NULL},
    {"constants", "LIST", "fit these and insist on them: compute, memory, fixed, link, request", NULL, AS_TEXT, NULL},
    {"only", "LIST", "look at these measured values only: ttft, tpot", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Calibration", own);

static const struct option which[] = {
    {"model", "MODEL", "rows of this model", NULL, AS_TEXT, NULL},
    {"accelerator", "ID", "rows of this accelerator", NULL, AS_TEXT, NULL},
    {"framework", "NAME", "rows of this framework", NULL, AS_TEXT, NULL},
    {"precision", "FORMAT", "rows of this number format", NULL, AS_TEXT, NULL},
    {"tp", "N", "rows of this tensor parallelism", NULL, AS_TEXT, NULL},
    {"pp", "N", "rows of so many pipeline stages", NULL, AS_TEXT, NULL},
    {"dp", "N", "rows of so many copies of the attention", NULL, AS_TEXT, NULL},
    {"ep", "N", "rows of this expert parallelism", NULL, AS_TEXT, NULL},
};
static const struct option_group group_which = OPTION_GROUP("Which deployment (JSON: what ran it)", which);

static const char *const sort_name[SEEN_N] = {[SEEN_TTFT] = "ttft", [SEEN_STEP] = "tpot"};

/* Words of a list, each one of names; without the option all are on. */
static bool choose(struct call *c, const char *option, const char *const *names, size_t n, bool *on, struct err *e)
{
    const char *text = option_text(c, option);
    for (size_t i = 0; i < n; i++)
        on[i] = !text;
    while (text && *text) {
        size_t len = strcspn(text, ","), i = 0;
        const char *word = arena_strndup(c->arena, text, len);
        while (i < n && strcmp(names[i], word) != 0)
            i++;
        if (i == n) {
            command_unknown(option, word, names, n, e);
            return *e->mend ? false : err_mend(e, "see moat calibrate --help");
        }
        on[i] = true;
        text += len;
        text += *text == ',';
    }
    return true;
}

static bool given(struct call *c, struct fit_given *g, struct err *e)
{
    *g = (struct fit_given){.model = option_text(c, "model"),
                            .accelerator = option_text(c, "accelerator"),
                            .framework = option_text(c, "framework"),
                            .precision = option_text(c, "precision")};
    return option_int(c, "tp", 1, 4096, &g->tp, e) && option_int(c, "pp", 1, 4096, &g->pp, e) &&
           option_int(c, "dp", 1, 4096, &g->dp, e) && option_int(c, "ep", 1, 4096, &g->ep, e);
}

/* What was asked, for the document: the files, and the options that stand for themselves. */
static bool remember(struct call *c, struct node *doc, struct err *e)
{
    struct node *files = ARENA_NEW(c->arena, struct node);
    *files = (struct node){.kind = NODE_SEQ, .n = c->narg, .item = ARENA_ARRAY(c->arena, struct node, c->narg)};
    for (size_t i = 0; i < c->narg; i++)
        files->item[i] = (struct node){.kind = NODE_SCALAR, .quoted = true, .text = c->arg[i]};
    input_replace(c, doc, "points", files);
    static const struct option_group *const group[] = {&group_own, &group_which};
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < group[g]->n; i++) {
            const char *name = group[g]->option[i].name, *text = option_text(c, name);
            struct node word = {.kind = NODE_SCALAR, .quoted = true, .text = text};
            if (text && strcmp(name, "out") != 0)
                input_replace(c, doc, name, &word);
        }
    (void)e;
    return true;
}

static const char *today(struct arena *a)
{
    char text[16];
    struct tm tm;
    time_t now = time(NULL);
    return gmtime_r(&now, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm) ? arena_strdup(a, text) : "";
}

static bool write_overlay(struct call *c, const struct fit_gathered *g, const struct fit_calibration *fit,
                          const char *path, struct err *e)
{
    struct buf yaml = {.arena = c->arena};
    struct calibration entry = fit_calibration_entry(fit);
    entry.source = g->name;
    entry.hash = g->hash;
    entry.date = today(c->arena);
    fit_calibration_yaml(&yaml, &entry);
    return output_file(path, yaml.at, yaml.n, e);
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct fit_given g;
    struct fit_gathered points;
    struct fit_calibration fit;
    struct fit_calibrate_options o = {.threads = c->threads, .seed = c->seed ? c->seed : 1, .advise = true};
    const char *out = option_text(c, "out");
    o.insist = option_text(c, "constants") != NULL;
    if (!input_args(c, 1, 1000, e) || !choose(c, "constants", scale_name, SCALE_N, o.ask, e) ||
        !choose(c, "only", sort_name, SEEN_N, o.only, e) || !given(c, &g, e) || !input_catalog(c, &cat, e) ||
        !input_doc(c, NULL, &doc, e) || !fit_gather(c->arena, cat, c->arg, c->narg, &g, &points, &c->notes, e) ||
        !fit_calibrate(c->arena, points.point, points.n, &o, &fit, e) || !remember(c, doc, e))
        return false;
    c->no_answer = fit.refused != NULL;
    if (out && !c->no_answer && !write_overlay(c, &points, &fit, out, e))
        return false;
    c->show.inputs = doc;
    c->show.seed = o.seed;
    while (call_show(c))
        show_calibrate(&c->show, &points, &fit, c->no_answer ? NULL : out);
    return true;
}

const struct command command_calibrate = {
    .name = "calibrate",
    .args = "POINTS.csv|RESULT.json ...",
    .help = "fit a deployment's constants to a few measured points",
    .about = "Reads measured points (docs/formats.md) of one model in one number format on one accelerator and framework, "
             "or results of `vllm bench serve --save-result` with flags for what those leave out, and fits at most five "
             "factors on the times of the stack: compute, memory, fixed (kernels, collectives and host), link, and request "
             "(TTFT outside the engine). Each starts at 1 and is held there by the stack's own interval, so that two points "
             "already help.\n\n"
             "Constants that the points cannot tell apart get one factor together; one that no point feels stays 1, and the "
             "report names a point that would tell. Errors are of points left out of the fit, never of those it has seen. "
             "Exit 1 when the points identify nothing, or not what --constants insists on.",
    .example = {{"moat calibrate points.csv --out mine.yaml", "what do my measurements say of this stack?"},
                {"moat predict llama-3.1-8b on h100 --catalog mine.yaml", "and what does that change?"},
                {"moat calibrate run.json --accelerator h100 --tp 4 --precision fp8", "from a result of vLLM's benchmark"},
                {"moat validate points.csv --calibrate-points 2", "how much would two points of each deployment help?"}},
    .group = {&group_own, &group_which},
    .run = run,
};
