/* campaign.h - whole training runs as published: tokens, accelerators, days, accelerator-hours, MFU
*(training-campaigns.csv).
**
** Columns: campaign, year, params_total_b, params_active_b, tokens_t, accelerator, accel_count, days, accel_hours,
*mfu_published.
** A model that is not in the catalog gets a parametric shape. Batch, sequence and split are not published in such
*tables:
** a batch of 4M tokens (16M beyond 4,096 accelerators, and since 2024) in sequences of 2,048 (4,096 in 2023, 8,192
*since 2024) is taken,
** and the best split; `how` says so.
*/
#ifndef MOAT_FIT_CAMPAIGN_H
#define MOAT_FIT_CAMPAIGN_H

#include "base/csv.h"
#include "fit/load.h"
#include "plan/train.h"

struct csv;

/* A file of this kind: a column `campaign`, and none named `model`. */
bool fit_is_campaign(const struct csv *c);
bool fit_campaign_column(struct cell head); /* one of the columns, used or known to need no remark */
/* Fills p. false with *why: the row cannot be predicted (p->measured is filled all the same). */
bool fit_campaign_read(struct arena *a, struct catalog *cat, const struct csv *c, struct fit_point *p,
                       const char **why);
void fit_campaign(struct fit_run *r);

/* A model of so many parameters: dense of GPT's shape (N = 12*L*h^2, h = 128*L, arXiv:2005.14165), or with 16 experts
*of
** which two are active. NULL: no such shape. */
const struct model *fit_parametric(struct arena *a, const char *name, double params, double active);

#endif
