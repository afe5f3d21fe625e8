/* grid.c - axes from text and files, their values, and the scenario of each cell. */
#include "plan/grid.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/num.h"

#define VALUES_MAX 1000000      /* of one axis */
#define OVER "--over"

struct reader { struct arena *a; struct grid *g; struct err *e; };

static void add(struct reader *r, struct axis *x, size_t *cap, struct node v, const char *place)
{
    if (x->n == *cap) {
        size_t more = *cap ? *cap * 2 : 8;
        x->value = arena_grow(r->a, x->value, x->n, more, sizeof *x->value);
        *cap = more;
    }
    v.file = place;
    v.path = "";
    v.line = 0;
    x->value[x->n++] = v;
}

static struct node scalar(const char *text)
{
    return (struct node){.kind = NODE_SCALAR, .text = text};
}

struct range { double lo, hi, step, factor; const char *unit; };

/* lo..hi, then +step or *factor, then a unit. false: text is no range. */
static bool range_parse(const char *text, struct range *out)
{
    const char *dots = strstr(text, "..");
    size_t n = dots ? (size_t)(dots - text) : 0;
    *out = (struct range){.step = 1};
    if (!n || num_scan(text, n, &out->lo) != n || !(n = num_scan(dots + 2, strlen(dots + 2), &out->hi)))
        return false;
    const char *rest = dots + 2 + n;
    if (*rest == '+' || *rest == '*') {
        double *to = *rest == '+' ? &out->step : &out->factor;
        n = num_scan(rest + 1, strlen(rest + 1), to);
        if (!n)
            return false;
        rest += 1 + n;
    }
    out->unit = rest;
    return true;
}

static bool range_values(struct reader *r, struct axis *x, size_t *cap, const char *text, const struct range *range, const char *place)
{
    if (range->factor != 0 && !(range->factor > 1 && range->lo > 0))
        return err_input(r->e, place, "\"%.60s\" never arrives: a factor must be above 1, and what it begins with above 0", text);
    if (!(range->step > 0))
        return err_input(r->e, place, "\"%.60s\" never arrives: the step must be above 0", text);
    if (range->hi < range->lo)
        return err_input(r->e, place, "\"%.60s\" counts down: write the lesser number first", text);
    double n = range->factor != 0 ? log(range->hi / range->lo) / log(range->factor) : (range->hi - range->lo) / range->step;
    n = floor(n * (1 + 1e-12) + 1e-9) + 1;
    if (!(n <= VALUES_MAX))
        return err_input(r->e, place, "\"%.60s\" has %.4g values; a million are too many", text, n);
    for (double i = 0; i < n; i++) {
        char number[NUM_TEXT];
        double v = range->factor != 0 ? range->lo * pow(range->factor, i) : range->lo + i * range->step;
        num_digits(number, 12, v);      /* 0.1 + 2 * 0.1 is 0.3 to a reader */
        double short_v;
        num_scan(number, strlen(number), &short_v);
        num_print(number, short_v);
        add(r, x, cap, scalar(arena_printf(r->a, "%s%s", number, range->unit)), place);
    }
    return true;
}

/* One element of a list: itself, or the values of a range. */
static bool element(struct reader *r, struct axis *x, size_t *cap, const struct node *nd, const char *place)
{
    struct range range;
    if (nd->kind == NODE_SCALAR && !nd->quoted && range_parse(nd->text, &range))
        return range_values(r, x, cap, nd->text, &range, place);
    add(r, x, cap, *nd, place);
    return true;
}

static bool words(struct reader *r, struct axis *x, size_t *cap, const char *text, const char *place)
{
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, ",");
        const char *from = p + strspn(p, " ");
        size_t len = n > (size_t)(from - p) ? n - (size_t)(from - p) : 0;
        while (len && from[len - 1] == ' ')
            len--;
        struct node word = scalar(arena_strndup(r->a, from, len));
        if (len && !element(r, x, cap, &word, place))
            return false;
        p += n;
        p += *p == ',';
    }
    return true;
}

static bool overlap(const char *x, const char *y)
{
    size_t n = strlen(x);
    return strncmp(x, y, n) == 0 && (y[n] == '.' || y[n] == '\0');
}

/* file: values are in a file, and an error says where each stands. */
static bool axis_read(struct reader *r, const char *key, const struct node *values, const char *place, bool file)
{
    struct axis x = {.key = key, .place = place};
    size_t cap = 0, at = r->g->naxis;
    if (values->kind == NODE_SEQ) {
        for (size_t i = 0; i < values->n; i++)
            if (!element(r, &x, &cap, &values->item[i], file ? node_place(r->a, &values->item[i]) : place))
                return false;
    } else if (values->kind == NODE_SCALAR && !values->quoted && strchr(values->text, ',')) {
        if (!words(r, &x, &cap, values->text, place))
            return false;
    } else if (!node_is_null(values) && !element(r, &x, &cap, values, place)) {
        return false;
    }
    if (!x.n) {
        err_input(r->e, place, "no values: there is nothing to vary");
        return err_mend(r->e, "write a list or a range, as [1, 2, 4] or 1..8");
    }
    for (size_t i = 0; i < r->g->naxis; i++) {
        const char *other = r->g->axis[i].key;
        if (strcmp(other, key) == 0)
            at = i;
        else if (overlap(other, key) || overlap(key, other))
            return err_input(r->e, place, "%s and %s overlap: one would undo the other", other, key);
    }
    if (at == GRID_AXES)
        return err_input(r->e, place, "more than %d keys are varied at once", GRID_AXES);
    r->g->naxis += at == r->g->naxis;
    r->g->axis[at] = x;
    return true;
}

static bool from_file(struct reader *r, const struct node *map, const char *prefix)
{
    for (size_t i = 0; i < map->n; i++) {
        const struct node *nd = &map->item[i];
        const char *key = *prefix ? arena_printf(r->a, "%s.%s", prefix, map->key[i]) : map->key[i];
        if (nd->kind == NODE_MAP ? !from_file(r, nd, key) : !axis_read(r, key, nd, node_place(r->a, nd), true))
            return false;
    }
    return true;
}

static bool from_flag(struct reader *r, const char *text)
{
    const char *equals = strchr(text, '=');
    struct node *values;
    if (!equals || equals == text) {
        err_input(r->e, OVER, "expected KEY=VALUES, got \"%.80s\"", text);
        return err_mend(r->e, "write " OVER " 'replicas=1..8' or " OVER " 'accelerator=[h100, h200]'");
    }
    const char *key = arena_strndup(r->a, text, (size_t)(equals - text));
    const char *place = arena_printf(r->a, OVER " %.200s", key);
    if (!doc_yaml(r->a, OVER, equals + 1, strlen(equals + 1), &values, r->e))
        return err_input(r->e, place, "%s", arena_strdup(r->a, r->e->what));
    return axis_read(r, key, values, place, false);
}

bool grid_read(struct arena *a, const struct node *sweep, const char *const *over, size_t nover, uint64_t max_cells,
               struct grid *out, struct err *e)
{
    struct reader r = {a, out, e};
    *out = (struct grid){.naxis = 0};
    if (sweep && !node_is_null(sweep) && sweep->kind != NODE_MAP)
        return err_input(e, node_place(a, sweep), "expected a map of keys to values, as {replicas: 1..8}");
    if (sweep && !from_file(&r, sweep, ""))
        return false;
    for (size_t i = 0; i < nover; i++)
        if (!from_flag(&r, over[i]))
            return false;
    if (!out->naxis) {
        err_input(e, "sweep", "nothing to vary");
        return err_mend(e, "write " OVER " 'replicas=1..8', or a sweep: section in the file");
    }
    double cells = 1;
    for (size_t i = 0; i < out->naxis; i++)
        cells *= (double)out->axis[i].n;
    if (cells > (double)max_cells) {
        err_input(e, "sweep", "the grid has %.0f cells, %llu are allowed", cells, (unsigned long long)max_cells);
        return err_mend(e, "vary less, or allow more with --max-cells");
    }
    out->ncell = (size_t)cells;
    return true;
}

const struct node *grid_value(const struct grid *g, size_t cell, size_t axis)
{
    for (size_t k = g->naxis - 1; k > axis; k--)
        cell /= g->axis[k].n;
    return &g->axis[axis].value[cell % g->axis[axis].n];
}

static void place_all(struct node *nd, const char *place)
{
    nd->file = place;
    nd->path = "";
    nd->line = 0;
    for (size_t i = 0; i < nd->n; i++)
        place_all(&nd->item[i], place);
}

bool grid_doc(struct arena *a, const struct grid *g, const struct node *base, size_t cell, struct node **out, struct err *e)
{
    struct node *doc = ARENA_NEW(a, struct node);
    *doc = node_copy(a, base);
    for (size_t k = 0; k < g->naxis; k++) {
        const struct axis *x = &g->axis[k];
        const struct node *v = grid_value(g, cell, k);
        struct buf yaml = {.arena = a};
        node_json(&yaml, v);
        if (!node_set(a, doc, x->key, buf_str(&yaml), e))
            return err_input(e, v->file, "%s", arena_strdup(a, e->what));
        /* node_set has made the way, so the constant tree that node_at sees is ours */
        place_all((struct node *)node_at(doc, x->key), v->file);
    }
    *out = doc;
    return true;
}

struct node *grid_node(struct arena *a, const struct grid *g)
{
    struct node *map = ARENA_NEW(a, struct node);
    *map = (struct node){.kind = NODE_MAP, .file = "", .path = "", .n = g->naxis};
    map->item = ARENA_ARRAY(a, struct node, g->naxis);
    map->key = ARENA_ARRAY(a, const char *, g->naxis);
    for (size_t k = 0; k < g->naxis; k++) {
        map->key[k] = g->axis[k].key;
        map->item[k] = (struct node){.kind = NODE_SEQ, .file = "", .path = "", .n = g->axis[k].n, .item = g->axis[k].value};
    }
    return map;
}
