/* static.c - a batch run to completion.
**
**      TTFT = sum of the steps that compute the prompts, max_tokens at a time
**      E2E  = TTFT + sum_{i=1}^{osl-1} T_decode(batch, isl + i)        TPOT = (E2E - TTFT) / (osl - 1)
**
** No server stands before it, so nothing is added for tokeniser and HTTP. T_decode is piecewise linear in the context
** (least context, window), so the sum is a trapezium over 33 contexts. With pp stages and fewer sequences than stages
** the others are empty: a step over b sequences lasts as one over ceil(b / pp) * pp. Power: the mean over the run,
** the peak of its steps.
*/
#include <math.h>

#include "fit/load.h"
#include "speed/power.h"

#define SAMPLES 32
#define MOST_TOKENS 1e9 /* prompts of a batch: more is a wrong number */

struct sum {
    double t_s, energy_j, peak_w;
};

static void add(const struct deployment *d, const struct step_load *l, double times, struct sum *to)
{
    struct step_time t;
    step_exact(d, l, &t);
    double w = power_step_w(d, &t);
    to->t_s += t.t_s * times;
    to->energy_j += w * t.t_s * times;
    to->peak_w = fmax(to->peak_w, w);
}

static int64_t whole_waves(const struct deployment *d, int64_t seqs)
{
    return (seqs + d->pp - 1) / d->pp * d->pp;
}

/* The prompts of seqs sequences, in order, each step as full as it gets: max_tokens in each of pp micro-batches. */
static void prompts(const struct deployment *d, int64_t seqs, int64_t isl, struct sum *to)
{
    int64_t budget = (int64_t)d->max_tokens * d->pp, left = seqs, past = 0;
    while (left > 0) {
        struct step_load l = {0};
        int64_t room = budget;
        while (left > 0 && room > 0) {
            int64_t whole = past == 0 ? room / isl : 0, chunk = isl - past < room ? isl - past : room;
            struct step_load more;
            if (whole > left)
                whole = left;
            if (whole > 0) {
                more = step_load_prefill(d, whole, 0, isl, true);
                left -= whole, room -= whole * isl;
            } else {
                more = step_load_prefill(d, 1, past, chunk, past + chunk == isl);
                past += chunk, room -= chunk;
                if (past == isl)
                    past = 0, left--;
            }
            l.prefill_tok += more.prefill_tok;
            l.prefill_chunks += more.prefill_chunks;
            l.prefill_done += more.prefill_done;
            l.prefill_pairs += more.prefill_pairs;
            l.prefill_pairs_clip += more.prefill_pairs_clip;
        }
        add(d, &l, 1, to);
    }
}

/* All prompts; where the engine does so, one after the other. */
static void prefill(const struct deployment *d, int64_t seqs, int64_t isl, struct sum *to)
{
    for (; d->stack.prompts_one_by_one && seqs > d->pp; seqs -= d->pp)
        prompts(d, d->pp, isl, to);
    prompts(d, seqs, isl, to);
}

/* Fewer prompts than stages: their chunks follow one another through the pipeline. b prompts of c chunks take b*c + pp - 1
** stage times, where pp of them side by side take c*pp. */
static void follow(const struct deployment *d, int64_t batch, int64_t isl, struct sum *t)
{
    double chunks = ceil((double)isl / d->max_tokens);
    double share = ((double)batch * chunks + d->pp - 1) / (chunks * d->pp);
    t->t_s *= share;
    t->energy_j *= share;
}

/* n steps whose contexts are from .. from + n - 1. */
static void decode(const struct deployment *d, int64_t seqs, int64_t from, int64_t n, struct sum *to)
{
    int64_t samples = n - 1 < SAMPLES ? n - 1 : SAMPLES;
    if (samples < 1) {
        struct step_load l = step_load_decode(d, seqs, from);
        add(d, &l, (double)n, to);
        return;
    }
    for (int64_t i = 0; i <= samples; i++) {
        int64_t at = from + (n - 1) * i / samples;
        double share = (double)n / (double)samples * (i == 0 || i == samples ? 0.5 : 1);
        struct step_load l = step_load_decode(d, seqs, at);
        add(d, &l, share, to);
    }
}

/* Sequences of one replica that its KV pool holds to their end. */
static int64_t room(const struct fit_run *r)
{
    double one = kv_seq_bytes(&r->memory, r->d.max_context);
    return one > 0 ? (int64_t)(r->memory.kv_pool_bytes / one) * r->d.dp : r->d.max_seqs;
}

void fit_static(struct fit_run *r)
{
    const struct fit_point *p = r->p;
    int64_t batch = p->batch / p->replicas, steps;
    if (batch * p->replicas != p->batch) {
        fit_refuse(r, "a batch of %lld does not divide among %d replicas", (long long)p->batch, p->replicas);
        return;
    }
    if ((double)p->isl * (double)batch > MOST_TOKENS) {
        fit_refuse(r, "a batch of %g prompt tokens", (double)p->isl * (double)batch);
        return;
    }
    if (!fit_deploy(r, NULL))
        return;
    if (room(r) < batch) {
        fit_replay(r); /* it runs in waves */
        return;
    }
    fit_grade(r, &r->d);
    r->out->how = "static";
    int64_t seqs = whole_waves(&r->d, batch);
    struct sum first = {0}, rest = {0};
    if (p->isl > 0)
        prefill(&r->d, seqs, p->isl, &first);
    if (batch < r->d.pp && p->isl > 0)
        follow(&r->d, batch, p->isl, &first);
    steps = p->isl > 0 ? p->osl - 1 : p->osl;
    if (p->osl < 0)
        steps = 1; /* not stated: the speed right behind the prompt is all that is said */
    if (steps > 0)
        decode(&r->d, seqs, p->isl + 1, steps, &rest);

    double all_s = first.t_s + rest.t_s, ttft_s = first.t_s, b = (double)p->batch, tpot_s = rest.t_s / (double)steps;
    if (r->d.stack.prompts_one_by_one)
        ttft_s /= (double)(seqs / r->d.pp);
    fit_say_as(r, FIT_TTFT_MS, ttft_s, FIT_SORT_STEP);
    fit_say_as(r, FIT_TTFT_MEAN_MS, ttft_s, FIT_SORT_STEP);
    fit_say_as(r, FIT_TTFT_P50_MS, ttft_s, FIT_SORT_STEP);
    if (steps > 0) {
        fit_say(r, FIT_TPOT_MS, tpot_s);
        fit_say(r, FIT_TPOT_MEAN_MS, tpot_s);
        fit_say(r, FIT_TPOT_P50_MS, tpot_s);
        fit_say(r, FIT_TOK_S_PER_USER, 1 / tpot_s);
    }
    if (p->osl < 0)
        return;
    fit_say(r, FIT_E2E_MS, all_s);
    fit_say(r, FIT_E2E_LATENCY_S, all_s);
    fit_say_rates(r, b / all_s, (double)p->isl, (double)p->osl);
    fit_say(r, FIT_MEAN_POWER_FRAC_TDP, (first.energy_j + rest.energy_j) / all_s / p->acc->tdp_w);
    fit_say(r, FIT_PEAK_POWER_FRAC_TDP, fmax(first.peak_w, rest.peak_w) / p->acc->tdp_w);
}
