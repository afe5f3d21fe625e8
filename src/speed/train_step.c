/* train_step.c - t = (m * t_max + (pp-1)/v * t_stage + exposed reductions + optimizer + fixed) * (1 +
*straggler*log2(nodes)).
**
** t_max is the slower of the fullest stage and of the last one, which has the LM head and the loss. 1F1B with v chunks
*a
** stage: arXiv:2104.04473, section 2.2. Optimizer: Adam reads and writes 30 bytes a parameter of its shard (gradient,
** fp32 master, two moments, 16-bit weight).
*/
#include "speed/train.h"

#include <math.h>

#include "base/err.h"
#include "speed/power.h"
#include "speed/train_part.h"

#define ADAM_BYTES 30.0

const char *const train_recompute_name[RECOMPUTE_N] = {"none", "selective", "full"};
const char *const train_part_name[TRAIN_PART_N] = {
    "forward",          "backward",        "recomputation",  "LM head and loss", "tensor parallel",
    "context parallel", "expert parallel", "stage to stage", "pipeline bubble",  "data parallel",
    "optimizer",        "fixed",           "stragglers"};

int train_micro_batches(const struct train_job *j, const struct train_split *s)
{
    int64_t each = s->micro_batch * s->dp;
    return (int)((j->global_batch + each - 1) / each);
}

double train_stage_layers(const struct train_job *j, const struct train_split *s)
{
    double chunks = (double)s->pp * s->vp;
    return ceil(j->model->layers / chunks) * s->vp;
}

double train_last_layers(const struct train_job *j, const struct train_split *s)
{
    double left = j->model->layers - (s->pp - 1) * train_stage_layers(j, s);
    return left > 0 ? left : 0;
}

double train_recomputed(const struct train_job *j, const struct train_split *s)
{
    double layers = train_stage_layers(j, s);
    if (s->recompute != RECOMPUTE_FULL)
        return 0;
    return s->recompute_layers > 0 && s->recompute_layers < layers ? s->recompute_layers / layers : 1;
}

static double recompute_s(const struct train_engine *t, const struct train_work *w)
{
    const struct train_job *j = t->j;
    if (t->s->recompute == RECOMPUTE_NONE)
        return 0;
    if (t->s->recompute == RECOMPUTE_SELECTIVE)
        return w->attention_s + w->elementwise_s;
    return train_recomputed(j, t->s) *
           (w->forward_s + w->tp_s * (1 - j->c.overlap_tp) + w->ep_s * (1 - j->c.overlap_ep) + w->cp_s);
}

static double optimizer_s(const struct train_engine *t)
{
    struct train_weights w = train_weights(t);
    bool shared = t->s->shard != SHARD_NONE;
    double own =
        (w.dense + w.head) / (shared ? train_dense_ranks(t->s) : 1) + w.experts / (shared ? train_expert_ranks(t) : 1);
    return t->j->lora_rank > 0 ? 0 : own * ADAM_BYTES / t->j->acc->mem_bw_bytes_s;
}

static double nodes_doubled(const struct train_job *j)
{
    int node = j->acc->node_cards > j->acc->host_cards ? j->acc->node_cards : j->acc->host_cards;
    double nodes = (double)j->devices / (node > 8 ? node : 8);
    return nodes > 1 ? log2(nodes) : 0;
}

void train_step(const struct train_job *j, const struct train_split *s, struct train_step *out)
{
    struct train_engine t;
    train_engine_init(&t, j, s);
    struct train_work w = train_layers(&t), h = train_head(&t);
    double m = train_micro_batches(j, s), share = train_stage_layers(j, s) / j->model->layers;
    double last = train_last_layers(j, s) / j->model->layers, *p = out->part_s;
    *out = (struct train_step){.micro_batches = (int64_t)m};

    double again_s = recompute_s(&t, &w);
    double tp_s = 2 * w.tp_s * (1 - j->c.overlap_tp), ep_s = 2 * w.ep_s * (1 - j->c.overlap_ep),
           cp_s = w.cp_s + w.cp_back_s;
    double layers_s = w.forward_s + w.backward_s + again_s + tp_s + ep_s + cp_s;
    double head_s = h.forward_s + h.backward_s, send_s = train_stage_send_s(&t) * (1 - j->c.overlap_tp);
    double stage_s = share * layers_s + send_s, wait_s = fmax(0, last * layers_s + head_s - share * layers_s);
    p[TRAIN_FORWARD] = m * share * w.forward_s;
    p[TRAIN_BACKWARD] = m * share * w.backward_s;
    p[TRAIN_RECOMPUTE] = m * share * again_s;
    p[TRAIN_HEAD] = m * wait_s;
    p[TRAIN_TP] = m * share * tp_s;
    p[TRAIN_CP] = m * share * cp_s;
    p[TRAIN_EP] = m * share * ep_s;
    p[TRAIN_PP] = m * send_s;
    p[TRAIN_BUBBLE] = (double)(s->pp - 1) / s->vp * stage_s;
    /* Filling and draining hide what is sent once a step. */
    double idle_s = s->shard == SHARD_FULL ? 0 : p[TRAIN_BUBBLE] / 2;
    p[TRAIN_DP] =
        train_reduce_s(&t, share * w.forward_s + idle_s, share * (w.backward_s + again_s) + idle_s, (int64_t)m);
    p[TRAIN_OPTIMIZER] = optimizer_s(&t);
    p[TRAIN_FIXED] = j->c.step_fixed_s;
    double sum = 0;
    for (int i = 0; i < TRAIN_STRAGGLER; i++)
        sum += p[i];
    p[TRAIN_STRAGGLER] = sum * j->c.straggler_frac * nodes_doubled(j);
    out->t_s = sum + p[TRAIN_STRAGGLER];
    out->bubble_frac = (s->pp - 1) / (m * s->vp + s->pp - 1);

    double passes = j->lora_rank > 0 ? 2 : 3, again = train_recomputed(j, s);
    double ranks = (double)s->tp * s->cp * s->dp, micro = m * ranks; /* w.flop is of one device and all stages */
    out->hardware_flop = micro * (w.flop * (passes + again) + h.flop * passes);
    out->mem_bytes = m * share * w.bytes * (3 + again);
    double peak = j->acc->peak_flop_s[precision_on(j->precision, j->acc).arith];
    out->power_w = power_busy_w(&t.d, fmin(1, out->hardware_flop / j->devices / out->t_s / peak),
                                fmin(1, out->mem_bytes / out->t_s / j->acc->mem_bw_bytes_s));
}

/* Keys that a query of a sequence attends, on average. By custom the whole square counts where nothing is left out (half:
** only what is before the query); what windows and sparse attention do not look at does not count. */
static double keys_attended(const struct layer *l, double seq, bool half)
{
    double all = half ? seq / 2 : seq, stored = l->compress > 1 ? all / l->compress : all;
    if (l->topk > 0)
        stored = fmin(stored, (double)l->topk);
    if (l->window <= 0)
        return stored;
    double w = (double)l->window, near = w < seq ? w - w * w / (2 * seq) : all;
    return fmin(all, l->topk > 0 || l->compress > 1 ? stored + near : near);
}

double train_model_flop_tok(const struct model *m, int64_t seq_tok, bool half)
{
    double flop = 6 * model_active_params(m);
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        double dims = l->mixer == MIX_GQA   ? l->head_dim + l->v_head_dim
                      : l->mixer == MIX_MLA ? l->nope_dim + l->rope_dim + l->v_head_dim
                                            : 0;
        flop += l->count * 6 * l->heads * dims * keys_attended(l, (double)seq_tok, half);
    }
    return flop;
}

double train_mfu(const struct train_job *j, double step_s)
{
    double each = train_model_flop_tok(j->model, j->seq_tok, false);
    if (j->lora_rank > 0) /* frozen weights have no gradients of their own */
        each -= 2 * model_active_params(j->model);
    double flop = (double)j->global_batch * (double)j->seq_tok * each;
    return flop / step_s / j->devices / j->acc->peak_flop_s[precision_on(j->precision, j->acc).arith];
}

bool train_runs(const struct train_job *j, struct err *e)
{
    struct precision_run run = precision_on(j->precision, j->acc);
    const struct precision_row *row = &precision_table[j->precision];
    if (run.arith == ARITH_N || (row->bits < 16 && (run.fallback || row->weight_only)))
        return err_input(e, "precision", "%s cannot train in %s: it has no such arithmetic", j->acc->id, row->name);
    return true;
}

bool train_check(const struct train_job *j, const struct train_split *s, struct err *e)
{
    const struct model *m = j->model;
    int ranks = s->tp * s->cp * s->pp;
    if (!train_runs(j, e))
        return false;
    if ((int64_t)ranks * s->dp != j->devices)
        return err_input(e, "devices", "%d are not tp %d * pp %d * cp %d * dp %d", j->devices, s->tp, s->pp, s->cp,
                         s->dp);
    if (s->pp * s->vp > m->layers + 2) /* embedding and head may count as layers (Llama 3) */
        return err_input(e, "pp", "%d stages of %d chunks are more than the %d layers", s->pp, s->vp, m->layers);
    if (j->seq_tok % s->cp)
        return err_input(e, "cp", "%d does not divide the sequence of %lld tokens", s->cp, (long long)j->seq_tok);
    if (j->global_batch % (s->micro_batch * s->dp))
        return err_input(e, "global_batch", "%lld is not a multiple of micro_batch %lld * dp %d",
                         (long long)j->global_batch, (long long)s->micro_batch, s->dp);
    for (size_t i = 0; i < m->ngroup; i++) {
        const struct layer *l = &m->group[i];
        if ((l->mixer == MIX_GQA || l->mixer == MIX_MLA) && l->heads % s->tp)
            return err_input(e, "tp", "%d does not divide the %d attention heads", s->tp, l->heads);
        if (l->ffn_inter % s->tp)
            return err_input(e, "tp", "%d does not divide the feed-forward width %lld", s->tp, (long long)l->ffn_inter);
        if (l->experts > 0 && (l->experts % s->ep || (s->tp * s->cp * s->dp) % s->ep))
            return err_input(e, "ep", "%d does not divide the %d experts, or not the %d ranks of a stage", s->ep,
                             l->experts, s->tp * s->cp * s->dp);
    }
    return true;
}
