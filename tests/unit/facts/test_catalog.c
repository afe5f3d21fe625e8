/* test_catalog.c - all that is built in loads, names resolve, unknown names are answered, overlays replace and add. */
#include "check.h"

#include <sys/stat.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/catalog.h"

static struct catalog *open_at(struct arena *a, const char *overlay, struct notes *notes)
{
    struct catalog *c = NULL;
    struct err e = {0};
    if (!catalog_open(a, overlay, &c, notes, &e))
        print_error("%s: %s; %s\n", e.place, e.what, e.mend);
    assert_int_equal(e.kind, ERR_NONE);
    return c;
}

static const char *id_of(struct catalog *c, const char *name)
{
    struct err e;
    const struct accelerator *x = catalog_accelerator(c, name, "f.yaml:1: accelerator", NULL, &e);
    return x ? x->id : NULL;
}

static void loads(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_at(a, NULL, NULL);
    assert_true(c->nacc >= 88);
    assert_true(c->nprice > 800);
    assert_true(c->nstack >= 18);
    assert_true(c->economics.life_y > 1 && c->economics.discount_frac_y > 0);
    for (size_t i = 0; i < c->nacc; i++) {
        const struct accelerator *x = &c->acc[i];
        struct buf text = {.arena = a};
        struct node *doc;
        struct accelerator back;
        struct err e = {0};
        assert_true(i == 0 || strcmp(c->acc[i - 1].id, x->id) < 0);
        assert_true(x->nsource > 0 && *x->date && *x->vendor && *x->software);
        assert_string_not_equal(x->family, "unknown");
        assert_string_equal(id_of(c, x->id), x->id);
        for (size_t k = 0; k < x->nalias; k++)
            assert_string_equal(id_of(c, x->alias[k]), x->id); /* no alias is taken twice */
        accelerator_yaml(&text, x);
        assert_true(doc_yaml(a, "x.yaml", buf_str(&text), strlen(buf_str(&text)), &doc, &e));
        assert_true(accelerator_read(a, doc, &back, NULL, &e));
        check_close(back.mem_bytes, x->mem_bytes, 1e-14);
        check_close(back.mem_bw_bytes_s, x->mem_bw_bytes_s, 1e-14);
        for (int k = 0; k < ARITH_N; k++)
            check_close(back.peak_flop_s[k] + 1, x->peak_flop_s[k] + 1, 1e-14);
        assert_int_equal(back.evidence, x->evidence);
        assert_int_equal(back.host_cards, x->host_cards);
    }
    arena_free(a);
}

static void names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *id;
    } row[] = {
        {"h100", "h100-sxm-80"},  {"H100", "h100-sxm-80"}, {"a100", "a100-sxm-80"},   {"a100_80gb", "a100-sxm-80"},
        {"h200", "h200-sxm-141"}, {"b200", "b200-sxm"},    {"v100", "v100-sxm2-16"},  {"4090", "rtx-4090"},
        {"mi300", "mi300x"},      {"groq", "groq-lpu1"},   {"ascend", "ascend-910b"}, {"gaudi3", "gaudi3"},
        {"RTX 3090", "rtx-3090"}, {"l40s", "l40s"},        {"gb200-nvl72", "gb200"},  {"trillium", "tpu-v6e"},
    };
    struct arena *a = arena_new();
    struct catalog *c = open_at(a, NULL, NULL);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        assert_string_equal(id_of(c, row[i].name), row[i].id);
    struct err e;
    assert_null(catalog_accelerator(c, "a20", "chat.yaml:7: accelerator", NULL, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_string_equal(e.place, "chat.yaml:7: accelerator");
    assert_string_equal(e.what, "unknown accelerator \"a20\"");
    assert_string_equal(e.mend, "did you mean \"a10\"?");
    assert_null(catalog_accelerator(c, "zzzzzzzzzz", "x", NULL, &e));
    assert_non_null(strstr(e.mend, "catalog list"));
    assert_null(catalog_accelerator(c, "/nowhere/chip.yaml", "x", NULL, &e));
    assert_int_equal(e.kind, ERR_ENV);
    assert_null(catalog_stack(c, "vlm", NULL, "x", &e));
    assert_string_equal(e.mend, "did you mean \"vllm\"?");
    assert_null(catalog_model(c, "zzzzzzzzzz", "x", NULL, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_string_equal(catalog_default_framework(c, catalog_accelerator(c, "mi300x", "", NULL, &e)), "vllm");
    assert_string_equal(catalog_default_framework(c, catalog_accelerator(c, "gaudi3", "", NULL, &e)), "habana");
    assert_string_equal(catalog_default_framework(c, catalog_accelerator(c, "tpu-v6e", "", NULL, &e)), "generic");
    arena_free(a);
}

/* Hand-checked rows: what the topologies and odd devices must say. */
static void facts_of(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = open_at(a, NULL, NULL);
    struct err e;
    const struct accelerator *x = catalog_accelerator(c, "mi300x", "", NULL, &e);
    assert_int_equal(x->scaleup.topology, TOPO_MESH);
    check_close(x->scaleup.per_peer_bytes_s, 64e9, 0);
    check_close(x->scaleup.total_bytes_s, 448e9, 0);
    assert_int_equal(x->node_cards, 8);
    x = catalog_accelerator(c, "gb200", "", NULL, &e);
    assert_int_equal(x->scaleup.topology, TOPO_SWITCH);
    assert_int_equal(x->scaleup.domain, 72);
    assert_int_equal(x->node_cards, 4);
    x = catalog_accelerator(c, "tpu-v5p", "", NULL, &e);
    assert_int_equal(x->scaleup.topology, TOPO_TORUS);
    check_close(x->scaleup.per_peer_bytes_s, 100e9, 0);
    x = catalog_accelerator(c, "rtx-4090", "", NULL, &e);
    assert_int_equal(x->scaleup.topology, TOPO_NONE);
    check_close(x->mem_usable_bytes, 25250627584.0, 0);
    check_close(x->mem_bytes, 24 * 1073741824.0, 0);
    assert_int_equal(x->node_cards, 1);
    assert_true(x->graphics);
    x = catalog_accelerator(c, "groq", "", NULL, &e);
    check_close(x->mem_bytes, 230e6, 0); /* the SRAM is the memory */
    check_close(x->peak_flop_s[ARITH_BF16], 0, 0);
    x = catalog_accelerator(c, "b300", "", NULL, &e);
    check_close(x->peak_flop_s[ARITH_INT8], 153.5e12, 1e-12); /* not 4500: INT8 was removed */
    assert_string_equal(x->family, "blackwell-ultra");
    x = catalog_accelerator(c, "t4", "", NULL, &e);
    assert_int_equal(accelerator_half(x), ARITH_FP16);
    assert_string_equal(x->family, "turing");
    x = catalog_accelerator(c, "xeon-6980p", "", NULL, &e);
    assert_int_equal(x->evidence, GRADE_ASSUMED);
    x = catalog_accelerator(c, "h20", "", NULL, &e);
    assert_true(x->export_restricted_cn);
    arena_free(a);
}

static void put(struct arena *a, const char *dir, const char *name, const char *text)
{
    FILE *f = fopen(arena_printf(a, "%s/%s", dir, name), "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void overlay(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct notes notes = {.arena = a};
    struct err e = {0};
    char dir[] = "/tmp/moat-catalog-XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(mkdir(arena_printf(a, "%s/accelerators", dir), 0700), 0);
    put(a, dir, "accelerators/new.yaml", "id: decode-one\naliases: [d1]\nmem: 80GB\nmem_bw: 4TB/s\nbf16: 500TFLOP/s\n");
    put(a, dir, "accelerators/l4.yaml", "id: l4\nmem: 24GiB\nmem_bw: 301GB/s\nbf16: 121TFLOP/s\n");
    put(a, dir, "accelerators/.hidden.yaml", "nonsense");
    put(a, dir, "prices.csv",
        "sku,kind,date,provider,area,cards,usd,source\nd1-x,spot,2026-11,Me,,1,1.5,quote\n"
        "decode-one,on-demand,2026-11,Me,us,2,1.5,quote\n");
    put(a, dir, "economics.yaml", "usd_kwh: 0.05\n");
    struct catalog *c = open_at(a, dir, &notes);
    assert_string_equal(id_of(c, "d1"), "decode-one");
    const struct accelerator *l4 = catalog_accelerator(c, "l4", "", NULL, &e);
    check_close(l4->mem_bw_bytes_s, 301e9, 0); /* replaced, not doubled */
    assert_int_equal(notes.n, 1);              /* 80GB */
    check_close(c->economics.usd_kwh, 0.05, 0);
    check_close(c->economics.life_y, 4, 1e-9); /* the rest stays */
    struct price p = price_find(a, c, catalog_accelerator(c, "d1", "", NULL, &e), &(struct price_query){0});
    check_close(p.usd_h, 1.5, 0);
    assert_int_equal(p.instance_cards, 2);

    put(a, dir, "accelerators/new.yaml", "id: decode-one\nmem: 80kB\n");
    assert_false(catalog_open(a, dir, &c, &notes, &e));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_non_null(strstr(e.place, "new.yaml:2: mem"));
    assert_false(catalog_open(a, "/nowhere", &c, &notes, &e));
    assert_int_equal(e.kind, ERR_ENV);
    const char *const made[] = {"accelerators/new.yaml", "accelerators/l4.yaml", "accelerators/.hidden.yaml",
                                "prices.csv", "economics.yaml"};
    for (size_t i = 0; i < 5; i++)
        unlink(arena_printf(a, "%s/%s", dir, made[i]));
    rmdir(arena_printf(a, "%s/accelerators", dir));
    rmdir(dir);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(loads), cmocka_unit_test(names), cmocka_unit_test(facts_of),
                                       cmocka_unit_test(overlay)};
    return cmocka_run_group_tests_name("facts catalog", tests, NULL, NULL);
}
