/* test_train.c - the search against brute force; checkpoints and failures against closed forms; a campaign's
 * arithmetic. */
#include "check.h"

#include "../speed/train_fixture.h"
#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "plan/train.h"

/* Everything on so few devices, full recomputation of any number of layers too. */
static double brute(const struct train_job *j, size_t *fitting)
{
    double best = INFINITY;
    struct err e = {0};
    struct train_split s;
    for (s.tp = 1; s.tp <= 8; s.tp *= 2)
        for (s.pp = 1; s.pp <= 8; s.pp++)
            for (s.cp = 1; s.cp <= 8; s.cp *= 2)
                for (s.ep = 1; s.ep <= 8; s.ep *= 2)
                    for (s.micro_batch = 1; s.micro_batch <= 16; s.micro_batch *= 2)
                        for (s.vp = 1; s.vp <= 8; s.vp++)
                            for (int shard = SHARD_OPTIMIZER; shard <= SHARD_FULL; shard += 2)
                                for (int again = 0; again < 2 + j->model->layers; again++) {
                                    bool dense = j->model->group[0].experts == 0;
                                    int left = j->devices / (s.tp * s.pp * s.cp);
                                    if (j->devices % (s.tp * s.pp * s.cp) || (dense && s.ep > 1) ||
                                        j->seq_tok / s.cp < 4096)
                                        continue;
                                    s.dp = left;
                                    s.shard = (enum train_shard)shard;
                                    s.recompute = again > RECOMPUTE_FULL ? RECOMPUTE_FULL : (enum train_recompute)again;
                                    s.recompute_layers = again > RECOMPUTE_SELECTIVE ? again - 1 : 0;
                                    int stage = (j->model->layers + s.pp - 1) / s.pp;
                                    bool chunks = s.vp == 1 || (s.pp > 1 && stage % s.vp == 0 && s.vp <= stage);
                                    if (!chunks || !train_check(j, &s, &e) ||
                                        (s.vp > 1 && train_micro_batches(j, &s) % s.pp) || !train_memory(j, &s).fits)
                                        continue;
                                    struct train_step t;
                                    train_step(j, &s, &t);
                                    best = fmin(best, t.t_s);
                                    ++*fitting;
                                }
    return best;
}

static void search_is_exhaustive(void **state)
{
    (void)state;
    struct layer l[2], moe;
    struct model dense = model_llama(&l[0], 2048, 8192, 8, 16), sparse = model_llama(&moe, 2048, 0, 8, 16);
    moe.experts = 16, moe.topk_experts = 2, moe.expert_inter = 2048;
    const struct model *models[] = {&dense, &sparse};
    for (int i = 0; i < 2; i++)
        for (int gib = 80; gib >= 10; gib = gib > 24 ? 24 : gib - 7) { /* roomy, then tighter until nothing fits */
            struct accelerator a = acc_h100();
            a.mem_bytes = a.mem_usable_bytes = gib * GIB;
            struct train_space sp = {.job = train_plain_job(&a, models[i], 8, 16, 8192), .fix = train_split_open()};
            struct train_found f;
            size_t n = 0;
            double best = brute(&sp.job, &n);
            train_search(&sp, &f);
            assert_int_equal(f.any, isfinite(best));
            if (f.any)
                check_close(f.step.t_s, best, 1e-12);
            else
                assert_true(f.memory.short_by_bytes > 0);
        }
}

/* What is given of the split is kept; the same question has the same answer. */
static void search_keeps_what_is_given(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_8B(&l);
    struct accelerator a = acc_h100();
    struct train_space sp = {.job = train_plain_job(&a, &m, 16, 64, 8192), .fix = train_split_open()};
    struct train_found f, g;
    sp.fix.tp = 2, sp.fix.pp = 4, sp.fix.recompute = RECOMPUTE_FULL, sp.fix.shard = SHARD_FULL;
    train_search(&sp, &f);
    assert_true(f.any && f.split.tp == 2 && f.split.pp == 4 && f.split.recompute == RECOMPUTE_FULL &&
                f.split.shard == SHARD_FULL);
    train_search(&sp, &g);
    const struct train_split x = f.split, y = g.split;
    assert_true(x.tp == y.tp && x.pp == y.pp && x.vp == y.vp && x.cp == y.cp && x.ep == y.ep && x.dp == y.dp &&
                x.micro_batch == y.micro_batch && x.shard == y.shard && x.recompute == y.recompute &&
                x.recompute_layers == y.recompute_layers);
    sp.fix.tp = 3;
    train_search(&sp, &f);
    assert_false(f.any);
    assert_true(f.tried == 0 && f.why[0]);
}

/* Twice the devices never train fewer tokens a second, at the same batch a device. */
static void more_devices_are_not_slower(void **state)
{
    (void)state;
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct accelerator a = acc_h100();
    double before = 0;
    for (int n = 32; n <= 1024; n *= 2) {
        struct train_space sp = {.job = train_plain_job(&a, &m, n, 4 * n, 8192), .fix = train_split_open()};
        struct train_found f;
        train_search(&sp, &f);
        assert_true(f.any);
        double tok_s = 4.0 * n * 8192 / f.step.t_s;
        assert_true(tok_s > before);
        before = tok_s;
    }
}

/* delta 60 s, M one day: Young sqrt(2*60*86400) = 3219.9 s; Daly's series 3219.9 * 1.006250 - 60 = 3180.1 s. */
static void checkpoint_interval(void **state)
{
    (void)state;
    check_close(train_checkpoint_s(60, 86400), 3180.06, 1e-5);
    check_close(train_checkpoint_s(1e-3, 86400), sqrt(2 * 1e-3 * 86400), 1e-3);
    check_close(train_checkpoint_s(200, 90), 90, 1e-12); /* writing takes longer than two mean times: once every M */
    double best = train_effective(train_checkpoint_s(60, 86400), 60, 300, 86400);
    for (double f = 0.5; f < 2; f *= 1.05)
        assert_true(train_effective(3180.06 * f, 60, 300, 86400) <= best * (1 + 1e-6));
}

static void effective_time(void **state)
{
    (void)state;
    check_close(train_effective(600, 60, 300, 1e12), 600.0 / 660, 1e-6); /* nothing fails: only checkpoints cost */
    /* M e^(R/M) (e^((tau+delta)/M) - 1) with M 1000, R 100, tau 90, delta 10: 1000 * 1.105171 * 0.105171 = 116.232 */
    check_close(train_effective(90, 10, 100, 1000), 90 / 116.232, 1e-5);
    assert_true(train_effective(90, 10, 100, 500) < train_effective(90, 10, 100, 1000));
}

static struct train_plan *planned(struct arena *a, const char *yaml)
{
    struct catalog *c;
    struct notes notes = {.arena = a};
    struct node *doc;
    struct err e = {0};
    struct train_question *q = ARENA_NEW(a, struct train_question);
    struct train_plan *p = ARENA_NEW(a, struct train_plan);
    if (!catalog_open(a, NULL, &c, &notes, &e) || !doc_yaml(a, "test.yaml", yaml, strlen(yaml), &doc, &e) ||
        !train_question_read(a, c, doc, 1, q, &notes, &e) || !plan_train(a, c, q, p, &e))
        fail_msg("%s: %s; %s", e.place, e.what, e.mend);
    return p;
}

static void campaign_adds_up(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct train_plan *p = planned(
        a, "{model: llama-3.1-70b, accelerator: h100, devices: 1024, tokens: 2T, global_batch: 1024, sequence: 8192}");
    assert_true(p->found.any && p->binding == TRAIN_BINDS_NOTHING);
    check_close(p->steps, ceil(2e12 / (1024.0 * 8192)), 0);
    check_close(p->days.at, p->steps * p->step_s.at / p->effective_frac / 86400, 1e-12);
    check_close(p->accelerator_hours.at, p->days.at * 24 * 1024, 1e-12);
    check_close(p->failures, p->accelerator_hours.at / 50000, 1e-12);
    check_close(p->usd.at, p->days.at * 24 * p->usd_h, 1e-12);
    check_close(p->tok_s_device.at, 1024.0 * 8192 / p->step_s.at / 1024, 1e-12);
    check_close(p->mfu_frac.at, p->tok_s_device.at * train_model_flop_tok(p->q->model, 8192, false) / 989.4e12, 1e-12);
    assert_true(p->days.lo < p->days.at && p->days.at < p->days.hi && p->mfu_frac.lo < p->mfu_frac.at);
    assert_true(p->energy_mwh.at > 0 && p->effective_frac > 0.9 && p->effective_frac < 1);
    arena_free(a);
}

static void campaign_says_what_binds(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct train_plan *p =
        planned(a, "{model: llama-3.1-405b, accelerator: h100, devices: 8, tokens: 1T, global_batch: 64}");
    assert_false(p->found.any);
    assert_int_equal(p->binding, TRAIN_BINDS_MEMORY);
    assert_true(p->short_by > 1 && isnan(p->days.at));
    p = planned(
        a, "{model: llama-3.1-8b, accelerator: h100, devices: 64, tokens: 1T, global_batch: 512, limits: {days: 1}}");
    assert_int_equal(p->binding, TRAIN_BINDS_DAYS);
    check_close(p->short_by, p->days.at, 1e-12);
    p = planned(
        a,
        "{model: llama-3.1-8b, accelerator: h100, devices: 7, tokens: 1T, global_batch: 512, sequence: 2048, pp: 1}");
    assert_int_equal(p->binding, TRAIN_BINDS_SPLIT);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(search_is_exhaustive),
        cmocka_unit_test(search_keeps_what_is_given),
        cmocka_unit_test(more_devices_are_not_slower),
        cmocka_unit_test(checkpoint_interval),
        cmocka_unit_test(effective_time),
        cmocka_unit_test(campaign_adds_up),
        cmocka_unit_test(campaign_says_what_binds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
