/* A team does every round with every thread, and measures of memory and waking come out in a range that a machine can have. */
#include "check.h"

#include <stdatomic.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/accelerator.h"
#include "live/probe.h"

struct count { atomic_int by[64]; };

static void add(void *ctx, int thread)
{
    atomic_fetch_add(&((struct count *)ctx)->by[thread], 1);
}

static void every_thread_does_every_round(void **state)
{
    (void)state;
    struct err e = {0};
    for (int threads = 1; threads <= 9; threads += 4) {
        struct count c = {0};
        struct probe_span rate;
        assert_true(probe_team(threads, 0.005, 1, add, &c, &rate, &e));
        assert_true(rate.runs >= 3 && rate.best >= rate.median && rate.median > 0);
        for (int i = 0; i < threads; i++)
            assert_int_equal(c.by[i], rate.runs + 1); /* one to warm up */
    }
}

static void memory_and_waking_are_measured(void **state)
{
    (void)state;
    struct err e = {0};
    struct probe p = {0};
    struct probe_options o = {.threads = 2, .seconds = 0.01};
    assert_true(probe_memory_run(&o, 8000000, &p, &e));
    assert_int_equal(p.array_bytes, 8000000 / 128 * 128);
    for (int i = 0; i < PROBE_MEMORY_N; i++)
        assert_true(p.memory_bytes_s[i].best > 1e7 && p.memory_bytes_s[i].best < 1e13);
    assert_true(probe_wake_run(&o, &p, &e));
    assert_true(p.wake_s.best > 1e-8 && p.wake_s.best < 1);
    assert_false(probe_memory_run(&o, 64, &p, &e));
    assert_non_null(strstr(e.what, "too small"));
}

static void a_host_is_a_chip(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct probe p = {.threads = 4, .date = "2026-11-24", .ngemm = 2};
    struct accelerator acc;
    probe_host_read(a, &p.host);
    assert_true(p.host.cores >= 1 && p.host.mem_bytes > 1e6);
    p.memory_bytes_s[PROBE_READ].best = 50e9;
    p.gemm[0] = (struct probe_gemm){.type = PROBE_FP32, .flop_s.best = 3e11};
    p.gemm[1] = (struct probe_gemm){.type = PROBE_FP32, .flop_s.best = 4e11};
    probe_accelerator(a, &p, "here", &acc);
    assert_true(acc.peak_flop_s[ARITH_FP32] == 4e11 && acc.peak_flop_s[ARITH_BF16] == 4e11 && acc.mem_bw_bytes_s == 50e9);
    assert_true(acc.peak_flop_s[ARITH_INT8] == 0 && acc.cores == 4 && strstr(acc.source[0], "2026-11-24"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_does_every_round),
        cmocka_unit_test(memory_and_waking_are_measured),
        cmocka_unit_test(a_host_is_a_chip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
