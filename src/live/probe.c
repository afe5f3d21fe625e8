/* probe.c - all figures of this machine, and the machine as a chip file. */
#include "live/probe.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/accelerator.h"
#include "live/probe_gpu.h"

#define MEMORY_FRAC 0.25        /* of the host's memory that the three arrays may take */
#define ARRAY_LEAST 64e6
#define ARRAY_MOST 4e9

static int64_t array_bytes(const struct probe_options *o, const struct probe_host *h, struct notes *notes)
{
    double want = fmin(fmax(4 * h->llc_bytes, ARRAY_LEAST), ARRAY_MOST), room = MEMORY_FRAC * h->mem_bytes / 3;
    if (o->bytes)
        return o->bytes;
    if (room > 0 && room < want)
        note_add(notes, "arrays of %.0f MB are less than four times the cache: the bandwidth may be the cache's", room / 1e6);
    return (int64_t)(room > 0 ? fmin(want, room) : want);
}

static const char *today(struct arena *a)
{
    char text[16];
    struct tm tm;
    time_t now = time(NULL);
    return gmtime_r(&now, &tm) && strftime(text, sizeof text, "%Y-%m-%d", &tm) ? arena_strdup(a, text) : "";
}

bool probe_run(struct arena *a, struct probe_options o, unsigned devices, struct probe *out, struct notes *notes, struct err *e)
{
    *out = (struct probe){.threads = o.threads, .date = today(a)};
    probe_host_read(a, &out->host);
    if (devices & PROBE_NVIDIA) {
        out->gpu = ARENA_ARRAY(a, struct probe_gpu, PROBE_GPUS);
        if (probe_gpus_run(a, &o, out->gpu, &out->ngpu, notes) && !(devices & PROBE_CPU))
            return true;
    }
    out->cpu = true;
    if (out->host.virtual_machine)
        note_add(notes, "this is a virtual machine: others on the host take from these figures when they work");
    return probe_memory_run(&o, array_bytes(&o, &out->host, notes), out, e) && probe_gemm_run(a, &o, out, notes, e) &&
           probe_wake_run(&o, out, e);
}

static const char *const figure_names[] = {"mem", "mem_bw", "fp32", "fp64", "bf16", "int8", "cores", "sram"};

void probe_accelerator(struct arena *a, const struct probe *p, const char *id, struct accelerator *out)
{
    const struct probe_host *h = &p->host;
    double fp32 = probe_best_flop_s(p, PROBE_FP32), half = probe_best_flop_s(p, PROBE_BF16);
    *out = (struct accelerator){
        .id = id, .name = h->cpu ? h->cpu : id, .vendor = h->vendor ? h->vendor : "unknown", .cls = "cpu", .arch = h->arch,
        .family = h->arch && strcmp(h->arch, "x86_64") == 0 ? "x86" : h->arch, .form = "host",
        .software = h->arch && strcmp(h->arch, "x86_64") == 0 ? "x86" : h->arch,
        .mem_bytes = h->mem_bytes, .mem_bw_bytes_s = p->memory_bytes_s[PROBE_READ].best, .sram_bytes = h->llc_bytes, .cores = p->threads,
        .scaleup = {.topology = TOPO_NONE, .domain = 1}, .node_cards = 1, .host_cards = 1, .mig_slices = 1, .available = true,
        .date = p->date,
    };
    out->peak_flop_s[ARITH_FP32] = fp32;
    out->peak_flop_s[ARITH_FP64] = probe_best_flop_s(p, PROBE_FP64);
    /* Without 16-bit products engines widen the weights and multiply in 32 bits. */
    out->peak_flop_s[ARITH_BF16] = half > 0 ? half : fp32;
    out->peak_flop_s[ARITH_INT8] = probe_best_flop_s(p, PROBE_INT8);
    size_t n = sizeof figure_names / sizeof *figure_names;
    out->figure = ARENA_ARRAY(a, struct figure, n);
    out->nfigure = n;
    for (size_t i = 0; i < n; i++)
        out->figure[i] = (struct figure){figure_names[i], FIGURE_ONE_SOURCE};
    out->source = ARENA_ARRAY(a, const char *, 1);
    out->nsource = 1;
    out->source[0] = arena_printf(a, "measured by moat probe on %s: %s, %d threads, %s%s", p->date, h->cpu ? h->cpu : "this host", p->threads,
                                  h->kernel ? h->kernel : "", h->virtual_machine ? ", virtual machine" : "");
    out->notes = arena_printf(a, "Rates and bandwidth are what was reached, not peaks: predictions that rest on them err on the slow side. Waking a "
                                 "thread takes %.1f us.%s", p->wake_s.best * 1e6, half > 0 ? "" : " No 16-bit products: bf16 is the 32-bit rate.");
}
