/* calibrate_input.c - read files of either kind, keep the rows that are meant, insist on one deployment. */
#include "fit/calibrate_input.h"

#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/map.h"
#include "fit/calibrate_groups.h"

struct gathering {
    struct arena *a;
    struct catalog *cat;
    const struct fit_given *given;
    const struct model *model;
    const struct accelerator *acc;
    enum precision precision;
    struct fit_points all;
    XXH64_hash_t hash;
    struct notes *notes;
    struct err *e;
};

static bool is_json(const char *path, const char *bytes, size_t n)
{
    size_t k = strlen(path), i = 0;
    while (i < n && strchr(" \t\r\n", bytes[i]) && bytes[i])
        i++;
    return (k > 5 && strcmp(path + k - 5, ".json") == 0) || (i < n && bytes[i] == '{');
}

static bool add_file(struct gathering *g, const char *path)
{
    char *bytes;
    size_t n;
    struct fit_points p;
    struct buf csv = {.arena = g->a};
    if (!file_read(g->a, path, 0, &bytes, &n, g->e))
        return false;
    g->hash = XXH64(bytes, n, g->hash);
    if (is_json(path, bytes, n)) {
        if (!fit_bench_csv(g->a, path, bytes, n, g->given, &csv, g->notes, g->e))
            return false;
        bytes = csv.at, n = csv.n;
    }
    if (!fit_points_parse(g->a, g->cat, path, bytes, n, &p, g->notes, g->e))
        return false;
    g->all.point = arena_grow(g->a, g->all.point, g->all.n, g->all.n + p.n, sizeof *g->all.point);
    memcpy(g->all.point + g->all.n, p.point, p.n * sizeof *p.point);
    g->all.n += p.n;
    return true;
}

/* The names given, looked up once. */
static bool names(struct gathering *g)
{
    const struct fit_given *v = g->given;
    g->precision = PREC_N;
    if (v->model && !(g->model = catalog_model(g->cat, v->model, "--model", g->notes, g->e)))
        return false;
    if (v->accelerator && !(g->acc = catalog_accelerator(g->cat, v->accelerator, "--accelerator", g->notes, g->e)))
        return false;
    if (v->precision && (g->precision = precision_find(v->precision)) == PREC_N)
        return err_input(g->e, "--precision", "no number format \"%.40s\"", v->precision);
    return true;
}

static bool same_count(int64_t given, int have)
{
    return given == 0 || given == have;
}

/* What a row does not say, because it could not be read, does not speak against it. */
static bool meant(const struct gathering *g, const struct fit_point *p)
{
    const struct fit_given *v = g->given;
    bool same = !g->model || !p->model || strcmp(g->model->id, p->model->id) == 0;
    same = same && (!g->acc || !p->acc || strcmp(g->acc->id, p->acc->id) == 0);
    same = same && (!v->framework || strcmp(v->framework, p->framework) == 0);
    same = same && (g->precision == PREC_N || p->precision == PREC_N || p->precision == g->precision);
    return same && (p->refused || (same_count(v->tp, p->tp) && same_count(v->pp, p->pp) && same_count(v->dp, p->dp) &&
                                   same_count(v->ep, p->ep)));
}

static void sort_out(struct gathering *g, struct fit_gathered *out)
{
    out->point = ARENA_ARRAY(g->a, const struct fit_point *, g->all.n);
    out->refused = ARENA_ARRAY(g->a, const struct fit_point *, g->all.n);
    for (size_t i = 0; i < g->all.n; i++) {
        struct fit_point *p = &g->all.point[i];
        if (!p->refused && p->disaggregated)
            p->refused = "prefill and decode apart: it says too little of one engine";
        if (!p->refused && p->kind == FIT_TRAINING)
            p->refused = "training has constants of its own: scripts/fit/training.py fits them";
        if (!meant(g, p))
            out->nother++;
        else if (p->refused)
            out->refused[out->nrefused++] = p;
        else
            out->point[out->n++] = p;
    }
}

static bool one_deployment(struct gathering *g, struct fit_gathered *out)
{
    struct fit_points left = {.point = ARENA_ARRAY(g->a, struct fit_point, out->n), .n = out->n};
    struct buf list = {.arena = g->a};
    for (size_t i = 0; i < out->n; i++)
        left.point[i] = *out->point[i];
    struct fit_deployments d = fit_deployments_of(g->a, &left, false);
    out->deployment = d.name[0];
    if (d.n == 1)
        return true;
    for (size_t i = 0; i < d.n && list.n < 320; i++)
        buf_fmt(&list, "%s%s (%zu)", i ? "; " : "", d.name[i], d.count[i]);
    err_input(g->e, out->name, "%zu deployments: %.400s%s", d.n, buf_str(&list), list.n >= 320 ? "; ..." : "");
    return err_mend(g->e, "choose one by --model, --precision, --accelerator and --framework");
}

bool fit_gather(struct arena *a, struct catalog *c, const char *const *file, size_t nfile,
                const struct fit_given *given, struct fit_gathered *out, struct notes *notes, struct err *e)
{
    struct gathering g = {.a = a, .cat = c, .given = given, .notes = notes, .e = e};
    struct buf name = {.arena = a};
    *out = (struct fit_gathered){.deployment = ""};
    if (!names(&g))
        return false;
    for (size_t i = 0; i < nfile; i++) {
        if (!add_file(&g, file[i]))
            return false;
        buf_fmt(&name, "%s%s", i ? ", " : "", file[i]);
    }
    out->name = buf_str(&name);
    out->hash = arena_printf(a, "xxh64:%016llx", (unsigned long long)g.hash);
    sort_out(&g, out);
    if (out->n)
        return one_deployment(&g, out);
    if (out->nrefused)
        return err_input(e, out->name, "no row can be used; %s: %s", out->refused[0]->id, out->refused[0]->refused);
    return err_input(e, out->name, "none of %zu rows is of the deployment asked for", out->nother);
}
