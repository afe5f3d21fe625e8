/* power_const.c - data/power.yaml: each constant with its source. */
#include "facts/power_const.h"

#include "base/doc.h"
#include "base/err.h"
#include "facts/figures.h"

bool power_const_read(struct arena *a, const struct node *doc, struct power_const *out, struct err *e)
{
    const struct figure_field f[] = {
        {"idle", UNIT_FRAC, &out->idle_frac, 0, 0.9},
        {"busy", UNIT_FRAC, &out->busy_frac, 0, 0.95},
        {"compute", UNIT_FACTOR, &out->compute_frac, 0, 10},
        {"memory", UNIT_FACTOR, &out->memory_frac, 0, 10},
        {"clock_exponent", UNIT_FACTOR, &out->clock_exponent, 1, 4},
        {"memory_offchip", UNIT_FRAC, &out->offchip_frac, 0, 1},
        {"memory_knee", UNIT_FRAC, &out->knee_frac, 0.05, 1},
        {"interval_lo", UNIT_FRAC, &out->lo, 0, 0.95},
        {"interval_hi", UNIT_FACTOR, &out->hi, 0, 10},
    };
    if (!figures_read(a, doc, f, sizeof f / sizeof *f, &out->source, e))
        return false;
    if (out->busy_frac < out->idle_frac || !(out->knee_frac > 0) || out->clock_exponent < 1)
        return err_input(e, doc->file, "a constant is missing, or a device at work draws less than one that waits"),
               err_mend(e, "copy data/power.yaml");
    return true;
}
