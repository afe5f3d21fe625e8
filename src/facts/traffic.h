/* traffic.h - requests in order of arrival, from a trace file or a generator.
**
** A request is 32 bytes; prefix blocks stand in one shared array. Readers are rows of one table, chosen by
** the file's header or keys, never by guess; a ledger says what became of each row: read = emitted + dropped.
*/
#ifndef MOAT_FACTS_TRAFFIC_H
#define MOAT_FACTS_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "facts/load_curve.h"

struct arena;
struct err;
struct node;
struct notes;
struct buf;

struct request {
    int64_t arrival_ns;         /* from the first request on; never decreasing */
    int32_t in_tok, out_tok;    /* both at least 1 */
    uint32_t block;             /* first index into traffic.block */
    uint32_t nblock;            /* prefix blocks known for this prompt; 0: none */
    uint32_t session : 28;      /* of one conversation, named by the trace; 0: it does not say */
    uint32_t priority : 4;      /* its class: 0 is served first */
    uint32_t row;               /* line of the source, for the per-request CSV */
};

#define TRAFFIC_CLASSES 16

/* A request of a session: it is sent some time after the answer to the one before. */
#define TURN_NONE UINT32_MAX
struct turn {
    uint32_t session;           /* 0 .. sessions - 1 */
    uint32_t next;              /* request that follows; TURN_NONE: the last one */
    int64_t wait_ns;            /* after the answer before: somebody thinks, or a tool works; < 0: the first of its session */
};

struct ledger {
    uint64_t read, emitted;
    uint64_t zero_output, zero_input, bad_number, bad_time, over_limit, ragged, failed;     /* dropped, by reason */
    uint64_t reordered;         /* emitted, but had to be sorted by time */
};

struct spool;                   /* facts/spool.h */

struct traffic {
    struct request *req; size_t n;
    struct spool *spool;        /* they lie there, and req is NULL; else NULL: only traffic_load_up_to makes such a traffic */
    uint64_t *block; size_t nblock;     /* hashes or ids of prefix blocks */
    int block_tok;              /* tokens of a prefix block (512 in Mooncake); 0: no prefix known */
    uint32_t common;            /* blocks that more than half of the prompts begin with: see traffic_session */
    const char *format;         /* "azure", "mooncake", "generated", ... */
    const char *name;           /* file or preset */
    struct ledger ledger;
    int classes;                /* largest priority + 1; 0 counts as 1: all are equal */
    double span_s;              /* last arrival - first */
    double rate_s;              /* n / span; 0 when all arrive at once */
    int concurrency;            /* closed loop: requests (with turns: sessions) at a time, arrivals ignored; 0: open loop */
    struct turn *turn;          /* (n) NULL: requests know nothing of each other. arrival_ns is then as if answers took no time */
    uint32_t sessions;
};

/* Rates in whole windows of some length over the mean rate: how unlike Poisson the traffic is, and at which time scale. */
#define TRAFFIC_WINDOWS 5
struct traffic_rates {
    double window_s;
    double iod;                 /* variance over mean of the counts; 1 for Poisson */
    double peak_to_mean, trough_to_mean;
};                              /* NaN where there are fewer than two whole windows */

/* Nearest-rank quantiles, CV of gaps, peak to mean: what decides how many cards a traffic needs. */
struct traffic_stat {
    double rate_s, cv;
    double burstiness;          /* 1/cv^2, as vLLM's benchmark has it; NaN when all gaps are equal */
    double iod_1s, iod_60s, peak_to_mean_60s;   /* of the windows below */
    struct traffic_rates window[TRAFFIC_WINDOWS];       /* 1 s, 10 s, 1 min, 10 min, 1 h */
    double hour_max_to_min;     /* busiest over quietest hour of the day, over whole days; NaN below one day */
    double in_mean, in_p50, in_p90, in_p99, in_max;
    double out_mean, out_p50, out_p90, out_p99, out_max;
    double in_tok, out_tok;     /* in all */
    double in_tok_s, out_tok_s;
    double in_out_corr;         /* of prompt and output tokens; NaN when one of them is constant */
    double new_mean, new_p50, new_p90, new_p99;         /* prompt tokens that an unbounded prefix cache lacks */
    struct own_or_rent own;
};
struct traffic_stat traffic_stats(struct arena *a, const struct traffic *t);

/* What a prefix cache could save at best. */
#define TRAFFIC_LRU_N 6
extern const int64_t traffic_lru_blocks[TRAFFIC_LRU_N];
struct traffic_prefix {
    uint64_t blocks, unique;
    double hit_frac;            /* of the blocks, cache without bounds */
    double hit_tok_frac;        /* of the prompt tokens */
    double lru_hit_frac[TRAFFIC_LRU_N]; /* of the blocks, LRU caches of so many blocks */
};
bool traffic_prefix(struct arena *a, const struct traffic *t, struct traffic_prefix *out);     /* false: no blocks known */

struct trace_in;                /* facts/trace.h: a file being read */

struct trace_format {           /* a row of the table of readers */
    const char *name;           /* "azure" */
    const char *help;           /* which traces, one line */
    const char *units;          /* the columns or keys it is known by, with their units */
    bool (*is)(const struct trace_in *in);
    bool (*read)(struct trace_in *in, struct err *e);
};
extern const struct trace_format *const trace_formats[];
extern const size_t trace_format_count;

/* path: a file. More than half of the rows dropped is an error; fewer are a note. */
bool traffic_read(struct arena *a, const char *path, struct traffic *out, struct notes *notes, struct err *e);
/* A generator: the `traffic:` map of a scenario (arrivals, rate_curve or clients, prompt_tokens, output_tokens, duration, preset). */
bool traffic_generate(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, struct traffic *out,
                      struct notes *notes, struct err *e);
/* Names of the presets, for help: row i, NULL at the end. One line of what it is, and where its figures come from. */
const char *traffic_preset(size_t i, const char **help, const char **source);
/* The whole `traffic:` map: trace | preset | generator, then speedup | rate, limit (requests) or window. base_dir resolves
** relative trace paths (the scenario file's folder, then the working directory). */
bool traffic_load(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, struct traffic *out,
                  struct notes *notes, struct err *e);

/* The same where more than `keep` requests may stay on disk (traffic.spool): traces that are in order, open loop, and generators
** of single requests. Whoever calls it reads requests with the functions below. */
bool traffic_load_up_to(struct arena *a, const struct node *spec, const char *base_dir, uint64_t seed, size_t keep,
                        struct traffic *out, struct notes *notes, struct err *e);
/* Copy the requests from .. from + n - 1 from wherever they are. */
bool traffic_get(const struct traffic *t, size_t from, struct request *out, size_t n, struct err *e);
int64_t traffic_longest(const struct traffic *t);       /* tokens, prompt and output */
/* How many are longer than so many tokens. */
bool traffic_longer(const struct traffic *t, int64_t tok, size_t *n, struct err *e);

/* Find `common`; whoever fills in blocks calls it. */
void traffic_sessions(struct traffic *t);
/* The conversation of a request; 0: not known. */
uint64_t traffic_session(const struct traffic *t, const struct request *q);

/* Arrivals k times as fast. */
void traffic_speedup(struct traffic *t, double k);
/* Every k-th request of t on average, chosen by a seeded stream (thinning): load of one replica among k behind a random
** router; a closed loop keeps that share of its clients. share in (0, 1]. by_session: whole conversations are chosen. */
struct traffic traffic_thin(struct arena *a, const struct traffic *t, double share, bool by_session, uint64_t seed);
/* A stratified window: contiguous stretches spread over the trace, at least n requests in all, gaps between stretches
** closed; keeps burstiness inside a stretch. */
struct traffic traffic_window(struct arena *a, const struct traffic *t, size_t n);

#endif
