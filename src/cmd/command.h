/* command.h - what a command is: one small file that ends in a const row of the table in command.c.
**
** The row feeds the parser, --help and the man page, so the three cannot differ. A command gets its arguments checked
** and its options looked up; it appends its document to call->out and returns. main.c prints what is there, once.
*/
#ifndef MOAT_CMD_COMMAND_H
#define MOAT_CMD_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "show/show.h"

struct arena;
struct call;
struct catalog;
struct node;

/* How the text of an option becomes the value of a scenario key. */
enum option_as {
    AS_TEXT,                    /* a string, whatever it looks like */
    AS_YAML,                    /* as it would stand in a file: 4, 2s, [a, b] */
    AS_LIST,                    /* a,b,c -> [a, b, c]; a single word stays one */
};

struct option {
    const char *name;           /* without dashes */
    const char *arg;            /* name of its argument in the help; NULL: a switch */
    const char *help;           /* one line, no full stop */
    const char *key;            /* scenario key it sets (a switch: to true); NULL: the command looks it up */
    enum option_as as;
    const char *drops;          /* keys of a file that it takes the place of, parted by blanks */
};

struct option_group { const char *title; const struct option *option; size_t n; };
#define OPTION_GROUP(title, table) {title, table, sizeof table / sizeof *table}

extern const struct option_group group_common, group_traffic, group_slo, group_deploy, group_price;

struct example { const char *line, *why; };     /* line begins with "moat" */

#define GROUPS_MAX 6
#define EXAMPLES_MAX 6
struct command {
    const char *name;
    const char *args;           /* "SCENARIO.yaml" */
    const char *help;           /* one line */
    const char *about;          /* paragraphs, parted by blank lines */
    struct example example[EXAMPLES_MAX];
    const struct option_group *group[GROUPS_MAX];       /* ends in NULL; the common group is added */
    bool (*run)(struct call *c, struct err *e);
};

extern const struct command command_plan, command_sim, command_predict, command_compare, command_explain, command_catalog,
    command_trace, command_train, command_fleet, command_breakeven, command_emit, command_bench, command_probe, command_validate, command_calibrate, command_sweep, command_ui, command_help;
extern const struct command *const command_table[];
extern const size_t command_count;
const struct command *command_find(const char *name);           /* NULL: none */
bool command_unknown(const char *what, const char *name, const char *const *names, size_t n, struct err *e);

struct given { const struct option *option; const char *text; };   /* text NULL for a switch */

struct call {
    struct arena *arena;
    const struct command *command;
    const char *const *arg; size_t narg;        /* what is not an option */
    const struct given *given; size_t ngiven;   /* in the order typed */
    struct notes notes;
    struct buf out;
    struct buf report;          /* with --html: the JSON that the page shows */
    int shown;                  /* formats that call_show has asked for */
    int argc; const char *const *argv;          /* as typed, for the report */
    struct show show;           /* filled but for `inputs` */
    uint64_t seed;              /* 0: not given */
    int threads;
    bool quiet;
    const char *counting;       /* what progress counts; NULL: accelerators */
    bool no_answer;             /* set by a command whose question has none: exit 1 */
    double began_s;
};

/* options.c: argv (behind the command) into call->arg and call->given; common options into call. */
bool options_parse(struct call *c, int argc, const char *const *argv, struct err *e);
const char *option_text(const struct call *c, const char *name);        /* the last one given; NULL: none */
bool option_on(const struct call *c, const char *name);
bool option_int(const struct call *c, const char *name, int64_t lo, int64_t hi, int64_t *out, struct err *e);

/* input.c: the scenario's tree: the file (NULL: none), then the options in the order typed. */
bool input_doc(struct call *c, const char *file, struct node **doc, struct err *e);
/* MODEL on ACCELERATOR: a word of the command line becomes the value of a key. */
bool input_name(struct call *c, struct node *doc, const char *key, const char *name, struct err *e);
/* Put a copy of value under a top-level key, or take the key out where value is NULL. */
void input_replace(struct call *c, struct node *doc, const char *key, const struct node *value);
/* batch, isl and osl where they are not given: what `predict` looks at. */
bool input_point(struct call *c, struct node *doc, struct err *e);
bool input_catalog(struct call *c, struct catalog **out, struct err *e);
/* Exactly n arguments, else an error that shows the usage. */
bool input_args(struct call *c, size_t lo, size_t hi, struct err *e);
bool usage_error(const struct call *c, struct err *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* help.c */
void help_program(struct call *c);
void help_command(struct call *c, const struct command *cmd);

/* output.c: nothing is written before all went well. */
void call_clock(struct call *c);                /* show.wall_s and peak_rss_mb, as of now */
/* A document in every format that is wanted: what was asked for goes to call->out, then with --html the JSON to call->report.
** `while (call_show(c)) show_plan(&c->show, &p);` */
bool call_show(struct call *c);
bool output_report(struct call *c, struct err *e);      /* the file of --html, when all went well */
bool output_write(int fd, const char *name, const char *bytes, size_t n, struct err *e);
bool output_file(const char *path, const char *bytes, size_t n, struct err *e);
/* The same in parts, for what is too big to be held: -1 and e when it cannot be opened; ok: all went well so far. */
int output_open(const char *path, struct err *e);
bool output_close(int fd, const char *path, bool ok, struct err *e);
bool progress_wanted(const struct call *c);
void progress_tick(void *call, size_t done, size_t of);
void progress_clear(const struct call *c);

#endif
