/* length.c - token counts and durations: exp(N(mu, sigma)), U(lo, hi), -m ln u, 1 + floor(ln u / ln(1 - 1/m)), the inverse of a
** piecewise linear distribution function, or one of many samples. */
#include "facts/length.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/rng.h"
#include "facts/request.h"
#include "facts/trace.h"

#define Z99 2.3263478740408408  /* the 99 % quantile of N(0, 1) */

#define MAX_S 1e9               /* 30 years */

/* A value of the unit of l: tokens are whole, counts may have fractions where they are means. */
static bool value(struct arena *a, const struct node *nd, const struct length *l, double *out, struct err *e)
{
    bool time = l->unit == UNIT_DURATION_S;
    double lo = time ? 0 : 1, hi = time ? MAX_S : TRACE_MAX_TOK;
    if (!node_unit(a, nd, l->unit, out, e))
        return false;
    if (!nd || (*out >= lo && *out <= hi))
        return true;
    if (time)
        return err_input(e, node_place(a, nd), "expected a time of at most 30 years, got %s", nd->text);
    return err_input(e, node_place(a, nd), "expected %g to 100M%s, got %s", lo, l->unit == UNIT_TOKENS ? " tokens" : "", nd->text);
}

static bool fixed(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    (void)dir;
    const struct node *v = node_get(nd, "value");
    if (!v)
        return err_input(e, node_place(a, nd), "a fixed length needs value");
    l->kind = LENGTH_FIXED;
    return value(a, v, l, &l->a, e);
}

/* median and p99, or mean and cv: sigma^2 = log(1 + cv^2), mu = log(mean) - sigma^2 / 2 */
static bool lognormal(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    (void)dir;
    double median = 0, p99 = 0, mean = 0, cv = -1;
    if (!value(a, node_get(nd, "median"), l, &median, e) || !value(a, node_get(nd, "p99"), l, &p99, e) ||
        !value(a, node_get(nd, "mean"), l, &mean, e) || !node_f64(a, node_get(nd, "cv"), &cv, e))
        return false;
    l->kind = LENGTH_LOGNORMAL;
    if (median > 0 && p99 > 0 && mean == 0 && cv < 0) {
        if (p99 < median)
            return err_input(e, node_place(a, nd), "p99 %g is below the median %g", p99, median);
        l->a = log(median);
        l->b = log(p99 / median) / Z99;
        return true;
    }
    if (mean > 0 && cv >= 0 && cv <= 100 && median == 0 && p99 == 0) {
        l->b = sqrt(log1p(cv * cv));
        l->a = log(mean) - l->b * l->b / 2;
        return true;
    }
    return err_input(e, node_place(a, nd), "a lognormal length needs median and p99, or mean and cv (0 to 100)");
}

static bool uniform(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    (void)dir;
    l->kind = LENGTH_UNIFORM;
    if (!node_get(nd, "min") || !node_get(nd, "max"))
        return err_input(e, node_place(a, nd), "a uniform length needs min and max");
    l->a = l->min;
    l->b = l->max;
    return true;
}

static bool exponential(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    (void)dir;
    l->kind = LENGTH_EXPONENTIAL;
    if (!node_get(nd, "mean"))
        return err_input(e, node_place(a, nd), "an exponential length needs mean");
    return value(a, node_get(nd, "mean"), l, &l->a, e);
}

static bool geometric(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    (void)dir;
    l->kind = LENGTH_GEOMETRIC;
    if (!node_get(nd, "mean") || l->unit == UNIT_DURATION_S)
        return err_input(e, node_place(a, nd), l->unit == UNIT_DURATION_S ? "times are not whole numbers: write dist: exponential"
                                                                          : "a geometric length needs mean");
    return value(a, node_get(nd, "mean"), l, &l->a, e);
}

/* A column of a CSV: {file: lengths.csv, column: num_prefill_tokens}. Cells are counts, or seconds. */
static bool samples(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    const struct node *file = node_get(nd, "file"), *col = node_get(nd, "column");
    const char *name = NULL, *column = NULL, *path;
    bool time = l->unit == UNIT_DURATION_S;
    struct csv c;
    char *bytes;
    size_t n, cap = 0;
    double *v = NULL;
    if (!col)
        return err_input(e, node_place(a, nd), "which column of the file? write column: input_tokens");
    if (!node_str(a, file, &name, e) || !node_str(a, col, &column, e) || !traffic_file(a, name, node_place(a, file), dir, &path, e) ||
        !file_read(a, path, 0, &bytes, &n, e) || !csv_open(&c, a, path, bytes, n, e))
        return false;
    int at = csv_column(&c, column);
    if (at < 0)
        return err_input(e, node_place(a, col), "%s has no column \"%s\"", path, column);
    l->kind = LENGTH_SAMPLE;
    while (csv_next(&c)) {
        double x = trace_count(csv_cell(&c, at));
        if (!(x >= (time ? 0 : 1) && x <= (time ? MAX_S : TRACE_MAX_TOK)) || (!time && x != floor(x)))
            return err_input(e, arena_printf(a, "%s:%llu", path, (unsigned long long)c.line), "%s: expected %s, got \"%.*s\"", column,
                             time ? "seconds" : "a whole number from 1 on", (int)fmin((double)csv_cell(&c, at)->n, 40), csv_cell(&c, at)->at);
        if (l->nsample == cap) {
            cap = cap ? cap * 2 : 4096;
            v = arena_grow(a, v, l->nsample, cap, sizeof *v);
        }
        v[l->nsample++] = x;
    }
    l->sample = v;
    return l->nsample || err_input(e, path, "no rows: there is a header only");
}

/* quantiles: {p0: 1, p50: 900, p99: 7000, p100: 9000} (min, max stand for p0, p100) */
static bool empirical(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e)
{
    const struct node *map = node_get(nd, "quantiles");
    if (node_get(nd, "file"))
        return samples(a, nd, dir, l, e);
    if (!map || map->kind != NODE_MAP || map->n < 2)
        return err_input(e, node_place(a, nd), "an empirical length needs quantiles such as {p0: 1, p50: 900, p100: 9000}, or file and column");
    struct quantile *q = ARENA_ARRAY(a, struct quantile, map->n);
    for (size_t i = 0; i < map->n; i++) {
        struct node key = map->item[i];
        key.kind = NODE_SCALAR;
        key.quoted = false;
        key.text = map->key[i] + (map->key[i][0] == 'p');
        if (strcmp(map->key[i], "min") == 0 || strcmp(map->key[i], "max") == 0)
            key.text = map->key[i][1] == 'i' ? "0" : "100";
        struct err bad;
        if (!node_f64(a, &key, &q[i].p, &bad) || q[i].p < 0 || q[i].p > 100)
            return err_input(e, node_place(a, &map->item[i]), "expected a quantile such as p50 or p99.9");
        q[i].p /= 100;
        if (!value(a, &map->item[i], l, &q[i].v, e))
            return false;
        if (i && (q[i].p <= q[i - 1].p || q[i].v < q[i - 1].v))
            return err_input(e, node_place(a, &map->item[i]), "quantiles must rise, both in p and in tokens");
    }
    if (q[0].p > 0 || q[map->n - 1].p < 1)
        return err_input(e, node_place(a, map), "quantiles must begin with p0 (or min) and end with p100 (or max)");
    l->kind = LENGTH_TABLE;
    l->q = q;
    l->nq = map->n;
    return true;
}

static bool from_preset(struct arena *a, const struct node *nd, bool output, struct length *l, struct err *e)
{
    const char *name = NULL;
    if (!node_str(a, nd, &name, e))
        return false;
    const struct preset *p = preset_find(name);
    if (!p)
        return err_input(e, node_place(a, nd), "no preset \"%s\"", name);
    *l = output ? length_table(p->out, p->nout) : length_table(p->in, p->nin);
    return true;
}

struct length length_table(const struct quantile *q, size_t n)
{
    return (struct length){.kind = LENGTH_TABLE, .unit = UNIT_TOKENS, .q = q, .nq = n, .min = 1, .max = TRACE_MAX_TOK};
}

static const struct {
    const char *name;
    bool (*read)(struct arena *a, const struct node *nd, const char *dir, struct length *l, struct err *e);
} dists[] = {{"fixed", fixed}, {"lognormal", lognormal}, {"uniform", uniform}, {"exponential", exponential}, {"geometric", geometric},
           {"empirical", empirical}};

static bool read_dist(struct arena *a, const struct node *nd, const char *dir, bool output, struct length *out, struct err *e)
{
    static const char *const keys[] = {"dist", "value", "median", "p99", "mean", "cv", "min", "max", "quantiles", "preset",
                                       "file", "column"};
    const char *dist = NULL;
    if (nd->kind == NODE_SCALAR)
        return value(a, nd, out, &out->a, e);
    if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected %s", out->unit == UNIT_DURATION_S ? "a time, or {dist: lognormal, median: 10s, p99: 2min}"
                                                                                             : "a count, or {dist: lognormal, median: 900, p99: 7000}");
    if (!node_keys(a, nd, keys, sizeof keys / sizeof *keys, e) || !node_str(a, node_get(nd, "dist"), &dist, e))
        return false;
    if (!dist && node_get(nd, "preset") && out->unit == UNIT_TOKENS)
        return from_preset(a, node_get(nd, "preset"), output, out, e);
    if (!value(a, node_get(nd, "min"), out, &out->min, e) || !value(a, node_get(nd, "max"), out, &out->max, e))
        return false;
    if (out->min > out->max)
        return err_input(e, node_place(a, nd), "min %g is above max %g", out->min, out->max);
    double min = out->min, max = out->max;
    for (size_t i = 0; dist && i < sizeof dists / sizeof *dists; i++)
        if (strcmp(dist, dists[i].name) == 0) {
            bool ok = dists[i].read(a, nd, dir, out, e);
            out->min = min;
            out->max = max;
            return ok;
        }
    return err_input(e, node_place(a, node_get(nd, "dist") ? node_get(nd, "dist") : nd),
                     "expected dist: fixed, lognormal, uniform, exponential, geometric or empirical%s%s", dist ? ", got " : "", dist ? dist : "");
}

bool length_read(struct arena *a, const struct node *nd, const char *base_dir, bool output, struct length *out, struct err *e)
{
    *out = (struct length){.kind = LENGTH_FIXED, .unit = UNIT_TOKENS, .min = 1, .max = TRACE_MAX_TOK};
    return read_dist(a, nd, base_dir, output, out, e);
}

bool length_read_as(struct arena *a, const struct node *nd, const char *base_dir, enum unit unit, struct length *out, struct err *e)
{
    bool time = unit == UNIT_DURATION_S;
    *out = (struct length){.kind = LENGTH_FIXED, .unit = unit, .min = time ? 0 : 1, .max = time ? MAX_S : TRACE_MAX_TOK};
    return read_dist(a, nd, base_dir, false, out, e);
}

static double table_draw(const struct length *l, double u)
{
    size_t i = 1;
    while (i + 1 < l->nq && l->q[i].p < u)
        i++;
    const struct quantile *lo = &l->q[i - 1], *hi = &l->q[i];
    return lo->v + (hi->v - lo->v) * (u - lo->p) / (hi->p - lo->p);
}

double length_draw(const struct length *l, struct rng *r)
{
    double v = l->a;
    if (l->kind == LENGTH_LOGNORMAL)
        v = rng_lognormal(r, l->a, l->b);
    else if (l->kind == LENGTH_UNIFORM)
        v = l->unit == UNIT_DURATION_S ? l->a + (l->b - l->a) * rng_unit(r) : l->a + (double)rng_below(r, (uint64_t)(l->b - l->a) + 1);
    else if (l->kind == LENGTH_EXPONENTIAL)
        v = rng_exp(r, l->a);
    else if (l->kind == LENGTH_GEOMETRIC)
        v = l->a > 1 ? 1 + floor(log(rng_unit(r)) / log1p(-1 / l->a)) : 1;
    else if (l->kind == LENGTH_TABLE)
        v = table_draw(l, rng_unit(r));
    else if (l->kind == LENGTH_SAMPLE)
        v = l->sample[rng_below(r, l->nsample)];
    if (l->unit != UNIT_DURATION_S)
        v = round(v);
    return v < l->min ? l->min : v > l->max ? l->max : v;
}
