/* graph.c - n tokens run as min{size >= n};  beyond the largest:  + max(0, floor - step).
**
** The floor is the stack's prefill_floor_s_per_layer: a step with prompts runs without graphs and was measured to last so
** long at least, host launches being what it waits for. Taken at contexts of no length, so that a step stays linear in
** them. Nothing here is in the fitted constants: they come from batches that are sizes themselves (powers of two), inside
** graphs; host time a step (step_fixed_s) is the scheduler's, with graphs and without.
*/
#include "speed/graph.h"

#include <math.h>

double graph_padded(const struct graph_sizes *g, double n)
{
    for (int i = 0; i < g->n; i++)
        if (g->size[i] >= n)
            return g->size[i];
    return n;
}

double graph_eager_s(const struct deployment *d, double n, double step_s)
{
    const struct graph_sizes *g = &d->graphs;
    if (!g->n || n <= g->size[g->n - 1])
        return 0;
    return fmax(0, d->stack.prefill_floor_s_per_layer * d->model->layers - step_s);
}
