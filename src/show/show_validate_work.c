/* show_validate_work.c - `moat validate` of workloads: held-out points, then the ones that set the constants. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_work.h"
#include "show/table.h"
#include "show/text.h"

static const char *percent(struct arena *a, double pct)
{
    return isfinite(pct) ? arena_printf(a, "%.1f%%", pct) : "-";
}

static void row(struct table *t, const char *by, const char *key, const struct fit_score *s)
{
    struct arena *a = t->show->arena;
    const char *cell[] = {by,
                          key,
                          text_count(a, (double)s->n),
                          percent(a, s->median_ape_pct),
                          percent(a, s->p90_ape_pct),
                          arena_printf(a, "%+.1f%%", s->bias_pct),
                          arena_printf(a, "%.0f%%", s->coverage80_pct)};
    table_row(t, NULL, cell);
}

static void points_text(const struct show *s, const struct work_report *r)
{
    static const struct column col[] = {{"point", COL_LEFT, 0, 0},
                                        {"measured", COL_RIGHT, 0, 0},
                                        {"predicted", COL_LEFT, 0, 0},
                                        {"ratio", COL_RIGHT, 0, 0},
                                        {"", COL_LEFT, 1, 0}};
    struct arena *a = s->arena;
    struct table t;
    buf_add(s->out, "\nPoints\n");
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < r->n; i++) {
        const struct work_measured *p = &r->point[i];
        if (p->refused)
            continue;
        const char *cell[] = {p->id, text_num(a, p->measured), text_span_in(a, p->predicted, 1),
                              arena_printf(a, "%.2f", p->predicted.at / p->measured), p->fitted ? "fitted" : ""};
        table_row(&t, p->fitted ? INK_DIM : NULL, cell);
    }
    table_print(&t);
}

static void text(const struct show *s, const struct work_report *r)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0},       {"", COL_LEFT, 0, 0},
                                        {"n", COL_RIGHT, 0, 0},     {"median error", COL_RIGHT, 0, 0},
                                        {"90th", COL_RIGHT, 0, 0},  {"bias", COL_RIGHT, 0, 0},
                                        {"inside", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    buf_fmt(s->out, "%s%s: %s rows, %s scored, %s refused%s\n\n", ink(s, INK_BOLD), r->name,
            text_count(a, (double)r->n), text_count(a, (double)r->scored), text_count(a, (double)(r->n - r->scored)),
            ink_off(s));
    table_init(&t, s, col, sizeof col / sizeof *col);
    if (r->held.n)
        row(&t, "held out", "all", &r->held);
    const char *last = "";
    for (size_t i = 0; i < r->ngroup; i++) {
        const struct work_group *g = &r->group[i];
        if (g->fitted || (g->by[0] != 'c' && !s->verbose))
            continue;
        row(&t, last == g->by ? "" : g->by, g->key, &g->score);
        last = g->by;
    }
    if (r->fitted.n)
        row(&t, "fitted", "all", &r->fitted);
    last = "";
    for (size_t i = 0; i < r->ngroup; i++)
        if (r->group[i].fitted) {
            row(&t, last == r->group[i].by ? "" : r->group[i].by, r->group[i].key, &r->group[i].score);
            last = r->group[i].by;
        }
    table_print(&t);
    buf_add(s->out, "held out: rows that no constant was fitted to; bias = median of predicted / measured - 1;\n"
                    "inside = share of measured values within the printed 80 % interval\n");
    if (s->verbose)
        points_text(s, r);
    if (r->scored == r->n)
        return;
    buf_add(s->out, "\nRefused\n");
    for (size_t i = 0; i < r->n; i++)
        if (r->point[i].refused)
            label_line(s, r->point[i].id, r->point[i].refused);
}

static void score_json(struct jw *w, const char *key, const struct fit_score *s)
{
    if (key)
        jw_obj(w, key);
    jw_int(w, "n", (int64_t)s->n);
    jw_num(w, "median_ape_pct", s->n ? s->median_ape_pct : NAN);
    jw_num(w, "median_ape_pct_lo", s->n ? s->median_lo_pct : NAN);
    jw_num(w, "median_ape_pct_hi", s->n ? s->median_hi_pct : NAN);
    jw_num(w, "p90_ape_pct", s->n ? s->p90_ape_pct : NAN);
    jw_num(w, "bias_pct", s->n ? s->bias_pct : NAN);
    jw_num(w, "coverage80_pct", s->n ? s->coverage80_pct : NAN);
    if (key)
        jw_end(w);
}

static void json(const struct show *s, const struct work_report *r)
{
    struct jw w;
    document_begin(&w, s, "moat.validate/1");
    jw_int(&w, "rows", (int64_t)r->n);
    jw_int(&w, "scored", (int64_t)r->scored);
    jw_arr(&w, "refused");
    for (size_t i = 0; i < r->n; i++) {
        if (!r->point[i].refused)
            continue;
        jw_obj(&w, NULL);
        jw_str(&w, "id", r->point[i].id);
        jw_str(&w, "why", r->point[i].refused);
        jw_int(&w, "line", (int64_t)r->point[i].line);
        jw_end(&w);
    }
    jw_end(&w);
    jw_obj(&w, "metrics");
    score_json(&w, "rate", &r->held);
    score_json(&w, "rate_fitted", &r->fitted);
    jw_end(&w);
    jw_arr(&w, "groups");
    for (size_t i = 0; i < r->ngroup; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "by", r->group[i].by);
        jw_str(&w, "key", r->group[i].key);
        jw_str(&w, "metric", r->group[i].fitted ? "rate_fitted" : "rate");
        score_json(&w, NULL, &r->group[i].score);
        jw_end(&w);
    }
    jw_end(&w);
    jw_arr(&w, "points");
    for (size_t i = 0; i < r->n; i++) {
        const struct work_measured *p = &r->point[i];
        if (p->refused)
            continue;
        jw_obj(&w, NULL);
        jw_str(&w, "id", p->id);
        jw_str(&w, "metric", "rate");
        jw_str(&w, "work", p->work->id);
        jw_str(&w, "class", work_class_name[p->work->cls]);
        jw_bool(&w, "train", p->work->train);
        jw_str(&w, "accelerator", p->acc->id);
        jw_str(&w, "software", p->software);
        jw_int(&w, "accelerators", p->devices);
        jw_bool(&w, "fitted", p->fitted);
        jw_num(&w, "measured", p->measured);
        jw_num(&w, "predicted", p->predicted.at);
        jw_num(&w, "lo", p->predicted.lo);
        jw_num(&w, "hi", p->predicted.hi);
        jw_str(&w, "unit", p->work->unit);
        jw_str(&w, "evidence", grade_name(p->evidence));
        jw_end(&w);
    }
    jw_end(&w);
    document_end(&w, s);
}

static void csv(const struct show *s, const struct work_report *r)
{
    struct buf *b = s->out;
    buf_add(b, "id,work,class,accelerator,accelerators,fitted,measured,predicted,lo,hi,unit,evidence\n");
    for (size_t i = 0; i < r->n; i++) {
        const struct work_measured *p = &r->point[i];
        if (p->refused)
            continue;
        csv_text(b, p->id);
        csv_text(b, p->work->id);
        csv_text(b, work_class_name[p->work->cls]);
        csv_text(b, p->acc->id);
        csv_int(b, p->devices);
        csv_text(b, p->fitted ? "true" : "false");
        csv_num(b, p->measured);
        csv_num(b, p->predicted.at);
        csv_num(b, p->predicted.lo);
        csv_num(b, p->predicted.hi);
        csv_text(b, p->work->unit);
        csv_text(b, grade_name(p->evidence));
        csv_end(b);
    }
}

void show_validate_work(const struct show *s, const struct work_report *r)
{
    if (s->format == FORMAT_JSON)
        json(s, r);
    else if (s->format == FORMAT_CSV)
        csv(s, r);
    else
        text(s, r);
}
