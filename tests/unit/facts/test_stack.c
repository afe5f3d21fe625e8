/* test_stack.c - tiers laid over one another, stand-ins for formats without constants of their own, defaults by memory.
 */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/catalog.h"

static struct catalog *open_catalog(struct arena *a)
{
    struct catalog *c;
    struct err e = {0};
    if (!catalog_open(a, NULL, &c, NULL, &e))
        print_error("%s: %s; %s\n", e.place, e.what, e.mend);
    assert_int_equal(e.kind, ERR_NONE);
    return c;
}

static struct stack get(struct catalog *c, const char *framework, const char *acc)
{
    struct err e;
    const struct accelerator *x = catalog_accelerator(c, acc, "", NULL, &e);
    const struct stack_file *f = catalog_stack(c, framework, x, "", &e);
    assert_non_null(f);
    assert_non_null(x);
    return stack_constants(f, x);
}

/* The operators of the framework itself, before a vendor's software makes something of them (test_stack_flavour.c). */
static struct stack plain(struct catalog *c, const char *framework, const char *acc)
{
    struct err e;
    return stack_constants(catalog_stack(c, framework, NULL, "", &e), catalog_accelerator(c, acc, "", NULL, &e));
}

static void tiers(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_catalog(a);
    struct stack s = get(c, "vllm", "h100-sxm-80"); /* fits of h100_sxm, vllm, ops-fit.json */
    check_close(s.gemm[PREC_BF16].ec, 0.7864, 1e-12);
    check_close(s.gemm[PREC_BF16].t0_s, 3.375e-6, 1e-12); /* the shortest of the three engines: TensorRT-LLM */
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_DEVICE);
    check_close(s.gemm[PREC_FP16].ec, 0.7864, 1e-12); /* bf16 serves fp16 */
    check_close(s.gemm[PREC_INT8].ec, 0.6895, 1e-12); /* fp8 serves int8 */
    check_close(s.decode.em, 0.8298, 1e-12);
    check_close(s.decode.em8, 0.6586, 1e-12);
    check_close(s.decode.min_kv, 256, 0); /* only the pool says so */
    check_close(s.all_reduce.a0_s, 3.926e-6, 1e-12);
    assert_int_equal(s.gemm[PREC_NVFP4].tier, TIER_POOLED); /* weight-only here: int4 of the pool */
    check_close(s.gemm[PREC_NVFP4].em, 0.6, 1e-12);
    assert_int_equal(s.evidence, GRADE_MEASURED);
    assert_string_equal(s.framework, "vllm");

    s = get(c, "vllm", "h100-nvl-94"); /* family: between H100 and H200 */
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_FAMILY);
    check_close(s.gemm[PREC_BF16].ec, (0.7864 + 0.7646) / 2, 1e-12);
    assert_int_equal(s.evidence, GRADE_INFERRED);

    s = plain(c, "generic", "tpu-v5e"); /* nothing nearer than the pool */
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_POOLED);
    check_close(s.gemm[PREC_BF16].ec, 0.74, 1e-12);
    check_close(s.mla_decode.em, 0.77, 1e-12);

    s = get(c, "vllm", "h200"); /* its prefill fit is unreliable: the family's, that is H100's */
    assert_int_equal(s.prefill.tier, TIER_FAMILY);
    check_close(s.prefill.ec, 0.5131, 1e-12);
    arena_free(a);
}

static void vendors(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_catalog(a);
    struct stack x = plain(c, "vllm", "mi300x"), y = plain(c, "vllm", "mi325x"), z = plain(c, "vllm", "mi355x");
    assert_int_equal(x.gemm[PREC_BF16].tier, TIER_FAMILY); /* a vendor's best matmul is no fit of this device */
    assert_int_equal(x.evidence, GRADE_INFERRED);
    assert_true(x.gemm[PREC_BF16].ec < y.gemm[PREC_BF16].ec); /* 51 % against 60 % of the peak */
    check_close(y.gemm[PREC_BF16].ec / x.gemm[PREC_BF16].ec, 0.60 / 0.51, 1e-3);
    assert_true(z.gemm[PREC_BF16].ec > 0.55);
    check_close(x.gemm[PREC_BF16].em, 0.79, 1e-12); /* what is not said shows the pool */

    struct stack b = get(c, "vllm", "b200"), u = get(c, "vllm", "b300");
    check_close(u.gemm[PREC_NVFP4].ec, 0.5529 * 2 / 3, 1e-3); /* 1.5 times the peak, not reached */
    assert_int_equal(b.gemm[PREC_NVFP4].tier, TIER_DEVICE);
    check_close(u.gemm[PREC_FP8].ec, 0.3516, 1e-3);
    check_close(b.moe[PREC_BF16].em, 1, 0);           /* fitted 1.087, set to 1 */
    check_close(b.moe[PREC_MXFP4].ec, 0.3176, 1e-12); /* no fit by vLLM: nvfp4 of this device, the best of the engines */
    check_close(get(c, "trtllm", "b200").moe[PREC_MXFP4].ec, 0.4235, 1e-12);

    struct stack l = get(c, "vllm", "l40s"), r = get(c, "vllm", "rtx-4090");
    check_close(l.all_reduce.a1_s, 7e-6, 1e-12); /* through the host; its own fits are off by 277 to 386 % in one of ten */
    check_close(r.all_reduce.a1_s, 7e-6, 1e-12);
    struct stack v = get(c, "vllm", "v100-pcie-32");
    check_close(v.all_reduce.a1_s, 7e-6, 1e-12);
    assert_int_equal(v.gemm[PREC_FP8].tier, TIER_POOLED);
    check_close(v.gemm[PREC_FP8].ec, 0.74, 1e-12); /* unpacked: int4's kernel, not fp8's */
    struct stack arc = get(c, "vllm", "arc-b60");
    assert_int_equal(arc.gemm[PREC_FP8].tier, TIER_DEVICE); /* unpacked too, but measured */
    check_close(arc.gemm[PREC_FP8].ec, 0.9609, 1e-12);
    arena_free(a);
}

static void engines(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_catalog(a);
    struct stack h = get(c, "vllm", "h100"), r = get(c, "vllm", "rtx-4090"), x = get(c, "vllm", "a100");
    assert_int_equal(h.max_seqs, 1024);
    assert_int_equal(h.max_tokens, 8192);
    assert_int_equal(r.max_seqs, 256);
    assert_int_equal(r.max_tokens, 2048);
    assert_int_equal(x.max_tokens, 2048); /* A100 is excepted */
    check_close(h.memory_frac, 0.9, 0);
    assert_int_equal(h.block_tok, 16);
    struct stack t = get(c, "trtllm", "h100"), g = get(c, "sglang", "h100");
    assert_true(t.memory_frac_of_free);
    assert_int_equal(t.block_tok, 32);
    assert_int_equal(g.recv_interval_steps, 30);
    check_close(g.request_fixed_s, 0.160, 1e-12);
    check_close(h.prefill_floor_s_per_layer, 0.4e-3, 1e-12);
    /* Intervals: wider the further from what was fitted, and widest for a vendor whose software nobody fitted. */
    struct stack m = plain(c, "vllm", "mi300x");
    assert_true(h.interval[TIER_DEVICE].step_hi <= h.interval[TIER_FAMILY].step_hi);
    assert_true(h.interval[TIER_FAMILY].step_hi <= h.interval[TIER_POOLED].step_hi);
    assert_true(m.interval[TIER_POOLED].step_hi > 2 * h.interval[TIER_POOLED].step_hi);
    check_close(m.interval[TIER_FAMILY].step_hi, m.vendor.step_hi, 0);
    assert_non_null(strstr(h.interval_source, "held-out"));
    arena_free(a);
}

/* Every constant of every framework on every device is a number, and every share is one. */
static void complete(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_catalog(a);
    for (size_t f = 0; f < c->nstack; f++)
        for (size_t i = 0; i < c->nacc; i++) {
            struct stack s = stack_constants(c->stack[f], &c->acc[i]);
            const struct attn_const *at[] = {&s.prefill, &s.decode, &s.mla_prefill, &s.mla_decode, &s.linear};
            const struct comm_const *co[] = {&s.all_reduce, &s.all_gather, &s.reduce_scatter,
                                             &s.all_to_all, &s.p2p,        &s.net};
            for (int p = 0; p < PREC_N; p++) {
                const struct op_const *op[] = {&s.gemm[p], &s.moe[p]};
                for (int k = 0; k < 2; k++) {
                    assert_true(op[k]->ec > 0 && op[k]->ec <= 1 && op[k]->em > 0 && op[k]->em <= 1);
                    assert_true(op[k]->t0_s > 0 && op[k]->t0_s < 1e-3 && op[k]->waves >= 0 && op[k]->quant >= 0);
                }
            }
            for (int k = 0; k < 5; k++)
                assert_true(at[k]->ec > 0 && at[k]->em > 0 && at[k]->em8 > 0 && at[k]->t0_s > 0 && at[k]->min_kv >= 0);
            for (int k = 0; k < 6; k++)
                assert_true(co[k]->e > 0 && co[k]->e <= 1 && co[k]->a0_s >= 0 && co[k]->a1_s >= 0);
            assert_true(s.max_seqs > 0 && s.max_tokens > 0 && s.workspace_bytes >= 0);
        }
    arena_free(a);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what;
    } bad[] = {
        {"framework: x\n", "needs framework and pooled"},
        {"framework: x\npooled: {}\n", "needs serving"},
        {"framework: x\npooled: {gemm: {bf16: {ec: 1.2}}}\nserving: {}\nkernels: {}\nengine: {}\n",
         "share of the peak"},
        {"framework: x\npooled: {gemm: {bf17: {ec: 1}}}\nserving: {}\nkernels: {}\nengine: {}\n",
         "unknown number format"},
        {"framework: x\npooled: {}\nserving: {}\nkernels: {}\nengine: {}\n", "leaves constants out"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct node *doc;
        struct err e = {0};
        struct stack_file *f;
        assert_true(doc_yaml(a, "x.yaml", bad[i].text, strlen(bad[i].text), &doc, &e));
        assert_false(stack_read(a, doc, &f, NULL, &e));
        if (!strstr(e.what, bad[i].what))
            print_error("%s: %s\n", e.place, e.what);
        assert_non_null(strstr(e.what, bad[i].what));
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(tiers), cmocka_unit_test(vendors), cmocka_unit_test(engines),
                                       cmocka_unit_test(complete), cmocka_unit_test(refuses)};
    return cmocka_run_group_tests_name("facts stack", tests, NULL, NULL);
}
