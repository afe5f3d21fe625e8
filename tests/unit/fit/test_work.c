/* test_work.c - point files of workloads: what is scored, what is refused and why; fitted rows are scored apart. */
#include "fixture.h"

#include "base/doc.h"
#include "fit/work.h"

static struct work_report report_of(struct world *w, const char *text)
{
    char path[] = "/tmp/moat-work-XXXXXX";
    int fd = mkstemp(path);
    struct work_report r;
    bool is = false;
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    assert_true(fit_is_work(w->a, path, &is, &w->e) && is);
    bool ok = fit_work(w->a, w->cat, path, 1, &r, NULL, &w->e);
    unlink(path);
    if (!ok)
        fail_msg("%s: %s", w->e.place, w->e.what);
    return r;
}

#define HEAD "# a remark\nid,kind,work,accelerator,accelerators,batch,measured,unit,date,source,fitted\n"

static void rows(void **state)
{
    (void)state;
    struct world w = world_open();
    struct work_report r = report_of(&w, HEAD "a,work,hpl,h100,8,,400,TFLOP/s,2024,s,0\n"
                                              "b,work,hpl,h100,1,,50,TFLOP/s,2024,s,1\n"
                                              "a,work,hpl,h100,1,,50,TFLOP/s,2024,s,0\n"
                                              "c,work,hlp,h100,1,,50,TFLOP/s,2024,s,0\n"
                                              "d,work,hpl,h1000,1,,50,TFLOP/s,2024,s,0\n"
                                              "e,work,hpl,h100,1,,-5,TFLOP/s,2024,s,0\n"
                                              "f,work,hpl,h100,1,,50,GFLOP/s,2024,s,0\n"
                                              "g,work,hpl,h100,1,,50,TFLOP/s,,s,0\n"
                                              "h,work,hpl,gaudi3,1,,50,TFLOP/s,2024,s,0\n"
                                              "i,serving,hpl,h100,1,,50,TFLOP/s,2024,s,0\n"
                                              "j,work,hpl,h100,1.5,,50,TFLOP/s,2024,s,0\n"
                                              "k,work,sdxl,h100,1,0,50,images/s,2024,s,0\n");
    static const char *const why[] = {NULL,
                                      NULL,
                                      "was there before",
                                      "unknown workload \"hlp\"",
                                      "unknown accelerator",
                                      "no positive number",
                                      "another unit",
                                      "no source or no date",
                                      "has no fp64",
                                      "not of kind work",
                                      "no count",
                                      "no count"};
    assert_int_equal(r.n, 12);
    assert_int_equal(r.scored, 2);
    for (size_t i = 0; i < r.n; i++)
        if (!why[i] != !r.point[i].refused || (why[i] && !strstr(r.point[i].refused, why[i])))
            fail_msg("%s: %s", r.point[i].id, r.point[i].refused ? r.point[i].refused : "scored");
    assert_int_equal(r.held.n, 1);
    assert_int_equal(r.fitted.n, 1);
    check_close(r.point[0].predicted.at, 8 * r.point[1].predicted.at, 1e-12);
    check_close(r.held.bias_pct, (r.point[0].predicted.at / 400 - 1) * 100, 1e-9);
    arena_free(w.a);
}

/* The published points: each class has at least three held-out ones of different devices, all scored, none wildly off.
 */
static void public_points(void **state)
{
    (void)state;
    struct world w = world_open();
    struct work_report r;
    char path[4096];
    const char *root = getenv("MOAT_SOURCE");
    snprintf(path, sizeof path, "%s/data/work/points.csv", root ? root : ".");
    if (!fit_work(w.a, w.cat, path, 1, &r, NULL, &w.e))
        fail_msg("%s: %s", w.e.place, w.e.what);
    assert_int_equal(r.scored, r.n);
    for (int k = 0; k < WORK_CLASS_N; k++) {
        int n = 0;
        const char *seen[3] = {"", "", ""};
        for (size_t i = 0; i < r.n; i++) {
            const struct work_measured *p = &r.point[i];
            if ((int)p->work->cls != k || p->fitted || n == 3)
                continue;
            bool again = false;
            for (int j = 0; j < n; j++)
                again |= strcmp(seen[j], p->acc->id) == 0;
            if (!again)
                seen[n++] = p->acc->id;
        }
        assert_int_equal(n, 3);
    }
    for (size_t i = 0; i < r.n; i++) {
        double ratio = r.point[i].predicted.at / r.point[i].measured;
        if (ratio < 0.5 || ratio > 2)
            fail_msg("%s: %g", r.point[i].id, ratio);
    }
    assert_true(r.held.median_ape_pct < 15 && r.held.coverage80_pct > 70);
    arena_free(w.a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(public_points),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
