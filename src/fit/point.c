/* point.c - a row of a point file as a deployment, a load and what was measured; or the reason why it cannot be one. */
#include "fit/point.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/map.h"
#include "base/note.h"
#include "fit/campaign.h"
#include "fit/training.h"

const char *const fit_kind_name[FIT_KIND_N] = {"serving", "offline", "static", "training"};

/* clang-format off */
enum column {
    C_ID, C_KIND, C_MODEL, C_ACC, C_ACCS, C_FRAMEWORK, C_BACKEND, C_MODE, C_PREC, C_MOE_PREC, C_KV_PREC,
    C_TP, C_PP, C_DP, C_EP, C_P_WORKERS, C_P_TP, C_P_DP, C_P_EP, C_D_WORKERS, C_D_TP, C_D_DP, C_D_EP,
    C_CONCURRENCY, C_RATE, C_PROMPTS, C_MAX_SEQS, C_QUEUED, C_BATCH, C_ISL, C_OSL, C_RATIO, C_DATASET,
    C_CAP, C_TIER, C_FLAG, C_NOTE, C_DATE, C_FW_VERSION, C_BE_VERSION, C_N
};

static const char *const column_name[C_N] = {
    "id", "kind", "model", "accelerator", "accelerators", "framework", "backend", "mode", "precision",
    "moe_precision", "kv_precision", "tp", "pp", "dp", "ep", "prefill_workers", "prefill_tp", "prefill_dp",
    "prefill_ep", "decode_workers", "decode_tp", "decode_dp", "decode_ep", "concurrency", "request_rate_rps",
    "num_prompts", "max_seqs", "all_queued", "batch", "isl", "osl", "length_ratio_min", "dataset",
    "power_cap_w", "tier", "flag", "note", "date", "framework_version", "backend_version",
};
/* clang-format on */

/* Of the public data, but nothing a prediction needs: no remark about them. */
static const char *const silent[] = {
    "source",
    "notes",
    "load_as_published",
    "framework_as_published",
    "global_batch",
    "micro_batch",
    "grad_accum",
    "tokens_per_step",
    "failures_per_run",
    "cp",
    "vp",
    "recompute",
    "shard",
    "lora_rank",
    "samples_to_target",
};

struct reader {
    struct arena *a;
    struct catalog *cat;
    struct notes *notes;
    struct csv csv;
    int col[C_N], metric[FIT_METRIC_N];
    bool campaigns;      /* a file of whole training runs */
    struct map ids;      /* id -> line */
    struct fit_point *p; /* the row being read */
};

/* The first reason stands. */
static void refuse(struct reader *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void refuse(struct reader *r, const char *fmt, ...)
{
    char text[256];
    va_list ap;
    if (r->p->refused)
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    r->p->refused = arena_strdup(r->a, text);
}

static struct cell trimmed(struct cell v)
{
    while (v.n && (v.at[0] == ' ' || v.at[0] == '\t'))
        v.at++, v.n--;
    while (v.n && (v.at[v.n - 1] == ' ' || v.at[v.n - 1] == '\t'))
        v.n--;
    return v;
}

static struct cell get(const struct reader *r, int c)
{
    return trimmed(*csv_cell(&r->csv, r->col[c]));
}

static const char *text(struct reader *r, int c)
{
    return cell_dup(r->a, get(r, c));
}

/* A number of the row; what is blank stays as it is. */
static bool number(struct reader *r, int c, double lo, double hi, double *out)
{
    struct cell v = get(r, c);
    double x;
    if (!v.n)
        return false;
    if (!cell_f64(v, &x)) {
        refuse(r, "%s: \"%.*s\" is not a number", column_name[c], (int)(v.n < 24 ? v.n : 24), v.at);
        return false;
    }
    if (!(x >= lo && x <= hi)) {
        refuse(r, "%s: %g is out of range", column_name[c], x);
        return false;
    }
    *out = x;
    return true;
}

static bool count(struct reader *r, int c, double lo, double hi, int64_t *out)
{
    double x;
    if (!number(r, c, lo, hi, &x))
        return false;
    *out = (int64_t)llround(x); /* means such as 143.4 tokens are written too */
    return true;
}

static void whole(struct reader *r, int c, int *out)
{
    int64_t x;
    if (count(r, c, 1, 1e6, &x))
        *out = (int)x;
}

/* ------------------------------------------------------------------ columns */

static bool is_silent(const struct reader *r, struct cell head)
{
    if (r->campaigns && fit_campaign_column(head))
        return true;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (cell_is(head, silent[i]))
            return true;
    return false;
}

static void note_others(struct reader *r)
{
    struct buf others = {.arena = r->a};
    for (size_t i = 0; i < r->csv.ncol; i++) {
        struct cell head = r->csv.head[i];
        bool known = is_silent(r, head);
        for (int c = 0; c < C_N && !known; c++)
            known = r->col[c] == (int)i;
        for (int m = 0; m < FIT_METRIC_N && !known; m++)
            known = r->metric[m] == (int)i;
        if (!known)
            buf_fmt(&others, "%s%.*s", others.n ? ", " : "", (int)(head.n < 60 ? head.n : 60), head.at);
    }
    if (others.n)
        note_add(r->notes, "%s: columns not used: %.400s", r->csv.name, buf_str(&others));
}

static bool columns(struct reader *r, struct err *e)
{
    bool any = false;
    for (int c = 0; c < C_N; c++)
        r->col[c] = csv_column(&r->csv, column_name[c]);
    for (int m = 0; m < FIT_METRIC_N; m++) {
        r->metric[m] = m == FIT_TOK_S_PER_ACCELERATOR_DERIVED ? -1 : csv_column(&r->csv, fit_metric_table[m].name);
        any |= r->metric[m] >= 0;
    }
    const char *missing = r->col[C_MODEL] < 0 ? "model" : r->col[C_ACC] < 0 ? "accelerator" : NULL;
    r->campaigns = fit_is_campaign(&r->csv);
    if (!r->campaigns && (missing || !any)) {
        err_input(e, r->csv.name, missing ? "no column named \"%s\"" : "no column with a measured value%s",
                  missing ? missing : "");
        return err_mend(e,
                        "a point file has model, accelerator, tp, isl, osl, a load and metrics such as tpot_mean_ms");
    }
    note_others(r);
    return true;
}

/* ------------------------------------------------------------------ one row */

static void identity(struct reader *r)
{
    struct fit_point *p = r->p;
    struct err e = {0};
    struct cell id = get(r, C_ID);
    p->id = id.n ? cell_dup(r->a, id) : arena_printf(r->a, "line %llu", (unsigned long long)p->line);
    uint32_t before = id.n ? map_get(&r->ids, p->id) : MAP_NONE;
    if (before != MAP_NONE)
        refuse(r, "duplicate id, first on line %u", before);
    else if (id.n)
        map_put(&r->ids, p->id, (uint32_t)p->line);
    p->model_name = text(r, C_MODEL);
    p->acc_name = text(r, C_ACC);
    if (!p->model_name[0])
        refuse(r, "the model is not named");
    else if (!(p->model = catalog_model(r->cat, p->model_name, "model", r->notes, &e)))
        refuse(r, "%.200s", e.what);
    if (!p->acc_name[0])
        refuse(r, "the accelerator is not named");
    else if (!(p->acc = catalog_accelerator(r->cat, p->acc_name, "accelerator", r->notes, &e)))
        refuse(r, "%.200s", e.what);
}

/* The flavour and era of the framework. One without constants of its own runs on the generic ones, one that is not
** stated on those of "unstated". */
static void framework(struct reader *r)
{
    struct catalog *c = r->cat;
    struct fit_point *p = r->p;
    bool backend = r->col[C_BACKEND] >= 0 && get(r, C_BACKEND).n;
    p->framework = text(r, backend ? C_BACKEND : C_FRAMEWORK);
    const char *name = p->framework[0] ? p->framework : "unstated", *date = text(r, C_DATE);
    const char *version = stack_version(r->a, name, text(r, backend ? C_BE_VERSION : C_FW_VERSION));
    p->stack = stack_pick(c->stack, c->nstack, name, p->acc, version, date);
    if (!p->stack)
        p->stack = stack_pick(c->stack, c->nstack, "generic", p->acc, NULL, NULL);
    if (!p->stack)
        refuse(r, "no stack for %s, and none named generic", p->framework);
}

static enum precision format(struct reader *r, int c)
{
    struct cell v = get(r, c);
    if (!v.n)
        return PREC_N;
    const char *name = cell_dup(r->a, v);
    enum precision p = precision_find(name);
    if (p == PREC_N)
        refuse(r, "%s: no number format \"%.40s\"", column_name[c], name);
    return p;
}

static void formats(struct reader *r)
{
    struct fit_point *p = r->p;
    p->precision = format(r, C_PREC);
    p->moe_precision = format(r, C_MOE_PREC);
    p->kv_precision = format(r, C_KV_PREC);
    if (p->precision == PREC_N && p->kind != FIT_TRAINING)
        refuse(r, "the precision is not stated");
}

static void kind(struct reader *r)
{
    struct fit_point *p = r->p;
    struct cell v = get(r, C_KIND), mode = get(r, C_MODE);
    p->kind = FIT_KIND_N;
    for (int k = 0; k < FIT_KIND_N; k++)
        if (cell_is(v, fit_kind_name[k]))
            p->kind = (enum fit_kind)k;
    if (!v.n)
        p->kind = FIT_SERVING;
    else if (p->kind == FIT_KIND_N) {
        refuse(r, "unknown kind \"%.*s\"", (int)(v.n < 24 ? v.n : 24), v.at);
        p->kind = FIT_SERVING;
    }
    p->disaggregated = cell_is(mode, "disaggregated");
    if (mode.n && !p->disaggregated && !cell_is(mode, "aggregated"))
        refuse(r, "unknown mode \"%.*s\"", (int)(mode.n < 24 ? mode.n : 24), mode.at);
}

static bool has_experts(const struct model *m)
{
    for (size_t i = 0; m && i < m->ngroup; i++)
        if (m->group[i].experts > 0)
            return true;
    return false;
}

#define MOST_DEVICES 1e6

/* More devices than anybody has, or than fit an int. */
static bool too_many(struct reader *r, double devices)
{
    if (devices > MOST_DEVICES)
        refuse(r, "%g devices are out of range", devices);
    return devices > MOST_DEVICES;
}

static void pool(struct reader *r, int first, struct fit_pool *out)
{
    *out = (struct fit_pool){0, 0, 1, 1};
    whole(r, first, &out->workers);
    whole(r, first + 1, &out->tp);
    whole(r, first + 2, &out->dp);
    whole(r, first + 3, &out->ep);
    if (!out->workers || !out->tp)
        refuse(r, "a disaggregated row needs %s and %s", column_name[first], column_name[first + 1]);
    too_many(r, (double)out->workers * out->tp * out->dp);
}

/* Devices that count as two in their frameworks: two NeuronCores a chip, two dies a package. */
static int dies(const struct accelerator *acc)
{
    static const char *const two[] = {"trainium1", "inferentia2", "mi250x", "mi250"};
    for (size_t i = 0; acc && i < sizeof two / sizeof *two; i++)
        if (strcmp(acc->id, two[i]) == 0)
            return 2;
    return 1;
}

/* ROCm shows each die of an MI250 as a device, and nothing runs one rank on both: as many devices as ranks are dies. */
static void use_dies(struct reader *r)
{
    struct fit_point *p = r->p;
    if (!p->acc || !p->acc->software || strcmp(p->acc->software, "ROCm") != 0 || dies(p->acc) == 1)
        return;
    struct accelerator *die = ARENA_NEW(r->a, struct accelerator);
    *die = *p->acc;
    die->mem_bytes /= 2, die->mem_usable_bytes /= 2, die->mem_bw_bytes_s /= 2, die->sram_bytes /= 2;
    die->tdp_w /= 2, die->idle_w /= 2, die->cores /= 2;
    for (int i = 0; i < ARITH_N; i++)
        die->peak_flop_s[i] /= 2;
    die->node_cards *= 2, die->host_cards *= 2, die->scaleup.domain *= 2;
    p->acc = die;
}

static void stated_split(struct reader *r)
{
    struct fit_point *p = r->p;
    int dp = 1;
    p->pp = p->ep = p->dp = p->replicas = 1;
    whole(r, C_TP, &p->tp);
    whole(r, C_PP, &p->pp);
    whole(r, C_EP, &p->ep);
    whole(r, C_DP, &dp);
    bool inside = (r->col[C_BACKEND] >= 0 || r->col[C_MODE] >= 0) && has_experts(p->model);
    *(inside ? &p->dp : &p->replicas) = dp;
}

static void parallelism(struct reader *r)
{
    struct fit_point *p = r->p;
    whole(r, C_ACCS, &p->devices);
    if (p->disaggregated) {
        pool(r, C_P_WORKERS, &p->prefill);
        pool(r, C_D_WORKERS, &p->decode);
        if (!p->devices && !p->refused)
            p->devices =
                p->prefill.workers * p->prefill.tp * p->prefill.dp + p->decode.workers * p->decode.tp * p->decode.dp;
        return;
    }
    stated_split(r);
    if (!p->tp && p->devices == 1)
        p->tp = 1;
    if (!p->tp && p->devices > 1 && strcmp(p->framework, "llama.cpp") == 0)
        p->tp = 1, p->pp = p->devices; /* split by layers is what it does unless told otherwise */
    if (!p->tp) {
        refuse(r, "tp is not stated for %d devices", p->devices);
        return;
    }
    if (too_many(r, (double)p->tp * p->pp * p->dp * p->replicas))
        return;
    int n = p->tp * p->pp * p->dp * p->replicas, two = dies(p->acc);
    if (p->devices && n == p->devices * two && p->tp % two == 0)
        p->tp /= two;
    else if (p->devices && n != p->devices)
        refuse(r, "tp * pp * dp is %d, but there are %d devices", n, p->devices);
    else if (p->devices)
        use_dies(r);
    if (!p->devices)
        p->devices = n;
}

static void lengths(struct reader *r)
{
    struct fit_point *p = r->p;
    p->isl = p->osl = -1;
    p->length_ratio_min = 1;
    count(r, C_ISL, 0, 1e8, &p->isl);
    count(r, C_OSL, 0, 1e8, &p->osl);
    number(r, C_RATIO, 1e-3, 1, &p->length_ratio_min);
    if (p->isl < 0 && get(r, C_DATASET).n)
        refuse(r, "prompt lengths are those of a data set (%.60s) whose statistics are not in the catalog",
               text(r, C_DATASET));
    else if (p->isl < 0)
        refuse(r, "the prompt length is not stated");
    if (p->osl < 0 && p->kind != FIT_STATIC)
        refuse(r, "the output length is not stated");
    if (p->isl <= 0 && p->osl <= 0)
        refuse(r, "no prompt and no output");
}

static void load(struct reader *r)
{
    struct fit_point *p = r->p;
    struct cell queued = get(r, C_QUEUED);
    count(r, C_CONCURRENCY, 1, 1e7, &p->concurrency);
    number(r, C_RATE, 1e-4, 1e9, &p->rate_s);
    count(r, C_PROMPTS, 1, 1e9, &p->requests);
    count(r, C_MAX_SEQS, 1, 1e6, &p->max_seqs);
    count(r, C_BATCH, 1, 1e6, &p->batch);
    p->all_queued = queued.n && !cell_is(queued, "no") && !cell_is(queued, "false") && !cell_is(queued, "0");
    if (p->kind == FIT_STATIC && !p->batch)
        refuse(r, "a static point needs a batch");
    if (p->kind == FIT_SERVING && !p->concurrency && p->rate_s <= 0 && !p->all_queued)
        refuse(r, "the load is not stated: neither concurrency nor request_rate_rps nor all_queued");
}

static void measured(struct reader *r)
{
    bool any = false;
    for (int m = 0; m < FIT_METRIC_N; m++) {
        struct cell v = trimmed(*csv_cell(&r->csv, r->metric[m]));
        double x;
        r->p->measured[m] = NAN;
        if (!v.n)
            continue;
        if (!cell_f64(v, &x))
            refuse(r, "%s: \"%.*s\" is not a number", fit_metric_table[m].name, (int)(v.n < 24 ? v.n : 24), v.at);
        else if (!(x > 0) || x > 1e15)
            refuse(r, "%s: %g cannot have been measured", fit_metric_table[m].name, x);
        else
            r->p->measured[m] = x, any = true;
    }
    if (!any)
        refuse(r, "no measured value that moat knows");
}

double fit_closed_loop_tok_s(const struct fit_point *p, double ttft_s, double tpot_s)
{
    double osl = (double)p->osl * (1 + p->length_ratio_min) / 2, c = (double)p->concurrency;
    if (p->kind != FIT_SERVING || p->concurrency < 1 || p->osl < 1 || p->devices < 1 || p->all_queued)
        return NAN;
    return c / (ttft_s + osl * tpot_s) * osl / p->devices;
}

/* What a serving row does not state, but follows from what it does. */
static void derived(struct reader *r)
{
    double *v = r->p->measured;
    if (isnan(v[FIT_TOK_S_PER_ACCELERATOR]))
        v[FIT_TOK_S_PER_ACCELERATOR_DERIVED] =
            fit_closed_loop_tok_s(r->p, v[FIT_TTFT_MEAN_MS] / fit_metric_table[FIT_TTFT_MEAN_MS].per_base,
                                  v[FIT_TPOT_MEAN_MS] / fit_metric_table[FIT_TPOT_MEAN_MS].per_base);
}

/* A batch that ended before its nominal output length (end of sequence) has an E2E time of another length than it
** states. */
static void check_static(struct reader *r)
{
    struct fit_point *p = r->p;
    double *e2e_ms = &p->measured[FIT_E2E_MS], ttft_ms = p->measured[FIT_TTFT_MS], tpot_ms = p->measured[FIT_TPOT_MS];
    double want_ms = ttft_ms + (double)(p->osl - 1) * tpot_ms;
    if (p->kind != FIT_STATIC || p->osl < 1 || isnan(*e2e_ms + want_ms) || fabs(*e2e_ms / want_ms - 1) < 0.25)
        return;
    note_add(r->notes,
             "%s: e2e_ms is not ttft_ms + (osl - 1) * tpot_ms in some rows (the batch ended early, or ran in parts): "
             "left out there",
             r->csv.name);
    *e2e_ms = NAN;
}

static void doubts(struct reader *r)
{
    struct cell flag = get(r, C_FLAG), note = get(r, C_NOTE);
    r->p->tier = text(r, C_TIER);
    if (cell_is(get(r, C_TIER), "suspect"))
        refuse(r, "tier suspect: left out of scores");
    if (flag.n)
        refuse(r, "flagged: %.*s", (int)(flag.n < 120 ? flag.n : 120), flag.at);
    number(r, C_CAP, 1, 1e6, &r->p->power_cap_w);
    if (cell_is(note, "power capped") && !(r->p->power_cap_w > 0))
        refuse(r, "power capped, and the cap is not stated");
}

static void training(struct reader *r)
{
    const char *why = fit_training_read(r->a, r->cat, &r->csv, r->p);
    if (why)
        refuse(r, "%s", why);
}

static void row(struct reader *r)
{
    const char *why;
    if (r->csv.ragged)
        refuse(r, "the row has another number of cells than the header");
    if (r->campaigns) {
        if (!fit_campaign_read(r->a, r->cat, &r->csv, r->p, &why))
            refuse(r, "%s", why);
        return;
    }
    kind(r);
    identity(r);
    framework(r);
    doubts(r);
    formats(r);
    if (r->p->kind == FIT_TRAINING) {
        training(r);
        measured(r);
        return;
    }
    parallelism(r);
    load(r);
    lengths(r);
    measured(r);
    derived(r);
    check_static(r);
}

bool fit_points_read(struct arena *a, struct catalog *c, const char *path, struct fit_points *out, struct notes *notes,
                     struct err *e)
{
    char *bytes;
    size_t n;
    return file_read(a, path, 0, &bytes, &n, e) && fit_points_parse(a, c, path, bytes, n, out, notes, e);
}

bool fit_points_parse(struct arena *a, struct catalog *c, const char *path, char *bytes, size_t n,
                      struct fit_points *out, struct notes *notes, struct err *e)
{
    size_t cap = 0;
    struct reader r = {.a = a, .cat = c, .notes = notes, .ids = {.arena = a}};
    *out = (struct fit_points){.name = path,
                               .hash = arena_printf(a, "xxh64:%016llx", (unsigned long long)XXH64(bytes, n, 0))};
    if (!csv_open(&r.csv, a, path, bytes, n, e) || !columns(&r, e))
        return false;
    while (csv_next(&r.csv)) {
        if (out->n == cap) {
            cap = cap ? cap * 2 : 256;
            out->point = arena_grow(a, out->point, out->n, cap, sizeof *out->point);
        }
        r.p = &out->point[out->n++];
        *r.p = (struct fit_point){.line = r.csv.line};
        row(&r);
    }
    if (!out->n)
        return err_input(e, path, "no rows");
    return true;
}
