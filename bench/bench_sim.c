/* bench_sim.c - requests simulated a second on one core, for several numbers of replicas, and the peak memory.
**
** usage: bench_sim [REQUESTS] [REPLICAS] [STEP|SKIP]    (1000000, 1, SKIP); one line of numbers on stdout.
**
** The traffic is like the Azure 2023 conversation trace: Poisson at 5.5 requests/s a replica, prompts lognormal with mean
** 1,155, outputs with mean 211 tokens; the replica is an 8B model on a card with 24,000 KV blocks.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "world.h"

static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    size_t n = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000000;
    int replicas = argc > 2 ? atoi(argv[2]) : 1;
    const char *sched = argc > 4 ? argv[4] : "vllm-v1", *router = argc > 5 ? argv[5] : "least-outstanding";
    struct world w;
    struct sim_result *r = malloc(sizeof *r);
    world_begin(&w);
    world_memory(&w, 24000, 16);
    world_traffic(&w, n, 5.5 * replicas, 1155, 211, 42);
    w.config.replicas = replicas;
    w.config.max_seqs = 256;
    w.config.step_by_step = argc > 3 && !strcmp(argv[3], "STEP");
    w.config.sched = sched_find(sched);
    w.config.router = router_find(router);
    double begin = seconds();
    if (!r || !w.config.sched || !w.config.router || !world_run(&w, r))
        return 1;
    double wall = seconds() - begin;
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    printf("%zu requests %d replicas %s %s %.4f s %.3f Mreq/s %.1f Mtok/s %.1f MB events %lu steps %lu batch %.1f tpot %.1f ms "
           "ttft %.1f ms\n",
           n, replicas, sched, w.config.step_by_step ? "step" : "skip", wall, 1e-6 * (double)n / wall,
           1e-6 * (double)r->tok_out / wall, (double)use.ru_maxrss / 1024, (unsigned long)r->events, (unsigned long)r->steps,
           r->batch_mean, 1e3 * sketch_mean(&r->tpot), 1e3 * sketch_mean(&r->ttft));
    world_end(&w);
    free(r);
    return 0;
}
