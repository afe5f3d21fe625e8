/* Oracle: points that moat itself made with known constants give those constants back; what the points cannot tell is
** said from their loads alone; a point held out has no part in its own prediction; an overlay says what was fitted. */
#include "fixture.h"

#include "base/buf.h"
#include "base/doc.h"
#include "base/rng.h"
#include "fit/calibrate.h"

#define LOADS                                                                                                          \
    "a,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,1000,200,0.8,1,4,1,1,1,100,10\n"                                          \
    "b,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,1000,200,0.8,8,4,1,1,1,100,10\n"                                          \
    "c,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,1000,200,0.8,64,4,1,1,1,100,10\n"                                         \
    "d,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,8000,200,0.8,1,4,1,1,1,100,10\n"                                          \
    "e,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,8000,200,0.8,16,4,1,1,1,100,10\n"                                         \
    "f,llama-3.1-70b,h100-sxm-80,4,vllm,,fp8,100,400,0.8,128,4,1,1,1,100,10\n"                                         \
    "g,llama-3.1-70b,h100-sxm-80,8,vllm,,fp8,1000,200,0.8,1,8,1,1,1,100,10\n"                                          \
    "h,llama-3.1-70b,h100-sxm-80,8,vllm,,fp8,1000,200,0.8,64,8,1,1,1,100,10\n"

static struct fit_calibrate_options all(void)
{
    struct fit_calibrate_options o = {.threads = 2, .seed = 1};
    for (int k = 0; k < SCALE_N; k++)
        o.ask[k] = true;
    for (int m = 0; m < SEEN_N; m++)
        o.only[m] = true;
    return o;
}

/* Points of a file whose measured values are those of a deployment with these factors, times exp(noise * normal). */
static const struct fit_point **made(struct world *w, const char *rows, const double factor[SCALE_N], double noise,
                                     size_t *n)
{
    struct fit_points p =
        world_points(w, arena_printf(w->a, CLOSED "ttft_mean_ms,tpot_mean_ms\n%s", rows));
    const struct fit_point **list = ARENA_ARRAY(w->a, const struct fit_point *, p.n);
    struct calibration truth = calibration_none();
    struct fit_settings s = {.seed = 1, .own = &truth};
    struct rng rng;
    rng_seed(&rng, 5, 5);
    memcpy(truth.factor, factor, sizeof truth.factor);
    for (size_t i = 0; i < p.n; i++) {
        struct fit_prediction f;
        if (p.point[i].refused && strncmp(p.point[i].refused, "duplicate", 9) == 0)
            p.point[i].refused = NULL; /* the same load again is a repeat here */
        fit_predict(w->a, &p.point[i], &s, &f);
        assert_true(f.ok);
        p.point[i].measured[FIT_TTFT_MEAN_MS] = f.value[FIT_TTFT_MEAN_MS].at * exp(4 * noise * rng_normal(&rng));
        p.point[i].measured[FIT_TPOT_MEAN_MS] = f.value[FIT_TPOT_MEAN_MS].at * exp(noise * rng_normal(&rng));
        list[i] = &p.point[i];
    }
    *n = p.n;
    return list;
}

static struct fit_calibration fitted(struct world *w, const struct fit_point **p, size_t n,
                                     const struct fit_calibrate_options *o)
{
    struct fit_calibration c;
    if (!fit_calibrate(w->a, p, n, o, &c, &w->e))
        fail_msg("%s: %s", w->e.place, w->e.what);
    return c;
}

static void known_constants_come_back(void **state)
{
    (void)state;
    static const double truth[][SCALE_N] = {
        {1, 1, 1, 1, 1},
        {1.3, 1.2, 1.5, 1, 2},
        {0.8, 1.25, 0.7, 1, 0.6},
    };
    for (size_t t = 0; t < sizeof truth / sizeof *truth; t++)
        for (int noisy = 0; noisy < 2; noisy++) {
            struct world w = world_open();
            struct fit_calibrate_options o = all();
            size_t n;
            const struct fit_point **p = made(&w, LOADS LOADS LOADS, truth[t], noisy ? 0.03 : 0, &n);
            struct fit_calibration c = fitted(&w, p, n, &o);
            assert_int_equal(c.used, n);
            static const int told[] = {SCALE_COMPUTE, SCALE_MEMORY, SCALE_REQUEST};
            for (size_t i = 0; i < 3; i++) {
                assert_int_equal(c.constants.state[told[i]], CONST_IDENTIFIED);
                double off = fabs(log(c.constants.factor[told[i]] / truth[t][told[i]]));
                /* The prior pulls an exact fit a little towards 1, most of all what only TTFT feels. */
                if (off > (noisy ? 2.5 : 1.5) * c.constants.width[told[i]] || off > 0.3)
                    fail_msg("%s: %g instead of %g", scale_name[told[i]], c.constants.factor[told[i]],
                             truth[t][told[i]]);
            }
            if (t > 0) {
                assert_true(c.score[SEEN_STEP].after_median_pct < (noisy ? 5 : 2));
                assert_true(c.score[SEEN_STEP].after_median_pct < c.score[SEEN_STEP].before_median_pct);
                assert_true(c.interval.step_hi < c.before.step_hi / 2);
            }
            arena_free(w.a);
        }
}

/* Two points already help, and one does no harm: what they say is not more than a scale. */
static void two_points_help(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1.3, 1.3, 1.3, 1.3, 1};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0, &n);
    const struct fit_point *two[] = {p[1], p[4]};
    struct fit_calibration c = fitted(&w, two, 2, &o);
    struct calibration own = fit_calibration_entry(&c);
    struct fit_settings s = {.seed = 1, .own = &own}, plain = {.seed = 1};
    for (size_t i = 0; i < n; i++) {
        struct fit_prediction after, before;
        fit_predict(w.a, p[i], &s, &after);
        fit_predict(w.a, p[i], &plain, &before);
        double m = p[i]->measured[FIT_TPOT_MEAN_MS];
        assert_true(fabs(after.value[FIT_TPOT_MEAN_MS].at / m - 1) < 0.12);
        assert_true(fabs(before.value[FIT_TPOT_MEAN_MS].at / m - 1) > 0.2);
        assert_int_equal(after.evidence, GRADE_MEASURED);
    }
    arena_free(w.a);
}

/* Points at one load: how long a step takes, not what of it. */
static void one_batch_is_one_scale(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1, 1.3, 1.3, 1, 1};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w,
                                      "a,llama-3.1-8b,h100-sxm-80,2,vllm,,fp8,200,200,0.8,4,2,1,1,1,100,10\n"
                                      "b,llama-3.1-8b,h100-sxm-80,2,vllm,,fp8,300,200,0.8,4,2,1,1,1,100,10\n"
                                      "c,llama-3.1-8b,h100-sxm-80,2,vllm,,fp8,200,300,0.8,4,2,1,1,1,100,10\n",
                                      truth, 0, &n);
    o.only[SEEN_TTFT] = false;
    o.ask[SCALE_COMPUTE] = o.ask[SCALE_LINK] = o.ask[SCALE_REQUEST] = false;
    o.advise = true;
    struct fit_calibration c = fitted(&w, p, n, &o);
    assert_int_equal(c.constants.state[SCALE_REQUEST], CONST_LEFT);
    assert_int_equal(c.constants.state[SCALE_FIXED], CONST_SHARED);
    assert_int_equal(c.constants.state[SCALE_MEMORY], CONST_SHARED);
    check_close(c.constants.factor[SCALE_FIXED], c.constants.factor[SCALE_MEMORY], 1e-12);
    check_close(c.constants.factor[SCALE_FIXED], 1.3, 0.03);
    assert_non_null(strstr(c.because[SCALE_FIXED], "memory"));
    assert_non_null(c.missing[SCALE_FIXED]);
    assert_null(c.refused); /* a scale is an answer */
    o.insist = true;
    c = fitted(&w, p, n, &o);
    assert_non_null(strstr(c.refused, "memory"));
    o.ask[SCALE_MEMORY] = false;
    o.ask[SCALE_REQUEST] = true;
    o.ask[SCALE_FIXED] = false;
    c = fitted(&w, p, n, &o);
    assert_string_equal(c.because[SCALE_REQUEST], "no point feels it"); /* TTFT is not looked at */
    assert_non_null(c.refused);
    arena_free(w.a);
}

/* Whatever was measured of a point, its prediction while held out is the same; and so is what the points can tell. */
static void held_out_is_not_seen(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1.2, 1.1, 1.4, 1, 1.5};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0.03, &n);
    struct fit_calibration a = fitted(&w, p, n, &o);
    for (size_t k = 0; k < n; k++) {
        struct fit_point other = *p[k];
        const struct fit_point *was = p[k];
        other.measured[FIT_TTFT_MEAN_MS] *= 1.5;
        other.measured[FIT_TPOT_MEAN_MS] *= 1.5;
        p[k] = &other;
        struct fit_calibration b = fitted(&w, p, n, &o);
        p[k] = was;
        assert_int_equal(a.nheld, b.nheld);
        assert_memory_equal(a.constants.state, b.constants.state, sizeof a.constants.state);
        bool others = false;
        for (size_t i = 0; i < a.nheld; i++) {
            if (a.held[i].point == k)
                assert_true(a.held[i].after == b.held[i].after);
            else
                others |= a.held[i].after != b.held[i].after;
        }
        assert_true(others);
    }
    arena_free(w.a);
}

/* Repeats of a load are held out together. */
static void repeats_do_not_tell(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1.3, 1.3, 1.3, 1.3, 1};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0, &n);
    const struct fit_point *same[] = {p[2], p[2], p[2]};
    struct fit_calibration c = fitted(&w, same, 3, &o);
    assert_int_equal(c.folds, 1);
    assert_int_equal(c.nheld, 0);
    assert_true(c.constants.factor[SCALE_MEMORY] > 1.1);
    const struct fit_point *pair[] = {p[2], p[2], p[0]};
    c = fitted(&w, pair, 3, &o);
    assert_int_equal(c.folds, 2);
    arena_free(w.a);
}

static void what_cannot_be_is_not_fitted(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1, 1, 1, 1, 1};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0, &n);
    struct fit_calibration plain = fitted(&w, p + 4, n - 4, &o);
    struct fit_point bad[4];
    for (int i = 0; i < 4; i++) {
        bad[i] = *p[i];
        p[i] = &bad[i];
    }
    bad[0].measured[FIT_TPOT_MEAN_MS] = 1;     /* weights cannot be read so fast */
    bad[1].measured[FIT_TTFT_MEAN_MS] /= 1000; /* seconds */
    bad[2].measured[FIT_TPOT_MEAN_MS] *= 1000; /* microseconds */
    bad[3].measured[FIT_TTFT_MEAN_MS] *= 1000;
    struct fit_calibration c = fitted(&w, p, n, &o);
    assert_int_equal(c.used, n - 4);
    assert_non_null(strstr(c.seen[0].why, "faster than the weights"));
    for (int i = 1; i < 4; i++)
        assert_non_null(strstr(c.seen[i].why, "unit"));
    assert_memory_equal(c.constants.factor, plain.constants.factor, sizeof c.constants.factor);
    c = fitted(&w, p, 4, &o);
    assert_int_equal(c.used, 0);
    assert_non_null(c.refused);
    arena_free(w.a);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1.2, 1.1, 1.4, 1, 1.5};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0.03, &n);
    o.threads = 1;
    struct fit_calibration a = fitted(&w, p, n, &o);
    o.threads = 4;
    struct fit_calibration b = fitted(&w, p, n, &o);
    assert_memory_equal(&a.constants, &b.constants, sizeof a.constants);
    assert_memory_equal(&a.interval, &b.interval, sizeof a.interval);
    arena_free(w.a);
}

/* The file says what was fitted, to four digits, and speaks for this deployment only. */
static void overlay_round_trip(void **state)
{
    (void)state;
    static const double truth[SCALE_N] = {1.2, 1.1, 1.4, 1, 1.5};
    struct world w = world_open();
    struct fit_calibrate_options o = all();
    size_t n;
    const struct fit_point **p = made(&w, LOADS, truth, 0.03, &n);
    struct fit_calibration c = fitted(&w, p, n, &o);
    struct calibration entry = fit_calibration_entry(&c), back;
    struct buf yaml = {.arena = w.a};
    struct node *doc;
    entry.source = "it's mine.csv", entry.hash = "xxh64:0", entry.date = "2026-11-24";
    fit_calibration_yaml(&yaml, &entry);
    assert_true(doc_yaml(w.a, "x.yaml", yaml.at, yaml.n, &doc, &w.e));
    if (!calibration_read(w.a, doc, &back, &w.e))
        fail_msg("%s: %s", w.e.place, w.e.what);
    for (int k = 0; k < SCALE_N; k++)
        assert_true(fabs(back.factor[k] / entry.factor[k] - 1) < 1e-3);
    assert_true(fabs(back.interval.step_hi / entry.interval.step_hi - 1) < 1e-3);
    assert_int_equal(back.points, n);
    assert_string_equal(back.source, "it's mine.csv");
    assert_string_equal(back.model, "llama-3.1-70b");
    assert_int_equal(back.precision, PREC_FP8);

    struct stack s = stack_constants(p[0]->stack, p[0]->acc), was = s;
    struct quant q = fit_quant(p[0]);
    assert_ptr_equal(calibration_find(&back, 1, &s, p[0]->acc, p[0]->model, &q), &back);
    const struct model *other = catalog_model(w.cat, "llama-3.1-8b", "", NULL, &w.e);
    assert_null(calibration_find(&back, 1, &s, p[0]->acc, other, &q));
    const struct accelerator *far = catalog_accelerator(w.cat, "h200", "", NULL, &w.e);
    assert_null(calibration_find(&back, 1, &s, far, p[0]->model, &q));
    q.linear = PREC_BF16;
    assert_null(calibration_find(&back, 1, &s, p[0]->acc, p[0]->model, &q));
    calibration_apply(&back, &s);
    check_close(s.decode.em * back.factor[SCALE_MEMORY], was.decode.em, 1e-12);
    check_close(s.request_fixed_s, was.request_fixed_s * back.factor[SCALE_REQUEST], 1e-12);
    check_close(s.interval[TIER_POOLED].step_lo, back.interval.step_lo, 1e-12);
    assert_true(s.calibrated && !was.calibrated);
    arena_free(w.a);
}

static void bad_overlays(void **state)
{
    (void)state;
    static const struct {
        const char *yaml, *says;
    } bad[] = {
        {"framework: vllm\n", "no factors"},
        {"framework: vllm\naccelerator: h100\nfactors: {memory: 1}\n", "source"},
        {"framework: vllm\naccelerator: h100\nsource: x\nfactors: {memory: 1000}\n", "factor from"},
        {"framework: vllm\naccelerator: h100\nsource: x\nfactors: {memory: nan}\n", "factor"},
        {"framework: vllm\naccelerator: h100\nsource: x\nfactors: {memry: 1}\n", "memry"},
        {"framework: vllm\naccelerator: h100\nsource: x\nfactors: {memory: 1}\ninterval: {step_lo: 2}\n", "0.12"},
        {"framework: vllm\naccelerator: h100\nsource: x\nprecision: fp9\nfactors: {memory: 1}\n", "fp9"},
        {"framework: vllm\naccelerator: h100\nsource: x\nfactors: {memory: 1}\npoints: 0\n", ""},
        {"[1, 2]\n", "no factors"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct world w = world_open();
        struct node *doc;
        struct calibration c;
        assert_true(doc_yaml(w.a, "x.yaml", bad[i].yaml, strlen(bad[i].yaml), &doc, &w.e));
        assert_false(calibration_read(w.a, doc, &c, &w.e));
        assert_int_equal(w.e.kind, ERR_INPUT);
        if (!strstr(w.e.what, bad[i].says))
            fail_msg("%s: %s", bad[i].yaml, w.e.what);
        arena_free(w.a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_constants_come_back), cmocka_unit_test(two_points_help),
        cmocka_unit_test(one_batch_is_one_scale),    cmocka_unit_test(held_out_is_not_seen),
        cmocka_unit_test(repeats_do_not_tell),       cmocka_unit_test(what_cannot_be_is_not_fitted),
        cmocka_unit_test(threads_change_nothing),    cmocka_unit_test(overlay_round_trip),
        cmocka_unit_test(bad_overlays),
    };
    return cmocka_run_group_tests_name("fit calibrate", tests, NULL, NULL);
}
