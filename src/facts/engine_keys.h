/* engine_keys.h - what a serving engine may be told to do inside a replica, beside its policy: swapping, speculation,
** priorities, admission, CUDA graphs. The same keys at the top of a scenario and in a pool.
*/
#ifndef MOAT_FACTS_ENGINE_KEYS_H
#define MOAT_FACTS_ENGINE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/model.h"

struct arena;
struct catalog;
struct err;
struct node;
struct notes;

enum preemption { PREEMPT_RECOMPUTE, PREEMPT_SWAP };

enum draft { DRAFT_MODEL, DRAFT_NGRAM, DRAFT_EAGLE, DRAFT_MTP };
extern const char *const draft_name[];

struct speculative {            /* tokens 0: none */
    enum draft draft;
    const struct model *model;  /* DRAFT_MODEL */
    struct quant quant;         /* of it, as it declares */
    int tokens;                 /* proposed to each sequence in a step */
    double acceptance;          /* of each, those before it being accepted */
};
#define SPECULATIVE_MAX 32

struct admission {              /* 0: no limit */
    int max_queue;              /* requests that wait in a replica */
    double max_wait_s;
    bool shed_lowest;           /* a full queue turns away the newest of the largest class, else the newest */
};

/* Batches for which CUDA graphs are captured, ascending: a decode step runs as the next larger one, beyond the last its
** kernels are launched one by one. n 0: steps take the time of what they compute, as the constants were fitted. */
#define GRAPH_SIZES_MAX 128
struct graph_sizes { int n, size[GRAPH_SIZES_MAX]; };

struct engine_keys {            /* all 0: none of it */
    bool by_priority;           /* else first come first served */
    struct admission admission;
    enum preemption preemption; /* what becomes of the KV of a decoder that has to make room */
    struct speculative speculative;
    struct graph_sizes graphs;
    double swap_bytes;          /* host memory of a replica for it; 0: the engine's default */
};

/* The map of `scheduler`; policy, max_seqs and max_tokens of it are the caller's. */
#define ENGINE_SCHEDULER_KEYS "policy", "max_seqs", "max_tokens", "order", "preemption", "swap_space"
bool engine_keys_scheduler(struct arena *a, const struct node *map, struct engine_keys *out, struct err *e);
/* The map of `admission`; nd NULL: none. */
bool engine_keys_admission(struct arena *a, const struct node *nd, struct admission *out, struct err *e);
/* {max: 512} with vLLM's sizes, or {sizes: [1, 2, 4, 8]}; nd NULL: none. */
bool engine_keys_graphs(struct arena *a, const struct node *nd, struct graph_sizes *out, struct err *e);
/* The map of `speculative`; nd NULL: none. file: of the scenario, beside which a draft model's config may lie. */
bool engine_keys_speculative(struct arena *a, struct catalog *c, const struct node *nd, const char *file, struct speculative *out,
                             struct notes *notes, struct err *e);

#endif
