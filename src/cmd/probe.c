/* probe.c - `moat probe`: measure this machine, and write it as a chip. */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/pool.h"
#include "base/units.h"
#include "cmd/command.h"
#include "facts/accelerator.h"
#include "live/probe_gpu.h"
#include "show/show_probe.h"

static const struct option own[] = {
    {"device", "cpu|nvidia|all", "what is measured (default all; without an NVIDIA device the CPU)", NULL, AS_TEXT, NULL},
    {"out", "FILE.yaml", "write the machine as a chip file; of several devices as FILE.yaml, FILE-1.yaml, ...", NULL, AS_TEXT, NULL},
    {"id", "NAME", "id of the entry (default: host; of an NVIDIA device: its name)", NULL, AS_TEXT, NULL},
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

static bool which(const struct call *c, unsigned *out, struct err *e)
{
    static const struct { const char *name; unsigned devices; } row[] = {
        {"all", PROBE_CPU | PROBE_NVIDIA}, {"cpu", PROBE_CPU}, {"nvidia", PROBE_NVIDIA}};
    const char *text = option_text(c, "device");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!text || strcmp(text, row[i].name) == 0) {
            *out = row[i].devices;
            return true;
        }
    err_input(e, "--device", "no device \"%.40s\"", text);
    return err_mend(e, "write cpu, nvidia or all");
}

/* "NVIDIA H100 80GB HBM3" -> "nvidia-h100-80gb-hbm3" */
static const char *id_of(struct arena *a, const char *name)
{
    char *id = arena_strdup(a, name);
    for (char *p = id; *p; p++)
        *p = isalnum((unsigned char)*p) ? (char)tolower((unsigned char)*p) : '-';
    return id;
}

static bool write_chip(struct call *c, const struct accelerator *as, const char *file, size_t at, struct err *e)
{
    struct buf yaml = {.arena = c->arena};
    const char *dot = file ? strrchr(file, '.') : NULL;
    size_t stem = dot && !strchr(dot, '/') ? (size_t)(dot - file) : file ? strlen(file) : 0;
    if (!file)
        return true;
    if (at)
        file = arena_printf(c->arena, "%.*s-%zu%s", (int)stem, file, at, file + stem);
    accelerator_yaml(&yaml, as);
    return output_file(file, yaml.at, yaml.n, e);
}

static bool run(struct call *c, struct err *e)
{
    unsigned devices = 0;
    size_t written = 0;
    double seconds = 0.5, bytes = 0;
    struct probe *p = ARENA_NEW(c->arena, struct probe);
    struct accelerator as;
    const char *file = option_text(c, "out"), *id = option_text(c, "id");
    if (!input_args(c, 0, 0, e) || !which(c, &devices, e) || !unit_option(c, "time", UNIT_DURATION_S, 1e-3, 600, &seconds, e) ||
        !unit_option(c, "array", UNIT_BYTES, 1e6, 1e12, &bytes, e))
        return false;
    struct probe_options o = {.threads = c->threads, .seconds = seconds, .bytes = (int64_t)bytes, .library = !option_on(c, "no-library")};
    if (!probe_run(c->arena, o, devices, p, &c->notes, e))
        return false;
    if (p->cpu) {
        probe_accelerator(c->arena, p, id ? id : "host", &as);
        if (!write_chip(c, &as, file, written++, e))
            return false;
    }
    for (size_t i = 0; i < p->ngpu; i++) {
        struct accelerator gpu;
        const char *name = id && !p->cpu ? id : id_of(c->arena, p->gpu[i].name ? p->gpu[i].name : "nvidia");
        probe_gpu_accelerator(c->arena, &p->gpu[i], i ? arena_printf(c->arena, "%s-%zu", name, i) : name, p->date, &gpu);
        if (!write_chip(c, &gpu, file, written++, e))
            return false;
        if (written == 1)
            as = gpu;
    }
    while (call_show(c))
        show_probe(&c->show, p, &as, file);
    return true;
}

const struct command command_probe = {
    .name = "probe",
    .args = "",
    .help = "measure this machine: memory, matrix products, links, power",
    .about = "Reads, copies and adds arrays that no cache holds (STREAM's triad), multiplies matrices in every type that the processor has "
             "instructions for, with OpenBLAS too where it is installed, and hands a word from thread to thread. The best of the repetitions "
             "counts, as STREAM has it, and the median stands beside it.\n\n"
             "NVIDIA devices are found through the driver, cuBLASLt and NVML where they are installed: copies, bf16 and fp8 products, kernel "
             "launches, links to the host and to the next device, power. This part has run against a stand-in for those libraries, on no GPU yet.\n\n"
             "With --out the machine is written as a chip file with host and date: every command takes it where an accelerator is named. Its figures "
             "are what was reached, not what a spec sheet promises. With --threads so many threads work.",
    .example = {{"moat probe --out host.yaml", "what is this machine?"},
                {"moat predict llama-3.2-1b on host.yaml --precision int4 --batch 1", "and how fast is a small model on it?"}},
    .group = {&group_own},
    .run = run,
};
