/* show_sweep.h - the document of `moat sweep`. */
#ifndef MOAT_SHOW_SHOW_SWEEP_H
#define MOAT_SHOW_SHOW_SWEEP_H

#include "plan/sweep.h"
#include "show/show.h"

void show_sweep(const struct show *s, const struct sweep *w);

#endif
