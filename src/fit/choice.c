/* choice.c - the best configuration under limits, by the predictions and in truth, over groups of measured ones. */
#include "fit/choice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "fit/merit.h"

#define FEWEST 4   /* configurations of a group */
#define NOISE 1.05 /* repeats of one measurement differ by so much */
#define PERCENT 100.0

/* Quantiles of the measured TPOT and TTFT that serve as limits; 1 and more: no limit. */
static const struct {
    double tpot_q, ttft_q;
} asked[] = {{0.25, 2}, {0.5, 2}, {0.75, 2}, {2, 0.25}, {2, 0.5}, {2, 0.75}, {0.5, 0.5}, {0.75, 0.75}};

struct limits {
    double tpot_s, ttft_s;
};

static int by_group(const void *pa, const void *pb)
{
    const struct fit_point *a = ((const struct fit_merit *)pa)->point, *b = ((const struct fit_merit *)pb)->point;
    int c = strcmp(a->model->id, b->model->id);
    if (!c)
        c = strcmp(a->acc->id, b->acc->id);
    if (!c)
        c = strcmp(a->framework, b->framework);
    if (!c)
        c = (a->isl > b->isl) - (a->isl < b->isl);
    if (!c)
        c = (a->osl > b->osl) - (a->osl < b->osl);
    return c ? c : (a->line > b->line) - (a->line < b->line);
}

static bool same_group(const struct fit_point *a, const struct fit_point *b)
{
    return a->model == b->model && a->acc == b->acc && strcmp(a->framework, b->framework) == 0 && a->isl == b->isl &&
           a->osl == b->osl;
}

static bool complete(const struct fit_merit *m)
{
    return m->point->kind == FIT_SERVING && m->rate == FIT_RATE_OUTPUT && m->time == FIT_TIME_TPOT &&
           isfinite(m->ttft_s[FIT_MEASURED] + m->ttft_s[FIT_PREDICTED] + m->time_s[FIT_MEASURED] +
                    m->time_s[FIT_PREDICTED] + m->rate_s[FIT_MEASURED] + m->rate_s[FIT_PREDICTED]);
}

static bool keeps(const struct fit_merit *m, const struct limits *l, enum fit_side side, double slack)
{
    return m->time_s[side] <= l->tpot_s * slack && m->ttft_s[side] <= l->ttft_s * slack;
}

/* The one with the highest rate that keeps the limits, all as on this side; NULL: none does. Ties go to the first. */
static const struct fit_merit *best(const struct fit_merit *m, size_t n, const struct limits *l, enum fit_side side)
{
    const struct fit_merit *at = NULL;
    for (size_t i = 0; i < n; i++)
        if (keeps(&m[i], l, side, 1) && (!at || m[i].rate_s[side] > at->rate_s[side]))
            at = &m[i];
    return at;
}

static size_t kept_in_truth(const struct fit_merit *m, size_t n, const struct limits *l)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        kept += keeps(&m[i], l, FIT_MEASURED, 1);
    return kept;
}

static double limit(struct arena *a, const struct fit_merit *m, size_t n, double q, bool tpot)
{
    double *v = ARENA_ARRAY(a, double, n);
    if (q > 1)
        return INFINITY;
    for (size_t i = 0; i < n; i++)
        v[i] = tpot ? m[i].time_s[FIT_MEASURED] : m[i].ttft_s[FIT_MEASURED];
    return fit_quantile(v, n, q);
}

struct losses {
    double *kept, *all; /* % */
    size_t nkept, nall;
};

static void ask(const struct fit_merit *m, size_t n, const struct limits *l, struct losses *to, struct fit_choice *out)
{
    const struct fit_merit *chosen = best(m, n, l, FIT_PREDICTED), *top = best(m, n, l, FIT_MEASURED);
    out->questions++;
    if (!chosen || !keeps(chosen, l, FIT_MEASURED, NOISE)) {
        *(chosen ? &out->violated : &out->none) += 1;
        to->all[to->nall++] = PERCENT;
        return;
    }
    double lost = fmax(0, 1 - chosen->rate_s[FIT_MEASURED] / top->rate_s[FIT_MEASURED]) * PERCENT;
    to->kept[to->nkept++] = to->all[to->nall++] = lost;
}

void fit_choose(struct arena *a, const struct fit_report *r, struct fit_choice *out)
{
    struct fit_merit *m;
    size_t all = fit_merits(a, r, &m), n = 0, kinds = sizeof asked / sizeof *asked;
    *out = (struct fit_choice){
        .lost_pct = NAN, .lost_p90_pct = NAN, .lost_all_pct = NAN, .violated_frac = NAN, .none_frac = NAN};
    for (size_t i = 0; i < all; i++)
        if (complete(&m[i]))
            m[n++] = m[i];
    if (!n)
        return;
    qsort(m, n, sizeof *m, by_group);
    struct losses l = {.kept = ARENA_ARRAY(a, double, n *kinds), .all = ARENA_ARRAY(a, double, n *kinds)};
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && same_group(m[i].point, m[end].point); end++)
            ;
        size_t before = out->questions, size = end - i;
        for (size_t k = 0; k < kinds && size >= FEWEST; k++) {
            struct limits at = {limit(a, &m[i], size, asked[k].tpot_q, true),
                                limit(a, &m[i], size, asked[k].ttft_q, false)};
            size_t kept = kept_in_truth(&m[i], size, &at);
            if (kept > 0 && kept < size)
                ask(&m[i], size, &at, &l, out);
        }
        out->groups += out->questions > before;
    }
    if (l.nkept) {
        out->lost_pct = fit_quantile(l.kept, l.nkept, 0.5);
        out->lost_p90_pct = fit_quantile(l.kept, l.nkept, 0.9);
    }
    if (l.nall) {
        out->lost_all_pct = fit_quantile(l.all, l.nall, 0.5);
        out->violated_frac = (double)out->violated / (double)out->questions;
        out->none_frac = (double)out->none / (double)out->questions;
    }
}
