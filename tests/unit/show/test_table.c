/* test_table.c - alignment, titles of two lines, columns that go when the width is short, wrapping of the last one. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "show/show.h"
#include "show/table.h"

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

static const struct column col[] = {{"name", COL_LEFT, 0, 0}, {"price\n$/h", COL_RIGHT, 0, 0}, {"kW", COL_RIGHT, 2, 0},
                                    {"why", COL_LEFT, 0, 1}};

static const char *drawn(struct arena *a, int width, bool colour)
{
    struct buf *out = ARENA_NEW(a, struct buf);
    out->arena = a;
    struct show *s = ARENA_NEW(a, struct show);
    *s = (struct show){.arena = a, .out = out, .width = width, .colour = colour};
    struct table t;
    table_init(&t, s, col, 4);
    table_row(&t, "\033[32m", (const char *[]){"caf\xc3\xa9", "4.00", "0.7", "it is cheap and it is there"});
    table_row(&t, NULL, (const char *[]){"h100-sxm-80", "12.29", NULL, NULL});
    table_print(&t);
    return buf_str(out);
}

static void columns_align(void **state)
{
    assert_string_equal(drawn(*state, 80, false), "               price\n"
                                                  "  name           $/h   kW  why\n"
                                                  "  caf\xc3\xa9          4.00  0.7  it is cheap and it is there\n"
                                                  "  h100-sxm-80  12.29\n");
}

static void narrow_screens_lose_columns(void **state)
{
    const char *s = drawn(*state, 46, false);
    assert_null(strstr(s, "kW"));
    assert_non_null(strstr(s, "it is cheap"));
    for (const char *line = s; *line;) {
        size_t n = strcspn(line, "\n");
        assert_true(n <= 47);                   /* one byte more than columns: the accent */
        line += n + (line[n] == '\n');
    }
}

static void colour_only_when_wanted(void **state)
{
    assert_null(strchr(drawn(*state, 80, false), '\033'));
    assert_non_null(strstr(drawn(*state, 80, true), "\033[32mcaf"));
}

static void empty_columns_vanish(void **state)
{
    struct buf out = {.arena = *state};
    struct show s = {.arena = *state, .out = &out, .width = 80};
    struct table t;
    table_init(&t, &s, col, 4);
    table_row(&t, NULL, (const char *[]){"a", "", NULL, "b"});
    table_print(&t);
    assert_null(strstr(buf_str(&out), "$/h"));
    assert_non_null(strstr(buf_str(&out), "  a     b\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_align), cmocka_unit_test(narrow_screens_lose_columns),
                                       cmocka_unit_test(colour_only_when_wanted), cmocka_unit_test(empty_columns_vanish)};
    return cmocka_run_group_tests(tests, up, down);
}
