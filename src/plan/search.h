/* search.h - the configurations of one accelerator that are worth a look.
**
** Tensor parallelism in powers of two up to the scale-up domain (or a server of eight over PCIe), pipeline stages
** when memory or slow links ask for them, and for MoE models expert parallelism with and without data-parallel
** attention. What the scenario fixes is kept fixed.
*/
#ifndef MOAT_PLAN_SEARCH_H
#define MOAT_PLAN_SEARCH_H

#include <stddef.h>

#include "facts/scenario.h"
#include "speed/deployment.h"
#include "speed/memory.h"

#define SEARCH_MAX 256

struct search {
    struct deployment d[SEARCH_MAX];    /* configurations that are valid and fit */
    struct memory memory[SEARCH_MAX];
    size_t n;
    size_t tried;
    struct deployment nearest;          /* of those that do not fit: the one that misses by the least */
    struct memory nearest_memory;
    bool any_valid;                     /* some split was possible at all */
    char why[160];                      /* when none was: the first reason */
};

/* base: deployment with device, model, formats, stack and limits set; tp, pp, dp, ep 0 where the planner may choose.
** max_devices: 0 no limit. */
void search_configs(const struct deployment *base, int max_devices, struct search *out);

#endif
