/* test_trace_write.c - what is written reads back: every writer through its reader, and what a format cannot hold is said. */
#include "check.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/trace_write.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; char path[64]; struct buf text; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->text.arena = w->a;
    strcpy(w->path, "/tmp/moat-write-XXXXXX");
    close(mkstemp(w->path));
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct world *w = *state;
    unlink(w->path);
    arena_free(w->a);
    free(w);
    return 0;
}

/* t through the writer into the file and back; the text stays in w->text. */
static struct traffic through(struct world *w, const struct traffic *t, const char *format)
{
    struct trace_out o;
    struct traffic back;
    FILE *f = fopen(w->path, "wb");
    w->notes.n = w->text.n = 0;
    if (!trace_write_open(&o, w->a, t, trace_writer_find(format), &w->notes, &w->e))
        fail_msg("%s: %s", format, w->e.what);
    while (trace_write_some(&o, &w->text))
        ;
    fwrite(w->text.at, 1, w->text.n, f);
    fclose(f);
    if (!traffic_read(w->a, w->path, &back, NULL, &w->e))
        fail_msg("%s: %s", format, w->e.what);
    assert_string_equal(back.format, format);
    return back;
}

static bool noted(const struct world *w, const char *words)
{
    for (size_t i = 0; i < w->notes.n; i++)
        if (strstr(w->notes.note[i].text, words))
            return true;
    return false;
}

/* 20,000 requests (more than one stretch), odd nanoseconds, equal times, a span of 16 days. */
static struct traffic odd(struct world *w)
{
    struct traffic t = {.n = 20000, .name = "odd", .format = "test"};
    t.req = ARENA_ARRAY(w->a, struct request, t.n);
    for (size_t i = 0; i < t.n; i++)
        t.req[i] = (struct request){.arrival_ns = (int64_t)(i / 2) * 140123456789 + (i == 19999), .in_tok = (int32_t)(1 + i * 7 % 3000),
                                    .out_tok = (int32_t)(1 + i % 500)};
    return t;
}

static void round_trips(void **state)
{
    struct world *w = *state;
    struct traffic t = odd(w);
    for (size_t k = 0; k < trace_writer_count; k++) {
        const struct trace_writer *wr = &trace_writers[k];
        struct traffic back = through(w, &t, wr->name);
        assert_int_equal(back.n, t.n);
        assert_int_equal(back.ledger.read, t.n);
        assert_int_equal(back.ledger.emitted, t.n);
        for (size_t i = 0; i < t.n; i++) {
            assert_int_equal(back.req[i].in_tok, t.req[i].in_tok);
            assert_int_equal(back.req[i].out_tok, t.req[i].out_tok);
            if (llabs(back.req[i].arrival_ns - t.req[i].arrival_ns) * 2 > wr->tick_ns)
                fail_msg("%s: row %zu at %lld, not %lld", wr->name, i, (long long)back.req[i].arrival_ns,
                         (long long)t.req[i].arrival_ns);
        }
        assert_true(noted(w, "times rounded") == (wr->tick_ns > 1));
        assert_true(*wr->help != '\0');
        /* once on its ticks, a second trip changes nothing */
        struct buf first = w->text;
        w->text = (struct buf){.arena = w->a};
        through(w, &back, wr->name);
        assert_int_equal(w->text.n, first.n);
        assert_memory_equal(w->text.at, first.at, first.n);
        assert_false(noted(w, "times rounded"));
    }
    assert_null(trace_writer_find("parquet"));
}

static void texts(void **state)
{
    struct world *w = *state;
    struct request req[] = {{.arrival_ns = 0, .in_tok = 374, .out_tok = 44}, {.arrival_ns = 5184000000123456, .in_tok = 1025, .out_tok = 1}};
    struct traffic t = {.req = req, .n = 2, .name = "two", .format = "test"};
    through(w, &t, "azure");
    assert_string_equal(w->text.at, "TIMESTAMP,ContextTokens,GeneratedTokens\n2000-01-01 00:00:00.0000000,374,44\n"
                                    "2000-03-01 00:00:00.0001235,1025,1\n");
    through(w, &t, "plain");
    assert_string_equal(w->text.at, "arrival_s,input_tokens,output_tokens\n0,374,44\n5184000.000123456,1025,1\n");
    through(w, &t, "mooncake");
    assert_string_equal(w->text.at, "{\"timestamp\": 0, \"input_length\": 374, \"output_length\": 44, \"hash_ids\": [0]}\n"
                                    "{\"timestamp\": 5184000000, \"input_length\": 1025, \"output_length\": 1, \"hash_ids\": [1, 2, 3]}\n");
    assert_true(noted(w, "nothing is shared"));
    through(w, &t, "burstgpt");
    assert_non_null(strstr(w->text.at, "\n5184000.000123456,GPT-4,1025,1,1026,Conversation log\n"));
}

static void too_late(void **state)
{
    struct world *w = *state;
    struct request req[] = {{.arrival_ns = 0, .in_tok = 1, .out_tok = 1}, {.arrival_ns = 4000000000LL * NS_PER_S, .in_tok = 1, .out_tok = 1}};
    struct traffic t = {.req = req, .n = 2, .span_s = 4e9};
    struct trace_out o;
    assert_false(trace_write_open(&o, w->a, &t, trace_writer_find("azure"), &w->notes, &w->e));
    assert_string_equal(w->e.what, "the last request arrives 127 years after the first: too late for this format");
    assert_int_equal(through(w, &t, "plain").req[1].arrival_ns, 4000000000LL * NS_PER_S);
}

/* Blocks of 512 keep their sharing, whatever the ids; a short list is filled up with ids of its own. */
static void blocks_are_kept(void **state)
{
    struct world *w = *state;
    uint64_t ids[] = {UINT64_MAX, 0, 7, UINT64_MAX, 0, 9, UINT64_MAX};
    struct request req[] = {{.in_tok = 1100, .out_tok = 1, .block = 0, .nblock = 3}, {.in_tok = 1100, .out_tok = 1, .block = 3, .nblock = 3},
                            {.in_tok = 1100, .out_tok = 1, .block = 6, .nblock = 1}};
    struct traffic t = {.req = req, .n = 3, .block = ids, .nblock = 7, .block_tok = 512};
    struct traffic back = through(w, &t, "mooncake");
    const uint64_t want[] = {0, 1, 2, 0, 1, 3, 0, 4, 5};
    assert_int_equal(w->notes.n, 0);
    assert_int_equal(back.nblock, 9);
    assert_memory_equal(back.block, want, sizeof want);
    through(w, &t, "azure");
    assert_true(noted(w, "no prefix blocks; they are left out"));
}

/* Blocks of 16 tokens become blocks of 512: shared when all 32, and all before them, are. */
static void blocks_are_joined(void **state)
{
    struct world *w = *state;
    enum { PER = 70 };          /* 1,120 tokens: 32 + 32 + 6 */
    uint64_t *ids = ARENA_ARRAY(w->a, uint64_t, 4 * PER);
    struct request req[4];
    for (int q = 0; q < 4; q++) {
        req[q] = (struct request){.in_tok = PER * 16, .out_tok = 1, .block = (uint64_t)(q * PER), .nblock = PER};
        for (int k = 0; k < PER; k++)
            ids[q * PER + k] = (uint64_t)k + 1;
    }
    ids[1 * PER + 40] = 999;    /* the second differs in the middle block: its third is another one too */
    req[2].in_tok = PER * 16 - 3;       /* the third has a cut last block */
    req[3].nblock = 60;         /* the fourth is known for 960 tokens only: one whole block */
    struct traffic t = {.req = req, .n = 4, .block = ids, .nblock = 4 * PER, .block_tok = 16};
    struct traffic back = through(w, &t, "mooncake");
    const uint64_t want[] = {0, 1, 2, 0, 3, 4, 0, 1, 2, 0, 5, 6};
    assert_true(noted(w, "joined to blocks of 512"));
    assert_memory_equal(back.block, want, sizeof want);
    t.block_tok = 100;
    back = through(w, &t, "mooncake");
    assert_true(noted(w, "do not make blocks of 512"));
    struct traffic_prefix p;
    assert_true(traffic_prefix(w->a, &back, &p));
    assert_int_equal(p.unique, p.blocks);
}

static void real_mooncake_is_unchanged(void **state)
{
    struct world *w = *state;
    struct traffic t;
    char path[5000];
    snprintf(path, sizeof path, "%s/traces/mooncake-fast25-conversation.jsonl", check_data() ? check_data() : "");
    if (access(path, R_OK) != 0)
        skip();
    assert_true(traffic_read(w->a, path, &t, NULL, &w->e));
    through(w, &t, "mooncake");
    char *same = malloc(w->text.n);
    FILE *f = fopen(path, "rb");
    assert_int_equal(fread(same, 1, w->text.n, f), w->text.n);
    assert_int_equal(fgetc(f), EOF);
    fclose(f);
    assert_memory_equal(same, w->text.at, w->text.n);
    free(same);
}

/* By hand: a b c a b | c d a: distances of the hits are a 2, b 2, c 2, a 3. */
static void lru(void **state)
{
    struct world *w = *state;
    uint64_t ids[] = {0, 1, 2, 0, 1, 2, 3, 0};
    struct request req[] = {{.in_tok = 45, .out_tok = 1, .block = 0, .nblock = 5}, {.in_tok = 30, .out_tok = 1, .block = 5, .nblock = 3}};
    struct traffic t = {.req = req, .n = 2, .block = ids, .nblock = 8, .block_tok = 10};
    struct traffic_prefix p;
    assert_true(traffic_prefix(w->a, &t, &p));
    assert_int_equal(p.blocks, 8);
    assert_int_equal(p.unique, 4);
    check_close(p.hit_frac, 0.5, 1e-12);
    check_close(p.hit_tok_frac, (10 + 5 + 10 + 10) / 75.0, 1e-12);
    for (int i = 0; i < TRAFFIC_LRU_N; i++)
        check_close(p.lru_hit_frac[i], 0.5, 1e-12);
    /* 2,500 blocks twice around: nothing with 1,000 blocks, all with 3,000 */
    uint64_t *ring = ARENA_ARRAY(w->a, uint64_t, 5000);
    for (int i = 0; i < 5000; i++)
        ring[i] = (uint64_t)(i % 2500);
    struct request one = {.in_tok = 50000, .out_tok = 1, .nblock = 5000};
    t = (struct traffic){.req = &one, .n = 1, .block = ring, .nblock = 5000, .block_tok = 10};
    assert_true(traffic_prefix(w->a, &t, &p));
    assert_true(p.lru_hit_frac[0] == 0 && p.lru_hit_frac[1] == 0.5);
    one.nblock = 0;
    assert_false(traffic_prefix(w->a, &t, &p));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(round_trips), T(texts), T(too_late), T(blocks_are_kept), T(blocks_are_joined), T(real_mooncake_is_unchanged), T(lru),
    };
    return cmocka_run_group_tests_name("trace write", tests, NULL, NULL);
}
