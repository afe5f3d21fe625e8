/* test_breakeven.c - laws of break-even: a clone enters at the incumbent's price; the Shapley values add up and are those of a
** direct sum over orders; speed raises the entry price; a software budget is a difference of two costs; cheaper incumbents never help. */
#include "check.h"

#include "base/err.h"
#include "challenger_fleet.h"
#include "plain_fleet.h"
#include "plan/breakeven_int.h"

static const struct fleet_shape tiny = {.skus = 3, .periods = 4, .works = 3, .blocks = 2, .campaigns = 1, .families = 2, .branches = 1,
                                        .scale = 4000, .node_cards = 8};

static double entry(struct arena *a, const struct challenge *q, const struct be_set *s)
{
    double v = NAN;
    size_t solves = 0;
    struct err e = {0};
    if (!be_entry_of(a, q, s, NAN, be_price(q->f, q->incumbent), &v, &solves, &e)) {
        print_error("%s: %s\n", e.place, e.what);
        fail();
    }
    assert_in_range(solves, 2, 40);
    return v;
}

/* 100 units of work for two periods, a card does s of them: the challenger enters at s times the price, energy apart. */
static void test_closed_form(void **state)
{
    (void)state;
    for (int i = 1; i <= 4; i++) {
        struct arena *a = arena_new();
        struct plain *p = plain_fleet(a, 2, 1, 2, 1, 100);
        double s = 0.5 * i;
        p->f.usd_kwh = 10; /* one kW for an hour, twice: 20 a card */
        for (size_t t = 0; t < 2; t++)
            SET(p->work[0].rate, 2 + t, s);
        struct challenge q = {.f = &p->f, .x = 1, .incumbent = 0, .limits = exact, .threads = 1};
        check_close(entry(a, &q, &be_plain), 1020 * s - 20, 1e-6);
        p->family[0] = (struct fleet_family){.id = "new", .port_usd = 5000};
        p->f.family = p->family, p->f.nf = 1, p->sku[1].family = 0;
        check_close(entry(a, &q, &be_plain), 1020 * s - 20 - 50 * s, 1e-6); /* 5000 over 100 / s cards */
        p->family[0].port_usd = 2e5; /* more than everything costs */
        check_close(entry(a, &q, &be_plain), 0, 1e-12);
        arena_free(a);
    }
}

static void test_clone(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 4; seed++) {
        struct arena *a = arena_new();
        struct challenger *c = challenger_new(a, &tiny, seed);
        for (size_t t = 0; t < c->f.nt; t++) {
            ((double *)c->sku[0].supply)[t] = ((double *)c->x->supply)[t] = HUGE_VAL;
            ((double *)c->f.budget_usd)[t] = ((double *)c->f.power_kw)[t] = HUGE_VAL;
        }
        c->sku[0].spares = c->sku[0].complexity_usd = 0;
        double *none = ARENA_ARRAY(a, double, c->f.nt); /* of several that are for sale only the incumbent: it is bought */
        for (size_t t = 0; t < c->f.nt; t++)
            none[t] = NAN;
        c->sku[0].rent_usd_h = c->sku[0].reserve_usd_h = none; /* bought as the challenger is */
        for (size_t k = 1; k < c->f.nk - 1; k++)
            c->sku[k].price_usd = c->sku[k].rent_usd_h = c->sku[k].reserve_usd_h = c->sku[k].lease_out_usd_h = none;
        check_close(entry(a, &c->q, &be_plain), c->sku[0].price_usd[0], 1e-3);
        for (size_t r = 0; r < MOAT_REASONS; r++)
            assert_false(be_handicap(a, &c->q, (enum moat_reason)r));
        struct moat m;
        struct err e = {0};
        assert_true(moat_find(a, &c->q, 0, 1, &m, &e));
        check_close(m.total_usd, 0, 1e-12);
        assert_int_equal(m.values, 1);
        arena_free(a);
    }
}

static void test_speed_and_supply(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct challenger *c = challenger_new(a, &tiny, seed);
        challenger_burden(a, c, 1.5);
        double last = 0;
        for (int i = 1; i <= 4; i++) {
            struct be_set s = be_plain;
            s.speed = i;
            double v = entry(a, &c->q, &s);
            assert_true(v >= last * (1 - 1e-3));
            last = v;
        }
        assert_true(last > 0);
        double before = entry(a, &c->q, &be_plain);
        for (int i = 0; i < 3; i++) { /* more of the incumbent */
            double *more = own(a, c->sku[0].supply, c->f.nt);
            for (size_t t = 0; t < c->f.nt; t++)
                more[t] *= 2;
            c->sku[0].supply = more;
            double v = entry(a, &c->q, &be_plain);
            assert_true(v <= before * (1 + 1e-3) + 1);
            before = v;
        }
    }
    arena_free(a);
}

/* Z1 is concave and does not fall with price. */
static void test_concave(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct challenger *c = challenger_new(a, &tiny, 2);
    challenger_burden(a, c, 2);
    struct be_contest t;
    struct err e = {0};
    double z[7], slope[7];
    assert_true(be_contest_begin(a, &c->q, &be_plain, NAN, &t, &e));
    for (int i = 0; i < 7; i++)
        assert_true(be_cost(&t, 5000.0 * (i + 1), &z[i], &slope[i], &e));
    for (int i = 1; i < 7; i++) {
        double near = 3e-5 * z[i];
        assert_true(z[i] >= z[i - 1] - near && slope[i] <= slope[i - 1] * (1 + 1e-2) + 1e-6);
        assert_true(z[i] <= z[i - 1] + 5000 * slope[i - 1] + near);
    }
    arena_free(a);
}

static double over_orders(const double *v, unsigned alive, size_t r)
{
    /* every order of the reasons, by recursion on those already there: the definition */
    double sum = 0;
    size_t orders = 0;
    unsigned order[MOAT_REASONS], n = 0;
    for (unsigned i = 0; i < MOAT_REASONS; i++)
        if (alive >> i & 1)
            order[n++] = i;
    unsigned at[MOAT_REASONS] = {0}, i = 0;
    for (;;) {
        unsigned s = 0;
        for (unsigned j = 0; j < n && order[j] != r; j++)
            s |= 1u << order[j];
        sum += v[s] - v[s | 1u << r], orders++;
        while (i < n && at[i] >= i) /* Heap's order */
            at[i++] = 0;
        if (i >= n)
            break;
        unsigned j = i % 2 ? at[i] : 0, x = order[j];
        order[j] = order[i], order[i] = x;
        at[i]++, i = 0;
    }
    return sum / (double)orders;
}

static void test_shapley(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct challenger *c = challenger_new(a, &tiny, 1);
    challenger_burden(a, c, 2);
    c->x->spares = c->x->complexity_usd = 0; /* five reasons: quick */
    for (size_t t = 0; t < c->f.nt; t++)
        ((double *)c->x->supply)[t] = c->sku[0].supply[t];
    struct moat m, again, sampled;
    struct err e = {0};
    assert_true(moat_find(a, &c->q, 0, 1, &m, &e));
    double sum = 0, v[1u << MOAT_REASONS];
    unsigned alive = 0;
    for (size_t r = 0; r < MOAT_REASONS; r++) {
        sum += m.part[r].shapley_usd;
        alive |= (unsigned)m.part[r].handicap << r;
        assert_true(m.part[r].handicap || m.part[r].shapley_usd == 0);
    }
    assert_true(m.handicaps >= 5 && m.total_usd > 0);
    check_close(sum, m.total_usd, 1e-9);
    for (unsigned s = 0; s < 1u << MOAT_REASONS; s++) {
        struct be_set set = be_plain;
        set.off = MOAT_ALL & ~s;
        v[s] = s & ~alive ? NAN : entry(a, &c->q, &set);
    }
    check_close(m.free_usd, v[0], 1e-3);
    check_close(m.full_usd, v[alive], 1e-3);
    for (size_t r = 0; r < MOAT_REASONS; r++)
        if (m.part[r].handicap) {
            check_close(m.part[r].shapley_usd + m.free_usd, over_orders(v, alive, r) + m.free_usd, 2e-3);
            check_close(m.part[r].alone_usd + m.free_usd, 2 * m.free_usd - v[1u << r], 2e-3);
        }
    c->q.threads = 2; /* the same bytes */
    assert_true(moat_find(a, &c->q, 0, 1, &again, &e));
    assert_memory_equal(&m.part, &again.part, sizeof m.part);
    assert_int_equal(m.solves, again.solves);
    assert_true(moat_find(a, &c->q, 60, 7, &sampled, &e));
    sum = 0;
    for (size_t r = 0; r < MOAT_REASONS; r++) {
        sum += sampled.part[r].shapley_usd;
        assert_true(fabs(sampled.part[r].shapley_usd - m.part[r].shapley_usd) <= 4 * sampled.part[r].error_usd + 2e-3 * m.free_usd);
    }
    check_close(sum, sampled.total_usd, 1e-9);
    arena_free(a);
}

static void test_answers(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct challenger *c = challenger_new(a, &tiny, 1);
    challenger_burden(a, c, 1.5);
    c->q.threads = 2;
    struct breakeven b;
    struct err e = {0};
    assert_true(breakeven_find(a, &c->q, &b, &e));
    /* the software budget is what a port may cost: with that port entry is a matter of nothing */
    double z1;
    struct be_set s = be_plain;
    s.free_port = true;
    struct fleet f = be_fleet(a, &c->q, &s);
    assert_true(be_least(a, &c->q, &f, 1, &z1, &e));
    check_close(b.software_usd.at, b.z0_usd - z1, 1e-12);
    check_close(b.z1_usd - b.port_usd, z1, 3e-5);
    if (b.software_usd.at > 1e4) {
        c->family[c->f.nf - 1].port_usd = b.software_usd.at;
        check_close(entry(a, &c->q, &be_plain), b.price_usd, 5e-3);
        c->family[c->f.nf - 1].port_usd = b.port_usd;
    }
    assert_true(b.enters == (b.z1_usd < b.z0_usd));
    assert_true(b.entry_usd.lo <= b.entry_usd.at * 1.001 && b.entry_usd.hi >= b.entry_usd.at * 0.999);
    assert_true(b.speed_x.lo >= b.speed_x.at * 0.999 && b.speed_x.hi <= b.speed_x.at * 1.001);
    assert_true(b.majority_usd.at <= b.entry_usd.at * 1.001);
    s = be_plain; /* at that speed it enters at the incumbent's price */
    s.speed = b.speed_x.at;
    assert_true(b.speed_x.at > 0 && isfinite(b.speed_x.at));
    check_close(entry(a, &c->q, &s), b.incumbent_price_usd, 5e-3);
    if (isfinite(b.maturity.at)) {
        s = be_plain;
        s.maturity = b.maturity.at;
        check_close(entry(a, &c->q, &s), b.price_usd, 5e-3);
    }
    for (size_t i = 1; i < BE_SPEEDS; i++)
        assert_true(b.by_speed[i].entry_usd >= b.by_speed[i - 1].entry_usd * (1 - 1e-3));
    for (size_t i = 1; i < BE_MATURITIES; i++)
        assert_true(b.by_maturity[i].entry_usd >= b.by_maturity[i - 1].entry_usd * (1 - 1e-3));
    for (size_t i = 1; i < BE_SUPPLIES; i++)
        for (size_t j = 0; j < BE_LEADS; j++)
            assert_true(b.by_supply[i].entry_usd[j] >= b.by_supply[i - 1].entry_usd[j] * (1 - 1e-3));
    assert_true(b.waiting_usd >= 0 && b.first_purchase >= -1 && b.first_purchase < (int)c->f.nt);
    for (size_t k = 0; k < c->f.nk; k++)
        assert_true(b.loser[k].why == LOST_BOUGHT || b.loser[k].why == LOST_UNPRICED || !isnan(b.loser[k].entry_usd));
    arena_free(a);
}

static void test_refused(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct challenger *c = challenger_new(a, &tiny, 1);
    struct breakeven b;
    struct err e = {0};
    for (size_t w = 0; w < c->f.nw; w++)
        memset(c->rate[w], 0, c->f.nt * sizeof(double));
    assert_false(breakeven_find(a, &c->q, &b, &e));
    assert_non_null(strstr(e.what, "none of the work"));
    for (size_t t = 0; t < c->f.nt; t++)
        ((double *)c->x->price_usd)[t] = NAN;
    assert_false(breakeven_find(a, &c->q, &b, &e));
    assert_non_null(strstr(e.what, "needs a price"));
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_closed_form),     cmocka_unit_test(test_clone),
                                       cmocka_unit_test(test_speed_and_supply), cmocka_unit_test(test_concave),
                                       cmocka_unit_test(test_shapley),         cmocka_unit_test(test_answers),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
