/* random_world.h - a world drawn from a seed: small pools and odd limits on purpose, so that every branch is walked. */
#ifndef MOAT_TESTS_RANDOM_WORLD_H
#define MOAT_TESTS_RANDOM_WORLD_H

#include "world.h"

static inline int64_t draw(struct rng *r, int64_t lo, int64_t hi)
{
    return lo + (int64_t)rng_below(r, (uint64_t)(hi - lo + 1));
}

static inline void random_world(struct world *w, uint64_t seed, const struct sched *sched, const struct router *router)
{
    static const int block_tok[] = {16, 1, 32, 64, 7};
    struct rng r;
    rng_seed(&r, seed, 77);
    world_begin(w);
    double in = (double)draw(&r, 20, 1500), out = (double)draw(&r, 2, 300);
    size_t n = (size_t)draw(&r, 50, 400);
    int b = block_tok[draw(&r, 0, 4)];
    world_memory(w, draw(&r, 3000, 30000) / b + 3, b);
    world_traffic(w, n, 0.2 + 20 * rng_unit(&r) * rng_unit(&r), in, out, seed);
    w->table.min_kv = draw(&r, 0, 1) * draw(&r, 0, 700);
    if (draw(&r, 0, 2) == 0) {          /* sliding window layers, in time and in memory */
        w->table.clip_window = draw(&r, 30, 900);
        w->table.decode_clip_q20 = 30 * Q20 + 777;
        w->table.kind[w->table.nkind++] = (struct prefill_kind){
            .op = {.pair_s = 3e-10, .keys_cap = INFINITY}, .clip = 1, .count = 1};
        w->table.kind_scale = 1;
        w->memory.kv_window = draw(&r, 30, 900);
        w->memory.kv_clip_bytes_tok = 4096;
        w->memory.state_bytes_seq = (double)draw(&r, 0, 1) * 65536;
    }
    if (draw(&r, 0, 3) == 0)            /* bursts: many requests in the same instant */
        for (size_t i = 0; i < n; i++)
            w->traffic.req[i].arrival_ns -= w->traffic.req[i].arrival_ns % 5000000000;
    w->config.pool[0].sched = sched;
    w->config.router = router;
    w->config.pool[0].replicas = (int)draw(&r, 1, 5);
    w->config.pool[0].max_seqs = (int)draw(&r, 1, 64);
    w->config.pool[0].max_tokens = (int)draw(&r, 64, 2048);
    w->config.pool[0].watermark_frac = draw(&r, 0, 1) ? 0.01 : 0;
    w->config.pool[0].recv_interval_steps = draw(&r, 0, 2) == 0 ? (int)draw(&r, 2, 40) : 0;
    w->config.pool[0].max_context = draw(&r, 0, 1) ? 4000 : 0;
    w->config.pool[0].first_chunk_admits = draw(&r, 0, 3) == 0;
    w->config.pool[0].prefix_cache = draw(&r, 0, 3) == 0 ? PREFIX_CACHE_OFF : PREFIX_CACHE_ENGINE;
    if (draw(&r, 0, 1)) {               /* prompts that share blocks, of another size than the engine's */
        static const int hash_tok[] = {512, 16, 100, 64, 7};
        world_blocks(w, hash_tok[draw(&r, 0, 4)], (uint64_t)draw(&r, 1, 40), (uint32_t)draw(&r, 0, 2), 2,
                    seed);
        w->config.pool[0].prefix_cache = draw(&r, 0, 1) ? PREFIX_CACHE_ON : w->config.pool[0].prefix_cache;
        for (int i = 0; i < 2; i++)
            if (draw(&r, 0, 1))
                w->config.pool[0].tier[i] = (struct sim_tier){draw(&r, 1, 4000), draw(&r, 0, 1000000) * Q20};
        w->memory.kv_window = w->memory.state_bytes_seq != 0 ? w->memory.kv_window : 0;
    }
    w->config.seed = seed;
    if (draw(&r, 0, 2) == 0) {
        w->config.concurrency = (int)draw(&r, 1, 60);
        w->config.warmup_requests = (int)draw(&r, 0, 40);
        w->config.warmup_barrier = draw(&r, 0, 1);
        w->table.ttft_fixed_s = (double)draw(&r, 0, 1) * 0.04;
    }
    if (draw(&r, 0, 2) == 0)            /* preempted decoders wait in host memory */
        w->config.pool[0].swap = (struct sim_swap){draw(&r, 1, 3000) * (w->memory.kv_window ? 1 << 20 : 1), draw(&r, 0, 300000)};
    if (draw(&r, 0, 3) == 0)
        world_speculation(w, (int)draw(&r, 1, 8), rng_unit(&r));
    if (draw(&r, 0, 3) == 0) {          /* classes, which may or may not count */
        w->traffic.classes = (int)draw(&r, 2, 4);
        for (size_t i = 0; i < n; i++)
            w->traffic.req[i].priority = (uint32_t)draw(&r, 0, w->traffic.classes - 1) & 0xf;
        w->config.pool[0].by_priority = draw(&r, 0, 1);
        if (w->config.pool[0].by_priority)
            w->config.pool[0].recv_interval_steps = 0;
    }
    if (draw(&r, 0, 4) == 0) {          /* admission control */
        w->config.pool[0].max_queue = (int)(draw(&r, 0, 1) * draw(&r, 1, 40));
        w->config.pool[0].max_wait_ns = draw(&r, 0, 1) * draw(&r, 1, 4000000000);
        w->config.pool[0].shed_lowest = draw(&r, 0, 1);
    }
    w->config.records = true;
    w->config.check = true;
    w->config.max_events = 50000000;
}

/* Without what lets some requests go before others or turns them away. */
static inline void all_are_equal(struct world *w)
{
    w->config.pool[0].by_priority = false;
    w->config.pool[0].max_queue = 0;
    w->config.pool[0].max_wait_ns = 0;
}

static const struct sim_slo random_slo[] = {{0, 0.9, 1.0}, {1, 0.9, 0.03}, {2, -1, 9.0}, {3, 0.99, 0.04}};

#define FOR_EVERY_POLICY(k, m)                                                                                         \
    for (size_t k = 0; k < sched_count; k++)                                                                           \
        for (size_t m = 0; m < router_count; m++)

#endif
