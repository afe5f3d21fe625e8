/* Routers with a known answer: replicas that serve one request at a time on the null engine, exponential answers.
**
**      random          c times M/M/1           S rho/(1 - rho)
**      round-robin     E_c/M/1                 S s/(1 - s), s the root of s = (c rho/(c rho + 1 - s))^c        (GI/M/1)
**      fewest in flight, 2 replicas            join the shorter queue, the chain of (shorter, longer) solved
**      power-of-two, many replicas             S (sum over i >= 1 of rho^(2^i - 2)) - S: Vvedenskaya 1996, Mitzenmacher 2001
**
** and for every router, given where each request went, every wait by Lindley's recursion to the nanosecond.
*/
#include "queue.h"

#define MEAN 1000
#define ERROR_FRAC 0.01
enum { SERVERS_MAX = 8 };

static struct sim_result result;

static void run(struct world *w, const char *router, double rho, int replicas, enum law l, size_t n, uint64_t seed)
{
    double service_s = law_mean(l, MEAN) * STEP_NS * 1e-9;
    queue_world(w, ANSWERS, replicas);
    w->config.router = router_find(router);
    w->config.seed = seed;
    queue_traffic(w, n, rho * replicas / service_s, ANSWERS, l, MEAN, seed);
    assert_true(world_run(w, &result));
    assert_int_equal(result.completed, n);
}

static void every_router(void **state)
{
    (void)state;
    struct world w;
    for (size_t k = 0; k < router_count; k++)
        FOR_LOADS(m) {
            struct lindley server[SERVERS_MAX] = {{0}};
            run(&w, router_table[k]->name, loads[m], SERVERS_MAX, EXPONENTIAL, 5000, 9);
            for (size_t i = 0; i < result.nrecord; i++) {
                const struct sim_record *r = &result.record[i];
                const struct request *q = &w.traffic.req[i];
                int64_t want = lindley_wait(&server[r->replica], q->arrival_ns, service_ns(q, ANSWERS));
                if (record_wait(r, q, ANSWERS) != want)
                    fail_msg("%s, rho %.1f: request %zu waits %lld ns, not %lld", router_table[k]->name, loads[m], i,
                             (long long)record_wait(r, q, ANSWERS), (long long)want);
            }
            world_end(&w);
        }
}

static void says(const char *what, double rho, double got, double want)
{
    print_message("# %s rho %.1f: wait %.4f of a service, theory %.4f, %+.2f %%\n", what, rho, got, want,
                  100 * (got / want - 1));
    check_close(got, want, ERROR_FRAC);
}

/* Mean wait in units of the service time. */
static double waits(const char *router, double rho, int replicas, size_t n)
{
    struct world w;
    run(&w, router, rho, replicas, EXPONENTIAL, n, 4);
    double wait = (sketch_mean(&result.ttft) - STEP_NS * 1e-9) / (law_mean(EXPONENTIAL, MEAN) * STEP_NS * 1e-9);
    world_end(&w);
    return wait;
}

/* The same, relative to the wait of a single server as fast as all of them, fed with the same requests, whose mean is known:
** what chance adds to the work, it adds to both. */
static double waits_beside(const char *router, double rho, int replicas, size_t n)
{
    struct world w;
    struct lindley server = {0};
    double service_s = law_mean(EXPONENTIAL, MEAN) * STEP_NS * 1e-9, beside = 0;
    run(&w, router, rho, replicas, EXPONENTIAL, n, 4);
    double wait = sketch_mean(&result.ttft) - STEP_NS * 1e-9;
    for (size_t i = 0; i < n; i++)
        beside += 1e-9 * (double)lindley_wait(&server, w.traffic.req[i].arrival_ns, service_ns(&w.traffic.req[i], ANSWERS) / replicas);
    world_end(&w);
    return wait / (beside / (double)n) * pk_wait(rho, 1, service_s / replicas) / service_s;
}

static void at_random(void **state)
{
    (void)state;
    LONG_RUN;
    FOR_LOADS(k)
        says("random, 4 x M/M/1", loads[k], waits("random", loads[k], 4, loads[k] > 0.5 ? 4000000 : 2000000),
             loads[k] / (1 - loads[k]));
}

static void in_turn(void **state)
{
    (void)state;
    LONG_RUN;
    int c = 4;
    FOR_LOADS(k) {
        double s = 0.5, rate = c * loads[k];
        for (int i = 0; i < 10000; i++)
            s = pow(rate / (rate + 1 - s), c);
        says("round-robin, E4/M/1", loads[k], waits_beside("round-robin", loads[k], c, 2000000),
             s / (1 - s));
    }
}

/* Two servers, an arrival joins the shorter queue and stays: the chain of (shorter a, longer b) stepped at the rate of all events
** until it rests. Mean wait from the mean number in the system by Little, less one service. */
enum { LEN = 80 };
static double shorter_queue(double rho)
{
    static double p[LEN][LEN], q[LEN][LEN];
    double in = 2 * rho, all = in + 2, change = 1, mean = 0;
    memset(p, 0, sizeof p);
    p[0][0] = 1;
    while (change > 1e-12) {
        memset(q, 0, sizeof q);
        for (int a = 0; a < LEN; a++)
            for (int b = a; b < LEN; b++) {
                double at = p[a][b] / all;
                if (b + 1 == LEN) /* a lost arrival, of a part of 0.64^80 */
                    q[a][b] += at * in;
                else
                    q[a < b ? a + 1 : a][a < b ? b : b + 1] += at * in;
                q[a > 0 ? a - 1 : a][b] += at;                       /* the shorter serves, or stands idle */
                q[a < b ? a : a > 0 ? a - 1 : a][b > a ? b - 1 : b] += at; /* the longer */
            }
        change = 0;
        for (int a = 0; a < LEN; a++)
            for (int b = a; b < LEN; b++)
                change += fabs(q[a][b] - p[a][b]), p[a][b] = q[a][b];
    }
    for (int a = 0; a < LEN; a++)
        for (int b = a; b < LEN; b++)
            mean += p[a][b] * (a + b);
    return mean / in - 1;
}

/* Without prefixes and sessions the two routers that look for them send to the fewest in flight. */
static void fewest_in_flight(void **state)
{
    (void)state;
    LONG_RUN;
    static const char *const same[] = {"prefix-aware", "session-affine"};
    struct world w;
    FOR_LOADS(k)
        says("least-outstanding, shorter of 2", loads[k], waits_beside("least-outstanding", loads[k], 2, 1000000),
             shorter_queue(loads[k]));
    for (int i = 0; i < 2; i++)
        assert_true(waits(same[i], 0.8, 8, 20000) == waits("least-outstanding", 0.8, 8, 20000));
    /* Prompts of equal length and answers of one token: memory in use counts requests. */
    double wait[2];
    static const char *const router[] = {"least-outstanding", "least-kv"};
    for (int i = 0; i < 2; i++) {
        queue_world(&w, PROMPTS, 4);
        w.config.pool[0].sched = sched_find("static");
        w.config.pool[0].max_tokens = 2048;
        w.config.router = router_find(router[i]);
        queue_traffic(&w, 20000, 0.8 * 4 / (1600 * TOKEN_NS * 1e-9), PROMPTS, EQUAL, 1600, 4);
        assert_true(world_run(&w, &result));
        wait[i] = sketch_mean(&result.ttft);
        world_end(&w);
    }
    assert_true(wait[0] == wait[1]);
}

static void better_of_two(void **state)
{
    (void)state;
    LONG_RUN;
    FOR_LOADS(k) {
        double sum = 0;
        for (int i = 1; i < 20; i++)
            sum += pow(loads[k], pow(2, i) - 2);
        says("power-of-two, 1000 replicas", loads[k], waits("power-of-two", loads[k], 1000, 2000000), sum - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_router),
        cmocka_unit_test(at_random),
        cmocka_unit_test(in_turn),
        cmocka_unit_test(fewest_in_flight),
        cmocka_unit_test(better_of_two),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
