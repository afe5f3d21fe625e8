/* bench_prompt.c - prompts of so many tokens, sharing beginnings as the traffic says, and the JSON around them.
**
** A word of the list is one token of most vocabularies with its blank before it. The server counts how many it takes them for:
** tokens = a + b words, learned from two short requests. Blocks that a trace names alike give the same words, so that the server's
** prefix cache finds them.
*/
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "facts/traffic.h"
#include "live/bench.h"

static const char *const word[] = {
    "the", "of", "and", "to", "in", "is", "that", "it", "for", "was", "on", "are", "as", "with", "his", "they", "at", "be", "this", "from",
    "have", "or", "by", "one", "had", "not", "but", "what", "all", "were", "when", "we", "there", "can", "an", "your", "which", "their",
    "said", "if", "do", "will", "each", "about", "how", "up", "out", "them", "then", "she", "many", "some", "so", "these", "would", "other",
    "into", "has", "more", "her", "two", "like", "him", "see",
};
enum { WORDS = sizeof word / sizeof *word };

enum { PURPOSE_WORDS = 0x70726f6d };    /* its own random stream a block or request */

void json_buf_add(struct json_buf *b, const char *s, size_t n)
{
    if (b->n + n + 1 > b->cap && !b->failed) {
        size_t cap = b->cap ? b->cap : 1024;
        while (cap < b->n + n + 1)
            cap *= 2;
        char *more = realloc(b->at, cap);
        b->failed = !more;
        if (more)
            b->at = more, b->cap = cap;
    }
    if (b->failed)
        return;
    memcpy(b->at + b->n, s, n);
    b->n += n;
    b->at[b->n] = '\0';
}

static void add(struct json_buf *b, const char *s)
{
    json_buf_add(b, s, strlen(s));
}

static void add_int(struct json_buf *b, int64_t v)
{
    char text[32];
    json_buf_add(b, text, (size_t)snprintf(text, sizeof text, "%lld", (long long)v));
}

/* A JSON string; the texts are file names, models and words. */
static void add_quoted(struct json_buf *b, const char *s)
{
    add(b, "\"");
    for (; *s; s++) {
        char hex[8];
        if (*s == '"' || *s == '\\')
            json_buf_add(b, "\\", 1);
        if ((unsigned char)*s < 0x20)
            json_buf_add(b, hex, (size_t)snprintf(hex, sizeof hex, "\\u%04x", *s));
        else
            json_buf_add(b, s, 1);
    }
    add(b, "\"");
}

/* n words or ids of one stream. */
static void add_stream(const struct bench_prompts *p, struct json_buf *b, uint64_t key, int64_t n, bool *first)
{
    struct rng r;
    rng_seed(&r, key ^ p->o->seed * 0x9e3779b97f4a7c15u, PURPOSE_WORDS);
    for (int64_t i = 0; i < n; i++) {
        if (p->o->ids) {
            add(b, *first ? "" : ",");
            add_int(b, p->o->id_lo + (int64_t)rng_below(&r, (uint64_t)(p->o->id_hi - p->o->id_lo)));
        } else {
            add(b, *first ? "" : " ");
            add(b, word[rng_below(&r, WORDS)]);
        }
        *first = false;
    }
}

static int64_t words_of(const struct bench_prompts *p, double tok)
{
    return p->o->ids || !(p->b > 0) ? (int64_t)tok : (int64_t)llround(tok / p->b);
}

/* Blocks first, each from its own name; what is left of the prompt is the request's own. */
static void add_prompt(const struct bench_prompts *p, struct json_buf *b, size_t request)
{
    const struct traffic *t = p->traffic;
    const struct request *q = &t->req[request];
    int64_t all = words_of(p, fmax(q->in_tok - (p->o->ids ? 0 : p->a), 1)), done = 0;
    int64_t block = t->block_tok > 0 ? words_of(p, t->block_tok) : 0;
    bool first = true;
    for (uint32_t i = 0; block > 0 && i < q->nblock && done < all; i++) {
        int64_t n = block < all - done ? block : all - done;
        add_stream(p, b, t->block[q->block + i] | UINT64_C(1) << 63, n, &first);
        done += n;
    }
    add_stream(p, b, request, all > done ? all - done : 0, &first);
}

static bool chat(const struct bench_options *o)
{
    size_t n = strlen(o->endpoint), k = strlen("/chat/completions");
    return n >= k && strcmp(o->endpoint + n - k, "/chat/completions") == 0;
}

static void begin(const struct bench_prompts *p, const char *model, struct json_buf *b)
{
    b->n = 0;
    add(b, "{\"model\":");
    add_quoted(b, model);
    add(b, chat(p->o) ? ",\"messages\":[{\"role\":\"user\",\"content\":\"" : p->o->ids ? ",\"prompt\":[" : ",\"prompt\":\"");
}

static bool end(const struct bench_prompts *p, struct json_buf *b, int64_t out_tok, bool stream)
{
    add(b, chat(p->o) ? "\"}]" : p->o->ids ? "]" : "\"");
    add(b, ",\"max_tokens\":");
    add_int(b, out_tok);
    if (stream)
        add(b, ",\"stream\":true,\"stream_options\":{\"include_usage\":true}");
    if (p->o->ignore_eos)
        add(b, ",\"ignore_eos\":true");
    if (p->o->extra && strlen(p->o->extra) > 2) {
        add(b, ",");
        add(b, p->o->extra + 1); /* its own closing brace ends the body */
        return !b->failed;
    }
    add(b, "}");
    return !b->failed;
}

bool bench_body(const struct bench_prompts *p, const char *model, size_t request, struct json_buf *out)
{
    begin(p, model, out);
    add_prompt(p, out, request);
    return end(p, out, p->traffic->req[request].out_tok, true);
}

bool bench_body_words(const struct bench_prompts *p, const char *model, int words, struct json_buf *out)
{
    bool first = true;
    begin(p, model, out);
    add_stream(p, out, (uint64_t)words | UINT64_C(1) << 62, words, &first);
    return end(p, out, 1, false);
}
