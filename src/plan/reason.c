/* reason.c - one line a loser: what binds and how far it missed. */
#include "plan/reason.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/units.h"
#include "plan/size.h"

const char *const binding_name[BIND_N] = {"none", "memory", "ttft", "tpot", "e2e", "itl", "supply", "capability",
                                          "power", "budget", "export"};

bool reason_set(struct candidate *c, enum binding b, double short_by, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(c->reason, sizeof c->reason, fmt, ap);
    va_end(ap);
    c->feasible = false;
    c->binding = b;
    c->short_by = short_by;
    return false;
}

void reason_no_config(struct candidate *c, const struct search *s)
{
    if (!s->any_valid) {
        reason_set(c, BIND_CAPABILITY, NAN, "%s", s->why[0] ? s->why : "no split of the model is possible");
        return;
    }
    char need[32], have[32], split[48] = "";
    const struct memory *m = &s->nearest_memory;
    c->d = s->nearest, c->memory = *m;
    unit_format(need, sizeof need, UNIT_BYTES, m->budget_bytes + m->short_by_bytes);
    unit_format(have, sizeof have, UNIT_BYTES, m->budget_bytes);
    int n = deployment_devices(&c->d);
    if (n > 1)
        snprintf(split, sizeof split, " on each of %d", n);
    reason_set(c, BIND_MEMORY, (m->budget_bytes + m->short_by_bytes) / m->budget_bytes,
               "does not fit: needs %s%s, %s usable", need, split, have);
}

static enum binding binding_of(enum slo_metric m)
{
    static const enum binding by[SLO_METRIC_N] = {
        [SLO_TTFT] = BIND_TTFT, [SLO_TPOT] = BIND_TPOT, [SLO_E2E] = BIND_E2E, [SLO_ITL] = BIND_ITL};
    return by[m];
}

static const char *upper(enum binding b)
{
    return b == BIND_TTFT ? "TTFT" : b == BIND_TPOT ? "TPOT" : b == BIND_E2E ? "E2E" : "ITL";
}

void reason_floor(struct candidate *c, const struct reach *b)
{
    char best[32], limit[32];
    unit_format(best, sizeof best, UNIT_DURATION_S, b->best_s);
    unit_format(limit, sizeof limit, UNIT_DURATION_S, b->limit_s);
    c->limit_s = b->limit_s;
    reason_set(c, b->binding, b->short_by, "misses %s: %s at no load on %d card%s, limit %s", upper(b->binding), best,
               deployment_devices(&c->d), deployment_devices(&c->d) > 1 ? "s" : "", limit);
}

void reason_missed(struct candidate *c, const struct slo *slo, size_t nslo, const struct sim_result *r)
{
    double worst = 0;
    size_t at = nslo;
    for (size_t i = 0; i < nslo; i++) {
        double v = size_metric(r, &slo[i]), by = v / slo[i].limit_s;
        if (v > slo[i].limit_s && by > worst)
            worst = by, at = i;
    }
    int replicas = c->replicas - c->spares;
    double asked = (double)(r->completed + r->rejected);
    if (at < nslo ? isinf(worst) : (double)r->rejected > SIM_REJECTED_FRAC * asked) {
        reason_set(c, BIND_MEMORY, NAN, "rejects %.3g %% of the requests: they are longer than max_context or the KV cache",
                   100 * (double)r->rejected / asked);
        return;
    }
    if (at == nslo) {
        reason_set(c, BIND_SUPPLY, NAN, "the promises do not hold on up to %d replicas", replicas);
        return;
    }
    char got[32], limit[32], q[16] = "mean";
    unit_format(got, sizeof got, UNIT_DURATION_S, worst * slo[at].limit_s);
    unit_format(limit, sizeof limit, UNIT_DURATION_S, slo[at].limit_s);
    if (slo[at].q >= 0)
        snprintf(q, sizeof q, "p%g", slo[at].q * 100);
    enum binding b = binding_of(slo[at].metric);
    c->limit_s = slo[at].limit_s;
    reason_set(c, b, worst, "misses %s %s: %s on %d replicas, limit %s", q, upper(b), got, replicas, limit);
}
