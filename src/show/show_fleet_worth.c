/* show_fleet_worth.c - `moat fleet` as text, second half: the next order, where the money goes, what limits and
 * freedoms are worth, and how far the answer was checked. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_fleet.h"
#include "show/table.h"
#include "show/text.h"

#define CENT 0.005

void show_fleet_orders(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet_next *o = &r->next;
    const struct fleet *f = &r->x.f;
    buf_add(s->out, "\n");
    if (o->sku < 0)
        label_line(s, "next order", "none: nothing is bought");
    else
        label_line(s, "next order",
                   arena_printf(
                       a, "%s x %s for %s, by %s%s, to be used from %s on", show_fleet_cards(a, o->cards),
                       f->sku[o->sku].id, text_usd(a, o->usd), text_date(a, date_from_days(o->latest_day)),
                       o->node && r->plan.nleaf > 1 ? arena_printf(a, " if it comes to %s", f->node[o->node].name) : "",
                       show_fleet_period(s, r, o->use_period)));
    for (size_t i = 0; i < r->nmove && i < (s->verbose ? r->nmove : 6); i++) {
        const struct fleet_move *m = &r->move[i];
        label_line(s, i ? "" : "cascade",
                   arena_printf(a, "%s: %s x %s from %s to %s", show_fleet_period(s, r, m->period),
                                show_fleet_cards(a, m->cards), f->sku[m->sku].id,
                                show_fleet_work_name(r, (size_t)m->from), show_fleet_work_name(r, (size_t)m->to)));
    }
    double lo = 1, hi = 0;
    for (size_t i = 0; i < r->nlikely; i++)
        lo = fmin(lo, r->plan.idle_frac[r->likely[i]]), hi = fmax(hi, r->plan.idle_frac[r->likely[i]]);
    label_line(s, "idle",
               hi - lo < 0.01
                   ? arena_printf(a, "%s of the card-hours held", text_percent(a, hi))
                   : arena_printf(a, "%s to %s of the card-hours held", text_percent(a, lo), text_percent(a, hi)));
}

static const char *signed_usd(struct arena *a, double v)
{
    return v < 0 ? arena_printf(a, "-%s", text_usd(a, -v)) : text_usd(a, v);
}

void show_fleet_money(const struct show *s, const struct fleet_result *r)
{
    static const struct column col[] = {{"cost", COL_LEFT, 0, 0}, {"present value", COL_RIGHT, 0, 0}};
    static const struct column wcol[] = {{"work, stock charged", COL_LEFT, 0, 0},
                                         {"present value", COL_RIGHT, 0, 0},
                                         {"each", COL_RIGHT, 0, 0},
                                         {"", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    const struct fleet_plan *p = &r->plan;
    struct table t;
    show_fleet_head(s, "Where the money goes");
    table_init(&t, s, col, 2);
    for (int i = 0; i < FLEET_PARTS; i++) {
        if (fabs(p->part_usd[i]) < CENT)
            continue;
        double v = p->part_usd[i];
        const char *cell[] = {fleet_part_name[i], signed_usd(a, v)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
    table_init(&t, s, wcol, 4);
    for (size_t w = 0; w < r->x.f.nw + r->x.f.nc; w++) {
        const char *unit = "";
        double v = w < r->x.f.nw ? show_fleet_unit_usd(a, r, w, &unit) : NAN;
        const char *cell[] = {show_fleet_work_name(r, w), signed_usd(a, r->work_usd[w]),
                              isfinite(v) ? signed_usd(a, v) : "-", unit};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static void worth(const struct show *s, const char *label, double v, double slack, const char *what)
{
    struct arena *a = s->arena;
    if (isnan(v))
        return;
    label_line(s, label,
               fabs(v) <= slack ? arena_printf(a, "within %s of nothing: %s", text_usd(a, slack), what)
                                : arena_printf(a, "%s%s: %s", v < 0 ? "-" : "", text_usd(a, fabs(v)), what));
}

void show_fleet_values(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet_shadow *sh = &r->plan.shadow;
    const struct fleet *f = &r->x.f;
    const double years = horizon_years(&r->x.scenario->horizon);
    show_fleet_head(s, "Worth");
    if (sh->power_usd_mw_period > 1)
        label_line(s, "power",
                   arena_printf(a, "%s for a MW more, a year", text_usd(a, sh->power_usd_mw_period / years)));
    if (sh->budget_usd_usd > 1e-4)
        label_line(s, "budget",
                   arena_printf(a, "%s for a dollar more in every period", text_usd(a, sh->budget_usd_usd)));
    if (sh->space_usd_u_period > CENT)
        label_line(s, "space",
                   arena_printf(a, "%s for a rack unit more, a period", text_usd(a, sh->space_usd_u_period)));
    for (size_t k = 0; k < f->nk; k++) {
        if (sh->supply_usd && sh->supply_usd[k] > 1)
            label_line(s, "supply",
                       arena_printf(a, "%s for one %s more to be ordered in a period", text_usd(a, sh->supply_usd[k]),
                                    f->sku[k].id));
        if (sh->lead_usd && sh->lead_usd[k] > 1)
            label_line(s, "lead time",
                       arena_printf(a, "%s a %s of lead time, for a %s", text_usd(a, sh->lead_usd[k]),
                                    r->x.scenario->horizon.months == 6 ? "half-year" : r->x.scenario->horizon.period,
                                    f->sku[k].id));
    }
    if (!r->has_values)
        return;
    const struct fleet_values *v = &r->values;
    const double slack = fmax(v->slack_usd, 1);
    worth(s, "elasticity", v->elasticity_usd, slack, "training and the rest use the same cards");
    worth(s, "unify", v->unify_usd, slack, "what variety costs in people and spares");
    worth(s, "generality", v->generality_usd, slack, "every class of work uses the same cards");
    worth(s, "VSS", v->vss_usd, slack, "planning for all futures, not for their mean");
    worth(s, "EVPI", v->evpi_usd, slack, "knowing the future");
}

void show_fleet_checked(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet *f = &r->x.f;
    const struct fleet_verified *v = &r->verified;
    buf_add(s->out, "\n");
    if (r->has_verified) {
        label_line(
            s, "simulated",
            arena_printf(
                a, "%zu %s in its hardest block: %s after %d %s", v->npool, v->npool == 1 ? "pool" : "pools, each",
                v->broken ? arena_printf(a, "%zu %s not hold", v->broken, v->broken == 1 ? "does" : "do") : "all hold",
                v->rounds, v->rounds == 1 ? "solve" : "solves"));
        for (size_t i = 0; i < v->npool; i++) {
            const struct fleet_pool *p = &v->pool[i];
            if (!p->holds)
                label_line(s, "breaks",
                           arena_printf(a, "%s on %s in %s: %d %s %s %s of its %s/s", f->work[p->work].id,
                                        f->sku[p->sku].id, show_fleet_period(s, r, f->node[p->node].period),
                                        p->replicas, p->replicas == 1 ? "replica" : "replicas",
                                        p->replicas == 1 ? "holds" : "hold", text_percent(a, p->factor),
                                        text_num(a, p->load)));
            else if (!p->whole)
                label_line(s, "shared",
                           arena_printf(a, "%s on %s in %s: %s cards, a replica takes %d: it must be shared in time",
                                        f->work[p->work].id, f->sku[p->sku].id,
                                        show_fleet_period(s, r, f->node[p->node].period), text_num(a, p->cards),
                                        p->devices));
        }
        for (size_t w = 0; w < f->nw; w++)
            if (v->covered_frac[w] < 0.995)
                label_line(s, "if slow",
                           arena_printf(
                               a, "%s: %s of its worst block is served with every rate at the bad end of its interval",
                               f->work[w].id, text_percent(a, v->covered_frac[w])));
    }
    const struct fleet_plan *p = &r->plan;
    if (f->risk == RISK_CVAR)
        label_line(s, "risk",
                   arena_printf(a, "%s: %s of the mean and %s of the dearest %s of futures", text_usd(a, p->npv_usd),
                                text_percent(a, 1 - f->cvar_weight), text_percent(a, f->cvar_weight),
                                text_percent(a, f->cvar_tail_frac)));
    if (f->risk == RISK_REGRET)
        label_line(s, "risk",
                   arena_printf(a, "%s more, in the worst future, than a plan made for it", text_usd(a, p->npv_usd)));
    label_line(s, "proof",
               arena_printf(a, "%s: %s, no plan has less than %s (gap %s)%s", fleet_status_name[p->status],
                            text_usd(a, p->npv_usd), text_usd(a, p->bound_usd),
                            arena_printf(a, "%.2g%%", 100 * fmax(p->gap_frac, 0)),
                            p->reproducible ? "" : "; the time limit decided: not reproducible"));
    if (s->verbose)
        label_line(s, "problem",
                   arena_printf(a, "%zu rows, %zu columns, %zu nonzeros, %zu integers; %s of rounding to whole servers",
                                p->rows, p->cols, p->nonzeros, p->integers, text_usd(a, p->rounding_usd)));
    label_line(s, "prices", arena_printf(a, "those of the catalog as of %s", text_date(a, r->x.scenario->price.as_of)));
}
