/* bench_http.c - streams over libcurl's multi socket interface and one epoll: a thousand of them cost only what comes in.
**
** libcurl says which sockets to watch and when to be called at the latest; the loop waits for those, for the next request that is due, and for
** a signal, to the nanosecond (epoll_pwait2). A time is taken when bytes are handed over, before they are read.
*/
#include "live/bench_http.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

#define SAID_MAX 2000           /* of an answer that is no stream */
#define EVENTS 256
#define CHECK_NS 100000000      /* look for stalls so often */

const char *const bench_error_name[BENCH_ERROR_N] = {"ok", "connect", "tls", "timeout", "stall", "reset", "truncated", "http_429", "http_4xx",
                                                     "http_5xx", "protocol", "empty", "stopped"};
const char *const bench_error_help[BENCH_ERROR_N] = {
    "", "no connection", "the TLS handshake failed", "took longer than --timeout", "sent nothing for --stall", "the connection broke",
    "ended before the answer did", "too many requests", "refused the request", "failed", "what came is no stream of tokens", "not one token came",
    "the run was stopped"};

static int64_t monotonic_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t client_now_ns(const struct client *c)
{
    return monotonic_ns() - c->begin_ns;
}

/* ---- what comes in ---- */

static void fail(struct stream *s, enum bench_error why, const char *message)
{
    if (s->failed)
        return;
    s->failed = true;
    s->why = why;
    snprintf(s->message, sizeof s->message, "%.150s", message);
}

/* Room for one more gap. */
static bool room(struct stream *s)
{
    if (s->ngap < s->gap_cap)
        return true;
    size_t cap = s->gap_cap ? 2 * s->gap_cap : 256;
    float *more = realloc(s->gap, cap * sizeof *more);
    if (!more)
        return false;
    s->gap = more;
    s->gap_cap = cap;
    return true;
}

static void token(struct stream *s)
{
    if (s->row.chunks == 0)
        s->row.first_ns = s->bytes_ns;
    else if (room(s))
        s->gap[s->ngap++] = (float)((double)(s->bytes_ns - s->row.last_ns) * 1e-9);
    else
        fail(s, BENCH_PROTOCOL, "no memory for its tokens");
    s->row.chunks++;
    s->row.last_ns = s->bytes_ns;
    s->client->tokens++;
}

static bool on_event(void *ctx, const char *data, size_t n)
{
    struct stream *s = ctx;
    struct bench_event v;
    if (s->done)
        return true; /* behind [DONE] nothing counts */
    if (!bench_event_read(data, n, &v)) {
        fail(s, BENCH_PROTOCOL, data);
        return false;
    }
    if (v.error) {
        fail(s, BENCH_5XX, v.message);
        return false;
    }
    if (v.text)
        token(s);
    s->done |= v.done;
    s->finish |= v.finish;
    if (v.in_tok >= 0 && v.in_tok <= INT32_MAX)
        s->row.in_tok = (int32_t)v.in_tok;
    if (v.out_tok >= 0)
        s->row.out_tok = v.out_tok > INT32_MAX ? INT32_MAX : (int32_t)v.out_tok;
    return !s->failed;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *ctx)
{
    struct stream *s = ctx;
    long status = 0;
    n *= size;
    s->bytes_ns = client_now_ns(s->client);
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        size_t left = SAID_MAX - s->said.n;
        json_buf_add(&s->said, bytes, n < left ? n : left);
        return n;
    }
    if (!sse_feed(&s->sse, bytes, n, on_event, s)) {
        fail(s, BENCH_PROTOCOL, "an event is too long");
        return 0;
    }
    return n;
}

/* ---- curl's sockets and timer ---- */

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *ctx, void *known)
{
    struct client *c = ctx;
    struct epoll_event v = {.data.fd = fd};
    (void)easy;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(c->epoll, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    v.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (epoll_ctl(c->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &v) != 0 && errno == ENOENT)
        epoll_ctl(c->epoll, EPOLL_CTL_ADD, fd, &v);
    curl_multi_assign(c->multi, fd, c);
    return 0;
}

static int on_timer(CURLM *multi, long ms, void *ctx)
{
    struct client *c = ctx;
    (void)multi;
    c->timer_ns = ms < 0 ? INT64_MAX : client_now_ns(c) + (int64_t)ms * 1000000;
    return 0;
}

/* ---- a stream ends ---- */

static enum bench_error of_status(long status)
{
    return status == 429 ? BENCH_429 : status >= 500 ? BENCH_5XX : status >= 400 ? BENCH_4XX : BENCH_PROTOCOL;
}

static enum bench_error of_curl(CURLcode code)
{
    switch (code) {
    case CURLE_COULDNT_CONNECT: case CURLE_COULDNT_RESOLVE_HOST: case CURLE_COULDNT_RESOLVE_PROXY: return BENCH_CONNECT;
    case CURLE_SSL_CONNECT_ERROR: case CURLE_PEER_FAILED_VERIFICATION: case CURLE_SSL_CERTPROBLEM: case CURLE_SSL_CACERT_BADFILE:
        return BENCH_TLS;
    case CURLE_OPERATION_TIMEDOUT: return BENCH_TIMEOUT;
    case CURLE_PARTIAL_FILE: return BENCH_TRUNCATED;
    case CURLE_WEIRD_SERVER_REPLY: case CURLE_UNSUPPORTED_PROTOCOL: case CURLE_BAD_CONTENT_ENCODING: return BENCH_PROTOCOL;
    default: return BENCH_RESET;
    }
}

static void judge(struct stream *s, CURLcode code, long status)
{
    struct bench_row *r = &s->row;
    r->status = (int16_t)status;
    if (s->failed)
        r->error = s->why;
    else if (status != 200 && status != 0)
        r->error = of_status(status), snprintf(s->message, sizeof s->message, "%.150s", s->said.n ? s->said.at : "");
    else if (s->done && (code == CURLE_OK || r->chunks))
        r->error = r->chunks ? BENCH_OK : BENCH_EMPTY; /* how the connection ends behind [DONE] does not matter */
    else if (code != CURLE_OK)
        r->error = of_curl(code), snprintf(s->message, sizeof s->message, "%.150s", *s->curl_said ? s->curl_said : curl_easy_strerror(code));
    else if (s->finish)
        r->error = r->chunks ? BENCH_OK : BENCH_EMPTY;
    else
        r->error = BENCH_TRUNCATED;
    int32_t chunks = r->chunks;
    if (r->out_tok >= 0 && (r->out_tok > r->want_out || r->out_tok < chunks - 1)) {
        r->lied = true;
        r->out_tok = chunks;
    }
    if (r->out_tok < 0)
        r->out_tok = chunks;
    if (r->in_tok < 0)
        r->in_tok = r->want_in;
}

static void end(struct client *c, struct stream *s, CURLcode code)
{
    long status = 0;
    curl_off_t connect_us = 0, tls_us = 0;
    curl_easy_getinfo(s->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(s->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
    curl_easy_getinfo(s->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
    s->row.end_ns = client_now_ns(c);
    s->row.connect_ns = (tls_us > connect_us ? tls_us : connect_us) * 1000;
    judge(s, code, status);
    curl_multi_remove_handle(c->multi, s->easy);
    *s->from = s->next;
    if (s->next)
        s->next->from = s->from;
    c->nflying--;
    c->over(c->ctx, s);
    s->next = c->free;
    c->free = s;
}

static void look_for_ends(struct client *c)
{
    CURLMsg *m;
    int left;
    while ((m = curl_multi_info_read(c->multi, &left))) {
        struct stream *s = NULL;
        CURLcode code = m->data.result;
        if (m->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&s);
        end(c, s, code);
    }
}

static void look_for_stalls(struct client *c)
{
    int64_t now = client_now_ns(c), stall = (int64_t)(c->o->stall_s * 1e9);
    for (struct stream *s = c->flying, *next; s; s = next) {
        next = s->next;
        if (now - s->bytes_ns > stall) {
            fail(s, BENCH_STALL, s->row.chunks ? "in the middle of an answer" : "before the first token");
            end(c, s, CURLE_OPERATION_TIMEDOUT);
        }
    }
}

/* ---- verbs ---- */

static void raise_files(void)
{
    struct rlimit l;
    if (getrlimit(RLIMIT_NOFILE, &l) == 0 && l.rlim_cur < l.rlim_max) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
}

bool client_open(struct client *c, const struct bench_options *o, const char *completions, struct err *e)
{
    sigset_t stop;
    *c = (struct client){.o = o, .completions = completions, .epoll = -1, .signals = -1, .begin_ns = monotonic_ns(), .timer_ns = INT64_MAX};
    raise_files();
    sigemptyset(&stop);
    sigaddset(&stop, SIGINT);
    sigaddset(&stop, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);
    c->epoll = epoll_create1(EPOLL_CLOEXEC);
    c->signals = signalfd(-1, &stop, SFD_NONBLOCK | SFD_CLOEXEC);
    c->multi = curl_multi_init();
    struct epoll_event v = {.events = EPOLLIN, .data.fd = c->signals};
    if (c->epoll < 0 || c->signals < 0 || !c->multi || epoll_ctl(c->epoll, EPOLL_CTL_ADD, c->signals, &v) != 0)
        return err_env(e, "bench", "cannot set up the network: %s", strerror(errno));
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
    curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, 4096L);
    curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, (long)CURLPIPE_NOTHING);
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    c->headers = curl_slist_append(c->headers, "Expect:");
    c->headers = curl_slist_append(c->headers, "Accept: text/event-stream");
    return true;
}

struct stream *client_stream(struct client *c)
{
    struct stream *s = c->free;
    if (s) {
        c->free = s->next;
        return s;
    }
    s = calloc(1, sizeof *s);
    if (s && !(s->easy = curl_easy_init())) {
        free(s);
        return NULL;
    }
    return s;
}

static void common_options(const struct bench_options *o, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "moat/" MOAT_VERSION);
    if (o->insecure) {
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    }
    if (o->api_key) {
        curl_easy_setopt(easy, CURLOPT_XOAUTH2_BEARER, o->api_key);
        curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
    }
}

void client_start(struct client *c, struct stream *s)
{
    sse_reset(&s->sse);
    s->client = c;
    s->said.n = 0;
    s->ngap = 0;
    s->done = s->finish = s->failed = false;
    s->message[0] = s->curl_said[0] = '\0';
    s->row.first_ns = s->row.last_ns = -1;
    s->row.in_tok = s->row.out_tok = -1;
    s->row.chunks = 0;
    s->row.lied = s->row.good = false;
    curl_easy_reset(s->easy);
    common_options(c->o, s->easy);
    curl_easy_setopt(s->easy, CURLOPT_URL, c->completions);
    curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, c->headers);
    curl_easy_setopt(s->easy, CURLOPT_POSTFIELDS, s->body.at);
    curl_easy_setopt(s->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)s->body.n);
    curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
    curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, s->curl_said);
    curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
    curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, (long)(c->o->timeout_s * 1e3));
    s->next = c->flying;
    s->from = &c->flying;
    if (s->next)
        s->next->from = &s->next;
    c->flying = s;
    c->nflying++;
    s->row.start_ns = s->bytes_ns = client_now_ns(c);
    curl_multi_add_handle(c->multi, s->easy);
}

/* Requests are started by curl when it is called, not when they are added. */
static void kick(struct client *c)
{
    int running;
    c->timer_ns = INT64_MAX;
    curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

void client_wait(struct client *c, int64_t until_ns)
{
    struct epoll_event v[EVENTS];
    int running;
    if (c->timer_ns <= client_now_ns(c))
        kick(c);
    int64_t now = client_now_ns(c), until = until_ns < c->timer_ns ? until_ns : c->timer_ns;
    if (c->nflying && until > now + CHECK_NS)
        until = now + CHECK_NS;
    int64_t wait = until > now ? until - now : 0;
    struct timespec t = {wait / 1000000000, wait % 1000000000};
    int n = epoll_pwait2(c->epoll, v, EVENTS, &t, NULL);
    for (int i = 0; i < n; i++) {
        if (v[i].data.fd == c->signals) {
            c->interrupted = true;
            continue;
        }
        int mask = (v[i].events & EPOLLIN ? CURL_CSELECT_IN : 0) | (v[i].events & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (v[i].events & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(c->multi, v[i].data.fd, mask, &running);
    }
    if (c->timer_ns <= client_now_ns(c))
        kick(c);
    look_for_ends(c);
    look_for_stalls(c);
}

void client_stop(struct client *c)
{
    while (c->flying) {
        fail(c->flying, BENCH_STOPPED, "");
        end(c, c->flying, CURLE_OK);
    }
}

void client_close(struct client *c)
{
    for (struct stream *s = c->free, *next; s; s = next) {
        next = s->next;
        curl_easy_cleanup(s->easy);
        sse_free(&s->sse);
        free(s->body.at);
        free(s->said.at);
        free(s->gap);
        free(s);
    }
    curl_slist_free_all(c->headers);
    if (c->multi)
        curl_multi_cleanup(c->multi);
    if (c->epoll >= 0)
        close(c->epoll);
    if (c->signals >= 0)
        close(c->signals);
}

/* ---- one question at once ---- */

static size_t keep(char *bytes, size_t size, size_t n, void *ctx)
{
    struct json_buf *b = ctx;
    if (b->n + size * n > SSE_MAX)
        return 0;
    json_buf_add(b, bytes, size * n);
    return b->failed ? 0 : size * n;
}

bool bench_ask(const struct bench_options *o, const char *url, const char *body, struct json_buf *answer, long *status, struct err *e)
{
    char said[CURL_ERROR_SIZE] = "";
    struct curl_slist *headers = curl_slist_append(curl_slist_append(NULL, "Content-Type: application/json"), "Expect:");
    CURL *easy = curl_easy_init();
    *status = 0;
    if (!easy || !headers) {
        curl_slist_free_all(headers);
        return err_env(e, url, "no memory");
    }
    common_options(o, easy);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (body)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, answer);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, said);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)(o->stall_s * 1e3));
    CURLcode code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, status);
    curl_easy_cleanup(easy);
    curl_slist_free_all(headers);
    return code == CURLE_OK || err_env(e, url, "cannot be reached: %s", *said ? said : curl_easy_strerror(code));
}
