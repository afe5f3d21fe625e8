/* test_accelerator.c - chip files: what is read, what slips of unit are refused and how, and that the writer's text
 * reads back. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/accelerator.h"

static const char good[] =
    "id: chip\nvendor: Us\nfamily: hopper\nmem: 80GiB\nmem_bw: 3350GB/s\nmem_type: HBM3\nbf16: 989.4TFLOP/s\n"
    "fp8: 1979TFLOP/s\ncores: 132\nscaleup: {kind: NVLink4, topology: switch, total: 450GB/s, domain: 8}\n"
    "pcie: 64GB/s\nscaleout: 50GB/s\nnode_cards: 8\ntdp: 700W\naliases: [Chip-One]\nlaunch: 2022-09\n";

static bool read_text(struct arena *a, const char *text, struct accelerator *out, struct notes *notes, struct err *e)
{
    struct node *doc;
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "chip.yaml", text, strlen(text), &doc, e) && accelerator_read(a, doc, out, notes, e);
}

static void reads(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator x;
    struct err e;
    assert_true(read_text(a, good, &x, NULL, &e));
    check_close(x.mem_bytes, 85899345920.0, 0);
    check_close(x.mem_bw_bytes_s, 3.35e12, 1e-15);
    check_close(x.peak_flop_s[ARITH_BF16], 989.4e12, 1e-15);
    check_close(x.peak_flop_s[ARITH_FP4], 0, 0);
    assert_int_equal(x.scaleup.topology, TOPO_SWITCH);
    check_close(x.scaleup.per_peer_bytes_s, 450e9, 0); /* a switch gives a pair everything */
    assert_int_equal(x.launch, 20220901);
    assert_string_equal(x.alias[0], "chip-one");
    assert_string_equal(x.name, "chip");
    assert_int_equal(x.mig_slices, 1);
    assert_int_equal(x.host_cards, 8);
    assert_true(x.available);
    assert_int_equal(x.evidence, GRADE_ASSUMED); /* neither figures nor sources */
    assert_int_equal(accelerator_half(&x), ARITH_BF16);
    arena_free(a);
}

static void grades(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator x;
    struct err e;
    const char *sourced = arena_printf(a, "%ssources: [a table]\n", good);
    const char *two =
        arena_printf(a, "%sfigures: {two_sources: [mem, mem_bw], one_source: [bf16], recall: [tdp]}\n", good);
    const char *recall = arena_printf(a, "%sfigures: {two_sources: [mem, mem_bw], recall: [bf16]}\n", good);
    assert_true(read_text(a, sourced, &x, NULL, &e));
    assert_int_equal(x.evidence, GRADE_INFERRED);
    assert_true(read_text(a, two, &x, NULL, &e));
    assert_int_equal(x.evidence, GRADE_INFERRED);
    assert_int_equal(x.nfigure, 4);
    assert_true(read_text(a, recall, &x, NULL, &e));
    assert_int_equal(x.evidence, GRADE_ASSUMED);
    assert_string_equal(grade_name(GRADE_INFERRED), "inferred");
    arena_free(a);
}

/* Replace one line of the good file and expect a refusal that names the key. */
static void refused(struct arena *a, const char *line, const char *key, const char *what)
{
    struct buf b = {.arena = a};
    struct accelerator x;
    struct err e;
    size_t colon = strcspn(line, ":") + 1;
    bool done = false;
    for (const char *at = good; *at;) {
        size_t n = strcspn(at, "\n") + 1;
        bool same = strncmp(at, line, colon) == 0;
        if (same)
            buf_fmt(&b, "%s\n", line);
        else
            buf_addn(&b, at, n);
        done |= same;
        at += n;
    }
    if (!done)
        buf_fmt(&b, "%s\n", line);
    if (read_text(a, buf_str(&b), &x, NULL, &e)) {
        print_error("accepted: %s\n", line);
        fail();
    }
    if (!strstr(e.place, key) || !strstr(e.what, what) || e.kind != ERR_INPUT) {
        print_error("%s -> %s: %s; %s\n", line, e.place, e.what, e.mend);
        fail();
    }
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *line, *key, *what;
    } row[] = {
        {"mem: 80kB", "chip.yaml:4: mem", "too little"},
        {"mem: 80", "chip.yaml:4: mem", "expected a size"},
        {"mem: 80PB", "mem", "too much"},
        {"mem_bw: 3350B/s", "chip.yaml:5: mem_bw", "too little"},
        {"mem_bw: 3GB/s", "mem_bw", "too little"},
        {"mem_bw: 3350", "mem_bw", "expected a bandwidth"},
        {"bf16: 989", "chip.yaml:7: bf16", "expected a compute rate"},
        {"bf16: 989FLOP/s", "bf16", "too little"},
        {"bf16: 3GFLOP/s", "bf16", "cannot be"},
        {"fp8: 1979PFLOP/s", "fp8", "too much"},
        {"bf16: -5TFLOP/s", "bf16", "expected"},
        {"tdp: 700kW", "tdp", "too much"},
        {"tdp: 0W", "tdp", "too little"},
        {"pcie: 64TB/s", "pcie", "too much"},
        {"mem_usable: 8GiB", "mem_usable", "usable of"},
        {"node_cards: 0", "node_cards", "0"},
        {"host_cards: 4", "host_cards", "fewer"},
        {"scaleup: {topology: mesh, per_peer: 64GB/s, total: 300GB/s, domain: 8}", "per_peer", "7 peers"},
        {"scaleup: {topology: switch, per_peer: 900GB/s, total: 450GB/s, domain: 8}", "per_peer",
         "more than the total"},
        {"scaleup: {topology: mesh, total: 450GB/s, domain: 8}", "scaleup", "needs per_peer"},
        {"scaleup: {topology: ring, total: 450GB/s, domain: 8}", "topology", "expected switch"},
        {"scaleup: {topology: switch, domain: 8}", "scaleup", "total is missing"},
        {"scaleup: {topology: switch, total: 450GB/s}", "scaleup", "at least two"},
        {"scaleup: {topology: none, total: 450GB/s}", "scaleup", "none has"},
        {"scaleup: {total: 450GB/s}", "scaleup", "topology is missing"},
        {"mem_bandwidth: 3350GB/s", "chip.yaml", "mem_bandwidth"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        refused(a, row[i].line, row[i].key, row[i].what);
    struct accelerator x;
    struct err e;
    assert_false(read_text(a, "id: x\nmem: 80GiB\nbf16: 989TFLOP/s\n", &x, NULL, &e));
    assert_non_null(strstr(e.what, "mem_bw is missing"));
    assert_false(read_text(a, "id: x\nmem: 80GiB\nmem_bw: 3TB/s\n", &x, NULL, &e));
    assert_non_null(strstr(e.what, "no rate"));
    assert_false(read_text(a, "mem: 80GiB\n", &x, NULL, &e));
    assert_non_null(strstr(e.what, "id is missing"));
    assert_false(read_text(a, "- 1\n", &x, NULL, &e));
    arena_free(a);
}

static void remarks(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct notes notes = {.arena = a};
    struct accelerator x;
    struct err e;
    assert_true(read_text(a, "id: x\nmem: 80GB\nmem_bw: 2TB/s\nbf16: 312TFLOP/s\n", &x, &notes, &e));
    assert_int_equal(notes.n, 1);
    assert_non_null(strstr(notes.note[0].text, "write 80GiB"));
    check_close(x.mem_bytes, 80e9, 0); /* as written, with the remark */
    assert_true(read_text(a,
                          "id: x\nmem: 80GiB\nmem_bw: 2TB/s\nbf16: 312TFLOP/s\n"
                          "scaleup: {kind: NVLink3, topology: switch, total: 600GB/s, domain: 8}\n",
                          &x, &notes, &e));
    assert_int_equal(notes.n, 2);
    assert_non_null(strstr(notes.note[1].text, "looks like both"));
    arena_free(a);
}

static void round_trip(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator x, y;
    struct err e;
    struct buf b = {.arena = a}, again = {.arena = a};
    static const char text[] =
        "id: chip\nvendor: Us\nmem: 24GiB\nmem_bw: 3350.25GB/s\nmem_usable: 25250627584B\nsram: 230.5MB\n"
        "bf16: 989.4TFLOP/s\nint8: 149.7TOP/s\nnotes: \"a \\\"quote\\\": and # hash\"\n"
        "figures: {one_source: [mem]}\nsources: [\"x: y\"]\naliases: [\"4090\"]\nlaunch: 2022-09-05\n"
        "scaleup: {kind: 'Fabric: 4', topology: mesh, per_peer: 76.8GB/s, total: 537.6GB/s, domain: 8}\n";
    assert_true(read_text(a, text, &x, NULL, &e));
    accelerator_yaml(&b, &x);
    if (!read_text(a, buf_str(&b), &y, NULL, &e))
        print_error("%s: %s; %s\n%s", e.place, e.what, e.mend, buf_str(&b));
    assert_int_equal(e.kind, ERR_NONE);
    check_close(y.mem_bytes, x.mem_bytes, 0);
    check_close(y.mem_usable_bytes, 25250627584.0, 0);
    check_close(y.mem_bw_bytes_s, x.mem_bw_bytes_s, 1e-14);
    check_close(y.sram_bytes, x.sram_bytes, 1e-14);
    check_close(y.peak_flop_s[ARITH_INT8], 149.7e12, 1e-14);
    check_close(y.scaleup.per_peer_bytes_s, 76.8e9, 1e-14);
    assert_string_equal(y.scaleup.kind, "Fabric: 4");
    assert_string_equal(y.notes, "a \"quote\": and # hash");
    assert_string_equal(y.alias[0], "4090");
    assert_int_equal(y.launch, 20220905);
    assert_int_equal(y.nfigure, 1);
    accelerator_yaml(&again, &y);
    assert_string_equal(buf_str(&again), buf_str(&b));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(reads), cmocka_unit_test(grades), cmocka_unit_test(refuses),
                                       cmocka_unit_test(remarks), cmocka_unit_test(round_trip)};
    return cmocka_run_group_tests_name("facts accelerator", tests, NULL, NULL);
}
