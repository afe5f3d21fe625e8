/* test_text.c - figures as people read them, widths of UTF-8, wrapping. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "show/text.h"

static int up(void **state)
{
    *state = arena_new();
    return *state == NULL;
}

static int down(void **state)
{
    arena_free(*state);
    return 0;
}

static void widths(void **state)
{
    (void)state;
    assert_int_equal(text_width("abc"), 3);
    assert_int_equal(text_width(""), 0);
    assert_int_equal(text_width("caf\xc3\xa9"), 4);             /* precomposed */
    assert_int_equal(text_width("e\xcc\x81"), 1);               /* combining accent */
    assert_int_equal(text_width("\xe6\x98\x87\xe8\x85\xbe"), 4);        /* two wide characters */
    assert_int_equal(text_width("\033[1mbold\033[0m"), 4);
    assert_int_equal(text_width("\xff\xfe"), 2);                /* not UTF-8: a column a byte */
    assert_int_equal(text_width("a\xc3"), 2);                   /* cut in the middle */
}

static void cuts(void **state)
{
    struct arena *a = *state;
    assert_string_equal(text_cut(a, "abcdef", 6), "abcdef");
    assert_string_equal(text_cut(a, "abcdef", 4), "abc~");
    assert_int_equal(text_width(text_cut(a, "\xe6\x98\x87\xe8\x85\xbe\xe6\x98\x87", 4)), 3);     /* no half characters */
}

static void numbers(void **state)
{
    struct arena *a = *state;
    static const struct { double v; const char *num, *count, *usd, *time; } row[] = {
        {0, "0", "0", "$0.00", "0 s"},
        {0.0312, "0.031", "0", "$0.031", "31 ms"},
        {0.5, "0.5", "0", "$0.50", "500 ms"},
        {1.42, "1.4", "1", "$1.42", "1.4 s"},
        {9.96, "10", "10", "$9.96", "10 s"},
        {17.94, "18", "18", "$17.94", "18 s"},
        {150, "150", "150", "$150.00", "2.5 min"},
        {1240, "1,240", "1,240", "$1,240", "21 min"},
        {1234567, "1,234,567", "1,234,567", "$1.23M", "14 d"},
        {NAN, "-", "-", "-", "-"},
        {INFINITY, "-", "-", "-", "-"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_string_equal(text_num(a, row[i].v), row[i].num);
        assert_string_equal(text_count(a, row[i].v), row[i].count);
        assert_string_equal(text_usd(a, row[i].v), row[i].usd);
        assert_string_equal(text_time(a, row[i].v), row[i].time);
    }
    assert_string_equal(text_big(a, 70553706496.0), "70.6B");
    assert_string_equal(text_big(a, 1.04e12), "1.04T");
    assert_string_equal(text_big(a, 512), "512");
    assert_string_equal(text_percent(a, 0.412), "41%");
    assert_string_equal(text_percent(a, 0.004), "0.4%");
    assert_string_equal(text_times(a, 1.2), "1.20x");
    assert_string_equal(text_times(a, 12.4), "12x");
    assert_string_equal(text_watts(a, 700), "700 W");
    assert_string_equal(text_watts(a, 5100), "5.1 kW");
    assert_string_equal(text_watts(a, 2e7), "20 MW");
    assert_string_equal(text_gb(a, 141.1e9), "141.1 GB");
    assert_string_equal(text_size(a, 80 * 1073741824.0), "80 GiB");
    assert_string_equal(text_size(a, 141e9), "141 GB");
    assert_string_equal(text_size(a, 230e6), "230 MB");
    assert_string_equal(text_figure(a, 3.35), "3.35");
    assert_string_equal(text_figure(a, 1979), "1,979");
    assert_string_equal(text_usd_h(a, 17.94), "$17.94/h");
    assert_string_equal(text_date(a, 20260715), "2026-07-15");
    assert_string_equal(text_date(a, 0), "-");
}

static void intervals(void **state)
{
    struct arena *a = *state;
    assert_string_equal(text_span_time(a, (struct span){0.041, 0.033, 0.052}), "41 ms [33-52]");
    assert_string_equal(text_span_time(a, (struct span){1.9, 0.8, 2.6}), "1.9 s [0.8-2.6]");
    assert_string_equal(text_span_time(a, (struct span){0.041, 0.041, 0.041}), "41 ms");
    assert_string_equal(text_span_time(a, (struct span){0.041, NAN, NAN}), "41 ms");
    assert_string_equal(text_span_time(a, (struct span){NAN, 1, 2}), "-");
    assert_string_equal(text_span_in(a, (struct span){0.83, 0.6, 1.1}, 1), "0.83 [0.6-1.1]");
    assert_string_equal(text_span(a, (struct span){1490, 1250, 1700}, "tok/s"), "1,490 tok/s [1,250-1,700]");
    assert_string_equal(text_span_usd(a, (struct span){2.01, 1.67, 2.41}), "$2.01 [1.67-2.41]");
}

static void wrapping(void **state)
{
    struct buf b = {.arena = *state};
    text_wrap(&b, "one two three four", 0, 9, 2);
    assert_string_equal(buf_str(&b), "one two\n  three\n  four");
    struct buf c = {.arena = *state};
    text_wrap(&c, "averyveryverylongword x", 0, 5, 0);          /* a word longer than the line stands alone */
    assert_string_equal(buf_str(&c), "averyveryverylongword\nx");
    struct buf d = {.arena = *state};
    text_wrap(&d, "", 0, 5, 0);
    assert_string_equal(buf_str(&d), "");
    struct buf e = {.arena = *state};
    text_wrap(&e, "a\nb", 3, 80, 3);
    assert_string_equal(buf_str(&e), "a\n   b");
}

static void bars(void **state)
{
    assert_string_equal(text_bar(*state, 0.5, 10), "#####");
    assert_string_equal(text_bar(*state, 2, 3), "###");
    assert_string_equal(text_bar(*state, NAN, 3), "");
    assert_string_equal(text_bar(*state, -1, 3), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(widths), cmocka_unit_test(cuts), cmocka_unit_test(numbers),
                                       cmocka_unit_test(intervals), cmocka_unit_test(wrapping), cmocka_unit_test(bars)};
    return cmocka_run_group_tests(tests, up, down);
}
