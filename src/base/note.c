/* note.c - keep remarks, each text once with a count. */
#include "base/note.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

/* A file of a million bad rows must not become a million remarks. */
#define NOTES_MAX 100
#define MORE "more remarks were left out"

void note_add(struct notes *ns, const char *fmt, ...)
{
    if (!ns)
        return;
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (size_t i = 0; i < ns->n; i++)
        if (strcmp(ns->note[i].text, text) == 0) {
            ns->note[i].times++;
            return;
        }
    if (ns->n == NOTES_MAX) {
        ns->note[NOTES_MAX - 1].times++;
        return;
    }
    if (ns->n == ns->cap) {
        size_t cap = ns->cap ? ns->cap * 2 : 8;
        ns->note = arena_grow(ns->arena, ns->note, ns->n, cap, sizeof *ns->note);
        ns->cap = cap;
    }
    const char *kept = ns->n == NOTES_MAX - 1 ? MORE : arena_strdup(ns->arena, text);
    ns->note[ns->n++] = (struct note){kept, 1};
}
