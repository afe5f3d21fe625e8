/* show_probe.c - the figures of this machine as text, JSON and CSV. */
#include "show/show_probe.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "facts/accelerator.h"
#include "show/document.h"
#include "show/table.h"
#include "live/probe_gpu.h"

static void span_json(struct jw *w, const char *key, struct probe_span v)
{
    if (!(v.best > 0))
        return;
    char median[64];
    snprintf(median, sizeof median, "%s_median", key);
    jw_num(w, key, v.best);
    jw_num(w, median, v.median);
}

static void cpu_json(struct jw *w, const struct show *s, const struct probe *p)
{
    jw_int(w, "threads", p->threads);
    jw_obj(w, "memory");
    jw_num(w, "array_mb", (double)p->array_bytes / 1e6);
    for (int i = 0; i < PROBE_MEMORY_N; i++)
        span_json(w, arena_printf(s->arena, "%s_bytes_s", probe_memory_name[i]), p->memory_bytes_s[i]);
    span_json(w, "read_one_thread_bytes_s", p->memory_one_bytes_s);
    jw_end(w);
    jw_str(w, "library", p->library);
    jw_arr(w, "gemm");
    for (size_t i = 0; i < p->ngemm; i++) {
        const struct probe_gemm *g = &p->gemm[i];
        jw_obj(w, NULL);
        jw_str(w, "type", probe_type_name[g->type]);
        jw_str(w, "kernel", g->kernel);
        jw_int(w, "m", g->m);
        jw_int(w, "n", g->n);
        jw_int(w, "k", g->k);
        span_json(w, "flop_s", g->flop_s);
        jw_end(w);
    }
    jw_end(w);
    span_json(w, "wake_s", p->wake_s);
}

static void json(const struct show *s, const struct probe *p, const struct accelerator *as, const char *file)
{
    const struct probe_host *h = &p->host;
    struct jw w;
    jw_init(&w, s->out);
    document_begin(&w, s, "moat.probe/1");
    jw_str(&w, "date", p->date);
    jw_obj(&w, "host");
    jw_str(&w, "cpu", h->cpu);
    jw_str(&w, "vendor", h->vendor);
    jw_str(&w, "arch", h->arch);
    jw_str(&w, "extensions", h->flags);
    jw_str(&w, "kernel", h->kernel);
    jw_int(&w, "cores", h->cores);
    jw_num(&w, "mem_gb", h->mem_bytes / GIGA);
    jw_num(&w, "llc_mb", h->llc_bytes / 1e6);
    jw_bool(&w, "virtual_machine", h->virtual_machine);
    jw_end(&w);
    if (p->cpu)
        cpu_json(&w, s, p);
    show_probe_gpu_json(&w, s, p);
    jw_str(&w, "accelerator", as->id);
    jw_str(&w, "file", file);
    document_end(&w, s);
}

static void csv(const struct show *s, const struct probe *p)
{
    buf_add(s->out, "what,kernel,shape,best,median,unit\n");
    show_probe_gpu_csv(s, p);
    if (!p->cpu)
        return;
    for (int i = 0; i < PROBE_MEMORY_N; i++)
        buf_fmt(s->out, "%s,,%lld,%.6g,%.6g,bytes/s\n", probe_memory_name[i], (long long)p->array_bytes, p->memory_bytes_s[i].best,
                p->memory_bytes_s[i].median);
    for (size_t i = 0; i < p->ngemm; i++)
        buf_fmt(s->out, "%s,%s,%dx%dx%d,%.6g,%.6g,flop/s\n", probe_type_name[p->gemm[i].type], p->gemm[i].kernel, p->gemm[i].m, p->gemm[i].n,
                p->gemm[i].k, p->gemm[i].flop_s.best, p->gemm[i].flop_s.median);
    buf_fmt(s->out, "wake,,,%.6g,%.6g,s\n", p->wake_s.best, p->wake_s.median);
}

static const char *rate(struct arena *a, enum unit u, double v)
{
    char text[32];
    unit_format(text, sizeof text, u, v);
    return arena_strdup(a, text);
}

static void span_row(struct table *t, const char *what, const char *kernel, const char *shape, enum unit u, struct probe_span v)
{
    struct arena *a = t->show->arena;
    const char *cell[] = {what, kernel, shape, rate(a, u, v.best), rate(a, u, v.median)};
    table_row(t, NULL, cell);
}

static void written(const struct show *s, const struct accelerator *as, const char *file)
{
    struct arena *a = s->arena;
    if (file)
        label_line(s, "written", arena_printf(a, "%s: moat predict MODEL on %s", file, file));
    else
        label_line(s, "chip file", arena_printf(a, "--out %s.yaml writes this machine as an accelerator", as->id));
}

static void text(const struct show *s, const struct probe *p, const struct accelerator *as, const char *file)
{
    const struct probe_host *h = &p->host;
    struct arena *a = s->arena;
    show_probe_gpu_text(s, p);
    if (!p->cpu) {
        written(s, as, file);
        return;
    }
    buf_fmt(s->out, "%s, %d thread%s: reads %s, multiplies %s in fp32", h->cpu ? h->cpu : "This host", p->threads, p->threads == 1 ? "" : "s",
            rate(a, UNIT_BYTES_S, p->memory_bytes_s[PROBE_READ].best), rate(a, UNIT_FLOP_S, probe_best_flop_s(p, PROBE_FP32)));
    double bf16 = probe_best_flop_s(p, PROBE_BF16);
    if (bf16 > 0)
        buf_fmt(s->out, ", %s in bf16", rate(a, UNIT_FLOP_S, bf16));
    buf_add(s->out, ".\n\n");
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"kernel", COL_LEFT, 0, 0}, {"shape", COL_LEFT, 1, 0}, {"best", COL_RIGHT, 0, 0},
                                        {"median", COL_RIGHT, 0, 0}};
    struct table t;
    table_init(&t, s, col, 5);
    for (int i = 0; i < PROBE_MEMORY_N; i++)
        span_row(&t, probe_memory_name[i], "", rate(a, UNIT_BYTES, (double)p->array_bytes), UNIT_BYTES_S, p->memory_bytes_s[i]);
    span_row(&t, "read, 1 thread", "", "", UNIT_BYTES_S, p->memory_one_bytes_s);
    for (size_t i = 0; i < p->ngemm; i++) {
        const struct probe_gemm *g = &p->gemm[i];
        span_row(&t, probe_type_name[g->type], g->kernel, arena_printf(a, "%d x %d x %d", g->m, g->n, g->k), UNIT_FLOP_S, g->flop_s);
    }
    span_row(&t, "wake a thread", "", "", UNIT_DURATION_S, p->wake_s);
    table_print(&t);
    buf_add(s->out, "\n");
    label_line(s, "host", arena_printf(a, "%d cores, %s memory, %s last-level cache; %s; %s", h->cores, rate(a, UNIT_BYTES, h->mem_bytes),
                                       rate(a, UNIT_BYTES, h->llc_bytes), h->flags, h->kernel ? h->kernel : ""));
    if (p->library)
        label_line(s, "library", p->library);
    written(s, as, file);
}

void show_probe(const struct show *s, const struct probe *p, const struct accelerator *as, const char *file)
{
    if (s->format == FORMAT_JSON)
        json(s, p, as, file);
    else if (s->format == FORMAT_CSV)
        csv(s, p);
    else
        text(s, p, as, file);
}
