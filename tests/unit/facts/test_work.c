/* test_work.c - workload files and shares: what is read, what is refused and how; every built-in one is sound. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/catalog.h"

#define HEAD "id: w\nclass: driving\nunit: frames/s\narithmetic: [int8, bf16]\nsource: s\ndate: 2024\n"

static bool read_text(struct arena *a, const char *text, struct workload *w, struct err *e)
{
    struct node *doc;
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "w.yaml", text, strlen(text), &doc, e) && work_read(a, doc, w, e);
}

static void reads(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct workload w;
    struct err e;
    assert_true(read_text(a,
                          HEAD "operators:\n  - {op: gemm, widths: [13, 512, 256], rows: 10, values: 100}\n"
                               "  - {op: gemm, name: head, times: 3, flop: 2B, params: 5M}\n",
                          &w, &e));
    assert_int_equal(w.nop, 2);
    check_close(w.op[0].params, 13 * 512 + 512 * 256, 0);
    check_close(w.op[0].flop, 10 * 2.0 * (13 * 512 + 512 * 256), 0);
    check_close(w.op[0].values, 1000, 0);
    check_close(w.op[1].flop, 2e9, 0);
    check_close(w.op[1].times, 3, 0);
    assert_int_equal(w.narith, 2);
    assert_int_equal(w.arith[1], ARITH_BF16);
    check_close(w.batch, 1, 0);
    arena_free(a);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place, *what;
    } bad[] = {
        {"id: w\nclass: driving\n", "w.yaml", "needs id, class, unit and operators"},
        {"[1, 2]\n", "w.yaml", "needs id"},
        {HEAD "operators: [{op: gem, flop: 1B}]\n", "op", "got \"gem\""},
        {HEAD "operators: [{op: gemm, flop: 1B, bytes: 3GB}]\n", "bytes", "unknown key"},
        {HEAD "operators: [{op: gemm, flop: 1GFLOP}]\n", "flop", "count"},
        {HEAD "operators: [{op: gemm}]\n", "operators", "does nothing"},
        {HEAD "operators: [{op: gemm, flop: 1B, times: 0}]\n", "times", "is 0"},
        {HEAD "operators: [{op: gemm, flop: 1B, rows: 0}]\n", "rows", "is 0"},
        {HEAD "operators: [{op: gemm, widths: [3]}]\n", "widths", "list of layer widths"},
        {HEAD "operators: [{op: gemm, widths: [3, 4], flop: 1B}]\n", "widths", "already say"},
        {HEAD "operators: [{op: gemm, widths: [3, -4]}]\n", "widths", "-4"},
        {HEAD "operators: []\n", "operators", "missing"},
        {HEAD, "w.yaml", "missing"},
        {HEAD "operators: 7\n", "operators", "missing"},
        {HEAD "operators: [{op: lookup, bytes: 1GB}]\n", "w.yaml", "no operator is a gemm"},
        {"id: w\nclass: hpc\nunit: u/s\noperators: [{op: gemm, flop: 1B}]\n", "w.yaml", "needs arithmetic"},
        {"id: w\nclass: hpx\nunit: u/s\noperators: [{op: stream, bytes: 1GB}]\n", "class", "got \"hpx\""},
        {"id: w\nclass: hpc\nunit: u/s\nbatch: 0\noperators: [{op: stream, bytes: 1GB}]\n", "w.yaml", "batch"},
        {"id: w\nclass: hpc\nunit: u/s\nsession_fps: 60\noperators: [{op: stream, bytes: 1GB}]\n", "session_fps",
         "only class graphics"},
        {"id: w\nclass: graphics\nunit: u/s\noperators: [{op: stream, bytes: 1GB}]\n", "w.yaml", "go together"},
        {"id: w\nclass: graphics\nunit: u/s\narithmetic: [int7]\noperators: [{op: shade, flop: 1B}]\n", "arithmetic",
         "int7"},
        {"id: w\nclass: hpc\nunit: u/s\ntabels: 1GB\noperators: [{op: stream, bytes: 1GB}]\n", "tabels", "unknown key"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct workload w;
        struct err e;
        if (read_text(a, bad[i].text, &w, &e))
            fail_msg("%s: was read", bad[i].text);
        if (!strstr(e.place, bad[i].place) || !strstr(e.what, bad[i].what))
            fail_msg("%s: %s: %s; %s", bad[i].text, e.place, e.what, e.mend);
        assert_int_equal(e.kind, ERR_INPUT);
    }
    arena_free(a);
}

static bool read_shares(struct arena *a, const char *text, struct work_shares *s, struct err *e)
{
    struct node *doc;
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "s.yaml", text, strlen(text), &doc, e) && work_shares_read(a, doc, s, e);
}

#define SHARES(last)                                                                                                   \
    "source: s\ndate: 2024\nother: {lo: 0.5, hi: 2}\nencoder_pixels: 1e9/s\nrays_per_core: {pooled: 1e8/s, ada: "      \
    "4e8/s}\n"                                                                                                         \
    "recommender: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 0.4, rows: 2}, CUDA: {compute: 0.6, rows: 2}}\n"    \
    "diffusion: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 0.5, rows: 1}}\n"                                     \
    "driving: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 0.5, rows: 1}}\n"                                       \
    "hpc: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 0.5, memory: 0.8, rows: 1}}\n" last

static void shares(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct work_shares s;
    struct err e;
    struct accelerator cuda = {.id = "a", .software = "CUDA"}, other = {.id = "b", .software = "Other"};
    bool away;
    assert_true(read_shares(
        a, SHARES("graphics: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 50%, fixed: 3ms, rows: 1}}\n"), &s, &e));
    check_close(work_share_of(&s, WORK_RECOMMENDER, &cuda, &away).compute, 0.6, 0);
    assert_false(away);
    check_close(work_share_of(&s, WORK_RECOMMENDER, &other, &away).compute, 0.4, 0);
    assert_true(away);
    check_close(work_share_of(&s, WORK_RECOMMENDER, &cuda, &away).memory, 1, 0); /* not said: all of it */
    check_close(work_share_of(&s, WORK_GRAPHICS, &cuda, &away).fixed_s, 3e-3, 1e-15);
    assert_true(away);
    check_close(s.ray[1].rays_s, 4e8, 0);
    static const struct {
        const char *text, *what;
    } bad[] = {
        {SHARES(""), "begins with interval and pooled"},
        {SHARES("graphics: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 0}}\n"), "a share of 0"},
        {SHARES("graphics: {interval: {lo: 1.7, hi: 1.4}, pooled: {compute: 1}}\n"), "lo must be"},
        {SHARES("graphics: {interval: {lo: 0.7, hi: 1.4}, pooled: {compute: 1.5}}\n"), "1.5"},
        {SHARES("graphics: {interval: {lo: 0.7, hi: 1.4}, pooled: 3}\n"), "expected shares"},
        {SHARES("graphics: {pooled: {compute: 1}}\n"), "begins with interval and pooled"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(read_shares(a, bad[i].text, &s, &e));
        if (!strstr(e.what, bad[i].what))
            fail_msg("%s: %s", e.place, e.what);
    }
    arena_free(a);
}

/* Each class has workloads; names lead to them; nothing of a model is shadowed. */
static void built_in(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c;
    struct err e = {0};
    int of[WORK_CLASS_N] = {0};
    assert_true(catalog_open(a, NULL, &c, NULL, &e));
    for (size_t i = 0; i < c->nwork; i++) {
        of[c->work[i].cls]++;
        assert_true(*c->work[i].source && *c->work[i].date);
        assert_ptr_equal(catalog_work(c, c->work[i].id, &e), &c->work[i]);
        for (size_t k = 0; k < c->work[i].nalias; k++)
            assert_ptr_equal(catalog_work(c, c->work[i].alias[k], &e), &c->work[i]);
        assert_int_equal(map_get(&c->model_by_name, c->work[i].id), MAP_NONE);
    }
    for (int k = 0; k < WORK_CLASS_N; k++)
        assert_true(of[k] >= 3);
    assert_null(catalog_work(c, "no-such", &e));
    assert_int_equal(e.kind, ERR_NONE);
    assert_null(catalog_work(c, "/no/such/file.yaml", &e));
    assert_int_equal(e.kind, ERR_ENV);
    assert_false(catalog_subject(c, "sdlx", "model", &e));
    assert_string_equal(e.mend, "did you mean \"sdxl\"?");
    /* DLRM's published sizes: 26 tables, 214 rows a pair; the matrices by hand. */
    const struct workload *dlrm = catalog_work(c, "dlrm-v2", &e);
    check_close(dlrm->op[1].flop, 270 * 2.0 * (13 * 512 + 512 * 256 + 256 * 128), 1e-12);
    check_close(dlrm->op[0].bytes, 270 * 214 * 128, 1e-12);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads),
        cmocka_unit_test(refuses),
        cmocka_unit_test(shares),
        cmocka_unit_test(built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
