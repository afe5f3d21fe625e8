/* test_train.c - the training step against numbers worked out by hand, and what must hold whatever the constants. */
#include "train_fixture.h"

#include "base/err.h"
#include "speed/train_part.h"

/* 6 * active weights + 12 * layers * heads * head_dim * s, PaLM appendix B: for Llama 3.1 8B at 8,192 tokens the second
** part is 12 * 32 * 4096 * 8192 = 12,884,901,888. */
static void counts_model_flop(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    double attention = 12884901888.0, weights = 6 * model_active_params(&m);
    check_close(train_model_flop_tok(&m, 8192, false), weights + attention, 1e-12);
    check_close(train_model_flop_tok(&m, 8192, true), weights + attention / 2, 1e-12);
    /* the layers alone: 32 * (4096 * (4096 + 2 * 1024 + 4096) + 3 * 4096 * 14336) weights, the head 4096 * 128256 */
    check_close(weights / 6, 32.0 * (4096.0 * 10240 + 3 * 4096.0 * 14336) + 4096.0 * 128256, 1e-3);
}

/* A window of w tokens looks at w - w^2 / (2 s) keys a query on average, sparse attention at its top k. */
static void counts_what_is_attended(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    double weights = 6 * model_active_params(&m), a_key = 6.0 * 32 * 32 * 256; /* layers * heads * (128 + 128) */
    l.window = 1024;
    check_close(train_model_flop_tok(&m, 8192, false), weights + a_key * (1024 - 64), 1e-12);
    check_close(train_model_flop_tok(&m, 8192, true), weights + a_key * (1024 - 64), 1e-12);
    l.window = 100000; /* wider than the sequence: nothing is left out */
    check_close(train_model_flop_tok(&m, 8192, true), weights + a_key * 4096, 1e-12);
    l.window = 0, l.topk = 2048;
    check_close(train_model_flop_tok(&m, 131072, false), weights + a_key * 2048, 1e-12);
}

/* 1 device, 1 sequence: hardware FLOP of the step are 6N and causal attention, 12*L*h*s/2 a token, and (s+1)/s of it.
 */
static void counts_hardware_flop(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 1, 1, 8192);
    struct train_split s = train_ways(1, 1, 1, 1);
    struct train_step t;
    train_step(&j, &s, &t);
    check_close(t.hardware_flop, 8192 * train_model_flop_tok(&m, 8192, true), 2e-3);
    double plain = t.hardware_flop;
    s.recompute = RECOMPUTE_FULL;
    train_step(&j, &s, &t);
    double head = 6.0 * 4096 * 128256 * 8192;
    check_close(t.hardware_flop - head, (plain - head) * 4 / 3, 1e-9);
}

static void bubble(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 64, 32, 4096);
    struct train_split s = train_ways(8, 8, 1, 1);
    struct train_step t;
    train_step(&j, &s, &t);
    assert_int_equal(t.micro_batches, 32);
    check_close(t.bubble_frac, 7.0 / 39, 1e-12);
    double plain = t.part_s[TRAIN_BUBBLE];
    s.vp = 5;
    train_step(&j, &s, &t);
    check_close(t.bubble_frac, 7.0 / (32 * 5 + 7), 1e-12);
    assert_true(t.part_s[TRAIN_BUBBLE] < plain / 4);
}

static void parts_add_up(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_deepseek_v3(l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 256, 1024, 4096);
    struct train_split s = {.tp = 2,
                            .pp = 4,
                            .vp = 1,
                            .cp = 1,
                            .ep = 16,
                            .dp = 32,
                            .micro_batch = 1,
                            .shard = SHARD_OPTIMIZER,
                            .recompute = RECOMPUTE_FULL};
    struct train_step t;
    double sum = 0;
    train_step(&j, &s, &t);
    for (int i = 0; i < TRAIN_PART_N; i++) {
        assert_true(t.part_s[i] >= 0);
        sum += t.part_s[i];
    }
    check_close(sum, t.t_s, 1e-12);
    assert_true(t.part_s[TRAIN_EP] > 0 && t.part_s[TRAIN_RECOMPUTE] > 0 && t.part_s[TRAIN_TP] > 0);
}

/* Four devices, each on a node of its own because eight of a tensor-parallel group stand between: scale-out alone. */
static void groups_stand_apart(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 32, 32, 2048);
    double got = train_collective_s(&j, COLL_ALL_GATHER, 4, 8, 1e9);
    check_close(got, 14e-6 + 5e-6 * 2 + 0.75 * 1e9 / (50e9 * 0.8), 1e-12);
    /* neighbours share the node: 450 GB/s at 1.5 times the benchmarked share */
    got = train_collective_s(&j, COLL_ALL_GATHER, 4, 1, 1e9);
    check_close(got, 5.4e-6 + 2.7e-6 * 2 + 0.75 * 1e9 / (450e9 * 0.48 * 1.5), 1e-12);
    check_close(train_collective_s(&j, COLL_ALL_GATHER, 1, 1, 1e9), 0, 0);
}

static double step_s(struct train_job j, struct train_split s)
{
    struct train_step t;
    train_step(&j, &s, &t);
    return t.t_s;
}

/* Nothing gets slower when a rate grows, and recomputation is never free. */
static void laws(void **state)
{
    (void)state;
    struct layer l[2];
    struct model dense = LLAMA_70B(&l[0]);
    struct rng r;
    rng_seed(&r, 7, 1);
    for (int i = 0; i < 300; i++) {
        struct accelerator a = acc_h100(), b;
        int tp = 1 << rng_below(&r, 4), pp = 1 << rng_below(&r, 3), dp = 1 << rng_below(&r, 5),
            vp = pp > 1 && rng_below(&r, 2) ? 5 : 1;
        struct train_split s = train_ways(tp, pp, vp, dp);
        s.shard = (enum train_shard)rng_below(&r, SHARD_N);
        s.recompute = (enum train_recompute)rng_below(&r, RECOMPUTE_N);
        struct train_job j = train_plain_job(&a, &dense, tp * pp * dp, 16 * dp, 2048 << rng_below(&r, 3));
        double base = step_s(j, s);
        double *rate[] = {&b.mem_bw_bytes_s, &b.peak_flop_s[ARITH_BF16], &b.scaleup.total_bytes_s, &b.scaleout_bytes_s};
        for (size_t k = 0; k < sizeof rate / sizeof *rate; k++) {
            b = a;
            *rate[k] *= 1.7;
            j.acc = &b;
            assert_true(step_s(j, s) <= base * (1 + 1e-9));
        }
        j.acc = &a;
        struct train_split none = s, full = s, some = s;
        none.recompute = RECOMPUTE_NONE, full.recompute = some.recompute = RECOMPUTE_FULL;
        some.recompute_layers = 1;
        assert_true(step_s(j, none) < step_s(j, some) && step_s(j, some) <= step_s(j, full));
        j.global_batch *= 2; /* twice the work takes longer, but not twice as long with the fixed parts shared */
        double twice = step_s(j, s);
        assert_true(twice > base && twice < 2 * base * (1 + 1e-9));
    }
}

/* Frozen weights: no dW, no gradients to reduce, no optimizer. */
static void lora(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 64, 8, 8192);
    struct train_split s = train_ways(8, 1, 1, 8);
    struct train_step all, some;
    train_step(&j, &s, &all);
    j.lora_rank = 16;
    train_step(&j, &s, &some);
    assert_true(some.part_s[TRAIN_DP] == 0 && some.part_s[TRAIN_OPTIMIZER] == 0);
    assert_true(some.part_s[TRAIN_BACKWARD] < 0.7 * all.part_s[TRAIN_BACKWARD]);
    assert_true(some.part_s[TRAIN_FORWARD] > all.part_s[TRAIN_FORWARD]); /* the adapters */
}

static void says_what_does_not_divide(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 8, 8, 2048);
    struct train_split s = train_ways(8, 1, 1, 1);
    struct err e = {0};
    assert_true(train_check(&j, &s, &e));
    s.micro_batch = 3;
    assert_false(train_check(&j, &s, &e));
    assert_string_equal(e.place, "global_batch");
    s = train_ways(1, 8, 5, 1);
    assert_false(train_check(&j, &s, &e));
    assert_string_equal(e.place, "pp");
    s = train_ways(2, 1, 1, 2);
    assert_false(train_check(&j, &s, &e));
    assert_string_equal(e.place, "devices");
    j.precision = PREC_NVFP4;
    assert_false(train_runs(&j, &e));
    assert_string_equal(e.what, "h100 cannot train in nvfp4: it has no such arithmetic");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_model_flop),
        cmocka_unit_test(counts_what_is_attended),
        cmocka_unit_test(counts_hardware_flop),
        cmocka_unit_test(bubble),
        cmocka_unit_test(parts_add_up),
        cmocka_unit_test(groups_stand_apart),
        cmocka_unit_test(laws),
        cmocka_unit_test(lora),
        cmocka_unit_test(says_what_does_not_divide),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
