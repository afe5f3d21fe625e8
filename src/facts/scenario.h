/* scenario.h - what a user asks, read from YAML and flags, checked, with units removed.
**
** Keys are those of the design's examples; each unknown key is an error with "did you mean".
** A deployment has the same keys wherever it is named (top level of a sim scenario, or pools).
*/
#ifndef MOAT_FACTS_SCENARIO_H
#define MOAT_FACTS_SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/catalog.h"
#include "facts/price.h"
#include "facts/traffic.h"

struct node;

enum slo_metric { SLO_TTFT, SLO_TPOT, SLO_E2E, SLO_ITL, SLO_METRIC_N };
extern const char *const slo_metric_name[SLO_METRIC_N];         /* "ttft" ... */

struct slo {                    /* metric at quantile must be at most limit_s */
    enum slo_metric metric;
    double q;                   /* 0.99; mean is written as q = -1 */
    double limit_s;
    const char *place;
};

struct deployment_keys {        /* 0 or NULL: not given, the planner or a default chooses */
    const struct accelerator *acc;
    int tp, pp, dp, ep, replicas;
    const char *framework;
    const char *scheduler;      /* policy */
    int max_seqs, max_tokens;
    double memory_frac;
};

struct have { const struct accelerator *acc; int cards; };

struct scenario {
    struct arena *arena;
    const char *name;           /* file, or "command line" */
    const char *title;          /* `title:`, else the first comment is not read */
    struct node *doc;           /* after --set, for `inputs` */
    const struct model *model;
    bool precision_best, precision_exact, precision_given;
    enum precision precision;   /* weights; from `precision`, else the model's own */
    struct quant quant;         /* per part, after `precision` and `kv_cache` */
    struct traffic *traffic;    /* NULL when the scenario has none (predict) */
    struct slo *slo; size_t nslo;
    const struct accelerator **accs; size_t naccs;      /* candidates; all of the catalog for `all` */
    bool all_accs;
    struct deployment_keys deploy;
    const char *router;         /* NULL: least-outstanding */
    struct price_query price;
    struct have *have; size_t nhave;
    int spares;                 /* N+k, in replicas */
    double max_power_w, max_usd_h;      /* limits: 0 none */
    int max_cards;
    bool export_cn;             /* limits.region: cn -> restricted devices are out */
    int64_t max_context;        /* tokens a sequence must be allowed to reach; 0: longest request of the traffic */
    uint64_t seed;
};

enum scenario_use { SCENARIO_PLAN, SCENARIO_SIM, SCENARIO_PREDICT };

/* doc: the tree after --set. Loads the traffic too. */
bool scenario_read(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed,
                   struct scenario *out, struct notes *notes, struct err *e);

#endif
