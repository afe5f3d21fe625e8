/* fleet_rows.c - what a plan must obey.
**
**  balance    own[j,n] = own[j,a(n)] + sum of orders that come into use at n - sell[j,n] (+ stock at the root)
**  capacity   sum_w x + sum_c cards[c] gang + lease + spares on <= avail (own + reserved) + od     for each j, n, b
**  demand     sum_k rate x + unmet + tokens >= demand      for each w, n, b; over the period's hours if deferrable
**  gate       own + reserved + od <= M on   for each j, n, b
**             on <= approve, approve <= port;   entry by node: on <= port[f, a_lag(n)], port[a(n)] <= port[n]
**  campaign   sum_k gang + missed = 1, gang <= on: one SKU for the whole window
**  limits     order <= supply, reserved + od <= rent cap, sum price order <= budget, sum kw pue own <= power,
**             sum rack units own <= space
**  life       own <= orders of the last max_life periods
**  vendor     a vendor's money <= (1 - second_source_frac) all money in owned cards
**
** Where a SKU on the approved list has no spares, `on` is its `approve`.
*/
#include <math.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

/* Terms of reserved cards that run at n. */
static void put_reserved(struct fleet_model *m, int row, size_t j, size_t n, double value)
{
    const struct fleet *f = &m->f;
    for (int d = 0; d < f->sku[j % f->nk].reserve_term; d++) {
        int at = fleet_ancestor(f, (int)n, d);
        if (at < 0)
            break;
        if (m->res[JN(m, j, at)] >= 0)
            milp_put(m->p, row, m->res[JN(m, j, at)], value);
    }
}

static void put(struct fleet_model *m, int row, int col, double value)
{
    if (col >= 0)
        milp_put(m->p, row, col, value);
}

static void put_orders(struct fleet_model *m, int row, size_t j, int n, double value)
{
    int up = 0, at;
    while ((at = fleet_order_node(&m->f, j % m->f.nk, n, &up)) >= 0)
        put(m, row, m->buy[JN(m, j, at)], value);
}

static void balance(struct fleet_model *m, size_t j)
{
    const struct fleet *f = &m->f;
    const struct fleet_sku *s = &f->sku[j % f->nk];
    for (size_t n = 0; n < f->nn; n++) {
        size_t jn = JN(m, j, n);
        m->row_balance[jn] = -1;
        if (m->own[jn] < 0)
            continue;
        int parent = f->node[n].parent;
        double stock = parent < 0 && m->np == 1 ? s->stock : 0;
        int row = m->row_balance[jn] = milp_row(m->p, stock, stock, "balance_%zu_%zu", j, n);
        put(m, row, m->own[jn], 1);
        put(m, row, m->sell[jn], 1);
        put_orders(m, row, j, (int)n, -1);
        if (parent >= 0)
            put(m, row, m->own[JN(m, j, parent)], -1);
        else if (m->np > 1)
            put(m, row, m->first_stock[j], -1);
        if (!s->max_life)
            continue;
        int t = f->node[n].period;
        row = milp_row(m->p, -HUGE_VAL, m->np == 1 && t < s->max_life ? s->stock : 0, "life_%zu_%zu", j, n);
        put(m, row, m->own[jn], 1);
        if (m->np > 1 && t < s->max_life)
            put(m, row, m->first_stock[j], -1);
        for (int d = 0, at; d < s->max_life && (at = fleet_ancestor(f, (int)n, d)) >= 0; d++)
            put_orders(m, row, j, at, -1);
    }
}

static void capacity(struct fleet_model *m, size_t j, size_t n, size_t b)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk, jn = JN(m, j, n);
    int p = (int)(j / f->nk), t = f->node[n].period,
        row = milp_row(m->p, -HUGE_VAL, 0, "capacity_%zu_%zu_%zu", j, n, b);
    for (size_t w = 0; w < f->nw; w++)
        if (m->pool_of_work[w] == p)
            put(m, row, m->x[NBKW(m, n, b, k, w)], 1);
    for (size_t c = 0; c < f->nc; c++) {
        const struct fleet_campaign *g = &f->campaign[c];
        if (m->pool_of_campaign[c] == p && g->first <= t && t <= g->last) {
            int at = fleet_ancestor(f, (int)n, t - g->first), col = m->gang[CNK(m, c, at, k)];
            if (col >= 0)
                milp_put(m->p, row, col, fleet_campaign_cards(f, c, k, t));
        }
    }
    put(m, row, m->lease[JNB(m, j, n, b)], 1);
    put(m, row, m->on[jn], f->sku[k].spares);
    put(m, row, m->own[jn], -f->sku[k].avail_frac);
    put_reserved(m, row, j, n, -f->sku[k].avail_frac);
    put(m, row, m->od[JNB(m, j, n, b)], -1);
    /* own + reserved + od <= M on; once when nothing is rented by the hour */
    int gate = m->on[jn] >= 0 ? m->on[jn] : m->approve ? m->approve[k] : -1;
    if (b && m->od[JNB(m, j, n, b)] < 0)
        return;
    row = milp_row(m->p, -HUGE_VAL, 0, "gate_%zu_%zu_%zu", j, n, b);
    put(m, row, m->own[jn], 1);
    put_reserved(m, row, j, n, 1);
    put(m, row, m->od[JNB(m, j, n, b)], 1);
    if (t >= m->first_use[k])
        put(m, row, gate, -m->most[j]);
    else if (m->own[jn] >= 0) /* it waits for its port: kept, not used */
        put(m, row, m->approve ? m->approve[k] : -1, -m->most[j]);
}

/* on <= approve, on <= port; a gang only on an approved SKU. */
static void gates(struct fleet_model *m, size_t j, size_t n)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk, jn = JN(m, j, n);
    int family = f->sku[k].family, on = m->on[jn];
    if (on < 0)
        return;
    if (m->approve) {
        int row = milp_row(m->p, -HUGE_VAL, 0, "approved_%zu_%zu", j, n);
        put(m, row, on, 1);
        put(m, row, m->approve[k], -1);
    } else if (m->service) {
        int row = milp_row(m->p, -HUGE_VAL, 0, "service_%zu_%zu", j, n);
        put(m, row, on, 1);
        put(m, row, m->service[k * f->nn + n], -1);
    }
    if (family >= 0 && !m->ported[family] && !m->approve) {
        int at = fleet_ancestor(f, (int)n, f->family[family].lag);
        int row = milp_row(m->p, -HUGE_VAL, 0, "ready_%zu_%zu", j, n);
        put(m, row, on, 1);
        put(m, row, at < 0 ? -1 : m->port[(size_t)family * f->nn + (size_t)at], -1);
    }
}

static void demand(struct fleet_model *m, size_t w, size_t n)
{
    const struct fleet *f = &m->f;
    const struct fleet_work *v = &f->work[w];
    size_t t = (size_t)f->node[n].period;
    int row = -1;
    double hours = fleet_period_h(f), wanted = 0;
    for (size_t b = 0; b < f->nb; b++)
        wanted += v->demand[n * f->nb + b] * f->block_h[b] / hours;
    for (size_t b = 0; b < f->nb; b++) {
        m->row_demand[NBW(m, n, b, w)] = -1;
        if (m->unmet[NBW(m, n, b, w)] < 0)
            continue;
        double share = v->deferrable ? f->block_h[b] / hours : 1;
        if (row < 0 || !v->deferrable)
            row = milp_row(m->p, v->deferrable ? wanted : v->demand[n * f->nb + b], HUGE_VAL, "demand_%zu_%zu_%zu", w,
                           n, b);
        m->row_demand[NBW(m, n, b, w)] = row;
        for (size_t k = 0; k < f->nk; k++)
            put(m, row, m->x[NBKW(m, n, b, k, w)], share * v->rate[k * f->nt + t]);
        put(m, row, m->unmet[NBW(m, n, b, w)], share);
        put(m, row, m->tokens[NBW(m, n, b, w)], share);
    }
}

static void campaigns(struct fleet_model *m, size_t c)
{
    const struct fleet *f = &m->f;
    for (size_t n = 0; n < f->nn; n++) {
        if (m->missed[CN(m, c, n)] < 0)
            continue;
        int row = milp_row(m->p, 1, 1, "campaign_%zu_%zu", c, n);
        put(m, row, m->missed[CN(m, c, n)], 1);
        for (size_t k = 0; k < f->nk; k++) {
            int col = m->gang[CNK(m, c, n, k)];
            put(m, row, col, 1);
            if (col < 0)
                continue;
            size_t j = UNIT(m, m->pool_of_campaign[c], k);
            int gate = m->on[JN(m, j, n)] >= 0 ? m->on[JN(m, j, n)] : m->approve ? m->approve[k] : -1;
            int run = milp_row(m->p, -HUGE_VAL, 0, "gang_%zu_%zu_%zu", c, n, k);
            put(m, run, col, 1);
            put(m, run, gate, -1);
        }
    }
}

/* What is bounded for a SKU over its pools. */
static void caps(struct fleet_model *m, size_t k, size_t n)
{
    const struct fleet *f = &m->f;
    const struct fleet_sku *s = &f->sku[k];
    int t = f->node[n].period;
    m->row_supply[k * f->nn + n] = -1;
    if (m->np > 1 && isfinite(s->supply[t]) && m->buy[JN(m, k, n)] >= 0) {
        int row = m->row_supply[k * f->nn + n] = milp_row(m->p, -HUGE_VAL, s->supply[t], "supply_%zu_%zu", k, n);
        for (size_t p = 0; p < m->np; p++)
            put(m, row, m->buy[JN(m, UNIT(m, p, k), n)], 1);
    }
    for (size_t b = 0; b < f->nb; b++) {
        size_t at = (k * f->nn + n) * f->nb + b;
        m->row_rent[at] = -1;
        bool any = false;
        for (size_t p = 0; p < m->np; p++)
            any |= m->od[JNB(m, UNIT(m, p, k), n, b)] >= 0 || m->res[JN(m, UNIT(m, p, k), n)] >= 0;
        if (!any || !isfinite(s->rent_cap[t]))
            continue;
        int row = m->row_rent[at] = milp_row(m->p, -HUGE_VAL, s->rent_cap[t], "rent_%zu_%zu_%zu", k, n, b);
        for (size_t p = 0; p < m->np; p++) {
            put(m, row, m->od[JNB(m, UNIT(m, p, k), n, b)], 1);
            put_reserved(m, row, UNIT(m, p, k), n, 1);
        }
    }
}

static void limits(struct fleet_model *m, size_t n)
{
    const struct fleet *f = &m->f;
    int t = f->node[n].period;
    m->row_power[n] = isfinite(f->power_kw[t]) ? milp_row(m->p, -HUGE_VAL, f->power_kw[t], "power_%zu", n) : -1;
    m->row_space[n] = isfinite(f->space_u[t]) ? milp_row(m->p, -HUGE_VAL, f->space_u[t], "space_%zu", n) : -1;
    m->row_budget[n] = isfinite(f->budget_usd[t]) ? milp_row(m->p, -HUGE_VAL, f->budget_usd[t], "budget_%zu", n) : -1;
    for (size_t j = 0; j < m->nj; j++) {
        const struct fleet_sku *s = &f->sku[j % f->nk];
        if (m->row_power[n] >= 0)
            put(m, m->row_power[n], m->own[JN(m, j, n)], s->kw * f->pue);
        if (m->row_space[n] >= 0)
            put(m, m->row_space[n], m->own[JN(m, j, n)], s->rack_units);
        int up = 0, at;
        while (m->row_budget[n] >= 0 && (at = fleet_order_node(f, j % f->nk, (int)n, &up)) >= 0)
            if (m->buy[JN(m, j, at)] >= 0)
                put(m, m->row_budget[n], m->buy[JN(m, j, at)], s->price_usd[f->node[at].period]);
    }
}

static void second_source(struct fleet_model *m, size_t n)
{
    const struct fleet *f = &m->f;
    int vendors = 0;
    for (size_t k = 0; k < f->nk; k++)
        vendors = f->vendor[k] >= vendors ? f->vendor[k] + 1 : vendors;
    for (int v = 0; v < vendors; v++) {
        int row = milp_row(m->p, -HUGE_VAL, 0, "vendor_%d_%zu", v, n);
        for (size_t j = 0; j < m->nj; j++) {
            size_t k = j % f->nk;
            double usd = fleet_value_usd(f, k, n);
            put(m, row, m->own[JN(m, j, n)], usd * ((f->vendor[k] == v) - (1 - f->second_source_frac)));
        }
    }
}

void fleet_rows(struct fleet_model *m)
{
    const struct fleet *f = &m->f;
    m->row_power = ARENA_ARRAY(m->a, int, f->nn), m->row_space = ARENA_ARRAY(m->a, int, f->nn);
    m->row_budget = ARENA_ARRAY(m->a, int, f->nn);
    m->row_supply = ARENA_ARRAY(m->a, int, f->nk * f->nn);
    m->row_rent = ARENA_ARRAY(m->a, int, f->nk * f->nn * f->nb);
    m->row_balance = ARENA_ARRAY(m->a, int, m->nj * f->nn);
    m->row_demand = ARENA_ARRAY(m->a, int, f->nn * f->nb * f->nw);
    for (size_t j = 0; j < m->nj; j++)
        balance(m, j);
    for (size_t k = 0; m->np > 1 && k < f->nk; k++) {
        if (f->sku[k].stock <= 0)
            continue;
        int row = milp_row(m->p, f->sku[k].stock, f->sku[k].stock, "stock_%zu", k);
        for (size_t p = 0; p < m->np; p++)
            put(m, row, m->first_stock[UNIT(m, p, k)], 1);
    }
    for (size_t k = 0; m->approve && k < f->nk; k++) {
        int family = f->sku[k].family;
        if (family < 0 || m->ported[family] || m->approve[k] < 0)
            continue;
        int row = milp_row(m->p, -HUGE_VAL, 0, "ready_%zu", k);
        put(m, row, m->approve[k], 1);
        put(m, row, m->port[(size_t)family * f->nn + f->nn - 1], -1); /* the last node is in the last period */
    }
    for (size_t n = 0; n < f->nn; n++) {
        for (size_t j = 0; j < m->nj; j++) {
            bool any = m->own[JN(m, j, n)] >= 0 || (m->most[j] > 0 && f->node[n].period >= m->first_use[j % f->nk]);
            for (size_t b = 0; any && b < f->nb; b++)
                capacity(m, j, n, b);
            gates(m, j, n);
        }
        for (size_t w = 0; w < f->nw; w++)
            demand(m, w, n);
        for (size_t k = 0; k < f->nk; k++)
            caps(m, k, n);
        limits(m, n);
        if (f->second_source_frac > 0)
            second_source(m, n);
        for (size_t i = 0; i < f->nf && f->node[n].parent >= 0; i++) {
            if (m->ported[i] || m->approve)
                continue;
            int row = milp_row(m->p, -HUGE_VAL, 0, "port_%zu_%zu", i, n);
            put(m, row, m->port[i * f->nn + (size_t)f->node[n].parent], 1);
            put(m, row, m->port[i * f->nn + n], -1);
        }
    }
    for (size_t c = 0; c < f->nc; c++)
        campaigns(m, c);
}
