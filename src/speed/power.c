/* power.c - P = TDP * min(1, busy + compute*u_c + memory*u_m), u = shares of peak FLOP/s and bandwidth over a step.
**
** Energy follows what is computed and what is moved; `busy` is what a device draws with its clocks up. Constants:
** data/power.yaml, fitted to Splitwise (Patel and others, ISCA 2024, arXiv:2311.18677). The efficiencies of the step
** times were measured within the TDP, so at the TDP nothing slows down further.
**
** A cap below that lowers the clock (Patel and others, POLCA, ASPLOS 2024, arXiv:2308.12908; Samsi and others, From
** Words to Watts, HPEC 2023, arXiv:2310.03003). At a share f of the clock
**
**      P(f) = idle + s * [(busy - idle) * f^k + (compute * u_c(f) + memory * (1 - o) * u_m(f)) * f^(k-1) + memory * o *
*u_m(f)]
**
** with u(f) those of the slower step, arithmetic f times as fast, bandwidth min(1, f / knee), o the part of the energy
*of a
** byte that is spent off the chip, and s <= 1 such that P(1) is within the TDP. The largest f with P(f) <= cap is found
*by bisection for prompts and for decoding, each by itself:
** a governor follows the load. Prompts set the clock of the deployment and decoding its bandwidth, since each is bound
*by
** the one and hardly by the other; a large decode batch that computes much is slowed too much. Fixed times and links
** are left as they are.
*/
#include "speed/power.h"

#include <string.h>

#include "speed/memory.h"
#include "speed/op.h"
#include "speed/predict.h"
#include "speed/step.h"

#define HALVINGS 20
#define OVERSHOOT 1.1 /* Splitwise measured peaks of up to 1.09 TDP */
#define USUAL_CONTEXT 1024
#define USUAL_PROMPT 2048

struct shares {
    double compute, memory;
};

double power_idle_w(const struct deployment *d)
{
    const struct accelerator *acc = d->acc;
    if (!(acc->tdp_w > 0))
        return NAN;
    return acc->idle_w > 0 ? acc->idle_w : d->stack.power.idle_frac * acc->tdp_w;
}

static double most_w(const struct deployment *d)
{
    return d->power_cap_w > 0 ? fmin(d->power_cap_w, d->acc->tdp_w) : d->acc->tdp_w;
}

double power_busy_w(const struct deployment *d, double compute_frac, double memory_frac)
{
    const struct power_const *c = &d->stack.power;
    double idle = power_idle_w(d);
    double w = d->acc->tdp_w * (c->busy_frac + c->compute_frac * compute_frac + c->memory_frac * memory_frac);
    return isnan(idle) ? idle : fmin(most_w(d), fmax(idle, w));
}

struct span power_span(const struct deployment *d, double at)
{
    const struct power_const *c = &d->stack.power;
    return (struct span){at, at * (1 - c->lo), at * (1 + c->hi)};
}

struct span power_span_w(const struct deployment *d, double at_w, double n)
{
    struct span w = power_span(d, at_w);
    double most = d->power_cap_w > 0 ? most_w(d) : OVERSHOOT * most_w(d); /* a cap holds, the TDP is a mean over time */
    w.hi = fmax(at_w, fmin(w.hi, most * n));
    return w;
}

static struct shares shares_of(const struct deployment *d, const struct step_time *t)
{
    double flop_s = 0, bytes_s = 0, peak = d->acc->peak_flop_s[deployment_precision(d).arith];
    for (size_t i = 0; i < t->npart; i++) {
        const struct step_part *p = &t->part[i];
        flop_s += p->count * p->one.flop / t->t_s;
        bytes_s += p->one.bound == BOUND_LINK ? 0 : p->count * p->one.bytes / t->t_s;
    }
    return (struct shares){fmin(1, flop_s / peak), fmin(1, bytes_s / d->acc->mem_bw_bytes_s)};
}

double power_step_w(const struct deployment *d, const struct step_time *t)
{
    struct shares u = shares_of(d, t);
    return power_busy_w(d, u.compute, u.memory);
}

/* ------------------------------------------------------------------ caps */

static struct deployment at_clock(const struct deployment *d, double f)
{
    struct deployment slow = *d;
    slow.clock_frac = f;
    slow.bandwidth_frac = fmin(1, f / d->stack.power.knee_frac);
    return slow;
}

/* Above idle, before s. */
static double dynamic_w(const struct deployment *d, const struct step_load *l, double f)
{
    const struct power_const *c = &d->stack.power;
    struct deployment slow = at_clock(d, f);
    struct step_time t;
    step_exact(&slow, l, &t);
    struct shares u = shares_of(d, &t);
    double tdp = d->acc->tdp_w, busy = fmax(0, c->busy_frac * tdp - power_idle_w(d));
    double each = pow(f, c->clock_exponent - 1), moved = c->offchip_frac + (1 - c->offchip_frac) * each;
    return busy * pow(f, c->clock_exponent) +
           tdp * (c->compute_frac * u.compute * each + c->memory_frac * u.memory * moved);
}

/* The largest share of the clock that keeps a load within the cap. */
static double clock_for(const struct deployment *d, const struct step_load *l)
{
    double idle = power_idle_w(d), full = dynamic_w(d, l, 1), s = fmin(1, (d->acc->tdp_w - idle) / full);
    double allowed = (d->power_cap_w - idle) / s, lo = 0, hi = 1;
    if (full <= allowed)
        return 1;
    for (int i = 0; i < HALVINGS; i++) {
        double f = (lo + hi) / 2;
        *(dynamic_w(d, l, f) <= allowed ? &lo : &hi) = f;
    }
    return hi;
}

/* Prompts of tok tokens in a step that keeps all ranks and stages at work. */
static struct step_load prompts(const struct deployment *d, int64_t tok)
{
    struct step_load l = step_load_prefill(d, 1, 0, tok < d->max_tokens ? tok : d->max_tokens, true);
    l.prefill_chunks = d->dp, l.prefill_first = 0;
    return l;
}

void power_cap_apply(struct deployment *d, int64_t seqs, int64_t context, int64_t prompt_tok)
{
    d->clock_frac = d->bandwidth_frac = 1;
    if (!(d->power_cap_w > 0) || d->power_cap_w >= d->acc->tdp_w)
        return;
    double clock = 1, bandwidth = 1;
    if (prompt_tok > 0) {
        struct step_load l = prompts(d, prompt_tok);
        clock = clock_for(d, &l);
    }
    if (seqs > 0) {
        struct step_load l = step_load_decode(d, seqs, context);
        bandwidth = fmin(1, clock_for(d, &l) / d->stack.power.knee_frac);
    }
    d->clock_frac = clock, d->bandwidth_frac = bandwidth;
}

static int64_t usual_context(const struct deployment *d)
{
    return d->max_context > 0 && d->max_context < USUAL_CONTEXT ? d->max_context : USUAL_CONTEXT;
}

void power_cap_apply_usual(struct deployment *d)
{
    power_cap_apply(d, d->max_seqs > 1 ? d->max_seqs / 2 : 1, usual_context(d), USUAL_PROMPT);
}

/* ------------------------------------------------------------------ for the simulator */

/* Without the engine's own time, which the simulator counts; launches that a floor stands for stay host time. */
static void parts_of(const struct step_time *t, double part[BOUND_N])
{
    for (int b = 0; b < BOUND_N; b++)
        part[b] = t->by_bound_s[b];
    for (size_t i = 0; i < t->npart; i++)
        if (!strcmp(t->part[i].op, "host"))
            part[BOUND_HOST] -= t->part[i].count * t->part[i].one.t_s;
    part[BOUND_HOST] = fmax(part[BOUND_HOST], 0);
}

/* A decode step of seqs sequences twice, with n and 2n tokens of context: the difference is n tokens'. */
static void decode_parts(const struct deployment *d, int64_t seqs, struct step_table *out, int at)
{
    enum { TOK = 8192 };
    double part[2][BOUND_N], all = 0;
    for (int i = 0; i < 2; i++) {
        struct step_load l = {.decode_seqs = seqs, .decode_full = seqs * TOK * (i + 1), .decode_clip = seqs * TOK * (i + 1)};
        struct step_time t;
        step_exact(d, &l, &t);
        parts_of(&t, part[i]);
    }
    for (int b = 0; b < BOUND_N; b++) {
        double tok = fmax(part[1][b] - part[0][b], 0);
        out->decode_parts_s[at][b] = fmax(part[0][b] - tok, 0);
        out->context_frac[b] = tok;
        all += tok;
    }
    for (int b = 0; b < BOUND_N && all > 0; b++)
        out->context_frac[b] /= all;
}

void power_of_replica(const struct deployment *d, struct step_table *out)
{
    int devices = deployment_devices(d);
    struct step_load l = prompts(d, USUAL_PROMPT);
    struct step_time t;
    out->power_idle_w = devices * power_idle_w(d);
    step_exact(d, &l, &t);
    out->power_prefill_w = devices * power_step_w(d, &t);
    parts_of(&t, out->prefill_parts);
    int64_t seqs = 1;
    for (out->npower = 0; out->npower < STEP_POWERS && seqs <= d->max_seqs; seqs *= STEP_POWER_RATIO) {
        l = step_load_decode(d, seqs, usual_context(d));
        step_exact(d, &l, &t);
        decode_parts(d, seqs, out, out->npower);
        out->power_decode_w[out->npower++] = devices * power_step_w(d, &t);
    }
}
