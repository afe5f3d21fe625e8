/* simulate.c - one deployment on one traffic, as the scenario describes it: `moat sim`. */
#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "plan/cost.h"
#include "plan/engine.h"
#include "plan/plan.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"
#include "speed/power.h"

#define J_PER_KWH 3.6e6

void plan_context_note(const struct scenario *s, struct notes *notes)
{
    int64_t longest = s->max_context;
    for (size_t i = 0; i < s->traffic->n; i++) {
        int64_t len = (int64_t)s->traffic->req[i].in_tok + s->traffic->req[i].out_tok;
        longest = len > longest ? len : longest;
    }
    if (s->model->max_context > 0 && longest > s->model->max_context)
        note_add(notes, "requests reach %lld tokens, the configuration of %s says %lld at most: its answers there are not trusted",
                 (long long)longest, s->model->id, (long long)s->model->max_context);
}

bool plan_deployment(struct catalog *c, const struct scenario *s, const struct accelerator *acc, struct deployment *out,
                     struct err *e)
{
    const char *framework = s->deploy.framework ? s->deploy.framework : catalog_default_framework(c, acc);
    const struct stack_file *f = catalog_stack(c, framework, acc, "framework", e);
    if (!f)
        return false;
    struct stack stack = stack_constants(f, acc);
    calibration_apply(calibration_find(c->calibration, c->ncalibration, &stack, acc, s->model, &s->quant), &stack);
    *out = (struct deployment){
        .acc = acc, .model = s->model, .quant = s->quant, .stack = stack,
        .tp = s->deploy.tp ? s->deploy.tp : 1, .pp = s->deploy.pp ? s->deploy.pp : 1,
        .dp = s->deploy.dp ? s->deploy.dp : 1, .ep = s->deploy.ep ? s->deploy.ep : 1,
        .max_seqs = s->deploy.max_seqs ? s->deploy.max_seqs : stack.max_seqs,
        .max_tokens = s->deploy.max_tokens ? s->deploy.max_tokens : stack.max_tokens,
        .memory_frac = s->deploy.memory_frac > 0 ? s->deploy.memory_frac : stack.memory_frac,
        .max_context = s->max_context, .power_cap_w = s->deploy.power_cap_w, .spec = s->deploy.engine.speculative,
        .graphs = s->deploy.engine.graphs,
    };
    if (!out->max_context && s->traffic) {
        for (size_t i = 0; i < s->traffic->n; i++) {
            int64_t len = (int64_t)s->traffic->req[i].in_tok + s->traffic->req[i].out_tok;
            out->max_context = len > out->max_context ? len : out->max_context;
        }
    }
    return true;
}

void plan_prefix_note(const struct scenario *s, const char *scheduler, const struct memory *m, struct notes *notes)
{
    const struct sched *sched = scheduler ? sched_find(scheduler) : NULL;
    engine_notes(s, scheduler, s->deploy.acc, notes);
    if (s->deploy.cache_host_bytes > 0 && s->deploy.acc && !(s->deploy.acc->pcie_bytes_s > 0))
        note_add(notes, "prefix_cache: %s has no pcie figure: nothing is kept in host memory", s->deploy.acc->id);
    if (s->deploy.prefix_cache == PREFIX_CACHE_ON && s->traffic->nblock == 0)
        note_add(notes, "prefix_cache: this traffic does not say which prompts begin alike (hash_ids): nothing is found in the cache");
    else if (s->traffic->nblock > 0 && sched && sched_caches(sched, s->deploy.prefix_cache) && (m->kv_window > 0 || m->state_bytes_seq > 0))
        note_add(notes, "prefix_cache: the layers of %s differ in what they keep, and such blocks are not shared here: every prompt is "
                 "computed whole", s->model->id);
}

/* The smallest power-of-two tensor parallelism that fits, for the mend of an error. */
static int smallest_tp(const struct deployment *d)
{
    for (int tp = 2; tp <= 64; tp *= 2) {
        struct deployment t = *d;
        struct err e = {0};
        t.tp = tp;
        if (deployment_check(&t, &e) && memory_of(&t).fits)
            return tp;
    }
    return 0;
}

/* Weights fit, but not the longest request of the traffic: serve what does fit and reject the rest, as an engine would. */
static void shorten(const struct scenario *s, struct deployment *d, struct memory *m, struct notes *notes)
{
    if (m->fits || s->max_context || m->max_context < 1)
        return;
    size_t rejected = 0;
    for (size_t i = 0; i < s->traffic->n; i++)
        rejected += (int64_t)s->traffic->req[i].in_tok + s->traffic->req[i].out_tok > m->max_context;
    if (rejected == s->traffic->n)
        return;
    note_add(notes, "%zu of %zu requests are longer than the %lld tokens that one sequence may have here: they are rejected",
             rejected, s->traffic->n, (long long)m->max_context);
    d->max_context = m->max_context;
    *m = memory_of(d);
}

static bool check_fit(const struct scenario *s, const struct deployment *d, const struct memory *m, struct err *e)
{
    if (m->fits)
        return true;
    char need[32], have[32];
    unit_format(need, sizeof need, UNIT_BYTES, m->budget_bytes + m->short_by_bytes);
    unit_format(have, sizeof have, UNIT_BYTES, m->budget_bytes);
    err_input(e, s->name, "%s does not fit on %d x %s: needs %s a device for weights, activations and one request of %lld "
              "tokens, %s usable", s->model->id, deployment_devices(d), d->acc->id, need, (long long)d->max_context, have);
    int tp = smallest_tp(d);
    if (tp)
        err_mend(e, "tp %d is the smallest that does", tp);
    return false;
}

bool plan_simulate(struct arena *a, struct catalog *c, const struct scenario *s, struct simulate_options o,
                   struct sim_run_out *out, struct notes *notes, struct err *e)
{
    if (!s->deploy.acc)
        return err_input(e, s->name, "sim needs an accelerator");
    if (!s->traffic || !s->traffic->n)
        return err_input(e, s->name, "sim needs traffic: a trace, a preset or a generator");
    plan_context_note(s, notes);
    *out = (struct sim_run_out){.replicas = s->deploy.replicas ? s->deploy.replicas : 1};
    if (!plan_deployment(c, s, s->deploy.acc, &out->d, e))
        return false;
    struct err why = {0};
    if (!deployment_check(&out->d, &why))
        return err_input(e, s->name, "%s on %s: %s", s->model->id, out->d.acc->id, why.what);
    out->memory = memory_of(&out->d);
    shorten(s, &out->d, &out->memory, notes);
    if (!check_fit(s, &out->d, &out->memory, e))
        return false;
    power_cap_apply_usual(&out->d);
    out->precision = deployment_precision(&out->d);
    struct step_table *table = ARENA_NEW(a, struct step_table);
    step_table_build(a, &out->d, table);
    const char *policy = s->deploy.scheduler ? s->deploy.scheduler : out->d.stack.scheduler;
    const struct sched *sched = sched_find(policy);
    if (!sched)
        return err_input(e, s->name, "unknown scheduler \"%s\"", policy);
    const struct router *router = router_find(s->router ? s->router : "least-outstanding");
    if (!router)
        return err_input(e, s->name, "unknown router \"%s\"", s->router);
    out->scheduler = sched->name, out->router = router->name;
    struct sizing z = {.d = &out->d, .memory = &out->memory, .table = table, .sched = sched, .router = router, .slo = s->slo,
                       .nslo = s->nslo, .whole = s->traffic, .seed = s->seed, .all_replicas = true, .records = o.records,
                       .step_by_step = o.step_by_step, .keys = &s->deploy};
    plan_prefix_note(s, sched->name, &out->memory, notes);
    bool holds;
    if (!size_run(a, &z, out->replicas, SIZE_POINT, false, &out->r, &holds))
        return err_input(e, s->name, "the simulator refused this deployment");
    z.records = false;
    if (o.point_only) {
        out->lo = out->hi = out->r;
    } else {
        size_run(a, &z, out->replicas, size_low(&z), false, &out->lo, &holds);
        size_run(a, &z, out->replicas, size_high(&z), false, &out->hi, &holds);
    }
    out->slo = ARENA_ARRAY(a, struct slo_value, s->nslo);
    for (size_t i = 0; i < s->nslo; i++) {
        const struct slo *l = &s->slo[i];
        out->slo[i].s = span_around(size_metric(&out->r, l), size_metric(&out->lo, l), size_metric(&out->hi, l));
        out->slo[i].met = size_meets(&out->r, l);
    }
    out->evidence = table->evidence;
    out->devices = out->replicas * deployment_devices(&out->d);
    out->price = price_find(a, c, out->d.acc, &s->price);
    out->usd_h = out->price.found ? cost_billed(&out->price, out->devices) * out->price.usd_h : NAN;
    cost_per_mtok(out->usd_h, out->r.output_tok_s, out->r.total_tok_s, &out->usd_mtok, &out->usd_mtok_total);
    const struct sim_result *r = &out->r;
    out->energy_kwh = power_span(&out->d, r->energy_j / J_PER_KWH);
    out->power_w = power_span_w(&out->d, r->makespan_s > 0 ? r->energy_j / r->makespan_s : NAN, out->devices);
    out->prefill_energy_frac = r->prefill_j / r->energy_j;
    out->decode_energy_frac = r->decode_j / r->energy_j;
    out->idle_energy_frac = r->idle_j / r->energy_j;
    out->output_j_tok = r->tok_out ? r->energy_j / (double)r->tok_out : NAN;
    out->total_j_tok = r->tok_in + r->tok_out ? r->energy_j / (double)(r->tok_in + r->tok_out) : NAN;
    return true;
}
