/* turns.c - sessions of people and agents, as a server sees them: each call's prompt is the whole conversation so far.
**
**      prompt_1 = system + user_1        prompt_k = prompt_(k-1) + answer_(k-1) + what the person or the tool adds
**
**      person ---turn---> call -> answer -> tool -> call -> answer -> tool -> call -> answer ---think---> next turn
**
** The prompt's blocks are those of the session, which only grow, so all its requests share one run of ids; the system prompt's blocks
** are the same for all sessions. Only whole blocks are named. A call is sent a think or tool time after the answer before it: when that is
** depends on the server, and arrival_ns says when it would be if answers took no time. Each session has a random stream of its own, so
** that it stays the same whatever the others do.
*/
#include "facts/turns.h"

#include <math.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "base/units.h"
#include "facts/request.h"

enum { BLOCK_TOK = 64, STREAM_SESSION = 0x73657373, STREAM_THIN = 0x7468696e, MAX_CONTEXT_TOK = 100000000 };

struct item { struct request q; struct turn t; };

struct turn_list {
    struct arena *arena;
    const struct session_spec *spec;
    uint64_t seed;
    struct item *item; size_t n, cap;
    uint64_t *block; size_t nblock, block_cap;
    uint64_t next_id;           /* of a block that nobody shares */
    uint32_t sessions;
};

bool turns_read(struct arena *a, const struct node *nd, const char *base_dir, struct session_spec *s, struct err *e)
{
    static const char *const keys[] = {"turns", "calls", "system_tokens", "tool_tokens", "think_time", "tool_time", "context"};
    double system_tok = 0, context_tok = 0;
    const struct node *turns = node_get(nd, "turns"), *calls = node_get(nd, "calls"), *tool = node_get(nd, "tool_tokens"),
                      *think = node_get(nd, "think_time"), *wait = node_get(nd, "tool_time");
    if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected a map such as {turns: {dist: geometric, mean: 4}, think_time: 30s}");
    if (!node_keys(a, nd, keys, sizeof keys / sizeof *keys, e) ||
        !node_unit(a, node_get(nd, "system_tokens"), UNIT_TOKENS, &system_tok, e) ||
        !node_unit(a, node_get(nd, "context"), UNIT_TOKENS, &context_tok, e))
        return false;
    s->turns = s->calls = s->tool = (struct length){.kind = LENGTH_FIXED, .unit = UNIT_COUNT, .a = 1, .min = 1, .max = 1};
    s->think_s = s->tool_s = (struct length){.kind = LENGTH_FIXED, .unit = UNIT_DURATION_S, .max = 0};
    if (!turns)
        return err_input(e, node_place(a, nd), "turns is missing: how often does a person speak in a session?");
    if (calls && !tool) {
        err_input(e, node_place(a, nd), "calls need tool_tokens: what does a tool add to the context?");
        return err_mend(e, "write tool_tokens: {dist: lognormal, median: 800, p99: 20k}");
    }
    if (!length_read_as(a, turns, base_dir, UNIT_COUNT, &s->turns, e) || (calls && !length_read_as(a, calls, base_dir, UNIT_COUNT, &s->calls, e)) ||
        (tool && !length_read(a, tool, base_dir, false, &s->tool, e)) || (think && !length_read_as(a, think, base_dir, UNIT_DURATION_S, &s->think_s, e)) ||
        (wait && !length_read_as(a, wait, base_dir, UNIT_DURATION_S, &s->tool_s, e)))
        return false;
    if (system_tok > MAX_CONTEXT_TOK || context_tok > MAX_CONTEXT_TOK)
        return err_input(e, node_place(a, nd), "a context is at most 100M tokens");
    s->system_tok = (int64_t)system_tok;
    s->context_tok = context_tok > 0 ? (int64_t)context_tok : MAX_CONTEXT_TOK;
    return true;
}

struct turn_list *turns_open(struct arena *a, const struct session_spec *s, uint64_t seed)
{
    struct turn_list *l = ARENA_NEW(a, struct turn_list);
    *l = (struct turn_list){.arena = a, .spec = s, .seed = seed, .next_id = (uint64_t)(s->system_tok / BLOCK_TOK) + 1};
    return l;
}

static void add_call(struct turn_list *l, int64_t at_ns, int64_t wait_ns, int64_t in_tok, int64_t out_tok)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 1024;
        l->item = arena_grow(l->arena, l->item, l->n, cap, sizeof *l->item);
        l->cap = cap;
    }
    l->item[l->n] = (struct item){.q = {.arrival_ns = at_ns, .in_tok = (int32_t)in_tok, .out_tok = (int32_t)out_tok,
                                        .block = (uint32_t)l->nblock, .nblock = (uint32_t)(in_tok / BLOCK_TOK), .row = (uint32_t)l->n,
                                        .session = (l->sessions + 1) & 0xfffffff},
                                  .t = {.session = l->sessions, .next = TURN_NONE, .wait_ns = wait_ns}};
    l->n++;
}

/* The blocks of the longest prompt of the session that was added last. */
static void add_blocks(struct turn_list *l, size_t n)
{
    size_t shared = (size_t)(l->spec->system_tok / BLOCK_TOK);
    while (l->nblock + n > l->block_cap) {
        size_t cap = l->block_cap ? l->block_cap * 2 : 65536;
        l->block = arena_grow(l->arena, l->block, l->nblock, cap, sizeof *l->block);
        l->block_cap = cap;
    }
    for (size_t k = 0; k < n; k++)
        l->block[l->nblock++] = k < shared ? (uint64_t)k + 1 : l->next_id++;
}

size_t turns_add(struct turn_list *l, int64_t start_ns)
{
    const struct session_spec *s = l->spec;
    struct rng r;
    int64_t context = s->system_tok, at_ns = start_ns;
    size_t first = l->n;
    bool full = false;
    rng_seed(&r, l->seed, STREAM_SESSION + ((uint64_t)l->sessions << 32));
    int64_t turns = (int64_t)length_draw(&s->turns, &r);
    for (int64_t k = 0; k < turns && !full; k++) {
        int64_t calls = (int64_t)length_draw(&s->calls, &r);
        for (int64_t c = 0; c < calls; c++) {
            double wait_s = c ? length_draw(&s->tool_s, &r) : k ? length_draw(&s->think_s, &r) : 0;
            int64_t add = (int64_t)length_draw(c ? &s->tool : &s->user, &r), answer = (int64_t)length_draw(&s->answer, &r);
            int64_t wait_ns = (int64_t)(wait_s * 1e9), in_tok = context + add;
            full = in_tok + answer > s->context_tok;
            if (full)
                break;
            at_ns += wait_ns;
            add_call(l, at_ns, l->n == first ? -1 : wait_ns, in_tok, answer);
            context = in_tok + answer;
        }
    }
    if (l->n > first) {
        add_blocks(l, l->item[l->n - 1].q.nblock);
        l->sessions++;
    }
    return l->n;
}

bool turns_full(const struct turn_list *l)
{
    return l->nblock > UINT32_MAX - MAX_CONTEXT_TOK / BLOCK_TOK;
}

static int by_time(const void *va, const void *vb)
{
    const struct item *a = va, *b = vb;
    if (a->q.arrival_ns != b->q.arrival_ns)
        return a->q.arrival_ns < b->q.arrival_ns ? -1 : 1;
    return (a->q.row > b->q.row) - (a->q.row < b->q.row);
}

/* Who follows whom, once the requests stand in order of time. last (sessions) is scratch. */
static void link_up(struct turn *turn, size_t n, uint32_t *last, uint32_t sessions)
{
    for (uint32_t s = 0; s < sessions; s++)
        last[s] = TURN_NONE;
    for (size_t i = n; i-- > 0;) {
        turn[i].next = last[turn[i].session];
        last[turn[i].session] = (uint32_t)i;
    }
}

void turns_close(struct turn_list *l, struct traffic *t)
{
    qsort(l->item, l->n, sizeof *l->item, by_time);
    t->n = l->n;
    t->sessions = l->sessions;
    t->req = ARENA_ARRAY(l->arena, struct request, l->n);
    t->turn = ARENA_ARRAY(l->arena, struct turn, l->n);
    for (size_t i = 0; i < l->n; i++) {
        t->req[i] = l->item[i].q;
        t->req[i].row = (uint32_t)i + 1;
        t->turn[i] = l->item[i].t;
    }
    link_up(t->turn, t->n, ARENA_ARRAY(l->arena, uint32_t, l->sessions), l->sessions);
    t->block = l->block;
    t->nblock = l->nblock;
    t->block_tok = BLOCK_TOK;
    traffic_sessions(t);
}

void turns_cut(struct traffic *t, size_t n)
{
    for (size_t i = 0; t->turn && i < n; i++)
        if (t->turn[i].next != TURN_NONE && t->turn[i].next >= n)
            t->turn[i].next = TURN_NONE;
}

/* The sessions with a number (UINT32_MAX: left out), begun so much earlier. */
static struct traffic pick(struct arena *a, const struct traffic *t, const uint32_t *number, const int64_t *earlier_ns, uint32_t sessions)
{
    struct traffic out = *t;
    size_t n = 0;
    for (size_t i = 0; i < t->n; i++)
        n += number[t->turn[i].session] != UINT32_MAX;
    struct item *item = ARENA_ARRAY(a, struct item, n);
    n = 0;
    for (size_t i = 0; i < t->n; i++) {
        uint32_t s = t->turn[i].session;
        if (number[s] == UINT32_MAX)
            continue;
        item[n] = (struct item){t->req[i], t->turn[i]};
        item[n].q.arrival_ns -= earlier_ns ? earlier_ns[s] : 0;
        item[n].q.session = (number[s] + 1) & 0xfffffff;
        item[n++].t.session = number[s];
    }
    qsort(item, n, sizeof *item, by_time);
    out.n = n;
    out.sessions = sessions;
    out.req = ARENA_ARRAY(a, struct request, n);
    out.turn = ARENA_ARRAY(a, struct turn, n);
    for (size_t i = 0; i < n; i++) {
        out.req[i] = item[i].q;
        out.turn[i] = item[i].t;
    }
    link_up(out.turn, n, ARENA_ARRAY(a, uint32_t, sessions), sessions);
    traffic_close(&out);
    return out;
}

struct traffic turns_thin(struct arena *a, const struct traffic *t, double share, uint64_t seed)
{
    struct rng r;
    uint32_t *number = ARENA_ARRAY(a, uint32_t, t->sessions), sessions = 0;
    rng_seed(&r, seed, STREAM_THIN);
    for (uint32_t s = 0; s < t->sessions; s++)
        number[s] = rng_unit(&r) < share ? sessions++ : UINT32_MAX;
    struct traffic out = pick(a, t, number, NULL, sessions);
    if (t->concurrency)
        out.concurrency = (int)fmax(1, round(t->concurrency * share));
    return out;
}

/* Eight stretches of sessions spread over the traffic, as many in each as make n requests of the mean session; each keeps the gap before
** its first session, the others are closed. */
struct traffic turns_window(struct arena *a, const struct traffic *t, size_t n)
{
    enum { STRETCHES = 8 };
    uint32_t *number = ARENA_ARRAY(a, uint32_t, t->sessions), *order = ARENA_ARRAY(a, uint32_t, t->sessions), sessions = 0, begun = 0;
    int64_t *start_ns = ARENA_ARRAY(a, int64_t, t->sessions), *earlier_ns = ARENA_ARRAY(a, int64_t, t->sessions), now_ns = 0;
    size_t each = (size_t)ceil((double)n * t->sessions / (double)t->n / STRETCHES);
    for (size_t i = 0; i < t->n; i++)
        if (t->turn[i].wait_ns < 0) {
            order[begun++] = t->turn[i].session;
            start_ns[t->turn[i].session] = t->req[i].arrival_ns;
        }
    for (uint32_t s = 0; s < t->sessions; s++)
        number[s] = UINT32_MAX;
    for (size_t k = 0; k < STRETCHES; k++) {
        size_t lo = begun * k / STRETCHES, hi = begun * (k + 1) / STRETCHES, m = each < hi - lo ? each : hi - lo, from = lo + (hi - lo - m) / 2;
        for (size_t i = from; i < from + m; i++) {
            uint32_t s = order[i];
            if (i > 0 && sessions)
                now_ns += start_ns[s] - start_ns[order[i - 1]];
            earlier_ns[s] = start_ns[s] - now_ns;
            number[s] = sessions++;
        }
    }
    return pick(a, t, number, earlier_ns, sessions);
}
