/* ranking.c - every pair of points that are the same but for one thing, and whether its sign was predicted. */
#include "fit/ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit/merit.h"

const char *const fit_measure_name[FIT_MEASURES] = {"latency", "throughput_per_accelerator"};

enum differs { DIFFERS_ACCELERATOR, DIFFERS_TP, DIFFERS_FORMAT };

/* more stands above the line of the ratio. */
static const struct row {
    const char *of;
    enum differs by;
    const char *more, *less; /* of accelerators; NULL: any two */
} row[FIT_RATIOS] = {
    {"accelerators", DIFFERS_ACCELERATOR, NULL, NULL},
    {"h200-sxm-141/h100-sxm-80", DIFFERS_ACCELERATOR, "h200-sxm-141", "h100-sxm-80"},
    {"b200-sxm/h200-sxm-141", DIFFERS_ACCELERATOR, "b200-sxm", "h200-sxm-141"},
    {"mi300x/h100-sxm-80", DIFFERS_ACCELERATOR, "mi300x", "h100-sxm-80"},
    {"tp8/tp4", DIFFERS_TP, NULL, NULL},
    {"fp8/bf16", DIFFERS_FORMAT, NULL, NULL},
};

static bool same_pool(const struct fit_pool *a, const struct fit_pool *b)
{
    return a->workers == b->workers && a->tp == b->tp && a->dp == b->dp && a->ep == b->ep;
}

static bool same_load(const struct fit_point *a, const struct fit_point *b)
{
    return a->kind == b->kind && a->isl == b->isl && a->osl == b->osl && a->length_ratio_min == b->length_ratio_min &&
           a->concurrency == b->concurrency && a->rate_s == b->rate_s && a->batch == b->batch &&
           a->all_queued == b->all_queued && a->max_seqs == b->max_seqs && a->power_cap_w == b->power_cap_w;
}

static bool same_split(const struct fit_point *a, const struct fit_point *b, bool but_tp)
{
    return a->disaggregated == b->disaggregated && same_pool(&a->prefill, &b->prefill) &&
           same_pool(&a->decode, &b->decode) && (but_tp || (a->tp == b->tp && a->devices == b->devices)) &&
           a->pp == b->pp && a->dp == b->dp && a->ep == b->ep && a->replicas == b->replicas;
}

static bool same_format(const struct fit_point *a, const struct fit_point *b)
{
    return a->precision == b->precision && a->moe_precision == b->moe_precision && a->kv_precision == b->kv_precision;
}

static bool is_fp8(enum precision p)
{
    return p == PREC_FP8 || p == PREC_FP8_BLOCK;
}

static bool is_sixteen(enum precision p)
{
    return p == PREC_BF16 || p == PREC_FP16;
}

/* Is more / less a pair of this row? */
static bool pair_of(const struct row *r, const struct fit_point *more, const struct fit_point *less)
{
    if (more->model != less->model || strcmp(more->framework, less->framework) != 0 || !same_load(more, less) ||
        !same_split(more, less, r->by == DIFFERS_TP))
        return false;
    if (r->by != DIFFERS_FORMAT && !same_format(more, less))
        return false;
    if (r->by != DIFFERS_ACCELERATOR && more->acc != less->acc)
        return false;
    switch (r->by) {
    case DIFFERS_ACCELERATOR:
        return r->more ? strcmp(more->acc->id, r->more) == 0 && strcmp(less->acc->id, r->less) == 0
                       : strcmp(more->acc->id, less->acc->id) > 0; /* each pair once */
    case DIFFERS_TP:
        return more->tp == 8 && less->tp == 4;
    default:
        return is_fp8(more->precision) && is_sixteen(less->precision);
    }
}

/* How many times as fast as the other, 0 < x; NaN: not both are known. */
static double faster(const struct fit_merit *a, const struct fit_merit *b, enum fit_measure m, enum fit_side side)
{
    if (m == FIT_BY_LATENCY)
        return a->time == b->time ? b->time_s[side] / a->time_s[side] : NAN;
    return a->rate == b->rate ? a->rate_s[side] / b->rate_s[side] : NAN;
}

static void count(const struct fit_merit *more, const struct fit_merit *less, struct fit_ratio *to)
{
    for (int m = 0; m < FIT_MEASURES; m++) {
        double measured = faster(more, less, (enum fit_measure)m, FIT_MEASURED);
        double predicted = faster(more, less, (enum fit_measure)m, FIT_PREDICTED);
        struct fit_pairs *p = &to->by[m];
        if (isnan(measured) || isnan(predicted))
            continue;
        if (fmax(measured, 1 / measured) < 1 + FIT_TIE_FRAC) {
            p->ties++;
            continue;
        }
        p->pairs++;
        p->right += measured > 1 ? predicted > 1 : predicted < 1;
    }
}

static int by_model(const void *pa, const void *pb)
{
    const struct fit_merit *a = pa, *b = pb;
    int c = strcmp(a->point->model->id, b->point->model->id);
    return c ? c : (a->point->line > b->point->line) - (a->point->line < b->point->line);
}

void fit_rank(struct arena *a, const struct fit_report *r, struct fit_ranking *out)
{
    struct fit_merit *m;
    size_t n = fit_merits(a, r, &m);
    *out = (struct fit_ranking){0};
    if (n)
        qsort(m, n, sizeof *m, by_model);
    for (int k = 0; k < FIT_RATIOS; k++)
        out->ratio[k].of = row[k].of;
    for (size_t i = 0; i < n; i++)
        for (size_t j = i + 1; j < n && m[j].point->model == m[i].point->model; j++)
            for (int k = 0; k < FIT_RATIOS; k++)
                if (pair_of(&row[k], m[i].point, m[j].point))
                    count(&m[i], &m[j], &out->ratio[k]);
                else if (pair_of(&row[k], m[j].point, m[i].point))
                    count(&m[j], &m[i], &out->ratio[k]);
    for (int k = 0; k < FIT_RATIOS; k++)
        for (int i = 0; i < FIT_MEASURES; i++) {
            struct fit_pairs *p = &out->ratio[k].by[i];
            p->right_frac = p->pairs ? (double)p->right / (double)p->pairs : NAN;
            p->tau = 2 * p->right_frac - 1;
        }
}
