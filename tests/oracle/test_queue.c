/* Queues with a known answer: static batches of one and a constant step make the replica a server with known service
** times.
**
**      M/G/1 wait (Pollaczek and Khinchine) = rho/(1-rho) * (1 + cv^2)/2 * S     M/D/1: cv = 0, M/M/1: cv = 1
**      M/M/c wait (Erlang C) = C(c, rho) * S / (c (1 - rho)), constant steps: a server a sequence
**
** S is the mean service time; arrivals are Poisson from our own stream, so the mean over a long run is random: with n
** requests the relative error of an M/M/1 wait is about sqrt(8/n)/(1-rho) (Whitt 1989). n = 4 million, and the bound
** is 2 % at rho = 0.5 and 0.8.
*/
#include "check.h"
#include "world.h"

#define N 4000000

/* One step lasts step_s whatever it does. */
static void constant_step(struct world *w, double step_s)
{
    struct step_table *t = &w->table;
    int64_t *tok = t->tok_q20, *head = t->head_q20;
    int64_t max_tok = t->max_tok;
    int32_t max_seqs = t->max_seqs;
    *t = (struct step_table){.max_tok = max_tok, .max_seqs = max_seqs, .tok_q20 = tok, .head_q20 = head};
    for (int64_t i = 0; i <= max_tok; i++)
        tok[i] = 0;
    for (int32_t i = 0; i <= max_seqs; i++)
        head[i] = 0;
    t->step_fixed_q20 = (int64_t)(step_s * 1e9 * (double)Q20);
}

static void poisson(struct world *w, double rate_s, double out_mean, bool exponential)
{
    struct rng gaps, out;
    rng_seed(&gaps, 2024, 1);
    rng_seed(&out, 2024, 2);
    w->traffic = (struct traffic){.n = N};
    w->traffic.req = ARENA_ARRAY(w->a, struct request, N);
    double t = 0;
    for (size_t i = 0; i < N; i++) {
        double tok = exponential ? rng_exp(&out, out_mean) : out_mean;
        w->traffic.req[i] =
            (struct request){.arrival_ns = (int64_t)(t * 1e9), .in_tok = 1, .out_tok = 1 + (int32_t)tok};
        t += rng_exp(&gaps, 1 / rate_s);
    }
}

/* Mean wait until the first step begins: TTFT less one step. */
static double wait_of(struct world *w, double step_s)
{
    static struct sim_result r;
    assert_true(world_run(w, &r));
    assert_int_equal(r.completed, N);
    return sketch_mean(&r.ttft) - step_s;
}

static void single_server(double rho, bool exponential)
{
    struct world w;
    double step_s = 1e-4, out_mean = exponential ? 2000 : 99;
    /* Output lengths are whole: 1 + floor(exp) has mean 1/(1 - e^(-1/m)) and cv^2 = e^(-1/m). */
    double q = exponential ? exp(-1 / out_mean) : 0;
    double mean_tok = exponential ? 1 / (1 - q) : 100, cv2 = q;
    double service_s = mean_tok * step_s;
    world_begin(&w);
    constant_step(&w, step_s);
    world_memory(&w, 1000000, 16);
    poisson(&w, rho / service_s, out_mean, exponential);
    w.config.pool[0].sched = sched_find("static");
    w.config.pool[0].max_seqs = 1;
    double want = rho / (1 - rho) * (1 + cv2) / 2 * service_s, got = wait_of(&w, step_s);
    print_message("# M/%s/1 rho %.1f: wait %.3f ms, theory %.3f ms, %+.2f %%\n", exponential ? "M" : "D", rho,
                  1e3 * got, 1e3 * want, 100 * (got / want - 1));
    check_close(got, want, 0.02);
    world_end(&w);
}

static void m_d_1(void **state)
{
    (void)state;
    single_server(0.5, false);
    single_server(0.8, false);
}

static void m_m_1(void **state)
{
    (void)state;
    single_server(0.5, true);
    single_server(0.8, true);
}

static double erlang_c(int c, double a)
{
    double b = 1;
    for (int i = 1; i <= c; i++)
        b = a * b / (i + a * b);
    double rho = a / c;
    return b / (1 - rho + rho * b);
}

/* Continuous batching with a constant step is a server for each sequence: a request waits for a free place, and then
** up to the end of the running step, half a step on average when anything runs. */
static void m_m_c(void **state)
{
    (void)state;
    struct world w;
    int c = 8;
    double step_s = 1e-4, q = exp(-1 / 4000.0), service_s = 1 / (1 - q) * step_s, rho = 0.8;
    world_begin(&w);
    constant_step(&w, step_s);
    world_memory(&w, 10000000, 16);
    poisson(&w, rho * c / service_s, 4000, true);
    w.config.pool[0].max_seqs = c;
    double want = erlang_c(c, rho * c) * service_s / (c * (1 - rho)), got = wait_of(&w, step_s);
    print_message("# M/M/%d rho %.1f: wait %.3f ms, theory %.3f ms, %+.2f %%\n", c, rho, 1e3 * got, 1e3 * want,
                  100 * (got / want - 1));
    check_close(got, want, 0.02);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m_d_1),
        cmocka_unit_test(m_m_1),
        cmocka_unit_test(m_m_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
