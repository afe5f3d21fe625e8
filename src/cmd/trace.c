/* trace.c - `moat trace`: what a trace holds, and traces made, converted and listed. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "facts/trace_write.h"

static bool stat_run(struct call *c, struct err *e);
static bool convert_run(struct call *c, struct err *e);
static bool generate_run(struct call *c, struct err *e);
static bool formats_run(struct call *c, struct err *e);

static const struct verb { const char *name; bool (*run)(struct call *c, struct err *e); } verb_table[] = {
    {"stat", stat_run}, {"generate", generate_run}, {"convert", convert_run}, {"formats", formats_run},
};
enum { VERBS = sizeof verb_table / sizeof *verb_table };

/* A name that is a preset and no path stands for its generator. */
static bool is_preset(const char *name)
{
    const char *help, *source, *p;
    for (size_t i = 0; (p = traffic_preset(i, &help, &source)); i++)
        if (strcmp(p, name) == 0)
            return true;
    return false;
}

static struct node *traffic_of(const struct node *doc)
{
    for (size_t i = 0; i < doc->n; i++)
        if (strcmp(doc->key[i], "traffic") == 0)
            return &doc->item[i];
    return NULL;
}

static const char *folder(struct call *c, const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    return slash ? arena_strndup(c->arena, file, slash == file ? 1 : (size_t)(slash - file)) : "";
}

/* The requests of a scenario file or of what was typed. source: a trace file or preset that stands for traffic.trace or .preset. */
static bool load(struct call *c, const char *scenario, const char *source, struct node **doc, struct traffic *t, struct err *e)
{
    if (!input_doc(c, scenario, doc, e))
        return false;
    const char *key = source && is_preset(source) ? "preset" : "trace";
    if (source && !node_set(c->arena, *doc, arena_printf(c->arena, "traffic.%s", key), "''", e))
        return false;
    struct node *spec = traffic_of(*doc);
    for (size_t i = 0; source && i < spec->n; i++)
        if (strcmp(spec->key[i], key) == 0) {
            spec->item[i].text = source;
            spec->item[i].file = "trace";
            spec->item[i].path = "";
        }
    if (!spec) {
        err_input(e, scenario ? scenario : c->command->name, "no traffic: nothing says what to generate");
        return err_mend(e, "write --preset azure-2023-conv, or a scenario file with traffic:");
    }
    c->show.inputs = *doc;
    c->show.seed = c->seed ? c->seed : 1;
    return traffic_load(c->arena, spec, folder(c, scenario), c->show.seed, t, &c->notes, e);
}

static bool stat_run(struct call *c, struct err *e)
{
    struct node *doc;
    struct traffic t;
    struct traffic_prefix prefix;
    if (c->narg < 2)
        return usage_error(c, e, "which trace?");
    if (!input_args(c, 2, 2, e) || !load(c, NULL, c->arg[1], &doc, &t, e))
        return false;
    struct traffic_stat st = traffic_stats(c->arena, &t);
    bool known = traffic_prefix(c->arena, &t, &prefix);
    while (call_show(c))
        show_trace(&c->show, &t, &st, known ? &prefix : NULL);
    return true;
}

static bool writer(struct call *c, const char *option, const char *otherwise, const struct trace_writer **out, struct err *e)
{
    const char *name = option_text(c, option), *names[16];
    *out = trace_writer_find(name ? name : otherwise);
    if (*out)
        return true;
    for (size_t i = 0; i < trace_writer_count && i < 16; i++)
        names[i] = trace_writers[i].name;
    command_unknown("format", name, names, trace_writer_count, e);
    return *e->mend ? false : err_mend(e, "there are mooncake, azure, burstgpt, vidur and plain");
}

/* Into --out with a document about it, or without one to standard output. */
static bool write_trace(struct call *c, const struct traffic *t, const struct trace_writer *w, struct err *e)
{
    const char *path = option_text(c, "out");
    struct trace_out o;
    struct buf part = {.arena = c->arena};
    if (!path && c->show.format != FORMAT_TEXT) {
        err_input(e, "--out", "is missing: the trace and the document about it cannot both go to standard output");
        return err_mend(e, "write --out FILE");
    }
    if (!trace_write_open(&o, c->arena, t, w, &c->notes, e))
        return false;
    if (!path) {
        while (trace_write_some(&o, &c->out))
            ;
        return true;
    }
    int fd = output_open(path, e);
    if (fd < 0)
        return false;
    bool ok = true;
    for (; ok && trace_write_some(&o, &part); part.n = 0)
        ok = output_write(fd, path, part.at, part.n, e);
    if (!output_close(fd, path, ok, e))
        return false;
    while (call_show(c))
        show_trace_written(&c->show, t, w, path);
    return true;
}

static bool generate_run(struct call *c, struct err *e)
{
    struct node *doc;
    struct traffic t;
    const struct trace_writer *w;
    return input_args(c, 1, 2, e) && writer(c, "format", "plain", &w, e) &&
           load(c, c->narg > 1 ? c->arg[1] : NULL, NULL, &doc, &t, e) && write_trace(c, &t, w, e);
}

static bool convert_run(struct call *c, struct err *e)
{
    struct node *doc;
    struct traffic t;
    const struct trace_writer *w;
    if (c->narg < 2)
        return usage_error(c, e, "which trace?");
    if (!option_text(c, "to"))
        return usage_error(c, e, "to which format? write --to mooncake");
    return input_args(c, 2, 2, e) && writer(c, "to", "", &w, e) && load(c, NULL, c->arg[1], &doc, &t, e) && write_trace(c, &t, w, e);
}

static bool formats_run(struct call *c, struct err *e)
{
    if (!input_args(c, 1, 1, e))
        return false;
    c->show.seed = c->seed ? c->seed : 1;
    while (call_show(c))
        show_trace_formats(&c->show);
    return true;
}

static bool run(struct call *c, struct err *e)
{
    const char *names[VERBS];
    if (!c->narg)
        return usage_error(c, e, "what about traces?");
    for (size_t i = 0; i < VERBS; i++) {
        names[i] = verb_table[i].name;
        if (strcmp(c->arg[0], names[i]) == 0)
            return verb_table[i].run(c, e);
    }
    command_unknown("subcommand of trace", c->arg[0], names, VERBS, e);
    return *e->mend ? false : err_mend(e, "there are stat, generate, convert and formats");
}

static const struct option own[] = {
    {"preset", "NAME", "generate: traffic with published statistics, as azure-2023-conv", "traffic.preset", AS_TEXT, "traffic.trace"},
    {"rate", "RATE", "play it at this mean rate first, as 40/s", "traffic.rate", AS_YAML, "traffic.speedup"},
    {"speedup", "X", "play it so many times as fast first, as 10x", "traffic.speedup", AS_YAML, "traffic.rate"},
    {"duration", "TIME", "so long, as 2h", "traffic.duration", AS_YAML, NULL},
    {"limit", "N", "at most so many requests", "traffic.limit", AS_YAML, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Traffic", own);

static const struct option out[] = {
    {"to", "FORMAT", "convert: mooncake, azure, burstgpt, vidur, plain", NULL, AS_TEXT, NULL},
    {"format", "FORMAT", "generate: the same (default: plain)", NULL, AS_TEXT, NULL},
    {"out", "FILE", "write the trace there (default: standard output)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_out = OPTION_GROUP("Written traces", out);

const struct command command_trace = {
    .name = "trace", .args = "stat FILE | generate [FILE] | convert FILE --to X | formats",
    .help = "what a trace of requests holds; traces made and converted",
    .about = "stat prints lengths, rates by window, burstiness and prefix sharing, and what became of each row.\n\n"
             "generate writes the requests of a scenario's traffic, or of a preset, as a trace file. convert reads one format and writes "
             "another; notes say what the other cannot hold. Mooncake JSONL replays on a real server: AIPerf with --custom-dataset-type "
             "mooncake_trace --fixed-schedule, vLLM with --dataset-name timed_trace --self-timed --timed-trace-chunk-hash-size 512 "
             "--timed-trace-sec-multiplier 0.001.\n\n"
             "formats lists the readers, by the header or keys they know, the writers, and the presets that generate traffic with "
             "published statistics.",
    .example = {{"moat trace stat azure-2023-conv", "the built-in chat traffic"},
                {"moat trace generate --preset azure-2023-conv --format mooncake",
                 "an hour of it on standard output, to replay on a real server (or --out chat.jsonl)"},
                {"moat trace convert chat.jsonl --to plain --out chat.csv", "and as CSV"},
                {"moat trace formats", "readers, writers and presets"}},
    .group = {&group_own, &group_out}, .run = run,
};
