/* show_fleet.h - the document of `moat fleet`. */
#ifndef MOAT_SHOW_SHOW_FLEET_H
#define MOAT_SHOW_SHOW_FLEET_H

#include "plan/fleet_run.h"
#include "show/show.h"

void show_fleet(const struct show *s, const struct fleet_result *r);

/* Inside show/ only: JSON and CSV, and sums that both and the text print. */
void show_fleet_json(const struct show *s, const struct fleet_result *r);
void show_fleet_csv(const struct show *s, const struct fleet_result *r);
double show_fleet_peak(const struct fleet_result *r, const double *nbk, size_t n, size_t k);   /* most over the blocks */
double show_fleet_mean(const struct fleet_result *r, const double *nbk, size_t n, size_t k);   /* by hours */
double show_fleet_work_cards(const struct fleet_result *r, size_t n, size_t k, size_t w);      /* mean; campaigns behind the works */
const char *show_fleet_work_name(const struct fleet_result *r, size_t w);
/* Dollars a million output tokens of a serving work, of a million units of another; NaN. *unit: "Mtok", "M queries". */
double show_fleet_unit_usd(struct arena *a, const struct fleet_result *r, size_t w, const char **unit);
void show_fleet_head(const struct show *s, const char *text);
const char *show_fleet_period(const struct show *s, const struct fleet_result *r, int t);
const char *show_fleet_cards(struct arena *a, double v);
const char *show_fleet_answer(const struct show *s, const struct fleet_result *r);      /* one sentence */
/* Parts of the text (show_fleet_worth.c). */
void show_fleet_orders(const struct show *s, const struct fleet_result *r);
void show_fleet_money(const struct show *s, const struct fleet_result *r);
void show_fleet_values(const struct show *s, const struct fleet_result *r);
void show_fleet_checked(const struct show *s, const struct fleet_result *r);

#endif
