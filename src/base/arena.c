/* arena.c - a bump allocator over a chain of zeroed blocks.
**
** The head block is the one being filled. A request that would waste most of a block
** gets one of its own, put behind the head so that the head goes on being filled.
*/
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN ((size_t)16)
#define BLOCK_MIN ((size_t)32 << 10)
#define BLOCK_MAX ((size_t)4 << 20)

struct block {
    struct block *next;
    size_t cap, used;
    size_t dirty; /* bytes that were written before the last reset: zeroed again as they are given out */
};

struct defer {
    struct defer *next;
    void (*fn)(void *);
    void *arg;
};

struct arena {
    struct block *head;
    struct block *spare; /* the largest block before the last reset: a run after a run needs no fresh pages */
    struct defer *defer; /* last first */
    jmp_buf *oom;
    size_t bytes, limit;
    size_t next_cap; /* blocks double, so that small arenas stay small */
};

_Static_assert(sizeof(struct block) % 16 == 0, "data behind a block header is aligned to 16");

static char *block_data(struct block *b)
{
    return (char *)(b + 1);
}

struct arena *arena_new(void)
{
    struct arena *a = calloc(1, sizeof *a);
    if (a)
        a->next_cap = BLOCK_MIN;
    return a;
}

static void keep_spare(struct arena *a, struct block *b)
{
    b->dirty = b->used > b->dirty ? b->used : b->dirty;
    if (b->cap <= BLOCK_MAX && (!a->spare || a->spare->cap < b->cap)) {
        struct block *old = a->spare;
        a->spare = b;
        b = old;
    }
    free(b);
}

void arena_reset(struct arena *a)
{
    /* A deferred call may defer again; the list is taken from the front until it is empty. */
    while (a->defer) {
        struct defer *d = a->defer;
        a->defer = d->next;
        d->fn(d->arg);
    }
    while (a->head) {
        struct block *b = a->head;
        a->head = b->next;
        keep_spare(a, b);
    }
    a->bytes = 0;
    a->next_cap = BLOCK_MIN;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free(a->spare);
    free(a);
}

void arena_on_oom(struct arena *a, jmp_buf *to)
{
    a->oom = to;
}

void arena_limit(struct arena *a, size_t bytes)
{
    a->limit = bytes;
}

size_t arena_bytes(const struct arena *a)
{
    return a->bytes;
}

static _Noreturn void no_memory(struct arena *a)
{
    if (a->oom)
        longjmp(*a->oom, 1);
    abort();
}

/* A block of cap bytes as the head, or behind it; NULL: no memory. calloc, because fresh
** pages of the system are zero already and big blocks then cost nothing until touched. */
static struct block *add_block(struct arena *a, size_t cap, bool behind)
{
    struct block *b = a->spare && a->spare->cap >= cap && !a->limit ? a->spare : NULL;
    size_t bytes = sizeof *b + (b ? b->cap : cap);
    if (a->limit && (bytes > a->limit || a->bytes > a->limit - bytes))
        return NULL;
    if (b) {
        a->spare = NULL;
        b->used = 0;
    } else {
        b = calloc(1, bytes);
        if (!b)
            return NULL;
        b->cap = cap;
    }
    a->bytes += bytes;
    if (behind && a->head) {
        b->next = a->head->next;
        a->head->next = b;
    } else {
        b->next = a->head;
        a->head = b;
    }
    return b;
}

static void *try_alloc(struct arena *a, size_t n)
{
    if (n > SIZE_MAX / 2)
        return NULL;
    n = n ? (n + ALIGN - 1) & ~(ALIGN - 1) : ALIGN;
    struct block *b = a->head;
    if (!b || b->cap - b->used < n) {
        bool own = n > a->next_cap / 4;
        b = add_block(a, own ? n : a->next_cap, own);
        if (!b)
            return NULL;
        if (!own && a->next_cap < BLOCK_MAX)
            a->next_cap *= 2;
    }
    char *p = block_data(b) + b->used;
    if (b->used < b->dirty)
        memset(p, 0, b->dirty - b->used < n ? b->dirty - b->used : n);
    b->used += n;
    return p;
}

void *arena_alloc(struct arena *a, size_t n)
{
    void *p = try_alloc(a, n);
    if (!p)
        no_memory(a);
    return p;
}

void arena_defer(struct arena *a, void (*fn)(void *), void *arg)
{
    struct defer *d = try_alloc(a, sizeof *d);
    if (!d) {
        fn(arg); /* nobody else would release it */
        no_memory(a);
    }
    *d = (struct defer){a->defer, fn, arg};
    a->defer = d;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes))
        no_memory(a);
    return arena_alloc(a, bytes);
}

void *arena_grow(struct arena *a, const void *old, size_t old_n, size_t new_n, size_t size)
{
    size_t have, want;
    if (__builtin_mul_overflow(old_n, size, &have) || __builtin_mul_overflow(new_n, size, &want) || want > SIZE_MAX / 2)
        no_memory(a);
    struct block *b = a->head;
    size_t end = (have + ALIGN - 1) & ~(ALIGN - 1);
    if (b && old && have && want >= have && (const char *)old + end == block_data(b) + b->used) {
        /* the last thing allocated: let it grow where it is */
        size_t more = ((want + ALIGN - 1) & ~(ALIGN - 1)) - end;
        if (b->cap - b->used >= more) {
            if (b->used < b->dirty)
                memset(block_data(b) + b->used, 0, b->dirty - b->used < more ? b->dirty - b->used : more);
            b->used += more;
            return block_data(b) + b->used - end - more;
        }
    }
    void *p = arena_alloc(a, want);
    if (old && have)
        memcpy(p, old, have < want ? have : want);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    if (n == SIZE_MAX)
        no_memory(a);
    char *p = arena_alloc(a, n + 1);
    if (n)
        memcpy(p, s, n);
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    char *p = arena_alloc(a, n < 0 ? 1 : (size_t)n + 1);
    if (n > 0)
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

static void free_child(void *slot)
{
    arena_free(*(struct arena **)slot);
}

struct arena *arena_child(struct arena *parent)
{
    struct arena **slot = ARENA_NEW(parent, struct arena *);
    arena_defer(parent, free_child, slot);      /* first, so that running out here loses nothing */
    *slot = arena_new();
    if (!*slot)
        no_memory(parent);
    arena_on_oom(*slot, parent->oom);
    return *slot;
}
