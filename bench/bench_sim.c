/* bench_sim.c - requests simulated a second on one core, and the peak memory.
**
** usage: bench_sim [REQUESTS [REPLICAS [SCHED [ROUTER [skip|step [TRACE [cache]]]]]]]
**        defaults:  1000000   1         vllm-v1 least-outstanding skip
**
** The traffic is the trace, repeated end to end and sped up so that each replica sees its load (cache: with the prefix
** blocks it names, else without), or like the Azure 2023 conversation trace: Poisson at 5.5 requests/s a replica,
** prompts lognormal with mean 1,155, outputs with mean 211 tokens. The replica is an 8B model on a card with 24,000 KV
** blocks. Reading and generating traffic is not in the time.
**
** One line: requests replicas sched router mode seconds requests/s requests/cpu-s events steps peak_MB
** traffic_MB
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "world.h"

static double seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double peak_mb(void)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    return (double)use.ru_maxrss / 1024;
}

/* n requests of the trace, end to end, each round one mean gap behind the last. */
static bool repeat(struct world *w, const char *path, size_t n, double speedup, bool cache)
{
    struct traffic t;
    struct err e = {0};
    if (!traffic_read(w->a, path, &t, NULL, &e) || !t.n) {
        fprintf(stderr, "%s: %s\n", e.place, e.what);
        return false;
    }
    int64_t round_ns = t.req[t.n - 1].arrival_ns + (int64_t)(1e9 / t.rate_s);
    w->traffic =
        (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n), .format = t.format, .name = t.name};
    if (cache)
        w->traffic.block = t.block, w->traffic.nblock = t.nblock, w->traffic.block_tok = t.block_tok;
    for (size_t i = 0; i < n; i++) {
        w->traffic.req[i] = t.req[i % t.n];
        int64_t at = w->traffic.req[i].arrival_ns + (int64_t)(i / t.n) * round_ns;
        w->traffic.req[i].arrival_ns = (int64_t)((double)at / speedup);
    }
    return true;
}

int main(int argc, char **argv)
{
    const char *arg[] = {"", "1000000", "1", "vllm-v1", "least-outstanding", "skip", NULL, NULL};
    for (int i = 1; i < argc && i < 8; i++)
        arg[i] = argv[i];
    size_t n = strtoul(arg[1], NULL, 10);
    int replicas = atoi(arg[2]);
    struct world w;
    struct sim_result *r = malloc(sizeof *r);
    world_begin(&w);
    world_memory(&w, 24000, 16);
    w.config.pool[0].replicas = replicas;
    w.config.pool[0].max_seqs = 256;
    w.config.pool[0].sched = sched_find(arg[3]);
    w.config.router = router_find(arg[4]);
    w.config.step_by_step = !strcmp(arg[5], "step");
    if (!arg[6])
        world_traffic(&w, n, 5.5 * replicas, 1155, 211, 42);
    else if (!repeat(&w, arg[6], n, replicas, arg[7] != NULL))
        return 1;
    double traffic_mb = peak_mb(), begin_s = seconds(CLOCK_MONOTONIC);
    double begin_cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);
    if (!r || !w.config.pool[0].sched || !w.config.router || !world_run(&w, r))
        return 1;
    double wall_s = seconds(CLOCK_MONOTONIC) - begin_s, cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID) - begin_cpu_s;
    printf("%zu %d %s %s %s %.4f %.0f %.0f %lu %lu %.1f %.1f\n", n, replicas, arg[3], arg[4], arg[5], wall_s,
           (double)n / wall_s, (double)n / cpu_s, (unsigned long)r->events, (unsigned long)r->steps, peak_mb(),
           traffic_mb);
    world_end(&w);
    free(r);
    return 0;
}
