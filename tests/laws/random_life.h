/* random_life.h - a random world whose replicas come and go: short times on purpose, so that every state is met. */
#ifndef MOAT_TESTS_RANDOM_LIFE_H
#define MOAT_TESTS_RANDOM_LIFE_H

#include "random_world.h"
#include "sim/autoscale.h"
#include "sim/dynamics.h"

#define SECOND INT64_C(1000000000)

struct random_life {
    struct sim_dynamics d;
    struct sim_hours hours[3], lent[2];
    struct step_table slow;
};

static inline int64_t some_ns(struct rng *r, double most_s)
{
    return (int64_t)(rng_unit(r) * most_s * 1e9);
}

static inline void random_autoscale(struct random_life *x, struct rng *r, int most)
{
    struct sim_autoscale *c = &x->d.autoscale;
    c->policy = autoscaler_table[draw(r, 0, (int64_t)autoscaler_count - 1)];
    c->max = most;
    c->min = (int)draw(r, c->policy->from_zero ? 0 : 1, most);
    c->target = strcmp(c->policy->name, "hpa-kv") ? 1 + 19 * rng_unit(r) : 0.05 + 0.9 * rng_unit(r);
    c->interval_ns = SECOND / 2 + some_ns(r, 5);
    c->window_ns = (int64_t)(c->policy->window_s * 1e9 * rng_unit(r));
    c->tolerance = c->policy->tolerance;
    c->hours = x->hours, c->nhours = c->policy->by_hours ? (size_t)draw(r, 1, 3) : 0;
    for (size_t i = 0; i < c->nhours; i++) {
        int64_t from = some_ns(r, 60);
        x->hours[i] = (struct sim_hours){from, from + SECOND + some_ns(r, 60), (int)draw(r, 0, most)};
    }
    if (c->nhours && !c->min)    /* the rest of the day, so that nobody waits for tomorrow */
        x->hours[c->nhours - 1] = (struct sim_hours){0, 0, (int)draw(r, 1, most)};
    x->d.start = (int)draw(r, c->min, most);
}

/* The pool of random_world with something that changes. */
static inline void random_life(struct world *w, struct random_life *x, uint64_t seed)
{
    struct rng r;
    rng_seed(&r, seed, 78);
    struct sim_pool *p = &w->config.pool[0];
    *x = (struct random_life){.d = {.start = p->replicas, .clock_ns = some_ns(&r, 60), .boot_ns = some_ns(&r, 5),
                                    .load_ns = some_ns(&r, 3), .warm_ns = some_ns(&r, 1)}};
    if (draw(&r, 0, 1))
        random_autoscale(x, &r, p->replicas);
    if (draw(&r, 0, 2)) {
        struct sim_failures *f = &x->d.failures;
        f->failures_s = draw(&r, 0, 2) ? 1 / (30 + 100 * rng_unit(&r)) : 0;
        f->repair_ns = some_ns(&r, 20);
        f->node_replicas = (int)draw(&r, 0, 3);
        f->reclaims_s = draw(&r, 0, 2) ? 0 : 1 / (30 + 100 * rng_unit(&r));
        f->notice_ns = some_ns(&r, 10);
        f->back_ns = some_ns(&r, 10);
        f->straggler_frac = (double)draw(&r, 0, 1) * rng_unit(&r);
        x->slow = step_table_scale(w->a, p->table, 1 + rng_unit(&r));
        f->slow = &x->slow;
        f->no_retry = draw(&r, 0, 3) == 0;
    }
    if (draw(&r, 0, 2) == 0) {
        x->d.lend = (struct sim_lend){x->lent, (size_t)draw(&r, 1, 2), some_ns(&r, 3), some_ns(&r, 6)};
        for (size_t i = 0; i < x->d.lend.nhours; i++) {
            int64_t from = some_ns(&r, 100);
            x->lent[i] = (struct sim_hours){from, from + SECOND + some_ns(&r, 30), (int)draw(&r, 0, x->d.start)};
        }
        x->d.clock_ns = some_ns(&r, 30);
    }
    x->d.spares = (int)draw(&r, 0, 2) * (int)draw(&r, 0, 1);
    x->d.spares_cold = draw(&r, 0, 1);
    if (draw(&r, 0, 3) == 0) { /* beside a pool in which nothing changes */
        w->config.pool[1] = *p;
        w->config.npool = 2;
    }
    p->replicas += x->d.spares;
    p->dynamics = &x->d;
}

#endif
