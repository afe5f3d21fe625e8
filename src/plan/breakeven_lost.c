/* breakeven_lost.c - why each SKU is not bought: the rule, the price, the work it cannot do, a reason, or its price.
**
** A SKU that could be bought and is not is itself made the challenger: the price at which it enters, and the first reason of the table
** which, taken away alone, has it bought at the price it has.
*/
#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "plan/breakeven_int.h"

struct looking {
    const struct challenge *q;
    struct be_loser *out;
    const bool *bought;
    size_t *solves;             /* (k) */
    struct err *e;              /* (k) */
    bool *ok;
};

static bool can(const struct fleet *f, size_t k)
{
    for (size_t w = 0; w < f->nw; w++)
        for (size_t t = 0; t < f->nt; t++)
            if (f->work[w].rate[k * f->nt + t] > 0)
                return true;
    for (size_t c = 0; c < f->nc; c++)
        if (isfinite(f->campaign[c].cards[k]))
            return true;
    return false;
}

static bool look(const struct challenge *q, size_t k, struct arena *a, struct be_loser *o, size_t *solves, struct err *e)
{
    struct challenge other = {.f = q->f, .x = k, .incumbent = q->incumbent, .limits = q->limits};
    double z0;
    struct be_contest c;
    if (k == q->x)
        other = *q;
    if (!be_contest_begin(a, &other, &be_plain, NAN, &c, e) || !be_entry(&c, o->price_usd, &o->entry_usd, e))
        return false;
    z0 = c.z0_usd, *solves += c.solves;
    be_contest_end(&c);
    o->why = LOST_PRICE;
    for (size_t r = 0; r < MOAT_REASONS && k != q->incumbent; r++) {
        struct be_set s = be_plain;
        double usd;
        s.off = 1u << r;
        if (!be_handicap(a, &other, (enum moat_reason)r))
            continue;
        struct fleet f = be_fleet(a, &other, &s);
        ++*solves;
        if (!be_least(a, &other, &f, 1, &usd, e))
            return false;
        if (usd < z0 * (1 - 1e-6)) {
            o->why = LOST_REASON, o->reason = (enum moat_reason)r;
            return true;
        }
    }
    return true;
}

static void job(void *ctx, size_t k, struct arena *a)
{
    struct looking *l = ctx;
    const struct fleet *f = l->q->f;
    struct be_loser *o = &l->out[k];
    *o = (struct be_loser){.why = LOST_BOUGHT, .price_usd = be_price(f, k), .entry_usd = NAN};
    if (l->bought[k])
        return;
    o->why = !f->sku[k].allowed ? LOST_EXPORT : !isfinite(o->price_usd) ? LOST_UNPRICED : LOST_CAPABILITY;
    if (o->why != LOST_CAPABILITY || !can(f, k))
        return;
    l->ok[k] = look(l->q, k, a, o, &l->solves[k], &l->e[k]);
}

bool be_losers(struct arena *a, const struct challenge *q, struct be_loser *out, size_t *solves, struct err *e)
{
    const struct fleet *f = q->f;
    struct fleet_plan plan;
    bool *bought = ARENA_ARRAY(a, bool, f->nk), *ok = ARENA_ARRAY(a, bool, f->nk);
    ++*solves;
    if (!fleet_solve(a, f, &q->limits, NULL, &plan, e))
        return false;
    for (size_t k = 0; k < f->nk; k++) {
        ok[k] = true;
        for (size_t n = 0; n < f->nn && plan.status != FLEET_INFEASIBLE; n++) {
            double cards = plan.bought[n * f->nk + k] + plan.reserved[n * f->nk + k];
            for (size_t b = 0; b < f->nb; b++)
                cards += plan.on_demand[(n * f->nb + b) * f->nk + k];
            bought[k] |= cards > 0.01;
        }
    }
    struct looking l = {q, out, bought, ARENA_ARRAY(a, size_t, f->nk), ARENA_ARRAY(a, struct err, f->nk), ok};
    size_t failed = pool_run_arena(f->nk, q->threads, job, &l, NULL, NULL);
    if (failed != f->nk)
        return err_env(e, "breakeven", "no memory left for %s", f->sku[failed].id);
    for (size_t k = 0; k < f->nk; k++) {
        *solves += l.solves[k];
        if (!ok[k]) {
            *e = l.e[k];
            return false;
        }
    }
    return true;
}
