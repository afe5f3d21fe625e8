/* show_life.h - the part of `moat sim` about replicas that come and go. */
#ifndef MOAT_SHOW_SHOW_LIFE_H
#define MOAT_SHOW_SHOW_LIFE_H

#include "base/json.h"
#include "show/show.h"

/* "2 replicas", "1 to 6 replicas, 1 spare" */
const char *life_replicas(struct arena *a, const struct sim_run_out *r);
void life_text(const struct show *s, const struct sim_run_out *r);     /* nothing when nothing changes */
void life_json(struct jw *w, const struct sim_run_out *r);

#endif
