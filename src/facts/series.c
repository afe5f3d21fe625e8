/* series.c - v(day) = v_i + (v_(i+1) - v_i) (day - d_i) / (d_(i+1) - d_i); behind the last v_n * f^(years since d_n).
 */
#include "facts/series.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"

#define DAYS_Y 365.25

static bool point(struct arena *a, const struct node *nd, const char *date, enum unit u, struct series *s,
                  struct err *e)
{
    int32_t ymd;
    double v = 0;
    if (!date_parse(date, &ymd, node_place(a, nd), e))
        return false;
    if (nd->kind != NODE_SCALAR || node_is_null(nd))
        return err_input(e, node_place(a, nd), "expected one value for this date");
    if (!node_unit(a, nd, u, &v, e))
        return false;
    int32_t day = date_to_days(ymd);
    size_t at = s->n;
    for (size_t i = 0; i < s->n; i++)
        if (s->day[i] == day)
            return err_input(e, node_place(a, nd), "this date stands there twice");
    for (; at > 0 && s->day[at - 1] > day; at--)
        s->day[at] = s->day[at - 1], s->v[at] = s->v[at - 1];
    s->day[at] = day, s->v[at] = v;
    s->n++;
    return true;
}

bool series_read_with(struct arena *a, const struct node *nd, enum unit u, bool held, const char *other,
                      struct series *out, struct err *e)
{
    if (!nd)
        return true;
    bool map = nd->kind == NODE_MAP;
    size_t n = map ? nd->n : 1;
    struct series s = {.year_factor = 1, .held = held, .place = node_place(a, nd)};
    s.day = ARENA_ARRAY(a, int32_t, n + 1);
    s.v = ARENA_ARRAY(a, double, n + 1);
    if (nd->kind == NODE_SEQ || node_is_null(nd))
        return err_input(e, s.place, "expected one value, or values by date such as {2024-Q1: .., 2026-Q4: ..}");
    if (!map) {
        s.n = 1;
        *out = s;
        return node_unit(a, nd, u, out->v, e);
    }
    for (size_t i = 0; i < nd->n; i++) {
        if (strcmp(nd->key[i], "per_year") == 0) {
            if (!node_unit(a, &nd->item[i], UNIT_FACTOR, &s.year_factor, e))
                return false;
            if (!(s.year_factor > 0))
                return err_input(e, node_place(a, &nd->item[i]), "expected a factor a year such as 1.3x or 0.8x");
        } else if (!(other && strcmp(nd->key[i], other) == 0) && !point(a, &nd->item[i], nd->key[i], u, &s, e))
            return false;
    }
    if (!s.n)
        return err_input(e, s.place, "names no date");
    *out = s;
    return true;
}

bool series_read(struct arena *a, const struct node *nd, enum unit u, bool held, struct series *out, struct err *e)
{
    return series_read_with(a, nd, u, held, NULL, out, e);
}

double series_at(const struct series *s, double day)
{
    if (!s->n)
        return NAN;
    size_t i = 0;
    while (i + 1 < s->n && s->day[i + 1] <= day)
        i++;
    if (i + 1 == s->n) {
        double years = (day - s->day[i]) / DAYS_Y;
        return years > 0 && s->year_factor != 1 ? s->v[i] * pow(s->year_factor, years) : s->v[i];
    }
    if (s->held || day <= s->day[i])
        return s->v[i];
    double part = (day - s->day[i]) / (double)(s->day[i + 1] - s->day[i]);
    return s->v[i] + part * (s->v[i + 1] - s->v[i]);
}
