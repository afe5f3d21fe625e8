/* size.c - smallest R with P(latency <= limit) >= q for every SLO, by bisection over simulations. */
#include "plan/size.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/engine.h"
#include "sim/router.h"
#include "sim/sched.h"

double size_metric(const struct sim_result *r, const struct slo *slo)
{
    double given_up = r->stopped ? 0 : (double)r->failed, dropped = (double)r->rejected + given_up;
    double n = (double)r->completed + dropped, lost = n > 0 ? dropped / n : 1;
    if (lost > (slo->q < 0 ? SIM_REJECTED_FRAC : 1 - slo->q))
        return INFINITY;
    double q = slo->q < 0 ? slo->q : fmin(slo->q / (1 - lost), 1);      /* the same rank among the completed */
    return sim_metric(r, slo->metric, q);
}

bool size_meets(const struct sim_result *r, const struct slo *slo)
{
    double v = size_metric(r, slo);
    return r->completed > 0 && (isnan(v) || v <= slo->limit_s);
}

int size_cell(const struct sizing *z, int replicas)
{
    double fair = ceil((double)replicas * SIZE_SAMPLE / (double)(z->whole->n ? z->whole->n : 1));
    double cell = fmax(SIZE_CELL, fair);
    return cell >= replicas ? replicas : (int)cell;
}

/* The requests of a cell: a window of the traffic large enough that its share still has z->window requests. */
static struct traffic cell_traffic(struct arena *a, const struct sizing *z, int cell, int replicas)
{
    struct traffic t = *z->whole;
    double share = (double)cell / (double)replicas;
    if (z->window) {
        double need = (double)z->window / share;
        if (need < (double)t.n)
            t = traffic_window(a, z->whole, (size_t)need);
    }
    return share < 1 ? traffic_thin(a, &t, share, z->router->keeps_sessions, z->seed) : t;
}

/* The framework's time a request is a constant of its stack, fitted under load: it has the widest of the TTFT intervals. */
struct size_end size_low(const struct sizing *z)
{
    return (struct size_end){1 - z->table->interval_lo, 1 - z->d->stack.interval[TIER_POOLED].ttft_lo};
}

struct size_end size_high(const struct sizing *z)
{
    return (struct size_end){1 + z->table->interval_hi, 1 + z->d->stack.interval[TIER_POOLED].ttft_hi};
}

/* Room in blocks of the whole replica. Each device loads its part over its own PCIe link; the disk is read once for all. */
static void set_tiers(const struct sizing *z, struct sim_pool *p)
{
    double part = z->memory->kv_full_bytes_tok * z->memory->block_tok, block = part * deployment_devices(z->d);
    double room[] = {z->keys->cache_host_bytes, z->keys->cache_disk_bytes};
    double s[] = {part / z->d->acc->pcie_bytes_s, block / z->keys->cache_disk_bytes_s};
    for (int i = 0; i < 2; i++)
        if (room[i] > 0 && block > 0 && isfinite(s[i]))
            p->tier[i] = (struct sim_tier){(int64_t)fmin(room[i] / block, 1e15), (int64_t)llround(s[i] * 1e9 * Q20)};
}

struct step_table size_table(struct arena *a, const struct sizing *z, struct size_end at)
{
    struct step_table table = at.step == 1 ? *z->table : step_table_scale(a, z->table, at.step);
    table.ttft_fixed_s *= at.fixed;
    return table;
}

struct sim_pool size_pool(const struct sizing *z, const struct step_table *table, int replicas)
{
    struct sim_pool p = {
        .table = table, .memory = z->memory, .sched = z->sched, .replicas = replicas,
        .max_seqs = z->d->max_seqs, .max_tokens = z->d->max_tokens, .watermark_frac = 0,     /* vLLM V1 keeps none */
        .recv_interval_steps = z->d->stack.recv_interval_steps, .max_context = z->d->max_context,
        .prefix_cache = z->keys->prefix_cache,
    };
    set_tiers(z, &p);
    engine_pool(z->d, z->memory, &z->keys->engine, &p);
    return p;
}

bool size_run(struct arena *a, const struct sizing *z, int replicas, struct size_end at, bool stop_early, struct sim_result *out,
              bool *holds)
{
    int cell = size_cell(z, replicas);
    struct traffic t = cell_traffic(a, z, cell, replicas);
    struct step_table table = size_table(a, z, at);
    struct sim_slo *slo = ARENA_ARRAY(a, struct sim_slo, z->nslo);
    for (size_t i = 0; i < z->nslo; i++)
        slo[i] = (struct sim_slo){z->slo[i].metric, z->slo[i].q, z->slo[i].limit_s};
    struct sim_config c = {
        .npool = 1, .router = z->router, .seed = z->seed, .concurrency = t.concurrency,
        .slo = slo, .nslo = z->nslo, .stop_when_missed = stop_early,
    };
    c.pool[0] = size_pool(z, &table, cell);
    struct err e = {0};
    if (!sim_run(a, &c, &t, out, &e)) {
        *holds = false;
        return false;
    }
    *holds = out->held;
    return true;
}

bool size_holds(const struct sizing *z, int replicas, struct size_end at, uint64_t *simulated)
{
    struct size_kept *k = at.step == 1 && at.fixed == 1 ? z->kept : NULL;
    struct arena *a = k ? k->spare : z->trial;
    arena_reset(a);
    struct sim_result *r = ARENA_NEW(a, struct sim_result);
    bool holds = false;
    size_run(a, z, replicas, at, true, r, &holds);
    *simulated += r->simulated;
    if (k && holds) {
        struct arena *older = k->held;
        *k = (struct size_kept){.spare = older, .held = a, .r = r, .table = z->table, .replicas = replicas};
    }
    return holds;
}

int size_replicas(const struct sizing *z, int fails, int guess, int max, struct size_end at, uint64_t *simulated)
{
    int lo = fails, hi = guess <= fails ? fails + 1 : guess;        /* lo fails (0 always does), hi to be found */
    if (hi > max)
        hi = max;
    if (hi <= lo)
        return 0;
    while (!size_holds(z, hi, at, simulated)) {
        if (hi >= max || (lo == fails && !size_holds(z, max, at, simulated)))   /* not even without load */
            return 0;
        lo = hi;
        hi = hi < 4 ? hi + 1 : hi + (hi + 2) / 3;
        if (hi > max)
            hi = max;
    }
    /* The guess is usually within a third: step down before halving. Above 64 replicas 1.5 % is near enough. */
    int grain = hi > 64 ? hi / 64 : 1;
    for (int step = hi / 4 > 1 ? hi / 4 : 1; hi - lo > grain;) {
        int mid = lo > 0 ? lo + (hi - lo) / 2 : hi - step < 1 ? (hi + lo) / 2 : hi - step;
        if (mid <= lo)
            break;
        if (size_holds(z, mid, at, simulated))
            hi = mid;
        else
            lo = mid;
    }
    return hi;
}
