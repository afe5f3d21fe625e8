/* Skipping steps changes nothing: the same bytes as step by step, for every policy, router and world. And run to run.
 */
#include "check.h"
#include "equal.h"
#include "random_world.h"

static struct sim_result run(struct world *w, uint64_t seed, const struct sched *sched, const struct router *router,
                             bool step)
{
    struct sim_result r;
    random_world(w, seed, sched, router);
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
    uint64_t hits = 0, preempted = 0, swapped = 0, both = 0, guessed = 0, shed = 0, ordered = 0;
    FOR_EVERY_POLICY(k, m)
    {
        for (uint64_t seed = 1; seed <= 40; seed++) {
            struct world fast, slow;
            uint64_t at = seed * 100 + k * 10 + m;
            struct sim_result a = run(&fast, at, sched_table[k], router_table[m], false);
            struct sim_result b = run(&slow, at, sched_table[k], router_table[m], true);
            must_be_equal(&a, &b, sched_table[k]->name, at);
            hits += a.tok_hit > 0;
            swapped += a.swaps > 0;
            shed += a.shed > 0;
            ordered += fast.config.pool[0].by_priority && a.preemptions > 0;
            guessed += a.spec_steps > 0 && a.preemptions > 0;
            both += a.swaps > 0 && a.swaps < a.preemptions;
            preempted += a.prefix_cache && a.preemptions > 0;
            world_end(&fast);
            world_end(&slow);
        }
    }
    print_message("# %d runs with prefix hits, %d with a cache and preemptions\n", (int)hits, (int)preempted);
    print_message("# %d runs with swaps, %d of them with a full swap space\n", (int)swapped, (int)both);
    print_message("# %d runs with speculation and preemptions\n", (int)guessed);
    assert_true(swapped > 60 && both > 10 && guessed > 20);
    print_message("# %d runs turned somebody away, %d by priority with preemptions\n", (int)shed, (int)ordered);
    assert_true(shed > 50 && ordered > 20);
    assert_true(hits > 300 && preempted > 30); /* the hard branches were walked */
}

static void the_same_run_to_run(void **state)
{
    (void)state;
    FOR_EVERY_POLICY(k, m)
    {
        struct world one, two;
        struct sim_result a = run(&one, 5, sched_table[k], router_table[m], false);
        struct sim_result b = run(&two, 5, sched_table[k], router_table[m], false);
        must_be_equal(&a, &b, sched_table[k]->name, 5);
        assert_int_equal(a.events, b.events);
        world_end(&one);
        world_end(&two);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipping_is_exact),
        cmocka_unit_test(the_same_run_to_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
