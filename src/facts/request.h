/* request.h - private to facts: the totals of a traffic and where its files lie, kept in one place. */
#ifndef MOAT_FACTS_REQUEST_H
#define MOAT_FACTS_REQUEST_H

#include <stdbool.h>

struct arena;
struct err;
struct node;
struct traffic;

/* Shift the first arrival to 0 and set span_s and rate_s. */
void traffic_close(struct traffic *t);
/* A file as named in a scenario: beside it (base_dir) first, then in the working directory. */
bool traffic_file(struct arena *a, const char *name, const char *place, const char *base_dir, const char **path, struct err *e);

/* A class for each request by its share, {0: 20%, 1: 80%}, from a stream of its own; nd NULL: as they are. */
bool traffic_priorities(struct arena *a, const struct node *nd, uint64_t seed, struct traffic *t, struct err *e);

#endif
