/* fleet_read.h - what the readers of a fleet scenario share. Inside facts/ only. */
#ifndef MOAT_FACTS_FLEET_READ_H
#define MOAT_FACTS_FLEET_READ_H

#include "base/doc.h"
#include "facts/fleet_scenario.h"

struct fleet_reader {
    struct arena *a;
    struct catalog *c;
    const struct node *doc;
    struct fleet_scenario *s;
    struct notes *notes;
    struct err *e;
};

bool fleet_read_skus(struct fleet_reader *r);           /* skus, stock, prices, resale, supply, complexity, ..., software */
bool fleet_read_workloads(struct fleet_reader *r);
bool fleet_read_futures(struct fleet_reader *r);

/* Demand of a workload in its unit. */
bool fleet_demand_read(struct fleet_reader *r, const struct node *nd, const struct fleet_job *j, struct series *out);
/* The product that a key names; NULL with an error. */
struct fleet_product *fleet_product_named(struct fleet_reader *r, const char *name, const struct node *nd);
struct fleet_job *fleet_job_named(struct fleet_reader *r, const char *name, const struct node *nd);
/* The period that a date falls into; in_horizon: else an error. */
bool fleet_period_of(struct fleet_reader *r, const struct node *nd, const char *date, int *out);
bool fleet_missing(struct fleet_reader *r, const struct node *map, const char *key, const char *mend);
bool fleet_need_map(struct fleet_reader *r, const struct node *nd, const char *mend);

#endif
