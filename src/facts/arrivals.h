/* arrivals.h - renewal processes of requests, bent by a rate that changes over time.
**
** A row of the table draws gaps with mean 1; the clock then runs faster where the rate is high (time rescaling:
** the k-th arrival is where the integral of the rate reaches the k-th partial sum of the gaps). A Poisson process stays
** Poisson under this, and a gamma or Weibull one keeps its burstiness at any rate.
*/
#ifndef MOAT_FACTS_ARRIVALS_H
#define MOAT_FACTS_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct node;
struct rng;
struct preset;

struct arrivals;

struct arrival_process {        /* a row of the table of processes */
    const char *name, *help;
    const char *keys;           /* of the scenario, besides rate and diurnal */
    bool (*setup)(struct arena *a, struct arrivals *s, const struct node *nd, struct err *e);   /* nd NULL: s->cv is set */
    double (*gap)(const struct arrivals *s, struct rng *r);     /* mean 1 */
};
extern const struct arrival_process arrival_processes[];
extern const size_t arrival_process_count;

struct arrivals {
    const struct arrival_process *process;
    double rate_s;              /* mean; 0: not given */
    double cv;                  /* standard deviation of the gaps over their mean */
    double shape, scale;        /* gamma, Weibull */
    double burst_req;           /* on-off: mean requests between pauses */
    double pause, gap;          /* on-off: mean gap of either kind, in mean gaps */
    double diurnal;             /* 0..1: rate = mean * (1 - diurnal * cos(2 pi (t - 4 h) / day)) */
    const double *curve; size_t ncurve; /* relative rates by cell, mean 1, repeated; NULL: constant */
    double cell_s;              /* of every cell; or */
    const double *cells_s;      /* (ncurve) of each */
};

/* The `arrivals:` map. */
bool arrivals_read(struct arena *a, const struct node *nd, struct arrivals *out, struct err *e);
void arrivals_preset(struct arena *a, const struct preset *p, struct arrivals *out);
void arrivals_poisson(struct arrivals *out);
void arrivals_pile(struct arrivals *out);        /* all at once */
bool arrivals_all_at_once(const struct arrivals *s);
/* Give the diurnal shape its curve: a day, or the whole duration when that is shorter, so that the mean rate holds. */
void arrivals_curve(struct arena *a, struct arrivals *s, double duration_s);

struct arrival_clock { const struct arrivals *s; struct rng *rng; double t_s; size_t cell; double left_s; };
void arrival_start(struct arrival_clock *c, const struct arrivals *s, struct rng *rng);
double arrival_next(struct arrival_clock *c);   /* seconds from the start */

#endif
