/* show_sim.c - `moat sim`: latency quantiles with intervals, promises kept and missed, use of the cards, cost. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "show/document.h"
#include "show/show_life.h"
#include "show/show_class.h"
#include "show/show_seeds.h"
#include "show/show_sim_pools.h"
#include "show/table.h"
#include "show/text.h"

static struct span metric(const struct sim_run_out *r, int m, double q)
{
    return span_around(sim_metric(&r->r, m, q), sim_metric(&r->lo, m, q), sim_metric(&r->hi, m, q));
}

static void latency_row(struct table *t, enum slo_metric m, const struct sim_run_out *r)
{
    static const double q[] = {-1, 0.5, 0.9, 0.99};
    struct arena *a = t->show->arena;
    const char *cell[5] = {metric_text(m)};
    for (size_t i = 0; i < 4; i++)
        cell[i + 1] = text_span_time(a, metric(r, (int)m, q[i]));
    table_row(t, NULL, cell);
}

static void latencies(const struct show *s, const struct sim_run_out *r)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"mean", COL_LEFT, 0, 0}, {"p50", COL_LEFT, 0, 0},
                                        {"p90", COL_LEFT, 1, 0}, {"p99", COL_LEFT, 0, 0}};
    struct table t;
    table_init(&t, s, col, 5);
    latency_row(&t, SLO_TTFT, r);
    latency_row(&t, SLO_TPOT, r);
    latency_row(&t, SLO_ITL, r);
    latency_row(&t, SLO_E2E, r);
    table_print(&t);
}

static void promises(const struct show *s, const struct scenario *sc, const struct sim_run_out *r)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!sc->nslo)
        return;
    table_init(&t, s, col, 3);
    for (size_t i = 0; i < sc->nslo; i++) {
        const struct slo *o = &sc->slo[i];
        struct span v = r->slo[i].s;
        bool kept = r->slo[i].met;
        const char *verdict = kept ? isfinite(v.hi) && v.hi > o->limit_s ? "kept, but not at the bad end of the interval" : "kept"
                                   : arena_printf(a, "missed: %s the limit", text_times(a, v.at / o->limit_s));
        if (isinf(v.at))
            verdict = "missed: rejected requests alone are too many";
        const char *cell[] = {slo_text(a, o), text_span_time(a, v), isnan(v.at) ? "nothing was counted" : verdict};
        table_row(&t, kept ? INK_GOOD : INK_BAD, cell);
    }
    buf_add(s->out, "\n");
    table_print(&t);
    struct buf b = {.arena = a};
    for (int i = 0; i < MISS_N; i++)
        if (r->r.miss[i])
            buf_fmt(&b, "%s%s %s", b.n ? ", " : "", text_count(a, (double)r->r.miss[i]), miss_cause_name[i]);
    if (b.n) {
        buf_add(s->out, "  ");
        text_wrap(s->out, arena_printf(a, "Requests outside a limit, by cause: %s.", buf_str(&b)), 2, s->width, 2);
        buf_add(s->out, "\n");
    }
}

static void energy_line(const struct show *s, const struct sim_run_out *r)
{
    struct arena *a = s->arena;
    if (!isfinite(r->energy_kwh.at)) {
        label_line(s, "energy", "not known: the vendor publishes no TDP");
        return;
    }
    label_line(s, "energy", arena_printf(a, "%s, %s on average; %s J an output token; prompts %s, decoding %s, waiting %s",
                                         text_span(a, r->energy_kwh, "kWh"), text_span_watts(a, r->power_w), text_num(a, r->output_j_tok),
                                         text_percent(a, r->prefill_energy_frac), text_percent(a, r->decode_energy_frac),
                                         text_percent(a, r->idle_energy_frac)));
}

/* "80% [71-96]" */
static const char *percent_span(struct arena *a, struct span v)
{
    bool sure = !(v.hi - v.lo >= 0.005);
    return sure ? text_percent(a, v.at) : arena_printf(a, "%s [%.0f-%.0f]", text_percent(a, v.at), 100 * v.lo, 100 * v.hi);
}

static double step_tok(const struct sim_result *x)
{
    return (double)x->spec_tok / (double)x->spec_steps;
}

static double accepted_frac(const struct sim_result *x, const struct speculative *s)
{
    return (step_tok(x) - 1) / s->tokens;
}

void sim_text(const struct show *s, const struct scenario *sc, const struct sim_run_out *r, const struct seeds *all)
{
    struct arena *a = s->arena;
    const struct sim_result *x = &r->r;
    const struct traffic *t = sc->traffic;
    buf_add(s->out, ink(s, INK_BOLD));
    const char *on = sim_has_pools(r) ? arena_printf(a, "%s (%s)", sim_pools_cards(a, r), r->router) :
        arena_printf(a, "%d x %s (%s of %s, %s %s)", r->devices, r->d.acc->id, life_replicas(a, r), deployment_text(a, &r->d),
                     r->d.stack.framework, r->scheduler);
    text_wrap(s->out, arena_printf(a, "%s at %s on %s: %s requests, %s a second.", r->d.model->id, r->precision.text, on,
                                   text_count(a, (double)x->offered), text_num(a, t->rate_s)), 0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    latencies(s, r);
    promises(s, sc, r);
    show_classes(s, x);
    if (all)
        seeds_text(s, sc, all);
    if (sim_has_pools(r))
        sim_pools_text(s, r);
    buf_add(s->out, "\n");
    label_line(s, "requests", arena_printf(a, "%s offered, %s completed, %s rejected, %s failed; from %s (%s)",
                                           text_count(a, (double)x->offered), text_count(a, (double)x->completed),
                                           text_count(a, (double)x->rejected), text_count(a, (double)x->failed), t->name, t->format));
    if (x->shed)
        label_line(s, "turned away", arena_printf(a, "%s by admission control", text_count(a, (double)x->shed)));
    if (x->saturated)
        label_line(s, "saturated", "the queue grew over the whole trace: it cannot keep up, and the latencies are lower bounds");
    else if (r->hi.saturated)
        label_line(s, "saturated", "at the bad end of the interval the queue grew over the whole trace: the latencies there are lower bounds");
    label_line(s, "throughput", arena_printf(a, "%s requests/s (%s/s within the limits), %s output tokens/s, %s with the prompts",
                                             text_num(a, x->req_s), text_span_in(a, r->goodput_req_s, 1), text_count(a, x->output_tok_s),
                                             text_count(a, x->total_tok_s)));
    static const char *const bound[BOUND_N] = {[BOUND_COMPUTE] = "arithmetic", [BOUND_MEMORY] = "memory", [BOUND_LINK] = "links",
                                               [BOUND_FIXED] = "fixed times", [BOUND_HOST] = "host"};
    struct buf b = {.arena = a};
    for (int i = 0; i < BOUND_N; i++)
        if (x->by_bound_frac[i] >= 0.005)
            buf_fmt(&b, "%s%s %s", b.n ? ", " : "", bound[i], text_percent(a, x->by_bound_frac[i]));
    label_line(s, "busy", arena_printf(a, "%s of the time, %s of it for prompts; %s sequences a decode step, %s waiting on average",
                                       percent_span(a, r->busy_frac), text_percent(a, x->prefill_frac), text_span_in(a, r->batch_mean, 1),
                                       text_span_in(a, r->queue_mean, 1)));
    if (b.n)
        label_line(s, "bound by", buf_str(&b));
    const char *blocks = sim_has_pools(r) ? "of the fullest pool, " :
        arena_printf(a, "%s blocks of %d tokens a replica, ", text_count(a, (double)r->memory.kv_blocks), r->memory.block_tok);
    label_line(s, "KV cache", arena_printf(a, "%s%s used at the peak, %s on average; %s preemption%s%s", blocks,
                                           text_percent(a, x->kv_peak_frac), text_percent(a, x->kv_mean_frac),
                                           text_count(a, (double)x->preemptions), x->preemptions == 1 ? "" : "s",
                                           x->swaps ? arena_printf(a, ", %s of them to host memory (%s of the swap space at the peak)",
                                                                   text_count(a, (double)x->swaps), text_percent(a, x->swap_peak_frac)) : ""));
    if (x->spec_steps)
        label_line(s, "speculation", arena_printf(a, "%s tokens a step of a sequence, %s of the proposed accepted (%d by %s)",
                                                  text_num(a, step_tok(x)), text_percent(a, accepted_frac(x, &r->d.spec)), r->d.spec.tokens,
                                                  draft_text(&r->d.spec)));
    sim_transfer_text(s, r);
    if (x->prefix_cache)
        label_line(s, "prefix cache", arena_printf(a, "%s of the prompt tokens found%s", text_percent(a, x->prefix_hit_frac), x->tok_loaded ?
                                               arena_printf(a, ", %s loaded from host memory or disk",
                                                            text_percent(a, x->prefix_loaded_frac)) : ""));
    life_text(s, r);
    if (isfinite(r->usd_h))
        label_line(s, "cost", arena_printf(a, "%s, %s per million output tokens (%s with the prompts counted); %s%s%s%s",
                                           text_usd_h(a, r->usd_h), text_span_usd(a, r->usd_mtok), text_usd(a, r->usd_mtok_total.at),
                                           r->npool > 1 ? "first pool: " : "", r->price.source, r->price.note ? "; " : "", r->price.note ? r->price.note : ""));
    else
        label_line(s, "cost", r->npool > 1 ? "unpriced: no price of one of these accelerators is in the catalog"
                                           : "unpriced: no price of this accelerator is in the catalog");
    energy_line(s, r);
    label_line(s, "evidence", grade_name(r->evidence));
}

static void latency_json(struct jw *w, const char *key, enum slo_metric m, const struct sim_run_out *r, const struct sketch *sk)
{
    static const struct { const char *key; double q; } row[] = {{"mean", -1}, {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}};
    jw_obj(w, key);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        jw_span(w, row[i].key, metric(r, (int)m, row[i].q), MS_PER_S);
    jw_num(w, "max", sk->n ? sk->max * MS_PER_S : NAN);
    jw_end(w);
}

/* Quantiles close enough to draw the distributions from. */
static const double drawn_frac[] = {0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8,
                                    0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 1};
#define DRAWN (sizeof drawn_frac / sizeof *drawn_frac)

static void drawn(struct jw *w, const char *key, const double v[DRAWN])
{
    jw_arr(w, key);
    for (size_t i = 0; i < DRAWN; i++)
        jw_num(w, NULL, v[i] * MS_PER_S);
    jw_end(w);
}

static void distribution_json(struct jw *w, const struct sim_run_out *r)
{
    struct arena *a = w->out->arena;
    jw_obj(w, "distribution");
    jw_arr(w, "frac");
    for (size_t i = 0; i < DRAWN; i++)
        jw_num(w, NULL, drawn_frac[i]);
    jw_end(w);
    for (int m = 0; m < SLO_METRIC_N; m++) {
        double at[DRAWN], lo[DRAWN], hi[DRAWN];
        for (size_t i = 0; i < DRAWN; i++) {
            struct span v = metric(r, m, drawn_frac[i]);
            at[i] = v.at, lo[i] = v.lo, hi[i] = v.hi;
        }
        drawn(w, arena_printf(a, "%s_ms", slo_metric_name[m]), at);
        drawn(w, arena_printf(a, "%s_ms_lo", slo_metric_name[m]), lo);
        drawn(w, arena_printf(a, "%s_ms_hi", slo_metric_name[m]), hi);
    }
    jw_end(w);
}

void sim_json_body(struct jw *w, const struct show *s, const struct scenario *sc, const struct sim_run_out *r)
{
    const struct sim_result *x = &r->r;
    jw_obj(w, "deployment");
    jw_deployment(w, &r->d);
    jw_int(w, "replicas", r->replicas);
    jw_int(w, "devices", r->devices);
    jw_str(w, "scheduler", r->scheduler);
    jw_str(w, "router", r->router);
    jw_str(w, "precision_run", r->precision.text);
    jw_end(w);
    jw_obj(w, "requests");
    jw_int(w, "offered", (int64_t)x->offered);
    jw_int(w, "completed", (int64_t)x->completed);
    jw_int(w, "rejected", (int64_t)x->rejected);
    jw_int(w, "failed", (int64_t)x->failed);
    jw_int(w, "shed", (int64_t)x->shed);
    jw_end(w);
    latency_json(w, "ttft_ms", SLO_TTFT, r, &x->ttft);
    latency_json(w, "tpot_ms", SLO_TPOT, r, &x->tpot);
    latency_json(w, "itl_ms", SLO_ITL, r, &x->itl);
    latency_json(w, "e2e_ms", SLO_E2E, r, &x->e2e);
    distribution_json(w, r);
    jw_arr(w, "slo");
    for (size_t i = 0; i < sc->nslo; i++) {
        const struct slo *o = &sc->slo[i];
        struct span v = r->slo[i].s;
        jw_obj(w, NULL);
        jw_str(w, "metric", slo_metric_name[o->metric]);
        jw_str(w, "at", slo_key(s->arena, o));
        jw_num(w, "limit_ms", o->limit_s * MS_PER_S);
        jw_span(w, "value_ms", v, MS_PER_S);
        jw_bool(w, "met", r->slo[i].met);
        jw_end(w);
    }
    jw_end(w);
    jw_classes(w, x);
    jw_obj(w, "throughput");
    jw_span(w, "req_s", r->req_s, 1);
    jw_span(w, "output_tok_s", r->output_tok_s, 1);
    jw_span(w, "total_tok_s", r->total_tok_s, 1);
    jw_end(w);
    jw_span(w, "goodput_req_s", r->goodput_req_s, 1);
    jw_bool(w, "saturated", x->saturated);
    jw_bool(w, "saturated_lo", r->lo.saturated);
    jw_bool(w, "saturated_hi", r->hi.saturated);
    jw_num(w, "makespan_s", x->makespan_s);
    jw_span(w, "utilisation_frac", r->busy_frac, 1);
    jw_num(w, "prefill_time_frac", x->prefill_frac);
    jw_obj(w, "by_bound_frac");
    for (int i = 0; i < BOUND_N; i++)
        jw_num(w, bound_name[i], x->by_bound_frac[i]);
    jw_end(w);
    jw_span(w, "batch_mean", r->batch_mean, 1);
    jw_span(w, "queue_mean", r->queue_mean, 1);
    jw_obj(w, "kv");
    jw_int(w, "blocks", r->memory.kv_blocks);
    jw_int(w, "block_tokens", r->memory.block_tok);
    jw_span(w, "peak_frac", r->kv_peak_frac, 1);
    jw_num(w, "mean_frac", x->kv_mean_frac);
    jw_end(w);
    jw_num(w, "prefix_hit_frac", x->prefix_hit_frac);
    jw_num(w, "prefix_loaded_frac", x->prefix_loaded_frac);
    jw_int(w, "preemptions", (int64_t)x->preemptions);
    if (x->spec_steps)
        jw_speculation(w, &r->d.spec, step_tok(x), accepted_frac(x, &r->d.spec));
    jw_int(w, "swaps", (int64_t)x->swaps);
    jw_num(w, "swap_peak_frac", x->swap_peak_frac);
    jw_obj(w, "misses_by_cause");
    for (int i = 0; i < MISS_N; i++)
        jw_int(w, miss_cause_name[i], (int64_t)x->miss[i]);
    jw_end(w);
    life_json(w, r);
    jw_span(w, "energy_kwh", r->energy_kwh, 1);
    jw_obj(w, "energy_frac");
    jw_num(w, "prefill", r->prefill_energy_frac);
    jw_num(w, "decode", r->decode_energy_frac);
    jw_num(w, "idle", r->idle_energy_frac);
    jw_end(w);
    jw_num(w, "j_per_output_tok", r->output_j_tok);
    jw_num(w, "j_per_tok", r->total_j_tok);
    jw_span(w, "power_w", r->power_w, 1);
    jw_num(w, "usd_per_hour", r->usd_h);
    jw_span(w, "usd_per_mtok", r->usd_mtok, 1);
    jw_span(w, "usd_per_mtok_total", r->usd_mtok_total, 1);
    jw_price(w, "price", &r->price);
    jw_str(w, "evidence", grade_name(r->evidence));
    sim_pools_json(w, r);
}

static void sim_json(const struct show *s, const struct scenario *sc, const struct sim_run_out *r, const struct seeds *all)
{
    struct jw w;
    const struct sim_result *x = &r->r;
    document_begin(&w, s, "moat.sim/1");
    jw_str(&w, "scenario", sc->name);
    sim_json_body(&w, s, sc, r);
    if (all)
        seeds_json(&w, sc, all);
    document_notes(&w, s);
    jw_obj(&w, "run");
    jw_num(&w, "wall_s", s->wall_s);
    jw_int(&w, "events", (int64_t)x->events);
    jw_num(&w, "requests_per_s", (double)x->offered / s->wall_s);
    jw_num(&w, "peak_rss_mb", s->peak_rss_mb);
    jw_end(&w);
    jw_end(&w);
    buf_add(s->out, "\n");
}

void sim_csv(const struct show *s, const struct sim_run_out *r, const struct seeds *all)
{
    struct buf *b = s->out;
    const struct sim_result *x = &r->r;
    static const double q[] = {-1, 0.5, 0.9, 0.99};
    static const char *const at[] = {"mean", "p50", "p90", "p99"};
    buf_add(b, "accelerator,model,devices,replicas,offered,completed,rejected,failed");
    for (int m = 0; m < SLO_METRIC_N; m++)
        for (size_t i = 0; i < 4; i++)
            buf_fmt(b, ",%s_%s_ms", slo_metric_name[m], at[i]);
    buf_add(b, ",req_s,output_tok_s,total_tok_s,goodput_req_s,saturated,utilisation_frac,kv_peak_frac,preemptions,energy_kwh,"
               "usd_per_hour,usd_per_mtok,usd_per_mtok_total,evidence,prefix_hit_frac");
    for (int m = 0; m < SLO_METRIC_N; m++)
        for (size_t i = 0; i < 4; i++)
            buf_fmt(b, ",%s_%s_ms_lo,%s_%s_ms_hi", slo_metric_name[m], at[i], slo_metric_name[m], at[i]);
    if (all)
        seeds_csv_head(b);
    sim_pools_csv_head(b, r);
    buf_add(b, "\n");
    csv_text(b, sim_accelerators(s->arena, r));
    csv_text(b, r->d.model->id);
    csv_int(b, r->devices);
    csv_int(b, r->replicas);
    const uint64_t n[] = {x->offered, x->completed, x->rejected, x->failed};
    for (size_t i = 0; i < 4; i++)
        csv_int(b, (int64_t)n[i]);
    for (int m = 0; m < SLO_METRIC_N; m++)
        for (size_t i = 0; i < 4; i++)
            csv_num(b, sim_metric(x, m, q[i]) * MS_PER_S);
    const double v[] = {x->req_s, x->output_tok_s, x->total_tok_s, x->goodput_req_s};
    for (size_t i = 0; i < 4; i++)
        csv_num(b, v[i]);
    csv_text(b, x->saturated ? "true" : "false");
    csv_num(b, x->busy_frac);
    csv_num(b, x->kv_peak_frac);
    csv_int(b, (int64_t)x->preemptions);
    csv_num(b, r->energy_kwh.at);
    csv_num(b, r->usd_h);
    csv_num(b, r->usd_mtok.at);
    csv_num(b, r->usd_mtok_total.at);
    csv_text(b, grade_name(r->evidence));
    csv_num(b, x->prefix_hit_frac);
    for (int m = 0; m < SLO_METRIC_N; m++)
        for (size_t i = 0; i < 4; i++) {
            csv_num(b, metric(r, m, q[i]).lo * MS_PER_S);
            csv_num(b, metric(r, m, q[i]).hi * MS_PER_S);
        }
    if (all)
        seeds_csv(b, all);
    sim_pools_csv(b, r);
    csv_end(b);
}

void show_sim(const struct show *s, const struct scenario *sc, const struct sim_run_out *r, const struct seeds *all)
{
    if (s->format == FORMAT_JSON)
        sim_json(s, sc, r, all);
    else if (s->format == FORMAT_CSV)
        sim_csv(s, r, all);
    else
        sim_text(s, sc, r, all);
}

/* Milliseconds between two simulated times; not reached (< 0): empty. */
static double between_ms(int64_t from_ns, int64_t to_ns)
{
    return to_ns < 0 ? NAN : (double)(to_ns - from_ns) / NS_PER_S * MS_PER_S;
}

void show_sim_requests(const struct show *s, const struct sim_run_out *r)
{
    show_sim_head(s);
    for (size_t i = 0; i < r->r.nrecord; i++)
        show_sim_row(s, i, &r->r.record[i]);
}

void show_sim_head(const struct show *s)
{
    buf_add(s->out, "id,arrival_s,ttft_ms,tpot_ms,e2e_ms,replica,miss,in_tok,out_tok,preemptions,row,hit_tok,retries\n");
}

void show_sim_row(const struct show *s, size_t i, const struct sim_record *q)
{
    struct buf *b = s->out;
    bool done = q->done_ns >= 0;
    csv_int(b, (int64_t)i);
    csv_num(b, (double)q->arrival_ns / NS_PER_S);
    csv_num(b, done ? between_ms(q->arrival_ns, q->first_ns) : NAN);
    csv_num(b, done && q->out_tok > 1 ? between_ms(q->first_ns, q->done_ns) / (q->out_tok - 1) : NAN);
    csv_num(b, done ? between_ms(q->arrival_ns, q->done_ns) : NAN);
    csv_int(b, q->replica);
    csv_text(b, q->miss >= 0 && q->miss < MISS_N ? miss_cause_name[q->miss] : "");
    csv_int(b, q->in_tok);
    csv_int(b, q->out_tok);
    csv_int(b, q->preemptions);
    csv_int(b, q->row);
    csv_int(b, q->hit_tok);
    csv_int(b, q->retries);
    csv_end(b);
}
