/* Points that calibrate are never scored, nor are their repeats; what is scored has no part in the fit; the public file
** reaches the bar. */
#include "fixture.h"

#include "base/map.h"
#include "fit/calibrate_groups.h"

static struct fit_report validated(struct world *w, const struct fit_points *p, size_t each, uint64_t seed, int threads)
{
    struct fit_report r;
    struct fit_options o = {.threads = threads, .seed = seed, .calibrate_points = each};
    if (!fit_validate(w->a, w->cat, p, &o, &r, &w->e))
        fail_msg("%s: %s", w->e.place, w->e.what);
    return r;
}

/* Six loads of one deployment, one of them twice, three of another, one of a third. */
static struct fit_points sample(struct world *w)
{
    return world_points(w, CLOSED "ttft_mean_ms,tpot_mean_ms\n"
                                  "a1,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,1,1,1,1,1,60,8\n"
                                  "a2,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,2,1,1,1,1,60,8.5\n"
                                  "a3,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,4,1,1,1,1,60,9\n"
                                  "a4,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,8,1,1,1,1,60,9.5\n"
                                  "a5,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,16,1,1,1,1,60,10\n"
                                  "a6,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,32,1,1,1,1,60,12\n"
                                  "a7,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,0.8,32,1,1,1,1,60,12\n"
                                  "b1,llama-3.1-8b,h200-sxm-141,1,vllm,,bf16,512,64,0.8,1,1,1,1,1,60,6\n"
                                  "b2,llama-3.1-8b,h200-sxm-141,1,vllm,,bf16,512,64,0.8,4,1,1,1,1,60,7\n"
                                  "b3,llama-3.1-8b,h200-sxm-141,1,vllm,,bf16,512,64,0.8,16,1,1,1,1,60,0.02\n"
                                  "c1,llama-3.1-8b,l4,1,vllm,,bf16,512,64,0.8,1,1,1,1,1,200,80\n"
                                  "d1,no-such-model,l4,1,vllm,,bf16,512,64,0.8,1,1,1,1,1,200,80\n");
}

static void nobody_is_scored_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 9; seed++) {
        struct world w = world_open();
        struct fit_points p = sample(&w);
        struct fit_report r = validated(&w, &p, 2, seed, 1);
        assert_int_equal(r.scored + r.nrefused, p.n);
        size_t calibrates = 0, twins = 0, few = 0;
        for (size_t i = 0; i < r.nrefused; i++) {
            calibrates += strstr(r.refused[i].why, "calibrates its") != NULL;
            twins += strstr(r.refused[i].why, "repeats the load") != NULL;
            few += strstr(r.refused[i].why, "too few") != NULL;
            for (size_t k = 0; k < r.nerror; k++)
                assert_string_not_equal(r.error[k].point->id, r.refused[i].id);
        }
        assert_int_equal(calibrates, 4); /* b3 cannot have been measured, so b1 and b2 calibrate, and b3 is left */
        assert_int_equal(few, 1);        /* c1 */
        assert_true(twins <= 1);
        assert_int_equal(r.scored, 7 - 2 - twins);
        for (size_t k = 0; k < r.nerror; k++)
            assert_int_equal(r.error[k].evidence, GRADE_MEASURED);
        arena_free(w.a);
    }
}

static void scored_points_have_no_part(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = sample(&w);
    struct fit_report a = validated(&w, &p, 2, 1, 1), b = validated(&w, &p, 2, 1, 3);
    assert_int_equal(a.nerror, b.nerror);
    for (size_t i = 0; i < a.nerror; i++)
        assert_memory_equal(&a.error[i].predicted, &b.error[i].predicted, sizeof a.error[i].predicted);
    for (size_t i = 0; i < a.nerror; i++) /* all that are scored were measured otherwise */
        ((struct fit_point *)(uintptr_t)a.error[i].point)->measured[a.error[i].metric] *= 1.3;
    b = validated(&w, &p, 2, 1, 1);
    assert_int_equal(a.nerror, b.nerror);
    for (size_t i = 0; i < a.nerror; i++)
        assert_memory_equal(&a.error[i].predicted, &b.error[i].predicted, sizeof a.error[i].predicted);
    arena_free(w.a);
}

static void names_tell_deployments_apart(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = sample(&w);
    struct fit_deployments d = fit_deployments_of(w.a, &p, true);
    assert_int_equal(d.n, 3);
    assert_int_equal(d.count[0], 7);
    assert_int_equal(d.of[11], MAP_NONE);
    assert_string_equal(d.name[0], "llama-3.1-8b at bf16 on h100-sxm-80, vllm, tp 1 pp 1 dp 1 ep 1");
    arena_free(w.a);
}

/* physics.md: TPOT calibrated with 2 points of that deployment, median and 90th percentile at most 9 and 25 %. */
static void public_points_reach_the_bar(void **state)
{
    (void)state;
    const char *data = check_data();
    struct world w = world_open();
    if (!data) {
        arena_free(w.a);
        skip();
    }
    struct fit_points p;
    assert_true(fit_points_read(w.a, w.cat, arena_printf(w.a, "%s/serving-dev.csv", data), &p, &w.notes, &w.e));
    struct fit_report r = validated(&w, &p, 2, 1, 2);
    const struct fit_score *s = &r.metric[FIT_TPOT_MEAN_MS];
    print_message("# TPOT with 2 points of the deployment: median %.1f %%, 90th %.1f %%, coverage %.0f %%, n %zu\n",
                  s->median_ape_pct, s->p90_ape_pct, s->coverage80_pct, s->n);
    assert_true(s->n > 1200);
    assert_true(s->median_ape_pct < 9 && s->p90_ape_pct < 25);
    assert_true(s->coverage80_pct > 70 && s->coverage80_pct < 90);
    assert_true(r.metric[FIT_TTFT_MEAN_MS].median_ape_pct < 35);
    arena_free(w.a);
}

/* Training points beside serving points: they have constants of their own and calibrate nothing. */
static void training_is_left_out(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(
        &w, "id,kind,model,accelerator,accelerators,framework,precision,isl,osl,batch,global_batch,tp,e2e_latency_s,tok_s_per_accelerator\n"
            "t1,training,llama-3-8b,h100-sxm-80,8,megatron,bf16,8192,,,128,1,,9000\n"
            "t2,training,llama-3-8b,h100-sxm-80,8,megatron,bf16,8192,,,256,1,,9100\n"
            "t3,training,llama-3-8b,h100-sxm-80,8,megatron,bf16,8192,,,512,1,,9200\n"
            "s1,static,llama-3-8b,h100-sxm-80,1,vllm,bf16,512,64,1,,1,0.6,\n"
            "s2,static,llama-3-8b,h100-sxm-80,1,vllm,bf16,512,64,4,,1,0.7,\n"
            "s3,static,llama-3-8b,h100-sxm-80,1,vllm,bf16,512,64,16,,1,0.9,\n");
    struct fit_report r = validated(&w, &p, 1, 1, 2);
    size_t training = 0;
    for (size_t i = 0; i < r.nrefused; i++)
        training += strstr(r.refused[i].why, "training is not calibrated") != NULL;
    assert_int_equal(training, 3);
    assert_int_equal(r.scored, 2);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_scored_twice),
        cmocka_unit_test(scored_points_have_no_part),
        cmocka_unit_test(names_tell_deployments_apart),
        cmocka_unit_test(training_is_left_out),
        cmocka_unit_test(public_points_reach_the_bar),
    };
    return cmocka_run_group_tests_name("fit calibrate_groups", tests, NULL, NULL);
}
