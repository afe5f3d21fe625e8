/* show_bench.c - a benchmark of an endpoint: text, JSON with the keys of vLLM's results, CSV. */
#include "show/show_bench.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "facts/traffic.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

static const char *const metric_title[BENCH_METRIC_N] = {"TTFT", "TPOT", "ITL", "E2E latency"};

/* ---- JSON ---- */

static void span_json(struct arena *a, struct jw *w, const char *name, const struct bench_span *v)
{
    const struct { const char *stat; double value; } row[] = {{"mean", v->mean}, {"median", v->p50}, {"std", v->std}, {"p50", v->p50},
                                                              {"p90", v->p90},   {"p95", v->p95},    {"p99", v->p99}, {"max", v->max}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        jw_num(w, arena_printf(a, "%s_%s_ms", row[i].stat, name), row[i].value * MS_PER_S);
}

static double per_s(const struct bench *b, uint64_t n)
{
    return b->duration_s > 0 ? (double)n / b->duration_s : NAN;
}

static void json_errors(struct jw *w, const struct bench *b)
{
    jw_obj(w, "errors_by_kind");
    for (int i = 1; i < BENCH_ERROR_N; i++)
        if (b->errors[i])
            jw_int(w, bench_error_name[i], (int64_t)b->errors[i]);
    jw_end(w);
    jw_obj(w, "first_error");
    for (int i = 1; i < BENCH_ERROR_N; i++)
        if (b->errors[i] && *b->first_error[i])
            jw_str(w, bench_error_name[i], b->first_error[i]);
    jw_end(w);
}

static void json(const struct show *s, const struct bench *b, const struct bench_options *o, const struct traffic *t,
                 const struct bench_pair *pair, size_t npair)
{
    struct jw w;
    jw_init(&w, s->out);
    document_begin(&w, s, "moat.bench/1");
    jw_str(&w, "backend", "openai");
    jw_str(&w, "endpoint_url", b->url);
    jw_str(&w, "endpoint", o->endpoint);
    jw_str(&w, "model_id", b->model);
    jw_int(&w, "num_prompts", (int64_t)b->n);
    if (!o->closed && t->rate_s > 0)
        jw_num(&w, "request_rate", t->rate_s);
    else
        jw_str(&w, "request_rate", "inf");
    if (o->concurrency)
        jw_int(&w, "max_concurrency", o->concurrency);
    else
        jw_null(&w, "max_concurrency");
    jw_num(&w, "duration", b->duration_s);
    jw_int(&w, "completed", (int64_t)b->completed);
    jw_int(&w, "failed", (int64_t)b->failed);
    jw_bool(&w, "interrupted", b->interrupted);
    jw_int(&w, "total_input_tokens", (int64_t)b->tok_in);
    jw_int(&w, "total_output_tokens", (int64_t)b->tok_out);
    jw_num(&w, "request_throughput", per_s(b, b->completed));
    if (o->ngoodput)
        jw_num(&w, "request_goodput", per_s(b, b->good));
    jw_num(&w, "output_throughput", per_s(b, b->tok_out));
    jw_num(&w, "total_token_throughput", per_s(b, b->tok_in + b->tok_out));
    jw_num(&w, "mean_concurrency", b->in_flight_mean);
    for (int i = 0; i < BENCH_METRIC_N; i++)
        span_json(s->arena, &w, bench_metric_name[i], &b->metric[i]);
    span_json(s->arena, &w, "schedule_delay", &b->delay);
    span_json(s->arena, &w, "connect", &b->connect);
    jw_int(&w, "short_answers", (int64_t)b->shorter);
    jw_int(&w, "false_usage", (int64_t)b->lied);
    jw_num(&w, "tokens_per_word", b->words_b > 0 ? b->words_b : NAN);
    json_errors(&w, b);
    if (npair) {
        jw_arr(&w, "predicted");
        for (size_t i = 0; i < npair; i++) {
            double unit = pair[i].time ? MS_PER_S : 1;
            jw_obj(&w, NULL);
            jw_str(&w, "metric", pair[i].key);
            jw_num(&w, "measured", pair[i].measured * unit);
            jw_num(&w, "predicted", pair[i].predicted * unit);
            jw_num(&w, "predicted_lo", pair[i].lo * unit);
            jw_num(&w, "predicted_hi", pair[i].hi * unit);
            jw_num(&w, "ratio", pair[i].ratio);
            jw_end(&w);
        }
        jw_end(&w);
    }
    document_end(&w, s);
}

/* ---- CSV ---- */

static void csv(const struct show *s, const struct bench *b)
{
    buf_add(s->out, "metric,n,mean_ms,std_ms,p50_ms,p90_ms,p95_ms,p99_ms,max_ms\n");
    for (int i = 0; i < BENCH_METRIC_N; i++) {
        const struct bench_span *v = &b->metric[i];
        const double value[] = {v->mean, v->std, v->p50, v->p90, v->p95, v->p99, v->max};
        csv_text(s->out, bench_metric_name[i]);
        csv_int(s->out, (int64_t)v->n);
        for (size_t k = 0; k < sizeof value / sizeof *value; k++)
            csv_num(s->out, value[k] * MS_PER_S);
        csv_end(s->out);
    }
}

static double ms_since(int64_t from_ns, int64_t to_ns)
{
    return from_ns < 0 || to_ns < 0 ? NAN : (double)(to_ns - from_ns) / 1e6;
}

void show_bench_requests(const struct show *s, const struct bench *b)
{
    buf_add(s->out, "id,due_s,schedule_delay_ms,connect_ms,ttft_ms,tpot_ms,e2e_ms,in_tok,out_tok,chunks,status,error,good\n");
    for (size_t i = 0; i < b->n; i++) {
        const struct bench_row *r = &b->row[i];
        double connect = r->connect_ns > 0 ? (double)r->connect_ns / 1e6 : 0;
        csv_int(s->out, (int64_t)i);
        csv_num(s->out, r->due_ns < 0 ? NAN : (double)r->due_ns / 1e9);
        csv_num(s->out, ms_since(r->due_ns, r->start_ns));
        csv_num(s->out, r->connect_ns < 0 ? NAN : connect);
        csv_num(s->out, ms_since(r->start_ns, r->first_ns) - connect);
        csv_num(s->out, r->error == BENCH_OK && r->out_tok > 1 ? ms_since(r->first_ns, r->last_ns) / (r->out_tok - 1) : NAN);
        csv_num(s->out, ms_since(r->start_ns, r->last_ns));
        csv_int(s->out, r->in_tok);
        csv_int(s->out, r->out_tok);
        csv_int(s->out, r->chunks);
        csv_int(s->out, r->status);
        csv_text(s->out, bench_error_name[r->error]);
        csv_text(s->out, r->good ? "true" : "false");
        csv_end(s->out);
    }
}

/* ---- text ---- */

static const char *time_text(struct arena *a, double v)
{
    return isfinite(v) ? text_time(a, v) : "-";
}

static void spans(const struct show *s, const struct bench *b)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0},     {"mean", COL_RIGHT, 0, 0}, {"p50", COL_RIGHT, 0, 0},
                                        {"p90", COL_RIGHT, 1, 0}, {"p99", COL_RIGHT, 0, 0},  {"max", COL_RIGHT, 2, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 2;
    for (int i = 0; i < BENCH_METRIC_N + 2; i++) {
        const struct bench_span *v = i < BENCH_METRIC_N ? &b->metric[i] : i == BENCH_METRIC_N ? &b->delay : &b->connect;
        if (!v->n)
            continue;
        const char *cell[] = {i < BENCH_METRIC_N ? metric_title[i] : i == BENCH_METRIC_N ? "schedule delay" : "connecting",
                              time_text(a, v->mean), time_text(a, v->p50), time_text(a, v->p90), time_text(a, v->p99), time_text(a, v->max)};
        table_row(&t, i < BENCH_METRIC_N ? NULL : INK_DIM, cell);
    }
    table_print(&t);
}

static void against(const struct show *s, const struct bench_pair *pair, size_t n)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"measured", COL_RIGHT, 0, 0}, {"predicted", COL_RIGHT, 0, 0},
                                        {"interval", COL_LEFT, 1, 0}, {"predicted / measured", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    buf_add(s->out, "\n");
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 2;
    for (size_t i = 0; i < n; i++) {
        const struct bench_pair *p = &pair[i];
        const char *(*number)(struct arena *, double) = p->time ? time_text : text_num;
        bool inside = p->measured >= p->lo && p->measured <= p->hi;
        const char *cell[] = {p->name, number(a, p->measured), number(a, p->predicted), arena_printf(a, "%s to %s", number(a, p->lo), number(a, p->hi)),
                              arena_printf(a, "%.2f", p->ratio)};
        table_row(&t, inside ? NULL : INK_BAD, cell);
    }
    table_print(&t);
}

static void text(const struct show *s, const struct bench *b, const struct bench_options *o, const struct bench_pair *pair, size_t npair)
{
    struct arena *a = s->arena;
    text_wrap(s->out, arena_printf(a, "%s at %s: %llu of %llu requests served in %s, %s output tok/s, %s requests/s%s.", b->model, b->url,
                                   (unsigned long long)b->completed, (unsigned long long)b->counted, time_text(a, b->duration_s),
                                   text_num(a, per_s(b, b->tok_out)), text_num(a, per_s(b, b->completed)),
                                   b->interrupted ? "; interrupted" : ""), 0, s->width, 0);
    buf_add(s->out, "\n\n");
    spans(s, b);
    if (npair)
        against(s, pair, npair);
    buf_add(s->out, "\n");
    label_line(s, "tokens", arena_printf(a, "%s in, %s out; %s in flight on average", text_num(a, (double)b->tok_in),
                                         text_num(a, (double)b->tok_out), text_num(a, b->in_flight_mean)));
    if (o->ngoodput)
        label_line(s, "goodput", arena_printf(a, "%s requests/s; %llu of %llu within every limit", text_num(a, per_s(b, b->good)),
                                              (unsigned long long)b->good, (unsigned long long)b->counted));
    for (int i = 1; i < BENCH_ERROR_N; i++)
        if (b->errors[i])
            label_line(s, "failed", arena_printf(a, "%llu: %s (%s)%s%s", (unsigned long long)b->errors[i], bench_error_help[i],
                                                 bench_error_name[i], *b->first_error[i] ? ": " : "", b->first_error[i]));
    if (b->shorter)
        label_line(s, "short", arena_printf(a, "%llu answers had fewer tokens than were asked for", (unsigned long long)b->shorter));
    if (b->lied)
        label_line(s, "usage", arena_printf(a, "%llu answers came with a token count that cannot be true: chunks are counted there",
                                            (unsigned long long)b->lied));
    if (b->delay.n && b->delay.p99 > 0.01)
        label_line(s, "late", "the client sent requests later than they were due: its load was less than asked for, or --max-concurrency held them");
}

void show_bench(const struct show *s, const struct bench *b, const struct bench_options *o, const struct traffic *t, const struct bench_pair *pair,
                size_t npair)
{
    if (s->format == FORMAT_JSON)
        json(s, b, o, t, pair, npair);
    else if (s->format == FORMAT_CSV)
        csv(s, b);
    else
        text(s, b, o, pair, npair);
}
