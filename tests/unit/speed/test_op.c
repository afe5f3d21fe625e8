/* test_op.c - operators against values worked out by hand, and what must hold for every size. */
#include "fixture.h"

#include "speed/op.h"

static const struct device_rate h100 = {989.4e12, 989.4e12, 3.35e12, 132, 64};
static const struct op_const plain = {0.74, 0.79, 3.3e-6, 0.2, 0.1, TIER_POOLED};

static void max4_is_the_fourth_root(void **state)
{
    (void)state;
    check_close(max4(3, 3), 3 * pow(2, 0.25), 1e-15);
    check_close(max4(1, 2), pow(17, 0.25), 1e-15);
    check_close(max4(0, 5), 5, 0);
    check_close(max4(0, 0), 0, 0);
    assert_true(isinf(max4(INFINITY, 1)));
}

/* 1 x 28672 x 8192 in 16 bits: 2 B a weight, 224 tiles of 64 x 128. */
static void gemm_of_one_row(void **state)
{
    (void)state;
    struct op_time t = op_gemm(&h100, &plain, 1, 28672, 8192, 2, 2);
    double c = 2.0 * 64 * 128 * 8192 * 224 / (989.4e12 * 0.74);
    double bytes = 2.0 * 28672 * 8192 + 2.0 * 8192 + 2.0 * 28672;
    double b = bytes / (3.35e12 * 0.79), quant = 0.1 * 3 * 8192 / 3.35e12;
    check_close(t.t_s, pow(pow(c, 4) + pow(b, 4), 0.25) + quant + 3.3e-6, 1e-12);
    check_close(t.flop, 2.0 * 28672 * 8192, 1e-15);
    check_close(t.bytes, bytes, 1e-15);
    assert_int_equal(t.bound, BOUND_MEMORY);
    struct device_rate vector = h100; /* a matrix-vector kernel computes the one row */
    vector.least_rows = 1;
    t = op_gemm(&vector, &plain, 1, 28672, 8192, 2, 2);
    check_close(t.t_s, pow(pow(c / 64, 4) + pow(b, 4), 0.25) + quant + 3.3e-6, 1e-12);
    check_close(t.t_s, 181.2e-6, 0.01); /* 470 MB at 2.65 TB/s, and a little */
}

static void gemm_of_many_rows_is_compute(void **state)
{
    (void)state;
    struct op_time t = op_gemm(&h100, &plain, 4096, 8192, 8192, 2, 2);
    double c = 2.0 * 4096 * 8192 * 8192 / (989.4e12 * 0.74); /* 32 * 64 tiles: the floor of 0.2 waves is nothing */
    assert_int_equal(t.bound, BOUND_COMPUTE);
    assert_true(t.t_s > c && t.t_s < 1.1 * c);
}

static void gemm_tiles_are_a_staircase(void **state)
{
    (void)state;
    double t128 = op_gemm(&h100, &plain, 128, 8192, 8192, 2, 2).t_s,
           t129 = op_gemm(&h100, &plain, 129, 8192, 8192, 2, 2).t_s;
    double last = 0;
    assert_true(t129 > t128);
    for (double m = 1; m < 5000; m++) {
        double t = op_gemm(&h100, &plain, m, 1024, 8192, 2, 2).t_s;
        assert_true(t >= last);
        last = t;
    }
}

static void decode_attention_is_linear_in_context(void **state)
{
    (void)state;
    struct attn_const c = {1, 0.85, 0.78, 9e-6, 0, 256, TIER_POOLED};
    struct op_time a = op_decode_attention(&h100, &c, 1e5, 8, 64, 128, 128, 2);
    struct op_time b = op_decode_attention(&h100, &c, 2e5, 8, 64, 128, 128, 2);
    check_close(a.t_s, 2.0 * 8 * 1e5 * 128 * 2 / (3.35e12 * 0.85) + 9e-6, 1e-12);
    check_close(b.work_s, 2 * a.work_s, 1e-12);
    /* an 8-bit cache has its own reached bandwidth */
    check_close(op_decode_attention(&h100, &c, 1e5, 8, 64, 128, 128, 1).work_s, 8.0 * 1e5 * 256 / (3.35e12 * 0.78),
                1e-12);
}

static void mla_decode_reads_576_values(void **state)
{
    (void)state;
    struct attn_const c = {0.7, 0.77, 0.77, 13e-6, 0, 0, TIER_POOLED};
    struct op_time t = op_mla_decode(&h100, &c, 1e5, 16, 512, 64, 2);
    double b = 576.0 * 2 * 1e5 / (3.35e12 * 0.77), f = 2.0 * 16 * 1088 * 1e5 / (989.4e12 * 0.7);
    check_close(t.t_s, pow(pow(b, 4) + pow(f, 4), 0.25) + 13e-6, 1e-12);
    /* fewer than 16 heads are padded to 16 */
    check_close(op_mla_decode(&h100, &c, 1e5, 4, 512, 64, 2).t_s, t.t_s, 1e-12);
}

/* Working time of `seqs` prompts of `chunk` tokens: 64 heads, 8 KV heads of 128 values in 16 bits. */
static double prompts_s(const struct attn_const *c, double seqs, double chunk)
{
    struct prefill_attention a = op_prefill_const(&h100, c, 64, 8, 128, 128, 2, 0);
    return prefill_attention_s(&a, seqs * chunk, seqs, seqs * chunk * (chunk + 1) / 2);
}

static void prefill_attention_of_a_long_prompt(void **state)
{
    (void)state;
    struct attn_const c = {0.56, 0.4, 0.4, 9.3e-6, 2.5, 0, TIER_POOLED};
    double s = 16384;
    double t_s = prompts_s(&c, 1, s);
    double f = 4.0 * 64 * 128 * s * s / 2 / (989.4e12 * 0.56);
    check_close(t_s, f, 0.01);
    /* a short prompt: 2.5 waves of 132 cores, 128 rows each, at the mean of 64 keys */
    double floor_s = 4.0 * 64 * 128 * 64 * (2.5 * 132 * 128 / 64) / (989.4e12 * 0.56);
    double b = 128.0 * 256 * (2 * 64 + 2 * 8) / (3.35e12 * 0.4);
    double work = 4.0 * 64 * 128 * 128 * 64.5 / (989.4e12 * 0.56);
    check_close(prompts_s(&c, 1, 128) - c.t0_s, max4(max4(work, floor_s), b), 0.01);
    /* 100 tokens cost as many rows as 128 */
    double t100 = prompts_s(&c, 64, 100) - c.t0_s;
    double t128 = prompts_s(&c, 64, 128) - c.t0_s;
    assert_true(t100 < t128 && t100 > 0.75 * t128);
}

static void moe_touches_the_experts_it_must(void **state)
{
    (void)state;
    struct op_const c = {0.35, 0.95, 40e-6, 35, 0.45, TIER_POOLED};
    /* one token touches exactly k of E */
    struct op_time one = op_moe(&h100, &c, 1, 7168, 2048, 256, 8, 1, 1, 3, 1, 0);
    check_close(one.bytes, 3.0 * 7168 * 2048 * 8 + 4.0 * 7168 * 8, 1e-9);
    /* skewed routing: a token still touches k, a batch fewer than even routing would, a prompt all */
    check_close(op_moe(&h100, &c, 1, 7168, 2048, 256, 8, 1, 1, 3, 1, 0.2).t_s, one.t_s, 1e-12);
    double even = op_moe(&h100, &c, 32, 7168, 2048, 256, 8, 1, 1, 3, 1, 0).bytes;
    double skewed = op_moe(&h100, &c, 32, 7168, 2048, 256, 8, 1, 1, 3, 1, 0.2).bytes;
    check_close(even, 3.0 * 7168 * 2048 * 256 * (1 - pow(1 - 8.0 / 256, 32)) + 4.0 * 7168 * 8 * 32, 1e-9);
    check_close(skewed, 3.0 * 7168 * 2048 * 256 * (1 - pow(1 - 8.0 / 256, 16)) + 4.0 * 7168 * 8 * 32, 1e-9); /* 32^0.8 */
    /* very many tokens touch all of them */
    struct op_time many = op_moe(&h100, &c, 1e6, 7168, 2048, 256, 8, 1, 1, 3, 1, 0);
    check_close(many.bytes, 3.0 * 7168 * 2048 * 256 + 4.0 * 7168 * 8e6, 1e-9);
    check_close(many.flop, 6.0 * 7168 * 2048 * 8e6, 1e-12);
    /* spread over 8 devices each holds an eighth; imbalance grows with log2(ep) */
    struct op_time spread = op_moe(&h100, &c, 1e6, 7168, 2048, 256, 8, 8, 1, 3, 1, 0);
    double comp = 6.0 * 7168 * 2048 * (1e6 * (1 + 0.45 * 3) + 35 * 32) / (989.4e12 * 0.35);
    double bytes = (3.0 * 7168 * 2048 * 32 + 4.0 * 7168 * 1e6) / (3.35e12 * 0.95);
    check_close(spread.t_s, hypot(comp, bytes) + 40e-6, 1e-12);
    /* without a gate there are two matrices, not three */
    struct op_time two = op_moe(&h100, &c, 1, 7168, 2048, 256, 8, 1, 1, 2, 1, 0);
    check_close(two.bytes, 2.0 * 7168 * 2048 * 8 + 4.0 * 7168 * 8, 1e-9);
    check_close(two.flop, 4.0 * 7168 * 2048 * 8, 1e-12);
    assert_true(isfinite(op_moe(&h100, &c, 10, 64, 64, 4, 4, 1, 1, 3, 2, 0).t_s)); /* k = E */
}

static void faster_memory_is_never_slower(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 1, 1);
    for (int i = 0; i < 2000; i++) {
        struct device_rate fast = h100;
        fast.bw_bytes_s *= 1 + rng_unit(&r);
        double m = (double)(1 + rng_below(&r, 4096)), n = (double)(128 + rng_below(&r, 20000)),
               k = (double)(128 + rng_below(&r, 9000));
        assert_true(op_gemm(&fast, &plain, m, n, k, 2, 2).t_s <= op_gemm(&h100, &plain, m, n, k, 2, 2).t_s);
        assert_true(op_moe(&fast, &plain, m, k, n, 128, 8, 1, 1, 3, 1, 0).t_s <=
                    op_moe(&h100, &plain, m, k, n, 128, 8, 1, 1, 3, 1, 0).t_s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(max4_is_the_fourth_root),
        cmocka_unit_test(gemm_of_one_row),
        cmocka_unit_test(gemm_of_many_rows_is_compute),
        cmocka_unit_test(gemm_tiles_are_a_staircase),
        cmocka_unit_test(decode_attention_is_linear_in_context),
        cmocka_unit_test(mla_decode_reads_576_values),
        cmocka_unit_test(prefill_attention_of_a_long_prompt),
        cmocka_unit_test(moe_touches_the_experts_it_must),
        cmocka_unit_test(faster_memory_is_never_slower),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
