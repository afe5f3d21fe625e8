/* pools.h - which replicas can take a request, where pools are unlike: those whose longest context it does not exceed. */
#ifndef MOAT_SIM_POOLS_H
#define MOAT_SIM_POOLS_H

#include "sim/cluster.h"

void pools_init(struct sim *s);         /* after the replicas are there */
/* Where a request begins, and, when prompts have pools of their own, where it goes on; NULL: nobody can take it. */
struct replica_set *pools_begin(struct sim *s, const struct request *q);
struct replica_set *pools_decode(struct sim *s, const struct request *q);

#endif
