/* text.h - words and numbers as people read them: widths, colours, rounded figures with their units.
**
** Everything returns text in the arena given. A number that is not finite is shown as "-".
*/
#ifndef MOAT_SHOW_TEXT_H
#define MOAT_SHOW_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "speed/predict.h"

struct arena;
struct buf;

/* Columns that s takes on a terminal: UTF-8, combining marks 0, wide characters 2, colour sequences 0. */
int text_width(const char *s);
/* s cut to at most n columns, the last of them a '~' where something was cut. */
const char *text_cut(struct arena *a, const char *s, int n);
/* s broken at blanks so that no line goes beyond column width; the first line starts at column from (already there),
** the others at column indent. A newline in s is kept. */
void text_wrap(struct buf *out, const char *s, int from, int width, int indent);

/* Two or three digits that matter: 0.031, 0.83, 4.1, 31, 312, 12,400. */
const char *text_num(struct arena *a, double v);
const char *text_count(struct arena *a, double v);              /* whole, with commas: 12,400 */
const char *text_big(struct arena *a, double v);                /* 70.6B, 1.04T, 19.4k, 512 */
const char *text_percent(struct arena *a, double frac);         /* 0.412 -> "41%" */
const char *text_times(struct arena *a, double factor);         /* "1.42x", "12x" */
const char *text_usd(struct arena *a, double v);                /* $0.042, $1.42, $1,240, $12.4k, $3.1M */
const char *text_usd_h(struct arena *a, double v);              /* $17.94/h */
const char *text_watts(struct arena *a, double w);              /* 700 W, 5.1 kW, 20 MW */
const char *text_figure(struct arena *a, double v);             /* as a spec sheet writes it: 3.35, 989.4, 1,979 */
const char *text_gb(struct arena *a, double bytes);             /* 141.1 GB */
const char *text_size(struct arena *a, double bytes);           /* capacity: 80 GiB where it is whole, else 141 GB, 230 MB */
const char *text_date(struct arena *a, int yyyymmdd);           /* 2026-07-15; 0: "-" */
const char *text_month(struct arena *a, int yyyymmdd);          /* 2026-07; 0: "-" */

/* A unit of time for a column or a line of figures. */
struct time_unit { const char *name; double per_s; };
struct time_unit text_time_unit(double s);
const char *text_time(struct arena *a, double s);               /* "41 ms", "1.9 s", "3.2 h" */
const char *text_limit(struct arena *a, double s);              /* as it was written: "2 s", "50 ms", "1.25 s" */
const char *text_span_in(struct arena *a, struct span v, double per_unit);      /* "41 [33-52]"; no interval: "41" */
const char *text_span_time(struct arena *a, struct span v);     /* "41 ms [33-52]" */
const char *text_span(struct arena *a, struct span v, const char *unit);        /* "1,490 tok/s [1,250-1,700]" */
const char *text_span_watts(struct arena *a, struct span v);
const char *text_span_usd(struct arena *a, struct span v);      /* "$2.01 [1.67-2.41]" */

/* A bar of at most n marks for a share of one. */
const char *text_bar(struct arena *a, double frac, int n);

#endif
