/* mig.c - an instance of a card: figures * memory share (bandwidth, L2, capacity) or SM share (FLOP/s, watts).
**
** That L2 and bandwidth go with the memory slices: NVIDIA MIG User Guide, "Partitioning" (each memory slice has its L2 banks
** and memory controllers) and the column "L2 cache size" of "Supported MIG Profiles".
*/
#include "facts/mig.h"

#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/units.h"
#include "facts/accelerator.h"

#define BEYOND 1.0001           /* shares are rounded */

/* "3g.40gb": 3; 0: no such name. */
static int compute_of(const char *name)
{
    const char *p = name + 3;
    if (!isdigit((unsigned char)name[0]) || name[0] == '0' || strncmp(name + 1, "g.", 2) != 0 || !isdigit((unsigned char)*p))
        return 0;
    while (isdigit((unsigned char)*p))
        p++;
    return strcmp(p, "gb") == 0 ? name[0] - '0' : 0;
}

static bool read_one(struct arena *a, const struct node *nd, const struct accelerator *card, struct mig_profile *p, struct err *e)
{
    static const char *const keys[] = {"profile", "memory", "instances", "cores", "mem_usable"};
    int64_t cores = 0, instances = 0;
    if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected a profile such as {profile: 3g.40gb, memory: 0.5, instances: 2}");
    if (!node_keys(a, nd, keys, 5, e) || !node_str(a, node_get(nd, "profile"), &p->name, e) ||
        !node_unit(a, node_get(nd, "memory"), UNIT_FRAC, &p->memory_frac, e) ||
        !node_int(a, node_get(nd, "instances"), 1, 64, &instances, e) || !node_int(a, node_get(nd, "cores"), 1, 10000000, &cores, e) ||
        !node_unit(a, node_get(nd, "mem_usable"), UNIT_BYTES, &p->mem_usable_bytes, e))
        return false;
    p->cores = (int)cores, p->instances = (int)instances;
    p->compute = p->name ? compute_of(p->name) : 0;
    if (!p->compute)
        return err_input(e, node_place(a, nd), "expected profile: a name such as 3g.40gb");
    if (!(p->memory_frac > 0 && p->memory_frac <= 1) || !p->instances)
        return err_input(e, node_place(a, nd), "%s needs memory, its share of the card's (0 to 1), and instances, how many fit on a card",
                         p->name);
    if (p->memory_frac * p->instances > BEYOND || p->compute * p->instances > card->mig_slices ||
        (card->cores && p->cores * p->instances > card->cores))
        return err_input(e, node_place(a, nd), "%d of %s are more than the card has: %d compute slices, %d cores", p->instances,
                         p->name, card->mig_slices, card->cores);
    if (p->mem_usable_bytes > p->memory_frac * card->mem_bytes * BEYOND)
        return err_input(e, node_place(a, nd), "%s cannot use more memory than its share of the card's", p->name);
    return true;
}

bool mig_read(struct arena *a, const struct node *list, struct accelerator *card, struct err *e)
{
    if (!list || node_is_null(list))
        return true;
    if (list->kind != NODE_SEQ)
        return err_input(e, node_place(a, list), "expected a list of profiles");
    card->mig = ARENA_ARRAY(a, struct mig_profile, list->n);
    for (size_t i = 0; i < list->n; i++) {
        if (!read_one(a, &list->item[i], card, &card->mig[i], e))
            return false;
        for (size_t k = 0; k < i; k++)
            if (strcmp(card->mig[k].name, card->mig[i].name) == 0)
                return err_input(e, node_place(a, &list->item[i]), "%s stands here twice", card->mig[i].name);
    }
    card->nmig = list->n;
    return true;
}

void mig_yaml(struct buf *b, const struct accelerator *card)
{
    if (card->nmig)
        buf_add(b, "mig:\n");
    for (size_t i = 0; i < card->nmig; i++) {
        const struct mig_profile *p = &card->mig[i];
        buf_fmt(b, "  - {profile: %s, memory: %.17g, instances: %d", p->name, p->memory_frac, p->instances);
        if (p->cores)
            buf_fmt(b, ", cores: %d", p->cores);
        if (p->mem_usable_bytes > 0)
            buf_fmt(b, ", mem_usable: %.17gB", p->mem_usable_bytes);
        buf_add(b, "}\n");
    }
}

const char *mig_profile_of(const struct accelerator *acc)
{
    return acc->card ? strrchr(acc->id, '/') + 1 : NULL;
}

double mig_compute_frac(const struct accelerator *card, const struct mig_profile *p)
{
    return p->cores && card->cores ? (double)p->cores / card->cores : (double)p->compute / card->mig_slices;
}

void mig_device(struct arena *a, const struct accelerator *card, size_t i, struct accelerator *out)
{
    const struct mig_profile *p = &card->mig[i];
    double compute = mig_compute_frac(card, p), usable = card->mem_usable_bytes * p->memory_frac;
    *out = *card;
    out->id = arena_printf(a, "%s/%s", card->id, p->name);
    out->name = arena_printf(a, "%s, MIG %s", card->name, p->name);
    out->form = "MIG";
    out->alias = NULL, out->nalias = 0;
    out->mem_bytes = card->mem_bytes * p->memory_frac;
    out->mem_usable_bytes = p->mem_usable_bytes > 0 ? p->mem_usable_bytes : usable;
    out->mem_bw_bytes_s = card->mem_bw_bytes_s * p->memory_frac;
    out->sram_bytes = card->sram_bytes * p->memory_frac;
    for (int k = 0; k < ARITH_N; k++)
        out->peak_flop_s[k] = card->peak_flop_s[k] * compute;
    out->fp64_matrix_flop_s = card->fp64_matrix_flop_s * compute;
    out->cores = p->cores ? p->cores : (int)(card->cores * compute);
    out->scaleup = (struct link){.topology = TOPO_NONE, .kind = "", .domain = 1};
    out->pcie_bytes_s = card->pcie_bytes_s * p->memory_frac;
    out->scaleout_bytes_s = 0;
    out->node_cards = card->node_cards * p->instances;
    out->host_cards = card->host_cards * p->instances;
    out->tdp_w = card->tdp_w * compute;
    out->idle_w = card->idle_w * compute;
    out->graphics = false;
    out->rt_cores = out->encoders = 0;
    out->mig_slices = 1;
    out->mig = NULL, out->nmig = 0;
    out->card = card;
    out->per_card = p->instances;
}
