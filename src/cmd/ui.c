/* ui.c - `moat ui`: the page of --html, live, in a browser on this machine. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/pool.h"
#include "cmd/command.h"
#include "show/html.h"
#include "show/web.h"

#define PORT 8620
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define JOB_BYTES 0             /* a sanitizer reserves terabytes */
#else
#define JOB_BYTES ((size_t)8 << 30)
#endif

/* What may be asked, and the command line that answers it. */
static const struct web_question question[] = {
    {"plan", false, {"plan", "@scenario"}, "--estimate"},
    {"sim", false, {"sim", "@scenario"}, NULL},
    {"predict", false, {"predict", "@scenario"}, NULL},
    {"train", false, {"train", "@scenario"}, NULL},
    {"sweep", false, {"sweep", "@scenario", "--max-cells", "1000"}, NULL},
    {"explain", false, {"explain", "@accelerator", "in", "@scenario"}, NULL},
    {"compare", false, {"compare", "@scenario", "@other"}, NULL},
    {"validate", false, {"validate", "@points"}, NULL},
    {"accelerators", true, {"catalog", "list", "accelerators"}, NULL},
    {"models", true, {"catalog", "list", "models"}, NULL},
    {"prices", true, {"catalog", "list", "prices"}, NULL},
    {"work", true, {"catalog", "list", "work"}, NULL},
    {"presets", true, {"trace", "formats"}, NULL},
};

static const struct option own[] = {
    {"port", "N", "where it listens (default 8620; 0: any that is free)", NULL, AS_TEXT, NULL},
    {"listen", "ADDRESS", "an address of this machine (default 127.0.0.1: nobody else reaches it)", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Server", own);

static bool run(struct call *c, struct err *e)
{
    int64_t port = PORT;
    const char *listen = option_text(c, "listen");
    struct web_options o = {.address = listen ? listen : "127.0.0.1", .program = "/proc/self/exe", .question = question,
                            .nquestion = sizeof question / sizeof *question, .jobs = pool_cores() + 1, .job_bytes = JOB_BYTES};
    size_t page;
    sigset_t ends;
    int got;
    if (!input_args(c, 0, 0, e) || !option_int(c, "port", 0, 65535, &port, e))
        return false;
    html_page(&page);
    if (!page)
        return html_missing("ui", e);
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGHUP);
    sigprocmask(SIG_BLOCK, &ends, NULL);        /* before threads are made: they inherit it */
    o.port = (int)port;
    struct web *w = web_start(&o, e);
    if (!w)
        return false;
    bool six = strchr(o.address, ':') != NULL;
    const char *line = arena_printf(c->arena, "http://%s%s%s:%d/\n", six ? "[" : "", o.address, six ? "]" : "", web_port(w));
    bool ok = output_write(STDOUT_FILENO, "standard output", line, strlen(line), e);
    if (ok && !c->quiet)
        fputs("moat: open it in a browser; Ctrl-C ends it\n", stderr);
    if (ok)
        sigwait(&ends, &got);
    web_stop(w);
    return ok;
}

const struct command command_ui = {
    .name = "ui", .args = "",
    .help = "the same in a browser: change an input, see the answer",
    .about = "Serves a page on this machine: forms for the questions, an estimate at once and the verified answer after it, the pictures of --html. "
             "What is asked stands in the address of the page, so a link opens it again. It takes scenarios, config.json, chip files, traces, measured "
             "points and results that are dropped or pasted on it, and gives the scenario as YAML, the result as JSON and the report as HTML.\n\n"
             "It only reads: a question sees the catalog and what was posted with it, no other file. Nobody but this machine reaches it, unless "
             "--listen says so; then whoever reaches the address can ask. The address is printed on standard output. POST a scenario to "
             "/api/run/plan (sim, predict, train, sweep, ...) for the JSON that the command prints (docs/page.md).",
    .example = {{"moat ui", "then open http://127.0.0.1:8620/"},
                {"moat ui --port 0", "on any free port"}},
    .group = {&group_own}, .run = run,
};
