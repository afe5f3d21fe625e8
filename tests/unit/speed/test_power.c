/* test_power.c - idle, decode and prefill draw, within TDP and in the order that measurements show; caps. */
#include "fixture.h"

#include "base/arena.h"
#include "base/err.h"
#include "speed/power.h"
#include "speed/predict.h"
#include "speed/step.h"

static struct deployment h100(struct accelerator *acc, struct model *m, struct layer *l)
{
    *acc = acc_h100();
    *m = LLAMA_70B(l);
    return deploy(acc, m, quant_bf16, 4);
}

static void bounds(void **state)
{
    (void)state;
    struct layer l;
    struct model m;
    struct accelerator acc;
    struct deployment d = h100(&acc, &m, &l);
    check_close(power_idle_w(&d), 0.15 * 700, 1e-12);
    acc.idle_w = 75;
    check_close(power_idle_w(&d), 75, 0);
    check_close(power_busy_w(&d, 0, 0), 0.25 * 700, 1e-12);
    check_close(power_busy_w(&d, 0.1, 0.5), (0.25 + 0.16 + 0.4) * 700, 1e-12);
    check_close(power_busy_w(&d, 1, 1), 700, 1e-12);
    acc.idle_w = 300; /* a device that waits at more than the constants say works at no less */
    check_close(power_busy_w(&d, 0, 0), 300, 0);
    acc.tdp_w = 0;
    assert_true(isnan(power_idle_w(&d)) && isnan(power_busy_w(&d, 0.5, 0.5)));
}

/* Splitwise: token generation draws about half of TDP, a long prompt all of it. */
static void decode_draws_half_and_prefill_all(void **state)
{
    (void)state;
    struct layer l;
    struct model m;
    struct accelerator acc;
    struct deployment d = h100(&acc, &m, &l);
    struct step_table t = {0};
    power_of_replica(&d, &t);
    check_close(t.power_idle_w, 4 * 105.0, 1e-12);
    assert_int_equal(t.npower, 3); /* 1, 8, 64 */
    assert_true(t.power_decode_w[0] > 0.5 * 2800 && t.power_decode_w[0] < 0.95 * 2800);
    assert_true(t.power_prefill_w > 0.9 * 2800 && t.power_prefill_w <= 2800 * (1 + 1e-12));
    check_close(step_decode_w(&t, 0.5), t.power_decode_w[0], 0);
    check_close(step_decode_w(&t, sqrt(8)), (t.power_decode_w[0] + t.power_decode_w[1]) / 2, 1e-12);
    check_close(step_decode_w(&t, 1e6), t.power_decode_w[2], 0);
}

/* The mean power of a point is what its tokens cost: X * (isl * J + osl * J). */
static void tokens_carry_the_power(void **state)
{
    (void)state;
    struct layer l;
    struct model m;
    struct accelerator acc;
    struct deployment d = h100(&acc, &m, &l);
    for (int64_t batch = 1; batch <= 64; batch *= 8) {
        struct prediction p;
        predict_point(&d, batch, 1000, 200, &p);
        double req_s = p.output_tok_s.at / 200;
        check_close(req_s * (1000 * p.prompt_j_tok.at + 200 * p.output_j_tok.at), p.power_w.at, 1e-9);
        assert_true(p.decode_w.at <= p.power_w.at && p.power_w.at <= p.prefill_w.at);
        check_close(p.power_w.lo, p.power_w.at * 0.9, 1e-12);
        check_close(p.power_w.hi, fmin(p.power_w.at * 1.2, 1.1 * 2800), 1e-12); /* not far above the TDP */
        assert_true(p.output_j_tok.lo < p.output_j_tok.at * 0.9 && p.output_j_tok.hi > p.output_j_tok.at * 1.2);
    }
}

static double step_s(const struct deployment *d, const struct step_load *l, double *w)
{
    struct step_time t;
    step_exact(d, l, &t);
    *w = power_step_w(d, &t);
    return t.t_s;
}

/* Splitwise, fig. 9: H100 at half the power compute prompts 1.3 times as long and decode as fast as before. */
static void a_cap_slows_prompts_and_hardly_decoding(void **state)
{
    (void)state;
    struct layer l;
    struct model m;
    struct accelerator acc;
    struct deployment d = h100(&acc, &m, &l);
    struct step_load prompt = step_load_prefill(&d, 1, 0, 2048, true), decode = step_load_decode(&d, 1, 1024);
    double w, free_prompt_s = step_s(&d, &prompt, &w), free_decode_s = step_s(&d, &decode, &w), last_s = free_prompt_s;
    for (double cap = 800; cap >= 250; cap -= 50) {
        d.power_cap_w = cap;
        power_cap_apply(&d, 1, 1024, 2048);
        double s = step_s(&d, &prompt, &w), decode_s = step_s(&d, &decode, &w);
        assert_true(s >= last_s * (1 - 1e-12)); /* less power is never faster */
        assert_true(w <= cap);
        if (cap >= 700)
            assert_true(s == free_prompt_s && decode_s == free_decode_s);
        if (cap == 350) {
            assert_true(s / free_prompt_s > 1.2 && s / free_prompt_s < 1.5);
            assert_true(decode_s / free_decode_s < 1.1);
        }
        if (cap == 500)
            check_close(decode_s, free_decode_s, 0.01);
        last_s = s;
    }
}

static void caps_that_cannot_be_kept(void **state)
{
    (void)state;
    struct layer l;
    struct model m;
    struct accelerator acc;
    struct deployment d = h100(&acc, &m, &l);
    struct err e = {0};
    d.power_cap_w = 90;
    assert_false(deployment_check(&d, &e));
    assert_non_null(strstr(e.what, "while it waits"));
    d.power_cap_w = 200;
    assert_true(deployment_check(&d, &e));
    acc.tdp_w = 0;
    assert_false(deployment_check(&d, &e));
    assert_non_null(strstr(e.what, "TDP is not known"));
}

/* The table's parts of a decode step are the formulas' at any context. */
static void parts_of_a_step(void **state)
{
    (void)state;
    struct accelerator acc = acc_h100();
    struct layer l;
    struct model m = LLAMA_70B(&l);
    struct deployment d = deploy(&acc, &m, quant_fp8, 8);
    struct arena *a = arena_new();
    struct step_table t;
    step_table_build(a, &d, &t);
    int64_t seqs = 1;
    for (int i = 0; i < t.npower; i++, seqs *= STEP_POWER_RATIO)
        for (int64_t context = 300; context < 40000; context *= 5) {
            struct step_load load = step_load_decode(&d, seqs, context);
            struct step_time e;
            step_exact(&d, &load, &e);
            double read_s = (double)(t.decode_full_q20 * seqs * context) * 1e-9 / (double)Q20;
            for (int b = 0; b < BOUND_HOST; b++)
                check_close(1 + (t.decode_parts_s[i][b] + read_s * t.context_frac[b]) / e.t_s, 1 + e.by_bound_s[b] / e.t_s, 0.01);
        }
    assert_true(t.prefill_parts[BOUND_COMPUTE] > t.prefill_parts[BOUND_MEMORY] && t.prefill_parts[BOUND_LINK] > 0);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds),
        cmocka_unit_test(decode_draws_half_and_prefill_all),
        cmocka_unit_test(tokens_carry_the_power),
        cmocka_unit_test(a_cap_slows_prompts_and_hardly_decoding),
        cmocka_unit_test(caps_that_cannot_be_kept),
        cmocka_unit_test(parts_of_a_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
