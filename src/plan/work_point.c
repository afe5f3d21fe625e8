/* work_point.c - reads the keys of a workload's operating point, asks speed/work.c for the rates, and prices them. */
#include "plan/work_point.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/scenario.h"
#include "plan/cost.h"

#define DEVICES_MAX 1000000

struct asked {
    struct arena *a;
    struct catalog *c;
    const struct workload *w;
    const char *framework; /* NULL: each device's own */
    int devices;
    double batch; /* 0: the workload's */
    struct price_query query;
};

static bool point(const struct asked *k, const struct accelerator *acc, struct work_point *out, struct err *e)
{
    *out = (struct work_point){
        .work = k->w, .acc = acc, .usd_h = NAN, .usd_munit = {NAN, NAN, NAN}, .usd_session_h = {NAN, NAN, NAN}};
    const struct stack_file *f =
        catalog_stack(k->c, k->framework ? k->framework : catalog_default_framework(k->c, acc), acc, "framework", e);
    if (!f)
        return false;
    struct stack s = stack_constants(f, acc);
    work_rate(k->a, k->w, &k->c->work_shares, acc, &s, k->devices, k->batch, &out->r);
    out->price = price_find(k->a, k->c, acc, &k->query);
    if (!out->price.found)
        return true;
    out->usd_h = out->price.usd_h * k->devices;
    struct span t = out->r.total_s;
    if (out->r.reason)
        return true;
    if (k->w->session_fps > 0)
        out->usd_session_h = (struct span){out->usd_h / t.at, out->usd_h / t.hi, out->usd_h / t.lo};
    else
        out->usd_munit =
            (struct span){cost_mtok(out->usd_h, t.at), cost_mtok(out->usd_h, t.hi), cost_mtok(out->usd_h, t.lo)};
    return true;
}

static int fastest_first(const void *pa, const void *pb)
{
    const struct work_point *x = pa, *y = pb;
    if (x->r.rate_s.at != y->r.rate_s.at)
        return x->r.rate_s.at < y->r.rate_s.at ? 1 : -1;
    return strcmp(x->acc->id, y->acc->id);
}

/* Names of a list, parted by commas or a sequence. */
static bool names_of(struct arena *a, const struct node *nd, const char ***out, size_t *n, struct err *e)
{
    const char *text = NULL;
    size_t most = nd->n + 1;
    if (nd->kind != NODE_SEQ && !node_str(a, nd, &text, e))
        return false;
    for (const char *p = text; p && *p; p++)
        most += *p == ',';
    *out = ARENA_ARRAY(a, const char *, most);
    *n = 0;
    for (size_t i = 0; i < nd->n && nd->kind == NODE_SEQ; i++)
        if (!node_str(a, &nd->item[i], &(*out)[(*n)++], e))
            return false;
    for (const char *p = text; p && *p; p += *p == ',') {
        size_t len = strcspn(p, ",");
        if (len)
            (*out)[(*n)++] = arena_strndup(a, p, len);
        p += len;
    }
    return *n > 0 || (err_input(e, node_place(a, nd), "names no accelerator"), err_mend(e, "write accelerator: h100"));
}

static bool points(const struct asked *k, const struct node *nd, struct work_points *out, struct notes *notes,
                   struct err *e)
{
    const char **name;
    size_t n;
    if (!names_of(k->a, nd, &name, &n, e))
        return false;
    bool all = n == 1 && strcmp(name[0], "all") == 0;
    size_t total = all ? k->c->nacc : n;
    out->list = all || n > 1;
    out->point = ARENA_ARRAY(k->a, struct work_point, total);
    for (size_t i = 0; i < total; i++) {
        const struct accelerator *acc =
            all ? &k->c->acc[i] : catalog_accelerator(k->c, name[i], node_place(k->a, nd), notes, e);
        if (!acc)
            return false;
        if (all && !acc->available)
            continue;
        if (!point(k, acc, &out->point[out->n], e))
            return false;
        out->nzero += out->point[out->n++].r.reason != NULL;
    }
    if (out->n)
        qsort(out->point, out->n, sizeof *out->point, fastest_first);
    return true;
}

bool plan_work_points(struct arena *a, struct catalog *c, const struct workload *w, const struct node *doc,
                      struct work_points *out, struct notes *notes, struct err *e)
{
    static const char *const names[] = {"model", "accelerator", "devices", "batch", "framework", "prices"};
    struct asked k = {.a = a, .c = c, .w = w};
    int64_t devices = 1;
    const struct node *nd = node_get(doc, "accelerator"), *b = node_get(doc, "batch");
    *out = (struct work_points){.work = w};
    if (!node_keys(a, doc, names, sizeof names / sizeof *names, e))
        return e->mend[0] ? false : err_mend(e, "a workload takes accelerator, devices, batch, framework and prices");
    if (!node_int(a, node_get(doc, "devices"), 1, DEVICES_MAX, &devices, e) ||
        !node_unit(a, b, UNIT_COUNT, &k.batch, e) || !node_str(a, node_get(doc, "framework"), &k.framework, e) ||
        !scenario_prices(a, c, node_get(doc, "prices"), doc, &k.query, e))
        return false;
    k.devices = (int)devices;
    if (!nd)
        return err_input(e, doc->file, "accelerator is missing"), err_mend(e, "write accelerator: h100");
    if (b && !(k.batch >= 1))
        return err_input(e, node_place(a, b), "must be at least 1"), err_mend(e, "write batch: 1");
    return points(&k, nd, out, notes, e);
}
