/* explain.c - why an accelerator won or lost, and what would flip it: each factor the root of "costs the same as the winner". */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/units.h"
#include "plan/reach.h"
#include "plan/cost.h"
#include "plan/plan.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"

static struct flip *flip_add(struct explanation *x, const char *what, double factor, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

static struct flip *flip_add(struct explanation *x, const char *what, double factor, const char *fmt, ...)
{
    if (x->nflip == sizeof x->flip / sizeof *x->flip)
        return NULL;
    struct flip *f = &x->flip[x->nflip++];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(f->text, sizeof f->text, fmt, ap);
    va_end(ap);
    f->what = what, f->factor = factor;
    return f;
}

static const struct candidate *candidate_of(const struct plan *p, const struct accelerator *acc)
{
    for (size_t i = 0; i < p->ncand; i++) {
        if (p->cand[i].acc == acc)
            return &p->cand[i];
    }
    return NULL;
}

/* Speed-up at which the same configuration holds the traffic on no more cards than the winner's money buys; 0: none up to 16x. */
static double speed_to_tie(struct arena *a, const struct plan *p, const struct candidate *c, double usd_h)
{
    int per = deployment_devices(&c->d);
    int cards = (int)floor(usd_h / c->price.usd_h + 1e-9);
    int replicas = cost_billed(&c->price, cards) > cards ? (cards / c->price.instance_cards) * c->price.instance_cards / per
                                                         : cards / per;
    replicas -= c->spares;
    if (replicas < 1)
        return 0;
    struct step_table *table = ARENA_NEW(a, struct step_table);
    step_table_build(a, &c->d, table);
    const struct scenario *s = p->scenario;
    const struct router *router = router_find(s->router ? s->router : "least-outstanding");
    struct sizing z = {.d = &c->d, .memory = &c->memory, .table = table, .sched = sched_find(c->scheduler),
                       .router = router ? router : router_table[0], .slo = s->slo, .nslo = s->nslo, .whole = p->rest,
                       .window = 2000, .seed = s->seed, .trial = arena_child(a),
                       .keys = &s->deploy};
    double slow = 1, fast = 1.0 / 16;
    uint64_t n = 0;
    if (!size_holds(&z, replicas, (struct size_end){fast, 1}, &n))
        return 0;
    for (int i = 0; i < 8; i++) {
        double mid = sqrt(slow * fast);
        if (size_holds(&z, replicas, (struct size_end){mid, 1}, &n))
            fast = mid;
        else
            slow = mid;
    }
    return 1 / fast;
}

/* How much faster every step must be for a latency floor to come under its limit; fixed times do not shrink with a roofline,
** so this is the factor on all of the step. */
static void flip_of_latency(struct explanation *x)
{
    const struct candidate *c = x->c;
    double fixed = c->binding == BIND_TTFT || c->binding == BIND_E2E ? c->d.stack.request_fixed_s : 0;
    double limit = c->limit_s, best = limit * c->short_by;
    if (limit <= fixed)
        flip_add(x, "speed", NAN, "no speed would meet it: %s spends %.3g ms a request outside the device", c->d.stack.framework,
                 fixed * 1e3);
    else if (isfinite(best))
        flip_add(x, "speed", (best - fixed) / (limit - fixed), "steps %.3gx as fast, or a limit %.3gx as long, would meet it",
                 (best - fixed) / (limit - fixed), c->short_by);
}

static void flips_of_miss(struct explanation *x)
{
    const struct candidate *c = x->c;
    char gap[32];
    switch (c->binding) {
    case BIND_MEMORY:
        unit_format(gap, sizeof gap, UNIT_BYTES, c->memory.short_by_bytes);
        flip_add(x, "memory", c->short_by, "%s more usable memory a device (%.3gx), or fewer bits a weight, would fit it", gap,
                 c->short_by);
        break;
    case BIND_TTFT:
    case BIND_TPOT:
    case BIND_ITL:
    case BIND_E2E:
        flip_of_latency(x);
        break;
    case BIND_POWER:
    case BIND_BUDGET:
    case BIND_SUPPLY:
        if (isfinite(c->short_by))
            flip_add(x, binding_name[c->binding], c->short_by, "a limit %.3gx as high would admit it", c->short_by);
        break;
    case BIND_NONE:
    case BIND_CAPABILITY:
    case BIND_EXPORT:
    case BIND_N:
        break;
    }
}

static void flips_of_cost(struct arena *a, const struct plan *p, struct explanation *x)
{
    const struct candidate *c = x->c, *w = x->winner;
    if (c == w) {
        const struct candidate *next = p->ncand > 1 && p->cand[1].feasible && p->cand[1].priced ? &p->cand[1] : NULL;
        double times = next ? next->usd_mtok / c->usd_mtok : NAN;
        if (next && c->usd_mtok > 0)
            flip_add(x, "price", times, "at %.3gx its price (%.4g USD a card-hour) %s would tie", times,
                     c->price.usd_h * times, next->acc->id);
        return;
    }
    if (!c->priced) {
        flip_add(x, "price", NAN, "no price is listed: at %.4g USD a card-hour it would tie with %s",
                 w->usd_h / c->devices, w->acc->id);
        return;
    }
    double times = w->usd_mtok / c->usd_mtok;
    flip_add(x, "price", times, "at %.3gx its price (%.4g USD a card-hour) it would tie with %s", times, c->price.usd_h * times,
             w->acc->id);
    if (p->rest->concurrency)   /* a closed loop takes what it gets: a faster card serves more, not the same with fewer cards */
        return;
    double speed = speed_to_tie(a, p, c, w->usd_h);
    if (speed > 0)
        flip_add(x, "speed", speed, "%.3gx as fast in every step it would cost no more than %s", speed, w->acc->id);
    else
        flip_add(x, "speed", NAN, "no speed up to 16x makes this configuration as cheap: %s costs less than one replica of it", w->acc->id);
}

bool plan_explain(struct arena *a, const struct plan *p, const struct accelerator *acc,
                  struct explanation *x, struct err *e)
{
    *x = (struct explanation){.c = candidate_of(p, acc), .winner = p->best};
    if (!x->c)
        return err_input(e, p->scenario->name, "%s is not among the accelerators of this scenario", acc->id);
    if (x->c->feasible && x->winner && x->winner->priced)
        flips_of_cost(a, p, x);
    else if (!x->c->feasible)
        flips_of_miss(x);
    if (!x->c->d.model || !x->c->d.tp || x->c->binding == BIND_MEMORY || x->c->binding == BIND_CAPABILITY)
        return true;
    struct step_table *table = ARENA_NEW(a, struct step_table);
    struct memory m = memory_of(&x->c->d);
    step_table_build(a, &x->c->d, table);
    const struct traffic_stat *st = &p->rest_stat;
    struct reach b = reach_of(&x->c->d, table, &m, st, false, NULL, 0);
    int serving = x->c->replicas - x->c->spares;
    double rate = st->rate_s / (serving > 0 ? serving : 1), osl = fmax(st->out_mean, 1), context = st->in_mean + 0.5 * osl;
    double tpot = x->c->feasible ? x->c->tpot_p50.at : reach_decode_s(table, 1, context);
    x->batch = (int64_t)fmax(1, fmin(round(rate * osl * tpot), b.batch));      /* Little: sequences that decode at once */
    struct step_load load = {.decode_seqs = x->batch,
                             .decode_full = (int64_t)(fmax(context, (double)table->min_kv) * (double)x->batch)};
    load.decode_clip = table->clip_window ? (int64_t)(fmin(context, (double)table->clip_window) * (double)x->batch) : 0;
    step_exact(&x->c->d, &load, &x->decode);
    return true;
}
