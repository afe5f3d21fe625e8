/* training.c - a measured training point predicted: split as stated or searched, step time, and the metrics that
*follow.
**
**      tok/s = tokens a step / t     TFLOP/s and MFU count 6N + full attention (speed/train.h); with recomputation for
*HFU
**      time to train = samples / global batch * t * (1 + evaluations)
*/
#include "fit/training.h"
#include "fit/campaign.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"

static struct train_space space(const struct fit_run *r)
{
    const struct fit_point *p = r->p;
    const struct fit_training *t = p->train;
    struct train_space sp = {.fix = t->fix};
    struct train_const c = training_constants(&r->s->training->training, p->framework, p->acc);
    sp.job = (struct train_job){
        .acc = p->acc,
        .model = p->model,
        .ops = train_ops(stack_constants_without(p->stack, p->acc, r->s->mask), &c),
        .c = c,
        .precision = p->precision,
        .devices = p->devices,
        .global_batch = t->global_batch,
        .seq_tok = p->isl,
        .lora_rank = t->lora_rank,
    };
    if (sp.fix.shard == SHARD_N)
        sp.fix.shard = sp.job.c.shard;
    return sp;
}

static struct span around(const struct train_const *c, double at, bool rate)
{
    return rate ? (struct span){at, at / (1 + c->hi), at / (1 - c->lo)}
                : (struct span){at, at * (1 - c->lo), at * (1 + c->hi)};
}

static void tell(struct fit_run *r, const struct train_const *c, enum fit_metric m, double base)
{
    if (isfinite(base) && base > 0)
        r->out->value[m] = around(c, base * fit_metric_table[m].per_base, fit_metric_table[m].sort == FIT_SORT_RATE);
}

static void metrics(struct fit_run *r, const struct train_found *f)
{
    const struct train_job *j = &f->job;
    const struct fit_training *t = r->p->train;
    double step_s = f->step.t_s, batch = (double)j->global_batch, tokens = batch * (double)j->seq_tok;
    double again = t->hardware_flop && f->split.recompute == RECOMPUTE_FULL ? 4.0 / 3 : 1;
    double tok_s = tokens / step_s / j->devices,
           flop_s = tok_s * train_model_flop_tok(j->model, j->seq_tok, false) * again;
    if (t->global_batch > 0) {
        tell(r, &j->c, FIT_STEP_TIME_S, step_s);
        tell(r, &j->c, FIT_TIME_TO_TRAIN_MIN, t->samples / batch * step_s * (1 + t->eval_frac));
    }
    tell(r, &j->c, FIT_TOK_S_PER_ACCELERATOR, tok_s);
    tell(r, &j->c, FIT_SAMPLES_PER_S, batch / step_s);
    tell(r, &j->c, FIT_TFLOP_S_PER_ACCELERATOR, flop_s / 1e12);
    tell(r, &j->c, FIT_MFU_PCT, 100 * train_mfu(j, step_s) * again);
}

/* It outlives the memory of the prediction. */
static const char *how(const struct fit_training *t, bool stated)
{
    static const char *const text[2][2][2] = {
        {{"training, best split", "training, best split, rest assumed"},
         {"training, best split, batch that fits", "training, best split, batch that fits, rest assumed"}},
        {{"training, split as stated", "training, split as stated, rest assumed"},
         {"training, split as stated, batch that fits",
          "training, split as stated, batch that fits, rest assumed"}},
    };
    return text[stated][t->global_batch == 0][t->assumed];
}

void fit_train(struct fit_run *r)
{
    if (r->p->train->campaign) {
        fit_campaign(r);
        return;
    }
    struct train_space sp = space(r);
    struct train_found f;
    bool stated = sp.fix.tp && sp.fix.pp;
    train_search(&sp, &f);
    if (!f.any && stated) { /* it ran, whatever moat thinks of its memory */
        sp.any_memory = true;
        if (sp.fix.recompute == RECOMPUTE_N)
            sp.fix.recompute = RECOMPUTE_FULL;
        train_search(&sp, &f);
    }
    if (!f.any) {
        if (f.tried)
            fit_refuse(r, "no split of it fits in memory: the closest lacks %.3g GB a device",
                       f.memory.short_by_bytes / 1e9);
        else
            fit_refuse(r, "%.160s", f.why);
        return;
    }
    bool own = sp.job.c.tier == TIER_DEVICE;
    r->out->tier = sp.job.c.tier;
    r->out->evidence = r->p->acc->evidence == GRADE_ASSUMED ? GRADE_ASSUMED : own ? GRADE_MEASURED : GRADE_INFERRED;
    r->out->fitted = training_fitted_on(&r->s->training->training, r->p->model->id, r->p->acc->id, r->p->id);
    r->out->how = how(r->p->train, stated);
    metrics(r, &f);
}
