/* test_doc.c - YAML and JSON trees: what is read, typed reads, setting a key, files and pipes. */
#include "doc_fixture.h"

static void yaml_becomes_a_tree(void **state)
{
    struct arena *a = *state;
    const struct node *root = yaml(a, scenario);
    assert_int_equal(root->kind, NODE_MAP);
    assert_string_equal(root->path, "");
    assert_string_equal(root->key[0], "model");
    const struct node *p99 = node_at(root, "slo.ttft.p99");
    assert_non_null(p99);
    assert_string_equal(p99->text, "500ms");
    assert_string_equal(p99->path, "slo.ttft.p99");
    assert_int_equal(p99->line, 4);
    assert_string_equal(node_place(a, p99), "t.yaml:4: slo.ttft.p99");
    assert_string_equal(node_place(a, root), "t.yaml:2");
    const struct node *count = node_at(root, "gpus.1.count");
    assert_string_equal(count->text, "2.0");
    assert_int_equal(count->line, 8);
    assert_int_equal(node_get(root, "gpus")->n, 2);
    assert_null(node_get(root, "nothing"));
    assert_null(node_get(count, "x"));
    assert_null(node_get(NULL, "x"));
    assert_null(node_at(root, "gpus.2.count"));
    assert_null(node_at(root, "gpus.-1"));
    assert_null(node_at(root, "slo.ttft.p99.x"));
    assert_null(node_at(root, "slo.tt"));
    assert_true(node_is_null(node_get(root, "note")));
    assert_true(node_is_null(node_get(root, "empty")));
    assert_false(node_is_null(node_get(root, "text")));
    assert_string_equal(as_json(a, root),
                        "{\"model\":\"llama-70b\",\"slo\":{\"ttft\":{\"p99\":\"500ms\",\"p50\":\"200 ms\"}},"
                        "\"gpus\":[{\"name\":\"h100\",\"count\":8},{\"name\":\"l4\",\"count\":2}],\"cache\":true,"
                        "\"note\":null,\"empty\":null,\"share\":0.25,\"text\":\"12\"}");
}

static void json_becomes_the_same_tree(void **state)
{
    struct arena *a = *state;
    const char *text =
        "{\"z\": 1, \"a\": [1.5, true, null, \"12\", -9007199254740993], \"n\": {\"x\": \"q\\\"\"}, \"e\": 1e-5}";
    const struct node *root = json(a, text);
    assert_string_equal(root->key[0], "z"); /* file order, not sorted */
    assert_string_equal(as_json(a, root),
                        "{\"z\":1,\"a\":[1.5,true,null,\"12\",-9007199254740993],\"n\":{\"x\":\"q\\\"\"},\"e\":1e-05}");
    const struct node *x = node_at(root, "n.x");
    assert_string_equal(node_place(a, x), "t.json: n.x");
    assert_true(x->quoted);
    assert_string_equal(as_json(a, json(a, "1000000000000000019884624838656")), "1e+30");
    assert_string_equal(as_json(a, json(a, "\xef\xbb\xbf[ ]")), "[]");
    assert_string_equal(as_json(a, json(a, " null ")), "null");
    /* what the tree prints, both readers read */
    assert_string_equal(as_json(a, yaml(a, as_json(a, root))), as_json(a, root));
    assert_string_equal(as_json(a, json(a, as_json(a, root))), as_json(a, root));
}

static void typed_reads(void **state)
{
    struct arena *a = *state;
    const struct node *root = yaml(a, scenario);
    struct err e = {0};
    const char *s = "default";
    double v = 7;
    int64_t i = 7;
    bool b = false;
    assert_true(node_str(a, NULL, &s, &e) && node_f64(a, NULL, &v, &e) && node_int(a, NULL, 0, 1, &i, &e) &&
                node_bool(a, NULL, &b, &e) && node_unit(a, NULL, UNIT_BYTES, &v, &e));
    assert_true(v == 7 && i == 7 && !b);
    assert_string_equal(s, "default");
    assert_true(node_str(a, node_get(root, "model"), &s, &e));
    assert_string_equal(s, "llama-70b");
    assert_true(node_str(a, node_get(root, "share"), &s, &e)); /* a number is text when text is asked for */
    assert_string_equal(s, "0.25");
    assert_true(node_f64(a, node_get(root, "share"), &v, &e) && v == 0.25);
    assert_true(node_int(a, node_at(root, "gpus.0.count"), 1, 8, &i, &e) && i == 8);
    assert_true(node_int(a, node_at(root, "gpus.1.count"), 1, 8, &i, &e) && i == 2);
    assert_true(node_bool(a, node_get(root, "cache"), &b, &e) && b);
    assert_true(node_unit(a, node_at(root, "slo.ttft.p99"), UNIT_DURATION_S, &v, &e));
    check_close(v, 0.5, 0);
    assert_true(node_unit(a, node_at(root, "slo.ttft.p50"), UNIT_DURATION_S, &v, &e));
    check_close(v, 0.2, 0);
}

static void typed_reads_refuse(void **state)
{
    struct arena *a = *state;
    const struct node *r =
        yaml(a, "n: 1.5\nq: \"3\"\ns: fast\nm: {a: 1}\nl: [1]\nz:\ni: .inf\nh: 0x10\nb: yes\nbig: 1e300\nneg: -4\n");
    struct err e;
    const char *s = NULL;
    double v = 7;
    int64_t i = 7;
    bool b = false;
    assert_false(node_str(a, node_get(r, "m"), &s, &e));
    check_err(&e, ERR_INPUT, "t.yaml:4: m: expected text, got a map");
    assert_false(node_str(a, node_get(r, "z"), &s, &e));
    check_err(&e, ERR_INPUT, "got nothing (null)");
    static const char *const no_number[] = {"q", "s", "m", "l", "z", "i", "h", "b"};
    for (size_t k = 0; k < sizeof no_number / sizeof *no_number; k++) {
        assert_false(node_f64(a, node_get(r, no_number[k]), &v, &e));
        check_err(&e, ERR_INPUT, "expected a number, got ");
        assert_false(node_int(a, node_get(r, no_number[k]), 0, 9, &i, &e));
    }
    assert_false(node_int(a, node_get(r, "n"), 0, 9, &i, &e));
    check_err(&e, ERR_INPUT, "t.yaml:1: n: expected a whole number, got \"1.5\"");
    assert_false(node_int(a, node_get(r, "big"), 0, INT64_MAX, &i, &e));
    assert_false(node_int(a, node_get(r, "neg"), 0, INT64_MAX, &i, &e));
    check_err(&e, ERR_INPUT, "expected a whole number of at least 0, got \"-4\"");
    assert_false(node_int(a, node_get(r, "neg"), 1, 8, &i, &e));
    check_err(&e, ERR_INPUT, "from 1 to 8");
    assert_false(node_bool(a, node_get(r, "b"), &b, &e));
    check_err(&e, ERR_INPUT, "expected true or false, got \"yes\"");
    assert_false(node_bool(a, node_get(r, "q"), &b, &e));
    assert_false(node_unit(a, node_get(r, "s"), UNIT_DURATION_S, &v, &e));
    check_err(&e, ERR_INPUT, "t.yaml:3: s: expected a duration such as 500ms or 2s, got \"fast\"");
    assert_false(node_unit(a, node_get(r, "m"), UNIT_DURATION_S, &v, &e));
    check_err(&e, ERR_INPUT, "expected a duration such as 500ms or 2s, got a map");
    assert_true(v == 7 && i == 7 && !b && !s);
}

static void unknown_keys(void **state)
{
    struct arena *a = *state;
    static const char *const names[] = {"tp", "pp", "replicas"};
    struct err e;
    const struct node *r = yaml(a, "tp: 1\nreplica: 2\n");
    assert_false(node_keys(a, r, names, 3, &e));
    check_err(&e, ERR_INPUT, "t.yaml:2: replica: unknown key \"replica\"; did you mean \"replicas\"?");
    assert_false(node_keys(a, yaml(a, "colour: 1"), names, 3, &e));
    assert_string_equal(e.mend, "");
    assert_true(node_keys(a, yaml(a, "tp: 1\npp: 2"), names, 3, &e));
    assert_true(node_keys(a, NULL, names, 3, &e));
    assert_true(node_keys(a, yaml(a, ""), names, 3, &e));
    assert_false(node_keys(a, yaml(a, "[1]"), names, 3, &e));
    check_err(&e, ERR_INPUT, "expected a map of keys and values, got a list");
}

static void anchors_are_copied(void **state)
{
    struct arena *a = *state;
    const struct node *r = yaml(a, "base: &b {x: [1, 2], y: 'q'}\none: *b\nt: &t 5s\nu: *t\nt2: &t 6s\nv: *t\n");
    assert_string_equal(as_json(a, r), "{\"base\":{\"x\":[1,2],\"y\":\"q\"},\"one\":{\"x\":[1,2],\"y\":\"q\"},"
                                       "\"t\":\"5s\",\"u\":\"5s\",\"t2\":\"6s\",\"v\":\"6s\"}");
    assert_string_equal(node_at(r, "one.x.1")->path, "one.x.1");
    assert_string_equal(node_at(r, "base.x.1")->path, "base.x.1");
    struct err e;
    struct node *w = yaml(a, "base: &b {x: 1}\none: *b\n");
    assert_true(node_set(a, w, "one.x", "2", &e)); /* a copy, not another name */
    assert_true(node_set(a, w, "one.z", "3", &e));
    assert_string_equal(as_json(a, w), "{\"base\":{\"x\":1},\"one\":{\"x\":2,\"z\":3}}");
}

static void empty_documents(void **state)
{
    static const char *const texts[] = {"", "\n\n", "# only a remark\n", "---\n", "~", "null", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true(node_is_null(yaml(*state, texts[i])));
}

static void scalars_keep_their_kind(void **state)
{
    struct arena *a = *state;
    assert_string_equal(
        as_json(a, yaml(a, "[1, '1', \"true\", true, False, null, 'null', ~, '', 1e3, .5, +7, 1.50, 0x1F, 1_000, "
                           "yes, inf, .nan, !!str 5, ! 6, !!int 7, 12345678901234567890123]")),
        "[1,\"1\",\"true\",true,false,null,\"null\",null,\"\",1000,0.5,7,1.5,\"0x1F\",\"1_000\","
        "\"yes\",\"inf\",\".nan\",\"5\",\"6\",7,1.2345678901234568e+22]");
    assert_string_equal(as_json(a, yaml(a, "a: |\n  x\n  y\nb: >-\n  p\n  q\n")), "{\"a\":\"x\\ny\\n\",\"b\":\"p q\"}");
}

static void setting(void **state)
{
    struct arena *a = *state;
    struct node *r = yaml(a, scenario);
    struct err e = {0};
    double v = 0;
    assert_true(node_set(a, r, "slo.ttft.p99", "2s", &e));
    assert_true(node_set(a, r, "slo.tpot.p50", "30ms", &e));
    assert_true(node_set(a, r, "gpus.1.count", "4", &e));
    assert_true(node_set(a, r, "empty.made.here", "[1, {a: b}]", &e));
    assert_true(node_set(a, r, "cache", "", &e));
    assert_string_equal(node_at(r, "slo.ttft.p99")->text, "2s");
    assert_string_equal(node_at(r, "slo.ttft.p50")->text, "200 ms");
    assert_string_equal(node_at(r, "gpus.1.count")->text, "4");
    assert_string_equal(as_json(a, node_at(r, "empty")), "{\"made\":{\"here\":[1,{\"a\":\"b\"}]}}");
    assert_string_equal(node_at(r, "empty.made.here.1.a")->path, "empty.made.here.1.a");
    assert_true(node_is_null(node_get(r, "cache")));
    assert_true(node_set(a, r, "slo.ttft.p99", "fast", &e));
    assert_false(node_unit(a, node_at(r, "slo.ttft.p99"), UNIT_DURATION_S, &v, &e));
    check_err(&e, ERR_INPUT, "--set: slo.ttft.p99: expected a duration");
    struct node *fresh = yaml(a, "");
    assert_true(node_set(a, fresh, "a.b", "1", &e));
    assert_true(node_set(a, fresh, "a.c", "2", &e));
    assert_string_equal(as_json(a, fresh), "{\"a\":{\"b\":1,\"c\":2}}");
    struct node *dots = yaml(a, "m: {qwen2.5: {x: 1}}");
    assert_true(node_set(a, dots, "m.qwen2.5.x", "2", &e));
    assert_string_equal(as_json(a, dots), "{\"m\":{\"qwen2.5\":{\"x\":2}}}");
    assert_string_equal(node_at(dots, "m.qwen2.5.x")->text, "2");
}

static void setting_refuses(void **state)
{
    struct arena *a = *state;
    struct node *r = yaml(a, scenario);
    static const struct {
        const char *key, *value, *word;
    } table[] = {
        {"", "1", "--set: expected a key such as"},
        {".a", "1", "expected a key"},
        {"a.", "1", "expected a key"},
        {"a..b", "1", "expected a key"},
        {"model.x", "1", "--set model: this is a value"},
        {"gpus.x", "1", "--set gpus: this is a list: expected an index such as 0, got \"x\""},
        {"gpus.2", "1", "the list has 2 items, there is no item 2"},
        {"gpus.-1", "1", "expected an index"},
        {"model", "[1", "--set model: bad YAML"},
        {"model", "a: 1\na: 2", "given twice"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct err e = {0};
        if (node_set(a, r, table[i].key, table[i].value, &e))
            fail_msg("--set %s=%s was taken", table[i].key, table[i].value);
        check_err(&e, ERR_INPUT, table[i].word);
    }
    struct buf b = {.arena = a};
    for (int i = 0; i < 70; i++)
        buf_add(&b, i ? ".a" : "a");
    struct err e = {0};
    assert_false(node_set(a, r, b.at, "1", &e));
    check_err(&e, ERR_INPUT, "deeper");
}

static void files(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    struct node *root;
    char *bytes;
    size_t n;
    const char *y = temp_file(a, "x.yaml", "a: [1, 2]\n", 10), *j = temp_file(a, "x.json", "{\"a\": 3}", 8);
    const char *none = temp_file(a, "empty", "", 0), *bad = temp_file(a, "bad.json", "a: 1", 4);
    assert_true(file_read(a, y, 0, &bytes, &n, &e));
    assert_int_equal(n, 10);
    assert_string_equal(bytes, "a: [1, 2]\n");
    assert_true(file_read(a, y, 10, &bytes, &n, &e));
    assert_false(file_read(a, y, 9, &bytes, &n, &e));
    check_err(&e, ERR_INPUT, "the file is larger than 9 bytes");
    assert_true(file_read(a, none, 0, &bytes, &n, &e));
    assert_int_equal(n, 0);
    assert_string_equal(bytes, "");
    assert_true(doc_file(a, y, &root, &e));
    assert_int_equal(node_get(root, "a")->n, 2);
    assert_true(doc_file(a, j, &root, &e));
    assert_string_equal(node_get(root, "a")->text, "3");
    assert_false(doc_file(a, bad, &root, &e)); /* .json is JSON only */
    check_err(&e, ERR_INPUT, "bad.json:1:1: bad JSON");
    assert_false(doc_file(a, "/nonexistent/x.yaml", &root, &e));
    check_err(&e, ERR_ENV, "/nonexistent/x.yaml: cannot be opened: No such file or directory");
    assert_false(doc_file(a, "/tmp", &root, &e));
    check_err(&e, ERR_INPUT, "/tmp: expected a file, this is a directory");
    unlink(y), unlink(j), unlink(none), unlink(bad);
}

static void pipes(void **state)
{
    struct arena *a = *state;
    struct err e = {0};
    char *bytes;
    size_t n;
    FILE *p = popen("i=0; while [ $i -lt 40000 ]; do echo 123456789; i=$((i+1)); done", "r");
    assert_non_null(p);
    const char *path = arena_printf(a, "/dev/fd/%d", fileno(p));
    assert_true(file_read(a, path, 0, &bytes, &n, &e));
    pclose(p);
    assert_int_equal(n, 400000);
    assert_memory_equal(bytes + 399990, "123456789\n", 11);
    p = popen("echo 0123456789", "r");
    assert_non_null(p);
    assert_false(file_read(a, arena_printf(a, "/dev/fd/%d", fileno(p)), 10, &bytes, &n, &e));
    check_err(&e, ERR_INPUT, "larger than 10 bytes");
    pclose(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(yaml_becomes_a_tree),
        TEST(json_becomes_the_same_tree),
        TEST(typed_reads),
        TEST(typed_reads_refuse),
        TEST(unknown_keys),
        TEST(anchors_are_copied),
        TEST(empty_documents),
        TEST(scalars_keep_their_kind),
        TEST(setting),
        TEST(setting_refuses),
        TEST(files),
        TEST(pipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
