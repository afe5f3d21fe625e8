/* verdict.c - an SLO holds when P(value <= limit) >= q:   missed <= n - 1 - rank,   rank = ceil(q n) - 1.
**
** n counts requests, or gaps between tokens. A rejected request is later than any limit. A mean has no such rank: it
** is compared when the run is over, and lost before that only by rejected requests.
*/
#include "sim/verdict.h"

#include <math.h>

#include "base/arena.h"
#include "base/sketch.h"
#include "facts/scenario.h"
#include "sim/replica.h"

#define ROUNDING 1e-12 /* of a mean: a sum of rounded seconds */

uint64_t verdict_allowed(uint64_t n, double q)
{
    return n ? n - 1 - sketch_rank(n, q) : 0;
}

void verdict_init(struct verdict *v, struct arena *a, const struct sim_config *c, struct sim_result *out)
{
    *v = (struct verdict){.slo = c->slo, .n = c->nslo};
    if (!c->nslo)
        return;
    for (int i = 0; i < c->npool; i++)
        v->chunks |= c->pool[i].speculative_tok > 0;
    out->slo = v->row = ARENA_ARRAY(a, struct sim_verdict, c->nslo);
    v->itl = ARENA_ARRAY(a, struct itl_row, c->nslo);
    for (size_t i = 0; i < c->nslo; i++) {
        const struct sim_slo *l = &c->slo[i];
        v->row[i] = (struct sim_verdict){0};
        if (l->metric != SLO_ITL || l->q < 0)
            continue;
        int64_t q20 = l->limit_s < 8000 ? llround(l->limit_s * 1e9 * (double)Q20) : INT64_MAX;
        v->itl[v->nitl++] = (struct itl_row){i, q20, 1 - l->q};
    }
}

/* ---- how many there are ---- */

static bool of_gaps(const struct sim_slo *l)
{
    return l->metric == SLO_ITL && l->q >= 0;
}

/* A rejected request misses all the gaps it would have had, and something of every metric. */
static uint64_t rejected_weight(const struct verdict *v, const struct sim_slo *l, const struct request *q)
{
    return of_gaps(l) && !v->chunks && q->out_tok > 1 ? (uint64_t)q->out_tok - 1 : 1;
}

void verdict_offer(struct verdict *v, const struct request *q, bool counted, bool rejected)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sim_slo *l = &v->slo[i];
        if (of_gaps(l) && v->chunks)
            continue;
        if (rejected)
            v->row[i].of += counted ? rejected_weight(v, l, q) : 0;
        else if (of_gaps(l)) /* the warm-up's too, as in the histogram */
            v->row[i].of += (uint64_t)q->out_tok - 1;
        else if (counted)
            v->row[i].of += l->q < 0 || l->metric != SLO_TPOT || q->out_tok > 1;
    }
}

void verdict_allow(struct verdict *v)
{
    for (size_t i = 0; i < v->n; i++)
        v->row[i].allowed = of_gaps(&v->slo[i]) && v->chunks
                                ? UINT64_MAX
                                : verdict_allowed(v->row[i].of, v->slo[i].q < 0 ? 1 - SIM_REJECTED_FRAC : v->slo[i].q);
}

/* ---- how many are above the limits ---- */

static void miss(struct verdict *v, size_t at, uint64_t times)
{
    struct sim_verdict *row = &v->row[at];
    row->missed += times;
    row->lost = row->missed > row->allowed;
    v->lost |= row->lost;
}

void verdict_reject(struct verdict *v, const struct request *q)
{
    for (size_t i = 0; i < v->n; i++)
        miss(v, i, rejected_weight(v, &v->slo[i], q));
}

void verdict_shed(struct verdict *v, const struct request *q, bool counted)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sim_slo *l = &v->slo[i];
        struct sim_verdict *row = &v->row[i];
        bool one = q->out_tok == 1 && l->q >= 0 && (l->metric == SLO_TPOT || l->metric == SLO_ITL);
        if ((v->chunks && of_gaps(l)) || (counted ? !one : !of_gaps(l)))
            continue; /* as much as was offered */
        row->of = counted ? row->of + 1 : row->of - ((uint64_t)q->out_tok - 1);
        row->allowed = verdict_allowed(row->of, l->q);
        row->lost = row->missed > row->allowed;
    }
}

/* As many values as verdict_offer counted. */
void verdict_fail(struct verdict *v, const struct request *q)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sim_slo *l = &v->slo[i];
        if (of_gaps(l))
            miss(v, i, (uint64_t)q->out_tok - 1);
        else
            miss(v, i, l->q < 0 || l->metric != SLO_TPOT || q->out_tok > 1);
    }
}

void verdict_lost(struct verdict *v, uint64_t gaps)
{
    for (size_t i = 0; i < v->n; i++)
        if (of_gaps(&v->slo[i])) {
            v->row[i].of += gaps;
            v->row[i].allowed = verdict_allowed(v->row[i].of, v->slo[i].q);
        }
}

void verdict_settle(struct verdict *v)
{
    v->lost = false;
    for (size_t i = 0; i < v->n; i++) {
        v->row[i].lost = v->row[i].missed > v->row[i].allowed;
        v->lost |= v->row[i].lost;
    }
}

void verdict_done(struct verdict *v, double ttft_s, double tpot_s, double e2e_s)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sim_slo *l = &v->slo[i];
        double got = l->metric == SLO_TTFT ? ttft_s : l->metric == SLO_TPOT ? tpot_s : e2e_s;
        if (l->q >= 0 && l->metric != SLO_ITL && got > l->limit_s)
            miss(v, i, 1);
    }
}

/* How many of a, a+b, ... (n) are above the limit. */
static int64_t above(int64_t limit, int64_t a, int64_t b, int64_t n)
{
    if (a > limit)
        return n;
    if (b == 0)
        return 0;
    int64_t first = (limit - a) / b + 1;
    return first < n ? n - first : 0;
}

void verdict_steps(struct verdict *v, struct replica *r, int64_t n)
{
    int64_t a = r->first_q20, b = r->slope_q20;
    if (!r->batch.decode)
        return;
    for (int32_t j = 0; j < v->nitl; j++) {
        int64_t limit = v->itl[j].limit_q20, slow = 0, pooled = 0, done = r->nstall ? 1 : 0;
        for (int32_t i = 0; i < r->nstall; i++) /* the first step ends a pause, longer for some */
            if (a + r->stalled_q20 - r->stall[i].since_q20 > limit)
                pooled += r->stall[i].seqs;
        if (n > done)
            slow = above(limit, a + b * done, b, n - done);
        pooled += slow * r->ndec;
        r->slow[j] += slow + (done && a + r->stalled_q20 > limit);
        if (pooled)
            miss(v, v->itl[j].at, (uint64_t)pooled);
    }
}

void verdict_gap(struct verdict *v, int64_t *slow, int64_t ns)
{
    for (int32_t j = 0; j < v->nitl; j++)
        if (ns > v->itl[j].limit_q20 >> 20) {
            slow[j]++;
            miss(v, v->itl[j].at, 1);
        }
}

bool verdict_slow(const struct verdict *v, const int64_t *slow, int64_t gaps)
{
    for (int32_t j = 0; j < v->nitl; j++)
        if ((double)slow[j] > v->itl[j].share * (double)gaps)
            return true;
    return false;
}

void verdict_means(struct verdict *v, const struct sim_result *r, uint64_t gaps)
{
    for (size_t i = 0; i < v->n; i++) {
        const struct sim_slo *l = &v->slo[i];
        if (l->q < 0 && sim_metric(r, l->metric, -1) > l->limit_s * (1 + ROUNDING))
            v->row[i].lost = v->lost = true;
        if (!v->chunks || !of_gaps(l))
            continue;
        struct sim_verdict *row = &v->row[i];
        row->of = gaps + r->rejected;
        row->allowed = verdict_allowed(row->of, l->q);
        row->lost = row->missed > row->allowed;
        v->lost |= row->lost;
    }
}
