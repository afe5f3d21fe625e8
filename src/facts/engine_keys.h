/* engine_keys.h - what a serving engine may be told to do inside a replica, beside its policy: swapping, speculation,
** priorities, admission, CUDA graphs. The same keys at the top of a scenario and in a pool.
*/
#ifndef MOAT_FACTS_ENGINE_KEYS_H
#define MOAT_FACTS_ENGINE_KEYS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct model;
struct node;

enum preemption { PREEMPT_RECOMPUTE, PREEMPT_SWAP };

struct engine_keys {            /* all 0: none of it */
    enum preemption preemption; /* what becomes of the KV of a decoder that has to make room */
    double swap_bytes;          /* host memory of a replica for it; 0: the engine's default */
};

/* The map of `scheduler`; policy, max_seqs and max_tokens of it are the caller's. */
#define ENGINE_SCHEDULER_KEYS "policy", "max_seqs", "max_tokens", "preemption", "swap_space"
bool engine_keys_scheduler(struct arena *a, const struct node *map, struct engine_keys *out, struct err *e);

#endif
