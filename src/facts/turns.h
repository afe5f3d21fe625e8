/* turns.h - sessions: requests that wait for the answer before them. Private to facts. */
#ifndef MOAT_FACTS_TURNS_H
#define MOAT_FACTS_TURNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/length.h"
#include "facts/traffic.h"

struct arena;
struct err;
struct node;

struct session_spec {
    struct length turns;        /* of a person in a session */
    struct length calls;        /* of the model in a turn: the first for the person, the others for tools */
    struct length user;         /* tokens that a person adds to the context at a turn */
    struct length tool;         /* tokens that a tool adds */
    struct length answer;       /* output tokens of a call */
    struct length think_s, tool_s;      /* waits before a turn, before a call for a tool */
    int64_t system_tok;         /* at the head of every prompt, the same for all sessions */
    int64_t context_tok;        /* a session ends before it needs more; 0: none */
};

/* The `sessions:` map; user and answer are set by the caller. */
bool turns_read(struct arena *a, const struct node *nd, const char *base_dir, struct session_spec *out, struct err *e);
/* One session that begins at start_ns, appended to t; whoever calls does turns_close at the end. */
struct turn_list;
struct turn_list *turns_open(struct arena *a, const struct session_spec *s, uint64_t seed);
size_t turns_add(struct turn_list *l, int64_t start_ns);        /* requests so far */
bool turns_full(const struct turn_list *l);     /* no more blocks can be numbered */
void turns_close(struct turn_list *l, struct traffic *t);       /* all of them, in order of time */

/* The first n requests only: sessions that go on are cut. */
void turns_cut(struct traffic *t, size_t n);
/* What traffic_thin and traffic_window do, by whole sessions. */
struct traffic turns_thin(struct arena *a, const struct traffic *t, double share, uint64_t seed);
struct traffic turns_window(struct arena *a, const struct traffic *t, size_t n);

#endif
