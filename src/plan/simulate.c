/* simulate.c - one deployment, or pools of unlike ones, on one traffic, as the scenario describes it: `moat sim`. */
#include <math.h>
#include <setjmp.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "base/pool.h"
#include "base/units.h"
#include "facts/spool.h"
#include "plan/cost.h"
#include "plan/dynamics.h"
#include "plan/engine.h"
#include "plan/plan.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"
#include "speed/handover.h"
#include "speed/power.h"

#define J_PER_KWH 3.6e6

void plan_context_note(const struct scenario *s, struct notes *notes)
{
    int64_t most = traffic_longest(s->traffic), longest = most > s->max_context ? most : s->max_context;
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
    if (!out->max_context && s->traffic)
        out->max_context = traffic_longest(s->traffic);
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

/* ---- a pool ---- */

/* What a sequence becomes there at most: a prefill pool holds the prompt and a token of the answer. */
static int64_t context_of(const struct request *q, enum pool_role role)
{
    return (int64_t)q->in_tok + (role == POOL_PREFILL ? 1 : q->out_tok);
}

/* Of traffic that is not in memory its longest request, answer included: no less. */
static int64_t longest(const struct traffic *t, enum pool_role role)
{
    int64_t most = 0;
    if (t->spool)
        return traffic_longest(t);
    for (size_t i = 0; i < t->n; i++)
        most = context_of(&t->req[i], role) > most ? context_of(&t->req[i], role) : most;
    return most;
}

/* Weights fit, but not the longest request of the traffic: serve what does fit and reject the rest, as an engine would. */
static bool shorten(const struct scenario *s, struct pool_out *p, struct err *e)
{
    int64_t most = p->memory.max_context;
    size_t longer = 0;
    if (p->memory.fits || s->max_context || most < 1)
        return true;
    if (s->traffic->spool && !traffic_longer(s->traffic, most, &longer, e))
        return false;
    for (size_t i = 0; !s->traffic->spool && i < s->traffic->n; i++)
        longer += context_of(&s->traffic->req[i], p->role) > most;
    if (longer < s->traffic->n) {
        p->d.max_context = most;
        p->memory = memory_of(&p->d);
    }
    return true;
}

static bool check_fit(const struct scenario *s, const struct pool_out *p, struct err *e)
{
    const struct deployment *d = &p->d;
    const struct memory *m = &p->memory;
    if (m->fits)
        return true;
    char need[32], have[32];
    unit_format(need, sizeof need, UNIT_BYTES, m->budget_bytes + m->short_by_bytes);
    unit_format(have, sizeof have, UNIT_BYTES, m->budget_bytes);
    err_input(e, p->name ? arena_printf(s->arena, "%s: pools.%s", s->name, p->name) : s->name,
              "%s does not fit on %d x %s: needs %s a device for weights, activations and one request of %lld "
              "tokens, %s usable", d->model->id, deployment_devices(d), d->acc->id, need, (long long)d->max_context, have);
    int tp = smallest_tp(d);
    if (tp)
        err_mend(e, "tp %d is the smallest that does", tp);
    return false;
}

/* The device's place is taken by one that needs a known time and does nothing; memory and scheduler stay. */
static void null_engine(struct arena *a, const struct null_engine *n, struct deployment *d, struct step_table *table,
                        struct notes *notes)
{
    if (!n->on)
        return;
    step_table_null(a, n->step_s, n->token_s, n->seq_s, table);
    d->stack.framework = "null engine", d->stack.version = "";
    d->stack.recv_interval_steps = 1;
    note_add(notes, "null_engine: steps last the time the scenario gives them: this says how requests queue, nothing of %s", d->acc->id);
}

/* Everything about a pool but its run. keys: NULL for a scenario without pools. s has its keys at the top, and the traffic. */
static bool prepare(struct arena *a, struct catalog *c, const struct scenario *s, const struct pool_keys *keys, struct pool_out *p,
                    struct sizing *z, struct notes *notes, struct err *e)
{
    const char *place = keys ? arena_printf(a, "%s: pools.%s", s->name, keys->name) : s->name;
    *p = (struct pool_out){.name = keys ? keys->name : NULL, .role = keys ? keys->role : POOL_BOTH,
                           .replicas = s->deploy.replicas ? s->deploy.replicas : 1};
    if (!plan_deployment(c, s, s->deploy.acc, &p->d, e))
        return false;
    double models = s->deploy.share_models ? s->deploy.share_models : 1, active = models > 1 ? s->deploy.share_active : 1;
    p->d.memory_frac /= models;         /* every engine takes its part when it starts */
    if (p->role == POOL_PREFILL && !s->max_context)
        p->d.max_context = longest(s->traffic, p->role);
    struct err why = {0};
    if (!deployment_check(&p->d, &why))
        return err_input(e, place, "%s on %s: %s", s->model->id, p->d.acc->id, why.what);
    p->memory = memory_of(&p->d);
    if (!shorten(s, p, e) || !check_fit(s, p, e))
        return false;
    power_cap_apply_usual(&p->d);
    p->precision = deployment_precision(&p->d);
    struct step_table *table = ARENA_NEW(a, struct step_table);
    step_table_build(a, &p->d, table);
    if (models > 1) {
        *table = step_table_shared(a, table, models, active);
        note_add(notes, "share: one of %g models that take turns on each card, %g of them at a time: memory, cost and power are its part", models, active);
    }
    null_engine(a, &s->deploy.null_engine, &p->d, table, notes);
    const char *policy = s->deploy.scheduler ? s->deploy.scheduler : p->d.stack.scheduler;
    const struct sched *sched = sched_find(policy);
    if (!sched)
        return err_input(e, place, "unknown scheduler \"%s\"", policy);
    p->scheduler = sched->name;
    p->evidence = table->evidence;
    p->devices = p->replicas * deployment_devices(&p->d);
    p->price = price_find(a, c, p->d.acc, &s->price);
    p->usd_h = p->price.found ? cost_billed(&p->price, p->devices) * p->price.usd_h / models : NAN;
    if (p->role != POOL_DECODE)
        plan_prefix_note(s, sched->name, &p->memory, notes);
    *z = (struct sizing){.d = &p->d, .memory = &p->memory, .table = table, .sched = sched, .keys = &s->deploy};
    return true;
}

/* What moves between the pools, and over what. */
static bool prepare_links(const struct scenario *s, struct sim_run_out *out, struct err *e)
{
    const struct pool_out *first = NULL;
    for (int i = 0; i < out->npool; i++) {
        struct pool_out *p = &out->pool[i];
        if (p->role == POOL_BOTH)
            continue;
        double link = s->pool[i].link_bytes_s > 0 ? s->pool[i].link_bytes_s : handover_device_bytes_s(p->d.acc);
        const char *place = arena_printf(s->arena, "%s: pools.%s", s->name, p->name);
        if (!(link > 0)) {
            err_input(e, place, "%s has neither a scale-out nor a PCIe figure: over what does KV move?", p->d.acc->id);
            return err_mend(e, "write link: 50GB/s, what one device can send or take");
        }
        p->link_bytes_s = link * deployment_devices(&p->d);
        out->disaggregated = true;
        first = first ? first : p;
        if (p->memory.kv_total_bytes_tok != first->memory.kv_total_bytes_tok) {
            err_input(e, place, "its KV has %.0f bytes a token, that of %s %.0f: one cannot read the other's", p->memory.kv_total_bytes_tok,
                      first->name, first->memory.kv_total_bytes_tok);
            return err_mend(e, "give them the same kv_cache");
        }
        if (out->evidence == GRADE_MEASURED)        /* nothing that is measured stands behind two pools and a link */
            out->evidence = GRADE_INFERRED;
    }
    return true;
}

/* What changes while it runs; the pool's replicas become as many as can exist. Keys at the top speak of one pool. */
static bool changes(struct arena *a, const struct catalog *c, const struct scenario *s, struct sim_run_out *out, struct pool_out *p,
                    struct err *e)
{
    struct dynamics *x;
    struct err why = {0};
    if (s->npool && (s->dynamics.any || s->spares)) {
        err_input(e, s->name, "pools and replicas that come and go (autoscale, failures, spares, lend) are not simulated together");
        return err_mend(e, "take one of them out");
    }
    if (s->npool)
        return true;
    if (!dynamics_of(a, c, s, &p->d, &p->memory, &p->price, p->replicas, &x, e))
        return false;
    if (!x)
        return true;
    out->dynamics = x;
    p->replicas = x->pool;
    p->devices = p->replicas * deployment_devices(&p->d);
    return dynamics_check(&x->sim, x->pool, &why) || err_input(e, s->name, "%s: %s", why.place, why.what);
}

/* Of replicas that come and go what was held is paid for, the mean over the run. */
static void bill(struct sim_run_out *out)
{
    const struct sim_life_result *life = &out->r.life;
    out->held_mean = out->replicas;
    if (!life->on || !(life->span_s > 0))
        return;
    out->held_mean = life->held_s / life->span_s;
    out->usd_h = out->pool[0].usd_h = out->price.found ? life->billed_device_s / life->span_s * out->price.usd_h : NAN;
}

/* ---- the service ---- */

enum end { END_POINT, END_LOW, END_HIGH };

/* Stragglers are slower than the table of this end of the interval. */
static const struct sim_dynamics *with_slow(struct arena *a, const struct dynamics *d, const struct step_table *table)
{
    struct sim_dynamics *out = ARENA_NEW(a, struct sim_dynamics);
    struct step_table *slow = ARENA_NEW(a, struct step_table);
    *out = d->sim;
    if (out->failures.straggler_frac > 0) {
        *slow = step_table_scale(a, table, d->slowdown);
        out->failures.slow = slow;
    }
    return out;
}

/* All pools at one end of the prediction's interval. */
static bool run_at(struct arena *a, const struct scenario *s, const struct sizing *z, const struct sim_run_out *out,
                   const struct router *router, struct simulate_options o, enum end end, struct sim_result *r)
{
    struct sim_slo *slo = ARENA_ARRAY(a, struct sim_slo, s->nslo);
    struct sim_config *c = ARENA_NEW(a, struct sim_config);
    struct sim_rows none = {0};
    for (size_t i = 0; i < s->nslo; i++)
        slo[i] = (struct sim_slo){s->slo[i].metric, s->slo[i].q, s->slo[i].limit_s};
    *c = (struct sim_config){.npool = out->npool, .router = router, .seed = s->seed, .concurrency = s->traffic->concurrency, .slo = slo,
                             .nslo = s->nslo, .records = o.records && end == END_POINT, .rows = end == END_POINT ? o.rows : none,
                             .step_by_step = o.step_by_step};
    for (int i = 0; i < out->npool; i++) {
        const struct pool_out *p = &out->pool[i];
        struct step_table *table = ARENA_NEW(a, struct step_table);
        *table = size_table(a, &z[i], end == END_POINT ? SIZE_POINT : end == END_LOW ? size_low(&z[i]) : size_high(&z[i]));
        c->pool[i] = size_pool(&z[i], table, p->replicas);
        c->pool[i].role = p->role;
        if (out->dynamics)
            c->pool[i].dynamics = with_slow(a, out->dynamics, table);
        if (p->role == POOL_BOTH)
            continue;
        double share = (double)handover_devices(&p->d) / deployment_devices(&p->d);
        c->pool[i].nic = (struct sim_nic){.bytes_s = p->link_bytes_s, .seq_bytes_s = p->link_bytes_s * share,
                                          .latency_s = s->pool[i].link_latency_s, .seq_devices = handover_devices(&p->d)};
    }
    struct err e = {0};
    return sim_run(a, c, s->traffic, r, &e);
}

struct one_end { struct arena *a; struct sim_result *out; bool ran, no_memory; };
struct ends {
    const struct scenario *s;
    const struct sizing *z;
    const struct sim_run_out *out;
    const struct router *router;
    struct simulate_options o;
    struct one_end end[3];
};

static void run_end(void *ctx, size_t i, int worker)
{
    struct ends *w = ctx;
    struct one_end *x = &w->end[i];
    jmp_buf oom;
    (void)worker;
    if (setjmp(oom)) {
        w->end[i].no_memory = true;
        return;
    }
    arena_on_oom(x->a, &oom);
    x->ran = run_at(x->a, w->s, w->z, w->out, w->router, w->o, (enum end)i, x->out);
}

/* The prediction and the ends of its interval. The order in which they are simulated changes nothing. */
static bool run_ends(struct arena *a, const struct scenario *s, const struct sizing *z, const struct router *router, struct simulate_options o,
                     struct sim_run_out *out, struct err *e)
{
    enum { WORTH_A_THREAD = 50000 }; /* requests */
    struct ends w = {s, z, out, router, o, {{.out = &out->r}, {.out = &out->lo}, {.out = &out->hi}}};
    size_t n = o.point_only ? 1 : 3;
    for (size_t i = 0; i < n; i++)
        w.end[i].a = arena_child(a);
    pool_run(n, o.threads > 1 && s->traffic->n > WORTH_A_THREAD ? (int)n : 1, run_end, &w);
    for (size_t i = 0; i < n; i++) {
        if (w.end[i].no_memory)
            return err_env(e, s->name, "no memory left for the simulation");
        if (!w.end[i].ran && s->traffic->spool)
            return err_env(e, s->traffic->spool->folder, "the requests cannot be read back from the temporary file");
        if (!w.end[i].ran)
            return err_input(e, s->name, "the simulator refused this deployment");
    }
    if (o.point_only)
        out->lo = out->hi = out->r;
    return true;
}

/* What the load does to the deployment, at the prediction and at both ends of its interval. */
static void over_interval(struct sim_run_out *o)
{
    const struct sim_result *at = &o->r, *lo = &o->lo, *hi = &o->hi;
    double mtok[3], total[3];
    o->req_s = span_around(at->req_s, lo->req_s, hi->req_s);
    o->output_tok_s = span_around(at->output_tok_s, lo->output_tok_s, hi->output_tok_s);
    o->total_tok_s = span_around(at->total_tok_s, lo->total_tok_s, hi->total_tok_s);
    o->goodput_req_s = span_around(at->goodput_req_s, lo->goodput_req_s, hi->goodput_req_s);
    o->busy_frac = span_around(at->busy_frac, lo->busy_frac, hi->busy_frac);
    o->batch_mean = span_around(at->batch_mean, lo->batch_mean, hi->batch_mean);
    o->queue_mean = span_around(at->queue_mean, lo->queue_mean, hi->queue_mean);
    o->kv_peak_frac = span_around(at->kv_peak_frac, lo->kv_peak_frac, hi->kv_peak_frac);
    const struct sim_result *end[] = {at, lo, hi};
    for (int i = 0; i < 3; i++)
        cost_per_mtok(o->usd_h, end[i]->output_tok_s, end[i]->total_tok_s, &mtok[i], &total[i]);
    o->usd_mtok = span_around(mtok[0], mtok[1], mtok[2]);
    o->usd_mtok_total = span_around(total[0], total[1], total[2]);
}

/* The pools added up: energy, cost, and who was turned away. */
static void sum_up(const struct scenario *s, struct sim_run_out *out, struct notes *notes)
{
    const struct sim_result *r = &out->r;
    double seconds = r->makespan_s > 0 ? r->makespan_s : NAN;
    out->energy_kwh = out->power_w = (struct span){0, 0, 0};
    for (int i = 0; i < out->npool; i++) {
        struct pool_out *p = &out->pool[i];
        struct span w = power_span_w(&p->d, r->pool[i].energy_j / seconds, p->devices);
        p->energy_kwh = power_span(&p->d, r->pool[i].energy_j / J_PER_KWH);
        out->energy_kwh = (struct span){out->energy_kwh.at + p->energy_kwh.at, out->energy_kwh.lo + p->energy_kwh.lo,
                                        out->energy_kwh.hi + p->energy_kwh.hi};
        out->power_w = (struct span){out->power_w.at + w.at, out->power_w.lo + w.lo, out->power_w.hi + w.hi};
    }
    over_interval(out);
    out->prefill_energy_frac = r->prefill_j / r->energy_j;
    out->decode_energy_frac = r->decode_j / r->energy_j;
    out->idle_energy_frac = r->idle_j / r->energy_j;
    out->output_j_tok = r->tok_out ? r->energy_j / (double)r->tok_out : NAN;
    out->total_j_tok = r->tok_in + r->tok_out ? r->energy_j / (double)(r->tok_in + r->tok_out) : NAN;
    int64_t most = 0;
    for (int i = 0; i < out->npool; i++)
        if (out->pool[i].role != POOL_PREFILL && out->pool[i].d.max_context > most)
            most = out->pool[i].d.max_context;
    if (r->rejected && !s->max_context)
        note_add(notes, "%llu of %zu requests are longer than the %lld tokens that one sequence may have here: they are rejected",
                 (unsigned long long)r->rejected, s->traffic->n, (long long)most);
}

bool plan_simulate(struct arena *a, struct catalog *c, const struct scenario *s, struct simulate_options o,
                   struct sim_run_out *out, struct notes *notes, struct err *e)
{
    struct sizing *z = ARENA_ARRAY(a, struct sizing, SIM_POOLS);
    if (s->nservice)
        return err_input(e, s->name, "services are simulated by moat sim, once: not over seeds, in sweeps or compared");
    if (!s->deploy.acc)
        return err_input(e, s->name, "sim needs an accelerator");
    if (!s->traffic || !s->traffic->n)
        return err_input(e, s->name, "sim needs traffic: a trace, a preset or a generator");
    plan_context_note(s, notes);
    *out = (struct sim_run_out){.npool = s->npool ? (int)s->npool : 1};
    for (int i = 0; i < out->npool; i++) {
        const struct pool_keys *keys = s->npool ? &s->pool[i] : NULL;
        struct scenario *own = ARENA_NEW(a, struct scenario);
        struct pool_out *p = &out->pool[i];
        *own = keys ? *keys->own : *s;
        own->traffic = s->traffic;
        if (!prepare(a, c, own, keys, p, &z[i], notes, e) || !changes(a, c, s, out, p, e))
            return false;
        out->replicas += p->replicas;
        out->devices += p->devices;
        out->usd_h += p->usd_h;
        out->evidence = p->evidence > out->evidence ? p->evidence : out->evidence;
    }
    if (!prepare_links(s, out, e))
        return false;
    const struct pool_out *first = &out->pool[0];
    out->d = first->d, out->memory = first->memory, out->precision = first->precision;
    out->scheduler = first->scheduler, out->price = first->price;
    const struct router *router = router_find(s->router ? s->router : "least-outstanding");
    if (!router)
        return err_input(e, s->name, "unknown router \"%s\"", s->router);
    out->router = router->name;
    if (!run_ends(a, s, z, router, o, out, e))
        return false;
    out->slo = ARENA_ARRAY(a, struct slo_value, s->nslo);
    for (size_t i = 0; i < s->nslo; i++) {
        const struct slo *l = &s->slo[i];
        out->slo[i].s = span_around(size_metric(&out->r, l), size_metric(&out->lo, l), size_metric(&out->hi, l));
        out->slo[i].met = size_meets(&out->r, l);
    }
    bill(out);
    sum_up(s, out, notes);
    return true;
}
