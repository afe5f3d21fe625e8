/* test_memory.c - weights, KV bytes and blocks against counts worked out by hand and one real run. */
#include "fixture.h"

#include "speed/memory.h"
#include "speed/shape.h"

/* The walk over matrices must weigh what the model's own count says, for every kind of layer. */
static void matrices_add_up_to_the_model(void **state)
{
    (void)state;
    struct layer l[5][2];
    struct model m[] = {LLAMA_70B(l[0]), model_deepseek_v3(l[1]), model_gpt_oss(l[2]), model_hybrid(l[3]),
                        model_sparse(l[4])};
    struct accelerator acc = acc_h100();
    for (size_t i = 0; i < sizeof m / sizeof *m; i++) {
        struct deployment d = deploy(&acc, &m[i], quant_bf16, 1);
        double whole = 2.0 * (double)m[i].vocab * (double)m[i].hidden + (double)m[i].hidden, local = whole;
        for (size_t g = 0; g < m[i].ngroup; g++) {
            struct matrix mat[MATRICES_MAX];
            size_t n = layer_matrices(&d, &m[i].group[g], mat);
            for (size_t k = 0; k < n; k++) {
                whole += m[i].group[g].count * mat[k].whole;
                local += m[i].group[g].count * mat[k].local;
            }
        }
        check_close(whole, model_params(&m[i]), 1e-12);
        check_close(local, whole, 1e-12); /* one device holds everything */
        check_close(memory_of(&d).weight_bytes, 2 * whole, 1e-12);
    }
}

/* Llama-3.1-70B: 70,553,706,496 weights, of them embedding and LM head 2 * 128256 * 8192 and norms 161 * 8192. */
static void llama_70b_by_device(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    const double norms = 161.0 * 8192, table = 2 * 128256.0 * 8192;
    const double layers = 80.0 * (8192.0 * (8192 + 2048) + 8192.0 * 8192 + 3.0 * 8192 * 28672);
    check_close(layers + table + norms, 70553706496.0, 0);
    for (int tp = 1; tp <= 8; tp *= 2) {
        struct deployment d = deploy(&acc, &m, quant_bf16, tp);
        struct memory b = memory_of(&d);
        check_close(b.weight_bytes, 2 * (layers + table) / tp + 2 * norms, 1e-12);
        d.quant = quant_fp8;
        struct memory f = memory_of(&d);
        check_close(f.weight_bytes, (layers + 2 * table) / tp + 2 * norms, 1e-12);
        check_close(b.kv_total_bytes_tok, 327680, 0);
        check_close(b.kv_full_bytes_tok, 327680.0 / tp, 1e-12);
        check_close(f.kv_full_bytes_tok, 163840.0 / tp, 1e-12);
        assert_int_equal(b.fits, tp >= 2); /* 141 GB in bf16: two cards of 76.4 GB keep 4 GB each for KV */
        assert_true(f.fits);               /* 72.6 GB in fp8: one card keeps 2.4 GB, 8192 tokens take 1.3 */
        if (!b.fits)
            assert_true(b.short_by_bytes > 0);
    }
    /* tp 16: KV heads are copied, one a device */
    struct deployment d = deploy(&acc, &m, quant_bf16, 16);
    check_close(memory_of(&d).kv_full_bytes_tok, 327680.0 / 8, 1e-12);
}

static void deepseek_latents(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_deepseek_v3(l);
    check_close(kv_bytes_per_token(&m, PREC_BF16), 576.0 * 2 * 61, 0);
    check_close(kv_bytes_per_token(&m, PREC_BF16), 70272, 0);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_fp8, 8);
    struct memory one = memory_of(&d);
    check_close(one.kv_full_bytes_tok, 35136, 0); /* every tp rank keeps the whole latent */
    /* dp attention: 8 copies of the attention, experts spread 8 ways */
    d.tp = 1, d.dp = 8, d.ep = 8;
    struct memory dp = memory_of(&d);
    double experts = 58.0 * 256 * 3 * 7168 * 2048;
    d.dp = d.ep = 1;
    struct memory single = memory_of(&d);
    check_close(dp.weight_total_bytes, 8 * (single.weight_bytes - experts) + experts, 1e-9);
    check_close(dp.weight_bytes, single.weight_bytes - experts * 7 / 8, 1e-9);
    assert_true(one.weight_total_bytes < dp.weight_total_bytes && one.weight_total_bytes > single.weight_bytes);
}

/* Half of gpt-oss's layers keep 128 tokens: a sequence of c tokens takes 36864*up(c) + 36864*min(up(c), 128). */
static void gpt_oss_windows(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_gpt_oss(l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct memory mem = memory_of(&d);
    check_close(mem.kv_total_bytes_tok, 73728, 0);
    check_close(mem.kv_full_bytes_tok, 36864, 0);
    check_close(mem.kv_clip_bytes_tok, 36864, 0);
    assert_int_equal(mem.kv_window, 128);
    check_close(kv_seq_bytes(&mem, 1), 73728.0 * 16, 0);
    check_close(kv_seq_bytes(&mem, 128), 73728.0 * 128, 0);
    check_close(kv_seq_bytes(&mem, 129), 36864.0 * 144 + 36864.0 * 128, 0);
    check_close(kv_seq_bytes(&mem, 8192), 36864.0 * (8192 + 128), 0);
}

static void recurrent_state(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_hybrid(l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 2);
    d.memory_frac = 0.95;
    struct memory mem = memory_of(&d);
    check_close(mem.state_bytes_seq, 36 * (16.0 * 128 * 128 * 4 + 3 * (2 * 16 * 128 + 32 * 128) / 2.0 * 2), 1e-12);
    check_close(mem.kv_total_bytes_tok, 12 * 2.0 * 2 * 256 * 2, 0);
}

static void sparse_attention_keeps_index_keys(void **state)
{
    (void)state;
    struct layer l[2];
    struct model m = model_sparse(l);
    check_close(kv_bytes_per_token(&m, PREC_BF16), 70272 + 61 * (128 + 4), 0);
}

static void pipeline_stages(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 4);
    struct memory one = memory_of(&d);
    d.pp = 2;
    struct memory two = memory_of(&d);
    check_close(two.kv_full_bytes_tok, one.kv_full_bytes_tok / 2, 1e-12);
    assert_true(two.weight_bytes > one.weight_bytes / 2 && two.weight_bytes < 0.53 * one.weight_bytes);
    d.pp = 3; /* 27 of 80 layers on the fullest stage */
    check_close(memory_of(&d).kv_full_bytes_tok, one.kv_full_bytes_tok * 27 / 80, 1e-12);
}

/* vLLM 0.19.0 with its defaults found 2,588 blocks of 16 tokens (LLMServingSim's run, MIT). What grows outside torch
** while it profiles: 0.07 GiB, printed by a vLLM 0.10.2 run on an H100 with one GPU. */
static void real_run_on_rtx_4090(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_rtx4090();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    d.max_tokens = 2048, d.max_context = 32768;
    struct memory mem = memory_of(&d);
    check_close(mem.budget_bytes, 0.9 * 25250627584.0, 1e-12);
    check_close(mem.weight_bytes, 2 * 8030261248.0, 0);
    check_close(mem.activation_bytes, 256 * 128256.0 * 38 + 2048 * 4096.0 * 2, 1e-12);
    check_close((double)mem.kv_blocks, 2588, 0.03);
    assert_true(mem.fits);
    assert_true(mem.max_context <= mem.kv_tokens && mem.max_context > 32768);
}

/* Qwen3-8B in bf16 on an L20, vLLM of 2026-02: "Actual usage is 15.27 GiB for weight, 1.4 GiB for peak activation". */
static void profile_of_qwen3_8b(void **state)
{
    (void)state;
    struct layer l;
    struct model m = model_llama(&l, 4096, 12288, 36, 32);
    m.vocab = 151936, m.max_context = 40960;
    l.norm_params += 2 * 128;
    struct accelerator acc = acc_rtx4090();
    acc.mem_usable_bytes = 47.37 * GIB;
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    d.max_tokens = 2048;
    struct memory mem = memory_of(&d);
    check_close(mem.weight_bytes / GIB, 15.27, 0.001);
    check_close(mem.activation_bytes / GIB, 1.40, 0.01);
    check_close((double)mem.kv_blocks, 11804, 0.01); /* what that run got, 0.03 GiB outside torch */
}

static void engines_share_memory_differently(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_h100();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct memory vllm = memory_of(&d);
    d.stack.memory_frac_of_free = true; /* TensorRT-LLM */
    struct memory free_share = memory_of(&d);
    double left = free_share.usable_bytes - free_share.outside_bytes - free_share.weight_bytes -
                  free_share.activation_bytes - free_share.workspace_bytes;
    check_close(free_share.kv_pool_bytes, 0.9 * left, 1e-12);
    d.stack = stack_plain("sglang"); /* activations lie outside its share */
    struct memory sglang = memory_of(&d);
    check_close(sglang.kv_pool_bytes, 0.9 * sglang.usable_bytes - sglang.weight_bytes - sglang.workspace_bytes, 1e-9);
    assert_true(sglang.activation_bytes < vllm.activation_bytes);
    d.memory_frac = 1; /* context and graphs cannot be given away */
    struct memory full = memory_of(&d);
    check_close(full.budget_bytes, full.usable_bytes - full.outside_bytes, 1e-12);
}

static void unknown_usable_memory_is_assumed(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator acc = acc_mi300x();
    struct deployment d = deploy(&acc, &m, quant_bf16, 1);
    struct memory mem = memory_of(&d);
    assert_true(mem.usable_assumed);
    check_close(mem.usable_bytes, 0.98 * 192 * GIB, 1e-12);
}

static void more_memory_holds_more(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    int64_t last = -1;
    for (double gib = 10; gib < 200; gib += 7) {
        struct accelerator acc = acc_h100();
        acc.mem_usable_bytes = gib * GIB;
        struct deployment d = deploy(&acc, &m, quant_bf16, 1);
        struct memory mem = memory_of(&d);
        assert_true(mem.kv_blocks >= last);
        if (mem.max_context > 0) {
            assert_true(kv_seq_bytes(&mem, mem.max_context) <= mem.kv_pool_bytes);
            assert_true(kv_seq_bytes(&mem, mem.max_context + 1) > mem.kv_pool_bytes);
        }
        last = mem.kv_blocks;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matrices_add_up_to_the_model),
        cmocka_unit_test(llama_70b_by_device),
        cmocka_unit_test(deepseek_latents),
        cmocka_unit_test(gpt_oss_windows),
        cmocka_unit_test(recurrent_state),
        cmocka_unit_test(sparse_attention_keeps_index_keys),
        cmocka_unit_test(pipeline_stages),
        cmocka_unit_test(real_run_on_rtx_4090),
        cmocka_unit_test(profile_of_qwen3_8b),
        cmocka_unit_test(engines_share_memory_differently),
        cmocka_unit_test(unknown_usable_memory_is_assumed),
        cmocka_unit_test(more_memory_holds_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
