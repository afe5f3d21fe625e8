/* accelerator_yaml.c - a device as the chip file that accelerator_read takes, in the order people read it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "facts/accelerator.h"

/* v / scale in the fewest digits that give v back when the unit is applied again. */
static void put_scaled(struct buf *b, const char *key, double v, double scale, const char *unit)
{
    char text[32];
    if (v == 0)
        return;
    for (int digits = 1; digits <= 17; digits++) {
        double back;
        snprintf(text, sizeof text, "%.*g", digits, v / scale);
        if (sscanf(text, "%lf", &back) == 1 && fabs(back * scale - v) <= 1e-14 * v)
            break;
    }
    double plain;
    if (strchr(text, 'e') && sscanf(text, "%lf", &plain) == 1)
        snprintf(text, sizeof text, "%.0f", plain);
    buf_fmt(b, "%s: %s%s\n", key, text, unit);
}

static void put_bytes(struct buf *b, const char *key, double v)
{
    double gib = v / GIB, mib = v / (1024 * 1024);
    if (fabs(gib * 100 - round(gib * 100)) < 1e-9 * gib * 100 && gib >= 0.01)
        put_scaled(b, key, v, GIB, "GiB");
    else if (mib == floor(mib) && mib >= 64)
        put_scaled(b, key, v, 1024 * 1024, "MiB");
    else if (v < 1e9)
        put_scaled(b, key, v, 1e6, "MB");
    else
        put_scaled(b, key, v, v == floor(v) && fmod(v, 1e6) != 0 ? 1 : 1e9,
                   v == floor(v) && fmod(v, 1e6) != 0 ? "B" : "GB");
}

/* Double-quoted, so that no text can be taken for another YAML type. */
static void put_quoted(struct buf *b, const char *s)
{
    buf_add(b, "\"");
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_fmt(b, "\\%c", *s);
        else if (*s == '\n')
            buf_add(b, "\\n");
        else if ((unsigned char)*s < 0x20 || *s == 0x7f)
            buf_fmt(b, "\\x%02x", (unsigned)(unsigned char)*s);
        else
            buf_addn(b, s, 1);
    }
    buf_add(b, "\"");
}

static void put_text(struct buf *b, const char *key, const char *s)
{
    if (!s || !*s)
        return;
    buf_fmt(b, "%s: ", key);
    put_quoted(b, s);
    buf_add(b, "\n");
}

static void put_bool(struct buf *b, const char *key, bool v)
{
    buf_fmt(b, "%s: %s\n", key, v ? "true" : "false");
}

static void put_link(struct buf *b, const struct link *l)
{
    buf_add(b, "scaleup:\n");
    put_text(b, "  kind", l->kind);
    buf_fmt(b, "  topology: %s\n", topology_name[l->topology]);
    if (l->topology == TOPO_NONE)
        return;
    put_scaled(b, "  per_peer", l->per_peer_bytes_s, 1e9, "GB/s");
    put_scaled(b, "  total", l->total_bytes_s, 1e9, "GB/s");
    buf_fmt(b, "  domain: %d\n", l->domain);
}

static void put_figures(struct buf *b, const struct accelerator *acc)
{
    static const char *const name[] = {"two_sources", "one_source", "recall"};
    if (!acc->nfigure)
        return;
    buf_add(b, "\nfigures:\n");
    for (int g = 0; g < 3; g++) {
        int n = 0;
        for (size_t i = 0; i < acc->nfigure; i++) {
            int seen = acc->figure[i].seen == FIGURE_TWO_SOURCES ? 0 : acc->figure[i].seen == FIGURE_ONE_SOURCE ? 1 : 2;
            if (seen != g)
                continue;
            if (n++)
                buf_fmt(b, ", %.64s", acc->figure[i].field);
            else
                buf_fmt(b, "  %s: [%.64s", name[g], acc->figure[i].field);
        }
        if (n)
            buf_add(b, "]\n");
    }
}

void accelerator_yaml(struct buf *b, const struct accelerator *acc)
{
    buf_add(b, "# Rates are dense and per device, links are one direction.\n");
    put_text(b, "id", acc->id);
    put_text(b, "name", acc->name);
    put_text(b, "vendor", acc->vendor);
    put_text(b, "class", acc->cls);
    put_text(b, "arch", acc->arch);
    put_text(b, "family", acc->family);
    put_text(b, "form", acc->form);
    put_text(b, "software", acc->software);
    for (size_t i = 0; i < acc->nalias; i++) {
        buf_add(b, i ? ", " : "aliases: [");
        put_quoted(b, acc->alias[i]);
    }
    if (acc->nalias)
        buf_add(b, "]\n");
    if (acc->launch)
        buf_fmt(b, "launch: %04d-%02d-%02d\n", acc->launch / 10000, acc->launch / 100 % 100, acc->launch % 100);
    put_bool(b, "available", acc->available);
    buf_add(b, "\n");
    put_bytes(b, "mem", acc->mem_bytes);
    put_bytes(b, "mem_usable", acc->mem_usable_bytes);
    put_text(b, "mem_usable_source", acc->mem_usable_source);
    put_scaled(b, "mem_bw", acc->mem_bw_bytes_s, 1e9, "GB/s");
    put_text(b, "mem_type", acc->mem_type);
    put_scaled(b, "sram", acc->sram_bytes, 1e6, "MB");
    buf_add(b, "\n");
    for (int k = 0; k < ARITH_N; k++)
        put_scaled(b, arith_name[k], acc->peak_flop_s[k], 1e12, k == ARITH_INT8 ? "TOP/s" : "TFLOP/s");
    put_scaled(b, "fp64_matrix", acc->fp64_matrix_flop_s, 1e12, "TFLOP/s");
    if (acc->cores)
        buf_fmt(b, "cores: %d\n", acc->cores);
    buf_add(b, "\n");
    put_link(b, &acc->scaleup);
    put_scaled(b, "pcie", acc->pcie_bytes_s, 1e9, "GB/s");
    put_scaled(b, "scaleout", acc->scaleout_bytes_s, 1e9, "GB/s");
    buf_fmt(b, "node_cards: %d\nhost_cards: %d\n", acc->node_cards, acc->host_cards);
    put_scaled(b, "tdp", acc->tdp_w, 1, "W");
    put_scaled(b, "idle", acc->idle_w, 1, "W");
    buf_add(b, "\n");
    put_bool(b, "graphics", acc->graphics);
    buf_fmt(b, "rt_cores: %d\n", acc->rt_cores);
    if (acc->encoders)
        buf_fmt(b, "encoders: %d\n", acc->encoders);
    buf_fmt(b, "mig_slices: %d\n", acc->mig_slices);
    mig_yaml(b, acc);
    put_bool(b, "confidential", acc->confidential);
    put_bool(b, "export_restricted_cn", acc->export_restricted_cn);
    put_figures(b, acc);
    for (size_t i = 0; i < acc->nsource; i++) {
        buf_add(b, i ? "  - " : "sources:\n  - ");
        put_quoted(b, acc->source[i]);
        buf_add(b, "\n");
    }
    put_text(b, "date", acc->date);
    put_text(b, "notes", acc->notes);
}
