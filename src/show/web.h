/* web.h - the server behind `moat ui`: the page, and an API that answers a posted scenario with a command's JSON.
**
**      GET  /                      the page
**      GET  /api/catalog/NAME      a list of the catalog
**      POST /api/tree              YAML or JSON as a JSON tree
**      POST /api/run/COMMAND       the command's document; with Accept: text/event-stream its stages as they come
**
** A question is run as a process of its own, in a folder of its own that holds what was posted and nothing else, so that a newer
** question can end it, its memory is its own, and the answer is byte for byte what the command line prints. Names in what is
** posted cannot lead out of that folder. Only hosts that are localhost or an address are served, and only pages of this server.
*/
#ifndef MOAT_SHOW_WEB_H
#define MOAT_SHOW_WEB_H

#include <stdbool.h>
#include <stddef.h>

struct err;
struct web;

#define WEB_ARGS 8
struct web_question {           /* a row of what may be asked; "@..." in arg stands for what was posted */
    const char *name;           /* path behind /api/run/ or /api/catalog/ */
    bool get;
    const char *arg[WEB_ARGS];  /* of the program: {"plan", "@scenario"} */
    const char *first;          /* an option that makes it answer at once, for a stage before the answer; NULL: none */
};

struct web_options {
    const char *address;        /* numeric */
    int port;                   /* 0: any that is free */
    const char *program;        /* what runs a question */
    const struct web_question *question; size_t nquestion;
    int jobs;                   /* questions that run at a time; more wait */
    size_t job_bytes;           /* address space of one; 0: no limit */
};

/* o lives as long as the server. NULL: e says why. */
struct web *web_start(const struct web_options *o, struct err *e);
int web_port(const struct web *w);
void web_stop(struct web *w);   /* ends what still runs */

#endif
