/* Preemption by swapping, on cases small enough to follow by hand: 10 ms a step with prefill, else 1 ms. */
#include "check.h"
#include "world.h"

#define MS 1000000

/* Two requests of 32 + 40 tokens in a pool of 7 blocks: 2 each, and both grow until the pool is full. */
static struct sim_record *run(struct world *w, const char *sched, int64_t room, double block_ms, struct sim_result *r)
{
    world_begin(w);
    memset(w->table.tok_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_tok + 1));
    memset(w->table.head_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_seqs + 1));
    w->table = (struct step_table){.max_tok = w->table.max_tok, .max_seqs = w->table.max_seqs, .tok_q20 = w->table.tok_q20,
                                   .head_q20 = w->table.head_q20, .step_fixed_q20 = MS_Q20, .prefill_floor_q20 = 10 * MS_Q20};
    world_memory(w, sched_find(sched)->held_back_blocks + 7, 16);
    w->traffic = (struct traffic){.n = 2, .req = ARENA_ARRAY(w->a, struct request, 2)};
    for (size_t i = 0; i < 2; i++)
        w->traffic.req[i] = (struct request){.in_tok = 32, .out_tok = 40, .row = (uint32_t)i};
    w->config.pool[0].sched = sched_find(sched);
    w->config.pool[0].swap = (struct sim_swap){room, (int64_t)(block_ms * MS_Q20)};
    w->config.records = w->config.check = true;
    assert_true(world_run(w, r));
    return r->record;
}

/* The first tokens at 10 ms, then 16 steps; both would open their 4th block: B's 3 blocks go out in A's next step. */
static void out_and_back(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_record *q = run(&w, "vllm-v1", 3, 2, &r);
    assert_int_equal(r.preemptions, 1);
    assert_int_equal(r.swaps, 1);
    check_close(r.swap_peak_frac, 1, 1e-12);
    assert_int_equal(q[0].preemptions, 0);
    assert_int_equal(q[0].done_ns, (49 + 6) * MS);              /* A waits for 3 blocks of 2 ms */
    assert_int_equal(q[1].first_ns, 10 * MS);
    /* B had made 17; back in 6 ms, its 18th in a step of 10 ms with one token of prefill, 22 more. */
    assert_int_equal(q[1].done_ns, (55 + 6 + 10 + 22) * MS);
    check_close(sketch_quantile(&r.itl, 1), 1e-3 * (55 + 16 - 26), 5e-3);    /* its longest gap: all the time it was out */
    world_end(&w);
}

static void a_full_space_recomputes(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct sim_record *q = run(&w, "trtllm-max-util", 2, 2, &r);
    assert_int_equal(r.preemptions, 1);
    assert_int_equal(r.swaps, 0);
    assert_int_equal(q[0].done_ns, 49 * MS);
    assert_int_equal(q[1].done_ns, (49 + 10 + 22) * MS);
    world_end(&w);
}

/* A link that costs nothing: the same tokens at the same time as recomputing in steps of equal length. */
static void every_row_that_preempts_swaps(void **state)
{
    (void)state;
    for (size_t i = 0; i < sched_count; i++) {
        struct world w;
        struct sim_result r;
        struct sim_record *q = run(&w, sched_table[i]->name, 100, 0, &r);
        assert_int_equal(r.swaps, r.preemptions);
        assert_true(sched_table[i]->reserve ? !r.swaps : r.swaps > 0);
        int64_t a = q[0].done_ns, b = q[1].done_ns;
        world_end(&w);
        q = run(&w, sched_table[i]->name, 0, 0, &r);
        assert_true(q[0].done_ns == a && q[1].done_ns == b);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_and_back),
        cmocka_unit_test(a_full_space_recomputes),
        cmocka_unit_test(every_row_that_preempts_swaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
