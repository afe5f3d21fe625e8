/* dynamics.h - keys of a scenario that say what changes while a cluster runs: autoscale, failures, spares, lend, cold_start, clock.
**
** Defaults are in data/dynamics.yaml, each with its source; those of an autoscaler are its row's (sim/autoscale.h).
*/
#ifndef MOAT_FACTS_DYNAMICS_H
#define MOAT_FACTS_DYNAMICS_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct node;

struct dynamics_const { double boot_s, load_bytes_s, warm_s, repair_s, notice_s, checkpoint_s; const char *source; };
bool dynamics_const_read(struct arena *a, const struct node *doc, struct dynamics_const *out, struct err *e);

struct day_hours { double from_s, to_s; int replicas; };        /* of the day; from > to: over midnight; equal: all of it */

struct dynamics_keys {          /* NaN, -1 or NULL: not given */
    bool any;                   /* something may change */
    double clock_s;             /* of the day at the beginning of the traffic; 0 when not given */
    double cold_s;              /* a whole cold start in one number */
    double boot_s, load_bytes_s, warm_s;
    struct {
        bool given;
        const char *policy, *policy_place, *place;
        int min, max;
        double target, interval_s, window_s, tolerance;
        struct day_hours *hours; size_t nhours;
    } autoscale;
    struct {
        bool given, never, retry;       /* never: `mtbf: never` */
        double mtbf_s, repair_s;
        int node;               /* devices; 0: a replica fails alone */
        double reclaims_h, notice_s, back_s;    /* spot; reclaims_h 0: none */
        double straggler_frac, slowdown;
        const char *place;
    } failures;
    struct {
        struct day_hours *hours; size_t nhours;
        double restart_s, checkpoint_s;
        const char *place;
    } lend;
    bool spares_cold;
    const char *spares_place;
};

/* From the root of a scenario. sim: else only `spares` may be there, as a number. */
bool dynamics_read(struct arena *a, const struct node *doc, bool sim, struct dynamics_keys *out, struct err *e);

#endif
