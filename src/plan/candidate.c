/* candidate.c - per accelerator: gate, enumerate, bound, simulate the most promising, size, price. */
#include "plan/candidate.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/cost.h"
#include "plan/reach.h"
#include "plan/reason.h"
#include "plan/search.h"
#include "plan/size.h"
#include "sim/router.h"
#include "sim/sched.h"

#define KEEP 8                  /* configurations that are simulated, of those the bounds allow */
#define KEEP_VERIFY 3           /* of them, those that are simulated again on the whole traffic */
#define SCREEN_SLACK 1.25       /* limits on the window of what is to be tried on the whole: a window has few late requests */
#define PIECES_MAX 32           /* chunks that cut a mean prompt into more pieces than this are not tried */

/* Prefill chunks that are tried below the engine's own. */
static const int chunks[] = {2048, 1024, 512, 256};
#define CHUNKS (sizeof chunks / sizeof *chunks)

struct option {                 /* one configuration with what is known before simulating */
    struct deployment d;
    struct memory memory;
    struct step_table *table;
    struct reach reach;
    double cost;                /* cards paid for at the estimated number of replicas: the order of trial */
    int guess;
};

static const struct sched *sched_of(const struct scenario *s, const struct deployment *d)
{
    const struct sched *row = sched_find(s->deploy.scheduler ? s->deploy.scheduler : d->stack.scheduler);
    return row ? row : sched_table[0];
}

static struct sizing sizing_of(const struct question *q, const struct option *o, size_t window, struct arena *trial)
{
    const struct router *router = router_find(q->scenario->router ? q->scenario->router : "least-outstanding");
    return (struct sizing){.d = &o->d, .memory = &o->memory, .table = o->table, .sched = sched_of(q->scenario, &o->d),
                           .router = router ? router : router_table[0], .slo = q->scenario->slo, .nslo = q->scenario->nslo,
                           .whole = q->traffic, .window = window, .seed = q->scenario->seed, .trial = trial,
                           .keys = &q->scenario->deploy};
}

/* Things that rule a device out whatever its speed. */
static bool gate(const struct question *q, const struct accelerator *acc, struct candidate *out)
{
    const struct scenario *s = q->scenario;
    if (s->export_cn && acc->export_restricted_cn)
        return reason_set(out, BIND_EXPORT, NAN, "export rules: not sold in this region");
    if (!acc->available)
        return reason_set(out, BIND_SUPPLY, NAN, "announced, not shipping");
    if (q->today && acc->launch > q->today)
        return reason_set(out, BIND_SUPPLY, NAN, "launched %d-%02d, after as_of", acc->launch / 10000,
                          acc->launch / 100 % 100);
    struct precision_run run = precision_on(s->quant.linear, acc);
    if (run.arith == ARITH_N || !(acc->mem_bw_bytes_s > 0) || !(acc->mem_bytes > 0) ||
        !(acc->peak_flop_s[run.arith] > 0))
        return reason_set(out, BIND_CAPABILITY, NAN, "no %s rate or memory figure is known for it",
                          precision_table[s->quant.linear].name);
    if (s->precision_exact && run.fallback)
        return reason_set(out, BIND_CAPABILITY, NAN, "has no %s arithmetic and the scenario demands it",
                          precision_table[s->quant.linear].name);
    return true;
}

static void add_option(struct arena *a, const struct question *q, const struct candidate *c, const struct deployment *d,
                       const struct memory *m, struct option *keep, size_t *n, struct reach *worst, struct deployment *worst_d)
{
    struct option o = {.d = *d, .memory = *m, .table = ARENA_NEW(a, struct step_table)};
    step_table_build(a, &o.d, o.table);
    bool cached = sched_caches(sched_of(q->scenario, &o.d), q->scenario->deploy.prefix_cache);
    o.reach = reach_of(&o.d, o.table, m, &q->stat, cached, q->scenario->slo, q->scenario->nslo);
    if (!o.reach.possible) {
        if (!worst_d->acc || o.reach.short_by < worst->short_by)
            *worst = o.reach, *worst_d = *d;
        return;
    }
    double rate = q->traffic->concurrency ? 1 : q->traffic->rate_s;
    double need = o.reach.capacity_req_s > 0 ? rate / o.reach.capacity_req_s : INFINITY;
    o.guess = q->traffic->concurrency ? (int)ceil(q->traffic->concurrency / fmax(o.reach.batch, 1))
                                      : (int)fmin(ceil(need * 1.15), 1e6);
    if (o.guess < 1)
        o.guess = 1;
    int per = deployment_devices(d);
    /* Whole instances decide what is paid; below that the finer figure breaks ties. */
    o.cost = cost_billed(&c->price, (o.guess + q->scenario->spares) * per) + 1e-3 * need * per;
    size_t at = *n < KEEP ? (*n)++ : KEEP;
    if (at == KEEP && o.cost >= keep[KEEP - 1].cost)
        return;
    if (at == KEEP)
        at = KEEP - 1;
    for (; at > 0 && keep[at - 1].cost > o.cost; at--)
        keep[at] = keep[at - 1];
    keep[at] = o;
}

/* Number formats to try: the one asked for, or with `precision: best` every one that the device multiplies in itself. */
static size_t formats(const struct scenario *s, const struct accelerator *acc, struct quant *out)
{
    static const enum precision all[] = {PREC_NVFP4, PREC_FP8, PREC_INT8, PREC_BF16};
    size_t n = 0;
    for (size_t i = 0; s->precision_best && i < sizeof all / sizeof *all; i++) {
        struct precision_run run = precision_on(all[i], acc);
        if (run.fallback || run.arith == ARITH_N)
            continue;
        out[n] = s->quant;
        out[n].linear = out[n].experts = out[n].attention = all[i];
        out[n].bits.linear = out[n].bits.experts = out[n].bits.attention = 0;
        n++;
    }
    if (!n)
        out[n++] = s->quant;
    return n;
}

/* Configurations in order of promise; 0 with the reason set when there is none. */
static size_t options(struct arena *a, const struct question *q, struct candidate *c, int max_devices, struct option *keep)
{
    const struct scenario *s = q->scenario;
    struct deployment base;
    struct err e = {0};
    if (!plan_deployment(q->catalog, s, c->acc, &base, &e)) {
        reason_set(c, BIND_CAPABILITY, NAN, "%s", e.what);
        return 0;
    }
    base.tp = s->deploy.tp, base.pp = s->deploy.pp, base.dp = s->deploy.dp, base.ep = s->deploy.ep;
    struct search *found = ARENA_NEW(a, struct search);
    struct quant format[8];
    struct reach worst = {0};
    struct deployment worst_d = {0};
    size_t nformat = formats(s, c->acc, format), n = 0, fit = 0;
    for (size_t f = 0; f < nformat; f++) {
        base.quant = format[f];
        search_configs(&base, max_devices, found);
        fit += found->n;
        for (size_t i = 0; i < found->n; i++)
            add_option(a, q, c, &found->d[i], &found->memory[i], keep, &n, &worst, &worst_d);
        if (!fit && f == 0)     /* the first format is the smallest: it comes nearest */
            reason_no_config(c, found);
    }
    if (!n && fit) {
        c->d = worst_d, c->memory = memory_of(&worst_d);
        reason_floor(c, &worst);
    }
    return n;
}

static struct span span_of(const struct sim_result *at, const struct sim_result *lo, const struct sim_result *hi, int metric,
                           double q)
{
    return span_around(sim_metric(at, metric, q), sim_metric(lo, metric, q), sim_metric(hi, metric, q));
}

/* Tokens a second that the price is spread over: the traffic's mean load, or what the fleet reached where the traffic has no
** rate of its own (closed loop, everything queued). */
static void load_of(const struct question *q, const struct sim_result *r, double scale, struct candidate *c)
{
    bool open = q->traffic->concurrency == 0 && q->traffic->span_s > 0;
    c->out_tok_s = open ? q->stat.out_tok_s : r->output_tok_s * scale;
    c->in_tok_s = open ? q->stat.in_tok_s : (r->total_tok_s - r->output_tok_s) * scale;
}

static void price_it(const struct question *q, struct candidate *c, int owned)
{
    cost_candidate(c, &q->catalog->economics, q->scenario->price.kind, c->in_tok_s, c->out_tok_s, owned);
}

/* Simulate the chosen size at the prediction and at both ends of its interval; fill what people read. found: the search settled
** on so many replicas; false: they are the most it tried, and they do not hold. */
static void measure(struct arena *a, const struct question *q, const struct sizing *z, int replicas, bool found,
                    struct candidate *c)
{
    struct sim_result *r = ARENA_ARRAY(a, struct sim_result, 3);
    const struct size_end end[3] = {SIZE_POINT, size_low(z), size_high(z)};
    bool holds[3];
    const struct size_kept *k = z->kept;
    bool known = k && k->r && k->table == z->table && k->replicas == replicas;
    if (known)
        r[0] = *k->r, holds[0] = true;
    for (int i = known; i < 3; i++) {
        size_run(a, z, replicas, end[i], false, &r[i], &holds[i]);
        c->simulated_requests += r[i].simulated;
    }
    c->d = *z->d, c->memory = *z->memory, c->scheduler = z->sched->name;
    c->precision = deployment_precision(z->d);
    c->ttft_p50 = span_of(&r[0], &r[1], &r[2], SLO_TTFT, 0.5);
    c->ttft_p99 = span_of(&r[0], &r[1], &r[2], SLO_TTFT, 0.99);
    c->tpot_p50 = span_of(&r[0], &r[1], &r[2], SLO_TPOT, 0.5);
    c->tpot_p99 = span_of(&r[0], &r[1], &r[2], SLO_TPOT, 0.99);
    c->e2e_p50 = span_of(&r[0], &r[1], &r[2], SLO_E2E, 0.5);
    c->e2e_p99 = span_of(&r[0], &r[1], &r[2], SLO_E2E, 0.99);
    for (size_t i = 0; i < z->nslo; i++) {
        c->slo[i].s = span_of(&r[0], &r[1], &r[2], z->slo[i].metric, z->slo[i].q);
        c->slo[i].met = size_meets(&r[0], &z->slo[i]);
    }
    double scale = (double)replicas / size_cell(z, replicas);
    c->feasible = found && holds[0], c->robust = c->feasible && holds[2];
    c->replicas = replicas + q->scenario->spares, c->spares = q->scenario->spares;
    c->goodput_req_s = r[0].goodput_req_s * scale;
    c->utilisation_frac = r[0].busy_frac, c->kv_peak_frac = r[0].kv_peak_frac;
    c->power_w = r[0].makespan_s > 0 ? r[0].energy_j / r[0].makespan_s * scale : NAN;
    c->power_w += c->spares * z->table->power_idle_w;   /* spares wait */
    c->power_w *= q->catalog->economics.server_power_mult;
    c->evidence = z->table->evidence;
    load_of(q, &r[0], scale, c);
    price_it(q, c, 0);
    if (!c->feasible)
        reason_missed(c, z->slo, z->nslo, &r[0]);
}

/* More replicas than this are not tried: with one for each request (or client), load is not what misses. */
static int most_replicas(const struct question *q, const struct option *o)
{
    int per = deployment_devices(&o->d), spares = q->scenario->spares;
    int most = q->traffic->concurrency ? q->traffic->concurrency : (int)fmin((double)q->traffic->n, 1e6);
    if (q->scenario->max_cards && most > q->scenario->max_cards / per - spares)
        most = q->scenario->max_cards / per - spares;
    return most < 1 ? 1 : most;
}

/* Prefill chunks shorter than the engine's default trade throughput for steadier TPOT. */
static bool shorter_chunks(struct arena *a, const struct question *q, const struct option *o, int max_tokens, struct option *out)
{
    bool gaps = false;          /* without a promise on the gaps between tokens the longest chunk serves most */
    for (size_t i = 0; i < q->scenario->nslo; i++)
        gaps |= q->scenario->slo[i].metric == SLO_TPOT || q->scenario->slo[i].metric == SLO_ITL;
    if (!gaps || q->scenario->deploy.max_tokens || max_tokens >= o->d.max_tokens || q->stat.in_mean > PIECES_MAX * (double)max_tokens)
        return false;
    *out = *o;
    out->d.max_tokens = max_tokens;
    out->memory = memory_of(&out->d);
    out->table = ARENA_NEW(a, struct step_table);
    step_table_build(a, &out->d, out->table);
    return out->memory.fits;
}

static bool limits_hold(const struct scenario *s, struct candidate *c)
{
    if (s->max_cards && c->devices > s->max_cards)
        return reason_set(c, BIND_SUPPLY, (double)c->devices / s->max_cards, "needs %d cards, %d are allowed", c->devices,
                          s->max_cards);
    if (s->max_power_w > 0 && isnan(c->power_w))
        return reason_set(c, BIND_POWER, NAN, "its TDP is not known, and the power is limited");
    if (s->max_power_w > 0 && c->power_w > s->max_power_w)
        return reason_set(c, BIND_POWER, c->power_w / s->max_power_w, "draws %.3g kW, %.3g kW are allowed", c->power_w * 1e-3,
                          s->max_power_w * 1e-3);
    if (s->max_usd_h > 0 && c->priced && c->usd_h > s->max_usd_h)
        return reason_set(c, BIND_BUDGET, c->usd_h / s->max_usd_h, "costs $%.4g an hour, $%.4g are allowed", c->usd_h,
                          s->max_usd_h);
    return true;
}

struct chosen {                 /* the cheapest option so far; table NULL: none was tried */
    struct option o;
    int replicas, cards;        /* without spares; cards paid for, spares too: INT32_MAX where even `replicas` do not hold */
};

struct trial {                  /* what options are tried on */
    size_t window;              /* 0: the whole traffic */
    size_t screen;              /* an option that loses on such a window is not tried on the whole; 0: all are */
    struct slo *slack;          /* (nslo) the promises it must keep there */
    struct arena *arena;
    struct size_kept kept;
};

/* Replaces what is chosen when it takes strictly fewer cards. One trial at the most replicas that would be cheaper settles
** most options; only one that holds there is sized. */
static void try_option(const struct question *q, const struct option *o, struct trial *t, struct chosen *best,
                       struct candidate *c)
{
    struct sizing z = sizing_of(q, o, t->window, t->arena), screen = sizing_of(q, o, t->screen, t->arena);
    z.kept = &t->kept;
    screen.slo = t->slack;
    int per = deployment_devices(&o->d), most = most_replicas(q, o), guess = o->guess < most ? o->guess : most;
    int spares = q->scenario->spares;
    if (best->o.table && best->cards < INT32_MAX) {
        int cap = (best->cards - 1) / per - spares;
        while (cap > 0 && cost_billed(&c->price, (cap + spares) * per) >= best->cards)
            cap--;
        if (cap < 1)
            return;
        most = guess = cap;
        if (t->screen && !size_holds(&screen, cap, SIZE_POINT, &c->simulated_requests))
            return;
    }
    int r = size_replicas(&z, 0, guess, most, SIZE_POINT, &c->simulated_requests);
    if (r || !best->o.table)
        *best = (struct chosen){*o, r ? r : most, r ? cost_billed(&c->price, (r + spares) * per) : INT32_MAX};
}

static void start(const struct question *q, const struct accelerator *acc, struct candidate *c)
{
    struct slo_value *slo = c->slo;
    struct price price = c->price;
    *c = (struct candidate){.acc = acc, .slo = slo, .price = price, .usd_h = NAN, .usd_h_robust = NAN, .usd_mtok = NAN, .usd_mtok_total = NAN, .power_w = NAN};
    c->precision = precision_on(q->scenario->quant.linear, acc);
    c->evidence = acc->evidence == GRADE_ASSUMED ? GRADE_ASSUMED : GRADE_INFERRED;
    for (size_t i = 0; i < q->scenario->nslo; i++)
        c->slo[i] = (struct slo_value){{NAN, NAN, NAN}, false};
    const struct span none = {NAN, NAN, NAN};
    c->ttft_p50 = c->ttft_p99 = c->tpot_p50 = c->tpot_p99 = c->e2e_p50 = c->e2e_p99 = none;
}

/* How many more replicas make the promises hold even where every step takes as long as the interval allows. */
static void size_robust(const struct question *q, const struct sizing *z, int most, struct candidate *c)
{
    int own = c->replicas - c->spares;
    int r = c->robust ? own : size_replicas(z, own, own + (own + 3) / 4, most, size_high(z), &c->simulated_requests);
    if (!r)
        return;
    struct candidate more = *c;
    more.replicas = c->replicas_robust = r + c->spares;
    price_it(q, &more, 0);
    c->usd_h_robust = more.usd_h;
}

/* Limits of the scenario, and for what was simulated in full the size that is safe. */
static void settle(const struct question *q, const struct sizing *z, int most, struct candidate *c)
{
    if (c->feasible && limits_hold(q->scenario, c) && c->verified_full)
        size_robust(q, z, most, c);
}

/* Every split the bounds allow with every chunk, cheapest bound first, so that most are settled by one trial. */
static void try_all(struct arena *a, const struct question *q, struct option *keep, size_t n, struct trial *t,
                    struct chosen *best, struct candidate *c)
{
    struct option alt;
    for (size_t i = 0; i < n; i++) {
        try_option(q, &keep[i], t, best, c);
        for (size_t k = 0; k < CHUNKS; k++)
            if (shorter_chunks(a, q, &keep[i], chunks[k], &alt))
                try_option(q, &alt, t, best, c);
    }
}

static struct trial trial_on(struct arena *a, size_t window)
{
    return (struct trial){.window = window, .arena = arena_child(a), .kept = {.spare = arena_child(a), .held = arena_child(a)}};
}

/* Measure what was chosen, and settle it. */
static void finish(struct arena *a, const struct question *q, struct trial *t, const struct chosen *best, struct candidate *c)
{
    struct sizing z = sizing_of(q, &best->o, t->window, t->arena);
    z.kept = &t->kept;
    measure(a, q, &z, best->replicas, best->cards < INT32_MAX, c);
    c->verified_full = t->window == 0 || t->window >= q->traffic->n;
    settle(q, &z, most_replicas(q, &best->o), c);
}

void candidate_find(struct arena *a, const struct question *q, const struct accelerator *acc, size_t window,
                    struct candidate *c)
{
    struct option keep[KEEP];
    struct chosen best = {.replicas = 0};
    start(q, acc, c);
    size_t n = gate(q, acc, c) ? options(a, q, c, q->scenario->max_cards, keep) : 0;
    if (!n)
        return;
    struct trial t = trial_on(a, window);
    try_all(a, q, keep, n, &t, &best, c);
    finish(a, q, &t, &best, c);
}

/* What the window chose is sized on the whole traffic. The others get their chance there if they nearly hold on the window with
** fewer cards. */
void candidate_verify(struct arena *a, const struct question *q, size_t window, struct candidate *c)
{
    struct option keep[KEEP], first = {.d = c->d, .memory = c->memory, .table = ARENA_NEW(a, struct step_table),
                                       .guess = c->replicas - c->spares};
    struct chosen best = {.replicas = 0};
    struct trial t = trial_on(a, 0);
    step_table_build(a, &first.d, first.table);
    try_option(q, &first, &t, &best, c);
    size_t n = options(a, q, c, q->scenario->max_cards, keep);
    t.screen = window;
    t.slack = ARENA_ARRAY(a, struct slo, q->scenario->nslo);
    for (size_t i = 0; i < q->scenario->nslo; i++) {
        t.slack[i] = q->scenario->slo[i];
        t.slack[i].limit_s *= SCREEN_SLACK;
    }
    try_all(a, q, keep, best.cards < INT32_MAX && n > KEEP_VERIFY ? KEEP_VERIFY : n, &t, &best, c);
    finish(a, q, &t, &best, c);
}

static struct span span_shift(struct span v, double s)
{
    return (struct span){v.at + s, v.lo + s, v.hi + s};
}

/* A prediction at a point with the interval of its steps. */
static struct span stepped(const struct step_table *t, double s)
{
    return (struct span){s, s * (1 - t->interval_lo), s * (1 + t->interval_hi)};
}

void candidate_estimate(struct arena *a, const struct question *q, const struct accelerator *acc, struct candidate *c)
{
    const struct scenario *s = q->scenario;
    const struct traffic_stat *st = &q->stat;
    struct option keep[KEEP];
    start(q, acc, c);
    if (!gate(q, acc, c) || !options(a, q, c, s->max_cards, keep))
        return;
    const struct option *o = &keep[0];
    const struct sched *sched = sched_of(s, &o->d);
    bool cached = sched_caches(sched, s->deploy.prefix_cache);
    int most = most_replicas(q, o), replicas = o->guess < most ? o->guess : most;
    double rate = q->traffic->concurrency ? o->reach.capacity_req_s : q->traffic->rate_s / replicas;
    double osl = fmax(st->out_mean, 1), prompt = cached ? st->new_p50 : st->in_p50;
    double batch = reach_batch(&o->d, o->table, &o->reach, st, cached, rate);
    double tpot = reach_tpot_s(&o->d, o->table, st, cached, batch);
    double ttft = reach_prefill_s(o->table, o->d.max_tokens, prompt);
    c->d = o->d, c->memory = o->memory, c->scheduler = sched->name;
    c->precision = deployment_precision(&o->d);
    c->evidence = o->table->evidence;
    c->feasible = true;
    c->replicas = replicas + s->spares, c->spares = s->spares;
    c->tpot_p50 = stepped(o->table, tpot);
    c->ttft_p50 = span_shift(stepped(o->table, ttft), o->table->ttft_fixed_s);
    c->e2e_p50 = span_shift(stepped(o->table, ttft + (fmax(st->out_p50, 1) - 1) * tpot), o->table->ttft_fixed_s);
    c->utilisation_frac = fmin(1, rate / o->reach.capacity_req_s), c->goodput_req_s = c->kv_peak_frac = NAN;
    bool open = q->traffic->concurrency == 0 && q->traffic->span_s > 0;
    c->out_tok_s = open ? st->out_tok_s : rate * replicas * osl;
    c->in_tok_s = open ? st->in_tok_s : rate * replicas * st->in_mean;
    price_it(q, c, 0);
    limits_hold(s, c);
}

/* Does the configuration hold this share of the traffic on so many replicas? */
static bool holds_share(const struct question *q, const struct option *o, int replicas, double share, size_t window,
                        struct arena *a, struct candidate *c)
{
    arena_reset(a);
    struct sizing z = sizing_of(q, o, window, NULL);
    struct traffic part = share < 1 ? traffic_thin(a, q->traffic, share, false, q->scenario->seed + 1) : *q->traffic;
    z.whole = &part;
    struct sim_result *r = ARENA_NEW(a, struct sim_result);
    bool holds = false;
    size_run(a, &z, replicas, SIZE_POINT, true, r, &holds);
    c->simulated_requests += r->simulated;
    return holds;
}

/* The largest share that an option holds, to 1/128, if it is above `most`; else `most`. */
static double share_of(const struct question *q, const struct option *o, int cards, double most, size_t window,
                       struct arena *trial, struct candidate *c)
{
    int replicas = cards / deployment_devices(&o->d) - q->scenario->spares;     /* spares are kept back */
    double lo = most + 1.0 / 128, hi = 1;
    if (replicas < 1 || most >= 1)
        return most;
    if (holds_share(q, o, replicas, 1, window, trial, c))
        return 1;
    if (lo >= 1 || !holds_share(q, o, replicas, lo, window, trial, c))
        return most;
    while (hi - lo > 1.0 / 128) {
        double mid = 0.5 * (lo + hi);
        if (holds_share(q, o, replicas, mid, window, trial, c))
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

double candidate_share(struct arena *a, const struct question *q, const struct accelerator *acc, int cards, size_t window,
                       struct candidate *c)
{
    start(q, acc, c);
    struct option keep[KEEP], best = {.table = NULL}, alt;
    if (!gate(q, acc, c))
        return 0;
    size_t n = options(a, q, c, cards, keep);
    double most = 0;
    struct arena *trial = arena_child(a);
    for (size_t i = 0; i < n * (CHUNKS + 1); i++) {
        const struct option *o = &keep[i / (CHUNKS + 1)];
        if (i % (CHUNKS + 1) > 0) {
            if (!shorter_chunks(a, q, o, chunks[i % (CHUNKS + 1) - 1], &alt))
                continue;
            o = &alt;
        }
        double share = share_of(q, o, cards, most, window, trial, c);
        if (share > most)
            most = share, best = *o;
    }
    if (most <= 0) {
        if (n)
            reason_set(c, BIND_SUPPLY, NAN, "%d cards do not hold any share of this traffic within the SLO", cards);
        return 0;
    }
    struct question part = *q;
    struct traffic t = most < 1 ? traffic_thin(a, q->traffic, most, false, q->scenario->seed + 1) : *q->traffic;
    part.traffic = &t;
    part.stat = traffic_stats(a, &t);
    struct sizing z = sizing_of(&part, &best, window, trial);
    int all = cards / deployment_devices(&best.d) - q->scenario->spares;
    int r = most < 1 ? all : size_replicas(&z, 0, all, all, SIZE_POINT, &c->simulated_requests);    /* no more than it takes */
    measure(a, &part, &z, r ? r : all, true, c);
    price_it(&part, c, cards);
    c->verified_full = window == 0 || window >= t.n;
    return most;
}
