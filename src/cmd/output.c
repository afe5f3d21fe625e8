/* output.c - bytes to a file descriptor or a file, all of them or an error; the clock; progress on a terminal. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "cmd/command.h"
#include "show/html.h"

static double since_s(double began_s)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9 - began_s;
}

void call_clock(struct call *c)
{
    struct rusage use;
    getrusage(RUSAGE_SELF, &use);
    c->show.wall_s = since_s(c->began_s);
    c->show.peak_rss_mb = (double)use.ru_maxrss * 1024 / 1e6;
}

bool call_show(struct call *c)
{
    int nth = c->shown++;
    if (nth == 0) {
        call_clock(c);
        return true;
    }
    if (nth > 1 || !option_text(c, "html"))
        return false;
    c->report.arena = c->arena;
    c->show.out = &c->report;
    c->show.format = FORMAT_JSON;
    return true;
}

/* A word of the command line as a shell takes it. */
static void shell_word(struct buf *b, const char *word)
{
    if (*word && strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=./:,@%+") == strlen(word)) {
        buf_add(b, word);
        return;
    }
    buf_add(b, "'");
    for (; *word; word++)
        buf_addn(b, *word == '\'' ? "'\\''" : word, *word == '\'' ? 4 : 1);
    buf_add(b, "'");
}

bool output_report(struct call *c, struct err *e)
{
    const char *path = option_text(c, "html");
    struct buf page = {.arena = c->arena}, line = {.arena = c->arena};
    if (!path)
        return true;
    if (!c->report.n)
        return err_input(e, "--html", "moat %s has no document to show", c->command->name);
    buf_add(&line, "moat");
    for (int i = 1; i < c->argc; i++) {
        buf_add(&line, " ");
        shell_word(&line, c->argv[i]);
    }
    return html_report(&page, buf_str(&c->report), buf_str(&line), e) && output_file(path, buf_str(&page), page.n, e);
}

bool output_write(int fd, const char *name, const char *bytes, size_t n, struct err *e)
{
    while (n) {
        ssize_t k = write(fd, bytes, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0)
            return err_env(e, name, "cannot write: %s", strerror(errno));
        bytes += k;
        n -= (size_t)k;
    }
    return true;
}

int output_open(const char *path, struct err *e)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        err_env(e, path, "cannot write: %s", strerror(errno));
    return fd;
}

bool output_close(int fd, const char *path, bool ok, struct err *e)
{
    if (close(fd) != 0 && ok)
        return err_env(e, path, "cannot write: %s", strerror(errno));
    return ok;
}

bool output_file(const char *path, const char *bytes, size_t n, struct err *e)
{
    int fd = output_open(path, e);
    return fd >= 0 && output_close(fd, path, output_write(fd, path, bytes, n, e), e);
}

bool progress_wanted(const struct call *c)
{
    return option_on(c, "progress") || (!c->quiet && isatty(STDERR_FILENO));
}

/* May be called from any thread: one write, no state. What is left takes as long for each as what is done took. */
void progress_tick(void *call, size_t done, size_t of)
{
    char line[128], left[64] = "";
    const struct call *c = call;
    double passed_s = since_s(c->began_s), left_s = done ? passed_s / (double)done * (double)(of - done) : 0;
    if (passed_s > 2 && left_s >= 1)
        snprintf(left, sizeof left, left_s < 90 ? ", %.0f s left" : ", %.0f min left", left_s < 90 ? left_s : left_s / 60);
    int n = snprintf(line, sizeof line, "\r%s: %zu of %zu %s%s\033[K", c->command->name, done, of,
                     c->counting ? c->counting : "accelerators", left);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}

void progress_clear(const struct call *c)
{
    static const char clear[] = "\r\033[K";
    if (!c->quiet && isatty(STDERR_FILENO) && write(STDERR_FILENO, clear, sizeof clear - 1) < 0)
        return;
}
