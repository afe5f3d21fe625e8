/* metrics.h - what happened, summed up: latencies, goodput, causes of misses, occupancy, energy.
**
** Sums over time are integers (Q20 and products of them in 128 bits), so that they do not depend on how steps were
** grouped. Latencies are taken in order of completion, which does not depend on it either.
*/
#ifndef MOAT_SIM_METRICS_H
#define MOAT_SIM_METRICS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/replica.h"
#include "sim/sim.h"
#include "sim/verdict.h"

#define S_PER_NS 1e-9
#define S_PER_Q20 (1e-9 / 1048576.0)

/* Gaps between tokens, by the leading 8 bits of their Q20 value: width 0.4 %, no logarithm in the loop. */
#define ITL_SUB 8
#define ITL_FIRST 28            /* 2^28 Q20 = 256 ns */
#define ITL_BUCKETS ((62 - ITL_FIRST) << ITL_SUB)

struct metrics {
    struct sim_result *out;
    const struct sim_config *config;
    int64_t fixed_ns;           /* table.ttft_fixed_s */
    size_t offered, warmup;     /* counted requests; those before them */
    struct sim_record *record; uint32_t record_mask;    /* by index & mask: out->record, or those in flight (flight.c); NULL: none */

    int64_t ttft_ns, e2e_ns;    /* tightest limits of a request, for its cause; INT64_MAX: none */
    double tpot_s;
    struct verdict verdict;

    uint64_t *itl;              /* (ITL_BUCKETS) */
    uint64_t itl_n;
    int64_t itl_min, itl_max;
    wide itl_sum;

    struct pool_sums {
        wide decode_q20, prefill_q20;           /* time of steps, by what it was spent on; all its replicas */
        uint64_t seq_steps;     /* sequences of a step, summed over steps */
        wide batch_area, batch_time;            /* sequences * Q20 in steps that decode */
        wide kv_area;           /* unit-tokens * Q20 */
        wide loading_q20;       /* of these: moving KV from tiers, to and from the swap space */
        double moved_bytes;     /* over its NICs */
    } pool[SIM_POOLS];
    wide room_ns, moving_ns;    /* of transfers, sums */
    int64_t room_max_ns, moving_max_ns;
    wide queue_area;            /* requests * ns */
    int64_t queue_ns;
    uint64_t queued;

    int64_t begin_ns, begin_counted_ns, end_ns; /* first arrival, first counted arrival, last token */
    int64_t arrivals_ns;        /* from the first counted arrival to the last tenth of them */
    double wait_s[10];          /* by tenth of the arrivals: sum of waits, and their number */
    uint64_t waits[10];
    double service_s;           /* sum of E2E - wait */
};

bool metrics_init(struct metrics *m, struct arena *a, const struct sim_config *c, const struct traffic *t,
                  struct sim_result *out, struct err *e);
void metrics_queue(struct metrics *m, int64_t t_ns, int change);
void metrics_reject(struct metrics *m, const struct request *q, uint32_t request, int64_t t_ns, int32_t replica);
void metrics_fail(struct metrics *m, const struct request *q, uint32_t request, int64_t arrival_ns, int64_t t_ns);
/* Admission control turned away a request that was sent at sent_ns. */
void metrics_shed(struct metrics *m, const struct request *q, uint32_t request, int64_t sent_ns, int64_t t_ns, int32_t replica);
/* A request made its last token at t_ns; s still holds its history. slow: (verdict.nitl) its gaps above the limits. */
void metrics_done(struct metrics *m, const struct replica *r, const struct slot *s, const int64_t *slow,
                  int64_t t_ns);
/* n steps of the replica's stretch were completed (q20 in all, its decoders not yet advanced). */
void metrics_steps(struct metrics *m, const struct replica *r, int64_t n, int64_t q20);
void metrics_gap(struct metrics *m, int64_t ns);               /* one gap between two tokens of a request */
void metrics_left(struct metrics *m, const struct replica *r, const struct slot *s);    /* its prompt is done, and it goes on elsewhere */
void metrics_moved(struct metrics *m, const struct replica *from, const struct replica *to, int64_t room_ns, int64_t moving_ns,
                   double bytes);
/* Where the replica's pool is summed up. */
static inline size_t metrics_pool(const struct metrics *m, const struct replica *r)
{
    return (size_t)(r->pool - m->config->pool);
}
/* metrics.c: the smallest Q20 value of bucket i of `itl`. */
double metrics_bucket_low(int i);
/* metrics_finish.c */
void metrics_finish(struct metrics *m, struct arena *a, const struct replica *rep, int nrep, bool closed);

static inline struct sim_record *metrics_record(const struct metrics *m, uint32_t request)
{
    return &m->record[request & m->record_mask];
}

/* Before anything has happened to it. */
static inline struct sim_record metrics_unseen(const struct request *q)
{
    return (struct sim_record){q->arrival_ns, -1, -1, q->in_tok, q->out_tok, -1, 0, 0, 0, q->row, -1};
}

static inline bool metrics_counts(const struct metrics *m, uint32_t request)
{
    return request >= m->warmup;
}

#endif
