/* choice.h - had somebody chosen by the predictions, what would it have cost?
**
** A group is the measured serving points of one model, accelerator and framework at the same lengths: its
*configurations. For
** each of several limits on TPOT and TTFT (quantiles of what was measured) the configuration with the highest predicted
** throughput per accelerator is chosen of those that keep the limits as predicted. Then
**
**      lost = 1 - throughput of the choice / best throughput of those that keep the limits, both as measured
**
** A choice that misses a limit in truth by more than 5 %, what repeats differ by, is a violation and has no loss.
*Limits that all
** or no configurations keep ask nothing and are left out. Within the 5 % a choice may be better than the best: the loss
*is 0.
*/
#ifndef MOAT_FIT_CHOICE_H
#define MOAT_FIT_CHOICE_H

#include <stddef.h>

struct arena;
struct fit_report;

struct fit_choice {
    size_t groups, questions;
    size_t violated; /* choices that miss a limit in truth */
    size_t none;     /* questions where no configuration keeps the limits as predicted */
    double lost_pct; /* median over the choices that keep the limits; NaN: there are none */
    double lost_p90_pct;
    double lost_all_pct; /* median over all questions, with 100 % lost where the choice violates or there is none */
    double violated_frac, none_frac; /* of the questions; NaN without any */
};

void fit_choose(struct arena *a, const struct fit_report *r, struct fit_choice *out);

#endif
