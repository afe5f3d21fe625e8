/* test_work.c - rates of workloads against figures by hand; gates and memory give 0 with a reason; laws. */
#include "fixture.h"

#include "base/arena.h"
#include "base/err.h"
#include "facts/catalog.h"
#include "speed/work.h"

/* Shares that make the arithmetic easy. */
static struct work_shares plain(void)
{
    static struct work_share all = {
        .software = "CUDA", .compute = 0.5, .train = 0.25, .memory = 0.8, .rays = 0.1, .rows = 1};
    static struct ray_rate ray[] = {{"pooled", 1e8}, {"ada", 4e8}};
    struct work_shares s = {.other_lo = 0.4, .other_hi = 3, .encoder_pixel_s = 1e9, .ray = ray, .nray = 2};
    static struct work_share list[2];
    list[0] = list[1] = all;
    list[0].software = "pooled";
    list[0].fixed_s = list[1].fixed_s = 2e-3;
    for (int k = 0; k < WORK_CLASS_N; k++)
        s.cls[k] = (struct work_class_shares){list, 2, 0.8, 1.25};
    return s;
}

static struct work_rate rate(struct arena *a, const struct workload *w, const struct accelerator *acc, int n,
                             double batch)
{
    struct work_shares s = plain();
    struct stack k = stack_plain("vllm");
    struct work_rate r;
    work_rate(a, w, &s, acc, &k, n, batch, &r);
    return r;
}

/* 8 units of 2 TFLOP at half of 989.4 TFLOP/s, 100 GB of parameters' bytes beside them: max4, then 2 ms. */
static void replicas_by_hand(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator h = acc_h100();
    struct work_op op = {.kind = WORK_GEMM, .name = "net", .times = 3, .flop = 2e12, .params = 1e9, .values = 1e6};
    struct workload w = {.id = "w",
                         .cls = WORK_DIFFUSION,
                         .arith = {ARITH_BF16},
                         .narith = 1,
                         .batch = 8,
                         .op = &op,
                         .nop = 1,
                         .unit_bytes = 1e9,
                         .unit = "images/s"};
    struct work_rate r = rate(a, &w, &h, 2, 0);
    double c_s = 3 * 2e12 * 8 / (989.4e12 * 0.5), b_s = 3 * (1e6 * 8 + 1e9) * 2 / (3.35e12 * 0.8);
    double t_s = max4(c_s, b_s) + 2e-3;
    assert_true(r.fits && !r.reason);
    check_close(r.batch_s.at, t_s, 1e-12);
    check_close(r.rate_s.at, 8 / t_s, 1e-12);
    check_close(r.rate_s.lo, 0.8 * 8 / t_s, 1e-12);
    check_close(r.rate_s.hi, 1.25 * 8 / t_s, 1e-12);
    check_close(r.total_s.at, 2 * 8 / t_s, 1e-12);
    check_close(r.need_bytes, 2e9 + 8e9, 1e-12);
    assert_int_equal(r.arith, ARITH_BF16);
    assert_int_equal(r.part[0].bound, BOUND_COMPUTE);
    assert_int_equal(r.evidence, GRADE_INFERRED);
    /* Kernels one after the other: the stack's fixed time of each, three times a unit. */
    op.kernels = 100;
    check_close(rate(a, &w, &h, 2, 0).batch_s.at, t_s + 300 * stack_plain("vllm").gemm[PREC_BF16].t0_s, 1e-12);
    op.kernels = 0;
    /* Training: three passes at its own share, 16 bytes a parameter, gradients over the link. */
    w.train = true;
    r = rate(a, &w, &h, 1, 4);
    check_close(r.part[0].t_s,
                max4(3 * 3 * 2e12 * 4 / (989.4e12 * 0.25), 3 * 3 * (1e6 * 4 + 1e9) * 2 / (3.35e12 * 0.8)), 1e-12);
    check_close(r.need_bytes, 16e9 + 4e9, 1e-12);
    assert_true(rate(a, &w, &h, 8, 4).rate_s.at < r.rate_s.at);
    arena_free(a);
}

/* Tables of 100 GB: one card no, two cards half each and what is left of the room holds more rows. */
static void tables_spread(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator h = acc_h100();
    h.mem_usable_bytes = 80e9;
    struct work_op op[] = {{.kind = WORK_LOOKUP, .name = "rows", .times = 1, .bytes = 1e6},
                           {.kind = WORK_EXCHANGE, .name = "vectors", .times = 1, .bytes = 1e5}};
    struct workload w = {.id = "w",
                         .cls = WORK_RECOMMENDER,
                         .batch = 100,
                         .op = op,
                         .nop = 2,
                         .table_bytes = 100e9,
                         .unit = "queries/s"};
    struct work_rate r = rate(a, &w, &h, 1, 0);
    assert_false(r.fits);
    assert_string_equal(r.binding, "memory");
    check_close(r.short_by, 100.0 / 80, 1e-12);
    check_close(r.rate_s.at, 0, 0);
    r = rate(a, &w, &h, 2, 0);
    assert_true(r.fits);
    check_close(r.resident_frac, (0.8 - 0.5) / 0.5, 1e-12);
    check_close(r.need_bytes, 80e9, 1e-12);
    check_close(r.part[0].t_s, 1e8 / (3.35e12 * 0.8), 1e-12);
    assert_string_equal(r.part[1].op, "all-to-all");
    w.train = true; /* one copy of each row */
    r = rate(a, &w, &h, 2, 0);
    check_close(r.resident_frac, 0, 0);
    check_close(r.part[0].t_s, 5e8 / (3.35e12 * 0.8), 1e-12);
    w.train = false;
    w.table_bytes = 50e9;
    r = rate(a, &w, &h, 2, 0);
    check_close(r.resident_frac, 1, 0);
    assert_int_equal(r.npart, 2); /* rows and the fixed time: no exchange */
    arena_free(a);
}

static void hpc_by_hand(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator h = acc_h100();
    struct work_op gemm = {.kind = WORK_GEMM, .name = "lu", .times = 1, .flop = 1e12};
    struct work_op sweep = {.kind = WORK_STREAM, .name = "sweep", .times = 1, .bytes = 153e6, .flop = 363e6};
    struct workload hpl = {.id = "hpl",
                           .cls = WORK_HPC,
                           .fp64 = true,
                           .arith = {ARITH_FP64},
                           .narith = 1,
                           .batch = 1,
                           .op = &gemm,
                           .nop = 1};
    struct workload lbm = {.id = "lbm", .cls = WORK_HPC, .batch = 1, .op = &sweep, .nop = 1};
    struct work_rate r = rate(a, &hpl, &h, 1, 0);
    assert_string_equal(r.reason, "h100 has no fp64 arithmetic");
    assert_string_equal(r.binding, "capability");
    assert_true(isnan(r.short_by) && r.rate_s.hi == 0);
    h.peak_flop_s[ARITH_FP64] = 34e12;
    check_close(rate(a, &hpl, &h, 1, 0).rate_s.at, 17, 1e-12);
    h.fp64_matrix_flop_s = 67e12;
    check_close(rate(a, &hpl, &h, 4, 0).total_s.at, 4 * 33.5, 1e-12);
    check_close(rate(a, &lbm, &h, 1, 0).rate_s.at, 1 / max4(153e6 / (3.35e12 * 0.8), 363e6 / 67e12), 1e-12);
    h.software = "Other"; /* nobody fitted it: the wider interval */
    r = rate(a, &lbm, &h, 1, 0);
    assert_true(r.other);
    check_close(r.rate_s.lo / r.rate_s.at, 0.4, 1e-12);
    check_close(r.rate_s.hi / r.rate_s.at, 3, 1e-12);
    arena_free(a);
}

/* A card that draws a frame in 4.13 ms + 1 ms and shares it. */
static void sessions_by_hand(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator g = acc_rtx4090();
    struct work_op op[] = {{.kind = WORK_SHADE, .name = "shade", .times = 1, .flop = 165.2e9},
                           {.kind = WORK_RAYS, .name = "rays", .times = 1, .rays = 5.12e6},
                           {.kind = WORK_ENCODE, .name = "video", .times = 1, .pixels = 2e6}};
    struct workload w = {.id = "w",
                         .cls = WORK_GRAPHICS,
                         .batch = 1,
                         .op = op,
                         .nop = 3,
                         .session_fps = 60,
                         .unit_bytes = 2 * GIB,
                         .unit = "sessions"};
    assert_string_equal(rate(a, &w, &g, 1, 0).reason, "rtx-4090 draws no graphics");
    g.graphics = true;
    assert_string_equal(rate(a, &w, &g, 1, 0).reason, "rtx-4090 has no ray tracing cores");
    g.rt_cores = 128;
    assert_string_equal(rate(a, &w, &g, 1, 0).reason, "rtx-4090 has no video encoder");
    g.encoders = 1;
    struct work_rate r = rate(a, &w, &g, 3, 0);
    double draw_s = 165.2e9 / (82.6e12 * 0.5) + 5.12e6 / (128 * 4e8 * 0.1);
    check_close(r.batch_s.at, 2e-3 + draw_s, 1e-12);
    check_close(r.rate_s.at, floor(1 / (60 * draw_s)), 0); /* 3 */
    check_close(r.rate_s.at, 3, 0);
    check_close(r.total_s.at, 9, 0);
    assert_string_equal(r.limit, "shading");
    w.unit_bytes = 12 * GIB;
    r = rate(a, &w, &g, 1, 0);
    check_close(r.rate_s.at, 2, 0);
    assert_string_equal(r.limit, "memory");
    w.unit_bytes = 0;
    w.session_max = 1;
    assert_string_equal(rate(a, &w, &g, 1, 0).limit, "the driver");
    w.session_max = 0;
    op[2].pixels = 10e6; /* 1e9 pixels/s make 1.67 sessions */
    r = rate(a, &w, &g, 1, 0);
    check_close(r.rate_s.at, 1, 0);
    assert_string_equal(r.limit, "video encoders");
    w.session_fps = 240; /* one session does not get there */
    r = rate(a, &w, &g, 1, 0);
    assert_string_equal(r.binding, "latency");
    check_close(r.rate_s.at, 0, 0);
    assert_true(r.short_by > 1);
    w.session_fps = 0; /* frames */
    check_close(rate(a, &w, &g, 1, 0).rate_s.at, 1 / (2e-3 + draw_s), 1e-12);
    arena_free(a);
}

static void batch_halves_until_it_fits(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct accelerator h = acc_h100();
    struct work_op op = {.kind = WORK_GEMM, .name = "net", .times = 1, .flop = 1e12};
    struct workload w = {.id = "w",
                         .cls = WORK_DIFFUSION,
                         .arith = {ARITH_BF16, ARITH_FP8},
                         .narith = 2,
                         .batch = 64,
                         .op = &op,
                         .nop = 1,
                         .unit_bytes = 5e9};
    struct work_rate r = rate(a, &w, &h, 1, 0);
    check_close(r.batch, 16, 0);
    assert_int_equal(r.arith, ARITH_FP8); /* the faster one */
    r = rate(a, &w, &h, 1, 64);           /* asked for: not changed */
    assert_false(r.fits);
    check_close(r.batch, 64, 0);
    w.unit_bytes = 500e9;
    assert_false(rate(a, &w, &h, 1, 0).fits);
    arena_free(a);
}

/* Whatever the workload and the device: faster parts never slow it, and what is printed is in order. */
static void laws(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct catalog *c;
    struct err e = {0};
    assert_true(catalog_open(a, NULL, &c, NULL, &e));
    for (size_t i = 0; i < c->nwork; i++)
        for (size_t j = 0; j < c->nacc; j++) {
            const struct workload *w = &c->work[i];
            struct accelerator acc = c->acc[j];
            struct stack s = stack_plain("vllm");
            struct work_rate r, up;
            int n = 1 + (int)((i + j) % 3) * 7;
            work_rate(a, w, &c->work_shares, &acc, &s, n, 0, &r);
            assert_true(isfinite(r.rate_s.at) && r.rate_s.lo <= r.rate_s.at && r.rate_s.at <= r.rate_s.hi &&
                        r.rate_s.lo >= 0);
            if ((r.reason == NULL) != (r.rate_s.at > 0) || (r.reason == NULL) != r.fits ||
                (r.reason == NULL) != (r.binding == NULL))
                fail_msg("%s on %d x %s: %g, %s", w->id, n, acc.id, r.rate_s.at, r.reason ? r.reason : "no reason");
            assert_true(!w->recall || r.evidence == GRADE_ASSUMED);
            if (!r.reason)
                assert_true(r.batch_s.at > 0 && r.need_bytes <= fmax(r.usable_bytes, acc.mem_bytes) && r.npart > 0 &&
                            (isnan(r.power_w.at) || (r.power_w.lo <= r.power_w.at && r.power_w.at <= r.power_w.hi)));
            acc.mem_bw_bytes_s *= 2;
            work_rate(a, w, &c->work_shares, &acc, &s, n, 0, &up);
            assert_true(up.rate_s.at >= r.rate_s.at);
            acc = c->acc[j];
            for (int k = 0; k < ARITH_N; k++)
                acc.peak_flop_s[k] *= 2;
            acc.fp64_matrix_flop_s *= 2;
            work_rate(a, w, &c->work_shares, &acc, &s, n, 0, &up);
            assert_true(up.rate_s.at >= r.rate_s.at);
            acc = c->acc[j];
            acc.mem_bytes *= 2, acc.mem_usable_bytes *= 2;
            work_rate(a, w, &c->work_shares, &acc, &s, n, 0, &up);
            assert_true(up.rate_s.at >= r.rate_s.at * (1 - 1e-12));
            acc = c->acc[j];
            acc.encoders *= 2, acc.rt_cores *= 2;
            work_rate(a, w, &c->work_shares, &acc, &s, n, 0, &up);
            assert_true(up.rate_s.at >= r.rate_s.at);
        }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(replicas_by_hand),
        cmocka_unit_test(tables_spread),
        cmocka_unit_test(hpc_by_hand),
        cmocka_unit_test(sessions_by_hand),
        cmocka_unit_test(batch_halves_until_it_fits),
        cmocka_unit_test(laws),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
