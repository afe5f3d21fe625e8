/* sse.c - server-sent events, line by line. */
#include "live/sse.h"

#include <stdlib.h>
#include <string.h>

void sse_init(struct sse *s)
{
    *s = (struct sse){0};
}

void sse_reset(struct sse *s)
{
    s->n = s->nline = 0;
    s->has_data = s->after_cr = false;
}

void sse_free(struct sse *s)
{
    free(s->data);
    free(s->line);
    sse_init(s);
}

static bool append(char **to, size_t *n, size_t *cap, const char *bytes, size_t add)
{
    if (*n + add + 1 > SSE_MAX)
        return false;
    if (*n + add + 1 > *cap) {
        size_t want = *cap ? *cap : 512;
        while (want < *n + add + 1)
            want *= 2;
        char *more = realloc(*to, want);
        if (!more)
            return false;
        *to = more;
        *cap = want;
    }
    memcpy(*to + *n, bytes, add);
    *n += add;
    (*to)[*n] = '\0';
    return true;
}

/* A whole line lies in s->line. */
static bool line_over(struct sse *s, bool (*event)(void *ctx, const char *data, size_t n), void *ctx)
{
    const char *l = s->line;
    size_t n = s->nline;
    s->nline = 0;
    if (n == 0) {
        bool go_on = !s->has_data || event(ctx, s->n ? s->data : "", s->n);
        s->n = 0;
        s->has_data = false;
        return go_on;
    }
    if (n < 5 || memcmp(l, "data", 4) != 0 || l[4] != ':')
        return true;
    size_t from = n > 5 && l[5] == ' ' ? 6 : 5;
    if (s->has_data && !append(&s->data, &s->n, &s->cap, "\n", 1))
        return false;
    s->has_data = true;
    return append(&s->data, &s->n, &s->cap, l + from, n - from);
}

bool sse_feed(struct sse *s, const char *bytes, size_t n, bool (*event)(void *ctx, const char *data, size_t n), void *ctx)
{
    for (size_t i = 0; i < n;) {
        if (s->after_cr && bytes[i] == '\n') { /* of a CR LF that was cut, or not */
            s->after_cr = false;
            i++;
            continue;
        }
        s->after_cr = false;
        size_t end = i;
        while (end < n && bytes[end] != '\n' && bytes[end] != '\r')
            end++;
        if (!append(&s->line, &s->nline, &s->line_cap, bytes + i, end - i))
            return false;
        if (end == n)
            return true;
        s->after_cr = bytes[end] == '\r';
        if (!line_over(s, event, ctx))
            return false;
        i = end + 1;
    }
    return true;
}
