/* bench.c - `moat bench`: load a live endpoint and measure it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/units.h"
#include "cmd/command.h"
#include "facts/traffic.h"
#include "show/show_bench.h"

static const struct option server[] = {
    {"model", "NAME", "as the server calls it (default: the first it names)", NULL, AS_TEXT, NULL},
    {"endpoint", "PATH", "/v1/completions (default) or /v1/chat/completions", NULL, AS_TEXT, NULL},
    {"api-key-file", "FILE", "key to send (default: of OPENAI_API_KEY, if it is set)", NULL, AS_TEXT, NULL},
    {"insecure", NULL, "take any TLS certificate", NULL, AS_TEXT, NULL},
    {"extra-body", "JSON", "members for every request, as {\"temperature\": 0}", NULL, AS_TEXT, NULL},
    {"token-ids", "LO-HI", "prompts are random token ids in this range, exact, where the server takes them", NULL, AS_TEXT, NULL},
    {"stop-at-eos", NULL, "let answers end by themselves (default: ignore_eos, as long as the traffic says)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_server = OPTION_GROUP("Endpoint", server);

static const struct option load[] = {
    {"trace", "FILE", "requests from a trace: Azure, Mooncake, BurstGPT, plain CSV, ...", "traffic.trace", AS_TEXT, "traffic.preset"},
    {"preset", "NAME", "generated traffic with published statistics, as azure-2023-conv", "traffic.preset", AS_TEXT, "traffic.trace"},
    {"speedup", "X", "play it so many times as fast, as 10x", "traffic.speedup", AS_YAML, NULL},
    {"num-prompts", "N", "so many requests (default 100)", NULL, AS_TEXT, NULL},
    {"request-rate", "R", "a second, or inf: all at once (default inf)", NULL, AS_TEXT, NULL},
    {"burstiness", "B", "of the gaps: 1 Poisson, below burstier (gamma)", NULL, AS_TEXT, NULL},
    {"max-concurrency", "N", "at most so many in flight; without a rate always as many", NULL, AS_TEXT, NULL},
    {"random-input-len", "N", "tokens of each prompt (default 1024)", "traffic.prompt_tokens", AS_YAML, NULL},
    {"random-output-len", "N", "tokens of each answer (default 128)", "traffic.output_tokens", AS_YAML, NULL},
    {"warmup", "N", "the first so many requests do not count", NULL, AS_TEXT, NULL},
    {"timeout", "TIME", "of a request (default 10min)", NULL, AS_TEXT, NULL},
    {"stall", "TIME", "without a byte (default 60s)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_load = OPTION_GROUP("Load", load);

static const struct option results[] = {
    {"goodput", "LIMITS", "ttft:500ms,tpot:50ms: requests within all of these; also e2el, itl", NULL, AS_TEXT, NULL},
    {"predict", "SCENARIO.yaml", "predict the same load for this deployment, and show both", NULL, AS_TEXT, NULL},
    {"points", "FILE.csv", "append a row that validate and calibrate take; needs --predict", NULL, AS_TEXT, NULL},
    {"requests", "FILE.csv", "write one row a request here", NULL, AS_TEXT, NULL},
    {"result-filename", "FILE.json", "write the JSON document here too", NULL, AS_TEXT, NULL},
};
static const struct option_group group_results = OPTION_GROUP("Results", results);

static bool duration(const struct call *c, const char *name, double *out, struct err *e)
{
    const char *text = option_text(c, name);
    if (!text)
        return true;
    char place[32];
    snprintf(place, sizeof place, "--%s", name);
    if (!unit_parse(text, UNIT_DURATION_S, out, place, e))
        return false;
    return (*out >= 1e-3 && *out <= 86400) || err_input(e, place, "expected 1ms to 1d, got %s", text);
}

static bool positive(const struct call *c, const char *name, double *out, struct err *e)
{
    const char *text = option_text(c, name);
    char *end, place[32];
    snprintf(place, sizeof place, "--%s", name);
    if (!text)
        return true;
    *out = strtod(text, &end);
    return (*end == '\0' && end != text && *out > 0 && !isnan(*out)) || err_input(e, place, "expected a number above 0, got \"%.40s\"", text);
}

/* ---- the traffic ---- */

static bool set(struct call *c, struct node *doc, const char *key, const char *value, struct err *e)
{
    return node_set(c->arena, doc, key, value, e);
}

/* What vllm bench serve's flags mean in the words of a scenario. */
static bool shape(struct call *c, struct node *doc, const struct bench_options *o, struct err *e)
{
    struct arena *a = c->arena;
    double rate = INFINITY, burstiness = 1;
    int64_t prompts = 100;
    bool given = node_at(doc, "traffic.trace") || node_at(doc, "traffic.preset"), counted = option_text(c, "num-prompts") != NULL;
    if (!positive(c, "request-rate", &rate, e) || !positive(c, "burstiness", &burstiness, e) ||
        !option_int(c, "num-prompts", 1, 100000000, &prompts, e))
        return false;
    bool free_run = !isfinite(rate);
    if (!given) {
        if (!node_at(doc, "traffic.prompt_tokens") && !set(c, doc, "traffic.prompt_tokens", "1024", e))
            return false;
        if (!node_at(doc, "traffic.output_tokens") && !set(c, doc, "traffic.output_tokens", "128", e))
            return false;
        const char *arrivals = free_run ? "{process: all-at-once}"
                                        : arena_printf(a, "{process: gamma, burstiness: %g, rate: %.10g/s}", burstiness, rate);
        if (!set(c, doc, "traffic.arrivals", arrivals, e) || !set(c, doc, "traffic.requests", arena_printf(a, "%lld", (long long)prompts), e))
            return false;
    } else if ((isfinite(rate) && !set(c, doc, "traffic.rate", arena_printf(a, "%.10g/s", rate), e)) ||
               (counted && !set(c, doc, "traffic.limit", arena_printf(a, "%lld", (long long)prompts), e))) {
        return false;
    }
    if (o->concurrency && !option_text(c, "request-rate"))
        return set(c, doc, "traffic.concurrency", arena_printf(a, "%d", o->concurrency), e);
    return true;
}

/* With --predict the scenario is what is read, with the traffic of the flags in the place of its own, if any are given. */
static bool traffic(struct call *c, struct bench_options *o, struct node **doc, struct traffic *t, struct err *e)
{
    static const char *const says[] = {"trace", "preset", "num-prompts", "request-rate", "random-input-len", "random-output-len", "max-concurrency"};
    const char *file = option_text(c, "predict");
    bool said = false;
    for (size_t i = 0; i < sizeof says / sizeof *says; i++)
        said |= option_text(c, says[i]) != NULL;
    if (!input_doc(c, file, doc, e))
        return false;
    if (said && file && !option_text(c, "trace") && !option_text(c, "preset") && node_get(*doc, "traffic")) {
        struct node *own;
        input_replace(c, *doc, "traffic", NULL);
        if (!input_doc(c, NULL, &own, e))
            return false;
        if (node_get(own, "traffic"))
            input_replace(c, *doc, "traffic", node_get(own, "traffic"));
    }
    if ((said || !node_get(*doc, "traffic")) && !shape(c, *doc, o, e))
        return false;
    if (!traffic_load(c->arena, node_get(*doc, "traffic"), file ? file : ".", o->seed, t, &c->notes, e))
        return false;
    o->closed = t->concurrency > 0;
    if (o->closed)
        o->concurrency = t->concurrency;
    return true;
}

/* ---- options ---- */

static bool goodput(struct call *c, struct bench_options *o, struct err *e)
{
    const char *text = option_text(c, "goodput");
    struct bench_limit *l = ARENA_ARRAY(c->arena, struct bench_limit, 8);
    while (text && *text) {
        size_t n = strcspn(text, ","), k = strcspn(text, ":,");
        int m = 0;
        while (m < BENCH_METRIC_N && (strlen(bench_metric_name[m]) != k || strncmp(bench_metric_name[m], text, k) != 0))
            m++;
        if (m == BENCH_METRIC_N || k >= n || o->ngoodput == 8)
            return err_input(e, "--goodput", "expected ttft:500ms,tpot:50ms (ttft, tpot, itl, e2el), got \"%.60s\"", text);
        l[o->ngoodput].metric = (enum bench_metric)m;
        if (!unit_parse(arena_strndup(c->arena, text + k + 1, n - k - 1), UNIT_DURATION_S, &l[o->ngoodput++].limit_s, "--goodput", e))
            return false;
        text += n + (text[n] == ',');
    }
    o->goodput = l;
    return true;
}

static bool key(struct call *c, struct bench_options *o, struct err *e)
{
    const char *file = option_text(c, "api-key-file");
    char *bytes;
    size_t n;
    o->api_key = getenv("OPENAI_API_KEY");
    if (file && !file_read(c->arena, file, 65536, &bytes, &n, e))
        return false;
    if (file) {
        bytes[strcspn(bytes, "\r\n")] = '\0';
        o->api_key = bytes;
    }
    if (o->api_key && !*o->api_key)
        o->api_key = NULL;
    return true;
}

static bool token_ids(const struct call *c, struct bench_options *o, struct err *e)
{
    const char *text = option_text(c, "token-ids");
    long long lo, hi;
    int end = 0;
    if (!text)
        return true;
    if (sscanf(text, "%lld-%lld%n", &lo, &hi, &end) != 2 || text[end] || lo < 0 || hi <= lo || hi > 100000000)
        return err_input(e, "--token-ids", "expected a range such as 1000-20000, got \"%.40s\"", text);
    o->ids = true;
    o->id_lo = lo;
    o->id_hi = hi;
    return true;
}

static bool options(struct call *c, struct bench_options *o, struct err *e)
{
    int64_t concurrency = 0, warmup = 0;
    const char *endpoint = option_text(c, "endpoint");
    *o = (struct bench_options){.url = c->arg[0], .endpoint = endpoint ? endpoint : "/v1/completions", .model = option_text(c, "model"),
                                .extra = option_text(c, "extra-body"), .ignore_eos = !option_on(c, "stop-at-eos"),
                                .insecure = option_on(c, "insecure"), .timeout_s = 600, .stall_s = 60, .seed = c->seed ? c->seed : 1};
    if (strncmp(o->url, "http://", 7) != 0 && strncmp(o->url, "https://", 8) != 0)
        return err_input(e, "bench", "expected a URL such as http://localhost:8000, got \"%.100s\"", o->url);
    if (o->endpoint[0] != '/')
        return err_input(e, "--endpoint", "expected a path such as /v1/completions, got \"%.60s\"", o->endpoint);
    if (!option_int(c, "max-concurrency", 1, 100000, &concurrency, e) || !option_int(c, "warmup", 0, 100000000, &warmup, e) ||
        !duration(c, "timeout", &o->timeout_s, e) || !duration(c, "stall", &o->stall_s, e) || !goodput(c, o, e) || !key(c, o, e) ||
        !token_ids(c, o, e))
        return false;
    o->concurrency = (int)concurrency;
    o->warmup = (size_t)warmup;
    return true;
}

static void progress(void *ctx, const struct bench_progress *p)
{
    const struct call *c = ctx;
    char line[160];
    double left_s = p->over ? p->elapsed_s / (double)p->over * (double)(p->of - p->over) : 0;
    int n = snprintf(line, sizeof line, "\r%s: %llu of %llu requests, %llu in flight, %.0f tok/s%s%.0llu%s, %.0f s left\033[K", c->command->name,
                     (unsigned long long)p->over, (unsigned long long)p->of, (unsigned long long)p->in_flight,
                     p->elapsed_s > 0 ? (double)p->tokens / p->elapsed_s : 0, p->failed ? ", " : "", (unsigned long long)p->failed,
                     p->failed ? " failed" : "", left_s);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}

/* ---- results ---- */

static const char *today(struct arena *a)
{
    char text[16];
    struct tm tm;
    time_t now = time(NULL);
    return gmtime_r(&now, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm) ? arena_strdup(a, text) : "";
}

struct run { struct bench_options o; struct node *doc; struct traffic t; struct bench b; struct bench_pair pair[BENCH_PAIRS]; size_t npair; };

static bool append_point(struct call *c, const struct run *r, const struct scenario *sc, const struct sim_run_out *out, struct err *e)
{
    const char *file = option_text(c, "points");
    char *have = NULL;
    size_t n;
    struct buf rows = {.arena = c->arena};
    if (!file)
        return true;
    if (access(file, F_OK) == 0 && !file_read(c->arena, file, 0, &have, &n, e))
        return false;
    return bench_point(&r->b, &r->o, &r->t, sc, out, today(c->arena), have, file, &rows, e) && output_file(file, rows.at, rows.n, e);
}

static bool predict(struct call *c, struct run *r, struct err *e)
{
    struct catalog *cat;
    struct scenario sc;
    struct sim_run_out *out = ARENA_NEW(c->arena, struct sim_run_out);
    if (!option_text(c, "predict"))
        return true;
    if (!input_catalog(c, &cat, e) || !scenario_read(c->arena, cat, r->doc, SCENARIO_SIM, r->o.seed, &sc, &c->notes, e) ||
        !plan_simulate(c->arena, cat, &sc, (struct simulate_options){0}, out, &c->notes, e))
        return false;
    r->npair = bench_pairs(&r->b, out, r->pair);
    return !r->b.completed || append_point(c, r, &sc, out, e);
}

static bool write_rows(struct call *c, const struct run *r, struct err *e)
{
    const char *requests = option_text(c, "requests"), *result = option_text(c, "result-filename");
    struct buf text = {.arena = c->arena};
    struct show s = c->show;
    s.out = &text;
    if (requests) {
        show_bench_requests(&s, &r->b);
        if (!output_file(requests, buf_str(&text), text.n, e))
            return false;
    }
    if (!result)
        return true;
    text.n = 0;
    s.format = FORMAT_JSON;
    show_bench(&s, &r->b, &r->o, &r->t, r->pair, r->npair);
    return output_file(result, text.at, text.n, e);
}

static bool run(struct call *c, struct err *e)
{
    struct run *r = ARENA_NEW(c->arena, struct run);
    if (!input_args(c, 1, 1, e) || !options(c, &r->o, e))
        return false;
    if (option_text(c, "points") && !option_text(c, "predict"))
        return usage_error(c, e, "--points needs --predict SCENARIO.yaml, which says what was measured");
    if (!traffic(c, &r->o, &r->doc, &r->t, e))
        return false;
    if (!c->quiet && isatty(STDERR_FILENO))
        r->o.tick = progress, r->o.tick_ctx = c;
    bool ok = bench_run(c->arena, &r->o, &r->t, &r->b, &c->notes, e);
    progress_clear(c);
    if (!ok || !predict(c, r, e))
        return false;
    c->show.inputs = r->doc;
    c->show.seed = r->o.seed;
    c->no_answer = r->b.completed == 0;
    if (!write_rows(c, r, e))
        return false;
    while (call_show(c))
        show_bench(&c->show, &r->b, &r->o, &r->t, r->pair, r->npair);
    return true;
}

const struct command command_bench = {
    .name = "bench",
    .args = "URL",
    .help = "load a live endpoint with a trace, and measure every token",
    .about = "Sends completions or chat completions to any OpenAI-compatible server (vLLM, SGLang, TensorRT-LLM, llama.cpp, TGI) and reads their "
             "streams: TTFT (connecting apart), TPOT, ITL, E2E latency, goodput, errors by kind. Open loop by the arrival times of a trace or "
             "generator, with the delay of the client's own schedule as a metric; closed loop with --max-concurrency; sessions wait for their "
             "answers. Prompts are words that the server's own count turns into the asked number of tokens; a trace's prefix blocks share theirs.\n\n"
             "The flags are those of vllm bench serve, and so are the keys of --json. Exit 1 when nothing was served, 3 when the endpoint cannot be "
             "reached.",
    .example = {{"moat bench http://localhost:8000 --request-rate 10 --num-prompts 600 --random-input-len 1000 --random-output-len 200", "Poisson arrivals"},
                {"moat bench http://localhost:8000 --trace AzureLLMInferenceTrace_conv.csv --speedup 2x --goodput ttft:500ms,tpot:50ms", "a real trace"},
                {"moat bench http://localhost:8000 --max-concurrency 64 --num-prompts 500 --endpoint /v1/chat/completions", "closed loop, chat"},
                {"moat bench http://localhost:8000 --predict mine.yaml --points measured.csv", "is the prediction right here? and a point to calibrate with"}},
    .group = {&group_server, &group_load, &group_results},
    .run = run,
};
