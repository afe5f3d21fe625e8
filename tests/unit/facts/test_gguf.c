/* test_gguf.c - models from GGUF headers: shapes, exact bits, parts of split files, and files that lie. */
#include "checkpoint_files.h"
#include "facts/precision.h"

static struct gguf_file *file;
static struct bytes *raw;

static void start(const char *arch, int layers, int hidden, int wide, int heads, int kv)
{
    char key[64];
    memset(file, 0, sizeof *file);
    key_text(file, "general.architecture", arch);
    key_text(file, "general.name", "A Test");
    const struct {
        const char *key;
        int v;
    } row[] = {{"block_count", layers},          {"embedding_length", hidden},   {"feed_forward_length", wide},
               {"attention.head_count", heads}, {"attention.head_count_kv", kv}, {"context_length", 8192}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        snprintf(key, sizeof key, "%s.%s", arch, row[i].key);
        key_u32(file, key, (uint32_t)row[i].v);
    }
}

static void layer_tensor(int i, const char *name, uint32_t type, uint64_t mats, uint64_t rows, uint64_t cols)
{
    char full[128];
    snprintf(full, sizeof full, "blk.%d.%s", i, name);
    tensor(file, full, type, mats, rows, cols);
}

static void ends_of_model(uint64_t vocab, uint64_t hidden, uint32_t embed, int head)
{
    tensor(file, "token_embd.weight", embed, 0, vocab, hidden);
    if (head >= 0)
        tensor(file, "output.weight", (uint32_t)head, 0, vocab, hidden);
    tensor(file, "output_norm.weight", F32, 0, 0, hidden);
    tensor(file, "rope_freqs.weight", F32, 0, 0, 64);
}

/* Attention of heads * d = hidden; v and down of the layers in `more` keep another type, as Q4_K_M does. */
static void llama_layer(int i, uint64_t hidden, uint64_t wide, uint64_t kv_width, uint32_t type, uint32_t v_type)
{
    layer_tensor(i, "attn_norm.weight", F32, 0, 0, hidden);
    layer_tensor(i, "ffn_norm.weight", F32, 0, 0, hidden);
    layer_tensor(i, "attn_q.weight", type, 0, hidden, hidden);
    layer_tensor(i, "attn_k.weight", type, 0, kv_width, hidden);
    layer_tensor(i, "attn_v.weight", v_type, 0, kv_width, hidden);
    layer_tensor(i, "attn_output.weight", type, 0, hidden, hidden);
    if (!wide)
        return;
    layer_tensor(i, "ffn_gate.weight", type, 0, wide, hidden);
    layer_tensor(i, "ffn_up.weight", type, 0, wide, hidden);
    layer_tensor(i, "ffn_down.weight", v_type, 0, hidden, wide);
}

static bool opened(const char *path, struct model *m, struct err *e, struct arena *a)
{
    *e = (struct err){0};
    return model_open(a, path, m, NULL, NULL, e);
}

static struct model good(struct arena *a, const char *path)
{
    struct model m;
    struct err e;
    if (!opened(path, &m, &e, a))
        print_error("%s: %s\n", e.place, e.what);
    assert_int_equal(e.kind, ERR_NONE);
    return m;
}

/* Llama 3.1 8B as llama.cpp quantises it to Q4_K_M: half of the v and down matrices stay at Q6_K (llama-quant.cpp,
** use_more_bits), the head too. 8,030,261,248 parameters; the file of 4.9 GB is a hole. */
static void test_llama_8b(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const char *path = in_folder("Llama-3.1-8B-Q4_K_M.gguf");
    int more = 0;
    start("llama", 32, 4096, 14336, 32, 8);
    ends_of_model(128256, 4096, Q4_K, Q6_K);
    for (int i = 0; i < 32; i++) {
        bool six = i < 4 || i >= 28 || (i - 4) % 3 == 2;
        more += six;
        llama_layer(i, 4096, 14336, 1024, Q4_K, six ? Q6_K : Q4_K);
    }
    assert_int_equal(more, 16);
    gguf_save(file, path);
    struct model m = good(a, path);
    assert_string_equal(m.id, "llama-3.1-8b-q4_k_m");
    assert_string_equal(m.name, "A Test");
    check_close(model_params(&m), 8030261248.0, 0);
    assert_int_equal(m.layers, 32);
    assert_int_equal(m.ngroup, 1);
    assert_int_equal(m.group[0].head_dim, 128);
    assert_int_equal(m.max_context, 8192);
    assert_false(m.tied);
    assert_int_equal(m.quant.linear, PREC_Q4_K_M);
    assert_int_equal(m.quant.lm_head, PREC_Q6_K);
    assert_int_equal(m.quant.kv, PREC_FP16);
    assert_true(m.quant_declared);
    /* 4.5 bits for Q4_K, 6.5625 for Q6_K: half of v (1024 of 10240 rows) and half of down (a third) */
    check_close(m.quant.bits.attention, 4.5 + 2.0625 * 0.5 * 1024 / 10240, 1e-12);
    check_close(m.quant.bits.linear, 4.5 + 2.0625 * 0.5 / 3, 1e-12);
    check_close(m.quant.bits.lm_head, 0, 0); /* as the format has */
    arena_free(a);
}

static void test_kinds(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    /* a mixture of experts under the name llama is Mixtral; 16 bits declare nothing */
    start("llama", 2, 256, 512, 4, 2);
    key_u32(file, "llama.expert_count", 8);
    key_u32(file, "llama.expert_used_count", 2);
    ends_of_model(1000, 256, BF16, -1);
    for (int i = 0; i < 2; i++) {
        llama_layer(i, 256, 0, 128, BF16, BF16);
        layer_tensor(i, "ffn_gate_inp.weight", F32, 0, 8, 256);
        layer_tensor(i, "ffn_gate_exps.weight", BF16, 8, 512, 256);
        layer_tensor(i, "ffn_up_exps.weight", BF16, 8, 512, 256);
        layer_tensor(i, "ffn_down_exps.weight", BF16, 8, 256, 512);
    }
    gguf_save(file, in_folder("moe.gguf"));
    struct model m = good(a, in_folder("moe.gguf"));
    assert_string_equal(m.type, "mixtral");
    assert_int_equal(m.group[0].experts, 8);
    assert_int_equal(m.group[0].topk_experts, 2);
    assert_int_equal(m.group[0].expert_inter, 512);
    assert_true(m.tied);
    assert_false(m.quant_declared);
    assert_int_equal(m.quant.kv, PREC_BF16);

    /* Qwen 3: heads of their own size, norms of q and k, Q8_0 */
    start("qwen3", 2, 256, 512, 4, 2);
    key_u32(file, "qwen3.attention.key_length", 128);
    key_u32(file, "qwen3.attention.value_length", 128);
    ends_of_model(1000, 256, Q8_0, -1);
    for (int i = 0; i < 2; i++) {
        layer_tensor(i, "attn_norm.weight", F32, 0, 0, 256);
        layer_tensor(i, "ffn_norm.weight", F32, 0, 0, 256);
        layer_tensor(i, "attn_q_norm.weight", F32, 0, 0, 128);
        layer_tensor(i, "attn_k_norm.weight", F32, 0, 0, 128);
        layer_tensor(i, "attn_q.weight", Q8_0, 0, 512, 256);
        layer_tensor(i, "attn_k.weight", Q8_0, 0, 256, 256);
        layer_tensor(i, "attn_v.weight", Q8_0, 0, 256, 256);
        layer_tensor(i, "attn_output.weight", Q8_0, 0, 256, 512);
        layer_tensor(i, "ffn_gate.weight", Q8_0, 0, 512, 256);
        layer_tensor(i, "ffn_up.weight", Q8_0, 0, 512, 256);
        layer_tensor(i, "ffn_down.weight", Q8_0, 0, 256, 512);
    }
    gguf_save(file, in_folder("qwen.gguf"));
    m = good(a, in_folder("qwen.gguf"));
    assert_int_equal(m.group[0].head_dim, 128);
    assert_true(m.group[0].qk_norm);
    assert_int_equal(m.quant.linear, PREC_Q8_0);
    assert_int_equal(m.quant.lm_head, PREC_Q8_0);
    double one = 256 * 512 * 2 + 256 * 256 * 2 + 3 * 256 * 512 + 2 * 256 + 2 * 128;
    check_close(model_params(&m), 1000 * 256 + 256 + 2 * one, 0);
    arena_free(a);
}

/* gpt-oss-20b: 20,914,757,184 parameters by its publisher; experts in MXFP4 of 17 bytes for 32 weights. */
static void test_gpt_oss(void **state)
{
    (void)state;
    enum { HIDDEN = 2880, EXPERTS = 32 };
    struct arena *a = arena_new();
    start("gpt-oss", 24, HIDDEN, 2880, 64, 8);
    key_u32(file, "gpt-oss.expert_count", EXPERTS);
    key_u32(file, "gpt-oss.expert_used_count", 4);
    key_u32(file, "gpt-oss.expert_feed_forward_length", 2880);
    key_u32(file, "gpt-oss.attention.key_length", 64);
    key_u32(file, "gpt-oss.attention.value_length", 64);
    key_u32(file, "gpt-oss.attention.sliding_window", 128);
    ends_of_model(201088, HIDDEN, Q8_0, Q8_0);
    for (int i = 0; i < 24; i++) {
        static const struct {
            const char *name;
            uint64_t rows, cols;
        } mat[] = {{"attn_q", 4096, HIDDEN}, {"attn_k", 512, HIDDEN}, {"attn_v", 512, HIDDEN}, {"attn_output", HIDDEN, 4096}};
        char name[64];
        layer_tensor(i, "attn_norm.weight", F32, 0, 0, HIDDEN);
        layer_tensor(i, "post_attention_norm.weight", F32, 0, 0, HIDDEN);
        layer_tensor(i, "attn_sinks.weight", F32, 0, 0, 64);
        for (size_t k = 0; k < 4; k++) {
            snprintf(name, sizeof name, "%s.weight", mat[k].name);
            layer_tensor(i, name, Q8_0, 0, mat[k].rows, mat[k].cols);
            snprintf(name, sizeof name, "%s.bias", mat[k].name);
            layer_tensor(i, name, F32, 0, 0, mat[k].rows);
        }
        layer_tensor(i, "ffn_gate_inp.weight", F32, 0, EXPERTS, HIDDEN);
        layer_tensor(i, "ffn_gate_inp.bias", F32, 0, 0, EXPERTS);
        for (int k = 0; k < 3; k++) {
            static const char *const role[] = {"gate", "up", "down"};
            snprintf(name, sizeof name, "ffn_%s_exps.weight", role[k]);
            layer_tensor(i, name, MXFP4, EXPERTS, 2880, HIDDEN);
            snprintf(name, sizeof name, "ffn_%s_exps.bias", role[k]);
            layer_tensor(i, name, F32, 0, EXPERTS, 2880);
        }
    }
    gguf_save(file, in_folder("gpt-oss.gguf"));
    struct model m = good(a, in_folder("gpt-oss.gguf"));
    check_close(model_params(&m), 20914757184.0, 0);
    assert_int_equal(m.quant.experts, PREC_MXFP4);
    assert_int_equal(m.quant.attention, PREC_Q8_0);
    check_close(m.quant.bits.experts, 0, 0); /* 4.25, as the format has */
    assert_int_equal(m.ngroup, 2);
    assert_int_equal(m.group[0].window, 128);
    arena_free(a);
}

/* DeepSeek's attention: key_length is of the one latent head, key_length_mla of a query's; k_b and v_b beside kv_b are the
** same weights again; the layer of multi-token prediction does not count. */
static void test_latent(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    start("deepseek2", 3, 256, 512, 4, 1);
    const struct {
        const char *key;
        uint32_t v;
    } row[] = {{"expert_count", 8},  {"expert_used_count", 2},       {"expert_feed_forward_length", 256},
               {"expert_shared_count", 1}, {"leading_dense_block_count", 1}, {"nextn_predict_layers", 1},
               {"attention.kv_lora_rank", 64}, {"attention.q_lora_rank", 96}, {"attention.key_length", 80},
               {"attention.value_length", 64}, {"attention.key_length_mla", 48}, {"attention.value_length_mla", 32},
               {"rope.dimension_count", 16}, {"vocab_size", 1000}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char key[64];
        snprintf(key, sizeof key, "deepseek2.%s", row[i].key);
        key_u32(file, key, row[i].v);
    }
    ends_of_model(1000, 256, F16, F16);
    for (int i = 0; i < 3; i++) {
        layer_tensor(i, "attn_norm.weight", F32, 0, 0, 256);
        layer_tensor(i, "ffn_norm.weight", F32, 0, 0, 256);
        layer_tensor(i, "attn_q_a.weight", F16, 0, 96, 256);
        layer_tensor(i, "attn_q_a_norm.weight", F32, 0, 0, 96);
        layer_tensor(i, "attn_q_b.weight", F16, 0, 4 * 48, 96);
        layer_tensor(i, "attn_kv_a_mqa.weight", F16, 0, 64 + 16, 256);
        layer_tensor(i, "attn_kv_a_norm.weight", F32, 0, 0, 64);
        layer_tensor(i, "attn_kv_b.weight", F16, 0, 4 * (32 + 32), 64);
        layer_tensor(i, "attn_k_b.weight", F16, 4, 64, 32);
        layer_tensor(i, "attn_v_b.weight", F16, 4, 32, 64);
        layer_tensor(i, "attn_output.weight", F16, 0, 256, 4 * 32);
        if (i == 0) {
            layer_tensor(i, "ffn_gate.weight", F16, 0, 512, 256);
            layer_tensor(i, "ffn_up.weight", F16, 0, 512, 256);
            layer_tensor(i, "ffn_down.weight", F16, 0, 256, 512);
            continue;
        }
        layer_tensor(i, "ffn_gate_inp.weight", F32, 0, 8, 256);
        layer_tensor(i, "exp_probs_b.bias", F32, 0, 0, 8);
        layer_tensor(i, "ffn_gate_exps.weight", F16, 8, 256, 256);
        layer_tensor(i, "ffn_up_exps.weight", F16, 8, 256, 256);
        layer_tensor(i, "ffn_down_exps.weight", F16, 8, 256, 256);
        layer_tensor(i, "ffn_gate_shexp.weight", F16, 0, 256, 256);
        layer_tensor(i, "ffn_up_shexp.weight", F16, 0, 256, 256);
        layer_tensor(i, "ffn_down_shexp.weight", F16, 0, 256, 256);
    }
    gguf_save(file, in_folder("mla.gguf"));
    struct model m = good(a, in_folder("mla.gguf"));
    assert_int_equal(m.layers, 2);
    assert_int_equal(m.mtp_layers, 1);
    const struct layer *l = &m.group[m.ngroup - 1];
    assert_int_equal(l->mixer, MIX_MLA);
    assert_int_equal(l->nope_dim, 32);
    assert_int_equal(l->rope_dim, 16);
    assert_int_equal(l->v_head_dim, 32);
    assert_int_equal(l->shared_inter, 256);
    double attn = 96 * 256 + 192 * 96 + 80 * 256 + 256 * 64 + 256 * 128 + 2 * 256 + 96 + 64;
    check_close(model_params(&m), 2 * 1000 * 256 + 256 + 2 * attn + 3 * 512 * 256 + 8 * 256 + 8 + 9 * 3 * 65536, 0);
    arena_free(a);
}

static void test_split(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct model m;
    struct err e;
    char first[512], second[512];
    snprintf(first, sizeof first, "%s", in_folder("S-00001-of-00002.gguf"));
    snprintf(second, sizeof second, "%s", in_folder("S-00002-of-00002.gguf"));
    start("llama", 1, 256, 512, 4, 2);
    key_u32(file, "split.count", 2);
    key_u32(file, "split.no", 0);
    ends_of_model(1000, 256, F16, F16);
    gguf_save(file, first);
    assert_false(opened(first, &m, &e, a)); /* the second is not there */
    assert_int_equal(e.kind, ERR_ENV);
    assert_non_null(strstr(e.place, "00002-of-00002"));
    memset(file, 0, sizeof *file);
    key_u32(file, "split.count", 2);
    key_u32(file, "split.no", 1);
    llama_layer(0, 256, 512, 128, F16, F16);
    gguf_save(file, second);
    m = good(a, first);
    check_close(model_params(&m), 2 * 256000 + 256 + 2 * 65536 + 2 * 32768 + 3 * 131072 + 512, 0);
    assert_false(opened(second, &m, &e, a));
    assert_non_null(strstr(e.what, "part 2 of 2"));
    arena_free(a);
}

/* ---------------------------------------------------------------- files that lie */

static void tiny(void)
{
    start("llama", 1, 256, 512, 4, 2);
    ends_of_model(1000, 256, F16, F16);
    llama_layer(0, 256, 512, 128, F16, F16);
}

static void refused(const char *name, const struct bytes *b, uint64_t hole, const char *what)
{
    struct arena *a = arena_new();
    struct model m;
    struct err e;
    const char *path = in_folder("bad.gguf");
    save(path, b, hole);
    if (opened(path, &m, &e, a) || !strstr(e.what, what)) {
        print_error("%s: got \"%s\", not \"%s\"\n", name, e.what, what);
        fail();
    }
    assert_null(strchr(e.what, '\n'));
    assert_non_null(strstr(e.place, "bad.gguf"));
    arena_free(a);
}

static void at(size_t where, uint64_t v, size_t n)
{
    for (size_t i = 0; i < n; i++, v >>= 8)
        raw->at[where + i] = (unsigned char)v;
}

/* Where the value behind a key or a name begins. */
static size_t behind(const char *text)
{
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= raw->n; i++)
        if (memcmp(raw->at + i, text, n) == 0)
            return i + n;
    fail();
    return 0;
}

static void fresh(void)
{
    tiny();
    gguf_bytes(file, raw);
}

static void test_lies(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        size_t where;
        uint64_t v;
        size_t n;
        const char *what;
    } head[] = {{"magic", 0, 'X', 1, "does not begin with GGUF"},
                {"version 1", 4, 1, 4, "version 1"},
                {"version 99", 4, 99, 4, "version 99"},
                {"big-endian", 4, 0x03000000, 4, "big-endian"},
                {"2^60 tensors", 8, UINT64_C(1) << 60, 8, "more than the file can hold"},
                {"2^60 keys", 16, UINT64_C(1) << 60, 8, "more than the file can hold"},
                {"a key of 2^60 bytes", 24, UINT64_C(1) << 60, 8, "beyond the end of the file"},
                {"a key of 2^64-1 bytes", 24, UINT64_MAX, 8, "beyond the end of the file"},
                {"an empty key", 24, 0, 8, "a metadata key is empty"}};
    for (size_t i = 0; i < sizeof head / sizeof *head; i++) {
        fresh();
        at(head[i].where, head[i].v, head[i].n);
        refused(head[i].name, raw, file->data, head[i].what);
    }
    fresh();
    at(behind("llama.block_count"), 77, 4);
    refused("value type 77", raw, file->data, "value type 77");
    fresh();
    at(behind("llama.block_count"), 6, 4);
    refused("layers as a float (NaN)", raw, file->data, "expected a whole number");
    fresh();
    at(behind("llama.block_count") + 4, 0, 4);
    refused("no layers", raw, file->data, "number of layers");
    fresh();
    at(behind("llama.block_count") + 4, 2000000000, 4);
    refused("two billion layers", raw, file->data, "number of layers");
    fresh();
    at(behind("llama.block_count") + 4, 3, 4);
    refused("layers that the tensors do not have", raw, file->data, "its tensors hold");
    fresh();
    at(behind("blk.0.ffn_up.weight"), 9, 4);
    refused("nine dimensions", raw, file->data, "9 dimensions");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 4, UINT64_C(1) << 60, 8);
    refused("a dimension of 2^60", raw, file->data, "beyond sense");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 4, UINT64_C(1) << 39, 8);
    at(behind("blk.0.ffn_up.weight") + 12, UINT64_C(1) << 39, 8);
    refused("a product of 2^78", raw, file->data, "beyond sense");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 20, 4, 4);
    refused("a removed type", raw, file->data, "number type 4 is not known");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 20, 250, 4);
    refused("an unknown type", raw, file->data, "number type 250 is not known");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 24, 7, 8);
    refused("an offset out of line", raw, file->data, "which cannot be");
    fresh();
    at(behind("blk.0.ffn_up.weight") + 24, UINT64_C(1) << 62, 8);
    refused("an offset beyond the file", raw, file->data, "cut short");
    fresh();
    at(behind("blk.0.attn_norm.weight") + 12, Q4_K, 4);
    at(behind("blk.0.attn_norm.weight") + 4, 100, 8);
    refused("no whole blocks", raw, file->data, "no whole blocks");
    fresh();
    refused("cut short", raw, file->data - 1, "cut short");
    /* every length of a header that ends too early */
    fresh();
    size_t whole = raw->n;
    for (size_t n = 0; n < whole; n++) {
        raw->n = n;
        refused("cut", raw, 0, "");
    }
}

static void test_repeats(void **state)
{
    (void)state;
    tiny();
    key_u32(file, "llama.block_count", 1);
    gguf_bytes(file, raw);
    refused("a key twice", raw, file->data, "is there twice");
    tiny();
    tensor(file, "output.weight", F16, 0, 1000, 256);
    gguf_bytes(file, raw);
    refused("a tensor twice", raw, file->data, "is there twice");
    /* arrays: nested too deep, of 2^60 numbers, of 2^60 texts; per-layer sizes that differ */
    for (int kind = 0; kind < 4; kind++) {
        tiny();
        put_text(&file->keys, kind == 3 ? "llama.attention.chunk_size" : "a.array");
        put_le(&file->keys, 9, 4);
        for (int d = 0; kind == 0 && d < 20; d++) {
            put_le(&file->keys, 9, 4);
            put_le(&file->keys, 1, 8);
        }
        put_le(&file->keys, kind == 2 ? 8 : 4, 4);
        put_le(&file->keys, kind == 3 ? 2 : kind ? UINT64_C(1) << 60 : 0, 8);
        if (kind == 3)
            put_le(&file->keys, UINT64_C(5) << 32 | 4, 8);
        file->nkey++;
        gguf_bytes(file, raw);
        static const char *const what[] = {"nested more than", "beyond the end", "beyond the end", "differs from layer to layer"};
        refused("an array", raw, file->data, what[kind]);
    }
    /* a hole of 64 GB read as texts of no bytes: stopped, not waited for */
    tiny();
    put_text(&file->keys, "a.array");
    put_le(&file->keys, 9, 4);
    put_le(&file->keys, 8, 4);
    put_le(&file->keys, UINT64_C(1) << 32, 8);
    file->nkey++;
    raw->n = 0;
    gguf_bytes(&(struct gguf_file){.nkey = 0}, raw);
    at(16, file->nkey, 8);
    raw->n = 24;
    put(raw, file->keys.at, file->keys.n);
    refused("a hole", raw, UINT64_C(1) << 36, "longer than");
}

/* Bytes at random over a good file, and cut at random: an answer or one line, never a crash. */
static void test_noise(void **state)
{
    (void)state;
    uint64_t s = 88172645463325252u;
    struct err e;
    struct model m;
    int bad = 0;
    fresh();
    size_t whole = raw->n;
    for (int round = 0; round < 1500; round++) {
        fresh();
        for (int k = 0; k < 1 + round % 5; k++) {
            s ^= s << 13, s ^= s >> 7, s ^= s << 17; /* xorshift64, Marsaglia 2003 */
            raw->at[s % whole] = (unsigned char)(s >> 40);
        }
        if (round % 7 == 0)
            raw->n = (size_t)(s >> 20) % whole;
        struct arena *a = arena_new();
        save(in_folder("noise.gguf"), raw, file->data);
        if (!opened(in_folder("noise.gguf"), &m, &e, a)) {
            bad++;
            assert_true(e.kind == ERR_INPUT && *e.what && !strchr(e.what, '\n'));
        }
        arena_free(a);
    }
    assert_true(bad > 500);
}

static int setup(void **state)
{
    (void)state;
    file = calloc(1, sizeof *file);
    raw = calloc(1, sizeof *raw);
    return !file || !raw;
}

static int teardown(void **state)
{
    (void)state;
    char command[600];
    free(file);
    free(raw);
    snprintf(command, sizeof command, "rm -rf '%s'", folder());
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_llama_8b), cmocka_unit_test(test_kinds),   cmocka_unit_test(test_gpt_oss), cmocka_unit_test(test_latent), cmocka_unit_test(test_split),
        cmocka_unit_test(test_lies),     cmocka_unit_test(test_repeats), cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
