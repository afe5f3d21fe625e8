/* The heap keeps the total order of (key, seq) through insertions, moves and removals in any order. */
#include "check.h"

#include "base/arena.h"
#include "base/rng.h"
#include "sim/heap.h"

#define IDS 200

static bool sound(const struct heap *h)
{
    for (uint32_t i = 0; i < h->n; i++) {
        const struct heap_item *p = &h->item[i ? (i - 1) / 4 : 0], *c = &h->item[i];
        if (h->pos[c->id] != i || p->key > c->key || (p->key == c->key && p->seq > c->seq))
            return false;
    }
    return true;
}

static void pops_in_order(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct heap h;
    struct rng r;
    rng_seed(&r, 1, 1);
    heap_init(&h, a, IDS);
    for (uint32_t i = 0; i < IDS; i++)
        heap_put(&h, i, (int64_t)rng_below(&r, 20), i);
    int64_t key = -1;
    uint32_t seq = 0;
    while (h.n) {
        struct heap_item top = h.item[0];
        assert_true(top.key > key || (top.key == key && top.seq > seq));
        key = top.key;
        seq = top.seq;
        heap_drop(&h, top.id);
        assert_true(sound(&h));
    }
    assert_int_equal(heap_min(&h), INT64_MAX);
    arena_free(a);
}

static void any_sequence_of_changes(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct heap h;
    struct rng r;
    int64_t key[IDS];
    rng_seed(&r, 2, 1);
    heap_init(&h, a, IDS);
    for (int i = 0; i < IDS; i++)
        key[i] = -1;
    for (int round = 0; round < 20000; round++) {
        uint32_t id = (uint32_t)rng_below(&r, IDS);
        if (rng_below(&r, 3)) {
            key[id] = (int64_t)rng_below(&r, 1000);
            heap_put(&h, id, key[id], id);
        } else {
            key[id] = -1;
            heap_drop(&h, id);
        }
        int64_t least = INT64_MAX;
        uint32_t n = 0;
        for (uint32_t i = 0; i < IDS; i++) {
            least = key[i] >= 0 && key[i] < least ? key[i] : least;
            n += key[i] >= 0;
            assert_int_equal(heap_has(&h, i), key[i] >= 0);
        }
        assert_int_equal(heap_min(&h), least);
        assert_int_equal(h.n, n);
        assert_true(sound(&h));
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pops_in_order),
        cmocka_unit_test(any_sequence_of_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
