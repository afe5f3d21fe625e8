/* accelerator.c - one chip file: a table of keys, each with its unit and its field, read into struct accelerator. */
#include "facts/accelerator.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/accelerator_check.h"

const char *const arith_name[ARITH_N] = {"fp64", "fp32", "bf16", "fp16", "fp8", "int8", "fp4"};
const char *const topology_name[] = {"none", "switch", "mesh", "torus", "bridge", NULL};

enum kind { K_TEXT, K_UNIT, K_INT, K_BOOL, K_DATE };

struct key {
    const char *name;
    enum kind kind;
    enum unit unit;
    size_t at;  /* offset of the field */
    int lo, hi; /* K_INT */
};

#define TEXT(n, f)                                                                                                     \
    {                                                                                                                  \
        n, K_TEXT, UNIT_N, offsetof(struct accelerator, f), 0, 0                                                       \
    }
#define UNIT(n, u, f)                                                                                                  \
    {                                                                                                                  \
        n, K_UNIT, u, offsetof(struct accelerator, f), 0, 0                                                            \
    }
#define INT(n, f, l, h)                                                                                                \
    {                                                                                                                  \
        n, K_INT, UNIT_N, offsetof(struct accelerator, f), l, h                                                        \
    }
#define BOOL(n, f)                                                                                                     \
    {                                                                                                                  \
        n, K_BOOL, UNIT_N, offsetof(struct accelerator, f), 0, 0                                                       \
    }

static const struct key keys[] = {
    TEXT("id", id),
    TEXT("name", name),
    TEXT("vendor", vendor),
    TEXT("class", cls),
    TEXT("arch", arch),
    TEXT("family", family),
    TEXT("form", form),
    TEXT("software", software),
    {"launch", K_DATE, UNIT_N, offsetof(struct accelerator, launch), 0, 0},
    BOOL("available", available),
    UNIT("mem", UNIT_BYTES, mem_bytes),
    UNIT("mem_usable", UNIT_BYTES, mem_usable_bytes),
    TEXT("mem_usable_source", mem_usable_source),
    UNIT("mem_bw", UNIT_BYTES_S, mem_bw_bytes_s),
    TEXT("mem_type", mem_type),
    UNIT("sram", UNIT_BYTES, sram_bytes),
    UNIT("fp64", UNIT_FLOP_S, peak_flop_s[ARITH_FP64]),
    UNIT("fp64_matrix", UNIT_FLOP_S, fp64_matrix_flop_s),
    UNIT("fp32", UNIT_FLOP_S, peak_flop_s[ARITH_FP32]),
    UNIT("bf16", UNIT_FLOP_S, peak_flop_s[ARITH_BF16]),
    UNIT("fp16", UNIT_FLOP_S, peak_flop_s[ARITH_FP16]),
    UNIT("fp8", UNIT_FLOP_S, peak_flop_s[ARITH_FP8]),
    UNIT("int8", UNIT_FLOP_S, peak_flop_s[ARITH_INT8]),
    UNIT("fp4", UNIT_FLOP_S, peak_flop_s[ARITH_FP4]),
    INT("cores", cores, 0, 10000000),
    UNIT("pcie", UNIT_BYTES_S, pcie_bytes_s),
    UNIT("scaleout", UNIT_BYTES_S, scaleout_bytes_s),
    INT("node_cards", node_cards, 1, 1024),
    INT("host_cards", host_cards, 1, 1024),
    UNIT("tdp", UNIT_POWER_W, tdp_w),
    UNIT("idle", UNIT_POWER_W, idle_w),
    BOOL("graphics", graphics),
    INT("rt_cores", rt_cores, 0, 1000000),
    INT("encoders", encoders, 0, 64),
    INT("mig_slices", mig_slices, 1, 64),
    BOOL("confidential", confidential),
    BOOL("export_restricted_cn", export_restricted_cn),
    TEXT("date", date),
    TEXT("notes", notes),
};
#define NKEYS (sizeof keys / sizeof *keys)

/* Keys that hold a map or a list, read apart. */
static const char *const nested[] = {"aliases", "scaleup", "figures", "sources", "mig"};
#define NNESTED (sizeof nested / sizeof *nested)

static bool read_key(struct arena *a, const struct key *k, const struct node *nd, struct accelerator *acc,
                     struct err *e)
{
    char *at = (char *)acc + k->at;
    if (!nd || node_is_null(nd))
        return true;
    switch (k->kind) {
    case K_TEXT:
        return node_str(a, nd, (const char **)at, e);
    case K_UNIT:
        return node_unit(a, nd, k->unit, (double *)at, e);
    case K_BOOL:
        return node_bool(a, nd, (bool *)at, e);
    case K_INT: {
        int64_t v = *(int *)at;
        if (!node_int(a, nd, k->lo, k->hi, &v, e))
            return false;
        *(int *)at = (int)v;
        return true;
    }
    case K_DATE: {
        const char *s = NULL;
        return node_str(a, nd, &s, e) && date_parse(s, (int32_t *)at, node_place(a, nd), e);
    }
    }
    return true;
}

/* A list of texts; a single text counts as a list of one. */
static bool read_list(struct arena *a, const struct node *nd, bool lower, const char ***out, size_t *n, struct err *e)
{
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind == NODE_MAP)
        return err_input(e, node_place(a, nd), "expected a list such as [h100, h100-sxm]");
    size_t count = nd->kind == NODE_SEQ ? nd->n : 1;
    const char **list = ARENA_ARRAY(a, const char *, count);
    for (size_t i = 0; i < count; i++) {
        const char *s = NULL;
        const struct node *item = nd->kind == NODE_SEQ ? &nd->item[i] : nd;
        if (!node_str(a, item, &s, e))
            return false;
        if (!s)
            return err_input(e, node_place(a, item), "expected a name, got nothing");
        char *copy = arena_strdup(a, s);
        for (char *p = copy; lower && *p; p++)
            *p = (char)tolower((unsigned char)*p);
        list[i] = copy;
    }
    *out = list;
    *n = count;
    return true;
}

static bool read_scaleup(struct arena *a, const struct node *map, struct link *link, struct err *e)
{
    static const char *const names[] = {"kind", "topology", "per_peer", "total", "domain"};
    const char *topology = NULL;
    int64_t domain = 0;
    if (!map || node_is_null(map))
        return true;
    if (map->kind != NODE_MAP)
        return err_input(e, node_place(a, map), "expected a map with topology, per_peer, total and domain");
    if (!node_keys(a, map, names, 5, e) || !node_str(a, node_get(map, "kind"), &link->kind, e) ||
        !node_str(a, node_get(map, "topology"), &topology, e) ||
        !node_unit(a, node_get(map, "per_peer"), UNIT_BYTES_S, &link->per_peer_bytes_s, e) ||
        !node_unit(a, node_get(map, "total"), UNIT_BYTES_S, &link->total_bytes_s, e) ||
        !node_int(a, node_get(map, "domain"), 1, 1000000, &domain, e))
        return false;
    if (!topology)
        return err_input(e, node_place(a, map), "topology is missing"),
               err_mend(e, "write topology: switch, mesh, torus, bridge or none");
    int found = -1;
    for (int t = 0; topology_name[t]; t++)
        if (strcmp(topology, topology_name[t]) == 0)
            found = t;
    if (found < 0)
        return err_input(e, node_place(a, node_get(map, "topology")),
                         "expected switch, mesh, torus, bridge or none, got \"%s\"", topology);
    link->topology = (enum topology)found;
    link->domain = domain ? (int)domain : 1;
    if (link->per_peer_bytes_s == 0 && link->topology != TOPO_MESH && link->topology != TOPO_TORUS)
        link->per_peer_bytes_s = link->total_bytes_s;
    return true;
}

static bool read_figures(struct arena *a, const struct node *map, struct accelerator *acc, struct err *e)
{
    static const char *const names[] = {"two_sources", "one_source", "recall"};
    const char **field[3] = {NULL, NULL, NULL};
    size_t n[3] = {0, 0, 0};
    if (!map || node_is_null(map))
        return true;
    if (map->kind != NODE_MAP)
        return err_input(e, node_place(a, map), "expected a map with two_sources, one_source and recall");
    if (!node_keys(a, map, names, 3, e))
        return false;
    for (int g = 0; g < 3; g++)
        if (!read_list(a, node_get(map, names[g]), false, &field[g], &n[g], e))
            return false;
    acc->figure = ARENA_ARRAY(a, struct figure, n[0] + n[1] + n[2]);
    for (int g = 0; g < 3; g++)
        for (size_t i = 0; i < n[g]; i++) {
            struct figure *f = &acc->figure[acc->nfigure++];
            f->field = field[g][i];
            f->seen = g == 0 ? FIGURE_TWO_SOURCES : g == 1 ? FIGURE_ONE_SOURCE : FIGURE_RECALL;
        }
    return true;
}

/* Is a figure vouched for by a source? A file that grades its figures must grade this one too. */
static bool sourced(const struct accelerator *acc, const char *field)
{
    for (size_t i = 0; i < acc->nfigure; i++)
        if (strcmp(acc->figure[i].field, field) == 0)
            return acc->figure[i].seen != FIGURE_RECALL;
    return false;
}

static enum grade spec_grade(const struct accelerator *acc)
{
    enum arith half = accelerator_half(acc);
    if (!acc->nfigure)
        return acc->nsource ? GRADE_INFERRED : GRADE_ASSUMED;
    bool rate = half == ARITH_N || sourced(acc, arith_name[half]);
    return sourced(acc, "mem") && sourced(acc, "mem_bw") && rate ? GRADE_INFERRED : GRADE_ASSUMED;
}

/* Read every key of the file. They mostly stand in the order of the table, so the search starts behind the last hit. */
static bool read_keys(struct arena *a, const struct node *doc, struct accelerator *out, struct err *e)
{
    const char *names[NKEYS + NNESTED];
    size_t next = 0;
    for (size_t i = 0; i < NKEYS; i++)
        names[i] = keys[i].name;
    memcpy(names + NKEYS, nested, sizeof nested);
    for (size_t i = 0; i < doc->n; i++) {
        size_t k = 0, tried = 0;
        for (; tried < NKEYS + NNESTED; tried++) {
            k = (next + tried) % (NKEYS + NNESTED);
            if (strcmp(names[k], doc->key[i]) == 0)
                break;
        }
        if (tried == NKEYS + NNESTED)
            return node_keys(a, doc, names, NKEYS + NNESTED, e);
        if (k < NKEYS) {
            next = k + 1;
            if (!read_key(a, &keys[k], &doc->item[i], out, e))
                return false;
        }
    }
    return true;
}

bool accelerator_read(struct arena *a, const struct node *doc, struct accelerator *out, struct notes *notes,
                      struct err *e)
{
    if (doc->kind != NODE_MAP)
        return err_input(e, doc->file, "expected the keys of a chip file"),
               err_mend(e, "`moat catalog show h100 --yaml` prints one to start from");
    *out = (struct accelerator){
        .vendor = "",
        .cls = "custom",
        .arch = "",
        .family = "unknown",
        .form = "PCIe",
        .software = "unknown",
        .mem_type = "",
        .scaleup = {.topology = TOPO_NONE, .kind = "", .domain = 1},
        .node_cards = 1,
        .mig_slices = 1,
        .available = true,
        .date = "",
        .notes = "",
        .place = doc->file,
    };
    if (!read_keys(a, doc, out, e))
        return false;
    if (!out->id || !*out->id)
        return err_input(e, doc->file, "id is missing"), err_mend(e, "write id: my-chip");
    if (!out->name)
        out->name = out->id;
    if (!read_list(a, node_get(doc, "aliases"), true, &out->alias, &out->nalias, e) ||
        !read_list(a, node_get(doc, "sources"), false, &out->source, &out->nsource, e) ||
        !read_scaleup(a, node_get(doc, "scaleup"), &out->scaleup, e) ||
        !read_figures(a, node_get(doc, "figures"), out, e) || !mig_read(a, node_get(doc, "mig"), out, e))
        return false;
    if (!out->host_cards) {
        bool pcie = strcmp(out->form, "PCIe") == 0 && out->node_cards < 8;
        out->host_cards = pcie ? 8 : out->node_cards;
    }
    out->evidence = spec_grade(out);
    return accelerator_check(a, doc, out, notes, e);
}

enum arith accelerator_half(const struct accelerator *acc)
{
    return acc->peak_flop_s[ARITH_BF16] > 0 ? ARITH_BF16 : acc->peak_flop_s[ARITH_FP16] > 0 ? ARITH_FP16 : ARITH_N;
}

bool accelerator_recall(const struct accelerator *acc, const char *field)
{
    for (size_t i = 0; i < acc->nfigure; i++)
        if (strcmp(acc->figure[i].field, field) == 0)
            return acc->figure[i].seen == FIGURE_RECALL;
    return false;
}
