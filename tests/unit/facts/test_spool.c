/* Traffic that goes to a spool is the same, request by request, as traffic in memory; what must be held as a whole is. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/spool.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; char dir[64], path[96]; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    strcpy(w->dir, "/tmp/moat-spool-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    snprintf(w->path, sizeof w->path, "%s/trace.csv", w->dir);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unlink(w->path);
    rmdir(w->dir);
    arena_free(w->a);
    free(w);
    return 0;
}

static void write_text(struct world *w, const char *text)
{
    FILE *f = fopen(w->path, "w");
    fputs(text, f);
    fclose(f);
}

/* n requests every 100 ms; from `swap` on, two neighbours change places. tail: what follows them. */
static void write_csv(struct world *w, int n, int swap, const char *tail)
{
    FILE *f = fopen(w->path, "w");
    fprintf(f, "arrival_s,input_tokens,output_tokens\n");
    for (int i = 0; i < n; i++) {
        int at = swap && (i == swap || i == swap + 1) ? 2 * swap + 1 - i : i;
        fprintf(f, "%d.%d,%d,%d\n", at / 10 + 5, at % 10, i % 999 + 1, i % 7 + 1);
    }
    fputs(tail, f);
    fclose(f);
}

/* Load it twice; spooled: it should have gone to disk. */
static void same(struct world *w, const char *yaml, size_t keep, bool spooled)
{
    struct node *nd;
    struct traffic all, some;
    size_t longer[2];
    assert_true(doc_yaml(w->a, "t.yaml", yaml, strlen(yaml), &nd, &w->e));
    if (!traffic_load(w->a, nd, w->dir, 3, &all, NULL, &w->e))
        fail_msg("%s: %s", w->e.place, w->e.what);
    assert_true(traffic_load_up_to(w->a, nd, w->dir, 3, keep, &some, &w->notes, &w->e));
    assert_int_equal(some.spool != NULL, spooled);
    assert_int_equal(all.n, some.n);
    assert_memory_equal(&all.span_s, &some.span_s, sizeof all.span_s);
    assert_memory_equal(&all.rate_s, &some.rate_s, sizeof all.rate_s);
    assert_memory_equal(&all.ledger, &some.ledger, sizeof all.ledger);
    struct request *q = ARENA_ARRAY(w->a, struct request, all.n);
    assert_true(traffic_get(&some, 0, q, all.n, &w->e));
    assert_memory_equal(all.req, q, all.n * sizeof *q);
    assert_true(all.n == some.n && traffic_longest(&some) >= traffic_longest(&all));
    assert_true(traffic_longer(&all, 500, &longer[0], &w->e) && traffic_longer(&some, 500, &longer[1], &w->e));
    assert_int_equal(longer[0], longer[1]);
}

static void traces(void **state)
{
    struct world *w = *state;
    write_csv(w, 100000, 0, "");
    same(w, "{trace: trace.csv}", 1000, true);
    same(w, "{trace: trace.csv}", 100000, false);
    same(w, "{trace: trace.csv}", 99999, true);
    same(w, "{trace: trace.csv, speedup: 3x}", 1000, true);
    same(w, "{trace: trace.csv, rate: 77/s, duration: 60s}", 1000, true);
    same(w, "{trace: trace.csv, duration: 50ms}", 1000, true);
    same(w, "{trace: trace.csv, requests: 5000}", 1000, true);
    same(w, "{trace: trace.csv, limit: 77, speedup: 2x}", 1000, true);
    same(w, "{trace: trace.csv, window: 5000}", 1000, false);
    same(w, "{trace: trace.csv, concurrency: 8}", 1000, false);
    assert_int_equal(w->notes.n, 1);
    assert_non_null(strstr(w->notes.note[0].text, "only one request"));
}

static void odd_files(void **state)
{
    struct world *w = *state;
    write_csv(w, 50000, 0, "99999.0,77");               /* cut in the middle of a row */
    same(w, "{trace: trace.csv}", 1000, true);
    write_csv(w, 50000, 0, "\"99999.0\",\"7\",8\n9,0,1\n"); /* quotes far from the start; an empty prompt */
    same(w, "{trace: trace.csv}", 1000, true);
    write_csv(w, 50000, 40000, "");                     /* two requests out of order */
    w->notes.n = 0;
    same(w, "{trace: trace.csv}", 1000, false);
    assert_int_equal(w->notes.n, 2);
    assert_non_null(strstr(w->notes.note[0].text, "not in order of time"));
    write_text(w, "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 5, \"hash_ids\": [1, 2]}\n"
                  "{\"timestamp\": 10, \"input_length\": 700, \"output_length\": 5, \"hash_ids\": [1, 3]}\n"
                  "{\"timestamp\": 20, \"input_length\": 800, \"output_length\": 5, \"hash_ids\": [1, 4]}\n");
    same(w, "{trace: trace.csv}", 1, false);            /* blocks stay in memory, and so do their requests */
}

/* Large enough to be mapped; what is behind the reader is dropped, quotes and the last rows included. */
static void mapped(void **state)
{
    struct world *w = *state;
    write_csv(w, 1100000, 0, "\"999999.5\",\"7\",8\n");
    same(w, "{trace: trace.csv}", 1000, true);
}

static void generators(void **state)
{
    struct world *w = *state;
    same(w, "{preset: azure-2023-conv, requests: 90000}", 1000, true);
    same(w, "{preset: azure-2023-conv, rate: 50/s, duration: 20min}", 1000, true);
    same(w, "{preset: azure-2023-conv, rate_curve: weekly, rate: 1/s, duration: 1d}", 1000, true);
    same(w, "{arrivals: {process: gamma, cv: 2, rate: 90/s}, duration: 10min, prompt_tokens: 100, output_tokens: 7}", 1000, true);
    same(w, "{preset: azure-2023-conv, concurrency: 4, requests: 5000}", 1000, false);
}

static void nowhere_to_write(void **state)
{
    struct world *w = *state;
    struct node *nd;
    struct traffic t;
    const char *old = getenv("TMPDIR"), *yaml = "{trace: trace.csv}", *keep = old ? arena_strdup(w->a, old) : NULL;
    write_csv(w, 5000, 0, "");
    assert_true(doc_yaml(w->a, "t.yaml", yaml, strlen(yaml), &nd, &w->e));
    setenv("TMPDIR", "/nonexistent/folder", 1);
    assert_false(traffic_load_up_to(w->a, nd, w->dir, 3, 1000, &t, NULL, &w->e));
    assert_int_equal(w->e.kind, ERR_ENV);
    assert_string_equal(w->e.place, "/nonexistent/folder");
    assert_non_null(strstr(w->e.mend, "TMPDIR"));
    if (keep)
        setenv("TMPDIR", keep, 1);
    else
        unsetenv("TMPDIR");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(traces, setup, teardown),
        cmocka_unit_test_setup_teardown(odd_files, setup, teardown),
        cmocka_unit_test_setup_teardown(mapped, setup, teardown),
        cmocka_unit_test_setup_teardown(generators, setup, teardown),
        cmocka_unit_test_setup_teardown(nowhere_to_write, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
