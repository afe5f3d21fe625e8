/* bench_load.c - when each request is sent: by the traffic's own times, as others end, or some time after the answer before it. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/traffic.h"
#include "live/bench.h"
#include "live/bench_http.h"
#include "sim/heap.h"

#define TICK_NS 500000000

struct load {
    const struct bench_options *o;
    const struct traffic *t;
    struct client client;
    struct bench_prompts prompts;
    struct bench *out;
    size_t next;                /* request that is begun next; with sessions, the first call of the next one */
    size_t sent, over;
    struct heap due;            /* by session: when its next call is due */
    uint32_t *due_request;      /* (sessions) which one that is */
    struct { float *at; size_t n, cap; } gaps;
    bool no_memory;
};

/* ---- what is due ---- */

static void skip_answers(struct load *l)
{
    while (l->t->turn && l->next < l->t->n && l->t->turn[l->next].wait_ns >= 0)
        l->next++;
}

/* In flight, or between two calls of a session: what a closed loop counts. */
static size_t busy(const struct load *l)
{
    return l->client.nflying + (l->t->turn ? l->due.n : 0);
}

/* The next one that may be sent, and when it was due; false: none before something ends. */
static bool peek(const struct load *l, int64_t now_ns, size_t *request, int64_t *due_ns)
{
    bool full = l->o->concurrency > 0 && l->client.nflying >= (size_t)l->o->concurrency;
    int64_t later = l->t->turn ? heap_min(&l->due) : INT64_MAX;
    int64_t first = l->next >= l->t->n ? INT64_MAX : l->o->closed ? now_ns : l->t->req[l->next].arrival_ns;
    if (l->o->closed && busy(l) >= (size_t)l->o->concurrency)
        first = INT64_MAX;
    if (full || (first == INT64_MAX && later == INT64_MAX))
        return false;
    *due_ns = first <= later ? first : later;
    *request = first <= later ? l->next : l->due_request[l->due.item[0].id];
    return true;
}

static void take(struct load *l, size_t request)
{
    if (request == l->next) {
        l->next++;
        skip_answers(l);
    } else {
        heap_drop(&l->due, l->t->turn[request].session);
    }
}

/* ---- sending, and what is over ---- */

static void keep_gaps(struct load *l, struct stream *s)
{
    if (l->gaps.n + s->ngap > l->gaps.cap) {
        size_t cap = l->gaps.cap ? l->gaps.cap : 4096;
        while (cap < l->gaps.n + s->ngap)
            cap *= 2;
        float *more = realloc(l->gaps.at, cap * sizeof *more);
        l->no_memory |= !more;
        if (!more)
            return;
        l->gaps.at = more;
        l->gaps.cap = cap;
    }
    if (s->ngap)
        memcpy(l->gaps.at + l->gaps.n, s->gap, s->ngap * sizeof *s->gap);
    s->row.gap = l->gaps.n;
    l->gaps.n += s->ngap;
}

/* A server may say anything: no key is repeated, no control character reaches a terminal. */
static void remember(struct load *l, const struct stream *s)
{
    char *to = l->out->first_error[s->row.error];
    const char *key = l->o->api_key;
    if (*to || (key && *key && strstr(s->message, key)))
        return;
    snprintf(to, sizeof l->out->first_error[0], "%s", s->message);
    for (; *to; to++)
        if ((unsigned char)*to < 0x20 || *to == 0x7f)
            *to = ' ';
}

static void over(void *ctx, struct stream *s)
{
    struct load *l = ctx;
    uint32_t after = l->t->turn ? l->t->turn[s->request].next : TURN_NONE;
    keep_gaps(l, s);
    l->out->row[s->request] = s->row;
    l->out->errors[s->row.error]++;
    remember(l, s);
    l->over++;
    if (after != TURN_NONE && !l->client.interrupted) {
        uint32_t session = l->t->turn[after].session;
        l->due_request[session] = after;
        heap_put(&l->due, session, s->row.end_ns + l->t->turn[after].wait_ns, session);
    }
}

static bool send_one(struct load *l, size_t request, int64_t due_ns)
{
    const struct request *q = &l->t->req[request];
    struct stream *s = client_stream(&l->client);
    if (!s)
        return false;
    s->request = request;
    s->row = (struct bench_row){.due_ns = due_ns, .want_in = q->in_tok, .want_out = q->out_tok, .connect_ns = -1};
    if (!bench_body(&l->prompts, l->out->model, request, &s->body)) {
        s->next = l->client.free;
        l->client.free = s;
        return false;
    }
    client_start(&l->client, s);
    l->sent++;
    return true;
}

static void tick(const struct load *l)
{
    uint64_t ok = l->out->errors[BENCH_OK];
    struct bench_progress p = {l->over, l->t->n, l->client.nflying, l->over - ok, l->client.tokens, (double)client_now_ns(&l->client) * 1e-9};
    if (l->o->tick)
        l->o->tick(l->o->tick_ctx, &p);
}

static bool run(struct load *l, struct err *e)
{
    int64_t next_tick = TICK_NS, due;
    size_t request;
    skip_answers(l);
    while (!l->client.interrupted && !l->no_memory) {
        int64_t now = client_now_ns(&l->client);
        bool any = peek(l, now, &request, &due);
        if (any && due <= now) {
            take(l, request);
            if (!send_one(l, request, due))
                l->no_memory = true;
            continue;
        }
        if (!any && !l->client.nflying)
            break;
        int64_t until = any && due < next_tick ? due : next_tick;
        client_wait(&l->client, until);
        if (client_now_ns(&l->client) >= next_tick) {
            tick(l);
            next_tick += TICK_NS;
        }
    }
    l->out->interrupted = l->client.interrupted;
    client_stop(&l->client);
    return !l->no_memory || err_env(e, "bench", "no memory for what the server sends");
}

/* ---- before the run ---- */

/* base of the URL without what the endpoint repeats: "http://h:1/v1/" and "/v1/completions" are one "/v1". */
static const char *join(struct arena *a, const char *url, const char *path)
{
    size_t n = strlen(url);
    while (n && url[n - 1] == '/')
        n--;
    if (n > 3 && memcmp(url + n - 3, "/v1", 3) == 0 && strncmp(path, "/v1/", 4) == 0)
        n -= 3;
    return arena_printf(a, "%.*s%s", (int)n, url, path);
}

static bool first_model(struct arena *a, const struct bench_options *o, const char **model, struct err *e)
{
    struct json_buf answer = {0};
    long status;
    const char *url = join(a, o->url, "/v1/models");
    bool ok = bench_ask(o, url, NULL, &answer, &status, e);
    if (ok) {
        json_t *root = json_loadb(answer.at ? answer.at : "", answer.n, 0, NULL);
        const json_t *id = json_object_get(json_array_get(json_object_get(root, "data"), 0), "id");
        ok = json_is_string(id);
        if (ok) {
            *model = arena_strdup(a, json_string_value(id));
        } else {
            err_env(e, url, "names no model (status %ld)", status);
            err_mend(e, "name it with --model");
        }
        json_decref(root);
    }
    free(answer.at);
    return ok;
}

/* The server's count of a prompt of so many words; -1: it does not say. false: it will answer nothing. */
static bool count_words(struct arena *a, struct load *l, const char *url, int words, int64_t *tok, struct err *e)
{
    struct json_buf body = {0}, answer = {0};
    long status = 0;
    struct bench_event v = {.in_tok = -1};
    bool ok = bench_body_words(&l->prompts, l->out->model, words, &body) && bench_ask(l->o, url, body.at, &answer, &status, e);
    if (ok && status == 200)
        bench_event_read(answer.at ? answer.at : "", answer.n, &v);
    if (ok && status >= 400 && status < 500 && status != 429) {
        const char *key = l->o->api_key, *said = answer.at ? arena_strndup(a, answer.at, answer.n < 200 ? answer.n : 200) : "";
        ok = err_env(e, url, "answers %ld: %s", status, key && *key && strstr(said, key) ? "(its text repeats the key)" : said);
    }
    *tok = v.in_tok;
    free(body.at);
    free(answer.at);
    return ok;
}

static bool learn_words(struct arena *a, struct load *l, const char *url, struct notes *notes, struct err *e)
{
    enum { FEW = 16, MANY = 144 };
    int64_t few, many;
    l->prompts.a = 0;
    l->prompts.b = 1;
    if (l->o->ids)
        return true;
    if (!count_words(a, l, url, FEW, &few, e) || !count_words(a, l, url, MANY, &many, e))
        return false;
    if (few > 0 && many > few) {
        l->prompts.b = (double)(many - few) / (MANY - FEW);
        l->prompts.a = fmax((double)few - FEW * l->prompts.b, 0);
        l->out->words_a = l->prompts.a;
        l->out->words_b = l->prompts.b;
    } else {
        note_add(notes, "the server does not count the tokens of prompts: a word is taken for one");
    }
    return true;
}

static bool check(const struct bench_options *o, const struct traffic *t, struct err *e)
{
    if (!t->n)
        return err_input(e, "bench", "the traffic has no requests");
    if (o->warmup >= t->n)
        return err_input(e, "bench", "all %zu requests would be warm-up", t->n);
    if (o->ids && strstr(o->endpoint, "/chat/"))
        return err_input(e, "bench", "chat takes text, not token ids");
    if (!o->extra)
        return true;
    json_error_t where;
    json_t *root = json_loads(o->extra, 0, &where);
    bool ok = json_is_object(root) && o->extra[0] == '{';
    json_decref(root);
    return ok || err_input(e, "--extra-body", "expected a JSON object such as {\"temperature\": 0}");
}

bool bench_run(struct arena *a, const struct bench_options *o, const struct traffic *t, struct bench *out, struct notes *notes, struct err *e)
{
    struct load l = {.o = o, .t = t, .out = out, .prompts = {.o = o, .traffic = t}};
    *out = (struct bench){.model = o->model, .url = o->url, .n = t->n};
    if (!check(o, t, e))
        return false;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const char *url = join(a, o->url, o->endpoint);
    bool ok = (o->model || first_model(a, o, &out->model, e)) && learn_words(a, &l, url, notes, e);
    if (ok) {
        out->row = ARENA_ARRAY(a, struct bench_row, t->n);
        for (size_t i = 0; i < t->n; i++)
            out->row[i] = (struct bench_row){.due_ns = -1, .start_ns = -1, .first_ns = -1, .last_ns = -1, .end_ns = -1, .connect_ns = -1,
                                             .want_in = t->req[i].in_tok, .want_out = t->req[i].out_tok, .error = BENCH_STOPPED};
        if (t->turn) {
            l.due_request = ARENA_ARRAY(a, uint32_t, t->sessions);
            heap_init(&l.due, a, t->sessions);
        }
        ok = client_open(&l.client, o, url, e);
        l.client.over = over;
        l.client.ctx = &l;
        ok = ok && run(&l, e);
        client_close(&l.client);
    }
    if (ok) {
        out->ngap = l.gaps.n;
        out->gap_s = ARENA_ARRAY(a, float, l.gaps.n);
        if (l.gaps.n)
            memcpy(out->gap_s, l.gaps.at, l.gaps.n * sizeof *out->gap_s);
        out->errors[BENCH_STOPPED] += t->n - l.over;
        bench_report(a, o, out);
    }
    free(l.gaps.at);
    curl_global_cleanup();
    return ok;
}
