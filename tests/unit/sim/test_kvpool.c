/* The pool counts as vLLM does, and growth in bulk is the sum of growth step by step. */
#include "check.h"

#include "base/arena.h"
#include "base/rng.h"
#include "sim/kvpool.h"

static struct memory plain(int64_t blocks, int block_tok)
{
    return (struct memory){.block_tok = block_tok,
                           .kv_blocks = blocks,
                           .kv_tokens = blocks * block_tok,
                           .kv_full_bytes_tok = 131072,
                           .kv_pool_bytes = 131072.0 * (double)(blocks * block_tok)};
}

static void counts_blocks_as_vllm(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct memory m = plain(2588, 16);
    struct kvpool p;
    kvpool_init(&p, a, &m, 1, 1);
    assert_int_equal(p.capacity, 2587);
    assert_int_equal(kvpool_need(&p, 0), 0);
    assert_int_equal(kvpool_need(&p, 1), 1);
    assert_int_equal(kvpool_need(&p, 16), 1);
    assert_int_equal(kvpool_need(&p, 17), 2);
    assert_int_equal(kvpool_need(&p, 32768), 2048);
    m.kv_tokens *= 4; /* four copies of the attention, a pool each */
    kvpool_init(&p, a, &m, 0, 1);
    assert_int_equal(p.capacity, 4 * 2588);
    arena_free(a);
}

static void counts_bytes_with_windows_and_state(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct memory m = plain(1000, 16);
    m.kv_window = 100;
    m.kv_clip_bytes_tok = 1000;
    m.state_bytes_seq = 5000;
    struct kvpool p;
    kvpool_init(&p, a, &m, 0, 1);
    assert_int_equal(p.capacity, (int64_t)m.kv_pool_bytes);
    assert_int_equal(kvpool_need(&p, 40), 3 * 16 * (131072 + 1000) + 5000);
    assert_int_equal(kvpool_need(&p, 1000), 63 * 16 * 131072 + 7 * 16 * 1000 + 5000);
    arena_free(a);
}

#define SEQS 30

static void grow_in_bulk(void **state)
{
    (void)state;
    static const int block_tok[] = {1, 16, 32, 7};
    struct rng r;
    rng_seed(&r, 3, 1);
    for (int round = 0; round < 200; round++) {
        struct arena *a = arena_new();
        struct memory m = plain(2000, block_tok[round % 4]);
        if (round % 3 == 0) {
            m.kv_window = 50 + (int64_t)rng_below(&r, 200);
            m.kv_clip_bytes_tok = 1000;
        }
        struct kvpool p;
        kvpool_init(&p, a, &m, 0, 1);
        int64_t n[SEQS], d = (int64_t)rng_below(&r, 1000), units = 0;
        for (int i = 0; i < SEQS; i++) {
            n[i] = 1 + (int64_t)rng_below(&r, 300);
            kvpool_join(&p, d, n[i]);
            units += kvpool_need(&p, n[i]);
        }
        kvpool_take(&p, units);
        /* Up to the next sequence that fills its window, growth is a sum over the wheel. */
        int64_t most = 100;
        for (int i = 0; i < SEQS; i++)
            if (n[i] < p.window && p.window - n[i] < most)
                most = p.window - n[i];
        for (int64_t k = 0; k <= most; k++) {
            int64_t want = 0;
            for (int i = 0; i < SEQS; i++)
                want += kvpool_need(&p, n[i] + k) - kvpool_need(&p, n[i]);
            assert_int_equal(kvpool_growth(&p, d, k), want);
        }
        p.capacity = p.used + (int64_t)rng_below(&r, (uint64_t)(kvpool_growth(&p, d, most) + 2));
        int64_t fit = kvpool_steps(&p, d, most);
        assert_true(fit >= 0 && fit <= most && kvpool_growth(&p, d, fit) <= kvpool_free(&p));
        assert_true(fit == most || kvpool_growth(&p, d, fit + 1) > kvpool_free(&p));
        for (int i = 0; i < SEQS; i++)
            kvpool_leave(&p, d, n[i]);
        assert_int_equal(p.grow_all, 0);
        assert_int_equal(p.fill, 0);
        for (int64_t i = 0; i < p.block_tok; i++)
            assert_int_equal(p.grow[i], 0);
        arena_free(a);
    }
}

static void free_blocks_keep_their_contents_until_reused(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct memory m = plain(100, 16);
    struct kvpool p;
    kvpool_init(&p, a, &m, 0, 1);
    kvpool_take(&p, 90);
    kvpool_give(&p, 30); /* preempted: 30 blocks behind the 10 that were free */
    int64_t end = p.freed;
    assert_int_equal(kvpool_left(&p, end, 30), 30);
    kvpool_take(&p, 10);
    assert_int_equal(kvpool_left(&p, end, 30), 30);
    kvpool_take(&p, 12);
    assert_int_equal(kvpool_left(&p, end, 30), 18);
    kvpool_give(&p, 40); /* others' blocks queue up behind */
    assert_int_equal(kvpool_left(&p, end, 30), 18);
    assert_int_equal(kvpool_left(&p, end, 5), 5); /* only 5 of the 30 were full */
    kvpool_rescue(&p, 18);
    kvpool_take(&p, 18);
    assert_int_equal(kvpool_left(&p, p.freed, 100), 40);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_blocks_as_vllm),
        cmocka_unit_test(counts_bytes_with_windows_and_state),
        cmocka_unit_test(grow_in_bulk),
        cmocka_unit_test(free_blocks_keep_their_contents_until_reused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
