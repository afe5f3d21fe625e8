/* test_price.c - medians, dates, regions and instance sizes on a small table by hand, and the owner's formula by hand.
 */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/catalog.h"
#include "facts/price_read.h"

static const char table[] = "sku,kind,date,provider,region,area,cards,usd,recall,aggregate,source,note\n"
                            "chip,on-demand,2023-05,Old,,,1,9,0,0,repo/old:file,\n" /* 26 months before the newest */
                            "chip,on-demand,2024-02,A,,,8,4.00,0,0,repo/a:file,\n"
                            "chip,on-demand,2025-06-01,A,Ohio,us,8,3.00,0,0,repo/a:file,\n"
                            "chip,on-demand,2025-06-01,A,Belgium,eu,8,2.50,0,0,repo/a:file,\n"
                            "chip,on-demand,2025-06-01,A,Ohio,us,4,3.20,0,0,repo/a:file,\n"
                            "chip,on-demand,2025-07,B,,,8,5.00,0,0,repo/a:other,\n"
                            "chip,on-demand,2025-05,C,Tokyo,asia,,7.00,0,0,https://c.example/x,\n"
                            "chip,on-demand,2025-04,D,,,1,6.00,0,0,repo/d@123,\n"
                            "chip,on-demand,2025-07,median(all),,,1,1.00,0,1,repo/m,\n"
                            "chip,spot,2025-07,B,,,8,1.00,1,0,recall,\n"
                            "chip,purchase,2025-01,shop,,,8,20000,0,0,repo/p:file,\n"
                            "chip,purchase,2025-03,store,,,1,30000,0,0,repo/p:file,\n"
                            "bare,on-demand,2025-01,A,,,,2,0,0,repo/a:file,\n"
                            "llm,api-in,2025,G,,,,0.5,1,0,recall,\n"
                            "llm,api-out,2025,G,,,,0.8,1,0,recall,\n"
                            "llm,api-out,2025,H,,,,1.0,1,0,recall,\n";

static struct catalog *market(struct arena *a)
{
    struct catalog *c = ARENA_NEW(a, struct catalog);
    struct price_list l = {0};
    struct err e;
    assert_true(price_read(a, "prices.csv", table, sizeof table - 1, &l, NULL, &e));
    price_sort(&l);
    c->arena = a;
    c->price = l.row;
    c->nprice = l.n;
    c->economics = (struct economics){.discount_frac_y = 0.1,
                                      .life_y = 4,
                                      .residual_frac = 0.2,
                                      .server_mult = 1.2,
                                      .network_frac = 0.3,
                                      .server_power_mult = 2,
                                      .load_frac = 0.5,
                                      .pue = 1.5,
                                      .usd_kwh = 0.1,
                                      .colo_usd_kw_month = 73,
                                      .ops_frac_y = 0.0876};
    return c;
}

static const struct accelerator chip = {.id = "chip", .node_cards = 8, .tdp_w = 500};

static void median(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = market(a);
    struct price_query q = {PRICE_ON_DEMAND, 0, NULL, NULL};
    struct price p = price_find(a, c, &chip, &q);
    /* A 2.50 (cheapest of its newest day), B 5, D 6, C 7: Old is too old, the median row is no provider. */
    assert_true(p.found);
    assert_int_equal(p.kind, PRICE_ON_DEMAND);
    assert_int_equal(p.n, 4);
    check_close(p.usd_h, 5.5, 1e-12);
    check_close(p.lo_usd_h, 2.5, 0);
    check_close(p.hi_usd_h, 7, 0);
    assert_int_equal(p.date_first, 20250401);
    assert_int_equal(p.date_last, 20250701);
    /* Smallest instances: A 4, B 8, C not said, D 1: each once, the smallest wins the tie. */
    assert_int_equal(p.instance_cards, 1);
    assert_false(p.recall);
    assert_string_equal(p.source, "median of 4 providers, 2025-04..2025-07; repo/a and others");

    q.region = "us"; /* A in Ohio 3.00, B 5, D 6 have no region; C is in Asia */
    p = price_find(a, c, &chip, &q);
    assert_int_equal(p.n, 3);
    check_close(p.usd_h, 5, 0);
    check_close(p.lo_usd_h, 3, 0);

    q = (struct price_query){PRICE_ON_DEMAND, 20240331, "any", "any"}; /* A at 4.00, and Old again */
    p = price_find(a, c, &chip, &q);
    assert_int_equal(p.n, 2);
    check_close(p.usd_h, 6.5, 1e-12);
    assert_int_equal(p.date_last, 20240201);

    q = (struct price_query){PRICE_ON_DEMAND, 0, NULL, "b"};
    p = price_find(a, c, &chip, &q);
    check_close(p.usd_h, 5, 0);
    assert_int_equal(p.instance_cards, 8);
    assert_string_equal(p.source, "B, 2025-07; repo/a");

    q = (struct price_query){PRICE_SPOT, 0, NULL, NULL};
    p = price_find(a, c, &chip, &q);
    check_close(p.usd_h, 1, 0);
    assert_true(p.recall);

    struct accelerator bare = {.id = "bare", .node_cards = 4};
    q = (struct price_query){PRICE_ON_DEMAND, 0, NULL, NULL};
    assert_int_equal(price_find(a, c, &bare, &q).instance_cards, 4); /* no row says */
    arena_free(a);
}

static void owned(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = market(a);
    /* CRF = 0.1 / (1 - 1.1^-4) = 0.1 / 0.3169865 = 0.3154708; 1.1^-4 = 0.6830135
    ** capital = 0.3154708 * 10000 * (1.2 + 0.3 - 0.2 * 0.6830135) = 3154.708 * 1.3633973 = 4301.1206 a year
    ** ops = 876 a year; (4301.1206 + 876) / 8760 = 0.5909955
    ** kW = 500 * 2 / 1000 = 1; energy 0.5 * 1.5 * 0.1 = 0.075; colocation 73 * 12 / 8760 = 0.1 */
    check_close(price_owned_usd_h(&c->economics, 10000, 500), 0.5909955 + 0.175, 1e-6);
    struct economics free_money = c->economics;
    free_money.discount_frac_y = 0; /* limit of the CRF: 1 / n */
    check_close(price_owned_usd_h(&free_money, 8760, 0), (0.25 * 1.3 + 0.0876), 1e-12);

    struct price_query q = {PRICE_OWNED, 0, NULL, NULL};
    struct price p = price_find(a, c, &chip, &q);
    assert_int_equal(p.kind, PRICE_OWNED);
    check_close(p.purchase_usd, 25000, 0); /* between 20,000 and 30,000 */
    check_close(p.usd_h, price_owned_usd_h(&c->economics, 25000, 500), 1e-12);
    check_close(p.lo_usd_h, price_owned_usd_h(&c->economics, 20000, 500), 1e-12);
    assert_int_equal(p.instance_cards, 8);
    assert_null(p.note);

    q.kind = PRICE_RESERVED_3Y; /* not listed: owned, and says so */
    p = price_find(a, c, &chip, &q);
    assert_true(p.found);
    assert_int_equal(p.kind, PRICE_OWNED);
    assert_non_null(strstr(p.note, "reserved-3y"));

    q.as_of = 20241231; /* before any purchase: never invented */
    p = price_find(a, c, &chip, &q);
    assert_false(p.found);
    assert_int_equal(p.kind, PRICE_RESERVED_3Y);
    assert_non_null(p.note);

    q = (struct price_query){PRICE_PURCHASE, 0, NULL, NULL};
    check_close(price_find(a, c, &chip, &q).usd_h, 25000, 0);
    struct accelerator other = {.id = "other", .node_cards = 1};
    assert_false(price_find(a, c, &other, &(struct price_query){PRICE_ON_DEMAND, 0, NULL, NULL}).found);
    arena_free(a);
}

/* A list price more than two years older than the day asked for is kept, and says that it is old. */
static void stale(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = market(a);
    struct accelerator bare = {.id = "bare", .node_cards = 1};
    struct price_query q = {PRICE_ON_DEMAND, 0, NULL, NULL};
    assert_false(price_find(a, c, &bare, &q).stale);    /* 2025-01 against the newest price of all, 2025-07 */
    q.as_of = 20270102;
    assert_false(price_find(a, c, &bare, &q).stale);    /* 731 days */
    q.as_of = 20270103;
    struct price p = price_find(a, c, &bare, &q);
    assert_true(p.found && p.stale);
    check_close(p.usd_h, 2, 0);
    assert_non_null(strstr(p.note, "2025-01"));
    arena_free(a);
}

static void api(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c = market(a);
    double in, out;
    const char *source;
    assert_true(price_api(a, c, "llm", 0, &in, &out, &source));
    check_close(in, 0.5, 0);
    check_close(out, 0.9, 1e-12);
    assert_non_null(strstr(source, "recall"));
    assert_false(price_api(a, c, "llm", 20241231, &in, &out, &source));
    assert_false(price_api(a, c, "chip", 0, &in, &out, NULL));
    arena_free(a);
}

static void bad_rows(void **state)
{
    (void)state;
    static const struct {
        const char *row, *what;
    } bad[] = {
        {"chip,rent,2025,A,,,1,2,0,0,s,\n", "unknown kind"},
        {"chip,spot,soon,A,,,1,2,0,0,s,\n", "expected a date"},
        {"chip,spot,2025,A,,,1,-2,0,0,s,\n", "above 0"},
        {"chip,spot,2025,A,,,1,,0,0,s,\n", "above 0"},
        {"chip,spot,2025,A,,,many,2,0,0,s,\n", "whole number"},
        {"chip,spot,2025,A,,,1,2,0,0,,\n", "a sku and a source"},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct price_list l = {0};
        struct err e;
        const char *text = arena_printf(a, "%.*s%s", (int)strcspn(table, "\n") + 1, table, bad[i].row);
        assert_false(price_read(a, "prices.csv", text, strlen(text), &l, NULL, &e));
        assert_non_null(strstr(e.place, "prices.csv:2"));
        assert_non_null(strstr(e.what, bad[i].what));
    }
    struct price_list l = {0};
    struct err e;
    assert_false(price_read(a, "p", "sku,kind\nx,y\n", 13, &l, NULL, &e));
    assert_non_null(strstr(e.what, "column date is missing"));
    arena_free(a);
}

static void built_in(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c;
    struct err e;
    assert_true(catalog_open(a, NULL, &c, NULL, &e));
    const struct accelerator *h100 = catalog_accelerator(c, "h100", "", NULL, &e);
    struct price_query q = {PRICE_ON_DEMAND, 20240331, NULL, NULL};
    struct price p = price_find(a, c, h100, &q);
    assert_true(p.found);
    assert_int_equal(p.date_last / 10000, 2024);
    assert_true(p.usd_h > 2 && p.usd_h < 7);
    q.as_of = 0;
    p = price_find(a, c, h100, &q);
    assert_true(p.n >= 10);
    assert_int_equal(p.date_last, 20261010);
    assert_true(p.usd_h > 3 && p.usd_h < 5); /* 3.85 to 3.99 in the archived rate cards */
    q.kind = PRICE_OWNED;
    p = price_find(a, c, h100, &q);
    assert_true(p.usd_h > 1 && p.usd_h < 3); /* published owner's costs: 1.17 to 1.69 */
    assert_true(price_api(a, c, "llama-3.3-70b", 0, &p.lo_usd_h, &p.hi_usd_h, NULL));
    for (size_t i = 0; i < c->nprice; i++) {
        assert_true(*c->price[i].source);
        assert_true(c->price[i].usd > 0);
        if (c->price[i].kind < PRICE_PURCHASE) {
            if (c->price[i].usd > 60)
                print_error("%s %s %g\n", c->price[i].sku, c->price[i].provider, c->price[i].usd);
            assert_true(c->price[i].usd < 60);
        }
        if (c->price[i].kind < PRICE_API_IN)
            assert_true(map_get(&c->acc_by_name, c->price[i].sku) != MAP_NONE);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(median), cmocka_unit_test(owned), cmocka_unit_test(stale),
        cmocka_unit_test(api),
                                       cmocka_unit_test(bad_rows), cmocka_unit_test(built_in)};
    return cmocka_run_group_tests_name("facts price", tests, NULL, NULL);
}
