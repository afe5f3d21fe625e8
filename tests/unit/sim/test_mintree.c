/* The first of all, the second and the first of any range are those of a scan, through changes in any order. */
#include "check.h"

#include "base/arena.h"
#include "base/rng.h"
#include "sim/mintree.h"

static uint32_t scan(const int64_t *key, uint32_t lo, uint32_t hi, uint32_t without)
{
    uint32_t best = lo == without ? lo + 1 : lo;
    for (uint32_t i = best; i < hi; i++)
        if (i != without && key[i] < key[best])
            best = i;
    return best;
}

static void any_sequence_of_changes(void **state)
{
    (void)state;
    for (uint32_t n = 1; n <= 70; n = n < 10 ? n + 1 : n * 2 - 1) {
        struct arena *a = arena_new();
        struct mintree t;
        struct rng r;
        int64_t key[128];
        rng_seed(&r, n, 1);
        mintree_init(&t, a, n, 5);
        for (uint32_t i = 0; i < n; i++)
            key[i] = 5;
        for (int round = 0; round < 3000; round++) {
            uint32_t id = (uint32_t)rng_below(&r, n), lo = (uint32_t)rng_below(&r, n);
            uint32_t hi = lo + 1 + (uint32_t)rng_below(&r, n - lo);
            key[id] = rng_below(&r, 6) ? (int64_t)rng_below(&r, 12) : MINTREE_ABSENT;
            mintree_put(&t, id, key[id]);
            uint32_t first = scan(key, 0, n, n);
            assert_int_equal(mintree_first(&t).id, first);
            assert_int_equal(mintree_first(&t).key, key[first]);
            assert_int_equal(mintree_key(&t, lo), key[lo]);
            assert_int_equal(mintree_first_of(&t, lo, hi), scan(key, lo, hi, n));
            uint32_t second = mintree_second(&t);
            int64_t next = n > 1 ? key[scan(key, 0, n, first)] : MINTREE_ABSENT;
            assert_true(second < n && (next == MINTREE_ABSENT ? second == first : second != first && key[second] == next));
        }
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_sequence_of_changes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
