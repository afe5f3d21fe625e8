/* show_breakeven_data.c - `moat breakeven` as JSON and as CSV (a row a quantity). */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_breakeven.h"

static void value(struct jw *w, struct arena *a, const char *key, const struct be_value *v)
{
    jw_num(w, key, v->at);
    if (!isnan(v->lo))
        jw_num(w, arena_printf(a, "%s_lo", key), fmin(v->lo, v->hi)), jw_num(w, arena_printf(a, "%s_hi", key), fmax(v->lo, v->hi));
}

static void moat(struct jw *w, const struct moat *m, bool has)
{
    jw_arr(w, "decomposition");
    for (size_t i = 0; has && i < MOAT_REASONS; i++) {
        jw_obj(w, NULL);
        jw_str(w, "reason", moat_reason_name((enum moat_reason)i));
        jw_bool(w, "handicap", m->part[i].handicap);
        jw_num(w, "alone_usd", m->part[i].alone_usd);
        jw_num(w, "last_off_usd", m->part[i].last_off_usd);
        jw_num(w, "shapley_usd", m->part[i].shapley_usd);
        jw_num(w, "standard_error_usd", m->part[i].error_usd);
        jw_end(w);
    }
    jw_end(w);
    jw_num(w, "total_usd", has ? m->total_usd : NAN);
    jw_num(w, "free_usd", has ? m->free_usd : NAN);
    jw_int(w, "samples", m->samples);
}

static void grids(struct jw *w, const struct breakeven_result *r)
{
    const struct breakeven *b = &r->b;
    jw_arr(w, "by_speed");
    for (size_t i = 0; i < BE_SPEEDS; i++) {
        jw_obj(w, NULL);
        jw_num(w, "speed_x", b->by_speed[i].speed);
        jw_num(w, "entry_price_usd", b->by_speed[i].entry_usd);
        jw_num(w, "majority_price_usd", b->by_speed[i].majority_usd);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "by_maturity");
    for (size_t i = 0; i < BE_MATURITIES; i++) {
        jw_obj(w, NULL);
        jw_num(w, "maturity_frac", b->by_maturity[i].maturity);
        jw_num(w, "entry_price_usd", b->by_maturity[i].entry_usd);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "by_memory");
    for (size_t i = 0; i < r->q.nmemory; i++) {
        jw_obj(w, NULL);
        jw_num(w, "memory_gb", r->q.memory_bytes[i] / GIGA);
        jw_num(w, "entry_price_usd", b->by_memory_usd[i]);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "by_supply");
    for (size_t i = 0; i < BE_SUPPLIES; i++)
        for (size_t j = 0; j < BE_LEADS; j++) {
            jw_obj(w, NULL);
            jw_num(w, "cards_per_period", b->by_supply[i].cards);
            jw_int(w, "lead_periods", b->lead[j]);
            jw_num(w, "entry_price_usd", b->by_supply[i].entry_usd[j]);
            jw_end(w);
        }
    jw_end(w);
}

void show_breakeven_json(const struct show *s, const struct breakeven_result *r)
{
    const struct breakeven *b = &r->b;
    struct arena *a = s->arena;
    struct jw w;
    jw_init(&w, s->out);
    document_begin(&w, s, "moat.breakeven/1");
    jw_str(&w, "challenger", r->x.f.sku[r->q.x].id);
    jw_str(&w, "incumbent", r->x.f.sku[r->q.incumbent].id);
    jw_bool(&w, "enters", b->enters);
    jw_bool(&w, "holds_at_both_ends", b->surely);
    jw_num(&w, "price_usd", b->price_usd);
    jw_num(&w, "incumbent_price_usd", b->incumbent_price_usd);
    value(&w, a, "entry_price_usd", &b->entry_usd);
    value(&w, a, "majority_price_usd", &b->majority_usd);
    jw_bool(&w, "majority_monotone", b->majority_monotone);
    value(&w, a, "speed_x_at_incumbent_price", &b->speed_x);
    value(&w, a, "software_budget_usd", &b->software_usd);
    jw_num(&w, "port_usd", b->port_usd);
    value(&w, a, "maturity_frac", &b->maturity);
    jw_str(&w, "first_purchase", b->first_purchase < 0 ? NULL : horizon_name(a, &r->x.scenario->horizon, b->first_purchase));
    jw_num(&w, "waiting_premium_usd", b->waiting_usd);
    jw_num(&w, "npv_without_usd", b->z0_usd);
    jw_num(&w, "npv_with_usd", b->z1_usd);
    moat(&w, &r->moat, r->has_moat);
    grids(&w, r);
    jw_arr(&w, "skus");
    for (size_t k = 0; k < r->x.f.nk; k++) {
        jw_obj(&w, NULL);
        jw_str(&w, "sku", r->x.f.sku[k].id);
        jw_bool(&w, "bought", b->loser[k].why == LOST_BOUGHT);
        jw_str(&w, "binding", b->loser[k].why == LOST_BOUGHT ? NULL : show_breakeven_why(a, r, k));
        jw_num(&w, "price_usd", b->loser[k].price_usd);
        jw_num(&w, "entry_price_usd", b->loser[k].entry_usd);
        jw_end(&w);
    }
    jw_end(&w);
    jw_int(&w, "solves", (int64_t)(b->solves + (r->has_moat ? r->moat.solves : 0)));
    document_end(&w, s);
}

static void row(struct buf *o, const char *what, const char *of, double at, double lo, double hi)
{
    csv_text(o, what);
    buf_add(o, ",");
    csv_text(o, of);
    buf_add(o, ",");
    csv_num(o, at);
    buf_add(o, ",");
    csv_num(o, lo);
    buf_add(o, ",");
    csv_num(o, hi);
    csv_end(o);
}

void show_breakeven_csv(const struct show *s, const struct breakeven_result *r)
{
    const struct breakeven *b = &r->b;
    struct buf *o = s->out;
    buf_add(o, "quantity,of,value,lo,hi\n");
    const struct { const char *name; const struct be_value *v; } of[] = {{"entry_price_usd", &b->entry_usd},
                                                                         {"majority_price_usd", &b->majority_usd},
                                                                         {"speed_x_at_incumbent_price", &b->speed_x},
                                                                         {"software_budget_usd", &b->software_usd},
                                                                         {"maturity_frac", &b->maturity}};
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        row(o, of[i].name, "", of[i].v->at, fmin(of[i].v->lo, of[i].v->hi), fmax(of[i].v->lo, of[i].v->hi));
    row(o, "waiting_premium_usd", "", b->waiting_usd, NAN, NAN);
    for (size_t i = 0; r->has_moat && i < MOAT_REASONS; i++) {
        const struct moat_part *p = &r->moat.part[i];
        row(o, "shapley_usd", moat_reason_name((enum moat_reason)i), p->shapley_usd, fmin(p->alone_usd, p->last_off_usd),
            fmax(p->alone_usd, p->last_off_usd));
    }
    for (size_t k = 0; k < r->x.f.nk; k++)
        row(o, "sku_entry_price_usd", r->x.f.sku[k].id, b->loser[k].entry_usd, NAN, NAN);
}
