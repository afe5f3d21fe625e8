/* fleet_default.c - reads data/fleet.yaml. */
#include "facts/fleet_default.h"

#include "facts/figures.h"

bool fleet_defaults_read(struct arena *a, const struct node *doc, struct fleet_defaults *out, struct err *e)
{
    const struct figure_field f[] = {
        {"used", UNIT_FRAC, &out->used_frac, 0.01, 1},
        {"salvage", UNIT_FRAC, &out->salvage_frac, 0, 1},
        {"lease_out", UNIT_FRAC, &out->lease_frac, 0, 1},
        {"lease_out_hours", UNIT_FRAC, &out->lease_hours_frac, 0, 1},
        {"lead", UNIT_LEAD_MONTHS, &out->lead_months, 0, 120},
        {"repair", UNIT_DURATION_S, &out->repair_s, 0, 1e8},
        {"complexity", UNIT_USD, &out->complexity_usd_y, 0, 1e12},
        {"unmet", UNIT_FACTOR, &out->unmet_mult, 1, 1e6},
        {"rack_units", UNIT_COUNT, &out->rack_units, 0, 100},
        {"cvar_tail", UNIT_FRAC, &out->cvar_tail_frac, 0.001, 1},
        {"cvar_weight", UNIT_FRAC, &out->cvar_weight, 0, 1},
    };
    return figures_read(a, doc, f, sizeof f / sizeof *f, &out->source, e);
}
