/* dynamics.c - is what a pool is asked to do possible? No request may wait for ever. */
#include "sim/dynamics.h"

#include "base/err.h"
#include "sim/autoscale.h"

static int most_of(const struct sim_hours *h, size_t n)
{
    int most = 0;
    for (size_t i = 0; i < n; i++)
        most = h[i].replicas > most ? h[i].replicas : most;
    return most;
}

/* At that time of the day. What an autoscaler by load wants is some, when somebody waits. */
static bool up_at(const struct sim_dynamics *d, int64_t of_day_ns)
{
    const struct sim_autoscale *c = &d->autoscale;
    int wish = 1, keep = hours_at(d->lend.hours, d->lend.nhours, 0, of_day_ns);
    if (c->policy && c->policy->by_hours)
        wish = hours_at(c->hours, c->nhours, 0, of_day_ns);
    return (wish < 0 ? c->min : wish) > 0 && keep;
}

static bool ever_up(const struct sim_dynamics *d)
{
    const struct sim_autoscale *c = &d->autoscale;
    bool up = up_at(d, 0);
    for (size_t i = 0; i < c->nhours; i++)
        up |= up_at(d, c->hours[i].from_ns) || up_at(d, c->hours[i].to_ns);
    for (size_t i = 0; i < d->lend.nhours; i++)
        up |= up_at(d, d->lend.hours[i].from_ns) || up_at(d, d->lend.hours[i].to_ns);
    return up;
}

static bool check_autoscale(const struct sim_dynamics *d, struct err *e)
{
    const struct sim_autoscale *c = &d->autoscale;
    int least = c->policy->from_zero ? 0 : 1;
    if (c->min < least || c->max < 1 || c->min > c->max)
        return err_input(e, "autoscale", "%s: expected %d <= min <= max, got min %d, max %d", c->policy->name, least, c->min, c->max);
    if (c->policy->by_hours) {
        if (most_of(c->hours, c->nhours) > c->max)
            return err_input(e, "autoscale", "%d replicas in some hours are more than max, %d", most_of(c->hours, c->nhours), c->max);
    } else if (!(c->target > 0)) {
        return err_input(e, "autoscale", "%s needs a target above 0: %s for each replica", c->policy->name, c->policy->metric);
    }
    if (c->interval_ns < 1 || c->window_ns < 0 || c->window_ns / c->interval_ns > 1000000)
        return err_input(e, "autoscale", "expected an interval above 0, and a window of at most a million of them");
    return true;
}

static bool check_failures(const struct sim_failures *d, struct err *e)
{
    if (!(d->failures_s >= 0 && d->reclaims_s >= 0 && d->straggler_frac >= 0 && d->straggler_frac <= 1))
        return err_input(e, "failures", "rates must not be below 0, and fractions lie in 0 to 1");
    if (d->repair_ns < 0 || d->notice_ns < 0 || d->back_ns < 0 || d->node_replicas < 0)
        return err_input(e, "failures", "times and counts must not be below 0");
    return true;
}

bool dynamics_check(const struct sim_dynamics *d, int replicas, struct err *e)
{
    int most = d->autoscale.policy ? d->autoscale.max : d->start;
    if (d->spares < 0 || most + d->spares > replicas)
        return err_input(e, "simulation", "%d replicas and %d spares are more than the pool's %d", most, d->spares, replicas);
    if (d->start < 0 || d->start > most || (!d->autoscale.policy && d->start < 1))
        return err_input(e, "simulation", "replicas at the start: expected up to %d, got %d", most, d->start);
    if (d->boot_ns < 0 || d->load_ns < 0 || d->warm_ns < 0)
        return err_input(e, "cold_start", "times must not be below 0");
    for (size_t i = 0; i < d->lend.nhours; i++) {
        const struct sim_hours *h = &d->lend.hours[i];
        if (h->replicas < 0)
            return err_input(e, "lend", "keep must not be below 0");
    }
    if ((d->autoscale.policy && !check_autoscale(d, e)) || !check_failures(&d->failures, e))
        return false;
    return ever_up(d) || err_input(e, d->lend.nhours ? "lend" : "autoscale",
                                   "no hour of the day has a replica: requests would wait for ever");
}
