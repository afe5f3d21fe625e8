/* main.c - moat: argv to a command, its document to stdout, its notes and its one error line to stderr.
**
** Exit codes: 0 done, 1 the question has no answer (the document is printed all the same), 2 an input or the usage is
** wrong, 3 the environment failed. Memory that ends anywhere below comes back here.
*/
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/num.h"
#include "cmd/command.h"

enum { EXIT_NO_ANSWER = 1, EXIT_USAGE = 2, EXIT_ENVIRONMENT = 3 };

static int complain(const struct err *e)
{
    fprintf(stderr, "moat: %s%s%s%s%s\n", e->place, *e->place ? ": " : "", e->what, *e->mend ? "; " : "", e->mend);
    return e->kind == ERR_ENV ? EXIT_ENVIRONMENT : EXIT_USAGE;
}

/* The width of the terminal on stdout; COLUMNS where it is given; else 80. */
static int screen_width(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int64_t n = 0;
    if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        n = size.ws_col;
    else if (columns && num_int(columns, strlen(columns), &n) && n > 1000)
        n = 1000;
    return n >= 40 ? (int)n : 80;
}

static bool colour_wanted(void)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && !(no && *no) && !(term && strcmp(term, "dumb") == 0);
}

static void print_notes(const struct call *c)
{
    for (size_t i = 0; !c->quiet && i < c->notes.n; i++) {
        const struct note *n = &c->notes.note[i];
        if (n->times > 1)
            fprintf(stderr, "moat: note: %s (%zu times)\n", n->text, n->times);
        else
            fprintf(stderr, "moat: note: %s\n", n->text);
    }
}

static bool dispatch(struct call *c, int argc, const char *const *argv, struct err *e)
{
    const char *names[32], *first = argc > 1 ? argv[1] : "--help";
    if (strcmp(first, "--help") == 0 || strcmp(first, "-h") == 0) {
        help_program(c);
        return true;
    }
    if (strcmp(first, "--version") == 0) {
        buf_fmt(&c->out, "moat %s\n", MOAT_VERSION);
        return true;
    }
    if (*first == '-') {
        err_input(e, "", "unknown option \"%.80s\"", first);
        return err_mend(e, "options come behind the command; see moat --help");
    }
    c->command = command_find(first);
    if (!c->command) {
        for (size_t i = 0; i < command_count && i < 32; i++)
            names[i] = command_table[i]->name;
        command_unknown("command", first, names, command_count, e);
        return *e->mend ? false : err_mend(e, "see moat --help");
    }
    c->show.command = c->command->name;
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            help_command(c, c->command);
            return true;
        }
    return options_parse(c, argc - 1, argv + 1, e) && c->command->run(c, e);
}

static int run(struct arena *a, int argc, const char *const *argv)
{
    struct timespec now;
    struct err e = {.kind = ERR_NONE};
    clock_gettime(CLOCK_MONOTONIC, &now);
    struct call c = {.arena = a, .notes = {.arena = a}, .out = {.arena = a}, .argc = argc, .argv = argv};
    c.began_s = (double)now.tv_sec + (double)now.tv_nsec / 1e9;
    c.show = (struct show){.arena = a, .out = &c.out, .width = screen_width(), .colour = colour_wanted(), .command = "",
                           .notes = &c.notes};
    if (!dispatch(&c, argc, argv, &e))
        return complain(&e);
    if (!output_report(&c, &e))
        return complain(&e);
    print_notes(&c);
    if (!output_write(STDOUT_FILENO, "standard output", buf_str(&c.out), c.out.n, &e))
        return complain(&e);
    return c.no_answer ? EXIT_NO_ANSWER : 0;
}

int main(int argc, char **argv)
{
    /* Simulations take and give back megabytes thousands of times: let the allocator keep them instead of the system. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    jmp_buf no_memory;
    struct arena *a = arena_new();
    int rc = EXIT_ENVIRONMENT;
    signal(SIGPIPE, SIG_IGN);   /* a reader that went away is an error of writing */
    if (a)
        arena_on_oom(a, &no_memory);
    if (a && setjmp(no_memory) == 0)
        rc = run(a, argc, (const char *const *)argv);
    else
        fputs("moat: no memory; free some, or ask for less\n", stderr);
    arena_free(a);
    return rc;
}
