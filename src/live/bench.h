/* bench.h - load a live OpenAI-compatible endpoint with a traffic, and measure every token.
**
**      TTFT = first token - start - connecting       TPOT = (last token - first) / (output tokens - 1)
**      ITL  = gap between two chunks of an answer    E2E  = last token - start
**      schedule delay = start - due: what the client itself was late; an open loop that hides it measures a slower traffic
**      (Tene, "coordinated omission")
**
** Open loop by the traffic's arrival times, or closed loop at a concurrency; sessions send each call after the answer before it.
** One thread, libcurl's multi socket interface over epoll. Whatever the server does ends in a row: nothing is dropped.
*/
#ifndef MOAT_LIVE_BENCH_H
#define MOAT_LIVE_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct notes;
struct traffic;

enum bench_error {
    BENCH_OK, BENCH_CONNECT, BENCH_TLS, BENCH_TIMEOUT, BENCH_STALL, BENCH_RESET, BENCH_TRUNCATED, BENCH_429, BENCH_4XX, BENCH_5XX,
    BENCH_PROTOCOL, BENCH_EMPTY, BENCH_STOPPED, BENCH_ERROR_N
};
extern const char *const bench_error_name[BENCH_ERROR_N];
extern const char *const bench_error_help[BENCH_ERROR_N];

enum bench_metric { BENCH_TTFT, BENCH_TPOT, BENCH_ITL, BENCH_E2EL, BENCH_METRIC_N };
extern const char *const bench_metric_name[BENCH_METRIC_N];     /* as vLLM's results have them: "ttft", "tpot", "itl", "e2el" */

struct bench_limit { enum bench_metric metric; double limit_s; };

struct bench_progress { uint64_t over, of, in_flight, failed, tokens; double elapsed_s; };

struct bench_options {
    const char *url;            /* scheme, host, port; a path in front of `endpoint` is kept */
    const char *endpoint;       /* "/v1/completions" or "/v1/chat/completions" */
    const char *model;          /* NULL: the first that /v1/models names */
    const char *api_key;        /* NULL: none. Never written anywhere */
    const char *extra;          /* members for every request's JSON, as {"temperature": 0}; NULL */
    bool ignore_eos, insecure;
    bool ids;                   /* prompts are arrays of token ids in [id_lo, id_hi), not text: exact, where the server takes them */
    int64_t id_lo, id_hi;
    int concurrency;            /* most in flight; closed loop: always as many. 0: no bound */
    bool closed;
    size_t warmup;              /* the first so many requests do not count */
    double timeout_s, stall_s;  /* of a whole request; without a byte */
    uint64_t seed;
    const struct bench_limit *goodput; size_t ngoodput;
    void (*tick)(void *ctx, const struct bench_progress *p);    /* NULL; about twice a second */
    void *tick_ctx;
};

/* A row a request, in the order of the traffic. Times in ns since the run began; -1: did not happen. */
struct bench_row {
    int64_t due_ns, start_ns, first_ns, last_ns, end_ns, connect_ns;
    int32_t want_in, want_out;
    int32_t in_tok, out_tok;    /* by the server's usage; without: what was asked for, and the chunks */
    int32_t chunks;
    enum bench_error error;
    int16_t status;             /* HTTP; 0: none came */
    bool lied;                  /* its usage cannot be true: more than was allowed, or fewer than came */
    bool good;                  /* within every goodput limit */
    uint64_t gap;               /* first of its chunks - 1 gaps in bench.gap_s */
};

struct bench_span { uint64_t n; double mean, std, p50, p90, p95, p99, max; };   /* seconds; NaN without values */

struct bench {
    const char *model, *url;
    struct bench_row *row; size_t n;
    float *gap_s; uint64_t ngap;
    char first_error[BENCH_ERROR_N][160];       /* what was said, or got, the first time */
    uint64_t errors[BENCH_ERROR_N];
    bool interrupted;
    double words_a, words_b;    /* server's tokens of a prompt of w words: a + b w; b 0: not known */
    /* Of the counted requests that were served. */
    uint64_t counted, completed, failed, lied, shorter;         /* shorter: fewer tokens than asked for */
    double duration_s;          /* first start to last end */
    uint64_t tok_in, tok_out, good;
    struct bench_span metric[BENCH_METRIC_N], delay, connect;
    double in_flight_mean;      /* requests, over the duration */
};

/* false: the endpoint cannot be reached at all, or an option is wrong. Rows, gaps and texts are allocated in a. */
bool bench_run(struct arena *a, const struct bench_options *o, const struct traffic *t, struct bench *out, struct notes *notes, struct err *e);

/* bench_report.c: sums over the rows. */
void bench_report(struct arena *a, const struct bench_options *o, struct bench *b);

/* --- private to live/ --- */

/* bench_prompt.c: words that most tokenizers take as one token each; the same blocks give the same words. */
struct bench_prompts {
    const struct bench_options *o;
    const struct traffic *traffic;
    double a, b;                /* tokens of w words = a + b w */
};
struct json_buf { char *at; size_t n, cap; bool failed; };      /* malloc, grows */
void json_buf_add(struct json_buf *b, const char *s, size_t n);
/* The JSON body of a request; words_only: so many words, one token out, no stream (to learn a and b). */
bool bench_body(const struct bench_prompts *p, const char *model, size_t request, struct json_buf *out);
bool bench_body_words(const struct bench_prompts *p, const char *model, int words, struct json_buf *out);

/* bench_answer.c: what an event of an answer says. */
struct bench_event {
    bool done, text, finish, error;     /* [DONE]; text or a token came; a finish_reason; the server reports an error */
    int64_t in_tok, out_tok;    /* usage; -1: none */
    char message[160];
};
bool bench_event_read(const char *data, size_t n, struct bench_event *out);     /* false: not such an event */

/* bench_http.c: one request at once, whole answer; for /v1/models and the words. status 0: not reached. */
bool bench_ask(const struct bench_options *o, const char *path, const char *body, struct json_buf *answer, long *status, struct err *e);

#endif
