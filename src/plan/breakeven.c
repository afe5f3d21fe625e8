/* breakeven.c - what a challenger must deliver: every number the difference, or the root of a difference, of two least costs.
**
**      software budget F* = Z0 - Z1(port = 0)              exact: the cost of a port is only added
**      speed s*           Z1(s) = Z0 at the incumbent's price        maturity m*: the same at its own price
**      waiting            Z(in service from the start) - Z(when it pays, or never)         by node
**
** Questions do not depend on each other's answers, but for Z0 and the entry price where the others begin; they run on threads.
*/
#include "plan/breakeven.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "plan/breakeven_int.h"

#define FACTOR_MOST 64.0
#define FACTOR_NEAR 5e-4
#define WAIT_NODES 2000
#define BETTER 1e-6     /* of a cost: less is no gain */

static const double speeds[BE_SPEEDS] = {0.5, 0.75, 1, 1.5, 2, 3, 5}, maturities[BE_MATURITIES] = {0.2, 0.4, 0.6, 0.8, 1},
                    supplies[BE_SUPPLIES] = {0.03, 0.1, 0.3, 1}; /* of all cards of the plan without it, a period */
static const int leads[BE_LEADS] = {0, 1, 2, 4};

enum ask {
    ASK_ENTRY, ASK_MAJORITY, ASK_SPEED, ASK_SOFTWARE, ASK_MATURITY, ASK_WAITING, ASK_BY_SPEED, ASK_BY_MATURITY, ASK_BY_SUPPLY,
    ASK_BY_MEMORY
};
struct question {
    enum ask ask;
    int end;
    size_t i, j;
    double *to, *to2;
};

struct asking {
    const struct challenge *q;
    struct breakeven *b;
    double z0_usd, guess_usd, entry_usd;
    struct question *question;
    size_t n, cap;
    struct arena *a;
    size_t *solves;             /* (n) */
    struct err *e;
    bool *ok;
    double *memory_usd;
    double supply;              /* cards a period that supplies are shares of */
};

/* Factor on speed, or share of mature speed, at which Z1 = Z0 at a price: Z1 falls as it grows. The root between powers of two, by
** bisection of the logarithm. */
static bool factor(struct asking *g, struct arena *a, struct be_set *s, double *knob, double price_usd, double most, double *out,
                   size_t *solves, struct err *e)
{
    double lo = 0, hi = HUGE_VAL, x = fmin(1, most);
    while (!(hi < HUGE_VAL && lo > 0 && hi / lo - 1 < FACTOR_NEAR)) {
        struct be_contest c;
        struct arena *call = arena_child(a);
        double z1, slope;
        *knob = x;
        bool ok = be_contest_begin(call, g->q, s, g->z0_usd, &c, e) && be_cost(&c, price_usd, &z1, &slope, e);
        *solves += c.solves;
        arena_reset(call);
        if (!ok)
            return false;
        bool pays = z1 < g->z0_usd * (1 - BETTER / 10);
        *(pays ? &hi : &lo) = x;
        if (!pays && x >= most) {
            *out = HUGE_VAL;
            return true;
        }
        if (pays && x <= 1 / FACTOR_MOST) {
            *out = x;
            return true;
        }
        x = hi == HUGE_VAL ? fmin(2 * lo, most) : lo > 0 ? sqrt(lo * hi) : hi / 2;
    }
    *out = hi;
    return true;
}

/* In service from its first day, and at the best one: SKUs enter by node. */
static bool waiting(struct asking *g, struct arena *a, size_t *solves, struct err *e)
{
    struct fleet f = be_fleet(a, g->q, &be_plain);
    struct fleet_plan plan;
    struct fleet_limits lim = g->q->limits;
    double now;
    f.entry_by_node = true;
    lim.gap_frac = fmax(lim.gap_frac, 1e-3), lim.nodes = WAIT_NODES;
    struct challenge q = *g->q;
    q.limits = lim;
    *solves += 2;
    g->b->first_purchase = -2, g->b->waiting_usd = NAN;
    if (!fleet_solve(a, &f, &lim, NULL, &plan, e) || !be_least(a, &q, &f, 1, &now, e) || !plan.reproducible) {
        *e = (struct err){0}; /* by node is much the hardest question: the others stand without it */
        return true;
    }
    g->b->first_purchase = -1;
    for (size_t n = 0; n < f.nn && plan.status != FLEET_INFEASIBLE; n++) {
        double cards = plan.bought[n * f.nk + g->q->x];
        int t = f.node[n].period;
        if (cards > 0.01 && (g->b->first_purchase < 0 || t < g->b->first_purchase))
            g->b->first_purchase = t;
    }
    g->b->waiting_usd = plan.status == FLEET_INFEASIBLE ? NAN : fmax(0, now - plan.npv_usd);
    return true;
}

static bool majority(struct asking *g, struct arena *a, const struct be_set *s, double guess, double *to, bool *monotone,
                     size_t *solves, struct err *e)
{
    struct be_contest c;
    double entry;
    bool falls = true;
    struct arena *call = arena_child(a);
    bool ok = be_contest_begin(call, g->q, s, g->z0_usd, &c, e) && be_entry(&c, guess, &entry, e) &&
              be_majority(&c, entry, to, &falls, e);
    *solves += c.solves;
    if (monotone)
        *monotone = falls;
    arena_reset(call);
    return ok;
}

static bool answer(struct asking *g, const struct question *k, struct arena *a, size_t *solves, struct err *e)
{
    const struct challenge *q = g->q;
    struct be_set s = be_plain;
    struct fleet f;
    double z1;
    s.end = k->end;
    switch (k->ask) {
    case ASK_ENTRY:
        return be_entry_of(a, q, &s, g->z0_usd, g->guess_usd, k->to, solves, e);
    case ASK_MAJORITY:
        return majority(g, a, &s, g->guess_usd, k->to, k->end ? NULL : &g->b->majority_monotone, solves, e);
    case ASK_SPEED:
        return factor(g, a, &s, &s.speed, g->b->incumbent_price_usd, FACTOR_MOST, k->to, solves, e);
    case ASK_MATURITY:
        return factor(g, a, &s, &s.maturity, g->b->price_usd, 1, k->to, solves, e);
    case ASK_SOFTWARE:
        s.free_port = true;
        f = be_fleet(a, q, &s);
        ++*solves;
        if (!be_least(a, q, &f, 1, &z1, e))
            return false;
        *k->to = g->z0_usd - z1;
        return true;
    case ASK_WAITING:
        return waiting(g, a, solves, e);
    case ASK_BY_SPEED:
        s.speed = speeds[k->i];
        return be_entry_of(a, q, &s, g->z0_usd, g->guess_usd * speeds[k->i], k->to, solves, e) &&
               majority(g, a, &s, fmax(*k->to, g->guess_usd / 100), k->to2, NULL, solves, e);
    case ASK_BY_MATURITY:
        s.maturity = maturities[k->i];
        return be_entry_of(a, q, &s, g->z0_usd, g->guess_usd, k->to, solves, e);
    case ASK_BY_SUPPLY:
        s.supply = supplies[k->i] * g->supply, s.lead = leads[k->j];
        return be_entry_of(a, q, &s, g->z0_usd, g->guess_usd, k->to, solves, e);
    case ASK_BY_MEMORY:
        s.memory = &q->memory[k->i];
        return be_entry_of(a, q, &s, g->z0_usd, g->guess_usd, k->to, solves, e);
    }
    return true;
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct asking *g = ctx;
    g->ok[i] = answer(g, &g->question[i], a, &g->solves[i], &g->e[i]);
}

static void put(struct asking *g, enum ask ask, int end, size_t i, size_t j, double *to, double *to2)
{
    if (g->n == g->cap) {
        size_t more = g->cap ? 2 * g->cap : 64;
        g->question = arena_grow(g->a, g->question, g->n, more, sizeof *g->question);
        g->cap = more;
    }
    g->question[g->n++] = (struct question){ask, end, i, j, to, to2};
}

static void with_ends(struct asking *g, enum ask ask, struct be_value *v, bool point)
{
    const struct challenge *q = g->q;
    bool interval = (q->slow && q->fast) || (q->slow_campaign && q->fast_campaign);
    v->lo = v->hi = NAN;
    if (point)
        put(g, ask, 0, 0, 0, &v->at, NULL);
    if (interval)
        put(g, ask, -1, 0, 0, &v->lo, NULL), put(g, ask, 1, 0, 0, &v->hi, NULL);
}

static void questions(struct asking *g)
{
    struct breakeven *b = g->b;
    const struct challenge *q = g->q;
    put(g, ASK_WAITING, 0, 0, 0, NULL, NULL); /* the longest first */
    with_ends(g, ASK_MAJORITY, &b->majority_usd, true);
    with_ends(g, ASK_SPEED, &b->speed_x, true);
    with_ends(g, ASK_MATURITY, &b->maturity, true);
    for (size_t i = 0; i < BE_SPEEDS; i++) {
        b->by_speed[i].speed = speeds[i];
        put(g, ASK_BY_SPEED, 0, i, 0, &b->by_speed[i].entry_usd, &b->by_speed[i].majority_usd);
    }
    with_ends(g, ASK_ENTRY, &b->entry_usd, false);
    with_ends(g, ASK_SOFTWARE, &b->software_usd, true);
    for (size_t i = 0; i < BE_MATURITIES; i++) {
        b->by_maturity[i].maturity = maturities[i];
        put(g, ASK_BY_MATURITY, 0, i, 0, &b->by_maturity[i].entry_usd, NULL);
    }
    for (size_t i = 0; i < BE_SUPPLIES; i++) {
        b->by_supply[i].cards = supplies[i] * g->supply;
        for (size_t j = 0; j < BE_LEADS; j++)
            put(g, ASK_BY_SUPPLY, 0, i, j, &b->by_supply[i].entry_usd[j], NULL);
    }
    memcpy(b->lead, leads, sizeof leads);
    for (size_t i = 0; i < q->nmemory; i++)
        put(g, ASK_BY_MEMORY, 0, i, 0, &g->memory_usd[i], NULL);
}

/* Cards of the plan without the challenger, owned and rented at the peak, in its largest period by the mean: the measure of supplies. */
static double cards_at(const struct fleet *f, const struct fleet_plan *plan, size_t n)
{
    double cards = 0;
    for (size_t k = 0; k < f->nk; k++) {
        double rented = 0;
        for (size_t b = 0; b < f->nb; b++)
            rented = fmax(rented, plan->on_demand[(n * f->nb + b) * f->nk + k]);
        cards += rented + plan->owned[n * f->nk + k] + plan->reserved[n * f->nk + k];
    }
    return cards;
}

static bool measure(struct asking *g, struct arena *a, struct err *e)
{
    const struct fleet *f = g->q->f;
    struct arena *call = arena_child(a);
    struct fleet_model *m;
    struct fleet_plan plan;
    bool ok = fleet_model_new(call, f, NULL, &m, e);
    if (ok) {
        fleet_model_ban(m, g->q->x, true);
        ok = fleet_model_solve(m, call, &g->q->limits, &plan, e);
    }
    g->z0_usd = HUGE_VAL, g->supply = 0;
    if (ok && plan.status != FLEET_INFEASIBLE) {
        g->z0_usd = plan.npv_usd;
        for (size_t t = 0; t < f->nt; t++) {
            double cards = 0;
            for (size_t n = 0; n < f->nn; n++)
                cards += f->node[n].period == (int)t ? f->node[n].probability * cards_at(f, &plan, n) : 0;
            g->supply = fmax(g->supply, cards);
        }
    }
    arena_reset(call);
    return ok;
}

static bool check(const struct challenge *q, struct err *e)
{
    const struct fleet *f = q->f;
    const char *id = f->sku[q->x].id;
    if (!isfinite(be_price(f, q->x)))
        return err_input(e, id, "a challenger needs a price: none is known in the horizon") ||
               err_mend(e, "write its price, of a card with its share of server and network");
    if (!isfinite(be_price(f, q->incumbent)))
        return err_input(e, f->sku[q->incumbent].id, "the incumbent is not sold in the horizon") ||
               err_mend(e, "name another incumbent");
    if (!f->sku[q->x].allowed)
        return err_input(e, id, "export rules keep the challenger out of this region");
    for (size_t w = 0; w < f->nw; w++)
        for (size_t t = 0; t < f->nt; t++)
            if (f->work[w].rate[q->x * f->nt + t] > 0)
                return true;
    return err_input(e, id, "the challenger can do none of the work") ||
           err_mend(e, "look at its memory, its number formats and the promises of the workloads");
}

bool breakeven_find(struct arena *a, const struct challenge *q, struct breakeven *out, struct err *e)
{
    struct asking g = {.q = q, .b = out, .a = a};
    struct be_contest c;
    double slope;
    *out = (struct breakeven){.price_usd = be_price(q->f, q->x), .incumbent_price_usd = be_price(q->f, q->incumbent)};
    if (!check(q, e) || !measure(&g, a, e))
        return false;
    out->z0_usd = g.z0_usd, out->solves = 1;
    if (!isfinite(g.z0_usd))
        return err_input(e, q->f->sku[q->x].id, "without the challenger no fleet fits within the limits");
    if (!be_contest_begin(a, q, &be_plain, g.z0_usd, &c, e) || !be_cost(&c, out->price_usd, &out->z1_usd, &slope, e) ||
        !be_entry(&c, out->price_usd, &out->entry_usd.at, e))
        return false;
    out->solves += c.solves;
    be_contest_end(&c);
    int family = q->f->sku[q->x].family;
    out->port_usd = family >= 0 && !q->f->family[family].ported ? q->f->family[family].port_usd : 0;
    g.guess_usd = out->entry_usd.at > 0 && isfinite(out->entry_usd.at) ? out->entry_usd.at : out->price_usd;
    out->by_memory_usd = g.memory_usd = ARENA_ARRAY(a, double, q->nmemory);
    questions(&g);
    g.solves = ARENA_ARRAY(a, size_t, g.n), g.e = ARENA_ARRAY(a, struct err, g.n), g.ok = ARENA_ARRAY(a, bool, g.n);
    if (pool_run_arena(g.n, q->threads, job, &g, q->tick, q->ctx) != g.n)
        return err_env(e, "breakeven", "no memory left");
    for (size_t i = 0; i < g.n; i++) {
        out->solves += g.solves[i];
        if (!g.ok[i]) {
            *e = g.e[i];
            return false;
        }
    }
    out->enters = out->price_usd < out->entry_usd.at;
    out->surely = isnan(out->entry_usd.lo) || out->enters == (out->price_usd < out->entry_usd.lo &&
                                                             out->price_usd < out->entry_usd.hi);
    if (!isnan(out->entry_usd.lo) && !out->enters)
        out->surely = out->price_usd >= out->entry_usd.lo && out->price_usd >= out->entry_usd.hi;
    out->loser = ARENA_ARRAY(a, struct be_loser, q->f->nk);
    return be_losers(a, q, out->loser, &out->solves, e);
}
