/* The result of vLLM's benchmark as a point: what it says, what must be given, and what is no result. */
#include "fixture.h"

#include "base/buf.h"
#include "fit/calibrate_input.h"

#define RESULT                                                                                                         \
    "\"backend\": \"vllm\", \"model_id\": \"meta-llama/Llama-3.1-70B-Instruct\", \"num_prompts\": 320, "              \
    "\"duration\": 100.5, \"completed\": 320, \"total_input_tokens\": 320000, \"total_output_tokens\": 64000, "       \
    "\"output_throughput\": 636.8, \"total_token_throughput\": 3820.9, \"mean_ttft_ms\": 210.5, "                     \
    "\"median_ttft_ms\": 180.25, \"mean_tpot_ms\": 21.5, \"median_tpot_ms\": 21.1"

static const struct fit_given given = {.accelerator = "h100", .precision = "fp8", .tp = 4};

static bool read_text(struct world *w, const char *json, const struct fit_given *g, struct fit_points *out)
{
    struct buf csv = {.arena = w->a};
    return fit_bench_csv(w->a, "runs/r1.json", json, strlen(json), g, &csv, &w->notes, &w->e) &&
           fit_points_parse(w->a, w->cat, "runs/r1.json", csv.at, csv.n, out, &w->notes, &w->e);
}

static void a_closed_loop(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p;
    if (!read_text(&w, "{" RESULT ", \"request_rate\": \"inf\", \"max_concurrency\": 32}", &given, &p))
        fail_msg("%s: %s", w.e.place, w.e.what);
    assert_int_equal(p.n, 1);
    const struct fit_point *x = p.point;
    assert_null(x->refused);
    assert_string_equal(x->id, "r1.json");
    assert_string_equal(x->model->id, "llama-3.1-70b");
    assert_string_equal(x->acc->id, "h100-sxm-80");
    assert_string_equal(x->framework, "vllm");
    assert_int_equal(x->precision, PREC_FP8);
    assert_int_equal(x->tp, 4);
    assert_int_equal(x->concurrency, 32);
    assert_false(x->all_queued);
    assert_int_equal(x->requests, 320);
    assert_int_equal(x->isl, 1000);
    assert_int_equal(x->osl, 200);
    check_close(x->measured[FIT_TTFT_MEAN_MS], 210.5, 1e-12);
    check_close(x->measured[FIT_TTFT_P50_MS], 180.25, 1e-12);
    check_close(x->measured[FIT_TPOT_MEAN_MS], 21.5, 1e-12);
    check_close(x->measured[FIT_OUTPUT_TOK_S], 636.8, 1e-12);
    arena_free(w.a);
}

static void other_loads(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p;
    assert_true(read_text(&w, "{" RESULT ", \"request_rate\": 3.5, \"max_concurrency\": null}", &given, &p));
    check_close(p.point->rate_s, 3.5, 1e-12);
    assert_int_equal(p.point->concurrency, 0);
    assert_true(read_text(&w, "{" RESULT ", \"request_rate\": \"inf\", \"max_concurrency\": null}", &given, &p));
    assert_true(p.point->all_queued);
    struct fit_given g = given;
    g.model = "llama-3.1-8b", g.framework = "sglang";
    assert_true(read_text(&w, "{" RESULT "}", &g, &p));
    assert_string_equal(p.point->model->id, "llama-3.1-8b");
    assert_string_equal(p.point->framework, "sglang");
    arena_free(w.a);
}

static void no_results(void **state)
{
    (void)state;
    static const char *const bad[][2] = {
        {"", ""},
        {"{", ""},
        {"{" RESULT, ""},
        {"[]", "no benchmark result"},
        {"{\"model_id\": \"llama-3.1-8b\"}", "no benchmark result"},
        {"{\"completed\": 0, \"total_input_tokens\": 0}", "no request was completed"},
        {"{\"completed\": \"many\", \"total_input_tokens\": 0}", "expected a number, got \"many\""},
        {"{\"completed\": 5, \"total_input_tokens\": 10, \"max_concurrency\": \"8\"}", "expected a number, got \"8\""},
        {"{\"completed\": 5, \"total_input_tokens\": 10, \"request_rate\": -1}", "expected 0 or more, got -1"},
        {"{\"completed\": 5, \"total_input_tokens\": 10}", "does not say the model"},
    };
    struct world w = world_open();
    struct fit_points p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        w.e = (struct err){0};
        assert_false(read_text(&w, bad[i][0], &given, &p));
        assert_int_equal(w.e.kind, ERR_INPUT);
        if (!strstr(w.e.what, bad[i][1]))
            fail_msg("%s: %s", bad[i][0], w.e.what);
    }
    assert_false(read_text(&w, "{" RESULT "}", &(struct fit_given){.tp = 2}, &p));
    assert_non_null(strstr(w.e.what, "accelerator"));
    assert_non_null(strstr(w.e.mend, "--precision"));
    assert_null(strstr(w.e.mend, "--tp"));
    /* numbers that cannot be: the row is refused by the reader of rows */
    assert_true(read_text(&w, "{\"completed\": 5, \"total_input_tokens\": 10, \"model_id\": \"llama-3.1-8b\"}", &given, &p));
    assert_non_null(p.point->refused);
    arena_free(w.a);
}

/* Cut anywhere, it is one clear error. */
static void cut_short(void **state)
{
    (void)state;
    static const char whole[] = "{" RESULT ", \"request_rate\": \"inf\", \"max_concurrency\": 32}";
    struct world w = world_open();
    for (size_t n = 0; n + 1 < sizeof whole; n += 3) {
        struct fit_points p;
        w.e = (struct err){0};
        assert_false(read_text(&w, arena_strndup(w.a, whole, n), &given, &p));
        assert_int_equal(w.e.kind, ERR_INPUT);
        assert_string_not_equal(w.e.what, "");
    }
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_closed_loop),
        cmocka_unit_test(other_loads),
        cmocka_unit_test(no_results),
        cmocka_unit_test(cut_short),
    };
    return cmocka_run_group_tests_name("fit bench_json", tests, NULL, NULL);
}
