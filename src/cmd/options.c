/* options.c - the options that commands share, and parsing by popt from the tables of a command.
**
** popt gets its table at run time from our rows, with the index of the row as the value, so that no option needs a
** variable of its own: what was typed is kept in order, and the last one wins.
*/
#include <popt.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"
#include "base/pool.h"
#include "cmd/command.h"
#include "show/html.h"

static const struct option common[] = {
    {"set", "KEY=VALUE", "set any key of the scenario, as slo.ttft.p99=1s (may be repeated)", NULL, AS_TEXT, NULL},
    {"json", NULL, "the whole result as one JSON document", NULL, AS_TEXT, NULL},
    {"csv", NULL, "the result as CSV", NULL, AS_TEXT, NULL},
    {"html", "FILE", "the result as a page too: one file with its pictures and tables, for a browser or paper", NULL, AS_TEXT, NULL},
    {"catalog", "DIR", "a catalog of your own on top of the built-in one, or a calibration file", NULL, AS_TEXT, NULL},
    {"seed", "N", "seed of the random streams (default: the scenario's, else 1)", NULL, AS_TEXT, NULL},
    {"threads", "N", "threads to use (default: all cores); results do not depend on it", NULL, AS_TEXT, NULL},
    {"quiet", NULL, "no notes and no progress on stderr", NULL, AS_TEXT, NULL},
    {"progress", NULL, "progress on stderr even where it is no terminal", NULL, AS_TEXT, NULL},
    {"verbose", NULL, "more of everything", NULL, AS_TEXT, NULL},
    {"help", NULL, "this help", NULL, AS_TEXT, NULL},
};
const struct option_group group_common = OPTION_GROUP("Options of every command", common);

#define GENERATOR "traffic.arrivals traffic.prompt_tokens traffic.output_tokens traffic.duration"
static const struct option traffic[] = {
    {"trace", "FILE", "requests from a trace: Azure, Mooncake, BurstGPT, plain CSV, ...", "traffic.trace", AS_TEXT,
     "traffic.preset " GENERATOR},
    {"preset", "NAME", "generated traffic with published statistics, as azure-2023-conv", "traffic.preset", AS_TEXT,
     "traffic.trace " GENERATOR},
    {"rate", "RATE", "play it at this mean rate, as 40/s", "traffic.rate", AS_YAML, "traffic.speedup"},
    {"speedup", "X", "play it so many times as fast, as 10x", "traffic.speedup", AS_YAML, "traffic.rate"},
};
const struct option_group group_traffic = OPTION_GROUP("Traffic", traffic);

static const struct option slo[] = {
    {"slo-ttft-p99", "TIME", "p99 of the time to first token at most this, as 2s", "slo.ttft.p99", AS_YAML, NULL},
    {"slo-tpot-p99", "TIME", "p99 of the time per output token at most this, as 50ms", "slo.tpot.p99", AS_YAML, NULL},
    {"slo-e2e-p99", "TIME", "p99 of the whole request at most this", "slo.e2e.p99", AS_YAML, NULL},
};
const struct option_group group_slo = OPTION_GROUP("Promises (service-level objectives)", slo);

static const struct option deploy[] = {
    {"model", "MODEL", "a catalog id, a Hugging Face name, or the path of a config.json, .gguf, .safetensors or a folder of them", "model", AS_TEXT, NULL},
    {"accelerator", "ID", "a catalog id, or the path of a chip file", "accelerator", AS_TEXT, "accelerators"},
    {"precision", "FORMAT", "of the weights: bf16, fp8, fp8_block, nvfp4, mxfp4, int8, int4", "precision", AS_TEXT, NULL},
    {"kv-cache", "FORMAT", "of the KV cache: bf16, fp8", "kv_cache", AS_TEXT, NULL},
    {"tp", "N", "tensor parallelism", "tp", AS_YAML, NULL},
    {"pp", "N", "pipeline parallelism", "pp", AS_YAML, NULL},
    {"dp", "N", "data-parallel attention inside a replica", "dp", AS_YAML, NULL},
    {"ep", "N", "expert parallelism", "ep", AS_YAML, NULL},
    {"power-cap", "POWER", "a card may draw so much, as 400W: slower where it would draw more", "power_cap", AS_YAML, NULL},
    {"framework", "NAME", "serving framework: vllm, sglang, trtllm, habana, ..., or an older one: vllm@0.6", "framework", AS_TEXT, NULL},
};
const struct option_group group_deploy = OPTION_GROUP("Deployment", deploy);

static const struct option price[] = {
    {"prices", "KIND", "on-demand, spot, reserved-1y, reserved-3y, survey, owned", "prices", AS_TEXT, NULL},
    {"as-of", "DATE", "newest list prices not after this date, as 2026-10", "as_of", AS_TEXT, NULL},
    {"region", "NAME", "us, eu, asia; default: any", "region", AS_TEXT, NULL},
    {"provider", "NAME", "prices of one provider only", "provider", AS_TEXT, NULL},
};
const struct option_group group_price = OPTION_GROUP("Prices", price);

#define OPTIONS_MAX 64

/* All options of a command, common ones last. */
static size_t options_of(const struct command *cmd, const struct option *out[OPTIONS_MAX])
{
    size_t n = 0;
    for (size_t g = 0; g <= GROUPS_MAX; g++) {
        const struct option_group *group = g < GROUPS_MAX ? cmd->group[g] : &group_common;
        for (size_t i = 0; group && i < group->n && n < OPTIONS_MAX; i++)
            out[n++] = &group->option[i];
    }
    return n;
}

static bool bad_option(const struct call *c, poptContext pc, int rc, const struct option *const *opt, size_t n, struct err *e)
{
    const char *names[OPTIONS_MAX], *typed = poptBadOption(pc, POPT_BADOPTION_NOALIAS);
    char bare[80];
    if (rc == POPT_ERROR_NOARG)
        return err_input(e, typed, "needs an argument");
    if (rc == POPT_ERROR_UNWANTEDARG)
        return err_input(e, typed, "takes no argument");
    if (rc != POPT_ERROR_BADOPT)
        return err_input(e, typed, "%s", poptStrerror(rc));
    const char *start = typed + strspn(typed, "-");
    size_t len = strcspn(start, "=");
    memcpy(bare, start, len < sizeof bare ? len : sizeof bare - 1);
    bare[len < sizeof bare ? len : sizeof bare - 1] = '\0';
    for (size_t i = 0; i < n; i++)
        names[i] = opt[i]->name;
    const char *close = text_closest(bare, names, n);
    err_input(e, "", "moat %s has no option \"%.90s\"", c->command->name, typed);
    return close ? err_mend(e, "did you mean \"--%s\"?", close) : err_mend(e, "see moat %s --help", c->command->name);
}

static void free_context(void *pc)
{
    poptFreeContext(pc);
}

static bool common_options(struct call *c, struct err *e)
{
    int64_t seed = 0, threads = pool_cores();
    if (!option_int(c, "seed", 1, INT64_MAX, &seed, e) || !option_int(c, "threads", 1, 1024, &threads, e))
        return false;
    if (option_on(c, "json") && option_on(c, "csv"))
        return err_input(e, "--csv", "--json and --csv exclude each other");
    size_t page;
    html_page(&page);
    if (option_on(c, "html") && !page)
        return html_missing("--html", e);
    c->seed = (uint64_t)seed;
    c->threads = (int)threads;
    c->quiet = option_on(c, "quiet");
    c->show.verbose = option_on(c, "verbose");
    c->show.format = option_on(c, "json") ? FORMAT_JSON : option_on(c, "csv") ? FORMAT_CSV : FORMAT_TEXT;
    return true;
}

bool options_parse(struct call *c, int argc, const char *const *argv, struct err *e)
{
    const struct option *opt[OPTIONS_MAX];
    size_t n = options_of(c->command, opt), cap = (size_t)argc + 1;
    struct poptOption *table = ARENA_ARRAY(c->arena, struct poptOption, n + 1);
    struct given *given = ARENA_ARRAY(c->arena, struct given, cap);
    const char **arg = ARENA_ARRAY(c->arena, const char *, cap), *left;
    int rc;
    for (size_t i = 0; i < n; i++)
        table[i] = (struct poptOption){.longName = opt[i]->name, .argInfo = opt[i]->arg ? POPT_ARG_STRING : POPT_ARG_NONE,
                                       .val = (int)i + 1, .shortName = strcmp(opt[i]->name, "help") == 0 ? 'h' : '\0'};
    poptContext pc = poptGetContext(NULL, argc, (const char **)argv, table, 0);
    if (!pc)
        return err_env(e, "", "no memory for the options");
    arena_defer(c->arena, free_context, pc);
    while ((rc = poptGetNextOpt(pc)) > 0) {
        char *text = poptGetOptArg(pc);
        given[c->ngiven++] = (struct given){opt[rc - 1], text ? arena_strdup(c->arena, text) : NULL};
        free(text);
    }
    if (rc < -1)
        return bad_option(c, pc, rc, opt, n, e);
    while ((left = poptGetArg(pc)))
        arg[c->narg++] = arena_strdup(c->arena, left);
    c->given = given;
    c->arg = arg;
    return common_options(c, e);
}

const char *option_text(const struct call *c, const char *name)
{
    for (size_t i = c->ngiven; i-- > 0;)
        if (strcmp(c->given[i].option->name, name) == 0)
            return c->given[i].text;
    return NULL;
}

bool option_on(const struct call *c, const char *name)
{
    for (size_t i = 0; i < c->ngiven; i++)
        if (strcmp(c->given[i].option->name, name) == 0)
            return true;
    return false;
}

bool option_int(const struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out, struct err *e)
{
    const char *text = option_text(c, name);
    int64_t v;
    if (!text)
        return true;
    if (num_int(text, strlen(text), &v) && v >= lo && v <= hi) {
        *out = v;
        return true;
    }
    const char *place = arena_printf(c->arena, "--%s", name);
    if (hi == INT64_MAX)
        return err_input(e, place, "expected a whole number of at least %lld, got \"%.60s\"", (long long)lo, text);
    return err_input(e, place, "expected a whole number from %lld to %lld, got \"%.60s\"", (long long)lo, (long long)hi, text);
}
