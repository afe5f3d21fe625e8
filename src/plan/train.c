/* train.c - a campaign from the step time of its best split: steps, days with failures, dollars, energy. */
#include "plan/train.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/cost.h"

#define CHECKPOINT_BYTES 14.0 /* a parameter: 16-bit weight, fp32 master and two moments */
#define LEAST_PROGRESS 0.05 /* below, what fails before it is saved is nearly all */
#define DAY_S 86400.0
#define HOUR_S 3600.0
#define J_PER_MWH 3.6e9

const char *const train_binding_name[] = {NULL, "memory", "split", "budget", "days", "failures"};

struct train_space train_space_of(const struct catalog *c, const struct train_question *q)
{
    const char *stack = q->framework ? q->framework : training_default_stack(q->acc);
    struct err none = {0};
    const struct stack_file *f = catalog_stack(c, "generic", NULL, "framework", &none);
    struct train_const k = training_constants(&c->training, stack, q->acc);
    struct train_space sp = {.job = {.acc = q->acc,
                                     .model = q->model,
                                     .ops = train_ops(stack_constants(f, q->acc), &k),
                                     .c = k,
                                     .precision = q->precision,
                                     .devices = q->devices,
                                     .global_batch = q->global_batch,
                                     .seq_tok = q->seq_tok,
                                     .lora_rank = q->lora_rank},
                             .fix = train_split_open()};
    sp.fix.tp = q->tp, sp.fix.pp = q->pp, sp.fix.vp = q->vp, sp.fix.cp = q->cp, sp.fix.ep = q->ep;
    sp.fix.micro_batch = q->micro_batch;
    sp.fix.shard = q->shard;
    sp.fix.recompute = q->recompute < 0 ? RECOMPUTE_N : (enum train_recompute)q->recompute;
    return sp;
}

static struct span slower(double at, const struct train_const *c)
{
    return (struct span){at, at * (1 - c->lo), at * (1 + c->hi)};
}

static struct span inverse(double numerator, struct span s)
{
    return (struct span){numerator / s.at, numerator / s.hi, numerator / s.lo};
}

static struct span times(struct span s, double f)
{
    return (struct span){s.at * f, s.lo * f, s.hi * f};
}

static void failures(const struct catalog *c, const struct train_question *q, struct train_plan *p)
{
    const struct reliability *r = &c->training.reliability;
    p->mtbf_s = q->mtbf_s > 0 ? q->mtbf_s : r->mtbf_s;
    p->restart_s = q->restart_s > 0 ? q->restart_s : r->restart_s;
    p->job_mtbf_s = p->mtbf_s / q->devices;
    double each = q->lora_rank > 0 ? 0 : CHECKPOINT_BYTES; /* adapters are nothing beside */
    p->checkpoint_bytes = each * model_params(q->model);
    p->checkpoint_write_s = q->checkpoint_write_s > 0
                                ? q->checkpoint_write_s
                                : fmax(1, p->checkpoint_bytes / (r->checkpoint_bytes_s * q->devices));
    p->checkpoint_interval_s = q->checkpoint_interval_s > 0 ? q->checkpoint_interval_s
                                                            : train_checkpoint_s(p->checkpoint_write_s, p->job_mtbf_s);
    p->effective_frac = train_effective(p->checkpoint_interval_s, p->checkpoint_write_s, p->restart_s, p->job_mtbf_s);
}

static void money(struct arena *a, const struct catalog *c, const struct train_question *q, struct train_plan *p)
{
    p->price = price_find(a, c, q->acc, &q->price);
    p->billed = cost_billed(&p->price, q->devices);
    p->usd_h = p->price.found ? p->billed * p->price.usd_h : NAN;
    p->usd = times(p->days, p->usd_h * DAY_S / HOUR_S);
    double w = q->acc->tdp_w > 0 ? p->found.step.power_w * c->economics.server_power_mult * c->economics.pue : NAN;
    double mwh = p->days.at * w * q->devices * DAY_S / J_PER_MWH;
    const struct power_const *k = &p->found.job.ops.power; /* errors of time and of power do not go together */
    p->energy_mwh = (struct span){mwh, mwh * (1 - hypot(p->found.job.c.lo, k->lo)), mwh * (1 + hypot(p->found.job.c.hi, k->hi))};
}

static void limits(const struct train_question *q, struct train_plan *p)
{
    if (q->max_days > 0 && p->days.at > q->max_days)
        p->binding = TRAIN_BINDS_DAYS, p->short_by = p->days.at / q->max_days;
    else if (q->max_usd > 0 && p->usd.at > q->max_usd)
        p->binding = TRAIN_BINDS_BUDGET, p->short_by = p->usd.at / q->max_usd;
}

static void campaign(struct arena *a, const struct catalog *c, const struct train_question *q, struct train_plan *p)
{
    const struct train_job *j = &p->found.job;
    double tokens = (double)j->global_batch * (double)j->seq_tok, step_s = p->found.step.t_s;
    p->steps = ceil(q->tokens / tokens);
    p->step_s = slower(step_s, &j->c);
    p->tok_s_device = inverse(tokens / j->devices, p->step_s);
    p->mfu_frac = inverse(train_mfu(j, step_s) * step_s, p->step_s);
    p->mfu_6nd_frac =
        p->mfu_frac.at * 6 * model_active_params(j->model) / train_model_flop_tok(j->model, j->seq_tok, false);
    p->days = times(p->step_s, p->steps / p->effective_frac / DAY_S);
    p->mfu_all_hours_frac = times(p->mfu_frac, p->effective_frac);
    p->accelerator_hours = times(p->days, DAY_S / HOUR_S * j->devices);
    p->failures = p->days.at * DAY_S / p->job_mtbf_s;
    money(a, c, q, p);
    limits(q, p);
}

static struct span no_span(void)
{
    return (struct span){NAN, NAN, NAN};
}

bool plan_train(struct arena *a, const struct catalog *c, const struct train_question *q, struct train_plan *out,
                struct err *e)
{
    struct train_space sp = train_space_of(c, q);
    struct train_plan *p = out;
    *p = (struct train_plan){.q = q, .short_by = NAN, .steps = NAN, .failures = NAN, .mfu_6nd_frac = NAN, .usd_h = NAN};
    p->step_s = p->tok_s_device = p->mfu_frac = p->mfu_all_hours_frac = p->days = p->accelerator_hours = p->usd =
        p->energy_mwh = no_span();
    if (!train_runs(&sp.job, e))
        return false;
    if (sp.job.devices > 1 && q->acc->card)
        return err_input(e, "devices", "a MIG instance reaches no other: %s trains alone", q->acc->id);
    if (sp.job.devices > 1 && q->acc->scaleup.topology == TOPO_NONE && q->acc->pcie_bytes_s <= 0)
        return err_input(e, "devices", "no link between two of %s is known", q->acc->id);
    train_search(&sp, &p->found);
    p->tier = sp.job.c.tier;
    bool own = p->tier == TIER_DEVICE;
    p->evidence = q->acc->evidence == GRADE_ASSUMED ? GRADE_ASSUMED : own ? GRADE_MEASURED : GRADE_INFERRED;
    failures(c, q, p);
    if (p->found.any && !isfinite(p->found.step.t_s)) {
        err_input(e, "devices", "no link among %d of %s is known", sp.job.devices, q->acc->id);
        return err_mend(e, "take as many as its scale-up domain has, or a chip file with scaleout");
    }
    if (p->found.any && !(p->effective_frac >= LEAST_PROGRESS)) {
        p->binding = TRAIN_BINDS_FAILURES;
        p->short_by = (p->checkpoint_interval_s + p->checkpoint_write_s + p->restart_s) / p->job_mtbf_s;
        return true;
    }
    if (p->found.any) {
        campaign(a, c, q, p);
        return true;
    }
    p->binding = p->found.tried ? TRAIN_BINDS_MEMORY : TRAIN_BINDS_SPLIT;
    if (p->found.tried)
        p->short_by = p->found.memory.total_bytes / p->found.memory.usable_bytes;
    return true;
}
