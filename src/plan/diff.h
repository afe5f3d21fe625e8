/* diff.h - two scenarios side by side: which inputs differ, and what they change. */
#ifndef MOAT_PLAN_DIFF_H
#define MOAT_PLAN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

struct accelerator;
struct arena;
struct node;
struct plan;
struct sim_run_out;

struct difference {             /* one leaf of the scenario trees, as JSON; NULL: not given on that side */
    const char *path, *a, *b;
};

/* What a figure is, for its unit and its name. */
enum measure { MEASURE_DEVICES, MEASURE_USD_H, MEASURE_USD_MTOK, MEASURE_TTFT_P50, MEASURE_TTFT_P99, MEASURE_TPOT_P50,
               MEASURE_TPOT_P99, MEASURE_E2E_P99, MEASURE_GOODPUT, MEASURE_OUTPUT, MEASURE_UTILISATION, MEASURE_KV_PEAK,
               MEASURE_PREEMPTIONS, MEASURE_POWER, MEASURE_FEASIBLE, MEASURE_N };

struct change { enum measure measure; double a, b, ratio; };   /* ratio b/a; NaN where a side has none or a is 0 */

struct shift {                  /* an accelerator in both plans */
    const struct accelerator *acc;
    int rank_a, rank_b;         /* 0: not among the candidates, or keeps not every SLO */
    double usd_h_a, usd_h_b;    /* NaN where it has no price or no rank */
};

/* The first scenario with one top-level key of the second: what that key does by itself. */
struct alone {
    const char *key;
    const char *failed;         /* why the mixture cannot be asked, or NULL */
    const char *best;           /* accelerator; NULL: none keeps the promises */
    double usd_h, usd_mtok, ttft_p99_s, tpot_p99_s;
    double usd_mtok_ratio;      /* to the first scenario's; NaN where either is missing */
};

struct comparison {
    const char *name_a, *name_b;
    struct difference *input; size_t ninput;
    struct change change[MEASURE_N]; size_t nchange;
    const struct plan *plan_a, *plan_b;         /* both, or */
    const struct sim_run_out *sim_a, *sim_b;    /* both */
    struct alone *alone; size_t nalone;         /* where more than one key differs */
    struct shift *shift; size_t nshift;         /* by rank in b, then in a; plans only */
};

void diff_inputs(struct arena *a, const struct node *from, const struct node *to, struct comparison *out);
void diff_plans(struct arena *a, const struct plan *from, const struct plan *to, struct comparison *out);
void diff_sims(const struct sim_run_out *from, const struct sim_run_out *to, struct comparison *out);

/* Top-level keys that differ, `title` apart; returns how many of at most max. */
size_t diff_keys(const struct comparison *c, const char **key, size_t max, struct arena *a);
void diff_alone_plan(struct alone *out, const struct plan *base, const struct plan *mixed);
void diff_alone_sim(struct alone *out, const struct sim_run_out *base, const struct sim_run_out *mixed);

#endif
