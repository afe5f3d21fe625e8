/* fleet_tree.c - walking the scenario tree, and the smaller trees the values of knowing are made of.
**
** An ancestor `up` periods above a node is where a decision was taken that is felt there; a path is one future; the
** mean tree has in each period the mean over nodes, by probability, of demand and resale.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/fleet_model.h"

int fleet_ancestor(const struct fleet *f, int n, int up)
{
    while (n >= 0 && up-- > 0)
        n = f->node[n].parent;
    return n;
}

double fleet_discount(const struct fleet *f, int t)
{
    return pow(1 + f->discount_period, -t);
}

double fleet_period_h(const struct fleet *f)
{
    double h = 0;
    for (size_t b = 0; b < f->nb; b++)
        h += f->block_h[b];
    return h;
}

size_t fleet_leaves(struct arena *a, const struct fleet *f, const int **leaf)
{
    int *at = ARENA_ARRAY(a, int, f->nn);
    size_t n = 0;
    for (size_t i = 0; i < f->nn; i++)
        if (f->node[i].period == (int)f->nt - 1)
            at[n++] = (int)i;
    *leaf = at;
    return n;
}

bool fleet_work_can(const struct fleet *f, size_t w, size_t k, size_t t)
{
    return f->work[w].rate[k * f->nt + t] > 0;
}

double fleet_demand_most(const struct fleet *f, size_t w, size_t n)
{
    const double *d = f->work[w].demand + n * f->nb;
    double most = 0, sum = 0;
    for (size_t b = 0; b < f->nb; b++)
        most = fmax(most, d[b]), sum += d[b] * f->block_h[b];
    if (!f->work[w].deferrable)
        return most;
    double least_h = HUGE_VAL; /* all of it may fall in the shortest block */
    for (size_t b = 0; b < f->nb; b++)
        if (f->block_h[b] > 0)
            least_h = fmin(least_h, f->block_h[b]);
    return sum / least_h;
}

double fleet_campaign_cards(const struct fleet *f, size_t c, size_t k, int t)
{
    const struct fleet_campaign *g = &f->campaign[c];
    double maturity = g->card_maturity ? g->card_maturity[k * f->nt + (size_t)t] : 1;
    return maturity > 0 ? g->cards[k] / maturity : NAN;
}

double fleet_value_usd(const struct fleet *f, size_t k, size_t n)
{
    const double *price = f->sku[k].price_usd;
    int now = f->node[n].period;
    for (int t = now; t >= 0; t--)
        if (isfinite(price[t]))
            return price[t];
    for (size_t t = (size_t)now; t < f->nt; t++)
        if (isfinite(price[t]))
            return price[t];
    return f->sku[k].resale_usd[n];
}

int fleet_order_node(const struct fleet *f, size_t k, int n, int *up)
{
    int t = f->node[n].period;
    for (; *up <= t; ++*up) {
        int at = t - *up;
        if (f->sku[k].lead[at] == *up)
            return fleet_ancestor(f, n, (*up)++);
    }
    return -1;
}

/* A chain of nt nodes with demand and resale of its own. */
static struct fleet *chain(struct arena *a, const struct fleet *f, const char *name)
{
    struct fleet *c = ARENA_NEW(a, struct fleet);
    *c = *f;
    c->nn = f->nt;
    struct fleet_node *node = ARENA_ARRAY(a, struct fleet_node, f->nt);
    for (size_t t = 0; t < f->nt; t++)
        node[t] = (struct fleet_node){name, (int)t - 1, (int)t, 1};
    c->node = node;
    struct fleet_sku *sku = ARENA_ARRAY(a, struct fleet_sku, f->nk);
    struct fleet_work *work = ARENA_ARRAY(a, struct fleet_work, f->nw);
    for (size_t k = 0; k < f->nk; k++) {
        sku[k] = f->sku[k];
        sku[k].resale_usd = ARENA_ARRAY(a, double, f->nt);
    }
    for (size_t w = 0; w < f->nw; w++) {
        work[w] = f->work[w];
        work[w].demand = ARENA_ARRAY(a, double, f->nt * f->nb);
    }
    c->sku = sku, c->work = work;
    c->risk = RISK_EXPECTED;
    return c;
}

/* Adds a node's demand and resale, times a weight, to its period. */
static void add(const struct fleet *f, struct fleet *c, size_t n, double weight)
{
    size_t t = (size_t)f->node[n].period;
    for (size_t k = 0; k < f->nk; k++)
        ((double *)c->sku[k].resale_usd)[t] += weight * f->sku[k].resale_usd[n];
    for (size_t w = 0; w < f->nw; w++)
        for (size_t b = 0; b < f->nb; b++)
            ((double *)c->work[w].demand)[t * f->nb + b] += weight * f->work[w].demand[n * f->nb + b];
}

struct fleet *fleet_path(struct arena *a, const struct fleet *f, int leaf, const int **node_of)
{
    struct fleet *c = chain(a, f, f->node[leaf].name);
    int *of = ARENA_ARRAY(a, int, f->nt);
    for (int n = leaf; n >= 0; n = f->node[n].parent) {
        of[f->node[n].period] = n;
        add(f, c, (size_t)n, 1);
    }
    if (node_of)
        *node_of = of;
    return c;
}

struct fleet *fleet_mean(struct arena *a, const struct fleet *f)
{
    struct fleet *c = chain(a, f, "mean");
    for (size_t n = 0; n < f->nn; n++)
        add(f, c, n, f->node[n].probability);
    return c;
}
