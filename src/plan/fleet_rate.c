/* fleet_rate.c - every rate of a fleet scenario, on threads, from the cache where it is there.
**
** key = xxHash64(program, catalog, what is done, the device's figures, the traffic's requests, size of the demand)
*/
#include "plan/fleet_rate.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/pool.h"
#include "speed/work.h"

#define UNIT_DEVICES_MAX 64 /* cards that an embedding table is spread over at most */

struct task {
    const struct fleet_job *j;
    const struct accelerator *acc;
    double peak;
    uint64_t traffic;
    struct fleet_rate *out;
};

struct work {
    struct catalog *c;
    const struct fleet_scenario *s;
    const struct fleet_rate_options *o;
    struct task *task;
    size_t n;
};

double fleet_job_peak(const struct fleet_scenario *s, const struct fleet_job *j)
{
    double most = 0, hour = 0;
    for (int h = 0; h < FLEET_HOURS; h++)
        hour = fmax(hour, j->hour[h]);
    for (int t = 0; t < s->horizon.n; t++)
        most = fmax(most, series_at(&j->demand, horizon_day(&s->horizon, t)));
    return most * hour;
}

/* A demand a little larger or smaller asks for the same rates: powers of two. */
static double size_of(double peak)
{
    return peak > 0 ? exp2(ceil(log2(peak))) : 0;
}

void fleet_rate_units(struct arena *a, struct catalog *c, const struct fleet_job *j, const struct accelerator *acc,
                      struct fleet_rate *out)
{
    struct err e = {0};
    struct work_rate *r = ARENA_NEW(a, struct work_rate);
    *out = (struct fleet_rate){.cards = NAN, .hi_cards = NAN, .evidence = GRADE_INFERRED};
    const struct stack_file *f = catalog_stack(c, catalog_default_framework(c, acc), acc, "framework", &e);
    if (!f) {
        snprintf(out->reason, sizeof out->reason, "%.159s", e.what);
        return;
    }
    struct stack s = stack_constants(f, acc);
    for (int n = 1; n <= UNIT_DEVICES_MAX; n *= 2) {
        work_rate(a, j->work, &c->work_shares, acc, &s, n, j->batch, r);
        if (!r->reason || !r->binding || strcmp(r->binding, "memory") != 0)
            break;
    }
    out->evidence = r->evidence, out->fitted = !r->other, out->devices = r->devices;
    if (r->reason) {
        snprintf(out->reason, sizeof out->reason, "%s", r->reason);
        return;
    }
    out->units_s = r->rate_s.at, out->lo_units_s = r->rate_s.lo;
    if (r->devices > 1)
        snprintf(out->config, sizeof out->config, "%d cards, batch %g", r->devices, r->batch);
    else if (r->limit)
        snprintf(out->config, sizeof out->config, "limited by %s", r->limit);
    else
        snprintf(out->config, sizeof out->config, "batch %g", r->batch);
}

static uint64_t key_of(struct arena *a, const struct work *w, const struct task *t)
{
    const struct fleet_job *j = t->j;
    struct buf b = {.arena = a};
    buf_fmt(&b, "%s|%016llx|%d|%d|%s|", w->o->program ? w->o->program : "", (unsigned long long)w->c->hash,
            (int)j->kind, (int)w->s->seed, j->klass);
    if (j->kind == FLEET_SERVING) {
        buf_fmt(&b, "%016llx|%g|", (unsigned long long)t->traffic, t->peak);
        node_json(&b, j->serving->doc);
        for (size_t i = 0; i < j->serving->nslo; i++)
            buf_fmt(&b, "|%.17g", j->serving->slo[i].limit_s);
    } else if (j->kind == FLEET_TRAINING)
        buf_fmt(&b, "%s|%d|%.17g|%lld|%lld|%s|%g|", j->model->id, (int)j->precision, j->tokens,
                (long long)j->global_batch, (long long)j->seq_tok, j->framework ? j->framework : "",
                (j->last - j->first + 1) * horizon_hours(&w->s->horizon));
    else
        buf_fmt(&b, "%s|%.17g|", j->work->id, j->batch);
    accelerator_yaml(&b, t->acc);
    return XXH64(buf_str(&b), b.n, 0);
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct work *w = ctx;
    struct task *t = &w->task[i];
    uint64_t key = key_of(a, w, t);
    if (w->o->cache && fleet_cache_get(a, w->o->cache, key, t->out))
        return;
    if (t->j->kind == FLEET_SERVING)
        fleet_rate_serving(a, w->c, t->j, t->acc, t->peak, t->out);
    else if (t->j->kind == FLEET_TRAINING)
        fleet_rate_training(a, w->c, w->s, t->j, t->acc, t->out);
    else
        fleet_rate_units(a, w->c, t->j, t->acc, t->out);
    if (w->o->cache)
        fleet_cache_put(a, w->o->cache, key, t->out);
}

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static uint64_t hash_of(const struct traffic *t)
{
    return t ? XXH64(t->req, t->n * sizeof *t->req,
                     XXH64(t->block, t->nblock * sizeof *t->block, (uint64_t)t->block_tok))
             : 0;
}

bool fleet_rates_find(struct arena *a, struct catalog *c, const struct fleet_scenario *s,
                      const struct fleet_rate_options *o, struct fleet_rates *out, struct notes *notes, struct err *e)
{
    double start = now_s();
    struct fleet_rate *rate = ARENA_ARRAY(a, struct fleet_rate, s->njob * s->nproduct);
    struct work w = {.c = c, .s = s, .o = o};
    w.task = ARENA_ARRAY(a, struct task, s->njob * s->nproduct);
    for (size_t i = 0; i < s->njob; i++) {
        const struct fleet_job *j = &s->job[i];
        uint64_t traffic = j->serving ? hash_of(j->serving->traffic) : 0;
        double peak = j->kind == FLEET_SERVING ? size_of(fleet_job_peak(s, j)) : 0;
        for (size_t k = 0; k < s->nproduct; k++) {
            struct fleet_rate *r = &rate[i * s->nproduct + k];
            *r = (struct fleet_rate){.cards = NAN, .hi_cards = NAN};
            if (j->only && !j->only[k])
                snprintf(r->reason, sizeof r->reason, "not among its skus");
            else
                w.task[w.n++] = (struct task){j, s->product[k].acc, peak, traffic, r};
        }
    }
    size_t failed = pool_run_arena(w.n, o->threads, job, &w, o->tick, o->ctx);
    if (failed != w.n)
        return err_env(e, "fleet", "no memory left for the rate of %s", w.task[failed].acc->id);
    *out = (struct fleet_rates){.rate = rate, .wall_s = now_s() - start};
    for (size_t i = 0; i < w.n; i++) {
        out->kept += w.task[i].out->cached;
        out->found += !w.task[i].out->cached;
    }
    (void)notes;
    return true;
}
