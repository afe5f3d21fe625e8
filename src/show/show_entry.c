/* show_entry.c - `moat catalog show`: one accelerator or model, every figure with its grade and its sources. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_catalog.h"
#include "show/table.h"
#include "show/text.h"

static const char *const seen_name[] = {"two sources", "one source", "recall"};

static const char *seen(const struct accelerator *x, const char *field)
{
    for (size_t i = 0; i < x->nfigure; i++)
        if (strcmp(x->figure[i].field, field) == 0)
            return seen_name[x->figure[i].seen];
    return "";
}

static const char *joined(struct arena *a, const char *const *word, size_t n)
{
    struct buf b = {.arena = a};
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%s%s", i ? ", " : "", word[i]);
    return buf_str(&b);
}

static void figure(struct table *t, const struct accelerator *x, const char *what, const char *value, const char *field)
{
    const char *cell[] = {what, value, seen(x, field)};
    table_row(t, strcmp(cell[2], "recall") == 0 ? INK_BAD : NULL, cell);
}

static const char *rate(struct arena *a, double v, double unit, const char *name)
{
    return v > 0 ? arena_printf(a, "%s %s", text_figure(a, v / unit), name) : "none";
}

static void figures(const struct show *s, const struct accelerator *x)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 0}, {"known from", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, 3);
    figure(&t, x, "memory", arena_printf(a, "%s %s", text_size(a, x->mem_bytes), x->mem_type ? x->mem_type : ""), "mem");
    if (x->mem_usable_bytes > 0)
        figure(&t, x, "  usable", text_size(a, x->mem_usable_bytes), "mem_usable");
    figure(&t, x, "  bandwidth", rate(a, x->mem_bw_bytes_s, 1e12, "TB/s"), "mem_bw");
    if (x->sram_bytes > 0)
        figure(&t, x, "SRAM or last cache", text_size(a, x->sram_bytes), "sram");
    for (int k = 0; k < ARITH_N; k++)
        if (x->peak_flop_s[k] > 0 || *seen(x, arith_name[k]))
            figure(&t, x, arith_name[k], rate(a, x->peak_flop_s[k], 1e12, k == ARITH_INT8 ? "TOP/s" : "TFLOP/s"), arith_name[k]);
    if (x->fp64_matrix_flop_s > 0)
        figure(&t, x, "fp64, matrix units", rate(a, x->fp64_matrix_flop_s, 1e12, "TFLOP/s"), "fp64_matrix");
    if (x->cores > 0)
        figure(&t, x, "cores", text_count(a, x->cores), "cores");
    if (x->scaleup.domain > 1) {
        figure(&t, x, "scale-up, one device", arena_printf(a, "%s %s, %s", rate(a, x->scaleup.total_bytes_s, GIGA, "GB/s one way"),
                                                           x->scaleup.kind ? x->scaleup.kind : "",
                                                           topology_name[x->scaleup.topology]), "scaleup.total");
        figure(&t, x, "  to one peer", rate(a, x->scaleup.per_peer_bytes_s, GIGA, "GB/s one way"), "scaleup.per_peer");
        figure(&t, x, "  devices in reach", text_count(a, x->scaleup.domain), "scaleup.domain");
    }
    figure(&t, x, "PCIe or host", rate(a, x->pcie_bytes_s, GIGA, "GB/s one way"), "pcie");
    figure(&t, x, "scale-out", rate(a, x->scaleout_bytes_s, GIGA, "GB/s one way"), "scaleout");
    figure(&t, x, "cards in a server", text_count(a, x->node_cards), "node_cards");
    figure(&t, x, "TDP", text_watts(a, x->tdp_w), "tdp");
    if (x->idle_w > 0)
        figure(&t, x, "idle", text_watts(a, x->idle_w), "idle");
    figure(&t, x, "graphics", x->graphics ? arena_printf(a, "yes, %d ray tracing cores", x->rt_cores) : "no", "graphics");
    if (x->graphics)
        figure(&t, x, "video encoders", x->encoders ? text_count(a, x->encoders) : "not known", "encoders");
    figure(&t, x, "MIG slices", x->mig_slices > 1 ? text_count(a, x->mig_slices) : "not divisible", "mig_slices");
    figure(&t, x, "confidential computing", x->confidential ? "yes" : "no", "confidential");
    figure(&t, x, "export to China", x->export_restricted_cn ? "restricted" : "not restricted", "export_restricted_cn");
    table_print(&t);
}

static void instances(const struct show *s, const struct accelerator *x)
{
    static const struct column col[] = {{"MIG profile", COL_LEFT, 0, 0}, {"on a card", COL_RIGHT, 0, 0}, {"memory", COL_RIGHT, 0, 0},
                                        {"bandwidth", COL_RIGHT, 0, 0}, {"arithmetic", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, 5);
    for (size_t i = 0; i < x->nmig; i++) {
        struct accelerator m;
        mig_device(a, x, i, &m);
        const char *cell[] = {x->mig[i].name, text_count(a, m.per_card), text_size(a, m.mem_bytes),
                              text_percent(a, x->mig[i].memory_frac), text_percent(a, mig_compute_frac(x, &x->mig[i]))};
        table_row(&t, NULL, cell);
    }
    if (t.nrow) {
        buf_add(s->out, "\n");
        table_print(&t);
    }
}

static void prices(const struct show *s, const struct catalog *c, const struct accelerator *x, const struct price_query *q)
{
    static const enum price_kind kind[] = {PRICE_ON_DEMAND, PRICE_SPOT, PRICE_RESERVED_1Y, PRICE_RESERVED_3Y, PRICE_SURVEY, PRICE_PURCHASE};
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"", COL_RIGHT, 0, 0}, {"cheapest", COL_RIGHT, 0, 0},
                                        {"dearest", COL_RIGHT, 0, 0}, {"from", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, 5);
    for (size_t k = 0; k < sizeof kind / sizeof *kind; k++) {
        struct price_query ask = *q;
        ask.kind = kind[k];
        struct price p = price_find(a, c, x, &ask);
        if (!p.found || p.kind != kind[k])
            continue;
        bool buy = kind[k] == PRICE_PURCHASE;
        const char *cell[] = {price_kind_name[kind[k]], buy ? text_usd(a, p.usd_h) : text_usd_h(a, p.usd_h), text_usd(a, p.lo_usd_h),
                              text_usd(a, p.hi_usd_h), p.source};
        table_row(&t, NULL, cell);
    }
    if (t.nrow) {
        buf_add(s->out, "\n");
        table_print(&t);
    } else {
        buf_add(s->out, "\n  No price is known: it is listed as unpriced.\n");
    }
}

static void sources(const struct show *s, const char *const *source, size_t n, const char *date)
{
    buf_add(s->out, "\n");
    for (size_t i = 0; i < n; i++)
        label_line(s, i ? "" : "sources", source[i]);
    if (date)
        label_line(s, "read", date);
}

static void accelerator_text(const struct show *s, const struct catalog *c, const struct accelerator *x, const struct price_query *q)
{
    struct arena *a = s->arena;
    buf_fmt(s->out, "%s%s%s: %s (%s, %s, %s; %s)%s\n\n", ink(s, INK_BOLD), x->id, ink_off(s), x->name, x->vendor, x->arch, x->software,
            x->launch ? arena_printf(a, "launched %s", text_month(a, x->launch)) : "launch not known", x->available ? "" : " - not shipping");
    figures(s, x);
    instances(s, x);
    prices(s, c, x, q);
    sources(s, x->source, x->nsource, x->date);
    if (x->nalias)
        label_line(s, "aliases", joined(a, x->alias, x->nalias));
    if (x->mem_usable_source && *x->mem_usable_source)
        label_line(s, "usable", x->mem_usable_source);
    label_line(s, "evidence", arena_printf(a, "%s at best, unless a stack was fitted to it", grade_name(x->evidence)));
    if (x->notes && *x->notes)
        label_line(s, "notes", x->notes);
    label_line(s, "file", x->place);
}

void jw_accelerator(struct jw *w, const char *key, const struct show *s, const struct catalog *c, const struct accelerator *x,
                    const struct price_query *q)
{
    jw_obj(w, key);
    jw_str(w, "id", x->id);
    jw_str(w, "name", x->name);
    jw_str(w, "vendor", x->vendor);
    jw_str(w, "class", x->cls);
    jw_str(w, "arch", x->arch);
    jw_str(w, "family", x->family);
    jw_str(w, "form", x->form);
    jw_str(w, "software", x->software);
    jw_arr(w, "aliases");
    for (size_t i = 0; i < x->nalias; i++)
        jw_str(w, NULL, x->alias[i]);
    jw_end(w);
    jw_str(w, "launch", text_date(s->arena, x->launch));
    jw_bool(w, "available", x->available);
    jw_num(w, "mem_bytes", x->mem_bytes);
    jw_num(w, "mem_usable_bytes", x->mem_usable_bytes > 0 ? x->mem_usable_bytes : NAN);
    jw_str(w, "mem_usable_source", x->mem_usable_source);
    jw_num(w, "mem_bw_bytes_s", x->mem_bw_bytes_s);
    jw_str(w, "mem_type", x->mem_type);
    jw_num(w, "sram_bytes", x->sram_bytes);
    jw_obj(w, "peak_flop_s");
    for (int k = 0; k < ARITH_N; k++)
        jw_num(w, arith_name[k], x->peak_flop_s[k]);
    jw_end(w);
    jw_num(w, "fp64_matrix_flop_s", x->fp64_matrix_flop_s > 0 ? x->fp64_matrix_flop_s : NAN);
    jw_int(w, "cores", x->cores);
    jw_obj(w, "scaleup");
    jw_str(w, "kind", x->scaleup.kind);
    jw_str(w, "topology", topology_name[x->scaleup.topology]);
    jw_num(w, "per_peer_bytes_s", x->scaleup.per_peer_bytes_s);
    jw_num(w, "total_bytes_s", x->scaleup.total_bytes_s);
    jw_int(w, "domain", x->scaleup.domain);
    jw_end(w);
    jw_num(w, "pcie_bytes_s", x->pcie_bytes_s);
    jw_num(w, "scaleout_bytes_s", x->scaleout_bytes_s);
    jw_int(w, "node_cards", x->node_cards);
    jw_num(w, "tdp_w", x->tdp_w);
    jw_num(w, "idle_w", x->idle_w > 0 ? x->idle_w : NAN);
    jw_bool(w, "graphics", x->graphics);
    jw_int(w, "rt_cores", x->rt_cores);
    jw_int(w, "encoders", x->encoders);
    jw_int(w, "mig_slices", x->mig_slices);
    jw_arr(w, "mig");
    for (size_t i = 0; i < x->nmig; i++) {
        jw_obj(w, NULL);
        jw_str(w, "profile", x->mig[i].name);
        jw_num(w, "memory_frac", x->mig[i].memory_frac);
        jw_num(w, "compute_frac", mig_compute_frac(x, &x->mig[i]));
        jw_int(w, "instances", x->mig[i].instances);
        jw_end(w);
    }
    jw_end(w);
    jw_str(w, "card", x->card ? x->card->id : NULL);
    jw_bool(w, "confidential", x->confidential);
    jw_bool(w, "export_restricted_cn", x->export_restricted_cn);
    jw_obj(w, "figures");
    for (size_t i = 0; i < x->nfigure; i++)
        jw_str(w, x->figure[i].field, seen_name[x->figure[i].seen]);
    jw_end(w);
    jw_arr(w, "sources");
    for (size_t i = 0; i < x->nsource; i++)
        jw_str(w, NULL, x->source[i]);
    jw_end(w);
    jw_str(w, "date", x->date);
    jw_str(w, "notes", x->notes);
    struct price p = price_find(s->arena, c, x, q);
    jw_price(w, "price", &p);
    jw_str(w, "evidence", grade_name(x->evidence));
    jw_end(w);
}

static void entry_end(struct jw *w, const struct show *s)
{
    document_end(w, s);
}

void show_accelerator(const struct show *s, const struct catalog *c, const struct accelerator *acc, const struct price_query *q)
{
    struct jw w;
    if (s->format != FORMAT_JSON) {
        accelerator_text(s, c, acc, q);
        return;
    }
    document_begin(&w, s, "moat.catalog/1");
    jw_accelerator(&w, "accelerator", s, c, acc, q);
    entry_end(&w, s);
}

static const struct part_row { const char *name; size_t at; } part_row[] = {
    {"embedding", offsetof(struct model_parts, embed)},     {"LM head", offsetof(struct model_parts, lm_head)},
    {"attention", offsetof(struct model_parts, attention)}, {"dense feed-forward", offsetof(struct model_parts, dense_ffn)},
    {"experts", offsetof(struct model_parts, experts)},     {"shared experts", offsetof(struct model_parts, shared)},
    {"router", offsetof(struct model_parts, router)},       {"norms", offsetof(struct model_parts, norms)},
    {"other", offsetof(struct model_parts, other)},
};

static double part(const struct model_parts *p, size_t i)
{
    double v;
    memcpy(&v, (const char *)p + part_row[i].at, sizeof v);
    return v;
}

static const char *off_by(struct arena *a, double ours, double published)
{
    if (!(published > 0))
        return "not published";
    return arena_printf(a, "%s published: %+.2f%%", text_big(a, published), (ours / published - 1) * 100);
}

static const char *layer_text(struct arena *a, const struct layer *l)
{
    static const char *const mixer[] = {"no mixer", "GQA", "MLA", "linear"};
    struct buf b = {.arena = a};
    buf_fmt(&b, "%d x %s", l->count, mixer[l->mixer]);
    if (l->mixer == MIX_GQA)
        buf_fmt(&b, " %d/%d heads of %d", l->heads, l->kv_heads, l->head_dim);
    if (l->mixer == MIX_MLA)
        buf_fmt(&b, " %d heads, latent %d + %d", l->heads, l->kv_lora, l->rope_dim);
    if (l->mixer == MIX_LINEAR)
        buf_fmt(&b, " %d heads, state %d x %d", l->lin_v_heads, l->lin_k_dim, l->lin_v_dim);
    if (l->window)
        buf_fmt(&b, ", window %s", text_count(a, (double)l->window));
    if (l->topk)
        buf_fmt(&b, ", top %s entries", text_count(a, (double)l->topk));
    if (l->experts)
        buf_fmt(&b, "; %d of %d experts of %s", l->topk_experts, l->experts, text_count(a, (double)l->expert_inter));
    else if (l->ffn_inter)
        buf_fmt(&b, "; dense %s", text_count(a, (double)l->ffn_inter));
    return buf_str(&b);
}

static double bits_of(enum precision p, double own)
{
    return own > 0 ? own : precision_table[p].bits;
}

/* "q4_k_m at 4.83 bits" where a checkpoint was counted, else the format. */
static const char *format_text(struct arena *a, enum precision p, double own)
{
    const char *name = precision_table[p].name;
    return own > 0 ? arena_printf(a, "%s at %.3g bits", name, own) : name;
}

static void model_text(const struct show *s, const struct model *m)
{
    static const struct column col[] = {{"parameters", COL_LEFT, 0, 0}, {"", COL_RIGHT, 0, 0}, {"", COL_RIGHT, 0, 0}, {"", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    struct model_parts p = model_count(m);
    double all = model_params(m), active = model_active_params(m);
    buf_fmt(s->out, "%s%s%s: %s (%s), %s parameters, %s active%s\n\n", ink(s, INK_BOLD), m->id, ink_off(s), m->name ? m->name : m->id,
            m->type ? m->type : "?", text_big(a, all), text_big(a, active), m->parametric ? " - an assumption, not a published model" : "");
    table_init(&t, s, col, 4);
    for (size_t i = 0; i < sizeof part_row / sizeof *part_row; i++) {
        double v = part(&p, i);
        const char *cell[] = {part_row[i].name, text_count(a, v), text_percent(a, v / all), text_bar(a, v / all, 24)};
        if (v > 0)
            table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
    label_line(s, "total", arena_printf(a, "%s (%s)", text_count(a, all), off_by(a, all, m->published_params)));
    label_line(s, "active", arena_printf(a, "%s (%s)", text_count(a, active), off_by(a, active, m->published_active)));
    if (m->published_source)
        label_line(s, "counted by", m->published_source);
    label_line(s, "KV cache", arena_printf(a, "%s bytes a token at %s, %s at fp8", text_count(a, kv_bytes_per_token(m, m->quant.kv)),
                                           precision_table[m->quant.kv].name, text_count(a, kv_bytes_per_token(m, PREC_FP8))));
    const struct quant *q = &m->quant;
    label_line(s, "weights", arena_printf(a, "%s%s; experts %s, attention %s, LM head %s", format_text(a, q->linear, q->bits.linear),
                                          m->quant_declared ? " (declared)" : "", format_text(a, q->experts, q->bits.experts),
                                          format_text(a, q->attention, q->bits.attention), format_text(a, q->lm_head, q->bits.lm_head)));
    for (size_t i = 0; i < m->ngroup; i++)
        label_line(s, i ? "" : "layers", layer_text(a, &m->group[i]));
    label_line(s, "context", arena_printf(a, "%s tokens; hidden %s, vocabulary %s%s", text_count(a, (double)m->max_context),
                                          text_count(a, (double)m->hidden), text_count(a, (double)m->vocab), m->tied ? ", tied" : ""));
    if (m->precision_needed)
        label_line(s, "precision", "the name says FP8 or NVFP4, the config does not: give `precision`");
    if (m->nalias)
        label_line(s, "aliases", joined(a, m->alias, m->nalias));
    if (m->source)
        label_line(s, "source", arena_printf(a, "%s%s%s", m->source, m->date ? ", " : "", m->date ? m->date : ""));
    if (m->place)
        label_line(s, "file", m->place);
}

void jw_model(struct jw *w, const char *key, const struct model *m)
{
    struct model_parts p = model_count(m);
    const struct quant *q = &m->quant;
    jw_obj(w, key);
    jw_str(w, "id", m->id);
    jw_str(w, "name", m->name);
    jw_str(w, "type", m->type);
    jw_arr(w, "aliases");
    for (size_t i = 0; i < m->nalias; i++)
        jw_str(w, NULL, m->alias[i]);
    jw_end(w);
    jw_int(w, "layers", m->layers);
    jw_int(w, "hidden", m->hidden);
    jw_int(w, "vocab", m->vocab);
    jw_int(w, "max_context", m->max_context);
    jw_num(w, "params", model_params(m));
    jw_num(w, "active_params", model_active_params(m));
    jw_num(w, "published_params", m->published_params > 0 ? m->published_params : NAN);
    jw_num(w, "published_active_params", m->published_active > 0 ? m->published_active : NAN);
    jw_str(w, "published_source", m->published_source);
    jw_obj(w, "params_by_part");
    for (size_t i = 0; i < sizeof part_row / sizeof *part_row; i++)
        jw_num(w, part_row[i].name, part(&p, i));
    jw_end(w);
    jw_num(w, "kv_bytes_per_token", kv_bytes_per_token(m, m->quant.kv));
    jw_str(w, "kv_cache", precision_table[m->quant.kv].name);
    jw_str(w, "precision", precision_table[m->quant.linear].name);
    jw_obj(w, "bits_per_weight");
    jw_num(w, "attention", bits_of(q->attention, q->bits.attention));
    jw_num(w, "linear", bits_of(q->linear, q->bits.linear));
    jw_num(w, "experts", bits_of(q->experts, q->bits.experts));
    jw_num(w, "lm_head", bits_of(q->lm_head, q->bits.lm_head));
    jw_num(w, "embed", bits_of(q->embed, q->bits.embed));
    jw_end(w);
    jw_bool(w, "precision_declared", m->quant_declared);
    jw_bool(w, "precision_needed", m->precision_needed);
    jw_bool(w, "parametric", m->parametric);
    jw_str(w, "source", m->source);
    jw_str(w, "date", m->date);
    jw_end(w);
}

void show_model(const struct show *s, const struct catalog *c, const struct model *m)
{
    struct jw w;
    (void)c;
    if (s->format != FORMAT_JSON) {
        model_text(s, m);
        return;
    }
    document_begin(&w, s, "moat.catalog/1");
    jw_model(&w, "model", m);
    entry_end(&w, s);
}
