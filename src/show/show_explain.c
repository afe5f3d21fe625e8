/* show_explain.c - `moat explain`: why an accelerator won or lost, against the winner, and what would flip it. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_plan.h"
#include "show/table.h"
#include "show/text.h"

static const char *verdict(struct arena *a, const struct plan *p, const struct explanation *e)
{
    const struct candidate *c = e->c, *w = e->winner;
    if (c == w)
        return arena_printf(a, "%s wins: %s.", c->acc->id, w->reason[0] ? w->reason : "nothing that keeps every promise is cheaper");
    if (!c->feasible) {
        const char *by = isfinite(c->short_by) && c->short_by > 1 ? arena_printf(a, " (over by a factor of %s)", text_num(a, c->short_by)) : "";
        return arena_printf(a, "%s is out: %s%s.", c->acc->id, c->reason, by);
    }
    if (!c->priced)
        return arena_printf(a, "%s keeps every promise, but no price of it is known.", c->acc->id);
    return arena_printf(a, "%s is number %d of %zu: it keeps every promise, and %s.", c->acc->id, c->rank, p->nfeasible,
                        *c->reason ? c->reason : "costs more");
}

static void row(struct table *t, const char *name, const char *x, const char *y)
{
    const char *cell[] = {name, x, y};
    table_row(t, NULL, cell);
}

static const char *price_text(struct arena *a, const struct candidate *c)
{
    return c->price.found ? text_usd_h(a, c->price.usd_h) : "unpriced";
}

static const char *setup(struct arena *a, const struct candidate *c)
{
    return c->replicas ? arena_printf(a, "%d x %s = %d cards", c->replicas, deployment_text(a, &c->d), c->devices)
                       : deployment_text(a, &c->d);
}

static const char *tb_s(struct arena *a, const struct candidate *c)
{
    return arena_printf(a, "%s, %s TB/s", text_size(a, c->acc->mem_bytes), text_figure(a, c->acc->mem_bw_bytes_s / 1e12));
}

static void side_by_side(const struct show *s, const struct explanation *e)
{
    struct arena *a = s->arena;
    const struct candidate *c = e->c, *w = e->winner && e->winner != e->c ? e->winner : NULL;
    struct column col[] = {{"", COL_LEFT, 0, 0}, {c->acc->id, COL_LEFT, 0, 0}, {w ? w->acc->id : "", COL_LEFT, 0, 0}};
    struct table t;
    table_init(&t, s, col, w ? 3 : 2);
#define SIDES(f) f(a, c), w ? f(a, w) : NULL
#define SPANS(v) text_span_time(a, c->v), w ? text_span_time(a, w->v) : NULL
    row(&t, "configuration", SIDES(setup));
    row(&t, "memory", SIDES(tb_s));
    row(&t, "runs as", c->precision.text, w ? w->precision.text : NULL);
    row(&t, "p99 TTFT", SPANS(ttft_p99));
    row(&t, "p99 TPOT", SPANS(tpot_p99));
    row(&t, "a card", SIDES(price_text));
    row(&t, "cost", text_usd_h(a, c->usd_h), w ? text_usd_h(a, w->usd_h) : NULL);
    row(&t, "per million output tokens", text_usd(a, c->usd_mtok), w ? text_usd(a, w->usd_mtok) : NULL);
    row(&t, "power", text_watts(a, c->power_w), w ? text_watts(a, w->power_w) : NULL);
    row(&t, "evidence", grade_name(c->evidence), w ? grade_name(w->evidence) : NULL);
#undef SIDES
#undef SPANS
    table_print(&t);
}

static void explain_text(const struct show *s, const struct plan *p, const struct explanation *e)
{
    struct arena *a = s->arena;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, verdict(a, p, e), 0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    side_by_side(s, e);
    if (e->nflip) {
        buf_fmt(s->out, "\n%sWhat would flip it%s\n", ink(s, INK_BOLD), ink_off(s));
        for (size_t i = 0; i < e->nflip; i++) {
            buf_add(s->out, "  ");
            text_wrap(s->out, e->flip[i].text, 2, s->width, 4);
            buf_add(s->out, "\n");
        }
    }
    if (e->decode.npart) {
        buf_fmt(s->out, "\n%sA decode step of %s sequences takes %s%s\n\n", ink(s, INK_BOLD), text_count(a, (double)e->batch),
                text_time(a, e->decode.t_s), ink_off(s));
        step_table_text(s, &e->decode);
    }
}

static void explain_json(const struct show *s, const struct plan *p, const struct explanation *e)
{
    struct jw w;
    document_begin(&w, s, "moat.explain/1");
    jw_str(&w, "scenario", p->scenario->name);
    jw_str(&w, "accelerator", e->c->acc->id);
    jw_str(&w, "answer", verdict(s->arena, p, e));
    jw_bool(&w, "won", e->c == e->winner);
    jw_candidate(&w, "candidate", p->scenario, e->c);
    if (e->winner)
        jw_candidate(&w, "winner", p->scenario, e->winner);
    else
        jw_null(&w, "winner");
    jw_arr(&w, "flips");
    for (size_t i = 0; i < e->nflip; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "what", e->flip[i].what);
        jw_num(&w, "factor", e->flip[i].factor);
        jw_str(&w, "text", e->flip[i].text);
        jw_end(&w);
    }
    jw_end(&w);
    jw_int(&w, "batch", e->batch);
    jw_num(&w, "step_time_us", e->decode.t_s * 1e6);
    jw_step(&w, "breakdown", &e->decode);
    jw_str(&w, "evidence", grade_name(e->c->evidence));
    document_end(&w, s);
}

static void explain_csv(const struct show *s, const struct explanation *e)
{
    struct buf *b = s->out;
    buf_add(b, "accelerator,what,factor,text\n");
    for (size_t i = 0; i < e->nflip; i++) {
        csv_text(b, e->c->acc->id);
        csv_text(b, e->flip[i].what);
        csv_num(b, e->flip[i].factor);
        csv_text(b, e->flip[i].text);
        csv_end(b);
    }
}

void show_explain(const struct show *s, const struct plan *p, const struct explanation *e)
{
    if (s->format == FORMAT_JSON)
        explain_json(s, p, e);
    else if (s->format == FORMAT_CSV)
        explain_csv(s, e);
    else
        explain_text(s, p, e);
}
