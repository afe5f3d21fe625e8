/* test_model.c - configs into layers and parameters: counts derived by hand, and the built-in models. */
#include <dirent.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "base/note.h"
#include "check.h"
#include "facts/model.h"

struct node;

static struct arena *arena;
static struct notes notes;

static int setup(void **state)
{
    (void)state;
    arena = arena_new();
    notes = (struct notes){.arena = arena};
    return arena ? 0 : 1;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct model read_ok(const char *json)
{
    struct err e = {0};
    struct node *root;
    struct model m = {0};
    if (!model_json(arena, "org--Name_config.json", json, strlen(json), &root, &e) ||
        !model_read(arena, root, NULL, &m, &notes, &e))
        fail_msg("%s: %s; %s", e.place, e.what, e.mend);
    return m;
}

static void check_parts(const struct model *m)
{
    struct model_parts p = model_count(m);
    check_close(p.embed + p.lm_head + p.attention + p.dense_ffn + p.experts + p.shared + p.router + p.norms + p.other,
                model_params(m), 0);
    int layers = 0;
    for (size_t i = 0; i < m->ngroup; i++)
        layers += m->group[i].count;
    assert_int_equal(layers, m->layers);
}

/* 70B: 2*128256*8192 + 80*(8192*(8192 + 2*1024) + 8192*8192 + 3*8192*28672 + 2*8192) + 8192 */
static void test_llama(void **state)
{
    (void)state;
    struct model m =
        read_ok("{\"model_type\":\"llama\",\"hidden_size\":8192,\"num_hidden_layers\":80,\"num_attention_heads\":64,"
                "\"num_key_value_heads\":8,\"intermediate_size\":28672,\"vocab_size\":128256,"
                "\"max_position_embeddings\":131072,\"tie_word_embeddings\":false}");
    check_close(model_params(&m), 70553706496.0, 0);
    check_close(model_active_params(&m), 70553706496.0 - 128256.0 * 8192, 0);
    check_parts(&m);
    assert_int_equal(m.ngroup, 1);
    assert_int_equal(m.group[0].head_dim, 128);
    assert_int_equal(m.group[0].kv_heads, 8);
    assert_int_equal(m.max_context, 131072);
    assert_string_equal(m.name, "org/Name");
    assert_string_equal(m.id, "org/name");
    assert_int_equal(m.quant.linear, PREC_BF16);
    assert_false(m.quant_declared);
    assert_int_equal(notes.n, 0);
}

static void test_tied_head_dim(void **state)
{
    (void)state;
    struct model m =
        read_ok("{\"model_type\":\"llama\",\"hidden_size\":2048,\"num_hidden_layers\":16,\"num_attention_heads\":32,"
                "\"num_key_value_heads\":8,\"head_dim\":64,\"intermediate_size\":8192,\"vocab_size\":128256,"
                "\"tie_word_embeddings\":true,\"torch_dtype\":\"float16\"}");
    check_close(model_params(&m), 1235814400.0, 0);
    check_close(model_active_params(&m), 1235814400.0, 0); /* the tied table is the LM head */
    assert_int_equal(m.quant.attention, PREC_FP16);
}

/* Mixtral 8x7B: 32*(41943040 + 8*3*4096*14336 + 8*4096 + 8192) + 2*32000*4096 + 4096. The publisher's 12.9B active
** count the embedding table. */
static void test_mixtral(void **state)
{
    (void)state;
    struct model m =
        read_ok("{\"model_type\":\"mixtral\",\"hidden_size\":4096,\"num_hidden_layers\":32,\"num_attention_heads\":32,"
                "\"num_key_value_heads\":8,\"intermediate_size\":14336,\"vocab_size\":32000,"
                "\"num_local_experts\":8,\"num_experts_per_tok\":2,\"sliding_window\":null}");
    check_close(model_params(&m), 46702792704.0, 0);
    check_close(model_active_params(&m) + 32000.0 * 4096, 12879925248.0, 0);
    assert_int_equal(m.group[0].ffn_inter, 0);
    assert_int_equal(m.group[0].expert_inter, 14336);
    check_parts(&m);
}

static const char deepseek_v3[] =
    "{\"model_type\":\"deepseek_v3\",\"hidden_size\":7168,\"num_hidden_layers\":61,\"num_attention_heads\":128,"
    "\"num_key_value_heads\":128,\"q_lora_rank\":1536,\"kv_lora_rank\":512,\"qk_nope_head_dim\":128,\"qk_rope_head_"
    "dim\":64,"
    "\"v_head_dim\":128,\"intermediate_size\":18432,\"moe_intermediate_size\":2048,\"n_routed_experts\":256,"
    "\"n_shared_experts\":1,\"num_experts_per_tok\":8,\"first_k_dense_replace\":3,\"moe_layer_freq\":1,"
    "\"topk_method\":\"noaux_tc\",\"vocab_size\":129280,\"num_nextn_predict_layers\":1,"
    "\"quantization_config\":{\"quant_method\":\"fp8\",\"weight_block_size\":[128,128]}}";

static void test_deepseek(void **state)
{
    (void)state;
    struct model m = read_ok(deepseek_v3);
    check_close(model_params(&m), 671026419200.0, 0);
    check_close(model_active_params(&m), 37e9, 0.5 / 37);
    check_parts(&m);
    assert_int_equal(m.mtp_layers, 1);
    assert_int_equal(m.ngroup, 2);
    assert_int_equal(m.group[0].count, 3);
    assert_int_equal(m.group[1].experts, 256);
    assert_int_equal(m.group[1].mixer, MIX_MLA);
    /* Wqa, Wqb, Wkva, Wkvb, Wo */
    check_close(layer_mixer_params(&m, &m.group[0]),
                7168 * 1536.0 + 1536 * 128.0 * 192 + 7168 * 576.0 + 512 * 128.0 * 256 + 128 * 128 * 7168.0, 0);
    check_close(layer_ffn_params(&m, &m.group[1]), 257 * 3.0 * 7168 * 2048 + 7168 * 256 + 256, 0);
    assert_int_equal(m.quant.experts, PREC_FP8_BLOCK);
    assert_int_equal(m.quant.attention, PREC_FP8_BLOCK);
    assert_int_equal(m.quant.lm_head, PREC_BF16);
    assert_true(m.quant_declared);
}

/* Qwen3-30B-A3B, gpt-oss: totals of the checkpoints; active as their cards count them. */
static void test_moe_families(void **state)
{
    (void)state;
    struct model m = read_ok(
        "{\"model_type\":\"qwen3_moe\",\"hidden_size\":2048,\"num_hidden_layers\":48,\"num_attention_heads\":32,"
        "\"num_key_value_heads\":4,\"head_dim\":128,\"intermediate_size\":6144,\"moe_intermediate_size\":768,\"num_"
        "experts\":128,"
        "\"num_experts_per_tok\":8,\"vocab_size\":151936,\"decoder_sparse_step\":1,\"mlp_only_layers\":[],\"attention_"
        "bias\":false}");
    check_close(model_params(&m), 30532122624.0, 0);
    m = read_ok("{\"model_type\":\"gpt_oss\",\"hidden_size\":2880,\"num_hidden_layers\":36,\"num_attention_heads\":64,"
                "\"num_key_value_heads\":8,\"head_dim\":64,\"intermediate_size\":2880,\"num_local_experts\":128,\"num_"
                "experts_per_tok\":4,"
                "\"vocab_size\":201088,\"sliding_window\":128,\"attention_bias\":true,"
                "\"quantization_config\":{\"quant_method\":\"mxfp4\",\"modules_to_not_convert\":[\"model.layers.*.self_"
                "attn\",\"lm_head\"]}}");
    check_close(model_params(&m), 116829156672.0, 0);
    check_close(model_active_params(&m), 5.13e9, 0.001);
    assert_int_equal(m.ngroup, 2);
    assert_int_equal(m.group[0].window, 128);
    assert_int_equal(m.group[1].window, 0);
    assert_int_equal(m.group[0].count, 18);
    assert_int_equal(m.quant.experts, PREC_MXFP4);
    assert_int_equal(m.quant.attention, PREC_BF16);
    assert_int_equal(m.quant.linear, PREC_BF16);
}

/* Linear attention keeps a state and no KV: Qwen3.5's three DeltaNet layers to one full one. */
static void test_hybrid(void **state)
{
    (void)state;
    struct model m = read_ok(
        "{\"model_type\":\"qwen3_5\",\"tie_word_embeddings\":false,\"text_config\":{\"model_type\":\"qwen3_5_text\","
        "\"hidden_size\":5120,"
        "\"num_hidden_layers\":64,\"num_attention_heads\":24,\"num_key_value_heads\":4,\"head_dim\":256,\"intermediate_"
        "size\":17408,"
        "\"vocab_size\":248320,\"full_attention_interval\":4,\"linear_conv_kernel_dim\":4,\"linear_key_head_dim\":128,"
        "\"linear_num_key_heads\":16,\"linear_num_value_heads\":48,\"linear_value_head_dim\":128},\"vision_config\":{}"
        "}");
    assert_int_equal(m.ngroup, 2);
    const struct layer *lin = &m.group[0], *full = &m.group[1];
    assert_int_equal(lin->mixer, MIX_LINEAR);
    assert_int_equal(lin->count, 48);
    assert_int_equal(full->count, 16);
    assert_true(full->q_gate);
    double qk = 2.0 * 16 * 128, v = 48 * 128;
    check_close(layer_mixer_params(&m, lin), 5120 * (qk + 2 * v) + 4 * (qk + v) + v * 5120 + 2 * 5120 * 48 + 2 * 48, 0);
    check_close(layer_mixer_params(&m, full), 5120.0 * (2 * 24 * 256 + 2 * 4 * 256) + 24 * 256 * 5120.0, 0);
    check_close(model_params(&m), 26895998464.0, 0);
}

/* A Mamba-2 block of Nemotron-3 Nano: 4096 inner, 8 groups of 128: in, convolution with bias, A, D, dt, out. */
static void test_mamba(void **state)
{
    (void)state;
    struct model m = read_ok("{\"model_type\":\"nemotron_h\",\"hidden_size\":2688,\"hybrid_override_pattern\":\"ME*-\","
                             "\"num_attention_heads\":32,"
                             "\"num_key_value_heads\":2,\"head_dim\":128,\"vocab_size\":131072,\"mamba_num_heads\":64,"
                             "\"mamba_head_dim\":64,\"n_groups\":8,"
                             "\"ssm_state_size\":128,\"conv_kernel\":4,\"use_conv_bias\":true,\"intermediate_size\":"
                             "1856,\"moe_intermediate_size\":1856,"
                             "\"moe_shared_expert_intermediate_size\":3712,\"n_routed_experts\":128,\"n_shared_"
                             "experts\":1,\"num_experts_per_tok\":6,"
                             "\"time_step_limit\":[0.0, Infinity]}");
    assert_int_equal(m.layers, 4);
    assert_int_equal(m.ngroup, 4);
    double in = 2 * 4096 + 2 * 1024 + 64, conv = 4096 + 2 * 1024;
    check_close(layer_mixer_params(&m, &m.group[0]), 2688 * in + conv * 4 + conv + 3 * 64 + 4096 * 2688.0, 0);
    assert_int_equal(m.group[1].mixer, MIX_NONE);
    assert_false(m.group[1].gated);
    check_close(layer_ffn_params(&m, &m.group[1]), 2 * 2688.0 * (128 * 1856 + 3712) + 2688 * 128 + 128, 0);
    check_close(layer_ffn_params(&m, &m.group[3]), 2 * 2688.0 * 1856, 0);
}

/* Before Llama: learned positions, biases, one shared KV head, side-by-side blocks. */
static void test_gpt_kinds(void **state)
{
    (void)state;
    struct model m =
        read_ok("{\"model_type\":\"gpt2\",\"n_embd\":768,\"n_layer\":12,\"n_head\":12,\"n_positions\":1024,"
                "\"vocab_size\":50257}");
    check_close(model_params(&m), 124439808.0, 0);
    check_close(m.lookup_params, 1024 * 768.0, 0);
    m = read_ok("{\"model_type\":\"gptj\",\"n_embd\":4096,\"n_layer\":28,\"n_head\":16,\"n_positions\":2048,\"vocab_"
                "size\":50400,"
                "\"tie_word_embeddings\":false}");
    check_close(model_params(&m), 6050882784.0, 0);
    m = read_ok("{\"model_type\":\"bloom\",\"n_embed\":14336,\"n_layer\":70,\"num_attention_heads\":112,\"vocab_size\":"
                "250880}");
    check_close(model_params(&m), 176247271424.0, 0);
    m = read_ok(
        "{\"model_type\":\"falcon\",\"hidden_size\":14848,\"num_hidden_layers\":80,\"num_attention_heads\":232,"
        "\"num_kv_heads\":8,\"new_decoder_architecture\":true,\"vocab_size\":65024,\"tie_word_embeddings\":false}");
    check_close(model_params(&m), 179522565120.0, 0);
    m = read_ok("{\"model_type\":\"falcon\",\"hidden_size\":4544,\"num_hidden_layers\":32,\"num_attention_heads\":71,"
                "\"multi_query\":true,\"num_kv_heads\":71,\"vocab_size\":65024}");
    assert_int_equal(m.group[0].kv_heads, 1);
}

/* Totals of checkpoints (safetensors; recall unless a source is named in data/models), for readers that no built-in
 * uses. */
static void test_known_totals(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        double total, within;
    } rows[] = {
        {"{\"model_type\":\"deepseek_v2\",\"hidden_size\":2048,\"num_hidden_layers\":27,\"num_attention_heads\":16,"
         "\"q_lora_rank\":null,\"kv_lora_rank\":512,\"qk_nope_head_dim\":128,\"qk_rope_head_dim\":64,\"v_head_dim\":"
         "128,"
         "\"intermediate_size\":10944,\"moe_intermediate_size\":1408,\"n_routed_experts\":64,\"n_shared_experts\":2,"
         "\"num_experts_per_tok\":6,\"first_k_dense_replace\":1,\"topk_method\":\"greedy\",\"vocab_size\":102400}",
         15706484224.0, 0}, /* DeepSeek-V2-Lite */
        {"{\"model_type\":\"gpt_neox\",\"hidden_size\":6144,\"num_hidden_layers\":44,\"num_attention_heads\":64,"
         "\"intermediate_size\":24576,\"vocab_size\":50432}",
         20554567680.0, 0}, /* GPT-NeoX-20B */
        {"{\"model_type\":\"phi3\",\"hidden_size\":5120,\"num_hidden_layers\":40,\"num_attention_heads\":40,"
         "\"num_key_value_heads\":10,\"intermediate_size\":17920,\"vocab_size\":100352}",
         14659507200.0, 0}, /* Phi-4 */
        {"{\"model_type\":\"kimi_linear\",\"hidden_size\":2304,\"num_hidden_layers\":27,\"num_attention_heads\":32,"
         "\"q_lora_rank\":null,\"kv_lora_rank\":512,\"qk_nope_head_dim\":128,\"qk_rope_head_dim\":64,\"v_head_dim\":"
         "128,"
         "\"intermediate_size\":9216,\"moe_intermediate_size\":1024,\"num_experts\":256,\"num_experts_per_token\":8,"
         "\"num_shared_experts\":1,\"first_k_dense_replace\":1,\"vocab_size\":163840,\"linear_attn_config\":{"
         "\"full_attn_layers\":[4,8,12,16,20,24,27],\"head_dim\":128,\"num_heads\":32,\"short_conv_kernel_size\":4}}",
         49.12e9, 0.0005}, /* Kimi-Linear-48B-A3B */
        {"{\"model_type\":\"minimax_text_01\",\"hidden_size\":6144,\"num_hidden_layers\":80,\"num_attention_heads\":64,"
         "\"num_key_value_heads\":8,\"head_dim\":128,\"num_local_experts\":32,\"num_experts_per_tok\":2,"
         "\"intermediate_size\":9216,\"vocab_size\":200064}",
         456e9, 0.001}, /* MiniMax-Text-01, arXiv:2501.08313 */
        {"{\"model_type\":\"step3p5\",\"hidden_size\":4096,\"num_hidden_layers\":4,\"num_attention_heads\":64,"
         "\"num_attention_groups\":8,\"head_dim\":128,\"intermediate_size\":11264,\"moe_num_experts\":288,\"moe_top_"
         "k\":8,"
         "\"moe_intermediate_size\":1280,\"share_expert_dim\":1280,\"vocab_size\":128896,\"sliding_window\":512,"
         "\"use_head_wise_attn_gate\":true,\"moe_layers_enum\":\"2,3\",\"layer_types\":[\"full_attention\","
         "\"sliding_attention\",\"sliding_attention\",\"sliding_attention\",\"mtp\"],\"attention_other_setting\":{"
         "\"num_attention_heads\":96,\"num_attention_groups\":8}}",
         /* embedding and head; q, o, k, v, gate of one layer with 64 heads and three with 96; two dense, two of experts
         ** with router and its bias; norms of hidden and head_dim */
         2 * 128896 * 4096.0 + 4096 * (2 * 64 * 128 + 2 * 8 * 128 + 64.0) +
             3 * 4096 * (2 * 96 * 128 + 2 * 8 * 128 + 96.0) + 2 * 3 * 4096 * 11264.0 +
             2 * (289 * 3 * 4096 * 1280.0 + 4096 * 288 + 288) + 4 * (2 * 4096 + 2 * 128) + 4096,
         0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m = read_ok(rows[i].json);
        check_close(model_params(&m), rows[i].total, rows[i].within);
        check_parts(&m);
    }
}

static void test_strangers(void **state)
{
    (void)state;
    struct model m =
        read_ok("{\"model_type\":\"newcomer\",\"hidden_size\":4096,\"num_hidden_layers\":32,\"num_attention_heads\":32,"
                "\"intermediate_size\":11008,\"vocab_size\":32000,\"ssm_state_size\":16,\"colour\":\"red\"}");
    check_close(model_params(&m), 6738415616.0, 0);
    assert_int_equal(notes.n, 2);
    assert_non_null(strstr(notes.note[0].text, "newcomer"));
    assert_non_null(strstr(notes.note[1].text, "ssm_state_size"));
}

#define TINY                                                                                                           \
    "\"model_type\":\"llama\",\"hidden_size\":64,\"num_hidden_layers\":4,\"num_attention_heads\":4,\"intermediate_"    \
    "size\":128,"                                                                                                      \
    "\"vocab_size\":1000"
#define TINY_MOE                                                                                                       \
    "\"model_type\":\"deepseek_v3\",\"hidden_size\":64,\"num_hidden_layers\":4,\"num_attention_heads\":4,\"kv_lora_"   \
    "rank\":16,"                                                                                                       \
    "\"qk_nope_head_dim\":16,\"qk_rope_head_dim\":8,\"v_head_dim\":16,\"intermediate_size\":128,\"moe_intermediate_"   \
    "size\":32,"                                                                                                       \
    "\"n_routed_experts\":8,\"n_shared_experts\":1,\"num_experts_per_tok\":2,\"first_k_dense_replace\":1,\"vocab_"     \
    "size\":1000"

static void test_quant(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        enum precision linear, experts, attention, head, kv;
    } rows[] = {
        {"{" TINY "}", PREC_BF16, PREC_BF16, PREC_BF16, PREC_BF16, PREC_BF16},
        {"{" TINY ",\"quantization_config\":{\"quant_method\":\"fp8\"}}", PREC_FP8, PREC_FP8, PREC_FP8, PREC_BF16,
         PREC_BF16},
        {"{" TINY ",\"quantization_config\":{\"quant_method\":\"awq\",\"bits\":4}}", PREC_INT4, PREC_INT4, PREC_INT4,
         PREC_BF16, PREC_BF16},
        {"{" TINY ",\"quantization_config\":{\"quant_method\":\"gptq\",\"bits\":8}}", PREC_INT8, PREC_INT8, PREC_INT8,
         PREC_BF16, PREC_BF16},
        {"{" TINY
         ",\"quantization_config\":{\"quant_algo\":\"FP8\",\"kv_cache_scheme\":\"FP8\",\"ignore\":[\"lm_head\"]}}",
         PREC_FP8, PREC_FP8, PREC_FP8, PREC_BF16, PREC_FP8},
        {"{" TINY
         ",\"compression_config\":{\"quant_method\":\"compressed-tensors\",\"config_groups\":{\"group_0\":{\"weights\":"
         "{\"num_bits\":8,\"type\":\"int\"}}}}}",
         PREC_INT8, PREC_INT8, PREC_INT8, PREC_BF16, PREC_BF16},
        /* Kimi-K2.5: everything but the experts stays */
        {"{" TINY_MOE ",\"quantization_config\":{\"quant_method\":\"compressed-tensors\",\"config_groups\":{\"group_"
         "0\":{\"weights\":"
         "{\"num_bits\":4,\"type\":\"int\",\"group_size\":32}}},\"ignore\":[\"lm_head\",\"re:.*self_attn.*\",\"re:.*"
         "shared_experts.*\","
         "\"re:.*mlp\\\\.(gate|up|gate_up|down)_proj.*\"]}}",
         PREC_BF16, PREC_INT4, PREC_BF16, PREC_BF16, PREC_BF16},
        /* modelopt names the layers one by one; a few exceptions do not make a rule */
        {"{" TINY_MOE
         ",\"quantization_config\":{\"quant_algo\":\"NVFP4\",\"kv_cache_scheme\":{\"num_bits\":8,\"type\":\"float\"},"
         "\"ignore\":[\"model.layers.0*\",\"model.layers.1.self_attn*\",\"model.layers.2.self_attn*\",\"model.layers.3."
         "self_attn*\","
         "\"model.layers.1.mlp.shared_experts*\",\"model.layers.1.mlp.gate\",\"model.layers.2.mlp.gate\"]}}",
         PREC_NVFP4, PREC_NVFP4, PREC_BF16, PREC_BF16, PREC_FP8},
        {"{" TINY_MOE ",\"quantization_config\":{\"quant_algo\":\"MIXED_PRECISION\",\"quantized_layers\":{"
         "\"model.layers.1.mlp.experts\":{\"quant_algo\":\"NVFP4\"},\"model.layers.2.mlp.experts\":{\"quant_algo\":"
         "\"NVFP4\"},"
         "\"model.layers.0.self_attn.o_proj\":{\"quant_algo\":\"FP8\"},\"model.layers.1.self_attn.o_proj\":{\"quant_"
         "algo\":\"FP8\"},"
         "\"lm_head\":{\"quant_algo\":\"W4A16_NVFP4\"}}}}",
         PREC_BF16, PREC_NVFP4, PREC_FP8, PREC_NVFP4, PREC_BF16},
        /* DeepSeek-V4: blocks of fp8, experts in fp4 */
        {"{" TINY_MOE ",\"expert_dtype\":\"fp4\",\"quantization_config\":{\"quant_method\":\"fp8\",\"weight_block_"
         "size\":[128,128]}}",
         PREC_FP8_BLOCK, PREC_MXFP4, PREC_FP8_BLOCK, PREC_BF16, PREC_BF16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct model m = read_ok(rows[i].json);
        assert_int_equal(m.quant.linear, rows[i].linear);
        assert_int_equal(m.quant.experts, rows[i].experts);
        assert_int_equal(m.quant.attention, rows[i].attention);
        assert_int_equal(m.quant.lm_head, rows[i].head);
        assert_int_equal(m.quant.kv, rows[i].kv);
        assert_true(m.quant_declared == (i > 0));
    }
}

static void test_precision_needed(void **state)
{
    (void)state;
    struct model m = read_ok("{" TINY ",\"moat\":{\"name\":\"nvidia/Thing-FP8\",\"id\":\"thing\"}}");
    assert_true(m.precision_needed);
    assert_int_equal(notes.n, 1);
    assert_non_null(strstr(notes.note[0].text, "precision"));
    m = read_ok("{" TINY ",\"moat\":{\"name\":\"nvidia/"
                "Thing-FP8\",\"id\":\"thing\"},\"quantization_config\":{\"quant_method\":\"fp8\"}}");
    assert_false(m.precision_needed);
    assert_string_equal(m.id, "thing");
}

/* What a publisher counts and moat does not, or the other way round. */
static const struct {
    const char *id;
    double more;
    const char *why;
} apart[] = {
    {"llama-4-scout", 871932416, "vision tower"},
    {"llama-4-maverick", 871932416, "vision tower"},
    {"falcon-40b", 532676608, "the tied head is stored twice"},
    {"falcon-7b", 0.05e9, "published as 7B: 6.92B is within half of the digit"},
    {"moe-1.8t", -0.03e12, "a leak of two digits"},
    {"kimi-k2.5", -0.0264e12, "published as 1T"},
    {"deepseek-v4-pro", 0.027e12, "published as 1.6T: 1.573T is within half of the digit"},
    {"gpt-4o-class", 6.66e9, "an assumption of one digit"},
};

static double publisher_adds(const char *id)
{
    for (size_t i = 0; i < sizeof apart / sizeof *apart; i++)
        if (strcmp(apart[i].id, id) == 0)
            return apart[i].more;
    return 0;
}

/* Every built-in: id as the file is named, source and date, a count within 1 % of the publisher's, no name used twice.
 */
static void test_builtin(void **state)
{
    (void)state;
    char dir[4096], path[4400];
    const char *root = getenv("MOAT_SOURCE");
    snprintf(dir, sizeof dir, "%s/data/models", root ? root : ".");
    DIR *d = opendir(dir);
    assert_non_null(d);
    struct map names = {.arena = arena};
    uint32_t n = 0;
    for (struct dirent *f; (f = readdir(d));) {
        size_t k = strlen(f->d_name);
        if (k < 5 || strcmp(f->d_name + k - 5, ".json") != 0)
            continue;
        struct err e = {0};
        struct model m;
        snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        if (!model_file(arena, path, NULL, &m, &notes, &e))
            fail_msg("%s: %s", e.place, e.what);
        check_parts(&m);
        assert_int_equal(strlen(m.id), k - 5);
        assert_memory_equal(m.id, f->d_name, k - 5);
        assert_true(m.source && *m.source && m.date && *m.date && m.published_source && *m.published_source);
        double counted = model_params(&m) + publisher_adds(m.id);
        if (m.published_params > 0 && fabs(counted / m.published_params - 1) > 0.01)
            fail_msg("%s: %.0f counted, %.0f published", m.id, counted, m.published_params);
        assert_int_equal(map_get(&names, m.id), MAP_NONE);
        map_put(&names, m.id, n);
        for (size_t i = 0; i < m.nalias; i++) {
            if (map_get(&names, m.alias[i]) != MAP_NONE)
                fail_msg("%s: alias %s is taken", m.id, m.alias[i]);
            map_put(&names, m.alias[i], n);
        }
        n++;
    }
    closedir(d);
    assert_in_range(n, 70, 200);
    assert_int_equal(notes.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_llama, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tied_head_dim, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mixtral, setup, teardown),
        cmocka_unit_test_setup_teardown(test_deepseek, setup, teardown),
        cmocka_unit_test_setup_teardown(test_moe_families, setup, teardown),
        cmocka_unit_test_setup_teardown(test_hybrid, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mamba, setup, teardown),
        cmocka_unit_test_setup_teardown(test_gpt_kinds, setup, teardown),
        cmocka_unit_test_setup_teardown(test_known_totals, setup, teardown),
        cmocka_unit_test_setup_teardown(test_strangers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_quant, setup, teardown),
        cmocka_unit_test_setup_teardown(test_precision_needed, setup, teardown),
        cmocka_unit_test_setup_teardown(test_builtin, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
