/* show_sweep.c - `moat sweep`: a row a cell in the order of the grid, the cheapest that keeps its promises, why some have no answer. */
#include "show/show_sweep.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/map.h"
#include "show/document.h"
#include "show/show_seeds.h"
#include "show/table.h"
#include "show/text.h"

#define COLUMNS 24
#define VALUE_WIDTH 24
enum { S = 1 << SWEEP_SIM, D = 1 << SWEEP_PREDICT, P = 1 << SWEEP_PLAN };
enum as { AS_COUNT, AS_MS, AS_NUM, AS_PERCENT, AS_USD, AS_WATTS };

static const struct sweep_figure { enum outcome_key key; const char *title; int kinds; enum as as; int drop; } figures[] = {
    {OUT_REPLICAS, "replicas", P, AS_COUNT, 3},        {OUT_DEVICES, "cards", S | D | P, AS_COUNT, 5},
    {OUT_TTFT_MEAN, "TTFT\nms", D, AS_MS, 0},          {OUT_TPOT_MEAN, "TPOT\nms", D, AS_MS, 0},
    {OUT_TTFT_P50, "p50 TTFT\nms", S | P, AS_MS, 8},   {OUT_TTFT_P99, "p99 TTFT\nms", S | P, AS_MS, 0},
    {OUT_TPOT_P50, "p50 TPOT\nms", S | P, AS_MS, 7},   {OUT_TPOT_P99, "p99 TPOT\nms", S | P, AS_MS, 0},
    {OUT_OUTPUT_TOK_S, "tok/s", S | D, AS_COUNT, 4},   {OUT_GOODPUT_REQ_S, "req/s in\nlimits", S, AS_NUM, 6},
    {OUT_UTILISATION, "busy", S, AS_PERCENT, 9},       {OUT_POWER_W, "power", D, AS_WATTS, 3},
    {OUT_USD_H, "$/h", S | D | P, AS_USD, 2},          {OUT_USD_MTOK, "$ per\nMtok", S | D | P, AS_USD, 1},
};
enum { NFIGURES = sizeof figures / sizeof *figures };

static const char *value_text(struct arena *a, const struct node *nd)
{
    struct buf b = {.arena = a};
    if (nd->kind == NODE_SCALAR)
        return nd->text;
    node_json(&b, nd);
    return buf_str(&b);
}

/* "slo.ttft.p99" over two lines. */
static const char *axis_title(struct arena *a, const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? arena_printf(a, "%.*s\n%s", (int)(dot - key), key, dot + 1) : key;
}

static const char *figure_text(struct arena *a, const struct sweep_figure *f, struct span v)
{
    if (!isfinite(v.at))
        return "-";
    bool range = isfinite(v.lo) && isfinite(v.hi);
    switch (f->as) {
    case AS_MS:
        return range ? text_span_in(a, v, MS_PER_S) : text_num(a, v.at * MS_PER_S);
    case AS_COUNT:
        return range && v.lo < v.hi ? text_span_in(a, v, 1) : text_count(a, v.at);
    case AS_NUM:
        return range ? text_span_in(a, v, 1) : text_num(a, v.at);
    case AS_PERCENT:
        return text_percent(a, v.at);
    case AS_WATTS:
        return text_watts(a, v.at);
    case AS_USD:
        break;
    }
    return arena_printf(a, "%.2f", v.at);
}

static const char *holds(struct arena *a, const struct outcome *o)
{
    if (o->saturated)
        return "queue grows";
    if (o->seeds > 1 && o->held != HELD_UNKNOWN)
        return arena_printf(a, "%d/%d", o->kept, o->seeds);
    return o->held == HELD_YES ? "yes" : o->held == HELD_NO ? "no" : "";
}

struct reasons { struct map number; const char **text; size_t *cells; size_t n; };

/* Cells without an answer, by reason, in the order in which they come. */
static struct reasons reasons_of(struct arena *a, const struct sweep *s)
{
    struct reasons r = {.number = {.arena = a}, .text = ARENA_ARRAY(a, const char *, s->grid.ncell),
                        .cells = ARENA_ARRAY(a, size_t, s->grid.ncell)};
    for (size_t i = 0; i < s->grid.ncell; i++) {
        const struct outcome *o = &s->cell[i].out;
        if (o->answered)
            continue;
        uint32_t k = map_get(&r.number, o->reason);
        if (k == MAP_NONE) {
            map_put(&r.number, o->reason, k = (uint32_t)r.n);
            r.text[r.n++] = o->reason;
        }
        r.cells[k]++;
    }
    return r;
}

static const char *cell_name(struct arena *a, const struct sweep *s, size_t i)
{
    struct buf b = {.arena = a};
    for (size_t k = 0; k < s->grid.naxis; k++)
        buf_fmt(&b, "%s%s %s", k ? ", " : "", s->grid.axis[k].key, value_text(a, grid_value(&s->grid, i, k)));
    return buf_str(&b);
}

static void answer(const struct show *s, const struct sweep *w)
{
    static const char *const verb[SWEEP_KIND_N] = {"simulated", "predicted", "planned"};
    struct arena *a = s->arena;
    struct buf b = {.arena = a};
    for (size_t k = 0; k < w->grid.naxis; k++)
        buf_fmt(&b, "%s%s", k ? " x " : "", w->grid.axis[k].key);
    const char *what = arena_printf(a, "%s cell%s of %s, each %s", text_count(a, (double)w->grid.ncell), w->grid.ncell == 1 ? "" : "s",
                                    buf_str(&b), verb[w->kind]);
    const char *and = "";
    if (w->seeds > 1)
        what = arena_printf(a, "%s under %s%d seeds", what, w->cell[0].s.seeds == w->seeds ? "" : "up to ", w->seeds);
    if (w->best != SIZE_MAX) {
        const struct outcome *o = &w->cell[w->best].out;
        and = arena_printf(a, " The cheapest that keeps every promise: %s; %s, %s per million output tokens.", cell_name(a, w, w->best),
                           text_usd_h(a, o->v[OUT_USD_H].at), text_usd(a, o->v[OUT_USD_MTOK].at));
    } else if (w->cell[0].s.nslo && w->kind != SWEEP_PREDICT) {
        and = " None with a price keeps every promise.";
    }
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, arena_printf(a, "%s.%s", what, and), 0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
}

static void sweep_text(const struct show *s, const struct sweep *w)
{
    struct arena *a = s->arena;
    struct column col[COLUMNS];
    const struct sweep_figure *shown[COLUMNS];
    struct table t;
    struct reasons why = reasons_of(a, w);
    size_t n = 0, first;
    answer(s, w);
    for (size_t k = 0; k < w->grid.naxis; k++)
        col[n++] = (struct column){axis_title(a, w->grid.axis[k].key), COL_RIGHT, 0, 0};
    if (w->kind == SWEEP_PLAN)
        col[n++] = (struct column){"accelerator", COL_LEFT, 0, 0};
    first = n;
    for (size_t f = 0; f < NFIGURES; f++)
        if (figures[f].kinds & 1 << w->kind) {
            shown[n] = &figures[f];
            col[n++] = (struct column){figures[f].title, COL_RIGHT, figures[f].drop, 0};
        }
    size_t hold = n;
    col[n++] = (struct column){"holds", COL_LEFT, 0, 0};
    table_init(&t, s, col, n);
    t.indent = 0;
    for (size_t i = 0; i < w->grid.ncell; i++) {
        const struct outcome *o = &w->cell[i].out;
        const char *cell[COLUMNS];
        for (size_t k = 0; k < w->grid.naxis; k++)
            cell[k] = text_cut(a, value_text(a, grid_value(&w->grid, i, k)), VALUE_WIDTH);
        if (w->kind == SWEEP_PLAN)
            cell[first - 1] = *o->accelerator ? o->accelerator : "-";
        for (size_t k = first; k < hold; k++)
            cell[k] = figure_text(a, shown[k], o->v[shown[k]->key]);
        cell[hold] = o->answered ? holds(a, o) : arena_printf(a, "[%u]", map_get(&why.number, o->reason) + 1);
        table_row(&t, i == w->best ? INK_GOOD : o->answered ? NULL : INK_DIM, cell);
    }
    table_print(&t);
    for (size_t k = 0; k < why.n; k++) {
        buf_add(s->out, k ? "" : "\n");
        const char *head = arena_printf(a, "[%zu] ", k + 1);
        buf_add(s->out, head);
        text_wrap(s->out, arena_printf(a, "%zu cell%s: %s", why.cells[k], why.cells[k] == 1 ? "" : "s", why.text[k]), (int)strlen(head),
                  s->width, (int)strlen(head));
        buf_add(s->out, "\n");
    }
}

static const char *held_word(const struct outcome *o)
{
    return o->held == HELD_UNKNOWN ? NULL : o->held == HELD_YES ? "true" : "false";
}

static bool ranges(const struct sweep *w)
{
    return w->intervals || w->seeds > 1;
}

static void cell_json(struct jw *w, const struct show *s, const struct sweep *x, size_t i)
{
    struct arena *a = s->arena;
    const struct outcome *o = &x->cell[i].out;
    jw_obj(w, NULL);
    jw_obj(w, "inputs");
    for (size_t k = 0; k < x->grid.naxis; k++) {
        struct buf b = {.arena = a};
        node_json(&b, grid_value(&x->grid, i, k));
        jw_raw(w, x->grid.axis[k].key, buf_str(&b));
    }
    jw_end(w);
    jw_bool(w, "answered", o->answered);
    jw_str(w, "reason", *o->reason ? o->reason : NULL);
    jw_str(w, "accelerator", *o->accelerator ? o->accelerator : NULL);
    jw_str(w, "config", *o->config ? o->config : NULL);
    jw_raw(w, "slo_held", held_word(o) ? held_word(o) : "null");
    jw_bool(w, "saturated", o->saturated);
    jw_int(w, "seeds", o->seeds);
    jw_int(w, "seeds_held", o->kept);
    for (int k = 0; k < OUT_N; k++) {
        const char *name = outcome_name(a, (enum outcome_key)k);
        if (ranges(x))
            jw_span(w, name, o->v[k], outcome_scale((enum outcome_key)k));
        else
            jw_num(w, name, o->v[k].at * outcome_scale((enum outcome_key)k));
    }
    jw_str(w, "evidence", o->answered ? grade_name(o->evidence) : NULL);
    jw_end(w);
}

static void sweep_json(const struct show *s, const struct sweep *x)
{
    struct jw w;
    struct arena *a = s->arena;
    document_begin(&w, s, "moat.sweep/1");
    jw_str(&w, "kind", sweep_kind_name[x->kind]);
    jw_str(&w, "interval", x->seeds > 1 ? "seeds" : x->intervals ? "prediction" : NULL);
    jw_arr(&w, "axes");
    for (size_t k = 0; k < x->grid.naxis; k++) {
        const struct axis *ax = &x->grid.axis[k];
        struct node list = {.kind = NODE_SEQ, .n = ax->n, .item = ax->value};
        struct buf b = {.arena = a};
        node_json(&b, &list);
        jw_obj(&w, NULL);
        jw_str(&w, "key", ax->key);
        jw_raw(&w, "values", buf_str(&b));
        jw_end(&w);
    }
    jw_end(&w);
    jw_int(&w, "answered", (int64_t)x->nanswered);
    if (x->best == SIZE_MAX)
        jw_null(&w, "best");
    else
        jw_int(&w, "best", (int64_t)x->best);
    jw_arr(&w, "cells");
    for (size_t i = 0; i < x->grid.ncell; i++)
        cell_json(&w, s, x, i);
    jw_end(&w);
    document_notes(&w, s);
    jw_obj(&w, "run");
    jw_num(&w, "wall_s", s->wall_s);
    jw_num(&w, "peak_rss_mb", s->peak_rss_mb);
    jw_int(&w, "cells_from_journal", (int64_t)x->nresumed);
    jw_end(&w);
    jw_end(&w);
    buf_add(s->out, "\n");
}

static void sweep_csv(const struct show *s, const struct sweep *x)
{
    struct buf *b = s->out;
    for (size_t k = 0; k < x->grid.naxis; k++)
        csv_text(b, x->grid.axis[k].key);
    buf_add(b, ",answered,chosen_accelerator,config,slo_held,saturated,seeds,seeds_held");
    for (int k = 0; k < OUT_N; k++) {
        const char *name = outcome_name(s->arena, (enum outcome_key)k);
        buf_fmt(b, ",%s", name);
        if (ranges(x))
            buf_fmt(b, ",%s_lo,%s_hi", name, name);
    }
    buf_add(b, ",evidence,reason\n");
    for (size_t i = 0; i < x->grid.ncell; i++) {
        const struct outcome *o = &x->cell[i].out;
        for (size_t k = 0; k < x->grid.naxis; k++)
            csv_text(b, value_text(s->arena, grid_value(&x->grid, i, k)));
        csv_text(b, o->answered ? "true" : "false");
        csv_text(b, o->accelerator);
        csv_text(b, o->config);
        csv_text(b, held_word(o));
        csv_text(b, o->saturated ? "true" : "false");
        csv_int(b, o->seeds);
        csv_int(b, o->kept);
        for (int k = 0; k < OUT_N; k++) {
            double scale = outcome_scale((enum outcome_key)k);
            csv_num(b, o->v[k].at * scale);
            if (ranges(x)) {
                csv_num(b, o->v[k].lo * scale);
                csv_num(b, o->v[k].hi * scale);
            }
        }
        csv_text(b, o->answered ? grade_name(o->evidence) : "");
        csv_text(b, o->reason);
        csv_end(b);
    }
}

void show_sweep(const struct show *s, const struct sweep *w)
{
    if (s->format == FORMAT_JSON)
        sweep_json(s, w);
    else if (s->format == FORMAT_CSV)
        sweep_csv(s, w);
    else
        sweep_text(s, w);
}
