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
#include "facts/dynamics.h"
#include "facts/engine_keys.h"
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

enum prefix_cache { PREFIX_CACHE_ENGINE, PREFIX_CACHE_ON, PREFIX_CACHE_OFF };   /* by the scheduler's default, or as asked */

/* A step that lasts so long, whatever the device: tests of the simulator itself. */
struct null_engine { bool on; double step_s, token_s, seq_s; };
/* What the replicas of a pool do: prompts and answers, or one of the two. */
enum pool_role { POOL_BOTH, POOL_PREFILL, POOL_DECODE, POOL_ROLES };
extern const char *const pool_role_name[POOL_ROLES];    /* "both", "prefill", "decode" */

struct deployment_keys {        /* 0 or NULL: not given, the planner or a default chooses */
    const struct accelerator *acc;
    int tp, pp, dp, ep, replicas;
    const char *framework;
    const char *scheduler;      /* policy */
    int max_seqs, max_tokens;
    enum prefix_cache prefix_cache;
    double cache_host_bytes, cache_disk_bytes, cache_disk_bytes_s;      /* tiers of a replica's prefix cache; 0: none */
    struct engine_keys engine;
    double memory_frac;
    double power_cap_w;         /* of a device */
    struct null_engine null_engine;     /* sim */
    int share_models;           /* sim: so many models take turns on each card (time slicing); 0: this one alone */
    double share_active;        /* of them, those that compute at a time */
    const char *scheduler_place, *router_place;     /* for errors of the floor that knows the policies */
};

struct scenario;

/* One of `pools:`. own: the scenario as if its keys stood at the top; its traffic is not loaded. */
#define SCENARIO_POOLS 16
struct pool_keys {
    const char *name;
    enum pool_role role;
    struct scenario *own;
    double link_bytes_s;        /* of a device, one direction; 0: as its accelerator has */
    double link_latency_s;
};

/* One of `services:`, as if its keys stood at the top. */
struct service_keys { const char *name; struct scenario *own; };

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
    bool all_accs;              /* `all`, or nothing was said: every device that ships; the others only by name */
    struct deployment_keys deploy;
    struct pool_keys *pool; size_t npool;       /* 0: `deploy` is all there is; else deploy is the first one's */
    struct service_keys *service; size_t nservice;      /* not 0: they are all there is, the scenario itself has only a seed */
    const char *router;         /* NULL: least-outstanding */
    struct price_query price;
    struct have *have; size_t nhave;
    struct dynamics_keys dynamics;      /* sim: what changes while it runs */
    int spares;                 /* N+k, in replicas */
    double max_power_w, max_usd_h;      /* limits: 0 none */
    int max_cards;
    bool export_cn;             /* limits.region: cn -> restricted devices are out */
    int64_t max_context;        /* tokens a sequence must be allowed to reach; 0: longest request of the traffic */
    int64_t batch, isl, osl;    /* predict: the operating point; 0: not given */
    uint64_t seed;
    int seeds;                  /* sim: so many seeds from this one on; 0: not given */
};

enum scenario_use { SCENARIO_PLAN, SCENARIO_SIM, SCENARIO_PREDICT };

/* doc: the tree after --set. Loads the traffic too. seed 0: the file's `seed:`, else 1. */
bool scenario_read(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed,
                   struct scenario *out, struct notes *notes, struct err *e);
/* The same where more than `keep` requests may stay on disk: traffic_load_up_to. */
bool scenario_read_up_to(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed, size_t keep,
                         struct scenario *out, struct notes *notes, struct err *e);
/* The same in two steps, for many scenarios that share traffic: all keys but that one, then it, with a seed of its own. */
bool scenario_keys(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed,
                   struct scenario *out, struct notes *notes, struct err *e);
bool scenario_traffic(struct arena *a, const struct scenario *s, uint64_t seed, struct traffic *out, struct notes *notes,
                      struct err *e);

/* The services and the pools of a scenario whose seed, and for pools all other keys, are read. */
bool scenario_services(struct arena *a, struct catalog *c, const struct node *doc, enum scenario_use use, struct scenario *out,
                       struct notes *notes, struct err *e);
bool scenario_pools(struct arena *a, struct catalog *c, const struct node *doc, enum scenario_use use, struct scenario *out,
                    struct err *e);

/* The parts, for other readers of scenarios (fleet). nd NULL is a key that is absent.
** A precision without a model's declaration moves linear, expert and attention weights; LM head and embedding stay as the
** model declares them (16 bits when it says nothing), the KV cache is the model's own unless kv_cache is given. */
struct precision_keys { bool given, best, exact; enum precision weights; struct quant quant; };
bool scenario_precision(struct arena *a, const struct node *precision, const struct node *kv_cache,
                        const struct model *model, const char *place, struct precision_keys *out, struct err *e);
/* A preset's name, or a map of metric to {quantile: limit} with an optional preset to start from. */
bool scenario_slo(struct arena *a, const struct node *nd, struct slo **out, size_t *n, struct err *e);
/* Row i of the SLO presets; NULL at the end. */
const char *slo_preset(size_t i, const char **help, const char **source);
/* A file that a scenario names is found beside it, from anywhere. */
const char *scenario_beside(struct arena *a, const char *file, const char *name);
/* on-demand, or {kind:, as_of:, region:, provider:}; top are the same keys beside it (a scenario's root). */
bool scenario_prices(struct arena *a, const struct catalog *c, const struct node *nd, const struct node *top, struct price_query *out,
                     struct err *e);

#endif
