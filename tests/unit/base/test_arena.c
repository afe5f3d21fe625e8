/* test_arena.c - alignment, zeroes, growth, deferred calls, and the way out when memory ends. */
#include "fixture.h"

static bool is_zero(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static void memory_is_zero_aligned_and_separate(void **state)
{
    struct arena *a = *state;
    char *kept[3000];
    size_t size[3000];
    for (size_t i = 0; i < 3000; i++) {
        size[i] = i % 50 == 0 ? 100000 + i : i * 7 % 331;
        kept[i] = arena_alloc(a, size[i]);
        assert_int_equal((uintptr_t)kept[i] % 16, 0);
        assert_true(is_zero(kept[i], size[i]));
        memset(kept[i], (int)(i % 255 + 1), size[i]);
    }
    for (size_t i = 0; i < 3000; i++)
        for (size_t k = 0; k < size[i]; k++)
            assert_int_equal((unsigned char)kept[i][k], i % 255 + 1);
    assert_true(arena_bytes(a) > 60 * 100000);
}

static void nothing_is_still_a_place(void **state)
{
    struct arena *a = *state;
    assert_int_equal(arena_bytes(a), 0);
    void *p = arena_alloc(a, 0), *q = arena_alloc(a, 0);
    assert_non_null(p);
    assert_ptr_not_equal(p, q);
    arena_free(NULL);
}

static void growth_keeps_the_old_and_zeroes_the_new(void **state)
{
    struct arena *a = *state;
    uint32_t *x = NULL;
    size_t cap = 0;
    for (size_t n = 0; n < 200000; n++) {
        if (n == cap) {
            size_t more = cap ? cap * 2 : 3;
            x = arena_grow(a, x, cap, more, sizeof *x);
            for (size_t i = cap; i < more; i++)
                assert_int_equal(x[i], 0);
            cap = more;
            if (n % 2)
                arena_alloc(a, 8); /* now it is not the last thing allocated */
        }
        x[n] = (uint32_t)n + 1;
    }
    for (size_t n = 0; n < 200000; n++)
        assert_int_equal(x[n], n + 1);
}

static void the_last_block_grows_where_it_is(void **state)
{
    struct arena *a = *state;
    char *p = arena_alloc(a, 10);
    memset(p, 'a', 10);
    char *q = arena_grow(a, p, 10, 100, 1);
    assert_ptr_equal(p, q);
    assert_true(is_zero(q + 10, 90));
    char *r = arena_alloc(a, 1);
    assert_true(r >= q + 100);
    char *s = arena_grow(a, q, 100, 120, 1);
    assert_ptr_not_equal(q, s);
    assert_memory_equal(s, "aaaaaaaaaa", 11);
}

static void strings(void **state)
{
    struct arena *a = *state;
    assert_string_equal(arena_strdup(a, "chat"), "chat");
    assert_string_equal(arena_strndup(a, "chatter", 4), "chat");
    assert_string_equal(arena_strndup(a, NULL, 0), "");
    assert_string_equal(arena_printf(a, "%s-%d", "tp", 8), "tp-8");
    assert_string_equal(arena_printf(a, "%s", ""), "");
    char *big = arena_printf(a, "%0100000d", 5);
    assert_int_equal(strlen(big), 100000);
    assert_int_equal(big[99999], '5');
}

struct log {
    char text[32];
};

struct entry {
    struct log *log;
    char name;
};

static void record(void *arg)
{
    struct entry *e = arg;
    size_t n = strlen(e->log->text);
    e->log->text[n] = e->name;
}

static void deferred_calls_run_last_first_once(void **state)
{
    (void)state;
    struct log log = {""};
    struct entry e[] = {{&log, 'a'}, {&log, 'b'}, {&log, 'c'}, {&log, 'd'}};
    struct arena *a = arena_new();
    for (int i = 0; i < 3; i++)
        arena_defer(a, record, &e[i]);
    arena_reset(a);
    assert_string_equal(log.text, "cba");
    assert_int_equal(arena_bytes(a), 0);
    assert_true(is_zero(arena_alloc(a, 1000), 1000));
    arena_defer(a, record, &e[3]);
    arena_free(a);
    assert_string_equal(log.text, "cbad");
}

static void memory_that_ends_jumps_out(void **state)
{
    struct arena *a = *state;
    jmp_buf out;
    volatile int jumps = 0;
    char *old = arena_alloc(a, 16);
    arena_on_oom(a, &out);
    if (setjmp(out) != 0)
        jumps++;
    switch (jumps) {
    case 0:
        arena_array(a, SIZE_MAX / 4, 8);
        fail();
        break;
    case 1:
        arena_alloc(a, SIZE_MAX - 8);
        fail();
        break;
    case 2:
        arena_grow(a, old, 16, SIZE_MAX / 2, 4);
        fail();
        break;
    case 3:
        arena_grow(a, old, 16, SIZE_MAX - 1, 1);
        fail();
        break;
    case 4:
        arena_strndup(a, "x", SIZE_MAX);
        fail();
        break;
    default:
        break;
    }
    assert_int_equal(jumps, 5);
    assert_non_null(arena_alloc(a, 100)); /* and it goes on */
}

static void count(void *arg)
{
    ++*(volatile size_t *)arg;
}

static void a_limit_is_no_memory(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    jmp_buf out;
    volatile size_t allocated = 0, deferred = 0, called = 0;
    arena_limit(a, 1 << 20);
    arena_on_oom(a, &out);
    if (setjmp(out) == 0)
        for (;; allocated++)
            arena_alloc(a, 1000);
    assert_in_range(allocated, 700, 1048);
    assert_true(arena_bytes(a) <= 1 << 20);
    if (setjmp(out) == 0)
        for (;; deferred++)
            arena_defer(a, count, (void *)&called);
    assert_int_equal(called, 1); /* the one that found no memory is called at once */
    arena_limit(a, 0);
    assert_non_null(arena_alloc(a, 4 << 20));
    arena_free(a);
    assert_int_equal(called, deferred + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_zero_aligned_and_separate),
        TEST(nothing_is_still_a_place),
        TEST(growth_keeps_the_old_and_zeroes_the_new),
        TEST(the_last_block_grows_where_it_is),
        TEST(strings),
        cmocka_unit_test(deferred_calls_run_last_first_once),
        TEST(memory_that_ends_jumps_out),
        TEST(a_limit_is_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
