/* work.c - the table of work classes; what every class shares: gates, the interval, evidence and power. */
#include "speed/work.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "speed/power.h"
#include "speed/work_class.h"

static const struct work_kind {
    enum work_class cls;
    void (*run)(struct work_run *r);
} work_table[] = {
    {WORK_RECOMMENDER, work_recommender}, {WORK_DIFFUSION, work_diffusion},
    {WORK_DRIVING, work_driving},         {WORK_HPC, work_hpc},
    {WORK_GRAPHICS, work_graphics},
};

static const double arith_bytes[ARITH_N] = {8, 4, 2, 2, 1, 1, 0.5};

static double peak(const struct accelerator *acc, enum arith k)
{
    return k == ARITH_FP64 ? fmax(acc->peak_flop_s[k], acc->fp64_matrix_flop_s) : acc->peak_flop_s[k];
}

/* The fastest arithmetic that the workload takes; among equals the first named. */
static bool choose_arith(struct work_run *r)
{
    for (size_t i = 0; i < r->w->narith; i++)
        if (peak(r->acc, r->w->arith[i]) > r->peak_flop_s) {
            r->out->arith = r->w->arith[i];
            r->peak_flop_s = peak(r->acc, r->out->arith);
            r->value_bytes = arith_bytes[r->out->arith];
        }
    if (r->peak_flop_s > 0)
        return true;
    return work_refuse(r, "capability", NAN, "%s has no %s arithmetic%s", r->acc->id, arith_name[r->w->arith[0]],
                       r->w->narith > 1 ? ", nor what stands in for it" : "");
}

/* Capabilities that one operator needs. */
static bool gate(struct work_run *r, const struct work_op *op)
{
    const struct accelerator *acc = r->acc;
    enum arith vector = r->w->fp64 ? ARITH_FP64 : ARITH_FP32;
    switch (op->kind) {
    case WORK_STREAM:
        return op->flop <= 0 || acc->peak_flop_s[vector] > 0 ||
               work_refuse(r, "capability", NAN, "%s has no %s rate", acc->id, arith_name[vector]);
    case WORK_SHADE:
        if (!acc->graphics)
            return work_refuse(r, "capability", NAN, "%s draws no graphics", acc->id);
        return acc->peak_flop_s[ARITH_FP32] > 0 || work_refuse(r, "capability", NAN, "%s has no fp32 rate", acc->id);
    case WORK_RAYS:
        return acc->rt_cores > 0 || work_refuse(r, "capability", NAN, "%s has no ray tracing cores", acc->id);
    case WORK_ENCODE:
        return acc->encoders > 0 || work_refuse(r, "capability", NAN, "%s has no video encoder", acc->id);
    case WORK_GEMM:
    case WORK_LOOKUP:
    case WORK_EXCHANGE:
    case WORK_OP_N:
        break;
    }
    return true;
}

static bool gates(struct work_run *r)
{
    for (size_t i = 0; i < r->w->nop; i++)
        if (!gate(r, &r->w->op[i]))
            return false;
    return !r->w->narith || choose_arith(r);
}

/* assumed: a figure that the rate rests on is somebody's word. */
static enum grade evidence(const struct work_run *r)
{
    const struct accelerator *acc = r->acc;
    bool word = r->w->recall || acc->evidence == GRADE_ASSUMED;
    if (r->out->arith == ARITH_FP64)
        word |= accelerator_recall(acc, acc->fp64_matrix_flop_s > 0 ? "fp64_matrix" : "fp64");
    else if (r->out->arith != ARITH_N)
        word |= accelerator_recall(acc, arith_name[r->out->arith]);
    for (size_t i = 0; i < r->w->nop; i++) {
        enum work_op_kind k = r->w->op[i].kind;
        word |= k == WORK_SHADE && accelerator_recall(acc, "fp32");
        word |= k == WORK_RAYS && accelerator_recall(acc, "rt_cores");
        word |= k == WORK_ENCODE && accelerator_recall(acc, "encoders");
    }
    return word ? GRADE_ASSUMED : GRADE_INFERRED;
}

/* Shares of peak while the parts run, then power.c; idle between the frames of sessions. */
static void set_power(struct work_run *r)
{
    struct work_rate *o = r->out;
    struct deployment d = {.acc = r->acc, .stack = *r->stack};
    double flop = 0, bytes = 0, t_s = work_time_s(r), fps = r->w->session_fps;
    double top = r->peak_flop_s > 0 ? r->peak_flop_s : r->acc->peak_flop_s[ARITH_FP32];
    for (int i = 0; i < o->npart; i++) {
        flop += o->part[i].flop;
        bytes += o->part[i].bytes;
    }
    double compute = top > 0 ? fmin(1, flop / t_s / top) : 0, memory = fmin(1, bytes / t_s / r->acc->mem_bw_bytes_s);
    double idle_w = power_idle_w(&d), busy_w = power_busy_w(&d, compute, memory);
    double busy = fps > 0 ? fmin(1, o->rate_s.at * fps * t_s) : 1;
    o->power_w = power_span_w(&d, o->devices * (idle_w + busy * (busy_w - idle_w)), o->devices);
}

static void rate_at(struct arena *a, const struct workload *w, const struct work_shares *shares,
                    const struct accelerator *acc, const struct stack *s, int n, double batch, struct work_rate *out)
{
    static const struct span none = {0, 0, 0};
    *out = (struct work_rate){
        .fits = true, .short_by = NAN, .devices = n, .batch = batch, .arith = ARITH_N, .resident_frac = 1};
    struct work_run r = {.arena = a, .w = w, .shares = shares, .acc = acc, .stack = s, .out = out};
    r.k = work_share_of(shares, w->cls, acc, &out->other);
    r.lo = out->other ? fmin(shares->cls[w->cls].lo, shares->other_lo) : shares->cls[w->cls].lo;
    r.hi = out->other ? fmax(shares->cls[w->cls].hi, shares->other_hi) : shares->cls[w->cls].hi;
    if (gates(&r))
        work_table[w->cls].run(&r);
    out->evidence = evidence(&r);
    if (out->reason) {
        out->rate_s = out->total_s = out->power_w = none;
        out->batch_s = (struct span){NAN, NAN, NAN};
        return;
    }
    out->total_s = (struct span){n * out->rate_s.at, n * out->rate_s.lo, n * out->rate_s.hi};
    set_power(&r);
}

void work_rate(struct arena *a, const struct workload *w, const struct work_shares *shares,
               const struct accelerator *acc, const struct stack *s, int n, double batch, struct work_rate *out)
{
    double b = batch > 0 ? batch : w->batch;
    rate_at(a, w, shares, acc, s, n, b, out);
    while (batch <= 0 && b > 1 && out->reason && strcmp(out->binding, "memory") == 0) {
        b = floor(b / 2);
        rate_at(a, w, shares, acc, s, n, b, out);
    }
}
