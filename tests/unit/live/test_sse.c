/* Events come out the same however the bytes are cut; noise does no harm; what is too long is refused. */
#include "check.h"

#include "base/rng.h"
#include "live/bench.h"
#include "live/sse.h"

struct seen { char text[4096]; int events; };

static bool note(void *ctx, const char *data, size_t n)
{
    struct seen *s = ctx;
    size_t at = strlen(s->text);
    assert_int_equal(strlen(data) <= n, 1);
    snprintf(s->text + at, sizeof s->text - at, "<%.*s>", (int)n, data);
    s->events++;
    return true;
}

static const char stream[] = "data: one\n\n: comment\ndata:two\r\ndata:  three\r\n\r\nevent: x\nid: 3\n\ndata\n\ndata: {\"a\": 1}\r\rretry: 5\ndata: [DONE]\n\nrest";
static const char want[] = "<one><two\n three><{\"a\": 1}><[DONE]>";

static void any_cut_gives_the_same(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 3, 1);
    for (int round = 0; round < 2000; round++) {
        struct sse s;
        struct seen seen = {0};
        sse_init(&s);
        for (size_t at = 0, n = sizeof stream - 1; at < n;) {
            size_t k = 1 + (size_t)rng_below(&r, round % 9 == 0 ? n : 9);
            k = k < n - at ? k : n - at;
            assert_true(sse_feed(&s, stream + at, k, note, &seen));
            at += k;
        }
        assert_string_equal(seen.text, want);
        sse_free(&s);
    }
}

static void noise_does_no_harm(void **state)
{
    (void)state;
    struct rng r;
    struct sse s;
    struct bench_event v;
    rng_seed(&r, 4, 1);
    sse_init(&s);
    for (int round = 0; round < 20000; round++) {
        static const char part[] = "data: \n\r{}[]\",:choicestextfinish_reasonusage0123456789nul \xff\x01";
        char bytes[64];
        size_t n = (size_t)rng_below(&r, sizeof bytes);
        struct seen seen = {0};
        for (size_t i = 0; i < n; i++)
            bytes[i] = part[rng_below(&r, sizeof part - 1)];
        sse_feed(&s, bytes, n, note, &seen);
        bench_event_read(bytes, n, &v);
        if (round % 50 == 0)
            sse_reset(&s);
    }
    sse_free(&s);
}

static void too_long_is_refused(void **state)
{
    (void)state;
    struct sse s;
    struct seen seen = {0};
    static char line[70000];
    memset(line, 'x', sizeof line);
    sse_init(&s);
    bool ok = true;
    for (int i = 0; i < 20 && ok; i++)
        ok = sse_feed(&s, line, sizeof line, note, &seen);
    assert_false(ok);
    sse_free(&s);
}

static void events_are_read(void **state)
{
    (void)state;
    struct bench_event v;
    const char *text = "{\"choices\":[{\"text\":\" a\",\"finish_reason\":null}]}";
    assert_true(bench_event_read(text, strlen(text), &v) && v.text && !v.finish && v.out_tok == -1);
    text = "{\"choices\":[{\"text\":\"\",\"finish_reason\":null}]}"; /* half of a character */
    assert_true(bench_event_read(text, strlen(text), &v) && v.text);
    text = "{\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\"}]}";
    assert_true(bench_event_read(text, strlen(text), &v) && !v.text && v.finish);
    text = "{\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}]}";
    assert_true(bench_event_read(text, strlen(text), &v) && !v.text);
    text = "{\"choices\":[{\"delta\":{\"reasoning_content\":\"hm\"}}]}";
    assert_true(bench_event_read(text, strlen(text), &v) && v.text);
    text = "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":-3}}";
    assert_true(bench_event_read(text, strlen(text), &v) && v.in_tok == 7 && v.out_tok == -1);
    text = "{\"error\":{\"message\":\"no\"}}";
    assert_true(bench_event_read(text, strlen(text), &v) && v.error && strcmp(v.message, "no") == 0);
    text = "[DONE]";
    assert_true(bench_event_read(text, strlen(text), &v) && v.done);
    assert_false(bench_event_read("[1]", 3, &v));
    assert_false(bench_event_read("{", 1, &v));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_cut_gives_the_same),
        cmocka_unit_test(noise_does_no_harm),
        cmocka_unit_test(too_long_is_refused),
        cmocka_unit_test(events_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
