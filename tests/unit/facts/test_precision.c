/* test_precision.c - bits with their scales, names, and what a device does with a format it cannot multiply. */
#include "check.h"

#include "facts/precision.h"

static struct accelerator device(double bf16, double fp16, double fp8, double int8, double fp4, double fp32)
{
    struct accelerator a = {.id = "x"};
    a.peak_flop_s[ARITH_BF16] = bf16;
    a.peak_flop_s[ARITH_FP16] = fp16;
    a.peak_flop_s[ARITH_FP8] = fp8;
    a.peak_flop_s[ARITH_INT8] = int8;
    a.peak_flop_s[ARITH_FP4] = fp4;
    a.peak_flop_s[ARITH_FP32] = fp32;
    return a;
}

static void bits(void **state)
{
    (void)state;
    check_close(precision_table[PREC_FP8_BLOCK].bits, 8.001953125, 1e-12); /* 8 + 32 / 16384 */
    check_close(precision_table[PREC_NVFP4].bits, 4.5, 0);
    check_close(precision_table[PREC_MXFP4].bits, 4.25, 0);
    check_close(precision_table[PREC_INT4].bits, 4.15625, 1e-12); /* fp16 scale, 4-bit zero, 128 weights */
    check_close(precision_table[PREC_Q4_K_M].bits, 4.85, 1e-12);
    check_close(precision_table[PREC_BFP8].bits, 8.5, 0);
    for (int p = 0; p < PREC_N; p++) {
        assert_non_null(precision_table[p].name);
        assert_non_null(precision_table[p].help);
        assert_int_equal(precision_find(precision_table[p].name), p);
    }
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum precision p;
    } row[] = {
        {"bfloat16", PREC_BF16},
        {"BF16", PREC_BF16},
        {"float16", PREC_FP16},
        {"fp8-block", PREC_FP8_BLOCK},
        {"int4_wo", PREC_INT4},
        {"awq", PREC_INT4},
        {"GPTQ", PREC_INT4},
        {"Q4_K_M", PREC_Q4_K_M},
        {"w8a8", PREC_INT8},
        {"fp4", PREC_NVFP4},
        {"fp9", PREC_N},
        {"", PREC_N},
        {"a-name-that-is-longer-than-any-format-has", PREC_N},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_int_equal(precision_find(row[i].name), row[i].p);
}

static void runs(const struct accelerator *a, enum precision p, const char *text, bool fallback, double weight,
                 double act)
{
    struct precision_run r = precision_on(p, a);
    assert_string_equal(r.text, text);
    assert_int_equal(r.fallback, fallback);
    check_close(r.weight_bytes, weight, 1e-12);
    check_close(r.act_bytes, act, 1e-12);
}

static void fallback(void **state)
{
    (void)state;
    struct accelerator turing = device(0, 65e12, 0, 130e12, 0, 8e12),
                       hopper = device(989e12, 989e12, 1979e12, 1979e12, 0, 67e12);
    struct accelerator blackwell = device(2250e12, 2250e12, 4500e12, 4500e12, 9000e12, 75e12);
    struct accelerator ultra = device(2250e12, 2250e12, 4500e12, 153e12, 13500e12, 75e12);
    struct accelerator cpu = device(0, 0, 0, 0, 0, 7e12), tpu = device(197e12, 0, 0, 393e12, 0, 0);
    struct accelerator fp4_only = device(0, 0, 0, 0, 10e15, 0);

    runs(&turing, PREC_FP8, "fp8 weight-only, fp16 arithmetic", true, 1, 2);
    runs(&turing, PREC_BF16, "bf16 run as fp16", true, 2, 2);
    runs(&turing, PREC_INT8, "int8", false, 1, 1);
    runs(&turing, PREC_INT4, "int4 weight-only, fp16 arithmetic", false, 4.15625 / 8, 2);
    runs(&hopper, PREC_FP8, "fp8", false, 1, 1);
    runs(&hopper, PREC_NVFP4, "nvfp4 weight-only, bf16 arithmetic", true, 4.5 / 8, 2);
    runs(&hopper, PREC_MXFP4, "mxfp4 weight-only, bf16 arithmetic", true, 4.25 / 8, 2);
    runs(&blackwell, PREC_NVFP4, "nvfp4", false, 4.5 / 8, 4.5 / 8);
    runs(&blackwell, PREC_FP16, "fp16", false, 2, 2);
    runs(&ultra, PREC_INT8, "int8 weight-only, bf16 arithmetic", true, 1, 2); /* native INT8 is 15 times slower */
    runs(&cpu, PREC_BF16, "bf16 run as fp32", true, 2, 4);
    runs(&cpu, PREC_Q4_K_M, "q4_k_m weight-only, fp32 arithmetic", false, 4.85 / 8, 4);
    runs(&tpu, PREC_FP32, "fp32 run as bf16", true, 2, 2);
    runs(&tpu, PREC_FP16, "fp16 run as bf16", true, 2, 2);
    assert_int_equal(precision_on(PREC_BF16, &fp4_only).arith, ARITH_N);
    assert_int_equal(precision_on(PREC_NVFP4, &fp4_only).arith, ARITH_FP4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(bits), cmocka_unit_test(names), cmocka_unit_test(fallback)};
    return cmocka_run_group_tests_name("facts precision", tests, NULL, NULL);
}
