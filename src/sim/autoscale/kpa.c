/* kpa.c - Knative's pod autoscaler: mean concurrency over a minute, and over a tenth of it when there is panic.
**
**      stable = mean of requests in flight over the window          panic = over the last tenth of it
**      wish = ceil(stable / target), no less than half of what is up
**      ceil(panic / target) >= 2 * up: panic, for a window from the last such look; then wish = the most that any
**      look of the panic asked for, and nothing is taken away
**
** Requests that wait because nothing is up count (Knative's activator reports them), so that it starts from zero. Knative
** Serving, pkg/autoscaler/scaling/autoscaler.go and config-autoscaler: stable window 60 s, panic window 10 %, panic threshold
** 200 %, tick 2 s, max-scale-down-rate 2, container-concurrency-target-percentage 70; knative.dev, read 2026.
*/
#include <math.h>

#include "sim/autoscale.h"
#include "sim/dynamics.h"

#define PANIC_WINDOW 0.1
#define PANIC_TIMES 2
#define DOWN_TIMES 2

/* Mean of requests in flight from `since` (or the first look) to now. */
static double mean_since(const struct scale_memory *m, const struct scale_view *v, int64_t since_ns)
{
    size_t i = scale_recall(m, since_ns);
    double span_ns = (double)(v->t_ns - m->at_ns[i]);
    return span_ns > 0 ? (v->flow_ns - m->value[i]) / span_ns : (double)v->in_flight;
}

static int wish(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v)
{
    scale_remember(m, v->t_ns, v->flow_ns);
    int ready = v->up > 1 ? v->up : 1;
    double stable = ceil(mean_since(m, v, v->t_ns - c->window_ns) / c->target);
    double panic = ceil(mean_since(m, v, v->t_ns - (int64_t)(PANIC_WINDOW * (double)c->window_ns)) / c->target);
    stable = fmax(stable, floor((double)v->up / DOWN_TIMES));
    if (panic >= PANIC_TIMES * ready) {
        if (v->t_ns >= m->panic_until_ns)
            m->panic_most = 0;
        m->panic_until_ns = v->t_ns + c->window_ns;
    }
    if (v->t_ns >= m->panic_until_ns)
        return (int)fmin(stable, c->max);
    double most = fmin(fmax(fmax(stable, panic), v->wanted), c->max);
    m->panic_most = most > m->panic_most ? (int)most : m->panic_most;
    return m->panic_most;
}

extern const struct autoscaler autoscaler_kpa;
const struct autoscaler autoscaler_kpa = {
    .name = "kpa",
    .help = "Knative: mean requests in flight over a minute, over 6 s in a panic",
    .paper = "Knative Pod Autoscaler, 2026",
    .metric = "requests in flight",
    .wish = wish,
    .interval_s = 2,
    .window_s = 60,
    .from_zero = true,
};
