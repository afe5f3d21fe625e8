/* cost.h - dollars and watts of a sized candidate. */
#ifndef MOAT_PLAN_COST_H
#define MOAT_PLAN_COST_H

#include "plan/plan.h"

/* USD per million tokens at an hourly cost and a load; NaN without load. */
double cost_mtok(double usd_h, double tok_s);
/* The same per million output tokens, and of all tokens. */
void cost_per_mtok(double usd_h, double out_tok_s, double total_tok_s, double *out_mtok, double *total_mtok);

/* Cards paid for when n are rented: whole instances. */
int cost_billed(const struct price *p, int n);

/* Fill devices, billed_devices, priced, usd_h, usd_mtok, usd_mtok_total of a candidate whose replicas, price and load
** are known. asked: the kind of price the scenario wants. Owned cards cost what they draw and stand on. out/in tokens per second: the mean load. */
void cost_candidate(struct candidate *c, const struct economics *ec, enum price_kind asked, double in_tok_s,
                    double out_tok_s, int owned_free);

#endif
