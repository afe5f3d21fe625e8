/* work_point.h - one workload on one kind of device or on many, priced: what `moat predict WORK on ACCELERATOR` asks.
**
**      usd_munit = usd_h / (units an hour) * 1e6       a million queries, images, ...
**      usd_session_h = usd_h / sessions
*/
#ifndef MOAT_PLAN_WORK_POINT_H
#define MOAT_PLAN_WORK_POINT_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/catalog.h"
#include "speed/work.h"

struct arena;
struct err;
struct node;

struct work_point {
    const struct workload *work;
    const struct accelerator *acc;
    struct work_rate r;
    struct price price;
    double usd_h;               /* all cards; NaN where unpriced */
    struct span usd_munit, usd_session_h;       /* lo is the cheap end; NaN where they do not apply */
};

struct work_points {
    const struct workload *work;
    bool list;                  /* several were asked for, if only by `all` */
    struct work_point *point; size_t n; /* fastest first, then rate 0 in the order of their names */
    size_t nzero;               /* of n: rate 0 */
};

/* doc: the keys accelerator (a name, a list, names parted by commas, or `all`: every device that ships), devices,
** batch, framework, prices. */
bool plan_work_points(struct arena *a, struct catalog *c, const struct workload *w, const struct node *doc,
                      struct work_points *out, struct notes *notes, struct err *e);

#endif
