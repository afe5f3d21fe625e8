/* Questions at the edge of the planner: rejected requests, spares, closed loops, everything queued, order of promises. */
#include "check.h"

#include "fixture.h"

#define TRAFFIC "model: llama-3.1-8b\ntraffic: {preset: azure-2023-conv, requests: 3000, rate: 20/s}\n"
#define SLO "slo: {ttft: {p99: 2s}, tpot: {p99: 60ms}}\n"

/* Requests that do not fit are infinitely late: more of them than a promise allows cannot be planned away. */
static void rejected_requests_count(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, TRAFFIC SLO "accelerators: [h100, l40s]\nmax_context: 4096\n", 2);
    assert_false(p->answered);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(p->cand[i].binding, BIND_MEMORY);
    p = world_plan(&w, TRAFFIC "accelerators: [l40s]\nmax_context: 100\n", 1);      /* no promise at all: still no service */
    assert_false(p->answered);
    arena_free(w.a);
}

static void spares_are_paid_and_draw_power(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *none = world_plan(&w, TRAFFIC SLO "accelerators: [l40s]\n", 1);
    struct plan *two = world_plan(&w, TRAFFIC SLO "accelerators: [l40s]\nspares: 2\n", 1);
    assert_int_equal(two->best->spares, 2);
    assert_true(two->best->devices > none->best->devices);
    assert_true(two->best->power_w > none->best->power_w);
    /* Pinning any split gives nothing cheaper than what was chosen with the spares in mind. */
    for (int tp = 1; tp <= 4; tp *= 2) {
        char yaml[400];
        snprintf(yaml, sizeof yaml, "%saccelerators: [l40s]\nspares: 2\ntp: %d\npp: 1\n", TRAFFIC SLO, tp);
        struct plan *pinned = world_plan(&w, yaml, 1);
        if (pinned->answered)
            assert_true(pinned->best->usd_h >= two->best->usd_h - 1e-9);
    }
    arena_free(w.a);
}

static void owned_cards_are_not_invented(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, TRAFFIC SLO "have: {l40s: 2}\nspares: 1\naccelerators: [h100]\n", 1);
    assert_int_equal(p->nowned, 1);
    assert_true(p->owned[0].c.devices <= 2);
    assert_int_equal(p->owned[0].c.billed_devices, 0);
    arena_free(w.a);
}

#define LOOP "model: llama-3.1-8b\ntraffic: {preset: azure-2023-conv, requests: 2000, concurrency: 128}\n" \
             "slo: {tpot: {p99: 60ms}}\n"

static void closed_loop_is_shared_by_clients(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *rent = world_plan(&w, LOOP "accelerators: [l40s]\n", 1);
    assert_true(rent->answered);
    assert_true(rent->best->usd_mtok > 0);      /* priced by what the fleet reached: there is no rate */
    char yaml[400];
    snprintf(yaml, sizeof yaml, "%shave: {l40s: %d}\naccelerators: [l40s]\n", LOOP, rent->best->devices * 2);
    struct plan *own = world_plan(&w, yaml, 1);
    assert_true(own->owned_share_frac > 0.99);
    arena_free(w.a);
}

static void a_pile_is_not_a_growing_queue(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, "model: llama-3.1-8b\nslo: batch\naccelerators: [h100]\n"
                                    "traffic: {arrivals: {process: all-at-once}, requests: 3000, prompt_tokens: 900, "
                                    "output_tokens: 150}\n", 1);
    assert_true(p->answered);
    assert_int_equal(p->best->devices, 1);
    arena_free(w.a);
}

static void order_of_promises_is_nothing(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *a = world_plan(&w, TRAFFIC "accelerators: [h100]\nslo: {itl: {p99: 150ms, p50: 30ms}}\n", 1);
    struct plan *b = world_plan(&w, TRAFFIC "accelerators: [h100]\nslo: {itl: {p50: 30ms, p99: 150ms}}\n", 1);
    struct plan *c = world_plan(&w, TRAFFIC "accelerators: [h100]\nslo: {itl: {p99: 150ms}}\n", 1);
    assert_true(a->answered && b->answered && c->answered);
    check_close(a->best->usd_h, b->best->usd_h, 0);
    assert_true(c->best->usd_h <= a->best->usd_h);              /* a stricter set never costs less */
    arena_free(w.a);
}

static void intervals_hold_their_point(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, TRAFFIC SLO "accelerators: [h100, l40s, a10, mi300x, l4, t4]\n", 2);
    for (size_t i = 0; i < p->nfeasible; i++) {
        const struct span *s[] = {&p->cand[i].ttft_p50, &p->cand[i].ttft_p99, &p->cand[i].tpot_p50, &p->cand[i].tpot_p99};
        for (size_t k = 0; k < 4; k++)
            assert_true(s[k]->lo <= s[k]->at && s[k]->at <= s[k]->hi);
    }
    arena_free(w.a);
}

static void small_traffic_is_robust_too(void **state)
{
    (void)state;
    struct world w = world_open();
    struct plan *p = world_plan(&w, "model: llama-3.1-8b\ntraffic: {preset: azure-2023-conv, requests: 1000, rate: 20/s}\n" SLO
                                    "accelerators: [l40s]\n", 1);
    assert_true(p->best->replicas_robust >= p->best->replicas);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rejected_requests_count),
        cmocka_unit_test(spares_are_paid_and_draw_power),
        cmocka_unit_test(owned_cards_are_not_invented),
        cmocka_unit_test(closed_loop_is_shared_by_clients),
        cmocka_unit_test(a_pile_is_not_a_growing_queue),
        cmocka_unit_test(order_of_promises_is_nothing),
        cmocka_unit_test(intervals_hold_their_point),
        cmocka_unit_test(small_traffic_is_robust_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
