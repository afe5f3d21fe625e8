/* test_mig.c - instances of a card: what they have of it, their names, their price, and what is refused. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/catalog.h"

static const char card_text[] =
    "id: chip\nfamily: hopper\nsoftware: CUDA\nmem: 80GiB\nmem_usable: 79GiB\nmem_bw: 3200GB/s\nmem_type: HBM3\nsram: 48MB\n"
    "bf16: 990TFLOP/s\nfp8: 1980TFLOP/s\ncores: 132\nscaleup: {topology: switch, total: 450GB/s, domain: 8}\npcie: 64GB/s\n"
    "scaleout: 50GB/s\nnode_cards: 8\ntdp: 700W\nidle: 140W\nmig_slices: 7\n";

static bool read_card(struct arena *a, const char *mig, struct accelerator *out, struct err *e)
{
    struct node *doc;
    const char *text = arena_printf(a, "%smig: %s\n", card_text, mig);
    *e = (struct err){.kind = ERR_NONE};
    return doc_yaml(a, "chip.yaml", text, strlen(text), &doc, e) && accelerator_read(a, doc, out, NULL, e);
}

static void shares(void **state)
{
    struct arena *a = *state;
    struct accelerator card, x;
    struct err e;
    assert_true(read_card(a, "[{profile: 3g.40gb, memory: 0.5, instances: 2, cores: 66, mem_usable: 39GiB}, "
                             "{profile: 1g.10gb, memory: 0.125, instances: 7}]", &card, &e));
    assert_int_equal(card.nmig, 2);
    mig_device(a, &card, 0, &x);
    assert_string_equal(x.id, "chip/3g.40gb");
    check_close(x.mem_bytes, 40 * GIB, 0);
    check_close(x.mem_usable_bytes, 39 * GIB, 0);
    check_close(x.mem_bw_bytes_s, 1600e9, 1e-15);
    check_close(x.sram_bytes, 24e6, 1e-15);
    check_close(x.peak_flop_s[ARITH_BF16], 495e12, 1e-15); /* 66 of 132 SMs */
    check_close(x.tdp_w, 350, 1e-15);
    check_close(x.idle_w, 70, 1e-15);
    assert_int_equal(x.cores, 66);
    assert_int_equal(x.scaleup.topology, TOPO_NONE);
    assert_ptr_equal(x.card, &card);
    assert_int_equal(x.per_card, 2);
    mig_device(a, &card, 1, &x);
    check_close(x.peak_flop_s[ARITH_FP8], 1980e12 / 7, 1e-15); /* SMs not known: 1 of 7 compute slices */
    check_close(x.mem_usable_bytes, 79 * GIB / 8, 1e-15);
    assert_int_equal(x.cores, 18);
}

static void round_trip(void **state)
{
    struct arena *a = *state;
    struct accelerator card, again;
    struct err e;
    struct node *doc;
    struct buf b = {.arena = a};
    assert_true(read_card(a, "[{profile: 1g.20gb, memory: 25%, instances: 4, cores: 26, mem_usable: 19.62GiB}]", &card, &e));
    accelerator_yaml(&b, &card);
    assert_true(doc_yaml(a, "b", b.at, b.n, &doc, &e) && accelerator_read(a, doc, &again, NULL, &e));
    assert_int_equal(again.nmig, 1);
    assert_string_equal(again.mig[0].name, "1g.20gb");
    check_close(again.mig[0].memory_frac, 0.25, 0);
    check_close(again.mig[0].mem_usable_bytes, card.mig[0].mem_usable_bytes, 0);
    assert_int_equal(again.mig[0].instances, 4);
    assert_int_equal(again.mig[0].cores, 26);
}

static void refused(void **state)
{
    struct arena *a = *state;
    static const struct { const char *mig, *what; } bad[] = {
        {"3", "expected a list"},
        {"[3]", "expected a profile such as"},
        {"[{profile: big, memory: 0.5, instances: 2}]", "a name such as 3g.40gb"},
        {"[{profile: 3g.gb, memory: 0.5, instances: 2}]", "a name such as 3g.40gb"},
        {"[{profile: 0g.5gb, memory: 0.5, instances: 2}]", "a name such as 3g.40gb"},
        {"[{profile: 3g.40gb, instances: 2}]", "needs memory"},
        {"[{profile: 3g.40gb, memory: 0.5}]", "needs memory"},
        {"[{profile: 3g.40gb, memory: 0.5, instances: 3}]", "more than the card has"},
        {"[{profile: 4g.40gb, memory: 0.5, instances: 2}]", "more than the card has"},
        {"[{profile: 3g.40gb, memory: 0.5, instances: 2, cores: 67}]", "more than the card has"},
        {"[{profile: 3g.40gb, memory: 0.5, instances: 2, mem_usable: 41GiB}]", "cannot use more memory"},
        {"[{profile: 1g.5gb, memory: 0.1, instances: 1}, {profile: 1g.5gb, memory: 0.1, instances: 1}]", "stands here twice"},
        {"[{profile: 3g.40gb, memory: 0.5, instances: 2, sms: 3}]", "sms"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct accelerator card;
        struct err e;
        if (read_card(a, bad[i].mig, &card, &e))
            fail_msg("%s is taken", bad[i].mig);
        if (!strstr(e.what, bad[i].what) && !strstr(e.place, bad[i].what))
            fail_msg("%s: %s: %s", bad[i].mig, e.place, e.what);
    }
}

/* Every profile of the catalog is found by its card's names, has less than its card, and all that fit cost what the card does. */
static void catalog(void **state)
{
    struct arena *a = *state;
    struct catalog *c;
    struct notes notes = {.arena = a};
    struct err e = {0};
    assert_true(catalog_open(a, NULL, &c, &notes, &e));
    assert_true(c->nslice >= 40);
    for (size_t i = 0; i < c->nslice; i++) {
        const struct accelerator *x = &c->slice[i], *card = x->card;
        const struct price_query q = {.kind = PRICE_ON_DEMAND};
        const char *profile = strrchr(x->id, '/');
        assert_ptr_equal(catalog_accelerator(c, x->id, "", NULL, &e), x);
        if (card->nalias)
            assert_ptr_equal(catalog_accelerator(c, arena_printf(a, "%s%s", card->alias[0], profile), "", NULL, &e), x);
        assert_true(x->mem_bytes <= card->mem_bytes && x->cores <= card->cores);
        struct price p = price_find(a, c, x, &q), whole = price_find(a, c, card, &q);
        assert_int_equal(p.found, whole.found);
        if (p.found)
            check_close(p.usd_h * x->per_card, whole.usd_h, 1e-12);
        assert_int_equal(p.instance_cards, (whole.instance_cards > 1 ? whole.instance_cards : 1) * x->per_card);
    }
    assert_null(catalog_accelerator(c, "h100/5g.50gb", "", NULL, &e));
    assert_non_null(strstr(e.mend, "3g.40gb"));
    assert_null(catalog_accelerator(c, "l4/1g.3gb", "", NULL, &e));
    assert_non_null(strstr(e.mend, "whole card"));
    assert_null(catalog_accelerator(c, "h1000/3g.40gb", "", NULL, &e));
    assert_non_null(strstr(e.what, "unknown accelerator"));
}

static int setup(void **state)
{
    *state = arena_new();
    return 0;
}

static int teardown(void **state)
{
    arena_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shares, setup, teardown),
        cmocka_unit_test_setup_teardown(round_trip, setup, teardown),
        cmocka_unit_test_setup_teardown(refused, setup, teardown),
        cmocka_unit_test_setup_teardown(catalog, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
