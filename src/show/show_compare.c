/* show_compare.c - `moat compare`: inputs that differ, what they change, and which accelerators moved. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_sim_pools.h"
#include "show/show_plan.h"
#include "show/table.h"
#include "show/text.h"

enum shape { SHAPE_COUNT, SHAPE_USD_H, SHAPE_USD, SHAPE_TIME, SHAPE_RATE, SHAPE_FRAC, SHAPE_POWER };

/* How each measure is called and shaped; the JSON key carries the base unit. */
static const struct measure_row { const char *label, *key; enum shape shape; double per_unit; } measure_row[MEASURE_N] = {
    [MEASURE_DEVICES] = {"cards", "devices", SHAPE_COUNT, 1},
    [MEASURE_USD_H] = {"cost", "usd_per_hour", SHAPE_USD_H, 1},
    [MEASURE_USD_MTOK] = {"per million output tokens", "usd_per_mtok", SHAPE_USD, 1},
    [MEASURE_TTFT_P50] = {"p50 TTFT", "ttft_p50_ms", SHAPE_TIME, MS_PER_S},
    [MEASURE_TTFT_P99] = {"p99 TTFT", "ttft_p99_ms", SHAPE_TIME, MS_PER_S},
    [MEASURE_TPOT_P50] = {"p50 TPOT", "tpot_p50_ms", SHAPE_TIME, MS_PER_S},
    [MEASURE_TPOT_P99] = {"p99 TPOT", "tpot_p99_ms", SHAPE_TIME, MS_PER_S},
    [MEASURE_E2E_P99] = {"p99 E2E latency", "e2e_p99_ms", SHAPE_TIME, MS_PER_S},
    [MEASURE_GOODPUT] = {"goodput", "goodput_req_s", SHAPE_RATE, 1},
    [MEASURE_OUTPUT] = {"output tokens", "output_tok_s", SHAPE_RATE, 1},
    [MEASURE_UTILISATION] = {"busy", "utilisation_frac", SHAPE_FRAC, 1},
    [MEASURE_KV_PEAK] = {"KV cache at the peak", "kv_peak_frac", SHAPE_FRAC, 1},
    [MEASURE_PREEMPTIONS] = {"preemptions", "preemptions", SHAPE_COUNT, 1},
    [MEASURE_POWER] = {"power", "power_w", SHAPE_POWER, 1},
    [MEASURE_FEASIBLE] = {"accelerators that do", "feasible", SHAPE_COUNT, 1},
};

static const char *shaped(struct arena *a, enum shape shape, double v)
{
    switch (shape) {
    case SHAPE_COUNT: return text_count(a, v);
    case SHAPE_USD_H: return text_usd_h(a, v);
    case SHAPE_USD: return text_usd(a, v);
    case SHAPE_TIME: return text_time(a, v);
    case SHAPE_RATE: return isfinite(v) ? arena_printf(a, "%s/s", text_num(a, v)) : "-";
    case SHAPE_FRAC: return text_percent(a, v);
    case SHAPE_POWER: return text_watts(a, v);
    }
    return "-";
}

static const char *deployed_text(struct arena *a, const struct sim_run_out *r)
{
    if (sim_has_pools(r))
        return sim_pools_cards(a, r);
    return arena_printf(a, "%d x %s (%d x %s)", r->devices, r->d.acc->id, r->replicas, deployment_text(a, &r->d));
}

static void inputs_text(const struct show *s, const struct comparison *c)
{
    struct column col[] = {{"what differs", COL_LEFT, 0, 0}, {c->name_a, COL_LEFT, 0, 0}, {c->name_b, COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!c->ninput) {
        buf_add(s->out, "The two ask the same.\n");
        return;
    }
    table_init(&t, s, col, 3);
    for (size_t i = 0; i < c->ninput; i++) {
        const struct difference *d = &c->input[i];
        const char *cell[] = {d->path, d->a ? text_cut(a, d->a, 34) : "-", d->b ? text_cut(a, d->b, 34) : "-"};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static void changes_text(const struct show *s, const struct comparison *c)
{
    struct column col[] = {{"what comes out", COL_LEFT, 0, 0}, {c->name_a, COL_RIGHT, 0, 0}, {c->name_b, COL_RIGHT, 0, 0},
                           {"", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, 4);
    for (size_t i = 0; i < c->nchange; i++) {
        const struct change *h = &c->change[i];
        const struct measure_row *m = &measure_row[h->measure];
        if (!isfinite(h->a) && !isfinite(h->b))
            continue;
        const char *ratio = h->a == h->b ? "same" : isfinite(h->ratio) ? text_times(a, h->ratio) : "";
        const char *cell[] = {m->label, shaped(a, m->shape, h->a), shaped(a, m->shape, h->b), ratio};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static void alone_text(const struct show *s, const struct comparison *c)
{
    struct column col[] = {{"one key alone", COL_LEFT, 0, 0}, {c->plan_a ? "best" : "", COL_LEFT, 0, 0}, {"p99 TTFT", COL_RIGHT, 0, 0},
                           {"p99 TPOT", COL_RIGHT, 0, 0}, {"$/h", COL_RIGHT, 0, 0}, {"$/Mtok", COL_RIGHT, 0, 0}, {"", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!c->nalone)
        return;
    table_init(&t, s, col, 7);
    for (size_t i = 0; i < c->nalone; i++) {
        const struct alone *x = &c->alone[i];
        const char *best = x->failed ? text_cut(a, x->failed, 50) : !c->plan_a ? "" : x->best ? x->best : "none";
        const char *cell[] = {x->key, best, x->failed ? "" : text_time(a, x->ttft_p99_s), x->failed ? "" : text_time(a, x->tpot_p99_s),
                              isfinite(x->usd_h) ? text_usd(a, x->usd_h) + 1 : "", isfinite(x->usd_mtok) ? text_usd(a, x->usd_mtok) + 1 : "",
                              isfinite(x->usd_mtok_ratio) ? text_times(a, x->usd_mtok_ratio) : ""};
        table_row(&t, x->failed ? INK_DIM : NULL, cell);
    }
    buf_fmt(s->out, "\n%sWhy they differ%s: the first with one key of the second\n", ink(s, INK_BOLD), ink_off(s));
    table_print(&t);
}

static const char *rank_text(struct arena *a, int rank)
{
    return rank ? arena_printf(a, "%d", rank) : "no";
}

static void shifts_text(const struct show *s, const struct comparison *c)
{
    struct column col[] = {{"accelerator", COL_LEFT, 0, 0}, {"rank\nfirst", COL_RIGHT, 0, 0}, {"\nsecond", COL_RIGHT, 0, 0},
                           {"$/h\nfirst", COL_RIGHT, 0, 0}, {"\nsecond", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    size_t n = 0;
    table_init(&t, s, col, 5);
    for (size_t i = 0; i < c->nshift && (n < 10 || s->verbose); i++) {
        const struct shift *h = &c->shift[i];
        if (!h->rank_a && !h->rank_b)
            continue;
        const char *cell[] = {h->acc->id, rank_text(a, h->rank_a), rank_text(a, h->rank_b),
                              isfinite(h->usd_h_a) ? text_usd(a, h->usd_h_a) + 1 : "-",
                              isfinite(h->usd_h_b) ? text_usd(a, h->usd_h_b) + 1 : "-"};
        table_row(&t, NULL, cell);
        n++;
    }
    if (n) {
        buf_add(s->out, "\n");
        table_print(&t);
    }
}

static void answers(const struct show *s, const struct comparison *c)
{
    const char *name[] = {c->name_a, c->name_b};
    const struct plan *p[] = {c->plan_a, c->plan_b};
    const struct sim_run_out *r[] = {c->sim_a, c->sim_b};
    for (int i = 0; i < 2; i++) {
        buf_fmt(s->out, "%s%s:%s ", ink(s, INK_BOLD), name[i], ink_off(s));
        text_wrap(s->out, p[i] ? plan_answer(s->arena, p[i]) : deployed_text(s->arena, r[i]), text_width(name[i]) + 2, s->width, 2);
        buf_add(s->out, "\n");
    }
    buf_add(s->out, "\n");
}

static void compare_json(const struct show *s, const struct comparison *c)
{
    struct jw w;
    document_begin(&w, s, "moat.compare/1");
    jw_str(&w, "kind", c->plan_a ? "plan" : "sim");
    jw_str(&w, "a", c->name_a);
    jw_str(&w, "b", c->name_b);
    jw_arr(&w, "differences");
    for (size_t i = 0; i < c->ninput; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "key", c->input[i].path);
        jw_raw(&w, "a", c->input[i].a ? c->input[i].a : "null");
        jw_raw(&w, "b", c->input[i].b ? c->input[i].b : "null");
        jw_end(&w);
    }
    jw_end(&w);
    jw_arr(&w, "changes");
    for (size_t i = 0; i < c->nchange; i++) {
        const struct change *h = &c->change[i];
        const struct measure_row *m = &measure_row[h->measure];
        jw_obj(&w, NULL);
        jw_str(&w, "key", m->key);
        jw_num(&w, "a", h->a * m->per_unit);
        jw_num(&w, "b", h->b * m->per_unit);
        jw_num(&w, "ratio", h->ratio);
        jw_end(&w);
    }
    jw_end(&w);
    jw_arr(&w, "one_key_alone");
    for (size_t i = 0; i < c->nalone; i++) {
        const struct alone *x = &c->alone[i];
        jw_obj(&w, NULL);
        jw_str(&w, "key", x->key);
        jw_str(&w, "failed", x->failed);
        jw_str(&w, "best", x->best);
        jw_num(&w, "usd_per_hour", x->usd_h);
        jw_num(&w, "usd_per_mtok", x->usd_mtok);
        jw_num(&w, "usd_per_mtok_ratio", x->usd_mtok_ratio);
        jw_num(&w, "ttft_p99_ms", x->ttft_p99_s * MS_PER_S);
        jw_num(&w, "tpot_p99_ms", x->tpot_p99_s * MS_PER_S);
        jw_end(&w);
    }
    jw_end(&w);
    if (c->plan_a) {
        jw_str(&w, "best_a", c->plan_a->best ? c->plan_a->best->acc->id : NULL);
        jw_str(&w, "best_b", c->plan_b->best ? c->plan_b->best->acc->id : NULL);
        jw_str(&w, "answer_a", plan_answer(s->arena, c->plan_a));
        jw_str(&w, "answer_b", plan_answer(s->arena, c->plan_b));
    }
    jw_arr(&w, "ranks");
    for (size_t i = 0; i < c->nshift; i++) {
        const struct shift *h = &c->shift[i];
        jw_obj(&w, NULL);
        jw_str(&w, "accelerator", h->acc->id);
        if (h->rank_a)
            jw_int(&w, "rank_a", h->rank_a);
        else
            jw_null(&w, "rank_a");
        if (h->rank_b)
            jw_int(&w, "rank_b", h->rank_b);
        else
            jw_null(&w, "rank_b");
        jw_num(&w, "usd_per_hour_a", h->usd_h_a);
        jw_num(&w, "usd_per_hour_b", h->usd_h_b);
        jw_end(&w);
    }
    jw_end(&w);
    document_end(&w, s);
}

static void compare_csv(const struct show *s, const struct comparison *c)
{
    struct buf *b = s->out;
    buf_add(b, "what,key,a,b,ratio\n");
    for (size_t i = 0; i < c->ninput; i++) {
        csv_text(b, "input");
        csv_text(b, c->input[i].path);
        csv_text(b, c->input[i].a);
        csv_text(b, c->input[i].b);
        csv_num(b, NAN);
        csv_end(b);
    }
    for (size_t i = 0; i < c->nchange; i++) {
        const struct change *h = &c->change[i];
        csv_text(b, "result");
        csv_text(b, measure_row[h->measure].key);
        csv_num(b, h->a * measure_row[h->measure].per_unit);
        csv_num(b, h->b * measure_row[h->measure].per_unit);
        csv_num(b, h->ratio);
        csv_end(b);
    }
}

void show_compare(const struct show *s, const struct comparison *c)
{
    if (s->format == FORMAT_JSON) {
        compare_json(s, c);
    } else if (s->format == FORMAT_CSV) {
        compare_csv(s, c);
    } else {
        answers(s, c);
        inputs_text(s, c);
        buf_add(s->out, "\n");
        changes_text(s, c);
        alone_text(s, c);
        shifts_text(s, c);
    }
}
