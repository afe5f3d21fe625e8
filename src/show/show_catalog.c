/* show_catalog.c - `moat catalog list` and `check`: accelerators, models, prices and stacks as tables. */
#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/note.h"
#include "show/document.h"
#include "show/show_catalog.h"
#include "show/table.h"
#include "show/text.h"

static struct price asked(const struct show *s, const struct catalog *c, const struct accelerator *acc,
                          const struct price_query *q, enum price_kind kind)
{
    struct price_query k = *q;
    k.kind = kind;
    struct price p = price_find(s->arena, c, acc, &k);
    if (p.kind != kind)
        p.found = false;
    return p;
}

static const char *price_cell(struct arena *a, const struct price *p)
{
    return p->found ? text_usd(a, p->usd_h) : "-";
}

static const char *flops_cell(struct arena *a, double v)
{
    return v > 0 ? text_num(a, v / 1e12) : "-";
}

static void accelerators_text(const struct show *s, const struct catalog *c, const struct price_query *q)
{
    static const struct column col[] = {{"id", COL_LEFT, 0, 0}, {"name", COL_LEFT, 9, 0}, {"memory", COL_RIGHT, 0, 0},
                                        {"TB/s", COL_RIGHT, 0, 0}, {"TFLOP/s\nbf16", COL_RIGHT, 0, 0}, {"\nfp8", COL_RIGHT, 0, 0},
                                        {"\nfp4", COL_RIGHT, 5, 0}, {"link\nGB/s", COL_RIGHT, 0, 0}, {"domain", COL_RIGHT, 4, 0},
                                        {"W", COL_RIGHT, 1, 0}, {"on-demand\n$/h", COL_RIGHT, 0, 0}, {"launch", COL_LEFT, 3, 0},
                                        {"evidence", COL_LEFT, 2, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 0;
    for (size_t i = 0; i < c->nacc; i++) {
        const struct accelerator *x = &c->acc[i];
        struct price p = asked(s, c, x, q, q->kind);
        enum arith half = accelerator_half(x);
        const char *cell[] = {x->id, x->name, text_size(a, x->mem_bytes), text_figure(a, x->mem_bw_bytes_s / 1e12),
                              flops_cell(a, half < ARITH_N ? x->peak_flop_s[half] : 0), flops_cell(a, x->peak_flop_s[ARITH_FP8]),
                              flops_cell(a, x->peak_flop_s[ARITH_FP4]),
                              x->scaleup.domain > 1 ? text_num(a, x->scaleup.total_bytes_s / GIGA) : "-",
                              arena_printf(a, "%d", x->scaleup.domain), x->tdp_w > 0 ? text_num(a, x->tdp_w) : "-", price_cell(a, &p) + p.found,
                              text_month(a, x->launch), grade_name(x->evidence)};
        table_row(&t, x->available ? NULL : INK_DIM, cell);
    }
    table_print(&t);
    buf_fmt(s->out, "\n%zu accelerators. `moat catalog show ID` prints one with its sources.\n", c->nacc);
}

void show_accelerators(const struct show *s, const struct catalog *c, const struct price_query *q)
{
    struct jw w;
    switch (s->format) {
    case FORMAT_TEXT:
        accelerators_text(s, c, q);
        return;
    case FORMAT_JSON:
        document_begin(&w, s, "moat.catalog/1");
        jw_arr(&w, "accelerators");
        for (size_t i = 0; i < c->nacc; i++)
            jw_accelerator(&w, NULL, s, c, &c->acc[i], q);
        jw_end(&w);
        document_end(&w, s);
        return;
    case FORMAT_CSV:
        break;
    }
    struct buf *b = s->out;
    buf_add(b, "id,name,vendor,class,arch,family,software,launch,available,mem_gb,mem_usable_gb,mem_bw_gb_s");
    for (int k = 0; k < ARITH_N; k++)
        buf_fmt(b, ",%s_tflop_s", arith_name[k]);
    buf_add(b, ",link_kind,link_per_peer_gb_s,link_total_gb_s,link_domain,scaleout_gb_s,tdp_w,usd_per_hour,evidence\n");
    for (size_t i = 0; i < c->nacc; i++) {
        const struct accelerator *x = &c->acc[i];
        struct price p = asked(s, c, x, q, q->kind);
        const char *word[] = {x->id, x->name, x->vendor, x->cls, x->arch, x->family, x->software, text_date(s->arena, x->launch),
                              x->available ? "true" : "false"};
        for (size_t j = 0; j < sizeof word / sizeof *word; j++)
            csv_text(b, word[j]);
        csv_num(b, x->mem_bytes / GIGA);
        csv_num(b, x->mem_usable_bytes > 0 ? x->mem_usable_bytes / GIGA : NAN);
        csv_num(b, x->mem_bw_bytes_s / GIGA);
        for (int k = 0; k < ARITH_N; k++)
            csv_num(b, x->peak_flop_s[k] > 0 ? x->peak_flop_s[k] / 1e12 : NAN);
        csv_text(b, x->scaleup.kind);
        csv_num(b, x->scaleup.per_peer_bytes_s / GIGA);
        csv_num(b, x->scaleup.total_bytes_s / GIGA);
        csv_int(b, x->scaleup.domain);
        csv_num(b, x->scaleout_bytes_s / GIGA);
        csv_num(b, x->tdp_w);
        csv_num(b, p.found ? p.usd_h : NAN);
        csv_text(b, grade_name(x->evidence));
        csv_end(b);
    }
}

static void models_text(const struct show *s, const struct catalog *c)
{
    static const struct column col[] = {{"id", COL_LEFT, 0, 0}, {"parameters", COL_RIGHT, 0, 0}, {"active", COL_RIGHT, 0, 0},
                                        {"layers", COL_RIGHT, 1, 0}, {"context", COL_RIGHT, 2, 0},
                                        {"KV bytes\na token", COL_RIGHT, 0, 0}, {"weights", COL_LEFT, 0, 0},
                                        {"Hugging Face name", COL_LEFT, 3, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 0;
    for (size_t i = 0; i < c->nmodel; i++) {
        const struct model *m = &c->model[i];
        const char *cell[] = {m->id, text_big(a, model_params(m)), text_big(a, model_active_params(m)), arena_printf(a, "%d", m->layers),
                              text_count(a, (double)m->max_context), text_count(a, kv_bytes_per_token(m, m->quant.kv)),
                              arena_printf(a, "%s%s", quant_text(a, &m->quant), m->parametric ? ", assumed" : ""),
                              m->name};
        table_row(&t, m->parametric ? INK_DIM : NULL, cell);
    }
    table_print(&t);
    buf_fmt(s->out, "\n%zu models. `moat catalog show ID` prints one with its counts.\n", c->nmodel);
}

void show_models(const struct show *s, const struct catalog *c)
{
    struct jw w;
    switch (s->format) {
    case FORMAT_TEXT:
        models_text(s, c);
        return;
    case FORMAT_JSON:
        document_begin(&w, s, "moat.catalog/1");
        jw_arr(&w, "models");
        for (size_t i = 0; i < c->nmodel; i++)
            jw_model(&w, NULL, &c->model[i]);
        jw_end(&w);
        document_end(&w, s);
        return;
    case FORMAT_CSV:
        break;
    }
    struct buf *b = s->out;
    buf_add(b, "id,name,type,layers,hidden,vocab,max_context,params,active_params,published_params,published_active,"
               "kv_bytes_per_token,weights,parametric\n");
    for (size_t i = 0; i < c->nmodel; i++) {
        const struct model *m = &c->model[i];
        csv_text(b, m->id);
        csv_text(b, m->name);
        csv_text(b, m->type);
        csv_int(b, m->layers);
        csv_int(b, m->hidden);
        csv_int(b, m->vocab);
        csv_int(b, m->max_context);
        csv_num(b, model_params(m));
        csv_num(b, model_active_params(m));
        csv_num(b, m->published_params > 0 ? m->published_params : NAN);
        csv_num(b, m->published_active > 0 ? m->published_active : NAN);
        csv_num(b, kv_bytes_per_token(m, m->quant.kv));
        csv_text(b, precision_table[m->quant.linear].name);
        csv_text(b, m->parametric ? "true" : "false");
        csv_end(b);
    }
}

static void prices_text(const struct show *s, const struct catalog *c)
{
    static const enum price_kind kind[] = {PRICE_ON_DEMAND, PRICE_SPOT, PRICE_RESERVED_1Y, PRICE_RESERVED_3Y, PRICE_SURVEY, PRICE_PURCHASE};
    static const struct column col[] = {{"accelerator", COL_LEFT, 0, 0}, {"on-demand\n$/h", COL_RIGHT, 0, 0}, {"spot\n$/h", COL_RIGHT, 0, 0},
                                        {"reserved\n1 year", COL_RIGHT, 0, 0}, {"\n3 years", COL_RIGHT, 0, 0},
                                        {"survey\n$/h", COL_RIGHT, 0, 0}, {"purchase\n$", COL_RIGHT, 0, 0}, {"pro-\nviders", COL_RIGHT, 0, 0},
                                        {"newest", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct price_query q = {.kind = PRICE_ON_DEMAND};
    struct table t;
    size_t unpriced = 0;
    table_init(&t, s, col, sizeof col / sizeof *col);
    t.indent = 0;
    for (size_t i = 0; i < c->nacc; i++) {
        const char *cell[9] = {c->acc[i].id};
        bool any = false;
        for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
            struct price p = asked(s, c, &c->acc[i], &q, kind[k]);
            cell[k + 1] = price_cell(a, &p) + p.found;
            any |= p.found;
            if (k == 0 && p.found) {
                cell[7] = arena_printf(a, "%d", p.n);
                cell[8] = text_month(a, p.date_last);
            }
        }
        unpriced += !any;
        if (any)
            table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
    text_wrap(s->out, arena_printf(a, "%zu price rows; %zu accelerators have none. Each is the median of the providers' newest list prices "
                                      "a card; --csv prints every row with its source.", c->nprice, unpriced), 0, s->width, 0);
    buf_add(s->out, "\n");
}

static void price_row_json(struct jw *w, const struct price_row *p)
{
    jw_obj(w, NULL);
    jw_str(w, "sku", p->sku);
    jw_str(w, "kind", price_kind_name[p->kind]);
    jw_num(w, "usd", p->usd);
    jw_str(w, "date", text_date(w->out->arena, p->date));
    jw_str(w, "provider", p->provider);
    jw_str(w, "region", p->region);
    jw_int(w, "cards", p->cards);
    jw_bool(w, "recall", p->recall);
    jw_bool(w, "aggregate", p->aggregate);
    jw_str(w, "source", p->source);
    jw_str(w, "note", p->note);
    jw_end(w);
}

void show_prices(const struct show *s, const struct catalog *c)
{
    struct jw w;
    switch (s->format) {
    case FORMAT_TEXT:
        prices_text(s, c);
        return;
    case FORMAT_JSON:
        document_begin(&w, s, "moat.catalog/1");
        jw_arr(&w, "prices");
        for (size_t i = 0; i < c->nprice; i++)
            price_row_json(&w, &c->price[i]);
        jw_end(&w);
        document_end(&w, s);
        return;
    case FORMAT_CSV:
        break;
    }
    struct buf *b = s->out;
    buf_add(b, "sku,kind,usd,date,provider,region,cards,recall,aggregate,source,note\n");
    for (size_t i = 0; i < c->nprice; i++) {
        const struct price_row *p = &c->price[i];
        csv_text(b, p->sku);
        csv_text(b, price_kind_name[p->kind]);
        csv_num(b, p->usd);
        csv_text(b, text_date(s->arena, p->date));
        csv_text(b, p->provider);
        csv_text(b, p->region);
        csv_int(b, p->cards);
        csv_text(b, p->recall ? "true" : "false");
        csv_text(b, p->aggregate ? "true" : "false");
        csv_text(b, p->source);
        csv_text(b, p->note);
        csv_end(b);
    }
}

/* Accelerators whose own constants the stack carries. */
static const char *measured_on(struct arena *a, const struct catalog *c, const struct stack_file *f)
{
    struct buf b = {.arena = a};
    for (size_t i = 0; i < c->nacc; i++)
        if (stack_constants(f, &c->acc[i]).evidence == GRADE_MEASURED || stack_fitted_device(f, c->acc[i].id))
            buf_fmt(&b, "%s%s", b.n ? ", " : "", c->acc[i].id);
    return buf_str(&b);
}

static void stack_text(const struct show *s, const struct catalog *c, const struct stack_file *f)
{
    struct arena *a = s->arena;
    struct stack k = stack_constants(f, &c->acc[0]);
    const char *on = measured_on(a, c, f);
    const char *only = stack_file_for(a, f);
    label_line(s, k.framework, arena_printf(a, "%s%sversion %s; scheduler %s, at most %s sequences and %s tokens a step; %s of memory",
                                            *only ? only + 1 : "", *only ? "; " : "", k.version, k.scheduler,
                                            text_count(a, k.max_seqs), text_count(a, k.max_tokens),
                                            text_percent(a, k.memory_frac)));
    label_line(s, "", *on ? arena_printf(a, "measured on %s", on) : "measured on nothing: pooled constants");
}

static void stack_json(struct jw *w, const struct show *s, const struct catalog *c, const struct stack_file *f)
{
    struct stack k = stack_constants(f, &c->acc[0]);
    jw_obj(w, NULL);
    jw_str(w, "framework", k.framework);
    jw_str(w, "stack", stack_file_label(s->arena, f));
    jw_str(w, "version", k.version);
    jw_str(w, "scheduler", k.scheduler);
    jw_int(w, "max_seqs", k.max_seqs);
    jw_int(w, "max_tokens", k.max_tokens);
    jw_num(w, "memory_frac", k.memory_frac);
    jw_int(w, "block_tokens", k.block_tok);
    jw_str(w, "measured_on", measured_on(s->arena, c, f));
    jw_str(w, "source", k.source);
    jw_str(w, "date", k.date);
    jw_end(w);
}

static void stack_csv(const struct show *s, const struct catalog *c, const struct stack_file *f)
{
    struct stack k = stack_constants(f, &c->acc[0]);
    const char *word[] = {k.framework, k.version, k.scheduler, measured_on(s->arena, c, f), k.source, k.date,
                          stack_file_label(s->arena, f)};
    for (size_t j = 0; j < sizeof word / sizeof *word; j++)
        csv_text(s->out, word[j]);
    csv_end(s->out);
}

void show_stacks(const struct show *s, const struct catalog *c)
{
    struct jw w;
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, "moat.catalog/1");
        jw_arr(&w, "stacks");
    } else if (s->format == FORMAT_CSV) {
        buf_add(s->out, "framework,version,scheduler,measured_on,source,date,stack\n");
    }
    for (size_t i = 0; i < c->nstack && c->nacc; i++) {
        if (s->format == FORMAT_JSON)
            stack_json(&w, s, c, c->stack[i]);
        else if (s->format == FORMAT_CSV)
            stack_csv(s, c, c->stack[i]);
        else
            stack_text(s, c, c->stack[i]);
    }
    if (s->format == FORMAT_JSON) {
        jw_end(&w);
        document_end(&w, s);
    }
}

void show_check(const struct show *s, const struct catalog *c, const char *dir)
{
    struct jw w;
    size_t figures[3] = {0}, deviating = 0, counted = 0;
    struct buf off = {.arena = s->arena};
    for (size_t i = 0; i < c->nacc; i++)
        for (size_t j = 0; j < c->acc[i].nfigure; j++)
            figures[c->acc[i].figure[j].seen]++;
    for (size_t i = 0; i < c->nmodel; i++) {
        const struct model *m = &c->model[i];
        if (m->published_params > 0) {
            double by = model_params(m) / m->published_params - 1;
            counted++;
            if (fabs(by) > 0.01)
                buf_fmt(&off, "%s%s (%+.1f%%)", deviating++ ? ", " : "", m->id, by * 100);
        }
    }
    if (s->format == FORMAT_JSON) {
        document_begin(&w, s, "moat.catalog_check/1");
        jw_bool(&w, "ok", true);
        jw_str(&w, "overlay", dir);
        jw_int(&w, "accelerators", (int64_t)c->nacc);
        jw_int(&w, "models", (int64_t)c->nmodel);
        jw_int(&w, "prices", (int64_t)c->nprice);
        jw_int(&w, "stacks", (int64_t)c->nstack);
        jw_int(&w, "calibrations", (int64_t)c->ncalibration);
        jw_int(&w, "work", (int64_t)c->nwork);
        jw_int(&w, "figures_two_sources", (int64_t)figures[FIGURE_TWO_SOURCES]);
        jw_int(&w, "figures_one_source", (int64_t)figures[FIGURE_ONE_SOURCE]);
        jw_int(&w, "figures_recall", (int64_t)figures[FIGURE_RECALL]);
        jw_int(&w, "models_with_published_count", (int64_t)counted);
        jw_int(&w, "models_off_by_more_than_1_pct", (int64_t)deviating);
        document_end(&w, s);
        return;
    }
    if (s->format == FORMAT_CSV) {
        buf_fmt(s->out, "what,n\naccelerators,%zu\nmodels,%zu\nprices,%zu\nstacks,%zu\nwork,%zu\n", c->nacc, c->nmodel, c->nprice, c->nstack,
                c->nwork);
        return;
    }
    struct arena *a = s->arena;
    text_wrap(s->out, arena_printf(a, "%s%s: %zu accelerators, %zu models, %zu prices, %zu stacks and %zu workloads read without an error.",
                                   dir ? "The catalog with " : "The catalog", dir ? dir : "", c->nacc, c->nmodel, c->nprice, c->nstack,
                                   c->nwork),
              0, s->width, 0);
    buf_add(s->out, "\n\n");
    label_line(s, "figures", arena_printf(a, "of the accelerators: %zu from two sources, %zu from one, %zu from memory (recall)",
                                          figures[FIGURE_TWO_SOURCES], figures[FIGURE_ONE_SOURCE], figures[FIGURE_RECALL]));
    label_line(s, "counts", arena_printf(a, "%zu models have a published parameter count; %zu differ by more than 1%%%s%s", counted,
                                         deviating, deviating ? ": " : "", buf_str(&off)));
    for (size_t i = 0; i < c->ncalibration; i++)
        label_line(s, i ? "" : "calibrated",
                   arena_printf(a, "%s on %s, %s", c->calibration[i].model ? c->calibration[i].model : "every model",
                                c->calibration[i].accelerator, c->calibration[i].framework));
}
