/* sweep.c - `moat sweep`: a grid over scenario keys, each cell simulated, predicted or planned, on threads. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/doc.h"
#include "cmd/command.h"
#include "show/show_sweep.h"

static const struct option own[] = {
    {"over", "KEY=VALUES", "vary a key: a list, or a range as 1..8, 1..64*2, 5..50+5/s (may be repeated)", NULL, AS_TEXT, NULL},
    {"run", "COMMAND", "what each cell is run as: sim (default), predict, plan", NULL, AS_TEXT, NULL},
    {"seeds", "N", "sim: so many seeds a cell, with intervals over them", "seeds", AS_YAML, NULL},
    {"intervals", NULL, "the 80% interval of each prediction (sim: three times the work)", NULL, AS_TEXT, NULL},
    {"journal", "FILE", "keep finished cells here, and take from it those that are there", NULL, AS_TEXT, NULL},
    {"max-cells", "N", "refuse a grid of more cells (default 10,000)", NULL, AS_TEXT, NULL},
    {"replicas", "N", "equal copies behind the router", "replicas", AS_YAML, NULL},
};
static const struct option_group group_own = OPTION_GROUP("Sweep", own);

static bool kind_of(const struct call *c, enum sweep_kind *out, struct err *e)
{
    const char *name = option_text(c, "run");
    *out = SWEEP_SIM;
    for (int k = 0; name && k < SWEEP_KIND_N; k++)
        if (strcmp(name, sweep_kind_name[k]) == 0) {
            *out = (enum sweep_kind)k;
            return true;
        }
    if (!name)
        return true;
    command_unknown("command", name, sweep_kind_name, SWEEP_KIND_N, e);
    return *e->mend ? false : err_mend(e, "a cell is run as sim, predict or plan");
}

static bool axes(struct call *c, struct node *doc, struct grid *g, struct err *e)
{
    const char **over = ARENA_ARRAY(c->arena, const char *, c->ngiven);
    size_t n = 0;
    int64_t most = GRID_CELLS;
    for (size_t i = 0; i < c->ngiven; i++)
        if (strcmp(c->given[i].option->name, "over") == 0)
            over[n++] = c->given[i].text;
    if (!option_int(c, "max-cells", 1, 100000000, &most, e) ||
        !grid_read(c->arena, node_get(doc, "sweep"), over, n, (uint64_t)most, g, e))
        return false;
    for (size_t k = 0; c->seed && k < g->naxis; k++)
        if (strcmp(g->axis[k].key, "seed") == 0)
            return err_input(e, g->axis[k].place, "--seed and a sweep over seeds exclude each other");
    return true;
}

struct journal {
    int fd;
    const char *name;
    bool begun;                 /* something was written: what was cut short is off, and the head is there */
    size_t whole;               /* bytes of whole lines that were found */
    struct call *call;
};

static void journal_close(void *journal)
{
    struct journal *j = journal;
    if (j->fd >= 0)
        close(j->fd);
}

/* What is there goes to o; the file is left open behind it. */
static bool journal_open(struct call *c, struct journal *j, struct sweep_options *o, struct err *e)
{
    char *bytes;
    struct stat st;
    *j = (struct journal){.fd = -1, .name = option_text(c, "journal"), .call = c};
    if (!j->name)
        return true;
    j->fd = open(j->name, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (j->fd < 0)
        return err_env(e, j->name, "cannot write: %s", strerror(errno));
    arena_defer(c->arena, journal_close, j);
    if (fstat(j->fd, &st) != 0 || !S_ISREG(st.st_mode))
        return err_input(e, j->name, "expected a plain file: a journal is read and written");
    if (flock(j->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return err_env(e, j->name, "another sweep is writing it");
    if (!file_read(c->arena, j->name, 0, &bytes, &o->journal_bytes, e))
        return false;
    o->journal = bytes;
    o->journal_name = j->name;
    j->whole = sweep_journal_whole(bytes, o->journal_bytes);
    return true;
}

static bool append(void *journal, const char *line, size_t n, struct err *e)
{
    struct journal *j = journal;
    if (j->fd < 0)
        return true;
    if (!j->begun && ftruncate(j->fd, (off_t)j->whole) != 0)
        return err_env(e, j->name, "cannot write: %s", strerror(errno));
    if (!j->begun && !j->whole && !output_write(j->fd, j->name, sweep_journal_head, strlen(sweep_journal_head), e))
        return false;
    j->begun = true;
    return output_write(j->fd, j->name, line, n, e);
}

static void tick(void *journal, size_t done, size_t of)
{
    progress_tick(((struct journal *)journal)->call, done, of);
}

static bool run(struct call *c, struct err *e)
{
    struct catalog *cat;
    struct node *doc;
    struct grid grid;
    struct sweep sweep;
    struct journal *journal = ARENA_NEW(c->arena, struct journal); /* closed with the arena */
    struct sweep_options o = {.threads = c->threads, .seed = c->seed, .intervals = option_on(c, "intervals"), .append = append,
                              .tick = progress_wanted(c) ? tick : NULL, .ctx = journal};
    if (!input_args(c, 0, 1, e) || !kind_of(c, &o.kind, e))
        return false;
    if (!c->narg && !option_text(c, "model"))
        return usage_error(c, e, "name a scenario file, or --model, --accelerator and --trace or --preset");
    if (!input_catalog(c, &cat, e) || !input_doc(c, c->narg ? c->arg[0] : NULL, &doc, e) || !axes(c, doc, &grid, e))
        return false;
    input_replace(c, doc, "sweep", NULL);
    if (o.kind == SWEEP_PREDICT && !input_point(c, doc, e))
        return false;
    if (!journal_open(c, journal, &o, e))
        return false;
    o.program = sweep_program(c->arena, "/proc/self/exe");
    c->counting = "cells";
    bool ok = sweep_run(c->arena, cat, &grid, doc, &o, &sweep, &c->notes, e);
    progress_clear(c);
    if (!ok)
        return false;
    input_replace(c, doc, "sweep", grid_node(c->arena, &grid));
    c->show.inputs = doc;
    c->show.seed = sweep.cell[0].s.seed;
    c->no_answer = !sweep.nanswered;
    while (call_show(c))
        show_sweep(&c->show, &sweep);
    return true;
}

const struct command command_sweep = {
    .name = "sweep", .args = "SCENARIO.yaml",
    .help = "a grid over any keys of a scenario, each cell simulated, predicted or planned",
    .about = "Every combination of the values of --over, and of the section `sweep:` of the file, is a cell: the scenario with these values "
             "in it, run as moat sim would (--run predict, --run plan: as those would). One row a cell; the last key changes fastest. "
             "A cell that cannot be run, because it does not fit, say, is a row with the reason. Exit 1 when none can.\n\n"
             "Figures are predictions at a point; --intervals adds their 80% intervals, --seeds N those of the draw. "
             "With --journal a sweep that was stopped goes on where it was, and prints what it would have printed.",
    .example = {{"moat sweep examples/sim-70b-h100.yaml --over replicas=1..4 --over 'scheduler.max_tokens=[2048, 8192]'",
                 "how many replicas, and which chunk?"},
                {"moat sweep examples/sim-70b-h100.yaml --over traffic.rate=2..20+2/s --over accelerator=h100,h200 --csv",
                 "latency against load on two devices, as CSV"},
                {"moat sweep examples/sweep-70b.yaml", "axes in the file"},
                {"moat sweep --run predict --model llama-3.1-8b --accelerator l40s --over batch=1..128*2", "throughput by batch"},
                {"moat sweep examples/chat-8b.yaml --run plan --over slo.tpot.p99=20..60+20ms --journal plans.jsonl",
                 "what does a stricter promise cost? Stop it, start it again"}},
    .group = {&group_deploy, &group_own, &group_traffic, &group_slo, &group_price}, .run = run,
};
