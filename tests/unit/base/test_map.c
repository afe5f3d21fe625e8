/* test_map.c - maps against the obvious array, with keys chosen to be awkward. */
#include "fixture.h"

#include "base/map.h"
#include "base/rng.h"

static void strings(void **state)
{
    struct arena *a = *state;
    struct map m = {.arena = a};
    assert_int_equal(map_get(&m, "x"), MAP_NONE);
    for (uint32_t i = 0; i < 50000; i++) {
        char *key = arena_printf(a, "key-%u", i);
        assert_int_equal(map_get(&m, key), MAP_NONE);
        map_put(&m, key, i);
    }
    assert_int_equal(m.n, 50000);
    for (uint32_t i = 0; i < 50000; i++) {
        char key[32];
        snprintf(key, sizeof key, "key-%u", i);
        assert_int_equal(map_get(&m, key), i);
    }
    map_put(&m, "key-7", 99);
    assert_int_equal(map_get(&m, "key-7"), 99);
    assert_int_equal(m.n, 50000);
    map_put(&m, "", 5);
    assert_int_equal(map_get(&m, ""), 5);
    assert_int_equal(map_get(&m, "key-50000"), MAP_NONE);
}

static void integers(void **state)
{
    struct map m = {.arena = *state};
    static const uint64_t odd[] = {0, 1, UINT64_MAX, 0x61c8864680b583eb, 1ULL << 63, 0x9e3779b97f4a7c15};
    enum { ODD = sizeof odd / sizeof *odd };
    for (uint32_t i = 0; i < ODD; i++) {
        assert_int_equal(map_get_u64(&m, odd[i]), MAP_NONE);
        map_put_u64(&m, odd[i], i);
    }
    for (uint32_t i = 0; i < ODD; i++)
        assert_int_equal(map_get_u64(&m, odd[i]), i);
    assert_int_equal(m.n, ODD);
    /* keys that differ in the high bits only would share a slot without mixing */
    for (uint64_t i = 2; i < 30000; i++)
        map_put_u64(&m, i << 40, (uint32_t)i);
    for (uint64_t i = 2; i < 30000; i++)
        assert_int_equal(map_get_u64(&m, i << 40), i);
}

static void like_an_array(void **state)
{
    struct map m = {.arena = *state};
    uint32_t want[512];
    size_t n = 0;
    struct rng r;
    rng_seed(&r, 2, 7);
    memset(want, 0xff, sizeof want);
    for (int i = 0; i < 100000; i++) {
        uint64_t key = rng_below(&r, 512);
        if (rng_below(&r, 2)) {
            uint32_t v = (uint32_t)rng_below(&r, 1000);
            n += want[key] == MAP_NONE;
            want[key] = v;
            map_put_u64(&m, key, v);
        }
        assert_int_equal(map_get_u64(&m, key), want[key]);
        assert_int_equal(m.n, n);
        assert_true(m.n < m.cap || !m.cap);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(strings), TEST(integers), TEST(like_an_array)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
