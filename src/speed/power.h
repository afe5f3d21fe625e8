/* power.h - watts of a device while it decodes, while it prefills, and while it waits. */
#ifndef MOAT_SPEED_POWER_H
#define MOAT_SPEED_POWER_H

#include "facts/accelerator.h"

double power_idle_w(const struct accelerator *acc);
/* compute and memory utilisation in [0, 1]: idle + (tdp - idle) * max4(a*compute, b*memory), capped at tdp. */
double power_busy_w(const struct accelerator *acc, double compute_frac, double memory_frac);

#endif
