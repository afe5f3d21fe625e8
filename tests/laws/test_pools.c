/* Unlike pools, and prefill and decode in pools of their own: nothing is lost between replicas, time runs forward, bytes arrive,
** and skipping steps gives the same bytes, for every policy and router.
*/
#include "check.h"
#include "equal.h"
#include "random_world.h"
#include "speed/handover.h"

struct pools {
    struct step_table table[4];
    struct memory memory[4];
};

/* The world's pool becomes some, each with its own speed, memory, policy and link. */
static void random_pools(struct world *w, struct pools *p, uint64_t seed, bool disaggregated, const struct sched *sched,
                         const struct router *router)
{
    struct rng r;
    random_world(w, seed, sched, router);
    rng_seed(&r, seed, 78);
    struct sim_config *c = &w->config;
    c->npool = (int)draw(&r, 2, 4);
    w->memory.kv_total_bytes_tok = 131072 * (double)draw(&r, 1, 3);
    for (int i = 0; i < c->npool; i++) {
        struct sim_pool *x = &c->pool[i];
        *x = c->pool[0];
        p->table[i] = step_table_scale(w->a, &w->table, 0.3 + 3 * rng_unit(&r));
        p->table[i].ttft_fixed_s = (double)draw(&r, 0, 1) * 0.02;
        p->memory[i] = w->memory;
        p->memory[i].kv_blocks = draw(&r, 3000, 20000) / w->memory.block_tok + 3;
        p->memory[i].kv_tokens = p->memory[i].kv_blocks * w->memory.block_tok;
        p->memory[i].kv_pool_bytes = (double)p->memory[i].kv_tokens * 131072;
        x->table = &p->table[i], x->memory = &p->memory[i];
        x->replicas = (int)draw(&r, 1, 3);
        x->max_seqs = (int)draw(&r, 1, 40);
        x->max_context = draw(&r, 0, 2) ? 0 : draw(&r, 300, 4000);
        x->sched = draw(&r, 0, 3) ? sched : sched_table[draw(&r, 0, (int64_t)sched_count - 1)];
        x->role = !disaggregated ? POOL_BOTH : i % 2 ? POOL_DECODE : POOL_PREFILL;
        double seq = 1e8 * (double)draw(&r, 1, 100);
        x->nic = (struct sim_nic){.bytes_s = seq * (double)draw(&r, 1, 2), .seq_bytes_s = seq,
                                  .latency_s = (double)draw(&r, 0, 2) * 1e-3, .seq_devices = 1};
    }
}

static const struct sched *policy(size_t k)
{
    return sched_table[k];
}

static struct sim_result run(struct world *w, struct pools *p, uint64_t seed, bool disaggregated, size_t k, size_t m, bool step)
{
    struct sim_result r;
    random_pools(w, p, seed, disaggregated, policy(k), router_table[m]);
    w->config.slo = random_slo;
    w->config.nslo = 4;
    w->config.step_by_step = step;
    memset(&r, 0, sizeof r);
    assert_true(world_run(w, &r));
    assert_false(r.stopped);
    return r;
}

static void skipping_is_exact(void **state)
{
    (void)state;
    uint64_t moved = 0, preempted = 0, waited = 0, missed = 0;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t i = 1; i <= 12; i++) {
            struct world fast, slow;
            struct pools p, q;
            uint64_t seed = i * 1000 + k * 20 + m;
            struct sim_result a = run(&fast, &p, seed, i % 4, k, m, false);
            struct sim_result b = run(&slow, &q, seed, i % 4, k, m, true);
            must_be_equal(&a, &b, sched_table[k]->name, seed);
            moved += a.transfer.n;
            preempted += a.transfer.n && a.preemptions;
            waited += a.transfer.room_max_s > 0.5;
            missed += a.miss[MISS_TRANSFER];
            world_end(&fast);
            world_end(&slow);
        }
    }
    print_message("# %d transfers, %d runs with preemptions, %d that waited for room, %d missed by a transfer\n", (int)moved,
                  (int)preempted, (int)waited, (int)missed);
    assert_true(moved > 10000 && preempted > 50 && waited > 50 && missed > 50); /* the hard branches were walked */
}

/* The pool that a replica is of, by its number. */
static int pool_of(const struct world *w, int32_t replica)
{
    int p = 0;
    while (replica >= w->config.pool[p].replicas)
        replica -= w->config.pool[p++].replicas;
    return p;
}

static void nothing_is_lost(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t i = 0; i < 12; i++) {
            struct world w;
            struct pools p;
            bool disaggregated = i % 3;
            struct sim_result r = run(&w, &p, 77 + i * 900 + k * 20 + m, disaggregated, k, m, false);
            uint64_t moved = 0, in = 0, out = 0, ended = 0, good = 0, gaps = 0, prompts = 0;
            double bytes = 0, energy = 0;
            for (size_t j = 0; j < r.nrecord; j++) {
                const struct sim_record *q = &r.record[j];
                if (q->done_ns < 0) {
                    assert_int_equal(q->miss, MISS_TOO_LONG);
                    continue;
                }
                assert_true(q->first_ns > q->arrival_ns);
                assert_true(q->out_tok == 1 ? q->done_ns == q->first_ns : q->done_ns > q->first_ns);
                const struct sim_pool *at = &w.config.pool[pool_of(&w, q->replica)];
                assert_true(at->max_context == 0 || q->in_tok + q->out_tok <= at->max_context || at->role == POOL_PREFILL);
                assert_true(!disaggregated || (at->role == POOL_DECODE) == (q->out_tok > 1));
                moved += disaggregated && q->out_tok > 1;
                bytes += disaggregated && q->out_tok > 1 ? handover_bytes(at->memory, 1, q->in_tok) : 0;
                gaps += (uint64_t)q->out_tok - 1;
            }
            if (w.config.pool[0].speculative_tok || w.config.pool[w.config.npool - 1].speculative_tok)
                assert_true(r.itl.n <= gaps);       /* several tokens come at once */
            else
                assert_int_equal(r.itl.n, gaps);
            assert_int_equal(r.transfer.n, moved);
            check_close(r.transfer.bytes, bytes, 1e-12);
            for (int x = 0; x < w.config.npool; x++) {
                const struct sim_pool_result *y = &r.pool[x];
                in += y->tok_in, out += y->tok_out, good += y->good, energy += y->energy_j;
                ended += w.config.pool[x].role == POOL_PREFILL ? 0 : y->requests;
                prompts += w.config.pool[x].role == POOL_DECODE ? 0 : y->requests;
                assert_true(y->kv_peak_frac <= 1 && y->kv_mean_frac <= y->kv_peak_frac + 1e-12);
                assert_true(y->busy_frac >= 0 && y->busy_frac <= 1 + 1e-9);
                assert_true(y->nic_frac >= 0 && y->nic_frac <= 1 + 1e-6);
            }
            assert_int_equal(in, r.tok_in);
            assert_int_equal(out, r.tok_out);
            assert_int_equal(good, r.good);
            assert_int_equal(prompts, r.completed);
            assert_true(disaggregated || ended == r.completed);
            check_close(energy, r.energy_j, 1e-12);
            assert_int_equal(r.offered, r.completed + r.rejected);
            world_end(&w);
        }
    }
}

/* One request at a time: a faster link makes no request later, and each by what its bytes take less. */
static void more_bandwidth_is_never_slower(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world slow, fast;
        struct pools p, q;
        struct sim_result a, b;
        random_pools(&slow, &p, 5000 + k, true, policy(k), router_table[0]);
        random_pools(&fast, &q, 5000 + k, true, policy(k), router_table[0]);
        slow.config.concurrency = fast.config.concurrency = 1;
        for (int i = 0; i < fast.config.npool; i++) {
            slow.config.pool[i].nic = (struct sim_nic){.bytes_s = 1e9, .seq_bytes_s = 1e9, .seq_devices = 1};
            fast.config.pool[i].nic = (struct sim_nic){.bytes_s = 2e9, .seq_bytes_s = 2e9, .seq_devices = 1};
        }
        assert_true(world_run(&slow, &a) && world_run(&fast, &b));
        for (size_t i = 0; i < a.nrecord; i++) {
            const struct sim_record *x = &a.record[i], *y = &b.record[i];
            if (x->done_ns < 0 || x->out_tok == 1 || x->hit_tok != y->hit_tok)
                continue;
            double less_ns = handover_bytes(&p.memory[0], 1, x->in_tok) * 0.5;
            check_close((double)(x->first_ns - x->arrival_ns) - (double)(y->first_ns - y->arrival_ns), less_ns, 1e-3);
        }
        world_end(&slow);
        world_end(&fast);
    }
}

/* Pools that are all alike are one pool. */
static void equal_pools_are_one(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        struct world one, two;
        struct sim_result a, b;
        memset(&a, 0, sizeof a), memset(&b, 0, sizeof b);
        random_world(&one, 300 + k * 20 + m, sched_table[k], router_table[m]);
        random_world(&two, 300 + k * 20 + m, sched_table[k], router_table[m]);
        one.config.pool[0].replicas = 5;
        two.config.npool = 2;
        two.config.pool[1] = two.config.pool[0];
        two.config.pool[0].replicas = 2, two.config.pool[1].replicas = 3;
        assert_true(world_run(&one, &a) && world_run(&two, &b));
        for (size_t i = 0; i < a.nrecord; i++)
            assert_memory_equal(&a.record[i].arrival_ns, &b.record[i].arrival_ns, 3 * sizeof(int64_t));
        assert_int_equal(a.steps, b.steps);
        check_close(a.energy_j, b.energy_j, 0.05); /* by each pool's mean batch */
        world_end(&one);
        world_end(&two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipping_is_exact),
        cmocka_unit_test(nothing_is_lost),
        cmocka_unit_test(more_bandwidth_is_never_slower),
        cmocka_unit_test(equal_pools_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
