/* sched.h - who runs in the next step of a replica.
**
** A policy looks at the waiting and running queues and fills a batch. It never moves time and never frees KV other than
** through replica_preempt(); replica.c does the rest.
**
** Contract (tests/laws holds every row to it): tokens of the batch <= max_tokens (a policy that does not cut prompts
** may run one that does not fit as the only prefill of a step), sequences <= max_seqs, no request twice; if anything
** is runnable at least one token is scheduled; first come first served among equals.
*/
#ifndef MOAT_SIM_SCHED_H
#define MOAT_SIM_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/scenario.h"

struct replica;                 /* sim/replica.h */

/* The prefix cache of the engine, unless the scenario turns it on or off. */
enum cache_kind {
    CACHE_NONE,                 /* off */
    CACHE_COMPUTED,             /* on: blocks can be found once the step that computes them is over */
    CACHE_SCHEDULED,            /* on: as soon as they are scheduled, also in the same step; and a preempted request finds
                                ** what is left of all its own blocks again */
};

struct sched {
    const char *name;           /* "vllm-v1" */
    const char *help;           /* one line, no full stop */
    const char *paper;          /* where the policy comes from */
    void (*plan)(struct replica *r);            /* fill r->batch for one step */
    bool reserve;               /* KV for the whole request is set aside at admission: nothing is preempted */
    bool when_empty;            /* admits only when nothing runs: an arrival never cuts a stretch short */
    enum cache_kind cache;
    int held_back_blocks;       /* blocks of the pool the engine keeps for itself (vLLM: the null block) */
};

extern const struct sched *const sched_table[];
extern const size_t sched_count;
const struct sched *sched_find(const char *name);               /* NULL: none */
/* Do prompts share KV blocks, by what the engine does and what was asked for? */
bool sched_caches(const struct sched *s, enum prefix_cache asked);

#endif
