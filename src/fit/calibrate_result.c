/* calibrate_result.c - what comes of a calibration: factors with intervals, errors held out, an overlay. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/num.h"
#include "fit/calibrate.h"

#define Z80 1.2815515655446004 /* 90 % quantile of the normal distribution */
#define PERCENT 100.0

static int by_value(const void *pa, const void *pb)
{
    double a = *(const double *)pa, b = *(const double *)pb;
    return (a > b) - (a < b);
}

static double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_value);
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

static bool is_ttft(enum fit_metric m)
{
    return fit_metric_table[m].sort == FIT_SORT_TTFT;
}

void fit_held_scores(struct arena *a, struct fit_calibration *out)
{
    for (int k = 0; k < SCALE_N; k++) {
        double f = out->constants.factor[k], w = Z80 * out->constants.width[k];
        bool fitted = out->constants.state[k] == CONST_IDENTIFIED || out->constants.state[k] == CONST_WEAK ||
                      out->constants.state[k] == CONST_SHARED;
        out->factor[k] = fitted ? (struct span){f, f * exp(-w), f * exp(w)} : (struct span){1, 1, 1};
    }
    out->better = true;
    for (int m = 0; m < SEEN_N; m++) {
        double *before = ARENA_ARRAY(a, double, out->nheld), *after = ARENA_ARRAY(a, double, out->nheld);
        struct fit_held_score *s = &out->score[m];
        for (size_t i = 0; i < out->nheld; i++) {
            const struct fit_held *h = &out->held[i];
            if (is_ttft(h->metric) != (m == SEEN_TTFT))
                continue;
            before[s->n] = fabs(h->before / h->measured - 1) * PERCENT;
            after[s->n] = fabs(h->after / h->measured - 1) * PERCENT;
            s->before_worst_pct = fmax(s->before_worst_pct, before[s->n]);
            s->after_worst_pct = fmax(s->after_worst_pct, after[s->n]);
            s->n++;
        }
        s->before_median_pct = s->n ? median(before, s->n) : NAN;
        s->after_median_pct = s->n ? median(after, s->n) : NAN;
        if (s->n) /* the steps have the last word */
            out->better = s->after_median_pct < s->before_median_pct;
    }
}

struct calibration fit_calibration_entry(const struct fit_calibration *c)
{
    struct calibration out = calibration_none();
    const struct fit_point *p = c->n ? c->seen[0].p : NULL;
    if (!p || !c->used)
        return out;
    struct quant q = fit_quant(p);
    out.framework = stack_file_name(p->stack);
    out.accelerator = p->acc->id;
    out.model = p->model->id;
    out.precision = q.linear;
    out.experts = q.experts;
    out.interval = c->interval;
    out.points = (int64_t)c->used;
    memcpy(out.factor, c->constants.factor, sizeof out.factor);
    return out;
}

/* Four digits: more were never measured. */
static void number(struct buf *b, double v)
{
    char text[NUM_TEXT];
    buf_addn(b, text, num_digits(text, 4, v));
}

static void text(struct buf *b, const char *key, const char *v)
{
    if (!v)
        return;
    buf_fmt(b, "%s: '", key);
    for (; *v; v++)
        buf_addn(b, *v == '\'' ? "''" : v, *v == '\'' ? 2 : 1);
    buf_add(b, "'\n");
}

static void bound(struct buf *b, const char *key, double v)
{
    if (isnan(v))
        return;
    buf_fmt(b, "  %s: ", key);
    number(b, v);
    buf_add(b, "\n");
}

void fit_calibration_yaml(struct buf *out, const struct calibration *c)
{
    buf_add(out, "# Made by moat calibrate. A factor of 1 is the stack as it is, 2 takes twice as long.\n"
                 "# To use it: --catalog THIS.yaml, or put it into calibrations/ of a folder given to --catalog.\n");
    text(out, "framework", c->framework);
    text(out, "accelerator", c->accelerator);
    text(out, "model", c->model);
    buf_fmt(out, "precision: %s\n", precision_table[c->precision].name);
    buf_fmt(out, "experts: %s                # number format of the experts, where there are any\n",
            precision_table[c->experts].name);
    buf_add(out, "factors:\n");
    for (int k = 0; k < SCALE_N; k++)
        bound(out, scale_name[k], c->factor[k]);
    buf_add(out, "interval:                    # 80 %: truth lies within [p*(1 - lo), p*(1 + hi)]\n");
    bound(out, "step_lo", c->interval.step_lo);
    bound(out, "step_hi", c->interval.step_hi);
    bound(out, "ttft_lo", c->interval.ttft_lo);
    bound(out, "ttft_hi", c->interval.ttft_hi);
    buf_fmt(out, "points: %lld\n", (long long)c->points);
    text(out, "source", c->source);
    text(out, "hash", c->hash);
    text(out, "date", c->date);
}
