/* help.c - `moat help`, --help and the man pages, all from the table of commands. */
#include <string.h>

#include "base/arena.h"
#include "cmd/command.h"
#include "show/document.h"
#include "show/text.h"

static const struct { const char *code, *text; } exit_row[] = {
    {"0", "done"},
    {"1", "the question has no answer: the document is printed all the same, and says which constraint binds and by how much"},
    {"2", "the content of an input, or the usage, is wrong: one line on stderr, nothing on stdout"},
    {"3", "the environment failed (a file missing or unreadable, no memory, no disk): one line on stderr, nothing on stdout"},
};

static const char tagline[] = "which accelerators should serve this model, how many, and at what cost";

static void heading(const struct call *c, const char *text)
{
    buf_fmt(c->show.out, "\n%s%s%s\n", ink(&c->show, INK_BOLD), text, ink_off(&c->show));
}

static void item(const struct call *c, const char *left, int width, const char *right)
{
    buf_fmt(c->show.out, "  %-*s", width, left);
    if ((int)strlen(left) >= width)
        buf_fmt(c->show.out, "\n  %*s", width, "");
    text_wrap(c->show.out, right, width + 2, c->show.width, width + 2);
    buf_add(c->show.out, "\n");
}

/* The last blank before an option within the first n bytes: there a shell line may go on behind a backslash. */
static const char *last_break(const char *line, int n)
{
    const char *best = NULL;
    for (const char *p = strstr(line, " --"); p && p - line < n; p = strstr(p + 1, " --"))
        best = p;
    return best;
}

static void example(const struct call *c, const struct example *x)
{
    const char *line = x->line, *cut;
    int room = c->show.width - 4;
    buf_add(c->show.out, "  ");
    while (text_width(line) > room && (cut = last_break(line, room))) {
        buf_fmt(c->show.out, "%.*s \\\n    ", (int)(cut - line), line);
        line = cut + 1;
        room = c->show.width - 6;
    }
    buf_fmt(c->show.out, "%s\n      ", line);
    text_wrap(c->show.out, x->why, 6, c->show.width, 6);
    buf_add(c->show.out, "\n");
}

static const char *left_of(const struct call *c, const struct option *o)
{
    return o->arg ? arena_printf(c->arena, "--%s %s", o->name, o->arg) : arena_printf(c->arena, "--%s", o->name);
}

void help_program(struct call *c)
{
    buf_fmt(&c->out, "%smoat%s - ", ink(&c->show, INK_BOLD), ink_off(&c->show));
    text_wrap(&c->out, tagline, 7, c->show.width, 7);
    buf_add(&c->out, "\n");
    heading(c, "Examples");
    const struct command *first[] = {&command_plan, &command_predict, &command_catalog};
    for (size_t i = 0; i < sizeof first / sizeof *first; i++)
        example(c, &first[i]->example[0]);
    heading(c, "Commands");
    for (size_t i = 0; i < command_count; i++)
        item(c, command_table[i]->name, 10, command_table[i]->help);
    buf_add(&c->out, "\nmoat help COMMAND shows its options. Every command takes --json and --csv.\n");
}

/* about is paragraphs parted by a blank line. */
static void paragraphs(const struct call *c, const char *about)
{
    while (*about) {
        const char *end = strstr(about, "\n\n");
        size_t n = end ? (size_t)(end - about) : strlen(about);
        buf_add(c->show.out, "\n");
        text_wrap(c->show.out, arena_strndup(c->arena, about, n), 0, c->show.width, 0);
        buf_add(c->show.out, "\n");
        about += n;
        about += end ? 2 : 0;
    }
}

void help_command(struct call *c, const struct command *cmd)
{
    buf_fmt(&c->out, "%smoat %s%s %s%s\n", ink(&c->show, INK_BOLD), cmd->name, ink_off(&c->show), cmd->args, *cmd->args ? " [options]" : "[options]");
    text_wrap(&c->out, cmd->help, 0, c->show.width, 0);
    buf_add(&c->out, "\n");
    heading(c, "Examples");
    for (size_t i = 0; i < EXAMPLES_MAX && cmd->example[i].line; i++)
        example(c, &cmd->example[i]);
    paragraphs(c, cmd->about);
    for (size_t g = 0; g <= GROUPS_MAX; g++) {
        const struct option_group *group = g < GROUPS_MAX ? cmd->group[g] : &group_common;
        if (!group)
            continue;
        heading(c, group->title);
        for (size_t i = 0; i < group->n; i++)
            item(c, left_of(c, &group->option[i]), 22, group->option[i].help);
    }
    heading(c, "Exit codes");
    for (size_t i = 0; i < sizeof exit_row / sizeof *exit_row; i++)
        item(c, exit_row[i].code, 4, exit_row[i].text);
}

/* --- man pages, as scdoc source --- */

/* Words of the user's tables may hold characters that scdoc takes as markup. */
static void scd(struct buf *b, const char *s)
{
    for (; *s; s++) {
        if (strchr("_*\\#[]`~<>", *s))
            buf_add(b, "\\");
        buf_addn(b, s, 1);
    }
}

static void scd_options(struct buf *b, const struct option_group *group)
{
    buf_add(b, "## ");
    scd(b, group->title);
    buf_add(b, "\n\n");
    for (size_t i = 0; i < group->n; i++) {
        const struct option *o = &group->option[i];
        buf_fmt(b, "*--%s*", o->name);
        if (o->arg) {
            buf_add(b, " _");
            scd(b, o->arg);
            buf_add(b, "_");
        }
        buf_add(b, "\n\t");
        scd(b, o->help);
        buf_add(b, "\n\n");
    }
}

static void scd_exit(struct buf *b)
{
    buf_add(b, "# EXIT STATUS\n\n");
    for (size_t i = 0; i < sizeof exit_row / sizeof *exit_row; i++) {
        buf_fmt(b, "*%s*\n\t", exit_row[i].code);
        scd(b, exit_row[i].text);
        buf_add(b, "\n\n");
    }
}

static void scd_example(struct buf *b, const struct example *x)
{
    size_t n = strlen(x->why);
    scd(b, x->why);
    buf_fmt(b, "%s\n\n```\n%s\n```\n\n", n && x->why[n - 1] == '?' ? "" : ":", x->line);
}

static void man_command(struct buf *b, const struct command *cmd)
{
    buf_fmt(b, "moat-%s(1)\n\n# NAME\n\nmoat-%s - ", cmd->name, cmd->name);
    scd(b, cmd->help);
    buf_fmt(b, "\n\n# SYNOPSIS\n\n*moat %s* ", cmd->name);
    scd(b, cmd->args);
    scd(b, *cmd->args ? " [options]" : "[options]");
    buf_add(b, "\n\n# DESCRIPTION\n\n");
    scd(b, cmd->about);
    buf_add(b, "\n\n# EXAMPLES\n\n");
    for (size_t i = 0; i < EXAMPLES_MAX && cmd->example[i].line; i++)
        scd_example(b, &cmd->example[i]);
    buf_add(b, "# OPTIONS\n\n");
    for (size_t g = 0; g < GROUPS_MAX; g++)
        if (cmd->group[g])
            scd_options(b, cmd->group[g]);
    scd_options(b, &group_common);
    scd_exit(b);
    buf_add(b, "# SEE ALSO\n\n*moat*(1)\n");
}

static void man_program(struct buf *b)
{
    buf_add(b, "moat(1)\n\n# NAME\n\nmoat - ");
    scd(b, tagline);
    buf_add(b, "\n\n# SYNOPSIS\n\n*moat* _command_ [arguments] [options]\n\n# DESCRIPTION\n\nResults go to standard output, notes and "
               "progress to standard error. The same input and seed give the same bytes, whatever the number of threads; in JSON only "
               "the object _run_ (timings) may differ.\n\n# COMMANDS\n\n");
    for (size_t i = 0; i < command_count; i++) {
        buf_fmt(b, "*moat %s* ", command_table[i]->name);
        scd(b, command_table[i]->args);
        buf_add(b, "\n\t");
        scd(b, command_table[i]->help);
        buf_add(b, "\n\n");
    }
    buf_add(b, "# EXAMPLES\n\n");
    for (size_t i = 0; i < command_count; i++)
        if (command_table[i]->example[0].line)
            scd_example(b, &command_table[i]->example[0]);
    buf_add(b, "# OPTIONS\n\n");
    scd_options(b, &group_common);
    scd_exit(b);
    buf_add(b, "# ENVIRONMENT\n\n*NO\\_COLOR*\n\tset and not empty: no colours\n\n*COLUMNS*\n\twidth of the text where standard output is no "
               "terminal (default 80)\n\n# SEE ALSO\n\n");
    for (size_t i = 0; i < command_count; i++)
        buf_fmt(b, "%s*moat-%s*(1)", i ? ", " : "", command_table[i]->name);
    buf_add(b, "\n");
}

static bool run_help(struct call *c, struct err *e)
{
    const struct command *cmd = NULL;
    const char *names[32];
    if (!input_args(c, 0, 1, e))
        return false;
    if (c->narg && !(cmd = command_find(c->arg[0]))) {
        for (size_t i = 0; i < command_count && i < 32; i++)
            names[i] = command_table[i]->name;
        return command_unknown("command", c->arg[0], names, command_count, e);
    }
    if (option_on(c, "man") && cmd)
        man_command(&c->out, cmd);
    else if (option_on(c, "man"))
        man_program(&c->out);
    else if (cmd)
        help_command(c, cmd);
    else
        help_program(c);
    return true;
}

static const struct option own[] = {{"man", NULL, "the man page instead, as scdoc source", NULL, AS_TEXT, NULL}};
static const struct option_group group_own = OPTION_GROUP("Help", own);

const struct command command_help = {
    .name = "help", .args = "[COMMAND]", .help = "what a command does, with examples and options",
    .about = "Without an argument, all commands in one line each. moat COMMAND --help is the same as moat help COMMAND.",
    .example = {{"moat help plan", "examples and options of moat plan"}},
    .group = {&group_own}, .run = run_help,
};
