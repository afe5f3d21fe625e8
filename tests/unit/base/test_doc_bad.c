/* test_doc_bad.c - documents that are refused: where the error points, limits, and memory that ends. */
#include "doc_fixture.h"

#include "base/rng.h"

static void bad_yaml_names_its_line(void **state)
{
    static const struct {
        const char *text, *word;
    } table[] = {
        {"a: 1\nb: [1, 2\nc: 3\n", "t.yaml:3: bad YAML: "},
        {"a: 1\na: 2\n", "t.yaml:2: the key \"a\" is given twice"},
        {"x:\n  a: 1\n  'a': 2\n", "t.yaml:3: the key \"a\" is given twice"},
        {"a: 1\n\tb: 2\n", "t.yaml:2: a tab in the indentation"},
        {"a:\n  b: 1\n \tc: 2\n", "t.yaml:3: a tab in the indentation"},
        {"a: 1\n---\nb: 2\n", "t.yaml:2: a second YAML document begins here"},
        {"a: 1\nb: caf\xe9\n", "t.yaml:2: the text is not valid UTF-8"},
        {"\xff\xfe"
         "a",
         "t.yaml:1: the text is not valid UTF-8"},
        {"a: 1\nb: \x01\n", "t.yaml:2: a control character (0x01)"},
        {"a: 1\nb: \xc2\x80\n", "t.yaml:2: bad YAML: control characters"},
        {"b: &x {p: 1}\na:\n  <<: *x\n", "t.yaml:3: merge keys (<<) are not supported"},
        {"a: *nowhere\n", "t.yaml:1: the alias *nowhere has no anchor"},
        {"a: &x [*x]\n", "t.yaml:1: the alias *x has no anchor"},
        {"a: !python/object x\n", "t.yaml:1: the tag \"!python/object\" is not supported"},
        {"? [1, 2]\n: 3\n", "t.yaml:1: a key must be plain text"},
        {"'': 3\n", "t.yaml:1: a key is missing"},
        {"a: b: c\n", "t.yaml:1: bad YAML: mapping values are not allowed"},
        {"a: 'open\n", "bad YAML: found unexpected end of stream"},
        {"a: \"x\\0y\"\n", "t.yaml:1: a NUL character"},
        {"a: @x\n", "bad YAML: found character that cannot start any token"},
        {"%YAML 3.0\n---\na: 1", "bad YAML"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct node *root = NULL;
        struct err e = {0};
        if (doc_yaml(*state, "t.yaml", table[i].text, strlen(table[i].text), &root, &e))
            fail_msg("read: %s", table[i].text);
        assert_null(root);
        check_err(&e, ERR_INPUT, table[i].word);
    }
    struct node *root;
    struct err e;
    assert_false(doc_yaml(*state, "t.yaml", "a: 1\nb\0: 2", 10, &root, &e));
    check_err(&e, ERR_INPUT, "t.yaml:2: a NUL byte");
}

static void bad_json_names_its_place(void **state)
{
    static const struct {
        const char *text, *word;
    } table[] = {
        {"", "t.json:1:0: bad JSON"},
        {"{\"a\": 1,\n \"b\": }", "t.json:2:7: bad JSON"},
        {"{\"a\": 1, \"a\": 2}", "duplicate object key"},
        {"{\"a\": [1, 2", "t.json:1:11: bad JSON"},
        {"{\"a\"", "bad JSON"},
        {"{\"a\": \"x", "bad JSON"},
        {"{\"a\": tru", "bad JSON"},
        {"[1,]", "bad JSON"},
        {"{'a': 1}", "bad JSON"},
        {"[NaN]", "bad JSON"},
        {"[Infinity]", "bad JSON"},
        {"[01]", "bad JSON"},
        {"[1e999]", "bad JSON: real number overflow"},
        {"[1] 2", "bad JSON: end of file expected"},
        {"// c\n[1]", "bad JSON"},
        {"[0x10]", "bad JSON"},
        {"[\"\\u0000\"]", "bad JSON"},
        {"[\"\\ud800\"]", "bad JSON"},
        {"[\"a\xff\"]", "t.json:1: the text is not valid UTF-8"},
        {"[1,\n\"a\x01\"]", "t.json:2: a control character"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct node *root = NULL;
        struct err e = {0};
        if (doc_json(*state, "t.json", table[i].text, strlen(table[i].text), &root, &e))
            fail_msg("read: %s", table[i].text);
        assert_null(root);
        check_err(&e, ERR_INPUT, table[i].word);
    }
}

/* Every proper prefix of a JSON document is an error, and none is a crash. */
static void truncated_json(void **state)
{
    const char *text = "{\"a\": [1, 2.5e3, true, null, \"x\\u00e9y\"], \"b\": {\"c\": {}}}";
    for (size_t n = 0; n < strlen(text); n++) {
        struct node *root;
        struct err e = {0};
        char *exact = malloc(n ? n : 1);
        memcpy(exact, text, n);
        assert_false(doc_json(*state, "t", exact, n, &root, &e));
        assert_int_equal(e.kind, ERR_INPUT);
        free(exact);
    }
}

/* Any part of a YAML document, and any change of a byte, is read or refused. */
static void mangled_yaml(void **state)
{
    struct rng r;
    rng_seed(&r, 3, 3);
    static const char odd[] = "{}[]:,-?&*!|>'\"%@`# \n\t\xff";
    for (int i = 0; i < 3000; i++) {
        struct arena *a = arena_new();
        size_t n = 1 + rng_below(&r, sizeof scenario - 1);
        char *text = malloc(n);
        memcpy(text, scenario, n);
        for (uint64_t k = rng_below(&r, 4); k > 0; k--)
            text[rng_below(&r, n)] = odd[rng_below(&r, sizeof odd)];
        struct node *root;
        struct err e = {0};
        if (doc_yaml(a, "t", text, n, &root, &e))
            assert_true(strlen(as_json(a, root)) > 0);
        else
            assert_true(e.kind == ERR_INPUT && *e.what);
        free(text);
        arena_free(a);
    }
    (void)state;
}

static void alias_bombs_are_defused(void **state)
{
    struct arena *a = *state;
    struct buf b = {.arena = a};
    struct node *root;
    struct err e;
    buf_add(&b, "a0: &a0 [1,1,1,1,1,1,1,1,1]\n");
    for (int i = 1; i < 30; i++) {
        buf_fmt(&b, "a%d: &a%d [", i, i);
        for (int k = 0; k < 9; k++)
            buf_fmt(&b, "%s*a%d", k ? "," : "", i - 1);
        buf_add(&b, "]\n");
    }
    assert_false(doc_yaml(a, "bomb", b.at, b.n, &root, &e));
    check_err(&e, ERR_INPUT, "more than a million nodes");
    /* few nodes and long keys */
    struct buf c = {.arena = a};
    char longer[1001];
    memset(longer, 'k', 1000);
    longer[1000] = '\0';
    buf_add(&c, "a: &a [");
    for (int i = 0; i < 900; i++)
        buf_add(&c, "1,");
    buf_add(&c, "]\nb: &b [");
    for (int i = 0; i < 900; i++)
        buf_add(&c, "*a,");
    buf_fmt(&c, "]\n? %s\n: *b\n", longer);
    struct arena *own = arena_new();
    assert_false(doc_yaml(own, "bomb", c.at, c.n, &root, &e));
    assert_true(arena_bytes(own) < ((size_t)1 << 30));
    arena_free(own);
}

static char *nested(struct arena *a, int depth, const char *open, const char *close)
{
    struct buf b = {.arena = a};
    for (int i = 0; i < depth; i++)
        buf_add(&b, open);
    for (int i = 0; i < depth; i++)
        buf_add(&b, close);
    return b.at;
}

static void depth_is_limited(void **state)
{
    struct arena *a = *state;
    struct node *root;
    struct err e;
    static const int depth[] = {66, 1000, 100000};
    for (size_t i = 0; i < 3; i++) {
        char *deep = nested(a, depth[i], "[", "]");
        assert_false(doc_yaml(a, "t", deep, strlen(deep), &root, &e));
        check_err(&e, ERR_INPUT, "t:1: nested deeper than 64 levels");
        assert_false(doc_json(a, "t", deep, strlen(deep), &root, &e));
        check_err(&e, ERR_INPUT, depth[i] < 2000 ? "nested deeper than 64 levels" : "depth");
        char *maps = nested(a, depth[i], "{\"a\":", "}");
        assert_false(doc_yaml(a, "t", maps, strlen(maps), &root, &e));
        assert_false(doc_json(a, "t", maps, strlen(maps), &root, &e));
    }
    char *ok = nested(a, 64, "[", "]");
    assert_true(doc_yaml(a, "t", ok, strlen(ok), &root, &e));
    assert_true(doc_json(a, "t", ok, strlen(ok), &root, &e));
    /* aliases may not go deeper either */
    struct buf b = {.arena = a};
    buf_fmt(&b, "a: &a %s\nb: &b [[%s]]\n", nested(a, 40, "[", "]"), "*a");
    buf_fmt(&b, "c: %.*s*b%.*s\n", 30, nested(a, 30, "[", "]"), 30, nested(a, 30, "[", "]") + 30);
    assert_false(doc_yaml(a, "t", b.at, b.n, &root, &e));
    check_err(&e, ERR_INPUT, "deeper");
}

static void many_keys(void **state)
{
    struct arena *a = *state;
    struct buf b = {.arena = a};
    struct node *root;
    struct err e;
    for (int i = 0; i < 20000; i++)
        buf_fmt(&b, "k%d: %d\n", i, i);
    assert_true(doc_yaml(a, "t", b.at, b.n, &root, &e));
    assert_int_equal(root->n, 20000);
    assert_string_equal(node_get(root, "k19999")->text, "19999");
    buf_add(&b, "k17: 1\n");
    assert_false(doc_yaml(a, "t", b.at, b.n, &root, &e));
    check_err(&e, ERR_INPUT, "t:20001: the key \"k17\" is given twice");
    struct buf c = {.arena = a};
    for (int i = 0; i < 1000001; i++)
        buf_add(&c, i ? ",1" : "[1");
    buf_add(&c, "]");
    assert_false(doc_json(a, "t", c.at, c.n, &root, &e));
    check_err(&e, ERR_INPUT, "more than a million nodes");
}

/* Memory that ends anywhere in a document leaves nothing behind (the leak checker and the
** count of open files look), and the same arena reads it when there is enough. */
static void memory_that_ends_is_released(void **state)
{
    struct buf b = {.arena = *state};
    volatile int ended = 0;
    for (int i = 0; i < 3000; i++)
        buf_fmt(&b, "%s\"key %d\": [1, \"two\", {\"x\": null}]", i ? ",\n" : "{", i);
    buf_add(&b, "}\n");
    const char *path = temp_file(*state, "big.yaml", b.at, b.n);
    int fd_before = dup(0);
    close(fd_before);
    for (volatile size_t limit = 0; limit < 24 << 20; limit += 300000) {
        struct arena *a = arena_new();
        jmp_buf out;
        struct err e;
        struct node *root = NULL;
        arena_limit(a, limit + 1);
        arena_on_oom(a, &out);
        if (setjmp(out) == 0) {
            assert_true(doc_file(a, path, &root, &e));
            assert_int_equal(root->n, 3000);
            assert_true(doc_json(a, "t", b.at, b.n, &root, &e));
            assert_int_equal(root->n, 3000);
        } else {
            ended++;
        }
        arena_free(a);
    }
    int fd_after = dup(0);
    close(fd_after);
    unlink(path);
    assert_int_equal(fd_after, fd_before);
    assert_in_range(ended, 10, 80); /* some end, some do not */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bad_yaml_names_its_line),
        TEST(bad_json_names_its_place),
        TEST(truncated_json),
        TEST(mangled_yaml),
        TEST(alias_bombs_are_defused),
        TEST(depth_is_limited),
        TEST(many_keys),
        TEST(memory_that_ends_is_released),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
