/* work.h - measured points of workloads (data/work/points.csv), predicted and scored.
**
** Columns: id, kind (work), work, accelerator, accelerators, batch, measured (all accelerators together), unit, date,
** source, fitted. A row with fitted = 1 was used for the class's shares: it is scored apart from the held-out ones.
** Nothing is looked up in a file of points when a rate is predicted.
*/
#ifndef MOAT_FIT_WORK_H
#define MOAT_FIT_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fit/validate.h"
#include "speed/work.h"

struct work_measured {
    const char *id;             /* "line 7" where the file has none */
    uint64_t line;
    const struct workload *work;
    const struct accelerator *acc;
    const char *work_name, *acc_name;   /* as written */
    int devices;
    double batch;               /* 0: not said */
    double measured;            /* NaN: not a number */
    bool fitted;
    const char *refused;        /* NULL: scored */
    struct span predicted;      /* all accelerators */
    enum grade evidence;
    const char *software;
};

struct work_group { const char *by, *key; bool fitted; struct fit_score score; };

struct work_report {
    const char *name;           /* of the file */
    struct work_measured *point; size_t n;
    size_t scored;
    struct fit_score held, fitted;      /* n 0: none */
    struct work_group *group; size_t ngroup;    /* held-out rows by class, work, accelerator; fitted ones by class */
};

/* Does the file have a column `work`? false with e set: it cannot be read. */
bool fit_is_work(struct arena *a, const char *path, bool *is, struct err *e);
bool fit_work(struct arena *a, struct catalog *c, const char *path, uint64_t seed, struct work_report *out,
              struct notes *notes, struct err *e);

#endif
