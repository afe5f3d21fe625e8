/* test_pool.c - every job once, whatever the number of threads, and really at the same time. */
#include "fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/rng.h"

#define JOBS 5000

struct sums {
    uint64_t sum[JOBS];
    atomic_int times[JOBS];
    atomic_int busy[256];
    int threads;
    atomic_int wrong;
};

static void work(void *ctx, size_t i, int worker)
{
    struct sums *s = ctx;
    struct rng r;
    if (worker < 0 || worker >= (s->threads < 1 ? 1 : s->threads) || atomic_fetch_add(&s->busy[worker], 1) != 0) {
        atomic_fetch_add(&s->wrong, 1); /* a worker number belongs to one thread at a time */
        return;
    }
    rng_seed(&r, i, 1);
    for (size_t k = 0; k < i % 100; k++)
        s->sum[i] += rng_u64(&r);
    atomic_fetch_add(&s->times[i], 1);
    atomic_fetch_sub(&s->busy[worker], 1);
}

static void the_outcome_is_the_same_for_any_threads(void **state)
{
    (void)state;
    static const int threads[] = {1, -3, 0, 2, 3, 16, 256};
    struct sums *first = calloc(1, sizeof *first), *s = malloc(sizeof *s);
    first->threads = 1;
    pool_run(JOBS, 1, work, first);
    for (size_t t = 0; t < sizeof threads / sizeof *threads; t++) {
        memset(s, 0, sizeof *s);
        s->threads = threads[t];
        pool_run(JOBS, threads[t], work, s);
        assert_int_equal(s->wrong, 0);
        for (int i = 0; i < JOBS; i++)
            assert_int_equal(s->times[i], 1);
        assert_memory_equal(s->sum, first->sum, sizeof s->sum);
    }
    free(first);
    free(s);
}

static void fewer_jobs_than_threads(void **state)
{
    (void)state;
    struct sums *s = calloc(1, sizeof *s);
    s->threads = 1000;
    pool_run(0, 8, work, s);
    assert_int_equal(s->times[0], 0);
    pool_run(1, 8, work, s);
    pool_run(3, 1000, work, s);
    assert_int_equal(s->times[0], 2);
    assert_int_equal(s->times[2], 1);
    assert_int_equal(s->times[3], 0);
    assert_int_equal(s->wrong, 0);
    free(s);
}

/* Two jobs that wait for each other end only when two threads work at once. */
static void meet(void *ctx, size_t i, int worker)
{
    (void)i;
    (void)worker;
    pthread_barrier_wait(ctx);
}

static void threads_work_at_once(void **state)
{
    (void)state;
    pthread_barrier_t both;
    pthread_barrier_init(&both, NULL, 2);
    pool_run(2, 2, meet, &both);
    pthread_barrier_destroy(&both);
}

static void here(void *ctx, size_t i, int worker)
{
    pthread_t *me = ctx;
    me[i] = pthread_self();
    assert_int_equal(worker, 0);
}

static void one_thread_is_the_caller(void **state)
{
    (void)state;
    pthread_t who[3];
    pool_run(3, 1, here, who);
    for (int i = 0; i < 3; i++)
        assert_true(pthread_equal(who[i], pthread_self()));
    assert_in_range(pool_cores(), 1, sysconf(_SC_NPROCESSORS_CONF));
}

struct squares { uint64_t out[100]; int ticks; };

static void square(void *ctx, size_t i, struct arena *a)
{
    struct squares *s = ctx;
    uint64_t *v = arena_alloc(a, sizeof *v);
    if (i == 40 || i == 70)
        arena_limit(a, 64), arena_alloc(a, 1 << 20);    /* runs out of memory: does not come back */
    *v = i * i;
    s->out[i] = *v;
}

static void count(void *ctx, size_t done, size_t of)
{
    assert_true(done >= 1 && done <= of);
    __atomic_add_fetch((int *)ctx, 1, __ATOMIC_RELAXED);
}

static void jobs_with_an_arena(void **state)
{
    (void)state;
    for (int threads = 1; threads <= 3; threads++) {
        struct squares s = {{0}, 0};
        assert_int_equal(pool_run_arena(100, threads, square, &s, count, &s.ticks), 40);   /* the lowest that failed */
        assert_int_equal(s.ticks, 98);
        for (size_t i = 0; i < 100; i++)
            assert_int_equal(s.out[i], i == 40 || i == 70 ? 0 : i * i);
        struct squares few = {{0}, 0};
        assert_int_equal(pool_run_arena(40, threads, square, &few, NULL, NULL), 40);       /* all went well */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_outcome_is_the_same_for_any_threads),
        cmocka_unit_test(fewer_jobs_than_threads),
        cmocka_unit_test(threads_work_at_once),
        cmocka_unit_test(one_thread_is_the_caller),
        cmocka_unit_test(jobs_with_an_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
