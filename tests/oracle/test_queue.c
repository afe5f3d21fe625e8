/* Queues with a known answer: the null engine makes a replica a server with service times known to the nanosecond.
**
**      M/G/1 wait      (Pollaczek, Khinchine)  rho/(1 - rho) * (1 + cv^2)/2 * S        max_seqs 1, every scheduler
**      M/M/c wait      (Erlang C)              C(c, rho) * S / (c (1 - rho))           max_seqs c, steps of one length
**      M/G/1-PS time   S / (1 - rho)           whatever the law of S                   a step takes a time a sequence
**      M/D[1,c]/1      the chain of what is left behind a batch, solved                static batches of c
**
** Two ways to be sure, for a mean of waits is random and long runs are dear (with n requests the relative error of an
** M/M/1 wait is about sqrt(8/n)/(1 - rho): Whitt 1989). Where the order of service is known, every single wait is compared
** with a recursion, to the nanosecond, for every scheduler. And long runs of one are held against the closed form.
*/
#include "queue.h"

#define MEAN 1000
#define ERROR_FRAC 0.01

/* Every scheduler, one request at a time: first come first served, each wait to the nanosecond; and Little's law, which holds
** for a run that begins and ends empty without any error: mean queue = sum of waits / time, busy = sum of service / time. */
static void serves(const struct sched *sched, double rho, enum service by, enum law l)
{
    static struct sim_result r;
    struct world w;
    struct lindley server = {0};
    double unit_s = (by == ANSWERS ? STEP_NS : TOKEN_NS) * 1e-9, mean = by == ANSWERS ? 100 : 3000, wait = 0, work = 0;
    queue_world(&w, by, 1);
    queue_traffic(&w, 5000, rho / (law_mean(l, mean) * unit_s), by, l, mean, 7);
    w.config.pool[0].sched = sched;
    w.config.pool[0].max_tokens = 4096;
    assert_true(world_run(&w, &r));
    assert_int_equal(r.completed, 5000);
    for (size_t i = 0; i < r.nrecord; i++) {
        const struct request *q = &w.traffic.req[i];
        int64_t want = lindley_wait(&server, q->arrival_ns, service_ns(q, by));
        if (record_wait(&r.record[i], q, by) != want)
            fail_msg("%s, rho %.1f, M/%s/1: request %zu waits %lld ns, not %lld", sched->name, rho, law_name[l], i,
                     (long long)record_wait(&r.record[i], q, by), (long long)want);
        wait += (double)want * 1e-9;
        work += (double)service_ns(q, by) * 1e-9;
    }
    check_close(r.queue_mean * r.makespan_s, wait, 1e-9);
    check_close(r.busy_frac * r.makespan_s, work, 1e-9);
    world_end(&w);
}

static void first_come_first_served(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++)
        FOR_LOADS(m) {
            serves(sched_table[k], loads[m], ANSWERS, EQUAL);
            serves(sched_table[k], loads[m], ANSWERS, EXPONENTIAL);
            serves(sched_table[k], loads[m], PROMPTS, EXPONENTIAL);
            serves(sched_table[k], loads[m], PROMPTS, HYPER);
        }
}

static void says(const char *what, double rho, double got, double want)
{
    print_message("# %s rho %.1f: %.4f ms, theory %.4f ms, %+.2f %%\n", what, rho, 1e3 * got, 1e3 * want,
                  100 * (got / want - 1));
    check_close(got, want, ERROR_FRAC);
}

/* Mean wait until the first step begins: TTFT less one step. */
static double mean_wait(struct world *w)
{
    static struct sim_result r;
    w->config.records = false;
    assert_true(world_run(w, &r));
    assert_int_equal(r.completed, w->traffic.n);
    return sketch_mean(&r.ttft) - STEP_NS * 1e-9;
}

static void single_server(double rho, enum law l, size_t n)
{
    struct world w;
    double service_s = law_mean(l, MEAN) * STEP_NS * 1e-9;
    queue_world(&w, ANSWERS, 1);
    queue_traffic(&w, n, rho / service_s, ANSWERS, l, MEAN, 2024);
    says(l == EQUAL ? "M/D/1" : "M/M/1", rho, mean_wait(&w), pk_wait(rho, l == EQUAL ? 0 : exp(-1.0 / MEAN), service_s));
    world_end(&w);
}

static void m_d_1(void **state)
{
    (void)state;
    LONG_RUN;
    FOR_LOADS(k)
        single_server(loads[k], EQUAL, loads[k] > 0.5 ? 4000000 : 1000000);
}

static void m_m_1(void **state)
{
    (void)state;
    LONG_RUN;
    FOR_LOADS(k)
        single_server(loads[k], EXPONENTIAL, loads[k] > 0.2 ? 4000000 : 2000000);
}

static double erlang_c(int c, double a)
{
    double b = 1;
    for (int i = 1; i <= c; i++)
        b = a * b / (i + a * b);
    double rho = a / c;
    return b / (1 - rho + rho * b);
}

/* P(1 <= in service < c): who comes then begins at the end of the running step, half a step later on average. */
static double some_busy(int c, double a)
{
    double term = 1, below = 1;
    for (int i = 1; i < c; i++) {
        term *= a / i;
        below += term;
    }
    return (1 - erlang_c(c, a)) * (1 - 1 / below);
}

/* Continuous batching with steps of one length is a server for each sequence. */
static void pooled(const struct sched *sched, int c, double rho, size_t n)
{
    struct world w;
    double mean = 4000, step_s = STEP_NS * 1e-9, service_s = law_mean(EXPONENTIAL, mean) * step_s, a = rho * c;
    char what[64];
    queue_world(&w, ANSWERS, 1);
    w.config.pool[0].max_seqs = c;
    w.config.pool[0].sched = sched;
    queue_traffic(&w, n, a / service_s, ANSWERS, EXPONENTIAL, mean, 2025);
    double want = erlang_c(c, a) * service_s / (c * (1 - rho)) + some_busy(c, a) * step_s / 2;
    snprintf(what, sizeof what, "M/M/%d (%s)", c, sched->name);
    says(what, rho, mean_wait(&w), want);
    world_end(&w);
}

static void m_m_c(void **state)
{
    (void)state;
    LONG_RUN;
    pooled(sched_find("vllm-v1"), 2, 0.2, 2000000);
    pooled(sched_find("vllm-v1"), 4, 0.5, 2000000);
    pooled(sched_find("vllm-v1"), 8, 0.8, 4000000);
}

/* All policies that batch continuously and mix prompts with decoding do the same on the null engine; the one that stops
** decoding for prompts loses a step of a place for every request, and keeps to the closed form within the bound. */
static void every_batcher(void **state)
{
    (void)state;
    static struct sim_result first, r;
    struct world w;
    queue_world(&w, ANSWERS, 1);
    w.config.pool[0].max_seqs = 4;
    queue_traffic(&w, 20000, 0.8 * 4 / (MEAN * STEP_NS * 1e-9), ANSWERS, EXPONENTIAL, MEAN, 5);
    assert_true(world_run(&w, &first));
    for (size_t k = 0; k < sched_count; k++) {
        w.config.pool[0].sched = sched_table[k];
        if (sched_table[k]->when_empty || !strcmp(sched_table[k]->name, "sglang"))
            continue;
        assert_true(world_run(&w, &r));
        for (size_t i = 0; i < r.nrecord; i++)
            if (r.record[i].first_ns != first.record[i].first_ns || r.record[i].done_ns != first.record[i].done_ns)
                fail_msg("%s: request %zu is served at another time than by vllm-v1", sched_table[k]->name, i);
    }
    world_end(&w);
    pooled(sched_find("sglang"), 4, 0.5, 2000000);
}

/* Mean time in the system when every running request gets an equal share: a step of n sequences takes n times as long.
** Measured relative to the wait of a single server fed with the same requests, whose mean is known: both follow the same
** work, and what chance adds to it, it adds to both. */
static double sharing(const struct sched *sched, double rho, enum law l, size_t n)
{
    static struct sim_result r;
    static const double cv2[] = {0, 1, 4};
    struct world w;
    struct lindley server = {0};
    double service_s = law_mean(l, MEAN) * STEP_NS * 1e-9, wait = 0, want = service_s / (1 - rho);
    queue_world(&w, ANSWERS, 1);
    step_table_null(w.a, 0, 0, STEP_NS * 1e-9, &w.table);
    w.config.pool[0].sched = sched;
    w.config.pool[0].max_seqs = 512;
    w.config.records = false;
    queue_traffic(&w, n, rho / service_s, ANSWERS, l, MEAN, 11);
    assert_true(world_run(&w, &r));
    for (size_t i = 0; i < n; i++)
        wait += 1e-9 * (double)lindley_wait(&server, w.traffic.req[i].arrival_ns, service_ns(&w.traffic.req[i], ANSWERS));
    double got = sketch_mean(&r.e2e);
    got = service_s + (got - service_s) * pk_wait(rho, cv2[l], service_s) / (wait / (double)n);
    print_message("# M/%s/1-PS (%s) rho %.1f: %.3f ms, theory %.3f ms, %+.2f %%\n", law_name[l], sched->name, rho, 1e3 * got,
                  1e3 * want, 100 * (got / want - 1));
    world_end(&w);
    return got / want;
}

static void processor_sharing(void **state)
{
    (void)state;
    LONG_RUN;
    for (size_t k = 0; k < sched_count; k++)
        if (!sched_table[k]->when_empty)
            FOR_LOADS(m)
                check_close(sharing(sched_table[k], loads[m], EXPONENTIAL, 200000), 1, ERROR_FRAC);
    FOR_LOADS(m) {
        check_close(sharing(sched_table[0], loads[m], EQUAL, 200000), 1, ERROR_FRAC);
        check_close(sharing(sched_table[0], loads[m], HYPER, 600000), 1, ERROR_FRAC);
    }
}

/* A batch of the first c who wait starts when the last one is done, or with one when nobody waits. The number left behind a
** batch is a chain: q' = max(q - c, 0) + Poisson(rate * S). Mean waiting by renewal reward over a batch and the idle time
** before it; Little gives the wait. Neuts, "A general class of bulk queues with Poisson input", 1967. */
enum { LEFT_MAX = 400 };
static double bulk_wait(int c, double rate_s, double service_s)
{
    static double p[LEFT_MAX], q[LEFT_MAX], come[LEFT_MAX];
    double a = rate_s * service_s, change = 1;
    for (int i = 0; i < LEFT_MAX; i++)
        come[i] = exp(i * log(a) - a - lgamma(i + 1.0)), p[i] = i == 0;
    while (change > 1e-13) {
        change = 0;
        for (int i = 0; i < LEFT_MAX; i++)
            q[i] = 0;
        for (int i = 0; i < LEFT_MAX; i++)
            for (int k = 0, left = i > c ? i - c : 0; p[i] > 0 && left + k < LEFT_MAX; k++)
                q[left + k] += p[i] * come[k];
        for (int i = 0; i < LEFT_MAX; i++)
            change += fabs(q[i] - p[i]), p[i] = q[i];
    }
    double waiting = 0, time = 0;
    for (int i = 0; i < LEFT_MAX; i++) {
        waiting += p[i] * service_s * ((i > c ? i - c : 0) + a / 2);
        time += p[i] * (service_s + (i == 0 ? 1 / rate_s : 0));
    }
    return waiting / time / rate_s;
}

static void static_batches(void **state)
{
    (void)state;
    LONG_RUN;
    struct world w;
    int c = 4;
    double service_s = MEAN * STEP_NS * 1e-9;
    FOR_LOADS(k) {
        queue_world(&w, ANSWERS, 1);
        w.config.pool[0].max_seqs = c;
        w.config.pool[0].sched = sched_find("static");
        queue_traffic(&w, 1000000, loads[k] * c / service_s, ANSWERS, EQUAL, MEAN, 3);
        says("M/D[1,4]/1 (static)", loads[k], mean_wait(&w), bulk_wait(c, loads[k] * c / service_s, service_s));
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(m_d_1),
        cmocka_unit_test(m_m_1),
        cmocka_unit_test(m_m_c),
        cmocka_unit_test(every_batcher),
        cmocka_unit_test(processor_sharing),
        cmocka_unit_test(static_batches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
