/* calibrate.c - see a point, fit the constants by repeated linearisation, hold points out, make the interval.
**
** The simulator's slopes are taken once, at factors of 1, where no measured value plays a part; the fit then solves the
** linear problem, predicts anew, and halves a step that did not help (a chord method: each round costs one prediction a
** point).
**
** Interval: s^2 = (NU * model + sum r^2) / (NU + n) over the points held out, model the mean variance that the fits
** without them state, r their residuals; +-1.28 s on the log. With few points it is the model's word, with many the
** residuals'.
*/
#include "fit/calibrate.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "fit/physics.h"

#define REACH 0.15  /* half the distance between the two predictions of a slope, log factor */
#define ROUNDS 8
#define ENOUGH 2e-3 /* change of log factor that is none */
#define FOLDS 10
#define NU 4.0
#define Z80 1.2815515655446004 /* 90 % quantile of the normal distribution */
#define WIDEST 1.0             /* prior width: a tier whose interval is wider says too little to lean on */

/* Repeats of a measurement differ by 2 to 5 % in time per token (design: physics.md); TTFT, which follows arrivals and
** warm-up, by several times as much. */
static const double noise_of[SEEN_N] = {[SEEN_TTFT] = 0.25, [SEEN_STEP] = 0.05};

/* The first of these that a row has is looked at: others of the same sort say the same again. */
static const enum fit_metric ttft_metric[] = {FIT_TTFT_MEAN_MS, FIT_TTFT_P50_MS, FIT_TTFT_MS};
static const enum fit_metric step_metric[] = {
    FIT_TPOT_MEAN_MS, FIT_TPOT_P50_MS,           FIT_TPOT_MS,     FIT_TOK_S_PER_USER,
    FIT_OUTPUT_TOK_S, FIT_TOK_S_PER_ACCELERATOR, FIT_TOTAL_TOK_S, FIT_INPUT_TOK_S,
    FIT_SAMPLES_PER_S, FIT_E2E_LATENCY_S,        FIT_E2E_MS,
};

static enum fit_metric first_of(const enum fit_metric *list, size_t n, const struct fit_point *p,
                                const struct fit_prediction *f)
{
    for (size_t i = 0; i < n; i++)
        if (!isnan(p->measured[list[i]]) && !isnan(f->value[list[i]].at))
            return list[i];
    return FIT_METRIC_N;
}

static void predicted(struct arena *a, const struct fit_point *p, const struct fit_calibrate_options *o,
                      const double u[SCALE_N], struct fit_prediction *out)
{
    struct calibration c = calibration_none();
    for (int k = 0; u && k < SCALE_N; k++)
        c.factor[k] = exp(u[k]);
    struct fit_settings s = {.mask = o->mask, .seed = o->seed, .own = &c};
    struct arena *scratch = arena_child(a);
    fit_predict(scratch, p, &s, out);
    arena_reset(scratch);
}

static double log_of(const struct fit_prediction *f, enum fit_metric m)
{
    return f->ok && f->value[m].at > 0 ? log(f->value[m].at) : NAN;
}

static double width_of(double lo, double hi)
{
    double s = lo < 1 ? (log1p(hi) - log1p(-lo)) / (2 * Z80) : WIDEST;
    return s > 0 && s < WIDEST ? s : WIDEST;
}

static struct interval tier_interval(const struct fit_point *p, const struct stack_mask *mask, enum tier tier)
{
    struct stack s = stack_constants_without(p->stack, p->acc, mask);
    return s.interval[tier];
}

static void slopes(struct arena *a, const struct fit_calibrate_options *o, struct fit_seen *s)
{
    for (int k = 0; k < SCALE_N; k++) {
        struct fit_prediction up, down;
        double u[SCALE_N] = {0};
        if (k == SCALE_LINK && s->p->devices == 1)
            continue;
        u[k] = REACH;
        predicted(a, s->p, o, u, &up);
        u[k] = -REACH;
        predicted(a, s->p, o, u, &down);
        for (int m = 0; m < SEEN_N; m++) {
            if (s->metric[m] == FIT_METRIC_N)
                continue;
            s->slope[m][k] = (log_of(&up, s->metric[m]) - log_of(&down, s->metric[m])) / (2 * REACH);
            if (!isfinite(s->slope[m][k]))
                s->why = "the simulation does not bear a change of its constants";
        }
    }
}

void fit_look(struct arena *a, const struct fit_point *p, const struct fit_calibrate_options *o, struct fit_seen *out)
{
    struct fit_prediction f;
    *out = (struct fit_seen){.p = p};
    predicted(a, p, o, NULL, &f);
    if (!f.ok) {
        out->why = arena_strdup(a, f.why);
        return;
    }
    for (int m = 0; m < FIT_METRIC_N && !out->why; m++)
        if (!isnan(p->measured[m]))
            out->why = fit_doubt(a, p, (enum fit_metric)m, p->measured[m], f.value[m].at, true);
    if (out->why)
        return;
    out->metric[SEEN_TTFT] = first_of(ttft_metric, sizeof ttft_metric / sizeof *ttft_metric, p, &f);
    out->metric[SEEN_STEP] = first_of(step_metric, sizeof step_metric / sizeof *step_metric, p, &f);
    for (int m = 0; m < SEEN_N; m++) {
        if (!o->only[m])
            out->metric[m] = FIT_METRIC_N;
        if (out->metric[m] == FIT_METRIC_N)
            continue;
        out->y[m] = log(p->measured[out->metric[m]]);
        out->base[m] = log_of(&f, out->metric[m]);
        out->noise[m] = noise_of[m];
    }
    if (out->metric[SEEN_TTFT] == FIT_METRIC_N && out->metric[SEEN_STEP] == FIT_METRIC_N)
        out->why = "none of the measured values follows from the constants";
    struct interval i = tier_interval(p, o->mask, f.tier);
    for (int k = 0; k < SCALE_N; k++)
        out->prior[k] = k == SCALE_REQUEST ? width_of(i.ttft_lo, i.ttft_hi) : width_of(i.step_lo, i.step_hi);
}

void fit_see(struct arena *a, const struct fit_point *p, const struct fit_calibrate_options *o, struct fit_seen *out)
{
    fit_look(a, p, o, out);
    if (!out->why)
        slopes(a, o, out);
}

bool fit_see_supposed(struct arena *a, struct fit_point *p, const struct fit_calibrate_options *o,
                      struct fit_seen *out)
{
    struct fit_prediction f;
    predicted(a, p, o, NULL, &f);
    for (int m = 0; m < FIT_METRIC_N; m++)
        p->measured[m] = NAN;
    for (int m = 0; m < SEEN_N && f.ok; m++) {
        enum fit_metric as = p->kind == FIT_STATIC ? (m == SEEN_TTFT ? FIT_TTFT_MS : FIT_TPOT_MS)
                                                   : (m == SEEN_TTFT ? FIT_TTFT_MEAN_MS : FIT_TPOT_MEAN_MS);
        if (o->only[m])
            p->measured[as] = f.value[as].at;
    }
    fit_see(a, p, o, out);
    return !out->why;
}

/* ------------------------------------------------------------------ fit */

static bool predict_all(struct arena *a, const struct fit_seen *const *seen, size_t n,
                        const struct fit_calibrate_options *o, const double u[SCALE_N], double (*f)[SEEN_N])
{
    for (size_t i = 0; i < n; i++) {
        struct fit_prediction one;
        predicted(a, seen[i]->p, o, u, &one);
        for (int m = 0; m < SEEN_N; m++)
            if (seen[i]->metric[m] != FIT_METRIC_N && !isfinite(f[i][m] = log_of(&one, seen[i]->metric[m])))
                return false;
    }
    return true;
}

static double farthest(const double *a, const double *b)
{
    double most = 0;
    for (int k = 0; k < SCALE_N; k++)
        most = fmax(most, fabs(a[k] - b[k]));
    return most;
}

bool fit_constants_fit(struct arena *a, const struct fit_seen *const *seen, size_t n,
                       const struct fit_calibrate_options *o, struct fit_constants *c, struct err *e)
{
    double u[SCALE_N] = {0}, loss;
    double(*f)[SEEN_N] = arena_array(a, n, sizeof *f), (*g)[SEEN_N] = arena_array(a, n, sizeof *g);
    for (size_t i = 0; i < n; i++)
        memcpy(f[i], seen[i]->base, sizeof *f);
    loss = fit_constants_loss(seen, n, f, u, c);
    for (int round = 0; round < ROUNDS; round++) {
        double next[SCALE_N], part = 1, got = INFINITY;
        if (!fit_constants_step(seen, n, f, u, c, next, e))
            return false;
        if (farthest(u, next) < ENOUGH)
            break;
        for (int half = 0; half < 4; half++, part /= 2) {
            double tried[SCALE_N];
            for (int k = 0; k < SCALE_N; k++)
                tried[k] = u[k] + part * (next[k] - u[k]);
            got = predict_all(a, seen, n, o, tried, g) ? fit_constants_loss(seen, n, g, tried, c) : INFINITY;
            if (got < loss) {
                memcpy(u, tried, sizeof u);
                memcpy(f, g, n * sizeof *f);
                break;
            }
        }
        if (!(got < loss))
            break;
        loss = got;
    }
    for (int k = 0; k < SCALE_N; k++)
        c->factor[k] = exp(u[k]);
    return true;
}

/* ------------------------------------------------------------------ held out */

struct fold { /* points of fold `at` are left out; repeats of a load share a fold, or they would tell on each other */
    struct fit_constants c;
    struct err e;
    bool ok;
};

struct work {
    const struct fit_point *const *point;
    const struct fit_calibrate_options *o;
    struct fit_seen *seen;
    const struct fit_seen *const *used;
    size_t n, folds, *of; /* (n) fold of a point */
    struct fold *fold;
    double (*after)[SEEN_N], (*variance)[SEEN_N]; /* (n) of the points held out */
};

static void see_job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    fit_see(a, w->point[i], w->o, &w->seen[i]);
}

static void fold_job(void *ctx, size_t at, struct arena *a)
{
    struct work *w = ctx;
    struct fold *f = &w->fold[at];
    const struct fit_seen **rest = ARENA_ARRAY(a, const struct fit_seen *, w->n);
    size_t n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->of[i] != at)
            rest[n++] = w->used[i];
    fit_constants_plan(rest, n, w->o->ask, &f->c);
    for (int k = 0; k < SCALE_N && n == 0; k++)
        f->c.prior[k] = w->used[0]->prior[k];
    f->ok = fit_constants_fit(a, rest, n, w->o, &f->c, &f->e);
    for (size_t i = 0; i < w->n && f->ok; i++) {
        if (w->of[i] != at)
            continue;
        double u[SCALE_N];
        for (int k = 0; k < SCALE_N; k++)
            u[k] = log(f->c.factor[k]);
        const struct fit_seen *s = w->used[i];
        if (!predict_all(a, &s, 1, w->o, u, &w->after[i]))
            w->after[i][0] = w->after[i][1] = NAN;
        for (int m = 0; m < SEEN_N; m++)
            if (s->metric[m] != FIT_METRIC_N)
                w->variance[i][m] = fit_constants_variance(&f->c, rest, n, s, m) + s->noise[m] * s->noise[m];
    }
}

/* Fold of each point: its load, counted in order of appearance, round robin over at most FOLDS. */
static size_t *folds_of(struct arena *a, struct work *w)
{
    size_t *of = ARENA_ARRAY(a, size_t, w->n), *first = ARENA_ARRAY(a, size_t, w->n), loads = 0;
    for (size_t i = 0; i < w->n; i++) {
        size_t k = 0;
        while (k < loads && fit_load_order(w->used[first[k]]->p, w->used[i]->p) != 0)
            k++;
        if (k == loads)
            first[loads++] = i;
        of[i] = k % FOLDS;
    }
    w->folds = loads < FOLDS ? loads : FOLDS;
    return of;
}

static void hold(struct arena *a, const struct work *w, struct fit_calibration *out)
{
    out->held = ARENA_ARRAY(a, struct fit_held, w->n * SEEN_N);
    for (size_t i = 0; i < w->n && w->folds > 1; i++)
        for (int m = 0; m < SEEN_N; m++) {
            const struct fit_seen *s = w->used[i];
            if (s->metric[m] != FIT_METRIC_N && isfinite(w->after[i][m]))
                out->held[out->nheld++] = (struct fit_held){(size_t)(s - out->seen), s->metric[m],
                                                            s->p->measured[s->metric[m]], exp(s->base[m]),
                                                            exp(w->after[i][m])};
        }
}

static void interval_of(const struct work *w, int m, double *lo, double *hi)
{
    double model = 0, seen = 0, n = 0;
    for (size_t i = 0; i < w->n; i++)
        if (w->used[i]->metric[m] != FIT_METRIC_N && isfinite(w->after[i][m])) {
            double r = w->used[i]->y[m] - w->after[i][m];
            model += w->variance[i][m];
            seen += fmin(r * r, 1);
            n++;
        }
    if (n == 0)
        return;
    double s = sqrt((NU * model / n + (w->folds > 1 ? seen : model)) / (NU + n));
    *lo = -expm1(-Z80 * s);
    *hi = expm1(Z80 * s);
}

/* Residuals larger than the noise assumed: the constants are known less well in proportion. */
static void widen(const struct work *w, struct fit_constants *c)
{
    double sum = 0, n = 0;
    for (size_t i = 0; i < w->n && w->folds > 1; i++)
        for (int m = 0; m < SEEN_N; m++)
            if (w->used[i]->metric[m] != FIT_METRIC_N && isfinite(w->after[i][m])) {
                double r = w->used[i]->y[m] - w->after[i][m];
                sum += fmin(r * r, 1) / w->variance[i][m];
                n++;
            }
    for (int k = 0; k < SCALE_N && sum > n; k++)
        c->width[k] = fmin(c->width[k] * sqrt(sum / n), c->prior[k]);
}

static size_t choose(struct arena *a, const struct fit_seen *seen, size_t n, const struct fit_seen ***out)
{
    const struct fit_seen **used = ARENA_ARRAY(a, const struct fit_seen *, n);
    size_t k = 0;
    for (size_t i = 0; i < n; i++)
        if (!seen[i].why)
            used[k++] = &seen[i];
    *out = used;
    return k;
}

/* Points are seen side by side on threads, and their reasons live in arenas that are gone: those are said again. */
static bool see_all(struct arena *a, struct work *w, size_t n, struct err *e)
{
    size_t failed = pool_run_arena(n, w->o->threads, see_job, w, NULL, NULL);
    if (failed < n)
        return err_env(e, w->point[failed]->id, "no memory left to predict it");
    for (size_t i = 0; i < n; i++)
        if (w->seen[i].why)
            fit_see(a, w->point[i], w->o, &w->seen[i]);
    return true;
}

bool fit_calibrate(struct arena *a, const struct fit_point *const *point, size_t n,
                   const struct fit_calibrate_options *o, struct fit_calibration *out, struct err *e)
{
    const struct fit_seen **used;
    struct work w = {.point = point, .o = o, .seen = ARENA_ARRAY(a, struct fit_seen, n)};
    if (!see_all(a, &w, n, e))
        return false;
    *out = (struct fit_calibration){.seen = w.seen, .n = n, .interval = {NAN, NAN, NAN, NAN}};
    w.n = out->used = choose(a, w.seen, n, &used);
    w.used = used;
    out->before = out->interval;
    fit_constants_plan(used, w.n, o->ask, &out->constants);
    if (!w.n) {
        fit_held_scores(a, out);
        out->refused = "none of the points can be used";
        return true;
    }
    if (!fit_constants_fit(a, used, w.n, o, &out->constants, e))
        return false;
    w.of = folds_of(a, &w);
    out->folds = w.folds;
    w.fold = ARENA_ARRAY(a, struct fold, w.folds);
    w.after = arena_array(a, w.n, sizeof *w.after);
    w.variance = arena_array(a, w.n, sizeof *w.variance);
    size_t failed = pool_run_arena(w.folds, o->threads, fold_job, &w, NULL, NULL);
    if (failed < w.folds)
        return err_env(e, "", "no memory left to hold points out");
    for (size_t i = 0; i < w.folds; i++)
        if (!w.fold[i].ok) {
            *e = w.fold[i].e;
            return false;
        }
    hold(a, &w, out);
    widen(&w, &out->constants);
    fit_held_scores(a, out);
    struct fit_prediction f;
    predicted(a, used[0]->p, o, NULL, &f);
    out->tier = f.tier;
    out->before = tier_interval(used[0]->p, o->mask, f.tier);
    interval_of(&w, SEEN_STEP, &out->interval.step_lo, &out->interval.step_hi);
    interval_of(&w, SEEN_TTFT, &out->interval.ttft_lo, &out->interval.ttft_hi);
    if (o->advise)
        fit_advise(a, used, w.n, o, out);
    return true;
}
