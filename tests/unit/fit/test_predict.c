/* Predictions of points: the static batch against its own steps, the closed loop against its own arithmetic. */
#include "fixture.h"

#include "fit/physics.h"

static struct deployment deployment_of(struct world *w, const struct fit_point *p, int tp)
{
    struct deployment d = {
        .acc = p->acc, .model = p->model, .quant = p->model->quant, .tp = tp, .pp = 1, .dp = 1, .ep = 1};
    d.stack = stack_constants(p->stack, p->acc);
    d.quant.linear = d.quant.attention = d.quant.experts = p->precision;
    d.max_seqs = (int)p->batch;
    d.max_tokens = d.stack.max_tokens;
    d.memory_frac = d.stack.memory_frac;
    d.max_context = p->isl + p->osl;
    (void)w;
    return d;
}

static double step_s(const struct deployment *d, struct step_load l)
{
    struct step_time t;
    step_exact(d, &l, &t);
    return t.t_s;
}

static void static_batch_is_the_sum_of_its_steps(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "a,static,llama-3.1-8b,h100-sxm-80,1,vllm,bf16,1000,11,4,1,1,1,9,9,,\n");
    struct deployment d = deployment_of(&w, &p.point[0], 1);
    struct fit_prediction f = world_predict(&w, &p.point[0], NULL);
    assert_true(f.ok);
    double first_s = step_s(&d, step_load_prefill(&d, 4, 0, 1000, true)), rest_s = 0;
    for (int64_t i = 1; i <= 10; i++)
        rest_s += step_s(&d, step_load_decode(&d, 4, 1000 + i));
    check_close(f.value[FIT_TTFT_MS].at, first_s * 1e3, 1e-9);
    check_close(f.value[FIT_TPOT_MS].at, rest_s / 10 * 1e3, 1e-3); /* a trapezium over the end points */
    check_close(f.value[FIT_E2E_MS].at, (first_s + rest_s) * 1e3, 1e-3);
    check_close(f.value[FIT_OUTPUT_TOK_S].at, 4 * 11 / (first_s + rest_s), 1e-3);
    check_close(f.value[FIT_TOTAL_TOK_S].at, 4 * 1011 / (first_s + rest_s), 1e-3);
    assert_true(f.value[FIT_TPOT_MS].lo < f.value[FIT_TPOT_MS].at && f.value[FIT_TPOT_MS].at < f.value[FIT_TPOT_MS].hi);
    assert_true(f.value[FIT_MEAN_POWER_FRAC_TDP].at < f.value[FIT_PEAK_POWER_FRAC_TDP].at);
    arena_free(w.a);
}

static void prompts_only_and_outputs_only(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(
        &w, "id,kind,model,accelerator,accelerators,precision,isl,osl,batch,input_tok_s,output_tok_s,tok_s_per_user\n"
            "pp,static,llama-3-8b,rtx-4090,1,fp16,512,0,1,5000,,\n"
            "tg,static,llama-3-8b,rtx-4090,1,fp16,0,128,1,,50,\n"
            "first,static,llama-3-8b,rtx-4090,1,fp16,128,,1,,,50\n");
    struct fit_prediction pp = world_predict(&w, &p.point[0], NULL), tg = world_predict(&w, &p.point[1], NULL);
    struct fit_prediction one = world_predict(&w, &p.point[2], NULL);
    assert_true(pp.ok && tg.ok && one.ok);
    assert_true(pp.value[FIT_INPUT_TOK_S].at > 1000 && isnan(pp.value[FIT_TPOT_MS].at));
    check_close(tg.value[FIT_OUTPUT_TOK_S].at, tg.value[FIT_TOK_S_PER_USER].at, 1e-9);
    /* 16 GB of weights at 1 TB/s is 16 ms at best. */
    assert_true(tg.value[FIT_TPOT_MS].at > 15 && tg.value[FIT_TPOT_MS].at < 40);
    assert_true(one.value[FIT_TOK_S_PER_USER].at > 0 && isnan(one.value[FIT_OUTPUT_TOK_S].at)); /* osl is not stated */
    arena_free(w.a);
}

static void stages_one_after_another(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "one,static,llama-3-8b,rtx-4090,1,llama.cpp,fp16,128,64,1,,,,9,9,,\n"
                                "four,static,llama-3-8b,rtx-4090,4,llama.cpp,fp16,128,64,1,,,,9,9,,\n");
    struct fit_prediction one = world_predict(&w, &p.point[0], NULL), four = world_predict(&w, &p.point[1], NULL);
    assert_true(one.ok && four.ok);
    /* A single sequence passes the stages in turn: no faster than one device, and not four times as fast. */
    assert_true(four.value[FIT_TPOT_MS].at >= one.value[FIT_TPOT_MS].at);
    assert_true(four.value[FIT_TPOT_MS].at < 1.3 * one.value[FIT_TPOT_MS].at);
    arena_free(w.a);
}

/* A lone prompt of two chunks passes two stages in three stage times, where two prompts side by side take four. */
static void chunks_follow_one_another(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "one,static,llama-3-70b,rtx-4090,2,llama.cpp,q4_k_m,1024,2,1,,,,9,9,,\n"
                                "two,static,llama-3-70b,rtx-4090,2,llama.cpp,q4_k_m,1024,2,2,,,,9,9,,\n");
    struct fit_prediction one = world_predict(&w, &p.point[0], NULL), two = world_predict(&w, &p.point[1], NULL);
    assert_true(one.ok && two.ok);
    assert_int_equal(stack_constants(p.point[0].stack, p.point[0].acc).max_tokens, 512);
    check_close(one.value[FIT_TTFT_MS].at, two.value[FIT_TTFT_MS].at * 3 / 4, 1e-9);
    arena_free(w.a);
}

/* Tenstorrent prints the TTFT of one user of the batch; the others wait, and the batch takes all of them. */
static void prompts_one_by_one(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "one,static,llama-3.2-3b,tt-n150,1,tt-metal,bfp8,128,2,1,1,1,1,9,9,,\n"
                                "all,static,llama-3.2-3b,tt-n150,1,tt-metal,bfp8,128,2,32,1,1,1,9,9,,\n"
                                "other,static,llama-3.2-3b,tt-n150,1,vllm,bfp8,128,2,32,1,1,1,9,9,,\n");
    struct fit_prediction one = world_predict(&w, &p.point[0], NULL), all = world_predict(&w, &p.point[1], NULL);
    struct fit_prediction other = world_predict(&w, &p.point[2], NULL);
    assert_true(one.ok && all.ok && other.ok);
    check_close(all.value[FIT_TTFT_MS].at, one.value[FIT_TTFT_MS].at, 1e-9);
    assert_true(all.value[FIT_E2E_MS].at > 32 * one.value[FIT_TTFT_MS].at);
    assert_true(other.value[FIT_TTFT_MS].at > 4 * all.value[FIT_TTFT_MS].at); /* a batch is a batch elsewhere */
    arena_free(w.a);
}

/* A GGUF file quantises the head too, a fifth of the weights of a 1B model: fewer bytes than int4 with a head of 16 bits. */
static void gguf_quantises_the_head(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, STATIC "a,static,llama-3.2-1b,rtx-4090,1,llama.cpp,q4_k_m,128,64,1,,,,9,9,,\n"
                                                  "b,static,llama-3.2-1b,rtx-4090,1,llama.cpp,int4,128,64,1,,,,9,9,,\n");
    struct fit_prediction a = world_predict(&w, &p.point[0], NULL), b = world_predict(&w, &p.point[1], NULL);
    assert_true(a.ok && b.ok && a.value[FIT_TPOT_MS].at < b.value[FIT_TPOT_MS].at);
    arena_free(w.a);
}

static void closed_loop_agrees_with_itself(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, CLOSED "tpot_mean_ms\na,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,256,1,16,1,1,1,1,9\n"
                                "b,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,256,1,64,1,1,1,1,9\n");
    struct fit_prediction a = world_predict(&w, &p.point[0], NULL), b = world_predict(&w, &p.point[1], NULL);
    assert_true(a.ok && b.ok);
    assert_string_equal(a.how, "simulated");
    double e2e_s = a.value[FIT_E2E_LATENCY_S].at;
    check_close(e2e_s, (a.value[FIT_TTFT_MEAN_MS].at + 255 * a.value[FIT_TPOT_MEAN_MS].at) / 1e3, 0.02);
    check_close(a.value[FIT_OUTPUT_TOK_S].at, 16 * 256 / e2e_s, 0.1); /* Little, but for the ends of the run */
    check_close(a.value[FIT_TOTAL_TOK_S].at / a.value[FIT_OUTPUT_TOK_S].at, 3, 0.02);
    assert_true(b.value[FIT_TPOT_MEAN_MS].at > a.value[FIT_TPOT_MEAN_MS].at);
    assert_true(b.value[FIT_OUTPUT_TOK_S].at > a.value[FIT_OUTPUT_TOK_S].at);
    assert_int_equal(a.evidence, GRADE_MEASURED);
    arena_free(w.a);
}

static void memory_has_the_last_word(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "no,static,llama-3.1-70b,h100-sxm-80,1,vllm,bf16,128,128,1,1,1,1,9,9,,\n"
                                "waves,static,llama-3.1-70b,h100-sxm-80,2,vllm,bf16,2048,128,64,2,1,1,9,9,,\n");
    struct fit_prediction no = world_predict(&w, &p.point[0], NULL), waves = world_predict(&w, &p.point[1], NULL);
    assert_false(no.ok);
    assert_non_null(strstr(no.why, "does not fit in memory"));
    if (waves.ok)
        assert_string_equal(waves.how, "simulated"); /* 64 x 2,176 tokens do not fit at once */
    arena_free(w.a);
}

static void disaggregated_is_never_measured(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, CLOSED CLOSED_POOLS
                     "tpot_mean_ms\n"
                     "a,deepseek-v3,h200-sxm-141,32,trtllm,disaggregated,fp8,1024,1024,0.8,64,,,,,2,8,1,8,2,8,1,8,9\n"
                     "b,deepseek-v3,h200-sxm-141,32,trtllm,disaggregated,fp8,1024,1024,0.8,256,,,,,2,8,1,8,2,8,1,8,9\n"
                     "c,deepseek-v3,h200-sxm-141,40,trtllm,disaggregated,fp8,1024,1024,0.8,256,,,,,2,8,1,8,2,8,1,8,9\n"
                     "d,deepseek-v3,h200-sxm-141,32,trtllm,disaggregated,fp8,1024,1024,0.8,256,,,,,,,,,2,8,1,8,9\n");
    struct fit_prediction a = world_predict(&w, &p.point[0], NULL), b = world_predict(&w, &p.point[1], NULL);
    assert_true(a.ok && b.ok);
    assert_int_not_equal(a.evidence, GRADE_MEASURED);
    assert_int_equal(a.tier, TIER_POOLED);
    assert_true(b.value[FIT_TPOT_MEAN_MS].at > a.value[FIT_TPOT_MEAN_MS].at);
    assert_true(b.value[FIT_TTFT_MEAN_MS].at > a.value[FIT_TTFT_MEAN_MS].at);
    assert_false(world_predict(&w, &p.point[2], NULL).ok);
    assert_non_null(strstr(p.point[3].refused, "prefill_workers"));
    arena_free(w.a);
}

static void beyond_physics(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "a,static,llama-3.1-70b,h100-sxm-80,4,vllm,fp8,128,128,1,4,1,1,,1,,\n");
    const struct fit_point *a = &p.point[0];
    /* 70 GB over 4 x 3.35 TB/s is 5.2 ms; 4 x 1979 TFLOP/s over 2 x 69.5e9 is 57,000 tokens/s. */
    assert_non_null(fit_beats_physics(a, FIT_TPOT_MS, 4.9));
    assert_null(fit_beats_physics(a, FIT_TPOT_MS, 5.5));
    assert_non_null(fit_beats_physics(a, FIT_OUTPUT_TOK_S, 60000));
    assert_null(fit_beats_physics(a, FIT_OUTPUT_TOK_S, 50000));
    assert_non_null(fit_beats_physics(a, FIT_TOK_S_PER_USER, 250));
    assert_non_null(fit_beats_physics(a, FIT_TTFT_MS, 1e-3));
    assert_null(fit_beats_physics(a, FIT_TTFT_MS, 20));
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(static_batch_is_the_sum_of_its_steps),
        cmocka_unit_test(prompts_only_and_outputs_only),
        cmocka_unit_test(stages_one_after_another),
        cmocka_unit_test(chunks_follow_one_another),
        cmocka_unit_test(prompts_one_by_one),
        cmocka_unit_test(gguf_quantises_the_head),
        cmocka_unit_test(closed_loop_agrees_with_itself),
        cmocka_unit_test(memory_has_the_last_word),
        cmocka_unit_test(disaggregated_is_never_measured),
        cmocka_unit_test(beyond_physics),
    };
    return cmocka_run_group_tests_name("fit predict", tests, NULL, NULL);
}
