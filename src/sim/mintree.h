/* mintree.h - the least of n keys, one for each id: a complete binary tree of minima in one array.
**
**                    v[1]                        v[i] = min(v[2i], v[2i+1])
**             v[2]          v[3]
**          v[4]  v[5]    v[6]  v[7]              leaf of id j: v[cap + j]
**
** Ties go to the lowest id, so that the order (key, id) is total. A change costs the levels above it whose minimum
** changes, without a branch on who is less; with 256 ids the whole tree lies in 4 kB. Events and loads of replicas.
*/
#ifndef MOAT_SIM_MINTREE_H
#define MOAT_SIM_MINTREE_H

#include <stdint.h>

struct arena;

#define MINTREE_ABSENT INT64_MAX        /* the key of an id that is not in it */

struct mintree { int64_t *v; uint32_t cap; };   /* v (2*cap); cap: a power of two */

void mintree_init(struct mintree *t, struct arena *a, uint32_t n, int64_t key);        /* all ids have the key */
/* The first id of lo .. hi-1 whose key is least there. */
uint32_t mintree_first_of(const struct mintree *t, uint32_t lo, uint32_t hi);

static inline int64_t mintree_key(const struct mintree *t, uint32_t id)
{
    return t->v[t->cap + id];
}

static inline void mintree_put(struct mintree *t, uint32_t id, int64_t key)
{
    uint32_t i = t->cap + id;
    t->v[i] = key;
    while (i > 1) {
        int64_t a = t->v[i], b = t->v[i ^ 1], least = a < b ? a : b;
        i >>= 1;
        if (t->v[i] == least)
            return;
        t->v[i] = least;
    }
}

static inline int64_t mintree_min(const struct mintree *t)
{
    return t->v[1];
}

static inline uint32_t mintree_first(const struct mintree *t)
{
    uint32_t i = 1;
    while (i < t->cap)
        i = 2 * i + (t->v[2 * i] != t->v[i]);
    return i - t->cap;
}

#endif
