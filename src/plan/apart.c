/* apart.c - how many prefill replicas for how many decode replicas, from each phase's own throughput.
**
**      a prefill replica   1 / Tp prompts a second                                 Tp: a mean prompt alone
**      a decode replica    b / (osl * Td(b)) answers a second, the largest b       Td: a step of b sequences at the mean context,
**                          whose KV fits and whose Td(b) is below the limits of TPOT and ITL
**      P >= rate * Tp,     D >= rate * osl * Td(b) / b
**
** DistServe (Zhong et al., OSDI 2024, section 4.1) sizes the phases so, each alone. Here that is where simulation begins, cheapest pair
** first: a missed TTFT adds to P (to D, when most of it was waiting for room there), missed gaps to D, a missed E2E or a growing queue
** to the busier pool; on a window of the traffic, then on all of it.
*/
#include "plan/apart.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/cost.h"
#include "plan/reach.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"
#include "speed/handover.h"

#define WINDOW 2000             /* requests of the first simulations */
#define TRIES 24                /* sizes of a pair */
#define ROOM_SHARE 0.3          /* of the mean TTFT: more of it than this in waiting for decode's KV, and decode is what lacks */

struct side {                   /* an accelerator in one of the two roles */
    struct apart_side s;
    struct step_table *table;
    const struct sched *sched;
    double rate_s;              /* requests that a replica of it takes */
    double replica_usd_h;
};

static bool prepare(struct arena *a, const struct question *q, const struct candidate *c, bool decode, struct side *out)
{
    const struct scenario *s = q->scenario;
    *out = (struct side){.s = {.from = c, .d = c->d}, .table = ARENA_NEW(a, struct step_table)};
    struct deployment *d = &out->s.d;
    if (!s->deploy.max_tokens)
        d->max_tokens = d->stack.max_tokens;    /* prompts disturb nobody's decoding: no short chunks */
    if (!decode && !s->max_context)
        d->max_context = (int64_t)q->stat.in_max + 1;
    out->s.memory = memory_of(d);
    if (!out->s.memory.fits || !(handover_device_bytes_s(d->acc) > 0))
        return false;
    step_table_build(a, d, out->table);
    out->sched = sched_find(s->deploy.scheduler ? s->deploy.scheduler : d->stack.scheduler);
    if (!out->sched)
        return false;
    out->s.scheduler = out->sched->name;
    out->replica_usd_h = deployment_devices(d) * c->price.usd_h;
    return true;
}

/* The tightest limit on a gap between tokens, in the mean over an answer. */
static double gap_limit_s(const struct scenario *s)
{
    double limit = INFINITY;
    for (size_t i = 0; i < s->nslo; i++)
        if (s->slo[i].metric == SLO_TPOT || s->slo[i].metric == SLO_ITL)
            limit = fmin(limit, s->slo[i].limit_s);
    return limit;
}

static double decode_rate_s(const struct question *q, const struct side *x)
{
    double context = q->stat.in_mean + q->stat.out_mean / 2, limit = gap_limit_s(q->scenario);
    double room = floor((double)x->s.memory.kv_tokens / fmax(context, 1)), lo = 1, hi = fmin(room, x->s.d.max_seqs);
    if (hi < 1 || reach_decode_s(x->table, 1, context) > limit)
        return 0;
    if (reach_decode_s(x->table, hi, context) <= limit)
        lo = hi;
    while (hi - lo > 1) {
        double mid = floor((lo + hi) / 2);
        *(reach_decode_s(x->table, mid, context) <= limit ? &lo : &hi) = mid;
    }
    return lo / (q->stat.out_mean * reach_decode_s(x->table, lo, context));
}

/* ---- simulate a pair ---- */

static struct sim_pool pool_of(const struct question *q, const struct side *x, bool decode, int replicas)
{
    struct sizing z = {.d = &x->s.d, .memory = &x->s.memory, .table = x->table, .sched = x->sched, .keys = &q->scenario->deploy};
    struct sim_pool p = size_pool(&z, x->table, replicas);
    double link = handover_device_bytes_s(x->s.d.acc);
    p.role = decode ? POOL_DECODE : POOL_PREFILL;
    p.nic = (struct sim_nic){.bytes_s = link * deployment_devices(&x->s.d), .seq_bytes_s = link * handover_devices(&x->s.d),
                             .seq_devices = handover_devices(&x->s.d)};
    return p;
}

static bool simulate(struct arena *a, const struct question *q, const struct side *side, const int *n, const struct traffic *t,
                     bool stop, struct sim_result *r)
{
    const struct scenario *s = q->scenario;
    const struct router *router = router_find(s->router ? s->router : "least-outstanding");
    struct sim_slo *slo = ARENA_ARRAY(a, struct sim_slo, s->nslo);
    struct sim_config *c = ARENA_NEW(a, struct sim_config);
    for (size_t i = 0; i < s->nslo; i++)
        slo[i] = (struct sim_slo){s->slo[i].metric, s->slo[i].q, s->slo[i].limit_s};
    *c = (struct sim_config){.npool = 2, .router = router ? router : router_table[0], .seed = s->seed, .slo = slo, .nslo = s->nslo,
                             .stop_when_missed = stop};
    for (int i = 0; i < 2; i++)
        c->pool[i] = pool_of(q, &side[i], i == 1, n[i]);
    struct err e = {0};
    return sim_run(a, c, t, r, &e);
}

/* Which of the two lacks replicas: 0 prefill, 1 decode. */
static int lacking(const struct scenario *s, const struct sim_result *r)
{
    int busier = r->pool[1].busy_frac > r->pool[0].busy_frac;
    for (size_t i = 0; i < s->nslo; i++) {
        if (!r->slo[i].lost)
            continue;
        if (s->slo[i].metric == SLO_TTFT)
            return r->transfer.room_mean_s > ROOM_SHARE * sketch_mean(&r->ttft);
        return s->slo[i].metric == SLO_E2E ? busier : 1;
    }
    return busier;
}

/* From n up until the pair holds, or costs as much as something that does. */
static bool grow(struct arena *trial, const struct question *q, const struct side *side, int *n, const struct traffic *t, double most_usd_h,
                 uint64_t *simulated)
{
    for (int i = 0; i < TRIES; i++) {
        if (n[0] * side[0].replica_usd_h + n[1] * side[1].replica_usd_h >= most_usd_h)
            return false;
        arena_reset(trial);
        struct sim_result *r = ARENA_NEW(trial, struct sim_result);
        if (!simulate(trial, q, side, n, t, false, r))
            return false;
        *simulated += r->simulated;
        if (r->held)
            return true;
        int *more = &n[lacking(q->scenario, r)];
        *more += *more < 8 ? 1 : *more / 8;
    }
    return false;
}

static double billed_usd_h(const struct side *x, int n)
{
    const struct price *p = &x->s.from->price;
    return cost_billed(p, n * deployment_devices(&x->s.d)) * p->usd_h;
}

static void keep(struct arena *a, const struct question *q, const struct side *side, const int *n, struct apart *out)
{
    struct sim_result *r = ARENA_NEW(a, struct sim_result);
    struct apart_side *to[] = {&out->prefill, &out->decode};
    const struct scenario *s = q->scenario;
    double usd_h = 0;
    int devices = 0;
    for (int i = 0; i < 2; i++) {
        usd_h += billed_usd_h(&side[i], n[i]);
        devices += n[i] * deployment_devices(&side[i].s.d);
    }
    if ((out->found && usd_h >= out->usd_h) || (s->max_cards && devices > s->max_cards) || (s->max_usd_h > 0 && usd_h > s->max_usd_h))
        return;
    if (!simulate(a, q, side, n, q->traffic, false, r) || !r->held)
        return;
    out->found = true;
    out->usd_h = usd_h;
    out->simulated_requests += r->simulated;
    for (int i = 0; i < 2; i++) {
        *to[i] = side[i].s;
        to[i]->replicas = n[i];
        to[i]->devices = n[i] * deployment_devices(&side[i].s.d);
        to[i]->usd_h = billed_usd_h(&side[i], n[i]);
    }
    out->ttft_p50_s = sim_metric(r, SLO_TTFT, 0.5), out->ttft_p99_s = sim_metric(r, SLO_TTFT, 0.99);
    out->tpot_p50_s = sim_metric(r, SLO_TPOT, 0.5), out->tpot_p99_s = sim_metric(r, SLO_TPOT, 0.99);
    out->e2e_p50_s = sim_metric(r, SLO_E2E, 0.5), out->e2e_p99_s = sim_metric(r, SLO_E2E, 0.99);
    out->transfer_mean_s = r->transfer.moving_mean_s;
    cost_per_mtok(usd_h, q->stat.out_tok_s, q->stat.in_tok_s + q->stat.out_tok_s, &out->usd_mtok, &out->usd_mtok_total);
}

/* ---- which pairs ---- */

struct pair { int prefill, decode, n[2]; double bound_usd_h; };

static void add_pair(struct pair *pair, size_t *n, struct pair p)
{
    size_t at = (*n)++;
    for (; at > 0 && pair[at - 1].bound_usd_h > p.bound_usd_h; at--)
        pair[at] = pair[at - 1];
    pair[at] = p;
}

static const char *not_asked(const struct question *q, const struct plan *p)
{
    if (!p->answered || !p->ncand || !p->cand[0].feasible)
        return "no accelerator keeps the promises, and pairs begin from those that do";
    if (q->scenario->spares || q->scenario->max_power_w > 0)
        return "spares and limits of power are for one pool";
    if (q->traffic->concurrency || !(q->traffic->rate_s > 0) || !(q->traffic->span_s > 0) || q->traffic->turn)
        return "the traffic has no rate of its own: the two phases are sized by one";
    return !p->cand[0].price_as_asked ? "nothing is priced as asked, and pairs are chosen by price" : NULL;
}

void apart_find(struct arena *a, const struct question *q, const struct plan *p, struct apart *out)
{
    struct side *pre = ARENA_ARRAY(a, struct side, APART_FIRST), *dec = ARENA_ARRAY(a, struct side, APART_FIRST);
    struct pair pair[APART_FIRST * APART_FIRST];
    size_t npair = 0, n = 0;
    *out = (struct apart){.why = not_asked(q, p)};
    if (out->why)
        return;
    for (size_t i = 0; i < p->ncand && n < APART_FIRST; i++) {
        const struct candidate *c = &p->cand[i];
        if (!c->feasible || !c->price_as_asked || !prepare(a, q, c, false, &pre[n]) || !prepare(a, q, c, true, &dec[n]))
            continue;
        pre[n].rate_s = 1 / reach_prefill_s(pre[n].table, pre[n].s.d.max_tokens, q->stat.in_mean);
        dec[n].rate_s = decode_rate_s(q, &dec[n]);
        n++;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            if (!(dec[k].rate_s > 0) || pre[i].s.memory.kv_total_bytes_tok != dec[k].s.memory.kv_total_bytes_tok)
                continue;
            double np = ceil(q->traffic->rate_s / pre[i].rate_s), nd = ceil(q->traffic->rate_s / dec[k].rate_s);
            if (np + nd < 1e5)
                add_pair(pair, &npair, (struct pair){(int)i, (int)k, {(int)np, (int)nd}, np * pre[i].replica_usd_h + nd * dec[k].replica_usd_h});
        }
    struct arena *trial = arena_child(a);
    struct traffic window = q->traffic->n > WINDOW ? traffic_window(a, q->traffic, WINDOW) : *q->traffic;
    for (size_t i = 0; i < npair; i++) {
        struct side side[] = {pre[pair[i].prefill], dec[pair[i].decode]};
        double most = out->found ? out->usd_h : INFINITY;
        if (grow(trial, q, side, pair[i].n, &window, most, &out->simulated_requests) &&
            grow(trial, q, side, pair[i].n, q->traffic, most, &out->simulated_requests))
            keep(a, q, side, pair[i].n, out);
    }
    if (out->found)
        out->ratio = out->usd_mtok / p->cand[0].usd_mtok;
    else
        out->why = "no pair of the first accelerators keeps the promises";
}
