/* clients.h - traffic as a sum of clients, each with a rate and a burstiness of its own in every window of time (ServeGen). */
#ifndef MOAT_FACTS_CLIENTS_H
#define MOAT_FACTS_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
    struct client_window *row; size_t n;        /* by client, then time */
    uint32_t count;             /* clients */
    double window_s;            /* how long a row holds */
    double from_s, end_s;       /* what is played: from_s until the last window ends */
    double mean_s;              /* requests a second of all, over that time */
};

/* `clients:` a file, or {file, from}. */
bool clients_read(struct arena *a, const struct node *nd, const char *base_dir, struct clients *out, struct err *e);
/* Requests of the expected number: the rates of all times scale, over duration_s. */
double clients_expect(const struct clients *c, double scale, double duration_s);
/* Arrivals into t->req, in order, `row` the client; lengths are left 0. */
void clients_draw(struct arena *a, const struct clients *c, double scale, double duration_s, uint64_t seed, struct traffic *t);

#endif
