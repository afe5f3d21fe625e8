/* heap.h - a 4-ary min-heap of (key, seq) over the ids 0..n-1, each in it at most once.
**
** The order is total: key first (a time, or a step count), then seq, which the caller gives
** so that ties do not depend on the history of insertions. Nothing is allocated after heap_init.
*/
#ifndef MOAT_SIM_HEAP_H
#define MOAT_SIM_HEAP_H

#include <stdbool.h>
#include <stdint.h>

struct arena;

#define HEAP_ABSENT UINT32_MAX

struct heap_item { int64_t key; uint32_t seq, id; };

struct heap {
    struct heap_item *item;     /* (n of cap) children of i are 4i+1 .. 4i+4 */
    uint32_t *pos;              /* (cap) place of an id in item; HEAP_ABSENT: not in the heap */
    uint32_t n, cap;
};

void heap_init(struct heap *h, struct arena *a, uint32_t cap);
void heap_grow(struct heap *h, struct arena *a, uint32_t cap);          /* ids up to cap - 1 from now on */
void heap_put(struct heap *h, uint32_t id, int64_t key, uint32_t seq);  /* insert, or move to a new key */
void heap_drop(struct heap *h, uint32_t id);                            /* nothing when it is absent */

static inline bool heap_has(const struct heap *h, uint32_t id)
{
    return h->pos[id] != HEAP_ABSENT;
}

/* Smallest key, INT64_MAX when empty. */
static inline int64_t heap_min(const struct heap *h)
{
    return h->n ? h->item[0].key : INT64_MAX;
}

#endif
