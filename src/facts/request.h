/* request.h - private to facts: the totals of a traffic and where its files lie, kept in one place. */
#ifndef MOAT_FACTS_REQUEST_H
#define MOAT_FACTS_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct node;
struct notes;
struct request;
struct traffic;

/* Shift the first arrival to 0 and set span_s and rate_s. */
void traffic_close(struct traffic *t);
/* A file as named in a scenario: beside it (base_dir) first, then in the working directory. */
bool traffic_file(struct arena *a, const char *name, const char *place, const char *base_dir, const char **path, struct err *e);

/* traffic_read and traffic_generate that may leave what is more than `keep` in a spool. */
bool traffic_read_up_to(struct arena *a, const char *path, size_t keep, struct traffic *out, struct notes *notes, struct err *e);
bool traffic_generate_up_to(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, size_t keep,
                            struct traffic *out, struct notes *notes, struct err *e);
/* t->n requests in memory have become too many: to the spool, which is made when it is not there. Leaves t->n = 0. */
bool traffic_spool(struct arena *a, struct traffic *t, struct err *e);
/* Nothing more comes: what is left in memory behind a spool goes there too. */
bool traffic_spooled(struct arena *a, struct traffic *t, struct err *e);
/* All of a spool, and what is still in memory behind it, back into memory. */
bool traffic_unspool(struct arena *a, struct traffic *t, struct err *e);
/* A class for each request by its share, {0: 20%, 1: 80%}, from a stream of its own; nd NULL: as they are. */
bool traffic_priorities(struct arena *a, const struct node *nd, uint64_t seed, struct traffic *t, struct err *e);

#endif
