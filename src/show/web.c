/* web.c - HTTP for `moat ui`, by libmicrohttpd: a thread for each connection, every size bounded.
**
**   first call: host, origin, method, path  ->  upload, at most BODY_MOST  ->  web_post: folder  ->  web_job: stages  ->  answer
**
** A running question stands in web->running, so that a newer one of the same session, or the end of the server, can kill it. Who
** owns it takes it off that list before it reaps it: nobody kills a number that is no longer its process.
*/
#include "show/web.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "show/html.h"
#include "show/web_job.h"
#include "show/web_post.h"

#define BODY_MOST ((size_t)64 << 20)            /* of one posted question */
#define BODIES_MOST ((size_t)256 << 20)         /* of all that are being posted */
#define CONNECTIONS 256
#define IDLE_S 20u              /* a client that says nothing for so long is let go */
#define TURN_S 20               /* a question waits so long for its turn */
#define BEAT_MS 400             /* a stream says something at least so often: who has gone is noticed */
#define ARGS 16

enum ask_kind { ASK_PAGE, ASK_TREE, ASK_RUN };

struct asked {                  /* one request */
    struct web *web;
    enum ask_kind kind;
    const struct web_question *question;
    struct web_text body;
    bool too_big, stream;
    char session[64];
    /* what runs */
    struct arena *arena;
    char folder[WEB_FOLDER];
    struct web_post post;
    struct web_job job;
    bool turn, cancelled;       /* turn: it holds one of web->jobs; cancelled: by a newer one, or the end */
    int stage;                  /* 0: the first answer; 1: the answer; 2: all is said */
    size_t heard;               /* progress that was passed on */
    struct web_text queue; size_t sent;
    struct asked *next;         /* in web->running */
};

struct web {
    struct web_options o;
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock;
    pthread_cond_t turn;
    struct asked *running;
    int njobs;
    size_t bodies_bytes;
    bool ending;
};

/* --- answers --- */

static enum MHD_Result answer(struct MHD_Connection *c, unsigned status, const char *type, const char *bytes, size_t n, bool keep)
{
    struct MHD_Response *r = MHD_create_response_from_buffer(n, (void *)(uintptr_t)bytes, keep ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", type);
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Referrer-Policy", "no-referrer");
    MHD_add_response_header(r, "Cache-Control", "no-store");
    MHD_add_response_header(r, "Content-Security-Policy",
                            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; "
                            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        MHD_add_response_header(r, "Allow", "GET, HEAD, POST");
    enum MHD_Result done = MHD_queue_response(c, status, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result refuse(struct MHD_Connection *c, unsigned status, const char *text)
{
    char json[256];
    int n = snprintf(json, sizeof json, "{\"error\": \"%.200s\"}\n", text);
    return answer(c, status, "application/json", json, (size_t)n, false);
}

/* {"error": "place: what; mend"} into the queue. */
static void say_error(struct asked *q, const struct err *e)
{
    char text[sizeof e->place + sizeof e->what + sizeof e->mend + 8];
    snprintf(text, sizeof text, "%s%s%s%s%s", e->place, *e->place ? ": " : "", e->what, *e->mend ? "; " : "", e->mend);
    char json[2 * sizeof text];
    size_t n = 0;
    for (const unsigned char *s = (const unsigned char *)text; *s && n + 8 < sizeof json; s++) {
        if (*s == '"' || *s == '\\')
            json[n++] = '\\';
        json[n++] = *s < 0x20 ? ' ' : (char)*s;
    }
    json[n] = '\0';
    web_text_add(&q->queue, "{\"error\": \"", 11, SIZE_MAX / 2);
    web_text_add(&q->queue, json, n, SIZE_MAX / 2);
    web_text_add(&q->queue, "\"}", 2, SIZE_MAX / 2);
}

/* --- turns and sessions --- */

static void end_session(struct web *w, const char *session, const struct asked *but)
{
    for (struct asked *q = w->running; q; q = q->next)
        if (q != but && (!session || (*session && strcmp(q->session, session) == 0))) {
            q->cancelled = true;
            if (q->job.pid)
                kill(-q->job.pid, SIGKILL);
        }
    pthread_cond_broadcast(&w->turn);
}

/* Wait for one of the places in which questions run. */
static bool take_turn(struct asked *q, struct err *e)
{
    struct web *w = q->web;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += TURN_S;
    pthread_mutex_lock(&w->lock);
    end_session(w, q->session, q);
    q->next = w->running;
    w->running = q;
    while (w->njobs >= w->o.jobs && !w->ending && !q->cancelled)
        if (pthread_cond_timedwait(&w->turn, &w->lock, &until) != 0)
            break;
    q->turn = w->njobs < w->o.jobs && !w->ending && !q->cancelled;
    w->njobs += q->turn;
    pthread_mutex_unlock(&w->lock);
    return q->turn || err_env(e, "", "%s", q->cancelled ? "a newer question took its place" : "too many questions are being answered; ask again");
}

static bool start(struct asked *q, struct err *e)
{
    const char *argv[ARGS], *more[8];
    size_t n = 0;
    more[n++] = "--json";
    if (q->stage == 0)
        more[n++] = q->question->first;
    if (q->stream && q->stage == 1)
        more[n++] = "--progress";
    more[n++] = "--quiet";
    more[n] = NULL;
    q->heard = 0;
    if (!web_post_argv(q->question, &q->post, more, argv, ARGS, e))
        return false;
    pthread_mutex_lock(&q->web->lock);
    bool ok = q->cancelled ? err_env(e, "", "a newer question took its place")
                           : web_job_start(&q->job, q->web->o.program, q->folder, argv, q->web->o.job_bytes, e);
    pthread_mutex_unlock(&q->web->lock);
    return ok;
}

/* Kill what runs, and reap it. leave: give the place back too. */
static void stop(struct asked *q, bool leave)
{
    struct web *w = q->web;
    pthread_mutex_lock(&w->lock);
    for (struct asked **at = &w->running; leave && *at; at = &(*at)->next)
        if (*at == q) {
            *at = q->next;
            break;
        }
    struct web_job job = q->job;
    q->job.pid = 0;
    q->job.out = q->job.err = -1;
    if (leave && q->turn) {
        w->njobs--;
        q->turn = false;
        pthread_cond_signal(&w->turn);
    }
    pthread_mutex_unlock(&w->lock);
    web_job_end(&job);
    q->job.status = job.status;
}

/* --- what a question says --- */

/* The one line of a failed question, without the program's name and what progress left before it. */
static void complaint(const struct asked *q, struct err *e)
{
    static const char name[] = "moat: ";
    const char *line = NULL;
    for (const char *p = q->job.complained.n ? q->job.complained.at : ""; (p = strstr(p, name)); p += sizeof name - 1)
        line = p + sizeof name - 1;
    if (q->cancelled)
        err_env(e, "", "a newer question took its place");
    else if (!WIFEXITED(q->job.status))
        err_env(e, "", "the question was ended: it needs more memory than one may have here, or was killed");
    else if (line)
        err_input(e, "", "%.*s", (int)strcspn(line, "\n"), line);
    else
        err_env(e, "", "no answer");
}

static void event(struct asked *q, const char *name, const char *data, size_t n)
{
    bool ok = web_text_add(&q->queue, "event: ", 7, SIZE_MAX / 2) && web_text_add(&q->queue, name, strlen(name), SIZE_MAX / 2);
    for (size_t i = 0; ok && i < n;) {
        const char *nl = memchr(data + i, '\n', n - i);
        size_t len = nl ? (size_t)(nl - data) - i : n - i;
        ok = web_text_add(&q->queue, "\ndata: ", 7, SIZE_MAX / 2) && web_text_add(&q->queue, data + i, len, SIZE_MAX / 2);
        i += len + 1;
    }
    if (!ok || !web_text_add(&q->queue, "\n\n", 2, SIZE_MAX / 2))
        q->stage = 2;           /* no memory: the stream ends without its answer, and the page says so */
}

static void error_event(struct asked *q, const struct err *e)
{
    struct web_text rest = q->queue;
    q->queue = (struct web_text){0};
    say_error(q, e);
    struct web_text json = q->queue;
    q->queue = rest;
    event(q, "error", json.n ? json.at : "{}", json.n ? json.n : 2);
    web_text_free(&json);
    q->stage = 2;
}

/* "\rplan: 12 of 95 accelerators": the newest, if it is newer than what was passed on. */
static void progress_event(struct asked *q)
{
    size_t done = 0, of = 0;
    const char *last = q->job.complained.n ? strrchr(q->job.complained.at, '\r') : NULL, *colon = last ? strchr(last, ':') : NULL;
    char json[80];
    if (!colon || sscanf(colon, ": %zu of %zu", &done, &of) != 2 || done == q->heard)
        return;
    q->heard = done;
    int n = snprintf(json, sizeof json, "{\"done\": %zu, \"of\": %zu}", done, of);
    event(q, "progress", json, (size_t)n);
}

static bool answered(const struct asked *q)
{
    return WIFEXITED(q->job.status) && WEXITSTATUS(q->job.status) <= 1 && q->job.said.n;
}

/* Let the stream's question go on for a beat; what it says goes to the queue. */
static void go_on(struct asked *q)
{
    struct err e = {.kind = ERR_NONE};
    if (!q->job.pid && !start(q, &e)) {
        error_event(q, &e);
        return;
    }
    enum web_job_state state = web_job_step(&q->job, BEAT_MS, -1);
    if (state == JOB_RUNS) {
        progress_event(q);
        if (!q->queue.n)
            web_text_add(&q->queue, ":\n\n", 3, SIZE_MAX / 2);
        return;
    }
    stop(q, q->stage == 1);
    if (answered(q) && !q->cancelled)
        event(q, q->stage ? "done" : "estimate", q->job.said.at, q->job.said.n);
    else if (q->stage == 1 || q->cancelled) {
        complaint(q, &e);
        error_event(q, &e);
    }
    q->stage++;
    q->job.said.n = q->job.complained.n = 0;
}

static ssize_t read_stream(void *cls, uint64_t at, char *buf, size_t max)
{
    struct asked *q = cls;
    (void)at;
    while (q->sent == q->queue.n) {
        q->sent = q->queue.n = 0;
        if (q->stage >= 2)
            return MHD_CONTENT_READER_END_OF_STREAM;
        go_on(q);
    }
    size_t n = q->queue.n - q->sent < max ? q->queue.n - q->sent : max;
    memcpy(buf, q->queue.at + q->sent, n);
    q->sent += n;
    return (ssize_t)n;
}

static enum MHD_Result run_stream(struct asked *q, struct MHD_Connection *c)
{
    struct MHD_Response *r = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1 << 15, read_stream, q, NULL);
    if (!r)
        return MHD_NO;
    MHD_add_response_header(r, "Content-Type", "text/event-stream");
    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff");
    MHD_add_response_header(r, "Cache-Control", "no-store");
    enum MHD_Result done = MHD_queue_response(c, MHD_HTTP_OK, r);
    MHD_destroy_response(r);
    return done;
}

static enum MHD_Result run_whole(struct asked *q, struct MHD_Connection *c)
{
    struct err e = {.kind = ERR_NONE};
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
    enum web_job_state state = JOB_FAILED;
    if (start(q, &e)) {
        while ((state = web_job_step(&q->job, BEAT_MS, info ? info->connect_fd : -1)) == JOB_RUNS)
            ;
        stop(q, true);
        if (state == JOB_ENDED && answered(q) && !q->cancelled)
            return answer(c, MHD_HTTP_OK, "application/json", q->job.said.at, q->job.said.n, false);
        complaint(q, &e);
    }
    stop(q, true);
    say_error(q, &e);
    bool input = WIFEXITED(q->job.status) && WEXITSTATUS(q->job.status) == 2 && !q->cancelled && e.kind == ERR_INPUT;
    return answer(c, input ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_SERVICE_UNAVAILABLE, "application/json", q->queue.n ? q->queue.at : "{}", q->queue.n ? q->queue.n : 2, false);
}

/* --- requests --- */

/* The body into a folder, or as a tree. Memory that ends comes back here. */
static bool take_in(struct asked *q, const char **json, struct err *e)
{
    jmp_buf no_memory;
    const char *body = q->body.n ? q->body.at : "";
    if (!(q->arena = arena_new()))
        return err_env(e, "", "no memory");
    arena_on_oom(q->arena, &no_memory);
    if (setjmp(no_memory) != 0)
        return err_env(e, "", "no memory for what was posted");
    if (q->kind == ASK_TREE)
        return web_post_tree(q->arena, body, q->body.n, json, e);
    return web_folder_make(q->folder, e) && (q->question->get || web_post_read(q->arena, q->question, body, q->body.n, q->folder, &q->post, e));
}

static enum MHD_Result respond(struct asked *q, struct MHD_Connection *c)
{
    struct err e = {.kind = ERR_NONE};
    const char *json = NULL;
    if (q->too_big)
        return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "more than 64 MiB: give it to the command line");
    if (q->kind == ASK_PAGE) {
        size_t n;
        const char *page = html_page(&n);
        return answer(c, MHD_HTTP_OK, "text/html; charset=utf-8", page, n, true);
    }
    q->stage = q->stream && q->question && q->question->first ? 0 : 1;
    if (!take_in(q, &json, &e) || (q->kind == ASK_RUN && !take_turn(q, &e))) {
        stop(q, true);
        say_error(q, &e);
        return answer(c, e.kind == ERR_INPUT ? MHD_HTTP_BAD_REQUEST : MHD_HTTP_SERVICE_UNAVAILABLE, "application/json",
                      q->queue.n ? q->queue.at : "{}", q->queue.n ? q->queue.n : 2, false);
    }
    if (q->kind == ASK_TREE)
        return answer(c, MHD_HTTP_OK, "application/json", json, strlen(json), false);
    return q->stream ? run_stream(q, c) : run_whole(q, c);
}

/* localhost, or an address: no name that somebody else can let point here. Port may follow. */
static bool good_host(const char *host, size_t n)
{
    char name[64];
    struct in_addr four;
    struct in6_addr six;
    const char *colon = n && host[0] == '[' ? memchr(host, ']', n) : memchr(host, ':', n);
    if (n && host[0] == '[' && colon) {
        host++;
        n = (size_t)(colon - host);
    } else if (colon) {
        n = (size_t)(colon - host);
    }
    if (!n || n >= sizeof name)
        return false;
    memcpy(name, host, n);
    name[n] = '\0';
    return strcmp(name, "localhost") == 0 || inet_pton(AF_INET, name, &four) == 1 || inet_pton(AF_INET6, name, &six) == 1;
}

/* A page of another origin may not ask: where a browser says the origin, it is this host. */
static bool allowed(struct MHD_Connection *c)
{
    const char *host = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Host"), *origin = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Origin");
    const char *site = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Sec-Fetch-Site");
    if (!host || !good_host(host, strlen(host)))
        return false;
    if (origin && (strncmp(origin, "http://", 7) != 0 || strcmp(origin + 7, host) != 0))
        return false;
    return !site || strcmp(site, "same-origin") == 0 || strcmp(site, "none") == 0;
}

static const struct web_question *question_of(const struct web *w, const char *name, bool get)
{
    for (size_t i = 0; i < w->o.nquestion; i++)
        if (w->o.question[i].get == get && strcmp(w->o.question[i].name, name) == 0)
            return &w->o.question[i];
    return NULL;
}

/* What is asked for; a refusal is answered at once. */
static enum MHD_Result begin(struct web *w, struct MHD_Connection *c, const char *url, const char *method, void **con_cls)
{
    static const char run[] = "/api/run/", list[] = "/api/catalog/";
    bool get = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0, post = strcmp(method, "POST") == 0;
    const char *length = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
    struct asked a = {.web = w, .job = {.out = -1, .err = -1}};
    if (!allowed(c))
        return refuse(c, MHD_HTTP_FORBIDDEN, "only localhost, an address, and pages of this server may ask");
    if (!get && !post)
        return refuse(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET a page or POST a question");
    if (strcmp(url, "/") == 0 && get)
        a.kind = ASK_PAGE;
    else if (strcmp(url, "/api/tree") == 0 && post)
        a.kind = ASK_TREE;
    else if ((post && strncmp(url, run, sizeof run - 1) == 0 && (a.question = question_of(w, url + sizeof run - 1, false))) ||
             (get && strncmp(url, list, sizeof list - 1) == 0 && (a.question = question_of(w, url + sizeof list - 1, true))))
        a.kind = ASK_RUN;
    else
        return refuse(c, MHD_HTTP_NOT_FOUND, "there is no such page");
    if (length && strtoull(length, NULL, 10) > BODY_MOST)
        return refuse(c, MHD_HTTP_CONTENT_TOO_LARGE, "more than 64 MiB: give it to the command line");
    const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept");
    const char *session = MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "session");
    a.stream = accept && strstr(accept, "text/event-stream");
    snprintf(a.session, sizeof a.session, "%s", session ? session : "");
    struct asked *q = malloc(sizeof *q);
    if (!q)
        return MHD_NO;
    *q = a;
    *con_cls = q;
    return MHD_YES;
}

static enum MHD_Result handle(void *cls, struct MHD_Connection *c, const char *url, const char *method, const char *version, const char *upload,
                              size_t *upload_bytes, void **con_cls)
{
    struct web *w = cls;
    struct asked *q = *con_cls;
    (void)version;
    if (!q)
        return begin(w, c, url, method, con_cls);
    if (!*upload_bytes)
        return respond(q, c);
    pthread_mutex_lock(&w->lock);
    bool room = !q->too_big && w->bodies_bytes + *upload_bytes <= BODIES_MOST;
    size_t had = q->body.n;
    if (!room || !web_text_add(&q->body, upload, *upload_bytes, BODY_MOST))
        q->too_big = true;
    w->bodies_bytes += q->body.n - had;
    pthread_mutex_unlock(&w->lock);
    *upload_bytes = 0;          /* what is too much is read and forgotten */
    return MHD_YES;
}

static void completed(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode how)
{
    struct web *w = cls;
    struct asked *q = *con_cls;
    (void)c, (void)how;
    if (!q)
        return;
    stop(q, true);
    pthread_mutex_lock(&w->lock);
    w->bodies_bytes -= q->body.n;
    pthread_mutex_unlock(&w->lock);
    web_folder_remove(q->folder);
    arena_free(q->arena);
    web_text_free(&q->body);
    web_text_free(&q->queue);
    web_text_free(&q->job.said);
    web_text_free(&q->job.complained);
    free(q);
    *con_cls = NULL;
}

/* --- the server --- */

static bool address(const char *text, int port, struct sockaddr_storage *out, struct err *e)
{
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        return true;
    }
    if (inet_pton(AF_INET6, text, &six->sin6_addr) == 1) {
        six->sin6_family = AF_INET6;
        six->sin6_port = htons((uint16_t)port);
        return true;
    }
    return err_input(e, "--listen", "expected an address as 127.0.0.1 or ::1, got \"%.60s\"", text);
}

struct web *web_start(const struct web_options *o, struct err *e)
{
    struct sockaddr_storage at;
    if (!address(o->address, o->port, &at, e))
        return NULL;
    struct web *w = calloc(1, sizeof *w);
    if (!w) {
        err_env(e, "", "no memory");
        return NULL;
    }
    w->o = *o;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->turn, NULL);
    unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL | (at.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0u);
    w->daemon = MHD_start_daemon(flags, (uint16_t)o->port, NULL, NULL, handle, w, MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at,
                                 MHD_OPTION_CONNECTION_LIMIT, (unsigned)CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S,
                                 MHD_OPTION_LISTEN_BACKLOG_SIZE, (unsigned)CONNECTIONS, MHD_OPTION_THREAD_STACK_SIZE, (size_t)1 << 20,
                                 MHD_OPTION_NOTIFY_COMPLETED, completed, w, MHD_OPTION_END);
    if (w->daemon)
        return w;
    err_env(e, o->address, "cannot listen on port %d", o->port);
    err_mend(e, "is another one running? --port N takes another, --port 0 any");
    web_stop(w);
    return NULL;
}

int web_port(const struct web *w)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(w->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info ? info->port : w->o.port;
}

void web_stop(struct web *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    end_session(w, NULL, NULL);
    pthread_mutex_unlock(&w->lock);
    if (w->daemon)
        MHD_stop_daemon(w->daemon);
    pthread_cond_destroy(&w->turn);
    pthread_mutex_destroy(&w->lock);
    free(w);
}
