/* test_collective.c - links by topology, and collectives inside a node and across nodes. */
#include "fixture.h"

#include "speed/collective.h"

static void links_by_topology(void **state)
{
    (void)state;
    struct accelerator h100 = acc_h100(), mi300x = acc_mi300x(), card = acc_rtx4090(), bridged = card;
    check_close(link_bytes_s(&h100, 2), 450e9, 0);
    check_close(link_bytes_s(&h100, 8), 450e9, 0);
    /* full mesh: two devices see one link, eight see all seven */
    check_close(link_bytes_s(&mi300x, 2), 64e9, 0);
    check_close(link_bytes_s(&mi300x, 4), 192e9, 0);
    check_close(link_bytes_s(&mi300x, 8), 448e9, 0);
    mi300x.scaleup.per_peer_bytes_s = 0; /* not given: an equal share of the total */
    check_close(link_bytes_s(&mi300x, 2), 64e9, 1e-12);
    check_close(link_bytes_s(&card, 2), 32e9, 0);
    bridged.scaleup = (struct link){TOPO_BRIDGE, "NVLink bridge", 56e9, 56e9, 2};
    check_close(link_bytes_s(&bridged, 2), 56e9, 0);
    check_close(link_bytes_s(&bridged, 4), 32e9, 0);
    assert_int_equal(link_node(&h100), 8);
    assert_int_equal(link_node(&card), 8);
    h100.scaleup.domain = 72;
    assert_int_equal(link_node(&h100), 72);
}

static void all_reduce_by_hand(void **state)
{
    (void)state;
    struct accelerator h100 = acc_h100();
    struct stack s = stack_plain("vllm");
    struct op_time t = op_collective(&h100, &s, COLL_ALL_REDUCE, 8, 64e6);
    check_close(t.t_s, 4.8e-6 + 3 * 0.45e-6 + 2 * 64e6 * 7 / 8 / (450e9 * 0.6), 1e-12);
    assert_int_equal(t.bound, BOUND_LINK);
    t = op_collective(&h100, &s, COLL_ALL_REDUCE, 8, 1024);
    assert_int_equal(t.bound, BOUND_FIXED);
    t = op_collective(&h100, &s, COLL_ALL_GATHER, 4, 64e6);
    check_close(t.t_s, 5.4e-6 + 2 * 2.7e-6 + 64e6 * 3 / 4 / (450e9 * 0.48), 1e-12);
    t = op_collective(&h100, &s, COLL_P2P, 8, 1e6);
    check_close(t.t_s, 6.8e-6 + 1e6 / (450e9 * 0.7), 1e-12);
    check_close(op_collective(&h100, &s, COLL_ALL_REDUCE, 1, 1e6).t_s, 0, 0);
}

/* 16 devices are two nodes: scatter and gather inside, then an eighth of the bytes across. */
static void two_nodes_are_hierarchical(void **state)
{
    (void)state;
    struct accelerator h100 = acc_h100();
    struct stack s = stack_plain("vllm");
    double bytes = 64e6;
    double inside =
        5.3e-6 + 3 * 2.5e-6 + bytes * 7 / 8 / (450e9 * 0.51) + 5.4e-6 + 3 * 2.7e-6 + bytes * 7 / 8 / (450e9 * 0.48);
    double across = 14e-6 + 5e-6 + 2 * 0.5 * bytes / 8 / (50e9 * 0.8);
    check_close(op_collective(&h100, &s, COLL_ALL_REDUCE, 16, bytes).t_s, inside + across, 1e-12);
    for (int k = COLL_ALL_REDUCE; k <= COLL_P2P; k++)
        assert_true(op_collective(&h100, &s, (enum collective)k, 16, bytes).t_s >
                    op_collective(&h100, &s, (enum collective)k, 8, bytes).t_s);
}

static void more_bytes_are_never_faster(void **state)
{
    (void)state;
    struct accelerator mi300x = acc_mi300x();
    struct stack s = stack_plain("vllm");
    for (int k = COLL_ALL_REDUCE; k <= COLL_P2P; k++)
        for (int n = 2; n <= 64; n *= 2) {
            double last = 0;
            for (double b = 64; b < 1e9; b *= 3) {
                double t = op_collective(&mi300x, &s, (enum collective)k, n, b).t_s;
                assert_true(t > last);
                last = t;
            }
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(links_by_topology),
        cmocka_unit_test(all_reduce_by_hand),
        cmocka_unit_test(two_nodes_are_hierarchical),
        cmocka_unit_test(more_bytes_are_never_faster),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
