/* vllm-v1 against a second simulator that shares no line with it: the same times for every request, to the nanosecond.
 */
#include "check.h"
#include "plain_sim.h"
#include "world.h"

static int64_t hits;

static int compare(uint64_t seed)
{
    struct rng r;
    struct world w;
    rng_seed(&r, seed, 9);
    world_begin(&w);
    int replicas = 1 + (int)rng_below(&r, 4), block_tok = rng_below(&r, 3) ? 16 : 64;
    int64_t blocks = (4000 + (int64_t)rng_below(&r, 16000)) / block_tok;
    double in = 50 + (double)rng_below(&r, 900), out = 5 + (double)rng_below(&r, 400);
    world_memory(&w, blocks + 1, block_tok); /* one is vLLM's null block */
    world_traffic(&w, 400, 1 + 12 * rng_unit(&r), in, out, seed);
    w.table.min_kv = rng_below(&r, 2) ? 256 : 0;
    w.table.clip_window = rng_below(&r, 2) ? 700 : 0;
    w.table.decode_clip_q20 = w.table.clip_window ? 20 * Q20 + 31 : 0;
    w.table.kind[0] = (struct prefill_kind){.op = {.pair_s = 2e-10, .keys_cap = INFINITY}, .clip = 1, .count = 1};
    w.table.nkind = w.table.clip_window ? 1 : 0;
    w.table.kind_scale = 1;
    w.table.ttft_fixed_s = 0;
    for (size_t i = 0; i < w.traffic.n; i++) { /* none too long: the plain one does not reject */
        struct request *q = &w.traffic.req[i];
        q->in_tok = q->in_tok < 2500 ? q->in_tok : 2500;
        q->out_tok = q->out_tok < 1200 ? q->out_tok : 1200;
        if (seed % 5 == 0)
            q->arrival_ns -= q->arrival_ns % 3000000000;
    }
    if (seed % 3 == 0) { /* each ends in a block of its own: of two computations of one block vLLM keeps both, moat one */
        static const int hash_tok[] = {512, 16, 100, 48, 24};
        world_blocks(&w, hash_tok[rng_below(&r, 5)], 1 + rng_below(&r, 30), (uint32_t)rng_below(&r, 4), 1, seed);
    }
    w.config.pool[0].replicas = replicas;
    w.config.pool[0].max_seqs = 4 + (int)rng_below(&r, 60);
    w.config.pool[0].max_tokens = 128 + (int)rng_below(&r, 2000);
    w.config.pool[0].watermark_frac = rng_below(&r, 2) ? 0.01 : 0;
    w.config.pool[0].prefix_cache = rng_below(&r, 2) ? PREFIX_CACHE_OFF : PREFIX_CACHE_ENGINE;
    w.config.records = w.config.check = true;
    struct sim_result fast;
    assert_true(world_run(&w, &fast));
    struct plain_config c = {&w.table,
                             blocks,
                             block_tok,
                             replicas,
                             w.config.pool[0].max_seqs,
                             w.config.pool[0].max_tokens,
                             w.config.pool[0].watermark_frac,
                             w.config.pool[0].prefix_cache != PREFIX_CACHE_OFF};
    struct plain_row *row = calloc(w.traffic.n, sizeof *row);
    plain_run(&c, &w.traffic, row);
    int preemptions = 0;
    for (size_t i = 0; i < w.traffic.n; i++) {
        const struct sim_record *q = &fast.record[i];
        if (q->first_ns != row[i].first_ns || q->done_ns != row[i].done_ns || q->preemptions != row[i].preemptions)
            print_error(
                "seed %llu, request %zu: first %lld, plain %lld; done %lld, plain %lld; preempted %d, plain %d\n",
                (unsigned long long)seed, i, (long long)q->first_ns, (long long)row[i].first_ns, (long long)q->done_ns,
                (long long)row[i].done_ns, (int)q->preemptions, row[i].preemptions);
        assert_int_equal(q->first_ns, row[i].first_ns);
        assert_int_equal(q->done_ns, row[i].done_ns);
        assert_int_equal(q->preemptions, row[i].preemptions);
        assert_int_equal(q->hit_tok, row[i].hit_tok);
        hits += row[i].hit_tok;
        preemptions += row[i].preemptions;
    }
    free(row);
    world_end(&w);
    return preemptions;
}

static void same_as_the_plain_one(void **state)
{
    (void)state;
    int preemptions = 0;
    for (uint64_t seed = 1; seed <= 120; seed++)
        preemptions += compare(seed);
    print_message("# %d preemptions, %lld tokens of prompts found\n", preemptions, (long long)hits);
    assert_true(preemptions > 500 && hits > 1000000); /* the hard branches were walked */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_as_the_plain_one)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
