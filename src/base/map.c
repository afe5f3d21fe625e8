/* map.c - linear probing over three arrays, at most 5/8 full; strings by XXH3, integers by SplitMix64. */
#include "base/map.h"

#include <assert.h>
#include <string.h>

#include <xxhash.h>

#include "base/arena.h"

/* A bijection: two integers never share a hash, so the hash alone tells them apart. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    return x ^ (x >> 31);
}

/* The slot of the key, or the empty one where it would go. cap > n always, so the walk ends. */
static size_t slot(const struct map *m, uint64_t hash, const char *s)
{
    size_t mask = m->cap - 1;
    size_t i = hash & mask;
    while (m->value[i] != MAP_NONE && (m->key[i] != hash || (s && strcmp(m->str[i], s) != 0)))
        i = (i + 1) & mask;
    return i;
}

static void grow(struct map *m, bool strings)
{
    struct map old = *m;
    m->cap = old.cap ? old.cap * 2 : 16;
    m->key = ARENA_ARRAY(m->arena, uint64_t, m->cap);
    m->value = ARENA_ARRAY(m->arena, uint32_t, m->cap);
    m->str = strings ? ARENA_ARRAY(m->arena, const char *, m->cap) : NULL;
    memset(m->value, 0xff, m->cap * sizeof *m->value);
    for (size_t k = 0; k < old.cap; k++) {
        if (old.value[k] == MAP_NONE)
            continue;
        size_t i = slot(m, old.key[k], strings ? old.str[k] : NULL);
        m->key[i] = old.key[k];
        m->value[i] = old.value[k];
        if (strings)
            m->str[i] = old.str[k];
    }
}

static void put(struct map *m, uint64_t hash, const char *s, uint32_t value)
{
    assert(value != MAP_NONE);
    if (m->n >= m->cap / 8 * 5)
        grow(m, s != NULL);
    size_t i = slot(m, hash, s);
    m->n += m->value[i] == MAP_NONE;
    m->key[i] = hash;
    m->value[i] = value;
    if (s)
        m->str[i] = s;
}

uint32_t map_get(const struct map *m, const char *key)
{
    return m->cap ? m->value[slot(m, XXH3_64bits(key, strlen(key)), key)] : MAP_NONE;
}

void map_put(struct map *m, const char *key, uint32_t value)
{
    put(m, XXH3_64bits(key, strlen(key)), key, value);
}

uint32_t map_get_u64(const struct map *m, uint64_t key)
{
    return m->cap ? m->value[slot(m, mix(key), NULL)] : MAP_NONE;
}

void map_put_u64(struct map *m, uint64_t key, uint32_t value)
{
    put(m, mix(key), NULL, value);
}
