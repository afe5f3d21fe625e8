/* spool.c - a file of struct request in the order of arrival: t' = (t - t_first) / speedup. */
#include "facts/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/err.h"
#include "facts/traffic.h"

static void close_fd(void *spool)
{
    struct spool *s = spool;
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

static bool failed(const char *folder, const char *what, struct err *e)
{
    err_env(e, folder, "%s: %s", what, errno ? strerror(errno) : "it ends too early");
    return err_mend(e, "set TMPDIR to a folder with 32 bytes of room for each request");
}

struct spool *spool_new(struct arena *a, struct err *e)
{
    struct spool *s = ARENA_NEW(a, struct spool);
    const char *folder = getenv("TMPDIR");
    *s = (struct spool){.fd = -1, .folder = folder && *folder ? folder : "/var/tmp", .speedup = 1};
    char *path = arena_printf(a, "%s/moat-XXXXXX", s->folder);
    arena_defer(a, close_fd, s);
    s->fd = mkstemp(path);
    if (s->fd < 0)
        return failed(s->folder, "no temporary file can be made here", e), NULL;
    unlink(path);
    return s;
}

bool spool_add(struct spool *s, const struct request *q, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        int64_t len = (int64_t)q[i].in_tok + q[i].out_tok, t_ns = q[i].arrival_ns;
        if (!s->n && !i)
            s->first_ns = s->last_ns = t_ns;
        s->longest_tok = len > s->longest_tok ? len : s->longest_tok;
        s->reordered += t_ns < s->last_ns;
        s->last_ns = t_ns > s->last_ns ? t_ns : s->last_ns;
    }
    const char *at = (const char *)q;
    for (size_t left = n * sizeof *q; left > 0;) {
        errno = 0;
        ssize_t done = write(s->fd, at, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return failed(s->folder, "the requests cannot be written to a temporary file", e);
        at += done;
        left -= (size_t)done;
    }
    s->n += n;
    return true;
}

bool spool_get(const struct spool *s, size_t from, struct request *out, size_t n, struct err *e)
{
    char *at = (char *)out;
    off_t place = (off_t)(from * sizeof *out);
    for (size_t left = n * sizeof *out; left > 0;) {
        errno = 0;
        ssize_t done = pread(s->fd, at, left, place);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return failed(s->folder, "the temporary file of requests cannot be read back", e);
        at += done;
        place += done;
        left -= (size_t)done;
    }
    for (size_t i = 0; i < n; i++) {
        out[i].arrival_ns -= s->first_ns;
        if (s->speedup != 1) /* as in traffic_speedup */
            out[i].arrival_ns = (int64_t)((long double)out[i].arrival_ns / (long double)s->speedup);
    }
    return true;
}
