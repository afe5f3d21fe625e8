/* arena.h - memory of one lifetime (catalog, run or call), freed at once.
**
**      arena -> [block: used......free] -> [block] -> ...
**
** There is no per-object free. When the system has no memory left, arena_alloc
** does not return: it long-jumps to the boundary that armed the arena (cmd/main,
** a worker thread), which frees the arena and reports ERR_ENV. Resources that are
** not memory (FILE, yaml_document_t, ...) are given to arena_defer, so that they
** are released with the arena on every way out. One arena belongs to one thread.
*/
#ifndef MOAT_BASE_ARENA_H
#define MOAT_BASE_ARENA_H

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

struct arena *arena_new(void);                  /* NULL: no memory */
void arena_free(struct arena *a);               /* NULL is allowed; runs deferred calls, last first */
void arena_reset(struct arena *a);              /* free all that was allocated, keep the arena */
void arena_on_oom(struct arena *a, jmp_buf *to);/* where to go when memory ends; NULL: abort() */
void arena_limit(struct arena *a, size_t bytes); /* more than this from the system counts as no memory; 0: no limit */
/* An arena that is freed with its parent, and goes where the parent goes when memory ends. */
struct arena *arena_child(struct arena *parent);
void arena_defer(struct arena *a, void (*fn)(void *), void *arg);
size_t arena_bytes(const struct arena *a);      /* taken from the system so far */

void *arena_alloc(struct arena *a, size_t n);   /* zeroed, aligned to 16; n = 0 is allowed */
void *arena_array(struct arena *a, size_t n, size_t size); /* n * size, overflow counts as no memory */
/* Grow an array: returns a block of at least new_n elements holding the old_n old ones. */
void *arena_grow(struct arena *a, const void *old, size_t old_n, size_t new_n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define ARENA_NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define ARENA_ARRAY(a, type, n) ((type *)arena_array((a), (n), sizeof(type)))

#endif
