/* test_turns.c - sessions: prompts that contain the conversation so far, who follows whom, and what thinning and cutting keep. */
#include "check.h"

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; struct traffic t; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    arena_free(w->a);
    free(w);
    return 0;
}

static bool load(struct world *w, const char *text)
{
    struct node *nd;
    assert_true(doc_yaml(w->a, "t.yaml", text, strlen(text), &nd, &w->e));
    return traffic_load(w->a, nd, "", 1, &w->t, &w->notes, &w->e);
}

static void must(struct world *w, const char *text)
{
    if (!load(w, text))
        fail_msg("%s: %s: %s", text, w->e.place, w->e.what);
}

static void refused(struct world *w, const char *text, const char *place, const char *what)
{
    assert_false(load(w, text));
    assert_string_equal(w->e.place, place);
    assert_string_equal(w->e.what, what);
}

/* What holds for any traffic with sessions. */
static void check_links(const struct traffic *t)
{
    uint8_t *seen = calloc(t->sessions, 1);
    uint32_t firsts = 0;
    for (size_t i = 0; i < t->n; i++) {
        const struct turn *k = &t->turn[i];
        const struct request *q = &t->req[i];
        assert_true(k->session < t->sessions);
        assert_true(!i || q->arrival_ns >= t->req[i - 1].arrival_ns);
        assert_int_equal(k->wait_ns < 0, !seen[k->session]);
        seen[k->session] = 1;
        firsts += k->wait_ns < 0;
        assert_int_equal(q->nblock, q->in_tok / t->block_tok);
        if (k->next == TURN_NONE)
            continue;
        const struct request *n = &t->req[k->next];
        assert_true(k->next > i && k->next < t->n);
        assert_int_equal(t->turn[k->next].session, k->session);
        assert_int_equal(n->arrival_ns, q->arrival_ns + t->turn[k->next].wait_ns);
        assert_true(n->in_tok > q->in_tok + q->out_tok);
        assert_int_equal(n->block, q->block);           /* the same ids, more of them */
    }
    assert_int_equal(firsts, t->sessions);
    free(seen);
}

#define SESSIONS "sessions: {turns: 3, calls: 2, system_tokens: 1000, tool_tokens: 50, think_time: 10s, tool_time: 500ms}"

static void by_hand(void **state)
{
    struct world *w = *state;
    must(w, "{arrivals: {process: fixed, rate: 1/s}, " SESSIONS ", prompt_tokens: 100, output_tokens: 7, duration: 2.5s}");
    check_links(&w->t);
    assert_int_equal(w->t.n, 12);
    assert_int_equal(w->t.sessions, 2);
    static const int in[] = {1100, 1157, 1264, 1321, 1428, 1485};
    static const double at_s[] = {0, 0.5, 10.5, 11, 21, 21.5};
    uint32_t i = 0;
    for (int k = 0; k < 6; k++, i = w->t.turn[i].next) {
        assert_int_equal(w->t.req[i].in_tok, in[k]);
        assert_int_equal(w->t.req[i].out_tok, 7);
        check_close((double)w->t.req[i].arrival_ns / 1e9 + 1, at_s[k] + 1, 1e-12);
    }
    assert_int_equal(i, TURN_NONE);
    /* 15 blocks of 64 tokens are of the system prompt and the same for both; the others are their own */
    const struct request *a = &w->t.req[0], *b = &w->t.req[2];
    assert_int_equal(w->t.turn[2].session, 1);
    for (int k = 0; k < 17; k++)
        assert_int_equal(w->t.block[a->block + k] == w->t.block[b->block + k], k < 15);
    struct traffic_prefix p;
    assert_true(traffic_prefix(w->a, &w->t, &p));
    assert_int_equal(p.unique, 15 + 2 * (1485 / 64 - 15));
}

/* Copilot's agents: 3.95 turns of 7.83 calls; the means come out, and the last prompt stays below the context. */
static void agents(void **state)
{
    struct world *w = *state;
    must(w, "{arrivals: {rate: 1/s}, sessions: {turns: {dist: geometric, mean: 3.95}, calls: {dist: geometric, mean: 7.83}, "
            "tool_tokens: {dist: exponential, mean: 500}, think_time: {dist: exponential, mean: 30s}, "
            "tool_time: {dist: lognormal, median: 2s, p99: 30s}}, prompt_tokens: 200, output_tokens: 100, duration: 4000s}");
    check_links(&w->t);
    check_close((double)w->t.sessions, 4000, 0.05);
    check_close((double)w->t.n / w->t.sessions, 3.95 * 7.83, 0.05);
    double think_s = 0;
    uint64_t thinks = 0, short_waits = 0, waits = 0;
    for (size_t i = 0; i < w->t.n; i++) {
        uint32_t next = w->t.turn[i].next;
        if (next == TURN_NONE)
            continue;
        int32_t added = w->t.req[next].in_tok - w->t.req[i].in_tok - w->t.req[i].out_tok;
        double wait_s = (double)w->t.turn[next].wait_ns / 1e9;
        if (added == 200)
            think_s += wait_s, thinks++;
        else
            short_waits += wait_s < 2, waits++;
    }
    check_close(think_s / (double)thinks, 30, 0.05);
    check_close((double)short_waits / (double)waits, 0.5, 0.03);
    must(w, "{arrivals: {rate: 1/s}, sessions: {turns: 100, context: 5000}, prompt_tokens: 200, output_tokens: 100, duration: 100s}");
    check_links(&w->t);
    assert_int_equal(w->t.n, 16 * w->t.sessions);       /* 16 * 300 <= 5000 < 17 * 300 */
}

static void same_seed_same_bytes(void **state)
{
    struct world *w = *state;
    static const char text[] = "{arrivals: {rate: 1/s}, sessions: {turns: {dist: geometric, mean: 5}, think_time: {dist: exponential, mean: 9s}}, "
                               "preset: sharegpt, duration: 500s}";
    must(w, text);
    struct traffic one = w->t;
    must(w, text);
    assert_int_equal(one.n, w->t.n);
    assert_memory_equal(one.req, w->t.req, one.n * sizeof *one.req);
    assert_memory_equal(one.turn, w->t.turn, one.n * sizeof *one.turn);
}

static void parts(void **state)
{
    struct world *w = *state;
    must(w, "{arrivals: {rate: 2/s}, sessions: {turns: {dist: geometric, mean: 5}, think_time: 9s}, preset: sharegpt, duration: 2000s}");
    struct traffic all = w->t, t = traffic_thin(w->a, &all, 0.25, false, 7);
    check_links(&t);
    check_close((double)t.sessions, (double)all.sessions / 4, 0.1);
    check_close((double)t.n / t.sessions, (double)all.n / all.sessions, 0.1);
    t = traffic_window(w->a, &all, 2000);
    check_links(&t);
    assert_true(t.n > 1500 && t.n < 2600);
    check_close((double)t.sessions / (t.span_s - 100), 2, 0.25);        /* sessions begin as often as before */
    assert_int_equal(traffic_window(w->a, &all, all.n).n, all.n);
    must(w, "{arrivals: {rate: 2/s}, sessions: {turns: 5, think_time: 9s}, preset: sharegpt, duration: 2000s, limit: 500}");
    assert_int_equal(w->t.n, 500);
    for (size_t i = 0; i < 500; i++)
        assert_true(w->t.turn[i].next == TURN_NONE || w->t.turn[i].next < 500);
}

static void closed(void **state)
{
    struct world *w = *state;
    must(w, "{concurrency: 8, sessions: {turns: 4, think_time: 1s}, preset: sharegpt, requests: 1000}");
    check_links(&w->t);
    assert_int_equal(w->t.n, 1000);
    assert_int_equal(w->t.sessions, 250);
    assert_int_equal(w->t.concurrency, 8);
    must(w, "{concurrency: 8, sessions: {turns: 4}, preset: sharegpt, requests: 1001}");
    assert_int_equal(w->t.n, 1004);     /* the last session is whole */
}

static void refusals(void **state)
{
    struct world *w = *state;
    refused(w, "{sessions: {turns: 2}, preset: sharegpt}", "t.yaml:1: sessions", "how often does a session begin?");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {think_time: 2s}, preset: sharegpt}", "t.yaml:1: sessions",
            "turns is missing: how often does a person speak in a session?");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {turns: 2, calls: 3}, preset: sharegpt}", "t.yaml:1: sessions",
            "calls need tool_tokens: what does a tool add to the context?");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {turns: 2, think_time: 5}, preset: sharegpt}", "t.yaml:1: sessions.think_time",
            "expected a duration such as 500ms or 2s, got \"5\"");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {turns: 0}, preset: sharegpt}", "t.yaml:1: sessions.turns", "expected 1 to 100M, got 0");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {turns: 2, think_time: {dist: geometric, mean: 5s}}, preset: sharegpt}",
            "t.yaml:1: sessions.think_time", "times are not whole numbers: write dist: exponential");
    refused(w, "{arrivals: {rate: 1/s}, rate: 4/s, sessions: {turns: 2}, preset: sharegpt}", "t.yaml:1: rate",
            "sessions cannot be played faster: people and tools take the time they take");
    refused(w, "{arrivals: {rate: 1/s}, sessions: {turns: 2, context: 50}, prompt_tokens: 100, output_tokens: 1, requests: 10}", "t.yaml:1: sessions",
            "no session fits into its context: not even the first prompt and its answer");
    refused(w, "{trace: x.csv, sessions: {turns: 2}}", "t.yaml:1: sessions",
            "a trace has its own arrivals and lengths: leave out trace or sessions");
    refused(w, "{arrivals: {rate: 1/s}, sessions: 4, preset: sharegpt}", "t.yaml:1: sessions",
            "expected a map such as {turns: {dist: geometric, mean: 4}, think_time: 30s}");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(by_hand), T(agents), T(same_seed_same_bytes), T(parts), T(closed), T(refusals),
    };
    return cmocka_run_group_tests_name("turns", tests, NULL, NULL);
}
