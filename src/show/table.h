/* table.h - rows in aligned columns that fit the width: narrow gaps first, then less important columns go. */
#ifndef MOAT_SHOW_TABLE_H
#define MOAT_SHOW_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct show;

struct column {
    const char *title;          /* "" for none; '\n' makes a second header line */
    enum { COL_LEFT, COL_RIGHT } align;
    int drop;                   /* 0: stays; else the highest number is left out first when the width is short */
    int wrap;                   /* 1: the last column, broken into lines at blanks */
};

struct table {
    const struct show *show;
    const struct column *col;   /* (ncol) */
    size_t ncol;
    int indent;                 /* blanks before each line */
    const char **cell;          /* (nrow, ncol) */
    const char **style;         /* (nrow) colour of the row, or NULL */
    size_t nrow, cap;
    unsigned shown;             /* bit j: column j was printed */
};

void table_init(struct table *t, const struct show *s, const struct column *col, size_t ncol);
/* ncol cells, in the order of the columns; NULL is an empty cell. Texts must outlive the table. */
void table_row(struct table *t, const char *style, const char *const *cell);
void table_print(struct table *t);
/* Was this column printed? Of the last table_print. */
bool table_has(const struct table *t, size_t column);

#endif
