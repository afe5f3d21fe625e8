/* Speculative decoding: the draws have the distribution of Leviathan et al., and requests take as many steps as they say. */
#include <math.h>

#include "check.h"
#include "sim/speculation.h"
#include "world.h"

#define MS 1000000

static double mean_tok(int k, double a)
{
    return a < 1 ? (1 - pow(a, k + 1)) / (1 - a) : k + 1;
}

static struct speculation row(uint64_t *reach, int k, double a)
{
    for (int i = 0; i < k; i++)
        reach[i] = a >= 1 ? UINT64_MAX : (uint64_t)(0x1p64 * pow(a, i + 1));
    return (struct speculation){k, reach};
}

static void draws_have_their_mean(void **state)
{
    (void)state;
    static const struct { int k; double a; } at[] = {{1, 0.8}, {3, 0.6}, {4, 0.7}, {5, 0.9}, {8, 0.3}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        uint64_t reach[8];
        struct speculation p = row(reach, at[i].k, at[i].a);
        check_close((double)speculation_steps(&p, 1, (uint32_t)i, 1, 400000), 400000 / mean_tok(at[i].k, at[i].a), 0.01);
        int64_t ones = 0;       /* k + 1 tokens in one step: all were accepted */
        for (uint32_t q = 0; q < 20000; q++)
            ones += speculation_steps(&p, 7, q, 1, at[i].k + 1) == 1;
        assert_true(fabs((double)ones / 20000 - pow(at[i].a, at[i].k)) < 0.015);
    }
    uint64_t reach[4];
    struct speculation all = row(reach, 4, 1);
    assert_int_equal(speculation_steps(&all, 1, 1, 1, 101), 21);
    struct speculation none = row(reach, 4, 0);
    assert_int_equal(speculation_steps(&none, 1, 1, 1, 101), 101);
}

static void flat(struct world *w, size_t n, int32_t out, int k, double a)
{
    world_begin(w);
    w->table = (struct step_table){.max_tok = w->table.max_tok, .max_seqs = w->table.max_seqs, .tok_q20 = w->table.tok_q20,
                                   .step_fixed_q20 = MS_Q20, .prefill_floor_q20 = 10 * MS_Q20};
    memset(w->table.tok_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_tok + 1));
    world_speculation(w, k, a);
    memset(w->table.draft_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_seqs + 1));
    memset(w->table.head_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_seqs * (k + 1) + 1));
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    for (size_t i = 0; i < n; i++)
        w->traffic.req[i] = (struct request){.arrival_ns = (int64_t)i * 1000 * MS, .in_tok = 100, .out_tok = out, .row = (uint32_t)i};
    w->config.records = w->config.check = true;
}

/* Steps of 1 ms, one request at a time: the time of its answer is its number of steps. */
static void an_answer_takes_its_steps(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    uint64_t reach[3], steps = 0;
    struct speculation p = row(reach, 3, 0.6);
    flat(&w, 300, 201, 3, 0.6);
    assert_true(world_run(&w, &r));
    for (uint32_t i = 0; i < 300; i++) {
        int64_t n = speculation_steps(&p, w.config.seed, i, 1, 200);
        assert_int_equal(r.record[i].done_ns - r.record[i].first_ns, n * MS);
        steps += (uint64_t)n;
    }
    assert_int_equal(r.spec_steps, steps);
    assert_int_equal(r.spec_tok, 300 * 200);
    check_close((double)r.spec_tok / (double)r.spec_steps, mean_tok(3, 0.6), 0.02);
    check_close(sketch_mean(&r.tpot), 1e-3 / mean_tok(3, 0.6), 0.02);
    assert_int_equal(r.itl.n, steps);
    world_end(&w);
}

/* All accepted: k + 1 tokens a step for all. None: as many steps as without, each with the draft's time. */
static void the_ends(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    flat(&w, 4, 201, 3, 1);
    assert_true(world_run(&w, &r));
    for (int i = 0; i < 4; i++)
        assert_int_equal(r.record[i].done_ns - r.record[i].first_ns, 50 * MS);
    world_end(&w);
    flat(&w, 4, 201, 3, 0);
    w.table.draft_q20[1] = MS_Q20 / 2;
    assert_true(world_run(&w, &r));
    for (int i = 0; i < 4; i++)
        assert_int_equal(r.record[i].done_ns - r.record[i].first_ns, 200 * 3 * MS / 2);
    world_end(&w);
}

/* What a context costs: by the mean of a step, within a few tokens of what the draws give. */
static void contexts_grow_by_the_mean(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    flat(&w, 200, 401, 4, 0.7);
    w.table.step_fixed_q20 = 0;
    w.table.decode_full_q20 = 1000 * Q20;       /* 1 us a token of context */
    assert_true(world_run(&w, &r));
    double steps = 400 / mean_tok(4, 0.7), want = steps * (100 + 200) * 1e-6;
    double got = 0;
    for (int i = 0; i < 200; i++)
        got += (double)(r.record[i].done_ns - r.record[i].first_ns) * 1e-9 / 200;
    check_close(got, want, 0.02);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_have_their_mean),
        cmocka_unit_test(an_answer_takes_its_steps),
        cmocka_unit_test(the_ends),
        cmocka_unit_test(contexts_grow_by_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
