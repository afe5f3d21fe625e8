/* show_sim_pools.h - parts of the document of `moat sim`: what each pool did, what moved between them, and a service as a whole. */
#ifndef MOAT_SHOW_SIM_POOLS_H
#define MOAT_SHOW_SIM_POOLS_H

#include "base/json.h"
#include "show/show.h"

/* show_sim.c: one run, without the document around it. */
void sim_text(const struct show *s, const struct scenario *sc, const struct sim_run_out *r, const struct seeds *all);
void sim_json_body(struct jw *w, const struct show *s, const struct scenario *sc, const struct sim_run_out *r);
void sim_csv(const struct show *s, const struct sim_run_out *r, const struct seeds *all);

/* Nothing in what follows without `pools:`. */
bool sim_has_pools(const struct sim_run_out *r);
/* "4 x h100-sxm-80 and 8 x l40s" */
const char *sim_pools_cards(struct arena *a, const struct sim_run_out *r);
const char *sim_accelerators(struct arena *a, const struct sim_run_out *r);     /* "h100-sxm-80+l40s" */
void sim_pools_text(const struct show *s, const struct sim_run_out *r);
void sim_transfer_text(const struct show *s, const struct sim_run_out *r);
void sim_pools_json(struct jw *w, const struct sim_run_out *r);
void sim_pools_csv_head(struct buf *b, const struct sim_run_out *r);
void sim_pools_csv(struct buf *b, const struct sim_run_out *r);

#endif
