/* reach.h - what a configuration can do at best, without simulating it.
**
** Steady state of one replica with b sequences decoding at the traffic's mean lengths:
**
**      X(b) = b / (osl * Td(b) + b * Tp),    TPOT(b) = b / (X * osl) = Td(b) + b * Tp / osl
**
** Td decode step at mean context, Tp prefill of a mean prompt. X grows with b, so the largest b whose TPOT holds and
** whose KV fits is the capacity. At no load TTFT >= Tp(prompt) and TPOT >= Td(1): what misses there cannot be met.
*/
#ifndef MOAT_PLAN_REACH_H
#define MOAT_PLAN_REACH_H

#include <stdbool.h>

#include "facts/scenario.h"
#include "plan/plan.h"
#include "speed/memory.h"
#include "speed/step.h"

struct reach {
    bool possible;
    double capacity_req_s;      /* largest steady rate of one replica */
    double batch;               /* sequences decoding at it */
    enum binding binding;       /* when not possible */
    double short_by;            /* best possible / limit */
    double best_s, limit_s;     /* of the SLO that fails, at no load */
    double slo_q;
};

double reach_prefill_s(const struct step_table *t, int64_t max_tokens, double tokens);  /* one prompt alone, chunked */
double reach_decode_s(const struct step_table *t, double batch, double context);

/* TPOT(b) at the traffic's mean lengths, and the b at which X(b) is a rate (r.batch where that is more than the capacity). */
double reach_tpot_s(const struct deployment *d, const struct step_table *t, const struct traffic_stat *st, bool cached, double batch);
double reach_batch(const struct deployment *d, const struct step_table *t, const struct reach *r, const struct traffic_stat *st,
                   bool cached, double req_s);

/* cached: what an unbounded prefix cache would find of the prompts need not be computed. */
struct reach reach_of(const struct deployment *d, const struct step_table *t, const struct memory *m,
                      const struct traffic_stat *st, bool cached, const struct slo *slo, size_t nslo);

#endif
