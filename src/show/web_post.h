/* web_post.h - what was posted, checked and put into a folder. */
#ifndef MOAT_SHOW_WEB_POST_H
#define MOAT_SHOW_WEB_POST_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct web_question;

#define WEB_WORD 96
struct web_post {
    const char *scenario, *other;       /* names of files in the folder; NULL: not posted */
    char accelerator[WEB_WORD];
};

/* The body is a scenario in YAML or JSON; measured points or a trace (CSV), where the question takes a file; or a JSON object with
** `scenario` (an object, or text) and besides `files` (name to text), `accelerator`, `other`. */
bool web_post_read(struct arena *a, const struct web_question *q, const char *body, size_t n, const char *folder, struct web_post *out,
                   struct err *e);
/* The arguments of the program for it; last is NULL. more: an option, or NULL. */
bool web_post_argv(const struct web_question *q, const struct web_post *p, const char *const more[], const char *argv[], size_t room,
                   struct err *e);
/* Body as a JSON tree, in the arena. */
bool web_post_tree(struct arena *a, const char *body, size_t n, const char **json, struct err *e);

#endif
