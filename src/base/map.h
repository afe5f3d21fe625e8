/* map.h - from a string or a 64-bit key to a 32-bit value, open addressing.
**
** A map starts as {.arena = a} and is for strings or for integers, never both.
** Insertion order does not matter and is never iterated, so results do not depend on hashes.
*/
#ifndef MOAT_BASE_MAP_H
#define MOAT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

#define MAP_NONE UINT32_MAX

struct map {
    struct arena *arena;
    uint64_t *key;              /* (cap) hash */
    const char **str;           /* (cap) for string maps, to tell equal hashes apart */
    uint32_t *value;            /* (cap) MAP_NONE is an empty slot, so it is no value to put */
    size_t n, cap;
};

uint32_t map_get(const struct map *m, const char *key);         /* MAP_NONE: absent */
void map_put(struct map *m, const char *key, uint32_t value);   /* key must outlive the map; replaces */
uint32_t map_get_u64(const struct map *m, uint64_t key);
void map_put_u64(struct map *m, uint64_t key, uint32_t value);

#endif
