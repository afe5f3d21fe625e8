/* point.c - usd_mtok = usd_h / (tok_s * 3600) * 1e6 at one operating point. */
#include "plan/point.h"

#include <math.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/cost.h"
#include "plan/plan.h"
#include "speed/power.h"

bool plan_point(struct arena *a, struct catalog *c, const struct scenario *s, int64_t batch, int64_t isl, int64_t osl,
                struct point *out, struct err *e)
{
    *out = (struct point){.batch_asked = batch, .isl = isl, .osl = osl, .usd_h = NAN, .usd_mtok = {NAN, NAN, NAN},
                          .usd_mtok_total = NAN};
    if (!plan_deployment(c, s, s->deploy.acc, &out->d, e))
        return false;
    if (!s->max_context || out->d.max_context < isl + osl)
        out->d.max_context = isl + osl;
    if (batch > out->d.max_seqs)                /* the batch asked for is the limit to look at, up to a step's tokens */
        out->d.max_seqs = batch < out->d.max_tokens ? (int)batch
                          : out->d.max_tokens > out->d.max_seqs ? out->d.max_tokens : out->d.max_seqs;
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
