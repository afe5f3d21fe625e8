/* training_point.c - a training row's split and batch, from its columns, or from the words of its notes. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/err.h"
#include "fit/training.h"

struct row {
    struct arena *a;
    const struct csv *c;
    struct fit_training *t;
    const char *notes; /* "" where there are none */
    const char **why;
};

static struct cell cell(const struct row *r, const char *column)
{
    return *csv_cell(r->c, csv_column(r->c, column));
}

/* 0 where the cell is blank. */
static double number(struct row *r, const char *column, double hi)
{
    struct cell v = cell(r, column);
    double x = 0;
    if (!v.n)
        return 0;
    if (!cell_f64(v, &x) || !(x >= 1 && x <= hi) || x != floor(x)) {
        *r->why = arena_printf(r->a, "%s: \"%.*s\" is not a whole number from 1 to %g", column,
                               (int)(v.n < 24 ? v.n : 24), v.at, hi);
        return 0;
    }
    return x;
}

/* The number behind `key` in the notes ("CP=2"), where a word begins with it; 0: none. */
static double noted(const struct row *r, const char *key)
{
    for (const char *p = strstr(r->notes, key); p; p = strstr(p + 1, key))
        if (p == r->notes || !isalnum((unsigned char)p[-1]))
            return strtod(p + strlen(key), NULL);
    return 0;
}

static bool says(const struct row *r, const char *words)
{
    return strstr(r->notes, words) != NULL;
}

static int stated(struct row *r, const char *column, const char *note)
{
    double v = number(r, column, 1e6);
    return (int)(v > 0 ? v : note ? noted(r, note) : 0);
}

static enum train_recompute recompute(struct row *r)
{
    struct cell v = cell(r, "recompute");
    for (int i = 0; i < RECOMPUTE_N; i++)
        if (cell_is(v, train_recompute_name[i]))
            return (enum train_recompute)i;
    if (v.n)
        *r->why = arena_printf(r->a, "recompute: expected none, selective or full, got \"%.*s\"",
                               (int)(v.n < 24 ? v.n : 24), v.at);
    if (r->t->hardware_flop || says(r, "activation checkpointing=True") || says(r, "full AC"))
        return RECOMPUTE_FULL;
    if (says(r, "activation checkpointing=False"))
        return RECOMPUTE_NONE;
    return says(r, "selective AC") || says(r, "per-op SAC") ? RECOMPUTE_SELECTIVE : RECOMPUTE_N;
}

static enum train_shard shard(struct row *r)
{
    struct cell v = cell(r, "shard");
    for (int i = 0; i < SHARD_N; i++)
        if (cell_is(v, train_shard_name[i]))
            return (enum train_shard)i;
    if (v.n)
        *r->why = arena_printf(r->a, "shard: expected none, zero1, zero2 or fsdp, got \"%.*s\"",
                               (int)(v.n < 24 ? v.n : 24), v.at);
    return says(r, "SHARD_GRAD_OP") ? SHARD_GRADIENT : says(r, "FULL_SHARD") || says(r, "FSDP") ? SHARD_FULL : SHARD_N;
}

static int by_value(const void *x, const void *y)
{
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Median of "samples to target (per run): [2688, 3072, 3456]". */
static double samples(struct row *r)
{
    double v[16], given = number(r, "samples_to_target", 1e12);
    size_t n = 0;
    const char *p = strstr(r->notes, "samples to target");
    p = p && given == 0 ? strchr(p, '[') : NULL;
    while (p && n < 16 && (*p == '[' || *p == ',')) {
        char *end;
        v[n++] = strtod(p + 1, &end);
        p = end;
    }
    qsort(v, n, sizeof *v, by_value);
    return given > 0 ? given : n ? (n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2) : 0;
}

/* Two cores of a chip count as two devices where frameworks see cores (Neuron). */
static void cores(struct fit_training *t, const struct fit_point *p, int dp)
{
    struct train_split *s = &t->fix;
    int cp = s->cp ? s->cp : 1;
    bool neuron = strncmp(p->acc->id, "trainium", 8) == 0 || strncmp(p->acc->id, "inferentia", 10) == 0;
    if (neuron && s->tp % 2 == 0 && dp && s->tp * s->pp * cp * dp == 2 * p->devices)
        s->tp /= 2;
}

static void split(struct row *r, const struct fit_point *p)
{
    struct fit_training *t = r->t;
    struct train_split *s = &t->fix;
    s->tp = stated(r, "tp", "tp=");
    s->pp = stated(r, "pp", "pp=");
    s->cp = stated(r, "cp", "CP=");
    if (says(r, "without CP"))
        s->cp = 1;
    s->vp = stated(r, "vp", "VP=");
    s->ep = stated(r, "ep", NULL);
    int dp = stated(r, "dp", NULL);
    if (!s->tp || !s->pp)
        return;
    cores(t, p, dp);
    int known = s->tp * s->pp, left = p->devices / known;
    if (p->devices % known) {
        *r->why = arena_printf(r->a, "tp %d * pp %d does not divide the %d devices", s->tp, s->pp, p->devices);
        return;
    }
    if (!s->cp)
        s->cp = dp && left % dp == 0 ? left / dp : 1;
    if (left % s->cp)
        *r->why = arena_printf(r->a, "cp %d does not divide the %d ranks of a stage", s->cp, left);
    if (!s->ep)
        s->ep = 1;
    if (!s->vp && says(r, "VP=n/a"))
        s->vp = 1;
}

static void batch(struct row *r, const struct fit_point *p)
{
    struct fit_training *t = r->t;
    t->global_batch = (int64_t)number(r, "global_batch", 1e9);
    t->micro_batch = (int64_t)number(r, "micro_batch", 1e6);
    double tokens = number(r, "tokens_per_step", 1e12);
    struct row load = *r;
    load.notes = cell_dup(r->a, cell(r, "load_as_published")); /* "16M tokens/batch", "local 2" */
    if (!t->global_batch && tokens > 0 && p->isl > 0)
        t->global_batch = (int64_t)fmax(1, round(tokens / (double)p->isl));
    t->fix.micro_batch = t->micro_batch;
    if (t->global_batch || !t->fix.tp || !t->fix.pp || !t->fix.cp)
        return;
    int64_t ranks = p->devices / (t->fix.tp * t->fix.pp * t->fix.cp);
    if (says(&load, "local ")) /* sequences of each data-parallel rank */
        t->global_batch = (int64_t)noted(&load, "local ") * ranks;
    else if (says(&load,
                  "M tokens/batch")) { /* a round figure: the nearest that the ranks divide; of powers of two, 2^20 */
        double mega = (p->isl & (p->isl - 1)) == 0 ? 1048576 : 1e6;
        t->global_batch =
            ranks * (int64_t)fmax(1, round(strtod(load.notes, NULL) * mega / (double)p->isl / (double)ranks));
    }
}

/* MLPerf evaluates at fixed intervals of samples, forward only: with dW frozen (LoRA) a sample costs half of a trained
*one,
** else a third. Samples of an evaluation and between two: mlcommons/training README of each benchmark, v4.0 to v5.1. */
static double evaluation(const struct row *r, const struct fit_point *p)
{
    static const struct {
        const char *model;
        double each, every, cost;
    } rule[] = {
        {"llama-2-70b", 173, 384, 1.0 / 2},
        {"llama-3.1-405b", 5760, 46080, 1.0 / 3},
        {"llama-3.1-8b", 1024, 12288, 1.0 / 3},
    };
    for (size_t i = 0; says(r, "MLPerf Training") && i < sizeof rule / sizeof *rule; i++)
        if (strcmp(p->model->id, rule[i].model) == 0)
            return rule[i].each / rule[i].every * rule[i].cost;
    return 0;
}

/* What such rows that do state it ran in: NVIDIA's stack in fp8 where the device has it, its MLPerf entries since v5.1
*in
** nvfp4 where there is FP4; all else in bf16. */
static void assume_precision(struct row *r, struct fit_point *p)
{
    const double *peak = p->acc->peak_flop_s;
    bool mlperf = says(r, "MLPerf Training v"),
         megatron = strcmp(p->framework, "megatron") == 0 || (mlperf && strcmp(p->framework, "other") == 0);
    bool four =
        mlperf && noted(r, "MLPerf Training v") >= 5.1 && peak[ARITH_FP4] > 0 && strcmp(p->acc->vendor, "NVIDIA") == 0;
    p->precision = megatron && four ? PREC_NVFP4 : megatron && peak[ARITH_FP8] > 0 ? PREC_FP8 : PREC_BF16;
    r->t->assumed = true;
}

/* A length that is not stated is the context of models that have a short one. */
#define OWN_LENGTH_TOK 4096

static void sizes(struct row *r, struct fit_point *p)
{
    p->replicas = p->dp = p->tp = p->pp = p->ep = 1;
    p->osl = -1;
    p->length_ratio_min = 1;
    p->devices = (int)number(r, "accelerators", 1e6);
    p->isl = (int64_t)number(r, "isl", 1e8);
    r->t->assumed = !p->isl && p->model && p->model->max_context <= OWN_LENGTH_TOK;
    if (r->t->assumed)
        p->isl = p->model->max_context;
    if (!*r->why && !p->devices)
        *r->why = "how many accelerators is not stated";
    if (!*r->why && !p->isl)
        *r->why = "the sequence length is not stated";
}

static void read_row(struct row *r, struct fit_point *p)
{
    struct fit_training *t = r->t;
    /* Megatron's FLOP formula of 2021 (arXiv:2104.04473, eq. 3) counts recomputation. */
    t->hardware_flop = says(r, "HFU") || cell_is(cell(r, "framework_as_published"), "Megatron-DeepSpeed");
    split(r, p);
    batch(r, p);
    t->fix.recompute = recompute(r);
    t->fix.shard = shard(r);
    t->lora_rank = (int)number(r, "lora_rank", 65536);
    if (!t->lora_rank && says(r, "LoRA"))
        t->lora_rank = says(r, "(rank ") ? (int)noted(r, "rank ") : 16;
    t->samples = samples(r);
    t->eval_frac = evaluation(r, p);
    if (p->precision == PREC_N)
        assume_precision(r, p);
}

const char *fit_training_read(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p)
{
    struct err e = {0};
    const char *why = NULL;
    struct fit_training *t = ARENA_NEW(a, struct fit_training);
    struct row r = {a, c, t, cell_dup(a, *csv_cell(c, csv_column(c, "notes"))), &why};
    t->fix = train_split_open();
    p->stack = catalog_stack(cat, "generic", NULL, "framework", &e);
    sizes(&r, p);
    if (!why && p->model && p->acc)
        read_row(&r, p);
    p->train = t;
    return why;
}
