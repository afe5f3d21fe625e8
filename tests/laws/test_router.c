/* A router that keeps an index of the replicas chooses exactly as one that asks each of them: in every random world, among
** all of them, among neighbours, and among a set with gaps. */
#include "check.h"
#include "random_world.h"
#include "sim/cluster.h"

static uint64_t asked;

static int64_t outstanding(const struct sim *s, uint32_t id)
{
    return sim_outstanding(s, id);
}

static int64_t kv(const struct sim *s, uint32_t id)
{
    const struct replica *r = &s->replica[id];
    return replica_kv_used(r, s->now_ns) + kvpool_need(&r->kv, r->waiting_tok);
}

static uint32_t least(const struct sim *s, const struct replica_set *among, int64_t (*load)(const struct sim *, uint32_t))
{
    uint32_t best = among->id[0];
    for (uint32_t i = 1; i < among->n; i++)
        if (load(s, among->id[i]) < load(s, best))
            best = among->id[i];
    return best;
}

static uint32_t compare(struct sim *s, struct replica_set *among, const char *name,
                        int64_t (*load)(const struct sim *, uint32_t))
{
    const struct router *row = router_find(name);
    uint32_t id[64], n = among->n;
    uint32_t best = row->pick(s, among, 0);
    assert_int_equal(best, least(s, among, load));
    for (uint32_t lo = 0; lo + 2 <= n; lo += 3) { /* neighbours */
        struct replica_set some = {among->id + lo, (n - lo + 1) / 2 < 2 ? 2 : (n - lo + 1) / 2, 0};
        assert_int_equal(row->pick(s, &some, 0), least(s, &some, load));
        asked++;
    }
    for (uint32_t i = 0; 2 * i < n; i++)
        id[i] = among->id[2 * i];
    struct replica_set gaps = {id, (n + 1) / 2, 0};
    assert_int_equal(row->pick(s, &gaps, 0), least(s, &gaps, load));
    return best;
}

static uint32_t pick_outstanding(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    return compare(s, among, "least-outstanding", outstanding);
}

static uint32_t pick_kv(struct sim *s, struct replica_set *among, uint32_t request)
{
    (void)request;
    return compare(s, among, "least-kv", kv);
}

static void same_choice_as_a_scan(void **state)
{
    (void)state;
    static const struct router row[] = {{.name = "outstanding", .pick = pick_outstanding},
                                        {.name = "kv", .pick = pick_kv, .reads_kv = true}};
    for (size_t m = 0; m < 2; m++)
        for (size_t k = 0; k < sched_count; k++)
            for (uint64_t seed = 1; seed <= 20; seed++) {
                struct world w;
                struct sim_result r;
                random_world(&w, seed, sched_table[k], &row[m]);
                w.config.pool[0].replicas = 2 + (int)(seed * 7 % 38);
                assert_true(world_run(&w, &r));
                world_end(&w);
            }
    assert_true(asked > 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_choice_as_a_scan)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
