/* show_work.c - one workload on one kind of device, and the workloads of the catalog. */
#include "show/show_work.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

static bool sessions(const struct workload *w)
{
    return w->session_fps > 0;
}

/* Whole numbers: "6 [5-7]". */
static const char *count_span(struct arena *a, struct span v)
{
    if (v.lo == v.hi)
        return text_count(a, v.at);
    return arena_printf(a, "%s [%s-%s]", text_count(a, v.at), text_count(a, v.lo), text_count(a, v.hi));
}

static const char *arith_text(struct arena *a, const struct work_point *p)
{
    return p->r.arith == ARITH_N ? "" : arena_printf(a, " in %s", arith_name[p->r.arith]);
}

static void parts_text(const struct show *s, const struct work_rate *r, double t_s)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0},
                                        {"time", COL_RIGHT, 0, 0},
                                        {"", COL_RIGHT, 0, 0},
                                        {"bound by", COL_LEFT, 0, 0},
                                        {"", COL_LEFT, 1, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (int i = 0; i < r->npart; i++) {
        const struct work_part *p = &r->part[i];
        const char *cell[] = {p->op, text_time(a, p->t_s), text_percent(a, p->t_s / t_s), bound_name[p->bound],
                              text_bar(a, p->t_s / t_s, 24)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static double parts_s(const struct work_rate *r)
{
    double t_s = 0;
    for (int i = 0; i < r->npart; i++)
        t_s += r->part[i].t_s;
    return t_s;
}

/* "queries" of "queries/s". */
static const char *noun(struct arena *a, const char *unit)
{
    const char *slash = strrchr(unit, '/');
    return slash && strcmp(slash, "/s") == 0 ? arena_strndup(a, unit, (size_t)(slash - unit)) : unit;
}

static const char *cost_text(struct arena *a, const struct work_point *p)
{
    if (!p->price.found)
        return "unpriced: no price of this accelerator is in the catalog";
    const char *each = sessions(p->work) ? arena_printf(a, "%s a session-hour", text_span_usd(a, p->usd_session_h))
                                         : arena_printf(a, "%s per million %s", text_span_usd(a, p->usd_munit),
                                                        noun(a, p->work->unit));
    return arena_printf(a, "%s, %s; %s%s%s", each, text_usd_h(a, p->usd_h), p->price.source, p->price.note ? "; " : "",
                        p->price.note ? p->price.note : "");
}

static void point_text(const struct show *s, const struct work_point *p)
{
    struct arena *a = s->arena;
    const struct work_rate *r = &p->r;
    const struct workload *w = p->work;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out,
              arena_printf(a, "%s (%s%s)%s on %d x %s%s.", w->id, work_class_name[w->cls], w->train ? ", training" : "",
                           arith_text(a, p), r->devices, p->acc->id,
                           sessions(w) || w->cls == WORK_HPC
                               ? ""
                               : arena_printf(a, ", %s a card at a time", text_count(a, r->batch))),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
    if (r->reason) {
        buf_fmt(s->out, "%sThe rate is 0:%s ", ink(s, INK_BAD), ink_off(s));
        text_wrap(s->out, arena_printf(a, "%s.", r->reason), 15, s->width, 0);
        buf_add(s->out, "\n\n");
        label_line(s, "binding",
                   isfinite(r->short_by) ? arena_printf(a, "%s, %s too little", r->binding, text_times(a, r->short_by))
                                         : r->binding);
        label_line(s, "evidence", grade_name(r->evidence));
        return;
    }
    buf_add(s->out, "\n");
    label_line(s, sessions(w) ? "sessions" : "rate",
               arena_printf(a, "%s a card%s", sessions(w) ? count_span(a, r->rate_s) : text_span(a, r->rate_s, w->unit),
                            r->devices > 1
                                ? arena_printf(a, ", %s in all",
                                               sessions(w) ? count_span(a, r->total_s) : text_span_in(a, r->total_s, 1))
                                : ""));
    if (sessions(w))
        label_line(s, "limit",
                   arena_printf(a, "%s; one frame takes %s, promised %s frames/s", r->limit,
                                text_span_time(a, r->batch_s), text_num(a, w->session_fps)));
    else if (w->cls != WORK_HPC)
        label_line(s, w->cls == WORK_GRAPHICS ? "a frame" : "a batch", text_span_time(a, r->batch_s));
    label_line(s, "memory",
               arena_printf(a, "a card: %s needed, %s usable%s", text_gb(a, r->need_bytes), text_gb(a, r->usable_bytes),
                            r->resident_frac < 1 ? arena_printf(a, "; %s of the tables on every card, the rest spread",
                                                                text_percent(a, r->resident_frac))
                                                 : ""));
    label_line(s, "power", text_watts(a, r->power_w.at));
    label_line(s, "cost", cost_text(a, p));
    label_line(s, "evidence",
               arena_printf(a, "%s; [..] is an 80%% interval%s", grade_name(r->evidence),
                            r->other
                                ? arena_printf(a, ", wide: no device of %s was fitted for this class", p->acc->software)
                                : ""));
    buf_add(s->out, "\n");
    parts_text(s, r, parts_s(r));
}

/* Keys of the schema that only a language model has. */
static void nulls(struct jw *w, const char *const *key, size_t n)
{
    for (size_t i = 0; i < n; i++)
        jw_null(w, key[i]);
}

/* The keys of one point, into the open object. */
static void point_keys(struct jw *w, const struct work_point *p)
{
    static const char *const tokens[] = {"ttft_ms", "tpot_ms", "output_tok_s", "tok_s_per_accelerator", "usd_per_mtok"};
    static const char *const cache[] = {"weights_gb", "kv_bytes_per_token", "kv_blocks", "kv_tokens"};
    const struct work_rate *r = &p->r;
    double t_s = parts_s(r);
    jw_str(w, "work", p->work->id);
    jw_str(w, "class", work_class_name[p->work->cls]);
    jw_bool(w, "train", p->work->train);
    jw_str(w, "accelerator", p->acc->id);
    jw_int(w, "devices", r->devices);
    jw_bool(w, "fits", r->fits);
    jw_str(w, "reason", r->reason);
    jw_str(w, "binding", r->binding);
    jw_num(w, "short_by", r->short_by);
    jw_span(w, "rate", r->rate_s, 1);
    jw_span(w, "rate_total", r->total_s, 1);
    jw_str(w, "unit", p->work->unit);
    jw_num(w, "batch", r->batch);
    jw_span(w, "latency_ms", r->batch_s, MS_PER_S);
    jw_str(w, "limit", r->limit);
    jw_str(w, "arithmetic", r->arith == ARITH_N ? NULL : arith_name[r->arith]);
    jw_obj(w, "memory");
    jw_num(w, "needed_gb_per_accelerator", r->need_bytes / GIGA);
    jw_num(w, "usable_gb_per_accelerator", r->usable_bytes / GIGA);
    jw_num(w, "tables_resident_frac", r->resident_frac);
    nulls(w, cache, sizeof cache / sizeof *cache);
    jw_end(w);
    jw_span(w, "power_w", r->power_w, 1);
    jw_num(w, "usd_per_hour", p->usd_h);
    jw_span(w, "usd_per_million_units", p->usd_munit, 1);
    jw_span(w, "usd_per_session_hour", p->usd_session_h, 1);
    jw_price(w, "price", &p->price);
    jw_arr(w, "breakdown");
    for (int i = 0; i < r->npart; i++) {
        jw_obj(w, NULL);
        jw_str(w, "op", r->part[i].op);
        jw_num(w, "time_us", r->part[i].t_s * 1e6);
        jw_num(w, "share_frac", r->part[i].t_s / t_s);
        jw_str(w, "bound", bound_name[r->part[i].bound]);
        jw_end(w);
    }
    jw_end(w);
    nulls(w, tokens, sizeof tokens / sizeof *tokens);
    jw_bool(w, "software_fitted", !r->other);
    jw_str(w, "evidence", grade_name(r->evidence));
}

static void point_csv(const struct show *s, const struct work_point *p)
{
    struct buf *b = s->out;
    const struct work_rate *r = &p->r;
    csv_text(b, p->work->id);
    csv_text(b, work_class_name[p->work->cls]);
    csv_text(b, p->acc->id);
    csv_int(b, r->devices);
    csv_num(b, r->batch);
    csv_text(b, r->fits ? "true" : "false");
    csv_num(b, r->rate_s.at);
    csv_num(b, r->rate_s.lo);
    csv_num(b, r->rate_s.hi);
    csv_text(b, p->work->unit);
    csv_num(b, r->batch_s.at * MS_PER_S);
    csv_num(b, r->power_w.at);
    csv_num(b, p->usd_h);
    csv_text(b, r->binding ? r->binding : "");
    csv_text(b, r->reason ? r->reason : "");
    csv_text(b, grade_name(r->evidence));
    csv_end(b);
}

/* What takes most of the time; of sessions what ends them. */
static const char *most_text(struct arena *a, const struct work_rate *r)
{
    int most = 0;
    for (int i = 1; i < r->npart; i++)
        most = r->part[i].t_s > r->part[most].t_s ? i : most;
    return r->limit ? r->limit : arena_printf(a, "%s (%s)", r->part[most].op, bound_name[r->part[most].bound]);
}

static void zero_text(const struct show *s, const struct work_points *p)
{
    static const char *const binding[] = {"capability", "memory", "latency"};
    struct arena *a = s->arena;
    buf_fmt(s->out, "\nRate 0: %s\n", text_count(a, (double)p->nzero));
    for (size_t k = 0; k < sizeof binding / sizeof *binding; k++) {
        struct buf b = {.arena = a};
        for (size_t i = p->n - p->nzero; i < p->n; i++) {
            const struct work_point *x = &p->point[i];
            if (strcmp(x->r.binding, binding[k]) != 0)
                continue;
            buf_fmt(&b, "%s%s", b.n ? ", " : "", x->acc->id);
            if (isfinite(x->r.short_by))
                buf_fmt(&b, " %s", text_times(a, x->r.short_by));
        }
        if (b.n)
            label_line(s, binding[k], buf_str(&b));
    }
}

static void list_text(const struct show *s, const struct work_points *p)
{
    const struct column col[] = {{"accelerator", COL_LEFT, 0, 0},
                                 {p->work->unit, COL_LEFT, 0, 0},
                                 {sessions(p->work) ? "$ a session-hour" : "$ per million", COL_RIGHT, 0, 0},
                                 {"W", COL_RIGHT, 2, 0},
                                 {"most of the time", COL_LEFT, 1, 0},
                                 {"evidence", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    int devices = p->n ? p->point[0].r.devices : 1;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out,
              arena_printf(a, "%s (%s%s): %s a card%s; [..] is an 80%% interval.", p->work->id,
                           work_class_name[p->work->cls], p->work->train ? ", training" : "", p->work->unit,
                           devices > 1 ? arena_printf(a, " of %d", devices) : ""),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 0;
    for (size_t i = 0; i + p->nzero < p->n; i++) {
        const struct work_point *x = &p->point[i];
        const char *cell[] = {x->acc->id,
                              sessions(p->work) ? count_span(a, x->r.rate_s) : text_span_in(a, x->r.rate_s, 1),
                              text_usd(a, sessions(p->work) ? x->usd_session_h.at : x->usd_munit.at),
                              text_count(a, x->r.power_w.at / devices),
                              most_text(a, &x->r),
                              grade_name(x->r.evidence)};
        table_row(&t, NULL, cell);
    }
    if (t.nrow)
        table_print(&t);
    if (p->nzero)
        zero_text(s, p);
}

void show_work_points(const struct show *s, const struct work_points *p)
{
    struct jw w;
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, p->list ? "moat.predict_work/1" : "moat.predict/1");
        if (p->list) {
            jw_str(&w, "work", p->work->id);
            jw_str(&w, "unit", p->work->unit);
            jw_arr(&w, "candidates");
        }
        for (size_t i = 0; i < p->n; i++) {
            if (p->list)
                jw_obj(&w, NULL);
            point_keys(&w, &p->point[i]);
            if (p->list)
                jw_end(&w);
        }
        if (p->list)
            jw_end(&w);
        document_end(&w, s);
    } else if (s->format == FORMAT_CSV) {
        buf_add(s->out, "work,class,accelerator,devices,batch,fits,rate,rate_lo,rate_hi,unit,latency_ms,power_w,usd_"
                        "per_hour,binding,reason,evidence\n");
        for (size_t i = 0; i < p->n; i++)
            point_csv(s, &p->point[i]);
    } else if (p->list) {
        list_text(s, p);
    } else {
        point_text(s, &p->point[0]);
    }
}

/* ------------------------------------------------------------------ the catalog */

static const char *kinds_text(struct arena *a, const struct workload *w)
{
    struct buf b = {.arena = a};
    for (int k = 0; k < WORK_OP_N; k++)
        for (size_t i = 0; i < w->nop; i++)
            if (w->op[i].kind == (enum work_op_kind)k) {
                buf_fmt(&b, "%s%s", b.n ? ", " : "", work_op_name[k]);
                break;
            }
    return buf_str(&b);
}

static void jw_work(struct jw *w, const char *key, const struct workload *x)
{
    jw_obj(w, key);
    jw_str(w, "id", x->id);
    jw_str(w, "name", x->name);
    jw_str(w, "class", work_class_name[x->cls]);
    jw_bool(w, "train", x->train);
    jw_str(w, "unit", x->unit);
    jw_arr(w, "aliases");
    for (size_t i = 0; i < x->nalias; i++)
        jw_str(w, NULL, x->alias[i]);
    jw_end(w);
    jw_num(w, "batch", x->batch);
    jw_num(w, "table_bytes", x->table_bytes);
    jw_num(w, "state_bytes", x->state_bytes);
    jw_num(w, "unit_bytes", x->unit_bytes);
    jw_num(w, "session_fps", x->session_fps > 0 ? x->session_fps : NAN);
    jw_arr(w, "operators");
    for (size_t i = 0; i < x->nop; i++) {
        const struct work_op *o = &x->op[i];
        jw_obj(w, NULL);
        jw_str(w, "op", work_op_name[o->kind]);
        jw_str(w, "name", o->name);
        jw_num(w, "times", o->times);
        jw_num(w, "flop", o->flop);
        jw_num(w, "bytes", o->bytes);
        jw_num(w, "values", o->values);
        jw_num(w, "params", o->params);
        jw_num(w, "rays", o->rays);
        jw_num(w, "pixels", o->pixels);
        jw_end(w);
    }
    jw_end(w);
    jw_bool(w, "recall", x->recall);
    jw_str(w, "source", x->source);
    jw_str(w, "date", x->date);
    jw_str(w, "notes", x->notes);
    jw_end(w);
}

void show_works(const struct show *s, const struct catalog *c)
{
    static const struct column col[] = {{"id", COL_LEFT, 0, 0},
                                        {"class", COL_LEFT, 0, 0},
                                        {"unit", COL_LEFT, 0, 0},
                                        {"operators", COL_LEFT, 1, 0},
                                        {"", COL_LEFT, 2, 0}};
    struct arena *a = s->arena;
    struct jw w;
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, "moat.catalog/1");
        jw_arr(&w, "work");
        for (size_t i = 0; i < c->nwork; i++)
            jw_work(&w, NULL, &c->work[i]);
        jw_end(&w);
        document_end(&w, s);
        return;
    }
    if (s->format == FORMAT_CSV) {
        buf_add(s->out, "id,name,class,train,unit,operators,source,date\n");
        for (size_t i = 0; i < c->nwork; i++) {
            const struct workload *x = &c->work[i];
            const char *word[] = {
                x->id,     x->name, work_class_name[x->cls], x->train ? "true" : "false", x->unit, kinds_text(a, x),
                x->source, x->date};
            for (size_t j = 0; j < sizeof word / sizeof *word; j++)
                csv_text(s->out, word[j]);
            csv_end(s->out);
        }
        return;
    }
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 0;
    for (size_t i = 0; i < c->nwork; i++) {
        const struct workload *x = &c->work[i];
        const char *cell[] = {x->id, arena_printf(a, "%s%s", work_class_name[x->cls], x->train ? ", training" : ""),
                              x->unit, kinds_text(a, x), x->name};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_fmt(s->out, "\n%zu workloads. `moat catalog show ID` prints one, `moat predict ID on h100` its rate.\n",
            c->nwork);
}

static const char *op_text(struct arena *a, const struct work_op *o)
{
    static const struct {
        size_t at;
        const char *name;
    } figure[] = {{offsetof(struct work_op, flop), "FLOP"},         {offsetof(struct work_op, bytes), "B"},
                  {offsetof(struct work_op, params), "parameters"}, {offsetof(struct work_op, values), "values moved"},
                  {offsetof(struct work_op, rays), "rays"},         {offsetof(struct work_op, pixels), "pixels"}};
    struct buf b = {.arena = a};
    for (size_t i = 0; i < sizeof figure / sizeof *figure; i++) {
        double v;
        memcpy(&v, (const char *)o + figure[i].at, sizeof v);
        if (v > 0)
            buf_fmt(&b, "%s%s %s", b.n ? ", " : "", text_big(a, v), figure[i].name);
    }
    return buf_str(&b);
}

void show_work(const struct show *s, const struct workload *x)
{
    static const struct column col[] = {{"operators of one unit", COL_LEFT, 0, 0},
                                        {"", COL_LEFT, 0, 0},
                                        {"times", COL_RIGHT, 0, 0},
                                        {"each", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    struct jw w;
    struct table t;
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, "moat.catalog/1");
        jw_work(&w, "work", x);
        document_end(&w, s);
        return;
    }
    buf_fmt(s->out, "%s%s%s: %s (%s%s), in %s\n\n", ink(s, INK_BOLD), x->id, ink_off(s), x->name,
            work_class_name[x->cls], x->train ? ", training" : "", x->unit);
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < x->nop; i++) {
        const struct work_op *o = &x->op[i];
        const char *cell[] = {o->name, work_op_name[o->kind], text_count(a, o->times), op_text(a, o)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
    if (x->table_bytes > 0)
        label_line(s, "tables", text_gb(a, x->table_bytes));
    if (x->unit_bytes > 0)
        label_line(s, "memory", arena_printf(a, "%s a unit in work", text_gb(a, x->unit_bytes)));
    if (x->session_fps > 0)
        label_line(s, "promise", arena_printf(a, "%s frames/s a session", text_num(a, x->session_fps)));
    if (!(x->session_fps > 0) && x->cls != WORK_HPC)
        label_line(s, "batch", text_count(a, x->batch));
    label_line(s, "source", arena_printf(a, "%s, %s", x->source, x->date));
    if (x->recall)
        label_line(s, "evidence", "assumed: a figure that decides is somebody's memory");
    if (*x->notes)
        label_line(s, "notes", x->notes);
    label_line(s, "file", x->place);
}
