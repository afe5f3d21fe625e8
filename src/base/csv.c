/* csv.c - one pass over the text: memchr from comma to comma, a slow path for quoted rows.
**
** The place of the next quote in the text is kept, so that an unquoted row costs no look for one.
*/
#include "base/csv.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/num.h"

#define COLUMNS_MAX 4096

/* Find the first quote in at..end, if there is one; beyond it only a stretch at a time, since the text may be larger than memory. */
static void next_quote(struct csv *c, char *end)
{
    enum { STRETCH = 1 << 16 };
    if (c->quote && c->quote >= c->at)
        return;
    c->quote = NULL;
    if (c->looked < c->at)
        c->looked = c->at;
    while (!c->quote && c->looked < end) {
        size_t n = (size_t)(c->end - c->looked) < STRETCH ? (size_t)(c->end - c->looked) : STRETCH;
        c->quote = memchr(c->looked, '"', n);
        c->looked = c->quote ? c->quote + 1 : c->looked + n;
    }
}

/* Split the unquoted row at..end; returns its number of cells, of which max are stored. */
static size_t split_plain(char *at, char *end, struct cell *cell, size_t max)
{
    size_t n = 0;
    for (;;) {
        char *comma = memchr(at, ',', (size_t)(end - at));
        if (n < max)
            cell[n] = (struct cell){at, (size_t)((comma ? comma : end) - at)};
        n++;
        if (!comma)
            return n;
        at = comma + 1;
    }
}

/* Read one cell at c->at, unquoting in place. Leaves c->at on the comma, the line end or the end.
** A quote counts only as the first byte of a cell. false: it is never closed. */
static bool quoted_cell(struct csv *c, struct cell *out)
{
    char *to = c->at;
    bool open = c->at < c->end && *c->at == '"';
    out->at = to;
    c->at += open;
    while (c->at < c->end) {
        char ch = *c->at;
        if (open && ch == '"') {
            if (c->at + 1 < c->end && c->at[1] == '"')
                c->at++;
            else {
                open = false;
                c->at++;
                continue;
            }
        } else if (!open && (ch == ',' || ch == '\n' || (ch == '\r' && (c->at + 1 == c->end || c->at[1] == '\n'))))
            break;
        c->next_line += ch == '\n';
        *to++ = ch;
        c->at++;
    }
    out->n = (size_t)(to - out->at);
    return !open;
}

static size_t split_quoted(struct csv *c, struct cell *cell, size_t max, bool *closed)
{
    size_t n = 0;
    struct cell v;
    *closed = true;
    for (;;) {
        if (!quoted_cell(c, &v))
            *closed = false;
        if (n < max)
            cell[n] = v;
        n++;
        if (c->at == c->end || *c->at != ',')
            break;
        c->at++;
    }
    if (c->at < c->end && *c->at == '\r')
        c->at++;
    c->at += c->at < c->end;
    c->next_line++;
    return n;
}

/* The next row that is not blank; returns its number of cells, 0 at the end. */
static size_t split_row(struct csv *c, struct cell *cell, size_t max, bool *closed)
{
    *closed = true;
    while (c->at < c->end) {
        char *nl = memchr(c->at, '\n', (size_t)(c->end - c->at));
        char *end = nl ? nl : c->end;
        c->line = c->next_line;
        next_quote(c, end);
        if (c->quote && c->quote < end)
            return split_quoted(c, cell, max, closed);
        char *at = c->at;
        c->at = nl ? nl + 1 : c->end;
        c->next_line++;
        if (end > at && end[-1] == '\r')
            end--;
        if (end > at)
            return split_plain(at, end, cell, max);
    }
    return 0;
}

bool csv_open(struct csv *c, struct arena *a, const char *name, char *bytes, size_t n, struct err *e)
{
    struct cell head[COLUMNS_MAX];
    bool closed;
    *c = (struct csv){.name = name, .at = bytes, .end = bytes + n, .next_line = 1, .arena = a};
    if (n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        c->at += 3;
    c->looked = c->at;
    c->ncol = split_row(c, head, COLUMNS_MAX, &closed);
    if (!c->ncol)
        return err_input(e, name, "the file is empty: expected a header line with column names");
    if (!closed)
        return err_input(e, name, "a quote is opened in the header and never closed");
    if (c->ncol > COLUMNS_MAX)
        return err_input(e, name, "the header has %zu columns: at most %d are read", c->ncol, COLUMNS_MAX);
    for (size_t i = 0; i < c->ncol; i++)
        if (memchr(head[i].at, '\0', head[i].n))
            return err_input(e, name, "a NUL byte in the header: this is not a CSV text file");
    c->head = ARENA_ARRAY(a, struct cell, c->ncol);
    c->cell = ARENA_ARRAY(a, struct cell, c->ncol);
    memcpy(c->head, head, c->ncol * sizeof *head);
    return true;
}

int csv_column(const struct csv *c, const char *name)
{
    for (size_t i = 0; i < c->ncol; i++)
        if (cell_is(c->head[i], name))
            return (int)i;
    return -1;
}

bool csv_next(struct csv *c)
{
    bool closed;
    size_t n = split_row(c, c->cell, c->ncol, &closed);
    if (!n)
        return false;
    c->ragged = n != c->ncol || !closed;
    for (size_t i = n; i < c->ncol; i++)
        c->cell[i] = (struct cell){"", 0};
    return true;
}

const struct cell *csv_cell(const struct csv *c, int column)
{
    static const struct cell empty = {"", 0};
    return column < 0 || (size_t)column >= c->ncol ? &empty : &c->cell[column];
}

bool cell_is(struct cell v, const char *s)
{
    size_t n = strlen(s);
    return v.n == n && memcmp(v.at, s, n) == 0;
}

static struct cell trim(struct cell v)
{
    while (v.n && (*v.at == ' ' || *v.at == '\t')) {
        v.at++;
        v.n--;
    }
    while (v.n && (v.at[v.n - 1] == ' ' || v.at[v.n - 1] == '\t'))
        v.n--;
    return v;
}

bool cell_f64(struct cell v, double *out)
{
    double d;
    v = trim(v);
    if (!v.n || num_scan(v.at, v.n, &d) != v.n)
        return false;
    *out = d;
    return true;
}

bool cell_i64(struct cell v, int64_t *out)
{
    v = trim(v);
    return num_int(v.at, v.n, out);
}

char *cell_dup(struct arena *a, struct cell v)
{
    return arena_strndup(a, v.at, v.n);
}

void csv_quote(char *out, size_t n, const char *s)
{
    size_t to = 0;
    bool quote = s[strcspn(s, ",\"\r\n")] != '\0';
    if (!n)
        return;
    if (quote && to + 1 < n)
        out[to++] = '"';
    /* a cell cut for want of room is still closed */
    for (; *s && to + 1 + (size_t)quote * 2 < n; s++) {
        if (*s == '"')
            out[to++] = '"';
        out[to++] = *s;
    }
    if (quote && to + 1 < n)
        out[to++] = '"';
    out[to] = '\0';
}
