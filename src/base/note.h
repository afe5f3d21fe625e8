/* note.h - remarks for the user that are not errors (a dropped row, a guessed unit).
**
** Floors below cmd/ never print: they add notes, and the program shows them on
** stderr and in the JSON document. The same text twice is kept once with a count.
*/
#ifndef MOAT_BASE_NOTE_H
#define MOAT_BASE_NOTE_H

#include <stddef.h>

struct arena;

struct note { const char *text; size_t times; };

struct notes {
    struct arena *arena;        /* owns the texts */
    struct note *note;          /* (n) */
    size_t n, cap;
};

/* ns may be NULL: then nothing is kept. */
void note_add(struct notes *ns, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
