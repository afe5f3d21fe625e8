/* Replicas that start, drain, fail and are lent: nothing is lost for ever, nothing is counted twice, and skipping steps changes
** nothing, for every scheduler and router. sim_config.check recounts every replica at each event (check.c). */
#include "check.h"
#include "random_life.h"

static const struct sim_slo slo[] = {{0, 0.9, 1.0}, {1, 0.9, 0.03}, {2, -1, 9.0}, {3, 0.99, 0.04}};

static struct sim_result run(struct world *w, struct random_life *x, uint64_t seed, size_t k, size_t m, bool step)
{
    struct sim_result r;
    memset(&r, 0, sizeof r);
    random_world(w, seed, sched_table[k], router_table[m]);
    random_life(w, x, seed);
    w->config.slo = slo;
    w->config.nslo = 4;
    w->config.step_by_step = step;
    assert_true(world_run(w, &r));
    if (r.stopped)
        print_error("seed %llu, %s, %s: it never ends\n", (unsigned long long)seed, sched_table[k]->name, router_table[m]->name);
    assert_false(r.stopped);
    return r;
}

static void must_be_equal(const struct sim_result *a, const struct sim_result *b, uint64_t seed)
{
    struct sim_result x = *a, y = *b;
    for (size_t i = 0; i < x.nrecord; i++) {
        const struct sim_record *p = &x.record[i], *q = &y.record[i];
        if (p->first_ns != q->first_ns || p->done_ns != q->done_ns || p->replica != q->replica || p->miss != q->miss ||
            p->retries != q->retries || p->preemptions != q->preemptions || p->hit_tok != q->hit_tok) {
            print_error("seed %llu: request %zu differs: done %lld %lld\n", (unsigned long long)seed, i,
                        (long long)p->done_ns, (long long)q->done_ns);
            fail();
        }
    }
    for (int k = 0; k < SIM_EXACT_N; k++) {
        assert_memory_equal(x.exact[k], y.exact[k], x.nexact[k] * sizeof(double));
        x.exact[k] = y.exact[k] = NULL;
    }
    assert_memory_equal(x.slo, y.slo, 4 * sizeof *x.slo);
    assert_memory_equal(&x.life, &y.life, sizeof x.life);
    assert_int_equal(x.classes, y.classes);
    if (x.classes)
        assert_memory_equal(x.by_class, y.by_class, (size_t)x.classes * sizeof *x.by_class);
    x.by_class = y.by_class = NULL;
    x.slo = y.slo = NULL;
    x.record = y.record = NULL;
    x.events = y.events = 0;
    assert_memory_equal(&x, &y, sizeof x);
}

static void skipping_is_exact(void **state)
{
    (void)state;
    uint64_t lost = 0, scaled = 0, lent = 0, late[2] = {0}, held = 0;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t seed = 1; seed <= 15; seed++) {
            struct world fast, slow;
            struct random_life x, y;
            uint64_t at = seed * 100 + k * 10 + m;
            struct sim_result a = run(&fast, &x, at, k, m, false), b = run(&slow, &y, at, k, m, true);
            must_be_equal(&a, &b, at);
            lost += a.life.lost > 0;
            scaled += x.d.autoscale.policy && a.life.starts > 0;
            lent += a.life.returns > 0;
            held += a.life.held_back > 0;
            late[0] += a.miss[MISS_COLD] > 0;
            late[1] += a.miss[MISS_FAILURE] > 0;
            world_end(&fast);
            world_end(&slow);
        }
    }
    print_message("# runs: %d lost requests, %d scaled, %d lent, %d held some back, %d cold start misses, %d failure misses\n",
                  (int)lost, (int)scaled, (int)lent, (int)held, (int)late[0], (int)late[1]);
    assert_true(lost > 150 && scaled > 120 && lent > 50 && held > 80 && late[0] > 80 && late[1] > 150);
}

static void nothing_is_lost_for_ever(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t seed = 1; seed <= 15; seed++) {
            struct world w;
            struct random_life x;
            struct sim_result r = run(&w, &x, 7000 + seed * 50 + k * 7 + m, k, m, false);
            const struct sim_life_result *l = &r.life;
            uint64_t in = 0, out = 0, done = 0, gaps = 0, retries = 0, given_up = 0;
            for (size_t i = 0; i < r.nrecord; i++) {
                const struct sim_record *q = &r.record[i];
                bool over = q->done_ns >= 0, counted = i >= (size_t)w.config.warmup_requests;
                assert_true(!over || q->first_ns > q->arrival_ns);
                assert_true(over || q->miss == MISS_TOO_LONG || q->miss == MISS_FAILURE);
                gaps += over ? (uint64_t)q->out_tok - 1 : 0;
                retries += (uint64_t)q->retries;
                given_up += q->miss == MISS_FAILURE && !over;
                in += over && counted ? (uint64_t)q->in_tok : 0;
                out += over && counted ? (uint64_t)q->out_tok : 0;
                done += over && counted;
            }
            assert_int_equal(r.tok_in, in);
            assert_int_equal(r.tok_out, out);
            assert_int_equal(r.completed, done);
            assert_int_equal(r.offered, r.completed + r.rejected + r.failed);
            assert_int_equal(l->retries, retries);
            assert_int_equal(l->failed, given_up);
            assert_int_equal(l->lost, x.d.failures.no_retry ? l->failed : l->retries);
            assert_true(l->lost > 0 || l->lost_out_tok + l->lost_prompt_tok == 0);
            if (w.config.pool[0].speculative_tok)       /* several tokens come at once */
                assert_true(r.itl.n <= gaps + l->lost_gaps);
            else
                assert_int_equal(r.itl.n, gaps + l->lost_gaps);
            /* every replica is in one state at each instant */
            int all = w.config.pool[0].replicas + (w.config.npool > 1 ? w.config.pool[1].replicas : 0);
            assert_true(l->held_s + l->down_s + l->lent_s <= all * l->span_s * (1 + 1e-9) + 1e-6);
            check_close(l->lent_useful_s + l->lent_lost_s, l->lent_s, 1e-9);
            assert_true(l->availability_frac >= 0 && l->availability_frac <= 1);
            assert_true(r.busy_frac <= 1 + 1e-9 && r.kv_peak_frac <= 1);
            world_end(&w);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipping_is_exact),
        cmocka_unit_test(nothing_is_lost_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
