/* test_buf.c - growing text, numbers that read back, and the closest name. */
#include "fixture.h"

#include <float.h>
#include <locale.h>

#include "base/buf.h"
#include "base/num.h"
#include "base/rng.h"

static const char *num(struct arena *a, double v)
{
    struct buf b = {.arena = a};
    buf_num(&b, v);
    return buf_str(&b);
}

static void text_grows(void **state)
{
    struct buf b = {.arena = *state};
    assert_string_equal(buf_str(&b), "");
    buf_add(&b, "");
    assert_string_equal(buf_str(&b), "");
    for (int i = 0; i < 5000; i++) {
        buf_fmt(&b, "%d,", i % 10);
        buf_addn(&b, "xyz", 1);
        arena_alloc(b.arena, 16);
    }
    assert_int_equal(b.n, 15000);
    assert_int_equal(strlen(b.at), 15000);
    for (int i = 0; i < 5000; i++)
        assert_true(b.at[i * 3] == '0' + i % 10 && b.at[i * 3 + 1] == ',' && b.at[i * 3 + 2] == 'x');
    buf_fmt(&b, "%0*d", 100000, 7);
    assert_int_equal(b.n, 115000);
    assert_int_equal(b.at[114999], '7');
}

static void numbers_are_short(void **state)
{
    static const struct {
        double v;
        const char *text;
    } table[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {-42, "-42"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {1e-7, "1e-07"},
        {123456789012345, "123456789012345"},
        {999999999999999, "999999999999999"},
        {1e15, "1e+15"},
        {1e21, "1e+21"},
        {1.0 / 3, "0.3333333333333333"},
        {0.1 + 0.2, "0.30000000000000004"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {5e-324, "4.94065645841247e-324"},
        {3.35e12, "3350000000000"},
        {HUGE_VAL, "null"},
        {-HUGE_VAL, "null"},
        {NAN, "null"},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        assert_string_equal(num(*state, table[i].v), table[i].text);
}

static void random_doubles_read_back(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 1, 2);
    for (int i = 0; i < 300000; i++) {
        uint64_t bits = rng_u64(&r);
        double v, back = 0;
        if (i % 3 == 0)
            v = rng_unit(&r) * 1e6;
        else if (i % 3 == 1)
            v = floor(rng_unit(&r) * 1e7) / 1000;
        else
            memcpy(&v, &bits, sizeof v);
        if (!isfinite(v))
            continue;
        char text[NUM_TEXT];
        size_t n = num_print(text, v);
        assert_int_equal(num_scan(text, n, &back), n);
        assert_true(back == v);
        assert_true(strtod(text, NULL) == v); /* and libc agrees */
    }
}

static void scanning(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t used;
        double v;
    } table[] = {
        {"12", 2, 12},
        {"1.5", 3, 1.5},
        {".5", 2, .5},
        {"5.", 2, 5},
        {"-3e2", 4, -300},
        {"+7", 2, 7},
        {"2EB", 1, 2},
        {"1e", 1, 1},
        {"1e+", 1, 1},
        {"1e6/h", 3, 1e6},
        {"0x10", 1, 0},
        {"1_000", 1, 1},
        {"9007199254740993", 16, 9007199254740992.0},
        {"1e-400", 6, 0},
        {"123456789012345678901234567890", 30, 123456789012345678901234567890.0},
        {"0.000000000000000000000000000000000001", 38, 1e-36},
        {"1.2.3", 3, 1.2},
        {"1e999", 0, 0},
        {"-1e999", 0, 0},
        {"inf", 0, 0},
        {"nan", 0, 0},
        {"", 0, 0},
        {".", 0, 0},
        {"-", 0, 0},
        {"e5", 0, 0},
        {" 1", 0, 0},
        {"1e99999999999999999999", 0, 0},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        double v = 0;
        assert_int_equal(num_scan(table[i].text, strlen(table[i].text), &v), table[i].used);
        assert_true(v == table[i].v);
    }
    char zeros[2000];
    double v;
    memset(zeros, '0', sizeof zeros);
    assert_int_equal(num_scan(zeros, sizeof zeros, &v), 0); /* longer than any sensible number */
    assert_int_equal(num_scan("12345", 2, &v), 2);          /* never looks beyond n */
    assert_true(v == 12);
}

static void integers(void **state)
{
    (void)state;
    int64_t v = 0;
    assert_true(num_int("9223372036854775807", 19, &v) && v == INT64_MAX);
    assert_true(num_int("-9223372036854775808", 20, &v) && v == INT64_MIN);
    assert_true(num_int("+5", 2, &v) && v == 5);
    assert_false(num_int("9223372036854775808", 19, &v));
    assert_false(num_int("-9223372036854775809", 20, &v));
    assert_false(num_int("", 0, &v));
    assert_false(num_int("-", 1, &v));
    assert_false(num_int("1.0", 3, &v));
    assert_false(num_int("1 ", 2, &v));
}

/* German, and Pashto where the point is two bytes long; made by localedef where they are not installed. */
static bool use_locale(struct arena *a, const char *name, const char *source)
{
    if (setlocale(LC_ALL, name))
        return true;
    const char *dir = arena_printf(a, "/tmp/moat-test-%d-locale", (int)getpid());
    const char *make =
        arena_printf(a, "mkdir -p %s && localedef -i %s -f UTF-8 %s/%s >/dev/null 2>&1", dir, source, dir, name);
    setenv("LOCPATH", dir, 1);
    bool ok = system(make) >= 0 && setlocale(LC_ALL, name) != NULL;
    if (system(arena_printf(a, "rm -r %s", dir)) < 0)
        return false;
    return ok;
}

static void locale_does_not_matter(void **state)
{
    static const char *const names[][2] = {{"de_DE.UTF-8", "de_DE"}, {"ps_AF.UTF-8", "ps_AF"}};
    bool any = false;
    for (size_t i = 0; i < 2; i++) {
        if (!use_locale(*state, names[i][0], names[i][1]))
            continue;
        double v = 0;
        char text[40];
        any = true;
        snprintf(text, sizeof text, "%.2f", 0.25);
        assert_string_not_equal(text, "0.25"); /* the locale is really there */
        assert_string_equal(num(*state, 0.25), "0.25");
        assert_string_equal(num(*state, -1.0 / 3), "-0.3333333333333333");
        assert_string_equal(num(*state, 1.5e-30), "1.5e-30");
        assert_int_equal(num_scan("0.12345678901234567890", 22, &v), 22);
        assert_true(v == 0.12345678901234568);
    }
    setlocale(LC_ALL, "C");
    if (!any)
        skip();
}

static void distances(void **state)
{
    (void)state;
    assert_int_equal(text_distance("", ""), 0);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
    assert_int_equal(text_distance("ab", "ba"), 1);
    assert_int_equal(text_distance("ca", "abc"), 3); /* optimal string alignment, not Damerau */
    assert_int_equal(text_distance("TP", "tp"), 2);
    char longer[100];
    memset(longer, 'a', 99);
    longer[99] = '\0';
    assert_int_equal(text_distance(longer, longer), 0);
    assert_int_equal(text_distance(longer, "a"), 99);
}

static void distance_is_a_symmetric_measure(void **state)
{
    (void)state;
    struct rng r;
    rng_seed(&r, 4, 4);
    for (int i = 0; i < 3000; i++) {
        char w[2][12];
        for (int k = 0; k < 2; k++) {
            size_t n = rng_below(&r, 11);
            for (size_t j = 0; j < n; j++)
                w[k][j] = (char)('a' + rng_below(&r, 3));
            w[k][n] = '\0';
        }
        size_t d = text_distance(w[0], w[1]), n0 = strlen(w[0]), n1 = strlen(w[1]);
        assert_int_equal(d, text_distance(w[1], w[0]));
        assert_int_equal(d == 0, strcmp(w[0], w[1]) == 0);
        assert_in_range(d, n0 > n1 ? n0 - n1 : n1 - n0, n0 > n1 ? n0 : n1);
    }
}

static void closest_name(void **state)
{
    (void)state;
    static const char *const names[] = {"tp", "pp", "replicas", "max_batch", "scheduler"};
    assert_string_equal(text_closest("tpp", names, 5), "tp");
    assert_string_equal(text_closest("TP", names, 5), "tp");
    assert_string_equal(text_closest("replica", names, 5), "replicas");
    assert_string_equal(text_closest("max-batch", names, 5), "max_batch");
    assert_string_equal(text_closest("shceduler", names, 5), "scheduler");
    assert_null(text_closest("colour", names, 5));
    assert_null(text_closest("", names, 5));
    assert_null(text_closest("tp", names, 0));
}

static void utf8(void **state)
{
    (void)state;
    assert_int_equal(text_utf8("a", 1), 1);
    assert_int_equal(text_utf8("\xc3\xa9", 2), 2);
    assert_int_equal(text_utf8("\xe2\x82\xac", 3), 3);
    assert_int_equal(text_utf8("\xf0\x9f\x98\x80", 4), 4);
    static const char *const bad[] = {"\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xc3",
                                      "\xe2\x82",
                                      "\xc3(",
                                      "\xe2\x28\xa1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(text_utf8(bad[i], strlen(bad[i])), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(text_grows),
        TEST(numbers_are_short),
        TEST(random_doubles_read_back),
        TEST(scanning),
        TEST(integers),
        TEST(locale_does_not_matter),
        TEST(distances),
        TEST(distance_is_a_symmetric_measure),
        TEST(closest_name),
        TEST(utf8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
