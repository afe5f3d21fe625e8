/* test_prefix.c - the tree of cached prompts and its queue, by hand; and the routers that look at them. */
#include "check.h"
#include "sim/prefix.h"
#include "world.h"

struct box { struct arena *a; struct prefix p; struct traffic t; struct request q[8]; int64_t used; };

/* Hash blocks of 4 tokens, engine blocks of 2: two to a node. */
static void begin(struct box *b, int64_t blocks, int hash_tok, int block_tok)
{
    static uint64_t id[] = {1, 2, 3, 1, 2, 4, 1, 9, 3, 1, 2, 3};
    *b = (struct box){.a = arena_new()};
    b->t = (struct traffic){.block = id, .nblock = 12, .block_tok = hash_tok};
    for (uint32_t i = 0; i < 4; i++) /* ABC ABD AEC ABC */
        b->q[i] = (struct request){.in_tok = 3 * hash_tok, .block = 3 * i, .nblock = 3};
    prefix_init(&b->p, b->a, &b->t, block_tok, blocks);
}

/* A request comes; gives the engine blocks it found. */
static int64_t come(struct box *b, int i, struct prefix_path *path)
{
    int64_t idle, all = b->q[i].in_tok / b->p.block_tok;
    *path = prefix_find(&b->p, &b->q[i], b->q[i].in_tok - 1, &idle);
    int64_t hit = path->blocks;
    assert_int_equal(prefix_hold(&b->p, path), idle);
    prefix_take(&b->p, all - hit);
    struct prefix_change c = prefix_publish(&b->p, path, &b->q[i], b->q[i].in_tok);
    prefix_give(&b->p, c.spare);
    return hit;
}

static int64_t would_find(const struct box *b, int i)
{
    int64_t idle;
    return prefix_find(&b->p, &b->q[i], b->q[i].in_tok, &idle).blocks;
}

static void prompts_share_what_they_begin_with(void **state)
{
    (void)state;
    struct box b;
    struct prefix_path first, second, third, again;
    begin(&b, 100, 4, 2);
    assert_int_equal(come(&b, 0, &first), 0);
    assert_int_equal(come(&b, 1, &second), 4);
    assert_int_equal(come(&b, 2, &third), 2); /* the same id behind another prefix is another block */
    assert_int_equal(come(&b, 3, &again), 5); /* never the last token, so never its block */
    assert_int_equal(b.p.held, 12); /* A B C D E C: six nodes of two */
    assert_int_equal(b.p.nprompt, 6);
    assert_int_equal(prefix_release(&b.p, &first), 0); /* `again` holds the same */
    assert_int_equal(prefix_release(&b.p, &again), 2);
    assert_int_equal(prefix_release(&b.p, &second), 4);
    assert_int_equal(prefix_release(&b.p, &third), 6);
    assert_int_equal(b.p.held, 0);
    assert_int_equal(would_find(&b, 0), 6);
    arena_free(b.a);
}

static void the_oldest_goes_first_and_its_end_before_its_beginning(void **state)
{
    (void)state;
    struct box b;
    struct prefix_path path;
    begin(&b, 12, 4, 2);
    come(&b, 0, &path);
    prefix_release(&b.p, &path);
    come(&b, 2, &path); /* A from the cache; E and C take the last four nameless blocks */
    prefix_release(&b.p, &path);
    prefix_take(&b.p, 2); /* the two that were never used */
    assert_int_equal(would_find(&b, 0), 6);
    prefix_take(&b.p, 1); /* half of C behind AB */
    assert_int_equal(would_find(&b, 0), 5);
    prefix_take(&b.p, 3); /* the rest of C, and B */
    assert_int_equal(would_find(&b, 0), 2);
    assert_int_equal(would_find(&b, 2), 6);
    prefix_give(&b.p, 6);
    prefix_take(&b.p, 5); /* C and E behind A, and half of A */
    assert_int_equal(would_find(&b, 2), 1);
    prefix_take(&b.p, 1);
    assert_int_equal(would_find(&b, 2), 0);
    assert_int_equal(b.p.nprompt, 0);
    arena_free(b.a);
}

/* A node that lost its end is filled up by the next that comes by. */
static void half_a_node_is_filled_again(void **state)
{
    (void)state;
    struct box b;
    struct prefix_path one, two;
    begin(&b, 6, 4, 2);
    come(&b, 0, &one);
    prefix_release(&b.p, &one);
    prefix_take(&b.p, 1);
    prefix_give(&b.p, 1);
    assert_int_equal(come(&b, 3, &two), 5);
    assert_int_equal(b.p.held, 6);
    assert_int_equal(prefix_release(&b.p, &two), 6);
    assert_int_equal(would_find(&b, 0), 6);
    arena_free(b.a);
}

/* Any two sizes: engine blocks belong to the hash block they end in. */
static void block_sizes_need_not_divide(void **state)
{
    (void)state;
    static const struct { int hash_tok, block_tok; int64_t ab; } row[] = {
        {4, 2, 4}, {4, 3, 2}, {4, 5, 1}, {4, 8, 1}, {4, 16, 0}, {7, 2, 7}, {16, 16, 2}, {1, 2, 1}, {512, 16, 64},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct box b;
        struct prefix_path one, two;
        begin(&b, 1000, row[i].hash_tok, row[i].block_tok);
        come(&b, 0, &one);
        assert_int_equal(would_find(&b, 0), 3 * row[i].hash_tok / row[i].block_tok);
        assert_int_equal(come(&b, 1, &two), row[i].ab);
        prefix_release(&b.p, &one);
        prefix_release(&b.p, &two);
        assert_int_equal(b.p.held, 0);
        arena_free(b.a);
    }
}

static void a_preempted_request_finds_what_is_left_of_its_own(void **state)
{
    (void)state;
    struct box b;
    begin(&b, 20, 4, 2);
    prefix_take(&b.p, 20);
    uint32_t kept = prefix_keep(&b.p, 8);
    prefix_give(&b.p, 12);
    prefix_take(&b.p, 3);
    assert_int_equal(prefix_kept(&b.p, kept), 5);
    prefix_rescue(&b.p, kept, 4); /* the fifth is no use to it, and keeps its turn */
    prefix_take(&b.p, 1 + 12);
    assert_true(b.p.head == NO_NODE && b.p.tail == NO_NODE);
    assert_int_equal(prefix_kept(&b.p, NO_NODE), 0);
    kept = prefix_keep(&b.p, 2);
    prefix_take(&b.p, 2);
    assert_int_equal(prefix_kept(&b.p, kept), 0);
    prefix_rescue(&b.p, kept, 0);
    arena_free(b.a);
}

/* What the device forgets is in host memory, what that has no room for on the disk, and then nowhere. */
static void tiers_take_what_is_forgotten(void **state)
{
    (void)state;
    struct box b;
    struct prefix_path path;
    int64_t load[PREFIX_TIERS], idle;
    begin(&b, 6, 4, 2);
    b.p.tier[PREFIX_HOST].room = 4;
    b.p.tier[PREFIX_DISK].room = 2;
    come(&b, 0, &path); /* ABC */
    prefix_release(&b.p, &path);
    prefix_take(&b.p, 1); /* half of C: all of it is below then */
    path = prefix_find(&b.p, &b.q[0], 12, &idle);
    prefix_below(&b.p, &b.q[0], 12, &path, load);
    assert_true(path.blocks == 5 && load[PREFIX_HOST] == 1 && load[PREFIX_DISK] == 0);
    prefix_take(&b.p, 3); /* the rest, and B: the host is full */
    path = prefix_find(&b.p, &b.q[0], 12, &idle);
    prefix_below(&b.p, &b.q[0], 12, &path, load);
    assert_true(path.blocks == 2 && load[PREFIX_HOST] == 4);
    prefix_take(&b.p, 2); /* A pushes C onto the disk */
    path = prefix_find(&b.p, &b.q[0], 12, &idle);
    prefix_below(&b.p, &b.q[0], 12, &path, load);
    assert_true(path.blocks == 0 && path.leaf == NO_NODE && load[PREFIX_HOST] == 4 && load[PREFIX_DISK] == 2);
    prefix_below(&b.p, &b.q[0], 11, &path, load);
    assert_true(load[PREFIX_HOST] == 4 && load[PREFIX_DISK] == 1);
    prefix_below(&b.p, &b.q[1], 12, &path, load); /* ABD */
    assert_true(load[PREFIX_HOST] == 4 && load[PREFIX_DISK] == 0);
    prefix_give(&b.p, 6);
    come(&b, 2, &path); /* AEC, computed again */
    prefix_release(&b.p, &path);
    prefix_take(&b.p, 6); /* C, E, A in turn: B goes down, C before it for good; then C, of this prompt, B */
    path = prefix_find(&b.p, &b.q[2], 12, &idle);
    prefix_below(&b.p, &b.q[2], 12, &path, load);
    assert_true(load[PREFIX_HOST] == 4 && load[PREFIX_DISK] == 2);
    path = prefix_find(&b.p, &b.q[0], 12, &idle);
    prefix_below(&b.p, &b.q[0], 12, &path, load);
    assert_true(load[PREFIX_HOST] == 2 && load[PREFIX_DISK] == 0);
    assert_int_equal(b.p.nprompt, 3);
    assert_true(b.p.tier[PREFIX_HOST].used == 4 && b.p.tier[PREFIX_DISK].used == 2);
    arena_free(b.a);
}

/* A node that is larger than the tier: whether it is forgotten block by block or at once makes no difference. */
static void one_by_one_is_all_at_once(void **state)
{
    (void)state;
    for (int64_t part = 1; part <= 12; part += 11) {
        struct box b;
        struct prefix_path path;
        int64_t load[PREFIX_TIERS], idle;
        begin(&b, 12, 8, 2);
        b.p.tier[PREFIX_HOST].room = 3;
        come(&b, 0, &path); /* ABC, four blocks each */
        prefix_release(&b.p, &path);
        for (int64_t taken = 0; taken < 12; taken += part)
            prefix_take(&b.p, part);
        path = prefix_find(&b.p, &b.q[0], 24, &idle);
        prefix_below(&b.p, &b.q[0], 24, &path, load);
        assert_true(load[PREFIX_HOST] == 0 && b.p.tier[PREFIX_HOST].used == 0 && b.p.nprompt == 0);
        arena_free(b.a);
    }
}

/* A step that loads blocks lasts so much longer, and computes the less. */
static void loading_takes_its_time(void **state)
{
    (void)state;
    int64_t ttft[2];
    for (int slow = 0; slow < 2; slow++) {
        static uint64_t id[] = {1, 2, 3};
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_memory(&w, 63 + 1, 16);
        world_traffic(&w, 3, 1, 1, 1, 1);
        for (size_t i = 0; i < 3; i++) /* the second pushes the first out of the device's memory */
            w.traffic.req[i] = (struct request){.arrival_ns = (int64_t)i * 1000000000, .in_tok = 1000, .out_tok = 2,
                                                .block = (uint32_t)(i % 2), .nblock = 1};
        w.traffic.block = id, w.traffic.nblock = 3, w.traffic.block_tok = 1000;
        w.config.pool[0].tier[PREFIX_HOST] = (struct sim_tier){1000, slow * 1000000 * Q20};
        w.config.records = w.config.check = true;
        assert_true(world_run(&w, &r));
        assert_int_equal(r.record[2].hit_tok, 992);
        assert_int_equal(r.tok_loaded, 992);
        ttft[slow] = r.record[2].first_ns - r.record[2].arrival_ns;
        assert_true(ttft[slow] < r.record[1].first_ns - r.record[1].arrival_ns + slow * INT64_C(62000000));
        world_end(&w);
    }
    assert_int_equal(ttft[1] - ttft[0], 62 * 1000000); /* 62 blocks, 1 ms each */
}

/* Two conversations that take turns, and a burst. */
static void routers_keep_conversations_together(void **state)
{
    (void)state;
    static const char *const name[] = {"prefix-aware", "session-affine"};
    for (int k = 0; k < 2; k++) {
        struct world w;
        struct sim_result r;
        world_begin(&w);
        world_traffic(&w, 400, 1, 2000, 20, 3);
        world_blocks(&w, 64, 12, 2, 1000, 3);
        w.config.router = router_find(name[k]);
        w.config.pool[0].replicas = 4;
        w.config.records = w.config.check = true;
        assert_int_equal(w.traffic.common, 2);
        assert_true(world_run(&w, &r));
        double with = r.prefix_hit_frac;
        w.config.router = router_find("round-robin");
        assert_true(world_run(&w, &r));
        print_message("# %s: %.3f of the tokens found, round-robin %.3f\n", name[k], with, r.prefix_hit_frac);
        assert_true(with > 1.2 * r.prefix_hit_frac);
        world_end(&w);
    }
}

static void a_conversation_stays_on_its_replica(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    int32_t home[20];
    int spread = 0;
    world_begin(&w);
    world_traffic(&w, 400, 2, 300, 20, 3);
    for (size_t i = 0; i < 400; i++)
        w.traffic.req[i].session = (uint32_t)(1 + i * 7 % 20) & 0xff;
    w.config.router = router_find("session-affine");
    w.config.pool[0].replicas = 4;
    w.config.records = true;
    memset(home, 0xff, sizeof home);
    assert_true(world_run(&w, &r));
    for (size_t i = 0; i < 400; i++) {
        int32_t *at = &home[w.traffic.req[i].session - 1];
        if (*at < 0)
            spread |= 1 << r.record[i].replica;
        assert_true(*at < 0 || *at == r.record[i].replica);
        *at = r.record[i].replica;
    }
    assert_int_equal(spread, 15); /* every replica has some */
    world_end(&w);
}

/* When one replica has far more in flight than another, the cache is left aside. */
static void an_unbalanced_load_goes_to_the_least_loaded(void **state)
{
    (void)state;
    struct world w;
    struct sim_result r;
    world_begin(&w);
    world_traffic(&w, 300, 1000, 2000, 20, 3); /* all at once, one conversation */
    world_blocks(&w, 64, 1, 0, 1000, 3);
    w.traffic.req[0].arrival_ns = 0;
    for (size_t i = 1; i < 300; i++)
        w.traffic.req[i].arrival_ns += 5000000000; /* the first has filled a cache */
    w.config.router = router_find("prefix-aware");
    w.config.pool[0].replicas = 2;
    w.config.records = true;
    assert_true(world_run(&w, &r));
    int other = 0;
    for (size_t i = 1; i < 300; i++)
        other += r.record[i].replica != r.record[0].replica;
    print_message("# %d of 299 go to the other\n", other);
    assert_true(other > 50 && other < 200);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prompts_share_what_they_begin_with),
        cmocka_unit_test(the_oldest_goes_first_and_its_end_before_its_beginning),
        cmocka_unit_test(half_a_node_is_filled_again),
        cmocka_unit_test(block_sizes_need_not_divide),
        cmocka_unit_test(a_preempted_request_finds_what_is_left_of_its_own),
        cmocka_unit_test(tiers_take_what_is_forgotten),
        cmocka_unit_test(one_by_one_is_all_at_once),
        cmocka_unit_test(loading_takes_its_time),
        cmocka_unit_test(routers_keep_conversations_together),
        cmocka_unit_test(a_conversation_stays_on_its_replica),
        cmocka_unit_test(an_unbalanced_load_goes_to_the_least_loaded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
