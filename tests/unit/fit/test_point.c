/* Point files: what each row says, and a reason for every row that cannot be used. */
#include "fixture.h"

static void closed_loop_row(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, CLOSED "ttft_mean_ms,tpot_mean_ms,flag,source\n"
                                "a,llama-3.1-70b,h100-sxm-80,4,vllm,aggregated,fp8,1024,512,0.8,64,4,1,1,1,200,20,,x\n"
                                "b,deepseek-v3,h200-sxm-141,8,sglang,,fp8,1024,512,,16,1,1,8,8,200,20,,x\n");
    assert_int_equal(p.n, 2);
    const struct fit_point *a = &p.point[0], *b = &p.point[1];
    assert_null(a->refused);
    assert_int_equal(a->kind, FIT_SERVING);
    assert_string_equal(a->model->id, "llama-3.1-70b");
    assert_int_equal(a->concurrency, 64);
    assert_int_equal(a->tp, 4);
    assert_int_equal(a->precision, PREC_FP8);
    check_close(a->length_ratio_min, 0.8, 0);
    check_close(a->measured[FIT_TTFT_MEAN_MS], 200, 0);
    assert_true(isnan(a->measured[FIT_OUTPUT_TOK_S]));
    assert_null(b->refused); /* dp is copies of the attention in such a file */
    assert_int_equal(b->dp, 8);
    assert_int_equal(b->replicas, 1);
    check_close(b->length_ratio_min, 1, 0);
    assert_int_equal(w.notes.n, 0);
    arena_free(w.a);
}

static void dp_is_replicas_elsewhere(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "a,static,deepseek-v3,h200-sxm-141,16,vllm,fp8,128,128,16,8,1,2,9,9,,\n");
    assert_null(p.point[0].refused);
    assert_int_equal(p.point[0].dp, 1);
    assert_int_equal(p.point[0].replicas, 2);
    arena_free(w.a);
}

static void splits_that_frameworks_imply(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, STATIC "neuron,static,llama-3-8b,trainium1,16,neuronx,int8,128,128,1,32,1,1,,9,,\n"
                                "llama,static,llama-3-8b,rtx-4090,4,llama.cpp,q4_k_m,128,128,1,,,,,9,,\n"
                                "one,static,llama-3-8b,rtx-4090,1,other,fp16,128,128,1,,,,,9,,\n"
                                "open,static,llama-3-8b,rtx-4090,4,vllm,fp16,128,128,1,,,,,9,,\n"
                                "wrong,static,llama-3-8b,rtx-4090,4,vllm,fp16,128,128,1,2,1,1,,9,,\n");
    assert_null(p.point[0].refused);
    assert_int_equal(p.point[0].tp, 16); /* it counts cores, two a chip */
    assert_int_equal(p.point[1].pp, 4);  /* it splits by layers */
    assert_int_equal(p.point[2].tp, 1);
    assert_string_equal(p.point[3].refused, "tp is not stated for 4 devices");
    assert_string_equal(p.point[4].refused, "tp * pp * dp is 2, but there are 4 devices");
    arena_free(w.a);
}

/* ROCm shows each die of an MI250X: as many devices as ranks are dies. Half as many packages are packages. */
static void dies_are_devices_to_rocm(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, STATIC "die,static,llama-3-8b,mi250x,2,vllm,fp16,128,128,1,2,1,1,,9,,\n"
                                                  "package,static,llama-3-8b,mi250x,2,vllm,fp16,128,128,1,4,1,1,,9,,\n");
    const struct accelerator *whole = catalog_accelerator(w.cat, "mi250x", "", NULL, &w.e), *die = p.point[0].acc;
    assert_null(p.point[0].refused);
    assert_int_equal(p.point[0].tp, 2);
    check_close(die->mem_bw_bytes_s, whole->mem_bw_bytes_s / 2, 0);
    check_close(die->mem_bytes, whole->mem_bytes / 2, 0);
    check_close(die->peak_flop_s[ARITH_BF16], whole->peak_flop_s[ARITH_BF16] / 2, 0);
    assert_ptr_equal(p.point[1].acc, whole);
    assert_int_equal(p.point[1].tp, 2);
    arena_free(w.a);
}

/* The era by the version where one is stated, else by the date. */
static void eras(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(
        &w, "id,kind,model,accelerator,accelerators,framework,framework_version,date,precision,isl,osl,batch,e2e_latency_s\n"
            "old,static,llama-3-8b,h100,1,vllm,vLLM 0.6.1,2026-01,fp16,128,128,1,1\n"
            "dated,static,llama-3-8b,h100,1,vllm,nightly,2024-11,fp16,128,128,1,1\n"
            "new,static,llama-3-8b,h100,1,vllm,0.12.0,2024-11,fp16,128,128,1,1\n"
            "bare,static,llama-3-8b,h100,1,vllm,,,fp16,128,128,1,1\n"
            "none,static,llama-3-8b,h100,1,,,,fp16,128,128,1,1\n");
    const struct stack_file *now = catalog_stack(w.cat, "vllm", p.point[0].acc, "", &w.e);
    assert_ptr_equal(p.point[0].stack, p.point[1].stack);
    assert_ptr_not_equal(p.point[0].stack, now);
    assert_ptr_equal(p.point[2].stack, now);
    assert_ptr_equal(p.point[3].stack, now);
    assert_string_equal(stack_file_name(p.point[4].stack), "unstated");
    arena_free(w.a);
}

static void every_bad_row_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        const char *row, *why;
    } bad[] = {
        {"a,static,,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,9,,", "the model is not named"},
        {"a,static,llama-3-8b,,1,vllm,fp8,128,128,1,1,1,1,,9,,", "the accelerator is not named"},
        {"a,static,lama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,9,,", "unknown model"},
        {"a,static,llama-3-8b,h1000,1,vllm,fp8,128,128,1,1,1,1,,9,,", "unknown accelerator"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,,128,128,1,1,1,1,,9,,", "the precision is not stated"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp7,128,128,1,1,1,1,,9,,", "no number format \"fp7\""},
        {"a,training,llama-3-8b,h100-sxm-80,,vllm,fp8,128,128,1,1,1,1,,9,,", "how many accelerators is not stated"},
        {"a,sideways,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,9,,", "unknown kind"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,nan,,", "\"nan\" is not a number"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,-9,,", "cannot have been measured"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,0,,", "cannot have been measured"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,1e400,,", "is not a number"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,20 ms,,", "\"20 ms\" is not a number"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,,,", "no measured value"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,-5,128,1,1,1,1,,9,,", "isl: -5 is out of range"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,0,1,1,1,,9,,", "batch: 0 is out of range"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,,1,1,1,,9,,", "a static point needs a batch"},
        {"a,serving,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,,1,1,1,,9,,", "the load is not stated"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,,,1,1,1,1,,9,,", "the prompt length is not stated"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm", "another number of cells"},
        {"a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1000000,1000000,1000000,,9,,", "out of range"},
    };
    struct world w = world_open();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct fit_points p = world_points(
            &w, arena_printf(w.a, STATIC "%s\nok,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,,9,,",
                             bad[i].row));
        assert_int_equal(p.n, 2);
        if (!p.point[0].refused || !strstr(p.point[0].refused, bad[i].why))
            fail_msg("%s: refused as \"%s\"", bad[i].row, p.point[0].refused ? p.point[0].refused : "(not)");
        assert_null(p.point[1].refused); /* the rest is still scored */
    }
    arena_free(w.a);
}

static void doubtful_rows_stay_out(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p =
        world_points(&w, "id,model,accelerator,precision,kind,isl,osl,batch,accelerators,tier,flag,tpot_ms\n"
                         "a,llama-3-8b,h100,fp8,static,9,9,1,1,suspect,,5\n"
                         "b,llama-3-8b,h100,fp8,static,9,9,1,1,A,odd clock,5\n"
                         "c,llama-3-8b,h100,fp8,static,9,9,1,1,A,,5\n"
                         "c,llama-3-8b,h100,fp8,static,9,9,1,1,A,,5\n");
    assert_string_equal(p.point[0].refused, "tier suspect: left out of scores");
    assert_string_equal(p.point[1].refused, "flagged: odd clock");
    assert_null(p.point[2].refused);
    assert_string_equal(p.point[3].refused, "duplicate id, first on line 4");
    arena_free(w.a);
}

static void files_that_are_none(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what;
    } bad[] = {
        {"", "empty"},
        {"accelerator,tpot_ms\nh100,5\n", "no column named \"model\""},
        {"model,tpot_ms\nllama-3-8b,5\n", "no column named \"accelerator\""},
        {"model,accelerator\nllama-3-8b,h100\n", "no column with a measured value"},
        {"model,accelerator,tpot_ms\n", "no rows"},
        {"\"model,accelerator,tpot_ms\n", ""},
    };
    struct world w = world_open();
    struct fit_points p;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(world_read(&w, bad[i].text, strlen(bad[i].text), &p));
        assert_int_equal(w.e.kind, ERR_INPUT);
        if (!strstr(w.e.what, bad[i].what))
            fail_msg("\"%s\" said \"%s\"", bad[i].text, w.e.what);
    }
    assert_false(fit_points_read(w.a, w.cat, "/nonexistent/points.csv", &p, &w.notes, &w.e));
    assert_int_equal(w.e.kind, ERR_ENV);
    arena_free(w.a);
}

/* Cut anywhere, a file is read or refused, and every row that is there has a reason or a value. */
static void truncated_anywhere(void **state)
{
    (void)state;
    static const char text[] = STATIC "a,static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,9,9,,\r\n"
                                      "\"b\"\"q\",static,llama-3-8b,h100-sxm-80,1,vllm,fp8,128,128,1,1,1,1,9,9,,\n";
    struct world w = world_open();
    for (size_t n = 0; n < sizeof text; n++) {
        struct fit_points p = {0};
        if (!world_read(&w, text, n, &p))
            continue;
        for (size_t i = 0; i < p.n; i++)
            assert_true(p.point[i].refused || p.point[i].measured[FIT_TPOT_MS] > 0);
    }
    arena_free(w.a);
}

static void unknown_columns_are_a_note(void **state)
{
    (void)state;
    struct world w = world_open();
    world_points(&w, "model,accelerator,precision,kind,isl,osl,batch,accelerators,colour,tpot_ms\nllama-3-8b,h100,fp8,"
                     "static,9,9,1,1,red,5\n");
    assert_int_equal(w.notes.n, 1);
    assert_non_null(strstr(w.notes.note[0].text, "columns not used: colour"));
    arena_free(w.a);
}

static void ended_early(void **state)
{
    (void)state;
    struct world w = world_open();
    struct fit_points p = world_points(&w, STATIC "a,static,llama-3-8b,h100,1,vllm,fp16,128,101,1,1,1,1,50,10,1050,\n"
                                                  "b,static,llama-3-8b,h100,1,vllm,fp16,128,101,1,1,1,1,50,10,400,\n");
    check_close(p.point[0].measured[FIT_E2E_MS], 1050, 0);
    assert_true(isnan(p.point[1].measured[FIT_E2E_MS]));
    check_close(p.point[1].measured[FIT_TPOT_MS], 10, 0);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_loop_row),
        cmocka_unit_test(dp_is_replicas_elsewhere),
        cmocka_unit_test(splits_that_frameworks_imply),
        cmocka_unit_test(dies_are_devices_to_rocm),
        cmocka_unit_test(eras),
        cmocka_unit_test(every_bad_row_has_its_reason),
        cmocka_unit_test(doubtful_rows_stay_out),
        cmocka_unit_test(files_that_are_none),
        cmocka_unit_test(truncated_anywhere),
        cmocka_unit_test(unknown_columns_are_a_note),
        cmocka_unit_test(ended_early),
    };
    return cmocka_run_group_tests_name("fit point", tests, NULL, NULL);
}
