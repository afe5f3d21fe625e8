/* show_fleet.c - `moat fleet` as text: the answer in a sentence, what an hour costs each way, who can do what, the
 * fleet by period, the next order, where the money goes, and what the limits and freedoms are worth. */
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_fleet.h"
#include "show/table.h"
#include "show/text.h"

#define SOME 0.5 /* cards; less is the solver's rounding */
#define CENT 0.005
#define ROWS_MOST 60 /* of the fleet by period, without --verbose */

/* "4,000 x h100-sxm-80 and 16 x l40s" of what is owned (or rented at most) at a node. */
static const char *listed(struct arena *a, const struct fleet_result *r, size_t n, bool rented)
{
    struct buf b = {.arena = a};
    const struct fleet *f = &r->x.f;
    size_t many = 0, at = 0;
    double v[FLEET_SKUS_MAX];
    for (size_t k = 0; k < f->nk; k++) {
        v[k] = rented ? r->plan.reserved[n * f->nk + k] + show_fleet_peak(r, r->plan.on_demand, n, k)
                      : r->plan.owned[n * f->nk + k];
        many += v[k] >= SOME;
    }
    for (size_t k = 0; k < f->nk; k++)
        if (v[k] >= SOME)
            buf_fmt(&b, "%s%s x %s",
                    at == 0          ? ""
                    : at + 1 == many ? " and "
                                     : ", ",
                    show_fleet_cards(a, v[k]), f->sku[k].id),
                at++;
    return buf_str(&b);
}

/* Money to pay and the cards in stock at their price of the start; sales of stock may be more than what is paid. */
static const char *cost_text(struct arena *a, const struct fleet_result *r)
{
    double npv = r->plan.expected_usd, stock = r->stock_usd;
    if (!(stock > 1))
        return text_usd(a, npv);
    return arena_printf(a, "%s, %s of it cards in stock%s,", text_usd(a, npv + stock), text_usd(a, stock),
                        npv < 0 ? arena_printf(a, " (sales bring %s more than is paid)", text_usd(a, -npv)) : "");
}

const char *show_fleet_answer(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet_plan *p = &r->plan;
    const struct fleet_next *o = &r->next;
    size_t last = (size_t)r->likely[r->nlikely - 1];
    const char *own = listed(a, r, last, false), *rent = listed(a, r, last, true);
    const struct horizon *h = &r->x.scenario->horizon;
    const char *what = *own && *rent ? arena_printf(a, "own %s and rent up to %s", own, rent)
                       : *own        ? arena_printf(a, "own %s", own)
                       : *rent       ? arena_printf(a, "rent up to %s and own nothing", rent)
                                     : "own and rent nothing";
    const char *order =
        o->sku < 0 ? "By"
                   : arena_printf(a, "Order %s x %s by %s%s; by", show_fleet_cards(a, o->cards), r->x.f.sku[o->sku].id,
                                  text_date(a, date_from_days(o->latest_day)),
                                  o->node && p->nleaf > 1 ? arena_printf(a, " (%s)", r->x.f.node[o->node].name) : "");
    const char *path = p->nleaf > 1 ? arena_printf(a, " (%s, likeliest)", r->x.f.node[last].name) : "";
    return arena_printf(a, "%s %s%s %s. That costs %s over %d %s%s (present value%s), within %s of the best.", order,
                        show_fleet_period(s, r, h->n - 1), path, what, cost_text(a, r), h->n,
                        strcmp(h->period, "half") == 0 ? "half-year" : h->period, h->n == 1 ? "" : "s",
                        p->nleaf > 1 ? ", mean of the futures" : "", text_percent(a, fmax(p->gap_frac, 0)));
}

static void answer(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet_plan *p = &r->plan;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, show_fleet_answer(s, r), 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
    double missed = 0;
    for (size_t i = 0; i < r->x.f.nn * r->x.f.nc; i++)
        missed += p->campaign_missed[i];
    if (p->part_usd[COST_UNMET] > 1 || missed > 0) {
        buf_fmt(s->out, "%s", ink(s, INK_BAD));
        text_wrap(s->out,
                  arena_printf(a, "Not all is served: %s%s.",
                               p->part_usd[COST_UNMET] > 1 ? arena_printf(a, "demand left out is charged with %s",
                                                                          text_usd(a, p->part_usd[COST_UNMET]))
                                                           : "",
                               missed > 0 ? (p->part_usd[COST_UNMET] > 1 ? ", and a campaign is not run"
                                                                         : "a campaign is not run")
                                          : ""),
                  0, s->width, 0);
        buf_fmt(s->out, "%s\n", ink_off(s));
    }
}

static void hours(const struct show *s, const struct fleet_result *r)
{
    static const struct column col[] = {
        {"SKU", COL_LEFT, 0, 0},       {"own", COL_RIGHT, 0, 0},    {"of it\ncapital", COL_RIGHT, 3, 0},
        {"\nenergy", COL_RIGHT, 3, 0}, {"\nkeep", COL_RIGHT, 3, 0}, {"reserve", COL_RIGHT, 0, 0},
        {"rent", COL_RIGHT, 0, 0},     {"let", COL_RIGHT, 1, 0},    {"tokens", COL_RIGHT, 0, 0},
        {"price", COL_LEFT, 4, 0}};
    struct arena *a = s->arena;
    const struct fleet *f = &r->x.f;
    struct table t;
    show_fleet_head(s, "A card-hour costs ($)");
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t k = 0; k < f->nk; k++) {
        struct fleet_card_cost c;
        size_t at = 0;
        while (at + 1 < f->nt && isnan(f->sku[k].price_usd[at]) && isnan(f->sku[k].rent_usd_h[at]))
            at++; /* the first period in which it can be had */
        fleet_card_cost(f, k, at, &c);
        const double v[] = {c.own_usd_h,     c.capital_usd_h, c.energy_usd_h,    c.keep_usd_h,
                            c.reserve_usd_h, c.rent_usd_h,    c.lease_out_usd_h, c.tokens_usd_h};
        const char *cell[10] = {f->sku[k].id};
        for (size_t i = 0; i < 8; i++)
            cell[i + 1] = isfinite(v[i]) ? arena_printf(a, "%.2f", v[i]) : "-";
        cell[9] = !r->x.scenario->product[k].listed   ? "in stock"
                  : !f->sku[k].allowed                ? "not allowed"
                  : isfinite(f->sku[k].price_usd[at]) ? text_usd(a, f->sku[k].price_usd[at])
                                                      : "not sold";
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

#define COLUMNS_MOST 8

static void who(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    const struct fleet *f = &r->x.f;
    const struct fleet_scenario *sc = r->x.scenario;
    struct column col[COLUMNS_MOST + 1] = {{"SKU", COL_LEFT, 0, 0}};
    size_t all = f->nw + f->nc, n = all < COLUMNS_MOST ? all : COLUMNS_MOST;
    struct table t;
    show_fleet_head(s, "A card does, at the start (0: it cannot)");
    for (size_t w = 0; w < n; w++)
        col[w + 1] = (struct column){
            arena_printf(a, "%s\n%s", show_fleet_work_name(r, w), w < f->nw ? f->work[w].unit : "cards for it"),
            COL_RIGHT, (int)w + 1, 0};
    table_init(&t, s, col, n + 1);
    for (size_t k = 0; k < f->nk; k++) {
        const char *cell[COLUMNS_MOST + 1] = {f->sku[k].id};
        for (size_t w = 0; w < n; w++) {
            double need = w < f->nw ? 0 : f->campaign[w - f->nw].cards[k];
            cell[w + 1] = w < f->nw        ? text_num(a, f->work[w].rate[k * f->nt])
                          : isfinite(need) ? text_count(a, need)
                                           : "-";
        }
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    for (size_t w = 0; w < all && s->verbose; w++)
        for (size_t k = 0; k < f->nk; k++) {
            const struct fleet_rate *x =
                &r->x.rates
                     .rate[(size_t)(w < f->nw ? r->x.job_of_work[w] : r->x.job_of_campaign[w - f->nw]) * sc->nproduct +
                           k];
            label_line(s, show_fleet_work_name(r, w),
                       x->units_s > 0 ? arena_printf(a, "%s: %s (%s)", f->sku[k].id, x->config, grade_name(x->evidence))
                                      : arena_printf(a, "%s: %s", f->sku[k].id, x->reason));
        }
}

static void by_period(const struct show *s, const struct fleet_result *r)
{
    static const struct column col[] = {{"period", COL_LEFT, 0, 0},     {"SKU", COL_LEFT, 0, 0},
                                        {"owned", COL_RIGHT, 0, 0},     {"ordered", COL_RIGHT, 0, 0},
                                        {"sold", COL_RIGHT, 0, 0},      {"reserved", COL_RIGHT, 0, 0},
                                        {"on demand", COL_RIGHT, 0, 0}, {"let", COL_RIGHT, 1, 0}};
    struct arena *a = s->arena;
    const struct fleet *f = &r->x.f;
    const struct fleet_plan *p = &r->plan;
    struct table t;
    show_fleet_head(s, p->nleaf > 1 ? "Fleet along the likeliest future (on demand: at the peak; let: mean cards)"
                                    : "Fleet (on demand: at the peak; let: mean cards)");
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < r->nlikely; i++) {
        size_t n = (size_t)r->likely[i];
        const char *name = show_fleet_period(s, r, (int)i);
        for (size_t k = 0; k < f->nk; k++) {
            size_t at = n * f->nk + k;
            double od = show_fleet_peak(r, p->on_demand, n, k);
            if (p->owned[at] < SOME && p->bought[at] < SOME && p->sold[at] < SOME && p->reserved[at] < SOME &&
                od < 0.05)
                continue;
            if (!s->verbose && t.nrow >= ROWS_MOST)
                continue;
            const char *cell[] = {name,
                                  f->sku[k].id,
                                  show_fleet_cards(a, p->owned[at]),
                                  show_fleet_cards(a, p->bought[at]),
                                  show_fleet_cards(a, p->sold[at]),
                                  show_fleet_cards(a, p->reserved[at]),
                                  od < 0.05 ? "" : text_num(a, od),
                                  show_fleet_cards(a, show_fleet_mean(r, p->leased_out, n, k))};
            table_row(&t, NULL, cell);
            name = "";
        }
    }
    if (t.nrow)
        table_print(&t);
    else
        buf_add(s->out, "nothing\n");
    if (!s->verbose && t.nrow >= ROWS_MOST)
        buf_add(s->out, "... --verbose shows every row\n");
}

/* Does what a work runs on differ by more than a fifth from the period shown last? */
static bool changed(const struct fleet_result *r, size_t now, size_t shown, size_t w)
{
    for (size_t k = 0; k < r->x.f.nk; k++) {
        double is = show_fleet_work_cards(r, now, k, w), was = show_fleet_work_cards(r, shown, k, w);
        if (fabs(is - was) > 0.2 * fmax(is, was) && fmax(is, was) >= 0.05)
            return true;
    }
    return false;
}

static void does(const struct show *s, const struct fleet_result *r)
{
    static const struct column col[] = {
        {"work", COL_LEFT, 0, 0}, {"from", COL_LEFT, 0, 0}, {"on (mean cards)", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    const struct fleet *f = &r->x.f;
    struct table t;
    show_fleet_head(s, "What does the work, where it changes");
    table_init(&t, s, col, 3);
    for (size_t w = 0; w < f->nw + f->nc; w++) {
        const char *name = show_fleet_work_name(r, w);
        size_t shown = SIZE_MAX;
        for (size_t i = 0; i < r->nlikely; i++) {
            size_t n = (size_t)r->likely[i];
            if (shown != SIZE_MAX && !changed(r, n, shown, w))
                continue;
            struct buf b = {.arena = a};
            for (size_t k = 0; k < f->nk; k++) {
                double c = show_fleet_work_cards(r, n, k, w);
                if (c >= 0.05)
                    buf_fmt(&b, "%s%s %s", b.n ? ", " : "", text_num(a, c), f->sku[k].id);
            }
            if (!b.n && shown == SIZE_MAX)
                continue;
            const char *cell[] = {name, show_fleet_period(s, r, (int)i), b.n ? buf_str(&b) : "nothing"};
            table_row(&t, NULL, cell);
            name = "";
            shown = n;
        }
    }
    table_print(&t);
}

static void futures(const struct show *s, const struct fleet_result *r)
{
    static const struct column col[] = {{"future", COL_LEFT, 0, 0},
                                        {"probability", COL_RIGHT, 0, 0},
                                        {"cost", COL_RIGHT, 0, 0},
                                        {"owned at the end", COL_LEFT, 1, 1}};
    struct arena *a = s->arena;
    const struct fleet_plan *p = &r->plan;
    struct table t;
    if (p->nleaf < 2)
        return;
    show_fleet_head(s, "Futures");
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < p->nleaf; i++) {
        size_t n = (size_t)p->leaf[i];
        const char *own = listed(a, r, n, false);
        const char *cell[] = {r->x.f.node[n].name, text_percent(a, r->x.f.node[n].probability),
                              text_usd(a, p->scenario_usd[i]), *own ? own : "nothing"};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

static void infeasible(const struct show *s, const struct fleet_result *r)
{
    struct arena *a = s->arena;
    buf_fmt(s->out, "%sNo fleet fits within the limits.%s\n", ink(s, INK_BAD), ink_off(s));
    for (size_t i = 0; i < r->plan.nrelax; i++) {
        const struct fleet_relax *x = &r->plan.relax[i];
        int t = x->node >= 0 ? r->x.f.node[x->node].period : 0;
        label_line(s, i ? "" : "way out",
                   arena_printf(a, "%s%s%s in %s by %s %s", x->limit, *x->of ? " of " : "", x->of,
                                show_fleet_period(s, r, t), text_num(a, x->by), x->unit));
    }
}

static void text(const struct show *s, const struct fleet_result *r)
{
    if (!r->solved) {
        infeasible(s, r);
        hours(s, r);
        return;
    }
    answer(s, r);
    hours(s, r);
    who(s, r);
    by_period(s, r);
    does(s, r);
    futures(s, r);
    show_fleet_orders(s, r);
    show_fleet_money(s, r);
    show_fleet_values(s, r);
    show_fleet_checked(s, r);
}

void show_fleet(const struct show *s, const struct fleet_result *r)
{
    if (s->format == FORMAT_JSON)
        show_fleet_json(s, r);
    else if (s->format == FORMAT_CSV)
        show_fleet_csv(s, r);
    else
        text(s, r);
}
