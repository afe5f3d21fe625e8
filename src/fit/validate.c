/* validate.c - predict every point on threads, then score: by metric, and by metric within each group. */
#include "fit/validate.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/pool.h"
#include "fit/calibrate_groups.h"
#include "fit/physics.h"

const char *const fit_tier_name[3] = {"device", "family", "pooled"};

struct work {
    const struct fit_points *p;
    const struct fit_settings *s;
    bool each_device, each_family; /* every point without its own device's constants, or its family's */
    const struct fit_share *share; /* (n) where some points calibrate the others; else NULL */
    struct fit_prediction *out;    /* (n) */
};

/* What is held out for one point. */
static struct stack_mask mask_of(const struct work *w, const struct fit_point *p)
{
    struct stack_mask mask = w->s->mask ? *w->s->mask : (struct stack_mask){0};
    if (w->each_device && p->acc)
        mask.device = p->acc->id;
    if (w->each_family && p->acc)
        mask.family = p->acc->family;
    return mask;
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    const struct fit_point *p = &w->p->point[i];
    struct fit_settings s = *w->s;
    struct stack_mask mask = mask_of(w, p);
    if (s.mask)
        s.mask = &mask;
    if (w->share)
        s.own = w->share[i].own;
    fit_predict(a, p, &s, &w->out[i]);
}

/* ------------------------------------------------------------------ refusals */

/* A reason with its numbers blanked, so that equal ones can be counted. */
static const char *blanked(struct arena *a, const char *why)
{
    char *s = arena_strdup(a, why), *to = s;
    for (const char *p = s; *p; p++) {
        bool digit = isdigit((unsigned char)*p) || (*p == '.' && isdigit((unsigned char)p[1]));
        if (!digit)
            *to++ = *p;
        else if (to == s || to[-1] != '#')
            *to++ = '#';
    }
    *to = 0;
    return s;
}

static int by_count(const void *pa, const void *pb)
{
    const struct fit_reason *a = pa, *b = pb;
    if (a->n != b->n)
        return a->n < b->n ? 1 : -1;
    return strcmp(a->why, b->why);
}

static void refuse(struct arena *a, struct fit_report *r, struct map *seen, const struct fit_point *p, const char *why)
{
    const char *sort = blanked(a, why);
    uint32_t at = map_get(seen, sort);
    if (at == MAP_NONE) {
        map_put(seen, sort, (uint32_t)r->nreason);
        r->reason[r->nreason++] = (struct fit_reason){sort, 1};
    } else {
        r->reason[at].n++;
    }
    r->refused[r->nrefused++] = (struct fit_refusal){p->id, arena_strdup(a, why), p->line};
}

/* ------------------------------------------------------------------ collecting */

/* The prediction rests on constants that were fitted to the times of this point's group. */
static bool is_fitted(const struct work *w, const struct fit_point *p)
{
    struct stack_mask mask = mask_of(w, p);
    return !p->refused && p->kind != FIT_TRAINING && stack_fitted_on(p->stack, p->model->id, p->acc->id) &&
           !stack_mask_holds(&mask, p->acc);
}

/* Metrics of one point, one error each (fitted: of power only); false with the reason when there is none. */
static bool collect(struct arena *a, struct fit_report *r, const struct fit_point *p, const struct fit_prediction *f, bool fitted,
                    const char **why)
{
    size_t before = r->nerror;
    *why = f->why;
    if (!f->ok)
        return false;
    *why = "none of the measured values follows from this kind of point";
    for (int m = 0; m < FIT_METRIC_N; m++) {
        if (isnan(p->measured[m]) || isnan(f->value[m].at) || (fitted && fit_metric_table[m].sort != FIT_SORT_POWER))
            continue;
        const char *beyond = fit_doubt(a, p, (enum fit_metric)m, p->measured[m], f->value[m].at, false);
        if (beyond) {
            *why = beyond;
            r->nerror = before;
            return false;
        }
        r->error[r->nerror++] =
            (struct fit_error){p, (enum fit_metric)m, p->measured[m], f->value[m], f->evidence, f->tier, f->fitted, f->how};
    }
    return r->nerror > before;
}

enum by { BY_ACCELERATOR, BY_MODEL, BY_FRAMEWORK, BY_MODE, BY_KIND, BY_TIER, BY_N };
static const char *const by_name[BY_N] = {"accelerator", "model", "framework", "mode", "kind", "tier"};

static const char *key_of(const struct fit_error *e, int by)
{
    const struct fit_point *p = e->point;
    switch ((enum by)by) {
    case BY_ACCELERATOR:
        return p->acc->id;
    case BY_MODEL:
        return p->model->id;
    case BY_FRAMEWORK:
        return p->framework[0] ? p->framework : "not stated";
    case BY_MODE:
        return p->disaggregated ? "disaggregated" : "aggregated";
    case BY_KIND:
        return e->fitted ? "training, fitted on" : fit_kind_name[p->kind];
    default:
        return fit_tier_name[e->tier];
    }
}

struct ranked {
    const struct fit_error *e;
    const char *key;
};

static int by_group(const void *pa, const void *pb)
{
    const struct ranked *a = pa, *b = pb;
    if (a->e->metric != b->e->metric)
        return a->e->metric < b->e->metric ? -1 : 1;
    int c = strcmp(a->key, b->key);
    return c ? c : (a->e > b->e) - (a->e < b->e);
}

static int worst_first(const void *pa, const void *pb)
{
    const struct fit_group *a = pa, *b = pb;
    if (a->score.median_ape_pct != b->score.median_ape_pct)
        return a->score.median_ape_pct < b->score.median_ape_pct ? 1 : -1;
    int c = strcmp(a->key, b->key);
    return c ? c : (int)a->metric - (int)b->metric;
}

/* Scores in memory of their own, so that only the results stay. */
static struct fit_score scored(const struct fit_error *const *list, size_t n, uint64_t seed, struct arena *scratch)
{
    struct fit_score s = fit_score_of(scratch, list, n, seed);
    arena_reset(scratch);
    return s;
}

static void score_groups(struct arena *a, struct arena *scratch, struct fit_report *r, uint64_t seed)
{
    struct ranked *order = ARENA_ARRAY(a, struct ranked, r->nerror);
    const struct fit_error **list = ARENA_ARRAY(a, const struct fit_error *, r->nerror);
    r->group = ARENA_ARRAY(a, struct fit_group, r->nerror * BY_N);
    for (int by = 0; by < BY_N; by++) {
        size_t from = r->ngroup, n = 0;
        for (size_t i = 0; i < r->nerror; i++)
            if (by == BY_KIND || !r->error[i].fitted) /* fitted ones are shown as a kind of their own only */
                order[n++] = (struct ranked){&r->error[i], key_of(&r->error[i], by)};
        qsort(order, n, sizeof *order, by_group);
        for (size_t i = 0, end; i < n; i = end) {
            for (end = i;
                 end < n && order[end].e->metric == order[i].e->metric && strcmp(order[end].key, order[i].key) == 0;
                 end++)
                list[end - i] = order[end].e;
            r->group[r->ngroup++] =
                (struct fit_group){by_name[by], order[i].key, order[i].e->metric, scored(list, end - i, seed, scratch)};
        }
        qsort(r->group + from, r->ngroup - from, sizeof *r->group, worst_first);
    }
}

static void score_metrics(struct arena *a, struct arena *scratch, struct fit_report *r, uint64_t seed)
{
    const struct fit_error **list = ARENA_ARRAY(a, const struct fit_error *, r->nerror);
    for (int m = 0; m < FIT_METRIC_N; m++) {
        size_t n = 0;
        for (size_t i = 0; i < r->nerror; i++)
            if (r->error[i].metric == (enum fit_metric)m && !r->error[i].fitted)
                list[n++] = &r->error[i];
        if (n)
            r->metric[m] = scored(list, n, seed, scratch);
    }
}

static bool known_family(const struct catalog *c, const char *family, struct err *e)
{
    const char **names = ARENA_ARRAY(c->arena, const char *, c->nacc);
    for (size_t i = 0; i < c->nacc; i++) {
        names[i] = c->acc[i].family ? c->acc[i].family : "";
        if (strcmp(names[i], family) == 0)
            return true;
    }
    const char *close = text_closest(family, names, c->nacc);
    err_input(e, "--without-arch", "no accelerator of the catalog is of the family \"%.60s\"", family);
    return close ? err_mend(e, "did you mean \"%s\"?", close)
                 : err_mend(e, "write ampere, ada, hopper, blackwell, cdna3, ...");
}

static bool is_each(const char *without)
{
    return without && strcmp(without, "each") == 0;
}

const struct calibration *fit_fitted_to(const struct catalog *c, const struct fit_points *p)
{
    for (size_t i = 0; i < c->ncalibration; i++)
        if (c->calibration[i].hash && strcmp(c->calibration[i].hash, p->hash) == 0)
            return &c->calibration[i];
    return NULL;
}

/* Every constant, from all that a point has. */
static bool calibrated(struct arena *a, const struct fit_points *p, const struct fit_options *o,
                       const struct fit_settings *s, struct fit_share *share, struct err *e)
{
    struct fit_calibrate_options c = {.threads = o->threads, .seed = s->seed, .mask = s->mask};
    for (int k = 0; k < SCALE_N; k++)
        c.ask[k] = true;
    for (int m = 0; m < SEEN_N; m++)
        c.only[m] = true;
    return fit_calibrate_groups(a, p, o->calibrate_points, &c, share, e);
}

static bool not_scored(const struct fit_share *share, size_t i, const char **why)
{
    static const char *const text[] = {
        [PART_CALIBRATES] = "calibrates its deployment: not scored",
        [PART_TWIN] = "repeats the load of a point that calibrates: not scored",
        [PART_TRAINING] = "training is not calibrated: not scored",
        [PART_FEW] = "its deployment has too few points: none would be left to score",
    };
    *why = share && share[i].part != PART_SCORED ? text[share[i].part] : NULL;
    return *why != NULL;
}

static void free_scratch(void *scratch)
{
    arena_free(scratch);
}

bool fit_validate(struct arena *a, struct catalog *c, const struct fit_points *p, const struct fit_options *o,
                  struct fit_report *out, struct err *e)
{
    bool each_device = is_each(o->without), each_family = is_each(o->without_family);
    struct stack_mask mask = {.acc = c->acc, .nacc = c->nacc, .family = each_family ? NULL : o->without_family};
    if (o->without && !each_device) {
        const struct accelerator *held = catalog_accelerator(c, o->without, "--without", NULL, e);
        if (!held)
            return false;
        mask.device = held->id;
    }
    if (o->without_family && !each_family && !known_family(c, o->without_family, e))
        return false;
    if (o->calibrate_points && (each_device || each_family))
        return err_input(e, "--calibrate-points", "cannot stand beside --without each"),
               err_mend(e, "name one device or family to hold out");
    struct fit_settings s = {.mask = o->without || o->without_family ? &mask : NULL,
                             .seed = o->seed ? o->seed : 1,
                             .catalog = o->calibrate_points ? NULL : c,
                             .training = c};
    struct fit_share *share = o->calibrate_points ? ARENA_ARRAY(a, struct fit_share, p->n) : NULL;
    if (share && !calibrated(a, p, o, &s, share, e))
        return false;
    struct work w = {p, &s, each_device, each_family, share, ARENA_ARRAY(a, struct fit_prediction, p->n)};
    struct map seen = {.arena = a};
    size_t failed = pool_run_arena(p->n, o->threads, job, &w, o->tick, o->ctx);
    if (failed < p->n)
        return err_env(e, p->name, "no memory left while predicting %s", p->point[failed].id);
    *out = (struct fit_report){.rows = p->n,
                               .refused = ARENA_ARRAY(a, struct fit_refusal, p->n),
                               .reason = ARENA_ARRAY(a, struct fit_reason, p->n),
                               .error = ARENA_ARRAY(a, struct fit_error, p->n * FIT_METRIC_N)};
    for (size_t i = 0; i < p->n; i++) {
        const char *why;
        bool fitted = w.out[i].ok && is_fitted(&w, &p->point[i]);
        out->fitted += fitted || w.out[i].fitted;
        if (not_scored(share, i, &why))
            refuse(a, out, &seen, &p->point[i], why);
        else if (collect(a, out, &p->point[i], &w.out[i], fitted, &why))
            out->scored += !w.out[i].fitted;
        else if (!fitted)
            refuse(a, out, &seen, &p->point[i], why);
    }
    qsort(out->reason, out->nreason, sizeof *out->reason, by_count);
    struct arena *scratch = arena_new();
    if (!scratch)
        return err_env(e, p->name, "no memory left for scores");
    arena_defer(a, free_scratch, scratch);
    score_metrics(a, scratch, out, s.seed);
    score_groups(a, scratch, out, s.seed);
    fit_rank(scratch, out, &out->ranking);
    fit_choose(scratch, out, &out->choice);
    return true;
}
