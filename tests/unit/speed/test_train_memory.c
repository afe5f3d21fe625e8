/* test_train_memory.c - bytes of training: Korthikanti and others 2022 (arXiv:2205.05198), ZeRO (arXiv:1910.02054). */
#include "train_fixture.h"

/* One layer of their 175B: h 12288, 96 heads, s 2048, b 1, t 8 with sequence parallelism (table 2). */
static void activations_of_a_gpt_layer(void **state)
{
    (void)state;
    struct layer l;
    struct model m = model_gpt(&l, 12288, 96, 1);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 8, 1, 2048);
    struct train_split s = train_ways(8, 1, 1, 1);
    double sbh_t = 2048.0 * 12288 / 8, logits = 2048.0 * 51200 / 8 * 6;
    j.scores_kept = true;
    check_close(train_memory(&j, &s).activation_bytes, sbh_t * (34 + 5 * 96 * 2048.0 / 12288) + logits, 1e-12);
    s.recompute = RECOMPUTE_SELECTIVE;
    check_close(train_memory(&j, &s).activation_bytes, sbh_t * 34 + logits, 1e-12);
    s.recompute = RECOMPUTE_FULL; /* the input of the layer, and the layer itself while it is at work */
    check_close(train_memory(&j, &s).activation_bytes, sbh_t * (2 + 34 + 5 * 96 * 2048.0 / 12288) + logits, 1e-12);
    /* flash attention, no dropout: 34 less the two masks */
    j.scores_kept = false, s.recompute = RECOMPUTE_NONE;
    check_close(train_memory(&j, &s).activation_bytes, sbh_t * 32 + logits, 1e-12);
}

/* Interleaved 1F1B: L/p layers of each of p * (1 + (p-1)/(p*v)) micro-batches (section 4.2.3). */
static void micro_batches_in_flight(void **state)
{
    (void)state;
    struct layer l;
    struct model m = model_gpt(&l, 1024, 8, 32);
    m.vocab = 1024; /* so that the first stage holds the most */
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 8, 64, 2048);
    struct train_split s = train_ways(1, 8, 1, 1);
    double layer = 32.0 * 2048 * 1024;
    check_close(train_memory(&j, &s).activation_bytes, 8 * 4 * layer, 1e-12);
    s.vp = 4;
    check_close(train_memory(&j, &s).activation_bytes, 8 * (1 + 7.0 / 32) * 4 * layer, 1e-12);
    j.global_batch = 2; /* no more than there are */
    s.vp = 1;
    check_close(train_memory(&j, &s).activation_bytes, 2 * 4 * layer, 1e-12);
}

/* 16-bit weights, fp32 gradients, 12 bytes of Adam: 18 a parameter; stages divide them by the 8 ranks. */
static void zero_stages(void **state)
{
    (void)state;
    struct layer l;
    struct model m = model_gpt(&l, 1024, 8, 64);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 8, 8, 128);
    struct train_split s = train_ways(1, 1, 1, 8);
    double n = 64 * 12.0 * 1024 * 1024 + 1024.0 * 51200;
    struct train_memory x;
    s.shard = SHARD_NONE;
    x = train_memory(&j, &s);
    check_close(x.weight_bytes, 2 * n, 1e-12);
    check_close(x.gradient_bytes, 4 * n, 1e-12);
    check_close(x.optimizer_bytes, 12 * n, 1e-12);
    s.shard = SHARD_OPTIMIZER;
    x = train_memory(&j, &s);
    check_close(x.gradient_bytes, 4 * n, 1e-12);
    check_close(x.optimizer_bytes, 12 * n / 8, 1e-12);
    s.shard = SHARD_GRADIENT;
    check_close(train_memory(&j, &s).gradient_bytes, 4 * n / 8, 1e-12);
    s.shard = SHARD_FULL; /* an eighth, and two layers gathered */
    check_close(train_memory(&j, &s).weight_bytes, 2 * n / 8 + 2 * 2 * n / 64, 1e-12);
    j.lora_rank = 16;
    x = train_memory(&j, &s);
    assert_true(x.gradient_bytes == 0 && x.optimizer_bytes == 0);
}

static void says_by_how_much(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator a = acc_h100();
    struct train_job j = train_plain_job(&a, &m, 8, 8, 4096);
    struct train_split s = train_ways(8, 1, 1, 1);
    struct train_memory x = train_memory(&j, &s);
    assert_false(x.fits);
    check_close(x.short_by_bytes, x.total_bytes - x.usable_bytes, 1e-12);
    check_close(x.total_bytes,
                x.weight_bytes + x.gradient_bytes + x.optimizer_bytes + x.activation_bytes + x.workspace_bytes, 1e-12);
    struct layer l8;
    struct model small = LLAMA_8B(&l8);
    j.model = &small;
    assert_true(train_memory(&j, &s).fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_of_a_gpt_layer),
        cmocka_unit_test(micro_batches_in_flight),
        cmocka_unit_test(zero_stages),
        cmocka_unit_test(says_by_how_much),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
