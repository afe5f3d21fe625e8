/* reach.c - X(b) = b / (osl*Td(b) + b*Tp): capacity and the latency floor of a configuration. */
#include "plan/reach.h"

#include <math.h>

#include "speed/draft.h"

static double q20_s(int64_t q)
{
    return (double)q / (double)Q20 * 1e-9;
}

/* lone: nobody else's prompt is in the pipeline or on the other ranks. Else its part of a replica that is full. */
static double prefill_s(const struct step_table *t, int64_t max_tokens, double tokens, bool lone)
{
    int64_t left = (int64_t)fmax(tokens, 1), past = 0, q = 0;
    int64_t chunk_max = max_tokens < t->max_tok ? max_tokens : t->max_tok;
    while (left > 0) {
        int64_t chunk = left < chunk_max ? left : chunk_max;
        struct step_load l = {.prefill_tok = chunk, .prefill_chunks = lone || t->dp < 1 ? 1 : t->dp,
                              .prefill_first = lone && past == 0, .prefill_done = left == chunk,
                              .prefill_pairs = step_pairs(past, chunk, 0),
                              .prefill_pairs_clip = step_pairs(past, chunk, t->clip_window)};
        q += step_q20(t, &l);
        left -= chunk;
        past += chunk;
    }
    return q20_s(q);
}

double reach_prefill_s(const struct step_table *t, int64_t max_tokens, double tokens)
{
    return prefill_s(t, max_tokens, tokens, true);
}

double reach_decode_s(const struct step_table *t, double batch, double context)
{
    double ctx = fmax(context, (double)t->min_kv);
    double clip = t->clip_window ? fmin(ctx, (double)t->clip_window) : ctx;
    struct step_load l = {.decode_seqs = (int64_t)fmax(batch, 1)};
    l.decode_full = (int64_t)(ctx * (double)l.decode_seqs);
    l.decode_clip = t->clip_window ? (int64_t)(clip * (double)l.decode_seqs) : 0;
    return q20_s(step_q20(t, &l));
}

/* Length at quantile q of prompts: the stat's nearest published quantile at or below q, so that the bound stays a bound. */
static double prompt_at(const struct traffic_stat *st, bool cached, double q)
{
    if (cached)
        return q >= 0.99 ? st->new_p99 : q >= 0.9 ? st->new_p90 : q >= 0.5 ? st->new_p50 : q < 0 ? st->new_mean : 1;
    return q >= 0.99 ? st->in_p99 : q >= 0.9 ? st->in_p90 : q >= 0.5 ? st->in_p50 : q < 0 ? st->in_mean : 1;
}

static double answer_at(const struct traffic_stat *st, double q)
{
    return q >= 0.99 ? st->out_p99 : q >= 0.9 ? st->out_p90 : q >= 0.5 ? st->out_p50 : q < 0 ? st->out_mean : 1;
}

static bool floor_holds(const struct step_table *t, const struct deployment *d, const struct traffic_stat *st,
                        bool cached, const struct slo *slo, struct reach *b)
{
    double best = 0, luck = 1 + t->verify_tok;  /* all that is proposed may be accepted */
    enum binding bind = BIND_NONE;
    switch (slo->metric) {
    case SLO_TTFT:
        best = reach_prefill_s(t, d->max_tokens, prompt_at(st, cached, slo->q)) + t->ttft_fixed_s;
        bind = BIND_TTFT;
        break;
    case SLO_TPOT:
    case SLO_ITL:
        /* Pooled gaps may all be early ones; a request's mean gap is no shorter than one step at its prompt. */
        best = reach_decode_s(t, 1, slo->metric == SLO_TPOT ? prompt_at(st, false, slo->q) : 1) / (slo->metric == SLO_TPOT ? luck : 1);
        bind = slo->metric == SLO_TPOT ? BIND_TPOT : BIND_ITL;
        break;
    case SLO_E2E:
        /* A quantile of a sum is no less than the same quantile of either part. */
        best = fmax(reach_prefill_s(t, d->max_tokens, prompt_at(st, cached, slo->q)),
                    (fmax(answer_at(st, slo->q), 1) - 1) * reach_decode_s(t, 1, 1) / luck) + t->ttft_fixed_s;
        bind = BIND_E2E;
        break;
    case SLO_METRIC_N:
        break;
    }
    if (best <= slo->limit_s)
        return true;
    double by = best / slo->limit_s;
    if (b->possible || by > b->short_by) {
        *b = (struct reach){.possible = false, .binding = bind, .short_by = by, .best_s = best,
                            .limit_s = slo->limit_s, .slo_q = slo->q};
    }
    return false;
}

struct reach reach_of(const struct deployment *d, const struct step_table *t, const struct memory *m,
                      const struct traffic_stat *st, bool cached, const struct slo *slo, size_t nslo)
{
    struct reach b = {.possible = true};
    double tpot_limit = INFINITY;
    for (size_t i = 0; i < nslo; i++) {
        floor_holds(t, d, st, cached, &slo[i], &b);
        if (slo[i].metric == SLO_TPOT || slo[i].metric == SLO_ITL)
            tpot_limit = fmin(tpot_limit, slo[i].limit_s);
        if (slo[i].metric == SLO_E2E && st->out_mean > 1)
            tpot_limit = fmin(tpot_limit, slo[i].limit_s / st->out_mean);
    }
    if (!b.possible)
        return b;
    double osl = fmax(st->out_mean, 1), context = st->in_mean + 0.5 * osl;
    double tp = prefill_s(t, d->max_tokens, cached ? st->new_mean : st->in_mean, false);
    double room = (double)m->kv_tokens / fmax(context, 1);
    double hi = fmax(1, fmin(room, fmin((double)d->max_seqs, floor((double)d->max_tokens / (1 + t->verify_tok))))), lo = 1;
    double each = draft_mean_tok(&d->spec);
    for (int i = 0; i < 24 && hi - lo >= 1; i++) {      /* largest b whose TPOT holds: TPOT grows with b */
        double mid = i == 0 ? hi : floor(0.5 * (lo + hi));
        double tpot = reach_decode_s(t, mid, context) / each + mid * tp / osl;
        if (tpot <= tpot_limit) {
            lo = mid;
            if (i == 0)
                break;
        } else {
            hi = mid;
            if (hi - lo <= 1)
                break;
        }
    }
    b.batch = lo;
    b.capacity_req_s = lo / (osl * reach_decode_s(t, lo, context) / each + lo * tp);
    return b;
}

double reach_tpot_s(const struct deployment *d, const struct step_table *t, const struct traffic_stat *st, bool cached, double batch)
{
    double osl = fmax(st->out_mean, 1), tp = prefill_s(t, d->max_tokens, cached ? st->new_mean : st->in_mean, false);
    return reach_decode_s(t, batch, st->in_mean + 0.5 * osl) + batch * tp / osl;
}

double reach_batch(const struct deployment *d, const struct step_table *t, const struct reach *r, const struct traffic_stat *st,
                   bool cached, double req_s)
{
    double osl = fmax(st->out_mean, 1), lo = 1, hi = fmax(r->batch, 1);
    while (hi - lo > 1) {       /* X grows with b */
        double mid = floor(0.5 * (lo + hi));
        if (mid < req_s * osl * reach_tpot_s(d, t, st, cached, mid))
            lo = mid;
        else
            hi = mid;
    }
    return 1 < req_s * osl * reach_tpot_s(d, t, st, cached, 1) ? hi : 1;
}
