/* disagg.c - prefill workers feeding decode workers, a closed loop of C requests: mean values of a queueing network.
**
**      prefill    W ranks; a prompt alone takes s1, in a full step s. Behind Q others it waits
**                 R = s1 + (s/W) * Q * (C-1)/C,  Q = X * (R - s1 + s/W)
**                 (Seidmann's multi-server station, Schweitzer's approximation)
**      transfer   KV bytes of the prompt over the NICs of the devices that hold it, at the end that has fewer (speed/handover.h)
**      decode     osl * T_decode(b) with b = X * osl * TPOT sequences spread over the decode workers, at most `room`
**      TTFT = max(fixed + R + transfer, C / X_room - osl * TPOT),  X = C / (TTFT + osl * TPOT),  iterated
**
** fixed: a request passes two engines, each with its own front end. A decode worker sets KV aside before the prompt is
** computed (Dynamo, and SGLang's router, do so), so that a full room (X_room = room / (osl * TPOT)) delays the first token.
**
** Of the ten prompts of a slot the first is sent with C - 1 others when the measurement starts: it waits for C/2 of them,
** and the mean TTFT has a tenth of that. Nothing measured is fitted to it, so it is graded inferred at best.
*/
#include <math.h>

#include "fit/load.h"
#include "speed/handover.h"

#define PROMPTS_PER_SLOT 10.0

static double step_s(const struct deployment *d, const struct step_load *l)
{
    struct step_time t;
    step_exact(d, l, &t);
    return t.t_s;
}

/* Seconds of one prompt on a rank that computes `many` of them together; all dp ranks do the same at once. */
static double prompt_s(const struct deployment *d, int64_t isl, int64_t many)
{
    int64_t room = d->max_tokens / d->dp > 0 ? d->max_tokens / d->dp : 1; /* of a rank */
    if (many > 1) {
        struct step_load l = step_load_prefill(d, many * d->dp, 0, isl, true);
        return step_s(d, &l) / (double)many;
    }
    double s = 0;
    for (int64_t past = 0; past < isl; past += room) {
        int64_t chunk = isl - past < room ? isl - past : room;
        struct step_load l = step_load_prefill(d, d->dp, past, chunk, past + chunk == isl);
        s += step_s(d, &l);
    }
    return s;
}

static double decode_step_s(const struct deployment *d, double seqs, int64_t context)
{
    int64_t lo = (int64_t)floor(seqs);
    struct step_load a = step_load_decode(d, lo > 1 ? lo : 1, context), b = step_load_decode(d, lo + 1, context);
    double x = step_s(d, &a);
    return seqs <= 1 ? x : x + (step_s(d, &b) - x) * (seqs - (double)lo);
}

struct side {
    struct deployment d;
    struct memory memory;
    double workers;
};

static bool prepare(struct fit_run *r, const struct fit_pool *pool, struct side *out)
{
    if (!fit_deploy(r, pool))
        return false;
    *out = (struct side){r->d, r->memory, pool->workers};
    return true;
}

void fit_disaggregated(struct fit_run *r)
{
    const struct fit_point *p = r->p;
    struct side pre, dec;
    int devices = p->prefill.workers * p->prefill.tp * p->prefill.dp + p->decode.workers * p->decode.tp * p->decode.dp;
    if (!p->concurrency || p->isl < 1 || p->osl < 2) {
        fit_refuse(r, "disaggregated serving is predicted in a closed loop with prompts and outputs only");
        return;
    }
    if (p->devices && p->devices != devices) {
        fit_refuse(r, "prefill and decode workers take %d devices, not %d", devices, p->devices);
        return;
    }
    if (!prepare(r, &p->prefill, &pre) || !prepare(r, &p->decode, &dec))
        return;
    fit_grade(r, &dec.d);
    r->out->tier = TIER_POOLED; /* the widest interval: no measurement stands behind the formula */
    if (r->out->evidence == GRADE_MEASURED)
        r->out->evidence = GRADE_INFERRED;
    r->out->how = "steady state";

    double mean = (1 + p->length_ratio_min) / 2, c = (double)p->concurrency, w = pre.workers * pre.d.dp;
    int64_t isl = (int64_t)fmax(1, round((double)p->isl * mean)), osl = (int64_t)fmax(2, round((double)p->osl * mean));
    double alone_s = prompt_s(&pre.d, isl, 1);
    int64_t full = pre.d.max_tokens / pre.d.dp / isl;
    double busy_s = prompt_s(&pre.d, isl, full > 1 ? full : 1);
    double link = handover_device_bytes_s(p->acc) * fmin(handover_devices(&pre.d), handover_devices(&dec.d));
    double move_s = link > 0 ? handover_bytes(&pre.memory, handover_devices(&pre.d), isl) / link : 0;
    double fit = kv_seq_bytes(&dec.memory, isl + osl / 2);
    double room = fit > 0 ? floor(dec.memory.kv_pool_bytes / fit) * dec.d.dp * dec.workers : c;
    double o = (double)osl, tpot = decode_step_s(&dec.d, fmin(c, room) / dec.workers, isl + osl / 2);
    double fixed_s = pre.d.stack.request_fixed_s + dec.d.stack.request_fixed_s;
    double ttft = alone_s, queue = 0;
    for (int i = 0; i < 400; i++) {
        double x = c / (ttft + o * tpot), b = fmin(x * o * tpot, room);
        double ahead_s = busy_s / w * queue * (c - 1) / c, wait_s = alone_s + ahead_s;
        double step = decode_step_s(&dec.d, b / dec.workers, isl + osl / 2);
        double held_s = fmax(0, c * o * step / room - o * step); /* so long a request is kept out while the room is full */
        ttft += 0.2 * (fmax(fixed_s + wait_s + move_s, held_s) - ttft);
        tpot += 0.2 * (step - tpot);
        queue += 0.2 * (fmin(x * (ahead_s + busy_s / w), c) - queue);
    }
    double req_s = c / (ttft + o * tpot);
    double burst_s = fixed_s + alone_s + move_s + busy_s / w * c / 2;
    fit_say(r, FIT_TTFT_MEAN_MS, ttft + fmax(0, burst_s - ttft) / PROMPTS_PER_SLOT);
    fit_say(r, FIT_TTFT_P50_MS, ttft);
    fit_say(r, FIT_TPOT_MEAN_MS, tpot);
    fit_say(r, FIT_TPOT_P50_MS, tpot);
    fit_say(r, FIT_TOK_S_PER_USER, 1 / tpot);
    fit_say(r, FIT_E2E_LATENCY_S, ttft + (o - 1) * tpot);
    fit_say_rates(r, req_s, (double)isl, o);
}
