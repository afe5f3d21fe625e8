/* autoscale.c - the table of autoscalers, and what they remember. */
#include "sim/autoscale.h"

#include <string.h>

#include "base/arena.h"
#include "sim/dynamics.h"

extern const struct autoscaler autoscaler_kpa, autoscaler_hpa_batch, autoscaler_hpa_queue, autoscaler_hpa_kv,
    autoscaler_schedule;

const struct autoscaler *const autoscaler_table[] = {
    &autoscaler_kpa, &autoscaler_hpa_batch, &autoscaler_hpa_queue, &autoscaler_hpa_kv, &autoscaler_schedule,
};
const size_t autoscaler_count = sizeof autoscaler_table / sizeof autoscaler_table[0];

const struct autoscaler *autoscaler_find(const char *name)
{
    for (size_t i = 0; i < autoscaler_count; i++)
        if (!strcmp(autoscaler_table[i]->name, name))
            return autoscaler_table[i];
    return NULL;
}

/* One look more than the window has, so that one at its beginning or before is there. */
void scale_memory_init(struct scale_memory *m, struct arena *a, const struct sim_autoscale *c)
{
    *m = (struct scale_memory){.cap = (size_t)(c->window_ns / c->interval_ns) + 2, .panic_until_ns = -1};
    m->at_ns = ARENA_ARRAY(a, int64_t, m->cap);
    m->value = ARENA_ARRAY(a, double, m->cap);
}

void scale_remember(struct scale_memory *m, int64_t t_ns, double value)
{
    m->at_ns[m->next] = t_ns;
    m->value[m->next] = value;
    m->next = m->next + 1 == m->cap ? 0 : m->next + 1;
    m->n += m->n < m->cap;
}

size_t scale_recall(const struct scale_memory *m, int64_t t_ns)
{
    size_t i = m->next;
    for (size_t k = 0; k < m->n; k++) {
        i = i ? i - 1 : m->cap - 1;
        if (m->at_ns[i] <= t_ns)
            break;
    }
    return i;
}
