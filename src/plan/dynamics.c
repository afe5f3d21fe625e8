/* dynamics.c - a cold start = boot + weights / bandwidth + warm-up; a replica fails devices times as often as one. */
#include "plan/dynamics.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/units.h"
#include "facts/catalog.h"
#include "sim/autoscale.h"

static double given(double v, double otherwise)
{
    return isnan(v) ? otherwise : v;
}

static int64_t ns(double s)
{
    return (int64_t)llround(s * NS_PER_S);
}

static void cold_start(const struct dynamics_keys *k, const struct dynamics_const *d, const struct memory *m, struct sim_dynamics *out)
{
    out->boot_ns = ns(given(k->boot_s, d->boot_s));
    out->load_ns = ns(m->weight_total_bytes / given(k->load_bytes_s, d->load_bytes_s));
    out->warm_ns = ns(given(k->warm_s, d->warm_s));
    if (!isnan(k->cold_s)) {
        out->boot_ns = out->warm_ns = 0;
        out->load_ns = ns(k->cold_s);
    }
}

static struct sim_hours *hours(struct arena *a, const struct day_hours *h, size_t n)
{
    struct sim_hours *out = ARENA_ARRAY(a, struct sim_hours, n);
    for (size_t i = 0; i < n; i++)
        out[i] = (struct sim_hours){ns(h[i].from_s), ns(h[i].to_s), h[i].replicas};
    return out;
}

static bool unknown_policy(const struct dynamics_keys *k, struct err *e)
{
    const char *names[16];
    size_t n = autoscaler_count < 16 ? autoscaler_count : 16;
    for (size_t i = 0; i < n; i++)
        names[i] = autoscaler_table[i]->name;
    const char *close = text_closest(k->autoscale.policy, names, n);
    err_input(e, k->autoscale.policy_place, "no autoscaler \"%.40s\"", k->autoscale.policy);
    return close ? err_mend(e, "did you mean \"%s\"?", close)
                 : err_mend(e, "write kpa, hpa-batch, hpa-queue, hpa-kv or schedule");
}

static bool autoscale(struct arena *a, const struct dynamics_keys *k, struct dynamics *out, struct err *e)
{
    struct sim_autoscale *c = &out->sim.autoscale;
    const struct autoscaler *p = c->policy = autoscaler_find(k->autoscale.policy);
    if (!p)
        return unknown_policy(k, e);
    if (p->by_hours != (k->autoscale.nhours > 0)) {
        err_input(e, k->autoscale.place, p->by_hours ? "schedule goes by hours, and none are given" : "only schedule goes by hours");
        return err_mend(e, "write {policy: schedule, min: 1, max: 8, hours: [{from: \"08:00\", to: \"20:00\", replicas: 8}]}");
    }
    if (!p->by_hours && isnan(k->autoscale.target))
        return err_input(e, k->autoscale.place, "target is missing: %s for each replica", p->metric);
    c->min = k->autoscale.min < 0 ? 1 : k->autoscale.min;
    c->max = k->autoscale.max;
    c->target = given(k->autoscale.target, p->target);
    c->interval_ns = ns(given(k->autoscale.interval_s, p->interval_s));
    c->window_ns = ns(given(k->autoscale.window_s, p->window_s));
    c->tolerance = given(k->autoscale.tolerance, p->tolerance);
    c->hours = hours(a, k->autoscale.hours, k->autoscale.nhours), c->nhours = k->autoscale.nhours;
    if (c->min > c->max)
        return err_input(e, k->autoscale.place, "min %d is more than max %d", c->min, c->max);
    if (c->min < 1 && !p->from_zero)
        return err_input(e, k->autoscale.place, "%s cannot start from nothing: min must be at least 1", p->name);
    out->sim.start = out->sim.start < c->min ? c->min : out->sim.start > c->max ? c->max : out->sim.start;
    out->pool = c->max;
    if (p->by_hours) {
        int now = hours_at(c->hours, c->nhours, out->sim.clock_ns, 0);
        out->sim.start = now < 0 ? c->min : now;
        for (size_t i = 0; i < c->nhours; i++)
            if (c->hours[i].replicas > c->max)
                return err_input(e, k->autoscale.place, "%d replicas in some hours are more than max, %d", c->hours[i].replicas, c->max);
    }
    return true;
}

static void failures(const struct dynamics_keys *k, const struct catalog *c, int devices, struct dynamics *out)
{
    struct sim_failures *f = &out->sim.failures;
    out->mtbf_s = k->failures.never ? 0 : given(k->failures.mtbf_s, c->training.reliability.mtbf_s);
    f->failures_s = out->mtbf_s > 0 ? devices / out->mtbf_s : 0;
    f->repair_ns = ns(given(k->failures.repair_s, c->dynamics.repair_s));
    f->node_replicas = k->failures.node / devices;
    f->reclaims_s = k->failures.reclaims_h / 3600;
    f->notice_ns = ns(given(k->failures.notice_s, c->dynamics.notice_s));
    f->back_ns = ns(k->failures.back_s);
    f->straggler_frac = k->failures.straggler_frac;
    f->no_retry = !k->failures.retry;
    out->slowdown = k->failures.slowdown;
}

#define DAY_S 86400
#define NEVER 20.0              /* failures in the time of a cold start: one in e^20 starts comes through */

/* Whoever waits for a replica that can never be up waits for ever. */
static bool ever_up(const struct dynamics_keys *k, const struct dynamics *x, const char *place, struct err *e)
{
    double lent_s = 0, often_s = x->sim.failures.failures_s > 0 ? 1 / x->sim.failures.failures_s : INFINITY;
    if (x->cold_s > NEVER * often_s) {
        err_input(e, place, "failures: a replica fails every %.3g s and takes %.3g s to start: it is never up", often_s, x->cold_s);
        return err_mend(e, "write a longer mtbf, of a device, or a shorter cold_start");
    }
    for (size_t i = 0; i < k->lend.nhours; i++) {
        const struct day_hours *h = &k->lend.hours[i];
        lent_s += h->replicas ? 0 : h->to_s > h->from_s ? h->to_s - h->from_s : DAY_S + h->to_s - h->from_s;
    }
    if (lent_s > 0 && lent_s < DAY_S && DAY_S - lent_s < x->cold_s) {      /* all of it: dynamics_check */
        err_input(e, place, "lend: %.3g s of the day are left to serve, and a replica takes %.3g s to start", DAY_S - lent_s, x->cold_s);
        return err_mend(e, "write keep: 1, or lend for less of the day");
    }
    return true;
}

bool dynamics_of(struct arena *a, const struct catalog *c, const struct scenario *s, const struct deployment *d,
                 const struct memory *m, const struct price *price, int replicas, struct dynamics **to, struct err *e)
{
    const struct dynamics_keys *k = &s->dynamics;
    *to = NULL;
    if (!k->any && !s->spares)
        return true;
    struct dynamics *out = *to = ARENA_NEW(a, struct dynamics);
    *out = (struct dynamics){.sim = {.start = replicas, .clock_ns = ns(k->clock_s)}, .slowdown = 1, .pool = replicas};
    cold_start(k, &c->dynamics, m, &out->sim);
    out->devices = out->sim.devices = deployment_devices(d);
    out->sim.instance_devices = price->found ? price->instance_cards : 0;
    out->cold_s = (double)(out->sim.boot_ns + out->sim.load_ns + out->sim.warm_ns) / NS_PER_S;
    out->failing = k->failures.given;
    if (k->autoscale.given && !autoscale(a, k, out, e))
        return false;
    if (k->failures.given)
        failures(k, c, out->devices, out);
    if (k->lend.nhours) {
        out->sim.lend = (struct sim_lend){hours(a, k->lend.hours, k->lend.nhours), k->lend.nhours,
                                          ns(given(k->lend.restart_s, c->training.reliability.restart_s)),
                                          ns(given(k->lend.checkpoint_s, c->dynamics.checkpoint_s))};
    }
    if (!ever_up(k, out, s->name, e))
        return false;
    out->sim.spares = s->spares, out->sim.spares_cold = k->spares_cold;
    out->pool += s->spares;
    return true;
}
