/* fleet_terms.c - what each decision costs, at the node where it is paid.
**
**      cost[n] = sum price[t(order)] order (on arrival) - resale sell + (kw pue h usd_kwh + keep) own + rent h od
**                + reserve h running - lease h lent + complexity on + port (y[n] - y[a(n)]) + unmet + tokens
**                - salvage own / (1 + r) (leaf)
**      mean = sum_n p_n (1 + r)^-t(n) cost[n]
**
** The same list gives the objective and, with the answer's columns, the cost by part and by node: they cannot differ.
*/
#include <math.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

const char *const fleet_part_name[FLEET_PARTS] = {
    "buy",       "resale",     "salvage", "energy", "keep",           "rent",   "reserve",
    "lease_out", "complexity", "port",    "unmet",  "campaign_unmet", "tokens",
};

/* whose: a SKU, -1 nobody's, -2 - f a family's. */
static void term(struct fleet_model *m, size_t n, int whose, enum fleet_part part, int col, double usd)
{
    if (col < 0 || usd == 0 || !isfinite(usd)) /* infinite: what must not be, its column is 0 */
        return;
    if (m->nterm == m->cap_term) {
        m->cap_term = m->cap_term ? 2 * m->cap_term : 4096;
        m->term = arena_grow(m->a, m->term, m->nterm, m->cap_term, sizeof *m->term);
    }
    m->term[m->nterm++] = (struct fleet_term){(int)n, whose, part, col, usd};
}

static void unit(struct fleet_model *m, size_t j, size_t n)
{
    const struct fleet *f = &m->f;
    size_t k = j % f->nk, jn = JN(m, j, n);
    const struct fleet_sku *s = &f->sku[k];
    int t = f->node[n].period, up = 0, at;
    double hours = fleet_period_h(f);
    while ((at = fleet_order_node(f, k, (int)n, &up)) >= 0)
        term(m, n, (int)k, COST_BUY, m->buy[JN(m, j, at)], s->price_usd[f->node[at].period]);
    term(m, n, (int)k, COST_RESALE, m->sell[jn], -s->resale_usd[n]);
    term(m, n, (int)k, COST_ENERGY, m->own[jn], s->kw * f->pue * f->usd_kwh * hours);
    term(m, n, (int)k, COST_KEEP, m->own[jn], s->keep_usd);
    if (t == (int)f->nt - 1)
        term(m, n, (int)k, COST_SALVAGE, m->own[jn], -f->salvage_frac * s->resale_usd[n] / (1 + f->discount_period));
    for (int d = 0; d < s->reserve_term && (at = fleet_ancestor(f, (int)n, d)) >= 0; d++)
        term(m, n, (int)k, COST_RESERVE, m->res[JN(m, j, at)], s->reserve_usd_h[f->node[at].period] * hours);
    for (size_t b = 0; b < f->nb; b++) {
        term(m, n, (int)k, COST_RENT, m->od[JNB(m, j, n, b)], s->rent_usd_h[t] * f->block_h[b]);
        term(m, n, (int)k, COST_LEASE, m->lease[JNB(m, j, n, b)], -s->lease_out_usd_h[t] * f->block_h[b]);
    }
    if (!m->approve && !m->service)
        term(m, n, (int)k, COST_COMPLEXITY, m->on[jn], s->complexity_usd);
}

static void node(struct fleet_model *m, size_t n)
{
    const struct fleet *f = &m->f;
    int t = f->node[n].period, parent = f->node[n].parent;
    for (size_t j = 0; j < m->nj; j++)
        unit(m, j, n);
    for (size_t k = 0; k < f->nk; k++) {
        if (m->approve && t >= m->first_use[k])
            term(m, n, (int)k, COST_COMPLEXITY, m->approve[k], f->sku[k].complexity_usd);
        else if (m->service)
            term(m, n, (int)k, COST_COMPLEXITY, m->service[k * f->nn + n], f->sku[k].complexity_usd);
    }
    for (size_t i = 0; i < f->nf; i++) {
        int now = m->port[i * f->nn + n], before = parent >= 0 ? m->port[i * f->nn + (size_t)parent] : -1;
        if (now == before)
            continue;
        term(m, n, -2 - (int)i, COST_PORT, now, f->family[i].port_usd);
        term(m, n, -2 - (int)i, COST_PORT, before, -f->family[i].port_usd);
    }
    for (size_t w = 0; w < f->nw; w++)
        for (size_t b = 0; b < f->nb; b++) {
            term(m, n, -1, COST_UNMET, m->unmet[NBW(m, n, b, w)], f->work[w].unmet_usd * f->block_h[b]);
            term(m, n, -1, COST_TOKENS, m->tokens[NBW(m, n, b, w)], f->work[w].buy_usd * f->block_h[b]);
        }
    for (size_t c = 0; c < f->nc; c++)
        term(m, n, -1, COST_CAMPAIGN_UNMET, m->missed[CN(m, c, n)], f->campaign[c].unmet_usd);
}

/* The objective without risk.  */
void fleet_terms(struct fleet_model *m)
{
    m->nterm = 0;
    for (size_t n = 0; n < m->f.nn; n++)
        node(m, n);
    if (m->f.risk != RISK_EXPECTED)
        return;
    size_t cols = milp_size(m->p).cols;
    struct arena *call = arena_child(m->a);
    double *cost = ARENA_ARRAY(call, double, cols);
    for (size_t i = 0; i < m->nterm; i++) {
        const struct fleet_node *n = &m->f.node[m->term[i].node];
        cost[m->term[i].col] += n->probability * fleet_discount(&m->f, n->period) * m->term[i].usd;
    }
    for (size_t j = 0; j < cols; j++)
        milp_cost(m->p, (int)j, cost[j]);
    arena_reset(call);
}
