/* show_trace.c - `moat trace`: what a trace holds, in the statistics that decide a plan; what was written; the formats. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "facts/trace_write.h"
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
    if (isfinite(st->burstiness) && t->n > 2 && !t->concurrency)
        buf_fmt(&b, ", burstiness %s", text_num(a, st->burstiness));
    if (isfinite(st->hour_max_to_min))
        buf_fmt(&b, "; busiest hour of the day %s the quietest", text_times(a, st->hour_max_to_min));
    label_line(s, "arrivals", buf_str(&b));
}

static void windows(const struct show *s, const struct traffic_stat *st)
{
    static const struct column col[] = {{"window", COL_LEFT, 0, 0}, {"busiest / mean", COL_RIGHT, 0, 0},
                                        {"quietest / mean", COL_RIGHT, 0, 0}, {"dispersion (1: Poisson)", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table tab;
    table_init(&tab, s, col, 4);
    for (int i = 0; i < TRAFFIC_WINDOWS; i++) {
        const struct traffic_rates *w = &st->window[i];
        const char *cell[] = {text_limit(a, w->window_s), text_times(a, w->peak_to_mean), text_times(a, w->trough_to_mean),
                              text_num(a, w->iod)};
        if (isfinite(w->iod))
            table_row(&tab, NULL, cell);
    }
    if (!tab.nrow)
        return;
    table_print(&tab);
    buf_add(s->out, "\n");
}

/* Own so much of the peak, rent the rest while it is needed. */
static void own_or_rent(const struct show *s, const struct own_or_rent *o)
{
    static const struct column col[] = {{"own, of the peak", COL_LEFT, 0, 0}, {"requests above", COL_RIGHT, 0, 0},
                                        {"of the time", COL_RIGHT, 0, 0}, {"own in use", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct buf b = {.arena = a};
    struct table tab;
    if (!(o->window_s > 0))
        return;
    table_init(&tab, s, col, 4);
    for (int i = 0; i < OWN_SHARES; i++) {
        const struct load_above *v = &o->share[i].above;
        const char *cell[] = {text_percent(a, o->share[i].own_frac), text_percent(a, v->work_frac), text_percent(a, v->time_frac),
                              text_percent(a, v->use_frac)};
        table_row(&tab, NULL, cell);
    }
    table_print(&tab);
    buf_add(s->out, "\n");
    for (int i = 0; i < OWN_PRICES; i++)
        buf_fmt(&b, "%swhere rent costs %gx as much an hour, own %s of the peak, at %s of what owning it all costs", i ? "; " : "",
                o->price[i].k, text_percent(a, o->price[i].own_frac), text_percent(a, o->price[i].cost_frac));
    buf_fmt(&b, " (load by %s)", text_limit(a, o->window_s));
    label_line(s, "own or rent", buf_str(&b));
}

static void prefixes(const struct show *s, const struct traffic *t, const struct traffic_prefix *p)
{
    struct arena *a = s->arena;
    struct buf b = {.arena = a};
    label_line(s, "prefixes", arena_printf(a, "%s blocks of %d tokens, %s of them different; %s of the blocks and %s of the prompt tokens "
                                              "seen before, with a cache without bounds",
                                           text_count(a, (double)p->blocks), t->block_tok, text_count(a, (double)p->unique),
                                           text_percent(a, p->hit_frac), text_percent(a, p->hit_tok_frac)));
    for (int i = 0; i < TRAFFIC_LRU_N; i++)
        buf_fmt(&b, "%s%s with %s", i ? ", " : "", text_percent(a, p->lru_hit_frac[i]), text_big(a, (double)traffic_lru_blocks[i]));
    label_line(s, "LRU hits", arena_printf(a, "%s blocks", buf_str(&b)));
}

static void rows(const struct show *s, const struct traffic *t)
{
    struct arena *a = s->arena;
    struct buf b = {.arena = a};
    buf_fmt(&b, "%s read, %s used", text_count(a, (double)t->ledger.read), text_count(a, (double)t->ledger.emitted));
    for (size_t i = 0; i < sizeof ledger_row / sizeof *ledger_row; i++)
        if (ledger_at(&t->ledger, i))
            buf_fmt(&b, ", %s %s", text_count(a, (double)ledger_at(&t->ledger, i)), ledger_row[i].text);
    if (t->ledger.reordered)
        buf_fmt(&b, "; %s put in order of time", text_count(a, (double)t->ledger.reordered));
    label_line(s, "rows", buf_str(&b));
}

static void trace_text(const struct show *s, const struct traffic *t, const struct traffic_stat *st, const struct traffic_prefix *p)
{
    static const struct column col[] = {{"tokens", COL_LEFT, 0, 0}, {"mean", COL_RIGHT, 0, 0}, {"p50", COL_RIGHT, 0, 0},
                                        {"p90", COL_RIGHT, 0, 0}, {"p99", COL_RIGHT, 0, 0}, {"max", COL_RIGHT, 0, 0},
                                        {"in all", COL_RIGHT, 1, 0}, {"a second", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table tab;
    buf_fmt(s->out, "%s%s%s (%s): %s request%s in %s", ink(s, INK_BOLD), t->name, ink_off(s), t->format, text_count(a, (double)t->n),
            t->n == 1 ? "" : "s", text_time(a, t->span_s));
    if (st->rate_s > 0)
        buf_fmt(s->out, ", %s a second", text_num(a, st->rate_s));
    buf_add(s->out, "\n\n");
    table_init(&tab, s, col, 8);
    const char *in[] = {"prompt", text_num(a, st->in_mean), text_count(a, st->in_p50), text_count(a, st->in_p90),
                        text_count(a, st->in_p99), text_count(a, st->in_max), text_big(a, st->in_tok), st->rate_s > 0 ? text_count(a, st->in_tok_s) : ""};
    const char *out[] = {"output", text_num(a, st->out_mean), text_count(a, st->out_p50), text_count(a, st->out_p90),
                         text_count(a, st->out_p99), text_count(a, st->out_max), text_big(a, st->out_tok), st->rate_s > 0 ? text_count(a, st->out_tok_s) : ""};
    table_row(&tab, NULL, in);
    table_row(&tab, NULL, out);
    table_print(&tab);
    buf_add(s->out, "\n");
    if (!t->concurrency)
        windows(s, st);
    own_or_rent(s, &st->own);
    arrivals(s, t, st);
    if (isfinite(st->in_out_corr))
        label_line(s, "lengths", arena_printf(a, "correlation of prompt and output %.2f", st->in_out_corr));
    if (t->turn)
        label_line(s, "sessions", arena_printf(a, "%s of %s calls in the mean; arrivals as if answers took no time", text_count(a, t->sessions),
                                               text_num(a, (double)t->n / t->sessions)));
    if (p)
        prefixes(s, t, p);
    rows(s, t);
}

static void ledger_json(struct jw *w, const struct ledger *l)
{
    jw_obj(w, "ledger");
    jw_int(w, "read", (int64_t)l->read);
    jw_int(w, "emitted", (int64_t)l->emitted);
    for (size_t i = 0; i < sizeof ledger_row / sizeof *ledger_row; i++)
        jw_int(w, ledger_row[i].key, (int64_t)ledger_at(l, i));
    jw_int(w, "reordered", (int64_t)l->reordered);
    jw_end(w);
}

static void own_json(struct jw *w, const struct own_or_rent *o)
{
    if (!(o->window_s > 0)) {
        jw_null(w, "own_or_rent");
        return;
    }
    jw_obj(w, "own_or_rent");
    jw_num(w, "window_s", o->window_s);
    jw_arr(w, "shares");
    for (int i = 0; i < OWN_SHARES; i++) {
        jw_obj(w, NULL);
        jw_num(w, "own_frac", o->share[i].own_frac);
        jw_num(w, "overflow_frac", o->share[i].above.work_frac);
        jw_num(w, "overflow_time_frac", o->share[i].above.time_frac);
        jw_num(w, "own_use_frac", o->share[i].above.use_frac);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "newsvendor");
    for (int i = 0; i < OWN_PRICES; i++) {
        jw_obj(w, NULL);
        jw_num(w, "rent_to_own", o->price[i].k);
        jw_num(w, "own_frac", o->price[i].own_frac);
        jw_num(w, "cost_frac", o->price[i].cost_frac);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void prefix_json(struct jw *w, const struct traffic *t, const struct traffic_prefix *p)
{
    if (!p) {
        jw_null(w, "prefix");
        return;
    }
    jw_obj(w, "prefix");
    jw_int(w, "block_tok", t->block_tok);
    jw_int(w, "blocks", (int64_t)p->blocks);
    jw_int(w, "unique", (int64_t)p->unique);
    jw_num(w, "hit_frac", p->hit_frac);
    jw_num(w, "hit_tok_frac", p->hit_tok_frac);
    jw_arr(w, "lru");
    for (int i = 0; i < TRAFFIC_LRU_N; i++) {
        jw_obj(w, NULL);
        jw_int(w, "blocks", traffic_lru_blocks[i]);
        jw_num(w, "hit_frac", p->lru_hit_frac[i]);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void trace_json(const struct show *s, const struct traffic *t, const struct traffic_stat *st, const struct traffic_prefix *p)
{
    struct jw w;
    const struct { const char *key; double v; } row[] = {
        {"req_s", st->rate_s}, {"gap_cv", st->cv}, {"burstiness", st->burstiness}, {"iod_1s", st->iod_1s}, {"iod_60s", st->iod_60s},
        {"peak_to_mean_60s", st->peak_to_mean_60s}, {"hour_max_to_min", st->hour_max_to_min}, {"in_tok_mean", st->in_mean},
        {"in_tok_p50", st->in_p50}, {"in_tok_p90", st->in_p90}, {"in_tok_p99", st->in_p99}, {"in_tok_max", st->in_max},
        {"out_tok_mean", st->out_mean}, {"out_tok_p50", st->out_p50}, {"out_tok_p90", st->out_p90}, {"out_tok_p99", st->out_p99},
        {"out_tok_max", st->out_max}, {"in_tok", st->in_tok}, {"out_tok", st->out_tok}, {"in_tok_s", st->in_tok_s},
        {"out_tok_s", st->out_tok_s}, {"in_out_corr", st->in_out_corr}, {"prefix_hit_frac", p ? p->hit_frac : 0}};
    document_begin(&w, s, "moat.trace/1");
    jw_str(&w, "name", t->name);
    jw_str(&w, "format", t->format);
    jw_int(&w, "requests", (int64_t)t->n);
    jw_int(&w, "sessions", t->sessions);
    jw_num(&w, "span_s", t->span_s);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        jw_num(&w, row[i].key, row[i].v);
    jw_arr(&w, "windows");
    for (int i = 0; i < TRAFFIC_WINDOWS; i++) {
        jw_obj(&w, NULL);
        jw_num(&w, "window_s", st->window[i].window_s);
        jw_num(&w, "iod", st->window[i].iod);
        jw_num(&w, "peak_to_mean", st->window[i].peak_to_mean);
        jw_num(&w, "trough_to_mean", st->window[i].trough_to_mean);
        jw_end(&w);
    }
    jw_end(&w);
    own_json(&w, &st->own);
    prefix_json(&w, t, p);
    ledger_json(&w, &t->ledger);
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

void show_trace(const struct show *s, const struct traffic *t, const struct traffic_stat *st, const struct traffic_prefix *p)
{
    if (s->format == FORMAT_JSON)
        trace_json(s, t, st, p);
    else if (s->format == FORMAT_CSV)
        trace_csv(s, t, st);
    else
        trace_text(s, t, st, p);
}

void show_trace_written(const struct show *s, const struct traffic *t, const struct trace_writer *w, const char *file)
{
    struct jw j;
    if (s->format == FORMAT_JSON) {
        document_begin(&j, s, "moat.trace_written/1");
        jw_str(&j, "file", file);
        jw_str(&j, "format", w->name);
        jw_str(&j, "read_as", t->format);
        jw_int(&j, "requests", (int64_t)t->n);
        jw_num(&j, "span_s", t->span_s);
        jw_num(&j, "req_s", t->rate_s);
        ledger_json(&j, &t->ledger);
        document_end(&j, s);
        return;
    }
    if (s->format == FORMAT_CSV) {
        buf_add(s->out, "file,format,requests,span_s\n");
        csv_text(s->out, file);
        csv_text(s->out, w->name);
        csv_int(s->out, (int64_t)t->n);
        csv_num(s->out, t->span_s);
        csv_end(s->out);
        return;
    }
    buf_fmt(s->out, "%s%s%s (%s): %s request%s in %s, from %s (%s)\n", ink(s, INK_BOLD), file, ink_off(s), w->name,
            text_count(s->arena, (double)t->n), t->n == 1 ? "" : "s", text_time(s->arena, t->span_s), t->name, t->format);
    rows(s, t);
}

static void entry(const struct show *s, const char *name, const char *help, const char *more)
{
    enum { NAME = 24 };
    buf_fmt(s->out, "  %-*s", NAME - 2, name);
    text_wrap(s->out, help, NAME, s->width, NAME);
    if (!more) {
        buf_add(s->out, "\n");
        return;
    }
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
        jw_arr(&w, "writes");
        for (size_t i = 0; i < trace_writer_count; i++) {
            jw_obj(&w, NULL);
            jw_str(&w, "name", trace_writers[i].name);
            jw_str(&w, "help", trace_writers[i].help);
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
    buf_fmt(s->out, "\n%sTraces that can be written%s\n", ink(s, INK_BOLD), ink_off(s));
    for (size_t i = 0; i < trace_writer_count; i++)
        entry(s, trace_writers[i].name, trace_writers[i].help, NULL);
    buf_fmt(s->out, "\n%sPresets that generate traffic%s\n", ink(s, INK_BOLD), ink_off(s));
    for (size_t i = 0; (name = traffic_preset(i, &help, &source)); i++)
        entry(s, name, help, source);
}
