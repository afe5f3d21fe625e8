/* test_model_bad.c - configs that are wrong: each gives one error that names the file and the key, none crashes. */
#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "check.h"
#include "facts/model.h"

struct node;

#define KEYS_BUT_LAYERS "\"model_type\":\"llama\",\"hidden_size\":4096,\"intermediate_size\":11008,\"vocab_size\":32000"
#define LLAMA KEYS_BUT_LAYERS ",\"num_hidden_layers\":32,\"num_attention_heads\":32"
#define MLA                                                                                                            \
    "\"model_type\":\"deepseek_v3\",\"hidden_size\":64,\"num_hidden_layers\":4,\"num_attention_heads\":4,\"vocab_"     \
    "size\":1000,"                                                                                                     \
    "\"intermediate_size\":128"
#define HYBRID "\"model_type\":\"nemotron_h\",\"hidden_size\":64,\"num_attention_heads\":4,\"vocab_size\":1000"

static const struct {
    const char *json, *place, *what;
} rows[] = {
    /* not a config at all */
    {"", "bad.json", "JSON"},
    {"{", "bad.json:1", "JSON"},
    {"{\"hidden_size\": 4096, \"num_hidden_la", "bad.json:1", "JSON"},
    {"[1, 2]", "bad.json", "object"},
    {"42", "bad.json", "object"},
    {"{}", "model_type", "missing"},
    {"{\"model_type\":\"llama\",\"model_type\":\"llama\"}", "bad.json", "duplicate"},
    {"{\"text_config\":[1]}", "text_config", "object"},
    {"{\"model_type\":\"resnet\",\"depths\":[3,4,6,3]}", "model_type", "resnet"},
    {"{\"model_type\":[\"llama\"]}", "model_type", "missing"},
    /* needed keys */
    {"{\"model_type\":\"llama\"}", "hidden_size", "missing"},
    {"{" KEYS_BUT_LAYERS "}", "num_hidden_layers", "missing"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":null}", "num_hidden_layers", "missing"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":32}", "num_attention_heads", "missing"},
    {"{\"model_type\":\"llama\",\"hidden_size\":64,\"num_hidden_layers\":2,\"num_attention_heads\":2,\"vocab_size\":9}",
     "intermediate_size", "missing"},
    {"{" MLA "}", "kv_lora_rank", "missing"},
    {"{" MLA ",\"kv_lora_rank\":16,\"qk_nope_head_dim\":16,\"qk_rope_head_dim\":8}", "v_head_dim", "missing"},
    {"{" HYBRID "}", "hybrid_override_pattern", "missing"},
    {"{" HYBRID ",\"hybrid_override_pattern\":\"\"}", "hybrid_override_pattern", "missing"},
    {"{" HYBRID ",\"hybrid_override_pattern\":\"M*\"}", "mamba_num_heads", "missing"},
    {"{" LLAMA ",\"num_local_experts\":8}", "num_experts_per_tok", "missing"},
    {"{\"model_type\":\"kimi_linear\",\"hidden_size\":64}", "linear_attn_config", "missing"},
    /* absurd sizes */
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":0,\"num_attention_heads\":32}", "num_hidden_layers", "from 1"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":-3,\"num_attention_heads\":32}", "num_hidden_layers", "from 1"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":32,\"num_attention_heads\":1000000000}", "num_attention_heads",
     "from 1"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":32,\"num_attention_heads\":1e300}", "num_attention_heads", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":32,\"num_attention_heads\":33}", "num_attention_heads", "divisible"},
    {"{" LLAMA ",\"num_key_value_heads\":5}", "num_key_value_heads", "evenly"},
    {"{" LLAMA ",\"num_key_value_heads\":64}", "num_key_value_heads", "evenly"},
    {"{" LLAMA ",\"head_dim\":0}", "head_dim", "from 1"},
    {"{" LLAMA ",\"sliding_window\":-1}", "sliding_window", "from 0"},
    {"{" LLAMA ",\"num_local_experts\":8,\"num_experts_per_tok\":9}", "num_experts_per_tok", "only 8"},
    {"{" LLAMA ",\"num_local_experts\":8,\"num_experts_per_tok\":0}", "num_experts_per_tok", "from 1"},
    {"{" LLAMA ",\"num_local_experts\":99999999999999,\"num_experts_per_tok\":2}", "num_local_experts", "from 1"},
    {"{\"model_type\":\"llama\",\"hidden_size\":1048576,\"num_hidden_layers\":4096,\"num_attention_heads\":8192,"
     "\"intermediate_size\":8388608,\"vocab_size\":67108864}",
     "bad.json", "beyond sense"},
    {"{" LLAMA ",\"layer_types\":[\"full_attention\"]}", "layer_types", "1 entries for 32"},
    {"{" LLAMA ",\"num_local_experts\":8,\"num_experts_per_tok\":2,\"moe_layer_freq\":[1,1]}", "moe_layer_freq",
     "2 entries"},
    {"{" HYBRID ",\"hybrid_override_pattern\":\"**?\"}", "hybrid_override_pattern", "'?'"},
    {"{" HYBRID ",\"hybrid_override_pattern\":\"**\",\"num_hidden_layers\":3}", "num_hidden_layers", "2 blocks"},
    {"{" HYBRID ",\"layers_block_type\":[\"attention\",\"dreams\"]}", "layers_block_type", "dreams"},
    {"{" HYBRID ",\"layers_block_type\":[null,{}]}", "layers_block_type", "not a text"},
    {"{" HYBRID ",\"layers_block_type\":[\"moe\"],\"intermediate_size\":64}", "n_routed_experts", "missing"},
    {"{\"model_type\":\"nemotron-nas\",\"hidden_size\":64,\"num_hidden_layers\":2,\"num_attention_heads\":4,\"vocab_"
     "size\":9,"
     "\"block_configs\":[{}]}",
     "block_configs", "2 blocks"},
    {"{\"model_type\":\"nemotron-nas\",\"hidden_size\":64,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"vocab_"
     "size\":9,"
     "\"block_configs\":[{\"attention\":{\"n_heads_in_group\":3},\"ffn\":{\"no_op\":true}}]}",
     "n_heads_in_group", "divide"},
    {"{\"model_type\":\"nemotron-nas\",\"hidden_size\":64,\"num_hidden_layers\":1,\"num_attention_heads\":4,\"vocab_"
     "size\":9,"
     "\"block_configs\":[{\"attention\":{\"no_op\":true},\"ffn\":{\"ffn_mult\":-2}}]}",
     "ffn_mult", "beyond sense"},
    /* wrong types */
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":\"32\",\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":2.5,\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":NaN,\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":[32],\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":{},\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" KEYS_BUT_LAYERS ",\"num_hidden_layers\":true,\"num_attention_heads\":32}", "num_hidden_layers", "whole"},
    {"{" LLAMA ",\"tie_word_embeddings\":\"perhaps\"}", "tie_word_embeddings", "true or false"},
    {"{" LLAMA ",\"attention_bias\":3}", "attention_bias", "true or false"},
    {"{" LLAMA ",\"quantization_config\":\"fp8\"}", "quantization_config", "object"},
    {"{" LLAMA ",\"moat\":7}", "moat", "object"},
    {"{" LLAMA ",\"moat\":{\"nam\":\"x\"}}", "moat", "nam"},
    {"{" LLAMA ",\"moat\":{\"published_params\":\"many\"}}", "published_params", "number"},
};

static bool try_read(struct arena *a, const char *json, size_t n, struct err *e)
{
    struct node *root;
    struct model m;
    struct notes notes = {.arena = a};
    return model_json(a, "bad.json", json, n, &root, e) && model_read(a, root, NULL, &m, &notes, e);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *a = arena_new();
        struct err e = {0};
        if (try_read(a, rows[i].json, strlen(rows[i].json), &e))
            fail_msg("row %zu is read: %s", i, rows[i].json);
        assert_int_equal(e.kind, ERR_INPUT);
        if (strncmp(e.place, "bad.json", 8) != 0 || !strstr(e.place, rows[i].place) || !strstr(e.what, rows[i].what))
            fail_msg("row %zu: \"%s: %s; %s\" names neither %s nor %s", i, e.place, e.what, e.mend, rows[i].place,
                     rows[i].what);
        if (strchr(e.what, '\n') || strchr(e.place, '\n'))
            fail_msg("row %zu: more than one line", i);
        arena_free(a);
    }
}

static void test_missing_file(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct err e = {0};
    struct model m;
    assert_false(model_file(a, "/nowhere/config.json", NULL, &m, NULL, &e));
    assert_int_equal(e.kind, ERR_ENV);
    arena_free(a);
}

/* Every beginning of a good config is either refused or read; so is every config with one byte changed. */
static void test_damage(void **state)
{
    (void)state;
    static const char good[] =
        "{\"model_type\":\"nemotron_h\",\"hidden_size\":64,\"hybrid_override_pattern\":\"ME*-\",\"num_attention_"
        "heads\":4,"
        "\"vocab_size\":1000,\"mamba_num_heads\":4,\"mamba_head_dim\":8,\"n_groups\":2,\"ssm_state_size\":8,\"conv_"
        "kernel\":4,"
        "\"intermediate_size\":64,\"moe_intermediate_size\":32,\"n_routed_experts\":8,\"num_experts_per_tok\":2,"
        "\"quantization_config\":{\"quant_algo\":\"NVFP4\",\"ignore\":[\"lm_head\",\"backbone.layers.3.mixer\","
        "\"layers.9\",\"layers.\"]},"
        "\"text_config\":null,\"limit\":[0.0,Infinity,-Infinity,NaN]}";
    size_t n = sizeof good - 1;
    struct arena *a = arena_new();
    struct err e = {0};
    if (!try_read(a, good, n, &e))
        fail_msg("%s: %s", e.place, e.what);
    for (size_t k = 0; k < n; k++) {
        char bytes[sizeof good];
        arena_reset(a);
        e = (struct err){0};
        memcpy(bytes, good, sizeof good);
        assert_false(try_read(a, bytes, k, &e));
        assert_true(e.what[0] != '\0');
        static const char with[] = "0\"{}[],:-9ex ";
        for (size_t w = 0; w + 1 < sizeof with; w++) {
            bytes[k] = with[w];
            e = (struct err){0};
            if (!try_read(a, bytes, n, &e))
                assert_true(e.what[0] != '\0');
        }
        bytes[k] = good[k];
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
