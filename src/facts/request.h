/* request.h - private to facts: the totals of a traffic, kept in one place. */
#ifndef MOAT_FACTS_REQUEST_H
#define MOAT_FACTS_REQUEST_H

struct traffic;

/* Shift the first arrival to 0 and set span_s and rate_s. */
void traffic_close(struct traffic *t);

#endif
