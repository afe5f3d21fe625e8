/* csv.h - rows of a delimited text file by column name (RFC 4180: quotes, CRLF, no final newline).
**
** The reader walks a text held in memory; a cell is a slice of it, unquoted in place
** when it has to be. Header names are matched exactly. About 1 GB/s on unquoted text.
*/
#ifndef MOAT_BASE_CSV_H
#define MOAT_BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

struct cell { const char *at; size_t n; };      /* not NUL-terminated */

struct csv {
    const char *name;           /* for errors */
    char *at, *end;             /* what is left */
    char *quote, *looked;       /* the first quote at or behind `at`, if there is one before `looked`; else NULL */
    uint64_t next_line;
    uint64_t line;              /* of the row last returned, 1-based */
    size_t ncol;
    struct cell *head;          /* (ncol) header cells */
    struct cell *cell;          /* (ncol) cells of the current row; missing ones are empty */
    bool ragged;                /* the current row had another number of cells than the header */
    struct arena *arena;
};

/* bytes (n) may be changed and must outlive the reader. false: empty, or a NUL or an open quote in the header. */
bool csv_open(struct csv *c, struct arena *a, const char *name, char *bytes, size_t n, struct err *e);
int csv_column(const struct csv *c, const char *name);          /* -1: none */
bool csv_next(struct csv *c);                                   /* false at the end; blank lines are skipped */
const struct cell *csv_cell(const struct csv *c, int column);   /* empty cell when column is -1 */
bool cell_is(struct cell v, const char *s);
bool cell_f64(struct cell v, double *out);                      /* finite decimal, all of it */
bool cell_i64(struct cell v, int64_t *out);
char *cell_dup(struct arena *a, struct cell v);
void csv_quote(char *out, size_t n, const char *s);             /* s as one CSV cell */

#endif
