/* fleet_answer.c - the solver's columns read as a plan: cards, costs, what each work costs.
**
**      work_usd[w] = sum_k cost[k] share[k, w] + its unmet and tokens,   share = discounted card-hours of k that w had
**      of all that k worked;   work_units[w] = discounted units served; their ratio is a levelised cost
**
** Costs of a SKU are its purchases less resale and salvage, energy, upkeep, rent, people, and its family's port by
** card-hours.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

#define USED 1e-6

static double at(const double *x, int col)
{
    double v = col >= 0 ? x[col] : 0;
    return fabs(v) < 1e-9 ? 0 : v;
}

static double weight(const struct fleet *f, size_t n)
{
    return f->node[n].probability * fleet_discount(f, f->node[n].period);
}

static void cards(const struct fleet_model *m, struct arena *a, const double *x, struct fleet_plan *out)
{
    const struct fleet *f = &m->f;
    size_t nk = f->nk, nkn = f->nn * nk;
    double *owned = ARENA_ARRAY(a, double, nkn), *bought = ARENA_ARRAY(a, double, nkn),
           *sold = ARENA_ARRAY(a, double, nkn);
    double *reserved = ARENA_ARRAY(a, double, nkn), *started = ARENA_ARRAY(a, double, nkn);
    double *od = ARENA_ARRAY(a, double, nkn * f->nb), *lent = ARENA_ARRAY(a, double, nkn * f->nb);
    bool *service = ARENA_ARRAY(a, bool, nkn), *approved = ARENA_ARRAY(a, bool, nk);
    for (size_t n = 0; n < f->nn; n++)
        for (size_t j = 0; j < m->nj; j++) {
            size_t k = j % nk, i = n * nk + k, jn = JN(m, j, n);
            owned[i] += at(x, m->own[jn]), bought[i] += at(x, m->buy[jn]), sold[i] += at(x, m->sell[jn]);
            started[i] += at(x, m->res[jn]);
            for (int d = 0, up; d < f->sku[k].reserve_term && (up = fleet_ancestor(f, (int)n, d)) >= 0; d++)
                reserved[i] += at(x, m->res[JN(m, j, up)]);
            bool rented = false;
            for (size_t b = 0; b < f->nb; b++) {
                od[(n * f->nb + b) * nk + k] += at(x, m->od[JNB(m, j, n, b)]);
                lent[(n * f->nb + b) * nk + k] += at(x, m->lease[JNB(m, j, n, b)]);
                rented |= at(x, m->od[JNB(m, j, n, b)]) > USED;
            }
            service[i] |= rented || owned[i] > USED || reserved[i] > USED;
            approved[k] |= service[i];
        }
    for (size_t k = 0; m->approve && k < nk; k++)
        approved[k] |= at(x, m->approve[k]) > 0.5 && m->f.sku[k].complexity_usd > 0;
    out->owned = owned, out->bought = bought, out->sold = sold, out->reserved = reserved, out->reserve_new = started;
    out->on_demand = od, out->leased_out = lent, out->in_service = service, out->approved = approved;
}

/* The solver may give a work more than it asks where cards are free; the surplus is idle. */
static void trim(const struct fleet *f, double *assign, const double *unmet, const double *tokens)
{
    double hours = fleet_period_h(f);
    for (size_t n = 0; n < f->nn; n++)
        for (size_t w = 0; w < f->nw; w++) {
            size_t t = (size_t)f->node[n].period, span = f->work[w].deferrable ? f->nb : 1;
            for (size_t b = 0; b < f->nb; b += span) {
                double want = 0, get = 0;
                for (size_t c = b; c < b + span; c++) {
                    size_t i = (n * f->nb + c) * f->nw + w;
                    double h = span > 1 ? f->block_h[c] / hours : 1;
                    want += h * (f->work[w].demand[n * f->nb + c] - unmet[i] - tokens[i]);
                    for (size_t k = 0; k < f->nk; k++)
                        get += h * assign[((n * f->nb + c) * f->nk + k) * f->nw + w] * f->work[w].rate[k * f->nt + t];
                }
                for (size_t i = b * f->nk; get > want && get > 0 && i < (b + span) * f->nk; i++)
                    assign[(n * f->nb * f->nk + i) * f->nw + w] *= fmax(0, want) / get;
            }
        }
}

static void works(const struct fleet_model *m, struct arena *a, const double *x, struct fleet_plan *out)
{
    const struct fleet *f = &m->f;
    size_t nx = f->nn * f->nb * f->nk * f->nw, nbw = f->nn * f->nb * f->nw, nc = f->nn * f->nc;
    double *assign = ARENA_ARRAY(a, double, nx), *unmet = ARENA_ARRAY(a, double, nbw),
           *tokens = ARENA_ARRAY(a, double, nbw);
    for (size_t i = 0; i < nx; i++)
        assign[i] = at(x, m->x[i]);
    for (size_t i = 0; i < nbw; i++)
        unmet[i] = at(x, m->unmet[i]), tokens[i] = at(x, m->tokens[i]);
    trim(f, assign, unmet, tokens);
    int *sku = ARENA_ARRAY(a, int, nc);
    bool *missed = ARENA_ARRAY(a, bool, nc);
    double *gang = ARENA_ARRAY(a, double, nc);
    for (size_t n = 0; n < f->nn; n++)
        for (size_t c = 0; c < f->nc; c++) {
            size_t i = n * f->nc + c;
            int t = f->node[n].period;
            sku[i] = -1;
            if (t < f->campaign[c].first || t > f->campaign[c].last)
                continue;
            size_t begin = (size_t)fleet_ancestor(f, (int)n, t - f->campaign[c].first);
            for (size_t k = 0; k < f->nk; k++)
                if (at(x, m->gang[CNK(m, c, begin, k)]) > 0.5)
                    sku[i] = (int)k, gang[i] = fleet_campaign_cards(f, c, k, t);
            missed[i] = sku[i] < 0;
        }
    bool *ported = ARENA_ARRAY(a, bool, f->nn * f->nf);
    for (size_t n = 0; n < f->nn; n++)
        for (size_t i = 0; i < f->nf; i++)
            ported[n * f->nf + i] = m->ported[i] || at(x, m->port[i * f->nn + n]) > 0.5;
    out->assign = assign, out->unmet = unmet, out->tokens = tokens;
    out->campaign_sku = sku, out->campaign_missed = missed, out->campaign_cards = gang, out->ported = ported;
}

static void idle(const struct fleet *f, struct arena *a, struct fleet_plan *out)
{
    double *idle = ARENA_ARRAY(a, double, f->nn);
    for (size_t n = 0; n < f->nn; n++) {
        double have = 0, free = 0;
        for (size_t b = 0; b < f->nb; b++)
            for (size_t k = 0; k < f->nk; k++) {
                size_t nk = n * f->nk + k, nbk = (n * f->nb + b) * f->nk + k;
                double own = f->sku[k].avail_frac * (out->owned[nk] + out->reserved[nk]);
                double busy = out->leased_out[nbk] - out->on_demand[nbk];
                for (size_t w = 0; w < f->nw; w++)
                    busy += out->assign[nbk * f->nw + w];
                for (size_t c = 0; c < f->nc; c++)
                    if (out->campaign_sku[n * f->nc + c] == (int)k)
                        busy += out->campaign_cards[n * f->nc + c];
                have += own * f->block_h[b];
                free += fmax(0, own - busy - (own > 0 ? fmin(f->sku[k].spares, own) : 0)) * f->block_h[b];
            }
        idle[n] = have > 0 ? free / have : 0;
    }
    out->idle_frac = idle;
}

static void costs(const struct fleet_model *m, struct arena *a, const double *x, struct fleet_plan *out, double *of_sku,
                  double *of_family)
{
    const struct fleet *f = &m->f;
    double *node = ARENA_ARRAY(a, double, f->nn *FLEET_PARTS);
    for (size_t i = 0; i < m->nterm; i++) {
        const struct fleet_term *t = &m->term[i];
        double usd = t->usd * at(x, t->col);
        node[(size_t)t->node * FLEET_PARTS + (size_t)t->part] += usd;
        if (t->whose >= 0)
            of_sku[t->whose] += usd * weight(f, (size_t)t->node);
        else if (t->whose < -1)
            of_family[-2 - t->whose] += usd * weight(f, (size_t)t->node);
    }
    out->cost_usd = node;
    out->expected_usd = 0;
    memset(out->part_usd, 0, sizeof out->part_usd);
    for (size_t n = 0; n < f->nn; n++)
        for (int p = 0; p < FLEET_PARTS; p++)
            out->part_usd[p] += weight(f, n) * node[n * FLEET_PARTS + (size_t)p];
    for (int p = 0; p < FLEET_PARTS; p++)
        out->expected_usd += out->part_usd[p];
    out->nleaf = fleet_leaves(a, f, &out->leaf);
    double *path = ARENA_ARRAY(a, double, out->nleaf);
    for (size_t s = 0; s < out->nleaf; s++)
        for (int n = out->leaf[s]; n >= 0; n = f->node[n].parent)
            for (int p = 0; p < FLEET_PARTS; p++)
                path[s] += fleet_discount(f, f->node[n].period) * node[(size_t)n * FLEET_PARTS + (size_t)p];
    out->scenario_usd = path;
}

static void levelised(const struct fleet *f, struct arena *a, struct fleet_plan *out, double *of_sku,
                      const double *of_family)
{
    struct arena *call = arena_child(a);
    double *hours = ARENA_ARRAY(call, double, f->nk *(f->nw + f->nc)), *all = ARENA_ARRAY(call, double, f->nk);
    double *family_h = ARENA_ARRAY(call, double, f->nf);
    double *usd = ARENA_ARRAY(a, double, f->nw), *units = ARENA_ARRAY(a, double, f->nw),
           *campaign = ARENA_ARRAY(a, double, f->nc);
    size_t row = f->nw + f->nc;
    for (size_t n = 0; n < f->nn; n++)
        for (size_t b = 0; b < f->nb; b++) {
            double h = weight(f, n) * f->block_h[b];
            size_t t = (size_t)f->node[n].period;
            for (size_t w = 0; w < f->nw; w++) {
                size_t i = (n * f->nb + b) * f->nw + w;
                usd[w] += h * (out->unmet[i] > 0 ? out->unmet[i] * f->work[w].unmet_usd : 0);
                usd[w] += h * (out->tokens[i] > 0 ? out->tokens[i] * f->work[w].buy_usd : 0);
                units[w] += h * out->tokens[i];
                for (size_t k = 0; k < f->nk; k++) {
                    double c = out->assign[((n * f->nb + b) * f->nk + k) * f->nw + w];
                    hours[k * row + w] += h * c;
                    units[w] += h * c * f->work[w].rate[k * f->nt + t];
                }
            }
            for (size_t c = 0; c < f->nc; c++)
                if (out->campaign_sku[n * f->nc + c] >= 0)
                    hours[(size_t)out->campaign_sku[n * f->nc + c] * row + f->nw + c] +=
                        h * out->campaign_cards[n * f->nc + c];
        }
    for (size_t k = 0; k < f->nk; k++) {
        for (size_t i = 0; i < row; i++)
            all[k] += hours[k * row + i];
        if (f->sku[k].family >= 0)
            family_h[f->sku[k].family] += all[k];
    }
    for (size_t k = 0; k < f->nk; k++) {
        int i = f->sku[k].family;
        double cost = of_sku[k] + (i >= 0 && family_h[i] > 0 ? of_family[i] * all[k] / family_h[i] : 0);
        for (size_t w = 0; w < f->nw && all[k] > 0; w++)
            usd[w] += cost * hours[k * row + w] / all[k];
        for (size_t c = 0; c < f->nc && all[k] > 0; c++)
            campaign[c] += cost * hours[k * row + f->nw + c] / all[k];
    }
    for (size_t n = 0; n < f->nn; n++)
        for (size_t c = 0; c < f->nc; c++)
            if (out->campaign_missed[n * f->nc + c] && f->node[n].period == f->campaign[c].first)
                campaign[c] += weight(f, n) * f->campaign[c].unmet_usd;
    out->work_usd = usd, out->work_units = units, out->campaign_usd = campaign;
    arena_reset(call);
}

void fleet_answer(const struct fleet_model *m, struct arena *a, const double *x, struct fleet_plan *out)
{
    const struct fleet *f = &m->f;
    double *of_sku = ARENA_ARRAY(a, double, f->nk), *of_family = ARENA_ARRAY(a, double, f->nf);
    cards(m, a, x, out);
    works(m, a, x, out);
    idle(f, a, out);
    costs(m, a, x, out, of_sku, of_family);
    levelised(f, a, out, of_sku, of_family);
}

/* Prices of the limits, from the linear problem with the whole columns fixed: minus what one more of the right side
 ** costs. */
void fleet_shadow(const struct fleet_model *m, struct arena *a, const struct milp_answer *s, struct fleet_plan *out)
{
    const struct fleet *f = &m->f;
    struct fleet_shadow *z = &out->shadow;
    double *supply = ARENA_ARRAY(a, double, f->nk), *rent = ARENA_ARRAY(a, double, f->nk),
           *lead = ARENA_ARRAY(a, double, f->nk);
    double *demand = ARENA_ARRAY(a, double, f->nw), periods = (double)f->nt;
    for (size_t n = 0; n < f->nn; n++) {
        size_t t = (size_t)f->node[n].period;
        z->power_usd_mw_period -= m->row_power[n] >= 0 ? 1e3 * s->dual[m->row_power[n]] / periods : 0;
        z->space_usd_u_period -= m->row_space[n] >= 0 ? s->dual[m->row_space[n]] / periods : 0;
        z->budget_usd_usd -= m->row_budget[n] >= 0 ? s->dual[m->row_budget[n]] / periods : 0;
        for (size_t k = 0; k < f->nk; k++) {
            int buy = m->buy[JN(m, k, n)], row = m->row_supply[k * f->nn + n];
            if (m->np == 1 && buy >= 0)
                supply[k] += fmax(0, -s->reduced[buy]) / periods;
            else if (row >= 0)
                supply[k] -= s->dual[row] / periods;
            for (size_t b = 0; b < f->nb; b++)
                if (m->row_rent[(k * f->nn + n) * f->nb + b] >= 0)
                    rent[k] -= s->dual[m->row_rent[(k * f->nn + n) * f->nb + b]] / periods;
            for (size_t p = 0; p < m->np; p++) {
                int own = m->row_balance[JN(m, UNIT(m, p, k), n)];
                if (own < 0 || f->sku[k].lead[t] < 1 || !isfinite(f->sku[k].price_usd[t]))
                    continue;
                double gain = -s->dual[own] - weight(f, n) * f->sku[k].price_usd[t];
                lead[k] = fmax(lead[k], gain / weight(f, n) / f->sku[k].lead[t]);
            }
        }
        for (size_t w = 0; w < f->nw; w++)
            for (size_t b = 0; b < f->nb; b++) {
                int row = m->row_demand[NBW(m, n, b, w)];
                if (row >= 0 && (!f->work[w].deferrable || b == 0 || row != m->row_demand[NBW(m, n, 0, w)]))
                    demand[w] += s->dual[row] / (periods * fleet_period_h(f));
            }
    }
    z->supply_usd = supply, z->rent_usd = rent, z->lead_usd = lead, z->demand_usd = demand;
}
