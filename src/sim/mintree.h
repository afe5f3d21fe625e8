/* mintree.h - the least of n keys, one for each id: a tournament in one array.
**
**                    node[1]                            a node: the less of node[2i] and node[2i+1]
**            node[2]         node[3]
**       node[4] node[5]  node[6] node[7]                leaf of id j: node[cap + j]
**
** Ties go to the lowest id, so that the order (key, id) is total. The first of all is read off the root; a change is played
** again on its way up. Events and loads of replicas. Knuth, TAOCP 3, section 5.4.1.
*/
#ifndef MOAT_SIM_MINTREE_H
#define MOAT_SIM_MINTREE_H

#include <stdint.h>

struct arena;

#define MINTREE_ABSENT INT64_MAX        /* the key of an id that is not in it */

struct mintree_node { int64_t key; uint32_t id; };
struct mintree { struct mintree_node *node; uint32_t cap; };    /* node (2*cap); cap: a power of two */

void mintree_init(struct mintree *t, struct arena *a, uint32_t n, int64_t key);        /* all ids have the key */
/* The first id of lo .. hi-1 whose key is least there. */
uint32_t mintree_first_of(const struct mintree *t, uint32_t lo, uint32_t hi);

static inline int64_t mintree_key(const struct mintree *t, uint32_t id)
{
    return t->node[t->cap + id].key;
}

static inline void mintree_put(struct mintree *t, uint32_t id, int64_t key)
{
    struct mintree_node *node = t->node;
    uint32_t i = t->cap + id;
    node[i] = (struct mintree_node){key, id};
    for (; i > 1; i >>= 1) { /* nobody foresees who wins: masks in the place of branches */
        struct mintree_node other = node[i ^ 1];
        int64_t loses = -(int64_t)((other.key < key) | ((other.key == key) & (int)(i & 1))); /* the left one wins a tie */
        key ^= (key ^ other.key) & loses;
        id ^= (id ^ other.id) & (uint32_t)loses;
        node[i >> 1] = (struct mintree_node){key, id};
    }
}

static inline struct mintree_node mintree_first(const struct mintree *t)
{
    return t->node[1];
}

/* The least besides the first of all, one of those that lost to it; itself when all others are absent. */
static inline uint32_t mintree_second(const struct mintree *t)
{
    uint32_t second = t->node[1].id;
    int64_t least = MINTREE_ABSENT;
    for (uint32_t i = t->cap + second; i > 1; i >>= 1) {
        struct mintree_node other = t->node[i ^ 1];
        second = other.key < least ? other.id : second;
        least = other.key < least ? other.key : least;
    }
    return second;
}

#endif
