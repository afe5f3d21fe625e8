/* breakeven_shapley.c - the moat in dollars: what each reason takes from the challenger's entry price.
**
**      v(S) = entry price with the reasons S in force
**      phi_i = sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S) - v(S + i))          (Shapley 1953)
**      alone = v(none) - v(i)      last off = v(all but i) - v(all)
**
** The values phi add up to v(none) - v(all). Reasons that change no input are left out: 2^n values for the n others. More than that:
** permutations drawn at random, marginal values along each, and their standard error (Castro, Gomez and Tejada 2009).
** Sets are solved in the order of their size, each from the price of the set with one reason less, so that what is found does not
** depend on threads.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/rng.h"
#include "plan/breakeven_int.h"

#define SETS (1u << MOAT_REASONS)
#define STREAM_PERMUTATION 0x5a91

struct valuing {
    const struct challenge *q;
    double z0_usd;
    unsigned alive;             /* reasons that are handicaps */
    double *v;                  /* (SETS) NaN: not known */
    const unsigned *set;        /* of this round */
    size_t *solves;             /* (SETS) */
    struct err *e;
    bool *ok;
    size_t done, of;
};

static unsigned lowest(unsigned s)
{
    return s & (~s + 1);
}

static void job(void *ctx, size_t i, struct arena *a)
{
    struct valuing *g = ctx;
    unsigned s = g->set[i];
    struct be_set set = be_plain;
    set.off = MOAT_ALL & ~s;
    double parent = s ? g->v[s & ~lowest(s)] : NAN;
    double first = be_price(g->q->f, g->q->incumbent);
    double guess = isfinite(parent) && parent > 1e-2 * first ? parent : first;
    g->ok[s] = be_entry_of(a, g->q, &set, g->z0_usd, guess, &g->v[s], &g->solves[s], &g->e[s]);
}

static void tick(void *ctx, size_t done, size_t of)
{
    struct valuing *g = ctx;
    (void)of;
    if (g->q->tick)
        g->q->tick(g->q->ctx, g->done + done, g->of);
}

static int size_of(unsigned s)
{
    int n = 0;
    for (; s; s &= s - 1)
        n++;
    return n;
}

/* Values of all wanted sets, smaller ones first. */
static bool values(struct arena *a, struct valuing *g, const bool *want, struct err *e)
{
    unsigned *set = ARENA_ARRAY(a, unsigned, SETS);
    g->set = set, g->of = g->done = 0;
    for (unsigned s = 0; s < SETS; s++)
        g->of += want[s];
    for (int size = 0; size <= MOAT_REASONS; size++) {
        size_t n = 0;
        for (unsigned s = 0; s < SETS; s++)
            if (want[s] && size_of(s) == size)
                set[n++] = s;
        if (pool_run_arena(n, g->q->threads, job, g, tick, g) != n)
            return err_env(e, "breakeven", "no memory left");
        g->done += n;
        for (size_t i = 0; i < n; i++)
            if (!g->ok[set[i]]) {
                *e = g->e[set[i]];
                return false;
            }
    }
    return true;
}

/* Every price is the root of its own cost; one that is at no price, or at any, has no place in a sum. */
static double bounded(const struct valuing *g, unsigned s)
{
    return fmin(g->v[s], 1000 * be_price(g->q->f, g->q->incumbent));
}

static void exact(struct valuing *g, struct moat *out)
{
    double factorial[MOAT_REASONS + 1] = {1};
    size_t n = out->handicaps;
    for (size_t i = 1; i <= n; i++)
        factorial[i] = factorial[i - 1] * (double)i;
    for (unsigned s = 0; s < SETS; s++)
        for (size_t r = 0; (s & ~g->alive) == 0 && r < MOAT_REASONS; r++) {
            unsigned bit = 1u << r;
            if (!(g->alive & bit) || s & bit)
                continue;
            size_t size = (size_t)size_of(s);
            out->part[r].shapley_usd += factorial[size] * factorial[n - size - 1] / factorial[n] *
                                        (bounded(g, s) - bounded(g, s | bit));
        }
}

static void shuffle(struct rng *r, size_t *order, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)rng_below(r, i), t = order[i - 1];
        order[i - 1] = order[j], order[j] = t;
    }
}

/* The same walk twice: which sets are wanted, then their marginal values. */
static void walk(struct valuing *g, int samples, uint64_t seed, bool *want, struct moat *out)
{
    struct rng rng;
    double sum[MOAT_REASONS] = {0}, square[MOAT_REASONS] = {0};
    rng_seed(&rng, seed, STREAM_PERMUTATION);
    for (int i = 0; i < samples; i++) {
        size_t order[MOAT_REASONS], n = 0;
        unsigned s = 0;
        for (size_t r = 0; r < MOAT_REASONS; r++)
            if (g->alive >> r & 1)
                order[n++] = r;
        shuffle(&rng, order, n);
        for (size_t j = 0; j < n; j++) {
            unsigned next = s | 1u << order[j];
            if (want)
                want[next] = true;
            else {
                double d = bounded(g, s) - bounded(g, next);
                sum[order[j]] += d, square[order[j]] += d * d;
            }
            s = next;
        }
    }
    for (size_t r = 0; !want && r < MOAT_REASONS; r++) {
        double mean = sum[r] / samples, variance = samples > 1 ? (square[r] - samples * mean * mean) / (samples - 1) : 0;
        out->part[r].shapley_usd = mean, out->part[r].error_usd = sqrt(fmax(variance, 0) / samples);
    }
}

bool moat_find(struct arena *a, const struct challenge *q, int samples, uint64_t seed, struct moat *out, struct err *e)
{
    struct valuing g = {.q = q,
                        .v = ARENA_ARRAY(a, double, SETS),
                        .solves = ARENA_ARRAY(a, size_t, SETS),
                        .e = ARENA_ARRAY(a, struct err, SETS),
                        .ok = ARENA_ARRAY(a, bool, SETS)};
    bool *want = ARENA_ARRAY(a, bool, SETS);
    *out = (struct moat){.samples = samples};
    for (size_t r = 0; r < MOAT_REASONS; r++) {
        out->part[r].handicap = be_handicap(a, q, (enum moat_reason)r);
        out->handicaps += out->part[r].handicap;
        g.alive |= (unsigned)out->part[r].handicap << r;
    }
    out->solves = 1;
    if (!be_least(a, q, q->f, -1, &g.z0_usd, e))
        return false;
    for (unsigned s = 0; s < SETS; s++) {
        g.v[s] = NAN;
        want[s] = (s & ~g.alive) == 0 && (samples == 0 || size_of(s) <= 1 || size_of(g.alive & ~s) <= 1);
    }
    if (samples)
        walk(&g, samples, seed, want, out);
    if (!values(a, &g, want, e))
        return false;
    if (samples)
        walk(&g, samples, seed, NULL, out);
    else
        exact(&g, out);
    for (unsigned s = 0; s < SETS; s++)
        out->solves += g.solves[s], out->values += want[s];
    out->free_usd = bounded(&g, 0), out->full_usd = bounded(&g, g.alive);
    out->total_usd = out->free_usd - out->full_usd;
    for (size_t r = 0; r < MOAT_REASONS; r++)
        if (out->part[r].handicap) {
            out->part[r].alone_usd = out->free_usd - bounded(&g, 1u << r);
            out->part[r].last_off_usd = bounded(&g, g.alive & ~(1u << r)) - out->full_usd;
        }
    return true;
}
