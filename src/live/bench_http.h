/* bench_http.h - streams over libcurl's multi socket interface and one epoll. Private to live/. */
#ifndef MOAT_LIVE_BENCH_HTTP_H
#define MOAT_LIVE_BENCH_HTTP_H

#include <curl/curl.h>

#include "live/bench.h"
#include "live/sse.h"

struct client;

struct stream {                 /* a request in flight */
    struct client *client;
    CURL *easy;
    size_t request;
    struct bench_row row;
    struct sse sse;
    struct json_buf body, said; /* sent; the first bytes of what is no stream */
    float *gap; size_t ngap, gap_cap;
    int64_t bytes_ns;           /* when bytes last came */
    bool done, finish, failed;  /* [DONE]; a finish_reason; the answer is not what was asked for */
    enum bench_error why;       /* of failed */
    char message[160];
    char curl_said[CURL_ERROR_SIZE];
    struct stream *next;        /* of the free, or of those in flight */
    struct stream **from;       /* what points at it, in flight */
};

struct client {
    const struct bench_options *o;
    const char *completions;    /* URL */
    CURLM *multi;
    struct curl_slist *headers;
    int epoll, signals;         /* file descriptors */
    int64_t begin_ns, timer_ns; /* of CLOCK_MONOTONIC; when curl wants to be called, INT64_MAX: not */
    struct stream *free, *flying;
    size_t nflying;
    void (*over)(void *ctx, struct stream *s);  /* row is complete but for what only the loop knows */
    void *ctx;
    bool interrupted;
    uint64_t tokens;
};

int64_t client_now_ns(const struct client *c);          /* since begin */
bool client_open(struct client *c, const struct bench_options *o, const char *completions, struct err *e);
/* The body stands in the stream's; row has due_ns, want_in and want_out. */
void client_start(struct client *c, struct stream *s);
struct stream *client_stream(struct client *c);         /* a free one; NULL: no memory */
/* Wait for events until t_ns at the latest, and handle them. */
void client_wait(struct client *c, int64_t until_ns);
/* End what is in flight, as stopped. */
void client_stop(struct client *c);
void client_close(struct client *c);

#endif
