/* metrics.c - sums of what happened.
**
**      TTFT = first token - arrival + fixed          E2E = last token - arrival + fixed
**      TPOT = (last - first) / (out - 1)
**      good = within every limit                 goodput = good / makespan              energy = sum of watts * time
**
** In a stretch step j lasts a + b*j and holds u + g*j unit-tokens of KV, so the occupancy integral of n steps that
** last S is
**      u*S + g*a * n(n-1)/2 + g*b * (n-1)n(2n-1)/6
*/
#include "sim/metrics.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/units.h"
#include "facts/scenario.h"
#include "sim/bug.h"
#include "sim/cluster.h"
#include "sim/sched.h"

const char *const miss_cause_name[MISS_N] = {"queue", "prefill interference", "decode too slow", "preemption",
                                             "rejected", "transfer", "cold start", "failure"};

/* The most whole nanoseconds that are within the limit when written in seconds. */
static int64_t whole_ns(double limit_s)
{
    if (limit_s >= 9e9)
        return INT64_MAX;
    int64_t ns = (int64_t)floor(limit_s * NS_PER_S);
    return (double)(ns + 1) / NS_PER_S <= limit_s ? ns + 1 : ns;
}

static void set_limits(struct metrics *m, const struct sim_config *c)
{
    m->ttft_ns = m->e2e_ns = INT64_MAX;
    m->tpot_s = HUGE_VAL;
    for (size_t i = 0; i < c->nslo; i++) {
        const struct sim_slo *l = &c->slo[i];
        int64_t ns = whole_ns(l->limit_s);
        if (l->metric == SLO_TTFT && ns < m->ttft_ns)
            m->ttft_ns = ns;
        if (l->metric == SLO_E2E && ns < m->e2e_ns)
            m->e2e_ns = ns;
        if ((l->metric == SLO_TPOT || (l->metric == SLO_ITL && l->q < 0)) && l->limit_s < m->tpot_s)
            m->tpot_s = l->limit_s;
    }
}

/* Null where all requests are of one class. */
static struct sim_class *class_of(const struct metrics *m, const struct request *q)
{
    return m->out->by_class ? &m->out->by_class[q->priority] : NULL;
}

static void count_classes(struct metrics *m, struct arena *a, const struct traffic *t)
{
    struct sim_result *out = m->out;
    if (t->classes < 2 || t->spool)
        return;
    out->classes = t->classes;
    out->by_class = ARENA_ARRAY(a, struct sim_class, (size_t)t->classes);
    for (int i = 0; i < t->classes; i++) {
        sketch_init(&out->by_class[i].ttft);
        sketch_init(&out->by_class[i].tpot);
        sketch_init(&out->by_class[i].e2e);
    }
    for (size_t i = m->warmup; i < t->n; i++)
        out->by_class[t->req[i].priority].offered++;
}

bool metrics_init(struct metrics *m, struct arena *a, const struct sim_config *c, const struct traffic *t,
                  struct sim_result *out, struct err *e)
{
    memset(m, 0, sizeof *m);
    m->out = out;
    m->config = c;
    m->fixed_ns = (int64_t)llround(c->pool[0].table->ttft_fixed_s * 1e9);
    m->warmup = (size_t)c->warmup_requests < t->n ? (size_t)c->warmup_requests : t->n;
    m->offered = t->n - m->warmup;
    m->itl = ARENA_ARRAY(a, uint64_t, ITL_BUCKETS);
    m->itl_min = INT64_MAX;
    m->begin_ns = m->begin_counted_ns = -1;
    if (m->offered) {
        struct request first, late;
        if (!traffic_get(t, m->warmup, &first, 1, e) || !traffic_get(t, m->warmup + m->offered / 10 * 9, &late, 1, e))
            return false;
        m->arrivals_ns = late.arrival_ns - first.arrival_ns;
    }
    set_limits(m, c);
    verdict_init(&m->verdict, a, c, out);
    sketch_init(&out->ttft);
    sketch_init(&out->tpot);
    sketch_init(&out->itl);
    sketch_init(&out->e2e);
    out->offered = m->offered;
    if (c->records) {
        out->record = m->record = ARENA_ARRAY(a, struct sim_record, t->n);
        m->record_mask = UINT32_MAX;
        out->nrecord = t->n;
        for (size_t i = 0; i < t->n; i++)
            out->record[i] = metrics_unseen(&t->req[i]);
    }
    count_classes(m, a, t);
    if (m->offered <= SIM_EXACT_MAX)
        for (int i = 0; i < SIM_EXACT_N; i++)
            out->exact[i] = ARENA_ARRAY(a, double, m->offered);
    return true;
}

void metrics_queue(struct metrics *m, int64_t t_ns, int change)
{
    m->queue_area += (wide)(t_ns - m->queue_ns) * (wide)m->queued;
    m->queue_ns = t_ns;
    m->queued += (uint64_t)(int64_t)change;
}

/* ---- gaps between tokens ---- */

static int bucket_of(int64_t q20)
{
    double v = (double)q20;
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    int64_t i = (int64_t)(bits >> (52 - ITL_SUB)) - ((int64_t)(1023 + ITL_FIRST) << ITL_SUB);
    return i < 0 ? 0 : i >= ITL_BUCKETS ? ITL_BUCKETS - 1 : (int)i;
}

double metrics_bucket_low(int i) /* smallest Q20 value of bucket i */
{
    uint64_t bits = ((uint64_t)i + ((uint64_t)(1023 + ITL_FIRST) << ITL_SUB)) << (52 - ITL_SUB);
    double v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static void gaps(struct metrics *m, int64_t q20, uint64_t times)
{
    m->itl[bucket_of(q20)] += times;
    m->itl_n += times;
    m->itl_sum += (wide)q20 * (wide)times;
    m->itl_min = q20 < m->itl_min ? q20 : m->itl_min;
    m->itl_max = q20 > m->itl_max ? q20 : m->itl_max;
}

/* a, a+b, ..., a+(n-1)b, each `times` times: one addition a bucket that they touch. */
static void gaps_linear(struct metrics *m, int64_t a, int64_t b, int64_t n, uint64_t times)
{
    int64_t last = a + b * (n - 1);
    int end = bucket_of(last);
    for (int64_t j = 0; j < n;) {
        int i = bucket_of(a + b * j);
        int64_t to = n;
        if (i != end) {
            to = (int64_t)((metrics_bucket_low(i + 1) - (double)a) / (double)b);
            if (to <= j)
                to = j + 1;
            while (to > j + 1 && bucket_of(a + b * (to - 1)) > i)
                to--;
            while (to < n && bucket_of(a + b * to) == i)
                to++;
        }
        m->itl[i] += (uint64_t)(to - j) * times;
        j = to;
    }
    m->itl_n += (uint64_t)n * times;
    m->itl_sum += (wide)(a * n + b * (n * (n - 1) / 2)) * (wide)times;
    m->itl_min = a < m->itl_min ? a : m->itl_min;
    m->itl_max = last > m->itl_max ? last : m->itl_max;
}

void metrics_gap(struct metrics *m, int64_t ns)
{
    gaps(m, (ns < ((int64_t)1 << 42) ? ns : (int64_t)1 << 42) << 20, 1);
}

/* ---- steps ---- */

static void step_gaps(struct metrics *m, const struct replica *r, int64_t n)
{
    int64_t a = r->first_q20, b = r->slope_q20, done = 0;
    if (r->nstall) { /* the first step ends a pause that lasted differently for each group */
        for (int32_t i = 0; i < r->nstall; i++)
            if (r->stall[i].seqs > 0)
                gaps(m, a + r->stalled_q20 - r->stall[i].since_q20, (uint64_t)r->stall[i].seqs);
        done = 1;
    }
    if (n > done)
        gaps_linear(m, a + b * done, b, n - done, (uint64_t)r->ndec);
}

static int64_t unit_tokens(const struct replica *r)
{
    const struct kvpool *p = &r->kv;
    if (r->sched->reserve)
        return p->used * p->block_parts;      /* what is parked is in it */
    int64_t u = p->fill;
    u += r->parked * p->block_parts;
    if (r->prefix) /* blocks of paths count once */
        u += (r->prefix->held - r->shared) * p->block_parts;
    bool partial = r->partial == NO_SLOT;
    for (int32_t i = 0; i < r->batch.nchunk; i++) {
        u += r->slot[r->batch.chunk[i].slot].held * p->block_parts;
        partial |= r->batch.chunk[i].slot == r->partial;
    }
    return partial ? u : u + r->slot[r->partial].held * p->block_parts;
}

/* sum over j < n of g*j * (a + b*j) */
static wide kv_growth_area(int64_t g, int64_t a, int64_t b, int64_t n)
{
    int64_t pairs = n * (n - 1) / 2;
    wide squares = (wide)pairs * (2 * n - 1); /* three times the sum of j*j */
    squares = n < 1000000 ? (wide)((int64_t)squares / 3) : squares / 3;
    return (wide)g * ((wide)a * pairs + (wide)b * squares);
}

void metrics_steps(struct metrics *m, const struct replica *r, int64_t n, int64_t q20)
{
    size_t at = metrics_pool(m, r);
    struct pool_sums *p = &m->pool[at];
    m->out->pool[at].steps += (uint64_t)n;
    p->loading_q20 += r->batch.loading_q20;
    p->seq_steps += (uint64_t)((r->ndec + r->batch.nchunk) * n);
    p->kv_area += (wide)unit_tokens(r) * q20;
    if (n > 1)
        p->kv_area += kv_growth_area(r->kv.grow_all * r->gain, r->first_q20, r->slope_q20, n);
    if (!r->batch.decode) {
        p->prefill_q20 += q20;
        return;
    }
    int64_t prefill = r->first_q20 - r->decode_only_q20;
    p->prefill_q20 += prefill;
    p->decode_q20 += q20 - prefill;
    p->batch_area += (wide)q20 * r->ndec;
    p->batch_time += q20;
    step_gaps(m, r, n);
}

/* ---- requests ---- */

static void count_waiting(struct metrics *m, uint32_t request, double wait_s)
{
    size_t tenth = (request - m->warmup) * 10 / m->offered;
    m->wait_s[tenth] += wait_s;
    m->waits[tenth]++;
}

static void waited(struct sim_class *c, double wait_s)
{
    if (wait_s > c->wait_max_s)
        c->wait_max_s = wait_s;
}

void metrics_shed(struct metrics *m, const struct request *q, uint32_t request, int64_t sent_ns, int64_t t_ns, int32_t replica)
{
    struct sim_class *c = class_of(m, q);
    verdict_shed(&m->verdict, q, metrics_counts(m, request));
    metrics_reject(m, q, request, sent_ns, replica);
    if (!metrics_counts(m, request))
        return;
    m->out->shed++;
    if (c)
        waited(c, (double)(t_ns - sent_ns) * S_PER_NS);
}

void metrics_reject(struct metrics *m, const struct request *q, uint32_t request, int64_t t_ns, int32_t replica)
{
    if (m->record)
        *metrics_record(m, request) =
            (struct sim_record){t_ns, -1, -1, q->in_tok, q->out_tok, replica, 0, 0, metrics_record(m, request)->retries, q->row, MISS_TOO_LONG};
    if (!metrics_counts(m, request))
        return;
    m->out->rejected++;
    m->out->miss[MISS_TOO_LONG]++;
    if (m->out->by_class)
        class_of(m, q)->rejected++;
    verdict_reject(&m->verdict, q);
}

void metrics_fail(struct metrics *m, const struct request *q, uint32_t request, int64_t arrival_ns, int64_t t_ns)
{
    if (t_ns > m->end_ns)
        m->end_ns = t_ns;
    if (m->record) {
        metrics_record(m, request)->miss = MISS_FAILURE;
        metrics_record(m, request)->arrival_ns = arrival_ns;
    }
    if (!metrics_counts(m, request))
        return;
    m->out->miss[MISS_FAILURE]++;
    verdict_fail(&m->verdict, q);
}

static double tpot_of(int64_t decode_ns, int64_t gaps)
{
    return gaps > 0 ? (double)decode_ns / (double)gaps / NS_PER_S : 0;
}

/* The rule of sim.h. Times in ns; -1: within every limit. */
static int cause_of(const struct metrics *m, const struct slot *s, const int64_t *slow, int64_t ttft_ns,
                    int64_t decode_ns, int64_t e2e_ns)
{
    int64_t wait = s->start_ns - s->arrival_ns + s->room_ns, gaps_n = s->out_tok - 1;
    if (ttft_ns > m->ttft_ns) {
        int64_t excess = ttft_ns - m->ttft_ns;
        if (wait >= excess || 2 * wait >= ttft_ns)
            return s->late;
        if (s->moved_ns >= excess)
            return MISS_TRANSFER;
        return s->lost_ns >= excess ? MISS_PREEMPTION : MISS_PREFILL;
    }
    double tpot_excess = (double)decode_ns - m->tpot_s * NS_PER_S * (double)gaps_n;
    if (tpot_of(decode_ns, gaps_n) > m->tpot_s || verdict_slow(&m->verdict, slow, s->steps ? s->steps : gaps_n)) {
        if (s->lost_ns > 0 && (double)s->lost_ns >= tpot_excess)
            return MISS_PREEMPTION;
        if (s->interfered_ns > 0 && (double)(s->lost_ns + s->interfered_ns) >= tpot_excess)
            return MISS_PREFILL;
        return MISS_DECODE;
    }
    if (e2e_ns > m->e2e_ns) {
        int64_t excess = e2e_ns - m->e2e_ns;
        if (wait >= excess)
            return s->late;
        if (s->moved_ns >= excess)
            return MISS_TRANSFER;
        if (s->lost_ns >= excess)
            return MISS_PREEMPTION;
        return s->interfered_ns >= excess ? MISS_PREFILL : MISS_DECODE;
    }
    return -1;
}

static void keep(struct sim_result *out, enum sim_exact which, struct sketch *sk, double v)
{
    sketch_add(sk, v);
    if (out->exact[which])
        out->exact[which][out->nexact[which]++] = v;
}

void metrics_done(struct metrics *m, const struct replica *r, const struct slot *s, const int64_t *slow, int64_t t_ns)
{
    struct sim_result *out = m->out;
    int64_t ttft = s->first_ns - s->arrival_ns + s->fixed_ns, e2e = t_ns - s->arrival_ns + s->fixed_ns;
    int64_t decode = t_ns - s->first_ns;
    bool counted = metrics_counts(m, s->request);
    int cause = cause_of(m, s, slow, ttft, decode, e2e);
    if (t_ns > m->end_ns)
        m->end_ns = t_ns;
    if (m->record)
        *metrics_record(m, s->request) = (struct sim_record){
            s->arrival_ns,  s->first_ns + s->fixed_ns,   t_ns + s->fixed_ns, s->in_tok, s->out_tok, (int32_t)r->index,
            s->preemptions, s->hit_tok, metrics_record(m, s->request)->retries, metrics_record(m, s->request)->row, (int8_t)cause};
    if (!counted)
        return;
    double ttft_s = (double)ttft / NS_PER_S, e2e_s = (double)e2e / NS_PER_S;
    double tpot_s = tpot_of(decode, s->out_tok - 1);
    double wait_s = (double)(s->start_ns - s->arrival_ns + s->room_ns) * S_PER_NS;
    struct sim_pool_result *p = &out->pool[metrics_pool(m, r)];
    bool came = r->pool->role == POOL_DECODE;
    p->requests++;
    p->tok_in += came ? 0 : (uint64_t)s->in_tok;
    p->tok_out += (uint64_t)s->out_tok - came;
    p->good += cause < 0;
    keep(out, SIM_EXACT_TTFT, &out->ttft, ttft_s);
    keep(out, SIM_EXACT_E2E, &out->e2e, e2e_s);
    if (s->out_tok > 1)
        keep(out, SIM_EXACT_TPOT, &out->tpot, tpot_s);
    out->completed++;
    out->tok_in += (uint64_t)s->in_tok;
    out->tok_out += (uint64_t)s->out_tok;
    out->tok_hit += (uint64_t)s->hit_tok;
    out->tok_loaded += (uint64_t)s->loaded_tok;
    if (cause >= 0)
        out->miss[cause]++;
    else
        out->good++;
    verdict_done(&m->verdict, ttft_s, tpot_s, e2e_s);
    count_waiting(m, s->request, wait_s);
    struct sim_class *c = class_of(m, sim_request(r->sim, s->request));
    if (c) {
        c->completed++;
        c->good += cause < 0;
        sketch_add(&c->ttft, ttft_s);
        sketch_add(&c->e2e, e2e_s);
        if (s->out_tok > 1)
            sketch_add(&c->tpot, tpot_s);
        waited(c, wait_s);
    }
    m->service_s += e2e_s - wait_s;
}

void metrics_left(struct metrics *m, const struct replica *r, const struct slot *s)
{
    struct sim_pool_result *p = &m->out->pool[metrics_pool(m, r)];
    if (!metrics_counts(m, s->request))
        return;
    p->requests++;
    p->tok_in += (uint64_t)s->in_tok;
    p->tok_out++;
}

void metrics_moved(struct metrics *m, const struct replica *from, const struct replica *to, int64_t room_ns, int64_t moving_ns,
                   double bytes)
{
    struct sim_transfer_result *x = &m->out->transfer;
    x->n++;
    x->bytes += bytes;
    m->pool[metrics_pool(m, from)].moved_bytes += bytes;
    m->pool[metrics_pool(m, to)].moved_bytes += bytes;
    m->room_ns += room_ns;
    m->moving_ns += moving_ns;
    m->room_max_ns = room_ns > m->room_max_ns ? room_ns : m->room_max_ns;
    m->moving_max_ns = moving_ns > m->moving_max_ns ? moving_ns : m->moving_max_ns;
}
