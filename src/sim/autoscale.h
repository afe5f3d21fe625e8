/* autoscale.h - how many replicas a pool wants. Rows of one table, one file each.
**
** A row is asked at every interval with what its source can see, and answers with a number; life.c keeps it within min and max,
** starts and drains. Nothing of it depends on how steps are grouped: counts of requests, and KV in use at the instant.
*/
#ifndef MOAT_SIM_AUTOSCALE_H
#define MOAT_SIM_AUTOSCALE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct sim_autoscale;

struct scale_view {             /* of one pool, now */
    int64_t t_ns, clock_ns;
    int wanted, up;             /* replicas asked for; those that serve */
    int64_t in_flight;          /* requests routed and not done, and those that wait because nothing is up */
    int64_t waiting;            /* of them, not admitted to a batch */
    double kv;                  /* sum over the replicas up of the fraction of KV memory in use */
    double flow_ns;             /* integral of in_flight over time, since the start */
};

struct scale_memory {           /* what a policy remembers between two looks */
    int64_t *at_ns; double *value; size_t cap, n, next; /* ring of (cap) looks, newest at next - 1 */
    int64_t panic_until_ns; int panic_most;
};

struct autoscaler {
    const char *name, *help, *paper;
    const char *metric;         /* what the target is a number of, for a replica */
    int (*wish)(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v);
    /* Defaults; 0: there is none, and it must be given (target) or is not used. */
    double target, interval_s, window_s, tolerance;
    bool from_zero;             /* it sees requests that wait when nothing is up: min may be 0 */
    bool by_hours;              /* it goes by the calendar and has no target */
};

extern const struct autoscaler *const autoscaler_table[];
extern const size_t autoscaler_count;
const struct autoscaler *autoscaler_find(const char *name);

void scale_memory_init(struct scale_memory *m, struct arena *a, const struct sim_autoscale *c);
void scale_remember(struct scale_memory *m, int64_t t_ns, double value);
/* The newest remembered look at t or before, else the oldest one; n > 0. */
size_t scale_recall(const struct scale_memory *m, int64_t t_ns);

/* hpa.c: Kubernetes' rule, for a metric summed over the replicas. */
int hpa_wish(const struct sim_autoscale *c, struct scale_memory *m, const struct scale_view *v, double sum);

#endif
