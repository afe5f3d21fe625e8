/* Signs, ties and losses that are known by hand. */
#include "fixture.h"

#include "fit/merit.h"

/* One error a (point, metric), in the order of the file. */
struct made {
    struct fit_error e[64];
    struct fit_report r;
};

static void say(struct made *m, const struct fit_point *p, enum fit_metric metric, double measured, double predicted)
{
    m->e[m->r.nerror++] =
        (struct fit_error){.point = p, .metric = metric, .measured = measured, .predicted = {predicted, 0, 0}};
    m->r.error = m->e;
}

static void pairs_by_hand(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, CLOSED "ttft_mean_ms,tpot_mean_ms\n"
                                                  "a,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,8,1,1,1,1,50,9\n"
                                                  "b,llama-3.1-8b,h200-sxm-141,1,vllm,,bf16,512,64,,8,1,1,1,1,50,9\n"
                                                  "c,llama-3.1-8b,b200-sxm,1,vllm,,bf16,512,64,,8,1,1,1,1,50,9\n"
                                                  "d,llama-3.1-8b,mi300x,1,vllm,,bf16,512,64,,8,1,1,1,1,50,9\n"
                                                  "e,llama-3.1-8b,mi300x,1,vllm,,bf16,512,64,,16,1,1,1,1,50,9\n"
                                                  "f,llama-3.1-8b,h100-sxm-80,1,vllm,,fp8,512,64,,8,1,1,1,1,50,9\n"
                                                  "g,llama-3.1-8b,h100-sxm-80,4,vllm,,bf16,512,64,,8,4,1,1,1,50,9\n"
                                                  "h,llama-3.1-8b,h100-sxm-80,8,vllm,,bf16,512,64,,8,8,1,1,1,50,9\n");
    /* Four devices share a deployment; e has another load, f another format, g and h another split. Of the six pairs
    *a-d is a tie
    ** as measured (30 and 31); c is predicted slower than b: one of five signs is wrong. */
    static const double measured[] = {30, 20, 10, 31, 5, 15, 12, 8}, predicted[] = {33, 18, 19, 20, 99, 16, 9, 10};
    struct made m = {0};
    for (int i = 0; i < 8; i++) {
        assert_null(p.point[i].refused);
        say(&m, &p.point[i], FIT_TPOT_MEAN_MS, measured[i], predicted[i]);
    }
    struct fit_ranking r;
    fit_rank(w.a, &m.r, &r);
    const struct fit_pairs *all = &r.ratio[0].by[FIT_BY_LATENCY];
    assert_int_equal(all->pairs, 5);
    assert_int_equal(all->ties, 1);
    assert_int_equal(all->right, 4);
    check_close(all->right_frac, 0.8, 1e-12);
    check_close(all->tau, 0.6, 1e-12);
    static const struct {
        const char *of;
        size_t pairs, ties, right;
    } want[] = {{"h200-sxm-141/h100-sxm-80", 1, 0, 1},
                {"b200-sxm/h200-sxm-141", 1, 0, 0},
                {"mi300x/h100-sxm-80", 0, 1, 0},
                {"tp8/tp4", 1, 0, 0},
                {"fp8/bf16", 1, 0, 1}};
    for (int k = 1; k < FIT_RATIOS; k++) {
        const struct fit_pairs *x = &r.ratio[k].by[FIT_BY_LATENCY];
        assert_string_equal(r.ratio[k].of, want[k - 1].of);
        assert_true(x->pairs == want[k - 1].pairs && x->ties == want[k - 1].ties && x->right == want[k - 1].right);
        assert_int_equal(r.ratio[k].by[FIT_BY_THROUGHPUT].pairs, 0);
        assert_true(isnan(r.ratio[k].by[FIT_BY_THROUGHPUT].tau));
    }
    arena_free(w.a);
}

/* Rates are held per accelerator, and only like with like: 100 tok/s of 4 cards are less than 60 of 2. */
static void rates_by_hand(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, CLOSED "output_tok_s\n"
                                                  "a,llama-3.1-8b,h100-sxm-80,4,vllm,,bf16,512,64,,8,4,1,1,1,9\n"
                                                  "b,llama-3.1-8b,h100-sxm-80,8,vllm,,bf16,512,64,,8,8,1,1,1,9\n");
    struct made m = {0};
    say(&m, &p.point[0], FIT_OUTPUT_TOK_S, 100, 100);
    say(&m, &p.point[1], FIT_OUTPUT_TOK_S, 150, 220);
    struct fit_ranking r;
    fit_rank(w.a, &m.r, &r);
    assert_int_equal(r.ratio[4].by[FIT_BY_THROUGHPUT].pairs, 1); /* 25 and 18.75, predicted 25 and 27.5 */
    assert_int_equal(r.ratio[4].by[FIT_BY_THROUGHPUT].right, 0);
    m.e[1].metric = FIT_TOTAL_TOK_S;
    fit_rank(w.a, &m.r, &r);
    assert_int_equal(r.ratio[4].by[FIT_BY_THROUGHPUT].pairs, 0);
    arena_free(w.a);
}

static const char loads[] = CLOSED "ttft_mean_ms,tpot_mean_ms\n"
                                   "a,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,1,1,1,1,1,5,9\n"
                                   "b,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,2,1,1,1,1,5,9\n"
                                   "c,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,4,1,1,1,1,5,9\n"
                                   "d,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,8,1,1,1,1,5,9\n";

/* Four loads: measured TPOT 10 20 30 40 ms and 100 200 300 400 tok/s, every TTFT 5 ms. The quartiles of TPOT, 17.5, 25
*and 32.5,
** ask a question each, and 25 and 32.5 with the median TTFT again; TTFT alone asks none. */
static struct fit_choice chosen(struct world *w, const struct fit_points *p, const double tpot_ms[4])
{
    struct made m = {0};
    struct fit_choice c;
    for (int i = 0; i < 4; i++) {
        say(&m, &p->point[i], FIT_TTFT_MEAN_MS, 5, 5);
        say(&m, &p->point[i], FIT_TPOT_MEAN_MS, 10 * (i + 1), tpot_ms[i]);
        say(&m, &p->point[i], FIT_TOK_S_PER_ACCELERATOR_DERIVED, 100 * (i + 1), 100 * (i + 1));
    }
    fit_choose(w->a, &m.r, &c);
    assert_int_equal(c.groups, 1);
    assert_int_equal(c.questions, 5);
    return c;
}

static void choices_by_hand(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, loads);
    struct fit_choice c = chosen(&w, &p, (const double[]){10, 20, 30, 40});
    assert_true(c.violated == 0 && c.none == 0);
    check_close(c.lost_p90_pct, 0, 0);
    /* Two sequences are predicted too slow for 25 ms: one is chosen, and half is lost in two questions of five. */
    c = chosen(&w, &p, (const double[]){10, 26, 30, 40});
    assert_true(c.violated == 0 && c.none == 0);
    check_close(c.lost_pct, 0, 0);
    check_close(c.lost_p90_pct, 50, 1e-12);
    /* Four are predicted to keep 25 ms, and take 30. */
    c = chosen(&w, &p, (const double[]){10, 20, 24, 40});
    assert_true(c.violated == 2 && c.none == 0);
    check_close(c.violated_frac, 0.4, 1e-12);
    check_close(c.lost_pct, 0, 0);
    check_close(c.lost_all_pct, 0, 0); /* 0 0 0 100 100 */
    /* 40 ms are above 32.5 by more than the repeats of a measurement differ by. */
    c = chosen(&w, &p, (const double[]){10, 20, 30, 32});
    assert_int_equal(c.violated, 2);
    /* Nothing is predicted to be fast enough. */
    c = chosen(&w, &p, (const double[]){99, 99, 99, 99});
    assert_true(c.violated == 0 && c.none == 5);
    assert_true(isnan(c.lost_pct));
    check_close(c.lost_all_pct, 100, 0);
    arena_free(w.a);
}

static void too_few_are_no_choice(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, loads);
    struct made m = {0};
    struct fit_choice c;
    for (int i = 0; i < 3; i++) {
        say(&m, &p.point[i], FIT_TTFT_MEAN_MS, 5, 5);
        say(&m, &p.point[i], FIT_TPOT_MEAN_MS, 10 * (i + 1), 10);
        say(&m, &p.point[i], FIT_TOK_S_PER_ACCELERATOR_DERIVED, 100, 100);
    }
    fit_choose(w.a, &m.r, &c);
    assert_true(c.groups == 0 && c.questions == 0 && isnan(c.lost_pct) && isnan(c.violated_frac));
    arena_free(w.a);
}

/* 8 requests, 64 tokens of 10 ms behind 60 ms: 8 / (0.06 + 64 * 0.01) * 64 = 731.4 tok/s; means of lengths in [0.8, 1]
 * are 0.9. */
static void derived_throughput(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, CLOSED CLOSED_POOLS
                     "ttft_mean_ms,tpot_mean_ms,tok_s_per_accelerator\n"
                     "a,llama-3.1-8b,h100-sxm-80,2,vllm,,bf16,512,64,,8,2,1,1,1,,,,,,,,,60,10,\n"
                     "b,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,100,0.8,8,1,1,1,1,,,,,,,,,100,10,\n"
                     "c,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,8,1,1,1,1,,,,,,,,,60,10,500\n"
                     "d,llama-3.1-8b,h100-sxm-80,,vllm,disaggregated,bf16,512,64,,8,,,,,1,1,1,1,3,1,1,1,60,10,\n");
    check_close(p.point[0].measured[FIT_TOK_S_PER_ACCELERATOR_DERIVED], 8 / 0.7 * 64 / 2, 1e-12);
    check_close(p.point[1].measured[FIT_TOK_S_PER_ACCELERATOR_DERIVED], 8 / (0.1 + 0.9) * 90, 1e-12);
    assert_true(isnan(p.point[2].measured[FIT_TOK_S_PER_ACCELERATOR_DERIVED])); /* it states its own */
    assert_null(p.point[3].refused);
    check_close(p.point[3].measured[FIT_TOK_S_PER_ACCELERATOR_DERIVED], 8 / 0.7 * 64 / 4, 1e-12);
    struct fit_prediction f = world_predict(&w, &p.point[0], NULL);
    double want =
        fit_closed_loop_tok_s(&p.point[0], f.value[FIT_TTFT_MEAN_MS].at / 1e3, f.value[FIT_TPOT_MEAN_MS].at / 1e3);
    check_close(f.value[FIT_TOK_S_PER_ACCELERATOR_DERIVED].at, want, 1e-12);
    arena_free(w.a);
}

/* `each`: a row is predicted as if its own device were held out, whichever others stand in the file. */
static void each_without_its_own(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, CLOSED "tpot_mean_ms\n"
                                                  "a,llama-3.1-8b,h100-sxm-80,1,vllm,,bf16,512,64,,8,1,1,1,1,9\n"
                                                  "b,llama-3.1-8b,h200-sxm-141,1,vllm,,bf16,512,64,,8,1,1,1,1,9\n");
    static const char *const id[] = {"h100-sxm-80", "h200-sxm-141"};
    struct fit_report each, family, one;
    assert_true(fit_validate(w.a, w.cat, &p, &(struct fit_options){.threads = 1, .without = "each"}, &each, &w.e));
    assert_true(
        fit_validate(w.a, w.cat, &p, &(struct fit_options){.threads = 1, .without_family = "each"}, &family, &w.e));
    for (size_t i = 0; i < 2; i++) {
        assert_true(fit_validate(w.a, w.cat, &p, &(struct fit_options){.threads = 1, .without = id[i]}, &one, &w.e));
        check_close(each.error[i].predicted.at, one.error[i].predicted.at, 0);
        assert_int_equal(each.error[i].tier, TIER_FAMILY);
        assert_int_equal(family.error[i].tier, TIER_POOLED);
    }
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_by_hand),      cmocka_unit_test(rates_by_hand),
        cmocka_unit_test(choices_by_hand),    cmocka_unit_test(too_few_are_no_choice),
        cmocka_unit_test(derived_throughput), cmocka_unit_test(each_without_its_own),
    };
    return cmocka_run_group_tests_name("fit ranking", tests, NULL, NULL);
}
