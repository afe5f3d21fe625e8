/* table.c - column widths from the cells, then lines; a table wider than the screen loses gaps, then columns. */
#include "show/table.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/show.h"
#include "show/text.h"

#define COLUMNS_MAX 16

void table_init(struct table *t, const struct show *s, const struct column *col, size_t ncol)
{
    *t = (struct table){.show = s, .col = col, .ncol = ncol, .indent = 2};
}

void table_row(struct table *t, const char *style, const char *const *cell)
{
    struct arena *a = t->show->arena;
    if (t->nrow == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 16;
        t->cell = arena_grow(a, t->cell, t->cap * t->ncol, cap * t->ncol, sizeof *t->cell);
        t->style = arena_grow(a, t->style, t->cap, cap, sizeof *t->style);
        t->cap = cap;
    }
    for (size_t j = 0; j < t->ncol; j++)
        t->cell[t->nrow * t->ncol + j] = cell[j] ? cell[j] : "";
    t->style[t->nrow++] = style;
}

/* Line i of a title, counted from the bottom: titles of one line stand on the last. */
static const char *title_line(struct arena *a, const char *title, int line, int lines)
{
    int have = 1;
    for (const char *p = title; *p; p++)
        have += *p == '\n';
    line -= lines - have;
    if (line < 0)
        return "";
    while (line-- > 0)
        title = strchr(title, '\n') + 1;
    return arena_strndup(a, title, strcspn(title, "\n"));
}

struct layout {
    int width[COLUMNS_MAX];
    bool shown[COLUMNS_MAX];
    int gap, title_lines;
};

static int total(const struct table *t, const struct layout *l)
{
    int w = t->indent, n = 0;
    for (size_t j = 0; j < t->ncol; j++)
        if (l->shown[j]) {
            w += t->col[j].wrap ? (l->width[j] < 24 ? l->width[j] : 24) : l->width[j];
            n++;
        }
    return w + (n > 0 ? (n - 1) * l->gap : 0);
}

static void fit(const struct table *t, struct layout *l)
{
    struct arena *a = t->show->arena;
    l->gap = 2;
    l->title_lines = 0;
    for (size_t j = 0; j < t->ncol; j++) {
        int lines = *t->col[j].title ? 1 : 0;
        for (const char *p = t->col[j].title; *p; p++)
            lines += *p == '\n';
        if (lines > l->title_lines)
            l->title_lines = lines;
    }
    for (size_t j = 0; j < t->ncol; j++) {
        int w = 0;
        bool any = false;
        for (int i = 0; i < l->title_lines; i++) {
            int v = text_width(title_line(a, t->col[j].title, i, l->title_lines));
            w = v > w ? v : w;
        }
        for (size_t i = 0; i < t->nrow; i++) {
            int v = text_width(t->cell[i * t->ncol + j]);
            any |= v > 0;
            w = v > w ? v : w;
        }
        l->width[j] = w;
        l->shown[j] = any || !t->nrow;
    }
    if (total(t, l) > t->show->width)
        l->gap = 1;
    while (total(t, l) > t->show->width) {
        size_t worst = t->ncol;
        for (size_t j = 0; j < t->ncol; j++)
            if (l->shown[j] && t->col[j].drop && (worst == t->ncol || t->col[j].drop > t->col[worst].drop))
                worst = j;
        if (worst == t->ncol)
            break;
        l->shown[worst] = false;
        l->gap = 2;
        if (total(t, l) > t->show->width)
            l->gap = 1;
    }
}

static void line(const struct table *t, const struct layout *l, const char *const *cell, const char *style)
{
    struct buf *out = t->show->out;
    int at = t->indent, owed = t->indent;
    size_t last = 0;
    for (size_t j = 0; j < t->ncol; j++)
        if (l->shown[j] && *cell[j])
            last = j;
    bool colour = style && t->show->colour;
    for (size_t j = 0; j <= last; j++) {
        if (!l->shown[j])
            continue;
        int pad = l->width[j] - text_width(cell[j]);
        if (t->col[j].align == COL_RIGHT)
            owed += pad;
        if (*cell[j]) {
            buf_fmt(out, "%*s", owed, "");
            owed = 0;
            if (colour)
                buf_add(out, style);
            if (t->col[j].wrap)
                text_wrap(out, cell[j], at, t->show->width > at + 24 ? t->show->width : at + 24, at);
            else
                buf_add(out, cell[j]);
            if (colour)
                buf_add(out, "\033[0m");
        }
        if (t->col[j].align == COL_LEFT)
            owed += pad;
        owed += l->gap;
        at += l->width[j] + l->gap;
    }
    buf_add(out, "\n");
}

void table_print(struct table *t)
{
    struct layout l;
    struct arena *a = t->show->arena;
    fit(t, &l);
    t->shown = 0;
    for (size_t j = 0; j < t->ncol; j++)
        t->shown |= l.shown[j] ? 1U << j : 0;
    const char *head[COLUMNS_MAX];
    for (int i = 0; i < l.title_lines; i++) {
        for (size_t j = 0; j < t->ncol; j++)
            head[j] = title_line(a, t->col[j].title, i, l.title_lines);
        line(t, &l, head, "\033[2m");
    }
    for (size_t i = 0; i < t->nrow; i++)
        line(t, &l, t->cell + i * t->ncol, t->style[i]);
}

bool table_has(const struct table *t, size_t column)
{
    return t->shown >> column & 1;
}
