/* show_validate.c - `moat validate`: how far predictions are off, where they are worst, and what was refused. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_validate.h"
#include "show/table.h"
#include "show/text.h"

#define WORST 8 /* groups shown of each kind, and reasons; all with --verbose */
#define FEW 5   /* smaller groups are not ranked */

static const char *percent(struct arena *a, double pct)
{
    return isfinite(pct) ? arena_printf(a, "%.1f%%", pct) : "-";
}

static const char *median_text(struct arena *a, const struct fit_score *s)
{
    if (!isfinite(s->median_lo_pct))
        return percent(a, s->median_ape_pct);
    return arena_printf(a, "%.1f%% [%.0f-%.0f]", s->median_ape_pct, s->median_lo_pct, s->median_hi_pct);
}

static void score_row(struct table *t, const char *by, const char *key, const char *metric, const struct fit_score *s)
{
    struct arena *a = t->show->arena;
    const char *cell[] = {by,
                          key,
                          metric,
                          text_count(a, (double)s->n),
                          median_text(a, s),
                          percent(a, s->p90_ape_pct),
                          arena_printf(a, "%+.1f%%", s->bias_pct),
                          arena_printf(a, "%.0f%%", s->coverage80_pct)};
    table_row(t, NULL, cell);
}

static const struct column score_col[] = {
    {"", COL_LEFT, 2, 0},
    {"", COL_LEFT, 0, 0},
    {"metric", COL_LEFT, 0, 0},
    {"n", COL_RIGHT, 0, 0},
    {"median error", COL_LEFT, 0, 0},
    {"90th", COL_RIGHT, 0, 0},
    {"bias", COL_RIGHT, 0, 0},
    {"inside", COL_RIGHT, 0, 0},
};
#define SCORE_COLS (sizeof score_col / sizeof *score_col)

static void metrics_text(const struct show *s, const struct fit_report *r)
{
    struct column col[SCORE_COLS - 2];
    struct table t;
    memcpy(col, score_col + 2, sizeof col);
    table_init(&t, s, col, SCORE_COLS - 2);
    for (int m = 0; m < FIT_METRIC_N; m++) {
        const struct fit_score *x = &r->metric[m];
        if (!x->n)
            continue;
        const char *cell[] = {fit_metric_table[m].name,
                              text_count(s->arena, (double)x->n),
                              median_text(s->arena, x),
                              percent(s->arena, x->p90_ape_pct),
                              arena_printf(s->arena, "%+.1f%%", x->bias_pct),
                              arena_printf(s->arena, "%.0f%%", x->coverage80_pct)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

/* Groups of at least a few points, worst first in each kind of group. */
static void groups_text(const struct show *s, const struct fit_report *r)
{
    struct table t;
    size_t shown = 0;
    const char *by = "";
    table_init(&t, s, score_col, SCORE_COLS);
    for (size_t i = 0; i < r->ngroup; i++) {
        const struct fit_group *g = &r->group[i];
        if (strcmp(by, g->by) != 0)
            shown = 0;
        bool first = strcmp(by, g->by) != 0 || shown == 0;
        by = g->by;
        if (g->score.n < FEW || (shown >= WORST && !s->verbose))
            continue;
        score_row(&t, first ? g->by : "", g->key, fit_metric_table[g->metric].name, &g->score);
        shown++;
    }
    if (t.nrow) {
        buf_fmt(s->out, "\nWorst groups of %d points or more\n", FEW);
        table_print(&t);
    }
}

/* A line a row, as it stands in the file. */
static void refused_text(const struct show *s, const struct fit_report *r)
{
    struct column col[] = {{"line", COL_RIGHT, 0, 0}, {"row", COL_LEFT, 0, 0}, {"why", COL_LEFT, 0, 1}};
    struct table t;
    table_init(&t, s, col, 3);
    for (size_t i = 0; i < r->nrefused; i++) {
        const char *cell[] = {text_count(s->arena, (double)r->refused[i].line), r->refused[i].id, r->refused[i].why};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

/* Reasons by how often they stand; with --verbose every row with its own. */
static void reasons_text(const struct show *s, const struct fit_report *r)
{
    struct column col[] = {{"", COL_RIGHT, 0, 0}, {"", COL_LEFT, 0, 1}};
    struct table t;
    if (!r->nreason)
        return;
    buf_add(s->out, "\nRefused\n");
    if (s->verbose) {
        refused_text(s, r);
        return;
    }
    table_init(&t, s, col, 2);
    for (size_t i = 0; i < r->nreason && i < WORST; i++) {
        const char *cell[] = {text_count(s->arena, (double)r->reason[i].n), r->reason[i].why};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    if (r->nreason > WORST)
        buf_fmt(s->out, "and %zu other reasons: --verbose\n", r->nreason - WORST);
}

static void held_out(const struct show *s, const struct fit_options *o)
{
    if (o->without && strcmp(o->without, "each") == 0)
        buf_add(s->out, "Held out: of every device its own constants; others stand in for it\n");
    else if (o->without)
        buf_fmt(s->out, "Held out: the constants of %s; other devices stand in for it\n", o->without);
    if (o->without_family && strcmp(o->without_family, "each") == 0)
        buf_add(s->out, "Held out: of every device the constants of its whole family\n");
    else if (o->without_family)
        buf_fmt(s->out, "Held out: the constants of every device of the family %s\n", o->without_family);
}

static void text(const struct show *s, const struct fit_points *p, const struct fit_options *o,
                 const struct fit_report *r)
{
    const char *fitted =
        r->fitted ? arena_printf(s->arena, "%s fitted on and not scored, ", text_count(s->arena, (double)r->fitted)) : "";
    buf_fmt(s->out, "%s%s: %s rows, %s scored, %s%s refused%s\n", ink(s, INK_BOLD), p->name,
            text_count(s->arena, (double)r->rows), text_count(s->arena, (double)r->scored), fitted,
            text_count(s->arena, (double)r->nrefused), ink_off(s));
    held_out(s, o);
    if (o->calibrate_points)
        buf_fmt(s->out, "Calibrated by %zu point%s of each deployment, which are not scored\n", o->calibrate_points,
                o->calibrate_points == 1 ? "" : "s");
    buf_add(s->out, "\n");
    metrics_text(s, r);
    if (r->scored)
        buf_add(s->out, "error = |predicted - measured| / measured, [80 % interval over model x\n"
                        "accelerator groups]; bias = median of predicted / measured - 1; inside = share of\n"
                        "measured values within the printed 80 % interval\n");
    ranking_text(s, r);
    choice_text(s, r);
    groups_text(s, r);
    reasons_text(s, r);
}

static void score_json(struct jw *w, const struct fit_score *s)
{
    jw_int(w, "n", (int64_t)s->n);
    jw_num(w, "median_ape_pct", s->median_ape_pct);
    jw_num(w, "median_ape_pct_lo", s->median_lo_pct);
    jw_num(w, "median_ape_pct_hi", s->median_hi_pct);
    jw_num(w, "p90_ape_pct", s->p90_ape_pct);
    jw_num(w, "bias_pct", s->bias_pct);
    jw_num(w, "coverage80_pct", s->coverage80_pct);
    jw_int(w, "clusters", (int64_t)s->clusters);
}

static void error_json(struct arena *a, struct jw *w, const struct fit_error *e)
{
    jw_obj(w, NULL);
    jw_str(w, "id", e->point->id);
    jw_str(w, "metric", fit_metric_table[e->metric].name);
    jw_num(w, "measured", e->measured);
    jw_num(w, "predicted", e->predicted.at);
    jw_num(w, "lo", e->predicted.lo);
    jw_num(w, "hi", e->predicted.hi);
    jw_str(w, "evidence", grade_name(e->evidence));
    jw_str(w, "tier", fit_tier_name[e->tier]);
    jw_str(w, "how", e->how);
    jw_str(w, "accelerator", e->point->acc->id);
    jw_str(w, "model", e->point->model->id);
    jw_str(w, "framework", e->point->framework);
    jw_str(w, "stack", stack_file_label(a, e->point->stack));
    jw_str(w, "kind", fit_kind_name[e->point->kind]);
    jw_bool(w, "fitted", e->fitted);
    jw_end(w);
}

static void json(const struct show *s, const struct fit_options *o, const struct fit_report *r)
{
    struct jw w;
    document_begin(&w, s, "moat.validate/1");
    jw_int(&w, "rows", (int64_t)r->rows);
    jw_int(&w, "scored", (int64_t)r->scored);
    jw_int(&w, "fitted", (int64_t)r->fitted);
    jw_str(&w, "without", o->without);
    jw_str(&w, "without_arch", o->without_family);
    jw_int(&w, "calibrate_points", (int64_t)o->calibrate_points);
    jw_arr(&w, "refused");
    for (size_t i = 0; i < r->nrefused; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "id", r->refused[i].id);
        jw_str(&w, "why", r->refused[i].why);
        jw_int(&w, "line", (int64_t)r->refused[i].line);
        jw_end(&w);
    }
    jw_end(&w);
    jw_obj(&w, "metrics");
    for (int m = 0; m < FIT_METRIC_N; m++)
        if (r->metric[m].n) {
            jw_obj(&w, fit_metric_table[m].name);
            score_json(&w, &r->metric[m]);
            jw_end(&w);
        }
    jw_end(&w);
    ranking_json(&w, r);
    choice_json(&w, r);
    jw_arr(&w, "groups");
    for (size_t i = 0; i < r->ngroup; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "by", r->group[i].by);
        jw_str(&w, "key", r->group[i].key);
        jw_str(&w, "metric", fit_metric_table[r->group[i].metric].name);
        score_json(&w, &r->group[i].score);
        jw_end(&w);
    }
    jw_end(&w);
    jw_arr(&w, "points");
    for (size_t i = 0; i < r->nerror; i++)
        error_json(s->arena, &w, &r->error[i]);
    jw_end(&w);
    document_end(&w, s);
}

static void csv(const struct show *s, const struct fit_report *r)
{
    struct buf *b = s->out;
    buf_add(b, "id,metric,measured,predicted,lo,hi,evidence,tier,how,accelerator,model,framework,kind,fitted\n");
    for (size_t i = 0; i < r->nerror; i++) {
        const struct fit_error *e = &r->error[i];
        csv_text(b, e->point->id);
        csv_text(b, fit_metric_table[e->metric].name);
        csv_num(b, e->measured);
        csv_num(b, e->predicted.at);
        csv_num(b, e->predicted.lo);
        csv_num(b, e->predicted.hi);
        csv_text(b, grade_name(e->evidence));
        csv_text(b, fit_tier_name[e->tier]);
        csv_text(b, e->how);
        csv_text(b, e->point->acc->id);
        csv_text(b, e->point->model->id);
        csv_text(b, e->point->framework);
        csv_text(b, fit_kind_name[e->point->kind]);
        csv_text(b, e->fitted ? "true" : "false");
        csv_end(b);
    }
}

void show_validate(const struct show *s, const struct fit_points *p, const struct fit_options *o,
                   const struct fit_report *r)
{
    if (s->format == FORMAT_JSON)
        json(s, o, r);
    else if (s->format == FORMAT_CSV)
        csv(s, r);
    else
        text(s, p, o, r);
}
