/* Prefill and decode apart, and unlike pools, by hand. Steps of 1 ms, 10 ms with prefill; 16 prompt tokens of 1 MB of KV each. */
#include "check.h"
#include "world.h"

#define MS 1000000

static void simple(struct world *w, size_t n, int64_t gap_ms, int32_t out)
{
    world_begin(w);
    struct step_table t = {.max_tok = w->table.max_tok, .max_seqs = w->table.max_seqs, .tok_q20 = w->table.tok_q20,
                           .head_q20 = w->table.head_q20, .step_fixed_q20 = MS_Q20, .prefill_floor_q20 = 10 * MS_Q20,
                           .power_idle_w = 100, .npower = 1, .power_decode_w = {300}, .power_prefill_w = 500,
                           .ttft_fixed_s = 0.005};
    memset(t.tok_q20, 0, sizeof(int64_t) * (size_t)(t.max_tok + 1));
    memset(t.head_q20, 0, sizeof(int64_t) * (size_t)(t.max_seqs + 1));
    w->table = t;
    w->memory.kv_total_bytes_tok = 1e6;
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    for (size_t i = 0; i < n; i++)
        w->traffic.req[i] = (struct request){
            .arrival_ns = (int64_t)i * gap_ms * MS, .in_tok = 16, .out_tok = out, .row = (uint32_t)i + 2};
    w->config.check = w->config.records = true;
    struct sim_pool *p = w->config.pool;
    w->config.npool = 2;
    p[1] = p[0];
    p[0].role = POOL_PREFILL, p[1].role = POOL_DECODE;
    for (int i = 0; i < 2; i++)
        p[i].nic = (struct sim_nic){.bytes_s = 1e9, .seq_bytes_s = 1e9, .latency_s = 0.002 * i, .seq_devices = 1};
}

/* Prompt 0-10 ms; routed 1 ns later; latency 2 ms, 16 MB at 1 GB/s 16 ms; 10 tokens more. */
static void one_request(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 1, 0, 11);
    assert_true(world_run(&w, &r));
    assert_int_equal(r.record[0].first_ns, 38 * MS + 1); /* both front ends: 10 ms */
    assert_int_equal(r.record[0].done_ns, 48 * MS + 1);
    assert_int_equal(r.record[0].replica, 1);
    assert_int_equal(r.transfer.n, 1);
    check_close(r.transfer.bytes, 16e6, 1e-12);
    check_close(r.transfer.moving_mean_s, 0.018, 1e-9);
    check_close(r.transfer.room_mean_s, 1e-9, 1e-9);
    check_close(r.pool[0].nic_frac, 16.0 / 38, 1e-6);
    assert_true(r.pool[0].requests == 1 && r.pool[0].tok_in == 16 && r.pool[0].tok_out == 1);
    assert_true(r.pool[1].requests == 1 && r.pool[1].tok_in == 0 && r.pool[1].tok_out == 10);
    check_close(r.pool[0].energy_j, 0.010 * 500 + 0.028000001 * 100, 1e-9);
    check_close(r.pool[1].energy_j, 0.010 * 300 + 0.028000001 * 100, 1e-9);
    check_close(r.energy_j, r.pool[0].energy_j + r.pool[1].energy_j, 1e-12);
    world_end(&w);
}

static void an_answer_of_one_token_stays(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 1, 0, 1);
    assert_true(world_run(&w, &r));
    assert_int_equal(r.record[0].done_ns, 15 * MS);
    assert_int_equal(r.record[0].replica, 0);
    assert_int_equal(r.transfer.n, 0);
    world_end(&w);
}

/* Two prompts of one step leave over one NIC, to two replicas: 32 ms each. */
static void two_share_the_sender(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 2, 0, 11);
    w.config.pool[1].replicas = 2;
    assert_true(world_run(&w, &r));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(r.record[i].first_ns, 54 * MS + 1);
        assert_int_equal(r.record[i].replica, 1 + i);
    }
    world_end(&w);
}

/* The decode replica has a seat for one: the second prompt's KV stays in the prefill replica until the first is done. */
static void a_full_decode_pool_holds_the_prompt_back(void **state)
{
    (void)state;
    static const struct sim_slo slo[] = {{SLO_TTFT, 0.5, 0.0379}};
    struct world w;
    struct sim_result r;
    simple(&w, 3, 0, 17);
    w.config.pool[1].max_seqs = 1;
    w.memory.kv_blocks = 3, w.memory.kv_tokens = 48; /* one is vLLM's own: two prompts at a time, the third waits for prefill */
    w.config.slo = slo, w.config.nslo = 1;
    assert_true(world_run(&w, &r));
    /* The first as alone, joined at 28 ms. The second's KV begins to move when the first is done, at 44 ms. */
    assert_int_equal(r.record[0].first_ns, 38 * MS + 1);
    assert_int_equal(r.record[1].first_ns, (44 + 18 + 10) * MS + 1);
    /* The first's KV is given back at 28 ms: the third is computed until 38 ms, and waits for the second, done at 78 ms. */
    assert_int_equal(r.record[2].first_ns, (78 + 18 + 10) * MS + 1);
    check_close(r.transfer.room_max_s, 0.040, 1e-6);
    assert_int_equal(r.record[0].miss, MISS_TRANSFER); /* 0.1 ms above the limit, and 18 ms of it moving */
    assert_int_equal(r.record[2].miss, MISS_QUEUE); /* 28 ms before its prompt, 40 behind it, of 106 */
    assert_int_equal(r.miss[MISS_TRANSFER], 1);
    world_end(&w);
}

/* A big and a small pool: what the small one cannot hold goes to the big one, and nothing to nobody. */
static void who_can_take_it(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 6, 100, 5);
    struct memory small = w.memory;
    small.kv_blocks = 3;
    w.config.pool[0].role = w.config.pool[1].role = POOL_BOTH;
    w.config.pool[1].memory = &small;
    w.config.router = router_find("round-robin");
    w.traffic.req[1].in_tok = w.traffic.req[3].in_tok = 40;
    w.traffic.req[5].in_tok = 100000;
    assert_true(world_run(&w, &r));
    const int32_t replica[] = {0, 0, 1, 0, 0, -1}; /* each set has its own turn */
    for (int i = 0; i < 6; i++)
        assert_int_equal(r.record[i].replica, replica[i]);
    assert_int_equal(r.rejected, 1);
    assert_int_equal(r.pool[0].requests + r.pool[1].requests, 5);
    world_end(&w);
}

/* Twice the speed, twice the requests. */
static void shortest_delay_weighs(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    simple(&w, 9, 0, 50);
    struct step_table fast = step_table_scale(w.a, &w.table, 0.5);
    w.config.pool[0].role = w.config.pool[1].role = POOL_BOTH;
    w.config.pool[1].table = &fast;
    w.config.router = router_find("shortest-delay");
    assert_true(world_run(&w, &r));
    assert_int_equal(r.pool[0].requests, 3);
    assert_int_equal(r.pool[1].requests, 6);
    world_end(&w);
}

static void refused(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    struct err e = {0};
    simple(&w, 1, 0, 5);
    w.config.pool[0].role = POOL_BOTH;
    assert_false(sim_run(w.a, &w.config, &w.traffic, &r, &e));
    assert_non_null(strstr(e.what, "a prefill and a decode pool"));
    w.config.pool[0].role = POOL_PREFILL;
    w.config.pool[1].nic.bytes_s = 0;
    assert_false(sim_run(w.a, &w.config, &w.traffic, &r, &e));
    assert_non_null(strstr(e.what, "no link"));
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_request),
        cmocka_unit_test(an_answer_of_one_token_stays),
        cmocka_unit_test(two_share_the_sender),
        cmocka_unit_test(a_full_decode_pool_holds_the_prompt_back),
        cmocka_unit_test(who_can_take_it),
        cmocka_unit_test(shortest_delay_weighs),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
