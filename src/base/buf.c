/* buf.c - a growing string in an arena. */
#include "base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/num.h"

/* Room for n more bytes and the NUL. */
static void reserve(struct buf *b, size_t n)
{
    size_t need;
    if (__builtin_add_overflow(b->n + 1, n, &need))
        need = SIZE_MAX; /* the arena knows what to do */
    if (need <= b->cap)
        return;
    size_t cap = b->cap > SIZE_MAX / 4 ? need : b->cap * 2;
    if (cap < 256)
        cap = 256;
    if (cap < need)
        cap = need;
    b->at = arena_grow(b->arena, b->at, b->cap, cap, 1);
    b->cap = cap;
}

void buf_addn(struct buf *b, const char *s, size_t n)
{
    reserve(b, n);
    if (n)
        memcpy(b->at + b->n, s, n);
    b->n += n;
    b->at[b->n] = '\0';
}

void buf_add(struct buf *b, const char *s)
{
    buf_addn(b, s, strlen(s));
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    reserve(b, 0);
    size_t room = b->cap - b->n;
    int n = vsnprintf(b->at + b->n, room, fmt, ap);
    if (n > 0) {
        if ((size_t)n >= room) {
            reserve(b, (size_t)n);
            vsnprintf(b->at + b->n, (size_t)n + 1, fmt, again);
        }
        b->n += (size_t)n;
    }
    b->at[b->n] = '\0';
    va_end(again);
    va_end(ap);
}

void buf_num(struct buf *b, double v)
{
    char text[NUM_TEXT];
    if (isfinite(v))
        buf_addn(b, text, num_print(text, v));
    else
        buf_add(b, "null");
}

const char *buf_str(struct buf *b)
{
    return b->at ? b->at : "";
}
