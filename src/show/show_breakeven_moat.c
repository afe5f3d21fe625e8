/* show_breakeven_moat.c - the moat in dollars as text: a table, and a waterfall whose bars are Shapley values and whose whiskers go
** from the least to the most of alone, last off and Shapley. */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_breakeven.h"
#include "show/table.h"
#include "show/text.h"

#define BAR 22

static const char *money(struct arena *a, double v)
{
    return v < 0 ? arena_printf(a, "-%s", text_usd(a, -v)) : text_usd(a, v);
}

/* "|-----####" : zero, whisker, bar. */
static const char *bar(struct arena *a, const struct moat_part *p, double lo, double hi)
{
    char *line = arena_alloc(a, BAR + 1);
    double scale = hi > lo ? (BAR - 1) / (hi - lo) : 0;
    double least = fmin(p->shapley_usd, fmin(p->alone_usd, p->last_off_usd)),
           most = fmax(p->shapley_usd, fmax(p->alone_usd, p->last_off_usd));
    memset(line, ' ', BAR);
    int zero = (int)lround((0 - lo) * scale), at = (int)lround((p->shapley_usd - lo) * scale);
    for (int i = zero < at ? zero : at; i < (zero < at ? at : zero); i++)
        line[i] = '#';
    for (int i = (int)lround((least - lo) * scale); i <= (int)lround((most - lo) * scale); i++)
        line[i] = line[i] == '#' ? '=' : '-';
    int n = BAR;
    while (n > 0 && line[n - 1] == ' ')
        n--;
    line[n] = 0;
    return line;
}

void show_breakeven_moat(const struct show *s, const struct breakeven_result *r)
{
    static const struct column col[] = {{"reason", COL_LEFT, 0, 0},      {"Shapley", COL_RIGHT, 0, 0}, {"alone", COL_RIGHT, 0, 0},
                                        {"last off", COL_RIGHT, 0, 0}, {"", COL_LEFT, 1, 0}};
    struct arena *a = s->arena;
    const struct moat *m = &r->moat;
    struct table t;
    double lo = 0, hi = 0;
    for (size_t i = 0; i < MOAT_REASONS; i++) {
        const struct moat_part *p = &m->part[i];
        lo = fmin(lo, fmin(p->shapley_usd, fmin(p->alone_usd, p->last_off_usd)));
        hi = fmax(hi, fmax(p->shapley_usd, fmax(p->alone_usd, p->last_off_usd)));
    }
    buf_fmt(s->out, "\n%s", ink(s, INK_BOLD));
    text_wrap(s->out,
              arena_printf(a, "The moat: %s off the entry price, from %s with no reason to %s with all", text_usd(a, m->total_usd),
                           text_usd(a, m->free_usd), text_usd(a, m->full_usd)),
              0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
    table_init(&t, s, col, 5);
    for (size_t i = 0; i < MOAT_REASONS; i++) {
        const struct moat_part *p = &m->part[i];
        const char *cell[] = {moat_reason_name((enum moat_reason)i), "none", "", "", ""};
        if (p->handicap) {
            cell[1] = p->error_usd > 0 ? arena_printf(a, "%s +-%s", money(a, p->shapley_usd), text_usd(a, p->error_usd))
                                       : money(a, p->shapley_usd);
            cell[2] = money(a, p->alone_usd), cell[3] = money(a, p->last_off_usd), cell[4] = bar(a, p, lo, hi);
        }
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    text_wrap(s->out,
              "# Shapley value, - from the least to the most of the three, = both. alone: taken from a challenger with no other "
              "handicap; last off: what it would gain if only this went.",
              0, s->width, 0);
    buf_add(s->out, "\n");
}
