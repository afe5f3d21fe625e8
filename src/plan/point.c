/* point.c - usd_mtok = usd_h / (tok_s * 3600) * 1e6 at one operating point. */
#include "plan/point.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/cost.h"
#include "plan/plan.h"
#include "speed/power.h"

/* The batch asked for is the limit to look at, up to a step's tokens; but what engines set aside for so many sequences
** must not push out the sequences themselves: of the limits between, halving, the one that holds most. */
static void raise_limit(struct deployment *d, int64_t batch, int64_t isl, int64_t osl)
{
    int own = d->max_seqs, best = own, top = batch < d->max_tokens ? (int)batch : d->max_tokens;
    double held = 0;
    for (int n = top; n > own / 2 && n > 0; n /= 2) {
        d->max_seqs = n > own ? n : own;
        struct memory m = memory_of(d);
        double one = kv_seq_bytes(&m, isl + (osl + 1) / 2), room = one > 0 ? m.kv_pool_bytes / one * d->dp : d->max_seqs;
        if (fmin(room, d->max_seqs) > held)
            held = fmin(room, d->max_seqs), best = d->max_seqs;
    }
    d->max_seqs = best;
}

bool plan_point(struct arena *a, struct catalog *c, const struct scenario *s, int64_t batch, int64_t isl, int64_t osl,
                struct point *out, struct err *e)
{
    *out = (struct point){.batch_asked = batch, .isl = isl, .osl = osl, .usd_h = NAN, .usd_mtok = {NAN, NAN, NAN},
                          .usd_mtok_total = NAN};
    if (!plan_deployment(c, s, s->deploy.acc, &out->d, e))
        return false;
    if (!s->max_context || out->d.max_context < isl + osl)
        out->d.max_context = isl + osl;
    if (batch > out->d.max_seqs)
        raise_limit(&out->d, batch, isl, osl);
    if (!deployment_check(&out->d, e))
        return false;
    out->precision = deployment_precision(&out->d);
    if (s->precision_exact && out->precision.fallback) {
        err_input(e, "precision", "%s cannot compute in %s, and exact forbids weights alone", out->d.acc->id,
                  precision_table[out->d.quant.linear].name);
        return err_mend(e, "leave out exact: it runs %s", out->precision.text);
    }
    power_cap_apply(&out->d, batch, isl + osl / 2, isl);
    out->devices = deployment_devices(&out->d);
    predict_point(&out->d, batch, isl, osl, &out->p);
    out->price = price_find(a, c, out->d.acc, &s->price);
    if (!out->price.found)
        return true;
    out->usd_h = out->price.usd_h * out->devices;
    if (!out->p.fits)
        return true;
    struct span t = out->p.output_tok_s;
    out->usd_mtok = (struct span){cost_mtok(out->usd_h, t.at), cost_mtok(out->usd_h, t.hi), cost_mtok(out->usd_h, t.lo)};
    out->usd_mtok_total = cost_mtok(out->usd_h, t.at * (double)(isl + osl) / (double)osl);
    return true;
}
