/* world.h - a small world for tests of the simulator: a step table, a memory and traffic made by hand. */
#ifndef MOAT_TESTS_WORLD_H
#define MOAT_TESTS_WORLD_H

#include "base/arena.h"
#include "base/err.h"
#include "base/rng.h"
#include "facts/traffic.h"
#include "sim/router.h"
#include "sim/sched.h"
#include "sim/sim.h"

#define MS_Q20 (1000000 * Q20)

struct world {
    struct arena *a;
    struct step_table table;
    struct memory memory;
    struct traffic traffic;
    struct sim_config config;
};

/* Decode of about 12 ms + 40 us a sequence + 50 ns a token of context; prefill 30 us a token: 8B on a big card. */
static inline void world_table(struct world *w, int max_tok, int max_seqs)
{
    struct step_table *t = &w->table;
    *t = (struct step_table){.max_tok = max_tok, .max_seqs = max_seqs};
    t->tok_q20 = ARENA_ARRAY(w->a, int64_t, (size_t)max_tok + 1);
    t->head_q20 = ARENA_ARRAY(w->a, int64_t, (size_t)max_seqs + 1);
    for (int i = 1; i <= max_tok; i++)
        t->tok_q20[i] = (int64_t)(9e6 * Q20) + (int64_t)(3e4 * Q20) * i;
    for (int i = 1; i <= max_seqs; i++)
        t->head_q20[i] = (int64_t)(1e6 * Q20) + (int64_t)(1e3 * Q20) * i;
    t->decode_fixed_q20 = MS_Q20 / 2;
    t->decode_full_q20 = 50 * Q20 + 12345;
    t->min_kv = 256;
    t->prefill_fixed_q20 = MS_Q20 / 4;
    t->prefill_pair_q20 = Q20 / 2;
    t->prefill_floor_q20 = 14 * MS_Q20;
    t->step_fixed_q20 = MS_Q20 / 5;
    t->step_per_seq_q20 = 3000 * Q20;
    t->power_idle_w = 100;
    t->npower = 1, t->power_decode_w[0] = 400;
    t->power_prefill_w = 650;
    t->ttft_fixed_s = 0.04;
}

/* Speculation of k tokens: rows for all of them, and a draft of 1 ms + 2 us a sequence. */
static inline void world_speculation(struct world *w, int k, double acceptance)
{
    struct step_table *t = &w->table;
    int rows = t->max_seqs * (k + 1);
    t->head_q20 = ARENA_ARRAY(w->a, int64_t, (size_t)rows + 1);
    t->draft_q20 = ARENA_ARRAY(w->a, int64_t, (size_t)t->max_seqs + 1);
    for (int i = 1; i <= rows; i++)
        t->head_q20[i] = MS_Q20 + (int64_t)(1e3 * Q20) * i;
    for (int i = 1; i <= t->max_seqs; i++)
        t->draft_q20[i] = MS_Q20 + (int64_t)(2e3 * Q20) * i;
    t->verify_tok = w->config.pool[0].speculative_tok = k;
    w->config.pool[0].acceptance = acceptance;
}

static inline void world_memory(struct world *w, int64_t blocks, int block_tok)
{
    w->memory = (struct memory){.block_tok = block_tok, .kv_blocks = blocks, .kv_tokens = blocks * block_tok,
                                .kv_full_bytes_tok = 131072, .fits = true};
    w->memory.kv_pool_bytes = (double)(blocks * block_tok) * 131072;
}

/* Poisson arrivals at rate_s; lengths lognormal about the means, as in chat traffic. */
static inline void world_traffic(struct world *w, size_t n, double rate_s, double in_mean, double out_mean,
                                 uint64_t seed)
{
    struct rng gaps, in, out;
    rng_seed(&gaps, seed, 1);
    rng_seed(&in, seed, 2);
    rng_seed(&out, seed, 3);
    w->traffic = (struct traffic){.n = n, .format = "generated", .name = "test", .rate_s = rate_s};
    w->traffic.req = ARENA_ARRAY(w->a, struct request, n);
    double t = 0;
    for (size_t i = 0; i < n; i++) {
        double a = in_mean * rng_lognormal(&in, -0.5, 1), b = out_mean * rng_lognormal(&out, -0.32, 0.8);
        w->traffic.req[i] = (struct request){.arrival_ns = (int64_t)(t * 1e9), .in_tok = 1 + (int32_t)a,
                                             .out_tok = 1 + (int32_t)b, .row = (uint32_t)i + 2};
        t += rng_exp(&gaps, 1 / rate_s);
    }
    w->traffic.span_s = t;
}

/* Prompts of `sessions` conversations: the first `common` hash blocks are everybody's, the others the conversation's, but
** for the last one of one in `own` requests, and some name fewer blocks than they have. */
static inline void world_blocks(struct world *w, int hash_tok, uint64_t sessions, uint32_t common, uint32_t own,
                                uint64_t seed)
{
    struct traffic *t = &w->traffic;
    struct rng r;
    size_t n = 0;
    rng_seed(&r, seed, 4);
    for (size_t i = 0; i < t->n; i++)
        n += (size_t)(t->req[i].in_tok + hash_tok - 1) / (size_t)hash_tok;
    t->block_tok = hash_tok;
    t->block = ARENA_ARRAY(w->a, uint64_t, n);
    for (size_t i = 0; i < t->n; i++) {
        struct request *q = &t->req[i];
        uint64_t session = 1 + rng_below(&r, sessions);
        q->block = (uint32_t)t->nblock;
        q->nblock = (uint32_t)((q->in_tok + hash_tok - 1) / hash_tok);
        if (rng_below(&r, 8) == 0)
            q->nblock = (uint32_t)rng_below(&r, q->nblock + 1);
        for (uint32_t m = 0; m < q->nblock; m++)
            t->block[t->nblock++] = m < common ? m : session << 32 | m;
        if (q->nblock && i % own == 0)
            t->block[t->nblock - 1] = UINT64_MAX - i;
    }
    traffic_sessions(t);
}

static inline void world_begin(struct world *w)
{
    *w = (struct world){.a = arena_new()};
    world_table(w, 8192, 512);
    world_memory(w, 4000, 16);
    w->config = (struct sim_config){.npool = 1, .router = router_find("least-outstanding"), .seed = 1};
    w->config.pool[0] = (struct sim_pool){.table = &w->table, .memory = &w->memory, .sched = sched_find("vllm-v1"),
                                          .replicas = 1, .max_seqs = 128, .max_tokens = 2048};
}

static inline bool world_run(struct world *w, struct sim_result *r)
{
    struct err e = {0};
    bool ok = sim_run(w->a, &w->config, &w->traffic, r, &e);
    if (!ok)
        fprintf(stderr, "%s: %s\n", e.place, e.what);
    return ok;
}

static inline void world_end(struct world *w)
{
    arena_free(w->a);
}

#endif
