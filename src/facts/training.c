/* training.c - data/training.yaml: pooled constants, what a stack writes laid over them, times the factor of the
 * family. */
#include "facts/training.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"

const char *const train_shard_name[SHARD_N] = {"none", "zero1", "zero2", "fsdp"};

struct train_row { /* NaN, SHARD_N: not said */
    const char *name;
    const char **alias, *source;
    size_t nalias;
    struct train_const c;
};

static const struct train_const silent = {
    .compute = NAN,
    .attention = NAN,
    .scan = NAN,
    .experts = NAN,
    .passes = NAN,
    .links = NAN,
    .layer_fixed_s = NAN,
    .moe_host_s = NAN,
    .step_fixed_s = NAN,
    .overlap_tp = NAN,
    .overlap_dp = NAN,
    .overlap_ep = NAN,
    .straggler_frac = NAN,
    .grad_bytes = NAN,
    .lo = NAN,
    .hi = NAN,
    .shard = SHARD_N,
    .tier = TIER_POOLED,
};

static bool number(struct arena *a, const struct node *map, const char *key, double lo, double hi, double *out,
                   struct err *e)
{
    const struct node *nd = node_get(map, key);
    if (!node_f64(a, nd, out, e))
        return false;
    if (nd && !(*out >= lo && *out <= hi))
        return err_input(e, node_place(a, nd), "expected a number from %g to %g, got %g", lo, hi, *out);
    return true;
}

static bool read_shard(struct arena *a, const struct node *nd, enum train_shard *out, struct err *e)
{
    const char *name = NULL;
    if (!nd)
        return true;
    if (!node_str(a, nd, &name, e))
        return false;
    for (int i = 0; i < SHARD_N; i++)
        if (strcmp(name, train_shard_name[i]) == 0) {
            *out = (enum train_shard)i;
            return true;
        }
    return err_input(e, node_place(a, nd), "expected none, zero1, zero2 or fsdp, got \"%.40s\"", name);
}

static bool texts(struct arena *a, const struct node *list, const char ***out, size_t *n, struct err *e)
{
    *n = list ? list->n : 0;
    *out = ARENA_ARRAY(a, const char *, *n);
    for (size_t i = 0; i < *n; i++)
        if (!node_str(a, &list->item[i], &(*out)[i], e))
            return false;
    return true;
}

static bool read_row(struct arena *a, const char *name, const struct node *map, struct train_row *r, struct err *e)
{
    static const char *const names[] = {"names",      "compute",        "attention",   "scan",
                                        "experts",    "passes",     "links",      "layer_fixed", "moe_host",
                                        "step_fixed", "overlap_tp", "overlap_dp", "overlap_ep",  "straggler",
                                        "grad_bytes", "shard",      "source"};
    struct train_const *c = &r->c;
    r->name = name;
    r->c = silent;
    return node_keys(a, map, names, sizeof names / sizeof *names, e) &&
           node_str(a, node_get(map, "source"), &r->source, e) &&
           texts(a, node_get(map, "names"), &r->alias, &r->nalias, e) &&
           number(a, map, "compute", 0.01, 3, &c->compute, e) &&
           number(a, map, "attention", 0.01, 3, &c->attention, e) && number(a, map, "scan", 0.01, 3, &c->scan, e) &&
           number(a, map, "experts", 0.01, 3, &c->experts, e) && number(a, map, "passes", 0, 1000, &c->passes, e) &&
           number(a, map, "links", 0.1, 10, &c->links, e) &&
           node_unit(a, node_get(map, "layer_fixed"), UNIT_DURATION_S, &c->layer_fixed_s, e) &&
           node_unit(a, node_get(map, "moe_host"), UNIT_DURATION_S, &c->moe_host_s, e) &&
           node_unit(a, node_get(map, "step_fixed"), UNIT_DURATION_S, &c->step_fixed_s, e) &&
           number(a, map, "overlap_tp", 0, 1, &c->overlap_tp, e) &&
           number(a, map, "overlap_dp", 0, 1, &c->overlap_dp, e) &&
           number(a, map, "overlap_ep", 0, 1, &c->overlap_ep, e) &&
           number(a, map, "straggler", 0, 1, &c->straggler_frac, e) &&
           number(a, map, "grad_bytes", 1, 8, &c->grad_bytes, e) && read_shard(a, node_get(map, "shard"), &c->shard, e);
}

static bool read_rows(struct arena *a, const struct node *map, struct train_row **out, size_t *n, struct err *e)
{
    *n = map ? map->n : 0;
    *out = ARENA_ARRAY(a, struct train_row, *n);
    for (size_t i = 0; i < *n; i++)
        if (!read_row(a, map->key[i], &map->item[i], &(*out)[i], e))
            return false;
    return true;
}

static bool complete(const struct train_const *c)
{
    return isfinite(c->compute + c->attention + c->scan + c->links + c->moe_host_s + c->experts +
                    c->passes + c->layer_fixed_s + c->step_fixed_s + c->overlap_tp + c->overlap_dp + c->overlap_ep +
                    c->straggler_frac + c->grad_bytes) &&
           c->shard != SHARD_N;
}

static bool read_interval(struct arena *a, const struct node *map, struct training *t, struct err *e)
{
    static const char *const names[] = {"device", "family", "pooled", "source"}, *const ends[] = {"lo", "hi"};
    if (!map)
        return err_input(e, "training.yaml", "interval is missing");
    if (!node_keys(a, map, names, 4, e) || !node_str(a, node_get(map, "source"), &t->interval_source, e))
        return false;
    for (int k = 0; k < 3; k++) {
        const struct node *m = node_get(map, names[k]);
        t->interval[k].lo = t->interval[k].hi = 0.5;
        if (m && (!node_keys(a, m, ends, 2, e) || !number(a, m, "lo", 0, 0.95, &t->interval[k].lo, e) ||
                  !number(a, m, "hi", 0, 20, &t->interval[k].hi, e)))
            return false;
    }
    return true;
}

/* llama-3.1-8b on h100-sxm-80: [ids] */
static bool read_fitted(struct arena *a, const struct node *map, struct training *t, struct err *e)
{
    t->nfitted = map && map->kind == NODE_MAP ? map->n : 0;
    t->fitted = ARENA_ARRAY(a, struct train_group, t->nfitted);
    for (size_t i = 0; i < t->nfitted; i++) {
        struct train_group *g = &t->fitted[i];
        const char *name = map->key[i], *on = strstr(name, " on ");
        if (!on)
            return err_input(e, node_place(a, &map->item[i]), "expected MODEL on ACCELERATOR, got \"%.60s\"", name);
        g->model = arena_strndup(a, name, (size_t)(on - name));
        g->acc = arena_strdup(a, on + 4);
        if (!texts(a, &map->item[i], &g->id, &g->n, e))
            return false;
    }
    return true;
}

static bool sourced(struct arena *a, const struct node *map, const char *key, enum unit unit, double *out,
                    struct err *e)
{
    static const char *const names[] = {"value", "source", "date", "note"};
    const struct node *m = node_get(map, key);
    return !m || (node_keys(a, m, names, 4, e) && node_unit(a, node_get(m, "value"), unit, out, e));
}

static bool read_reliability(struct arena *a, const struct node *map, struct reliability *r, struct err *e)
{
    static const char *const names[] = {"mtbf", "checkpoint_write", "restart"};
    if (map && (!node_keys(a, map, names, 3, e) || !sourced(a, map, "mtbf", UNIT_DURATION_S, &r->mtbf_s, e) ||
                !sourced(a, map, "checkpoint_write", UNIT_BYTES_S, &r->checkpoint_bytes_s, e) ||
                !sourced(a, map, "restart", UNIT_DURATION_S, &r->restart_s, e)))
        return false;
    if (r->mtbf_s > 0 && r->checkpoint_bytes_s > 0)
        return true;
    return err_input(e, "training.yaml", "reliability needs mtbf and checkpoint_write, both above 0");
}

bool training_read(struct arena *a, const struct node *doc, struct training *out, struct err *e)
{
    static const char *const names[] = {"date",     "source",   "pooled",    "stacks",
                                        "families", "interval", "fitted_on", "reliability"};
    struct train_row pooled;
    if (!node_keys(a, doc, names, 8, e) || !node_str(a, node_get(doc, "date"), &out->date, e) ||
        !node_str(a, node_get(doc, "source"), &out->source, e))
        return false;
    const struct node *base = node_get(doc, "pooled");
    if (!base)
        return err_input(e, doc->file, "pooled constants are missing"), err_mend(e, "copy data/training.yaml");
    if (!read_row(a, "pooled", base, &pooled, e) ||
        !read_rows(a, node_get(doc, "stacks"), &out->stack, &out->nstack, e) ||
        !read_rows(a, node_get(doc, "families"), &out->family, &out->nfamily, e) ||
        !read_interval(a, node_get(doc, "interval"), out, e) || !read_fitted(a, node_get(doc, "fitted_on"), out, e) ||
        !read_reliability(a, node_get(doc, "reliability"), &out->reliability, e))
        return false;
    if (!complete(&pooled.c))
        return err_input(e, node_place(a, base), "a constant is missing"),
               err_mend(e,
                        "pooled needs compute, attention, scan, experts, passes, links, layer_fixed, moe_host, "
                        "step_fixed, overlap_*, straggler, grad_bytes, shard");
    out->pooled = pooled.c;
    return true;
}

static const struct train_row *find(const struct train_row *row, size_t n, const char *name)
{
    for (size_t i = 0; name && i < n; i++) {
        if (strcmp(row[i].name, name) == 0)
            return &row[i];
        for (size_t k = 0; k < row[i].nalias; k++)
            if (strcmp(row[i].alias[k], name) == 0)
                return &row[i];
    }
    return NULL;
}

static void lay(double *to, double v)
{
    if (!isnan(v))
        *to = v;
}

static bool device_fitted(const struct training *t, const char *acc)
{
    for (size_t i = 0; i < t->nfitted; i++)
        if (strcmp(t->fitted[i].acc, acc) == 0)
            return true;
    return false;
}

struct train_const training_constants(const struct training *t, const char *stack, const struct accelerator *acc)
{
    struct train_const c = t->pooled;
    const struct train_row *s = find(t->stack, t->nstack, stack), *f = find(t->family, t->nfamily, acc->family);
    c.stack = s ? s->name : "pooled";
    if (s) {
        lay(&c.compute, s->c.compute), lay(&c.attention, s->c.attention),
            lay(&c.scan, s->c.scan), lay(&c.experts, s->c.experts), lay(&c.passes, s->c.passes),
            lay(&c.links, s->c.links);
        lay(&c.layer_fixed_s, s->c.layer_fixed_s), lay(&c.moe_host_s, s->c.moe_host_s),
            lay(&c.step_fixed_s, s->c.step_fixed_s);
        lay(&c.overlap_tp, s->c.overlap_tp), lay(&c.overlap_dp, s->c.overlap_dp), lay(&c.overlap_ep, s->c.overlap_ep);
        lay(&c.straggler_frac, s->c.straggler_frac), lay(&c.grad_bytes, s->c.grad_bytes);
        c.shard = s->c.shard != SHARD_N ? s->c.shard : c.shard;
    }
    if (f && !isnan(f->c.compute))
        c.compute *= f->c.compute;
    if (f && !isnan(f->c.attention))
        c.attention *= f->c.attention;
    c.tier = device_fitted(t, acc->id) ? TIER_DEVICE : f && !f->source ? TIER_FAMILY : TIER_POOLED;
    c.lo = t->interval[c.tier].lo;
    c.hi = t->interval[c.tier].hi;
    return c;
}

size_t training_stacks(const struct training *t, const char *names[TRAIN_STACKS_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < t->nstack; i++) {
        if (n < TRAIN_STACKS_MAX)
            names[n++] = t->stack[i].name;
        for (size_t k = 0; k < t->stack[i].nalias && n < TRAIN_STACKS_MAX; k++)
            names[n++] = t->stack[i].alias[k];
    }
    return n;
}

const char *training_default_stack(const struct accelerator *acc)
{
    return acc->software && strcmp(acc->software, "XLA") == 0 ? "maxtext" : "megatron";
}

bool training_fitted_on(const struct training *t, const char *model, const char *acc, const char *id)
{
    for (size_t i = 0; i < t->nfitted; i++) {
        const struct train_group *g = &t->fitted[i];
        for (size_t k = 0; strcmp(g->model, model) == 0 && strcmp(g->acc, acc) == 0 && k < g->n; k++)
            if (strcmp(g->id[k], id) == 0)
                return true;
    }
    return false;
}
