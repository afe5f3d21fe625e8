/* fleet_verify.c - simulates the hardest block of every pool; fix(w, k) <- fix(w, k) * (load that holds / load). */
#include "plan/fleet_verify.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/pool.h"

#define STEP 0.94 /* of the search for the load that holds */
#define STEPS 8
#define KNOWN 1.02       /* times the load of a rate: whole replicas are a little fewer than the plan's cards */
#define SAFE 0.98        /* under the load that holds */
#define CARDS_LEAST 0.01 /* fewer are the solver's rounding */

struct look {
    struct catalog *c;
    const struct fleet_case *x;
    struct fleet_pool *pool;
};

static const struct fleet_rate *rate_of(const struct fleet_case *x, const struct fleet_pool *p)
{
    return &x->rates.rate[(size_t)x->job_of_work[p->work] * x->scenario->nproduct + (size_t)p->sku];
}

static double assigned(const struct fleet *f, const struct fleet_plan *p, size_t n, size_t b, size_t k, size_t w)
{
    return p->assign[((n * f->nb + b) * f->nk + k) * f->nw + w];
}

/* What a SKU serves of a work in a block: its part of what is neither unmet nor bought. */
static double load_of(const struct fleet *f, const struct fleet_plan *p, size_t n, size_t b, size_t k, size_t w)
{
    size_t t = (size_t)f->node[n].period, at = (n * f->nb + b) * f->nw + w;
    double all = 0, mine = 0;
    for (size_t i = 0; i < f->nk; i++) {
        double v = assigned(f, p, n, b, i, w) * f->work[w].rate[i * f->nt + t];
        all += v;
        mine = i == k ? v : mine;
    }
    double served = f->work[w].demand[n * f->nb + b] - p->unmet[at] - p->tokens[at];
    return all > 0 ? fmax(served, 0) * fmin(mine / all, 1) : 0;
}

/* Whole replicas of a pool. The plan's cards are fractions: a pool is rounded up where the cards held in that block are
 *enough
 ** for every pool of the SKU rounded up (rented ones come whole), else down. */
static int whole_replicas(const struct fleet_case *x, const struct fleet_plan *p, size_t n, size_t b, size_t k,
                          size_t w)
{
    const struct fleet *f = &x->f;
    double need = 0, nbk = p->on_demand[(n * f->nb + b) * f->nk + k],
           have = floor(p->owned[n * f->nk + k] + p->reserved[n * f->nk + k] + 1e-6) + ceil(nbk - 1e-6);
    for (size_t i = 0; i < f->nw; i++) {
        const struct fleet_rate *r = &x->rates.rate[(size_t)x->job_of_work[i] * x->scenario->nproduct + k];
        double cards = assigned(f, p, n, b, k, i);
        need += cards > CARDS_LEAST && r->devices ? ceil(cards / r->devices - 1e-6) * r->devices : 0;
    }
    for (size_t c = 0; c < f->nc; c++)
        need += p->campaign_sku[n * f->nc + c] == (int)k ? p->campaign_cards[n * f->nc + c] : 0;
    int devices = x->rates.rate[(size_t)x->job_of_work[w] * x->scenario->nproduct + k].devices;
    double cards = assigned(f, p, n, b, k, w);
    return devices ? (int)(need <= have ? ceil(cards / devices - 1e-6) : floor(cards / devices + 1e-6)) : 0;
}

static bool hardest(const struct fleet_case *x, const struct fleet_plan *p, size_t w, size_t k, struct fleet_pool *out)
{
    const struct fleet *f = &x->f;
    const struct fleet_rate *r = &x->rates.rate[(size_t)x->job_of_work[w] * x->scenario->nproduct + k];
    double most = -1;
    for (size_t n = 0; n < f->nn; n++)
        for (size_t b = 0; b < f->nb; b++) {
            double cards = assigned(f, p, n, b, k, w), load = load_of(f, p, n, b, k, w);
            int replicas = cards < CARDS_LEAST ? 0 : whole_replicas(x, p, n, b, k, w);
            double each = load / fmax(replicas, 1);
            if (cards < CARDS_LEAST || load <= 0 || each <= most * (1 + 1e-9))
                continue;
            most = each;
            *out = (struct fleet_pool){.work = (int)w,
                                       .sku = (int)k,
                                       .node = (int)n,
                                       .block = (int)b,
                                       .cards = cards,
                                       .load = load,
                                       .replicas = replicas,
                                       .devices = r->devices,
                                       .factor = 1,
                                       .whole = replicas > 0};
        }
    return most >= 0;
}

static void simulate(void *ctx, size_t i, struct arena *a)
{
    struct look *l = ctx;
    struct fleet_pool *p = &l->pool[i];
    const struct fleet_job *j = &l->x->scenario->job[l->x->job_of_work[p->work]];
    const struct fleet_rate *r = rate_of(l->x, p);
    if (j->kind != FLEET_SERVING) { /* units a second, no promise: the interval alone */
        p->holds = p->holds_unfavourable = true;
        return;
    }
    const struct accelerator *acc = l->x->scenario->product[p->sku].acc;
    int replicas = p->replicas < 1 ? 1 : p->replicas > r->replicas ? r->replicas : p->replicas;
    double load = p->load * replicas / (p->replicas < 1 ? 1 : p->replicas), /* a part stands for a larger pool */
        mature = fleet_case_maturity(l->x, l->x->job_of_work[p->work], (size_t)p->sku, l->x->f.node[p->node].period);
    if (mature > 0)
        load /= mature;                                /* the simulator knows the software of its constants */
    double known = r->units_s * r->devices * replicas; /* the rate's own simulation: it holds */
    if (replicas == r->replicas && load < known * KNOWN)
        load = known;
    double factor = 1;
    for (int k = 0; k < STEPS && !(p->holds = fleet_serving_holds(a, l->c, j, acc, r, replicas, load * factor, false));
         k++)
        factor *= STEP;
    p->factor = factor < 1 ? factor * SAFE : 1;
    p->holds = factor == 1 && p->holds;
    p->holds_unfavourable = p->holds && fleet_serving_holds(a, l->c, j, acc, r, replicas, load, true);
}

/* Of what a work's worst block serves on cards, the share that is left with every rate at the unfavourable end of its
 * interval. */
static double covered(const struct fleet_case *x, const struct fleet_plan *p, size_t w)
{
    const struct fleet *f = &x->f;
    double worst = 1;
    for (size_t n = 0; n < f->nn; n++)
        for (size_t b = 0; b < f->nb; b++) {
            size_t at = (n * f->nb + b) * f->nw + w, t = (size_t)f->node[n].period;
            double could = 0, served = f->work[w].demand[n * f->nb + b] - p->unmet[at] - p->tokens[at];
            for (size_t k = 0; k < f->nk; k++) {
                const struct fleet_rate *r = &x->rates.rate[(size_t)x->job_of_work[w] * x->scenario->nproduct + k];
                if (r->units_s > 0)
                    could += assigned(f, p, n, b, k, w) * f->work[w].rate[k * f->nt + t] * r->lo_units_s / r->units_s;
            }
            if (served > 1e-6 * f->work[w].demand[n * f->nb + b])
                worst = fmin(worst, could / served);
        }
    return worst;
}

void fleet_verify(struct arena *a, struct catalog *c, struct fleet_case *x, const struct fleet_plan *p, int threads,
                  struct fleet_verified *out)
{
    const struct fleet *f = &x->f;
    double *share = ARENA_ARRAY(a, double, f->nw);
    struct fleet_pool *pool = ARENA_ARRAY(a, struct fleet_pool, f->nw * f->nk);
    size_t n = 0;
    for (size_t w = 0; w < f->nw; w++) {
        share[w] = covered(x, p, w);
        for (size_t k = 0; k < f->nk; k++)
            n += hardest(x, p, w, k, &pool[n]);
    }
    struct look l = {c, x, pool};
    pool_run_arena(n, threads, simulate, &l, NULL, NULL);
    *out = (struct fleet_verified){.pool = pool, .npool = n, .covered_frac = share, .rounds = out->rounds};
    for (size_t i = 0; i < n; i++) {
        out->broken += !pool[i].holds;
        out->unfavourable += !pool[i].holds_unfavourable;
        x->fix[(size_t)pool[i].work * f->nk + (size_t)pool[i].sku] *= pool[i].factor;
    }
    if (out->broken)
        fleet_case_rates(a, x);
}
