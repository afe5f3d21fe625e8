/* test_draft.c - what proposing and verifying tokens costs: the table says what the formulas say, and what must hold does. */
#include "fixture.h"

#include <math.h>

#include "base/arena.h"
#include "speed/draft.h"
#include "speed/predict.h"
#include "speed/step.h"

struct set {
    struct accelerator acc;
    struct layer small_l, big_l, moe_l[2];
    struct model small, big, moe;
};

static struct deployment speculative(struct set *s, int of, enum draft kind, int tokens, double acceptance)
{
    s->acc = acc_h100();
    s->small = LLAMA_8B(&s->small_l);
    s->big = LLAMA_70B(&s->big_l);
    s->moe = model_deepseek_v3(s->moe_l);
    struct deployment d = deploy(&s->acc, of ? &s->moe : &s->big, quant_fp8, 8);
    d.spec = (struct speculative){kind, kind == DRAFT_MODEL ? &s->small : NULL, quant_bf16, tokens, acceptance};
    return d;
}

static double step_s(const struct deployment *d, int64_t seqs, int64_t context)
{
    struct step_load l = step_load_decode(d, seqs, context);
    struct step_time t;
    step_exact(d, &l, &t);
    double sum = 0, bounds = 0;
    for (size_t i = 0; i < t.npart; i++)
        sum += t.part[i].count * t.part[i].one.t_s;
    for (int b = 0; b < BOUND_N; b++)
        bounds += t.by_bound_s[b];
    check_close(sum, t.t_s, 1e-9);
    check_close(bounds, t.t_s, 1e-9);
    return t.t_s;
}

static void tokens_of_a_step(void **state)
{
    (void)state;
    struct speculative s = {DRAFT_NGRAM, NULL, quant_bf16, 4, 0.7};
    check_close(draft_mean_tok(&s), (1 - pow(0.7, 5)) / 0.3, 1e-12);
    s.acceptance = 1;
    check_close(draft_mean_tok(&s), 5, 1e-12);
    check_close(draft_accepted_frac(&s), 1, 1e-12);
    s.acceptance = 0;
    check_close(draft_mean_tok(&s), 1, 1e-12);
    check_close(draft_mean_tok(&(struct speculative){0}), 1, 1e-12);
}

static void the_table_agrees_with_the_step(void **state)
{
    (void)state;
    static const int64_t seqs[] = {1, 3, 8, 17, 64, 200}, context[] = {300, 1000, 9000};
    for (int of = 0; of < 2; of++)
        for (int kind = DRAFT_MODEL; kind <= DRAFT_MTP; kind++) {
            struct set s;
            struct arena *a = arena_new();
            struct step_table t;
            struct deployment d = speculative(&s, of, (enum draft)kind, 3, 0.7);
            step_table_build(a, &d, &t);
            assert_int_equal(t.verify_tok, 3);
            for (int i = 0; i < 6; i++)
                for (int j = 0; j < 3; j++) {
                    struct step_load l = step_load_decode(&d, seqs[i], context[j]);
                    check_close((double)step_q20(&t, &l) / (double)Q20 * 1e-9, step_s(&d, seqs[i], context[j]), 0.04);
                }
            struct step_table twice = step_table_scale(a, &t, 2);
            struct step_load l = step_load_decode(&d, 50, 1000);
            check_close((double)step_q20(&twice, &l), 2 * (double)step_q20(&t, &l), 1e-6);
            arena_free(a);
        }
}

/* Few sequences: the weights are read once for several tokens. Many: the arithmetic of rejected tokens is lost. */
static void it_helps_small_batches_most(void **state)
{
    (void)state;
    for (int kind = DRAFT_MODEL; kind <= DRAFT_MTP; kind++) {
        struct set s;
        struct deployment d = speculative(&s, 0, (enum draft)kind, 4, 0.6), plain = d;
        plain.spec = (struct speculative){0};
        double each = draft_mean_tok(&d.spec), last = INFINITY;
        for (int64_t b = 1; b <= 256; b *= 16) {
            double gain = step_s(&plain, b, 1000) * each / step_s(&d, b, 1000);
            assert_true(gain < last && gain < each);
            last = gain;
        }
        assert_true(step_s(&plain, 1, 1000) * each / step_s(&d, 1, 1000) > (kind == DRAFT_MODEL ? 0.8 : 1.3));
        assert_true(last < (kind == DRAFT_MODEL ? 1 : 1.5));
    }
}

static void acceptance_and_heads(void **state)
{
    (void)state;
    struct set s;
    struct deployment d = speculative(&s, 0, DRAFT_EAGLE, 3, 0.5);
    double last = INFINITY;
    for (double a = 0; a <= 1; a += 0.25) {
        struct prediction p;
        d.spec.acceptance = a;
        predict_point(&d, 16, 1000, 200, &p);
        assert_true(p.tpot_s.at < last);
        assert_int_equal(p.evidence, GRADE_INFERRED);
        last = p.tpot_s.at;
    }
    struct deployment ngram = d, model = d, plain = d;
    ngram.spec.draft = DRAFT_NGRAM;
    model.spec.draft = DRAFT_MODEL, model.spec.model = &s.small, model.spec.quant = quant_bf16;
    plain.spec = (struct speculative){0};
    assert_true(step_s(&ngram, 8, 1000) < step_s(&d, 8, 1000) && step_s(&d, 8, 1000) < step_s(&model, 8, 1000));
    /* A layer of 81 is added to weights and KV cache, the draft model brings all of its own. */
    struct memory m = memory_of(&d), none = memory_of(&plain), big = memory_of(&model), look = memory_of(&ngram);
    check_close(m.kv_full_bytes_tok / none.kv_full_bytes_tok, 81.0 / 80, 1e-9);
    assert_true(m.weight_bytes > none.weight_bytes * 1.01 && m.weight_bytes < none.weight_bytes * 1.02);
    check_close(big.weight_total_bytes - none.weight_total_bytes, 8.03e9 * 2, 0.02);
    assert_true(big.kv_tokens < m.kv_tokens && m.kv_tokens < none.kv_tokens && look.kv_tokens == none.kv_tokens);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_of_a_step),
        cmocka_unit_test(the_table_agrees_with_the_step),
        cmocka_unit_test(it_helps_small_batches_most),
        cmocka_unit_test(acceptance_and_heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
