/* predict.c - TPOT = T_decode(b) / (1 - rho), rho = X * dT_prefill, X = b / (TTFT + osl * TPOT); iterated.
**
** A closed loop of b requests, each isl prompt tokens and osl output tokens. dT_prefill is what one prompt adds to
** the steps it is computed in: its own steps when it is alone, less the token-wise work it shares with the decoding
** sequences of a mixed step (weights are read once). TTFT = fixed time of a request + its own prompt's steps,
** stretched by the other prompts ahead of it in the same share of time.
*/
#include "speed/predict.h"

#include "speed/draft.h"
#include "speed/power.h"
#include "speed/walk.h"

static double step_s(const struct deployment *d, const struct step_load *l)
{
    struct step_time t;
    step_exact(d, l, &t);
    return t.t_s;
}

static struct step_load both(struct step_load a, struct step_load b)
{
    a.prefill_tok = b.prefill_tok;
    a.prefill_chunks = b.prefill_chunks;
    a.prefill_first = b.prefill_first;
    a.prefill_done = b.prefill_done;
    a.prefill_pairs = b.prefill_pairs;
    a.prefill_pairs_clip = b.prefill_pairs_clip;
    return a;
}

/* One prompt of isl tokens in chunks of at most `room` tokens: alone on its rank, and its part of a step beside the
** decoding sequences when the other ranks and stages compute the prompts of others. Where the decoding sequences would
** leave a step no tokens, prompts still get the part that keeps so many sequences decoding: M*isl/(isl+osl) of M.
**
** Alone in a pipeline, its chunks take p_1 ... p_c a stage: sum of p_i, and (pp - 1) times the largest to fill and
*drain.
*/
struct prompt {
    double alone_s, beside_s;
    double steps;
    double watts;               /* a device, mean over its steps */
    struct step_time first;
};

static struct prompt prompt_of(const struct deployment *d, const struct step_load *decode, double decode_s, int64_t isl,
                               int64_t osl)
{
    struct prompt p = {0};
    double fill_s = 0, energy_j = 0, all_s = 0;
    int64_t room = d->max_tokens - decode->decode_seqs * (1 + d->spec.tokens);
    int64_t part = (int64_t)((double)d->max_tokens * (double)isl / (double)(isl + osl));
    if (room < part)
        room = part;
    if (room < 1)
        room = 1;
    for (int64_t past = 0; past < isl; past += room) {
        int64_t chunk = isl - past < room ? isl - past : room;
        struct step_load l = step_load_prefill(d, 1, past, chunk, past + chunk == isl), mixed = both(*decode, l);
        mixed.prefill_first = 0, mixed.prefill_chunks = d->dp;
        struct step_time t;
        l.prefill_first = 1;
        step_exact(d, &l, &t);
        if (past == 0)
            p.first = t;
        energy_j += power_step_w(d, &t) * t.t_s, all_s += t.t_s;
        l.prefill_first = 0;
        double flowing_s = step_s(d, &l);
        fill_s = fmax(fill_s, t.t_s - flowing_s);
        p.alone_s += flowing_s;
        p.beside_s += step_s(d, &mixed) - decode_s;
        p.steps++;
    }
    p.alone_s += fill_s;
    p.watts = energy_j / all_s;
    return p;
}

/* Sequences whose KV fits at the mean context, and which a step has tokens for: each takes one. */
static int64_t batch_that_fits(const struct deployment *d, const struct memory *m, int64_t batch, int64_t context)
{
    double one = kv_seq_bytes(m, context);
    int64_t room = one > 0 && m->kv_pool_bytes > 0 ? (int64_t)(m->kv_pool_bytes / one) * d->dp : 0;
    int64_t most = room < d->max_seqs ? room : d->max_seqs;
    int64_t step = d->max_tokens / (1 + d->spec.tokens);
    if (most > step)
        most = step;
    return batch < most ? batch : most;
}

static struct span spanned(double at, double lo, double hi)
{
    return (struct span){at, at * (1 - lo), at * (1 + hi)};
}

/* A rate falls as its time rises: its lower end belongs to the longest time. */
static struct span rate_of(double at, double lo, double hi)
{
    return (struct span){at, at / (1 + hi), at / (1 - lo)};
}

static void utilisation(const struct deployment *d, struct prediction *out)
{
    double flop = 0, bytes = 0, peak = d->acc->peak_flop_s[deployment_precision(d).arith];
    for (size_t i = 0; i < out->decode.npart; i++) {
        const struct step_part *p = &out->decode.part[i];
        flop += p->count * p->one.flop;
        bytes += p->one.bound == BOUND_LINK ? 0 : p->count * p->one.bytes;
    }
    out->mfu_frac = flop / out->decode.t_s / peak;
    out->mbu_frac = bytes / out->decode.t_s / d->acc->mem_bw_bytes_s;
}

/* A product of two that err independently: the ends in quadrature. */
static struct span product_of(double at, double lo, double hi, double lo2, double hi2)
{
    return spanned(at, fmin(1, hypot(lo, lo2)), hypot(hi, hi2));
}

/* share: of the time, what prompts add; prompt_s is of one. Energy of an interval = prompts + decoding in the rest. */
static void power(const struct deployment *d, struct prediction *out, const struct prompt *p, double req_s, double prompt_s,
                  double isl, double osl)
{
    const struct power_const *c = &d->stack.power;
    const struct interval *step = &d->stack.interval[out->tier];
    double share = fmin(1, req_s * prompt_s), n = deployment_devices(d);
    double decode_w = n * power_step_w(d, &out->decode), prefill_w = n * p->watts;
    out->decode_w = power_span_w(d, decode_w, n);
    out->prefill_w = power_span_w(d, prefill_w, n);
    out->power_w = power_span_w(d, decode_w + (prefill_w - decode_w) * share, n);
    out->prompt_j_tok = product_of(prefill_w * share / (req_s * isl), c->lo, c->hi, step->step_lo, step->step_hi);
    out->output_j_tok = product_of(decode_w * (1 - share) / (req_s * osl), c->lo, c->hi, step->step_lo, step->step_hi);
}

void predict_point(const struct deployment *d, int64_t batch, int64_t isl, int64_t osl, struct prediction *out)
{
    *out = (struct prediction){.memory = memory_of(d)};
    int64_t context = isl + (osl + 1) / 2;
    isl = isl > 0 ? isl : 1, osl = osl > 0 ? osl : 1;
    out->batch = batch_that_fits(d, &out->memory, batch > 0 ? batch : 1, context);
    out->fits = out->memory.fits && out->batch > 0;
    struct engine e;
    engine_init(&e, d);
    out->evidence = engine_evidence(&e);
    out->tier = engine_tier(&e);
    if (!out->fits)
        return;

    struct step_load decode = step_load_decode(d, out->batch, context);
    step_exact(d, &decode, &out->decode);
    struct prompt prompt = prompt_of(d, &decode, out->decode.t_s, isl, osl);
    out->prefill = prompt.first;

    double b = (double)out->batch, o = (double)osl, fixed_s = d->stack.request_fixed_s;
    double each = draft_mean_tok(&d->spec), alone = out->decode.t_s / each; /* tokens a step; the time of one */
    double tpot = alone, ttft = fixed_s + prompt.alone_s, rho = 0;
    for (int i = 0; i < 60; i++) {
        double x = b / (ttft + o * tpot);
        rho = fmin(0.95, x * prompt.beside_s * (b > 1 ? (b - 1) / b : 0)); /* the others' prompts */
        double next = alone / (1 - rho);
        double wait = fixed_s + prompt.alone_s / (1 - rho) + 0.5 * (d->stack.recv_interval_steps - 1) * next * each;
        if (fabs(next - tpot) < 1e-9 * tpot && fabs(wait - ttft) < 1e-9 * ttft)
            break;
        tpot = 0.5 * (tpot + next);
        ttft = 0.5 * (ttft + wait);
    }
    enum tier tier = out->tier;
    double lo = d->stack.interval[tier].step_lo, hi = d->stack.interval[tier].step_hi;
    double out_s = b * o / (ttft + o * tpot);
    out->tpot_s = spanned(tpot, lo, hi);
    out->ttft_s = spanned(ttft, d->stack.interval[tier].ttft_lo, d->stack.interval[tier].ttft_hi);
    out->output_tok_s = rate_of(out_s, lo, hi);
    out->tok_s_per_device = rate_of(out_s / deployment_devices(d), lo, hi);
    out->step_tok = each;
    utilisation(d, out);
    power(d, out, &prompt, out_s / o, b > 1 ? prompt.beside_s : prompt.alone_s, (double)isl, o);
}
