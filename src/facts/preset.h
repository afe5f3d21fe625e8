/* preset.h - published traffic, carried as tables, so that nothing has to be downloaded. */
#ifndef MOAT_FACTS_PRESET_H
#define MOAT_FACTS_PRESET_H

#include <stddef.h>

struct quantile { double p, v; };       /* the value that a share p of the requests does not exceed */

struct preset {
    const char *name, *help, *source;
    const char *process;        /* a row of the arrival processes */
    double rate_s, span_s;      /* mean rate, and for how long it was seen */
    double cv;                  /* of the gaps, once the slow change of the rate (curve) is taken out */
    double burst_req;           /* on-off: requests between two pauses */
    const double *curve; size_t ncurve; /* relative rate in cells of equal length, mean 1; NULL: constant */
    double cell_s;
    const struct quantile *in; size_t nin;      /* prompt tokens, p from 0 to 1 */
    const struct quantile *out; size_t nout;    /* output tokens */
};

const struct preset *preset_find(const char *name);     /* NULL: none */
extern const struct preset presets[];
extern const size_t preset_count;

#endif
