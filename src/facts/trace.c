/* trace.c - one trace file: find its format by header or keys, read it, sort it, keep the ledger.
**
**      read = emitted + ragged + failed + bad_time + bad_number + zero_input + zero_output + over_limit
**
** Rows with equal times keep their order in the file; rows that go back in time are sorted in (stably) and counted.
*/
#include "facts/trace.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <math.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/request.h"
#include "facts/spool.h"

#define TRACE(name) extern const struct trace_format trace_##name;
#include "facts/trace_list.h"
#undef TRACE
const struct trace_format *const trace_formats[] = {
#define TRACE(name) &trace_##name,
#include "facts/trace_list.h"
#undef TRACE
};
const size_t trace_format_count = sizeof trace_formats / sizeof *trace_formats;

#define MAX_TIME_S 4e9          /* 126 years either side of 0: differences in ns stay inside int64 */

bool trace_seconds(double s, int64_t *t_ns)
{
    if (!(fabs(s) <= MAX_TIME_S))
        return false;
    /* whole seconds apart, so that epoch times keep their nanoseconds */
    double whole = floor(s);
    *t_ns = (int64_t)whole * NS_PER_S + llround((s - whole) * 1e9);
    return true;
}

double trace_count(const struct cell *v)
{
    int64_t i;
    double d;
    if (cell_i64(*v, &i))
        return (double)i;
    return cell_f64(*v, &d) ? d : (double)NAN;
}

int trace_column(const struct csv *c, const char *const *names, const char **found)
{
    for (size_t i = 0; names[i]; i++) {
        int col = csv_column(c, names[i]);
        if (col >= 0) {
            if (found)
                *found = names[i];
            return col;
        }
    }
    return -1;
}

bool trace_has_key(const struct trace_in *in, const char *key)
{
    return in->json && jsonl_get(in->first, in->nfirst, key) != NULL;
}

static bool is_count(double v)
{
    return v >= 0 && v <= TRACE_MAX_TOK && v == floor(v);
}

/* Requests go to the spool, and the part of the file that is behind leaves the memory; its first pages hold the header. */
static void out_of_memory(struct trace_in *in)
{
    enum { HEAD = 1 << 16 };
    struct traffic *t = in->out;
    if (t->nblock)
        return;
    if (in->lost || !traffic_spool(in->arena, t, in->e)) {
        in->lost = true;
        t->n = 0;
    }
    const char *at = in->json ? in->jsonl.at : in->csv.at;
    size_t to = in->map ? (size_t)(at - in->map) / HEAD * HEAD : 0, from = in->dropped ? in->dropped : HEAD;
    if (to > from) {
        madvise(in->map + from, to - from, MADV_DONTNEED);
        in->dropped = to;
    }
}

bool trace_emit(struct trace_in *in, uint64_t line, const int64_t *t_ns, double in_tok, double out_tok)
{
    struct traffic *t = in->out;
    struct ledger *l = &t->ledger;
    l->read++;
    if (!t_ns)
        return l->bad_time++, false;
    if (!is_count(in_tok) || !is_count(out_tok))
        return l->bad_number++, false;
    if (in_tok < 1)
        return l->zero_input++, false;
    if (out_tok < 1)
        return l->zero_output++, false;
    if (t->n >= in->keep || (t->spool && t->n == SPOOL_ROWS))
        out_of_memory(in);
    if (t->n == in->req_cap) {
        size_t cap = in->req_cap ? in->req_cap * 2 : 1024;
        t->req = arena_grow(in->arena, t->req, t->n, cap, sizeof *t->req);
        in->req_cap = cap;
    }
    t->req[t->n++] = (struct request){
        .arrival_ns = *t_ns,
        .in_tok = (int32_t)in_tok,
        .out_tok = (int32_t)out_tok,
        .row = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX,
    };
    l->emitted++;
    return true;
}

bool trace_priority(struct trace_in *in, double value)
{
    struct traffic *t = in->out;
    if (!(value >= 0 && value < TRAFFIC_CLASSES && value == floor(value)))
        return false;
    t->req[t->n - 1].priority = (uint32_t)value & 0xf;
    if ((int)value >= t->classes)
        t->classes = (int)value + 1;
    return true;
}

void trace_ragged(struct trace_in *in)
{
    in->out->ledger.read++;
    in->out->ledger.ragged++;
}

void trace_failed(struct trace_in *in)
{
    in->out->ledger.read++;
    in->out->ledger.failed++;
}

static void put_block(struct trace_in *in, uint64_t id)
{
    struct traffic *t = in->out;
    if (t->nblock == in->block_cap) {
        size_t cap = in->block_cap ? in->block_cap * 2 : 16384;
        t->block = arena_grow(in->arena, t->block, t->nblock, cap, sizeof *t->block);
        in->block_cap = cap;
    }
    t->block[t->nblock++] = id;
}

/* As engines name them: a block's hash is over its tokens and the hash of what is before it. */
bool trace_tokens(struct trace_in *in, struct jval ids, int block_tok)
{
    struct traffic *t = in->out;
    struct request *r = &t->req[t->n - 1];
    const char *at = ids.at;
    uint64_t token[TRACE_BLOCK_TOK], before = 0;
    int got, n = 0;
    if (ids.kind != JVAL_ARRAY)
        return false;
    r->block = (uint32_t)t->nblock;
    while ((got = jval_next_u64(&ids, &at, &token[n])) > 0) {
        if (++n < block_tok)
            continue;
        before = XXH64(token, (size_t)n * sizeof *token, before);
        put_block(in, before);
        n = 0;
    }
    r->nblock = (uint32_t)(t->nblock - r->block);
    return got == 0;
}

bool trace_blocks(struct trace_in *in, struct jval ids)
{
    struct traffic *t = in->out;
    struct request *r = &t->req[t->n - 1];
    const char *at = ids.at;
    uint64_t id;
    int got;
    if (ids.kind != JVAL_ARRAY)
        return false;
    r->block = (uint32_t)t->nblock;
    while ((got = jval_next_u64(&ids, &at, &id)) > 0)
        put_block(in, id);
    r->nblock = (uint32_t)(t->nblock - r->block);
    return got == 0;
}

static bool names_something(const struct jval *v)
{
    return v && v->kind != JVAL_NULL && v->n > 0 && !(v->n == 2 && memcmp(v->at, "-1", 2) == 0);
}

void trace_session(struct trace_in *in, struct jval id, const struct jval *parent)
{
    if (!names_something(&id))
        return;
    const char *name = arena_strndup(in->arena, id.at, id.n);
    const char *from = names_something(parent) ? arena_strndup(in->arena, parent->at, parent->n) : name;
    uint32_t session = map_get(&in->session, from);
    if (session == MAP_NONE)
        map_put(&in->session, from, session = ++in->nsession);
    map_put(&in->session, name, session);
    in->out->req[in->out->n - 1].session = session < 1u << 28 ? session & 0xfffffff : 0;
}

/* "12 read = 9 kept + 2 dropped (zero output) + 1 dropped (bad time)" */
static const char *ledger_text(struct arena *a, const struct ledger *l)
{
    const struct { uint64_t n; const char *why; } row[] = {
        {l->ragged, "cells or keys missing"}, {l->failed, "request failed"},    {l->bad_time, "bad time"},
        {l->bad_number, "bad token count"},   {l->zero_input, "empty prompt"}, {l->zero_output, "zero output"},
        {l->over_limit, "over the limit"},
    };
    struct buf b = {.arena = a};
    buf_fmt(&b, "%llu read = %llu kept", (unsigned long long)l->read, (unsigned long long)l->emitted);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (row[i].n)
            buf_fmt(&b, " + %llu dropped (%s)", (unsigned long long)row[i].n, row[i].why);
    if (l->reordered)
        buf_fmt(&b, "; %llu out of order, sorted by time", (unsigned long long)l->reordered);
    return buf_str(&b);
}

static int by_time(const void *va, const void *vb)
{
    const struct request *a = va, *b = vb;
    if (a->arrival_ns != b->arrival_ns)
        return a->arrival_ns < b->arrival_ns ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static void sort_by_time(struct traffic *t)
{
    int64_t latest = INT64_MIN;
    if (t->spool) /* in order */
        return;
    for (size_t i = 0; i < t->n; i++)
        if (t->req[i].arrival_ns < latest)
            t->ledger.reordered++;
        else
            latest = t->req[i].arrival_ns;
    if (t->ledger.reordered)
        qsort(t->req, t->n, sizeof *t->req, by_time);
}

static bool trace_close(struct trace_in *in, struct err *e)
{
    struct traffic *t = in->out;
    const struct ledger *l = &t->ledger;
    if (!l->read)
        return err_input(e, in->name, "no requests: there is a header but no rows");
    if (!l->emitted)
        return err_input(e, in->name, "no usable request: %s", ledger_text(in->arena, l));
    if (l->emitted * 2 < l->read)
        return err_input(e, in->name, "more than half of the rows cannot be used: %s", ledger_text(in->arena, l));
    bool spooled = t->spool != NULL;
    if (in->lost || !traffic_spooled(in->arena, t, e))
        return false;
    if (spooled && (t->spool->reordered || t->nblock)) { /* must be sorted, or its blocks looked at: all of it is needed at once */
        t->n = 0;
        if (!traffic_unspool(in->arena, t, e))
            return false;
        note_add(in->notes, "%s: the requests are not in order of time, or name blocks: all are held in memory", in->name);
    }
    sort_by_time(t);
    if (l->emitted < l->read || l->reordered)
        note_add(in->notes, "%s: %s rows: %s", in->name, t->format, ledger_text(in->arena, l));
    traffic_close(t);
    traffic_sessions(t);
    return true;
}

/* Text that cannot be a trace: say what it is instead of what it is not. */
static bool refuse_bytes(const char *name, const char *s, size_t n, struct err *e)
{
    static const struct { const char *magic; size_t n; const char *what, *mend; } known[] = {
        {"\x1f\x8b", 2, "is compressed with gzip", "unpack it first: gunzip"},
        {"\x28\xb5\x2f\xfd", 4, "is compressed with zstd", "unpack it first: zstd -d"},
        {"PK\x03\x04", 4, "is a zip archive", "unpack it first: unzip"},
        {"PAR1", 4, "is a Parquet file", "export it as CSV"},
        {"version https://git-lfs", 23, "is a Git LFS pointer, not the data", "fetch the data: git lfs pull"},
        {"[", 1, "is one JSON array", "a trace in JSON has one object a line (JSONL): jq -c '.[]'"},
        {"<", 1, "is a web page or XML", "download the raw file"},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (n >= known[i].n && memcmp(s, known[i].magic, known[i].n) == 0) {
            err_input(e, name, "this %s", known[i].what);
            return err_mend(e, "%s", known[i].mend);
        }
    for (size_t i = 0; i < n && i < 4096; i++)
        if ((unsigned char)s[i] < 9 || ((unsigned char)s[i] > 13 && (unsigned char)s[i] < 32)) {
            err_input(e, name, "this is binary data, not a trace (byte %zu is 0x%02x)", i + 1, (unsigned char)s[i]);
            return err_mend(e, "a trace is CSV with a header, or JSON with one object a line");
        }
    return true;
}

static bool refuse_names(const struct trace_in *in, struct err *e)
{
    struct buf b = {.arena = in->arena};
    size_t n = in->json ? in->nfirst : in->csv.ncol;
    for (size_t i = 0; i < n && i < 8; i++) {
        const char *at = in->json ? in->first[i].key : in->csv.head[i].at;
        size_t len = in->json ? in->first[i].nkey : in->csv.head[i].n;
        buf_fmt(&b, "%s%.*s", i ? "," : "", (int)(len < 40 ? len : 40), at);
    }
    err_input(e, in->name, "no trace format has these %s: %s%s", in->json ? "keys" : "columns", buf_str(&b),
              n > 8 ? ",..." : "");
    return err_mend(e, "name the columns arrival_s,input_tokens,output_tokens, or see docs/formats.md");
}

static bool open_text(struct trace_in *in, char *bytes, size_t n, struct err *e)
{
    size_t skip = n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (skip < n && (bytes[skip] == ' ' || bytes[skip] == '\n' || bytes[skip] == '\r' || bytes[skip] == '\t'))
        skip++;
    if (skip == n)
        return err_input(e, in->name, "the file is empty");
    if (!refuse_bytes(in->name, bytes + skip, n - skip, e))
        return false;
    in->json = bytes[skip] == '{';
    if (!in->json)
        return csv_open(&in->csv, in->arena, in->name, bytes, n, e);
    size_t bom = (size_t)((unsigned char)bytes[0] == 0xef) * 3;
    struct jsonl start = {.name = in->name, .at = bytes + bom, .end = bytes + n};
    bool more;
    in->jsonl = start;
    return jsonl_next(&start, in->first, TRACE_MEMBERS, &in->nfirst, &more, e);
}

static void unmap(void *trace_in)
{
    struct trace_in *in = trace_in;
    munmap(in->map, in->map_n);
}

/* A large file is mapped, so that what was read of it need not stay. false: it is small, or no file on a disk. */
static bool map_file(struct trace_in *in, const char *path, char **bytes, size_t *n)
{
    enum { LARGE = 16 << 20 };
    struct stat st;
    int fd = in->keep < SIZE_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return false;
    bool large = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= LARGE;
    char *map = large ? mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, fd, 0) : MAP_FAILED;
    close(fd);
    if (map == MAP_FAILED)
        return false;
    madvise(map, (size_t)st.st_size, MADV_SEQUENTIAL);
    in->map = *bytes = map;
    in->map_n = *n = (size_t)st.st_size;
    arena_defer(in->arena, unmap, in);
    return true;
}

bool traffic_read(struct arena *a, const char *path, struct traffic *out, struct notes *notes, struct err *e)
{
    return traffic_read_up_to(a, path, SIZE_MAX, out, notes, e);
}

bool traffic_read_up_to(struct arena *a, const char *path, size_t keep, struct traffic *out, struct notes *notes, struct err *e)
{
    struct trace_in *in = ARENA_NEW(a, struct trace_in);
    const char *slash = strrchr(path, '/');
    char *bytes;
    size_t n;
    *out = (struct traffic){.name = arena_strdup(a, slash ? slash + 1 : path)};
    *in = (struct trace_in){.arena = a, .notes = notes, .name = arena_strdup(a, path), .out = out, .session = {.arena = a}, .keep = keep, .e = e};
    /* 8 GiB is 200 M rows */
    if ((!map_file(in, path, &bytes, &n) && !file_read(a, path, (size_t)8 << 30, &bytes, &n, e)) || !open_text(in, bytes, n, e))
        return false;
    for (size_t i = 0; i < trace_format_count; i++)
        if (trace_formats[i]->is(in)) {
            out->format = trace_formats[i]->name;
            return trace_formats[i]->read(in, e) && trace_close(in, e);
        }
    return refuse_names(in, e);
}
