/* test_stack_flavour.c - which flavour of a framework is taken, what its factors do, and what is left of them when a
** device is held out. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/catalog.h"

#define N_FILES 6

static const char *const text[N_FILES] = {
    "", /* data/stacks/generic.yaml */
    "framework: vllm\nbase: generic\nversion: now\n",
    "framework: vllm\nbase: generic\nversion: old\nuntil: {version: \"0.7\", date: 2025-02}\nruns_on: [CUDA]\n",
    "framework: vllm\nbase: generic\nversion: rocm\nruns_on: [ROCm]\ndefault_for: [ROCm]\nserving: {request_fixed: 7ms}\n"
    "scale: {compute: 0.5, memory: 2, attention: 0.1, layer: 10us, collective: 3us, step: 4ms, seq: 5us}\n"
    "scale_on:\n  mi250x: {compute: 0.25}\n"
    "scale_without:\n  mi300x: {compute: 0.7}\n  cdna3: {compute: 0.6}\n"
    "fitted_on:\n  - llama-3-8b mi300x\n  - llama-3-8b mi250x\n",
    "framework: vllm\nbase: generic\nversion: rocm old\nruns_on: [ROCm]\nuntil: {version: \"0.7\"}\nscale: {step: 9ms}\n",
    "framework: neuronx\nbase: generic\nversion: one\nscale: {step: 1ms}\nfitted_on: [llama-3-8b trainium1]\n",
};

struct files {
    struct arena *a;
    struct catalog *c;
    struct stack_file *f[N_FILES];
    struct err e;
};

static struct stack_file *read_one(struct files *w, const char *name, const char *bytes, size_t n)
{
    struct node *doc;
    struct stack_file *f = NULL;
    if (!doc_yaml(w->a, name, bytes, n, &doc, &w->e) || !stack_read(w->a, doc, &f, NULL, &w->e))
        return NULL;
    return f;
}

static struct files open_files(void)
{
    struct files w = {.a = arena_new()};
    assert_true(catalog_open(w.a, NULL, &w.c, NULL, &w.e));
    for (size_t i = 0; i < embedded_count; i++)
        if (strcmp(embedded_files[i].path, "stacks/generic.yaml") == 0)
            w.f[0] = read_one(&w, "generic.yaml", embedded_files[i].bytes, embedded_files[i].n);
    for (size_t i = 1; i < N_FILES; i++) {
        w.f[i] = read_one(&w, "x.yaml", text[i], strlen(text[i]));
        if (!w.f[i])
            fail_msg("%s: %s", w.e.place, w.e.what);
    }
    assert_true(stack_bind(w.a, w.f, N_FILES, &w.e));
    return w;
}

static const struct accelerator *device(struct files *w, const char *id)
{
    const struct accelerator *x = catalog_accelerator(w->c, id, "", NULL, &w->e);
    assert_non_null(x);
    return x;
}

static const char *picked(struct files *w, const char *framework, const char *id, const char *version, const char *date)
{
    const struct accelerator *x = id ? device(w, id) : NULL;
    const struct stack_file *f = stack_pick(w->f, N_FILES, framework, x, version, date);
    return f ? stack_constants(f, x ? x : &w->c->acc[0]).version : "none";
}

static void versions(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    assert_string_equal(stack_version(a, "vllm", "2024 (vLLM 0.6.1 on MI300X)"), "0.6.1");
    assert_string_equal(stack_version(a, "vllm", "rocm7.0.0_vllm_0.10.2_20251006"), "0.10.2");
    assert_string_equal(stack_version(a, "vllm", "vllm0.8.3_20250410"), "0.8.3");
    assert_string_equal(stack_version(a, "vllm", "vLLM 0.6.5.dev964+mlperf50, ROCm"), "0.6.5");
    assert_string_equal(stack_version(a, "trtllm", "v0.14"), "0.14");
    assert_string_equal(stack_version(a, "", "0.6"), "0.6");
    assert_null(stack_version(a, "vllm", "2024-11 nightly"));
    assert_null(stack_version(a, "deepspeed", "2024 (vLLM 0.6.1 on MI300X)"));
    assert_null(stack_version(a, "vllm", ""));
    arena_free(a);
}

static void chooses(void **state)
{
    (void)state;
    struct files w = open_files();
    assert_string_equal(picked(&w, "vllm", "h100", NULL, NULL), "now"); /* the newest by default */
    assert_string_equal(picked(&w, "vllm", "h100", "0.6.1", "2026-01"), "old"); /* the version counts before the date */
    assert_string_equal(picked(&w, "vllm", "h100", "0.10", "2024-01"), "now"); /* 0.10 is after 0.7 */
    assert_string_equal(picked(&w, "vllm", "h100", "0.7", NULL), "now");
    assert_string_equal(picked(&w, "vllm", "h100", NULL, "2024-11-30"), "old");
    assert_string_equal(picked(&w, "vllm", "h100", NULL, "2025-02"), "now");
    assert_string_equal(picked(&w, "vllm", "mi300x", NULL, NULL), "rocm");
    assert_string_equal(picked(&w, "vllm", "mi300x", "0.4.3", NULL), "rocm old");
    assert_string_equal(picked(&w, "vllm", "mi300x", NULL, "2024-11"), "rocm"); /* that era states no date */
    assert_string_equal(picked(&w, "vllm", "tpu-v5e", "0.6", NULL), "now"); /* no flavour for its software */
    assert_string_equal(picked(&w, "vllm", NULL, NULL, NULL), "now");
    assert_string_equal(picked(&w, "neuronx", "trainium2", NULL, NULL), "one");
    assert_string_equal(picked(&w, "vlm", "h100", NULL, NULL), "none");
    assert_true(stack_is_default(w.f[3], device(&w, "mi355x")));
    assert_false(stack_is_default(w.f[3], device(&w, "h100")));
    assert_string_equal(stack_file_label(w.a, w.f[4]), "vllm on ROCm before 0.7");
    assert_false(stack_same(w.f[3], w.f[4]));
    arena_free(w.a);
}

static void lays(void **state)
{
    (void)state;
    struct files w = open_files();
    const struct accelerator *x = device(&w, "mi300x");
    struct stack b = stack_constants(w.f[0], x), s = stack_constants(w.f[3], x);
    check_close(s.gemm[PREC_BF16].ec, 0.5 * b.gemm[PREC_BF16].ec, 1e-12);
    check_close(s.gemm[PREC_BF16].em, 1, 0); /* never more than the whole */
    check_close(s.decode.em, 0.1 * b.decode.em, 1e-12);
    check_close(s.prefill.ec, 0.5 * b.prefill.ec, 1e-12);
    check_close(s.all_reduce.a0_s, b.all_reduce.a0_s + 3e-6, 1e-12);
    check_close(s.small_kernel_moe_s, b.small_kernel_moe_s + 10e-6, 1e-12);
    check_close(s.step_fixed_s, b.step_fixed_s + 4e-3, 1e-12);
    check_close(s.step_per_seq_s, b.step_per_seq_s + 5e-6, 1e-12);
    check_close(s.request_fixed_s, 7e-3, 1e-12); /* said in the file, not added */
    assert_int_equal(s.block_tok, b.block_tok);
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_DEVICE);
    assert_int_equal(s.evidence, GRADE_MEASURED);

    struct stack other = stack_constants(w.f[3], device(&w, "mi355x")); /* same software, never measured */
    assert_int_equal(other.gemm[PREC_BF16].tier, TIER_FAMILY);
    assert_int_equal(other.evidence, GRADE_INFERRED);
    x = device(&w, "mi250x");
    s = stack_constants(w.f[3], x), b = stack_constants(w.f[0], x);
    check_close(s.gemm[PREC_BF16].ec, 0.25 * b.gemm[PREC_BF16].ec, 1e-12);
    check_close(s.decode.em, 0.1 * b.decode.em, 1e-12); /* scale_on says only compute */
    arena_free(w.a);
}

/* Held out, nothing that was fitted on the device is left: the constants fitted without it, or the base's own. */
static void held_out(void **state)
{
    (void)state;
    struct files w = open_files();
    const struct accelerator *x = device(&w, "mi300x"), *t = device(&w, "trainium1"), *h = device(&w, "h100");
    struct stack_mask one = {.device = "mi300x", .acc = w.c->acc, .nacc = w.c->nacc};
    struct stack_mask family = {.family = "cdna3", .acc = w.c->acc, .nacc = w.c->nacc};
    struct stack_mask neuron = {.device = "trainium1", .acc = w.c->acc, .nacc = w.c->nacc};
    struct stack b = stack_constants_without(w.f[0], x, &one), s = stack_constants_without(w.f[3], x, &one);
    check_close(s.gemm[PREC_BF16].ec, 0.7 * b.gemm[PREC_BF16].ec, 1e-12);
    check_close(s.step_fixed_s, b.step_fixed_s, 1e-12);
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_FAMILY);
    assert_int_equal(s.evidence, GRADE_INFERRED);
    b = stack_constants_without(w.f[0], x, &family), s = stack_constants_without(w.f[3], x, &family);
    check_close(s.gemm[PREC_BF16].ec, 0.6 * b.gemm[PREC_BF16].ec, 1e-12);
    b = stack_constants_without(w.f[0], t, &neuron), s = stack_constants_without(w.f[5], t, &neuron);
    check_close(s.step_fixed_s, b.step_fixed_s, 1e-12); /* nothing else tells of this software */
    assert_int_equal(s.gemm[PREC_BF16].tier, TIER_POOLED);
    s = stack_constants_without(w.f[3], h, &one), b = stack_constants(w.f[3], h); /* another device: no change */
    check_close(s.gemm[PREC_BF16].ec, b.gemm[PREC_BF16].ec, 0);
    assert_true(stack_fitted_on(w.f[3], "llama-3-8b", "mi300x"));
    assert_false(stack_fitted_on(w.f[3], "llama-3-8", "mi300x"));
    assert_false(stack_fitted_on(w.f[3], "llama-3-70b", "mi300x"));
    arena_free(w.a);
}

static void refuses(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"framework: x\nbase: generic\nscale: {compute: -1}\n", "factor above 0"},
        {"framework: x\nbase: generic\nscale: {speed: 1}\n", "speed"},
        {"framework: x\nbase: generic\nuntil: {day: 1}\n", "day"},
        {"framework: x\nbase: generic\npooled: {}\n", "pooled"},
        {"base: generic\n", "needs framework"},
        {"framework: x\nbase: generic\nuntil: {version: zz}\n", "expected a version"},
        {"framework: x\nbase: x\n", "no stack \"x\""},
        {"framework: x\nbase: nothing\n", "no stack \"nothing\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct files w = open_files();
        w.f[5] = read_one(&w, "x.yaml", bad[i][0], strlen(bad[i][0]));
        assert_false(w.f[5] && stack_bind(w.a, w.f, N_FILES, &w.e));
        if (!strstr(w.e.what, bad[i][1]))
            fail_msg("%s: %s", w.e.place, w.e.what);
        arena_free(w.a);
    }
}

/* The names of the catalog: defaults by software, a version behind @. */
static void catalog(void **state)
{
    (void)state;
    static const char *const runs[][2] = {
        {"h100", "vllm"},        {"mi355x", "vllm"},       {"gaudi3", "habana"},     {"trainium2", "neuronx"},
        {"tt-p150a", "tt-metal"}, {"m3-ultra", "llama.cpp"}, {"epyc-9755", "llama.cpp"}, {"xeon-6980p", "llama.cpp"},
        {"tpu-v6e", "generic"},  {"ascend-910c", "generic"}, {"arc-b60", "vllm"},
    };
    struct files w = open_files();
    for (size_t i = 0; i < sizeof runs / sizeof *runs; i++)
        assert_string_equal(catalog_default_framework(w.c, device(&w, runs[i][0])), runs[i][1]);
    const struct stack_file *now = catalog_stack(w.c, "vllm", device(&w, "h100"), "", &w.e);
    const struct stack_file *old = catalog_stack(w.c, "vllm@0.6.1", device(&w, "h100"), "", &w.e);
    assert_true(now && old && now != old);
    struct stack was = stack_constants(old, device(&w, "h100")), is = stack_constants(now, device(&w, "h100"));
    assert_true(was.step_fixed_s + 32 * was.small_kernel_dense_s > is.step_fixed_s + 32 * is.small_kernel_dense_s);
    assert_ptr_equal(catalog_stack(w.c, "vllm@0.12", device(&w, "h100"), "", &w.e), now);
    assert_null(catalog_stack(w.c, "vllm@latest", NULL, "x", &w.e));
    assert_non_null(strstr(w.e.what, "no version"));
    assert_null(catalog_stack(w.c, "zzzzzz", NULL, "x", &w.e));
    assert_non_null(strstr(w.e.mend, "neuronx"));
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(versions), cmocka_unit_test(chooses),  cmocka_unit_test(lays),
                                       cmocka_unit_test(held_out), cmocka_unit_test(refuses), cmocka_unit_test(catalog)};
    return cmocka_run_group_tests_name("facts stack flavour", tests, NULL, NULL);
}
