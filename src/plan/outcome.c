/* outcome.c - a simulation, an operating point or a plan as one row of figures. */
#include "plan/outcome.h"

#include <math.h>
#include <stdio.h>

#include "base/buf.h"

#define FOUR(name) {name "_mean", true, false}, {name "_p50", true, true}, {name "_p90", true, true}, {name "_p99", true, true}

const struct outcome_row outcome_table[OUT_N] = {
    {"devices", false, false}, {"replicas", false, false}, {"rejected_frac", false, false},
    FOUR("ttft"), FOUR("tpot"), FOUR("itl"), FOUR("e2e"),
    {"req_s", false, false}, {"output_tok_s", false, false}, {"goodput_req_s", false, false}, {"utilisation_frac", false, false},
    {"kv_peak_frac", false, false}, {"power_w", false, false}, {"usd_per_hour", false, false}, {"usd_per_mtok", false, false},
};

/* A latency without end is none that could be shown or kept in a file. */
static struct span plain(double v)
{
    return (struct span){isfinite(v) ? v : NAN, NAN, NAN};
}

static struct span span_if(struct span s, bool intervals)
{
    if (!intervals)
        s.lo = s.hi = s.at;
    struct span out = plain(s.at);
    if (intervals && isfinite(s.at)) {
        out.lo = plain(s.lo).at;
        out.hi = plain(s.hi).at;
    }
    return out;
}

void outcome_none(struct outcome *o, const char *reason)
{
    *o = (struct outcome){.held = HELD_UNKNOWN, .seeds = 1, .evidence = GRADE_INFERRED};
    for (int i = 0; i < OUT_N; i++)
        o->v[i] = plain(NAN);
    snprintf(o->reason, sizeof o->reason, "%s", reason);
    for (size_t i = 0, n; o->reason[i]; i += n)         /* cut between characters */
        if (!(n = text_utf8(o->reason + i, sizeof o->reason - i)))
            o->reason[i] = '\0', n = 0;
}

static void name_deployment(struct outcome *o, const struct deployment *d)
{
    int at = snprintf(o->config, sizeof o->config, "tp %d", d->tp);
    const struct { const char *name; int n; } more[] = {{"pp", d->pp}, {"dp", d->dp}, {"ep", d->ep}};
    for (int i = 0; i < 3; i++)
        if (more[i].n > 1)
            at += snprintf(o->config + at, sizeof o->config - (size_t)at, " %s %d", more[i].name, more[i].n);
    snprintf(o->accelerator, sizeof o->accelerator, "%s", d->acc->id);
}

static void name_pools(struct outcome *o, const struct sim_run_out *r)
{
    size_t at = 0, acc = 0;
    for (int i = 0; i < r->npool; i++) {
        const struct pool_out *p = &r->pool[i];
        if (acc < sizeof o->accelerator && (!i || p->d.acc != r->pool[i - 1].d.acc))
            acc += (size_t)snprintf(o->accelerator + acc, sizeof o->accelerator - acc, "%s%s", i ? "+" : "", p->d.acc->id);
        if (at < sizeof o->config)
            at += (size_t)snprintf(o->config + at, sizeof o->config - at, "%s%s %dx tp %d", i ? ", " : "", p->name, p->replicas, p->d.tp);
    }
}

void outcome_sim(const struct sim_run_out *r, size_t nslo, bool intervals, struct outcome *o)
{
    static const double q[] = {-1, 0.5, 0.9, 0.99};
    static const struct { enum slo_metric metric; enum outcome_key first; } row[] = {
        {SLO_TTFT, OUT_TTFT_MEAN}, {SLO_TPOT, OUT_TPOT_MEAN}, {SLO_ITL, OUT_ITL_MEAN}, {SLO_E2E, OUT_E2E_MEAN}};
    const struct sim_result *x = &r->r;
    outcome_none(o, "");
    o->answered = true;
    name_deployment(o, &r->d);
    if (r->npool > 1)
        name_pools(o, r);
    o->v[OUT_DEVICES] = plain(r->devices);
    o->v[OUT_REPLICAS] = plain(r->replicas);
    o->v[OUT_REJECTED_FRAC] = plain(x->rejected_frac);
    for (size_t m = 0; m < sizeof row / sizeof *row; m++)
        for (int k = 0; k < 4; k++) {
            int metric = (int)row[m].metric;
            double at = sim_metric(x, metric, q[k]);
            struct span s = intervals ? span_around(at, sim_metric(&r->lo, metric, q[k]), sim_metric(&r->hi, metric, q[k])) : plain(at);
            o->v[(int)row[m].first + k] = span_if(s, intervals);
        }
    o->v[OUT_REQ_S] = span_if(r->req_s, intervals);
    o->v[OUT_OUTPUT_TOK_S] = span_if(r->output_tok_s, intervals);
    o->v[OUT_GOODPUT_REQ_S] = span_if(r->goodput_req_s, intervals);
    o->v[OUT_UTILISATION] = span_if(r->busy_frac, intervals);
    o->v[OUT_KV_PEAK] = span_if(r->kv_peak_frac, intervals);
    o->v[OUT_POWER_W] = span_if(r->power_w, intervals);
    o->v[OUT_USD_H] = plain(r->usd_h);
    o->v[OUT_USD_MTOK] = span_if(r->usd_mtok, intervals);
    o->saturated = x->saturated;
    o->held = !nslo ? HELD_UNKNOWN : x->held ? HELD_YES : HELD_NO;
    o->kept = o->held == HELD_YES;
    o->evidence = r->evidence;
}

void outcome_point(const struct point *p, bool intervals, struct outcome *o)
{
    outcome_none(o, "");
    name_deployment(o, &p->d);
    o->evidence = p->p.evidence;
    o->v[OUT_DEVICES] = plain(p->devices);
    o->v[OUT_REPLICAS] = plain(1);
    o->v[OUT_USD_H] = plain(p->usd_h);
    if (!p->p.fits) {
        snprintf(o->reason, sizeof o->reason, "%s does not fit on %d x %s: %.1f GB a device are missing", p->d.model->id, p->devices,
                 p->d.acc->id, p->p.memory.short_by_bytes / 1e9);
        return;
    }
    o->answered = true;
    o->v[OUT_TTFT_MEAN] = span_if(p->p.ttft_s, intervals);
    o->v[OUT_TPOT_MEAN] = span_if(p->p.tpot_s, intervals);
    o->v[OUT_OUTPUT_TOK_S] = span_if(p->p.output_tok_s, intervals);
    o->v[OUT_POWER_W] = span_if(p->p.power_w, intervals);
    o->v[OUT_USD_MTOK] = span_if(p->usd_mtok, intervals);
}

void outcome_plan(const struct plan *p, bool intervals, struct outcome *o)
{
    outcome_none(o, "");
    o->answered = p->answered;
    o->held = !p->scenario->nslo ? HELD_UNKNOWN : p->answered ? HELD_YES : HELD_NO;
    o->kept = o->held == HELD_YES;
    const struct candidate *c = p->best ? p->best : p->nowned ? &p->owned[0].c : p->ncand ? &p->cand[0] : NULL;
    if (!p->answered && c)
        snprintf(o->reason, sizeof o->reason, "nothing keeps the promises; the closest is %s: %s", c->acc->id, c->reason);
    if (!p->answered || !c)
        return;
    name_deployment(o, &c->d);
    o->evidence = c->evidence;
    o->v[OUT_DEVICES] = plain(c->devices);
    o->v[OUT_REPLICAS] = plain(c->replicas);
    o->v[OUT_TTFT_P50] = span_if(c->ttft_p50, intervals);
    o->v[OUT_TTFT_P99] = span_if(c->ttft_p99, intervals);
    o->v[OUT_TPOT_P50] = span_if(c->tpot_p50, intervals);
    o->v[OUT_TPOT_P99] = span_if(c->tpot_p99, intervals);
    o->v[OUT_E2E_P50] = span_if(c->e2e_p50, intervals);
    o->v[OUT_E2E_P99] = span_if(c->e2e_p99, intervals);
    o->v[OUT_GOODPUT_REQ_S] = plain(c->goodput_req_s);
    o->v[OUT_UTILISATION] = plain(c->utilisation_frac);
    o->v[OUT_KV_PEAK] = plain(c->kv_peak_frac);
    o->v[OUT_OUTPUT_TOK_S] = plain(c->out_tok_s);
    o->v[OUT_POWER_W] = plain(c->power_w);
    o->v[OUT_USD_H] = plain(c->usd_h);
    o->v[OUT_USD_MTOK] = plain(c->usd_mtok);
}

double outcome_cost(const struct outcome *o)
{
    return o->answered && o->held == HELD_YES && !o->saturated ? o->v[OUT_USD_MTOK].at : NAN;
}
