/* web_job.c - posix_spawn into a folder, poll on two pipes, kill, reap. */
#include "show/web_job.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/err.h"

#define SAID_MOST ((size_t)128 << 20)           /* bytes of an answer */
#define COMPLAINED_MOST ((size_t)1 << 16)

extern char **environ;

bool web_text_add(struct web_text *t, const char *bytes, size_t n, size_t most)
{
    if (n > most || t->n > most - n)
        return false;
    if (t->n + n + 1 > t->cap) {
        size_t cap = t->cap ? t->cap : 4096;
        while (cap < t->n + n + 1)
            cap *= 2;
        char *at = realloc(t->at, cap);
        if (!at)
            return false;
        t->at = at;
        t->cap = cap;
    }
    memcpy(t->at + t->n, bytes, n);
    t->n += n;
    t->at[t->n] = '\0';
    return true;
}

void web_text_free(struct web_text *t)
{
    free(t->at);
    *t = (struct web_text){0};
}

static bool spawn(struct web_job *j, const char *program, const char *folder, const char *const *argv, int out, int err)
{
    posix_spawn_file_actions_t act;
    posix_spawnattr_t attr;
    sigset_t none, usual;
    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    posix_spawn_file_actions_init(&act);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &usual);
    int bad = posix_spawn_file_actions_addopen(&act, STDIN_FILENO, "/dev/null", O_RDONLY, 0) ||
              posix_spawn_file_actions_adddup2(&act, out, STDOUT_FILENO) || posix_spawn_file_actions_adddup2(&act, err, STDERR_FILENO) ||
              posix_spawn_file_actions_addchdir_np(&act, folder) ||
              posix_spawn(&j->pid, program, &act, &attr, (char *const *)argv, environ);
    posix_spawn_file_actions_destroy(&act);
    posix_spawnattr_destroy(&attr);
    return !bad;
}

bool web_job_start(struct web_job *j, const char *program, const char *folder, const char *const *argv, size_t bytes, struct err *e)
{
    int out[2], err[2];
    j->pid = 0;
    j->out = j->err = -1;
    j->said.n = j->complained.n = 0;
    if (pipe2(out, O_CLOEXEC) != 0)
        return err_env(e, "", "cannot start a question: %s", strerror(errno));
    if (pipe2(err, O_CLOEXEC) != 0) {
        close(out[0]);
        close(out[1]);
        return err_env(e, "", "cannot start a question: %s", strerror(errno));
    }
    bool ok = spawn(j, program, folder, argv, out[1], err[1]);
    close(out[1]);
    close(err[1]);
    j->out = out[0];
    j->err = err[0];
    if (!ok) {
        j->pid = 0;
        web_job_end(j);
        return err_env(e, "", "cannot start a question");
    }
    struct rlimit room = {bytes, bytes};
    if (bytes)
        prlimit(j->pid, RLIMIT_AS, &room, NULL);
    return true;
}

/* false: it said more than `most`, or memory ended. newest: then what was said before is dropped instead. */
static bool hear(int *fd, struct web_text *into, size_t most, bool newest)
{
    char part[1 << 14];
    ssize_t n = read(*fd, part, sizeof part);
    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (n <= 0) {
        close(*fd);
        *fd = -1;
        return true;
    }
    if (web_text_add(into, part, (size_t)n, most))
        return true;
    into->n = 0;
    return newest && web_text_add(into, part, (size_t)n, most);
}

enum web_job_state web_job_step(struct web_job *j, int wait_ms, int client)
{
    struct pollfd p[3] = {{.fd = j->out, .events = POLLIN}, {.fd = j->err, .events = POLLIN}, {.fd = client, .events = POLLRDHUP}};
    if (j->out < 0 && j->err < 0)
        return JOB_ENDED;
    if (poll(p, 3, wait_ms) <= 0)
        return JOB_RUNS;
    if (p[2].revents & (POLLRDHUP | POLLHUP | POLLERR))
        return JOB_UNHEARD;
    if (p[0].revents && !hear(&j->out, &j->said, SAID_MOST, false))
        return JOB_FAILED;
    if (p[1].revents && !hear(&j->err, &j->complained, COMPLAINED_MOST, true))
        return JOB_FAILED;
    return j->out < 0 && j->err < 0 ? JOB_ENDED : JOB_RUNS;
}

void web_job_end(struct web_job *j)
{
    bool ended = j->out < 0 && j->err < 0;
    if (j->out >= 0)
        close(j->out);
    if (j->err >= 0)
        close(j->err);
    j->out = j->err = -1;
    if (!j->pid)
        return;
    if (!ended)
        kill(-j->pid, SIGKILL);
    while (waitpid(j->pid, &j->status, 0) < 0 && errno == EINTR)
        ;
    j->pid = 0;
}

bool web_folder_make(char *name, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    if (!tmp || *tmp != '/' || snprintf(name, WEB_FOLDER, "%s/moat-ui-XXXXXX", tmp) >= WEB_FOLDER)
        snprintf(name, WEB_FOLDER, "/tmp/moat-ui-XXXXXX");
    if (mkdtemp(name))
        return true;
    err_env(e, name, "cannot make a folder: %s", strerror(errno));
    *name = '\0';
    return false;
}

bool web_folder_put(const char *folder, const char *name, const char *bytes, size_t n, struct err *e)
{
    char path[WEB_FOLDER + 128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return err_env(e, name, "cannot write: %s", strerror(errno));
    while (n) {
        ssize_t k = write(fd, bytes, n);
        if (k < 0 && errno == EINTR)
            continue;
        if (k < 0) {
            close(fd);
            return err_env(e, name, "cannot write: %s", strerror(errno));
        }
        bytes += k;
        n -= (size_t)k;
    }
    return close(fd) == 0 || err_env(e, name, "cannot write: %s", strerror(errno));
}

void web_folder_remove(const char *folder)
{
    DIR *d = *folder ? opendir(folder) : NULL;
    if (!d)
        return;
    for (struct dirent *entry; (entry = readdir(d));)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(dirfd(d), entry->d_name, 0);
    closedir(d);
    rmdir(folder);
}
