/* services.c - each service simulated by itself, from the same instant 0; sums over them. */
#include "plan/services.h"

#include <math.h>

#include "base/arena.h"
#include "plan/cost.h"

static void add_span(struct span *to, struct span v)
{
    *to = (struct span){to->at + v.at, to->lo + v.lo, to->hi + v.hi};
}

static void add(struct services_out *out, const struct sim_run_out *r)
{
    const struct sim_result *x = &r->r;
    out->offered += x->offered, out->completed += x->completed, out->rejected += x->rejected, out->failed += x->failed;
    out->preemptions += x->preemptions, out->events += x->events;
    for (int i = 0; i < MISS_N; i++)
        out->miss[i] += x->miss[i];
    out->req_s += x->req_s, out->output_tok_s += x->output_tok_s, out->total_tok_s += x->total_tok_s;
    out->goodput_req_s += x->goodput_req_s;
    out->busy_frac += x->busy_frac * r->devices;
    out->devices += r->devices, out->replicas += r->replicas;
    out->usd_h += r->usd_h;
    add_span(&out->energy_kwh, r->energy_kwh);
    add_span(&out->power_w, r->power_w);
    out->saturated |= x->saturated;
    out->evidence = r->evidence > out->evidence ? r->evidence : out->evidence;
}

bool services_run(struct arena *a, struct catalog *c, const struct scenario *s, struct simulate_options o, struct services_out *out,
                  struct notes *notes, struct err *e)
{
    *out = (struct services_out){.scenario = s, .run = ARENA_ARRAY(a, struct sim_run_out, s->nservice), .n = s->nservice};
    for (size_t i = 0; i < out->n; i++) {
        if (!plan_simulate(a, c, s->service[i].own, o, &out->run[i], notes, e))
            return false;
        add(out, &out->run[i]);
    }
    out->busy_frac /= out->devices;
    cost_per_mtok(out->usd_h, out->output_tok_s, out->total_tok_s, &out->usd_mtok, &out->usd_mtok_total);
    return true;
}
