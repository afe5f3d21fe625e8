/* plain_sim.h - vLLM v1 serving simulated the slow, obvious way: the answer that the fast simulator must give.
**
** One loop a step, one loop a request a step, every KV block by itself with the name of what it contains, free ones in
** a list, oldest first. R replicas, least outstanding requests, open loop. It shares nothing with src/sim but its inputs, so that
** a mistake in one shows as a difference.
*/
#ifndef MOAT_TESTS_PLAIN_SIM_H
#define MOAT_TESTS_PLAIN_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/traffic.h"
#include "speed/memory.h"
#include "speed/step.h"

struct plain_config {
    const struct step_table *table;
    int64_t blocks;             /* of the pool, all usable */
    int block_tok;
    int replicas, max_seqs, max_tokens;
    double watermark_frac;
    bool prefix_cache;          /* blocks are found again by their contents until somebody reuses them */
};

struct plain_row { int64_t arrival_ns, first_ns, done_ns; int preemptions; int64_t hit_tok; };   /* -1: rejected */

/* rows: (t->n), filled in the order of the traffic. */
void plain_run(const struct plain_config *c, const struct traffic *t, struct plain_row *rows);

#endif
