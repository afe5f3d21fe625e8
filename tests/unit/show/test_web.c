/* test_web.c - a report around its JSON, and what a posted question may name. */
#include "check.h"

#include <sys/wait.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "show/html.h"
#include "show/web.h"
#include "show/web_job.h"
#include "show/web_post.h"

static const struct web_question plan = {"plan", false, {"plan", "@scenario"}, "--estimate"};
static const struct web_question explain = {"explain", false, {"explain", "@accelerator", "in", "@scenario"}, NULL};
static const struct web_question validate = {"validate", false, {"validate", "@points"}, NULL};

static void report_holds_its_json(void **state)
{
    (void)state;
    struct arena *a = arena_new();
    struct buf out = {.arena = a};
    struct err e = {.kind = ERR_NONE};
    size_t n;
    html_page(&n);
    bool made = html_report(&out, "{\"title\": \"</script><!--\"}\n", "moat plan 'a b.yaml'", &e);
    if (!n) {
        assert_false(made);
        assert_non_null(strstr(e.what, "without its page"));
        arena_free(a);
        skip();
    }
    assert_true(made);
    assert_non_null(strstr(buf_str(&out), "<script type=\"application/json\" id=\"moat-document\">{\"title\": \"\\u003c/script>\\u003c!--\"}"));
    assert_non_null(strstr(buf_str(&out), "id=\"moat-command\">\"moat plan 'a b.yaml'\""));
    assert_true(out.n > n);
    arena_free(a);
}

/* Is this body taken in? */
static bool taken(const struct web_question *q, const char *body, struct web_post *post, struct err *e)
{
    struct arena *a = arena_new();
    char folder[WEB_FOLDER];
    *e = (struct err){.kind = ERR_NONE};
    assert_true(web_folder_make(folder, e));
    bool ok = web_post_read(a, q, body, strlen(body), folder, post, e);
    if (ok && post->scenario)           /* the names live in the arena or are constants: only that they are there counts here */
        post->scenario = strstr(post->scenario, ".json") ? "scenario.json" : "scenario.yaml";
    web_folder_remove(folder);
    assert_int_equal(access(folder, F_OK), -1);
    arena_free(a);
    return ok;
}

static void what_may_be_posted(void **state)
{
    (void)state;
    static const struct { const char *body; bool good; } row[] = {
        {"model: llama-3.1-8b\n", true},
        {"{\"model\": \"llama-3.1-8b\"}", true},
        {"{model: meta-llama/Llama-3.1-8B, traffic: {rate: 40/s}}", true},
        {"title: /my/title\nmodel: x\n", true},
        {"model: ./config.json\n", true},
        {"model: a..b\n", true},
        {"model: /etc/passwd\n", false},
        {"model: ../x.json\n", false},
        {"model: a/../../x.json\n", false},
        {"model: a/..\n", false},
        {"model: ~/x.json\n", false},
        {"model: 'a\\b'\n", false},
        {"traffic: {trace: /dev/zero}\n", false},
        {"accelerators: [l4, /tmp/chip.yaml]\n", false},
        {"/etc/passwd: 1\n", false},
        {"{\"scenario\": {\"model\": \"/etc/passwd\"}}", false},
        {"{\"scenario\": \"model: /etc/passwd\"}", false},
        {"{\"scenario\": {\"model\": \"x\"}, \"files\": {\"c.json\": \"{}\"}}", true},
        {"{\"scenario\": {\"model\": \"x\"}, \"files\": {\"../c.json\": \"{}\"}}", false},
        {"{\"scenario\": {\"model\": \"x\"}, \"files\": {\".c\": \"{}\"}}", false},
        {"{\"scenario\": {\"model\": \"x\"}, \"files\": {\"scenario.json\": \"{}\"}}", false},
        {"{\"scenario\": {\"model\": \"x\"}, \"accelerator\": \"/etc/passwd\"}", false},
        {"{\"scenario\": {\"model\": \"x\"}, \"more\": 1}", false},
        {"a: [\n", false},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct web_post post;
        struct err e;
        bool ok = taken(&plan, row[i].body, &post, &e);
        if (ok != row[i].good)
            fail_msg("%s: %s", row[i].body, ok ? "was taken" : e.what);
        assert_true(ok || e.kind != ERR_NONE);
    }
}

static void the_command_line(void **state)
{
    (void)state;
    static const char *const more[] = {"--json", NULL}, *const none[] = {NULL};
    const char *argv[16];
    struct web_post post;
    struct err e;
    assert_true(taken(&plan, "model: x\n", &post, &e));
    assert_true(web_post_argv(&plan, &post, more, argv, 16, &e));
    assert_string_equal(argv[1], "plan");
    assert_string_equal(argv[2], "scenario.yaml");
    assert_string_equal(argv[3], "--json");
    assert_null(argv[4]);
    assert_false(web_post_argv(&explain, &post, none, argv, 16, &e));      /* which accelerator? */
    assert_non_null(strstr(e.what, "accelerator is missing"));
    assert_true(taken(&explain, "{\"scenario\": {\"model\": \"x\"}, \"accelerator\": \"l4\"}", &post, &e));
    assert_true(web_post_argv(&explain, &post, none, argv, 16, &e));
    assert_string_equal(argv[2], "l4");
    assert_false(taken(&explain, "{\"scenario\": {\"model\": \"x\"}, \"accelerator\": \"--catalog=/etc\"}", &post, &e));
    assert_true(taken(&validate, "id,model\n", &post, &e));
    assert_true(web_post_argv(&validate, &post, none, argv, 16, &e));
    assert_string_equal(argv[2], "points.csv");
}

static void a_job_and_its_end(void **state)
{
    (void)state;
    struct web_job j = {.out = -1, .err = -1};
    struct err e = {.kind = ERR_NONE};
    static const char *const said[] = {"sh", "-c", "echo out; echo err >&2; pwd; exit 1", NULL}, *const sleeps[] = {"sh", "-c", "sleep 60", NULL};
    assert_true(web_job_start(&j, "/bin/sh", "/", said, 0, &e));
    while (web_job_step(&j, 1000, -1) == JOB_RUNS)
        ;
    web_job_end(&j);
    assert_true(WIFEXITED(j.status) && WEXITSTATUS(j.status) == 1);
    assert_string_equal(j.said.at, "out\n/\n");
    assert_string_equal(j.complained.at, "err\n");
    assert_true(web_job_start(&j, "/bin/sh", "/", sleeps, 0, &e));
    assert_int_equal(web_job_step(&j, 10, -1), JOB_RUNS);
    web_job_end(&j);
    assert_true(WIFSIGNALED(j.status));
    assert_false(web_job_start(&j, "/nonexistent", "/", said, 0, &e));
    assert_int_equal(e.kind, ERR_ENV);
    web_text_free(&j.said);
    web_text_free(&j.complained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_holds_its_json),
        cmocka_unit_test(what_may_be_posted),
        cmocka_unit_test(the_command_line),
        cmocka_unit_test(a_job_and_its_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
