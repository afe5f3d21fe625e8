/* admission.h - who waits where in the queue of a replica, who is turned away, and who has to make room. */
#ifndef MOAT_SIM_ADMISSION_H
#define MOAT_SIM_ADMISSION_H

#include "sim/replica.h"

/* May the request wait? false: it was turned away; else another may have been in its place. Before it enters the queue. */
bool admission_arrive(struct replica *r, uint32_t request, int64_t t_ns);
/* By priority: from the end of the queue, where it stands, to its place. true: it is the next one now, ahead of others. */
bool admission_place(struct replica *r);
/* Turn away who has waited too long, between two steps. */
void admission_expire(struct replica *r);
/* When a request that comes here at t has waited for max_wait: at once, if it was sent before and lost with another replica. */
int64_t admission_until_ns(const struct replica *r, uint32_t request, int64_t t_ns);
/* When the first one of those who wait will have waited too long; INT64_MAX: never. */
int64_t admission_deadline_ns(const struct replica *r);
/* Who is preempted next: the last one admitted, of those with the least priority if that counts. */
uint32_t admission_victim(const struct replica *r);
/* A preempted request goes back to its place among those. */
void admission_preempted(struct replica *r, uint32_t slot);

#endif
