/* The grid of a sweep: what may be written, the order of its cells, the scenario of each. */
#include "check.h"

#include "base/buf.h"
#include "fixture.h"
#include "plan/grid.h"

struct grids { struct arena *a; struct grid g; struct err e; };

static bool read_grid(struct grids *w, const char *file, const char *const *over, size_t n, uint64_t max)
{
    struct node *sweep = NULL;
    if (file && !doc_yaml(w->a, "s.yaml", file, strlen(file), &sweep, &w->e))
        return false;
    w->e = (struct err){0};
    return grid_read(w->a, sweep, over, n, max, &w->g, &w->e);
}

/* All values of an axis, as JSON. */
static const char *values(struct grids *w, size_t axis)
{
    struct node list = {.kind = NODE_SEQ, .n = w->g.axis[axis].n, .item = w->g.axis[axis].value};
    struct buf b = {.arena = w->a};
    node_json(&b, &list);
    return buf_str(&b);
}

static void check_one(struct grids *w, const char *over, const char *want)
{
    if (!read_grid(w, NULL, &over, 1, 1000000))
        fail_msg("%s: %s", w->e.place, w->e.what);
    assert_string_equal(values(w, 0), want);
}

static void lists_words_and_ranges(void **state)
{
    (void)state;
    struct grids w = {.a = arena_new()};
    check_one(&w, "tp=4", "[4]");
    check_one(&w, "tp=[1, 2]", "[1,2]");
    check_one(&w, "accelerator=h100, h200", "[\"h100\",\"h200\"]");
    check_one(&w, "accelerator=[../my.yaml]", "[\"../my.yaml\"]");      /* dots make no range without numbers */
    check_one(&w, "tp=1..4", "[1,2,3,4]");
    check_one(&w, "tp=1..10*2", "[1,2,4,8]");
    check_one(&w, "tp=1..8*2", "[1,2,4,8]");                            /* the end counts, however 2^3 is rounded */
    check_one(&w, "memory_fraction=0.1..0.5+0.1", "[0.1,0.2,0.3,0.4,0.5]");
    check_one(&w, "traffic.rate=5..15+5/s", "[\"5/s\",\"10/s\",\"15/s\"]");
    check_one(&w, "slo.ttft.p99=[500ms, 1..2s]", "[\"500ms\",\"1s\",\"2s\"]");
    check_one(&w, "scheduler=[{policy: orca, max_seqs: 8}, vllm-v1]", "[{\"policy\":\"orca\",\"max_seqs\":8},\"vllm-v1\"]");
    arena_free(w.a);
}

static void refused(struct grids *w, const char *over, const char *what)
{
    assert_false(read_grid(w, NULL, &over, 1, 10000));
    if (!strstr(w->e.what, what))
        fail_msg("%s: \"%s\" is not about \"%s\"", over, w->e.what, what);
    assert_int_equal(w->e.kind, ERR_INPUT);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct grids w = {.a = arena_new()};
    refused(&w, "tp", "KEY=VALUES");
    refused(&w, "=1", "KEY=VALUES");
    refused(&w, "tp=", "no values");
    refused(&w, "tp=[]", "no values");
    refused(&w, "tp=8..1", "counts down");
    refused(&w, "tp=1..8*1", "never arrives");
    refused(&w, "tp=0..8*2", "never arrives");
    refused(&w, "tp=1..8+0", "never arrives");
    refused(&w, "tp=1..8+-1", "never arrives");
    refused(&w, "tp=1..1e300", "a million");
    refused(&w, "tp=0..1e308*1e-300", "never arrives");
    refused(&w, "tp=1..20000", "20000 cells, 10000 are allowed");
    refused(&w, "tp=[1, 2", "");
    const char *both[] = {"scheduler.max_tokens=1,2", "scheduler=orca"}, *huge[] = {"tp=1..1000", "pp=1..1000", "dp=1..1000", "ep=1..1000",
                           "replicas=1..1000", "batch=1..1000", "isl=1..1000", "osl=1..1000"};
    assert_false(read_grid(&w, NULL, both, 2, 10000));
    assert_non_null(strstr(w.e.what, "overlap"));
    assert_false(read_grid(&w, NULL, huge, 8, UINT64_MAX));             /* 1e24 does not wrap round to few */
    assert_false(read_grid(&w, NULL, NULL, 0, 10000));
    assert_non_null(strstr(w.e.what, "nothing to vary"));
    assert_false(read_grid(&w, "[1]", NULL, 0, 10000));
    arena_free(w.a);
}

static void last_axis_is_fastest_and_flags_win(void **state)
{
    (void)state;
    struct grids w = {.a = arena_new()};
    const char *over[] = {"scheduler.max_tokens=1024,2048", "accelerator=h100,h200"};
    assert_true(read_grid(&w, "replicas: 1..3\nscheduler: {max_tokens: [1]}\n", over, 2, 100));
    assert_int_equal(w.g.naxis, 3);
    assert_int_equal(w.g.ncell, 12);
    assert_string_equal(values(&w, 1), "[1024,2048]");
    for (size_t i = 0; i < 12; i++) {
        assert_ptr_equal(grid_value(&w.g, i, 0), &w.g.axis[0].value[i / 4]);
        assert_ptr_equal(grid_value(&w.g, i, 1), &w.g.axis[1].value[i / 2 % 2]);
        assert_ptr_equal(grid_value(&w.g, i, 2), &w.g.axis[2].value[i % 2]);
    }
    /* The axes as a section of a file give the same grid. */
    struct grid again;
    assert_true(grid_read(w.a, grid_node(w.a, &w.g), NULL, 0, 100, &again, &w.e));
    assert_int_equal(again.ncell, 12);
    assert_string_equal(again.axis[2].key, "accelerator");
    arena_free(w.a);
}

static void cells_do_not_touch_each_other(void **state)
{
    (void)state;
    struct grids w = {.a = arena_new()};
    const char *over[] = {"slo.ttft.p99=1..2s", "tp=1,2"}, yaml[] = "tp: 8\nslo: {ttft: {p99: 9s}}\nmodel: m\n";
    struct node *base, *doc;
    assert_true(doc_yaml(w.a, "s.yaml", yaml, sizeof yaml - 1, &base, &w.e));
    assert_true(read_grid(&w, NULL, over, 2, 100));
    static const char *const want[] = {
        "{\"tp\":1,\"slo\":{\"ttft\":{\"p99\":\"1s\"}},\"model\":\"m\"}", "{\"tp\":2,\"slo\":{\"ttft\":{\"p99\":\"1s\"}},\"model\":\"m\"}",
        "{\"tp\":1,\"slo\":{\"ttft\":{\"p99\":\"2s\"}},\"model\":\"m\"}", "{\"tp\":2,\"slo\":{\"ttft\":{\"p99\":\"2s\"}},\"model\":\"m\"}"};
    for (size_t i = 0; i < 4; i++) {
        struct buf b = {.arena = w.a};
        assert_true(grid_doc(w.a, &w.g, base, i, &doc, &w.e));
        node_json(&b, doc);
        assert_string_equal(buf_str(&b), want[i]);
        assert_string_equal(node_place(w.a, node_at(doc, "slo.ttft.p99")), "--over slo.ttft.p99");
    }
    struct buf b = {.arena = w.a};
    node_json(&b, base);
    assert_string_equal(buf_str(&b), "{\"tp\":8,\"slo\":{\"ttft\":{\"p99\":\"9s\"}},\"model\":\"m\"}");
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_words_and_ranges),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(last_axis_is_fastest_and_flags_win),
        cmocka_unit_test(cells_do_not_touch_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
