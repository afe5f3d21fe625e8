/* test_trace.c - the readers of trace files: every format, every reason to drop a row, every refusal, and the real traces. */
#include "check.h"

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/traffic.h"

struct world { struct arena *a; struct notes notes; struct err e; struct traffic t; char path[64]; };

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->a = arena_new();
    w->notes.arena = w->a;
    strcpy(w->path, "/tmp/moat-trace-XXXXXX");
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

static bool read_bytes(struct world *w, const char *bytes, size_t n)
{
    FILE *f = fopen(w->path, "wb");
    fwrite(bytes, 1, n, f);
    fclose(f);
    memset(&w->e, 0, sizeof w->e);
    w->notes.n = 0;
    return traffic_read(w->a, w->path, &w->t, &w->notes, &w->e);
}

static bool read_text(struct world *w, const char *text)
{
    return read_bytes(w, text, strlen(text));
}

/* The whole error as printed, the random file name left out. */
static void refused(struct world *w, const char *text, const char *place, const char *what, const char *mend)
{
    assert_false(read_text(w, text));
    assert_int_equal(w->e.kind, ERR_INPUT);
    assert_memory_equal(w->e.place, w->path, strlen(w->path));
    assert_string_equal(w->e.place + strlen(w->path), place);
    assert_string_equal(w->e.what, what);
    assert_string_equal(w->e.mend, mend);
}

static void row(struct world *w, size_t i, int64_t t_ns, int in, int out)
{
    assert_true(i < w->t.n);
    assert_int_equal(w->t.req[i].arrival_ns, t_ns);
    assert_int_equal(w->t.req[i].in_tok, in);
    assert_int_equal(w->t.req[i].out_tok, out);
}

static void azure_2023(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2023-11-16 18:15:46.6805900,374,44\r\n"
                             "2023-11-16 18:15:50.9951690,396,109"));
    assert_string_equal(w->t.format, "azure");
    assert_int_equal(w->t.n, 2);
    row(w, 0, 0, 374, 44);
    row(w, 1, 4314579000, 396, 109);
    assert_int_equal(w->t.req[1].row, 3);
    check_close(w->t.span_s, 4.314579, 1e-12);
}

static void azure_2024_and_2025(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-05-10 23:59:59.500000+00:00,10,1\n"
                             "2024-05-11 00:00:01+00:00,11,2\n2024-05-11 02:00:02+02:00,12,3\n"));
    row(w, 1, 1500000000, 11, 2);
    row(w, 2, 2500000000, 12, 3);
    assert_true(read_text(w, "TIMESTAMP,NumImages,ContextTokens,GeneratedTokens\n2024-10-15T00:00:00.125Z,0,5,1\n"
                             "2024-10-15T00:00:01Z,2,900,7\n"));
    row(w, 1, 875000000, 900, 7);
    assert_non_null(strstr(w->notes.note[0].text, "1 requests carry images"));
}

static void azure_bad_times(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "TIMESTAMP,ContextTokens,GeneratedTokens\n2024-02-29 00:00:00,1,1\n2024-02-28 23:59:59,2,2\n"
                             "2023-02-29 00:00:00,3,3\n2024-13-01 00:00:00,4,4\n2024-02-29 24:00:00,4,4\n"
                             "2024-03-01 00:00:00x,4,4\n2024-03-01 00:00:00.,4,4\n2024-03-01 00:00:01,5,5\n"
                             "2024-03-01 00:00:01,6,6\n2024-03-01 00:00:02,6,6\n2024-03-01 00:00:03,6,6\n"));
    assert_int_equal(w->t.ledger.bad_time, 5);
    assert_int_equal(w->t.ledger.reordered, 1);
    row(w, 0, 0, 2, 2);
    row(w, 1, 1000000000, 1, 1);
    row(w, 2, 86402LL * 1000000000, 5, 5);
    row(w, 3, 86402LL * 1000000000, 6, 6);      /* equal times keep the order of the file */
}

static void every_drop_is_counted(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "arrival_s,input_tokens,output_tokens\n0,1,1\n1,0,1\n2,1,0\n3,nan,1\n4,-5,1\n5,1e9,1\n6,1.5,1\n"
                             "x,1,1\n8,1\n9,1,1,1\n10,374.0,2\n11,1000000,1\n12,1,1\n13,1,1\n14,1,1\n15,1,1\n16,1,1\n"
                             "17,1,1\n1e300,1,1\n18,1,1\n19,1,1\n"));
    const struct ledger *l = &w->t.ledger;
    assert_int_equal(l->read, 21);
    assert_int_equal(l->emitted, 11);
    assert_int_equal(l->zero_input, 1);
    assert_int_equal(l->zero_output, 1);
    assert_int_equal(l->bad_number, 4);
    assert_int_equal(l->bad_time, 2);
    assert_int_equal(l->ragged, 2);
    assert_int_equal(l->read, l->emitted + l->zero_input + l->zero_output + l->bad_number + l->bad_time + l->ragged +
                                  l->failed + l->over_limit);
    row(w, 2, 11000000000, 1000000, 1);
    assert_int_equal(w->notes.n, 1);
    assert_non_null(strstr(w->notes.note[0].text,
                           "plain rows: 21 read = 11 kept + 2 dropped (cells or keys missing) + 2 dropped (bad time) + 4 "
                           "dropped (bad token count) + 1 dropped (empty prompt) + 1 dropped (zero output)"));
}

static void mostly_bad_is_refused(void **state)
{
    struct world *w = *state;
    refused(w, "arrival_s,input_tokens,output_tokens\n0,1,1\n1,0,1\n2,0,1\n", "",
            "more than half of the rows cannot be used: 3 read = 1 kept + 2 dropped (empty prompt)", "");
    refused(w, "arrival_s,input_tokens,output_tokens\n0,1,0\n", "",
            "no usable request: 1 read = 0 kept + 1 dropped (zero output)", "");
    refused(w, "arrival_s,input_tokens,output_tokens\n", "", "no requests: there is a header but no rows", "");
}

static void not_a_trace(void **state)
{
    struct world *w = *state;
    refused(w, "", "", "the file is empty", "");
    refused(w, "\xef\xbb\xbf \n\n", "", "the file is empty", "");
    refused(w, "a,b\n1,2\n", "", "no trace format has these columns: a,b",
            "name the columns arrival_s,input_tokens,output_tokens, or see docs/formats.md");
    refused(w, "{\"a\": 1}\n", "", "no trace format has these keys: a",
            "name the columns arrival_s,input_tokens,output_tokens, or see docs/formats.md");
    refused(w, "\x1f\x8b\x08", "", "this is compressed with gzip", "unpack it first: gunzip");
    refused(w, "version https://git-lfs.github.com/spec/v1\n", "", "this is a Git LFS pointer, not the data",
            "fetch the data: git lfs pull");
    refused(w, "[{\"timestamp\": 1}]", "", "this is one JSON array",
            "a trace in JSON has one object a line (JSONL): jq -c '.[]'");
    assert_false(read_bytes(w, "\x7f" "ELF\x02\x01\x01\0\0\0", 10));
    assert_string_equal(w->e.what, "this is binary data, not a trace (byte 5 is 0x02)");
    assert_false(traffic_read(w->a, "/nonexistent/x.csv", &w->t, &w->notes, &w->e));
    assert_int_equal(w->e.kind, ERR_ENV);
}

static void burstgpt(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                             "5,ChatGPT,472,18,490,Conversation log\n45,ChatGPT,1087,0,1087,API log\n"
                             "118,GPT-4,417,276,693,API log\n"));
    assert_string_equal(w->t.format, "burstgpt");
    assert_int_equal(w->t.ledger.failed, 1);
    row(w, 1, 113000000000, 417, 276);
    assert_true(read_text(w, "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                             "1.5,,3,GPT-4,7,8,15,API log\n"));
    row(w, 0, 0, 7, 8);
}

static void vidur(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "arrived_at,num_prefill_tokens,num_decode_tokens\n0.0,374,44\n5.892654999,91,16\n"));
    assert_string_equal(w->t.format, "vidur");
    row(w, 1, 5892654999, 91, 16);
    refused(w, "num_prefill_tokens,num_decode_tokens,num_total_tokens,pd_ratio\n3772,54,3826,69.8\n", "",
            "lengths without arrival times: there is no column arrived_at",
            "add arrived_at in seconds, or use traffic.preset: arxiv-summarization for the lengths");
}

static void llmservingsim(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "{\"input_toks\":10,\"output_toks\":70,\"arrival_time_ns\":46926808,\"input_tok_ids\":[1,2]}\n"
                             "{\"input_toks\":11,\"output_toks\":71,\"arrival_time_ns\":46926809}"));
    assert_string_equal(w->t.format, "llmservingsim");
    row(w, 1, 1, 11, 71);
    /* Prompts as tokens: full blocks of 16, named by all that stands before them too. */
    const char *z16 = "0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0", *o16 = "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1";
    assert_true(read_text(w, arena_printf(w->a, "{\"input_toks\":40,\"output_toks\":7,\"arrival_time_ns\":1,\"input_tok_ids\":[%s,%s,2]}\n"
                                          "{\"input_toks\":32,\"output_toks\":7,\"arrival_time_ns\":2,\"input_tok_ids\":[%s,%s]}\n"
                                          "{\"input_toks\":32,\"output_toks\":7,\"arrival_time_ns\":3,\"input_tok_ids\":[%s,%s]}\n"
                                          "{\"input_toks\":9,\"output_toks\":7,\"arrival_time_ns\":4}\n", z16, o16, z16, z16, o16, o16)));
    const uint64_t *b = w->t.block;
    assert_int_equal(w->t.block_tok, 16);
    assert_int_equal(w->t.nblock, 6);
    assert_int_equal(w->t.req[0].nblock, 2);
    assert_int_equal(w->t.req[3].nblock, 0);
    assert_true(b[0] == b[2] && b[1] != b[3] && b[1] != b[4] && b[4] != b[5] && b[0] != b[4]);
    refused(w, "{\"input_toks\":10,\"output_toks\":70,\"arrival_time_ns\":1,\"input_tok_ids\":[1,\"x\"]}\n", ":1",
            "input_tok_ids: expected an array of whole numbers", "");
    refused(w, "{\"input_toks\":10,\"output_toks\":70,\"arrival_time_ns\":1}\n"
               "{\"session_id\":1,\"arrival_time_ns\":2,\"sub_requests\":[{\"input_toks\":1}]}\n",
            ":2", "a session with sub_requests: calls that wait for each other cannot be read yet",
            "leave the session lines out, or write each call as a line with its own arrival_time_ns");
}

static void mooncake(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "{\"timestamp\": 0, \"input_length\": 600, \"output_length\": 5, \"hash_ids\": [0, 14]}\n\n"
                             "{\"timestamp\": 3000, \"input_length\": 512, \"output_length\": 0, \"hash_ids\": [7]}\n"
                             "{\"timestamp\": 3001, \"input_length\": 512, \"output_length\": 9, \"hash_ids\": "
                             "[18446744073709551615]}\n"));
    assert_string_equal(w->t.format, "mooncake");
    assert_int_equal(w->t.block_tok, 512);
    assert_int_equal(w->t.nblock, 3);
    assert_int_equal(w->t.block[w->t.req[0].block + 1], 14);
    assert_true(w->t.block[w->t.req[1].block] == UINT64_MAX);
    assert_int_equal(w->t.ledger.zero_output, 1);
    row(w, 1, 3001000000, 512, 9);
    assert_int_equal(w->t.req[1].row, 4);
    assert_true(read_text(w, "{\"timestamp\": 5, \"input_length\": 600, \"output_length\": 5}\n"));
    assert_int_equal(w->t.block_tok, 0);
}

static void conversations(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "{\"session_id\": \"b\", \"timestamp\": 0, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"session_id\": \"a\", \"timestamp\": 1, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"timestamp\": 2, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"session_id\": \"b\", \"timestamp\": 3, \"input_length\": 6, \"output_length\": 5}\n"));
    static const uint32_t mooncake[] = {1, 2, 0, 1};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(traffic_session(&w->t, &w->t.req[i]), mooncake[i]);
    /* A chat goes on from its parent, also from one that is not in the file. */
    assert_true(read_text(w, "{\"chat_id\": 5, \"parent_chat_id\": -1, \"timestamp\": 0, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"chat_id\": 6, \"parent_chat_id\": 2, \"timestamp\": 1, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"chat_id\": 7, \"parent_chat_id\": 5, \"timestamp\": 2, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"chat_id\": 8, \"parent_chat_id\": 7, \"timestamp\": 3, \"input_length\": 6, \"output_length\": 5}\n"
                             "{\"chat_id\": 9, \"parent_chat_id\": 2, \"timestamp\": 4, \"input_length\": 6, \"output_length\": 5}\n"));
    static const uint32_t bailian[] = {1, 2, 1, 1, 2};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(traffic_session(&w->t, &w->t.req[i]), bailian[i]);
    assert_true(read_text(w, "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n"
                             "5,s1,1,ChatGPT,10,5,15,Conversation log\n6,,1,ChatGPT,10,5,15,API log\n"
                             "7,s2,1,ChatGPT,10,5,15,Conversation log\n8,s1,1,ChatGPT,10,5,15,Conversation log\n"));
    static const uint32_t burstgpt[] = {1, 0, 2, 1};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(traffic_session(&w->t, &w->t.req[i]), burstgpt[i]);
    /* Not named: by the first block that is not everybody's. */
    assert_true(read_text(w, "{\"timestamp\": 0, \"input_length\": 1536, \"output_length\": 5, \"hash_ids\": [0, 7, 8]}\n"
                             "{\"timestamp\": 1, \"input_length\": 1024, \"output_length\": 5, \"hash_ids\": [0, 9]}\n"
                             "{\"timestamp\": 2, \"input_length\": 1024, \"output_length\": 5, \"hash_ids\": [0, 7]}\n"
                             "{\"timestamp\": 3, \"input_length\": 1024, \"output_length\": 5, \"hash_ids\": [3, 7]}\n"
                             "{\"timestamp\": 4, \"input_length\": 512, \"output_length\": 5, \"hash_ids\": [0]}\n"));
    static const uint64_t blocks[] = {8, 10, 8, 8, 0};
    assert_int_equal(w->t.common, 1);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(traffic_session(&w->t, &w->t.req[i]), blocks[i]);
    struct traffic_stat s = traffic_stats(w->a, &w->t);
    check_close(s.new_mean, (1536 + 512 + 1 + 1024 + 1) / 5.0, 1e-12); /* at least one token is new */
}

static void seconds_or_milliseconds(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "{\"chat_id\": 1, \"parent_chat_id\": -1, \"timestamp\": 61.5, \"input_length\": 20, "
                             "\"output_length\": 3, \"type\": \"text\", \"turn\": 1, \"hash_ids\": [1, 2]}\n"
                             "{\"chat_id\": 2, \"timestamp\": 62, \"input_length\": 20, \"output_length\": 3}\n"));
    assert_string_equal(w->t.format, "bailian");
    assert_int_equal(w->t.block_tok, 16);
    row(w, 1, 500000000, 20, 3);
    refused(w, "{\"timestamp\": 61.5, \"input_length\": 20, \"output_length\": 3}\n", ":1",
            "timestamp 61.5 is not a whole number of milliseconds: seconds or milliseconds cannot be told",
            "a trace in seconds (Bailian) has chat_id in every line; otherwise write whole milliseconds");
    refused(w, "{\"timestamp\": 61, \"input_length\": 20, \"output_length\": 3, \"hash_ids\": [1, 2]}\n", ":1",
            "2 hash_ids for 20 prompt tokens are not blocks of 512 tokens (Mooncake has 1)",
            "a Bailian trace (16-token blocks, seconds) has chat_id in every line; or leave hash_ids out");
    refused(w, "timestamp,input_tokens,output_tokens\n1,2,3\n", "",
            "column timestamp has no unit: seconds or milliseconds cannot be told",
            "rename it to arrival_s, arrival_ms or arrival_ns");
    refused(w, "input_tokens,output_tokens\n2,3\n", "", "no column with the arrival time",
            "name it arrival_s, arrival_ms or arrival_ns");
    refused(w, "{\"delay\": 61, \"input_length\": 20, \"output_length\": 3}\n", ":1",
            "no timestamp: requests that follow another (delay, session turns) cannot be read yet",
            "write an arrival time in ms into every line");
}

static void broken_json(void **state)
{
    struct world *w = *state;
    static const char good[] = "{\"timestamp\": 0, \"input_length\": 6, \"output_length\": 5}\n";
    static const struct { const char *line, *place, *what; } bad[] = {
        {"{\"timestamp\": 1, \"input_len", ":2:28", "the line ends where the end of a string was expected"},
        {"{\"timestamp\": 1,}", ":2:17", "expected a string, got \"}\""},
        {"{\"timestamp\": nan}", ":2:15", "expected a value, got \"n\""},
        {"{\"timestamp\": 01}", ":2:16", "expected no digit after a leading 0, got \"1\""},
        {"{\"timestamp\": 1} x", ":2:18", "expected the end of the line, got \"x\""},
        {"17", ":2:1", "expected \"{\", got \"1\""},
        {"{\"timestamp\": \"\\q\"}", ":2:17", "expected an escape such as \\n, got \"q\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[512];
        snprintf(text, sizeof text, "%s%s", good, bad[i].line);
        refused(w, text, bad[i].place, bad[i].what, "a trace in JSONL has one whole JSON object a line");
    }
    refused(w, "{\"timestamp\": 0, \"input_length\": 6, \"output_length\": 5, \"hash_ids\": [\"a\"]}\n", ":1",
            "0 hash_ids for 6 prompt tokens are not blocks of 512 tokens (Mooncake has 1)",
            "a Bailian trace (16-token blocks, seconds) has chat_id in every line; or leave hash_ids out");
}

static void units_of_plain(void **state)
{
    struct world *w = *state;
    assert_true(read_text(w, "isl,osl,arrival_ms\n5,6,1000\n7,8,1001.5\n"));
    row(w, 1, 1500000, 7, 8);
    assert_true(read_text(w, "arrival_ns,prompt_tokens,completion_tokens\n1700000000000000001,5,6\n1700000000000000004,7,8\n"));
    row(w, 1, 3, 7, 8);
    assert_true(read_text(w, "\xef\xbb\xbf" "arrival_s,\"input_tokens\",output_tokens\n0,\"5\",6\n"));
    row(w, 0, 0, 5, 6);
}

static bool real(struct world *w, const char *name)
{
    char path[5000];
    if (!check_data())
        return false;
    snprintf(path, sizeof path, "%s/traces/%s", check_data(), name);
    if (access(path, R_OK) != 0)
        return false;
    assert_true(traffic_read(w->a, path, &w->t, &w->notes, &w->e));
    return true;
}

static void real_azure(void **state)
{
    struct world *w = *state;
    if (!real(w, "azure-2023-conv.csv"))
        skip();
    struct traffic_stat s = traffic_stats(w->a, &w->t);
    assert_int_equal(w->t.n, 19366);
    check_close(w->t.span_s, 3501.722, 1e-6);
    check_close(s.rate_s, 5.53, 1e-3);
    check_close(s.cv, 1.09, 5e-3);
    check_close(s.iod_1s, 1.39, 5e-3);
    check_close(s.iod_60s, 16.1, 5e-3);
    check_close(s.peak_to_mean_60s, 1.52, 5e-3);
    check_close(s.in_mean, 1155, 1e-3);
    assert_true(s.in_p50 == 1020 && s.in_p90 == 2735 && s.in_p99 == 4142 && s.in_max == 14050);
    check_close(s.out_mean, 211, 1e-3);
    assert_true(s.out_p50 == 129 && s.out_p90 == 424 && s.out_p99 == 601 && s.out_max == 1000);
}

static void real_vidur_is_azure(void **state)
{
    struct world *w = *state;
    if (!real(w, "azure-2023-conv.csv"))
        skip();
    struct traffic azure = w->t;
    if (!real(w, "vidur-splitwise-conv.csv"))
        skip();
    assert_int_equal(w->t.n, azure.n);
    for (size_t i = 0; i < azure.n; i++) {
        assert_int_equal(w->t.req[i].in_tok, azure.req[i].in_tok);
        assert_true(llabs(w->t.req[i].arrival_ns - azure.req[i].arrival_ns) <= 1000);
    }
}

static void real_mooncake(void **state)
{
    struct world *w = *state;
    if (!real(w, "mooncake-fast25-conversation.jsonl"))
        skip();
    struct traffic_stat s = traffic_stats(w->a, &w->t);
    assert_int_equal(w->t.n, 12031);
    assert_int_equal(w->t.nblock, 288500);
    check_close(s.in_out_corr, 0.07, 0.1);
    /* reference/workloads.md section 1.4: unbounded and LRU hits by block */
    static const double lru[TRAFFIC_LRU_N] = {0.044, 0.065, 0.211, 0.326, 0.355, 0.364};
    struct traffic_prefix p;
    assert_true(traffic_prefix(w->a, &w->t, &p));
    assert_int_equal(p.blocks, 288500);
    assert_int_equal(p.unique, 182790);
    check_close(p.hit_frac, 1 - 182790.0 / 288500, 1e-12);
    check_close(p.hit_tok_frac, 0.374, 2e-3);
    for (int i = 0; i < TRAFFIC_LRU_N; i++)
        assert_true(fabs(p.lru_hit_frac[i] - lru[i]) <= 0.0005001);
    check_close(s.rate_s, 3.40, 1e-3);
    check_close(s.cv, 3.03, 5e-3);
    check_close(s.iod_1s, 7.90, 5e-3);
    check_close(s.iod_60s, 2.9, 5e-3);
    assert_true(s.in_p50 == 6909 && s.in_p90 == 27367 && s.in_p99 == 85401 && s.in_max == 126195);
    assert_true(s.out_p50 == 350 && s.out_p90 == 597 && s.out_p99 == 1120 && s.out_max == 2000);
    for (size_t i = 0; i < w->t.n; i++)
        assert_int_equal(w->t.req[i].nblock, (w->t.req[i].in_tok + 511) / 512);
}

static void real_llmservingsim(void **state)
{
    struct world *w = *state;
    if (!real(w, "llmservingsim-sharegpt-300.jsonl"))
        skip();
    struct traffic_stat s = traffic_stats(w->a, &w->t);
    assert_int_equal(w->t.n, 300);
    check_close(s.in_mean, 857, 1e-3);
    check_close(s.out_mean, 653, 1e-3);
    assert_true(s.in_max == 3998 && s.out_max == 1021);
    struct traffic_prefix p;    /* as counted by another program */
    assert_true(traffic_prefix(w->a, &w->t, &p));
    assert_int_equal(p.blocks, 15942);
    assert_true(fabs(p.hit_frac - 0.077) <= 0.0005);
}

static void formats_describe_themselves(void **state)
{
    (void)state;
    assert_int_equal(trace_format_count, 7);
    for (size_t i = 0; i < trace_format_count; i++)
        assert_true(trace_formats[i]->name && *trace_formats[i]->help && *trace_formats[i]->units);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(azure_2023), T(azure_2024_and_2025), T(azure_bad_times), T(every_drop_is_counted), T(mostly_bad_is_refused),
        T(not_a_trace), T(burstgpt), T(vidur), T(llmservingsim), T(mooncake), T(conversations), T(seconds_or_milliseconds), T(broken_json),
        T(units_of_plain), T(real_azure), T(real_vidur_is_azure), T(real_mooncake), T(real_llmservingsim),
        T(formats_describe_themselves),
    };
    return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
