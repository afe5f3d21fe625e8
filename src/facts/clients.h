/* clients.h - traffic as a sum of clients, each with a rate and a burstiness of its own in every window of time (ServeGen). */
#ifndef MOAT_FACTS_CLIENTS_H
#define MOAT_FACTS_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/map.h"
#include "facts/length.h"

struct arena;
struct err;
struct node;
struct traffic;

struct client_window {          /* a row of the file */
    double t_s, rate_s, shape;
    bool weibull;               /* else gamma */
    uint32_t client;
};

struct clients {
    const char *name;           /* file */
    struct map ids;             /* name of a client to its number */
    const char *lengths, *model;        /* file with their lengths, and whose rows of it; NULL: none */
    struct client_window *row; size_t n;        /* by client, then time */
    uint32_t count;             /* clients */
    double window_s;            /* how long a row holds */
    double from_s, end_s;       /* what is played: from_s until the last window ends */
    double mean_s;              /* requests a second of all, over that time */
};

/* `clients:` a file, or {file, from, lengths, model}. */
bool clients_read(struct arena *a, const struct node *nd, const char *base_dir, struct clients *out, struct err *e);
uint32_t clients_find(const struct clients *c, const char *name);       /* UINT32_MAX: none */
/* Requests of the expected number: the rates of all times scale, over duration_s. */
double clients_expect(const struct clients *c, double scale, double duration_s);
/* Arrivals into t->req, in order, `row` the client; lengths are left 0. */
void clients_draw(struct arena *a, const struct clients *c, double scale, double duration_s, uint64_t seed, struct traffic *t);

/* client_lengths.c: tables of lengths by client and time. Clients that the file leaves out keep what their requests have. */
struct client_lengths;
bool client_lengths_read(struct arena *a, const struct clients *c, const char *path, const char *model, struct client_lengths **out,
                         struct err *e);
/* Lengths of the requests whose client (`row`) has tables; how many. */
size_t client_lengths_draw(const struct clients *c, const struct client_lengths *l, uint64_t seed, struct traffic *t);

#endif
