/* trace_write.c - requests as Azure, Mooncake, BurstGPT, vidur or plain rows.
**
** Times count from the first request. Mooncake's blocks are of 512 tokens and its ids are written as they are in the
** published file, 0, 1, 2, ... in order of first appearance; so a Mooncake trace comes out as it went in. Smaller blocks of the
** source are joined: the id of a joined block stands for all ids up to its end, so that two prompts share it only when they
** share everything before it too. A block that the source does not know in full gets an id of its own, never a shared one.
*/
#include "facts/trace_write.h"

#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"

enum { MOONCAKE_TOK = 512, ROWS_AT_ONCE = 8192, AZURE_EPOCH = 20000101, TICK_MS_NS = 1000000 };

/* 12.5 for 12500000000 ns: exact, without zeros at the end. */
static void seconds(struct buf *b, int64_t t_ns)
{
    char frac[16];
    int n = 9;
    buf_fmt(b, "%lld", (long long)(t_ns / NS_PER_S));
    snprintf(frac, sizeof frac, "%09lld", (long long)(t_ns % NS_PER_S));
    while (n > 0 && frac[n - 1] == '0')
        n--;
    if (n)
        buf_fmt(b, ".%.*s", n, frac);
}

static void plain_row(struct trace_out *o, struct buf *b, const struct request *q, int64_t t_ns)
{
    (void)o;
    seconds(b, t_ns);
    buf_fmt(b, ",%d,%d\n", q->in_tok, q->out_tok);
}

static void burstgpt_row(struct trace_out *o, struct buf *b, const struct request *q, int64_t t_ns)
{
    (void)o;
    seconds(b, t_ns);
    buf_fmt(b, ",GPT-4,%d,%d,%lld,Conversation log\n", q->in_tok, q->out_tok, (long long)q->in_tok + q->out_tok);
}

static void azure_row(struct trace_out *o, struct buf *b, const struct request *q, int64_t t_ns)
{
    (void)o;
    int64_t s = t_ns / NS_PER_S, of_day_s = s % 86400;
    int32_t day = date_from_days(date_to_days(AZURE_EPOCH) + (int32_t)(s / 86400));
    buf_fmt(b, "%04d-%02d-%02d %02d:%02d:%02d.%07d,%d,%d\n", day / 10000, day / 100 % 100, day % 100, (int)(of_day_s / 3600),
            (int)(of_day_s / 60 % 60), (int)(of_day_s % 60), (int)(t_ns % NS_PER_S / 100), q->in_tok, q->out_tok);
}

/* The prompt's blocks of 512 tokens; join: blocks of the source that make one, 0: they do not. */
static void mooncake_row(struct trace_out *o, struct buf *b, const struct request *q, int64_t t_ns)
{
    const struct traffic *t = o->t;
    const size_t join = t->block_tok && MOONCAKE_TOK % t->block_tok == 0 ? (size_t)(MOONCAKE_TOK / t->block_tok) : 0;
    uint64_t key = 0;
    buf_fmt(b, "{\"timestamp\": %lld, \"input_length\": %d, \"output_length\": %d, \"hash_ids\": [",
            (long long)(t_ns / TICK_MS_NS), q->in_tok, q->out_tok);
    for (int64_t at = 0; at < q->in_tok; at += MOONCAKE_TOK) {
        int64_t end = at + MOONCAKE_TOK < q->in_tok ? at + MOONCAKE_TOK : q->in_tok;
        size_t from = (size_t)(at / MOONCAKE_TOK) * join, to = join ? (size_t)((end + t->block_tok - 1) / t->block_tok) : 0;
        uint32_t id = MAP_NONE;
        bool known = join && to <= q->nblock;
        if (known) {
            const uint64_t *block = &t->block[q->block + from];
            key = join == 1 ? *block : XXH3_64bits_withSeed(block, (to - from) * sizeof *block, key);
            id = map_get_u64(&o->id, key);
        }
        if (id == MAP_NONE) {
            id = o->ids++;
            if (known)
                map_put_u64(&o->id, key, id);
        }
        buf_fmt(b, "%s%u", at ? ", " : "", id);
    }
    buf_add(b, "]}\n");
}

const struct trace_writer trace_writers[] = {
    {.name = "mooncake", .help = "JSONL for AIPerf (mooncake_trace) and vLLM (timed_trace, 512-token blocks): whole milliseconds, prefix blocks",
     .tick_ns = TICK_MS_NS, .max_ns = INT64_MAX, .blocks = true, .row = mooncake_row},
    {.name = "azure", .help = "CSV of Azure's LLM traces: 100 ns, counted from 2000-01-01",
     .header = "TIMESTAMP,ContextTokens,GeneratedTokens\n", .tick_ns = 100, .max_ns = 90LL * 365 * 86400 * NS_PER_S,
     .row = azure_row},
    {.name = "burstgpt", .help = "CSV of BurstGPT; the model is GPT-4 in every row, since vLLM reads no other",
     .header = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n", .tick_ns = 1, .max_ns = INT64_MAX,
     .row = burstgpt_row},
    {.name = "vidur", .help = "CSV for the vidur simulator", .header = "arrived_at,num_prefill_tokens,num_decode_tokens\n",
     .tick_ns = 1, .max_ns = INT64_MAX, .row = plain_row},
    {.name = "plain", .help = "CSV with speaking names, to the nanosecond", .header = "arrival_s,input_tokens,output_tokens\n",
     .tick_ns = 1, .max_ns = INT64_MAX, .row = plain_row},
};
const size_t trace_writer_count = sizeof trace_writers / sizeof *trace_writers;

const struct trace_writer *trace_writer_find(const char *name)
{
    for (size_t i = 0; i < trace_writer_count; i++)
        if (strcmp(trace_writers[i].name, name) == 0)
            return &trace_writers[i];
    return NULL;
}

static int64_t on_tick(const struct trace_writer *w, int64_t t_ns)
{
    return t_ns > INT64_MAX - w->tick_ns ? t_ns : (t_ns + w->tick_ns / 2) / w->tick_ns * w->tick_ns;
}

static void say_what_is_lost(const struct traffic *t, const struct trace_writer *w, struct notes *notes)
{
    uint64_t rounded = 0;
    for (size_t i = 0; i < t->n; i++)
        rounded += on_tick(w, t->req[i].arrival_ns) != t->req[i].arrival_ns;
    if (rounded)
        note_add(notes, "%s: %llu of %zu times rounded to %s", w->name, (unsigned long long)rounded, t->n,
                 w->tick_ns == TICK_MS_NS ? "whole milliseconds" : "100 ns");
    if (t->nblock && !w->blocks)
        note_add(notes, "%s: has no prefix blocks; they are left out (mooncake keeps them)", w->name);
    else if (t->nblock && t->block_tok != MOONCAKE_TOK)
        note_add(notes, "%s: prefix blocks of %d tokens %s", w->name, t->block_tok,
                 MOONCAKE_TOK % t->block_tok ? "do not make blocks of 512: they are left out"
                                             : "are joined to blocks of 512: what is shared by less is left out");
    else if (!t->nblock && w->blocks)
        note_add(notes, "%s: the source knows no prefix blocks: every block has an id of its own, nothing is shared", w->name);
    if (t->turn)
        note_add(notes, "%s: has no sessions: calls arrive as if every answer before them took no time", w->name);
    if (t->concurrency)
        note_add(notes, "%s: has no closed loop: all requests arrive at the start", w->name);
}

bool trace_write_open(struct trace_out *o, struct arena *a, const struct traffic *t, const struct trace_writer *w,
                      struct notes *notes, struct err *e)
{
    *o = (struct trace_out){.t = t, .w = w, .id = {.arena = a}};
    if (t->n && t->req[t->n - 1].arrival_ns > w->max_ns)
        return err_input(e, w->name, "the last request arrives %.3g years after the first: too late for this format",
                         t->span_s / (365.25 * 86400));
    uint64_t blocks = 0;
    for (size_t i = 0; w->blocks && i < t->n; i++)
        blocks += (uint64_t)(t->req[i].in_tok + MOONCAKE_TOK - 1) / MOONCAKE_TOK;
    if (blocks >= MAP_NONE)
        return err_input(e, w->name, "%.3g prefix blocks are more than can be numbered; write fewer requests: --limit", (double)blocks);
    say_what_is_lost(t, w, notes);
    return true;
}

bool trace_write_some(struct trace_out *o, struct buf *b)
{
    const struct traffic *t = o->t;
    if (o->next == t->n)
        return false;
    if (!o->next && o->w->header)
        buf_add(b, o->w->header);
    for (size_t k = 0; k < ROWS_AT_ONCE && o->next < t->n; k++, o->next++)
        o->w->row(o, b, &t->req[o->next], on_tick(o->w, t->req[o->next].arrival_ns));
    return true;
}
