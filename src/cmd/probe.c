/* probe.c - `moat probe`: measure this machine, and write it as a chip. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/pool.h"
#include "base/units.h"
#include "cmd/command.h"
#include "facts/accelerator.h"
#include "show/show_probe.h"

static const struct option own[] = {
    {"out", "FILE.yaml", "write the machine as a chip file", NULL, AS_TEXT, NULL},
    {"id", "NAME", "id of the entry (default: host)", NULL, AS_TEXT, NULL},
    {"time", "DURATION", "about so long for each figure (default 500ms)", NULL, AS_TEXT, NULL},
    {"array", "SIZE", "of each array of the bandwidth test (default: four times the last-level cache)", NULL, AS_TEXT, NULL},
    {"no-library", NULL, "do not load OpenBLAS: moat's own kernels only", NULL, AS_TEXT, NULL},
};
static const struct option_group group_own = OPTION_GROUP("What is measured", own);

static bool unit_option(const struct call *c, const char *name, enum unit u, double lo, double hi, double *out, struct err *e)
{
    const char *text = option_text(c, name);
    if (!text)
        return true;
    char place[32] = "--";
    strncat(place, name, sizeof place - 3);
    if (!unit_parse(text, u, out, place, e))
        return false;
    return (*out >= lo && *out <= hi) || err_input(e, place, "%s is out of range", text);
}

static bool run(struct call *c, struct err *e)
{
    double seconds = 0.5, bytes = 0;
    struct probe *p = ARENA_NEW(c->arena, struct probe);
    struct accelerator as;
    const char *file = option_text(c, "out"), *id = option_text(c, "id");
    if (!input_args(c, 0, 0, e) || !unit_option(c, "time", UNIT_DURATION_S, 1e-3, 600, &seconds, e) ||
        !unit_option(c, "array", UNIT_BYTES, 1e6, 1e12, &bytes, e))
        return false;
    struct probe_options o = {.threads = c->threads, .seconds = seconds, .bytes = (int64_t)bytes, .library = !option_on(c, "no-library")};
    if (!probe_run(c->arena, o, p, &c->notes, e))
        return false;
    probe_accelerator(c->arena, p, id ? id : "host", &as);
    if (file) {
        struct buf yaml = {.arena = c->arena};
        accelerator_yaml(&yaml, &as);
        if (!output_file(file, yaml.at, yaml.n, e))
            return false;
    }
    while (call_show(c))
        show_probe(&c->show, p, &as, file);
    return true;
}

const struct command command_probe = {
    .name = "probe",
    .args = "",
    .help = "measure this machine: memory, matrix products, waking a thread",
    .about = "Reads, copies and adds arrays that no cache holds (STREAM's triad), multiplies matrices in every type that the processor has "
             "instructions for, with OpenBLAS too where it is installed, and hands a word from thread to thread. The best of the repetitions "
             "counts, as STREAM has it, and the median stands beside it.\n\n"
             "With --out the machine is written as a chip file with host and date: every command takes it where an accelerator is named. Its figures "
             "are what was reached, not what a spec sheet promises. With --threads so many threads work.",
    .example = {{"moat probe --out host.yaml", "what is this machine?"},
                {"moat predict llama-3.2-1b on host.yaml --precision int4 --batch 1", "and how fast is a small model on it?"}},
    .group = {&group_own},
    .run = run,
};
