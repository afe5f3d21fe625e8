/* show_probe_gpu.c - the figures of NVIDIA devices as text, JSON and CSV. */
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/units.h"
#include "live/probe_gpu.h"
#include "show/document.h"
#include "show/show_probe.h"
#include "show/table.h"

/* The figures of a device in the order in which they are shown. */
struct row {
    const char *what, *key;
    enum unit unit;
    struct probe_span v;
};

enum { ROWS = 5 };

static void rows(const struct probe_gpu *g, struct row out[ROWS])
{
    const struct row all[ROWS] = {{"copy", "copy_bytes_s", UNIT_BYTES_S, g->copy_bytes_s},
                                  {"from the host", "to_device_bytes_s", UNIT_BYTES_S, g->to_device_bytes_s},
                                  {"to the host", "to_host_bytes_s", UNIT_BYTES_S, g->to_host_bytes_s},
                                  {"to the next device", "peer_bytes_s", UNIT_BYTES_S, g->peer_bytes_s},
                                  {"launch", "launch_s", UNIT_DURATION_S, g->launch_s}};
    for (int i = 0; i < ROWS; i++)
        out[i] = all[i];
}

static void span_json(struct jw *w, const char *key, struct probe_span v)
{
    char median[64];
    if (!(v.best > 0))
        return;
    snprintf(median, sizeof median, "%s_median", key);
    jw_num(w, key, v.best);
    jw_num(w, median, v.median);
}

void show_probe_gpu_json(struct jw *w, const struct show *s, const struct probe *p)
{
    (void)s;
    jw_arr(w, "nvidia");
    for (size_t i = 0; i < p->ngpu; i++) {
        const struct probe_gpu *g = &p->gpu[i];
        struct row r[ROWS];
        rows(g, r);
        jw_obj(w, NULL);
        jw_int(w, "index", g->index);
        jw_str(w, "name", g->name);
        jw_str(w, "bus", g->bus);
        jw_int(w, "driver", g->driver_version);
        jw_int(w, "compute_capability", 10 * g->major + g->minor);
        jw_int(w, "sms", g->sms);
        jw_num(w, "mem_gb", g->mem_bytes / GIGA);
        jw_num(w, "l2_mb", g->l2_bytes / 1e6);
        for (int k = 0; k < ROWS; k++)
            span_json(w, r[k].key, r[k].v);
        if (g->peer >= 0)
            jw_int(w, "peer", g->peer);
        jw_arr(w, "gemm");
        for (size_t k = 0; k < g->ngemm; k++) {
            jw_obj(w, NULL);
            jw_str(w, "type", probe_gpu_type_name[g->gemm[k].type]);
            jw_int(w, "m", g->gemm[k].m);
            jw_int(w, "n", g->gemm[k].n);
            jw_int(w, "k", g->gemm[k].k);
            span_json(w, "flop_s", g->gemm[k].flop_s);
            jw_end(w);
        }
        jw_end(w);
        if (g->idle_w > 0)
            jw_num(w, "idle_w", g->idle_w);
        if (g->load_w > 0)
            jw_num(w, "load_w", g->load_w);
        if (g->limit_w > 0)
            jw_num(w, "limit_w", g->limit_w);
        jw_end(w);
    }
    jw_end(w);
}

void show_probe_gpu_csv(const struct show *s, const struct probe *p)
{
    for (size_t i = 0; i < p->ngpu; i++) {
        const struct probe_gpu *g = &p->gpu[i];
        struct row r[ROWS];
        rows(g, r);
        for (int k = 0; k < ROWS; k++)
            if (r[k].v.best > 0)
                buf_fmt(s->out, "%s,nvidia %d,%lld,%.6g,%.6g,%s\n", r[k].what, g->index, (long long)g->array_bytes, r[k].v.best, r[k].v.median,
                        r[k].unit == UNIT_DURATION_S ? "s" : "bytes/s");
        for (size_t k = 0; k < g->ngemm; k++)
            buf_fmt(s->out, "%s,nvidia %d,%dx%dx%d,%.6g,%.6g,flop/s\n", probe_gpu_type_name[g->gemm[k].type], g->index, g->gemm[k].m, g->gemm[k].n,
                    g->gemm[k].k, g->gemm[k].flop_s.best, g->gemm[k].flop_s.median);
    }
}

static const char *rate(struct arena *a, enum unit u, double v)
{
    char text[32];
    unit_format(text, sizeof text, u, v);
    return arena_strdup(a, text);
}

static void one(const struct show *s, const struct probe_gpu *g)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"shape", COL_LEFT, 1, 0}, {"best", COL_RIGHT, 0, 0}, {"median", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    struct row r[ROWS];
    double bf16 = probe_gpu_best_flop_s(g, PROBE_GPU_BF16), fp8 = probe_gpu_best_flop_s(g, PROBE_GPU_FP8);
    buf_fmt(s->out, "%s: copies %s", g->name ? g->name : "NVIDIA device", rate(a, UNIT_BYTES_S, g->copy_bytes_s.best));
    if (bf16 > 0)
        buf_fmt(s->out, ", multiplies %s in bf16", rate(a, UNIT_FLOP_S, bf16));
    if (fp8 > 0)
        buf_fmt(s->out, ", %s in fp8", rate(a, UNIT_FLOP_S, fp8));
    buf_add(s->out, ".\n\n");
    rows(g, r);
    table_init(&t, s, col, 4);
    for (int k = 0; k < ROWS; k++) {
        const char *cell[] = {r[k].what, "", rate(a, r[k].unit, r[k].v.best), rate(a, r[k].unit, r[k].v.median)};
        if (r[k].v.best > 0)
            table_row(&t, NULL, cell);
    }
    for (size_t k = 0; k < g->ngemm; k++) {
        const struct probe_gpu_gemm *m = &g->gemm[k];
        const char *cell[] = {probe_gpu_type_name[m->type], arena_printf(a, "%d x %d x %d", m->m, m->n, m->k), rate(a, UNIT_FLOP_S, m->flop_s.best),
                              rate(a, UNIT_FLOP_S, m->flop_s.median)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
    label_line(s, "device", arena_printf(a, "%d at %s, sm_%d%d, %d SMs, %s memory; driver %d.%d", g->index, g->bus ? g->bus : "?", g->major, g->minor,
                                         g->sms, rate(a, UNIT_BYTES, g->mem_bytes), g->driver_version / 1000, g->driver_version % 1000 / 10));
    if (g->load_w > 0)
        label_line(s, "power", arena_printf(a, "%.0f W in products, %.0f W before; limit %.0f W", g->load_w, g->idle_w, g->limit_w));
    buf_add(s->out, "\n");
}

void show_probe_gpu_text(const struct show *s, const struct probe *p)
{
    for (size_t i = 0; i < p->ngpu; i++)
        one(s, &p->gpu[i]);
}
