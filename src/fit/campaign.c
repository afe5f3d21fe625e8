/* campaign.c - a published training run read as a question of `moat train`, and answered.
**
**      dense   12*L*h^2 = N, L = h/128                    h = (N*128/12)^(1/3)
**      MoE     L*(4*h^2 + 16*e) = N, L*(4*h^2 + 2*e) = A  e: weights of an expert
*/
#include "fit/campaign.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/err.h"
#include "fit/training.h"

#define ASPECT 128.0
#define EXPERTS 16
#define TOPK 2

static const char *const column[] = {
    "campaign",
    "org",
    "year",
    "params_total_b",
    "params_active_b",
    "tokens_t",
    "train_flops",
    "flops_basis",
    "accelerator",
    "peak_bf16_tflops",
    "accel_count",
    "days",
    "accel_hours",
    "mfu_published",
    "mfu_computed",
    "unplanned_failures",
    "failure_window_days",
    "accel_mtbf_hours",
    "goodput_or_ettr",
    "checkpoint_notes",
    "evidence",
    "source",
};

bool fit_is_campaign(const struct csv *c)
{
    return csv_column(c, "campaign") >= 0 && csv_column(c, "model") < 0;
}

bool fit_campaign_column(struct cell head)
{
    for (size_t i = 0; i < sizeof column / sizeof *column; i++)
        if (cell_is(head, column[i]))
            return true;
    return false;
}

const struct model *fit_parametric(struct arena *a, const char *name, double params, double active)
{
    bool moe = active > 0 && active < 0.99 * params;
    double experts = moe ? (params - active) / (EXPERTS - TOPK) : 0; /* L * e */
    double rest = moe ? active - TOPK * experts : params;
    double h = moe ? cbrt(rest * ASPECT / 4) : cbrt(rest * ASPECT / 12);
    if (!(params > 1e6) || !(rest > 0) || active > params)
        return NULL;
    double unit = h > 4096 ? 1024 : 256; /* so that powers of two divide the heads */
    h = fmax(unit, round(h / unit) * unit);
    double layers = fmax(1, round(moe ? rest / (4 * h * h) : rest / (12 * h * h)));
    struct layer *l = ARENA_NEW(a, struct layer);
    struct model *m = ARENA_NEW(a, struct model);
    *l = (struct layer){.count = (int)layers,
                        .mixer = MIX_GQA,
                        .heads = (int)(h / 128),
                        .kv_heads = (int)(h / 128),
                        .head_dim = 128,
                        .v_head_dim = 128,
                        .norm_params = 2 * h};
    if (moe) {
        l->experts = EXPERTS, l->topk_experts = TOPK, l->gated = true;
        l->expert_inter = (int64_t)(round(experts / layers / (3 * h) / 128) * 128);
    } else {
        l->ffn_inter = (int64_t)(4 * h);
    }
    *m = (struct model){.id = name,
                        .name = name,
                        .type = "parametric",
                        .hidden = (int64_t)h,
                        .vocab = 51200,
                        .max_context = 2048,
                        .tied = true,
                        .group = l,
                        .ngroup = 1,
                        .layers = (int)layers,
                        .parametric = true};
    m->quant = (struct quant){.linear = PREC_BF16, .experts = PREC_BF16, .attention = PREC_BF16,
                             .lm_head = PREC_BF16, .embed = PREC_BF16, .kv = PREC_BF16};
    m->source = "parameter count of the campaign; shape assumed";
    return m;
}

/* ------------------------------------------------------------------ reading */

static struct cell get(const struct csv *c, const char *name)
{
    return *csv_cell(c, csv_column(c, name));
}

static double number(const struct csv *c, const char *name)
{
    double x = NAN;
    return cell_f64(get(c, name), &x) && x > 0 ? x : NAN;
}

/* "Llama 3.1 405B (note)" -> "llama-3.1-405b" */
static char *as_id(struct arena *a, struct cell v)
{
    char *s = cell_dup(a, v), *paren = strchr(s, '(');
    if (paren)
        *paren = '\0';
    size_t n = strlen(s);
    while (n && s[n - 1] == ' ')
        s[--n] = '\0';
    for (char *p = s; *p; p++)
        *p = *p == ' ' ? '-' : (char)tolower((unsigned char)*p);
    return s;
}

/* "0.38-0.43", "0.462 (HFU 0.578)": the middle of what comes first; NaN where nothing is a share. */
static double published_mfu(struct arena *a, struct cell v)
{
    const char *s = cell_dup(a, v);
    char *end;
    double lo = strtod(s, &end), hi = end != s && *end == '-' ? strtod(end + 1, NULL) : lo;
    return end != s && lo > 0 && hi < 1 ? 100 * (lo + hi) / 2 : NAN;
}

static enum precision format(const struct fit_point *p)
{
    enum precision own = p->model->quant.linear;
    bool eight = p->model->quant_declared && (own == PREC_FP8 || own == PREC_FP8_BLOCK);
    if (eight && !precision_on(own, p->acc).fallback)
        return own;
    return accelerator_half(p->acc) == ARITH_FP16 ? PREC_FP16 : PREC_BF16;
}

/* 4M tokens; 16M beyond 4,096 devices and since 2024. Sequences that every power-of-two split of the devices divides.
 */
static int64_t usual_batch(int devices, int64_t seq_tok, bool late)
{
    int odd = devices;
    while (odd % 2 == 0)
        odd /= 2;
    double seqs = (late || devices > 4096 ? 16777216.0 : 4194304.0) / (double)seq_tok, unit = odd * 64.0;
    return (int64_t)(fmax(1, round(seqs / unit)) * unit);
}

static void name_model(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p)
{
    struct err e = {0};
    double total = 1e9 * number(c, "params_total_b"), active = 1e9 * number(c, "params_active_b");
    p->model_name = as_id(a, get(c, "campaign"));
    p->model = catalog_model(cat, p->model_name, "campaign", NULL, &e);
    if (!p->model && total > 0)
        p->model = fit_parametric(a, p->model_name, total, active);
}

static void name_accelerator(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p)
{
    struct err e = {0};
    p->acc_name = as_id(a, get(c, "accelerator"));
    const char *name = strcmp(p->acc_name, "ampere-80gb") == 0 ? "a100-80gb" : p->acc_name; /* MegaScale says no more */
    p->acc = *name ? catalog_accelerator(cat, name, "accelerator", NULL, &e) : NULL;
}

static void measured(struct arena *a, const struct csv *c, struct fit_point *p)
{
    struct cell mfu = get(c, "mfu_published");
    for (int m = 0; m < FIT_METRIC_N; m++)
        p->measured[m] = NAN;
    p->measured[FIT_DAYS] = number(c, "days");
    p->measured[FIT_ACCELERATOR_HOURS] = number(c, "accel_hours");
    p->measured[FIT_MFU_PCT] = published_mfu(a, mfu);
}

bool fit_campaign_read(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p, const char **why)
{
    struct err e = {0};
    struct cell id = get(c, "campaign");
    double n = number(c, "accel_count"), tokens = number(c, "tokens_t") * 1e12, year = number(c, "year");
    struct fit_training *t = ARENA_NEW(a, struct fit_training);
    p->id = id.n ? cell_dup(a, id) : arena_printf(a, "line %llu", (unsigned long long)c->line);
    p->kind = FIT_TRAINING, p->framework = "", p->tier = "";
    p->tp = p->pp = p->dp = p->ep = p->replicas = 1, p->length_ratio_min = 1, p->osl = -1;
    p->stack = catalog_stack(cat, "generic", NULL, "framework", &e);
    name_model(a, cat, c, p);
    name_accelerator(a, cat, c, p);
    measured(a, c, p);
    *why = !p->model               ? "neither a model of the catalog nor a parameter count"
           : !p->acc               ? arena_printf(a, "the accelerator \"%.40s\" is not in the catalog", p->acc_name)
           : !(n >= 1 && n <= 1e6) ? "how many accelerators is not published"
           : !(tokens > 0)         ? "how many tokens is not published"
           : isnan(p->measured[FIT_DAYS] + 0 * n) && isnan(p->measured[FIT_ACCELERATOR_HOURS]) &&
                   isnan(p->measured[FIT_MFU_PCT])
               ? "neither days nor hours nor MFU are published"
               : NULL;
    if (*why)
        return false;
    p->devices = (int)n;
    p->precision = format(p), p->moe_precision = p->kv_precision = PREC_N;
    p->isl = year >= 2024 ? 8192 : year >= 2023 ? 4096 : 2048;
    t->campaign = true;
    t->tokens = tokens;
    t->fix = train_split_open();
    t->global_batch = usual_batch(p->devices, p->isl, year >= 2024);
    /* Megatron's FLOP of 2021 count recomputation: what the column says of hardware FLOP, and TFLOP/s of those years */
    char *mfu = cell_dup(a, get(c, "mfu_published"));
    t->hardware_flop = strstr(mfu, "hardware") || (year <= 2022 && strstr(mfu, "TFLOP/s"));
    p->train = t;
    return true;
}

/* ------------------------------------------------------------------ predicting */

static struct span widened(struct span v, double unit)
{
    return (struct span){v.at * unit, v.lo * unit, v.hi * unit};
}

void fit_campaign(struct fit_run *r)
{
    const struct fit_point *p = r->p;
    struct err e = {0};
    struct train_plan plan;
    struct train_question q = {.model = p->model,
                               .acc = p->acc,
                               .precision = p->precision,
                               .devices = p->devices,
                               .tokens = p->train->tokens,
                               .global_batch = p->train->global_batch,
                               .seq_tok = p->isl,
                               .shard = SHARD_N,
                               .recompute = p->train->hardware_flop ? RECOMPUTE_FULL : -1};
    if (!plan_train(r->arena, r->s->training, &q, &plan, &e)) {
        fit_refuse(r, "%s: %.160s", e.place, e.what);
        return;
    }
    if (!plan.found.any) {
        fit_refuse(r, plan.found.tried ? "no split of it fits in memory" : "%.160s", plan.found.why);
        return;
    }
    double again = p->train->hardware_flop ? 4.0 / 3 : 1;
    r->out->value[FIT_DAYS] = plan.days;
    r->out->value[FIT_ACCELERATOR_HOURS] = plan.accelerator_hours;
    r->out->value[FIT_MFU_PCT] = widened(plan.mfu_frac, 100 * again);
    r->out->tier = plan.tier;
    r->out->evidence = plan.evidence;
    r->out->how = "campaign, best split, batch and sequence assumed";
}
