/* fixture.h - an arena for each test, freed behind it (so leak checkers see what the code leaves). */
#ifndef MOAT_TESTS_BASE_FIXTURE_H
#define MOAT_TESTS_BASE_FIXTURE_H

#include "check.h"

#include "base/arena.h"
#include "base/err.h"

static inline int with_arena(void **state)
{
    *state = arena_new();
    return *state ? 0 : -1;
}

static inline int without_arena(void **state)
{
    arena_free(*state);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, with_arena, without_arena)

/* The error is of this kind, and its text (all parts) holds each of the words. */
static inline void check_err_at(const struct err *e, enum err_kind kind, const char *word, const char *file, int line)
{
    char all[1100];
    snprintf(all, sizeof all, "%s: %s; %s", e->place, e->what, e->mend);
    if (e->kind != kind || !strstr(all, word)) {
        print_error("kind %d (want %d): \"%s\" without \"%s\"\n", (int)e->kind, (int)kind, all, word);
        _fail(file, line);
    }
}
#define check_err(e, kind, word) check_err_at((e), (kind), (word), __FILE__, __LINE__)

#endif
