/* kvpool.h - the paged KV memory of a replica, counted in blocks, without a list of blocks.
**
** A sequence of n cached tokens holds
**
**      full * up(n) + clip * up(min(n, window)) + state        up(n) = ceil(n / block_tok)
**
** units. A unit is one block for a model that keeps every token of every layer alike, so that the figure is vLLM's
** block count exactly; it is one byte of the fullest device for models with clipped layers or a fixed state.
**
** Which sequences open a new block at a step is known by counting: all decoders gain one token a step, so a sequence
** with n = d + off cached tokens (d: the replica's decode counter) opens one at each step with (d + off) mod block_tok
** = 0.
**
**      grow[ ] by d mod block_tok:   | 2 | 0 | 1 | 5 | ... |      units taken at such a step; the counter turns the
**        wheel
**
** Growth over k steps, and the step at which the pool runs out, cost O(block_tok) for any k and any number of
** sequences.
*/
#ifndef MOAT_SIM_KVPOOL_H
#define MOAT_SIM_KVPOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "speed/memory.h"

struct arena;
struct prefix;                  /* sim/prefix.h: the blocks themselves, where prompts share them */

struct kvpool {
    int64_t capacity, used, peak;       /* units */
    int64_t one;                        /* units that one sequence can have: the pool of one dp copy of the attention */
    int64_t full, clip, state;          /* units a block of the full layers, of the clipped layers, and a sequence */
    int64_t window;                     /* parts of tokens that clipped layers keep; 0: none clipped */
    int64_t block_tok;
    int64_t parts;                      /* of a token, by which decoders are counted: 1, more under speculation */
    int64_t block_parts;                /* block_tok * parts */
    int shift;                          /* block_parts = 1 << shift; -1: not a power of two */
    int64_t *grow;                      /* (block_parts) units that decoders take at a step with d mod block_parts = i */
    int64_t grow_all;                   /* sum of grow: units a turn of the wheel; also unit-tokens gained a step */
    int64_t freed;                      /* units at the tail of the free queue so far: see kvpool_left */
    struct prefix *prefix;              /* NULL: no block is shared, and counting is enough */
    int64_t fill;                       /* unit-tokens in use by the decoders: sum of full*n + clip*min(n, window) +
                                        ** state*block_parts. Linear in d, unlike `used`: for the mean */
};

/* held_back: blocks the engine keeps for itself (vLLM's null block). The first is only for kvpool_need. n, d and k below are
** in parts of a token. */
struct kvpool kvpool_of(const struct memory *m, int held_back);
void kvpool_init(struct kvpool *p, struct arena *a, const struct memory *m, int held_back, int64_t parts);

int64_t kvpool_need(const struct kvpool *p, int64_t tok);       /* units of a sequence; 0 for 0 tokens */
int64_t kvpool_need_parts(const struct kvpool *p, int64_t n);
void kvpool_take(struct kvpool *p, int64_t units);
void kvpool_give(struct kvpool *p, int64_t units);
/* The same where the prefix cache has moved the blocks out of the queue or into it already. */
static inline void kvpool_hold(struct kvpool *p, int64_t units)
{
    p->used += units;
    if (p->used > p->peak)
        p->peak = p->used;
}

static inline void kvpool_let(struct kvpool *p, int64_t units)
{
    p->used -= units;
}

static inline int64_t kvpool_free(const struct kvpool *p)
{
    return p->capacity - p->used;
}

/* Free blocks are reused oldest first, and keep their contents until then (vLLM's free queue). Of `units` blocks that
** were given when `freed` had come to `end`, so many still stand in the queue; a sequence's last blocks are reused
** first. */
int64_t kvpool_left(const struct kvpool *p, int64_t end, int64_t units);
/* Blocks of the middle of the queue are taken back with their contents: call before kvpool_take of the same. */
void kvpool_rescue(struct kvpool *p, int64_t units);

/* A sequence with n tokens starts or stops decoding at counter d. Its units are taken and given by the caller. */
void kvpool_join(struct kvpool *p, int64_t d, int64_t n);
void kvpool_leave(struct kvpool *p, int64_t d, int64_t n);
/* A decoder has just filled the window, n >= window at counter d: from here it takes no more clipped blocks. Gives the units
** that it took beyond. */
int64_t kvpool_fill_window(struct kvpool *p, int64_t d, int64_t n);
/* A decoder has come to n >= cap at counter d and stays at cap. Gives the units that it took beyond. It leaves by the second. */
int64_t kvpool_stop(struct kvpool *p, int64_t d, int64_t n, int64_t cap);
void kvpool_leave_stopped(struct kvpool *p, int64_t cap);

/* Units that the decoders take in the k steps with counters d .. d+k-1. */
int64_t kvpool_growth(const struct kvpool *p, int64_t d, int64_t k);
/* The largest k <= most whose growth from counter d fits in what is free. */
int64_t kvpool_steps(const struct kvpool *p, int64_t d, int64_t most);

#endif
