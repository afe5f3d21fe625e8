/* sse_server.c - an OpenAI-compatible server for tests: known times, and faults on demand.
**
** usage: sse_server SECONDS      listens on a free port of the loopback, prints it, ends after so long
**
** The model's name is the script: "ttft=50ms,itl=10ms,fault=reset/3" gives a first token 50 ms after the request came, the next ones
** every 10 ms, and resets the connection in the middle of every third answer. Faults: 429, 500, 404, reset, close (ends in the middle),
** stall, badjson, toolong (an event without end), error (an error event), lie (usage of a million tokens), few (half of the tokens), empty
** (no token), nousage, slowhead (nothing at all), half (every event in pieces of 7 bytes, CR LF).
** A prompt of w words has 3 + 2w tokens; one of n token ids has n.
*/
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "sim/heap.h"

enum { CONNS = 4096, REQUEST_MAX = 1 << 22 };

struct conn {
    int fd;
    char *in; size_t n, cap;    /* request so far */
    char *out; size_t nout, out_at, out_cap;
    bool answering, chat, usage, closing;
    int64_t due_ns, itl_ns;
    int made, tokens, in_tok, cut;      /* cut: tokens until the fault */
    char fault[16];
};

struct server {
    int listen, epoll;
    struct conn conn[CONNS];
    struct heap due;
    long requests;
};

static int64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void drop(struct server *s, struct conn *c, bool reset)
{
    struct linger l = {1, 0};
    if (reset)
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    close(c->fd);
    heap_drop(&s->due, (uint32_t)(c - s->conn));
    free(c->in);
    free(c->out);
    *c = (struct conn){.fd = -1};
}

/* What cannot be written now waits for EPOLLOUT. */
static bool flush(struct server *s, struct conn *c)
{
    while (c->out_at < c->nout) {
        ssize_t k = send(c->fd, c->out + c->out_at, c->nout - c->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (k < 0 && errno != EAGAIN)
            return drop(s, c, false), false;
        if (k < 0)
            break;
        c->out_at += (size_t)k;
    }
    bool left = c->out_at < c->nout;
    struct epoll_event v = {.events = EPOLLIN | (left ? EPOLLOUT : 0u), .data.u32 = (uint32_t)(c - s->conn)};
    epoll_ctl(s->epoll, EPOLL_CTL_MOD, c->fd, &v);
    if (left)
        return true;
    c->nout = c->out_at = 0;
    if (c->closing)
        return drop(s, c, false), false;
    return true;
}

static void say(struct conn *c, const char *text)
{
    size_t n = strlen(text);
    if (c->nout + n > c->out_cap) {
        c->out_cap = 2 * (c->nout + n);
        c->out = realloc(c->out, c->out_cap);
    }
    memcpy(c->out + c->nout, text, n);
    c->nout += n;
}

/* One HTTP chunk, or many small ones. */
static void say_chunk(struct conn *c, const char *text)
{
    char head[32];
    size_t n = strlen(text), piece = strcmp(c->fault, "half") == 0 ? 7 : n;
    for (size_t i = 0; i < n; i += piece) {
        size_t k = n - i < piece ? n - i : piece;
        char part[4096];
        snprintf(part, sizeof part, "%.*s", (int)k, text + i);
        snprintf(head, sizeof head, "%zx\r\n", k);
        say(c, head);
        say(c, part);
        say(c, "\r\n");
    }
}

static void event(struct conn *c, const char *json)
{
    char line[2048];
    snprintf(line, sizeof line, strcmp(c->fault, "half") == 0 ? ": comment\r\ndata: %s\r\n\r\n" : "data: %s\n\n", json);
    say_chunk(c, line);
}

static int64_t script_ns(const char *script, const char *key, int64_t none)
{
    const char *at = strstr(script, key);
    char unit[4] = "";
    double v;
    if (!at || sscanf(at + strlen(key), "=%lf%2[a-z]", &v, unit) < 1)
        return none;
    return (int64_t)(v * (strcmp(unit, "us") == 0 ? 1e3 : strcmp(unit, "ms") == 0 ? 1e6 : 1e9));
}

static void plain(struct conn *c, const char *status, const char *body)
{
    char head[256];
    snprintf(head, sizeof head, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n", status, strlen(body));
    say(c, head);
    say(c, body);
}

static int words(const json_t *root)
{
    const json_t *prompt = json_object_get(root, "prompt"), *message = json_array_get(json_object_get(root, "messages"), 0);
    if (json_is_array(prompt))
        return (int)json_array_size(prompt);
    const char *text = json_string_value(prompt ? prompt : json_object_get(message, "content"));
    int n = text && *text;
    for (; text && *text; text++)
        n += *text == ' ';
    return 3 + 2 * n;
}

static void answer(struct server *s, struct conn *c, const char *body, size_t n)
{
    json_t *root = json_loadb(body, n, 0, NULL);
    const char *model = json_string_value(json_object_get(root, "model")), *fault = model ? strstr(model, "fault=") : NULL;
    int every = 1;
    c->fault[0] = '\0';
    if (!model) {
        plain(c, "400 Bad Request", "{\"error\":{\"message\":\"no model\"}}");
        json_decref(root);
        return;
    }
    c->in_tok = words(root);
    c->tokens = (int)json_integer_value(json_object_get(root, "max_tokens"));
    if (!json_is_true(json_object_get(root, "stream"))) {
        char text[160];
        snprintf(text, sizeof text, "{\"choices\":[{\"text\":\"a\",\"finish_reason\":\"length\"}],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":1}}", c->in_tok);
        plain(c, "200 OK", text);
        json_decref(root);
        return;
    }
    s->requests++;
    if (fault && (sscanf(fault, "fault=%15[a-z0-9]/%d", c->fault, &every) < 1 || s->requests % every != 0))
        c->fault[0] = '\0';
    c->chat = json_object_get(root, "messages") != NULL;
    c->usage = json_is_true(json_object_get(json_object_get(root, "stream_options"), "include_usage")) && strcmp(c->fault, "nousage") != 0;
    c->itl_ns = script_ns(model, "itl", 0);
    c->due_ns = now_ns() + script_ns(model, "ttft", 0);
    c->made = 0;
    c->cut = c->tokens;
    json_decref(root);
    if (strcmp(c->fault, "429") == 0)
        plain(c, "429 Too Many Requests", "{\"error\":{\"message\":\"slow down\"}}");
    else if (strcmp(c->fault, "500") == 0)
        plain(c, "500 Internal Server Error", "{\"error\":{\"message\":\"out of memory\"}}");
    else if (strcmp(c->fault, "404") == 0)
        plain(c, "404 Not Found", "{\"error\":{\"message\":\"no such model\"}}");
    else if (strcmp(c->fault, "slowhead") != 0) {
        if (*c->fault && strcmp(c->fault, "few") != 0)
            c->cut = c->tokens / 2;
        if (strcmp(c->fault, "few") == 0)
            c->tokens /= 2;
        if (strcmp(c->fault, "empty") == 0)
            c->tokens = 0;
        say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        c->answering = true;
        heap_put(&s->due, (uint32_t)(c - s->conn), c->due_ns, (uint32_t)(c - s->conn));
    }
}

/* A whole request in c->in? Then answer it. */
static void read_request(struct server *s, struct conn *c)
{
    char *end = c->n ? memmem(c->in, c->n, "\r\n\r\n", 4) : NULL, *length;
    if (!end || c->answering)
        return;
    *end = '\0';
    length = strcasestr(c->in, "content-length:");
    size_t head = (size_t)(end - c->in) + 4, body = length ? strtoul(length + 15, NULL, 10) : 0;
    if (c->n < head + body) {
        *end = '\r';
        return;
    }
    if (strncmp(c->in, "GET /v1/models", 14) == 0)
        plain(c, "200 OK", "{\"data\":[{\"id\":\"ttft=5ms,itl=1ms\"}]}");
    else if (strncmp(c->in, "POST /v1/", 9) == 0)
        answer(s, c, c->in + head, body);
    else
        plain(c, "404 Not Found", "{\"error\":{\"message\":\"no such path\"}}");
    memmove(c->in, c->in + head + body, c->n - head - body);
    c->n -= head + body;
}

/* The next token of an answer, or its end. */
static void step(struct server *s, struct conn *c)
{
    char json[512];
    uint32_t id = (uint32_t)(c - s->conn);
    if (c->made == c->cut && *c->fault) {
        if (strcmp(c->fault, "reset") == 0) {
            drop(s, c, true);
            return;
        }
        if (strcmp(c->fault, "stall") == 0) {
            heap_drop(&s->due, id);
            return;
        }
        c->closing = strcmp(c->fault, "close") == 0;
        if (strcmp(c->fault, "badjson") == 0)
            event(c, "{\"choices\": [");
        if (strcmp(c->fault, "error") == 0)
            event(c, "{\"error\": {\"message\": \"engine died\"}}");
        if (strcmp(c->fault, "toolong") == 0) {
            heap_put(&s->due, id, now_ns() + 100000, id);
            memset(json, 'x', sizeof json);
            json[sizeof json - 1] = '\0';
            for (int i = 0; i < 50; i++)
                say_chunk(c, json);
            flush(s, c);
            return;
        }
        if (c->closing) {
            heap_drop(&s->due, id);
            flush(s, c);
            return;
        }
        c->cut = -1;
    }
    if (c->made < c->tokens) {
        c->made++;
        snprintf(json, sizeof json, c->chat ? "{\"choices\":[{\"delta\":{\"content\":\" a\"},\"finish_reason\":null}]}"
                                            : "{\"choices\":[{\"text\":\" a\",\"finish_reason\":null}]}");
        event(c, json);
        c->due_ns += c->itl_ns;
        if (c->made < c->tokens) {
            heap_put(&s->due, id, c->due_ns, id);
            flush(s, c);
            return;
        }
    }
    event(c, c->chat ? "{\"choices\":[{\"delta\":{},\"finish_reason\":\"length\"}]}" : "{\"choices\":[{\"text\":\"\",\"finish_reason\":\"length\"}]}");
    if (c->usage) {
        snprintf(json, sizeof json, "{\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d}}", c->in_tok,
                 strcmp(c->fault, "lie") == 0 ? 1000000 : c->made);
        event(c, json);
    }
    event(c, "[DONE]");
    say(c, "0\r\n\r\n");
    c->answering = false;
    heap_drop(&s->due, id);
    if (flush(s, c))
        read_request(s, c);
}

static void readable(struct server *s, struct conn *c)
{
    char bytes[65536];
    ssize_t k = recv(c->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (k <= 0) {
        if (k == 0 || errno != EAGAIN)
            drop(s, c, false);
        return;
    }
    if (c->n + (size_t)k + 1 > c->cap) {
        c->cap = 2 * (c->n + (size_t)k + 1);
        c->in = realloc(c->in, c->cap);
    }
    memcpy(c->in + c->n, bytes, (size_t)k);
    c->n += (size_t)k;
    c->in[c->n] = '\0';
    if (c->n > REQUEST_MAX) {
        drop(s, c, true);
        return;
    }
    read_request(s, c);
    if (c->fd >= 0)
        flush(s, c);
}

static void welcome(struct server *s)
{
    for (int fd; (fd = accept4(s->listen, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
        uint32_t i = 0;
        while (i < CONNS && s->conn[i].fd >= 0)
            i++;
        if (i == CONNS) {
            close(fd);
            continue;
        }
        struct epoll_event v = {.events = EPOLLIN, .data.u32 = i};
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        s->conn[i].fd = fd;
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &v);
    }
}

static void serve(struct server *s, int64_t until_ns)
{
    struct epoll_event v[64];
    while (now_ns() < until_ns) {
        int64_t due = heap_min(&s->due), now = now_ns(), wait = (due < until_ns ? due : until_ns) - now;
        struct timespec t = {wait > 0 ? wait / 1000000000 : 0, wait > 0 ? wait % 1000000000 : 0};
        int n = epoll_pwait2(s->epoll, v, 64, &t, NULL);
        for (int i = 0; i < n; i++) {
            if (v[i].data.u32 == CONNS) {
                welcome(s);
                continue;
            }
            struct conn *c = &s->conn[v[i].data.u32];
            if (c->fd >= 0 && v[i].events & EPOLLOUT)
                flush(s, c);
            if (c->fd >= 0 && v[i].events & ~(unsigned)EPOLLOUT)
                readable(s, c);
        }
        while (heap_min(&s->due) <= now_ns())
            step(s, &s->conn[s->due.item[0].id]);
    }
}

int main(int argc, char **argv)
{
    struct server *s = calloc(1, sizeof *s);
    struct arena *a = arena_new();
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof here;
    struct rlimit files = {8192, 8192};
    signal(SIGPIPE, SIG_IGN);
    setrlimit(RLIMIT_NOFILE, &files);
    heap_init(&s->due, a, CONNS);
    for (int i = 0; i < CONNS; i++)
        s->conn[i].fd = -1;
    s->listen = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    s->epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event v = {.events = EPOLLIN, .data.u32 = CONNS};
    if (bind(s->listen, (struct sockaddr *)&here, n) != 0 || listen(s->listen, 4096) != 0 || getsockname(s->listen, (struct sockaddr *)&here, &n) != 0 ||
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listen, &v) != 0) {
        perror("sse_server");
        return 1;
    }
    printf("%d\n", ntohs(here.sin_port));
    fflush(stdout);
    serve(s, now_ns() + (int64_t)(argc > 1 ? atof(argv[1]) * 1e9 : 60e9));
    for (int i = 0; i < CONNS; i++)
        if (s->conn[i].fd >= 0)
            drop(s, &s->conn[i], false);
    close(s->listen);
    close(s->epoll);
    arena_free(a);
    free(s);
    return 0;
}
