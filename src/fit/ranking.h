/* ranking.h - is the faster one predicted to be the faster one?
**
** Pairs of points that differ in one thing only: the accelerator, the tensor parallelism, the number format. Pairs
*whose
** measurements differ by less than 5 % are ties (repeats differ by as much) and left out.
**
**      right = share of pairs whose ratio has the sign that was measured       tau = 2 * right - 1 (Kendall 1938)
*/
#ifndef MOAT_FIT_RANKING_H
#define MOAT_FIT_RANKING_H

#include <stddef.h>

struct arena;
struct fit_report;

enum fit_measure { FIT_BY_LATENCY, FIT_BY_THROUGHPUT, FIT_MEASURES };
extern const char *const fit_measure_name[FIT_MEASURES]; /* "latency" (TPOT, else E2E), "throughput_per_accelerator" */

#define FIT_TIE_FRAC 0.05

struct fit_pairs {
    size_t pairs, ties, right; /* ties are not among the pairs */
    double right_frac, tau;    /* NaN without pairs */
};

/* The first row is all accelerators, the others ratios of two. */
struct fit_ratio {
    const char *of; /* "accelerators", "h200-sxm-141/h100-sxm-80", "tp8/tp4", "fp8/bf16" */
    struct fit_pairs by[FIT_MEASURES];
};

#define FIT_RATIOS 6
struct fit_ranking {
    struct fit_ratio ratio[FIT_RATIOS];
};

void fit_rank(struct arena *a, const struct fit_report *r, struct fit_ranking *out);

#endif
