/* trace.c - `moat trace`: what a trace holds, and which traces can be read. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"

static const char *const verbs[] = {"stat", "formats"};

/* A name that is a preset and no path stands for its generator. */
static bool is_preset(const char *name)
{
    const char *help, *source, *p;
    for (size_t i = 0; (p = traffic_preset(i, &help, &source)); i++)
        if (strcmp(p, name) == 0)
            return true;
    return false;
}

static bool stat_run(struct call *c, struct err *e)
{
    struct node *doc, *spec;
    struct traffic *t = ARENA_NEW(c->arena, struct traffic);
    if (c->narg < 2)
        return usage_error(c, e, "which trace?");
    if (c->narg > 2)
        return usage_error(c, e, "one argument too many: \"%.60s\"", c->arg[2]);
    if (!input_doc(c, NULL, &doc, e) ||
        !node_set(c->arena, doc, is_preset(c->arg[1]) ? "traffic.preset" : "traffic.trace", "''", e))
        return false;
    spec = doc->n ? &doc->item[0] : NULL;
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->key[i], "traffic") == 0)
            spec = &doc->item[i];
    for (size_t i = 0; spec && i < spec->n; i++)
        if (strcmp(spec->key[i], "preset") == 0 || strcmp(spec->key[i], "trace") == 0) {
            spec->item[i].text = c->arg[1];
            spec->item[i].file = "trace stat";
            spec->item[i].path = "";
        }
    uint64_t seed = c->seed ? c->seed : 1;
    if (!traffic_load(c->arena, spec, "", seed, t, &c->notes, e))
        return false;
    struct traffic_stat st = traffic_stats(c->arena, t);
    c->show.inputs = doc;
    c->show.seed = seed;
    call_clock(c);
    show_trace(&c->show, t, &st);
    return true;
}

static bool run(struct call *c, struct err *e)
{
    if (!c->narg)
        return usage_error(c, e, "what about traces?");
    if (strcmp(c->arg[0], "stat") == 0)
        return stat_run(c, e);
    if (strcmp(c->arg[0], "formats") != 0) {
        command_unknown("subcommand of trace", c->arg[0], verbs, sizeof verbs / sizeof *verbs, e);
        return *e->mend ? false : err_mend(e, "there are stat and formats");
    }
    if (!input_args(c, 1, 1, e))
        return false;
    c->show.seed = c->seed ? c->seed : 1;
    call_clock(c);
    show_trace_formats(&c->show);
    return true;
}

static const struct option own[] = {
    {"rate", "RATE", "play it at this mean rate first, as 40/s", "traffic.rate", AS_YAML, "traffic.speedup"},
    {"speedup", "X", "play it so many times as fast first, as 10x", "traffic.speedup", AS_YAML, "traffic.rate"},
};
static const struct option_group group_own = OPTION_GROUP("Traffic", own);

const struct command command_trace = {
    .name = "trace", .args = "stat FILE|PRESET, or formats",
    .help = "what a trace of requests holds, and which traces can be read",
    .about = "stat prints lengths, rates, burstiness and prefix sharing, and what became of each row. formats lists the readers, by the "
             "header or keys they know, and the presets that generate traffic with published statistics.",
    .example = {{"moat trace stat azure-2023-conv", "the built-in chat traffic"},
                {"moat trace formats", "readers and presets"}},
    .group = {&group_own}, .run = run,
};
