/* rate_curve.c - rates by time from a CSV, as a step function: a row holds from its time to that of the next, the last one as
** long as the one before. Its integral over the file is the number of requests.
**
** Column of the time: t_s. Columns of the rate, with their units: rate_rps, rps (requests a second), rpm, rpm_mid, rpm_min, rpm_max
** (a minute), rph (an hour), relative (no unit: then a rate must be given). Rows of several series stand in one file under a column
** trace, series or model, and one of them is chosen: series: conv.
*/
#include "facts/rate_curve.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/request.h"
#include "facts/trace.h"

enum { MAX_CELLS = 10000000 };

static const struct { const char *name; double per_s; } rate_columns[] = {
    {"rate_rps", 1},    {"rps", 1},           {"rpm_mid", 1.0 / 60}, {"rpm", 1.0 / 60},
    {"rph", 1.0 / 3600}, {"rpm_min", 1.0 / 60}, {"rpm_max", 1.0 / 60}, {"relative", 0},
};
enum { RATE_COLUMNS = sizeof rate_columns / sizeof *rate_columns };

struct choice {                 /* the map as written */
    const char *file, *shape, *series, *column;
    double from_s;
};

struct table {                  /* what the file holds */
    struct csv csv;
    int time, rate, series;     /* columns; series -1: only one */
    double per_s;               /* 0: relative */
};

static const struct rate_shape *shape_find(const char *name)
{
    for (size_t i = 0; i < rate_shape_count; i++)
        if (strcmp(rate_shapes[i].name, name) == 0)
            return &rate_shapes[i];
    return NULL;
}

static bool find_columns(struct table *f, const struct choice *want, const char *path, struct err *e)
{
    static const char *const series[] = {"series", "trace", "model", NULL};
    struct csv *c = &f->csv;
    f->time = csv_column(c, "t_s");
    f->series = trace_column(c, series, NULL);
    f->rate = -1;
    for (size_t i = 0; i < RATE_COLUMNS && f->rate < 0; i++)
        if (!want->column || strcmp(rate_columns[i].name, want->column) == 0) {
            f->rate = csv_column(c, rate_columns[i].name);
            f->per_s = rate_columns[i].per_s;
        }
    if (f->time >= 0 && f->rate >= 0)
        return true;
    if (f->time < 0)
        err_input(e, path, "no column t_s: a rate curve needs the time of each row in seconds");
    else if (want->column)
        err_input(e, path, "no column \"%s\" with a rate", want->column);
    else
        err_input(e, path, "no column with a rate");
    return err_mend(e, "name the columns t_s and rate_rps (requests a second), rpm (a minute), rph (an hour) or relative");
}

/* The names in the series column, for an error: at most eight. */
static const char *series_names(struct arena *a, struct table *f)
{
    struct buf b = {.arena = a};
    char *seen[8];
    size_t n = 0;
    do {
        const struct cell *v = csv_cell(&f->csv, f->series);
        size_t i = 0;
        while (i < n && !cell_is(*v, seen[i]))
            i++;
        if (i == n && n < 8) {
            seen[n++] = cell_dup(a, *v);
            buf_fmt(&b, "%s%s", n > 1 ? ", " : "", seen[n - 1]);
        }
    } while (csv_next(&f->csv));
    return buf_str(&b);
}

/* Is this row of the series wanted? Without a wish the first row's series is it, and another one an error. */
static bool is_ours(struct arena *a, struct table *f, const char **series, bool chosen, bool *ours, const char *path, struct err *e)
{
    *ours = true;
    if (f->series < 0)
        return true;
    const struct cell *v = csv_cell(&f->csv, f->series);
    if (!*series)
        *series = cell_dup(a, *v);
    *ours = cell_is(*v, *series);
    if (*ours || chosen)
        return true;
    const char *first = *series;
    err_input(e, path, "more than one series: %s, %s", first, series_names(a, f));
    return err_mend(e, "choose one: rate_curve: {file: ..., series: %s}", first);
}

static bool read_rows(struct arena *a, struct table *f, const struct choice *want, const char *path, struct rate_curve *out,
                      struct err *e)
{
    double *t = NULL;
    size_t cap = 0;
    const char *series = want->series;
    while (csv_next(&f->csv)) {
        const char *place = arena_printf(a, "%s:%llu", path, (unsigned long long)f->csv.line);
        double rate, time;
        bool ours;
        if (f->csv.ragged)
            return err_input(e, place, "another number of cells than the header");
        if (!is_ours(a, f, &series, want->series != NULL, &ours, path, e))
            return false;
        if (!ours)
            continue;
        if (!cell_f64(*csv_cell(&f->csv, f->time), &time) || fabs(time) > 4e9)
            return err_input(e, place, "t_s: expected a time in seconds");
        if (!cell_f64(*csv_cell(&f->csv, f->rate), &rate) || !(rate >= 0 && rate <= 1e12))
            return err_input(e, place, "expected a rate of at least 0, got \"%.*s\"", (int)fmin((double)csv_cell(&f->csv, f->rate)->n, 40),
                             csv_cell(&f->csv, f->rate)->at);
        if (out->n && !(time > t[out->n - 1]))
            return err_input(e, place, "t_s goes from %g to %g: a curve has one row for each time, in order", t[out->n - 1], time);
        if (out->n == MAX_CELLS)
            return err_input(e, place, "more than %d rows", MAX_CELLS);
        if (out->n == cap) {
            cap = cap ? cap * 2 : 1024;
            t = arena_grow(a, t, out->n, cap, sizeof *t);
            out->rel = arena_grow(a, out->rel, out->n, cap, sizeof *out->rel);
        }
        t[out->n] = time;
        out->rel[out->n++] = rate;
    }
    if (out->n < 2)
        return want->series ? err_input(e, path, "series \"%s\" has %zu rows; a curve needs two at least", want->series, out->n)
                            : err_input(e, path, "a curve needs two rows at least");
    out->cell_s = ARENA_ARRAY(a, double, out->n);
    for (size_t i = 0; i + 1 < out->n; i++)
        out->cell_s[i] = t[i + 1] - t[i];
    out->cell_s[out->n - 1] = out->cell_s[out->n - 2];
    if (series)
        out->name = arena_printf(a, "%s, %s", path, series);
    return true;
}

static bool from_file(struct arena *a, const struct node *nd, const struct choice *want, const char *base_dir, struct rate_curve *out,
                      struct err *e)
{
    const char *path;
    struct table f;
    char *bytes;
    size_t n;
    if (!traffic_file(a, want->file, node_place(a, nd), base_dir, &path, e) || !file_read(a, path, 0, &bytes, &n, e) ||
        !csv_open(&f.csv, a, path, bytes, n, e) || !find_columns(&f, want, path, e))
        return false;
    out->name = path;
    return read_rows(a, &f, want, path, out, e) && (f.per_s > 0 ? (out->mean_s = f.per_s, true) : true);
}

static void from_shape(struct arena *a, const struct rate_shape *s, struct rate_curve *out)
{
    out->name = s->name;
    out->n = s->n;
    out->rel = ARENA_ARRAY(a, double, s->n);
    out->cell_s = ARENA_ARRAY(a, double, s->n);
    for (size_t i = 0; i < s->n; i++) {
        out->rel[i] = s->rel[i];
        out->cell_s[i] = s->cell_s;
    }
}

/* Divide by the mean over time; mean_s holds the unit of the rates so far. */
static bool normalise(struct rate_curve *c, const char *place, struct err *e)
{
    double sum = 0;
    c->span_s = 0;
    for (size_t i = 0; i < c->n; i++) {
        sum += c->rel[i] * c->cell_s[i];
        c->span_s += c->cell_s[i];
    }
    if (!(sum > 0))
        return err_input(e, place, "the rate is 0 all the time");
    double mean = sum / c->span_s;
    for (size_t i = 0; i < c->n; i++)
        c->rel[i] /= mean;
    c->mean_s *= mean;
    return true;
}

/* Begin from_s into the curve; what was before comes last. A cell that is cut becomes two. */
static void turn(struct arena *a, struct rate_curve *c, double from_s)
{
    size_t i = 0, n = 0;
    from_s = fmod(from_s, c->span_s);
    for (; from_s >= c->cell_s[i]; i = (i + 1) % c->n)
        from_s -= c->cell_s[i];
    double *rel = ARENA_ARRAY(a, double, c->n + 1), *cell_s = ARENA_ARRAY(a, double, c->n + 1);
    for (size_t k = 0; k < c->n; k++, n++) {
        rel[n] = c->rel[(i + k) % c->n];
        cell_s[n] = c->cell_s[(i + k) % c->n] - (k ? 0 : from_s);
    }
    if (from_s > 0) {
        rel[n] = rel[0];
        cell_s[n++] = from_s;
    }
    c->rel = rel;
    c->cell_s = cell_s;
    c->n = n;
}

bool rate_curve_read(struct arena *a, const struct node *nd, const char *base_dir, struct rate_curve *out, struct err *e)
{
    static const char *const keys[] = {"file", "shape", "series", "column", "from"};
    struct choice want = {.file = NULL};
    const char *names[8];
    *out = (struct rate_curve){.name = NULL};
    if (nd->kind == NODE_SCALAR) {
        if (!node_str(a, nd, &want.file, e))
            return false;
        if (shape_find(want.file) || !strpbrk(want.file, "./")) {       /* a bare word is a shape */
            want.shape = want.file;
            want.file = NULL;
        }
    } else if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected a file, or daily, weekly or weekly-code");
    else if (!node_keys(a, nd, keys, 5, e) || !node_str(a, node_get(nd, "file"), &want.file, e) ||
             !node_str(a, node_get(nd, "shape"), &want.shape, e) || !node_str(a, node_get(nd, "series"), &want.series, e) ||
             !node_str(a, node_get(nd, "column"), &want.column, e) ||
             !node_unit(a, node_get(nd, "from"), UNIT_DURATION_S, &want.from_s, e))
        return false;
    if (!want.file == !want.shape)
        return err_input(e, node_place(a, nd), "write either file or shape (daily, weekly, weekly-code)");
    if (want.shape && (want.series || want.column))
        return err_input(e, node_place(a, nd), "series and column belong to a file, not to a shape");
    const struct rate_shape *shape = want.shape ? shape_find(want.shape) : NULL;
    if (want.shape && !shape) {
        for (size_t i = 0; i < rate_shape_count && i < 8; i++)
            names[i] = rate_shapes[i].name;
        const char *close = text_closest(want.shape, names, rate_shape_count);
        err_input(e, node_place(a, nd), "no shape \"%s\"", want.shape);
        return close ? err_mend(e, "did you mean \"%s\"?", close) : err_mend(e, "there are daily, weekly and weekly-code; or name a file");
    }
    if (shape)
        from_shape(a, shape, out);
    else if (!from_file(a, nd, &want, base_dir, out, e))
        return false;
    if (!normalise(out, shape ? node_place(a, nd) : out->name, e))
        return false;
    turn(a, out, want.from_s);
    return true;
}

double rate_curve_mean(const struct rate_curve *c, double duration_s)
{
    double whole = floor(duration_s / c->span_s), left = duration_s - whole * c->span_s, sum = whole * c->span_s;
    for (size_t i = 0; i < c->n && left > 0; i++) {
        double dt = fmin(left, c->cell_s[i]);
        sum += c->rel[i] * dt;
        left -= dt;
    }
    return sum / duration_s;
}
