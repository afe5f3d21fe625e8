/* test_deployment.c - which splits are possible, and what is said of those that are not. */
#include "fixture.h"

#include "base/err.h"

static struct accelerator h100;
static struct layer llama_layer, deepseek_layer[2];
static struct model llama, deepseek;

static int setup(void **state)
{
    (void)state;
    h100 = acc_h100();
    llama = LLAMA_70B(&llama_layer);
    deepseek = model_deepseek_v3(deepseek_layer);
    return 0;
}

static void possible(void **state)
{
    (void)state;
    struct err e = {0};
    for (int tp = 1; tp <= 16; tp *= 2) {
        struct deployment d = deploy(&h100, &llama, quant_bf16, tp);
        assert_true(deployment_check(&d, &e));
        assert_int_equal(deployment_devices(&d), tp);
    }
    struct deployment d = deploy(&h100, &deepseek, quant_fp8, 1);
    d.dp = 8, d.ep = 8;
    assert_true(deployment_check(&d, &e));
    assert_int_equal(deployment_devices(&d), 8);
    assert_int_equal(deployment_moe_tp(&d), 1);
    d.tp = 2, d.dp = 4, d.ep = 2, d.pp = 3;
    assert_true(deployment_check(&d, &e));
    assert_int_equal(deployment_devices(&d), 24);
    assert_int_equal(deployment_moe_tp(&d), 4);
    assert_false(deployment_spans_nodes(&d));
    d.dp = 8;
    assert_true(deployment_spans_nodes(&d));
}

static void refused(struct deployment d, const char *place, const char *part)
{
    struct err e = {0};
    assert_false(deployment_check(&d, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_string_equal(e.place, place);
    if (!strstr(e.what, part))
        print_error("\"%s\" does not say \"%s\"\n", e.what, part);
    assert_non_null(strstr(e.what, part));
}

static void impossible(void **state)
{
    (void)state;
    struct deployment d = deploy(&h100, &llama, quant_bf16, 3);
    refused(d, "tp", "64 attention heads");
    d.tp = 0;
    refused(d, "deployment", "at least 1");
    d.tp = 1, d.pp = 81;
    refused(d, "pp", "80 layers");
    d.pp = 1, d.dp = 2;
    refused(d, "dp", "dense");
    d.dp = 1, d.tp = 2, d.ep = 2;
    refused(d, "ep", "no experts");
    d = deploy(&h100, &deepseek, quant_fp8, 8);
    d.ep = 3;
    refused(d, "ep", "does not divide");
    struct layer odd = llama_layer;
    struct model m = llama;
    m.group = &odd;
    odd.heads = 24, odd.kv_heads = 8;
    d = deploy(&h100, &m, quant_bf16, 12);
    refused(d, "tp", "KV heads");
}

static void no_arithmetic(void **state)
{
    (void)state;
    struct accelerator none = h100;
    memset(none.peak_flop_s, 0, sizeof none.peak_flop_s);
    struct deployment d = deploy(&none, &llama, quant_bf16, 1);
    refused(d, "precision", "no arithmetic");
}

static void no_links(void **state)
{
    (void)state;
    struct accelerator lone = h100;
    struct err e = {0};
    lone.scaleup = (struct link){.topology = TOPO_NONE, .domain = 1};
    lone.pcie_bytes_s = 0;
    struct deployment d = deploy(&lone, &llama, quant_fp8, 1);
    assert_true(deployment_check(&d, &e));
    d.tp = 2;
    refused(d, "tp", "no link bandwidth");
    d.tp = 1, d.pp = 2;
    refused(d, "pp", "no link bandwidth");
    lone = h100, lone.scaleout_bytes_s = lone.pcie_bytes_s = 0;
    d.tp = 8, d.pp = 2;
    refused(d, "pp", "beyond 8 devices");
}

static void fallback_is_said(void **state)
{
    (void)state;
    struct accelerator a100 = h100;
    a100.peak_flop_s[ARITH_FP8] = 0;
    struct deployment d = deploy(&a100, &llama, quant_fp8, 4);
    struct precision_run r = deployment_precision(&d);
    assert_true(r.fallback);
    assert_int_equal(r.arith, ARITH_BF16);
    check_close(r.weight_bytes, 1, 0);
    check_close(r.act_bytes, 2, 0);
    struct err e = {0};
    assert_true(deployment_check(&d, &e));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(possible), cmocka_unit_test(impossible),       cmocka_unit_test(no_arithmetic),
        cmocka_unit_test(no_links), cmocka_unit_test(fallback_is_said),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
