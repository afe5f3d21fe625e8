/* show_fleet_data.c - `moat fleet` as JSON (every node of the tree) and as CSV (a row a node and SKU). */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_fleet.h"

#define LEAST 1e-6 /* cards; less is the solver's rounding */

static const char *period(const struct show *s, const struct fleet_result *r, size_t n)
{
    return horizon_name(s->arena, &r->x.scenario->horizon, r->x.f.node[n].period);
}

static bool there(const struct fleet_result *r, size_t n, size_t k)
{
    const struct fleet_plan *p = &r->plan;
    size_t at = n * r->x.f.nk + k;
    return p->owned[at] > LEAST || p->bought[at] > LEAST || p->sold[at] > LEAST || p->reserved[at] > LEAST ||
           show_fleet_peak(r, p->on_demand, n, k) > LEAST;
}

static void fleet(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    const struct fleet_plan *p = &r->plan;
    jw_arr(w, "fleet");
    for (size_t n = 0; r->solved && n < f->nn; n++)
        for (size_t k = 0; k < f->nk; k++) {
            size_t at = n * f->nk + k;
            if (!there(r, n, k))
                continue;
            jw_obj(w, NULL);
            jw_str(w, "period", period(s, r, n));
            jw_int(w, "node", (int64_t)n);
            jw_str(w, "sku", f->sku[k].id);
            jw_num(w, "owned", p->owned[at]);
            jw_num(w, "bought", p->bought[at]);
            jw_num(w, "sold", p->sold[at]);
            jw_num(w, "reserved", p->reserved[at]);
            jw_num(w, "on_demand", show_fleet_peak(r, p->on_demand, n, k));
            jw_num(w, "on_demand_mean", show_fleet_mean(r, p->on_demand, n, k));
            jw_num(w, "leased_out", show_fleet_mean(r, p->leased_out, n, k));
            jw_end(w);
        }
    jw_end(w);
}

static void assign(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    jw_arr(w, "assign");
    for (size_t n = 0; r->solved && n < f->nn; n++)
        for (size_t k = 0; k < f->nk; k++)
            for (size_t i = 0; i < f->nw + f->nc; i++) {
                double c = show_fleet_work_cards(r, n, k, i);
                if (c <= LEAST)
                    continue;
                jw_obj(w, NULL);
                jw_str(w, "period", period(s, r, n));
                jw_int(w, "node", (int64_t)n);
                jw_str(w, "sku", f->sku[k].id);
                jw_str(w, "workload", show_fleet_work_name(r, i));
                jw_num(w, "cards", c);
                jw_end(w);
            }
    jw_end(w);
}

static void nodes(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    jw_arr(w, "nodes");
    for (size_t n = 0; n < f->nn; n++) {
        jw_obj(w, NULL);
        jw_int(w, "node", (int64_t)n);
        jw_str(w, "scenario", f->node[n].name);
        jw_str(w, "period", period(s, r, n));
        if (f->node[n].parent < 0)
            jw_null(w, "parent");
        else
            jw_int(w, "parent", f->node[n].parent);
        jw_num(w, "probability", f->node[n].probability);
        if (r->solved)
            jw_num(w, "idle_frac", r->plan.idle_frac[n]);
        jw_end(w);
    }
    jw_end(w);
}

static void hours(struct jw *w, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    jw_arr(w, "card_hour");
    for (size_t k = 0; k < f->nk; k++) {
        struct fleet_card_cost c;
        fleet_card_cost(f, k, 0, &c);
        jw_obj(w, NULL);
        jw_str(w, "sku", f->sku[k].id);
        jw_num(w, "own_usd", c.own_usd_h);
        jw_num(w, "capital_usd", c.capital_usd_h);
        jw_num(w, "energy_usd", c.energy_usd_h);
        jw_num(w, "keep_usd", c.keep_usd_h);
        jw_num(w, "reserve_usd", c.reserve_usd_h);
        jw_num(w, "rent_usd", c.rent_usd_h);
        jw_num(w, "lease_out_usd", c.lease_out_usd_h);
        jw_num(w, "tokens_usd", c.tokens_usd_h);
        jw_num(w, "price_usd", f->sku[k].price_usd[0]);
        jw_str(w, "purchase_from", r->x.market[k].purchase_from);
        jw_str(w, "rent_from", r->x.market[k].rent_from);
        jw_price(w, "purchase", &r->x.market[k].purchase);
        jw_price(w, "on_demand", &r->x.market[k].on_demand);
        jw_price(w, "reserved", &r->x.market[k].reserved);
        jw_end(w);
    }
    jw_end(w);
}

static void rates(struct jw *w, const struct fleet_result *r)
{
    const struct fleet_scenario *s = r->x.scenario;
    jw_arr(w, "rates");
    for (size_t i = 0; i < s->njob; i++)
        for (size_t k = 0; k < s->nproduct; k++) {
            const struct fleet_rate *x = &r->x.rates.rate[i * s->nproduct + k];
            bool training = s->job[i].kind == FLEET_TRAINING;
            jw_obj(w, NULL);
            jw_str(w, "workload", s->job[i].id);
            jw_str(w, "sku", s->product[k].acc->id);
            jw_str(w, "unit", s->job[i].unit);
            if (training) {
                jw_num(w, "cards", x->cards);
                jw_num(w, "cards_hi", x->hi_cards);
            } else {
                jw_num(w, "per_card", x->units_s);
                jw_num(w, "per_card_lo", x->lo_units_s);
            }
            jw_str(w, "config", x->config[0] ? x->config : NULL);
            jw_str(w, "reason", x->reason[0] ? x->reason : NULL);
            jw_str(w, "evidence", grade_name(x->evidence));
            jw_end(w);
        }
    jw_end(w);
}

static void works(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    jw_arr(w, "workloads");
    for (size_t i = 0; r->solved && i < f->nw; i++) {
        const char *unit;
        double v = show_fleet_unit_usd(s->arena, r, i, &unit);
        const struct fleet_job *j = &r->x.scenario->job[r->x.job_of_work[i]];
        jw_obj(w, NULL);
        jw_str(w, "workload", f->work[i].id);
        jw_num(w, "usd", r->work_usd[i]);
        jw_num(w, "unit_hours", r->plan.work_units[i]);
        jw_str(w, "unit", f->work[i].unit);
        jw_num(w, "usd_per_mtok", j->serving ? v : NAN);
        jw_num(w, "usd_per_munit", !j->serving ? v : NAN);
        jw_str(w, "load_curve", j->curve);
        jw_arr(w, "block_load");
        for (size_t b = 0; b < f->nb; b++)
            jw_num(w, NULL, r->x.block_level[i * f->nb + b]);
        jw_end(w);
        if (r->has_verified)
            jw_num(w, "covered_slow_frac", r->verified.covered_frac[i]);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "campaigns");
    for (size_t c = 0; r->solved && c < f->nc; c++) {
        const struct fleet_campaign *t = &f->campaign[c];
        const char *on = NULL;
        for (size_t n = 0; n < f->nn && !on; n++)
            if (r->plan.campaign_sku[n * f->nc + c] >= 0)
                on = f->sku[r->plan.campaign_sku[n * f->nc + c]].id;
        jw_obj(w, NULL);
        jw_str(w, "workload", t->id);
        jw_str(w, "sku", on); /* null: it is not run */
        jw_str(w, "first", horizon_name(s->arena, &r->x.scenario->horizon, t->first));
        jw_str(w, "last", horizon_name(s->arena, &r->x.scenario->horizon, t->last));
        jw_num(w, "usd", r->work_usd[f->nw + c]);
        jw_end(w);
    }
    jw_end(w);
    jw_arr(w, "block_hours");
    for (size_t b = 0; b < f->nb; b++)
        jw_num(w, NULL, f->block_h[b]);
    jw_end(w);
}

static void by_sku(struct jw *w, const struct fleet *f, const char *key, const double *v)
{
    jw_obj(w, key);
    for (size_t k = 0; v && k < f->nk; k++)
        jw_num(w, f->sku[k].id, v[k]);
    jw_end(w);
}

static void shadow(struct jw *w, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    const struct fleet_shadow *sh = &r->plan.shadow;
    const double years = horizon_years(&r->x.scenario->horizon);
    jw_obj(w, "shadow_prices");
    if (r->solved) {
        jw_num(w, "power_usd_mw_year", sh->power_usd_mw_period / years);
        jw_num(w, "budget_usd_usd", sh->budget_usd_usd);
        jw_num(w, "space_usd_u_period", sh->space_usd_u_period);
        by_sku(w, f, "supply_usd_card", sh->supply_usd);
        by_sku(w, f, "rent_usd_card", sh->rent_usd);
        by_sku(w, f, "lead_usd_card", sh->lead_usd);
        jw_obj(w, "demand_usd_unit_hour");
        for (size_t i = 0; sh->demand_usd && i < f->nw; i++)
            jw_num(w, f->work[i].id, sh->demand_usd[i]);
        jw_end(w);
    }
    jw_end(w);
}

static void values(struct jw *w, const struct fleet_result *r)
{
    const struct fleet_values *v = &r->values;
    const double known = r->has_values ? 0 : NAN;
    jw_obj(w, "values");
    jw_num(w, "elasticity_usd", v->elasticity_usd + known);
    jw_num(w, "unify_usd", v->unify_usd + known);
    jw_num(w, "generality_usd", v->generality_usd + known);
    jw_num(w, "vss_usd", v->vss_usd + known);
    jw_num(w, "evpi_usd", v->evpi_usd + known);
    jw_num(w, "slack_usd", v->slack_usd + known);
    jw_end(w);
}

static void next(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet_next *o = &r->next;
    if (o->sku < 0) {
        jw_null(w, "next_order");
        return;
    }
    int32_t d = date_from_days(o->latest_day);
    jw_obj(w, "next_order");
    jw_str(w, "sku", r->x.f.sku[o->sku].id);
    jw_num(w, "cards", o->cards);
    jw_num(w, "usd", o->usd);
    jw_int(w, "node", o->node);
    jw_str(w, "use_from", horizon_name(s->arena, &r->x.scenario->horizon, o->use_period));
    jw_str(w, "latest", arena_printf(s->arena, "%04d-%02d-%02d", d / 10000, d / 100 % 100, d % 100));
    jw_end(w);
}

static void moves(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    jw_arr(w, "cascade");
    for (size_t i = 0; i < r->nmove; i++) {
        const struct fleet_move *m = &r->move[i];
        jw_obj(w, NULL);
        jw_str(w, "period", horizon_name(s->arena, &r->x.scenario->horizon, m->period));
        jw_str(w, "sku", r->x.f.sku[m->sku].id);
        jw_str(w, "from", show_fleet_work_name(r, (size_t)m->from));
        jw_str(w, "to", show_fleet_work_name(r, (size_t)m->to));
        jw_num(w, "cards", m->cards);
        jw_end(w);
    }
    jw_end(w);
}

static void verified(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    if (!r->has_verified) {
        jw_null(w, "verified");
        return;
    }
    jw_obj(w, "verified");
    jw_int(w, "solves", r->verified.rounds);
    jw_int(w, "broken", (int64_t)r->verified.broken);
    jw_int(w, "broken_slow", (int64_t)r->verified.unfavourable);
    jw_arr(w, "pools");
    for (size_t i = 0; i < r->verified.npool; i++) {
        const struct fleet_pool *p = &r->verified.pool[i];
        jw_obj(w, NULL);
        jw_str(w, "workload", f->work[p->work].id);
        jw_str(w, "sku", f->sku[p->sku].id);
        jw_str(w, "period", period(s, r, (size_t)p->node));
        jw_int(w, "node", p->node);
        jw_int(w, "block", p->block);
        jw_num(w, "cards", p->cards);
        jw_num(w, "load", p->load);
        jw_int(w, "replicas", p->replicas);
        jw_bool(w, "whole_replica", p->whole);
        jw_bool(w, "holds", p->holds);
        jw_bool(w, "holds_slow", p->holds_unfavourable);
        jw_num(w, "holds_load_frac", p->factor);
        jw_end(w);
    }
    jw_end(w);
    jw_end(w);
}

static void relax(struct jw *w, const struct show *s, const struct fleet_result *r)
{
    jw_arr(w, "relax");
    for (size_t i = 0; !r->solved && i < r->plan.nrelax; i++) {
        const struct fleet_relax *x = &r->plan.relax[i];
        jw_obj(w, NULL);
        jw_str(w, "limit", x->limit);
        jw_str(w, "of", *x->of ? x->of : NULL);
        jw_str(w, "period", x->node >= 0 ? period(s, r, (size_t)x->node) : NULL);
        jw_num(w, "by", x->by);
        jw_str(w, "unit", x->unit);
        jw_end(w);
    }
    jw_end(w);
}

void show_fleet_json(const struct show *s, const struct fleet_result *r)
{
    struct jw w;
    const struct fleet_plan *p = &r->plan;
    const double known = r->solved ? 0 : NAN;
    document_begin(&w, s, "moat.fleet/1");
    jw_str(&w, "answer", r->solved ? show_fleet_answer(s, r) : NULL);
    jw_num(&w, "npv_usd", p->npv_usd + known);
    jw_num(&w, "bound_usd", p->bound_usd + known);
    jw_num(&w, "gap_frac", p->gap_frac + known);
    jw_num(&w, "expected_usd", p->expected_usd + known);
    jw_num(&w, "rounding_usd", p->rounding_usd + known);
    jw_num(&w, "stock_usd", r->stock_usd + known);
    jw_str(&w, "status", fleet_status_name[p->status]);
    jw_bool(&w, "reproducible", p->reproducible);
    nodes(&w, s, r);
    fleet(&w, s, r);
    assign(&w, s, r);
    next(&w, s, r);
    moves(&w, s, r);
    jw_obj(&w, "costs");
    for (int i = 0; r->solved && i < FLEET_PARTS; i++)
        jw_num(&w, arena_printf(s->arena, "%s_usd", fleet_part_name[i]), p->part_usd[i]);
    jw_end(&w);
    jw_arr(&w, "scenarios");
    for (size_t i = 0; r->solved && i < p->nleaf; i++) {
        jw_obj(&w, NULL);
        jw_str(&w, "name", r->x.f.node[p->leaf[i]].name);
        jw_num(&w, "probability", r->x.f.node[p->leaf[i]].probability);
        jw_num(&w, "usd", p->scenario_usd[i]);
        jw_end(&w);
    }
    jw_end(&w);
    works(&w, s, r);
    hours(&w, r);
    rates(&w, r);
    shadow(&w, r);
    values(&w, r);
    verified(&w, s, r);
    relax(&w, s, r);
    jw_obj(&w, "problem");
    jw_int(&w, "rows", (int64_t)p->rows);
    jw_int(&w, "columns", (int64_t)p->cols);
    jw_int(&w, "nonzeros", (int64_t)p->nonzeros);
    jw_int(&w, "integers", (int64_t)p->integers);
    jw_end(&w);
    document_notes(&w, s);
    jw_obj(&w, "run");
    jw_num(&w, "wall_s", s->wall_s);
    jw_num(&w, "peak_rss_mb", s->peak_rss_mb);
    jw_num(&w, "rates_s", r->x.rates.wall_s);
    jw_int(&w, "rates_computed", (int64_t)r->x.rates.found);
    jw_int(&w, "rates_cached", (int64_t)r->x.rates.kept);
    jw_num(&w, "solve_s", r->solve_s);
    jw_num(&w, "verify_s", r->verify_s);
    jw_num(&w, "values_s", r->values_s);
    jw_end(&w);
    jw_end(&w);
    buf_add(s->out, "\n");
}

void show_fleet_csv(const struct show *s, const struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    const struct fleet_plan *p = &r->plan;
    struct buf *b = s->out;
    buf_add(b, "period,node,scenario,probability,sku,owned,bought,sold,reserved,on_demand,on_demand_mean,leased_out,"
               "workload,cards\n");
    for (size_t n = 0; r->solved && n < f->nn; n++)
        for (size_t k = 0; k < f->nk; k++) {
            size_t at = n * f->nk + k, lines = 0;
            for (size_t i = 0; i <= f->nw + f->nc && there(r, n, k); i++) {
                bool last = i == f->nw + f->nc;
                double c = last ? 0 : show_fleet_work_cards(r, n, k, i);
                if (last ? lines > 0 : c <= LEAST)
                    continue;
                lines++;
                csv_text(b, period(s, r, n));
                csv_int(b, (int64_t)n);
                csv_text(b, f->node[n].name);
                csv_num(b, f->node[n].probability);
                csv_text(b, f->sku[k].id);
                const double v[] = {p->owned[at],
                                    p->bought[at],
                                    p->sold[at],
                                    p->reserved[at],
                                    show_fleet_peak(r, p->on_demand, n, k),
                                    show_fleet_mean(r, p->on_demand, n, k),
                                    show_fleet_mean(r, p->leased_out, n, k)};
                for (size_t m = 0; m < sizeof v / sizeof *v; m++)
                    csv_num(b, v[m]);
                csv_text(b, last ? "" : show_fleet_work_name(r, i));
                csv_num(b, c);
                csv_end(b);
            }
        }
}
