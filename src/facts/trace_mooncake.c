/* trace_mooncake.c - timed JSONL with prefix blocks: Mooncake (FAST 2025), AIPerf, vLLM timed_trace; and Bailian (Alibaba).
**
** Both families call the time `timestamp`, but Mooncake means milliseconds and Bailian seconds, and the block size
** (512 and 16 tokens) is not in the file. `chat_id` tells Bailian. Without it the file must look like Mooncake, else it is
** refused: whole milliseconds, and as many hash_ids as the prompt has blocks of 512 tokens.
*/
#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/trace.h"

enum { MOONCAKE_TOK = 512, BAILIAN_TOK = 16 };

static bool lengths(const struct trace_in *in)
{
    return trace_has_key(in, "input_length") && trace_has_key(in, "output_length");
}

static bool bailian_is(const struct trace_in *in)
{
    return lengths(in) && trace_has_key(in, "chat_id") && trace_has_key(in, "timestamp");
}

static bool mooncake_is(const struct trace_in *in)
{
    return lengths(in) && !trace_has_key(in, "chat_id");
}

static double count(const struct jmember *m, size_t n, const char *key)
{
    double d;
    return jval_f64(jsonl_get(m, n, key), &d) ? d : (double)NAN;
}

/* One line to one request. unit_ns: of the timestamp. */
static bool row(struct trace_in *in, const struct jmember *m, size_t n, int64_t unit_ns, struct err *e)
{
    const struct jval *time = jsonl_get(m, n, "timestamp"), *ids = jsonl_get(m, n, "hash_ids");
    double t;
    int64_t t_ns = 0;
    if ((jsonl_get(m, n, "chat_id") != NULL) != (unit_ns == NS_PER_S)) {
        err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)in->jsonl.line), unit_ns == NS_PER_S
                  ? "no chat_id in a Bailian trace: is timestamp in seconds, or in milliseconds as in Mooncake's?"
                  : "chat_id in a Mooncake trace: is timestamp in milliseconds, or in seconds as in Bailian's?");
        return err_mend(e, "keep the two formats in files of their own");
    }
    if (!time || !jsonl_get(m, n, "input_length") || !jsonl_get(m, n, "output_length")) {
        trace_ragged(in);
        return true;
    }
    bool ok = jval_f64(time, &t) && trace_seconds(t * (double)unit_ns / 1e9, &t_ns);
    if (!trace_emit(in, in->jsonl.line, ok ? &t_ns : NULL, count(m, n, "input_length"), count(m, n, "output_length")))
        return true;
    if (ids && ids->kind != JVAL_NULL && !trace_blocks(in, *ids))
        return err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)in->jsonl.line),
                         "hash_ids: expected an array of whole numbers");
    if (in->out->nblock > UINT32_MAX)
        return err_input(e, in->name, "more than %u hash_ids", UINT32_MAX);
    if (jsonl_get(m, n, "priority") && !trace_priority(in, count(m, n, "priority")))
        return err_input(e, arena_printf(in->arena, "%s:%llu", in->name, (unsigned long long)in->jsonl.line),
                         "priority: expected a class from 0, served first, to %d", TRAFFIC_CLASSES - 1);
    const struct jval *session = jsonl_get(m, n, "session_id"), *chat = jsonl_get(m, n, "chat_id");
    if (session || chat)
        trace_session(in, session ? *session : *chat, session ? NULL : jsonl_get(m, n, "parent_chat_id"));
    return true;
}

static bool rows(struct trace_in *in, int64_t unit_ns, struct err *e)
{
    struct jmember m[TRACE_MEMBERS];
    size_t n;
    bool more;
    for (;;) {
        if (!jsonl_next(&in->jsonl, m, TRACE_MEMBERS, &n, &more, e))
            return false;
        if (!more)
            return true;
        if (!row(in, m, n, unit_ns, e))
            return false;
    }
}

static bool bailian_read(struct trace_in *in, struct err *e)
{
    if (trace_has_key(in, "hash_ids"))
        in->out->block_tok = BAILIAN_TOK;
    note_add(in->notes, "%s: read as Bailian (it has chat_id): timestamp in seconds, prefix blocks of 16 tokens", in->name);
    return rows(in, NS_PER_S, e);
}

static size_t ids_of(const struct jval *ids)
{
    const char *at = ids->at;
    uint64_t id;
    size_t n = 0;
    while (jval_next_u64(ids, &at, &id) > 0)
        n++;
    return n;
}

/* Is this Mooncake's unit and block size, or something that only shares its keys? */
static bool check_first(const struct trace_in *in, struct err *e)
{
    const struct jmember *m = in->first;
    const struct jval *ids = jsonl_get(m, in->nfirst, "hash_ids");
    double t, tok = count(m, in->nfirst, "input_length");
    const char *place = arena_printf(in->arena, "%s:1", in->name);
    if (!jsonl_get(m, in->nfirst, "timestamp")) {
        err_input(e, place, "no timestamp: requests that follow another (delay, session turns) cannot be read yet");
        return err_mend(e, "write an arrival time in ms into every line");
    }
    if (jval_f64(jsonl_get(m, in->nfirst, "timestamp"), &t) && t != floor(t)) {
        err_input(e, place, "timestamp %g is not a whole number of milliseconds: seconds or milliseconds cannot be told", t);
        return err_mend(e, "a trace in seconds (Bailian) has chat_id in every line; otherwise write whole milliseconds");
    }
    if (ids && ids->kind == JVAL_ARRAY && tok >= 1 && ids_of(ids) != (size_t)ceil(tok / MOONCAKE_TOK)) {
        err_input(e, place, "%zu hash_ids for %.0f prompt tokens are not blocks of 512 tokens (Mooncake has %.0f)",
                  ids_of(ids), tok, ceil(tok / MOONCAKE_TOK));
        return err_mend(e, "a Bailian trace (16-token blocks, seconds) has chat_id in every line; or leave hash_ids out");
    }
    return true;
}

static bool mooncake_read(struct trace_in *in, struct err *e)
{
    if (!check_first(in, e))
        return false;
    bool blocks = trace_has_key(in, "hash_ids");
    if (blocks)
        in->out->block_tok = MOONCAKE_TOK;
    note_add(in->notes, "%s: read as Mooncake: timestamp in milliseconds, %s", in->name,
             blocks ? "prefix blocks of 512 tokens" : "no prefix blocks");
    return rows(in, NS_PER_S / 1000, e);
}

const struct trace_format trace_mooncake = {
    .name = "mooncake",
    .help = "Mooncake traces (FAST 2025), AIPerf mooncake_trace, vLLM timed_trace",
    .units = "JSONL: timestamp (ms), input_length, output_length, hash_ids (512-token blocks), session_id",
    .is = mooncake_is,
    .read = mooncake_read,
};

const struct trace_format trace_bailian = {
    .name = "bailian",
    .help = "Qwen-Bailian usage traces (Alibaba)",
    .units = "JSONL: chat_id, parent_chat_id, timestamp (s), input_length, output_length, hash_ids (16-token blocks)",
    .is = bailian_is,
    .read = bailian_read,
};
