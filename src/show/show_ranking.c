/* show_ranking.c - of `moat validate`: whether the faster one was predicted to be the faster, and what a choice by it
 * costs. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_validate.h"
#include "show/table.h"
#include "show/text.h"

static const char *right_text(struct arena *a, const struct fit_pairs *p)
{
    return p->pairs ? arena_printf(a, "%.0f%%", p->right_frac * 100) : "-";
}

void ranking_text(const struct show *s, const struct fit_report *r)
{
    static const struct column col[] = {
        {"", COL_LEFT, 0, 0},     {"latency:\npairs", COL_RIGHT, 0, 0},    {"right", COL_RIGHT, 0, 0},
        {"tau", COL_RIGHT, 0, 0}, {"throughput:\npairs", COL_RIGHT, 0, 0}, {"right", COL_RIGHT, 0, 0},
        {"tau", COL_RIGHT, 0, 0}};
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (int k = 0; k < FIT_RATIOS; k++) {
        const struct fit_ratio *x = &r->ranking.ratio[k];
        const char *cell[7] = {x->of};
        size_t pairs = 0;
        for (int m = 0; m < FIT_MEASURES; m++) {
            const struct fit_pairs *p = &x->by[m];
            pairs += p->pairs;
            cell[1 + 3 * m] = text_count(s->arena, (double)p->pairs);
            cell[2 + 3 * m] = right_text(s->arena, p);
            cell[3 + 3 * m] = p->pairs ? arena_printf(s->arena, "%.2f", p->tau) : "-";
        }
        if (pairs)
            table_row(&t, NULL, cell);
    }
    if (t.nrow) {
        buf_fmt(s->out, "\nThe faster of two that differ in one thing, by %.0f %% or more: is it predicted to be?\n",
                FIT_TIE_FRAC * 100);
        table_print(&t);
    }
}

void choice_text(const struct show *s, const struct fit_report *r)
{
    struct arena *a = s->arena;
    const struct fit_choice *c = &r->choice;
    if (!c->questions)
        return;
    buf_add(s->out, "\n");
    const char *lost =
        isfinite(c->lost_pct)
            ? arena_printf(a, "loses %.1f%% of the best throughput (median; 90th %.0f%%)", c->lost_pct, c->lost_p90_pct)
            : "never keeps the limits";
    text_wrap(
        s->out,
        arena_printf(
            a,
            "Choosing a configuration under limits on TPOT and TTFT by the predictions %s. Of %s questions to %s "
            "groups of "
            "measured configurations it misses a limit in truth in %.0f%%, and finds none that keeps them in %.0f%%.",
            lost, text_count(a, (double)c->questions), text_count(a, (double)c->groups), c->violated_frac * 100,
            c->none_frac * 100),
        0, s->width, 0);
    buf_add(s->out, "\n");
}

void ranking_json(struct jw *w, const struct fit_report *r)
{
    jw_obj(w, "ranking");
    jw_num(w, "tie_frac", FIT_TIE_FRAC);
    jw_arr(w, "ratios");
    for (int k = 0; k < FIT_RATIOS; k++)
        for (int m = 0; m < FIT_MEASURES; m++) {
            const struct fit_pairs *p = &r->ranking.ratio[k].by[m];
            jw_obj(w, NULL);
            jw_str(w, "of", r->ranking.ratio[k].of);
            jw_str(w, "measure", fit_measure_name[m]);
            jw_int(w, "pairs", (int64_t)p->pairs);
            jw_int(w, "ties", (int64_t)p->ties);
            jw_int(w, "right", (int64_t)p->right);
            jw_num(w, "right_frac", p->right_frac);
            jw_num(w, "tau", p->tau);
            jw_end(w);
        }
    jw_end(w);
    jw_end(w);
}

void choice_json(struct jw *w, const struct fit_report *r)
{
    const struct fit_choice *c = &r->choice;
    jw_obj(w, "choice");
    jw_int(w, "groups", (int64_t)c->groups);
    jw_int(w, "questions", (int64_t)c->questions);
    jw_int(w, "violated", (int64_t)c->violated);
    jw_int(w, "none", (int64_t)c->none);
    jw_num(w, "violated_frac", c->violated_frac);
    jw_num(w, "none_frac", c->none_frac);
    jw_num(w, "lost_pct", c->lost_pct);
    jw_num(w, "lost_p90_pct", c->lost_p90_pct);
    jw_num(w, "lost_all_pct", c->lost_all_pct);
    jw_end(w);
}
