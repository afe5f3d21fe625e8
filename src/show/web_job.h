/* web_job.h - one question as a process: started in a folder, read while it runs, ended at any time. */
#ifndef MOAT_SHOW_WEB_JOB_H
#define MOAT_SHOW_WEB_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct err;

struct web_text { char *at; size_t n, cap; };   /* NUL-terminated once anything was added */
/* false: no memory, or it would be longer than most. */
bool web_text_add(struct web_text *t, const char *bytes, size_t n, size_t most);
void web_text_free(struct web_text *t);

struct web_job {
    pid_t pid;                  /* 0: none runs */
    int out, err;               /* what it prints; -1: ended */
    struct web_text said, complained;
    int status;                 /* of waitpid, once it has ended */
};

enum web_job_state { JOB_RUNS, JOB_ENDED, JOB_UNHEARD, JOB_FAILED };   /* unheard: who asked has gone */

bool web_job_start(struct web_job *j, const char *program, const char *folder, const char *const *argv, size_t bytes, struct err *e);
/* Read what there is, for at most wait_ms. client: a socket whose end is watched; -1: none. */
enum web_job_state web_job_step(struct web_job *j, int wait_ms, int client);
void web_job_end(struct web_job *j);            /* kill if it runs, reap; its texts stay */

/* A folder of its own for a question; name has room for WEB_FOLDER bytes. */
#define WEB_FOLDER 64
bool web_folder_make(char *name, struct err *e);
bool web_folder_put(const char *folder, const char *name, const char *bytes, size_t n, struct err *e);
void web_folder_remove(const char *folder);     /* and the files in it */

#endif
