/* heap.c - d-ary heap with d = 4: half the depth of a binary heap, and four children of 16 bytes fill one cache line.
**
** Johnson, "Priority queues with update and finding minimum spanning trees", IPL 4(3), 1975.
*/
#include "sim/heap.h"

#include <string.h>

#include "base/arena.h"

void heap_init(struct heap *h, struct arena *a, uint32_t cap)
{
    h->item = ARENA_ARRAY(a, struct heap_item, cap);
    h->pos = ARENA_ARRAY(a, uint32_t, cap);
    memset(h->pos, 0xff, cap * sizeof *h->pos);
    h->n = 0;
    h->cap = cap;
}

static bool before(struct heap_item a, struct heap_item b)
{
    return a.key != b.key ? a.key < b.key : a.seq < b.seq;
}

static void place(struct heap *h, uint32_t at, struct heap_item it)
{
    h->item[at] = it;
    h->pos[it.id] = at;
}

static uint32_t rise(struct heap *h, uint32_t at, struct heap_item it)
{
    while (at > 0) {
        uint32_t up = (at - 1) / 4;
        if (!before(it, h->item[up]))
            break;
        place(h, at, h->item[up]);
        at = up;
    }
    return at;
}

static uint32_t sink(struct heap *h, uint32_t at, struct heap_item it)
{
    for (;;) {
        uint32_t first = 4 * at + 1, end = first + 4;
        if (first >= h->n)
            return at;
        if (end > h->n)
            end = h->n;
        uint32_t best = first;
        for (uint32_t i = first + 1; i < end; i++)
            if (before(h->item[i], h->item[best]))
                best = i;
        if (!before(h->item[best], it))
            return at;
        place(h, at, h->item[best]);
        at = best;
    }
}

static void settle(struct heap *h, uint32_t at, struct heap_item it)
{
    uint32_t to = rise(h, at, it);
    if (to == at)
        to = sink(h, at, it);
    place(h, to, it);
}

void heap_put(struct heap *h, uint32_t id, int64_t key, uint32_t seq)
{
    struct heap_item it = {key, seq, id};
    uint32_t at = h->pos[id];
    settle(h, at == HEAP_ABSENT ? h->n++ : at, it);
}

void heap_drop(struct heap *h, uint32_t id)
{
    uint32_t at = h->pos[id];
    if (at == HEAP_ABSENT)
        return;
    h->pos[id] = HEAP_ABSENT;
    struct heap_item last = h->item[--h->n];
    if (last.id != id)
        settle(h, at, last);
}
