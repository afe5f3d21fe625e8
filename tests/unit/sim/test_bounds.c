/* Shares of the busy time by bound: by hand, and against the formulas of a step. */
#include "check.h"
#include "sim/bounds.h"

static void by_hand(void **state)
{
    (void)state;
    struct step_table t = {.npower = 2, .min_kv = 1, .decode_full_q20 = 1000 * Q20};   /* 1 us a token of context */
    t.decode_parts_s[0][BOUND_MEMORY] = 6e-3, t.decode_parts_s[0][BOUND_FIXED] = 2e-3;
    t.decode_parts_s[1][BOUND_MEMORY] = 6e-3, t.decode_parts_s[1][BOUND_COMPUTE] = 4e-3, t.decode_parts_s[1][BOUND_FIXED] = 2e-3;
    t.context_frac[BOUND_MEMORY] = 1;
    t.prefill_parts[BOUND_COMPUTE] = 3, t.prefill_parts[BOUND_LINK] = 1;
    double f[BOUND_N];
    /* 8 sequences of 500: 6 + 4 memory, 4 compute, 2 fixed of 16 ms; 100 s of decoding are 4 host and 96 of that. */
    bounds_of(&t, &(struct busy){.decode = 100, .prefill = 100, .host = 4, .loading = 20, .batch = 8, .context = 500}, f);
    check_close(f[BOUND_MEMORY], 96 * 10.0 / 16 / 200, 1e-12);
    check_close(f[BOUND_FIXED], 96 * 2.0 / 16 / 200, 1e-12);
    check_close(f[BOUND_COMPUTE], (96 * 4.0 / 16 + 80 * 0.75) / 200, 1e-12);
    check_close(f[BOUND_LINK], (20 + 80 * 0.25) / 200, 1e-12);
    check_close(f[BOUND_HOST], 4.0 / 200, 1e-12);
    /* The root of 8 sequences: half way. */
    bounds_of(&t, &(struct busy){.decode = 1, .batch = 2.8284271247461903, .context = 0}, f);
    check_close(f[BOUND_COMPUTE], 2.0 / 10, 1e-3);
    bounds_of(&t, &(struct busy){0}, f);
    for (int b = 0; b < BOUND_N; b++)
        assert_true(f[b] == 0);
    bounds_of(&t, &(struct busy){.prefill = 2, .host = 1}, f);
    check_close(f[BOUND_HOST], 0.5, 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
