/* test_safetensors.c - models from safetensors headers: with a config.json, without one, packed formats, and files that lie. */
#include "checkpoint_files.h"
#include "facts/precision.h"

#define CONFIG                                                                                                              \
    "\"model_type\":\"llama\",\"hidden_size\":256,\"intermediate_size\":512,\"num_hidden_layers\":2,\"num_attention_heads\":4,"  \
    "\"num_key_value_heads\":2,\"vocab_size\":1000,\"max_position_embeddings\":4096,\"torch_dtype\":\"bfloat16\""

static struct safe_file *file;

static void one(int i, const char *name, const char *dtype, int width, uint64_t rows, uint64_t cols)
{
    char full[128];
    snprintf(full, sizeof full, "model.layers.%d.%s", i, name);
    safe_tensor(file, full, dtype, width, rows, cols);
}

static void linear(int i, const char *module, const char *dtype, int width, uint64_t rows, uint64_t cols)
{
    char name[96];
    snprintf(name, sizeof name, "%s.weight", module);
    one(i, name, dtype, width, rows, cols);
    if (strncmp(dtype, "F8", 2) != 0)
        return;
    snprintf(name, sizeof name, "%s.weight_scale_inv", module);
    one(i, name, "F32", 4, (rows + 127) / 128, (cols + 127) / 128);
}

/* Two layers of the tensors of CONFIG; 2 * 256000 + 256 + 2 * (2 * 65536 + 2 * 32768 + 3 * 131072 + 512) parameters. */
static const double params = 2 * 256000 + 256 + 2 * (2 * 65536 + 2 * 32768 + 3 * 131072 + 512);

static void model_tensors(const char *dtype, int width, int from, int to)
{
    for (int i = from; i < to; i++) {
        one(i, "input_layernorm.weight", "BF16", 2, 0, 256);
        one(i, "post_attention_layernorm.weight", "BF16", 2, 0, 256);
        linear(i, "self_attn.q_proj", dtype, width, 256, 256);
        linear(i, "self_attn.k_proj", dtype, width, 128, 256);
        linear(i, "self_attn.v_proj", dtype, width, 128, 256);
        linear(i, "self_attn.o_proj", dtype, width, 256, 256);
        linear(i, "mlp.gate_proj", dtype, width, 512, 256);
        linear(i, "mlp.up_proj", dtype, width, 512, 256);
        linear(i, "mlp.down_proj", dtype, width, 256, 512);
    }
    if (to < 2)
        return;
    safe_tensor(file, "model.embed_tokens.weight", "BF16", 2, 1000, 256);
    safe_tensor(file, "lm_head.weight", "BF16", 2, 1000, 256);
    safe_tensor(file, "model.norm.weight", "BF16", 2, 0, 256);
}

static const char *place(const char *dir, const char *name)
{
    static char path[2][600];
    static int turn;
    turn = !turn;
    snprintf(path[turn], sizeof path[turn], "%s/%s", dir, name);
    return path[turn];
}

static const char *new_folder(const char *name)
{
    static char dir[512];
    snprintf(dir, sizeof dir, "%s", in_folder(name));
    assert_int_equal(mkdir(dir, 0700), 0);
    return dir;
}

static struct model good(struct arena *a, const char *path, struct notes *notes)
{
    struct model m;
    struct err e = {0};
    if (!model_open(a, path, &m, NULL, notes, &e))
        print_error("%s: %s\n", e.place, e.what);
    assert_int_equal(e.kind, ERR_NONE);
    return m;
}

static void test_with_config(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct notes notes = {.arena = a};
    const char *dir = new_folder("fp8");
    memset(file, 0, sizeof *file);
    model_tensors("F8_E4M3", 1, 0, 2);
    safe_save(file, place(dir, "model.safetensors"));
    save_text(place(dir, "config.json"), "{" CONFIG "}"); /* says nothing of fp8: the tensors do */
    const char *const path[] = {dir, place(dir, "model.safetensors")};
    for (int i = 0; i < 2; i++) {
        struct model m = good(a, path[i], &notes);
        check_close(model_params(&m), params, 0);
        assert_int_equal(m.quant.linear, PREC_FP8_BLOCK);
        assert_int_equal(m.quant.attention, PREC_FP8_BLOCK);
        assert_int_equal(m.quant.lm_head, PREC_BF16);
        assert_int_equal(m.max_context, 4096);
        assert_true(m.quant_declared);
        /* of k and v too whole blocks of 128 x 128: one scale of 32 bits for 16384 weights */
        check_close(m.quant.bits.linear, 0, 0);
        check_close(precision_table[PREC_FP8_BLOCK].bits, 8 + 32.0 / 16384, 1e-12);
    }
    /* a config of another model: refused by the count */
    struct model m;
    struct err e = {0};
    save_text(place(dir, "config.json"), "{" CONFIG ",\"head_dim\":128}");
    assert_false(model_open(a, dir, &m, NULL, NULL, &e));
    assert_non_null(strstr(e.what, "its tensors hold"));
    arena_free(a);
}

static void test_awq(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *dir = new_folder("awq");
    static const struct {
        const char *name;
        uint64_t in, out;
    } mat[] = {{"self_attn.q_proj", 256, 256}, {"self_attn.k_proj", 256, 128}, {"self_attn.v_proj", 256, 128}, {"self_attn.o_proj", 256, 256},
               {"mlp.gate_proj", 256, 512},    {"mlp.up_proj", 256, 512},      {"mlp.down_proj", 512, 256}};
    memset(file, 0, sizeof *file);
    for (int i = 0; i < 2; i++) {
        one(i, "input_layernorm.weight", "F16", 2, 0, 256);
        one(i, "post_attention_layernorm.weight", "F16", 2, 0, 256);
        for (size_t k = 0; k < sizeof mat / sizeof *mat; k++) {
            char name[96];
            snprintf(name, sizeof name, "%s.qweight", mat[k].name);
            one(i, name, "I32", 4, mat[k].in, mat[k].out / 8);
            snprintf(name, sizeof name, "%s.qzeros", mat[k].name);
            one(i, name, "I32", 4, mat[k].in / 64, mat[k].out / 8);
            snprintf(name, sizeof name, "%s.scales", mat[k].name);
            one(i, name, "F16", 2, mat[k].in / 64, mat[k].out);
        }
    }
    safe_tensor(file, "model.embed_tokens.weight", "F16", 2, 1000, 256);
    safe_tensor(file, "lm_head.weight", "F16", 2, 1000, 256);
    safe_tensor(file, "model.norm.weight", "F16", 2, 0, 256);
    safe_save(file, place(dir, "model.safetensors"));
    save_text(place(dir, "config.json"), "{" CONFIG ",\"quantization_config\":{\"quant_method\":\"awq\",\"bits\":4,\"group_size\":64}}");
    struct model m = good(a, dir, NULL);
    assert_int_equal(m.quant.linear, PREC_INT4);
    check_close(m.quant.bits.linear, 4 + (16 + 4) / 64.0, 1e-12); /* groups of 64, not of 128 */
    check_close(m.quant.bits.attention, 4 + (16 + 4) / 64.0, 1e-12);
    assert_int_equal(m.quant.lm_head, PREC_FP16);
    arena_free(a);
}

static void test_without_config(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct notes notes = {.arena = a};
    struct model m;
    struct err e = {0};
    memset(file, 0, sizeof *file);
    model_tensors("F16", 2, 0, 2);
    safe_save(file, in_folder("bare.safetensors"));
    m = good(a, in_folder("bare.safetensors"), &notes);
    check_close(model_params(&m), params, 0);
    assert_int_equal(m.layers, 2);
    assert_int_equal(m.group[0].heads * m.group[0].head_dim, 256);
    assert_int_equal(m.group[0].kv_heads * m.group[0].head_dim, 128);
    assert_int_equal(m.quant.linear, PREC_FP16);
    assert_int_equal(notes.n, 1);
    assert_non_null(strstr(notes.note[0].text, "assumed"));
    /* a norm over a head's values tells its size */
    one(0, "self_attn.q_norm.weight", "F16", 2, 0, 32);
    safe_save(file, in_folder("bare.safetensors"));
    m = good(a, in_folder("bare.safetensors"), &notes);
    assert_int_equal(m.group[0].heads, 8);
    assert_int_equal(m.group[0].kv_heads, 4);
    /* experts: which of them a token takes is nowhere */
    memset(file, 0, sizeof *file);
    safe_tensor(file, "model.embed_tokens.weight", "F16", 2, 1000, 256);
    one(0, "self_attn.q_proj.weight", "F16", 2, 256, 256);
    one(0, "self_attn.k_proj.weight", "F16", 2, 128, 256);
    one(0, "mlp.gate.weight", "F16", 2, 8, 256);
    safe_save(file, in_folder("bare.safetensors"));
    assert_false(model_open(a, in_folder("bare.safetensors"), &m, NULL, NULL, &e));
    assert_non_null(strstr(e.what, "how many experts a token takes"));
    memset(file, 0, sizeof *file);
    safe_tensor(file, "unet.conv.weight", "F16", 2, 8, 256);
    safe_save(file, in_folder("bare.safetensors"));
    assert_false(model_open(a, in_folder("bare.safetensors"), &m, NULL, NULL, &e));
    assert_non_null(strstr(e.what, "no config.json beside it"));
    arena_free(a);
}

static void test_shards(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct notes notes = {.arena = a};
    struct err e = {0};
    struct model m;
    const char *dir = new_folder("shards");
    for (int i = 0; i < 2; i++) {
        char name[64];
        memset(file, 0, sizeof *file);
        model_tensors("BF16", 2, i, i + 1);
        snprintf(name, sizeof name, "model-%05d-of-00002.safetensors", i + 1);
        safe_save(file, place(dir, name));
    }
    /* no index: the names of the parts tell */
    m = good(a, place(dir, "model-00002-of-00002.safetensors"), &notes);
    check_close(model_params(&m), params, 0);
    save_text(place(dir, "model.safetensors.index.json"),
              "{\"weight_map\":{\"a\":\"model-00001-of-00002.safetensors\",\"b\":\"model-00002-of-00002.safetensors\","
              "\"c\":\"model-00001-of-00002.safetensors\"}}");
    m = good(a, place(dir, "model.safetensors.index.json"), &notes);
    check_close(model_params(&m), params, 0);
    m = good(a, dir, &notes);
    check_close(model_params(&m), params, 0);
    /* a part that is not there: with a config a note, without one an error */
    assert_int_equal(unlink(place(dir, "model-00001-of-00002.safetensors")), 0);
    assert_false(model_open(a, dir, &m, NULL, NULL, &e));
    assert_int_equal(e.kind, ERR_ENV);
    save_text(place(dir, "config.json"), "{" CONFIG "}");
    notes.n = 0;
    m = good(a, dir, &notes);
    check_close(model_params(&m), params, 0);
    assert_int_equal(notes.n, 1);
    assert_non_null(strstr(notes.note[0].text, "1 of 2 weight files are not here"));
    save_text(place(dir, "model.safetensors.index.json"), "{\"weight_map\":{\"a\":\"../../etc/passwd.safetensors\"}}");
    assert_false(model_open(a, dir, &m, NULL, NULL, &e));
    assert_non_null(strstr(e.what, "beside the index"));
    arena_free(a);
}

static void refused(const char *json, uint64_t claim, uint64_t hole, const char *what)
{
    struct arena *a = arena_new();
    struct bytes *b = calloc(1, sizeof *b);
    struct model m;
    struct err e = {0};
    put_le(b, claim ? claim : strlen(json), 8);
    put(b, json, strlen(json));
    save(in_folder("bad.safetensors"), b, hole);
    if (model_open(a, in_folder("bad.safetensors"), &m, NULL, NULL, &e) || !strstr(e.what, what)) {
        print_error("%.60s: got \"%s\", not \"%s\"\n", json, e.what, what);
        fail();
    }
    assert_null(strchr(e.what, '\n'));
    assert_non_null(strstr(e.place, "bad.safetensors"));
    free(b);
    arena_free(a);
}

#define T "{\"model.embed_tokens.weight\":{\"dtype\":"

static void test_lies(void **state)
{
    (void)state;
    refused("", 0, 0, "beyond sense");
    refused("{}", UINT64_C(1) << 60, 0, "claims 1152921504606846976 bytes");
    refused("{}", 200 * 1000 * 1000, UINT64_C(1) << 31, "beyond sense");
    refused("{}", 3, 0, "claims 3 bytes");
    refused("[]", 0, 0, "does not begin with {");
    refused("{\"a\"", 0, 0, "bad JSON");
    refused("{}", 0, 0, "no config.json beside it");
    refused("{\"a\":{},\"a\":{}}", 0, 0, "duplicate");
    refused("{\"a\":[]}", 0, 0, "expected dtype, shape and two data_offsets");
    refused("{\"a\":7}", 0, 0, "expected dtype, shape and two data_offsets");
    refused(T "\"Q9\",\"shape\":[1],\"data_offsets\":[0,1]}}", 0, 8, "dtype \"Q9\" is not known");
    refused(T "\"F16\",\"shape\":[1],\"data_offsets\":[0]}}", 0, 8, "two data_offsets");
    refused(T "\"F16\",\"shape\":[2],\"data_offsets\":[0,5]}}", 0, 8, "do not hold its 4 bytes");
    refused(T "\"F16\",\"shape\":[2],\"data_offsets\":[4,0]}}", 0, 8, "do not hold its 4 bytes");
    refused(T "\"F16\",\"shape\":[2],\"data_offsets\":[8,12]}}", 0, 8, "ends at byte 12");
    refused(T "\"F16\",\"shape\":[-2],\"data_offsets\":[0,4]}}", 0, 8, "from 0");
    refused(T "\"F16\",\"shape\":[1e99],\"data_offsets\":[0,4]}}", 0, 8, "whole");
    refused(T "\"F16\",\"shape\":[NaN],\"data_offsets\":[0,4]}}", 0, 8, "bad JSON");
    refused(T "\"F16\",\"shape\":[1099511627776,1099511627776],\"data_offsets\":[0,4]}}", 0, 8, "beyond sense");
    refused(T "\"F16\",\"shape\":[1,1,1,1,1,1,1,1,1,2],\"data_offsets\":[0,4]}}", 0, 8, "10 dimensions");
    char deep[9000];
    memset(deep, '[', sizeof deep);
    memcpy(deep, "{\"a\":", 5);
    deep[sizeof deep - 1] = 0;
    refused(deep, 0, 0, "");
}

static void test_noise(void **state)
{
    (void)state;
    uint64_t s = 88172645463325252u;
    struct bytes *b = calloc(1, sizeof *b);
    int bad = 0;
    memset(file, 0, sizeof *file);
    model_tensors("F16", 2, 1, 2);
    for (int round = 0; round < 1000; round++) {
        struct arena *a = arena_new();
        struct model m;
        struct err e = {0};
        b->n = 0;
        put_le(b, file->json.n + 1, 8);
        put(b, file->json.at, file->json.n);
        put(b, "}", 1);
        for (int k = 0; k < 1 + round % 4; k++) {
            s ^= s << 13, s ^= s >> 7, s ^= s << 17; /* xorshift64, Marsaglia 2003 */
            b->at[s % b->n] = (unsigned char)(s >> 40);
        }
        if (round % 7 == 0)
            b->n = (size_t)(s >> 20) % b->n;
        save(in_folder("noise.safetensors"), b, file->data);
        if (!model_open(a, in_folder("noise.safetensors"), &m, NULL, NULL, &e)) {
            bad++;
            assert_true(e.kind == ERR_INPUT && *e.what && !strchr(e.what, '\n'));
        }
        arena_free(a);
    }
    free(b);
    assert_true(bad > 500);
}

static int setup(void **state)
{
    (void)state;
    file = calloc(1, sizeof *file);
    return !file;
}

static int teardown(void **state)
{
    (void)state;
    char command[600];
    free(file);
    snprintf(command, sizeof command, "rm -rf '%s'", folder());
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_config), cmocka_unit_test(test_awq),  cmocka_unit_test(test_without_config),
        cmocka_unit_test(test_shards),      cmocka_unit_test(test_lies), cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
