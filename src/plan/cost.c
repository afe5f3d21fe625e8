/* cost.c - usd_h = instances * cards * price; usd_mtok = usd_h / (3600 * output tokens/s) * 1e6. */
#include "plan/cost.h"

#include <math.h>

double cost_mtok(double usd_h, double tok_s)
{
    return tok_s > 0 ? usd_h / (3600.0 * tok_s) * 1e6 : NAN;
}

void cost_per_mtok(double usd_h, double out_tok_s, double total_tok_s, double *out_mtok, double *total_mtok)
{
    *out_mtok = cost_mtok(usd_h, out_tok_s);
    *total_mtok = cost_mtok(usd_h, total_tok_s);
}

int cost_billed(const struct price *p, int n)
{
    int instance = p->found && p->instance_cards > 1 ? p->instance_cards : 1;
    return (n + instance - 1) / instance * instance;
}

void cost_candidate(struct candidate *c, const struct economics *ec, enum price_kind asked, double in_tok_s,
                    double out_tok_s, int owned_free)
{
    c->devices = c->replicas * deployment_devices(&c->d);
    c->owned_devices = c->devices < owned_free ? c->devices : owned_free;
    c->billed_devices = cost_billed(&c->price, c->devices - c->owned_devices);
    c->priced = c->price.found || c->billed_devices == 0;
    c->usd_h = c->priced ? c->owned_devices * price_owned_usd_h(ec, 0, c->acc->tdp_w) : NAN;
    if (c->priced && c->billed_devices > 0)
        c->usd_h += c->billed_devices * c->price.usd_h;
    c->price_as_asked = c->billed_devices == 0 || (c->price.found && c->price.kind == asked && !c->price.stale);
    cost_per_mtok(c->usd_h, out_tok_s, in_tok_s + out_tok_s, &c->usd_mtok, &c->usd_mtok_total);
}
