/* train_search.c - argmin over (tp, pp, vp, cp, ep, micro-batch, shard) of t_step / tokens, subject to memory.
**
** tp: powers of two inside a scale-up domain, at most 16. pp: divisors of what is left, at most the layers. cp: powers
*of
** two that leave 4,096 tokens a rank. ep: powers of two. vp: divisors of the layers of a stage, when the micro-batches
** are a multiple of the stages. The order of the loops breaks ties: the first of equals wins.
*/
#include "plan/train_search.h"

#include <math.h>
#include <stdio.h>

#include "base/err.h"
#include "speed/collective.h"

#define TP_MOST 16
#define CP_LEAST_TOK 4096
#define MICRO_MOST 64
#define IN_FLIGHT 8 /* micro-batches a stage when the batch is free */

struct search {
    const struct train_space *sp;
    struct train_found *out;
    double best_s_tok, least_short_bytes;
};

struct train_split train_split_open(void)
{
    return (struct train_split){.shard = SHARD_N, .recompute = RECOMPUTE_N};
}

static bool has_experts(const struct model *m)
{
    for (size_t i = 0; i < m->ngroup; i++)
        if (m->group[i].experts > 0)
            return true;
    return false;
}

static void keep(struct search *f, const struct train_job *j, const struct train_split *s, const struct train_memory *m)
{
    f->out->job = *j;
    f->out->split = *s;
    f->out->memory = *m;
}

/* One split whole: false when it does not fit. */
static bool consider(struct search *f, const struct train_job *j, const struct train_split *s)
{
    struct train_memory m = train_memory(j, s);
    struct train_step step;
    f->out->tried++;
    if (!m.fits && !f->sp->any_memory) {
        if (!f->out->any && m.short_by_bytes < f->least_short_bytes)
            f->least_short_bytes = m.short_by_bytes, keep(f, j, s, &m);
        return false;
    }
    train_step(j, s, &step);
    double s_tok = step.t_s / (double)j->global_batch;
    f->out->fitting++;
    if (!f->out->any || s_tok < f->best_s_tok) {
        f->out->any = true;
        f->best_s_tok = s_tok;
        f->out->step = step;
        keep(f, j, s, &m);
    }
    return true;
}

/* The fewest layers of a stage that full recomputation must take, by halving: memory falls with each. */
static int fewest_layers(const struct train_job *j, struct train_split s)
{
    int lo = 1, hi = (j->model->layers + s.pp - 1) / s.pp;
    while (lo < hi) {
        s.recompute_layers = (lo + hi) / 2;
        if (train_memory(j, &s).fits)
            hi = s.recompute_layers;
        else
            lo = s.recompute_layers + 1;
    }
    return lo;
}

static void with_recompute(struct search *f, const struct train_job *j, struct train_split s)
{
    enum train_recompute fixed = f->sp->fix.recompute;
    s.recompute = fixed != RECOMPUTE_N ? fixed : RECOMPUTE_NONE;
    if (consider(f, j, &s) || fixed != RECOMPUTE_N)
        return;
    s.recompute = RECOMPUTE_SELECTIVE;
    consider(f, j, &s);
    s.recompute = RECOMPUTE_FULL;
    s.recompute_layers = fewest_layers(j, s);
    consider(f, j, &s);
}

static void with_shard(struct search *f, const struct train_job *j, struct train_split s)
{
    if (f->sp->fix.shard != SHARD_N) {
        s.shard = f->sp->fix.shard;
        with_recompute(f, j, s);
        return;
    }
    s.shard = SHARD_OPTIMIZER;
    with_recompute(f, j, s);
    s.shard = SHARD_FULL;
    with_recompute(f, j, s);
}

static void with_vp(struct search *f, const struct train_job *j, struct train_split s)
{
    struct err e = {0};
    int stage = (j->model->layers + s.pp - 1) / s.pp, fixed = f->sp->fix.vp, m = train_micro_batches(j, &s);
    for (s.vp = fixed ? fixed : 1; s.vp <= (fixed ? fixed : stage); s.vp++) {
        bool interleaved = !fixed && s.vp > 1;
        if (interleaved && (s.pp == 1 || stage % s.vp || m % s.pp))
            continue;
        if (train_check(j, &s, &e))
            with_shard(f, j, s);
        else
            snprintf(f->out->why, sizeof f->out->why, "%.40s: %.110s", e.place, e.what);
    }
}

static void with_micro(struct search *f, struct train_split s)
{
    const struct train_space *sp = f->sp;
    struct train_job j = sp->job;
    int64_t most = sp->job.global_batch > 0 ? sp->job.global_batch / s.dp : MICRO_MOST;
    if (sp->job.global_batch > 0 && sp->job.global_batch % s.dp) {
        snprintf(f->out->why, sizeof f->out->why, "global_batch: %lld is not a multiple of the %d data-parallel ranks",
                 (long long)sp->job.global_batch, s.dp);
        return;
    }
    int64_t fixed = sp->fix.micro_batch;
    for (s.micro_batch = fixed ? fixed : 1;
         s.micro_batch <= (fixed ? fixed : most) && (fixed || s.micro_batch <= MICRO_MOST); s.micro_batch *= 2) {
        if (sp->job.global_batch > 0 && sp->job.global_batch % (s.dp * s.micro_batch)) {
            snprintf(f->out->why, sizeof f->out->why,
                     "global_batch: %lld is not a multiple of micro_batch %lld * dp %d",
                     (long long)sp->job.global_batch, (long long)s.micro_batch, s.dp);
            if (fixed)
                return;
            continue;
        }
        if (!sp->job.global_batch)
            j.global_batch = s.micro_batch * s.dp * (s.pp > 1 ? IN_FLIGHT * s.pp : 1);
        with_vp(f, &j, s);
        if (fixed)
            return;
    }
}

static void with_ep(struct search *f, struct train_split s)
{
    int ranks = s.tp * s.cp * s.dp, fixed = f->sp->fix.ep;
    bool moe = has_experts(f->sp->job.model);
    for (s.ep = fixed && moe ? fixed : 1; s.ep <= (fixed ? s.ep : moe ? ranks : 1); s.ep *= 2) {
        if (!fixed && ranks % s.ep)
            break;
        with_micro(f, s);
        if (fixed)
            return;
    }
}

static void with_cp(struct search *f, struct train_split s)
{
    const struct train_job *j = &f->sp->job;
    int left = j->devices / (s.tp * s.pp), fixed = f->sp->fix.cp;
    for (s.cp = fixed ? fixed : 1; s.cp <= left; s.cp *= 2) {
        bool open = !fixed && s.cp > 1;
        if (open && (left % s.cp || j->seq_tok / s.cp < CP_LEAST_TOK))
            break;
        s.dp = left / s.cp;
        if (s.dp * s.cp == left)
            with_ep(f, s);
        if (fixed)
            return;
    }
}

static void with_pp(struct search *f, struct train_split s)
{
    const struct train_job *j = &f->sp->job;
    int left = j->devices / s.tp, fixed = f->sp->fix.pp;
    for (s.pp = fixed ? fixed : 1; s.pp <= (fixed ? fixed : j->model->layers) && s.pp <= left; s.pp++)
        if (left % s.pp == 0)
            with_cp(f, s);
}

void train_search(const struct train_space *sp, struct train_found *out)
{
    struct search f = {.sp = sp, .out = out, .best_s_tok = INFINITY, .least_short_bytes = INFINITY};
    int devices = sp->job.devices, node = link_node(sp->job.acc), fixed = sp->fix.tp;
    *out = (struct train_found){.job = sp->job, .why = "devices: no tp * pp * cp divides them"};
    for (int tp = fixed ? fixed : 1; tp <= (fixed ? fixed : TP_MOST) && (fixed || tp == 1 || tp <= node); tp *= 2) {
        struct train_split s = {.tp = tp};
        if (devices % tp == 0)
            with_pp(&f, s);
        if (fixed)
            return;
    }
}
