/* show_trace.c - `moat trace stat`: what a trace holds, in the statistics that decide a plan. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

static const struct ledger_row { const char *key, *text; size_t at; } ledger_row[] = {
    {"zero_output", "with no output", offsetof(struct ledger, zero_output)},
    {"zero_input", "with no prompt", offsetof(struct ledger, zero_input)},
    {"bad_number", "with a bad number", offsetof(struct ledger, bad_number)},
    {"bad_time", "with a bad time", offsetof(struct ledger, bad_time)},
    {"over_limit", "over a limit", offsetof(struct ledger, over_limit)},
    {"ragged", "with missing columns", offsetof(struct ledger, ragged)},
    {"failed", "that failed when recorded", offsetof(struct ledger, failed)},
};

static uint64_t ledger_at(const struct ledger *l, size_t i)
{
    return *(const uint64_t *)(const void *)((const char *)l + ledger_row[i].at);
}

/* What cannot be said of so few requests is left out. */
static void arrivals(const struct show *s, const struct traffic *t, const struct traffic_stat *st)
{
    struct arena *a = s->arena;
    struct buf b = {.arena = a};
    if (t->concurrency)
        buf_fmt(&b, "closed loop of %d at a time", t->concurrency);
    else if (t->n < 3 || !(t->span_s > 0))
        buf_add(&b, "all at once");
    else
        buf_fmt(&b, "CV of gaps %s (1: Poisson)", text_num(a, st->cv));
    if (isfinite(st->iod_1s) && t->n > 2)
        buf_fmt(&b, ", index of dispersion %s over 1 s", text_num(a, st->iod_1s));
    if (isfinite(st->iod_60s))
        buf_fmt(&b, " and %s over 60 s", text_num(a, st->iod_60s));
    if (isfinite(st->peak_to_mean_60s))
        buf_fmt(&b, ", busiest minute %s the mean", text_times(a, st->peak_to_mean_60s));
    label_line(s, "arrivals", buf_str(&b));
}

static void trace_text(const struct show *s, const struct traffic *t, const struct traffic_stat *st)
{
    static const struct column col[] = {{"tokens", COL_LEFT, 0, 0}, {"mean", COL_RIGHT, 0, 0}, {"p50", COL_RIGHT, 0, 0},
                                        {"p90", COL_RIGHT, 0, 0}, {"p99", COL_RIGHT, 0, 0}, {"max", COL_RIGHT, 0, 0},
                                        {"a second", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table tab;
    buf_fmt(s->out, "%s%s%s (%s): %s request%s in %s", ink(s, INK_BOLD), t->name, ink_off(s), t->format, text_count(a, (double)t->n),
            t->n == 1 ? "" : "s", text_time(a, t->span_s));
    if (st->rate_s > 0)
        buf_fmt(s->out, ", %s a second", text_num(a, st->rate_s));
    buf_add(s->out, "\n\n");
    table_init(&tab, s, col, 7);
    const char *in[] = {"prompt", text_num(a, st->in_mean), text_count(a, st->in_p50), text_count(a, st->in_p90),
                        text_count(a, st->in_p99), text_count(a, st->in_max), st->rate_s > 0 ? text_count(a, st->in_tok_s) : ""};
    const char *out[] = {"output", text_num(a, st->out_mean), text_count(a, st->out_p50), text_count(a, st->out_p90),
                         text_count(a, st->out_p99), text_count(a, st->out_max), st->rate_s > 0 ? text_count(a, st->out_tok_s) : ""};
    table_row(&tab, NULL, in);
    table_row(&tab, NULL, out);
    table_print(&tab);
    buf_add(s->out, "\n");
    arrivals(s, t, st);
    if (t->block_tok)
        label_line(s, "prefixes", arena_printf(a, "blocks of %d tokens, %s of the prompt seen before (unbounded cache)", t->block_tok,
                                               text_percent(a, st->prefix_hit_frac)));
    struct buf b = {.arena = a};
    buf_fmt(&b, "%s read, %s used", text_count(a, (double)t->ledger.read), text_count(a, (double)t->ledger.emitted));
    for (size_t i = 0; i < sizeof ledger_row / sizeof *ledger_row; i++)
        if (ledger_at(&t->ledger, i))
            buf_fmt(&b, ", %s %s", text_count(a, (double)ledger_at(&t->ledger, i)), ledger_row[i].text);
    if (t->ledger.reordered)
        buf_fmt(&b, "; %s put in order of time", text_count(a, (double)t->ledger.reordered));
    label_line(s, "rows", buf_str(&b));
}

static void trace_json(const struct show *s, const struct traffic *t, const struct traffic_stat *st)
{
    struct jw w;
    const struct { const char *key; double v; } row[] = {
        {"req_s", st->rate_s}, {"gap_cv", st->cv}, {"iod_1s", st->iod_1s}, {"iod_60s", st->iod_60s},
        {"peak_to_mean_60s", st->peak_to_mean_60s}, {"in_tok_mean", st->in_mean}, {"in_tok_p50", st->in_p50},
        {"in_tok_p90", st->in_p90}, {"in_tok_p99", st->in_p99}, {"in_tok_max", st->in_max}, {"out_tok_mean", st->out_mean},
        {"out_tok_p50", st->out_p50}, {"out_tok_p90", st->out_p90}, {"out_tok_p99", st->out_p99}, {"out_tok_max", st->out_max},
        {"in_tok_s", st->in_tok_s}, {"out_tok_s", st->out_tok_s}, {"prefix_hit_frac", st->prefix_hit_frac}};
    document_begin(&w, s, "moat.trace/1");
    jw_str(&w, "name", t->name);
    jw_str(&w, "format", t->format);
    jw_int(&w, "requests", (int64_t)t->n);
    jw_num(&w, "span_s", t->span_s);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        jw_num(&w, row[i].key, row[i].v);
    jw_obj(&w, "ledger");
    jw_int(&w, "read", (int64_t)t->ledger.read);
    jw_int(&w, "emitted", (int64_t)t->ledger.emitted);
    for (size_t i = 0; i < sizeof ledger_row / sizeof *ledger_row; i++)
        jw_int(&w, ledger_row[i].key, (int64_t)ledger_at(&t->ledger, i));
    jw_int(&w, "reordered", (int64_t)t->ledger.reordered);
    jw_end(&w);
    document_end(&w, s);
}

static void trace_csv(const struct show *s, const struct traffic *t, const struct traffic_stat *st)
{
    struct buf *b = s->out;
    buf_add(b, "name,format,requests,span_s,req_s,gap_cv,peak_to_mean_60s,in_tok_mean,in_tok_p50,in_tok_p99,out_tok_mean,"
               "out_tok_p50,out_tok_p99\n");
    csv_text(b, t->name);
    csv_text(b, t->format);
    csv_int(b, (int64_t)t->n);
    const double v[] = {t->span_s, st->rate_s, st->cv, st->peak_to_mean_60s, st->in_mean, st->in_p50, st->in_p99, st->out_mean,
                        st->out_p50, st->out_p99};
    for (size_t i = 0; i < sizeof v / sizeof *v; i++)
        csv_num(b, v[i]);
    csv_end(b);
}

void show_trace(const struct show *s, const struct traffic *t, const struct traffic_stat *st)
{
    if (s->format == FORMAT_JSON)
        trace_json(s, t, st);
    else if (s->format == FORMAT_CSV)
        trace_csv(s, t, st);
    else
        trace_text(s, t, st);
}

static void entry(const struct show *s, const char *name, const char *help, const char *more)
{
    enum { NAME = 24 };
    buf_fmt(s->out, "  %-*s", NAME - 2, name);
    text_wrap(s->out, help, NAME, s->width, NAME);
    buf_fmt(s->out, "\n%*s%s", NAME, "", ink(s, INK_DIM));
    text_wrap(s->out, more, NAME, s->width, NAME);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

void show_trace_formats(const struct show *s)
{
    struct jw w;
    const char *help, *source, *name;
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, "moat.trace_formats/1");
        jw_arr(&w, "formats");
        for (size_t i = 0; i < trace_format_count; i++) {
            jw_obj(&w, NULL);
            jw_str(&w, "name", trace_formats[i]->name);
            jw_str(&w, "help", trace_formats[i]->help);
            jw_str(&w, "known_by", trace_formats[i]->units);
            jw_end(&w);
        }
        jw_end(&w);
        jw_arr(&w, "presets");
        for (size_t i = 0; (name = traffic_preset(i, &help, &source)); i++) {
            jw_obj(&w, NULL);
            jw_str(&w, "name", name);
            jw_str(&w, "help", help);
            jw_str(&w, "source", source);
            jw_end(&w);
        }
        jw_end(&w);
        document_end(&w, s);
        return;
    }
    buf_fmt(s->out, "%sTraces that can be read%s\n", ink(s, INK_BOLD), ink_off(s));
    for (size_t i = 0; i < trace_format_count; i++)
        entry(s, trace_formats[i]->name, trace_formats[i]->help, trace_formats[i]->units);
    buf_fmt(s->out, "\n%sPresets that generate traffic%s\n", ink(s, INK_BOLD), ink_off(s));
    for (size_t i = 0; (name = traffic_preset(i, &help, &source)); i++)
        entry(s, name, help, source);
}
