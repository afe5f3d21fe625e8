/* test_training.c - training rows: what is read of the split, what is searched, which FLOP count, and campaigns. */
#include "fixture.h"

#include "fit/campaign.h"
#include "fit/training.h"

#define HEAD                                                                                                           \
    "id,kind,model,accelerator,accelerators,framework,precision,isl,global_batch,micro_batch,tp,pp,dp,ep,notes,mfu_"   \
    "pct,tok_s_per_accelerator\n"

static struct fit_prediction predict(struct world *w, const struct fit_point *p)
{
    struct fit_settings s = {.seed = 1, .training = w->cat};
    struct fit_prediction out;
    fit_predict(w->a, p, &s, &out);
    return out;
}

static void reads_the_split(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(
        &w, HEAD "a,training,llama-3.1-70b,h100,128,megatron,fp8,8192,256,1,4,8,2,,CP=2 VP=5; system=x,40,1000\n"
                 "b,training,llama-2-70b,h100,64,megatron,fp8,8192,8,,4,1,8,,\"LoRA fine-tune (rank 32); samples to "
                 "target (per run): [2688, 3072, 3456]\",40,\n"
                 "c,training,mpt-7b,h100,8,fsdp,bf16,2048,48,6,1,1,8,,activation checkpointing=True; FULL_SHARD,40,\n"
                 "d,training,llama-3.1-8b,h100,8,other,bf16,8192,,,,,,,,40,\n"
                 "e,training,llama-3.1-8b,h100,,megatron,bf16,8192,64,1,1,1,,,,40,\n"
                 "f,training,llama-3.1-8b,h100,8,megatron,bf16,,64,1,1,1,,,,40,\n"
                 "g,training,llama-3.1-8b,h100,8,megatron,bf16,8192,64,1,3,1,,,,40,\n"
                 "h,training,llama-3.1-8b,h100,8,megatron,bf16,8192,6.5,1,1,1,,,,40,\n");
    const struct fit_training *a = p.point[0].train, *b = p.point[1].train, *c = p.point[2].train;
    assert_true(a->fix.tp == 4 && a->fix.pp == 8 && a->fix.cp == 2 && a->fix.vp == 5 &&
                a->fix.recompute == RECOMPUTE_N);
    assert_true(b->lora_rank == 32 && b->fix.cp == 2); /* 64 = tp 4 * dp 8 * cp 2 */
    check_close(b->samples, 3072, 0);
    assert_true(c->fix.recompute == RECOMPUTE_FULL && c->fix.shard == SHARD_FULL);
    assert_true(p.point[3].train->fix.tp == 0 && p.point[3].train->global_batch == 0);
    assert_string_equal(p.point[4].refused, "how many accelerators is not stated");
    assert_string_equal(p.point[5].refused, "the sequence length is not stated");
    assert_string_equal(p.point[6].refused, "tp 3 * pp 1 does not divide the 8 devices");
    assert_string_equal(p.point[7].refused, "global_batch: \"6.5\" is not a whole number from 1 to 1e+09");
    arena_free(w.a);
}

/* One step, counted in every way: MFU is FLOP over the peak of the format, HFU with full recomputation a third more. */
static void metrics_follow_from_the_step(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(
        &w, HEAD
        "a,training,llama-3.1-8b,h100,8,megatron,bf16,8192,64,1,1,1,8,,CP=1; activation checkpointing=True,40,1000\n"
        "b,training,llama-3.1-8b,h100,8,megatron,bf16,8192,64,1,1,1,8,,CP=1; HFU,40,1000\n"
        "c,training,llama-3.1-8b,h100,8,other,bf16,8192,,,,,,,,40,\n");
    struct fit_prediction a = predict(&w, &p.point[0]), b = predict(&w, &p.point[1]), c = predict(&w, &p.point[2]);
    assert_true(a.ok && b.ok && c.ok);
    double tok_s = a.value[FIT_TOK_S_PER_ACCELERATOR].at, flop = train_model_flop_tok(p.point[0].model, 8192, false);
    check_close(a.value[FIT_STEP_TIME_S].at, 64.0 * 8192 / tok_s / 8, 1e-12);
    check_close(a.value[FIT_SAMPLES_PER_S].at, tok_s * 8 / 8192, 1e-12);
    check_close(a.value[FIT_TFLOP_S_PER_ACCELERATOR].at, tok_s * flop / 1e12, 1e-12);
    check_close(a.value[FIT_MFU_PCT].at, 100 * tok_s * flop / 989.4e12, 1e-12);
    check_close(b.value[FIT_MFU_PCT].at, a.value[FIT_MFU_PCT].at * 4 / 3, 1e-12);
    assert_true(a.value[FIT_STEP_TIME_S].lo < a.value[FIT_STEP_TIME_S].at &&
                a.value[FIT_MFU_PCT].lo < a.value[FIT_MFU_PCT].at);
    assert_string_equal(a.how, "training, split as stated");
    assert_string_equal(c.how, "training, best split, batch that fits");
    assert_true(isnan(c.value[FIT_STEP_TIME_S].at) &&
                c.value[FIT_TOK_S_PER_ACCELERATOR].at > 0); /* no batch, no step */
    arena_free(w.a);
}

/* GPT-3: 12*L*h^2 = 175e9 with h = 128*L gives h 12312, rounded to 12288 = 96 heads, and 97 layers. */
static void parametric_shapes(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    const struct model *m = fit_parametric(a, "x", 175e9, 175e9);
    assert_int_equal(m->hidden, 12288);
    check_close(model_params(m), 175e9, 0.02);
    m = fit_parametric(a, "x", 1.8e12, 280e9);
    check_close(model_params(m), 1.8e12, 0.03);
    check_close(model_active_params(m), 280e9, 0.03);
    assert_null(fit_parametric(a, "x", 100e9, 10e9)); /* two of 16 experts alone would be more than that */
    assert_null(fit_parametric(a, "x", NAN, NAN));
    arena_free(a);
}

static void campaigns(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, "campaign,year,params_total_b,params_active_b,tokens_t,accelerator,accel_count,days,accel_"
                         "hours,mfu_published,source\n"
                         "Llama 3.1 405B,2024,405,405,15.6,H100-80GB,16384,78,30840000,0.38-0.43,paper\n"
                         "Something 100B (a note),2023,100,100,1.0,A100-80GB,512,60,,,paper\n"
                         "No Count 7B,2023,7,7,1.0,A100-80GB,,60,1000,,paper\n"
                         "Odd Chip 7B,2023,7,7,1.0,Chip-9,8,60,1000,,paper\n");
    assert_int_equal(p.n, 4);
    assert_string_equal(p.point[0].model->id, "llama-3.1-405b");
    check_close(p.point[0].measured[FIT_MFU_PCT], 40.5, 1e-12);
    assert_true(p.point[1].model->parametric);
    assert_string_equal(p.point[2].refused, "how many accelerators is not published");
    assert_string_equal(p.point[3].refused, "the accelerator \"chip-9\" is not in the catalog");
    struct fit_prediction f = predict(&w, &p.point[0]);
    assert_true(f.ok);
    check_close(f.value[FIT_ACCELERATOR_HOURS].at, f.value[FIT_DAYS].at * 24 * 16384, 1e-12);
    assert_true(f.value[FIT_DAYS].at > 40 && f.value[FIT_DAYS].at < 160); /* 78 by the paper */
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_split),
        cmocka_unit_test(metrics_follow_from_the_step),
        cmocka_unit_test(parametric_shapes),
        cmocka_unit_test(campaigns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
