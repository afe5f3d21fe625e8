/* show_plan_data.c - the plan document for programs: JSON after the contract, and CSV with one row a candidate. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "plan/apart.h"
#include "show/document.h"
#include "show/show_plan.h"
#include "show/text.h"

static void latency(struct jw *w, const char *key, struct span p50, struct span p99)
{
    jw_obj(w, key);
    jw_span(w, "p50", p50, MS_PER_S);
    jw_span(w, "p99", p99, MS_PER_S);
    jw_end(w);
}

static void slos(struct jw *w, const struct scenario *sc, const struct slo_value *value)
{
    jw_arr(w, "slo");
    for (size_t i = 0; i < sc->nslo; i++) {
        const struct slo *o = &sc->slo[i];
        jw_obj(w, NULL);
        jw_str(w, "metric", slo_metric_name[o->metric]);
        jw_str(w, "at", slo_key(w->out->arena, o));
        jw_num(w, "limit_ms", o->limit_s * MS_PER_S);
        if (value) {
            jw_span(w, "value_ms", value[i].s, MS_PER_S);
            jw_bool(w, "met", value[i].met);
        }
        jw_end(w);
    }
    jw_end(w);
}

static void memory(struct jw *w, const struct memory *m)
{
    jw_obj(w, "memory");
    jw_num(w, "weights_gb", m->weight_total_bytes / GIGA);
    jw_num(w, "weights_gb_per_accelerator", m->weight_bytes / GIGA);
    jw_num(w, "usable_gb_per_accelerator", m->usable_bytes / GIGA);
    jw_num(w, "kv_bytes_per_token", m->kv_total_bytes_tok);
    jw_int(w, "kv_blocks", m->kv_blocks);
    jw_int(w, "kv_tokens", m->kv_tokens);
    jw_end(w);
}

void jw_candidate(struct jw *w, const char *key, const struct scenario *sc, const struct candidate *c)
{
    jw_obj(w, key);
    if (c->rank)
        jw_int(w, "rank", c->rank);
    else
        jw_null(w, "rank");
    jw_bool(w, "feasible", c->feasible);
    jw_int(w, "devices", c->devices);
    jw_int(w, "replicas", c->replicas);
    jw_int(w, "spares", c->spares);
    jw_int(w, "owned_devices", c->owned_devices);
    jw_int(w, "billed_devices", c->billed_devices);
    if (c->d.acc && c->d.model)
        jw_deployment(w, &c->d);
    else
        jw_str(w, "accelerator", c->acc->id);
    jw_str(w, "mode", "aggregated");
    jw_str(w, "scheduler", c->scheduler);
    jw_str(w, "precision_run", c->precision.text);
    latency(w, "ttft_ms", c->ttft_p50, c->ttft_p99);
    latency(w, "tpot_ms", c->tpot_p50, c->tpot_p99);
    latency(w, "e2e_ms", c->e2e_p50, c->e2e_p99);
    slos(w, sc, c->slo);
    jw_num(w, "goodput_req_s", c->goodput_req_s);
    jw_num(w, "utilisation_frac", c->utilisation_frac);
    jw_num(w, "kv_peak_frac", c->kv_peak_frac);
    jw_num(w, "usd_per_hour", c->usd_h);
    jw_num(w, "usd_per_mtok", c->usd_mtok);
    jw_num(w, "usd_per_mtok_total", c->usd_mtok_total);
    jw_num(w, "power_kw", c->power_w / KILO);
    jw_price(w, "price", &c->price);
    jw_bool(w, "priced", c->priced);
    jw_bool(w, "pareto", c->pareto);
    jw_bool(w, "price_as_asked", c->price_as_asked);
    jw_bool(w, "robust", c->robust);
    if (c->replicas_robust)
        jw_int(w, "replicas_robust", c->replicas_robust);
    else
        jw_null(w, "replicas_robust");
    jw_num(w, "usd_per_hour_robust", c->replicas_robust ? c->usd_h_robust : NAN);
    jw_int(w, "simulated_requests", (int64_t)c->simulated_requests);
    jw_bool(w, "verified_full", c->verified_full);
    memory(w, &c->memory);
    if (!c->feasible) {
        jw_str(w, "reason", c->reason);
        jw_str(w, "binding", binding_name[c->binding]);
        jw_num(w, "short_by", c->short_by);
    } else if (*c->reason) {
        jw_str(w, "reason", c->reason);
    }
    jw_str(w, "evidence", grade_name(c->evidence));
    jw_end(w);
}

static void traffic(struct jw *w, const struct plan *p)
{
    const struct traffic *t = p->scenario->traffic;
    const struct traffic_stat *st = &p->stat;
    if (!t) {
        jw_null(w, "traffic");
        return;
    }
    jw_obj(w, "traffic");
    jw_str(w, "name", t->name);
    jw_str(w, "format", t->format);
    jw_int(w, "requests", (int64_t)t->n);
    jw_num(w, "span_s", t->span_s);
    jw_num(w, "req_s", st->rate_s);
    jw_num(w, "gap_cv", st->cv);
    jw_num(w, "peak_to_mean_60s", st->peak_to_mean_60s);
    jw_num(w, "in_tok_mean", st->in_mean);
    jw_num(w, "out_tok_mean", st->out_mean);
    jw_end(w);
}

static void jw_side(struct jw *w, const char *key, const struct apart_side *x)
{
    jw_obj(w, key);
    jw_deployment(w, &x->d);
    jw_int(w, "replicas", x->replicas);
    jw_int(w, "devices", x->devices);
    jw_str(w, "scheduler", x->scheduler);
    jw_num(w, "usd_per_hour", x->usd_h);
    jw_end(w);
}

static void jw_pair(struct jw *w, const char *key, double p50_s, double p99_s)
{
    jw_obj(w, key);
    jw_num(w, "p50", p50_s * MS_PER_S);
    jw_num(w, "p99", p99_s * MS_PER_S);
    jw_end(w);
}

static void jw_apart(struct jw *w, const struct apart *x)
{
    jw_obj(w, "disaggregated");
    jw_str(w, "mode", "disaggregated");
    jw_bool(w, "feasible", x->found);
    if (!x->found) {
        jw_str(w, "reason", x->why);
        jw_end(w);
        return;
    }
    jw_side(w, "prefill", &x->prefill);
    jw_side(w, "decode", &x->decode);
    jw_int(w, "devices", x->prefill.devices + x->decode.devices);
    jw_pair(w, "ttft_ms", x->ttft_p50_s, x->ttft_p99_s);
    jw_pair(w, "tpot_ms", x->tpot_p50_s, x->tpot_p99_s);
    jw_pair(w, "e2e_ms", x->e2e_p50_s, x->e2e_p99_s);
    jw_num(w, "transfer_mean_ms", x->transfer_mean_s * MS_PER_S);
    jw_num(w, "usd_per_hour", x->usd_h);
    jw_num(w, "usd_per_mtok", x->usd_mtok);
    jw_num(w, "usd_per_mtok_total", x->usd_mtok_total);
    jw_num(w, "usd_per_mtok_ratio", x->ratio);
    jw_end(w);
}

void plan_json(const struct show *s, const struct plan *p)
{
    struct jw w;
    document_begin(&w, s, "moat.plan/1");
    jw_str(&w, "scenario", p->scenario->name);
    jw_str(&w, "answer", plan_answer(s->arena, p));
    jw_bool(&w, "answered", p->answered);
    jw_str(&w, "stage", p->estimate ? "estimate" : "simulated");
    traffic(&w, p);
    slos(&w, p->scenario, NULL);
    if (p->best)
        jw_candidate(&w, "best", p->scenario, p->best);
    else
        jw_null(&w, "best");
    jw_arr(&w, "candidates");
    for (size_t i = 0; i < p->ncand; i++)
        jw_candidate(&w, NULL, p->scenario, &p->cand[i]);
    jw_end(&w);
    if (p->apart)
        jw_apart(&w, p->apart);
    jw_arr(&w, "owned");
    for (size_t i = 0; i < p->nowned; i++) {
        jw_obj(&w, NULL);
        jw_num(&w, "share_frac", p->owned[i].share_frac);
        jw_candidate(&w, "candidate", p->scenario, &p->owned[i].c);
        jw_end(&w);
    }
    jw_end(&w);
    jw_num(&w, "owned_share_frac", p->owned_share_frac);
    jw_num(&w, "owned_usd_per_hour", p->owned_usd_h);
    if (p->api_found) {
        jw_obj(&w, "api");
        jw_num(&w, "usd_per_hour", p->api_usd_h);
        jw_num(&w, "usd_per_mtok_in", p->api_in_usd_mtok);
        jw_num(&w, "usd_per_mtok_out", p->api_out_usd_mtok);
        jw_str(&w, "source", p->api_source);
        jw_end(&w);
    } else {
        jw_null(&w, "api");
    }
    jw_int(&w, "simulated_requests", (int64_t)p->simulated_requests);
    if (p->best)
        jw_str(&w, "evidence", grade_name(p->best->evidence));
    else
        jw_null(&w, "evidence");
    document_end(&w, s);
}

void plan_csv(const struct show *s, const struct plan *p)
{
    struct buf *b = s->out;
    buf_add(b, "accelerator,rank,feasible,devices,replicas,tp,pp,dp,ep,mode,scheduler,max_seqs,max_tokens,precision_run,"
               "ttft_p50_ms,ttft_p99_ms,ttft_p99_lo_ms,ttft_p99_hi_ms,tpot_p50_ms,tpot_p99_ms,tpot_p99_lo_ms,tpot_p99_hi_ms,"
               "usd_per_hour,usd_per_mtok,usd_per_mtok_total,power_kw,evidence,simulated_requests,binding,short_by,reason\n");
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        csv_text(b, c->acc->id);
        csv_int(b, c->rank);
        csv_text(b, c->feasible ? "true" : "false");
        csv_int(b, c->devices);
        csv_int(b, c->replicas);
        csv_int(b, c->d.tp);
        csv_int(b, c->d.pp);
        csv_int(b, c->d.dp);
        csv_int(b, c->d.ep);
        csv_text(b, "aggregated");
        csv_text(b, c->scheduler);
        csv_int(b, c->d.max_seqs);
        csv_int(b, c->d.max_tokens);
        csv_text(b, c->precision.text);
        const double ms[] = {c->ttft_p50.at, c->ttft_p99.at, c->ttft_p99.lo, c->ttft_p99.hi,
                             c->tpot_p50.at, c->tpot_p99.at, c->tpot_p99.lo, c->tpot_p99.hi};
        for (size_t j = 0; j < sizeof ms / sizeof *ms; j++)
            csv_num(b, ms[j] * MS_PER_S);
        csv_num(b, c->usd_h);
        csv_num(b, c->usd_mtok);
        csv_num(b, c->usd_mtok_total);
        csv_num(b, c->power_w / KILO);
        csv_text(b, grade_name(c->evidence));
        csv_int(b, (int64_t)c->simulated_requests);
        csv_text(b, c->feasible ? "" : binding_name[c->binding]);
        csv_num(b, c->feasible ? NAN : c->short_by);
        csv_text(b, c->reason);
        csv_end(b);
    }
}
