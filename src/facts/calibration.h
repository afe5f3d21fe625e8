/* calibration.h - what `moat calibrate` learned of one deployment: a few factors on the times of its stack.
**
** A factor of 1 is the stack as it is, 2 takes twice as long. A calibration speaks for one framework on one accelerator
** and, where it says so, for one model in one number format: factors fitted to another model or format do not help
** (docs/calibrate.md), while other splits of the same model gain.
**
**      calibrations/NAME.yaml of an overlay folder, or the file itself:  --catalog NAME.yaml
*/
#ifndef MOAT_FACTS_CALIBRATION_H
#define MOAT_FACTS_CALIBRATION_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/model.h"
#include "facts/stack.h"

struct arena;
struct err;
struct node;

enum scale {
    SCALE_COMPUTE, /* time of multiplications: shares of peak FLOP/s divided by it */
    SCALE_MEMORY,  /* time of memory traffic: shares of bandwidth divided by it */
    SCALE_FIXED,   /* fixed times of kernels, collectives and the host's part of a step */
    SCALE_LINK,    /* time of bytes between devices */
    SCALE_REQUEST, /* time of a request outside the engine: TTFT only */
    SCALE_N
};
extern const char *const scale_name[SCALE_N]; /* "compute" ... */

struct calibration {
    const char *framework, *accelerator;
    const char *model;                 /* NULL: every model */
    enum precision precision, experts; /* PREC_N: every format */
    double factor[SCALE_N];
    struct interval interval; /* NaN ends: as the stack has them */
    int64_t points;
    const char *source, *hash, *date;
};

/* Factors of 1, for everything, with no interval of its own. */
struct calibration calibration_none(void);
bool calibration_read(struct arena *a, const struct node *doc, struct calibration *out, struct err *e);
/* The last of n that speaks for this deployment, NULL: none. */
const struct calibration *calibration_find(const struct calibration *c, size_t n, const struct stack *s,
                                           const struct accelerator *acc, const struct model *m,
                                           const struct quant *q);
/* Stretch the constants; with an interval of its own they count as this device's. NULL: nothing happens. */
void calibration_apply(const struct calibration *c, struct stack *s);

#endif
