/* First come first served, nobody starves, and a faster machine is never slower at batch 1. */
#include "check.h"
#include "random_world.h"

/* On one replica without preemption, requests are admitted in order, so that first tokens come in order too. */
static void first_come_first_served(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct world w;
            struct sim_result r;
            random_world(&w, seed, sched_table[k], router_table[0]);
            world_memory(&w, 1000000, 16);
            w.memory.kv_window = 0;
            w.memory.state_bytes_seq = 0;
            w.config.pool[0].replicas = 1;
            w.config.pool[0].max_context = 0;
            all_are_equal(&w);
            assert_true(world_run(&w, &r));
            assert_int_equal(r.preemptions, 0);
            for (size_t i = 1; i < r.nrecord; i++)
                assert_true(r.record[i].first_ns >= r.record[i - 1].first_ns);
            world_end(&w);
        }
    }
}

/* Under a load that the replica carries, the longest wait is bounded: nobody is overtaken for ever. */
static void nobody_starves(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_traffic(&w, 3000, 1.0, 400, 60, 11);
        w.config.pool[0].sched = sched_table[k];
        w.config.check = true;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.completed, 3000);
        assert_false(r.saturated);
        assert_true(sim_metric(&r, 0, 1) < 60);
        world_end(&w);
    }
}

static void overload_is_called_saturated(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_traffic(&w, 3000, 60, 800, 200, 11);
        w.config.pool[0].sched = sched_table[k];
        assert_true(world_run(&w, &r));
        assert_int_equal(r.completed, 3000);
        assert_true(r.saturated);
        world_end(&w);
    }
}

static void more_bandwidth_is_never_slower(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        for (uint64_t seed = 1; seed <= 10; seed++) {
            struct world w[2];
            struct sim_result r[2];
            for (int fast = 0; fast < 2; fast++) {
                random_world(&w[fast], seed, sched_table[k], router_table[0]);
                w[fast].config.pool[0].max_seqs = 1;
                w[fast].config.pool[0].replicas = 1;
                w[fast].config.concurrency = 0;
                all_are_equal(&w[fast]);
                w[fast].table.decode_full_q20 >>= fast;
                for (int64_t i = 1; i <= w[fast].table.max_tok; i++)
                    w[fast].table.tok_q20[i] -= fast * (w[fast].table.tok_q20[i] / 5);
                assert_true(world_run(&w[fast], &r[fast]));
            }
            for (size_t i = 0; i < r[0].nrecord; i++)
                assert_true(r[1].record[i].first_ns <= r[0].record[i].first_ns &&
                            r[1].record[i].done_ns <= r[0].record[i].done_ns);
            world_end(&w[0]);
            world_end(&w[1]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_come_first_served),
        cmocka_unit_test(nobody_starves),
        cmocka_unit_test(overload_is_called_saturated),
        cmocka_unit_test(more_bandwidth_is_never_slower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
