/* schedule.c - so many replicas at these hours of the day, `min` at all others: KEDA's cron scaler, AWS scheduled
** scaling. */
#include "sim/autoscale.h"
#include "sim/dynamics.h"

static int wish(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v)
{
    (void)m;
    int n = hours_at(c->hours, c->nhours, v->clock_ns, v->t_ns);
    return n < 0 ? c->min : n;
}

extern const struct autoscaler autoscaler_schedule;
const struct autoscaler autoscaler_schedule = {
    .name = "schedule",
    .help = "by the hours of the day",
    .paper = "KEDA cron scaler, 2026; AWS scheduled scaling",
    .wish = wish,
    .interval_s = 60,
    .by_hours = true,
    .from_zero = true,
};
