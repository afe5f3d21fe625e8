/* fleet_serve.c - requests a second that a card serves within every promise.
**
**      rate = max {x : R replicas of the best configuration keep every SLO at x requests/s} / (R * cards of a replica)
**
** R is REPLICAS, or as many as the demand needs when that is fewer: what small pools lose to bursts is in the rate. The
** configuration is the one that takes fewest cards at that load (plan/candidate.h). The load is found by bisection over
** simulations of the traffic played faster or slower, long enough (SPAN_S) for queues to form.
*/
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/fleet_rate.h"
#include "sim/router.h"
#include "sim/sched.h"

#define REPLICAS 4
#define REQUESTS 3000 /* of a simulation, at least */
#define WINDOW 1500   /* of those that choose the configuration */
#define SPAN_S 120.0  /* of a simulation, at least, where the trace is long enough */
#define NEAR 1.02     /* of the bisection */

struct serving {
    struct arena *a;
    struct arena *trial;
    const struct fleet_job *j;
    struct sizing z;
    uint64_t simulated;
};

/* The traffic at a rate: a stratified window of it, played faster or slower. */
static struct traffic at_rate(struct arena *a, const struct traffic *t, double rate_s, size_t least)
{
    size_t n = (size_t)fmin(fmax((double)least, rate_s * SPAN_S), (double)t->n);
    struct traffic w = traffic_window(a, t, n), copy = w;
    copy.req = ARENA_ARRAY(a, struct request, w.n);
    memcpy(copy.req, w.req, w.n * sizeof *w.req);
    if (copy.rate_s > 0)
        traffic_speedup(&copy, rate_s / copy.rate_s);
    return copy;
}

static bool holds(struct serving *v, int replicas, double rate_s, struct size_end at)
{
    arena_reset(v->trial);
    struct traffic t = at_rate(v->trial, v->j->serving->traffic, rate_s, REQUESTS);
    struct sim_result *r = ARENA_NEW(v->trial, struct sim_result);
    bool ok = false;
    v->z.whole = &t;
    size_run(v->trial, &v->z, replicas, at, true, r, &ok);
    v->simulated += r->simulated;
    return ok;
}

/* Largest rate that so many replicas hold, near a guess; 0: none worth the name. */
static double largest(struct serving *v, int replicas, double guess, struct size_end at)
{
    double lo = 0, hi = 0, x = guess;
    for (int i = 0; i < 12 && !(lo > 0 && hi > 0); i++) {
        if (holds(v, replicas, x, at))
            lo = x, x = hi > 0 ? x : x * 1.6;
        else
            hi = x, x = lo > 0 ? x : x / 1.6;
    }
    while (lo > 0 && hi > lo * NEAR) {
        x = sqrt(lo * hi);
        if (holds(v, replicas, x, at))
            lo = x;
        else
            hi = x;
    }
    return lo;
}

static void ask(struct serving *v, struct catalog *c, const struct candidate *k)
{
    const struct scenario *s = v->j->serving;
    struct deployment *d = ARENA_NEW(v->a, struct deployment);
    struct memory *m = ARENA_NEW(v->a, struct memory);
    struct step_table *table = ARENA_NEW(v->a, struct step_table);
    (void)c;
    *d = k->d, *m = memory_of(d);
    step_table_build(v->a, d, table);
    const struct sched *sched = sched_find(d->stack.scheduler);
    v->z = (struct sizing){.d = d,
                           .memory = m,
                           .table = table,
                           .sched = sched ? sched : sched_table[0],
                           .router = router_find("least-outstanding"),
                           .slo = s->slo,
                           .nslo = s->nslo,
                           .seed = s->seed,
                           .trial = v->trial,
                           .keys = &s->deploy};
}

/* The configuration that takes fewest cards at a load. */
static bool choose(struct serving *v, struct catalog *c, const struct accelerator *acc, double rate_s,
                   struct candidate *k)
{
    struct traffic *t = ARENA_NEW(v->a, struct traffic);
    *t = at_rate(v->a, v->j->serving->traffic, rate_s, WINDOW);
    struct question q = {.catalog = c, .scenario = v->j->serving, .traffic = t, .stat = traffic_stats(v->a, t)};
    *k = (struct candidate){.slo = ARENA_ARRAY(v->a, struct slo_value, v->j->serving->nslo)};
    candidate_find(v->a, &q, acc, 0, k);
    v->simulated += k->simulated_requests;
    return k->feasible;
}

static const struct accelerator *shipping(struct arena *a, const struct accelerator *acc)
{
    struct accelerator *there = ARENA_NEW(a, struct accelerator);
    *there = *acc;
    there->available = true; /* when it ships is a matter of prices and periods here */
    return there;
}

static void keep(struct serving *v, const struct candidate *k, int replicas, struct fleet_rate *out)
{
    const struct deployment *d = &k->d;
    const struct stack *s = &d->stack;
    out->devices = deployment_devices(d), out->replicas = replicas;
    out->tp = d->tp, out->pp = d->pp, out->dp = d->dp, out->ep = d->ep, out->max_seqs = d->max_seqs,
    out->max_tokens = d->max_tokens;
    out->linear = (int)d->quant.linear, out->experts = (int)d->quant.experts, out->attention = (int)d->quant.attention;
    out->evidence = v->z.table->evidence;
    out->fitted = s->evidence == GRADE_MEASURED || s->gemm[d->quant.linear].tier != TIER_POOLED;
    int32_t ymd = 0;
    struct err none = {0};
    if (s->date && date_parse(s->date, &ymd, "", &none))
        out->fitted_day = date_to_days(ymd);
    size_t n = (size_t)snprintf(out->config, sizeof out->config, "tp %d", d->tp);
    const struct {
        const char *name;
        int v;
    } more[] = {{"pp", d->pp}, {"dp", d->dp}, {"ep", d->ep}};
    for (size_t i = 0; i < 3; i++)
        if (more[i].v > 1 && n < sizeof out->config)
            n += (size_t)snprintf(out->config + n, sizeof out->config - n, " %s %d", more[i].name, more[i].v);
}

void fleet_rate_serving(struct arena *a, struct catalog *c, const struct fleet_job *j, const struct accelerator *device,
                        double peak, struct fleet_rate *out)
{
    struct serving v = {.a = a, .trial = arena_child(a), .j = j};
    const struct accelerator *acc = shipping(a, device);
    struct candidate k;
    double first = fmin(j->serving->traffic->rate_s, peak);
    *out = (struct fleet_rate){.cards = NAN, .hi_cards = NAN, .evidence = GRADE_INFERRED};
    if (!choose(&v, c, acc, first, &k)) {
        snprintf(out->reason, sizeof out->reason, "%s", k.reason);
        return;
    }
    ask(&v, c, &k);
    int r = REPLICAS;
    double x = largest(&v, r, first * r / fmax(k.replicas, 1), SIZE_POINT);
    if (x > peak) { /* a few replicas carry all of it: as many as it takes */
        r = (int)fmax(1, ceil(peak * r / x));
        x = peak;
    }
    struct candidate better;
    if (x > first * NEAR && choose(&v, c, acc, x, &better) && better.devices <= r * deployment_devices(&k.d)) {
        k = better;
        r = better.replicas;
        ask(&v, c, &k);
    }
    double most = largest(&v, r, x, SIZE_POINT);
    if (!(most > 0)) {
        snprintf(out->reason, sizeof out->reason, "a pool of %d replicas keeps the promises at no load", r);
        return;
    }
    keep(&v, &k, r, out);
    out->units_s = most / (r * out->devices);
    out->lo_units_s = largest(&v, r, most * 0.7, size_high(&v.z)) / (r * out->devices);
}

bool fleet_serving_holds(struct arena *a, struct catalog *c, const struct fleet_job *j,
                         const struct accelerator *device, const struct fleet_rate *r, int replicas, double load_s,
                         bool unfavourable)
{
    struct serving v = {.a = a, .trial = arena_child(a), .j = j};
    struct candidate k = {.acc = shipping(a, device)};
    struct err e = {0};
    if (replicas < 1 || !plan_deployment(c, j->serving, k.acc, &k.d, &e))
        return false;
    k.d.tp = r->tp, k.d.pp = r->pp, k.d.dp = r->dp, k.d.ep = r->ep, k.d.max_seqs = r->max_seqs,
    k.d.max_tokens = r->max_tokens;
    k.d.quant.linear = (enum precision)r->linear, k.d.quant.experts = (enum precision)r->experts;
    k.d.quant.attention = (enum precision)r->attention;
    quant_own_bits(&k.d.quant, &j->serving->quant);
    ask(&v, c, &k);
    return holds(&v, replicas, load_s, unfavourable ? size_high(&v.z) : SIZE_POINT);
}
