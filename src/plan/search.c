/* search.c - enumerate tp x pp x dp x ep of one accelerator; keep what divides and fits. */
#include "plan/search.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "speed/power.h"

/* Largest tensor-parallel group worth trying: the scale-up domain, or eight cards of a PCIe server. Above 64 no served
** model has heads to split, except on devices that hold a model only in their hundreds. */
static int tp_limit(const struct accelerator *acc)
{
    int domain = acc->scaleup.domain > 8 ? acc->scaleup.domain : 8;
    return domain < 64 ? domain : 64;
}

/* Pipelines are for models that one domain cannot hold; SRAM devices chain hundreds of chips. */
static int pp_limit(const struct accelerator *acc)
{
    return acc->mem_bytes < 2e9 ? 4096 : 16;
}

static void try_one(struct search *s, const struct deployment *base, int tp, int pp, int dp, int ep, int max_devices)
{
    struct deployment d = *base;
    struct err e = {0};
    d.tp = tp, d.pp = pp, d.dp = dp, d.ep = ep;
    if (max_devices && deployment_devices(&d) > max_devices)
        return;
    s->tried++;
    if (!deployment_check(&d, &e)) {
        if (!s->any_valid && !s->why[0])
            snprintf(s->why, sizeof s->why, "%.159s", e.what);
        return;
    }
    struct memory m = memory_of(&d);
    if (!m.fits) {
        if (!s->any_valid || m.short_by_bytes < s->nearest_memory.short_by_bytes) {
            s->nearest = d;
            s->nearest_memory = m;
        }
        s->any_valid = true;
        return;
    }
    s->any_valid = true;
    if (s->n < SEARCH_MAX) {
        power_cap_apply_usual(&d);
        s->d[s->n] = d;
        s->memory[s->n] = m;
        s->n++;
    }
}

/* The ways to place experts over n = tp * dp devices: split each expert (ep 1), spread them (ep n), or spread them and
** copy the attention (dp n). */
static void try_experts(struct search *s, const struct deployment *base, int n, int pp, int max_devices)
{
    bool moe = false;
    for (size_t i = 0; i < base->model->ngroup; i++)
        moe |= base->model->group[i].experts > 0;
    for (int dp = base->dp ? base->dp : 1; dp <= n; dp *= 2) {
        if (dp > 1 && (!moe || n < 2))
            break;
        if (base->dp && dp != base->dp)
            continue;
        int tp = n / dp;
        if (base->tp && tp != base->tp)
            continue;
        if (dp > 1 && dp < n && !base->dp)      /* between tp only and dp only: rarely best, costs search time */
            continue;
        for (int ep = 1; ep <= n; ep = ep < n ? n : n + 1) {
            int e = base->ep ? base->ep : ep;
            if (e > 1 && !moe)
                break;
            if (!base->ep && dp > 1 && e == 1 && n > 1)
                continue;                       /* copies of attention with split experts: gathers without gain */
            try_one(s, base, tp, pp, dp, e, max_devices);
            if (base->ep)
                break;
        }
    }
}

void search_configs(const struct deployment *base, int max_devices, struct search *out)
{
    memset(out, 0, sizeof *out);
    const struct accelerator *acc = base->acc;
    int fixed = (base->tp ? base->tp : 1) * (base->dp ? base->dp : 1);
    int nmax = base->tp && base->dp ? fixed : tp_limit(acc) > fixed ? tp_limit(acc) : fixed;
    bool slow_links = acc->scaleup.domain < 2;
    int first = 0;              /* stages with which something fits */
    for (int pp = base->pp ? base->pp : 1; pp <= (base->pp ? base->pp : pp_limit(acc)); pp *= 2) {
        for (int n = fixed; n <= nmax; n *= 2)
            try_experts(out, base, n, pp, max_devices);
        if (!first && out->n)
            first = pp;
        /* Twice the stages make room for KV; more only add latency, unless the cards talk over PCIe. */
        if (first && pp >= 2 * first && !(slow_links && pp < 8))
            break;
    }
}
