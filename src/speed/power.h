/* power.h - watts of a device while it decodes, while it prefills, and while it waits. 0: its TDP is not known. */
#ifndef MOAT_SPEED_POWER_H
#define MOAT_SPEED_POWER_H

#include "facts/accelerator.h"

struct deployment;
struct step_time;

double power_idle_w(const struct accelerator *acc);
/* compute and memory utilisation in [0, 1]: idle + (tdp - idle) * max4(a*compute, b*memory), capped at tdp. */
double power_busy_w(const struct accelerator *acc, double compute_frac, double memory_frac);
/* Power of one device during a step, from the FLOP and bytes of its parts. */
double power_step_w(const struct deployment *d, const struct step_time *t);
/* All devices of a replica: waiting, in a decode step at half its sequences, and while it computes prompts. */
void power_of_replica(const struct deployment *d, double *idle_w, double *decode_w, double *prefill_w);

#endif
