/* Priorities and admission control, on cases small enough to follow by hand: 10 ms a step with prefill, else 1 ms. */
#include "check.h"
#include "world.h"

#define MS 1000000

/* q: (n) of arrival in ms, prompt, output, class */
static void begin(struct world *w, const int64_t (*q)[4], size_t n)
{
    world_begin(w);
    memset(w->table.tok_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_tok + 1));
    memset(w->table.head_q20, 0, sizeof(int64_t) * (size_t)(w->table.max_seqs + 1));
    w->table = (struct step_table){.max_tok = w->table.max_tok, .max_seqs = w->table.max_seqs, .tok_q20 = w->table.tok_q20,
                                   .head_q20 = w->table.head_q20, .step_fixed_q20 = MS_Q20, .prefill_floor_q20 = 10 * MS_Q20};
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    for (size_t i = 0; i < n; i++) {
        w->traffic.req[i] = (struct request){.arrival_ns = q[i][0] * MS, .in_tok = (int32_t)q[i][1], .out_tok = (int32_t)q[i][2],
                                             .row = (uint32_t)i, .priority = (uint32_t)q[i][3] & 0xf};
        w->traffic.classes = (int)q[i][3] >= w->traffic.classes ? (int)q[i][3] + 1 : w->traffic.classes;
    }
    w->config.records = w->config.check = true;
    w->config.pool[0].max_seqs = 1;
}

/* One at a time, 20 ms each (10 + 10 steps): whoever waits is served by (class, arrival). */
static const int64_t four[][4] = {{0, 10, 11, 1}, {1, 10, 11, 2}, {2, 10, 11, 1}, {3, 10, 11, 0}};

static void classes_order_the_queue(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++) {
        struct world w;
        struct sim_result r;
        begin(&w, four, 4);
        w.config.pool[0].sched = sched_table[k];
        w.config.pool[0].by_priority = true;
        assert_true(world_run(&w, &r));
        static const int64_t done[] = {20, 80, 60, 40};
        for (int i = 0; i < 4; i++)
            assert_int_equal(r.record[i].done_ns, done[i] * MS);
        assert_int_equal(r.classes, 3);
        assert_int_equal(r.by_class[1].completed, 2);
        check_close(r.by_class[2].wait_max_s, 0.059, 1e-9);     /* the price of strict priority is shown */
        world_end(&w);
    }
}

/* Two sequences outgrow the pool: the larger class makes room, whoever came first. */
static void the_larger_class_makes_room(void **state)
{
    (void)state;
    static const int64_t two[][4] = {{0, 32, 40, 1}, {0, 32, 40, 0}};
    for (int order = 0; order < 2; order++) {
        struct world w;
        struct sim_result r;
        begin(&w, two, 2);
        world_memory(&w, 8, 16);
        w.config.pool[0].max_seqs = 8;
        w.config.pool[0].by_priority = order;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.record[order ? 0 : 1].preemptions, 1);
        assert_int_equal(r.record[order ? 1 : 0].preemptions, 0);
        world_end(&w);
    }
}

static void a_full_queue_turns_away(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    begin(&w, four, 4);
    w.config.pool[0].max_queue = 1;
    assert_true(world_run(&w, &r));     /* 1 waits; 2 and 3 find the queue full */
    assert_int_equal(r.shed, 2);
    assert_int_equal(r.rejected, 2);
    assert_true(r.record[1].done_ns == 40 * MS && r.record[2].done_ns < 0 && r.record[3].done_ns < 0);
    world_end(&w);
    begin(&w, four, 4);
    w.config.pool[0].max_queue = 1;
    w.config.pool[0].shed_lowest = true;
    assert_true(world_run(&w, &r));     /* 2 takes the place of 1, 3 that of 2 */
    assert_int_equal(r.shed, 2);
    assert_true(r.record[3].done_ns == 40 * MS && r.record[1].done_ns < 0 && r.record[2].done_ns < 0);
    assert_int_equal(r.by_class[2].rejected, 1);
    world_end(&w);
}

/* Turned away at the end of the step that runs when the time is over; skipping and stepping agree. */
static void nobody_waits_longer(void **state)
{
    (void)state;
    static const int64_t three[][4] = {{0, 10, 100, 0}, {5, 10, 11, 0}, {100, 10, 11, 0}};
    for (int step = 0; step < 2; step++) {
        struct world w;
        struct sim_result r;
        begin(&w, three, 3);
        w.config.pool[0].max_wait_ns = 20 * MS + MS / 2;
        w.config.step_by_step = step;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.shed, 1);
        assert_true(r.record[0].done_ns == 109 * MS && r.record[1].done_ns < 0 && r.record[2].done_ns == 129 * MS);
        check_close(r.queue_mean, (21.0 + 9) / 129, 1e-9);      /* 5 to 26 ms, and 100 to 109 */
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_order_the_queue),
        cmocka_unit_test(the_larger_class_makes_room),
        cmocka_unit_test(a_full_queue_turns_away),
        cmocka_unit_test(nobody_waits_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
