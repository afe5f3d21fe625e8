/* mintree.c - the least key of a range of ids: the least of the O(log n) nodes that cover it. */
#include "sim/mintree.h"

#include "base/arena.h"

static struct mintree_node less(struct mintree_node a, struct mintree_node b)
{
    return b.key < a.key || (b.key == a.key && b.id < a.id) ? b : a;
}

void mintree_init(struct mintree *t, struct arena *a, uint32_t n, int64_t key)
{
    t->cap = 1;
    while (t->cap < n)
        t->cap *= 2;
    t->node = ARENA_ARRAY(a, struct mintree_node, 2 * (size_t)t->cap);
    for (uint32_t i = 0; i < t->cap; i++)
        t->node[t->cap + i] = (struct mintree_node){i < n ? key : MINTREE_ABSENT, i};
    for (uint32_t i = t->cap - 1; i > 0; i--)
        t->node[i] = less(t->node[2 * i], t->node[2 * i + 1]);
}

uint32_t mintree_first_of(const struct mintree *t, uint32_t lo, uint32_t hi)
{
    uint32_t i = t->cap + lo, j = t->cap + hi;
    struct mintree_node best = t->node[i];
    for (; i < j; i >>= 1, j >>= 1) {
        if (i & 1)
            best = less(best, t->node[i++]);
        if (j & 1)
            best = less(best, t->node[--j]);
    }
    return best.id;
}
