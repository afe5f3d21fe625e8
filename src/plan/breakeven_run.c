/* breakeven_run.c - a scenario into a challenge: who is the incumbent, and what the challenger's silicon would do without a handicap.
**
** interconnect, memory   the rates again for a chip that has the incumbent's where its own is worse: scale-up and scale-out; capacity
**                        and bandwidth
** burst and latency      rate * (incumbent's rate / its rate with promises LOOSE times longer): the challenger loses to bursts and
**                        promises the share that the incumbent loses, with its own rate at such promises
** memory steps           the rates again with so much memory, at its own bandwidth
*/
#include "plan/breakeven_run.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/breakeven_int.h"

#define LOOSE 10.0
#define FAST_MOST 2.0
#define VARIANTS 4 /* of interconnect and memory */
#define STEPS 7
static const double steps_bytes[STEPS] = {48e9, 80e9, 96e9, 128e9, 141e9, 192e9, 288e9};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The chip with what is better of the incumbent's network and memory. */
static const struct accelerator *chip(struct arena *a, const struct accelerator *x, const struct accelerator *inc, int hard)
{
    struct accelerator *v = ARENA_NEW(a, struct accelerator);
    *v = *x;
    if (hard & HARD_INTERCONNECT) {
        if (inc->scaleup.total_bytes_s > x->scaleup.total_bytes_s || inc->scaleup.domain > x->scaleup.domain)
            v->scaleup = inc->scaleup, v->node_cards = inc->node_cards, v->host_cards = inc->host_cards;
        v->scaleout_bytes_s = fmax(x->scaleout_bytes_s, inc->scaleout_bytes_s);
    }
    if (hard & HARD_MEMORY) {
        if (inc->mem_bytes > x->mem_bytes)
            v->mem_bytes = inc->mem_bytes, v->mem_usable_bytes = inc->mem_usable_bytes;
        v->mem_bw_bytes_s = fmax(x->mem_bw_bytes_s, inc->mem_bw_bytes_s);
    }
    return v;
}

static const struct accelerator *with_memory(struct arena *a, const struct accelerator *x, double bytes)
{
    struct accelerator *v = ARENA_NEW(a, struct accelerator);
    *v = *x;
    v->mem_bytes = bytes, v->mem_usable_bytes = 0;
    return v;
}

/* Rates of other chips in the place of the scenario's SKUs; loose: with longer promises. */
static bool rates_of(struct arena *a, struct catalog *c, const struct fleet_scenario *s, size_t x, const struct accelerator *const *acc,
                     size_t n, bool loose, const struct fleet_rate_options *o, struct fleet_rates *out, struct err *e)
{
    struct fleet_scenario v = *s;
    v.product = ARENA_ARRAY(a, struct fleet_product, n), v.nproduct = n;
    v.job = ARENA_ARRAY(a, struct fleet_job, s->njob);
    for (size_t k = 0; k < n; k++)
        v.product[k] = s->product[x], v.product[k].acc = acc[k];
    for (size_t j = 0; j < s->njob; j++) {
        v.job[j] = s->job[j];
        bool *only = ARENA_ARRAY(a, bool, n);
        for (size_t k = 0; k < n; k++)
            only[k] = !s->job[j].only || s->job[j].only[x];
        v.job[j].only = only;
        if (!loose || !s->job[j].serving)
            continue;
        struct scenario *serving = ARENA_NEW(a, struct scenario);
        *serving = *s->job[j].serving;
        serving->slo = ARENA_ARRAY(a, struct slo, serving->nslo);
        for (size_t i = 0; i < serving->nslo; i++)
            serving->slo[i] = s->job[j].serving->slo[i], serving->slo[i].limit_s *= LOOSE;
        v.job[j].serving = serving;
    }
    return fleet_rates_find(a, c, &v, o, out, NULL, e);
}

static struct challenger_speed speed_of(struct arena *a, const struct fleet_case *x, const struct fleet_rate *rate, size_t k, size_t n)
{
    double *r = ARENA_ARRAY(a, double, x->f.nw), *cards = ARENA_ARRAY(a, double, x->f.nc);
    for (size_t w = 0; w < x->f.nw; w++) {
        size_t j = (size_t)x->job_of_work[w];
        r[w] = rate[j * n + k].units_s * (1 - x->scenario->job[j].headroom_frac);
    }
    for (size_t i = 0; i < x->f.nc; i++) {
        size_t j = (size_t)x->job_of_campaign[i];
        cards[i] = rate[j * n + k].cards / (1 - x->scenario->job[j].headroom_frac);
    }
    return (struct challenger_speed){r, cards};
}

static bool silicon(struct arena *a, struct catalog *c, struct breakeven_result *r, const struct breakeven_options *o, struct err *e)
{
    const struct fleet_case *x = &r->x;
    const struct fleet_scenario *s = x->scenario;
    struct challenge *q = &r->q;
    const struct accelerator *mine = s->product[q->x].acc, *inc = s->product[q->incumbent].acc, *acc[VARIANTS + 1 + STEPS];
    struct fleet_rates hard, loose, memory;
    for (int v = 0; v < VARIANTS; v++)
        acc[v] = v ? chip(a, mine, inc, v) : mine;
    acc[VARIANTS] = inc;
    if (!rates_of(a, c, s, q->x, acc, VARIANTS, false, &o->rates, &hard, e) ||
        !rates_of(a, c, s, q->x, acc, VARIANTS + 1, true, &o->rates, &loose, e))
        return false;
    for (int v = 0; v < HARD_VARIANTS; v++) {
        size_t chip_of = (size_t)(v & (HARD_INTERCONNECT | HARD_MEMORY));
        q->hard[v] = speed_of(a, x, hard.rate, chip_of, VARIANTS);
        for (size_t w = 0; w < x->f.nw && v & HARD_BURST; w++) {
            size_t j = (size_t)x->job_of_work[w];
            double slow = x->rates.rate[j * s->nproduct + q->incumbent].units_s, free = loose.rate[j * (VARIANTS + 1) + VARIANTS].units_s;
            double own = loose.rate[j * (VARIANTS + 1) + chip_of].units_s * (1 - s->job[j].headroom_frac);
            if (slow > 0 && free >= slow)
                ((double *)q->hard[v].rate)[w] = fmax(q->hard[v].rate[w], own * slow / free);
        }
    }
    double *bytes = ARENA_ARRAY(a, double, STEPS);
    struct challenger_speed *by = ARENA_ARRAY(a, struct challenger_speed, STEPS);
    for (size_t i = 0; i < STEPS; i++)
        acc[i] = with_memory(a, mine, steps_bytes[i]), bytes[i] = steps_bytes[i];
    if (!rates_of(a, c, s, q->x, acc, STEPS, false, &o->rates, &memory, e))
        return false;
    for (size_t i = 0; i < STEPS; i++)
        by[i] = speed_of(a, x, memory.rate, i, STEPS);
    q->nmemory = STEPS, q->memory_bytes = bytes, q->memory = by;
    return true;
}

static void software(struct arena *a, struct breakeven_result *r)
{
    const struct fleet_case *x = &r->x;
    const struct fleet_scenario *s = x->scenario;
    size_t nt = x->f.nt, k = r->q.x;
    double *m = ARENA_ARRAY(a, double, x->f.nw *nt), *mature = ARENA_ARRAY(a, double, x->f.nw);
    for (size_t w = 0; w < x->f.nw; w++) {
        const struct fleet_rate *rate = &x->rates.rate[(size_t)x->job_of_work[w] * s->nproduct + k];
        mature[w] = 1;
        if (rate->fitted && rate->fitted_day)
            mature[w] = 1 / fleet_maturity(s, &s->software[s->product[k].family], rate->fitted_day);
        for (size_t t = 0; t < nt; t++)
            m[w * nt + t] = fleet_case_maturity(x, x->job_of_work[w], k, (int)t);
    }
    r->q.maturity = m, r->q.mature = mature;
}

/* Rates at the ends of their 80 % interval; the fast end as far away as the slow one, and at most FAST_MOST. */
static void ends(struct arena *a, struct breakeven_result *r)
{
    const struct fleet_case *x = &r->x;
    size_t n = x->scenario->nproduct, k = r->q.x;
    double *slow = ARENA_ARRAY(a, double, x->f.nw), *fast = ARENA_ARRAY(a, double, x->f.nw);
    double *slow_c = ARENA_ARRAY(a, double, x->f.nc), *fast_c = ARENA_ARRAY(a, double, x->f.nc);
    for (size_t w = 0; w < x->f.nw; w++) {
        const struct fleet_rate *v = &x->rates.rate[(size_t)x->job_of_work[w] * n + k];
        slow[w] = v->units_s > 0 ? fmin(1, v->lo_units_s / v->units_s) : 1;
        fast[w] = slow[w] > 0 ? fmin(1 / slow[w], FAST_MOST) : FAST_MOST;
    }
    for (size_t i = 0; i < x->f.nc; i++) {
        const struct fleet_rate *v = &x->rates.rate[(size_t)x->job_of_campaign[i] * n + k];
        slow_c[i] = v->cards > 0 && v->hi_cards > v->cards ? v->cards / v->hi_cards : 1;
        fast_c[i] = fmin(1 / slow_c[i], FAST_MOST);
    }
    r->q.slow = slow, r->q.fast = fast, r->q.slow_campaign = slow_c, r->q.fast_campaign = fast_c;
}

/* The SKU that takes most of the money in the plan without the challenger; where all is rented, the first that is sold. */
static bool incumbent(struct arena *a, struct breakeven_result *r, struct err *e)
{
    const struct fleet *f = &r->x.f;
    struct arena *call = arena_child(a);
    struct fleet_model *m;
    struct fleet_plan plan;
    double most = 0;
    size_t best = f->nk;
    bool ok = fleet_model_new(call, f, NULL, &m, e);
    if (ok) {
        fleet_model_ban(m, r->q.x, true);
        ok = fleet_model_solve(m, call, &r->q.limits, &plan, e);
    }
    for (size_t k = f->nk; ok && k-- > 0;) {
        double usd = 0;
        if (k == r->q.x || !isfinite(be_price(f, k)))
            continue;
        if (plan.status != FLEET_INFEASIBLE)
            usd = be_price(f, k) * fleet_plan_cards_bought(f, &plan, k);
        if (best == f->nk || usd >= most)
            most = usd, best = k;
    }
    arena_reset(call);
    r->q.incumbent = best;
    if (ok && best == f->nk)
        return err_input(e, f->sku[r->q.x].id, "no other SKU is sold: there is no incumbent"),
               err_mend(e, "add the incumbent to skus, and its price to prices");
    return ok;
}

bool breakeven_run(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_challenger *who,
                   const struct breakeven_options *o, struct breakeven_result *out, struct notes *notes, struct err *e)
{
    struct fleet_rates rates;
    struct breakeven_result *r = out;
    *r = (struct breakeven_result){.incumbent_from = who->incumbent ? "scenario" : "plan"};
    if (!fleet_challenger_product(a, c, s, who->id, who->place, &r->q.x, e))
        return false;
    if (who->incumbent && !fleet_challenger_product(a, c, s, who->incumbent, who->incumbent_place, &r->q.incumbent, e))
        return false;
    if (who->incumbent && r->q.incumbent == r->q.x)
        return err_input(e, who->incumbent_place, "the challenger is its own incumbent"), err_mend(e, "name another SKU");
    if (!fleet_rates_find(a, c, s, &o->rates, &rates, notes, e) || !fleet_case_build(a, c, s, &rates, &r->x, notes, e))
        return false;
    r->q.f = &r->x.f;
    r->q.limits = o->limits;
    r->q.limits.round = false, r->q.limits.beside = true;
    r->q.threads = o->rates.threads;
    if ((!who->incumbent && !incumbent(a, r, e)) || !silicon(a, c, r, o, e))
        return false;
    software(a, r);
    ends(a, r);
    r->q.tick = o->rates.tick, r->q.ctx = o->rates.ctx;
    double begin_s = now_s();
    if (!breakeven_find(a, &r->q, &r->b, e))
        return false;
    r->find_s = now_s() - begin_s;
    if (o->no_moat)
        return true;
    begin_s = now_s();
    r->has_moat = true;
    bool ok = moat_find(a, &r->q, o->samples, s->seed, &r->moat, e);
    r->moat_s = now_s() - begin_s;
    return ok;
}
