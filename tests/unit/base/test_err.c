/* test_err.c - errors are filled, cut to size and free of control characters. */
#include "fixture.h"

static void fills_and_returns_false(void **state)
{
    (void)state;
    struct err e = {0};
    assert_false(err_input(&e, "a.yaml:3", "expected %d", 7));
    assert_int_equal(e.kind, ERR_INPUT);
    assert_string_equal(e.place, "a.yaml:3");
    assert_string_equal(e.what, "expected 7");
    assert_string_equal(e.mend, "");
    assert_false(err_mend(&e, "try %s", "tp"));
    assert_string_equal(e.mend, "try tp");
    assert_false(err_env(&e, NULL, "gone"));
    assert_int_equal(e.kind, ERR_ENV);
    assert_string_equal(e.place, "");
    assert_string_equal(e.mend, "");
}

static void a_longer_text_is_cut(void **state)
{
    (void)state;
    struct err e;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    err_input(&e, text, "%s", text);
    err_mend(&e, "%s", text);
    assert_int_equal(strlen(e.place), sizeof e.place - 1);
    assert_int_equal(strlen(e.what), sizeof e.what - 1);
    assert_int_equal(strlen(e.mend), sizeof e.mend - 1);
}

static void escapes_do_not_reach_the_terminal(void **state)
{
    (void)state;
    struct err e;
    err_input(&e, "a\x1b[2J", "got \"%s\"", "b\x1b]0;t\x07\n\x7f");
    err_mend(&e, "\x1b");
    assert_string_equal(e.place, "a?[2J");
    assert_string_equal(e.what, "got \"b?]0;t? ?\"");
    assert_string_equal(e.mend, "?");
}

static void an_error_can_be_said_again(void **state)
{
    (void)state;
    struct err e;
    err_input(&e, "inner", "why");
    err_input(&e, e.place, "outer: %s", e.what);
    assert_string_equal(e.place, "inner");
    assert_string_equal(e.what, "outer: why");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_and_returns_false),
        cmocka_unit_test(a_longer_text_is_cut),
        cmocka_unit_test(escapes_do_not_reach_the_terminal),
        cmocka_unit_test(an_error_can_be_said_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
