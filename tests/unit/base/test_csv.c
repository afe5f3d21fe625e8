/* test_csv.c - RFC 4180 and what files in the wild do to it. */
#include "fixture.h"

#include "base/buf.h"
#include "base/csv.h"
#include "base/rng.h"

static bool open_text(struct csv *c, struct arena *a, const char *text, struct err *e)
{
    size_t n = strlen(text);
    char *bytes = malloc(n ? n : 1); /* of exactly this size, for the address sanitizer */
    memcpy(bytes, text, n);
    arena_defer(a, free, bytes);
    return csv_open(c, a, "t.csv", bytes, n, e);
}

static void expect_row(struct csv *c, struct arena *a, uint64_t line, bool ragged, size_t n, const char *const *want)
{
    assert_true(csv_next(c));
    assert_int_equal(c->line, line);
    assert_int_equal(c->ragged, ragged);
    assert_int_equal(c->ncol, n);
    for (size_t i = 0; i < n; i++)
        assert_string_equal(cell_dup(a, *csv_cell(c, (int)i)), want[i]);
}
#define ROW(line, ragged, ...)                                                                                         \
    expect_row(&c, *state, line, ragged, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),                       \
               (const char *[]){__VA_ARGS__})

static void plain(void **state)
{
    struct csv c;
    struct err e;
    assert_true(open_text(&c, *state, "a,b,c\n1,2,3\n\n4,,6\n,,\n7,8,9", &e));
    assert_int_equal(csv_column(&c, "a"), 0);
    assert_int_equal(csv_column(&c, "c"), 2);
    assert_int_equal(csv_column(&c, "C"), -1);
    assert_int_equal(csv_column(&c, ""), -1);
    ROW(2, false, "1", "2", "3");
    ROW(4, false, "4", "", "6");
    ROW(5, false, "", "", "");
    ROW(6, false, "7", "8", "9");
    assert_false(csv_next(&c));
    assert_false(csv_next(&c));
    assert_int_equal(csv_cell(&c, -1)->n, 0);
    assert_int_equal(csv_cell(&c, 3)->n, 0);
}

static void windows_files(void **state)
{
    struct csv c;
    struct err e;
    assert_true(open_text(&c, *state,
                          "\xef\xbb\xbf"
                          "a,b\r\n1,2\r\n\r\n\"x\",\"y\"\r\n3,4\r",
                          &e));
    assert_int_equal(csv_column(&c, "a"), 0);
    assert_int_equal(csv_column(&c, "b"), 1);
    ROW(2, false, "1", "2");
    ROW(4, false, "x", "y");
    ROW(5, false, "3", "4");
    assert_false(csv_next(&c));
}

static void quotes(void **state)
{
    struct csv c;
    struct err e;
    assert_true(
        open_text(&c, *state,
                  "\"a,1\",b\n\"x\ny\",\"say \"\"hi\"\"\"\nplain,row\n\"\",\"\"\"\"\n5\" disk,\"a\"b\nz,\"end\"", &e));
    assert_int_equal(csv_column(&c, "a,1"), 0);
    ROW(2, false, "x\ny", "say \"hi\"");
    ROW(4, false, "plain", "row");
    ROW(5, false, "", "\"");
    ROW(6, false, "5\" disk", "ab");
    ROW(7, false, "z", "end");
    assert_false(csv_next(&c));
}

static void ragged(void **state)
{
    struct csv c;
    struct err e;
    assert_true(open_text(&c, *state, "a,b\n1\n1,2,3\n1,2\n\"1\"\n\"1\",2,3\n\"open,2\n3,4\n", &e));
    ROW(2, true, "1", "");
    ROW(3, true, "1", "2");
    ROW(4, false, "1", "2");
    ROW(5, true, "1", "");
    ROW(6, true, "1", "2");
    ROW(7, true, "open,2\n3,4\n", ""); /* a quote never closed swallows the rest, and says so */
    assert_false(csv_next(&c));
}

static void refused(void **state)
{
    struct csv c;
    struct err e;
    assert_false(open_text(&c, *state, "", &e));
    check_err(&e, ERR_INPUT, "t.csv: the file is empty");
    assert_false(open_text(&c, *state, "\n\r\n\n", &e));
    check_err(&e, ERR_INPUT, "empty");
    assert_false(open_text(&c, *state, "a,\"b\n1,2\n", &e));
    check_err(&e, ERR_INPUT, "never closed");
    char nul[] = "a,\0b\n1,2\n";
    assert_false(csv_open(&c, *state, "t.csv", nul, sizeof nul - 1, &e));
    check_err(&e, ERR_INPUT, "NUL");
    char wide[6000];
    memset(wide, ',', sizeof wide);
    assert_false(csv_open(&c, *state, "t.csv", wide, sizeof wide, &e));
    check_err(&e, ERR_INPUT, "6001 columns");
    assert_true(open_text(&c, *state, "a,b", &e));
    assert_false(csv_next(&c));
}

static struct cell cell(const char *s)
{
    return (struct cell){s, strlen(s)};
}

static void numbers(void **state)
{
    (void)state;
    double v = 0;
    int64_t i = 0;
    assert_true(cell_f64(cell("1.5"), &v) && v == 1.5);
    assert_true(cell_f64(cell(" -2e3 "), &v) && v == -2000);
    assert_true(cell_f64((struct cell){"12345", 3}, &v) && v == 123);
    static const char *const bad[] = {"", " ", "x", "1x", "1 2", "inf", "nan", "0x10", "1e999", "1,5", "--1"};
    for (size_t k = 0; k < sizeof bad / sizeof *bad; k++)
        assert_false(cell_f64(cell(bad[k]), &v));
    assert_true(cell_i64(cell("-42"), &i) && i == -42);
    assert_true(cell_i64(cell(" 7"), &i) && i == 7);
    assert_false(cell_i64(cell("7.0"), &i));
    assert_false(cell_i64(cell("99999999999999999999"), &i));
    assert_false(cell_i64(cell(""), &i));
    assert_true(v == 123 && i == 7); /* left as they were */
    assert_true(cell_is(cell("ab"), "ab"));
    assert_false(cell_is(cell("ab"), "abc"));
    assert_false(cell_is(cell("abc"), "ab"));
}

static void quoting(void **state)
{
    (void)state;
    char out[64], tight[6], one[1] = {'x'};
    csv_quote(out, sizeof out, "plain");
    assert_string_equal(out, "plain");
    csv_quote(out, sizeof out, "a,\"b\"\n");
    assert_string_equal(out, "\"a,\"\"b\"\"\n\"");
    csv_quote(out, sizeof out, "");
    assert_string_equal(out, "");
    csv_quote(tight, sizeof tight, "longer text");
    assert_string_equal(tight, "longe");
    csv_quote(tight, sizeof tight, "a,bcdefg");
    assert_string_equal(tight, "\"a,\"");
    csv_quote(one, 1, "a,b");
    assert_string_equal(one, "");
    csv_quote(NULL, 0, "a");
}

/* Whatever is written by csv_quote is read back cell by cell. */
static void written_tables_read_back(void **state)
{
    static const char alphabet[] = "ab,\"\n\r 1";
    struct arena *a = *state;
    struct rng r;
    rng_seed(&r, 5, 5);
    for (int round = 0; round < 300; round++) {
        struct buf b = {.arena = a};
        char text[20][3][8], quoted[32];
        buf_add(&b, "x,y,z\n");
        for (int i = 0; i < 20; i++)
            for (int k = 0; k < 3; k++) {
                size_t n = rng_below(&r, 8);
                for (size_t j = 0; j < n; j++)
                    text[i][k][j] = alphabet[rng_below(&r, sizeof alphabet - 1)];
                text[i][k][n] = '\0';
                csv_quote(quoted, sizeof quoted, text[i][k]);
                buf_fmt(&b, "%s%s", quoted, k == 2 ? i % 2 ? "\r\n" : "\n" : ",");
            }
        struct csv c;
        struct err e;
        assert_true(csv_open(&c, a, "t", b.at, b.n, &e));
        for (int i = 0; i < 20; i++) {
            assert_true(csv_next(&c));
            assert_false(c.ragged);
            for (int k = 0; k < 3; k++)
                assert_string_equal(cell_dup(a, *csv_cell(&c, k)), text[i][k]);
        }
        assert_false(csv_next(&c));
    }
}

/* Any bytes at all end in an error or a last row. */
static void noise_is_survived(void **state)
{
    static const char alphabet[] = {'a', ',', '"', '\n', '\r', '\0', (char)0xff};
    struct rng r;
    rng_seed(&r, 6, 6);
    for (int round = 0; round < 5000; round++) {
        struct arena *a = *state;
        size_t n = rng_below(&r, 40), rows = 0;
        char *bytes = malloc(n ? n : 1);
        for (size_t i = 0; i < n; i++)
            bytes[i] = alphabet[rng_below(&r, sizeof alphabet)];
        struct csv c;
        struct err e;
        if (csv_open(&c, a, "t", bytes, n, &e))
            while (csv_next(&c))
                for (size_t i = 0; i < c.ncol; i++)
                    rows += c.cell[i].n <= n;
        assert_true(rows <= 40 * 40);
        free(bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain),
        TEST(windows_files),
        TEST(quotes),
        TEST(ragged),
        TEST(refused),
        TEST(numbers),
        TEST(quoting),
        TEST(written_tables_read_back),
        TEST(noise_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
