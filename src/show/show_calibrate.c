/* show_calibrate.c - `moat calibrate`: the factors, what the points could not tell, and errors on points left out. */
#include "show/show_calibrate.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

static const char *const state_name[] = {
    [CONST_IDENTIFIED] = "identified", [CONST_WEAK] = "weak", [CONST_SHARED] = "shared",
    [CONST_OPEN] = "open",             [CONST_SILENT] = "not felt", [CONST_LEFT] = "not asked for",
};
static const char *const sort_name[SEEN_N] = {[SEEN_TTFT] = "TTFT", [SEEN_STEP] = "TPOT"};
static const char *const sort_key[SEEN_N] = {[SEEN_TTFT] = "ttft", [SEEN_STEP] = "step"};

static void constants_text(const struct show *s, const struct fit_calibration *c)
{
    static const struct column col[] = {
        {"constant", COL_LEFT, 0, 0}, {"factor", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 1}};
    struct table t;
    table_init(&t, s, col, 3);
    for (int k = 0; k < SCALE_N; k++) {
        if (c->constants.state[k] == CONST_LEFT)
            continue;
        bool fitted = c->factor[k].lo < c->factor[k].hi;
        const char *cell[] = {scale_name[k], fitted ? text_span_in(s->arena, c->factor[k], 1) : "1",
                              c->because[k] ? c->because[k] : state_name[c->constants.state[k]]};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "factor = times as long as the stack has it, with its 80 % interval\n");
}

/* What would tell more. */
static void advice_text(const struct show *s, const struct fit_calibration *c)
{
    bool any = false;
    for (int k = 0; k < SCALE_N; k++) {
        if (!c->missing[k])
            continue;
        if (!any)
            buf_add(s->out, "\nFurther points that would identify\n");
        any = true;
        label_line(s, arena_printf(s->arena, "  %s", scale_name[k]), c->missing[k]);
    }
}

static const char *percent(struct arena *a, double pct)
{
    return isfinite(pct) ? arena_printf(a, "%.1f%%", pct) : "-";
}

static const char *around(struct arena *a, double lo, double hi)
{
    return isnan(lo) ? "as before" : arena_printf(a, "-%s +%s", text_percent(a, lo), text_percent(a, hi));
}

static void scores_text(const struct show *s, const struct fit_calibration *c)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0},       {"n", COL_RIGHT, 0, 0},
                                        {"before", COL_RIGHT, 0, 0}, {"after", COL_RIGHT, 0, 0},
                                        {"worst before", COL_RIGHT, 0, 0}, {"after", COL_RIGHT, 0, 0},
                                        {"interval before", COL_LEFT, 0, 0}, {"after", COL_LEFT, 0, 0}};
    const double before[SEEN_N][2] = {{c->before.ttft_lo, c->before.ttft_hi}, {c->before.step_lo, c->before.step_hi}};
    const double after[SEEN_N][2] = {{c->interval.ttft_lo, c->interval.ttft_hi},
                                     {c->interval.step_lo, c->interval.step_hi}};
    struct arena *a = s->arena;
    struct table t;
    if (!c->nheld) {
        text_wrap(s->out, "One load: none can be left out, so nothing says how much better others are predicted now.", 0,
                  s->width, 0);
        buf_add(s->out, "\n");
        return;
    }
    buf_fmt(s->out, "Median error on points left out (%zu fits, each without its points)\n", c->folds);
    table_init(&t, s, col, 8);
    for (int m = 0; m < SEEN_N; m++) {
        const struct fit_held_score *x = &c->score[m];
        if (!x->n)
            continue;
        const char *cell[] = {sort_name[m],
                              text_count(a, (double)x->n),
                              percent(a, x->before_median_pct),
                              percent(a, x->after_median_pct),
                              percent(a, x->before_worst_pct),
                              percent(a, x->after_worst_pct),
                              around(a, before[m][0], before[m][1]),
                              around(a, after[m][0], after[m][1])};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    if (c->better)
        return;
    text_wrap(s->out, "No better than the stack as it is: are all points of one version and configuration of the engine?", 0,
              s->width, 0);
    buf_add(s->out, "\n");
}

static void aside_text(const struct show *s, const struct fit_gathered *g, const struct fit_calibration *c)
{
    for (size_t i = 0; i < g->nrefused; i++)
        label_line(s, arena_printf(s->arena, "  %s", g->refused[i]->id), g->refused[i]->refused);
    for (size_t i = 0; i < c->n; i++)
        if (c->seen[i].why)
            label_line(s, arena_printf(s->arena, "  %s", c->seen[i].p->id), c->seen[i].why);
}

static void text(const struct show *s, const struct fit_gathered *g, const struct fit_calibration *c,
                 const char *written)
{
    size_t aside = g->nrefused + c->n - c->used;
    buf_fmt(s->out, "%s%s: %zu point%s%s%s\n", ink(s, INK_BOLD), g->deployment, c->used, c->used == 1 ? "" : "s",
            aside ? arena_printf(s->arena, ", %zu cannot be used", aside) : "", ink_off(s));
    aside_text(s, g, c);
    buf_add(s->out, "\n");
    if (c->used)
        constants_text(s, c);
    if (c->refused) {
        buf_add(s->out, c->used ? "\n" : "");
        text_wrap(s->out, arena_printf(s->arena, "No calibration: %s.", c->refused), 0, s->width, 0);
        buf_add(s->out, "\n");
        advice_text(s, c);
        return;
    }
    buf_add(s->out, "\n");
    scores_text(s, c);
    advice_text(s, c);
    buf_add(s->out, "\n");
    const char *where = "Nothing is written: --out FILE.yaml keeps it, and --catalog FILE.yaml uses it.";
    if (written)
        where = arena_printf(s->arena, "Written to %s: give it to any command as --catalog %s.", written, written);
    text_wrap(s->out, where, 0, s->width, 0);
    buf_add(s->out, "\n");
}

static void interval_json(struct jw *w, const char *key, const struct interval *i)
{
    jw_obj(w, key);
    jw_num(w, "step_lo", i->step_lo);
    jw_num(w, "step_hi", i->step_hi);
    jw_num(w, "ttft_lo", i->ttft_lo);
    jw_num(w, "ttft_hi", i->ttft_hi);
    jw_end(w);
}

static void constant_json(struct jw *w, const struct fit_calibration *c, int k)
{
    jw_obj(w, NULL);
    jw_str(w, "name", scale_name[k]);
    jw_str(w, "state", state_name[c->constants.state[k]]);
    jw_num(w, "factor", c->factor[k].at);
    jw_num(w, "factor_lo", c->factor[k].lo);
    jw_num(w, "factor_hi", c->factor[k].hi);
    jw_num(w, "width_before", c->constants.prior[k]);
    jw_num(w, "width_after", c->constants.width[k]);
    jw_str(w, "why", c->because[k]);
    jw_str(w, "point_needed", c->missing[k]);
    jw_end(w);
}

static void refused_json(struct jw *w, const struct fit_gathered *g, const struct fit_calibration *c)
{
    jw_arr(w, "refused");
    for (size_t i = 0; i < g->nrefused + c->n; i++) {
        const struct fit_point *p = i < g->nrefused ? g->refused[i] : c->seen[i - g->nrefused].p;
        const char *why = i < g->nrefused ? p->refused : c->seen[i - g->nrefused].why;
        if (!why)
            continue;
        jw_obj(w, NULL);
        jw_str(w, "id", p->id);
        jw_str(w, "why", why);
        jw_int(w, "line", (int64_t)p->line);
        jw_end(w);
    }
    jw_end(w);
}

static void held_json(struct jw *w, const struct fit_calibration *c)
{
    jw_obj(w, "left_out");
    jw_int(w, "fits", c->nheld ? (int64_t)c->folds : 0);
    jw_bool(w, "better", c->nheld && c->better);
    for (int m = 0; m < SEEN_N; m++) {
        const struct fit_held_score *x = &c->score[m];
        jw_obj(w, sort_key[m]);
        jw_int(w, "n", (int64_t)x->n);
        jw_num(w, "median_ape_pct_before", x->n ? x->before_median_pct : NAN);
        jw_num(w, "median_ape_pct", x->n ? x->after_median_pct : NAN);
        jw_num(w, "worst_ape_pct_before", x->n ? x->before_worst_pct : NAN);
        jw_num(w, "worst_ape_pct", x->n ? x->after_worst_pct : NAN);
        jw_end(w);
    }
    jw_arr(w, "points");
    for (size_t i = 0; i < c->nheld; i++) {
        jw_obj(w, NULL);
        jw_str(w, "id", c->seen[c->held[i].point].p->id);
        jw_str(w, "metric", fit_metric_table[c->held[i].metric].name);
        jw_num(w, "measured", c->held[i].measured);
        jw_num(w, "before", c->held[i].before);
        jw_num(w, "after", c->held[i].after);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void json(const struct show *s, const struct fit_gathered *g, const struct fit_calibration *c,
                 const char *written)
{
    struct jw w;
    struct calibration entry = fit_calibration_entry(c);
    document_begin(&w, s, "moat.calibrate/1");
    jw_bool(&w, "answered", !c->refused);
    jw_str(&w, "refusal", c->refused);
    jw_str(&w, "deployment", g->deployment);
    jw_str(&w, "framework", entry.framework);
    jw_str(&w, "accelerator", entry.accelerator);
    jw_str(&w, "model", entry.model);
    jw_str(&w, "precision", c->used ? precision_table[entry.precision].name : NULL);
    jw_int(&w, "points", (int64_t)c->used);
    jw_int(&w, "other_rows", (int64_t)g->nother);
    refused_json(&w, g, c);
    jw_arr(&w, "constants");
    for (int k = 0; k < SCALE_N; k++)
        constant_json(&w, c, k);
    jw_end(&w);
    held_json(&w, c);
    interval_json(&w, "interval_before", &c->before);
    interval_json(&w, "interval", &c->interval);
    jw_str(&w, "hash", g->hash);
    jw_str(&w, "written", written);
    jw_str(&w, "evidence", grade_name(c->refused ? GRADE_INFERRED : GRADE_MEASURED));
    document_end(&w, s);
}

static void csv(const struct show *s, const struct fit_calibration *c)
{
    struct buf *b = s->out;
    buf_add(b, "id,metric,measured,before,after\n");
    for (size_t i = 0; i < c->nheld; i++) {
        csv_text(b, c->seen[c->held[i].point].p->id);
        csv_text(b, fit_metric_table[c->held[i].metric].name);
        csv_num(b, c->held[i].measured);
        csv_num(b, c->held[i].before);
        csv_num(b, c->held[i].after);
        csv_end(b);
    }
}

void show_calibrate(const struct show *s, const struct fit_gathered *g, const struct fit_calibration *c,
                    const char *written)
{
    if (s->format == FORMAT_JSON)
        json(s, g, c, written);
    else if (s->format == FORMAT_CSV)
        csv(s, c);
    else
        text(s, g, c, written);
}
