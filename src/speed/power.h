/* power.h - watts of a device while it computes and while it waits; what a power cap does to its speed. NaN: no TDP known. */
#ifndef MOAT_SPEED_POWER_H
#define MOAT_SPEED_POWER_H

#include "speed/deployment.h"

struct span;
struct step_time;
struct step_table;

double power_idle_w(const struct deployment *d);
/* One device at these shares of its peak FLOP/s and of its bandwidth, within its TDP and its cap. */
double power_busy_w(const struct deployment *d, double compute_frac, double memory_frac);
/* Energy with the interval of the power model; watts of n devices, which do not go far above the TDP or the cap. */
struct span power_span(const struct deployment *d, double at);
struct span power_span_w(const struct deployment *d, double at_w, double n);
/* One device during a step, from the FLOP and bytes of its parts. */
double power_step_w(const struct deployment *d, const struct step_time *t);

/* Sets the rates that keep d within d->power_cap_w: the clock by a step that computes prompts of prompt_tok tokens, the
** bandwidth by one that decodes so many sequences. deployment_check has accepted d. Without a cap nothing changes. */
void power_cap_apply(struct deployment *d, int64_t seqs, int64_t context, int64_t prompt_tok);
/* The same for loads that are not known beforehand: half the sequences that a replica may have. */
void power_cap_apply_usual(struct deployment *d);

/* The power fields of a table: waiting, prompts, and decoding 1, 8, 64 ... sequences; whole replica. And by which bounds such
** steps take their time. */
void power_of_replica(const struct deployment *d, struct step_table *out);

#endif
