/* point.h - one operating point of one deployment, priced: what `moat predict` asks.
**
**      usd_mtok = usd_h / (output tokens an hour) * 1e6
*/
#ifndef MOAT_PLAN_POINT_H
#define MOAT_PLAN_POINT_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/catalog.h"
#include "facts/scenario.h"
#include "speed/predict.h"

struct arena;
struct err;

struct point {
    struct deployment d;
    struct precision_run precision;
    struct prediction p;
    int64_t batch_asked, isl, osl;
    int devices;
    struct price price;
    double usd_h;               /* of the replica; NaN where unpriced */
    struct span usd_mtok;       /* lo is the cheap end; NaN where unpriced or where nothing fits */
    double usd_mtok_total;      /* per million tokens, input counted too */
};

/* s->deploy names the deployment. batch, isl and osl are at least 1. */
bool plan_point(struct arena *a, struct catalog *c, const struct scenario *s, int64_t batch, int64_t isl, int64_t osl,
                struct point *out, struct err *e);

#endif
