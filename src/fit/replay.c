/* replay.c - the point's own load against the simulator: closed loop, open loop, or everything queued.
**
** Closed loop (InferenceX and vLLM's benchmark_serving): request rate unlimited, c requests in flight, 10 prompts for
** each slot. Warm-up, two prompts a slot, is over before the measurement starts, and the simulator has nothing to
** warm, so it is left out: the measurement begins with c prompts at once. Open loop: Poisson arrivals. Lengths are
** uniform in [r, 1] times nominal; fixed ones get +-5 %, because equal lengths lock a simulation in step, and never a
** real server. Everything queued: lengths as they are, no time for tokeniser and HTTP.
*/
#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/units.h"
#include "facts/scenario.h"
#include "fit/load.h"
#include "sim/router.h"
#include "sim/sched.h"
#include "sim/sim.h"

#define PROMPTS_PER_SLOT 10
#define JITTER 0.05
#define OPEN_REQUESTS 1000 /* where the row does not say how many */
#define MAX_REQUESTS 200000
#define MAX_EVENTS 20000000
#define MOST_TOKENS 1e10

enum { STREAM_LENGTHS = 71, STREAM_ARRIVALS = 72 };

/* Requests of TensorRT-LLM's throughput tables (docs/source/performance/perf-overview.md, "Preparing a Dataset"),
** which rows of everything-queued points leave unsaid; 3,000 for lengths that are not there. */
static int64_t queued_requests(int64_t isl, int64_t osl)
{
    static const int64_t table[][3] = {
        {128, 128, 30000},  {128, 4096, 1500}, {1000, 2000, 1500},
        {2048, 2048, 1500}, {5000, 500, 1500}, {20000, 2000, 1000},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i][0] == isl && table[i][1] == osl)
            return table[i][2];
    return 3000;
}

static bool is_queued(const struct fit_point *p)
{
    return p->kind != FIT_SERVING || p->all_queued;
}

static int64_t requests(const struct fit_point *p)
{
    int64_t n = p->requests;
    if (p->kind == FIT_STATIC)
        n = p->batch;
    else if (n <= 0 && p->concurrency > 0)
        n = PROMPTS_PER_SLOT * p->concurrency;
    else if (n <= 0)
        n = is_queued(p) ? queued_requests(p->isl, p->osl) * p->replicas : OPEN_REQUESTS;
    return n < MAX_REQUESTS ? n : MAX_REQUESTS;
}

static int32_t length(struct rng *r, int64_t nominal, double lo, double hi)
{
    double v = round((double)nominal * (lo + (hi - lo) * rng_unit(r)));
    return v < 1 ? 1 : (int32_t)v;
}

static struct traffic traffic_of(const struct fit_run *r)
{
    const struct fit_point *p = r->p;
    struct traffic t = {.format = "point", .name = p->id, .n = (size_t)requests(p), .concurrency = (int)p->concurrency};
    struct rng lengths, arrivals;
    double lo = p->length_ratio_min, hi = 1, at_s = 0;
    if (is_queued(p))
        lo = fmin(lo, hi);
    else if (lo > 1 - JITTER)
        lo = 1 - JITTER, hi = 1 + JITTER;
    rng_seed(&lengths, r->s->seed, STREAM_LENGTHS);
    rng_seed(&arrivals, r->s->seed, STREAM_ARRIVALS);
    t.req = ARENA_ARRAY(r->arena, struct request, t.n);
    for (size_t i = 0; i < t.n; i++) {
        if (p->rate_s > 0 && !is_queued(p) && !p->concurrency)
            at_s += rng_exp(&arrivals, 1 / p->rate_s);
        t.req[i] = (struct request){.arrival_ns = (int64_t)(at_s * (double)NS_PER_S),
                                    .in_tok = length(&lengths, p->isl, lo, hi),
                                    .out_tok = length(&lengths, p->osl, lo, hi),
                                    .row = (uint32_t)i};
    }
    t.span_s = at_s;
    return t;
}

static void say_latencies(struct fit_run *r, const struct sim_result *s)
{
    double tpot_s = sim_metric(s, SLO_TPOT, -1);
    fit_say(r, FIT_TTFT_MEAN_MS, sim_metric(s, SLO_TTFT, -1));
    fit_say(r, FIT_TTFT_P50_MS, sim_metric(s, SLO_TTFT, 0.5));
    fit_say(r, FIT_TTFT_MS, sim_metric(s, SLO_TTFT, -1));
    fit_say(r, FIT_TPOT_MEAN_MS, tpot_s);
    fit_say(r, FIT_TPOT_P50_MS, sim_metric(s, SLO_TPOT, 0.5));
    fit_say(r, FIT_TPOT_MS, tpot_s);
    fit_say(r, FIT_TOK_S_PER_USER, 1 / tpot_s);
    double e2e_s = r->p->kind == FIT_STATIC ? s->makespan_s : sim_metric(s, SLO_E2E, -1);
    fit_say(r, FIT_E2E_LATENCY_S, e2e_s);
    fit_say(r, FIT_E2E_MS, e2e_s);
}

void fit_replay(struct fit_run *r)
{
    const struct fit_point *p = r->p;
    if (p->isl < 1 || p->osl < 1) {
        fit_refuse(r, "a simulation needs a prompt and an output");
        return;
    }
    if ((double)requests(p) * (double)p->isl > MOST_TOKENS) {
        fit_refuse(r, "%lld prompts of %lld tokens are too much to simulate", (long long)requests(p),
                   (long long)p->isl);
        return;
    }
    if (!fit_deploy(r, NULL))
        return;
    fit_grade(r, &r->d);
    r->d.max_context = (int64_t)ceil((double)r->d.max_context * (1 + JITTER)) + 1;
    struct step_table table;
    step_table_build(r->arena, &r->d, &table);
    if (is_queued(p) && p->kind != FIT_SERVING)
        table.ttft_fixed_s = 0;
    struct traffic t = traffic_of(r);
    struct sim_config c = {
        .npool = 1,
        .router = router_find("least-outstanding"),
        .seed = r->s->seed,
        .concurrency = is_queued(p) ? 0 : (int)p->concurrency,
        .max_events = MAX_EVENTS,
    };
    c.pool[0] = (struct sim_pool){
        .table = &table,
        .memory = &r->memory,
        .sched = sched_find(r->d.stack.scheduler),
        .replicas = p->replicas,
        .max_seqs = r->d.max_seqs,
        .max_tokens = r->d.max_tokens,
        .watermark_frac = 0.01,
        .recv_interval_steps = is_queued(p) ? 1 : r->d.stack.recv_interval_steps,
        .max_context = r->d.max_context,
    };
    struct sim_result *s = ARENA_NEW(r->arena, struct sim_result);
    struct err e = {0};
    if (!c.pool[0].sched || !c.router || !sim_run(r->arena, &c, &t, s, &e)) {
        fit_refuse(r, "the simulator refused it: %.150s", e.what);
        return;
    }
    if (s->stopped || s->completed < s->offered || !s->completed) {
        fit_refuse(r, "the simulation served %llu of %llu requests", (unsigned long long)s->completed,
                   (unsigned long long)s->offered);
        return;
    }
    r->out->how = "simulated";
    if (!(is_queued(p) && p->kind == FIT_OFFLINE))
        say_latencies(r, s);
    fit_say_rates(r, s->req_s, s->total_tok_s / s->req_s - s->output_tok_s / s->req_s, s->output_tok_s / s->req_s);
}
