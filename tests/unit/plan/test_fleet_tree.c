/* test_fleet_tree.c - fleets under an uncertain future: closed forms of two futures, values of knowing, risk, and what
** break-even asks; random fleets obey their rows as a reader would check them. */
#include "check.h"

#include "base/err.h"
#include "plain_fleet.h"
#include "random_fleet.h"

static struct fleet_plan solved(struct arena *a, const struct fleet *f, const struct fleet_limits *lim)
{
    struct fleet_plan plan;
    struct err e = {0};
    if (!fleet_solve(a, f, lim, NULL, &plan, &e)) {
        print_error("%s: %s\n", e.place, e.what);
        fail();
    }
    return plan;
}

/* One period to order, then 100 with chance q or 0; $1000 a card, worth $600 back, rent $2000. The newsvendor. */
static struct plain *two_futures(struct arena *a, double q)
{
    struct plain *p = plain_tree(a, 1, 1, 2, 1, 3, 0);
    p->node[1] = (struct fleet_node){"boom", 0, 1, q}, p->node[2] = (struct fleet_node){"bust", 0, 1, 1 - q};
    ((int *)p->sku[0].lead)[0] = 1;
    SET(p->sku[0].price_usd, 1, NAN), SET(p->sku[0].rent_usd_h, 1, 2000);
    for (size_t n = 0; n < 3; n++)
        SET(p->sku[0].resale_usd, n, 600);
    SET(p->work[0].demand, 1, 100);
    return p;
}

static void test_newsvendor(void **state)
{
    (void)state;
    for (int i = 1; i < 10; i++) {
        struct arena *a = arena_new();
        struct err e = {0};
        double q = 0.1 * i;
        struct plain *p = two_futures(a, q);
        struct fleet_plan plan = solved(a, &p->f, &exact);
        double buy = 1000 - (1 - q) * 600, rent = q * 2000; /* a card, in the mean */
        check_close(plan.npv_usd, 100 * fmin(buy, rent), 1e-9);
        check_close(plan.expected_usd, plan.npv_usd, 1e-12);
        struct fleet_values v;
        assert_true(fleet_values(a, &p->f, &plan, &exact, &v, &e));
        double known = q * 100 * 1000; /* the mean future wants 100 q cards: the rest is rented in a boom */
        double eev = 100 * q * 1000 - (1 - q) * 100 * q * 600 + q * (100 - 100 * q) * 2000;
        check_close(v.evpi_usd, plan.npv_usd - known, 1e-7);
        check_close(v.vss_usd + 1, eev - plan.npv_usd + 1, 1e-7);
        assert_true(isnan(v.elasticity_usd) && isnan(v.generality_usd));
        arena_free(a);
    }
}

static void test_risk(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct plain *p = two_futures(a, 0.2); /* bought: 1000 or 400, mean 520; rented: 2000 or 0, mean 400 */
    struct fleet_plan plan = solved(a, &p->f, &exact);
    check_close(plan.npv_usd, 40000, 1e-9);
    check_close(plan.scenario_usd[0], 200000, 1e-9);
    p->f.risk = RISK_CVAR, p->f.cvar_tail_frac = 0.2, p->f.cvar_weight = 1;
    plan = solved(a, &p->f, &exact);
    check_close(plan.npv_usd, 100000, 1e-7); /* the dearest fifth: bought */
    check_close(plan.expected_usd, 52000, 1e-7);
    p->f.cvar_weight = 0.1; /* 0.9 x 520 + 0.1 x 1000 = 568; 0.9 x 400 + 0.1 x 2000 = 560 */
    plan = solved(a, &p->f, &exact);
    check_close(plan.npv_usd, 56000, 1e-7);
    p->f.risk = RISK_REGRET; /* best known: 1000 or 0. Of x cards bought: 1000 (1 - x), 400 x: x = 5/7 */
    plan = solved(a, &p->f, &exact);
    check_close(plan.owned[1], 500 / 7.0, 1e-6);
    check_close(plan.npv_usd, 400 * 500 / 7.0 + plan.expected_usd / 1000, 1e-6);
    arena_free(a);
}

/* A ban costs, forcing costs, an own price of today is no news; d cost / d price is the cards bought. */
static void test_hooks(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct fleet_shape shape = {.skus = 3,
                                .periods = 3,
                                .works = 2,
                                .blocks = 2,
                                .campaigns = 1,
                                .families = 3,
                                .branches = 1,
                                .scale = 400,
                                .node_cards = 8};
    struct fleet *f = random_fleet(a, &shape, 5);
    struct fleet_model *m;
    struct fleet_plan plan, other;
    struct err e = {0};
    assert_true(fleet_model_new(a, f, NULL, &m, &e) && fleet_model_solve(m, a, &exact, &plan, &e));
    check_close(plan.npv_usd, solved(a, f, &exact).npv_usd, 1e-9);
    for (size_t k = 0; k < 3; k++) {
        fleet_model_ban(m, k, true);
        assert_true(fleet_model_solve(m, a, &exact, &other, &e));
        assert_true(other.npv_usd >= plan.npv_usd * (1 - 1e-9) && !other.approved[k]);
        for (size_t n = 0; n < f->nn; n++)
            assert_true(other.bought[n * 3 + k] == 0 && other.owned[n * 3 + k] == 0);
        fleet_model_ban(m, k, false);
        fleet_model_force(m, k, true);
        assert_true(fleet_model_solve(m, a, &exact, &other, &e));
        assert_true(other.npv_usd >= plan.npv_usd * (1 - 1e-9) && other.approved[k]);
        if (plan.approved[k])
            check_close(other.npv_usd, plan.npv_usd, 1e-7);
        fleet_model_force(m, k, false);
        double price[3], cards = fleet_plan_cards_bought(f, &plan, k);
        for (size_t t = 0; t < 3; t++)
            price[t] = f->sku[k].price_usd[t] + 10;
        fleet_model_price(m, k, price);
        assert_true(fleet_model_solve(m, a, &exact, &other, &e));
        assert_true(other.npv_usd >= plan.npv_usd * (1 - 1e-9) &&
                    other.npv_usd <= plan.npv_usd + 10 * cards + 1e-6 * plan.npv_usd);
        if (cards > 0)
            check_close(other.npv_usd - plan.npv_usd, 10 * cards, 0.05);
        fleet_model_price(m, k, f->sku[k].price_usd);
    }
    fleet_model_port(m, 2, 1e9);
    assert_true(fleet_model_solve(m, a, &exact, &other, &e));
    assert_false(other.ported[2]);
    assert_true(other.npv_usd >= plan.npv_usd * (1 - 1e-9));
    arena_free(a);
}

/* The plan obeys what its header says, counted from its arrays alone. */
static void obeys(const struct fleet *f, const struct fleet_plan *p)
{
    double mean = 0, parts = 0, work = 0;
    for (size_t n = 0; n < f->nn; n++) {
        size_t t = (size_t)f->node[n].period;
        int up = f->node[n].parent;
        double kw = 0;
        for (size_t k = 0; k < f->nk; k++) {
            const struct fleet_sku *s = &f->sku[k];
            size_t i = n * f->nk + k;
            double arrive = 0;
            for (int d = 0, at = (int)n; at >= 0; at = f->node[at].parent, d++)
                if (s->lead[f->node[at].period] == d)
                    arrive += p->bought[(size_t)at * f->nk + k];
            double want = (up < 0 ? s->stock : p->owned[(size_t)up * f->nk + k]) + arrive - p->sold[i];
            assert_true(fabs(p->owned[i] - want) <= 1e-6 * fmax(1, want));
            assert_true(p->bought[i] <= s->supply[t] * (1 + 1e-9));
            kw += p->owned[i] * s->kw * f->pue;
            for (size_t b = 0; b < f->nb; b++) {
                size_t j = (n * f->nb + b) * f->nk + k;
                double have = s->avail_frac * (p->owned[i] + p->reserved[i]) + p->on_demand[j], used = p->leased_out[j];
                for (size_t w = 0; w < f->nw; w++)
                    used += p->assign[j * f->nw + w];
                for (size_t c = 0; c < f->nc; c++)
                    used += p->campaign_sku[n * f->nc + c] == (int)k ? p->campaign_cards[n * f->nc + c] : 0;
                if (p->in_service[i])
                    used += s->spares;
                assert_true(used <= have + 1e-5 * fmax(1, have));
                assert_true(p->on_demand[j] + p->reserved[i] <= s->rent_cap[t] * (1 + 1e-6) + 1e-6);
            }
            if (s->node_cards > 1 && p->rounding_usd != 0)
                assert_true(fabs(remainder(p->owned[i] - s->stock, s->node_cards)) < 1e-6 || p->owned[i] < 1e-6);
        }
        assert_true(kw <= f->power_kw[t] * (1 + 1e-6));
        for (size_t w = 0; w < f->nw; w++)
            for (size_t b = 0; b < f->nb; b++) {
                size_t i = (n * f->nb + b) * f->nw + w;
                double got = p->unmet[i] + p->tokens[i], want = f->work[w].demand[n * f->nb + b];
                for (size_t k = 0; k < f->nk; k++)
                    got += p->assign[((n * f->nb + b) * f->nk + k) * f->nw + w] * f->work[w].rate[k * f->nt + t];
                assert_true(fabs(got - want) <= 1e-5 * fmax(1, want));
            }
        assert_true(p->idle_frac[n] >= 0 && p->idle_frac[n] <= 1);
    }
    for (size_t s = 0; s < p->nleaf; s++)
        mean += f->node[p->leaf[s]].probability * p->scenario_usd[s];
    for (int i = 0; i < FLEET_PARTS; i++)
        parts += p->part_usd[i];
    for (size_t w = 0; w < f->nw; w++)
        work += p->work_usd[w];
    for (size_t c = 0; c < f->nc; c++)
        work += p->campaign_usd[c];
    check_close(mean, p->expected_usd, 1e-9);
    check_close(parts, p->expected_usd, 1e-9);
    assert_true(work <= p->expected_usd * (1 + 1e-6));
    assert_true(p->bound_usd <= p->npv_usd * (1 + 1e-9));
}

static void test_random(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        struct arena *a = arena_new();
        struct fleet_shape shape = {.skus = 4,
                                    .periods = 4,
                                    .works = 3,
                                    .blocks = 2,
                                    .campaigns = 1,
                                    .families = 3,
                                    .branches = seed % 2,
                                    .scale = 600,
                                    .node_cards = 8,
                                    .spares = seed % 3 ? 4 : 0};
        struct fleet *f = random_fleet(a, &shape, seed);
        f->entry_by_node = seed == 3;
        struct fleet_limits lim = {.gap_frac = 0.002, .nodes = 5000, .wall_s = 200, .round = true};
        struct fleet_plan plan = solved(a, f, &lim), again = solved(a, f, &lim);
        assert_int_equal(plan.status, FLEET_OPTIMAL);
        assert_true(plan.reproducible && plan.worst_row_frac < 1e-6);
        obeys(f, &plan);
        assert_memory_equal(plan.owned, again.owned, f->nn * f->nk * sizeof(double));
        assert_memory_equal(plan.assign, again.assign, f->nn * f->nb * f->nk * f->nw * sizeof(double));
        assert_true(plan.npv_usd == again.npv_usd && plan.bound_usd == again.bound_usd);
        struct fleet_sku *sku = (struct fleet_sku *)f->sku; /* dearer cards: no cheaper fleet */
        double *price = ARENA_ARRAY(a, double, f->nt);
        for (size_t t = 0; t < f->nt; t++)
            price[t] = 1.2 * sku[0].price_usd[t];
        sku[0].price_usd = price;
        struct fleet_limits tight = exact;
        assert_true(solved(a, f, &tight).npv_usd >= plan.bound_usd * (1 - 1e-9));
        arena_free(a);
    }
}

static void test_values(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct fleet_shape shape = {.skus = 3,
                                .periods = 4,
                                .works = 3,
                                .blocks = 2,
                                .campaigns = 1,
                                .families = 3,
                                .branches = 1,
                                .scale = 600,
                                .node_cards = 8,
                                .spares = 4};
    struct fleet *f = random_fleet(a, &shape, 11);
    struct fleet_limits lim = {.gap_frac = 1e-6, .nodes = 20000, .wall_s = 200};
    struct fleet_plan plan = solved(a, f, &lim);
    struct fleet_values v;
    struct err e = {0};
    assert_true(fleet_values(a, f, &plan, &lim, &v, &e));
    assert_true(v.vss_usd >= 0 && v.evpi_usd >= 0 && v.elasticity_usd >= 0 && v.unify_usd >= 0);
    assert_true(v.generality_usd >=
                v.elasticity_usd - v.slack_usd); /* works of training are a class of their own here */
    assert_true(v.slack_usd < 1e-3 * plan.npv_usd && v.solves == 9);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_newsvendor), cmocka_unit_test(test_risk),
                                       cmocka_unit_test(test_hooks), cmocka_unit_test(test_random),
                                       cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
