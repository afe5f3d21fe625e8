/* fleet_default.h - what a fleet scenario need not say (data/fleet.yaml, each with its source and date). */
#ifndef MOAT_FACTS_FLEET_DEFAULT_H
#define MOAT_FACTS_FLEET_DEFAULT_H

#include <stdbool.h>

struct arena;
struct err;
struct node;

struct fleet_defaults {
    double used_frac;           /* price of a used card over that of a new one on the same day */
    double salvage_frac;        /* of the market price of used cards at the end of the horizon */
    double lease_frac;          /* of the on-demand list price, for an hour that is let */
    double lease_hours_frac;    /* of the hours offered, those taken */
    double lead_months;
    double repair_s;
    double complexity_usd_y;    /* a SKU in service */
    double unmet_mult;          /* times the rent of the work */
    double rack_units;          /* a card */
    double cvar_tail_frac, cvar_weight;
    const char *source;
};

bool fleet_defaults_read(struct arena *a, const struct node *doc, struct fleet_defaults *out, struct err *e);

#endif
