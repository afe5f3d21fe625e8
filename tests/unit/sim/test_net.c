/* Transfers by hand: 1 byte a nanosecond is a NIC of 1 GB/s. */
#include "check.h"
#include "base/arena.h"
#include "sim/net.h"
#include "speed/step.h"

static struct net fabric(struct arena *a, const double *gb_s, uint32_t nics, uint32_t flows)
{
    struct net n;
    net_init(&n, a, nics, flows);
    for (uint32_t i = 0; i < nics; i++)
        n.nic_q20[i] = net_rate_q20(gb_s[i] * 1e9);
    return n;
}

static void start(struct net *n, uint32_t id, uint32_t from, uint32_t to, double bytes, int64_t latency_ns, int64_t now_ns)
{
    n->flow[id].from = from, n->flow[id].to = to;
    n->flow[id].cap_q20 = n->flow[id].cap_q20 ? n->flow[id].cap_q20 : net_rate_q20(1e12);
    net_start(n, id, bytes, latency_ns, now_ns);
}

/* Runs until a flow ends; its number. */
static uint32_t next_end(struct net *n, int64_t *t_ns)
{
    uint32_t id;
    do
        *t_ns = net_next_ns(n);
    while (!net_event(n, &id));
    return id;
}

static void ends_at(struct net *n, uint32_t id, int64_t at_ns)
{
    int64_t t;
    assert_int_equal(next_end(n, &t), id);
    assert_int_equal(t, at_ns);
}

static void alone(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct net n = fabric(a, (double[]){1, 2}, 2, 1);
    start(&n, 0, 0, 1, 1000, 50, 7);
    ends_at(&n, 0, 1057);
    assert_true(net_next_ns(&n) == INT64_MAX && n.nmoving == 0);
    n.flow[0].cap_q20 = net_rate_q20(0.25e9); /* the sequence is on a part of the devices */
    start(&n, 0, 0, 1, 1000, 0, 2000);
    ends_at(&n, 0, 6000);
    arena_free(a);
}

static void two_share_a_sender(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct net n = fabric(a, (double[]){1, 9, 9}, 3, 2);
    start(&n, 0, 0, 1, 1000, 0, 0);
    start(&n, 1, 0, 2, 1500, 0, 0);
    ends_at(&n, 0, 2000); /* both at a half */
    ends_at(&n, 1, 2500); /* its last 500 alone */
    arena_free(a);
}

static void one_comes_later(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct net n = fabric(a, (double[]){9, 9, 1}, 3, 2);
    int64_t t;
    uint32_t id;
    start(&n, 0, 0, 2, 1000, 0, 0);
    assert_false(net_event(&n, &id));
    start(&n, 1, 1, 2, 1000, 100, 400); /* moves from 500 on, when 500 are left of the first */
    assert_int_equal(next_end(&n, &t), 0);
    assert_int_equal(t, 1500);
    ends_at(&n, 1, 2000);
    arena_free(a);
}

/* A -> X, A -> Y, B -> X with NICs A 10, B 10, X 10, Y 4: A -> Y gets 4, the other two 5. */
static void max_min(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct net n = fabric(a, (double[]){10, 10, 10, 4}, 4, 3);
    uint32_t id;
    start(&n, 0, 0, 2, 1e6, 0, 0);
    start(&n, 1, 0, 3, 1e6, 0, 0);
    start(&n, 2, 1, 2, 1e6, 0, 0);
    for (int i = 0; i < 3; i++)
        assert_false(net_event(&n, &id));
    assert_int_equal(n.flow[0].rate_q20, 5 * Q20);
    assert_int_equal(n.flow[1].rate_q20, 4 * Q20);
    assert_int_equal(n.flow[2].rate_q20, 5 * Q20);
    ends_at(&n, 0, 200000);
    assert_int_equal(n.flow[1].rate_q20, 4 * Q20); /* the others go on: Y is full, B is alone with X */
    assert_int_equal(n.flow[2].rate_q20, 10 * Q20);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone),
        cmocka_unit_test(two_share_a_sender),
        cmocka_unit_test(one_comes_later),
        cmocka_unit_test(max_min),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
