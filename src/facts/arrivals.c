/* arrivals.c - gaps of mean 1 by process, then t_k = R^-1(g_1 + ... + g_k) with R(t) the integral of the rate.
**
** gamma:   shape 1/CV^2 (vLLM's burstiness is this shape: CV = 1/sqrt(b))
** weibull: CV^2 = Gamma(1+2/k) / Gamma(1+1/k)^2 - 1
** on-off:  a gap is a pause with probability 1/burst, else short, both exponential; the two means follow from mean and CV
*/
#include "facts/arrivals.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "facts/preset.h"

#define DAY_S 86400.0
#define PI 3.14159265358979323846
enum { DIURNAL_CELLS = 1440 };

static bool number(struct arena *a, const struct node *nd, const char *key, double lo, double hi, double *out,
                   struct err *e)
{
    const struct node *v = node_get(nd, key);
    if (!node_f64(a, v, out, e))
        return false;
    if (v && (*out < lo || *out > hi))
        return err_input(e, node_place(a, v), "expected a number from %g to %g, got %s", lo, hi, v->text);
    return true;
}

static bool poisson_setup(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e)
{
    (void)a, (void)nd, (void)e;
    s->cv = 1;
    return true;
}

static double poisson_gap(const struct arrivals *s, struct rng *r)
{
    (void)s;
    return rng_exp(r, 1);
}

static bool gamma_setup(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e)
{
    double shape = 0;
    if (!number(a, nd, "cv", 0.01, 30, &s->cv, e) || !number(a, nd, "burstiness", 1e-3, 1e4, &shape, e) ||
        !number(a, nd, "shape", 1e-3, 1e4, &shape, e))
        return false;
    if (shape > 0)
        s->cv = 1 / sqrt(shape);
    else if (!(s->cv > 0))
        return err_input(e, node_place(a, nd), "a gamma process needs cv, or burstiness (cv = 1/sqrt(burstiness))");
    s->shape = 1 / (s->cv * s->cv);
    s->scale = 1 / s->shape;
    return true;
}

static double gamma_gap(const struct arrivals *s, struct rng *r)
{
    return rng_gamma(r, s->shape, s->scale);
}

static double log_gamma(double x)
{
    int sign;
    return lgamma_r(x, &sign);
}

static double weibull_cv(double k)
{
    return sqrt(expm1(log_gamma(1 + 2 / k) - 2 * log_gamma(1 + 1 / k)));
}

static bool weibull_setup(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e)
{
    double lo = 0.15, hi = 200;
    s->shape = 0;
    if (!number(a, nd, "cv", 0.01, 30, &s->cv, e) || !number(a, nd, "shape", 0.2, 100, &s->shape, e))
        return false;
    if (!(s->shape > 0)) {
        if (!(s->cv > 0))
            return err_input(e, node_place(a, nd), "a Weibull process needs shape or cv");
        for (int i = 0; i < 100; i++) {         /* CV falls with the shape */
            double k = sqrt(lo * hi);
            if (weibull_cv(k) > s->cv)
                lo = k;
            else
                hi = k;
        }
        s->shape = sqrt(lo * hi);
    }
    s->cv = weibull_cv(s->shape);
    s->scale = exp(-log_gamma(1 + 1 / s->shape));
    return true;
}

static double weibull_gap(const struct arrivals *s, struct rng *r)
{
    return rng_weibull(r, s->shape, s->scale);
}

/* p a + (1-p) b = 1 and 2 (p a^2 + (1-p) b^2) = CV^2 + 1, so a = 1 + sqrt((CV^2 - 1) (1-p) / (2 p)). */
static bool onoff_setup(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e)
{
    if (s->burst_req < 1)
        s->burst_req = 100;
    if (!number(a, nd, "cv", 1, 100, &s->cv, e) || !number(a, nd, "burst", 2, 1e6, &s->burst_req, e))
        return false;
    if (!(s->cv > 0))
        return err_input(e, node_place(a, nd), "an on-off process needs cv");
    double p = 1 / s->burst_req;
    s->pause = 1 + sqrt((s->cv * s->cv - 1) * (1 - p) / (2 * p));
    s->gap = (1 - p * s->pause) / (1 - p);
    if (s->gap < 0)
        return err_input(e, node_place(a, nd), "cv %g needs longer bursts than %g requests: at most sqrt(2 burst - 1) = %.3g",
                         s->cv, s->burst_req, sqrt(2 * s->burst_req - 1));
    return true;
}

static double onoff_gap(const struct arrivals *s, struct rng *r)
{
    double mean = rng_unit(r) * s->burst_req < 1 ? s->pause : s->gap;
    return rng_exp(r, mean);
}

static bool fixed_setup(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e)
{
    (void)a, (void)nd, (void)e;
    s->cv = 0;
    return true;
}

static double fixed_gap(const struct arrivals *s, struct rng *r)
{
    (void)s, (void)r;
    return 1;
}

static double no_gap(const struct arrivals *s, struct rng *r)
{
    (void)s, (void)r;
    return 0;
}

const struct arrival_process arrival_processes[] = {
    {"poisson", "independent users", "", poisson_setup, poisson_gap},
    {"gamma", "bursty or regular users", "cv or burstiness", gamma_setup, gamma_gap},
    {"weibull", "bursty users with a heavier tail", "cv or shape", weibull_setup, weibull_gap},
    {"on-off", "bursts between long pauses", "cv, burst", onoff_setup, onoff_gap},
    {"fixed", "equal gaps", "", fixed_setup, fixed_gap},
    {"uniform", "equal gaps (another name for fixed)", "", fixed_setup, fixed_gap},
    {"all-at-once", "everything waits at the start", "", fixed_setup, no_gap},
};
const size_t arrival_process_count = sizeof arrival_processes / sizeof *arrival_processes;

static const struct arrival_process *find(const char *name)
{
    for (size_t i = 0; i < arrival_process_count; i++)
        if (strcmp(arrival_processes[i].name, name) == 0)
            return &arrival_processes[i];
    return NULL;
}

bool arrivals_all_at_once(const struct arrivals *s)
{
    return s->process->gap == no_gap;
}

bool arrivals_read(struct arena *a, const struct node *nd, struct arrivals *out, struct err *e)
{
    static const char *const keys[] = {"process", "rate", "cv", "burstiness", "shape", "burst", "diurnal"};
    const char *process = NULL;
    *out = (struct arrivals){.rate_s = 0};
    if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected a map such as {process: poisson, rate: 20/s}");
    if (!node_keys(a, nd, keys, sizeof keys / sizeof *keys, e) || !node_str(a, node_get(nd, "process"), &process, e) ||
        !node_unit(a, node_get(nd, "rate"), UNIT_RATE_S, &out->rate_s, e) ||
        !number(a, nd, "diurnal", 0, 0.99, &out->diurnal, e))
        return false;
    if (!process)
        process = node_get(nd, "cv") || node_get(nd, "burstiness") ? "gamma" : "poisson";
    out->process = find(process);
    if (!out->process)
        return err_input(e, node_place(a, node_get(nd, "process")),
                         "expected poisson, gamma, weibull, on-off, fixed or all-at-once, got \"%s\"", process);
    if (node_get(nd, "rate") && !(out->rate_s > 0))
        return err_input(e, node_place(a, node_get(nd, "rate")), "the rate must be above 0");
    return out->process->setup(a, out, nd, e);
}

void arrivals_preset(struct arena *a, const struct preset *p, struct arrivals *out)
{
    struct err never;
    *out = (struct arrivals){.process = find(p->process), .rate_s = p->rate_s, .cv = p->cv, .burst_req = p->burst_req,
                             .curve = p->curve, .ncurve = p->ncurve, .cell_s = p->cell_s};
    out->process->setup(a, out, NULL, &never);
}

void arrivals_poisson(struct arrivals *out)
{
    *out = (struct arrivals){.process = find("poisson"), .cv = 1};
}

void arrivals_pile(struct arrivals *out)
{
    *out = (struct arrivals){.process = find("all-at-once")};
}

/* The trough is at 4 h and the peak at 16 h, as in Azure's week. Each cell holds the mean of the cosine over it. */
void arrivals_curve(struct arena *a, struct arrivals *s, double duration_s)
{
    double day_s = duration_s > 0 && duration_s < DAY_S ? duration_s : DAY_S, w = 2 * PI / DIURNAL_CELLS;
    if (!(s->diurnal > 0) || s->curve)
        return;
    double *rel = ARENA_ARRAY(a, double, DIURNAL_CELLS);
    for (int i = 0; i < DIURNAL_CELLS; i++) {
        double from = (i - DIURNAL_CELLS / 6) * w;
        rel[i] = 1 - s->diurnal * (sin(from + w) - sin(from)) / w;
    }
    s->curve = rel;
    s->ncurve = DIURNAL_CELLS;
    s->cell_s = day_s / DIURNAL_CELLS;
}

static double cell_of(const struct arrivals *s, size_t i)
{
    return s->cells_s ? s->cells_s[i] : s->cell_s;
}

void arrival_start(struct arrival_clock *c, const struct arrivals *s, struct rng *rng)
{
    *c = (struct arrival_clock){.s = s, .rng = rng, .left_s = cell_of(s, 0)};
}

double arrival_next(struct arrival_clock *c)
{
    const struct arrivals *s = c->s;
    double g = s->process->gap(s, c->rng);
    if (g <= 0)
        return c->t_s;
    if (!s->curve)
        return c->t_s += g / s->rate_s;
    for (;;) {
        double rate_s = s->rate_s * s->curve[c->cell];
        if (g < rate_s * c->left_s) {
            c->left_s -= g / rate_s;
            return c->t_s += g / rate_s;
        }
        g -= rate_s * c->left_s;
        c->t_s += c->left_s;
        c->cell = (c->cell + 1) % s->ncurve;
        c->left_s = cell_of(s, c->cell);
    }
}
