/* slo.c - service-level objectives: metric at quantile must be at most a limit; and presets for common uses.
**
** TTFT, TPOT, E2E and ITL are per request (ITL per gap); a preset is a starting point whose figures a user should replace.
*/
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/scenario.h"

const char *const slo_metric_name[SLO_METRIC_N] = {
    [SLO_TTFT] = "ttft", [SLO_TPOT] = "tpot", [SLO_E2E] = "e2e", [SLO_ITL] = "itl",
};

enum { PRESET_SLOS = 2 };

static const struct slo_row {
    const char *name, *help, *source;
    struct { enum slo_metric metric; double q, limit_s; } slo[PRESET_SLOS];     /* limit 0: none */
} rows[] = {
    {"interactive", "a person waits and reads along, fast",
     "MLPerf Inference v5.0, Llama-2-70B interactive: TTFT p99 450 ms, TPOT p99 40 ms (recall)",
     {{SLO_TTFT, 0.99, 0.45}, {SLO_TPOT, 0.99, 0.04}}},
    {"chat", "a person waits and reads along",
     "TTFT p99 2 s as in MLPerf Inference, Llama-2-70B server (recall); TPOT 50 ms, four times reading speed: assumption",
     {{SLO_TTFT, 0.99, 2}, {SLO_TPOT, 0.99, 0.05}}},
    {"agent", "a program waits for whole answers, many in a chain", "assumption: a call in a chain should not stall it",
     {{SLO_TTFT, 0.95, 3}, {SLO_TPOT, 0.95, 0.025}}},
    {"realtime-driving", "a vehicle reacts to what its model says",
     "100 ms from sensor to action at the tail: Lin et al., ASPLOS 2018 (recall)",
     {{SLO_E2E, 0.999, 0.1}, {SLO_TTFT, 0.999, 0.05}}},
    {"realtime-defence", "a track is classified while it can still be acted on", "assumption: no figure is published",
     {{SLO_E2E, 0.999, 0.25}, {SLO_TTFT, 0.999, 0.1}}},
    {"realtime-trading", "news becomes an order before others have read it",
     "assumption: below one exchange auction interval; no figure is published",
     {{SLO_E2E, 0.999, 0.05}, {SLO_TTFT, 0.999, 0.02}}},
    {"batch", "answers by tomorrow", "24 h completion window of public batch APIs (OpenAI, Anthropic; recall)",
     {{SLO_E2E, 0.99, 86400}}},
};
enum { NROWS = sizeof rows / sizeof *rows };

const char *slo_preset(size_t i, const char **help, const char **source)
{
    if (i >= NROWS)
        return NULL;
    if (help)
        *help = rows[i].help;
    if (source)
        *source = rows[i].source;
    return rows[i].name;
}

struct list { struct arena *arena; struct slo *at; size_t n; };

/* A later entry for the same metric and quantile replaces an earlier one. */
static void put(struct list *l, struct slo s)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].metric == s.metric && l->at[i].q == s.q) {
            l->at[i] = s;
            return;
        }
    l->at = arena_grow(l->arena, l->at, l->n, l->n + 1, sizeof *l->at);
    l->at[l->n++] = s;
}

static bool read_preset(struct list *l, const struct node *nd, struct err *e)
{
    const char *name = NULL, *names[NROWS];
    if (!node_str(l->arena, nd, &name, e))
        return false;
    for (size_t i = 0; i < NROWS; i++) {
        names[i] = rows[i].name;
        if (strcmp(name, rows[i].name) != 0)
            continue;
        for (size_t k = 0; k < PRESET_SLOS; k++)
            if (rows[i].slo[k].limit_s > 0)
                put(l, (struct slo){rows[i].slo[k].metric, rows[i].slo[k].q, rows[i].slo[k].limit_s,
                                    node_place(l->arena, nd)});
        return true;
    }
    const char *close = text_closest(name, names, NROWS);
    err_input(e, node_place(l->arena, nd), "no SLO preset \"%s\"", name);
    return close ? err_mend(e, "did you mean \"%s\"?", close)
                 : err_mend(e, "there are interactive, chat, agent, realtime-driving, realtime-defence, realtime-trading, "
                               "batch; or write {ttft: {p99: 2s}}");
}

/* "p99.9" -> 0.999, "mean" -> -1 */
static bool quantile(struct list *l, const char *key, const struct node *at, double *q, struct err *e)
{
    struct node num = {.kind = NODE_SCALAR, .text = key + 1, .file = at->file, .line = at->line, .path = at->path};
    struct err bad;
    double p;
    if (strcmp(key, "mean") == 0) {
        *q = -1;
        return true;
    }
    if (key[0] != 'p' || !node_f64(l->arena, &num, &p, &bad) || !(p > 0 && p < 100))
        return err_input(e, node_place(l->arena, at), "expected p50, p90, p95, p99, p99.9 or mean, got \"%s\"", key);
    *q = p / 100;
    return true;
}

static bool read_metric(struct list *l, enum slo_metric m, const struct node *nd, struct err *e)
{
    if (nd->kind == NODE_SCALAR) {
        err_input(e, node_place(l->arena, nd), "at which quantile?");
        return err_mend(e, "write %s: {p99: %s}", slo_metric_name[m], nd->text);
    }
    if (nd->kind != NODE_MAP || !nd->n)
        return err_input(e, node_place(l->arena, nd), "expected a map such as {p99: 2s}");
    for (size_t i = 0; i < nd->n; i++) {
        struct slo s = {.metric = m, .place = node_place(l->arena, &nd->item[i])};
        if (!quantile(l, nd->key[i], &nd->item[i], &s.q, e) ||
            !node_unit(l->arena, &nd->item[i], UNIT_DURATION_S, &s.limit_s, e))
            return false;
        if (!(s.limit_s > 0))
            return err_input(e, s.place, "a limit of 0 cannot be met");
        put(l, s);
    }
    return true;
}

bool scenario_slo(struct arena *a, const struct node *nd, struct slo **out, size_t *n, struct err *e)
{
    static const char *const keys[] = {"ttft", "tpot", "e2e", "itl", "preset"};
    struct list l = {.arena = a};
    const struct node *preset = nd;
    *out = NULL;
    *n = 0;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind == NODE_SEQ)
        return err_input(e, node_place(a, nd), "expected a preset such as chat, or a map such as {ttft: {p99: 2s}}");
    if (nd->kind == NODE_MAP) {
        if (!node_keys(a, nd, keys, sizeof keys / sizeof *keys, e))
            return false;
        preset = node_get(nd, "preset");
    }
    if (preset && !read_preset(&l, preset, e))
        return false;
    for (int m = 0; m < SLO_METRIC_N; m++) {
        const struct node *v = node_get(nd, slo_metric_name[m]);
        if (v && !read_metric(&l, (enum slo_metric)m, v, e))
            return false;
    }
    *out = l.at;
    *n = l.n;
    return true;
}
