/* work_op.c - operators of a workload: t = max4(flop / (P*share), bytes / (W*share)): op.c without tiles.
**
**      gemm    flop*b at the matrix peak; (values*b + params) of the arithmetic's width; kernels*t0 beside them
**      lookup  bytes*b                             gathered rows
**      stream  bytes*b; flop*b at the vector peak
**      shade   flop*b at the fp32 peak
**      rays    rays*b / (cores * rate of a core * share)
**
** b units in the batch. Training: forward, gradient to the input and gradient to the weights, 3 times the products; an
** embedding row is read, its gradient written and read, the row read and written: 5 passes. Gradients and optimizer: 16
** bytes a parameter (16-bit weight and gradient, fp32 master and two moments; ZeRO, arXiv:1910.02054, section 3.1).
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "speed/collective.h"
#include "speed/memory.h"
#include "speed/work_class.h"

#define GEMM_PASSES 3
#define ROW_PASSES 5
#define TRAIN_BYTES_PARAM 16
#define GRADIENT_BYTES 2

static struct op_time roof(double c_s, double b_s, double flop, double bytes)
{
    struct op_time t = {.flop = flop, .bytes = bytes, .bound = c_s > b_s ? BOUND_COMPUTE : BOUND_MEMORY};
    t.t_s = t.work_s = max4(c_s, b_s);
    return t;
}

static double vector_flop_s(const struct work_run *r)
{
    return r->acc->peak_flop_s[r->w->fp64 ? ARITH_FP64 : ARITH_FP32];
}

static double rays_s(const struct work_run *r)
{
    double core = r->shares->ray[0].rays_s;
    for (size_t i = 1; i < r->shares->nray; i++)
        if (r->acc->family && strcmp(r->shares->ray[i].family, r->acc->family) == 0)
            core = r->shares->ray[i].rays_s;
    return r->acc->rt_cores * core;
}

struct op_time work_op_time(const struct work_run *r, const struct work_op *op)
{
    const struct work_share *k = &r->k;
    double b = r->out->batch, bw = r->acc->mem_bw_bytes_s * k->memory, times = op->times, bytes = times * op->bytes * b;
    double flop = times * op->flop * b;
    switch (op->kind) {
    case WORK_GEMM: {
        double passes = r->w->train ? GEMM_PASSES : 1, share = r->w->train ? k->train : k->compute;
        double moved = passes * times * (op->values * b + op->params) * r->value_bytes;
        struct op_time t = roof(passes * flop / (r->peak_flop_s * share), moved / bw, passes * flop, moved);
        double launch_s =
            passes * times * op->kernels * (k->kernel_s > 0 ? k->kernel_s : r->stack->gemm[PREC_BF16].t0_s);
        t.t_s += launch_s;
        t.bound = launch_s > t.work_s ? BOUND_FIXED : t.bound;
        return t;
    }
    case WORK_LOOKUP: {
        double moved = bytes * (r->w->train ? ROW_PASSES : 1);
        return roof(0, moved / bw, 0, moved);
    }
    case WORK_STREAM:
        return roof(op->flop > 0 ? flop / vector_flop_s(r) : 0, bytes / bw, flop, bytes);
    case WORK_SHADE:
        return roof(flop / (r->acc->peak_flop_s[ARITH_FP32] * k->compute), 0, flop, 0);
    case WORK_RAYS:
        return roof(times * op->rays * b / (rays_s(r) * k->rays), 0, 0, 0);
    case WORK_ENCODE:
        return roof(times * op->pixels * b / (r->acc->encoders * r->shares->encoder_pixel_s), 0, 0, 0);
    case WORK_EXCHANGE:
    case WORK_OP_N:
        break;
    }
    return (struct op_time){0};
}

void work_add(struct work_run *r, const char *name, struct op_time t)
{
    struct work_rate *o = r->out;
    if (t.t_s > 0 && o->npart < WORK_PARTS)
        o->part[o->npart++] = (struct work_part){name, t.t_s, t.flop, t.bytes, t.bound};
}

void work_add_fixed(struct work_run *r, const char *name, double t_s)
{
    work_add(r, name, (struct op_time){.t_s = t_s, .bound = BOUND_FIXED});
}

void work_add_operators(struct work_run *r)
{
    for (size_t i = 0; i < r->w->nop; i++)
        if (r->w->op[i].kind != WORK_ENCODE && r->w->op[i].kind != WORK_EXCHANGE)
            work_add(r, r->w->op[i].name, work_op_time(r, &r->w->op[i]));
}

double work_time_s(const struct work_run *r)
{
    double t_s = 0;
    for (int i = 0; i < r->out->npart; i++)
        t_s += r->out->part[i].t_s;
    return t_s;
}

double work_params(const struct workload *w)
{
    double n = 0;
    for (size_t i = 0; i < w->nop; i++)
        n += w->op[i].params;
    return n;
}

double work_exchange_bytes(const struct workload *w)
{
    double bytes = 0;
    for (size_t i = 0; i < w->nop; i++)
        bytes += w->op[i].kind == WORK_EXCHANGE ? w->op[i].times * w->op[i].bytes : 0;
    return bytes;
}

double work_weight_bytes(const struct work_run *r)
{
    return work_params(r->w) * (r->w->train ? TRAIN_BYTES_PARAM : r->value_bytes);
}

void work_set_rate(struct work_run *r)
{
    struct work_rate *o = r->out;
    double t_s = work_time_s(r), rate = o->batch / t_s;
    if (isinf(t_s)) {
        work_refuse(r, "capability", NAN, "no link between several %s is known", r->acc->id);
        return;
    }
    o->rate_s = (struct span){rate, rate * r->lo, rate * r->hi};
    o->batch_s = (struct span){t_s, t_s / r->hi, t_s / r->lo};
}

void work_replicas(struct work_run *r)
{
    const struct workload *w = r->w;
    if (!work_fit(r, work_weight_bytes(r) + w->state_bytes + r->out->batch * w->unit_bytes))
        return;
    work_add_operators(r);
    if (w->train)
        work_add(r, "all-reduce",
                 op_collective(r->acc, r->stack, COLL_ALL_REDUCE, r->out->devices, GRADIENT_BYTES * work_params(w)));
    work_add_fixed(r, "fixed", w->train ? r->k.fixed_train_s : r->k.fixed_s);
    work_set_rate(r);
}

bool work_refuse(struct work_run *r, const char *binding, double short_by, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->out->reason = arena_strdup(r->arena, text);
    r->out->binding = binding;
    r->out->short_by = short_by;
    r->out->fits = false;
    return false;
}

bool work_fit(struct work_run *r, double need_bytes)
{
    struct work_rate *o = r->out;
    o->need_bytes = need_bytes;
    o->usable_bytes = memory_usable_bytes(r->acc);
    if (need_bytes <= o->usable_bytes)
        return true;
    return work_refuse(r, "memory", need_bytes / o->usable_bytes, "%.3g GB are needed on each card, %.3g GB are usable",
                       need_bytes / 1e9, o->usable_bytes / 1e9);
}
