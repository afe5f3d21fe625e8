/* power.c - P = idle + (TDP - idle) * min(1, max4(A*u_compute, B*u_memory)), u = share of peak reached over the step.
**
** A first cut from the figures in Patel and others, "Splitwise" (ISCA 2024, arXiv:2311.18677, fig. 8 and 9): on A100
** and H100 prompts of more than about 1k tokens draw close to TDP, token generation 50 to 60 % of it hardly rising
** with the batch; and from Patel and others, "POLCA" (ASPLOS 2024, arXiv:2308.12908): idle GPUs about 20 % of TDP.
** No fitting: a prompt at 60 % of peak FLOP/s is taken to reach TDP (A = 1 / 0.6), a decode step at 80 % of
** bandwidth 55 % of TDP (B = (0.55 - idle) / (1 - idle) / 0.8 with idle 0.18). Expect +-20 %.
*/
#include "speed/power.h"

#include "speed/op.h"
#include "speed/step.h"

/* Idle with the model loaded, where the data sheet is silent: A100 about 60 of 400 W, H100 about 70 to 120 of 700 W. */
#define IDLE_FRAC 0.18
#define COMPUTE_GAIN (1 / 0.6)
#define MEMORY_GAIN ((0.55 - IDLE_FRAC) / (1 - IDLE_FRAC) / 0.8)

double power_idle_w(const struct accelerator *acc)
{
    return acc->idle_w > 0 ? acc->idle_w : IDLE_FRAC * acc->tdp_w;
}

double power_busy_w(const struct accelerator *acc, double compute_frac, double memory_frac)
{
    double idle = power_idle_w(acc), load = max4(COMPUTE_GAIN * compute_frac, MEMORY_GAIN * memory_frac);
    return idle + (acc->tdp_w - idle) * fmin(1, load);
}

double power_step_w(const struct deployment *d, const struct step_time *t)
{
    double flop_s = 0, bytes_s = 0, peak = d->acc->peak_flop_s[deployment_precision(d).arith];
    for (size_t i = 0; i < t->npart; i++) {
        const struct step_part *p = &t->part[i];
        flop_s += p->count * p->one.flop / t->t_s;
        bytes_s += p->one.bound == BOUND_LINK ? 0 : p->count * p->one.bytes / t->t_s;
    }
    return power_busy_w(d->acc, fmin(1, flop_s / peak), fmin(1, bytes_s / d->acc->mem_bw_bytes_s));
}

void power_of_replica(const struct deployment *d, double *idle_w, double *decode_w, double *prefill_w)
{
    int devices = deployment_devices(d);
    int64_t seqs = d->max_seqs > 1 ? d->max_seqs / 2 : 1, tok = d->max_tokens < 2048 ? d->max_tokens : 2048;
    struct step_load decode = step_load_decode(d, seqs, 1024), prefill = step_load_prefill(d, 1, 0, tok, true);
    prefill.prefill_chunks = d->dp, prefill.prefill_first = 0; /* all ranks and stages at work */
    struct step_time t;
    *idle_w = devices * power_idle_w(d->acc);
    step_exact(d, &decode, &t);
    *decode_w = devices * power_step_w(d, &t);
    step_exact(d, &prefill, &t);
    *prefill_w = devices * power_step_w(d, &t);
}
