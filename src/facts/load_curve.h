/* load_curve.h - the load-duration curve: for how much of the time a load is above a level, and how much work lies there.
**
** What decides between owning and renting is not when a load is high but for how long: capacity up to a level is used by
** the part of the curve below it, what is above is rented while it lasts. Loads have any unit (requests a second, cards);
** capacity is taken as proportional to load, rent as billed for use and there at once.
*/
#ifndef MOAT_FACTS_LOAD_CURVE_H
#define MOAT_FACTS_LOAD_CURVE_H

#include <stddef.h>

struct arena;
struct traffic;

struct load_curve {             /* a step function, highest first */
    double *level;              /* (n) falling */
    double *hold_s;             /* (n) for how long, in all */
    size_t n;                   /* 0: nothing is known */
    double span_s, mean, peak;
};

/* rate (n) holds for hold_s (n) each; hold_s NULL: all as long, one second. Rates are finite and at least 0, times above 0. */
struct load_curve load_curve_of(struct arena *a, const double *rate, const double *hold_s, size_t n);
/* Requests a second in whole windows of the traffic; n 0 where there are fewer than two. */
struct load_curve load_curve_of_traffic(struct arena *a, const struct traffic *t, double window_s);

/* The level that the load is above for no more than this share of the time: the smallest one of the curve. 0: the peak. */
double load_curve_level(const struct load_curve *c, double above_frac);

struct load_above {             /* with capacity for `level` of one's own */
    double work_frac;           /* of all requests, those above */
    double time_frac;           /* of the time, while there are any */
    double use_frac;            /* of the capacity, in use: what is below over the level; NaN at level 0 */
};
struct load_above load_curve_above(const struct load_curve *c, double level);

/* Newsvendor: own the level that is exceeded 1/k of the time, when rent costs k times as much an hour as what is owned (k >= 1).
** *cost_frac is what that costs over what owning the peak costs: (level + k * mean above it) / peak. */
double load_curve_own(const struct load_curve *c, double k, double *cost_frac);

/* n blocks of equal length, highest first: their mean and highest load. What a plan over years sees instead of every hour; the
** means add up to the curve's work. */
struct load_block { double hold_s, mean, peak; };
void load_curve_blocks(const struct load_curve *c, size_t n, struct load_block *out);

/* Own or rent at a glance: some shares of the peak, and what the newsvendor says to some prices. */
#define OWN_SHARES 4
#define OWN_PRICES 2
struct own_or_rent {
    double window_s;            /* 0: too few windows to say anything */
    struct own_share { double own_frac; struct load_above above; } share[OWN_SHARES];   /* 40, 60, 75, 90 % of the peak */
    struct own_price { double k, own_frac, cost_frac; } price[OWN_PRICES];      /* rent at 2 and 3 times the cost of owning */
};
struct own_or_rent load_own_or_rent(const struct load_curve *c);
/* In windows of 10 minutes from six hours of traffic on, else of a minute; window_s 0 below ten minutes and in a closed loop. */
struct own_or_rent load_own_or_rent_of(struct arena *a, const struct traffic *t);

#endif
