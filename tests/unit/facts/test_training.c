/* test_training.c - data/training.yaml: rows laid over each other, tiers, and bad files; the questions of moat train.
 */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/train_scenario.h"

#define POOLED                                                                                                         \
    "pooled: {compute: 0.9, attention: 0.8, scan: 0.3, experts: 0.7, passes: 10, links: 1.5, layer_fixed: 20us, "      \
    "moe_host: 1ms, "                                                                                                  \
    "step_fixed: 5ms, overlap_tp: 0.4, overlap_dp: 0.8, overlap_ep: 0.3, straggler: 0.01, grad_bytes: 4, shard: "      \
    "zero1}\n"
#define REST                                                                                                           \
    "interval: {device: {lo: 0.1, hi: 0.2}, family: {lo: 0.2, hi: 0.3}, pooled: {lo: 0.3, hi: 0.5}}\n"                 \
    "reliability: {mtbf: {value: 50000h}, checkpoint_write: {value: 0.1GB/s}, restart: {value: 15min}}\n"

static bool read_text(struct arena *a, const char *yaml, struct training *out, struct err *e)
{
    struct node *doc;
    *out = (struct training){.source = NULL};
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "training.yaml", yaml, strlen(yaml), &doc, e) && training_read(a, doc, out, e);
}

static void lays_rows_over_each_other(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct training t;
    struct err e;
    struct accelerator h100 = {.id = "h100", .family = "hopper", .software = "CUDA"},
                       mi300x = {.id = "mi300x", .family = "cdna3"};
    struct accelerator tpu = {.id = "tpu-v9", .family = "tpu", .software = "XLA"};
    assert_true(read_text(a,
                          POOLED "stacks: {fsdp: {names: [torchtitan], compute: 0.5, shard: fsdp}}\n"
                                 "families: {hopper: {compute: 1.2}, cdna3: {compute: 0.7, source: a table}}\n"
                                 "fitted_on: {gpt on h200: [x-1, x-2]}\n" REST,
                          &t, &e));
    struct train_const c = training_constants(&t, "torchtitan", &h100);
    check_close(c.compute, 0.6, 1e-12);
    check_close(c.attention, 0.8, 1e-12);
    check_close(c.layer_fixed_s, 20e-6, 1e-12);
    assert_int_equal(c.shard, SHARD_FULL);
    assert_string_equal(c.stack, "fsdp");
    assert_int_equal(c.tier, TIER_FAMILY);
    check_close(c.hi, 0.3, 1e-12);
    c = training_constants(&t, "unheard of", &mi300x); /* a factor from a table is no fit */
    check_close(c.compute, 0.63, 1e-12);
    assert_int_equal(c.tier, TIER_POOLED);
    assert_int_equal(c.shard, SHARD_OPTIMIZER);
    h100.id = "h200";
    assert_int_equal(training_constants(&t, NULL, &h100).tier, TIER_DEVICE);
    assert_true(training_fitted_on(&t, "gpt", "h200", "x-2"));
    assert_false(training_fitted_on(&t, "gpt", "h200", "x-3"));
    assert_false(training_fitted_on(&t, "gpt", "h100", "x-1"));
    assert_string_equal(training_default_stack(&tpu), "maxtext");
    assert_string_equal(training_default_stack(&h100), "megatron");
    arena_free(a);
}

static void bad_files(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *place, *what;
    } bad[] = {
        {"stacks: {}\n" REST, "training.yaml", "pooled constants are missing"},
        {"pooled: {compute: 1}\n" REST, "training.yaml:1: pooled", "a constant is missing"},
        {"pooled: {compute: 9}\n" REST, "training.yaml:1: pooled.compute", "expected a number from 0.01 to 3, got 9"},
        {POOLED "stacks: {x: {shard: zero9}}\n" REST, "training.yaml:2: stacks.x.shard",
         "expected none, zero1, zero2 or fsdp, got \"zero9\""},
        {POOLED "fitted_on: {gpt: [a]}\n" REST, "training.yaml:2: fitted_on.gpt",
         "expected MODEL on ACCELERATOR, got \"gpt\""},
        {POOLED "interval: {device: {lo: 0.1, hi: 0.2}}\n", "training.yaml",
         "reliability needs mtbf and checkpoint_write, both above 0"},
    };
    struct arena *a = arena_new();
    struct training t;
    struct err e;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_text(a, bad[i].yaml, &t, &e));
        assert_string_equal(e.what, bad[i].what);
        assert_string_equal(e.place, bad[i].place);
    }
    arena_free(a);
}

struct world {
    struct arena *a;
    struct catalog *c;
    struct notes notes;
};

static bool ask(struct world *w, const char *yaml, struct train_question *q, struct err *e)
{
    struct node *doc;
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(w->a, "run.yaml", yaml, strlen(yaml), &doc, e) &&
           train_question_read(w->a, w->c, doc, 0, q, &w->notes, e);
}

static void questions(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *what;
    } bad[] = {
        {"{accelerator: h100, devices: 8, tokens: 1T, global_batch: 8}", "is missing"},
        {"{model: llama-3.1-8b, accelerator: h100, tokens: 1T, global_batch: 8}", "is missing"},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, global_batch: 8}", "is missing"},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T}", "is missing"},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T, steps: 5, global_batch: 8}",
         "tokens and steps exclude each other"},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 0, tokens: 1T, global_batch: 8}",
         "expected a whole number from 1 to 1e+06, got 0"},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T, global_batch: 8, precision: int4}",
         "expected bf16, fp16, fp8, fp8_block, nvfp4, mxfp4 or fp32, got \"int4\""},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T, global_batch: 8, recompute: most}",
         "expected one of none, selective, full, got \"most\""},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T, global_batch: 8, framework: megatorn}",
         "no training stack \"megatorn\""},
        {"{model: llama-3.1-8b, accelerator: h100, devices: 8, tokens: 1T, global_batch: 8, mtbf: 0h}",
         "expected hours that an accelerator runs between interruptions, such as 50000h"},
    };
    struct world w = {.a = arena_new()};
    struct train_question q;
    struct err e = {0};
    w.notes.arena = w.a;
    assert_true(catalog_open(w.a, NULL, &w.c, &w.notes, &e));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(ask(&w, bad[i].yaml, &q, &e));
        assert_string_equal(e.what, bad[i].what);
    }
    assert_true(
        ask(&w, "{model: llama-3.1-8b, accelerator: h100, devices: 64, steps: 1000, global_batch: 512, sequence: 4096}",
            &q, &e));
    check_close(q.tokens, 1000.0 * 512 * 4096, 1e-12);
    assert_true(q.tp == 0 && q.shard == SHARD_N && q.recompute == -1 && q.precision == PREC_BF16);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_rows_over_each_other),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(questions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
