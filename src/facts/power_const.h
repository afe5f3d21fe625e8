/* power_const.h - constants of the power model (data/power.yaml; formula: speed/power.c). Shares are of the TDP. */
#ifndef MOAT_FACTS_POWER_CONST_H
#define MOAT_FACTS_POWER_CONST_H

#include <stdbool.h>

struct arena;
struct err;
struct node;

struct power_const {
    double idle_frac;      /* waiting with the model loaded, where the device's file has no `idle` */
    double busy_frac;      /* at work: clocks up, nothing computed or moved yet */
    double compute_frac;   /* more at all of the peak FLOP/s; prompts reach the TDP before */
    double memory_frac;    /* more at all of the memory bandwidth */
    double clock_exponent; /* dynamic power ~ clock^this */
    double offchip_frac;   /* of memory_frac: what does not follow the clock */
    double knee_frac;      /* share of the clock below which memory bandwidth falls with it */
    double lo, hi;         /* 80 %: truth within [p*(1-lo), p*(1+hi)] */
    const char *source;
};

bool power_const_read(struct arena *a, const struct node *doc, struct power_const *out, struct err *e);

#endif
