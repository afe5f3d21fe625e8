/* buf.h - a growing string, for everything that is printed or serialised.
**
** A buf writes to memory; show/ builds whole documents in it and cmd/ writes them
** once. Numbers are printed with the fewest digits that read back the same
** (buf_num), so that a document is the same bytes everywhere.
*/
#ifndef MOAT_BASE_BUF_H
#define MOAT_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

struct buf {
    struct arena *arena;
    char *at;                   /* NUL-terminated once anything was added */
    size_t n, cap;
};

void buf_add(struct buf *b, const char *s);
void buf_addn(struct buf *b, const char *s, size_t n);
void buf_fmt(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_num(struct buf *b, double v);          /* shortest round trip; not finite -> null */
const char *buf_str(struct buf *b);             /* "" when empty */

/* Edit distance (optimal string alignment, at most 64 characters), and the closest of n
** names within a third of the length (case, - and _ do not count), for "did you mean"; NULL when nothing is close. */
size_t text_distance(const char *a, const char *b);
const char *text_closest(const char *word, const char *const *names, size_t n);
/* Bytes (1 to 4) of the UTF-8 character at s, of which n > 0 bytes are there; 0: malformed (RFC 3629). */
size_t text_utf8(const char *s, size_t n);

#endif
