/* draft.c - k passes of the proposer before each verification:  t = k * (tokens(n) + head(n) + decode attention).
**
**      E = (1 - a^(k+1)) / (1 - a)     tokens a step: Leviathan, Kalman and Matias, ICML 2023, equation 1
**
** A draft model is a model of its own with its own KV cache. A head of EAGLE (Li et al., ICML 2024) or an MTP module
** (DeepSeek-V3, 2024) is one layer like the target's last behind a matrix 2h x h that joins embedding and hidden state,
** with the target's LM head. N-grams of the prompt are looked up on the host while nothing waits for it, at no cost here.
**
** Host time is not spent again: the passes are launched within one step of the engine. The first pass also reads the
** tokens accepted last, a few more rows that are left out. Each dp copy of the attention proposes to its own sequences.
*/
#include "speed/draft.h"

#include <math.h>

#include "base/err.h"
#include "speed/walk.h"

double draft_mean_tok(const struct speculative *s)
{
    double sum = 1, p = 1;
    for (int i = 0; i < s->tokens; i++)
        sum += p *= s->acceptance;
    return sum;
}

double draft_accepted_frac(const struct speculative *s)
{
    return s->tokens > 0 ? (draft_mean_tok(s) - 1) / s->tokens : 0;
}

/* The last layer that attends; it alone is the head. */
static bool last_layer(const struct model *m, struct layer *out)
{
    bool found = false;
    for (size_t i = 0; i < m->ngroup; i++)
        if (m->group[i].mixer != MIX_NONE) {
            *out = m->group[i];
            found = true;
        }
    out->count = 1;
    return found;
}

bool draft_of(const struct deployment *d, struct proposer *out)
{
    const struct speculative *s = &d->spec;
    if (s->tokens < 1 || s->draft == DRAFT_NGRAM)
        return false;
    out->d = *d;
    out->d.spec = (struct speculative){0};
    out->d.model = &out->model;
    out->d.pp = out->d.dp = 1;
    out->head = s->draft != DRAFT_MODEL;
    if (!out->head) {
        struct err why = {0};
        out->model = *s->model;
        out->d.quant = s->quant;
        out->d.ep = 1;
        if (!deployment_check(&out->d, &why)) /* its heads are too few for all devices: each has a copy */
            out->d.tp = 1;
        return true;
    }
    out->model = *d->model;
    out->model.group = &out->layer;
    out->model.ngroup = 1;
    out->model.layers = 1;
    if (!last_layer(d->model, &out->layer))
        return false;
    out->d.ep = out->layer.experts > 0 && d->dp == 1 ? d->ep : 1;
    return true;
}

static double a_rank(const struct engine *e, double seqs)
{
    return fmax(1, seqs / e->d->dp);
}

static void fold(struct step_time *to, const struct step_time *one, int count)
{
    struct op_time o = {.t_s = one->t_s, .work_s = one->t_s - one->by_bound_s[BOUND_FIXED]};
    for (size_t i = 0; i < one->npart; i++) {
        o.flop += one->part[i].count * one->part[i].one.flop;
        o.bytes += one->part[i].one.bound == BOUND_LINK ? 0 : one->part[i].count * one->part[i].one.bytes;
    }
    for (int b = 1; b < BOUND_N; b++)
        o.bound = one->by_bound_s[b] > one->by_bound_s[o.bound] ? (enum bound)b : o.bound;
    double by_bound_s[BOUND_N];
    for (int b = 0; b < BOUND_N; b++)
        by_bound_s[b] = to->by_bound_s[b] + count * one->by_bound_s[b];
    time_add(to, "draft", count, o, BOUND_MEMORY);
    for (int b = 0; b < BOUND_N; b++)
        to->by_bound_s[b] = by_bound_s[b];
}

static void pass_tokens(const struct proposer *g, const struct engine *e, double n, struct step_time *t)
{
    const struct format *f = &e->format[g->d.quant.linear];
    double h = (double)g->model.hidden, bits = g->d.quant.bits.linear, bytes = bits > 0 ? bits / 8 : f->weight_bytes;
    if (g->head)
        time_add(t, "gemm.join", 1, op_gemm(&f->rate, f->gemm, n, h / g->d.tp, 2 * h, bytes, f->act_bytes), BOUND_MEMORY);
    walk_tokens(e, n, n, t);
    walk_head(e, n, t);
}

static void proposed(const struct engine *e, double seqs, bool tokens, bool attention, double full, double clip,
                     struct step_time *t)
{
    struct proposer g;
    struct engine own;
    struct step_time one;
    if (seqs <= 0 || !draft_of(e->d, &g))
        return;
    engine_init(&own, &g.d);
    time_begin(&one);
    double n = a_rank(e, seqs), part = n / seqs;
    if (tokens)
        pass_tokens(&g, &own, n, &one);
    if (attention) /* a window that only the proposer has counts as none */
        walk_decode(&own, n, full * part, (e->window > 0 ? clip : full) * part, &one);
    fold(t, &one, e->d->spec.tokens);
}

void draft_tokens(const struct engine *e, double seqs, struct step_time *t)
{
    proposed(e, seqs, true, false, 0, 0, t);
}

void draft_attention(const struct engine *e, double seqs, double full, double clip, struct step_time *t)
{
    proposed(e, seqs, false, true, full, clip, t);
}

void draft_walk(const struct engine *e, double seqs, double full, double clip, struct step_time *t)
{
    proposed(e, seqs, true, true, full, clip, t);
}
