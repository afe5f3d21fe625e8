/* calibration.c - ec / compute, em / memory, t0 * fixed, e / link, request_fixed * request. */
#include "facts/calibration.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"

const char *const scale_name[SCALE_N] = {"compute", "memory", "fixed", "link", "request"};

#define LEAST 0.05 /* a factor beyond these is a slip, not a calibration */
#define MOST 20.0

static bool read_factors(struct arena *a, const struct node *map, double factor[SCALE_N], struct err *e)
{
    if (!map || map->kind != NODE_MAP)
        return true;
    if (!node_keys(a, map, scale_name, SCALE_N, e))
        return false;
    for (int k = 0; k < SCALE_N; k++) {
        const struct node *one = node_get(map, scale_name[k]);
        if (!node_unit(a, one, UNIT_FACTOR, &factor[k], e))
            return false;
        if (!(factor[k] >= LEAST && factor[k] <= MOST))
            return err_input(e, node_place(a, one), "expected a factor from %g to %g, got %g", LEAST, MOST, factor[k]);
    }
    return true;
}

static bool read_interval(struct arena *a, const struct node *map, struct interval *i, struct err *e)
{
    static const char *const names[] = {"step_lo", "step_hi", "ttft_lo", "ttft_hi"};
    double *const to[] = {&i->step_lo, &i->step_hi, &i->ttft_lo, &i->ttft_hi};
    if (!map)
        return true;
    if (!node_keys(a, map, names, 4, e))
        return false;
    for (int k = 0; k < 4; k++) {
        const struct node *one = node_get(map, names[k]);
        if (!node_f64(a, one, to[k], e))
            return false;
        if (one && !(*to[k] >= 0 && (k % 2 || *to[k] < 1)))
            return err_input(e, node_place(a, one), "expected how far the truth may lie off, as 0.12, got %g", *to[k]);
    }
    return true;
}

static bool read_format(struct arena *a, const struct node *nd, enum precision *out, struct err *e)
{
    const char *name = NULL;
    if (!node_str(a, nd, &name, e))
        return false;
    if (!name)
        return true;
    *out = precision_find(name);
    return *out != PREC_N || err_input(e, node_place(a, nd), "unknown number format \"%.40s\"", name);
}

struct calibration calibration_none(void)
{
    struct calibration c = {.precision = PREC_N, .experts = PREC_N, .interval = {NAN, NAN, NAN, NAN}};
    for (int k = 0; k < SCALE_N; k++)
        c.factor[k] = 1;
    return c;
}

bool calibration_read(struct arena *a, const struct node *doc, struct calibration *out, struct err *e)
{
    static const char *const names[] = {"framework", "accelerator", "model", "precision", "experts", "factors",
                                        "interval",  "points",      "source", "hash",     "date"};
    *out = calibration_none();
    if (doc->kind != NODE_MAP || !node_get(doc, "factors"))
        return err_input(e, doc->file, "is no calibration: it has no factors"),
               err_mend(e, "moat calibrate POINTS.csv --out FILE.yaml writes one");
    if (!node_keys(a, doc, names, sizeof names / sizeof *names, e) ||
        !node_str(a, node_get(doc, "framework"), &out->framework, e) ||
        !node_str(a, node_get(doc, "accelerator"), &out->accelerator, e) ||
        !node_str(a, node_get(doc, "model"), &out->model, e) ||
        !read_format(a, node_get(doc, "precision"), &out->precision, e) ||
        !read_format(a, node_get(doc, "experts"), &out->experts, e) ||
        !read_factors(a, node_get(doc, "factors"), out->factor, e) ||
        !read_interval(a, node_get(doc, "interval"), &out->interval, e) ||
        !node_int(a, node_get(doc, "points"), 1, INT32_MAX, &out->points, e) ||
        !node_str(a, node_get(doc, "source"), &out->source, e) || !node_str(a, node_get(doc, "hash"), &out->hash, e) ||
        !node_str(a, node_get(doc, "date"), &out->date, e))
        return false;
    const char *missing = !out->framework     ? "framework"
                          : !out->accelerator ? "accelerator"
                          : !out->source      ? "source"
                                              : NULL;
    return !missing || err_input(e, doc->file, "a calibration needs %s", missing);
}

static bool has_experts(const struct model *m)
{
    for (size_t i = 0; i < m->ngroup; i++)
        if (m->group[i].experts > 0)
            return true;
    return false;
}

const struct calibration *calibration_find(const struct calibration *c, size_t n, const struct stack *s,
                                           const struct accelerator *acc, const struct model *m,
                                           const struct quant *q)
{
    for (size_t i = n; i-- > 0;) {
        bool same = strcmp(c[i].framework, s->framework) == 0 && strcmp(c[i].accelerator, acc->id) == 0;
        same = same && (!c[i].model || strcmp(c[i].model, m->id) == 0);
        same = same && (c[i].precision == PREC_N || c[i].precision == q->linear);
        if (same && (c[i].experts == PREC_N || c[i].experts == q->experts || !has_experts(m)))
            return &c[i];
    }
    return NULL;
}

static void stretch(struct stack *s, const double f[SCALE_N])
{
    struct op_const *const op[] = {s->gemm, s->moe};
    struct attn_const *const attn[] = {&s->prefill, &s->decode, &s->mla_prefill, &s->mla_decode, &s->linear};
    struct comm_const *const comm[] = {&s->all_reduce, &s->all_gather, &s->reduce_scatter,
                                       &s->all_to_all, &s->p2p,        &s->net};
    for (int i = 0; i < 2; i++)
        for (int p = 0; p < PREC_N; p++) {
            op[i][p].ec /= f[SCALE_COMPUTE];
            op[i][p].em /= f[SCALE_MEMORY];
            op[i][p].t0_s *= f[SCALE_FIXED];
        }
    for (int i = 0; i < 5; i++) {
        attn[i]->ec /= f[SCALE_COMPUTE];
        attn[i]->em /= f[SCALE_MEMORY];
        attn[i]->em8 /= f[SCALE_MEMORY];
        attn[i]->t0_s *= f[SCALE_FIXED];
    }
    for (int i = 0; i < 6; i++) {
        comm[i]->a0_s *= f[SCALE_FIXED];
        comm[i]->a1_s *= f[SCALE_FIXED];
        comm[i]->e /= f[SCALE_LINK];
    }
    s->small_kernel_dense_s *= f[SCALE_FIXED];
    s->small_kernel_moe_s *= f[SCALE_FIXED];
    s->step_fixed_s *= f[SCALE_FIXED];
    s->step_per_seq_s *= f[SCALE_FIXED];
    s->prefill_floor_s_per_layer *= f[SCALE_FIXED];
    s->request_fixed_s *= f[SCALE_REQUEST];
}

static void measured_here(struct stack *s, const struct interval *own)
{
    for (int t = 0; t < 3; t++) {
        struct interval *i = &s->interval[t];
        if (!isnan(own->step_lo) && !isnan(own->step_hi))
            i->step_lo = own->step_lo, i->step_hi = own->step_hi;
        if (!isnan(own->ttft_lo) && !isnan(own->ttft_hi))
            i->ttft_lo = own->ttft_lo, i->ttft_hi = own->ttft_hi;
    }
    s->evidence = GRADE_MEASURED;
    s->calibrated = true;
}

void calibration_apply(const struct calibration *c, struct stack *s)
{
    if (!c)
        return;
    stretch(s, c->factor);
    if (!isnan(c->interval.step_lo) || !isnan(c->interval.ttft_lo))
        measured_here(s, &c->interval);
}
