/* test_note.c - the same remark once, and never without bound. */
#include "fixture.h"

#include "base/note.h"

static void same_text_is_counted(void **state)
{
    struct notes ns = {.arena = *state};
    note_add(&ns, "row %d dropped", 1);
    note_add(&ns, "row %d dropped", 2);
    note_add(&ns, "row %d dropped", 1);
    assert_int_equal(ns.n, 2);
    assert_string_equal(ns.note[0].text, "row 1 dropped");
    assert_int_equal(ns.note[0].times, 2);
    assert_int_equal(ns.note[1].times, 1);
    note_add(NULL, "nobody listens");
}

static void remarks_are_bounded(void **state)
{
    struct notes ns = {.arena = *state};
    size_t total = 0;
    for (int i = 0; i < 10000; i++)
        note_add(&ns, "row %d", i);
    assert_in_range(ns.n, 10, 1000);
    for (size_t i = 0; i < ns.n; i++)
        total += ns.note[i].times;
    assert_int_equal(total, 10000);
    assert_string_equal(ns.note[ns.n - 1].text, "more remarks were left out");
}

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(same_text_is_counted), TEST(remarks_are_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
