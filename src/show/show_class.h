/* show_class.h - the priority classes of a simulation, for show_sim.c. */
#ifndef MOAT_SHOW_SHOW_CLASS_H
#define MOAT_SHOW_SHOW_CLASS_H

#include "base/json.h"
#include "show/show.h"

struct sim_result;

void show_classes(const struct show *s, const struct sim_result *r);    /* nothing where all are of one class */
void jw_classes(struct jw *w, const struct sim_result *r);

#endif
