/* work.c - reads points of workloads, predicts each by speed/work.c, and scores the held-out ones apart from the
** fitted.
**
** Scores are those of score.c: a point stands as an error whose cluster is its workload on its accelerator.
*/
#include "fit/work.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/map.h"
#include "base/note.h"

enum column { C_ID, C_KIND, C_WORK, C_ACC, C_ACCS, C_BATCH, C_MEASURED, C_UNIT, C_DATE, C_SOURCE, C_FITTED, C_N };
static const char *const column_name[C_N] = {"id",       "kind", "work", "accelerator", "accelerators", "batch",
                                             "measured", "unit", "date", "source",      "fitted"};

/* The text of the file without its comment lines. */
static char *body(char *bytes, size_t *n)
{
    char *at = bytes, *end = bytes + *n;
    while (at < end && *at == '#') {
        char *line = memchr(at, '\n', (size_t)(end - at));
        at = line ? line + 1 : end;
    }
    *n = (size_t)(end - at);
    return at;
}

bool fit_is_work(struct arena *a, const char *path, bool *is, struct err *e)
{
    char *bytes;
    size_t n;
    struct csv csv;
    if (!file_read(a, path, 0, &bytes, &n, e))
        return false;
    char *at = body(bytes, &n);
    struct err none;
    *is = csv_open(&csv, a, path, at, n, &none) && csv_column(&csv, "work") >= 0;
    return true;
}

static bool refuse(struct arena *a, struct work_measured *p, const char *why, const char *what)
{
    p->refused = what ? arena_printf(a, "%s \"%.60s\"", why, what) : why;
    return false;
}

/* One row; false when it is refused. */
static bool read_row(struct arena *a, struct catalog *c, struct csv *csv, const int col[C_N], struct map *seen,
                     struct work_measured *p)
{
    double v = 1;
    struct err none = {0};
    struct cell id = *csv_cell(csv, col[C_ID]), kind = *csv_cell(csv, col[C_KIND]),
                fitted = *csv_cell(csv, col[C_FITTED]);
    *p = (struct work_measured){.line = csv->line, .devices = 1, .measured = NAN};
    p->id = id.n ? cell_dup(a, id) : arena_printf(a, "line %llu", (unsigned long long)csv->line);
    p->work_name = cell_dup(a, *csv_cell(csv, col[C_WORK]));
    p->acc_name = cell_dup(a, *csv_cell(csv, col[C_ACC]));
    p->fitted = cell_is(fitted, "1") || cell_is(fitted, "yes");
    if (map_get(seen, p->id) != MAP_NONE)
        return refuse(a, p, "the id was there before:", p->id);
    map_put(seen, p->id, 1);
    if (kind.n && !cell_is(kind, "work"))
        return refuse(a, p, "not of kind work:", cell_dup(a, kind));
    p->work = *p->work_name ? catalog_work(c, p->work_name, &none) : NULL;
    if (!p->work)
        return refuse(a, p, "unknown workload", p->work_name);
    p->acc = *p->acc_name ? catalog_accelerator(c, p->acc_name, "", NULL, &none) : NULL;
    if (!p->acc)
        return refuse(a, p, "unknown accelerator", p->acc_name);
    p->software = p->acc->software;
    struct cell count = *csv_cell(csv, col[C_ACCS]), batch = *csv_cell(csv, col[C_BATCH]),
                unit = *csv_cell(csv, col[C_UNIT]);
    if (count.n && (!cell_f64(count, &v) || v < 1 || v > 1e6 || v != floor(v)))
        return refuse(a, p, "accelerators is no count:", cell_dup(a, count));
    p->devices = (int)v;
    if (batch.n && (!cell_f64(batch, &p->batch) || p->batch < 1))
        return refuse(a, p, "batch is no count:", cell_dup(a, batch));
    if (!cell_f64(*csv_cell(csv, col[C_MEASURED]), &p->measured) || !(p->measured > 0))
        return refuse(a, p, "measured is no positive number", NULL);
    if (unit.n && !cell_is(unit, p->work->unit))
        return refuse(a, p, "the workload is counted in another unit than", cell_dup(a, unit));
    if (!csv_cell(csv, col[C_SOURCE])->n || !csv_cell(csv, col[C_DATE])->n)
        return refuse(a, p, "no source or no date", NULL);
    return true;
}

static void predict(struct arena *a, struct catalog *c, struct work_measured *p)
{
    struct err none;
    struct work_rate r;
    const struct stack_file *f = catalog_stack(c, catalog_default_framework(c, p->acc), p->acc, "", &none);
    struct stack s = stack_constants(f, p->acc);
    work_rate(a, p->work, &c->work_shares, p->acc, &s, p->devices, p->batch, &r);
    if (r.reason) {
        refuse(a, p, r.reason, NULL);
        return;
    }
    p->predicted = r.total_s;
    p->evidence = r.evidence;
}

/* ------------------------------------------------------------------ scores */

enum by { BY_CLASS, BY_WORK, BY_ACCELERATOR, BY_N };
static const char *const by_name[BY_N] = {"class", "work", "accelerator"};

static const char *key_of(const struct work_measured *p, int by)
{
    return by == BY_CLASS ? work_class_name[p->work->cls] : by == BY_WORK ? p->work->id : p->acc->id;
}

/* The scored rows that are fitted or not and have this key (NULL: any), as errors of score.c. */
static struct fit_score score(struct arena *a, const struct work_report *r, bool fitted, int by, const char *key,
                              uint64_t seed)
{
    const struct fit_error **list = ARENA_ARRAY(a, const struct fit_error *, r->n);
    size_t n = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct work_measured *p = &r->point[i];
        if (p->refused || p->fitted != fitted || (key && strcmp(key_of(p, by), key) != 0))
            continue;
        struct fit_error *e = ARENA_NEW(a, struct fit_error);
        struct fit_point *at = ARENA_NEW(a, struct fit_point);
        struct model *m = ARENA_NEW(a, struct model);
        m->id = p->work->id;
        *at = (struct fit_point){.id = p->id, .line = p->line, .acc = p->acc, .model = m};
        *e = (struct fit_error){.point = at, .measured = p->measured, .predicted = p->predicted};
        list[n++] = e;
    }
    return n ? fit_score_of(a, list, n, seed) : (struct fit_score){0};
}

static int worst_first(const void *pa, const void *pb)
{
    const struct work_group *x = pa, *y = pb;
    if (x->score.median_ape_pct != y->score.median_ape_pct)
        return x->score.median_ape_pct < y->score.median_ape_pct ? 1 : -1;
    return strcmp(x->key, y->key);
}

static void groups(struct arena *a, struct work_report *r, bool fitted, int by, uint64_t seed)
{
    struct map seen = {.arena = a};
    size_t from = r->ngroup;
    for (size_t i = 0; i < r->n; i++) {
        const struct work_measured *p = &r->point[i];
        if (p->refused || p->fitted != fitted || map_get(&seen, key_of(p, by)) != MAP_NONE)
            continue;
        map_put(&seen, key_of(p, by), 1);
        r->group[r->ngroup++] =
            (struct work_group){by_name[by], key_of(p, by), fitted, score(a, r, fitted, by, key_of(p, by), seed)};
    }
    qsort(r->group + from, r->ngroup - from, sizeof *r->group, worst_first);
}

bool fit_work(struct arena *a, struct catalog *c, const char *path, uint64_t seed, struct work_report *out,
              struct notes *notes, struct err *e)
{
    char *bytes;
    size_t n, cap = 64;
    struct csv csv;
    int col[C_N];
    struct map seen = {.arena = a};
    if (!file_read(a, path, 0, &bytes, &n, e))
        return false;
    char *at = body(bytes, &n);
    if (!csv_open(&csv, a, path, at, n, e))
        return false;
    for (int k = 0; k < C_N; k++) {
        col[k] = csv_column(&csv, column_name[k]);
        if (col[k] < 0 && (k == C_WORK || k == C_ACC || k == C_MEASURED || k == C_DATE || k == C_SOURCE))
            return err_input(e, path, "no column %s", column_name[k]),
                   err_mend(e, "a file of work points has id, kind, work, accelerator, accelerators, batch, measured, "
                               "unit, date, source, fitted");
    }
    *out = (struct work_report){.name = path, .point = ARENA_ARRAY(a, struct work_measured, cap)};
    while (csv_next(&csv)) {
        if (out->n == cap) {
            out->point = arena_grow(a, out->point, out->n, 2 * cap, sizeof *out->point);
            cap *= 2;
        }
        struct work_measured *p = &out->point[out->n++];
        if (read_row(a, c, &csv, col, &seen, p))
            predict(a, c, p);
        out->scored += !p->refused;
    }
    if (!out->n)
        note_add(notes, "%s: has no rows", path);
    out->held = score(a, out, false, 0, NULL, seed);
    out->fitted = score(a, out, true, 0, NULL, seed);
    out->group = ARENA_ARRAY(a, struct work_group, (BY_N + 1) * out->n);
    for (int by = 0; by < BY_N; by++)
        groups(a, out, false, by, seed);
    groups(a, out, true, BY_CLASS, seed);
    return true;
}
