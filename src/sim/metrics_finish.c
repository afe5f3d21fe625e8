/* metrics_finish.c - what the sums of a run mean: energy, occupancy, shares of time, rates, the verdict.
**
**      energy = decoding at the power of its mean batch + prompts at theirs + the rest of the held time idle
**      held, saturated: sim.h
*/
#include "sim/metrics.h"

#include <math.h>

#include "base/arena.h"
#include "base/units.h"
#include "sim/bounds.h"

/* Fill the sketch from the histogram, each bucket at its middle. The sketch's own bucket of a value is found by adding
** it to an empty one: the values ascend, so a finger moves over the buckets once. Its counts are 32 bits: scaled when
** too many. */
static void finish_itl(struct metrics *m, struct sketch *probe)
{
    struct sketch *sk = &m->out->itl;
    int shift = 0, at = 0;
    if (!m->itl_n)
        return;
    while (m->itl_n >> shift > UINT32_MAX)
        shift++;
    sketch_init(probe);
    for (int i = 0; i < ITL_BUCKETS; i++) {
        if (!m->itl[i])
            continue;
        uint32_t before = probe->count[at];
        sketch_add(probe, (metrics_bucket_low(i) + metrics_bucket_low(i + 1)) / 2 * S_PER_Q20);
        if (probe->count[at] == before)
            do
                at++;
            while (!probe->count[at]);
        sk->count[at] += (uint32_t)(m->itl[i] >> shift);
        sk->n += m->itl[i] >> shift;
    }
    sk->sum = (double)m->itl_sum / (double)m->itl_n * (double)sk->n * S_PER_Q20;
    sk->min = (double)m->itl_min * S_PER_Q20;
    sk->max = (double)m->itl_max * S_PER_Q20;
}

#define LASTS 3 /* arrivals must outlast service so many times before their waits say anything */

static bool grew(const struct metrics *m)
{
    double mean[10];
    uint64_t n = m->out->completed;
    for (int i = 0; i < 10; i++)
        mean[i] = m->waits[i] ? m->wait_s[i] / (double)m->waits[i] : 0;
    double first = mean[0], middle = (mean[4] + mean[5]) / 2, last = mean[9], service_s = m->service_s / (double)n;
    return n >= 100 && m->out->offered >= 100 && (double)m->arrivals_ns / NS_PER_S > LASTS * service_s &&
           last > 1.25 * middle && middle > 1.25 * first && last > service_s;
}

/* One pool: what its replicas did, and its energy. What its time was bound by is added to bound_q20. */
static void finish_pool(struct metrics *m, const struct replica *rep, int nrep, double run_s, int which, double bound_q20[BOUND_N])
{
    const struct pool_sums *p = &m->pool[which];
    const struct sim_pool *c = &m->config->pool[which];
    struct sim_pool_result *out = &m->out->pool[which];
    const struct kvpool *kv = NULL;
    wide peak = 0, busy = p->decode_q20 + p->prefill_q20;
    for (int i = 0; i < nrep; i++)
        if (rep[i].pool == c) {
            kv = &rep[i].kv;
            peak = kv->peak > peak ? kv->peak : peak;
        }
    out->kv_blocks = kv->capacity;
    out->kv_peak_frac = kv->capacity ? (double)peak / (double)kv->capacity : 0;
    double units = (double)kv->capacity * (double)kv->block_parts;
    if (busy > 0 && units > 0)
        out->kv_mean_frac = (double)p->kv_area / (double)busy / units;
    if (p->batch_time > 0)
        out->batch_mean = (double)p->batch_area / (double)p->batch_time;
    const struct sim_life_result *life = &m->out->life;
    double span_s = life->on ? life->held_s * c->replicas / nrep : run_s * c->replicas, decode_s = (double)p->decode_q20 * S_PER_Q20, prefill_s = (double)p->prefill_q20 * S_PER_Q20;
    out->decode_j = step_decode_w(c->table, out->batch_mean) * decode_s;
    out->prefill_j = c->table->power_prefill_w * prefill_s;
    out->idle_j = c->table->power_idle_w * fmax(span_s - decode_s - prefill_s, 0);
    out->energy_j = out->decode_j + out->prefill_j + out->idle_j;
    if (run_s > 0)
        out->busy_frac = fmin((double)busy * S_PER_Q20 / span_s, 1);
    if (run_s > 0 && c->nic.bytes_s > 0)
        out->nic_frac = p->moved_bytes / (c->nic.bytes_s * span_s);
    double tok = busy > 0 && kv->full > 0 ? (double)p->kv_area / (double)busy / (double)kv->full / (double)kv->parts : 0, frac[BOUND_N];
    struct busy spent = {.decode = (double)p->decode_q20, .prefill = (double)p->prefill_q20, .loading = (double)p->loading_q20,
                         .host = (double)c->table->step_fixed_q20 * (double)out->steps + (double)c->table->step_per_seq_q20 * (double)p->seq_steps,
                         .batch = out->batch_mean, .context = out->batch_mean > 0 ? tok / out->batch_mean : 0};
    bounds_of(c->table, &spent, frac);
    for (int i = 0; i < BOUND_N; i++)
        bound_q20[i] += frac[i] * (double)busy;
}

/* The whole: pools added up; shares of time weighed by it. */
static void finish_pools(struct metrics *m, const struct replica *rep, int nrep, double run_s)
{
    struct sim_result *out = m->out;
    wide decode = 0, prefill = 0, area = 0, time = 0;
    double bound_q20[BOUND_N] = {0}, kv = 0;
    for (int i = 0; i < m->config->npool; i++) {
        const struct pool_sums *p = &m->pool[i];
        const struct sim_pool_result *x = &out->pool[i];
        finish_pool(m, rep, nrep, run_s, i, bound_q20);
        decode += p->decode_q20, prefill += p->prefill_q20, area += p->batch_area, time += p->batch_time;
        kv += x->kv_mean_frac * (double)(p->decode_q20 + p->prefill_q20);
        out->kv_peak_frac = fmax(out->kv_peak_frac, x->kv_peak_frac);
        out->steps += x->steps;
        out->decode_j += x->decode_j, out->prefill_j += x->prefill_j, out->idle_j += x->idle_j, out->energy_j += x->energy_j;
    }
    wide busy = decode + prefill;
    out->kv_blocks = out->pool[0].kv_blocks;
    if (busy > 0) {
        out->kv_mean_frac = m->config->npool == 1 ? out->pool[0].kv_mean_frac : kv / (double)busy;
        out->prefill_frac = (double)prefill / (double)busy;
        for (int i = 0; i < BOUND_N; i++)
            out->by_bound_frac[i] = bound_q20[i] / (double)busy;
    }
    if (time > 0)
        out->batch_mean = (double)area / (double)time;
    double span_s = out->life.on ? out->life.held_s : run_s * nrep;
    if (run_s > 0 && span_s > 0)
        out->busy_frac = fmin((double)busy * S_PER_Q20 / span_s, 1);
}

static void finish_transfers(const struct metrics *m, struct sim_transfer_result *x)
{
    if (!x->n)
        return;
    x->room_mean_s = (double)m->room_ns * S_PER_NS / (double)x->n;
    x->moving_mean_s = (double)m->moving_ns * S_PER_NS / (double)x->n;
    x->room_max_s = (double)m->room_max_ns * S_PER_NS;
    x->moving_max_s = (double)m->moving_max_ns * S_PER_NS;
}

void metrics_finish(struct metrics *m, struct arena *a, const struct replica *rep, int nrep, bool closed)
{
    struct sim_result *out = m->out;
    double run_s = (double)(m->end_ns - m->begin_ns) * S_PER_NS;
    finish_itl(m, ARENA_NEW(a, struct sketch));
    out->failed = out->offered - out->completed - out->rejected;
    uint64_t dropped = out->rejected + out->life.failed;
    out->rejected_frac = out->offered ? (double)out->rejected / (double)out->offered : 0;
    out->prefix_hit_frac = out->tok_in ? (double)out->tok_hit / (double)out->tok_in : 0;
    out->prefix_loaded_frac = out->tok_in ? (double)out->tok_loaded / (double)out->tok_in : 0;
    for (int i = 0; i < nrep; i++)
        if (rep[i].pool->swap.room > 0)
            out->swap_peak_frac = fmax(out->swap_peak_frac, (double)rep[i].swap_peak / (double)rep[i].pool->swap.room);
    finish_pools(m, rep, nrep, run_s);
    finish_transfers(m, &out->transfer);
    if (run_s > 0)
        out->queue_mean = (double)m->queue_area * S_PER_NS / run_s;
    out->makespan_s =
        m->begin_counted_ns >= 0 && out->completed ? (double)(m->end_ns - m->begin_counted_ns) * S_PER_NS : 0;
    if (out->makespan_s > 0) {
        out->req_s = (double)out->completed / out->makespan_s;
        out->output_tok_s = (double)out->tok_out / out->makespan_s;
        out->total_tok_s = (double)(out->tok_in + out->tok_out) / out->makespan_s;
        out->goodput_req_s = (double)out->good / out->makespan_s;
    }
    out->saturated = !closed && !out->stopped && grew(m);
    if (!out->stopped) {
        if (out->life.on)
            verdict_settle(&m->verdict);
        verdict_means(&m->verdict, out, m->itl_n);
    }
    bool served = m->config->nslo || dropped <= verdict_allowed(out->offered, 1 - SIM_REJECTED_FRAC);
    out->held = !out->stopped && !out->saturated && out->completed && served && !m->verdict.lost;
}
