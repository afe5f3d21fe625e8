/* plan.c - ask every accelerator, verify the best on the whole traffic, rank.
**
**   owned cards take their share -> candidates on a window of the rest (threads) -> rank
**        -> the first five and all within 20 % of the best again on the whole traffic -> rank, until none is unverified
*/
#include "plan/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "base/pool.h"
#include "plan/apart.h"
#include "plan/candidate.h"
#include "plan/cost.h"
#include "plan/reason.h"

#define WINDOW 2000             /* requests a candidate is simulated on before the whole traffic */
#define TOP 5                   /* printed candidates that are verified on the whole traffic */
#define NEAR 1.2                /* and every one within this factor of the best */

#define SHORT_S 30              /* traffic shorter than this says little of a steady load */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

struct work {
    const struct question *q;
    struct candidate **cand;    /* (n) */
    size_t n, window;
    bool verify;
    const struct plan_options *o;
};

static void job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    if (w->verify)
        candidate_verify(a, w->q, w->window, w->cand[i]);
    else if (w->o->estimate)
        candidate_estimate(a, w->q, w->cand[i]->acc, w->cand[i]);
    else
        candidate_find(a, w->q, w->cand[i]->acc, w->window, w->cand[i]);
}

static bool run_all(struct work *w, struct err *e)
{
    size_t failed = pool_run_arena(w->n, w->o->threads, job, w, w->o->tick, w->o->ctx);
    return failed == w->n || err_env(e, "plan", "no memory left while simulating %s", w->cand[failed]->acc->id);
}

enum class { AS_ASKED, OTHERWISE, UNPRICED, INFEASIBLE };

/* A list price and an owner's capital recovery are not the same thing (a factor of two to three), so what could not be priced
** as asked is ranked after what could. */
static enum class class_of(const struct candidate *c)
{
    return !c->feasible ? INFEASIBLE : !c->priced ? UNPRICED : c->price_as_asked ? AS_ASKED : OTHERWISE;
}

/* By class; within it by cost, by cards where there is no price, by the nearest miss among the infeasible; ids decide among
** equals, so the order is the same everywhere. */
static int by_rank(const void *pa, const void *pb)
{
    const struct candidate *a = pa, *b = pb;
    enum class ca = class_of(a), cb = class_of(b);
    if (ca != cb)
        return (int)ca - (int)cb;
    double ka = a->usd_mtok, kb = b->usd_mtok;
    if (ca == UNPRICED)
        ka = a->devices, kb = b->devices;
    else if (ca == INFEASIBLE)
        ka = isnan(a->short_by) ? INFINITY : a->short_by, kb = isnan(b->short_by) ? INFINITY : b->short_by;
    if (ka != kb)
        return ka < kb ? -1 : 1;
    return strcmp(a->acc->id, b->acc->id);
}

static void rank(struct plan *p)
{
    qsort(p->cand, p->ncand, sizeof *p->cand, by_rank);
    p->nfeasible = 0;
    double front = INFINITY;
    for (size_t i = 0; i < p->ncand; i++) {
        struct candidate *c = &p->cand[i];
        c->rank = (int)i + 1;
        p->nfeasible += c->feasible;
        /* Within a way of pricing cost ascends with rank, so latency must fall. */
        c->pareto = c->feasible && c->priced && class_of(c) == class_of(&p->cand[0]) && c->e2e_p50.at < front;
        if (c->pareto)
            front = c->e2e_p50.at;
    }
}

static void reasons(struct plan *p)
{
    const struct candidate *best = &p->cand[0];
    for (size_t i = 1; i < p->ncand; i++) {
        struct candidate *c = &p->cand[i];
        if (!c->feasible)
            continue;
        if (!c->priced)
            snprintf(c->reason, sizeof c->reason, "no price is listed");
        else if (class_of(c) != class_of(best))
            snprintf(c->reason, sizeof c->reason, c->price.stale ? "its newest %s price is old; at that it would cost %.3gx"
                                                                 : "no %s price is listed; owned it would cost %.3gx",
                     price_kind_name[p->scenario->price.kind], c->usd_mtok / best->usd_mtok);
        else if (best->priced && best->usd_mtok > 0)
            snprintf(c->reason, sizeof c->reason, "costs %.3gx", c->usd_mtok / best->usd_mtok);
    }
}

/* Verify on the whole traffic what stands in the top places, until nobody there is unverified. */
static bool verify_top(struct arena *a, const struct question *q, struct plan *p, const struct plan_options *o, struct err *e)
{
    for (;;) {
        struct work w = {.q = q, .window = WINDOW, .verify = true, .o = o};
        w.cand = ARENA_ARRAY(a, struct candidate *, p->ncand);
        double best = p->cand[0].usd_mtok;
        for (size_t i = 0; i < p->ncand; i++) {
            struct candidate *c = &p->cand[i];
            if (c->feasible && !c->verified_full && (i < TOP || (c->priced && c->usd_mtok <= NEAR * best)))
                w.cand[w.n++] = c;
        }
        if (!w.n)
            return true;
        if (!run_all(&w, e))
            return false;
        rank(p);
    }
}

/* Cards that are there take as much of the traffic as they hold, in the order given; returns what is left of it. */
static struct traffic use_owned(struct arena *a, struct question *q, struct plan *p)
{
    const struct scenario *s = q->scenario;
    struct traffic left = *q->traffic;
    double share_left = 1;
    p->owned = ARENA_ARRAY(a, struct owned_part, s->nhave);
    for (size_t i = 0; i < s->nhave && share_left > 0; i++) {
        struct owned_part *part = &p->owned[p->nowned++];
        part->c.slo = ARENA_ARRAY(a, struct slo_value, s->nslo);
        part->c.price = price_find(a, q->catalog, s->have[i].acc, &s->price);
        q->traffic = &left;
        q->stat = traffic_stats(a, &left);
        double share = candidate_share(a, q, s->have[i].acc, s->have[i].cards, WINDOW, &part->c);
        part->share_frac = share * share_left;
        p->owned_share_frac += part->share_frac;
        if (share > 0)
            p->owned_usd_h += part->c.usd_h;
        p->simulated_requests += part->c.simulated_requests;
        share_left *= 1 - share;
        if (share >= 1 || share_left * (double)q->traffic->n < 2) {
            share_left = 0;
            break;
        }
        if (share > 0)
            left = traffic_thin(a, &left, 1 - share, false, s->seed + 2 + i);
    }
    if (share_left <= 0)
        left.n = 0;
    return left;
}

static void api_price(struct arena *a, const struct catalog *c, const struct scenario *s, struct plan *p)
{
    p->api_found = price_api(a, c, s->model->id, s->price.as_of, &p->api_in_usd_mtok, &p->api_out_usd_mtok, &p->api_source);
    p->api_usd_h = NAN;         /* no rate, no dollars an hour */
    if (p->api_found && s->traffic->concurrency == 0 && s->traffic->span_s > 0)
        p->api_usd_h = 3600e-6 * (p->stat.in_tok_s * p->api_in_usd_mtok + p->stat.out_tok_s * p->api_out_usd_mtok);
}

bool plan_run(struct arena *a, struct catalog *cat, const struct scenario *s, const struct plan_options *o, struct plan *out,
              struct notes *notes, struct err *e)
{
    double start = now_s();
    *out = (struct plan){.scenario = s, .estimate = o->estimate};
    if (!s->traffic || !s->traffic->n)
        return err_input(e, s->name, "plan needs traffic: a trace, a preset or a generator");
    if (o->estimate && s->nhave) {
        err_input(e, s->name, "how much of the traffic owned cards hold is known by simulation only");
        return err_mend(e, "leave out --estimate, or `have`");
    }
    plan_context_note(s, notes);
    if (s->traffic->concurrency == 0 && s->traffic->n > 1 && s->traffic->span_s > 0 && s->traffic->span_s < SHORT_S)
        note_add(notes, "this traffic lasts only %.3g s at its rate: a fleet that has no more than that to work off comes out too small; write more "
                 "traffic.requests, or duration", s->traffic->span_s);
    out->stat = traffic_stats(a, s->traffic);
    struct question q = {.catalog = cat, .scenario = s, .traffic = s->traffic, .stat = out->stat, .today = s->price.as_of};
    api_price(a, cat, s, out);
    struct traffic *rest = ARENA_NEW(a, struct traffic);
    *rest = s->nhave ? use_owned(a, &q, out) : *s->traffic;
    if (s->nhave && !rest->n) {
        out->answered = true;
        out->wall_s = now_s() - start;
        return true;
    }
    out->rest = q.traffic = rest;
    out->rest_stat = q.stat = s->nhave ? traffic_stats(a, rest) : out->stat;
    out->ncand = s->naccs;
    out->cand = ARENA_ARRAY(a, struct candidate, s->naccs);
    struct slo_value *slo = ARENA_ARRAY(a, struct slo_value, s->naccs * s->nslo);
    struct work w = {.q = &q, .n = s->naccs, .window = WINDOW, .o = o};
    w.cand = ARENA_ARRAY(a, struct candidate *, s->naccs);
    for (size_t i = 0; i < s->naccs; i++) {
        out->cand[i].acc = s->accs[i];
        out->cand[i].slo = slo + i * s->nslo;
        out->cand[i].price = price_find(a, cat, s->accs[i], &s->price);
        w.cand[i] = &out->cand[i];
    }
    if (!run_all(&w, e))
        return false;
    rank(out);
    if (!o->estimate && !verify_top(a, &q, out, o, e))
        return false;
    reasons(out);
    out->answered = out->nfeasible > 0;
    out->best = out->answered ? &out->cand[0] : NULL;
    if (out->ncand)
        plan_prefix_note(s, out->cand[0].scheduler, &out->cand[0].memory, notes);
    for (size_t i = 0; i < out->ncand; i++)
        out->simulated_requests += out->cand[i].simulated_requests;
    if (o->disaggregated) {
        out->apart = ARENA_NEW(a, struct apart);
        apart_find(a, &q, out, out->apart);
        out->simulated_requests += out->apart->simulated_requests;
    }
    out->wall_s = now_s() - start;
    return true;
}
