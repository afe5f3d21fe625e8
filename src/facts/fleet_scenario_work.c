/* fleet_scenario_work.c - the workloads of a fleet scenario: what is served or trained, how much of it over time, and
*how its
** load goes over a week.
**
** Demand is the mean over a week; hour[h] is the load of hour h over it, from the traffic's own rate curve or days,
*from
** `curve`, or for people's work from the public week of Azure's chat service (facts/rate_shape.c).
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/fleet_read.h"
#include "facts/rate_curve.h"

#define KEYS(x) x, sizeof x / sizeof *x
#define HOUR_S 3600.0

static const struct {
    const char *kind;
    enum fleet_kind how;
    const char *model; /* where none is named */
    const char *curve; /* of its load where nothing is said; NULL: the same all week */
} kinds[] = {
    {"serving", FLEET_SERVING, NULL, "weekly"},        {"training", FLEET_TRAINING, NULL, NULL},
    {"recommender", FLEET_UNITS, "dlrm-v2", "weekly"}, {"graphics", FLEET_UNITS, "cloud-gaming-1080p60", "weekly"},
    {"diffusion", FLEET_UNITS, "sdxl", "weekly"},      {"video", FLEET_UNITS, "cogvideox-5b", "weekly"},
    {"driving", FLEET_UNITS, "bevformer-base", NULL},  {"hpc", FLEET_UNITS, "hpl", NULL},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

bool fleet_demand_read(struct fleet_reader *r, const struct node *nd, const struct fleet_job *j, struct series *out)
{
    static const struct {
        const char *unit;
        enum unit as;
        double scale;
    } units[] = {{"sessions", UNIT_COUNT, 1}, {"TFLOP/s", UNIT_FLOP_S, 1e12}, {"GFLOP/s", UNIT_FLOP_S, 1e9}};
    enum unit as = UNIT_RATE_S;
    double scale = 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].unit, j->unit) == 0)
            as = units[i].as, scale = units[i].scale;
    if (!series_read(r->a, nd, as, false, out, r->e))
        return false;
    for (size_t i = 0; i < out->n; i++)
        out->v[i] /= scale;
    return true;
}

static void hours_of_curve(const struct rate_curve *c, double hour[FLEET_HOURS])
{
    double sum = 0;
    for (int h = 0; h < FLEET_HOURS; h++) {
        double at = fmod((h + 0.5) * HOUR_S, c->span_s);
        size_t i = 0;
        while (i + 1 < c->n && at >= c->cell_s[i])
            at -= c->cell_s[i++];
        hour[h] = c->rel[i];
        sum += hour[h];
    }
    for (int h = 0; h < FLEET_HOURS; h++)
        hour[h] = sum > 0 ? hour[h] * FLEET_HOURS / sum : 1;
}

/* The shape of whole days of a trace: requests by hour of the day, the same for each day of the week. */
static void hours_of_trace(const struct traffic *t, double hour[FLEET_HOURS])
{
    double day[24] = {0}, whole = floor(t->span_s / (24 * HOUR_S)) * 24 * HOUR_S, sum = 0;
    for (size_t i = 0; i < t->n; i++) {
        double at = (double)t->req[i].arrival_ns / NS_PER_S;
        if (at < whole) {
            day[(int)(fmod(at, 24 * HOUR_S) / HOUR_S)] += 1;
            sum += 1;
        }
    }
    for (int h = 0; h < FLEET_HOURS; h++)
        hour[h] = sum > 0 ? day[h % 24] * 24 / sum : 1;
}

static bool curve(struct fleet_reader *r, const struct node *row, const char *otherwise, struct fleet_job *j)
{
    const struct node *nd = node_get(row, "curve"), *traffic = node_get(row, "traffic");
    const struct node *of = nd ? nd : traffic && traffic->kind == NODE_MAP ? node_get(traffic, "rate_curve") : NULL;
    const struct traffic *t = j->serving ? j->serving->traffic : NULL;
    struct rate_curve c;
    for (int h = 0; h < FLEET_HOURS; h++)
        j->hour[h] = 1;
    j->curve = "flat";
    if (of && of->kind == NODE_SCALAR && of->text && strcmp(of->text, "flat") == 0)
        return true;
    if (!of && t && t->span_s >= 48 * HOUR_S) {
        hours_of_trace(t, j->hour);
        j->curve = t->name;
        return true;
    }
    if (!of && !otherwise)
        return true;
    if (!of) {
        struct node shape = {
            .kind = NODE_SCALAR, .text = otherwise, .file = row->file, .line = row->line, .path = "curve"};
        if (!rate_curve_read(r->a, &shape, "", &c, r->e))
            return false;
    } else {
        const char *slash = row->file ? strrchr(row->file, '/') : NULL;
        const char *dir = slash ? arena_strndup(r->a, row->file, (size_t)(slash - row->file)) : "";
        if (!rate_curve_read(r->a, of, dir, &c, r->e))
            return false;
    }
    hours_of_curve(&c, j->hour);
    j->curve = c.name ? c.name : otherwise;
    return true;
}

/* The keys of a plan's scenario that stand in a row, as a document of their own. */
static struct node *serving_doc(struct fleet_reader *r, const struct node *row)
{
    static const char *const keys[] = {"model", "precision", "kv_cache",    "traffic",
                                       "slo",   "framework", "max_context", "prefix_cache"};
    struct node *d = ARENA_NEW(r->a, struct node);
    *d = (struct node){.kind = NODE_MAP, .file = row->file, .line = row->line, .path = row->path};
    d->item = ARENA_ARRAY(r->a, struct node, sizeof keys / sizeof *keys);
    d->key = ARENA_ARRAY(r->a, const char *, sizeof keys / sizeof *keys);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const struct node *nd = node_get(row, keys[i]);
        if (nd) {
            d->item[d->n] = *nd;
            d->key[d->n++] = keys[i];
        }
    }
    return d;
}

static bool serving(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    const char *mend =
        "write {id: chat, kind: serving, model: llama-3.1-70b, precision: fp8, traffic: {preset: azure-2023-conv}, "
        "slo: chat, demand: 200/s}";
    static const char *const needed[] = {"model", "traffic", "slo"};
    for (size_t i = 0; i < 3; i++)
        if (!node_get(row, needed[i]))
            return fleet_missing(r, row, needed[i], mend);
    j->serving = ARENA_NEW(r->a, struct scenario);
    if (!scenario_read(r->a, r->c, serving_doc(r, row), SCENARIO_PLAN, r->s->seed, j->serving, r->notes, r->e))
        return false;
    j->model = j->serving->model;
    j->unit = "requests/s";
    const struct traffic *t = j->serving->traffic;
    if (t->concurrency || !(t->rate_s > 0))
        return err_input(r->e, node_place(r->a, node_get(row, "traffic")),
                         "a fleet serves requests as they arrive: this traffic has no rate");
    return true;
}

static bool tokens(struct fleet_reader *r, const struct node *row, const char *key, double least, double *out)
{
    const struct node *nd = node_get(row, key);
    if (!node_unit(r->a, nd, UNIT_COUNT, out, r->e))
        return false;
    return !nd || *out >= least ||
           err_input(r->e, node_place(r->a, nd), "expected at least %g, got %s", least, nd->text);
}

static bool window(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    const struct node *nd = node_get(row, "window");
    const char *text = NULL;
    if (!nd)
        return fleet_missing(r, row, "window", "write window: 2026-Q2..2026-Q3, the periods in which it must run");
    if (!node_str(r->a, nd, &text, r->e))
        return false;
    const char *dots = strstr(text, "..");
    const char *from = dots ? arena_strndup(r->a, text, (size_t)(dots - text)) : text, *to = dots ? dots + 2 : text;
    if (!fleet_period_of(r, nd, from, &j->first) || !fleet_period_of(r, nd, to, &j->last))
        return false;
    return j->first <= j->last || err_input(r->e, node_place(r->a, nd), "the window ends before it begins");
}

static bool training(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    const struct node *model = node_get(row, "model"), *precision = node_get(row, "precision");
    const char
        *name = NULL,
        *format = NULL,
        *mend = "write {id: pretrain, kind: training, model: llama-3.1-405b, tokens: 15.6T, window: 2026-Q2..2026-Q3}";
    double batch = 0, seq = 8192;
    if (!model || !node_get(row, "tokens"))
        return fleet_missing(r, row, model ? "tokens" : "model", mend);
    if (!node_str(r->a, model, &name, r->e) || !node_str(r->a, precision, &format, r->e) ||
        !node_str(r->a, node_get(row, "framework"), &j->framework, r->e) || !tokens(r, row, "tokens", 1, &j->tokens) ||
        !tokens(r, row, "global_batch", 1, &batch) || !tokens(r, row, "sequence", 1, &seq) || !window(r, row, j))
        return false;
    j->model = catalog_model(r->c, scenario_beside(r->a, r->doc->file, name), node_place(r->a, model), r->notes, r->e);
    if (!j->model)
        return false;
    j->precision = format ? precision_find(format) : PREC_BF16;
    if (j->precision == PREC_N)
        return err_input(r->e, node_place(r->a, precision), "no number format \"%.40s\"", format);
    if (j->model->max_context > 0 && !node_get(row, "sequence"))
        seq = fmin(seq, (double)j->model->max_context);
    j->global_batch = (int64_t)batch, j->seq_tok = (int64_t)seq;
    j->unit = "tokens";
    return true;
}

static bool units(struct fleet_reader *r, const struct node *row, const char *otherwise, struct fleet_job *j)
{
    const struct node *model = node_get(row, "model");
    const char *name = otherwise;
    struct err none = {0};
    if (!node_str(r->a, model, &name, r->e))
        return false;
    j->work = catalog_work(r->c, scenario_beside(r->a, r->doc->file, name), &none);
    if (!j->work && none.kind != ERR_NONE) {
        *r->e = none;
        return false;
    }
    if (!j->work) {
        err_input(r->e, node_place(r->a, model), "no work is called \"%.60s\"", name);
        return err_mend(r->e, "moat catalog list work has them all");
    }
    const char *cls = work_class_name[j->work->cls];
    if (strcmp(cls, j->klass) != 0 && !(strcmp(j->klass, "video") == 0 && strcmp(cls, "diffusion") == 0)) {
        err_input(r->e, node_place(r->a, model), "%s is work of kind %s, not %s", j->work->id, cls, j->klass);
        return err_mend(r->e, "write kind: %s", cls);
    }
    j->unit = j->work->unit;
    return node_unit(r->a, node_get(row, "batch"), UNIT_COUNT, &j->batch, r->e);
}

static bool demand(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    const struct node *nd = node_get(row, "demand");
    if (!nd)
        return fleet_missing(r, row, "demand",
                             j->kind == FLEET_SERVING
                                 ? "write demand: {2026-Q1: 200/s, 2028-Q4: 900/s}, requests in the mean of a week"
                                 : "write demand: 1000/s, or by date");
    if (!fleet_demand_read(r, nd, j, &j->demand))
        return false;
    for (size_t i = 0; i < j->demand.n; i++)
        if (j->demand.v[i] > 0)
            return true;
    return err_input(r->e, node_place(r->a, nd), "no demand is above 0");
}

static bool buy(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    static const char *const keys[] = {"in", "out"};
    const struct node *nd = node_get(row, "buy");
    j->buy_usd_mtok_in = j->buy_usd_mtok_out = NAN;
    if (!nd || nd->kind != NODE_MAP)
        return node_bool(r->a, nd, &j->buy, r->e);
    j->buy = true;
    if (!node_get(nd, "in") || !node_get(nd, "out"))
        return fleet_missing(r, nd, node_get(nd, "in") ? "out" : "in",
                             "write buy: {in: $0.6, out: $0.8}, dollars a million tokens");
    return node_keys(r->a, nd, keys, 2, r->e) &&
           node_unit(r->a, node_get(nd, "in"), UNIT_USD, &j->buy_usd_mtok_in, r->e) &&
           node_unit(r->a, node_get(nd, "out"), UNIT_USD, &j->buy_usd_mtok_out, r->e);
}

/* Dollars, or `never`: the work must be done. */
static bool unmet(struct fleet_reader *r, const struct node *nd, struct fleet_job *j)
{
    if (nd && nd->kind == NODE_SCALAR && nd->text && strcmp(nd->text, "never") == 0) {
        j->unmet_usd = HUGE_VAL;
        return true;
    }
    return node_unit(r->a, nd, UNIT_USD, &j->unmet_usd, r->e);
}

static bool only(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    const struct node *nd = node_get(row, "skus");
    const char *name = NULL;
    if (!nd)
        return true;
    if (nd->kind != NODE_SEQ || !nd->n)
        return err_input(r->e, node_place(r->a, nd), "expected a list of SKUs that may do this work");
    j->only = ARENA_ARRAY(r->a, bool, r->s->nproduct);
    for (size_t i = 0; i < nd->n; i++) {
        struct fleet_product *p =
            node_str(r->a, &nd->item[i], &name, r->e) ? fleet_product_named(r, name, &nd->item[i]) : NULL;
        if (!p)
            return false;
        j->only[p - r->s->product] = true;
    }
    return true;
}

static bool keys_of(struct fleet_reader *r, const struct node *row, enum fleet_kind kind)
{
    static const char *const served[] = {"id",    "kind",      "model",       "precision",    "kv_cache",  "traffic",
                                         "slo",   "framework", "max_context", "prefix_cache", "demand",    "curve",
                                         "unmet", "buy",       "skus",        "headroom",     "deferrable"};
    static const char *const trained[] = {"id",           "kind",     "model",     "precision", "tokens", "window",
                                          "global_batch", "sequence", "framework", "unmet",     "skus",   "headroom"};
    static const char *const counted[] = {"id",    "kind",  "model", "batch",    "demand",
                                          "curve", "unmet", "skus",  "headroom", "deferrable"};
    return kind == FLEET_SERVING    ? node_keys(r->a, row, KEYS(served), r->e)
           : kind == FLEET_TRAINING ? node_keys(r->a, row, KEYS(trained), r->e)
                                    : node_keys(r->a, row, KEYS(counted), r->e);
}

static bool kind_of(struct fleet_reader *r, const struct node *row, size_t *out)
{
    const char *name = NULL, *names[KINDS];
    struct buf b = {.arena = r->a};
    const struct node *nd = node_get(row, "kind");
    if (!nd)
        return fleet_missing(r, row, "kind",
                             "write kind: serving, training, recommender, graphics, diffusion, video, driving or hpc");
    if (!node_str(r->a, nd, &name, r->e))
        return false;
    for (size_t i = 0; i < KINDS; i++) {
        names[i] = kinds[i].kind;
        buf_fmt(&b, "%s%s", i ? ", " : "", names[i]);
        if (strcmp(name, names[i]) == 0) {
            *out = i;
            return true;
        }
    }
    const char *close = text_closest(name, names, KINDS);
    err_input(r->e, node_place(r->a, nd), "expected one of %s, got \"%.40s\"", buf_str(&b), name);
    return close ? err_mend(r->e, "did you mean \"%s\"?", close) : false;
}

static bool job(struct fleet_reader *r, const struct node *row, struct fleet_job *j)
{
    size_t k = 0;
    if (!fleet_need_map(r, row, "write {id: chat, kind: serving, ...}") || !kind_of(r, row, &k))
        return false;
    *j = (struct fleet_job){
        .doc = row, .place = node_place(r->a, row), .kind = kinds[k].how, .klass = kinds[k].kind, .unmet_usd = NAN};
    if (!node_get(row, "id"))
        return fleet_missing(r, row, "id", "write id: chat, the name of this work in the answer");
    if (!keys_of(r, row, j->kind) || !node_str(r->a, node_get(row, "id"), &j->id, r->e) || !buy(r, row, j) ||
        !only(r, row, j) || !unmet(r, node_get(row, "unmet"), j) ||
        !node_unit(r->a, node_get(row, "headroom"), UNIT_FRAC, &j->headroom_frac, r->e) ||
        !node_bool(r->a, node_get(row, "deferrable"), &j->deferrable, r->e))
        return false;
    if (j->headroom_frac >= 1)
        return err_input(r->e, node_place(r->a, node_get(row, "headroom")), "nothing is left of a card's rate");
    for (const struct fleet_job *other = r->s->job; other < j; other++)
        if (strcmp(other->id, j->id) == 0)
            return err_input(r->e, node_place(r->a, node_get(row, "id")), "%s stands there twice", j->id);
    if (j->kind == FLEET_TRAINING)
        return training(r, row, j);
    return (j->kind == FLEET_SERVING ? serving(r, row, j) : units(r, row, kinds[k].model, j)) && demand(r, row, j) &&
           curve(r, row, kinds[k].curve, j);
}

bool fleet_read_workloads(struct fleet_reader *r)
{
    const struct node *nd = node_get(r->doc, "workloads");
    struct fleet_scenario *s = r->s;
    if (!nd)
        return fleet_missing(r, r->doc, "workloads",
                             "write workloads: [{id: chat, kind: serving, ...}], what the fleet is for");
    if (nd->kind != NODE_SEQ || !nd->n)
        return err_input(r->e, node_place(r->a, nd), "expected a list of workloads");
    if (nd->n > FLEET_WORKS_MAX)
        return err_input(r->e, node_place(r->a, nd), "more than %d workloads", FLEET_WORKS_MAX);
    s->job = ARENA_ARRAY(r->a, struct fleet_job, nd->n);
    for (size_t i = 0; i < nd->n; i++, s->njob++)
        if (!job(r, &nd->item[i], &s->job[i]))
            return false;
    return true;
}
