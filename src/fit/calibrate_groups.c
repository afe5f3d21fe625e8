/* calibrate_groups.c - group by deployment, choose the points that calibrate, fit each group on a thread of its own. */
#include "fit/calibrate_groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/pool.h"
#include "base/rng.h"

enum { STREAM_CHOICE = 74 };

static const char *formats(struct arena *a, const struct fit_point *p)
{
    const char *dense = precision_table[p->precision].name;
    if (p->moe_precision == PREC_N || p->moe_precision == p->precision)
        return dense;
    return arena_printf(a, "%s, experts %s", dense, precision_table[p->moe_precision].name);
}

static const char *side(struct arena *a, const char *name, const struct fit_pool *s)
{
    return arena_printf(a, "%d %s of tp %d dp %d ep %d", s->workers, name, s->tp, s->dp, s->ep);
}

const char *fit_deployment_name(struct arena *a, const struct fit_point *p, bool split)
{
    const char *s = arena_printf(a, "%s at %s on %s, %s", p->model->id, formats(a, p), p->acc->id,
                                 p->framework[0] ? p->framework : stack_file_name(p->stack));
    if (split && p->disaggregated)
        return arena_printf(a, "%s, %s, %s", s, side(a, "prefill", &p->prefill), side(a, "decode", &p->decode));
    return split ? arena_printf(a, "%s, tp %d pp %d dp %d ep %d", s, p->tp, p->pp, p->dp, p->ep) : s;
}

struct fit_deployments fit_deployments_of(struct arena *a, const struct fit_points *p, bool split)
{
    struct fit_deployments d = {.name = ARENA_ARRAY(a, const char *, p->n),
                                .of = ARENA_ARRAY(a, size_t, p->n),
                                .count = ARENA_ARRAY(a, size_t, p->n)};
    struct map seen = {.arena = a};
    for (size_t i = 0; i < p->n; i++) {
        d.of[i] = MAP_NONE;
        if (p->point[i].refused || p->point[i].kind == FIT_TRAINING)
            continue;
        const char *name = fit_deployment_name(a, &p->point[i], split);
        uint32_t at = map_get(&seen, name);
        if (at == MAP_NONE) {
            at = (uint32_t)d.n;
            map_put(&seen, name, at);
            d.name[d.n++] = name;
        }
        d.of[i] = at;
        d.count[at]++;
    }
    return d;
}

int fit_load_order(const struct fit_point *a, const struct fit_point *b)
{
    const int64_t x[] = {a->concurrency, a->batch, a->isl, a->osl, a->all_queued, a->tp, a->pp, a->dp, a->ep},
                  y[] = {b->concurrency, b->batch, b->isl, b->osl, b->all_queued, b->tp, b->pp, b->dp, b->ep};
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        if (x[i] != y[i])
            return x[i] < y[i] ? -1 : 1;
    return (a->rate_s > b->rate_s) - (a->rate_s < b->rate_s);
}

static int in_order(const void *pa, const void *pb)
{
    const struct fit_point *a = *(const struct fit_point *const *)pa, *b = *(const struct fit_point *const *)pb;
    int c = fit_load_order(a, b);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}

struct group {
    const struct fit_point **point; /* (n), one of each load, in order of load */
    size_t n, all;
    double *draw;                   /* (each) in (0, 1) */
    const struct fit_point **chosen;
    size_t nchosen;
    struct calibration calibration;
    bool ok;
    struct err e;
};

struct work {
    struct group *group;
    size_t each;
    const struct fit_calibrate_options *o;
};

/* One of each part of the loads: the one drawn, else the next that can be believed. */
static void choose(struct arena *a, struct group *g, const struct work *w)
{
    for (size_t k = 0; k < w->each; k++) {
        size_t from = k * g->n / w->each, to = (k + 1) * g->n / w->each, n = to - from;
        for (size_t i = 0; i < n; i++) {
            const struct fit_point *p = g->point[from + ((size_t)(g->draw[k] * (double)n) + i) % n];
            struct fit_seen s;
            fit_look(a, p, w->o, &s);
            if (!s.why) {
                g->chosen[g->nchosen++] = p;
                break;
            }
        }
    }
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    struct group *g = &w->group[i];
    struct fit_calibrate_options o = *w->o;
    struct fit_calibration c;
    o.threads = 1;
    if (g->n <= w->each)
        return;
    choose(a, g, w);
    if (g->nchosen < w->each)
        return;
    if (!fit_calibrate(a, g->chosen, g->nchosen, &o, &c, &g->e))
        return;
    g->calibration = fit_calibration_entry(&c);
    g->ok = true;
}

/* The points of a deployment, one of each load: repeats stand behind the first. */
static void collect(struct arena *a, const struct fit_points *p, const struct fit_deployments *d, size_t at,
                    struct group *g)
{
    const struct fit_point **list = ARENA_ARRAY(a, const struct fit_point *, d->count[at]);
    for (size_t i = 0; i < p->n; i++)
        if (d->of[i] == at)
            list[g->all++] = &p->point[i];
    qsort(list, g->all, sizeof *list, in_order);
    for (size_t i = 0; i < g->all; i++)
        if (!g->n || fit_load_order(list[g->n - 1], list[i]) != 0)
            list[g->n++] = list[i];
    g->point = list;
}

static void share(const struct group *g, const struct fit_point *p, struct fit_share *out)
{
    out->part = g->ok ? PART_SCORED : PART_FEW;
    out->own = g->ok ? &g->calibration : NULL;
    for (size_t k = 0; k < g->nchosen && g->ok; k++) {
        if (g->chosen[k] == p)
            out->part = PART_CALIBRATES;
        else if (fit_load_order(g->chosen[k], p) == 0)
            out->part = PART_TWIN;
    }
}

bool fit_calibrate_groups(struct arena *a, const struct fit_points *p, size_t each,
                          const struct fit_calibrate_options *o, struct fit_share *out, struct err *e)
{
    struct fit_deployments d = fit_deployments_of(a, p, true);
    struct work w = {ARENA_ARRAY(a, struct group, d.n), each, o};
    struct rng rng;
    rng_seed(&rng, o->seed, STREAM_CHOICE);
    for (size_t g = 0; g < d.n; g++) {
        collect(a, p, &d, g, &w.group[g]);
        w.group[g].draw = ARENA_ARRAY(a, double, each);
        w.group[g].chosen = ARENA_ARRAY(a, const struct fit_point *, each);
        for (size_t k = 0; k < each; k++)
            w.group[g].draw[k] = rng_unit(&rng);
    }
    size_t failed = pool_run_arena(d.n, o->threads, job, &w, NULL, NULL);
    if (failed < d.n)
        return err_env(e, p->name, "no memory left to calibrate %s", d.name[failed]);
    for (size_t g = 0; g < d.n; g++)
        if (w.group[g].e.kind != ERR_NONE) {
            *e = w.group[g].e;
            return false;
        }
    for (size_t i = 0; i < p->n; i++)
        if (d.of[i] != MAP_NONE)
            share(&w.group[d.of[i]], &p->point[i], &out[i]);
        else if (p->point[i].kind == FIT_TRAINING)
            out[i].part = PART_TRAINING;
    return true;
}
