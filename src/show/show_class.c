/* show_class.c - latencies, waits and promises kept by priority class: what the classes above cost those below. */
#include "show/show_class.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "sim/sim.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

static double at(const struct sketch *k, double q)
{
    return k->n ? q < 0 ? sketch_mean(k) : sketch_quantile(k, q) : NAN;
}

static const char *time_cell(struct arena *a, double t_s)
{
    return isnan(t_s) ? "-" : text_time(a, t_s);
}

void show_classes(const struct show *s, const struct sim_result *r)
{
    static const struct column col[] = {{"class", COL_RIGHT, 0, 0}, {"requests", COL_RIGHT, 0, 0}, {"rejected", COL_RIGHT, 0, 0},
                                        {"within limits", COL_RIGHT, 0, 0}, {"p50 TTFT", COL_RIGHT, 0, 0},
                                        {"p99 TTFT", COL_RIGHT, 0, 0}, {"p99 TPOT", COL_RIGHT, 0, 0},
                                        {"longest wait", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!r->by_class)
        return;
    buf_add(s->out, "\n");
    table_init(&t, s, col, 8);
    for (int i = 0; i < r->classes; i++) {
        const struct sim_class *c = &r->by_class[i];
        if (!c->offered)
            continue;
        const char *cell[] = {arena_printf(a, "%d", i), text_count(a, (double)c->offered), text_count(a, (double)c->rejected),
                              text_percent(a, (double)c->good / (double)c->offered), time_cell(a, at(&c->ttft, 0.5)),
                              time_cell(a, at(&c->ttft, 0.99)), time_cell(a, at(&c->tpot, 0.99)), text_time(a, c->wait_max_s)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static void latency(struct jw *w, const char *key, const struct sketch *k)
{
    jw_obj(w, key);
    jw_num(w, "mean", at(k, -1) * MS_PER_S);
    jw_num(w, "p50", at(k, 0.5) * MS_PER_S);
    jw_num(w, "p90", at(k, 0.9) * MS_PER_S);
    jw_num(w, "p99", at(k, 0.99) * MS_PER_S);
    jw_end(w);
}

void jw_classes(struct jw *w, const struct sim_result *r)
{
    if (!r->by_class)
        return;
    jw_arr(w, "classes");
    for (int i = 0; i < r->classes; i++) {
        const struct sim_class *c = &r->by_class[i];
        if (!c->offered)
            continue;
        jw_obj(w, NULL);
        jw_int(w, "priority", i);
        jw_int(w, "offered", (int64_t)c->offered);
        jw_int(w, "completed", (int64_t)c->completed);
        jw_int(w, "rejected", (int64_t)c->rejected);
        jw_num(w, "within_limits_frac", (double)c->good / (double)c->offered);
        latency(w, "ttft_ms", &c->ttft);
        latency(w, "tpot_ms", &c->tpot);
        latency(w, "e2e_ms", &c->e2e);
        jw_num(w, "wait_max_s", c->wait_max_s);
        jw_end(w);
    }
    jw_end(w);
}
