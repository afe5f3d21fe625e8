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

void heap_grow(struct heap *h, struct arena *a, uint32_t cap)
{
    h->item = arena_grow(a, h->item, h->n, cap, sizeof *h->item);
    h->pos = arena_grow(a, h->pos, h->cap, cap, sizeof *h->pos);
    memset(h->pos + h->cap, 0xff, (cap - h->cap) * sizeof *h->pos);
    h->cap = cap;
}

/* Without a branch: which child is the least is a coin toss that no predictor wins. */
static bool before(const struct heap_item *a, const struct heap_item *b)
{
    return (a->key < b->key) | ((a->key == b->key) & (a->seq < b->seq));
}

static uint32_t lesser(const struct heap *h, uint32_t i, uint32_t j)
{
    return before(&h->item[j], &h->item[i]) ? j : i;
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
        if (!before(&it, &h->item[up]))
            break;
        place(h, at, h->item[up]);
        at = up;
    }
    return at;
}

static uint32_t sink(struct heap *h, uint32_t at, struct heap_item it)
{
    for (;;) {
        uint32_t first = 4 * at + 1, best = first;
        if (first >= h->n)
            return at;
        if (first + 3 < h->n) /* a tournament: two comparisons deep */
            best = lesser(h, lesser(h, first, first + 1), lesser(h, first + 2, first + 3));
        else
            for (uint32_t i = first + 1; i < h->n; i++)
                best = lesser(h, best, i);
        if (!before(&h->item[best], &it))
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
