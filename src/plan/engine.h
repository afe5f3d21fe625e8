/* engine.h - what a scenario tells the engine beside its policy, as the simulator takes it. */
#ifndef MOAT_PLAN_ENGINE_H
#define MOAT_PLAN_ENGINE_H

#include "facts/scenario.h"
#include "sim/sim.h"
#include "speed/deployment.h"

void engine_pool(const struct deployment *d, const struct memory *m, const struct engine_keys *k, struct sim_pool *out);
/* What of it comes to nothing here. */
void engine_notes(const struct scenario *s, const char *scheduler, const struct accelerator *acc, struct notes *notes);

#endif
