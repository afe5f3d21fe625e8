/* test_session.c - sessions in the simulator: a call waits for the answer before it, under every scheduler and router. */
#include "check.h"

#include "base/doc.h"
#include "base/note.h"
#include "sim/world.h"

static void load(struct world *w, const char *text)
{
    struct node *nd;
    struct err e;
    if (!doc_yaml(w->a, "t.yaml", text, strlen(text), &nd, &e) || !traffic_load(w->a, nd, "", 1, &w->traffic, NULL, &e))
        fail_msg("%s", e.what);
    w->config.records = true;
    w->config.check = true;
}

/* Each call is sent its wait after the last token before it, as the client sees it; everything is served. */
static void check_run(const struct world *w, const struct sim_result *r)
{
    const struct traffic *t = &w->traffic;
    assert_int_equal(r->completed + r->rejected, t->n);
    for (size_t i = 0; i < t->n; i++) {
        uint32_t next = t->turn[i].next;
        if (t->turn[i].wait_ns < 0 && !t->concurrency && r->record[i].done_ns >= 0)
            assert_int_equal(r->record[i].arrival_ns, t->req[i].arrival_ns);
        if (next != TURN_NONE && r->record[next].done_ns >= 0 && r->record[i].done_ns >= 0)
            assert_int_equal(r->record[next].arrival_ns, r->record[i].done_ns + t->turn[next].wait_ns + 1);
    }
}

#define AGENTS "arrivals: {rate: 0.5/s}, sessions: {turns: {dist: geometric, mean: 3}, calls: {dist: geometric, mean: 4}, " \
               "system_tokens: 300, tool_tokens: 100, think_time: {dist: exponential, mean: 5s}, tool_time: 700ms, context: 8000}, " \
               "prompt_tokens: {dist: lognormal, median: 100, p99: 2000}, output_tokens: {dist: lognormal, mean: 80, cv: 1}"

static void every_policy(void **state)
{
    (void)state;
    for (size_t k = 0; k < sched_count; k++)
        for (int replicas = 1; replicas <= 3; replicas += 2) {
            struct world w;
            struct sim_result skip, step;
            world_begin(&w);
            load(&w, "{" AGENTS ", duration: 100s}");
            w.config.pool[0].sched = sched_table[k];
            w.config.pool[0].replicas = replicas;
            assert_true(world_run(&w, &skip));
            check_run(&w, &skip);
            w.config.step_by_step = true;
            assert_true(world_run(&w, &step));
            assert_memory_equal(skip.record, step.record, skip.nrecord * sizeof *skip.record);
            world_end(&w);
        }
}

static int by_instant(const void *va, const void *vb)
{
    const int64_t *a = va, *b = vb;
    return a[0] != b[0] ? (a[0] > b[0]) - (a[0] < b[0]) : (a[1] > b[1]) - (a[1] < b[1]);
}

/* Never more than so many sessions at a time, and as many as long as there are any left. */
static void closed_loop(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    world_begin(&w);
    load(&w, "{concurrency: 6, sessions: {turns: {dist: geometric, mean: 5}, think_time: 300ms}, prompt_tokens: 100, output_tokens: 30, requests: 600}");
    assert_true(world_run(&w, &r));
    check_run(&w, &r);
    assert_false(r.saturated);
    int64_t (*at)[2] = calloc(2 * w.traffic.sessions, sizeof *at);
    size_t n = 0;
    for (size_t i = 0; i < w.traffic.n; i++) {
        if (w.traffic.turn[i].wait_ns < 0)
            at[n][0] = r.record[i].arrival_ns, at[n++][1] = 1;
        if (w.traffic.turn[i].next == TURN_NONE)
            at[n][0] = r.record[i].done_ns + 1, at[n++][1] = -1;       /* when the next may begin */
    }
    assert_int_equal(n, 2 * w.traffic.sessions);
    qsort(at, n, sizeof *at, by_instant);
    int64_t open = 0, begun = 0;
    for (size_t i = 0; i < n; i++) {
        open += at[i][1];
        begun += at[i][1] > 0;
        assert_true(open <= 6);
        if (i + 1 < n && at[i + 1][0] != at[i][0])
            assert_true(open == 6 || begun == w.traffic.sessions);
    }
    free(at);
    world_end(&w);
}

/* A conversation that outgrows the pool is rejected call by call, and the run ends. */
static void too_long(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    world_begin(&w);
    world_memory(&w, 100, 16);
    load(&w, "{arrivals: {rate: 1/s}, sessions: {turns: 10, think_time: 1s}, prompt_tokens: 200, output_tokens: 50, duration: 20s}");
    assert_true(world_run(&w, &r));
    check_run(&w, &r);
    assert_int_equal(r.rejected, w.traffic.sessions * 4);       /* 6 * 250 <= 1600 < 7 * 250 */
    world_end(&w);
}

/* A session alone: think time does not load the card, and the makespan is what its parts add up to. */
static void alone(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    world_begin(&w);
    load(&w, "{concurrency: 1, sessions: {turns: 4, think_time: 60s}, prompt_tokens: 100, output_tokens: 10, requests: 4}");
    assert_true(world_run(&w, &r));
    check_run(&w, &r);
    check_close(r.makespan_s, 180 + r.e2e.sum - w.table.ttft_fixed_s, 1e-6);
    assert_true(r.busy_frac < 0.02);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_policy), cmocka_unit_test(closed_loop), cmocka_unit_test(too_long), cmocka_unit_test(alone),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
