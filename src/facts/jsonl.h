/* jsonl.h - one JSON object a line, by slices: nothing is copied and nothing is allocated.
**
** Strict (RFC 8259: no trailing commas, no comments, no NaN), but only the top level of a line is
** taken apart; deeper values are checked and kept as text. About 300 MB/s.
*/
#ifndef MOAT_FACTS_JSONL_H
#define MOAT_FACTS_JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

enum jkind { JVAL_NULL, JVAL_BOOL, JVAL_NUMBER, JVAL_STRING, JVAL_ARRAY, JVAL_OBJECT };

struct jval { enum jkind kind; const char *at; size_t n; };     /* the text of the value; of a string without quotes */
struct jmember { const char *key; size_t nkey; struct jval v; };

struct jsonl {
    const char *name;           /* for errors */
    const char *at, *end;       /* what is left */
    uint64_t line;              /* of the object last returned, 1-based */
};

/* The next object: up to max of its members, in order; more are checked and left out. *more is false at the end of
** the text. Blank lines are skipped. */
bool jsonl_next(struct jsonl *j, struct jmember *m, size_t max, size_t *n, bool *more, struct err *e);
/* NULL: no such key. Keys with escapes never match. */
const struct jval *jsonl_get(const struct jmember *m, size_t n, const char *key);
bool jval_f64(const struct jval *v, double *out);       /* v NULL or no number: false */
bool jval_i64(const struct jval *v, int64_t *out);
/* Whole numbers of an array one by one: *at starts at v->at and moves on. 1: one read, 0: the end, -1: something else. */
int jval_next_u64(const struct jval *v, const char **at, uint64_t *out);

#endif
