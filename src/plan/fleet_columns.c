/* fleet_columns.c - which decisions there are: one column for each that can be, with its bounds.
**
** No column for what cannot be: a SKU that export rules forbid is neither bought nor rented, an order that would arrive
** after the horizon is not placed, a card that cannot do a work has no share in it. That keeps the problem small and
** its numbers tame.
**
**      M[j] = stock + two nodes + max over nodes n of
**             (1.05 sum_w max_b demand[w, n, b] / rate[k, w, t] + sum_c cards[c, k] + spares) / avail
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

#define ROOM 1.05  /* of M over the most that work could ask */
#define ROUNDING 2 /* nodes: orders rounded up and sales down */

static int *none(struct arena *a, size_t n)
{
    int *at = ARENA_ARRAY(a, int, n);
    memset(at, -1, n * sizeof *at);
    return at;
}

static void pools(struct fleet_model *m)
{
    const struct fleet *f = &m->f;
    int most = 0;
    m->pool_of_work = ARENA_ARRAY(m->a, int, f->nw);
    m->pool_of_campaign = ARENA_ARRAY(m->a, int, f->nc);
    if (f->pools == POOLS_SHARED) {
        m->np = 1;
    } else if (f->pools == POOLS_TRAINING_APART) {
        m->np = 2;
        for (size_t w = 0; w < f->nw; w++)
            m->pool_of_work[w] = f->work[w].training;
        for (size_t c = 0; c < f->nc; c++)
            m->pool_of_campaign[c] = 1;
    } else { /* classes in the order of their first work; campaigns with the training works, or alone */
        int training = -1;
        for (size_t w = 0; w < f->nw; w++) {
            m->pool_of_work[w] = most;
            for (size_t v = 0; v < w; v++)
                if (f->work[v].klass == f->work[w].klass)
                    m->pool_of_work[w] = m->pool_of_work[v];
            most += m->pool_of_work[w] == most;
            if (f->work[w].training)
                training = m->pool_of_work[w];
        }
        for (size_t c = 0; c < f->nc; c++)
            m->pool_of_campaign[c] = training >= 0 ? training : most;
        m->np = (size_t)most + (f->nc && training < 0);
    }
    m->nj = m->np * f->nk;
}

static int first_use(const struct fleet_model *m, size_t k)
{
    const struct fleet *f = &m->f;
    const struct fleet_sku *s = &f->sku[k];
    int first = (int)f->nt;
    if (s->stock > 0)
        first = 0;
    for (int t = 0; t < (int)f->nt && s->allowed; t++) {
        if (isfinite(s->price_usd[t]) && s->supply[t] > 0 && t + s->lead[t] < first)
            first = t + s->lead[t];
        if ((isfinite(s->rent_usd_h[t]) || isfinite(s->reserve_usd_h[t])) && s->rent_cap[t] > 0 && t < first)
            first = t;
    }
    if (s->family >= 0 && !m->ported[s->family] && first < f->family[s->family].lag)
        first = f->family[s->family].lag;
    return first < (int)f->nt ? first : (int)f->nt;
}

static double need(const struct fleet_model *m, size_t j, size_t n)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk, t = (size_t)f->node[n].period;
    int p = (int)(j / f->nk);
    double cards = 0;
    for (size_t w = 0; w < f->nw; w++)
        if (m->pool_of_work[w] == p && fleet_work_can(f, w, k, t))
            cards += ROOM * fleet_demand_most(f, w, n) / f->work[w].rate[k * f->nt + t];
    for (size_t c = 0; c < f->nc; c++)
        if (m->pool_of_campaign[c] == p && f->campaign[c].first <= (int)t && (int)t <= f->campaign[c].last) {
            double of = fleet_campaign_cards(f, c, k, (int)t);
            cards += isfinite(of) ? of : 0;
        }
    return cards > 0 ? (cards + f->sku[k].spares) / f->sku[k].avail_frac : 0;
}

static void most(struct fleet_model *m)
{
    const struct fleet *f = &m->f;
    m->most = ARENA_ARRAY(m->a, double, m->nj);
    for (size_t j = 0; j < m->nj; j++) {
        for (size_t n = 0; n < f->nn; n++)
            m->most[j] = fmax(m->most[j], need(m, j, n));
        if (m->most[j] > 0 || f->sku[j % f->nk].stock > 0)
            m->most[j] += f->sku[j % f->nk].stock + ROUNDING * f->sku[j % f->nk].node_cards;
    }
}

/* Cards of unit j. */
static void unit(struct fleet_model *m, size_t j)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk, p = j / f->nk;
    const struct fleet_sku *s = &f->sku[k];
    if (m->most[j] <= 0)
        return;
    bool sold = false;
    for (size_t t = 0; t < f->nt; t++)
        sold |= s->allowed && isfinite(s->price_usd[t]) && t + (size_t)s->lead[t] < f->nt && s->supply[t] > 0;
    bool gated = f->entry_by_node || s->spares > 0;
    for (size_t n = 0; n < f->nn; n++) {
        size_t t = (size_t)f->node[n].period, jn = JN(m, j, n);
        if (s->allowed && isfinite(s->price_usd[t]) && t + (size_t)s->lead[t] < f->nt && s->supply[t] > 0)
            m->buy[jn] =
                milp_col(m->p, 0, m->np == 1 ? s->supply[t] : HUGE_VAL, 0, MILP_REAL, "buy_%zu_%zu_%zu", p, k, n);
        if (sold || s->stock > 0) {
            m->own[jn] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "own_%zu_%zu_%zu", p, k, n);
            m->sell[jn] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "sell_%zu_%zu_%zu", p, k, n);
        }
        if (s->allowed && isfinite(s->reserve_usd_h[t]) && s->reserve_term > 0 && s->rent_cap[t] > 0)
            m->res[jn] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "res_%zu_%zu_%zu", p, k, n);
        if (gated && (int)t >= m->first_use[k])
            m->on[jn] = milp_col(m->p, 0, 1, 0, f->entry_by_node ? MILP_INT : MILP_REAL, "on_%zu_%zu_%zu", p, k, n);
        for (size_t b = 0; b < f->nb; b++) {
            if (s->allowed && isfinite(s->rent_usd_h[t]) && s->rent_cap[t] > 0)
                m->od[JNB(m, j, n, b)] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "od_%zu_%zu_%zu_%zu", p, k, n, b);
            if (f->lease_out && m->own[jn] >= 0 && isfinite(s->lease_out_usd_h[t]))
                m->lease[JNB(m, j, n, b)] =
                    milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "lease_%zu_%zu_%zu_%zu", p, k, n, b);
        }
    }
}

static void work(struct fleet_model *m, size_t w)
{
    const struct fleet *f = &m->f;
    for (size_t n = 0; n < f->nn; n++) {
        if (fleet_demand_most(f, w, n) <= 0)
            continue;
        size_t t = (size_t)f->node[n].period;
        for (size_t b = 0; b < f->nb; b++) {
            if (!f->work[w].deferrable && f->work[w].demand[n * f->nb + b] <= 0)
                continue;
            for (size_t k = 0; k < f->nk; k++)
                if (fleet_work_can(f, w, k, t) && (int)t >= m->first_use[k])
                    m->x[NBKW(m, n, b, k, w)] =
                        milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "x_%zu_%zu_%zu_%zu", n, b, k, w);
            double most_unmet = isfinite(f->work[w].unmet_usd) ? HUGE_VAL : 0;
            m->unmet[NBW(m, n, b, w)] = milp_col(m->p, 0, most_unmet, 0, MILP_REAL, "unmet_%zu_%zu_%zu", n, b, w);
            if (isfinite(f->work[w].buy_usd))
                m->tokens[NBW(m, n, b, w)] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "tokens_%zu_%zu_%zu", n, b, w);
        }
    }
}

static void campaign(struct fleet_model *m, size_t c)
{
    const struct fleet *f = &m->f;
    const struct fleet_campaign *g = &f->campaign[c];
    for (size_t n = 0; n < f->nn; n++) {
        if (f->node[n].period != g->first)
            continue;
        m->missed[CN(m, c, n)] = milp_col(m->p, 0, isfinite(g->unmet_usd), 0, MILP_REAL, "missed_%zu_%zu", c, n);
        for (size_t k = 0; k < f->nk; k++) {
            bool can = m->first_use[k] <= g->first;
            for (int t = g->first; t <= g->last; t++)
                can &= isfinite(fleet_campaign_cards(f, c, k, t));
            if (can)
                m->gang[CNK(m, c, n, k)] = milp_col(m->p, 0, 1, 0, MILP_INT, "gang_%zu_%zu_%zu", c, n, k);
        }
    }
}

/* By node; or, with an approved list, once and for all, at the last date that lets its first SKU work as soon as it can
 ** be had. */
static void port(struct fleet_model *m, size_t i)
{
    const struct fleet *f = &m->f;
    int first = (int)f->nt, ever = -1;
    for (size_t k = 0; k < f->nk; k++)
        if (f->sku[k].family == (int)i && m->first_use[k] < first)
            first = m->first_use[k];
    if (first == (int)f->nt)
        return;
    if (m->approve)
        ever = milp_col(m->p, 0, 1, 0, MILP_INT, "port_%zu", i);
    for (size_t n = 0; n < f->nn; n++)
        if (!m->approve)
            m->port[i * f->nn + n] = milp_col(m->p, 0, 1, 0, MILP_INT, "port_%zu_%zu", i, n);
        else if (f->node[n].period >= first - f->family[i].lag)
            m->port[i * f->nn + n] = ever;
}

void fleet_columns(struct fleet_model *m)
{
    const struct fleet *f = &m->f;
    m->ported = ARENA_ARRAY(m->a, bool, f->nf);
    for (size_t i = 0; i < f->nf; i++) {
        m->ported[i] = f->family[i].ported;
        for (size_t k = 0; k < f->nk; k++)
            m->ported[i] |= f->sku[k].family == (int)i && f->sku[k].stock > 0;
    }
    m->first_use = ARENA_ARRAY(m->a, int, f->nk);
    for (size_t k = 0; k < f->nk; k++)
        m->first_use[k] = first_use(m, k);
    pools(m);
    most(m);
    size_t jn = m->nj * f->nn, cn = f->nc * f->nn;
    m->buy = none(m->a, jn), m->own = none(m->a, jn), m->sell = none(m->a, jn), m->res = none(m->a, jn),
    m->on = none(m->a, jn);
    m->od = none(m->a, jn * f->nb), m->lease = none(m->a, jn * f->nb);
    m->x = none(m->a, f->nn * f->nb * f->nk * f->nw);
    m->unmet = none(m->a, f->nn * f->nb * f->nw), m->tokens = none(m->a, f->nn * f->nb * f->nw);
    m->gang = none(m->a, cn * f->nk), m->missed = none(m->a, cn);
    m->port = none(m->a, f->nf * f->nn);
    if (!f->entry_by_node) {
        m->approve = none(m->a, f->nk);
        for (size_t k = 0; k < f->nk; k++)
            if (m->first_use[k] < (int)f->nt)
                m->approve[k] = milp_col(m->p, 0, 1, 0, MILP_INT, "approve_%zu", k);
    } else if (m->np > 1) {
        m->service = none(m->a, f->nk * f->nn);
        for (size_t k = 0; k < f->nk; k++)
            for (size_t n = 0; n < f->nn; n++)
                if (f->node[n].period >= m->first_use[k])
                    m->service[k * f->nn + n] = milp_col(m->p, 0, 1, 0, MILP_REAL, "service_%zu_%zu", k, n);
    }
    for (size_t i = 0; i < f->nf; i++)
        if (!m->ported[i])
            port(m, i);
    for (size_t c = 0; c < f->nc; c++)
        campaign(m, c);
    for (size_t j = 0; j < m->nj; j++)
        unit(m, j);
    if (m->np > 1) {
        m->first_stock = none(m->a, m->nj);
        for (size_t j = 0; j < m->nj; j++)
            if (f->sku[j % f->nk].stock > 0 && m->own[JN(m, j, 0)] >= 0)
                m->first_stock[j] = milp_col(m->p, 0, HUGE_VAL, 0, MILP_REAL, "stock_%zu", j);
    }
    for (size_t w = 0; w < f->nw; w++)
        work(m, w);
}
