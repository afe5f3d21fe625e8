/* test_predict.c - one operating point: the closed loop balances, intervals enclose, grades follow the evidence. */
#include "fixture.h"

#include "speed/predict.h"

static void loop_balances(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_fp8, 4);
    for (int64_t b = 1; b <= 256; b *= 4) {
        struct prediction p;
        predict_point(&d, b, 1000, 500, &p);
        assert_true(p.fits);
        assert_int_equal(p.batch, b);
        /* Little's law of the loop */
        check_close(p.output_tok_s.at, (double)b * 500 / (p.ttft_s.at + 500 * p.tpot_s.at), 1e-6);
        check_close(p.tok_s_per_device.at, p.output_tok_s.at / 4, 1e-12);
        assert_true(p.tpot_s.at >= p.decode.t_s);
        assert_true(p.ttft_s.at >= p.prefill.t_s + 0.04);
        assert_true(p.tpot_s.lo < p.tpot_s.at && p.tpot_s.at < p.tpot_s.hi);
        assert_true(p.output_tok_s.lo < p.output_tok_s.at && p.output_tok_s.at < p.output_tok_s.hi);
        assert_true(p.mbu_frac > 0 && p.mbu_frac < 1 && p.mfu_frac > 0 && p.mfu_frac < 1);
        assert_true(p.power_w.at >= 4 * 0.18 * 700 && p.power_w.at <= 4 * 700);
    }
}

static void one_request_alone_waits_for_nobody(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct prediction p;
    predict_point(&d, 1, 2000, 200, &p);
    check_close(p.tpot_s.at, p.decode.t_s, 1e-9);
    check_close(p.ttft_s.at, p.prefill.t_s + 0.04, 1e-9);
}

static void throughput_grows_with_the_batch(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_fp8, 8);
    double last = 0, slow = 0;
    for (int64_t b = 1; b <= 200; b += 7) {
        struct prediction p;
        predict_point(&d, b, 500, 500, &p);
        assert_true(p.output_tok_s.at > last && p.tpot_s.at > slow);
        last = p.output_tok_s.at, slow = p.tpot_s.at;
    }
}

static void kv_memory_limits_the_batch(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_rtx4090();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    d.max_tokens = 2048;
    struct prediction p;
    predict_point(&d, 200, 2000, 2000, &p);
    assert_true(p.fits);
    assert_true(p.batch < 20);
    assert_true((double)p.batch * kv_seq_bytes(&p.memory, 3000) <= p.memory.kv_pool_bytes);
    struct model big = LLAMA_70B(&l);
    d.model = &big;
    predict_point(&d, 1, 100, 100, &p);
    assert_false(p.fits);
    assert_true(p.memory.short_by_bytes > 100e9);
}

static void grades_follow_evidence(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_fp8, 8);
    struct prediction p;
    predict_point(&d, 8, 500, 100, &p);
    assert_int_equal(p.evidence, GRADE_INFERRED);
    check_close(p.tpot_s.hi, p.tpot_s.at * 1.35, 1e-12); /* pooled constants: the widest interval */
    for (int i = 0; i < PREC_N; i++)
        d.stack.gemm[i].tier = TIER_DEVICE;
    d.stack.decode.tier = d.stack.prefill.tier = TIER_DEVICE;
    d.stack.evidence = GRADE_MEASURED;
    predict_point(&d, 8, 500, 100, &p);
    assert_int_equal(p.evidence, GRADE_MEASURED);
    check_close(p.tpot_s.hi, p.tpot_s.at * 1.15, 1e-12);
    d.tp = 16; /* two nodes: nothing measured stands behind that */
    predict_point(&d, 8, 500, 100, &p);
    assert_int_equal(p.evidence, GRADE_INFERRED);
    acc.evidence = GRADE_ASSUMED;
    predict_point(&d, 8, 500, 100, &p);
    assert_int_equal(p.evidence, GRADE_ASSUMED);
}

/* Every running sequence takes a token of the step: no more run than a step has tokens, and prompts keep their part. */
static void a_step_limits_the_batch(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 8);
    struct prediction p;
    double last = 0;
    d.max_seqs = 4000, d.max_tokens = 2048;
    for (int64_t b = 1800; b <= 3000; b += 40) {
        predict_point(&d, b, 500, 200, &p);
        assert_int_equal(p.batch, b < 2048 ? b : 2048);
        if (p.ttft_s.at >= 2 || p.ttft_s.at < last * 0.98)
            print_error("batch %lld: TTFT %g after %g\n", (long long)b, p.ttft_s.at, last);
        assert_true(p.ttft_s.at < 2 && p.ttft_s.at >= last * 0.98);
        last = p.ttft_s.at;
    }
}

/* At batch 1 neither ranks nor stages of the same tp make the first token earlier. */
static void one_request_is_not_divided(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment one = deploy(&acc, &m, quant_bf16, 1), many = one;
    struct prediction p, q;
    many.pp = 8;
    for (int64_t isl = 100; isl <= 102400; isl *= 2) {
        predict_point(&one, 1, isl, 100, &p);
        predict_point(&many, 1, isl, 100, &q);
        double c = ceil((double)isl / one.max_tokens);
        assert_true(q.ttft_s.at - 0.04 >= (p.ttft_s.at - 0.04) * (1.0 / 8 + 7.0 / 8 / c) * 0.999);
        if (isl <= one.max_tokens - 1)
            assert_true(q.ttft_s.at >= p.ttft_s.at * (1 - 1e-9));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loop_balances),
        cmocka_unit_test(one_request_alone_waits_for_nobody),
        cmocka_unit_test(throughput_grows_with_the_batch),
        cmocka_unit_test(kv_memory_limits_the_batch),
        cmocka_unit_test(grades_follow_evidence),
        cmocka_unit_test(a_step_limits_the_batch),
        cmocka_unit_test(one_request_is_not_divided),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
