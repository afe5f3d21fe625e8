/* pool.c - jobs taken from one counter by a handful of threads; the caller is worker 0. */
#include "base/pool.h"

#include <setjmp.h>
#include <stdbool.h>

#include "base/arena.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 256

struct work {
    size_t n;
    void (*job)(void *ctx, size_t i, int worker);
    void *ctx;
    atomic_size_t next;
};

struct worker {
    struct work *work;
    int number;
    pthread_t thread;
};

static void *labour(void *arg)
{
    struct worker *me = arg;
    struct work *w = me->work;
    for (;;) {
        size_t i = atomic_fetch_add_explicit(&w->next, 1, memory_order_relaxed);
        if (i >= w->n)
            return NULL;
        w->job(w->ctx, i, me->number);
    }
}

void pool_run(size_t n, int threads, void (*job)(void *ctx, size_t i, int worker), void *ctx)
{
    struct work work = {.n = n, .job = job, .ctx = ctx};
    struct worker worker[THREADS_MAX];
    int started = 1;
    if (threads > THREADS_MAX)
        threads = THREADS_MAX;
    if (threads > 1 && (size_t)threads > n)
        threads = (int)n;
    worker[0] = (struct worker){.work = &work};
    for (; started < threads; started++) {
        struct worker *w = &worker[started];
        *w = (struct worker){.work = &work, .number = started};
        if (pthread_create(&w->thread, NULL, labour, w) != 0)
            break; /* fewer threads do the same work */
    }
    labour(&worker[0]);
    for (int i = 1; i < started; i++)
        pthread_join(worker[i].thread, NULL);
}

int pool_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
        return CPU_COUNT(&set);
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n > 0 ? (int)n : 1;
}

struct with_arena {
    void (*job)(void *ctx, size_t i, struct arena *a);
    void *ctx;
    void (*tick)(void *tick_ctx, size_t done, size_t of);
    void *tick_ctx;
    size_t n, done, failed;     /* failed: the lowest index so far */
};

static void out_of_memory(struct with_arena *w, size_t i)
{
    size_t lowest = __atomic_load_n(&w->failed, __ATOMIC_RELAXED);
    while (i < lowest && !__atomic_compare_exchange_n(&w->failed, &lowest, i, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
        ;
}

static void run_in_arena(void *ctx, size_t i, int worker)
{
    struct with_arena *w = ctx;
    (void)worker;
    struct arena *a = arena_new();
    jmp_buf oom;
    if (!a || setjmp(oom)) {
        out_of_memory(w, i);
        arena_free(a);
        return;
    }
    arena_on_oom(a, &oom);
    w->job(w->ctx, i, a);
    arena_free(a);
    size_t done = __atomic_add_fetch(&w->done, 1, __ATOMIC_RELAXED);
    if (w->tick)
        w->tick(w->tick_ctx, done, w->n);
}

size_t pool_run_arena(size_t n, int threads, void (*job)(void *ctx, size_t i, struct arena *a), void *ctx,
                      void (*tick)(void *tick_ctx, size_t done, size_t of), void *tick_ctx)
{
    struct with_arena w = {job, ctx, tick, tick_ctx, n, 0, n};
    pool_run(n, threads, run_in_arena, &w);
    return w.failed;
}
