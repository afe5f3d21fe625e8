/* fleet_run.c - the rounds of solving and simulating, and what is read off the plan: next order, cascade, likeliest
 * path. */
#include "plan/fleet_run.h"

#include <math.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"

#define ROUNDS 4
#define MOVED 0.5 /* of a card: less is no move */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* From the root along the child that is likeliest. */
static void likely_path(struct arena *a, struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    r->likely = ARENA_ARRAY(a, int, f->nt);
    int at = 0;
    for (r->nlikely = 0; at >= 0;) {
        r->likely[r->nlikely++] = at;
        int next = -1;
        for (size_t n = 0; n < f->nn; n++)
            if (f->node[n].parent == at && (next < 0 || f->node[n].probability > f->node[next].probability))
                next = (int)n;
        at = next;
    }
}

/* The first purchase in the tree; its last day is the start of the period in which it must be placed, plus nothing:
*orders of a
** period are placed at its beginning, so a lead that is no whole number of periods leaves what is over. */
static void next_order(struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    const struct fleet_scenario *s = r->x.scenario;
    r->next = (struct fleet_next){.sku = -1, .node = -1};
    for (size_t n = 0; n < f->nn; n++)
        for (size_t k = 0; k < f->nk; k++) {
            double cards = r->plan.bought[n * f->nk + k];
            int t = f->node[n].period;
            bool first = r->next.sku < 0 || t < f->node[r->next.node].period ||
                         ((int)n == r->next.node && cards * f->sku[k].price_usd[t] > r->next.usd);
            if (cards < MOVED || !first)
                continue;
            const struct fleet_product *p = &s->product[k];
            double lead = p->lead_given ? p->lead_months : s->defaults.lead_months;
            int use = t + f->sku[k].lead[t];
            int32_t latest = (int32_t)(horizon_day(&s->horizon, use) - lround(lead * 30.4375)),
                    placed = horizon_day(&s->horizon, t);
            r->next = (struct fleet_next){.sku = (int)k,
                                          .node = (int)n,
                                          .cards = cards,
                                          .usd = cards * f->sku[k].price_usd[t],
                                          .use_period = use,
                                          .latest_day = latest > placed ? latest : placed};
        }
}

/* Mean cards of a SKU on a work over the blocks of a node; campaigns behind the works. */
static double mean_cards(const struct fleet *f, const struct fleet_plan *p, size_t n, size_t k, size_t w)
{
    double sum = 0, hours = 0;
    if (w >= f->nw) {
        size_t at = n * f->nc + (w - f->nw);
        return p->campaign_sku[at] == (int)k ? p->campaign_cards[at] : 0;
    }
    for (size_t b = 0; b < f->nb; b++) {
        sum += f->block_h[b] * p->assign[((n * f->nb + b) * f->nk + k) * f->nw + w];
        hours += f->block_h[b];
    }
    return hours > 0 ? sum / hours : 0;
}

/* Between two periods of the likeliest path a SKU may leave one work and go to another; what is new or sold is no move.
 */
static void cascade(struct arena *a, struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    size_t all = f->nw + f->nc, cap = 0;
    for (size_t t = 1; t < r->nlikely; t++)
        for (size_t k = 0; k < f->nk; k++) {
            size_t was = (size_t)r->likely[t - 1], is = (size_t)r->likely[t];
            int from = -1, to = -1;
            double lost = 0, won = 0;
            for (size_t w = 0; w < all; w++) {
                double d = mean_cards(f, &r->plan, is, k, w) - mean_cards(f, &r->plan, was, k, w);
                if (d < -lost)
                    lost = -d, from = (int)w;
                if (d > won)
                    won = d, to = (int)w;
            }
            double moved = fmin(lost, won);
            if (from < 0 || to < 0 || moved < MOVED || moved < 0.02 * r->plan.owned[is * f->nk + k])
                continue;
            if (r->nmove == cap) {
                size_t more = cap ? 2 * cap : 16;
                r->move = arena_grow(a, r->move, cap, more, sizeof *r->move);
                cap = more;
            }
            r->move[r->nmove++] = (struct fleet_move){(int)k, from, to, (int)t, moved};
        }
}

/* Cards in stock are no gift: what they would sell for at the start is laid on the work they do, by discounted
 * card-hours. */
static void charge_stock(struct arena *a, struct fleet_result *r)
{
    const struct fleet *f = &r->x.f;
    size_t all = f->nw + f->nc;
    double *hours = ARENA_ARRAY(a, double, f->nk *all);
    r->work_usd = ARENA_ARRAY(a, double, all);
    for (size_t w = 0; w < all; w++)
        r->work_usd[w] = w < f->nw ? r->plan.work_usd[w] : r->plan.campaign_usd[w - f->nw];
    for (size_t n = 0; n < f->nn; n++) {
        double weight = f->node[n].probability * pow(1 + f->discount_period, -f->node[n].period);
        for (size_t k = 0; k < f->nk; k++)
            for (size_t w = 0; w < all; w++)
                hours[k * all + w] += weight * mean_cards(f, &r->plan, n, k, w);
    }
    for (size_t k = 0; k < f->nk; k++) {
        double usd = f->sku[k].stock * f->sku[k].resale_usd[0], sum = 0;
        r->stock_usd += usd;
        for (size_t w = 0; w < all; w++)
            sum += hours[k * all + w];
        for (size_t w = 0; w < all && sum > 0; w++)
            r->work_usd[w] += usd * hours[k * all + w] / sum;
    }
}

static bool rounds(struct arena *a, struct catalog *c, const struct fleet_options *o, struct fleet_result *r,
                   struct notes *notes, struct err *e)
{
    for (int i = 1; i <= ROUNDS; i++) {
        double start = now_s();
        if (!fleet_solve(a, &r->x.f, &o->limits, i == 1 ? notes : NULL, &r->plan, e))
            return false;
        r->solve_s += now_s() - start;
        r->solved = r->plan.status != FLEET_INFEASIBLE;
        if (!r->solved || o->no_verify)
            return true;
        start = now_s();
        r->verified.rounds = i;
        double *fix = ARENA_ARRAY(a, double, r->x.f.nw * r->x.f.nk);
        for (size_t n = 0; n < r->x.f.nw * r->x.f.nk; n++)
            fix[n] = r->x.fix[n];
        fleet_verify(a, c, &r->x, &r->plan, o->rates.threads, &r->verified);
        r->has_verified = true;
        r->verify_s += now_s() - start;
        if (!r->verified.broken)
            return true;
        if (i == ROUNDS) { /* the plan that is shown was solved with the rates before */
            for (size_t n = 0; n < r->x.f.nw * r->x.f.nk; n++)
                r->x.fix[n] = fix[n];
            fleet_case_rates(a, &r->x);
        }
    }
    return true;
}

bool fleet_run(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_options *o,
               struct fleet_result *out, struct notes *notes, struct err *e)
{
    struct fleet_rates rates;
    *out = (struct fleet_result){.next = {.sku = -1, .node = -1}};
    if (!fleet_rates_find(a, c, s, &o->rates, &rates, notes, e) ||
        !fleet_case_build(a, c, s, &rates, &out->x, notes, e) || !rounds(a, c, o, out, notes, e))
        return false;
    likely_path(a, out);
    if (!out->solved)
        return true;
    next_order(out);
    cascade(a, out);
    charge_stock(a, out);
    double start = now_s();
    if (!o->no_values) {
        if (!fleet_values(a, &out->x.f, &out->plan, &o->limits, &out->values, e))
            return false;
        out->has_values = true;
    }
    out->values_s = now_s() - start;
    return true;
}
