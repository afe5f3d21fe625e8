/* What tells the policies apart, each on a case small enough to follow by hand. Steps last 10 ms with prefill, else 1
** ms. */
#include "check.h"
#include "world.h"

#define MS 1000000

static struct sim_record *run(struct world *w, const char *sched, struct sim_result *r)
{
    w->config.pool[0].sched = sched_find(sched);
    assert_non_null(w->config.pool[0].sched);
    w->config.records = w->config.check = true;
    assert_true(world_run(w, r));
    return r->record;
}

/* requests: (n) of arrival in ms, prompt, output */
static void begin(struct world *w, const int64_t (*q)[3], size_t n)
{
    world_begin(w);
    struct step_table t = {.max_tok = w->table.max_tok,
                           .max_seqs = w->table.max_seqs,
                           .tok_q20 = w->table.tok_q20,
                           .head_q20 = w->table.head_q20,
                           .step_fixed_q20 = MS_Q20,
                           .prefill_floor_q20 = 10 * MS_Q20};
    memset(t.tok_q20, 0, sizeof(int64_t) * (size_t)(t.max_tok + 1));
    memset(t.head_q20, 0, sizeof(int64_t) * (size_t)(t.max_seqs + 1));
    w->table = t;
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    for (size_t i = 0; i < n; i++)
        w->traffic.req[i] = (struct request){
            .arrival_ns = q[i][0] * MS, .in_tok = (int32_t)q[i][1], .out_tok = (int32_t)q[i][2], .row = (uint32_t)i};
}

static void every_row_is_complete_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sched_count; i++) {
        const struct sched *s = sched_table[i];
        assert_true(s->name && s->help && s->paper && s->plan);
        assert_ptr_equal(sched_find(s->name), s);
        assert_true(s->help[strlen(s->help) - 1] != '.');
    }
    assert_null(sched_find("vllm"));
    for (size_t i = 0; i < router_count; i++) {
        assert_true(router_table[i]->name && router_table[i]->help && router_table[i]->paper && router_table[i]->pick);
        assert_ptr_equal(router_find(router_table[i]->name), router_table[i]);
    }
    assert_null(router_find("best"));
}

/* A decodes from 10 ms on; B arrives at 15.5 ms with a prompt of 3 chunks. */
static const int64_t two[][3] = {{0, 100, 50}, {15, 300, 2}};

static void vllm_mixes_chunks_with_decode(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, two, 2);
    w.config.pool[0].max_tokens = 128;
    struct sim_record *q = run(&w, "vllm-v1", &r);
    /* B's chunks are 127, 127 and 46 tokens beside A's one: steps 15-25, 25-35, 35-45. */
    assert_int_equal(q[1].first_ns, 45 * MS);
    assert_int_equal(q[1].done_ns, 46 * MS);
    /* A: 10 first, 5 by 15 ms, 3 in the mixed steps, then 41 more */
    assert_int_equal(q[0].done_ns, (45 + 41) * MS);
    world_end(&w);
}

static void sglang_lets_decoders_wait(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, two, 2);
    w.config.pool[0].max_tokens = 128;
    struct sim_record *q = run(&w, "sglang", &r);
    assert_int_equal(q[1].first_ns, 45 * MS); /* 128, 128, 44 */
    assert_int_equal(q[0].done_ns, (45 + 44) * MS);
    check_close(sketch_quantile(&r.itl, 1), 0.031, 1e-9); /* A's longest gap: three prefill steps and its own */
    world_end(&w);
}

static void orca_does_not_cut_prompts(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, two, 2);
    w.config.pool[0].max_tokens = 128;
    struct sim_record *q = run(&w, "orca", &r);
    assert_int_equal(q[1].first_ns, 25 * MS);
    assert_int_equal(q[0].done_ns, (25 + 43) * MS);
    world_end(&w);
}

static void static_waits_for_the_batch(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, two, 2);
    struct sim_record *q = run(&w, "static", &r);
    assert_int_equal(q[0].done_ns, 59 * MS);
    assert_int_equal(q[1].first_ns, 69 * MS);
    world_end(&w);
}

/* Two requests of 32 + 40 tokens in a pool of 7 blocks: 2 each, and both grow until the pool is full. */
static const int64_t tight[][3] = {{0, 32, 40}, {0, 32, 40}};

static void vllm_preempts_the_last(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, tight, 2);
    world_memory(&w, 8, 16); /* one is the null block */
    w.config.pool[0].prefix_cache = PREFIX_CACHE_OFF;
    struct sim_record *q = run(&w, "vllm-v1", &r);
    assert_int_equal(q[0].preemptions, 0);
    assert_int_equal(q[1].preemptions, 1);
    assert_int_equal(q[0].done_ns, 49 * MS);
    /* It had made 17 tokens when both would have opened their 4th block; it recomputes 32 + 17 when A is done. */
    assert_int_equal(q[1].done_ns, (49 + 10 + 22) * MS);
    world_end(&w);
}

static void it_finds_its_blocks_again(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, tight, 2);
    world_memory(&w, 8, 16);
    w.table.prefill_tok_q20 = MS_Q20; /* now a step is as long as its prompt tokens */
    w.table.prefill_floor_q20 = 0;
    struct sim_record *q = run(&w, "vllm-v1", &r);
    assert_int_equal(q[1].preemptions, 1);
    /* 48 of its 49 tokens in 3 blocks; A opened one, the last of the queue is the oldest of B's three. 2 blocks are
     * left. */
    int64_t prompts = 64 + 1, a_done = prompts + 39, recompute = 49 - 32 + 1;
    assert_int_equal(q[0].done_ns, a_done * MS);
    assert_int_equal(q[1].done_ns, (a_done + recompute + 22) * MS);
    world_end(&w);
}

static void reservation_never_preempts(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, tight, 2);
    world_memory(&w, 8, 16);
    struct sim_record *q = run(&w, "trtllm-inflight", &r);
    assert_int_equal(r.preemptions, 0);
    assert_int_equal(q[1].first_ns, q[0].done_ns + 10 * MS); /* 5 blocks each, 8 in all: one after the other */
    world_end(&w);
}

static void a_whole_prompt_must_fit(void **state)
{
    (void)state;
    /* A holds 4 of 8 blocks; B needs 5 for its prompt, 2 for its first chunk. */
    static const int64_t q3[][3] = {{0, 60, 30}, {0, 80, 2}};
    struct world w;
    struct sim_result r;
    begin(&w, q3, 2);
    world_memory(&w, 9, 16);
    w.config.pool[0].max_tokens = 92;
    struct sim_record *q = run(&w, "vllm-v1", &r);
    assert_true(q[1].first_ns > q[0].done_ns);
    assert_int_equal(r.preemptions, 0);
    world_end(&w);
    begin(&w, q3, 2);
    world_memory(&w, 9, 16);
    w.config.pool[0].max_tokens = 92;
    w.config.pool[0].first_chunk_admits = true;
    q = run(&w, "vllm-v1", &r);
    assert_true(r.preemptions > 0); /* admitted too early, it cannot go on */
    world_end(&w);
}

static void sglang_looks_every_so_many_steps(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, two, 2);
    w.config.pool[0].recv_interval_steps = 30;
    struct sim_record *q = run(&w, "sglang", &r);
    assert_int_equal(q[1].first_ns, (10 + 30 + 10) * MS); /* decoding since 10 ms, looks at 40 ms */
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_found), cmocka_unit_test(vllm_mixes_chunks_with_decode),
        cmocka_unit_test(sglang_lets_decoders_wait),       cmocka_unit_test(orca_does_not_cut_prompts),
        cmocka_unit_test(static_waits_for_the_batch),      cmocka_unit_test(vllm_preempts_the_last),
        cmocka_unit_test(it_finds_its_blocks_again),       cmocka_unit_test(reservation_never_preempts),
        cmocka_unit_test(a_whole_prompt_must_fit),         cmocka_unit_test(sglang_looks_every_so_many_steps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
