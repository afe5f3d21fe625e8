/* accelerator_check.c - figures of a chip file against what hardware can be: ranges first, then relations. */
#include "facts/accelerator_check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/accelerator.h"

struct ctx {
    struct arena *a;
    const struct node *doc;
    const struct accelerator *acc;
    struct notes *notes;
    struct err *e;
};

static const char *place(const struct ctx *c, const char *key)
{
    const struct node *nd = node_at(c->doc, key);
    return nd ? node_place(c->a, nd) : c->acc->place;
}

static const char *shown(const struct ctx *c, enum unit u, double v)
{
    char text[64];
    unit_format(text, sizeof text, u, v);
    return arena_strdup(c->a, text);
}

/* v within lo..hi, or absent (0) where that is allowed. */
static bool in_range(const struct ctx *c, const char *key, enum unit u, double v, double lo, double hi, bool needed,
                     const char *example)
{
    if (v == 0 && !node_at(c->doc, key)) {
        if (!needed)
            return true;
        return err_input(c->e, place(c, key), "%s is missing", key), err_mend(c->e, "write %s: %s", key, example);
    }
    if (v >= lo && v <= hi)
        return true;
    return err_input(c->e, place(c, key), "%s is too %s for a device (%s to %s is possible)", shown(c, u, v),
                     v < lo ? "little" : "much", shown(c, u, lo), shown(c, u, hi)),
           err_mend(c->e, "a slip of unit? write for example %s: %s", key, example);
}

static bool check_ranges(const struct ctx *c)
{
    const struct accelerator *x = c->acc;
    bool hbm = strncmp(x->mem_type, "HBM", 3) == 0;
    return in_range(c, "mem", UNIT_BYTES, x->mem_bytes, 64e6, 100e12, true, "80GiB") &&
           in_range(c, "mem_bw", UNIT_BYTES_S, x->mem_bw_bytes_s, hbm ? 100e9 : 10e9, hbm ? 100e12 : 100e15, true, "3350GB/s") &&
           in_range(c, "mem_usable", UNIT_BYTES, x->mem_usable_bytes, 64e6, 100e12, false, "79GiB") &&
           in_range(c, "sram", UNIT_BYTES, x->sram_bytes, 64e3, 100e9, false, "50MB") &&
           in_range(c, "pcie", UNIT_BYTES_S, x->pcie_bytes_s, 1e9, 1e12, false, "64GB/s") &&
           in_range(c, "scaleout", UNIT_BYTES_S, x->scaleout_bytes_s, 0.1e9, 10e12, false, "50GB/s") &&
           in_range(c, "tdp", UNIT_POWER_W, x->tdp_w, 1, 100e3, false, "700W") &&
           in_range(c, "idle", UNIT_POWER_W, x->idle_w, 0.1, 100e3, false, "70W") &&
           in_range(c, "scaleup.per_peer", UNIT_BYTES_S, x->scaleup.per_peer_bytes_s, 0.5e9, 100e12, false,
                    "450GB/s") &&
           in_range(c, "scaleup.total", UNIT_BYTES_S, x->scaleup.total_bytes_s, 0.5e9, 100e12, false, "450GB/s");
}

/* Each rate is dense FLOP/s: a device that reads faster than it can add a thousandth of does not exist. */
static bool check_rates(const struct ctx *c)
{
    double best = 0;
    for (int k = 0; k < ARITH_N; k++) {
        double v = c->acc->peak_flop_s[k];
        const char *example = k == ARITH_INT8 ? "1979TOP/s" : "989TFLOP/s";
        if (!in_range(c, arith_name[k], UNIT_FLOP_S, v, 1e9, 1e18, false, example))
            return false;
        if (v > 0 && k != ARITH_FP64 && v < c->acc->mem_bw_bytes_s / 1000)
            return err_input(c->e, place(c, arith_name[k]), "%s against %s of memory bandwidth cannot be",
                             shown(c, UNIT_FLOP_S, v), shown(c, UNIT_BYTES_S, c->acc->mem_bw_bytes_s)),
                   err_mend(c->e, "a slip of unit? rates are dense TFLOP/s, bandwidth is GB/s or TB/s");
        best = fmax(best, v);
    }
    if (c->acc->fp64_matrix_flop_s > 0 && c->acc->fp64_matrix_flop_s < c->acc->peak_flop_s[ARITH_FP64])
        return err_input(c->e, place(c, "fp64_matrix"), "%s is less than fp64", shown(c, UNIT_FLOP_S, c->acc->fp64_matrix_flop_s)),
               err_mend(c->e, "leave it out where matrix units do not help");
    if (best == 0)
        return err_input(c->e, c->acc->place, "no rate is given"), err_mend(c->e, "write bf16: 989TFLOP/s");
    if (best / c->acc->mem_bw_bytes_s > 1e5)
        return err_input(c->e, place(c, "mem_bw"), "%s of memory bandwidth for %s cannot be",
                         shown(c, UNIT_BYTES_S, c->acc->mem_bw_bytes_s), shown(c, UNIT_FLOP_S, best)),
               err_mend(c->e, "a slip of unit? bandwidth is GB/s or TB/s");
    return true;
}

/* Vendors print both directions; the catalog keeps one. */
static void note_both_ways(const struct ctx *c)
{
    static const struct {
        const char *kind;
        double one_way;
    } known[] = {
        {"NVLink2", 150e9}, {"NVLink3", 300e9}, {"NVLink4", 450e9}, {"NVLink5", 900e9}, {"NVLink6", 1800e9},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(c->acc->scaleup.kind, known[i].kind) == 0 && c->acc->scaleup.total_bytes_s > 1.5 * known[i].one_way)
            note_add(c->notes, "%s: %s carries %s in one direction; %s looks like both", place(c, "scaleup.total"),
                     known[i].kind, shown(c, UNIT_BYTES_S, known[i].one_way),
                     shown(c, UNIT_BYTES_S, c->acc->scaleup.total_bytes_s));
}

static bool check_scaleup(const struct ctx *c)
{
    const struct link *l = &c->acc->scaleup;
    if (l->topology == TOPO_NONE) {
        if (l->total_bytes_s > 0 || l->per_peer_bytes_s > 0 || l->domain > 1)
            return err_input(c->e, place(c, "scaleup"), "topology none has neither bandwidth nor a domain"),
                   err_mend(c->e, "name the topology: switch, mesh, torus or bridge");
        return true;
    }
    if (l->total_bytes_s == 0)
        return err_input(c->e, place(c, "scaleup"), "total is missing"),
               err_mend(c->e, "write total: 450GB/s, one direction, all links of a device");
    if (l->per_peer_bytes_s == 0)
        return err_input(c->e, place(c, "scaleup"), "a %s needs per_peer", topology_name[l->topology]),
               err_mend(c->e, "write per_peer: 64GB/s, one direction between two devices");
    if (l->domain < 2)
        return err_input(c->e, place(c, "scaleup"), "a %s joins at least two devices", topology_name[l->topology]),
               err_mend(c->e, "write domain: 8");
    if (l->per_peer_bytes_s > l->total_bytes_s * 1.001)
        return err_input(c->e, place(c, "scaleup.per_peer"), "%s to one peer is more than the total of %s",
                         shown(c, UNIT_BYTES_S, l->per_peer_bytes_s), shown(c, UNIT_BYTES_S, l->total_bytes_s)),
               err_mend(c->e, "both are one direction; total is all links of a device together");
    if (l->topology == TOPO_MESH && l->per_peer_bytes_s * (l->domain - 1) > l->total_bytes_s * 1.02)
        return err_input(c->e, place(c, "scaleup.per_peer"), "%d peers at %s make more than the total of %s",
                         l->domain - 1, shown(c, UNIT_BYTES_S, l->per_peer_bytes_s),
                         shown(c, UNIT_BYTES_S, l->total_bytes_s)),
               err_mend(c->e, "in a full mesh the total is shared out among the peers");
    note_both_ways(c);
    return true;
}

/* Boards sold as 80 GB hold 80 GiB: reading the marketing figure as decimal loses 7 %. */
static void note_marketing(const struct ctx *c)
{
    static const int sold[] = {8,  10, 11, 12,  16,  20,  24,  32,  40,  48, 64,
                               80, 94, 96, 128, 141, 144, 180, 192, 256, 288};
    const struct node *nd = node_get(c->doc, "mem");
    char *end = NULL;
    if (!nd || !nd->text)
        return;
    double v = strtod(nd->text, &end);
    while (*end == ' ')
        end++;
    if (strcmp(end, "GB") != 0)
        return;
    for (size_t i = 0; i < sizeof sold / sizeof *sold; i++)
        if (v == sold[i])
            note_add(c->notes,
                     "%s: %dGB is %.1f GiB; most parts sold as %d GB hold %d GiB: write %dGiB if this one does",
                     node_place(c->a, nd), sold[i], sold[i] * 1e9 / GIB, sold[i], sold[i], sold[i]);
}

bool accelerator_check(struct arena *a, const struct node *doc, const struct accelerator *acc, struct notes *notes,
                       struct err *e)
{
    struct ctx c = {a, doc, acc, notes, e};
    if (!check_ranges(&c) || !check_rates(&c) || !check_scaleup(&c))
        return false;
    double used = acc->mem_usable_bytes / acc->mem_bytes;
    if (used > 0 && (used < 0.5 || used > 1.01))
        return err_input(e, place(&c, "mem_usable"), "%s usable of %s", shown(&c, UNIT_BYTES, acc->mem_usable_bytes),
                         shown(&c, UNIT_BYTES, acc->mem_bytes)),
               err_mend(e, "mem_usable is what the driver reports, a little less than mem");
    if (acc->idle_w > acc->tdp_w && acc->tdp_w > 0)
        return err_input(e, place(&c, "idle"), "idle power is above the tdp"), err_mend(e, "write idle: 70W");
    if (acc->host_cards < acc->node_cards)
        return err_input(e, place(&c, "host_cards"), "a host holds fewer cards than a node"),
               err_mend(e, "leave host_cards out, or make it at least node_cards");
    note_marketing(&c);
    return true;
}
