/* physics.h - could this have been measured at all? */
#ifndef MOAT_FIT_PHYSICS_H
#define MOAT_FIT_PHYSICS_H

#include "fit/point.h"

/* NULL, or why the value is beyond what the devices' peak FLOP/s or memory bandwidth allow. */
const char *fit_beats_physics(const struct fit_point *p, enum fit_metric m, double measured);

struct arena;
/* The reason not to believe a measured value: what it beats, or its unit; NULL: none. predicted may be NaN.
** to_fit: suspicion is enough. */
const char *fit_doubt(struct arena *a, const struct fit_point *p, enum fit_metric m, double measured, double predicted,
                      bool to_fit);

#endif
