/* train.h - a training campaign: best split, days, failures, dollars and energy: what `moat train` asks.
**
**      steps = tokens / (global batch * sequence)          work = steps * t_step
**      wall  = work / effective                            effective: see train_failure.c
**      usd   = billed cards * usd_h * wall                 energy = devices * W * server * PUE * wall
*/
#ifndef MOAT_PLAN_TRAIN_H
#define MOAT_PLAN_TRAIN_H

#include "facts/train_scenario.h"
#include "plan/train_search.h"

struct arena;

/* Checkpoint interval that loses least (Daly 2006), for a write that takes write_s and failures every mtbf_s. */
double train_checkpoint_s(double write_s, double mtbf_s);
/* Share of the time that is training: interval / expected time of an interval with its checkpoint, restarts and lost
 * work. */
double train_effective(double interval_s, double write_s, double restart_s, double mtbf_s);

enum train_binding { TRAIN_BINDS_NOTHING, TRAIN_BINDS_MEMORY, TRAIN_BINDS_SPLIT, TRAIN_BINDS_BUDGET, TRAIN_BINDS_DAYS, TRAIN_BINDS_FAILURES };
extern const char *const train_binding_name[]; /* NULL, "memory", "split", "budget", "days", "failures" */

struct train_plan {
    const struct train_question *q;
    struct train_found found; /* found.any: the numbers below hold */
    enum train_binding binding;
    double short_by; /* memory: needed over usable; budget, days: taken over allowed; else NaN */
    struct span step_s, tok_s_device, mfu_frac, mfu_all_hours_frac, days, accelerator_hours, usd, energy_mwh;
    double mfu_6nd_frac; /* with 6 * active parameters only */
    double steps, failures, effective_frac;
    double mtbf_s, job_mtbf_s, restart_s;
    double checkpoint_bytes, checkpoint_write_s, checkpoint_interval_s;
    struct price price;
    int billed;
    double usd_h;
    enum grade evidence;
    enum tier tier;
};

/* The job and what is fixed of its split. */
struct train_space train_space_of(const struct catalog *c, const struct train_question *q);
bool plan_train(struct arena *a, const struct catalog *c, const struct train_question *q, struct train_plan *out,
                struct err *e);

#endif
