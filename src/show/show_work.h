/* show_work.h - documents about workloads: their rates, their entries in the catalog, the score of their points. */
#ifndef MOAT_SHOW_SHOW_WORK_H
#define MOAT_SHOW_SHOW_WORK_H

#include "fit/work.h"
#include "plan/work_point.h"
#include "show/show.h"

/* One point in full; a list as a table. */
void show_work_points(const struct show *s, const struct work_points *p);
void show_works(const struct show *s, const struct catalog *c);
void show_work(const struct show *s, const struct workload *w);
void show_validate_work(const struct show *s, const struct work_report *r);

#endif
