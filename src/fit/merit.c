/* merit.c - the first metric of each sort that a point has: TPOT from tpot_mean_ms, tpot_p50_ms, tpot_ms or
*1/tok_s_per_user,
** E2E where there is none; rates divided by the accelerators. */
#include "fit/merit.h"

#include <math.h>

#include "base/arena.h"

enum use { USE_NONE, USE_TTFT, USE_TIME, USE_PER_USER, USE_RATE, USE_RATE_OF_ALL };

static const struct {
    enum use use;
    int what; /* enum fit_time of a time, enum fit_rate of a rate */
    int rank; /* the lowest of a use is taken */
} use_of[FIT_METRIC_N] = {
    [FIT_TTFT_MEAN_MS] = {USE_TTFT, 0, 1},
    [FIT_TTFT_P50_MS] = {USE_TTFT, 0, 2},
    [FIT_TTFT_MS] = {USE_TTFT, 0, 3},
    [FIT_TPOT_MEAN_MS] = {USE_TIME, FIT_TIME_TPOT, 1},
    [FIT_TPOT_P50_MS] = {USE_TIME, FIT_TIME_TPOT, 2},
    [FIT_TPOT_MS] = {USE_TIME, FIT_TIME_TPOT, 3},
    [FIT_TOK_S_PER_USER] = {USE_PER_USER, FIT_TIME_TPOT, 4},
    [FIT_E2E_LATENCY_S] = {USE_TIME, FIT_TIME_E2E, 5},
    [FIT_E2E_MS] = {USE_TIME, FIT_TIME_E2E, 6},
    [FIT_TOK_S_PER_ACCELERATOR] = {USE_RATE, FIT_RATE_OUTPUT, 1},
    [FIT_TOK_S_PER_ACCELERATOR_DERIVED] = {USE_RATE, FIT_RATE_OUTPUT, 2},
    [FIT_OUTPUT_TOK_S] = {USE_RATE_OF_ALL, FIT_RATE_OUTPUT, 3},
    [FIT_TOTAL_TOK_S] = {USE_RATE_OF_ALL, FIT_RATE_TOTAL, 4},
    [FIT_SAMPLES_PER_S] = {USE_RATE_OF_ALL, FIT_RATE_SAMPLES, 5},
    [FIT_INPUT_TOK_S] = {USE_RATE_OF_ALL, FIT_RATE_INPUT, 6},
};

struct ranks {
    int ttft, time, rate;
}; /* of what is filled already; 0: nothing */

static void take(double to[FIT_SIDES], int *have, int rank, double measured, double predicted)
{
    if (*have && *have <= rank)
        return;
    *have = rank;
    to[FIT_MEASURED] = measured, to[FIT_PREDICTED] = predicted;
}

static void add(struct fit_merit *m, struct ranks *have, const struct fit_error *e)
{
    double unit = fit_metric_table[e->metric].per_base, measured = e->measured / unit,
           predicted = e->predicted.at / unit;
    double n = e->point->devices > 0 ? (double)e->point->devices : (double)NAN;
    int rank = use_of[e->metric].rank;
    struct ranks before = *have;
    switch (use_of[e->metric].use) {
    case USE_TTFT:
        take(m->ttft_s, &have->ttft, rank, measured, predicted);
        return;
    case USE_TIME:
        take(m->time_s, &have->time, rank, measured, predicted);
        break;
    case USE_PER_USER:
        take(m->time_s, &have->time, rank, 1 / measured, 1 / predicted);
        break;
    case USE_RATE:
        take(m->rate_s, &have->rate, rank, measured, predicted);
        break;
    case USE_RATE_OF_ALL:
        if (isfinite(n))
            take(m->rate_s, &have->rate, rank, measured / n, predicted / n);
        break;
    case USE_NONE:
        return;
    }
    if (have->rate != before.rate)
        m->rate = (enum fit_rate)use_of[e->metric].what;
    if (have->time != before.time)
        m->time = (enum fit_time)use_of[e->metric].what;
}

size_t fit_merits(struct arena *a, const struct fit_report *r, struct fit_merit **out)
{
    size_t n = 0;
    struct ranks have = {0};
    *out = ARENA_ARRAY(a, struct fit_merit, r->nerror);
    for (size_t i = 0; i < r->nerror; i++) {
        if (i == 0 || r->error[i].point != r->error[i - 1].point) {
            (*out)[n++] =
                (struct fit_merit){r->error[i].point, {NAN, NAN}, {NAN, NAN}, {NAN, NAN}, FIT_TIME_NONE, FIT_RATE_NONE};
            have = (struct ranks){0};
        }
        add(&(*out)[n - 1], &have, &r->error[i]);
    }
    return n;
}
