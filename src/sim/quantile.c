/* quantile.c - sim_metric: exact nearest-rank quantiles by selection while the values are kept, else from the sketch.
**
** Rank ceil(q * n) - 1 (sketch_rank). Hoare, "Algorithm 65: Find", CACM 4(7), 1961; median of three.
*/
#include <math.h>

#include "facts/scenario.h"
#include "sim/sim.h"

static void swap(double *a, double *b)
{
    double t = *a;
    *a = *b;
    *b = t;
}

/* The value that would stand at `rank` if v (n) were sorted. Reorders v. */
static double select_rank(double *v, size_t n, size_t rank)
{
    size_t lo = 0, hi = n - 1;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (v[mid] < v[lo])
            swap(&v[mid], &v[lo]);
        if (v[hi] < v[lo])
            swap(&v[hi], &v[lo]);
        if (v[hi] < v[mid])
            swap(&v[hi], &v[mid]);
        double pivot = v[mid];
        size_t i = lo, j = hi;
        for (;;) {
            while (v[i] < pivot)
                i++;
            while (v[j] > pivot)
                j--;
            if (i >= j)
                break;
            swap(&v[i++], &v[j--]);
        }
        if (rank <= j)
            hi = j;
        else
            lo = j + 1;
    }
    return v[lo];
}

double sim_metric(const struct sim_result *r, int metric, double q)
{
    static const int exact_of[SLO_METRIC_N] = {
        [SLO_TTFT] = SIM_EXACT_TTFT, [SLO_TPOT] = SIM_EXACT_TPOT, [SLO_E2E] = SIM_EXACT_E2E, [SLO_ITL] = -1};
    if (metric < 0 || metric >= SLO_METRIC_N)
        return NAN;
    const struct sketch *sk = metric == SLO_TTFT   ? &r->ttft
                              : metric == SLO_TPOT ? &r->tpot
                              : metric == SLO_E2E  ? &r->e2e
                                                   : &r->itl;
    if (q < 0)
        return sketch_mean(sk);
    int which = exact_of[metric];
    if (which < 0 || !r->exact[which])
        return sketch_quantile(sk, q);
    size_t n = r->nexact[which];
    if (!n)
        return NAN;
    return select_rank(r->exact[which], n, (size_t)sketch_rank(n, q));
}
