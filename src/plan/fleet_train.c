/* fleet_train.c - cards of one SKU that finish a training campaign within its window.
**
**      cards = N * days(N) / window        at the smallest N = node * 2^i with days(N) <= window
**
** days(N) is that of `moat train` (plan/train.c): the fastest split of N cards, failures and checkpoints included.
*Between N/2 and N
** the rate of a card is taken to be that at N.
*/
#include <math.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/fleet_rate.h"
#include "plan/train.h"

#define FIRST_MFU 0.35       /* of the first guess */
#define BATCH_TOK 16777216.0 /* tokens of a step where none is given: Llama 3.1 405B (arXiv:2407.21783, table 4) */
#define CARDS_MAX 1048576.0
#define DAY_S 86400.0
#define HOUR_S 3600.0

static bool days_of(struct arena *a, const struct catalog *c, const struct fleet_job *j, const struct accelerator *acc,
                    int n, struct train_plan *p, struct fleet_rate *out)
{
    struct train_question *q = ARENA_NEW(a, struct train_question);
    struct err e = {0};
    *q = (struct train_question){.model = j->model,
                                 .acc = acc,
                                 .framework = j->framework,
                                 .precision = j->precision,
                                 .devices = n,
                                 .tokens = j->tokens,
                                 .global_batch = j->global_batch,
                                 .seq_tok = j->seq_tok,
                                 .shard = SHARD_N,
                                 .recompute = -1,
                                 .price = {.kind = PRICE_ON_DEMAND}};
    if (!q->global_batch)
        q->global_batch = (int64_t)exp2(round(log2(fmax(1, BATCH_TOK / (double)j->seq_tok))));
    if (!plan_train(a, c, q, p, &e)) {
        snprintf(out->reason, sizeof out->reason, "%.159s", e.what);
        return false;
    }
    return true;
}

static int first_guess(const struct fleet_job *j, const struct accelerator *acc, double window_s)
{
    enum arith half = accelerator_half(acc);
    double flop_s = half == ARITH_N ? 0 : acc->peak_flop_s[half], node = acc->node_cards;
    double cards = 6 * model_active_params(j->model) * j->tokens / (FIRST_MFU * fmax(flop_s, 1) * window_s);
    double n = node * exp2(ceil(log2(fmax(1, cards / node))));
    return (int)fmin(n, CARDS_MAX);
}

static void settle(const struct train_plan *p, int n, double window_days, struct fleet_rate *out)
{
    const struct train_split *s = &p->found.split;
    int node = p->q->acc->node_cards;
    out->cards = ceil(n * p->days.at / window_days / node) * node;
    out->hi_cards = ceil(n * p->days.hi / window_days / node) * node;
    out->units_s = 1 / out->cards, out->lo_units_s = 1 / out->hi_cards;
    out->devices = n;
    out->evidence = p->evidence;
    out->fitted = p->tier != TIER_POOLED;
    snprintf(out->config, sizeof out->config, "tp %d pp %d dp %d, MFU %.0f%%", s->tp, s->pp, s->dp,
             100 * p->mfu_frac.at);
}

void fleet_rate_training(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const struct fleet_job *j,
                         const struct accelerator *acc, struct fleet_rate *out)
{
    double hours = (j->last - j->first + 1) * horizon_hours(&s->horizon), window_days = hours * HOUR_S / DAY_S;
    *out = (struct fleet_rate){.cards = NAN, .hi_cards = NAN, .evidence = GRADE_INFERRED};
    if (accelerator_half(acc) == ARITH_N) {
        snprintf(out->reason, sizeof out->reason, "has no 16-bit arithmetic");
        return;
    }
    double last_days = INFINITY;
    for (double n = first_guess(j, acc, hours * HOUR_S); n <= CARDS_MAX; n *= 2) {
        struct train_plan *p = ARENA_NEW(a, struct train_plan);
        if (!days_of(a, c, j, acc, (int)n, p, out))
            return;
        bool runs = p->found.any && p->binding == TRAIN_BINDS_NOTHING;
        if (runs && p->days.at <= window_days) {
            settle(p, (int)n, window_days, out);
            return;
        }
        if (runs && p->days.at > 0.97 * last_days) {
            snprintf(out->reason, sizeof out->reason,
                     "more cards do not make it faster: %.0f days on %.0f, the window has %.0f", p->days.at, n,
                     window_days);
            return;
        }
        if (!runs)
            snprintf(out->reason, sizeof out->reason, "%s on %.0f cards",
                     p->binding == TRAIN_BINDS_FAILURES ? "failures leave no progress"
                     : p->found.tried                   ? "does not fit in memory"
                                                        : "no split divides it",
                     n);
        last_days = runs ? p->days.at : INFINITY;
    }
    if (!out->reason[0])
        snprintf(out->reason, sizeof out->reason, "a million cards do not finish within the window");
}
