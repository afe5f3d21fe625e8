/* mintree.c - the least key of a range of ids: the O(log n) nodes that cover it, then down from the first of the least. */
#include "sim/mintree.h"

#include "base/arena.h"

void mintree_init(struct mintree *t, struct arena *a, uint32_t n, int64_t key)
{
    t->cap = 1;
    while (t->cap < n)
        t->cap *= 2;
    t->v = ARENA_ARRAY(a, int64_t, 2 * (size_t)t->cap);
    for (uint32_t i = 0; i < t->cap; i++)
        t->v[t->cap + i] = i < n ? key : MINTREE_ABSENT;
    for (uint32_t i = t->cap - 1; i > 0; i--)
        t->v[i] = t->v[2 * i] < t->v[2 * i + 1] ? t->v[2 * i] : t->v[2 * i + 1];
}

uint32_t mintree_first_of(const struct mintree *t, uint32_t lo, uint32_t hi)
{
    uint32_t i = t->cap + lo, j = t->cap + hi, best = i, last = 0; /* last: the least of those that close the range */
    for (; i < j; i >>= 1, j >>= 1) {
        if (i & 1) {
            best = t->v[i] < t->v[best] ? i : best;
            i++;
        }
        if (j & 1) {
            j--;
            last = !last || t->v[j] <= t->v[last] ? j : last; /* found from right to left: the later find stands before */
        }
    }
    if (last && t->v[last] < t->v[best])
        best = last;
    while (best < t->cap)
        best = 2 * best + (t->v[2 * best] != t->v[best]);
    return best - t->cap;
}
