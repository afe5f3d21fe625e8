/* deployment.c - devices = tp * pp * dp; experts over ep, each split moe_tp = tp * dp / ep ways. */
#include "speed/deployment.h"

#include <math.h>

#include "base/err.h"
#include "speed/collective.h"

#define LEAST_CAP 1.2 /* of the idle power: vendors let nobody set less, and below the model says nothing */

int deployment_devices(const struct deployment *d)
{
    return d->tp * d->pp * d->dp;
}

int deployment_moe_tp(const struct deployment *d)
{
    return d->ep > 0 ? d->tp * d->dp / d->ep : d->tp * d->dp;
}

bool deployment_spans_nodes(const struct deployment *d)
{
    return d->tp * d->dp > link_node(d->acc);
}

struct precision_run deployment_precision(const struct deployment *d)
{
    return precision_on(d->quant.linear, d->acc);
}

static bool mixer_splits(const struct layer *l, int tp, struct err *e)
{
    if ((l->mixer == MIX_GQA || l->mixer == MIX_MLA) && l->heads % tp)
        return err_input(e, "tp", "%d does not divide the %d attention heads", tp, l->heads);
    if (l->mixer == MIX_GQA && l->kv_heads % tp && tp % l->kv_heads)
        return err_input(e, "tp", "%d neither divides the %d KV heads nor is a multiple of them", tp, l->kv_heads);
    if (l->mixer == MIX_LINEAR && l->lin_v_heads % tp)
        return err_input(e, "tp", "%d does not divide the %d heads of linear attention", tp, l->lin_v_heads);
    return true;
}

static bool layer_splits(const struct deployment *d, const struct layer *l, struct err *e)
{
    int moe_tp = deployment_moe_tp(d);
    if (!mixer_splits(l, d->tp, e))
        return false;
    if (l->ffn_inter % d->tp)
        return err_input(e, "tp", "%d does not divide the feed-forward width %lld", d->tp, (long long)l->ffn_inter);
    if (l->experts > 0 && l->experts % d->ep)
        return err_input(e, "ep", "%d does not divide the %d experts", d->ep, l->experts);
    if (l->experts > 0 && l->expert_inter % moe_tp)
        return err_input(e, "tp", "experts of width %lld cannot be split %d ways", (long long)l->expert_inter, moe_tp);
    return true;
}

static bool runs(const struct deployment *d, enum precision p, const char *what, struct err *e)
{
    if (p < PREC_N && precision_on(p, d->acc).arith != ARITH_N)
        return true;
    return err_input(e, "precision", "%s has no arithmetic for %s of type %s", d->acc->id, what,
                     p < PREC_N ? precision_table[p].name : "unknown");
}

/* Nothing is guessed about wires: a device whose links nobody published works alone only. */
static bool linked(const struct deployment *d, struct err *e)
{
    int n = d->tp * d->dp, node = link_node(d->acc);
    if (d->acc->card && deployment_devices(d) > 1) {
        err_input(e, "tp", "a MIG instance reaches no other: %s works alone", d->acc->id);
        return err_mend(e, "use replicas, or the whole card");
    }
    double inside = link_bytes_s(d->acc, n < node ? n : node);
    double across = d->acc->scaleout_bytes_s > 0 ? d->acc->scaleout_bytes_s : d->acc->pcie_bytes_s;
    bool stages_across = deployment_devices(d) > node;
    if (n > 1 && node > 1 && inside <= 0)
        return err_input(e, "tp", "no link bandwidth between devices of %s is known", d->acc->id);
    if (d->pp > 1 && !stages_across && link_bytes_s(d->acc, 2) <= 0)
        return err_input(e, "pp", "no link bandwidth between devices of %s is known", d->acc->id);
    if ((n > node || (d->pp > 1 && stages_across)) && across <= 0)
        return err_input(e, n > node ? "tp" : "pp", "%s has no known network beyond %d devices", d->acc->id, node);
    return true;
}

static bool capped(const struct deployment *d, struct err *e)
{
    double idle = d->acc->idle_w > 0 ? d->acc->idle_w : d->stack.power.idle_frac * d->acc->tdp_w;
    if (!(d->power_cap_w > 0))
        return true;
    if (!(d->acc->tdp_w > 0))
        return err_input(e, "power_cap", "what a cap does to %s cannot be said: its TDP is not known", d->acc->id);
    if (d->power_cap_w <= idle * LEAST_CAP) {
        err_input(e, "power_cap", "%s draws about %.3g W while it waits, and %.3g W are allowed", d->acc->id, idle,
                  d->power_cap_w);
        return err_mend(e, "allow %.3g W or more", ceil(idle * LEAST_CAP + 1));
    }
    return true;
}

bool deployment_check(const struct deployment *d, struct err *e)
{
    const struct model *m = d->model;
    bool moe = false;
    if (d->tp < 1 || d->pp < 1 || d->dp < 1 || d->ep < 1)
        return err_input(e, "deployment", "tp, pp, dp and ep must be at least 1, got %d, %d, %d, %d", d->tp, d->pp,
                         d->dp, d->ep);
    if (d->pp > m->layers)
        return err_input(e, "pp", "%d stages for %d layers", d->pp, m->layers);
    if (d->tp * d->dp % d->ep)
        return err_input(e, "ep", "%d does not divide tp * dp = %d", d->ep, d->tp * d->dp);
    if (!linked(d, e) || !capped(d, e))
        return false;
    if (d->spec.tokens > 0 && d->pp > 1) {
        err_input(e, "pp", "speculative decoding over pipeline stages is not modelled");
        return err_mend(e, "take out speculative, or use tp");
    }
    if (d->spec.tokens > 0 && d->max_tokens > 0 && d->spec.tokens >= d->max_tokens)
        return err_input(e, "speculative", "a step of %d tokens cannot verify %d of one sequence", d->max_tokens, d->spec.tokens + 1);
    for (size_t i = 0; i < m->ngroup; i++) {
        if (!layer_splits(d, &m->group[i], e))
            return false;
        moe = moe || m->group[i].experts > 0;
    }
    if (!moe && d->dp > 1) {
        err_input(e, "dp", "data-parallel attention is for mixtures of experts, and %s is dense", m->id);
        return err_mend(e, "use replicas: %d", d->dp);
    }
    if (!moe && d->ep > 1)
        return err_input(e, "ep", "%s has no experts", m->id);
    return runs(d, d->quant.linear, "weights", e) && runs(d, d->quant.attention, "attention weights", e) &&
           runs(d, d->quant.lm_head, "the LM head", e) && (!moe || runs(d, d->quant.experts, "experts", e));
}
