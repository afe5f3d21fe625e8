/* document.c - the parts that the documents share, in JSON, CSV and text. */
#include "show/document.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/note.h"
#include "show/table.h"
#include "show/text.h"

const char *ink(const struct show *s, const char *code)
{
    return s->colour ? code : "";
}

const char *ink_off(const struct show *s)
{
    return s->colour ? "\033[0m" : "";
}

void document_begin(struct jw *w, const struct show *s, const char *schema)
{
    jw_init(w, s->out);
    jw_obj(w, NULL);
    jw_str(w, "schema", schema);
    jw_str(w, "moat", MOAT_VERSION);
    jw_str(w, "command", s->command);
    jw_int(w, "seed", (int64_t)s->seed);
    struct buf in = {.arena = s->arena};
    if (s->inputs)
        node_json(&in, s->inputs);
    jw_raw(w, "inputs", s->inputs ? buf_str(&in) : "{}");
}

void document_notes(struct jw *w, const struct show *s)
{
    jw_arr(w, "notes");
    for (size_t i = 0; s->notes && i < s->notes->n; i++) {
        jw_obj(w, NULL);
        jw_str(w, "text", s->notes->note[i].text);
        jw_int(w, "times", (int64_t)s->notes->note[i].times);
        jw_end(w);
    }
    jw_end(w);
}

void document_end(struct jw *w, const struct show *s)
{
    document_notes(w, s);
    jw_obj(w, "run");
    jw_num(w, "wall_s", s->wall_s);
    jw_num(w, "peak_rss_mb", s->peak_rss_mb);
    jw_end(w);
    jw_end(w);
    buf_add(s->out, "\n");
}

void jw_span(struct jw *w, const char *key, struct span v, double per_unit)
{
    char k[96];
    jw_num(w, key, v.at * per_unit);
    snprintf(k, sizeof k, "%s_lo", key);
    jw_num(w, k, v.lo * per_unit);
    snprintf(k, sizeof k, "%s_hi", key);
    jw_num(w, k, v.hi * per_unit);
}

void jw_price(struct jw *w, const char *key, const struct price *p)
{
    if (!p->found) {
        jw_null(w, key);
        return;
    }
    jw_obj(w, key);
    jw_str(w, "kind", price_kind_name[p->kind]);
    jw_num(w, "usd_per_card_hour", p->usd_h);
    jw_num(w, "usd_per_card_hour_lo", p->lo_usd_h);
    jw_num(w, "usd_per_card_hour_hi", p->hi_usd_h);
    jw_int(w, "providers", p->n);
    jw_int(w, "instance_cards", p->instance_cards);
    jw_bool(w, "recall", p->recall);
    jw_str(w, "source", p->source);
    jw_str(w, "note", p->note);
    jw_end(w);
}

void jw_deployment(struct jw *w, const struct deployment *d)
{
    jw_str(w, "accelerator", d->acc->id);
    jw_str(w, "model", d->model->id);
    jw_str(w, "precision", precision_table[d->quant.linear].name);
    jw_str(w, "kv_cache", precision_table[d->quant.kv].name);
    jw_str(w, "framework", d->stack.framework);
    jw_str(w, "framework_version", d->stack.version);
    jw_int(w, "tp", d->tp);
    jw_int(w, "pp", d->pp);
    jw_int(w, "dp", d->dp);
    jw_int(w, "ep", d->ep);
    jw_int(w, "max_seqs", d->max_seqs);
    jw_int(w, "max_tokens", d->max_tokens);
    jw_int(w, "max_context", d->max_context);
    jw_num(w, "memory_frac", d->memory_frac);
    jw_num(w, "power_cap_w", d->power_cap_w > 0 ? d->power_cap_w : NAN);
}

void jw_step(struct jw *w, const char *key, const struct step_time *t)
{
    jw_arr(w, key);
    for (size_t i = 0; i < t->npart; i++) {
        const struct step_part *p = &t->part[i];
        jw_obj(w, NULL);
        jw_str(w, "op", p->op);
        jw_int(w, "count", p->count);
        jw_num(w, "time_us", p->count * p->one.t_s * 1e6);
        jw_str(w, "bound", bound_name[p->one.bound]);
        jw_num(w, "flop", p->count * p->one.flop);
        jw_num(w, "bytes", p->count * p->one.bytes);
        jw_end(w);
    }
    jw_end(w);
}

const char *quant_text(struct arena *a, const struct quant *q)
{
    const char *linear = precision_table[q->linear].name;
    return q->experts == q->linear ? linear : arena_printf(a, "%s, experts %s", linear, precision_table[q->experts].name);
}

const char *draft_text(const struct speculative *s)
{
    return s->draft == DRAFT_MODEL ? s->model->id : draft_name[s->draft];
}

void jw_speculation(struct jw *w, const struct speculative *s, double step_tok, double accepted_frac)
{
    jw_obj(w, "speculation");
    jw_str(w, "draft", draft_text(s));
    jw_int(w, "tokens", s->tokens);
    jw_num(w, "acceptance", s->acceptance);
    jw_num(w, "tokens_per_step", step_tok);
    jw_num(w, "accepted_frac", accepted_frac);
    jw_end(w);
}

const char *deployment_text(struct arena *a, const struct deployment *d)
{
    struct buf b = {.arena = a};
    buf_fmt(&b, "tp %d", d->tp);
    if (d->pp > 1)
        buf_fmt(&b, " pp %d", d->pp);
    if (d->dp > 1)
        buf_fmt(&b, " dp %d", d->dp);
    if (d->ep > 1)
        buf_fmt(&b, " ep %d", d->ep);
    return buf_str(&b);
}

const char *metric_text(enum slo_metric m)
{
    static const char *const name[SLO_METRIC_N] = {"TTFT", "TPOT", "E2E latency", "ITL"};
    return name[m];
}

const char *slo_key(struct arena *a, const struct slo *o)
{
    return o->q < 0 ? "mean" : arena_printf(a, "p%g", o->q * 100);
}

const char *slo_text(struct arena *a, const struct slo *o)
{
    return arena_printf(a, "%s %s <= %s", slo_key(a, o), metric_text(o->metric), text_limit(a, o->limit_s));
}

void label_line(const struct show *s, const char *label, const char *text)
{
    enum { LABEL = 13 };
    buf_fmt(s->out, "%s%-*s%s", ink(s, INK_DIM), LABEL, label, ink_off(s));
    text_wrap(s->out, text, LABEL, s->width, LABEL);
    buf_add(s->out, "\n");
}

struct part_line { const struct step_part *part; double t_s; };

static int longest_first(const void *x, const void *y)
{
    const struct part_line *a = x, *b = y;
    return a->t_s != b->t_s ? (a->t_s < b->t_s) - (a->t_s > b->t_s) : strcmp(a->part->op, b->part->op);
}

void step_table_text(const struct show *s, const struct step_time *t)
{
    static const struct column col[] = {{"operator", COL_LEFT, 0, 0}, {"times", COL_RIGHT, 2, 0}, {"each", COL_RIGHT, 3, 0},
                                        {"all", COL_RIGHT, 0, 0},     {"", COL_RIGHT, 0, 0},      {"bound by", COL_LEFT, 0, 0},
                                        {"", COL_LEFT, 1, 0}};
    struct arena *a = s->arena;
    struct part_line line[STEP_PARTS_MAX];
    struct table tab;
    size_t n = 0;
    for (size_t i = 0; i < t->npart; i++)
        line[n++] = (struct part_line){&t->part[i], t->part[i].count * t->part[i].one.t_s};
    qsort(line, n, sizeof *line, longest_first);
    table_init(&tab, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < n; i++) {
        const struct step_part *p = line[i].part;
        double share = t->t_s > 0 ? line[i].t_s / t->t_s : NAN;
        if (!(line[i].t_s > 0))
            continue;
        const char *cell[] = {p->op, arena_printf(a, "%d x", p->count), text_time(a, p->one.t_s), text_time(a, line[i].t_s),
                              text_percent(a, share), bound_name[p->one.bound], text_bar(a, share, 24)};
        table_row(&tab, NULL, cell);
    }
    table_print(&tab);
}

void csv_text(struct buf *b, const char *v)
{
    char cell[1024];
    if (b->n && b->at[b->n - 1] != '\n')
        buf_add(b, ",");
    csv_quote(cell, sizeof cell, v ? v : "");
    buf_add(b, cell);
}

void csv_num(struct buf *b, double v)
{
    if (b->n && b->at[b->n - 1] != '\n')
        buf_add(b, ",");
    if (isfinite(v))
        buf_num(b, v);
}

void csv_int(struct buf *b, int64_t v)
{
    if (b->n && b->at[b->n - 1] != '\n')
        buf_add(b, ",");
    buf_fmt(b, "%lld", (long long)v);
}

void csv_end(struct buf *b)
{
    buf_add(b, "\n");
}
