/* fleet_rate.h - work that a card of each SKU does for each workload, from the floors below: the planner's only view of speed.
**
**      serving     largest load at which a few replicas keep every promise, by simulation, over their cards    fleet_serve.c
**      training    cards that finish the campaign in its window, from the step time and its failures           fleet_train.c
**      the rest    units a second a card (speed/work.h)
**
** 0 where the card cannot: memory, a promise it misses without load, no FP64, no graphics. Rates are those of the software at
** the date its constants were fitted, or of the incumbent's where none were: fleet_build.c lays maturity over them, once.
** Results are kept on disk under the xxHash64 of all they depend on.
*/
#ifndef MOAT_PLAN_FLEET_RATE_H
#define MOAT_PLAN_FLEET_RATE_H

#include "facts/fleet_scenario.h"
#include "plan/candidate.h"
#include "plan/size.h"

struct fleet_rate {
    double units_s;             /* a card; 0: it cannot */
    double lo_units_s;          /* at the unfavourable end of the 80 % interval; 0: not even without load */
    double cards, hi_cards;     /* training: of the campaign; NaN: it cannot */
    int devices;                /* serving: of a replica; training: of the run looked at */
    int tp, pp, dp, ep, max_seqs, max_tokens;   /* serving: the configuration */
    int linear, experts, attention;     /* and its number formats (enum precision) */
    int replicas;               /* simulated together */
    enum grade evidence;
    bool fitted;                /* constants of this software on this silicon were fitted */
    int32_t fitted_day;         /* at this date, days since 1970 */
    char config[64];            /* "tp 2", "batch 256", "8,192 cards, tp 8, pp 16" */
    char reason[160];           /* why the rate is 0; "" */
    bool cached;
};

struct fleet_rates {
    const struct fleet_rate *rate;      /* (job, product) */
    size_t found, kept;         /* computed, and taken from the cache */
    double wall_s;
};

struct fleet_rate_options {
    const char *cache;          /* folder; NULL: none */
    const char *program;        /* names the program in keys */
    int threads;
    void (*tick)(void *ctx, size_t done, size_t of);
    void *ctx;
};

bool fleet_rates_find(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_rate_options *o,
                      struct fleet_rates *out, struct notes *notes, struct err *e);

/* Largest demand of a job in its base future, in its busiest hour. */
double fleet_job_peak(const struct fleet_scenario *s, const struct fleet_job *j);

/* One of each; scratch is freed by the caller. */
void fleet_rate_serving(struct arena *scratch, struct catalog *c, const struct fleet_job *j, const struct accelerator *acc, double peak,
                        struct fleet_rate *out);
void fleet_rate_training(struct arena *scratch, struct catalog *c, const struct fleet_scenario *s, const struct fleet_job *j,
                         const struct accelerator *acc, struct fleet_rate *out);
void fleet_rate_units(struct arena *scratch, struct catalog *c, const struct fleet_job *j, const struct accelerator *acc,
                      struct fleet_rate *out);
/* Do so many replicas of a rate's configuration keep the promises at so many requests a second, at a point of the interval? */
bool fleet_serving_holds(struct arena *scratch, struct catalog *c, const struct fleet_job *j, const struct accelerator *acc,
                         const struct fleet_rate *r, int replicas, double load_s, bool unfavourable);

/* fleet_cache.c: false: not there, or unreadable. */
bool fleet_cache_get(struct arena *a, const char *folder, uint64_t key, struct fleet_rate *out);
void fleet_cache_put(struct arena *a, const char *folder, uint64_t key, const struct fleet_rate *r);

#endif
