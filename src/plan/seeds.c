/* seeds.c - independent replications: t intervals of means, order-statistics intervals of quantiles. */
#include "plan/seeds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/pool.h"

/* P(|T| <= t) for whole nu, a finite sum (Abramowitz and Stegun 26.7.3 and 26.7.4). */
static double t_within(double t, size_t nu)
{
    double theta = atan(t / sqrt((double)nu)), c2 = cos(theta) * cos(theta), term = 1, sum = 0;
    bool odd = nu % 2;
    if (odd)
        term = cos(theta);
    for (size_t k = odd ? 3 : 2; k <= nu; k += 2) {
        sum += term;
        term *= c2 * (double)(k - 1) / (double)k;
    }
    return odd ? 2 / M_PI * (theta + sin(theta) * sum) : sin(theta) * sum;
}

double seeds_t(double level, size_t nu)
{
    double lo = 0, hi = 1;
    while (t_within(hi, nu) < level && hi < 1e12)
        hi *= 2;
    for (int i = 0; i < 200 && hi - lo > 1e-15 * hi; i++) {
        double mid = 0.5 * (lo + hi);
        if (t_within(mid, nu) < level)
            lo = mid;
        else
            hi = mid;
    }
    return 0.5 * (lo + hi);
}

struct span seeds_mean(const double *v, size_t n, double level)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < n; i++)
        mean += (v[i] - mean) / (double)(i + 1);        /* equal values give just that value */
    if (n < 2 || isnan(mean))
        return (struct span){mean, NAN, NAN};
    for (size_t i = 0; i < n; i++)
        square += (v[i] - mean) * (v[i] - mean);
    double half = square > 0 ? seeds_t(level, n - 1) * sqrt(square / (double)(n - 1) / (double)n) : 0;
    return (struct span){mean, mean - half, mean + half};
}

static int by_value(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

struct span seeds_median(double *v, size_t n, double level, double *covers)
{
    *covers = 0;
    for (size_t i = 0; i < n; i++)
        if (isnan(v[i]))
            return (struct span){NAN, NAN, NAN};
    qsort(v, n, sizeof *v, by_value);
    double median = n % 2 ? v[n / 2] : 0.5 * (v[n / 2 - 1] + v[n / 2]);
    if (n < 2)
        return (struct span){median, NAN, NAN};
    /* tail = B(k - 1; n, 1/2); logarithms, since 2^-n is 0 for many seeds */
    double log_one = -(double)n * log(2), tail = exp(log_one);
    size_t k = 1;
    *covers = 1 - 2 * tail;
    while (k < n / 2) {
        log_one += log((double)(n - k + 1) / (double)k);
        tail += exp(log_one);
        if (1 - 2 * tail < level)
            break;
        *covers = 1 - 2 * tail;
        k++;
    }
    return (struct span){median, v[k - 1], v[n - k]};
}

struct one { struct outcome out; struct err e; bool failed; bool *kept; };

struct work {
    struct catalog *c;
    const struct scenario *s;
    struct one *one;            /* (n) */
};

/* A trace is the same for every seed; everything else is drawn again. */
static bool drawn(const struct scenario *s)
{
    return !node_get(node_get(s->doc, "traffic"), "trace");
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    struct one *o = &w->one[i];
    struct scenario s = *w->s;
    struct traffic t;
    struct sim_run_out *r = ARENA_NEW(a, struct sim_run_out);
    s.seed += i;
    o->failed = true;
    if (i && drawn(&s)) {
        if (!scenario_traffic(a, &s, s.seed, &t, NULL, &o->e))
            return;
        s.traffic = &t;
    }
    if (!plan_simulate(a, w->c, &s, (struct simulate_options){.point_only = true}, r, NULL, &o->e))
        return;
    o->failed = false;
    outcome_sim(r, s.nslo, false, &o->out);
    for (size_t k = 0; k < s.nslo; k++)
        o->kept[k] = r->slo[k].met;
}

static void sum_up(struct arena *a, const struct one *one, const struct scenario *s, struct seeds *out)
{
    double *v = ARENA_ARRAY(a, double, out->n);
    out->kept = ARENA_ARRAY(a, size_t, s->nslo);
    out->run = one[0].out;
    out->same = true;
    for (int m = 0; m < OUT_N; m++) {
        for (size_t i = 0; i < out->n; i++) {
            v[i] = one[i].out.v[m].at;
            out->same &= v[i] == v[0] || (isnan(v[i]) && isnan(v[0]));
        }
        double covers;
        if (outcome_table[m].quantile) {
            out->over[m] = seeds_median(v, out->n, SEEDS_LEVEL, &covers);
            out->order_level = covers > out->order_level ? covers : out->order_level;
        } else {
            out->over[m] = seeds_mean(v, out->n, SEEDS_LEVEL);
        }
    }
    for (size_t i = 0; i < out->n; i++) {
        out->held += one[i].out.held == HELD_YES;
        out->saturated += one[i].out.saturated;
        for (size_t k = 0; k < s->nslo; k++)
            out->kept[k] += one[i].kept[k];
    }
}

bool seeds_run(struct arena *a, struct catalog *c, const struct scenario *s, size_t n, int threads,
               void (*tick)(void *ctx, size_t done, size_t of), void *ctx, struct seeds *out, struct err *e)
{
    struct work w = {c, s, ARENA_ARRAY(a, struct one, n)};
    *out = (struct seeds){.n = n, .first = s->seed};
    for (size_t i = 0; i < n; i++)
        w.one[i].kept = ARENA_ARRAY(a, bool, s->nslo);
    size_t failed = pool_run_arena(n, threads, job, &w, tick, ctx);
    if (failed < n)
        return err_env(e, s->name, "no memory left at seed %llu", (unsigned long long)(s->seed + failed));
    for (size_t i = 0; i < n; i++)
        if (w.one[i].failed) {
            *e = w.one[i].e;
            return false;
        }
    sum_up(a, w.one, s, out);
    return true;
}
