/* load_curve.c - rates sorted by height: work above L = integral of max(rate - L, 0) dt, newsvendor level F(L) = 1 - 1/k.
**
** The newsvendor rule (Arrow, Harris and Marschak 1951): one more unit of capacity costs 1 all the time and saves k for
** the share of the time that it is needed, so it pays while that share is above 1/k.
*/
#include "facts/load_curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/units.h"
#include "facts/traffic.h"

struct step { double level, hold_s; size_t at; };

static int highest_first(const void *a, const void *b)
{
    const struct step *x = a, *y = b;
    if (x->level != y->level)
        return x->level < y->level ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

struct load_curve load_curve_of(struct arena *a, const double *rate, const double *hold_s, size_t n)
{
    struct load_curve c = {.level = ARENA_ARRAY(a, double, n), .hold_s = ARENA_ARRAY(a, double, n), .n = n};
    struct step *s = ARENA_ARRAY(a, struct step, n);
    double work = 0;
    for (size_t i = 0; i < n; i++)
        s[i] = (struct step){rate[i], hold_s ? hold_s[i] : 1, i};
    qsort(s, n, sizeof *s, highest_first);
    for (size_t i = 0; i < n; i++) {
        c.level[i] = s[i].level;
        c.hold_s[i] = s[i].hold_s;
        c.span_s += s[i].hold_s;
        work += s[i].level * s[i].hold_s;
    }
    c.peak = n ? c.level[0] : 0;
    c.mean = n ? work / c.span_s : 0;
    return c;
}

enum { MOST_WINDOWS = 10000000 };

struct load_curve load_curve_of_traffic(struct arena *a, const struct traffic *t, double window_s)
{
    int64_t window_ns = (int64_t)(window_s * (double)NS_PER_S);
    int64_t n = t->n && window_ns > 0 ? t->req[t->n - 1].arrival_ns / window_ns : 0;
    if (n < 2 || n > MOST_WINDOWS || t->concurrency)
        return (struct load_curve){.n = 0};
    double *rate = ARENA_ARRAY(a, double, (size_t)n), *hold_s = ARENA_ARRAY(a, double, (size_t)n);
    for (size_t i = 0; i < t->n; i++)
        if (t->req[i].arrival_ns / window_ns < n)
            rate[t->req[i].arrival_ns / window_ns] += 1 / window_s;
    for (int64_t i = 0; i < n; i++)
        hold_s[i] = window_s;
    return load_curve_of(a, rate, hold_s, (size_t)n);
}

double load_curve_level(const struct load_curve *c, double above_frac)
{
    double above_s = 0, most_s = above_frac * c->span_s * (1 + 1e-12);     /* sums of equal cells are not exact */
    for (size_t i = 0; i < c->n; i++) {
        above_s += c->hold_s[i];
        if (above_s > most_s)
            return c->level[i];
    }
    return 0;
}

struct load_above load_curve_above(const struct load_curve *c, double level)
{
    double work = 0, time_s = 0, all = c->mean * c->span_s;
    for (size_t i = 0; i < c->n && c->level[i] > level; i++) {
        work += (c->level[i] - level) * c->hold_s[i];
        time_s += c->hold_s[i];
    }
    return (struct load_above){.work_frac = all > 0 ? work / all : 0,
                               .time_frac = c->span_s > 0 ? time_s / c->span_s : 0,
                               .use_frac = level > 0 ? (all - work) / (level * c->span_s) : (double)NAN};
}

double load_curve_own(const struct load_curve *c, double k, double *cost_frac)
{
    double level = load_curve_level(c, 1 / k);
    *cost_frac = c->peak > 0 ? (level + k * load_curve_above(c, level).work_frac * c->mean) / c->peak : (double)NAN;
    return level;
}

void load_curve_blocks(const struct load_curve *c, size_t n, struct load_block *out)
{
    size_t i = 0;
    double left_s = c->n ? c->hold_s[0] : 0;
    for (size_t b = 0; b < n; b++) {
        double hold_s = c->span_s / (double)n, need_s = hold_s, work = 0, peak = i < c->n ? c->level[i] : 0;
        while (need_s > 0 && i < c->n) {
            double part_s = fmin(need_s, left_s);
            work += c->level[i] * part_s;
            need_s -= part_s;
            left_s -= part_s;
            if (left_s <= 1e-9 * hold_s && i + 1 < c->n)       /* what rounding left of a cell */
                left_s = c->hold_s[++i];
            else if (left_s <= 0)
                break;
        }
        out[b] = (struct load_block){hold_s, hold_s > 0 ? work / hold_s : 0, peak};
    }
}

struct own_or_rent load_own_or_rent(const struct load_curve *c)
{
    static const double share[OWN_SHARES] = {0.4, 0.6, 0.75, 0.9}, k[OWN_PRICES] = {2, 3};
    struct own_or_rent o = {.window_s = 0};
    for (int i = 0; i < OWN_SHARES; i++)
        o.share[i] = (struct own_share){share[i], load_curve_above(c, share[i] * c->peak)};
    for (int i = 0; i < OWN_PRICES; i++) {
        o.price[i].k = k[i];
        o.price[i].own_frac = load_curve_own(c, k[i], &o.price[i].cost_frac) / c->peak;
    }
    return o;
}

struct own_or_rent load_own_or_rent_of(struct arena *a, const struct traffic *t)
{
    double window_s = t->span_s >= 6 * 3600 ? 600 : 60;
    struct load_curve c = load_curve_of_traffic(a, t, window_s);
    if (c.n < 10 || !(c.peak > 0))
        return (struct own_or_rent){.window_s = 0};
    struct own_or_rent o = load_own_or_rent(&c);
    o.window_s = window_s;
    return o;
}
