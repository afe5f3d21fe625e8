/* queue.h - the null engine as a server of a queue: Poisson arrivals, service times that are known to the nanosecond. */
#ifndef MOAT_TESTS_QUEUE_H
#define MOAT_TESTS_QUEUE_H

#include "check.h"
#include "world.h"

#define STEP_NS 100000          /* a step of the null engine */
#define TOKEN_NS 1000           /* a token of a prompt, where the prompt is the service */

/* How a request's service time comes about. */
enum service {
    ANSWERS,                    /* as many steps as it has output tokens, of which the first computes the prompt */
    PROMPTS,                    /* its prompt's tokens; one token of output */
};
enum law { EQUAL, EXPONENTIAL, HYPER };         /* cv^2 = 0, 1, 4 */
static const char *const law_name[] = {"D", "M", "H2"};

/* Whole tokens: 1 + floor(exp) is geometric, with mean 1/(1 - e^(-1/m)) and cv^2 = e^(-1/m). */
static inline double law_mean(enum law l, double m)
{
    return l == EQUAL ? m : 1 / (1 - exp(-1 / m));
}

/* Half of the work from short and half from long ones, balanced means: cv^2 = 4 for branches p = (1 +- sqrt(3/5))/2. */
static inline double hyper(struct rng *r, double m)
{
    double p = (1 + sqrt(3.0 / 5)) / 2;
    return rng_unit(r) < p ? rng_exp(r, m / (2 * p)) : rng_exp(r, m / (2 * (1 - p)));
}

static inline int32_t law_draw(enum law l, struct rng *r, double m)
{
    return l == EQUAL ? (int32_t)m : 1 + (int32_t)(l == HYPER ? hyper(r, m) : rng_exp(r, m));
}

static inline int64_t service_ns(const struct request *q, enum service by)
{
    return by == ANSWERS ? (int64_t)q->out_tok * STEP_NS : (int64_t)q->in_tok * TOKEN_NS;
}

static inline void queue_traffic(struct world *w, size_t n, double rate_s, enum service by, enum law l, double mean,
                                 uint64_t seed)
{
    struct rng gaps, size;
    rng_seed(&gaps, seed, 1);
    rng_seed(&size, seed, 2);
    w->traffic = (struct traffic){.n = n, .req = ARENA_ARRAY(w->a, struct request, n)};
    double t = 0;
    for (size_t i = 0; i < n; i++) {
        int32_t tok = law_draw(l, &size, mean);
        w->traffic.req[i] = (struct request){.arrival_ns = (int64_t)(t * 1e9), .in_tok = by == ANSWERS ? 1 : tok,
                                             .out_tok = by == ANSWERS ? tok : 1};
        t += rng_exp(&gaps, 1 / rate_s);
    }
}

/* A cluster of `replicas` servers, each of one request at a time, with memory for everybody. */
static inline void queue_world(struct world *w, enum service by, int replicas)
{
    world_begin(w);
    step_table_null(w->a, by == ANSWERS ? STEP_NS * 1e-9 : 0, by == ANSWERS ? 0 : TOKEN_NS * 1e-9, 0, &w->table);
    world_memory(w, 20000000, 16);
    w->config.pool[0].max_seqs = 1;
    w->config.pool[0].replicas = replicas;
    w->config.records = true;
}

/* Lindley's recursion, W' = max(0, W + S - A), for the requests that a replica was given. */
struct lindley { int64_t free_ns; };
static inline int64_t lindley_wait(struct lindley *at, int64_t arrival_ns, int64_t service)
{
    int64_t start = at->free_ns > arrival_ns ? at->free_ns : arrival_ns;
    at->free_ns = start + service;
    return start - arrival_ns;
}

static inline int64_t record_wait(const struct sim_record *r, const struct request *q, enum service by)
{
    return r->first_ns - q->arrival_ns - (by == ANSWERS ? STEP_NS : service_ns(q, by));
}

/* Pollaczek and Khinchine. */
static inline double pk_wait(double rho, double cv2, double service_s)
{
    return rho / (1 - rho) * (1 + cv2) / 2 * service_s;
}

/* Millions of requests: sanitizers see the same code on the short runs. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define LONG_RUN skip()
#else
#define LONG_RUN (void)0
#endif

static const double loads[] = {0.2, 0.5, 0.8};
#define FOR_LOADS(k) for (size_t k = 0; k < sizeof loads / sizeof *loads; k++)

#endif
