/* The prefix cache finds what it should: the LRU curve of a real trace, and with memory without end all that there is. */
#include "base/map.h"
#include "base/note.h"
#include "check.h"
#include "random_world.h"
#include "sim/prefix.h"

static bool mooncake(struct arena *a, struct traffic *t)
{
    char path[5000];
    struct err e = {0};
    struct notes notes = {.arena = a};
    if (!check_data())
        return false;
    snprintf(path, sizeof path, "%s/traces/mooncake-fast25-conversation.jsonl", check_data());
    if (access(path, R_OK) != 0)
        return false;
    assert_true(traffic_read(a, path, t, &notes, &e));
    return true;
}

/* Serve one prompt at a time, each hash block one block of the pool. Gives the blocks it found. */
static int64_t serve(struct prefix *p, const struct request *q)
{
    int64_t all = q->nblock, idle;
    struct request whole = {.in_tok = (int32_t)(all * p->hash_tok), .block = q->block, .nblock = q->nblock};
    struct prefix_path path = prefix_find(p, &whole, whole.in_tok, &idle);
    int64_t hit = path.blocks;
    assert_int_equal(idle, hit);
    assert_int_equal(prefix_hold(p, &path), hit);
    prefix_take(p, all - hit);
    struct prefix_change c = prefix_publish(p, &path, &whole, whole.in_tok);
    assert_true(c.woken == 0 && c.spare == 0 && path.blocks == all);
    assert_int_equal(prefix_release(p, &path), all);
    return hit;
}

/* Found in the whole trace with a cache of so many blocks; by prompts, or block by block as if each were a prompt. */
static int64_t found(const struct traffic *t, int64_t capacity, bool block_by_block)
{
    struct arena *a = arena_new();
    struct prefix p;
    int64_t hits = 0;
    prefix_init(&p, a, t, t->block_tok, capacity);
    for (size_t i = 0; i < t->n; i++) {
        struct request q = t->req[i];
        if (!block_by_block) {
            hits += serve(&p, &q);
            continue;
        }
        q.nblock = 1;
        for (uint32_t k = 0; k < t->req[i].nblock; k++, q.block++)
            hits += serve(&p, &q);
    }
    arena_free(a);
    return hits;
}

/* Counts of a list in order of use, written in Python apart from this (OrderedDict; blocks in the order of the prompt, or a
** prompt's blocks last to first), and the published curve. */
static void the_curve_of_mooncake(void **state)
{
    (void)state;
    static const struct { int64_t capacity, lru, by_prompt; double curve; } row[] = {
        {1000, 12831, 12847, 0.044},   {3000, 18761, 18850, 0.065},    {10000, 60921, 61046, 0.211},
        {30000, 93967, 93978, 0.326},  {50000, 102290, 102290, 0.355}, {100000, 104924, 104924, 0.364},
        {300000, 105710, 105710, 0.366},
    };
    struct arena *a = arena_new();
    struct traffic t;
    if (!mooncake(a, &t)) {
        arena_free(a);
        skip();
    }
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t lru = found(&t, row[i].capacity, true), by_prompt = found(&t, row[i].capacity, false);
        print_message("# %lld blocks: %.4f plain LRU, %.4f as the engine frees\n", (long long)row[i].capacity,
                      (double)lru / (double)t.nblock, (double)by_prompt / (double)t.nblock);
        assert_int_equal(lru, row[i].lru);
        assert_int_equal(by_prompt, row[i].by_prompt);
        assert_true(fabs((double)lru / (double)t.nblock - row[i].curve) <= 0.0005);
    }
    arena_free(a);
}

/* What a cache that forgets nothing has of each prompt when it comes, in whole engine blocks and without its last token. */
static void ideal(struct arena *a, const struct traffic *t, const struct sim_result *r, int64_t b, int64_t *hit)
{
    struct map furthest = {.arena = a}; /* by id: the token that its engine blocks reached */
    for (size_t i = 0; i < t->n; i++) {
        const struct request *q = &t->req[i];
        int64_t known = 0;
        hit[i] = 0;
        if (r && r->record[i].done_ns < 0)
            continue; /* rejected */
        for (uint32_t k = 0; k < q->nblock; k++) {
            uint64_t id = t->block[q->block + k] + 1;
            int64_t end = (int64_t)(k + 1) * t->block_tok;
            int64_t mine = (end < q->in_tok ? end : q->in_tok) / b * b;
            uint32_t got = map_get_u64(&furthest, id);
            if (got == MAP_NONE || got < mine)
                map_put_u64(&furthest, id, (uint32_t)mine);
            got = got == MAP_NONE ? 0 : got;
            if (known == (int64_t)k * t->block_tok / b * b)
                known = got < mine ? (got > known ? got : known) : mine;
        }
        hit[i] = known < q->in_tok ? known : (q->in_tok - 1) / b * b;
    }
}

/* On the device, or below one that forgets all the time. */
static void memory_without_end_finds_all(void **state)
{
    (void)state;
    uint64_t hits = 0, loaded = 0;
    for (size_t k = 0; k < sched_count; k++)
        for (uint64_t seed = 1; seed <= 60; seed++) {
            static const int hash_tok[] = {512, 16, 64, 100, 7};
            struct world w;
            struct sim_result r;
            random_world(&w, seed, sched_table[k], router_table[seed % router_count]);
            int64_t b = w.memory.block_tok;
            int tier = (int)(seed % 4) - 2; /* half on the device, the others in host memory or on disk */
            world_memory(&w, (tier < 0 ? 4000000 : 20000) / b, (int)b);
            memset(w.config.pool[0].tier, 0, sizeof w.config.pool[0].tier);
            if (tier >= 0)
                w.config.pool[0].tier[tier] = (struct sim_tier){4000000, 1000 * Q20};
            w.memory.kv_window = 0;
            w.memory.state_bytes_seq = 0;
            w.traffic.nblock = 0;
            world_blocks(&w, hash_tok[seed % 5], 1 + seed % 20, (uint32_t)(seed % 3), 2, seed);
            w.config.pool[0].prefix_cache = PREFIX_CACHE_ON;
            w.config.pool[0].replicas = 1;
            w.config.pool[0].max_context = 0;
            all_are_equal(&w);
            /* Where blocks are found only once they are computed, prompts must come one after the other. */
            w.config.pool[0].max_seqs = sched_table[k]->cache == CACHE_SCHEDULED ? w.config.pool[0].max_seqs : 1;
            assert_true(world_run(&w, &r));
            int64_t *hit = ARENA_ARRAY(w.a, int64_t, w.traffic.n);
            ideal(w.a, &w.traffic, &r, b, hit);
            for (size_t i = 0; i < w.traffic.n; i++)
                assert_int_equal(r.record[i].hit_tok, hit[i]);
            loaded += r.tok_loaded;
            hits += r.tok_hit;
            world_end(&w);
        }
    print_message("# %llu tokens found, %llu of them below\n", (unsigned long long)hits, (unsigned long long)loaded);
    assert_true(hits > 1000000 && loaded > 1000000);
}

/* The simulator on the trace itself: all there is with memory without end; and with less, near the curve of the index alone,
** but for what it adds: blocks in use and answers take room too, and prompts wait. */
static void the_simulator_on_mooncake(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct traffic t;
    if (!mooncake(a, &t)) {
        arena_free(a);
        skip();
    }
    int64_t *hit = ARENA_ARRAY(a, int64_t, t.n), all = 0, tok = 0;
    ideal(a, &t, NULL, 16, hit);
    for (size_t i = 0; i < t.n; i++)
        all += hit[i], tok += t.req[i].in_tok;
    check_close((double)all / (double)tok, 0.374, 2e-3);
    static const int64_t hash_blocks[] = {1000, 10000, 100000, 1000000};
    double last = 0;
    for (int i = 0; i < 4; i++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_memory(&w, hash_blocks[i] * 32 + 1, 16);
        w.traffic = t;
        w.table.prefill_pair_q20 = 0;
        for (int64_t k = 1; k <= w.table.max_tok; k++)
            w.table.tok_q20[k] /= 10; /* a replica that carries the load */
        w.config.pool[0].max_tokens = 8192;
        assert_true(world_run(&w, &r));
        assert_false(r.saturated);
        print_message("# %lld blocks: %.4f of the prompt tokens\n", (long long)hash_blocks[i], r.prefix_hit_frac);
        assert_true(r.prefix_hit_frac >= last);
        last = r.prefix_hit_frac;
        if (i == 3)
            assert_int_equal(r.tok_hit, all);
        world_end(&w);
    }
    arena_free(a);
}

/* A hit is work that is not done: one at a time and without chunks (where chunks end costs time by itself), the cache never
** makes a first token come later. */
static void hits_save_time(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world w[2];
        struct sim_result r[2];
        for (int on = 0; on < 2; on++) {
            world_begin(&w[on]);
            world_traffic(&w[on], 500, 0.5, 2000, 20, 5);
            world_blocks(&w[on], 64, 10, 1, 2, 5);
            w[on].config.pool[0].sched = sched_table[k];
            w[on].config.pool[0].max_seqs = 1;
            w[on].config.pool[0].max_tokens = 8192;
            w[on].config.pool[0].prefix_cache = on ? PREFIX_CACHE_ON : PREFIX_CACHE_OFF;
            w[on].config.records = w[on].config.check = true;
            assert_true(world_run(&w[on], &r[on]));
        }
        assert_true(r[0].tok_hit == 0 && r[1].tok_hit > 0 && !r[0].prefix_cache && r[1].prefix_cache);
        for (size_t i = 0; i < 500; i++)
            assert_true(r[1].record[i].first_ns <= r[0].record[i].first_ns);
        assert_true(r[1].busy_frac < r[0].busy_frac);
        world_end(&w[0]);
        world_end(&w[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_curve_of_mooncake),
        cmocka_unit_test(memory_without_end_finds_all),
        cmocka_unit_test(the_simulator_on_mooncake),
        cmocka_unit_test(hits_save_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
