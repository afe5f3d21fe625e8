/* equal.h - two results are the same to the last bit, but for the number of events. */
#ifndef MOAT_TESTS_EQUAL_H
#define MOAT_TESTS_EQUAL_H

#include "check.h"
#include "world.h"

static inline void must_be_equal(const struct sim_result *a, const struct sim_result *b, const char *sched, uint64_t seed)
{
    struct sim_result x = *a, y = *b;
    assert_int_equal(x.nrecord, y.nrecord);
    for (size_t i = 0; i < x.nrecord; i++)
        if (memcmp(&x.record[i].arrival_ns, &y.record[i].arrival_ns, 3 * sizeof(int64_t)) ||
            x.record[i].preemptions != y.record[i].preemptions || x.record[i].replica != y.record[i].replica ||
            x.record[i].miss != y.record[i].miss || x.record[i].hit_tok != y.record[i].hit_tok) {
            print_error("%s, seed %llu: request %zu differs: first %lld %lld, done %lld %lld\n", sched,
                        (unsigned long long)seed, i, (long long)x.record[i].first_ns, (long long)y.record[i].first_ns,
                        (long long)x.record[i].done_ns, (long long)y.record[i].done_ns);
            fail();
        }
    for (int k = 0; k < SIM_EXACT_N; k++) {
        assert_int_equal(x.nexact[k], y.nexact[k]);
        assert_memory_equal(x.exact[k], y.exact[k], x.nexact[k] * sizeof(double));
        x.exact[k] = y.exact[k] = NULL;
    }
    if (x.slo)
        assert_memory_equal(x.slo, y.slo, 4 * sizeof *x.slo);
    x.slo = y.slo = NULL;
    assert_int_equal(x.classes, y.classes);
    if (x.classes)
        assert_memory_equal(x.by_class, y.by_class, (size_t)x.classes * sizeof *x.by_class);
    x.by_class = y.by_class = NULL;
    x.record = y.record = NULL;
    x.events = y.events = 0; /* the one number that tells how it was done */
    assert_memory_equal(&x, &y, sizeof x);
}

#endif
