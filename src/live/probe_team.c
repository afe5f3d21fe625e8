/* probe_team.c - a team of pinned threads that do the same thing at the same time, timed from the first start to the last end. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/err.h"
#include "live/probe.h"

#define ROUNDS_MIN 3
#define ROUNDS_MAX 1000

double probe_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct team {
    int threads;
    void (*job)(void *ctx, int thread);
    void *ctx;
    pthread_mutex_t lock;
    pthread_cond_t gate;
    enum { SHUT, OPEN, HOME } is;       /* HOME: not everybody could be started */
    pthread_barrier_t begin, end;
    bool over;                  /* written by thread 0 between two barriers */
};

struct member { struct team *team; int thread; pthread_t id; };

/* The thread-th processor that this process may use; a failure only costs precision. */
static void pin(int thread)
{
    cpu_set_t may, one;
    if (sched_getaffinity(0, sizeof may, &may) != 0)
        return;
    int at = 0, n = CPU_COUNT(&may);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &may) && at++ == thread % n) {
            CPU_ZERO(&one);
            CPU_SET(cpu, &one);
            pthread_setaffinity_np(pthread_self(), sizeof one, &one);
            return;
        }
}

static void *member_run(void *arg)
{
    struct member *m = arg;
    struct team *t = m->team;
    pthread_mutex_lock(&t->lock);
    while (t->is == SHUT)
        pthread_cond_wait(&t->gate, &t->lock);
    bool home = t->is == HOME;
    pthread_mutex_unlock(&t->lock);
    if (home)
        return NULL;
    pin(m->thread);
    for (;;) {
        pthread_barrier_wait(&t->begin);
        if (t->over)
            return NULL;
        t->job(t->ctx, m->thread);
        pthread_barrier_wait(&t->end);
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The caller is thread 0. The first round warms up and does not count. */
static void rounds(struct team *t, double seconds, double work, struct probe_span *rate)
{
    double rates[ROUNDS_MAX], began_s = probe_now_s();
    int n = -1;
    while (n < ROUNDS_MIN || (n < ROUNDS_MAX && probe_now_s() - began_s < seconds)) {
        double from_s = probe_now_s();
        pthread_barrier_wait(&t->begin);
        t->job(t->ctx, 0);
        pthread_barrier_wait(&t->end);
        double took_s = probe_now_s() - from_s;
        if (n >= 0)
            rates[n] = took_s > 0 ? work / took_s : 0;
        n++;
    }
    qsort(rates, (size_t)n, sizeof *rates, ascending);
    *rate = (struct probe_span){rates[n - 1], rates[n / 2], n};
}

bool probe_team(int threads, double seconds, double work, void (*job)(void *ctx, int thread), void *ctx, struct probe_span *rate,
                struct err *e)
{
    struct team t = {.threads = threads, .job = job, .ctx = ctx, .lock = PTHREAD_MUTEX_INITIALIZER, .gate = PTHREAD_COND_INITIALIZER};
    struct member *m = calloc((size_t)threads, sizeof *m);
    cpu_set_t before;
    bool kept = sched_getaffinity(0, sizeof before, &before) == 0;
    int started = 1, failed = 0;
    if (!m)
        return err_env(e, "probe", "no memory for %d threads", threads);
    pthread_barrier_init(&t.begin, NULL, (unsigned)threads);
    pthread_barrier_init(&t.end, NULL, (unsigned)threads);
    while (started < threads && !failed) {
        m[started] = (struct member){&t, started, 0};
        failed = pthread_create(&m[started].id, NULL, member_run, &m[started]);
        started += !failed;
    }
    pthread_mutex_lock(&t.lock);
    t.is = failed ? HOME : OPEN;
    pthread_cond_broadcast(&t.gate);
    pthread_mutex_unlock(&t.lock);
    if (!failed) {
        pin(0);
        rounds(&t, seconds, work, rate);
        t.over = true;
        pthread_barrier_wait(&t.begin);
    }
    for (int i = 1; i < started; i++)
        pthread_join(m[i].id, NULL);
    pthread_barrier_destroy(&t.begin);
    pthread_barrier_destroy(&t.end);
    if (kept)
        sched_setaffinity(0, sizeof before, &before);
    free(m);
    return !failed || err_env(e, "probe", "cannot start %d threads: %s", threads, strerror(failed));
}
