/* fleet_challenger.c - the challenger of a scenario, and its place among the SKUs. */
#include "facts/fleet_challenger.h"

#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"

static bool join(struct arena *a, struct node *doc, const struct node *id, const char *name, struct err *e)
{
    for (size_t i = 0; i < doc->n; i++) {
        struct node *list = &doc->item[i];
        const char *other = NULL;
        if (strcmp(doc->key[i], "skus") != 0 || list->kind != NODE_SEQ)
            continue;
        for (size_t k = 0; k < list->n; k++)
            if (!node_str(a, &list->item[k], &other, e))
                return false;
            else if (strcmp(other, name) == 0)
                return true;
        struct node *item = ARENA_ARRAY(a, struct node, list->n + 1);
        memcpy(item, list->item, list->n * sizeof *item);
        item[list->n] = *id;
        list->item = item, list->n++;
    }
    return true; /* where skus is missing or no list, the scenario's reader says so */
}

bool fleet_challenger_read(struct arena *a, struct node *doc, const char *name, struct fleet_challenger *out, struct err *e)
{
    static const char *const keys[] = {"id", "incumbent"};
    const char *mend = "write challenger: mi300x, or challenger: {id: chip.yaml, incumbent: h100-sxm-80}";
    *out = (struct fleet_challenger){0};
    if (name && !node_set(a, doc, "challenger", "''", e))
        return false;
    const struct node *nd = node_get(doc, "challenger"), *id = nd && nd->kind == NODE_MAP ? node_get(nd, "id") : nd;
    if (!nd || !id) {
        err_input(e, nd ? node_place(a, nd) : arena_printf(a, "%s: challenger", doc->file ? doc->file : "scenario"),
                  nd ? "the challenger has no id" : "is missing");
        return err_mend(e, "%s", mend);
    }
    if (nd->kind == NODE_SEQ)
        return err_input(e, node_place(a, nd), "one challenger at a time"), err_mend(e, "%s", mend);
    if (nd->kind == NODE_MAP && !node_keys(a, nd, keys, 2, e))
        return false;
    if (name)
        ((struct node *)id)->text = name;
    const struct node *inc = nd->kind == NODE_MAP ? node_get(nd, "incumbent") : NULL;
    out->place = node_place(a, id), out->incumbent_place = inc ? node_place(a, inc) : NULL;
    return node_str(a, id, &out->id, e) && (!inc || node_str(a, inc, &out->incumbent, e)) && join(a, doc, id, out->id, e);
}

bool fleet_challenger_product(struct arena *a, struct catalog *c, const struct fleet_scenario *s, const char *name, const char *place,
                              size_t *out, struct err *e)
{
    const struct accelerator *acc = catalog_accelerator(c, scenario_beside(a, s->doc->file, name), place, NULL, e);
    if (!acc)
        return false;
    for (size_t k = 0; k < s->nproduct; k++)
        if (s->product[k].acc == acc || strcmp(s->product[k].acc->id, acc->id) == 0) {
            *out = k;
            return true;
        }
    return err_input(e, place, "%s is none of the skus", acc->id), err_mend(e, "add it to skus");
}
