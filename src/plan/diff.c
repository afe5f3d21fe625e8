/* diff.c - leaves of two trees that are not equal, and ratios b/a of what came out. */
#include "plan/diff.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "plan/plan.h"

static const char *leaf(struct arena *a, const struct node *nd)
{
    struct buf b = {.arena = a};
    node_json(&b, nd);
    return buf_str(&b);
}

static void add_input(struct arena *a, struct comparison *out, const char *path, const char *from, const char *to)
{
    out->input = arena_grow(a, out->input, out->ninput, out->ninput + 1, sizeof *out->input);
    out->input[out->ninput++] = (struct difference){path, from, to};
}

/* Maps are walked by key; whatever is not a map on both sides is a leaf. */
static void walk(struct arena *a, const char *path, const struct node *from, const struct node *to, struct comparison *out)
{
    bool maps = (!from || from->kind == NODE_MAP) && (!to || to->kind == NODE_MAP);
    if (!maps) {
        const char *x = from ? leaf(a, from) : NULL, *y = to ? leaf(a, to) : NULL;
        if (!x || !y || strcmp(x, y) != 0)
            add_input(a, out, path, x, y);
        return;
    }
    const char *dot = *path ? "." : "";
    for (size_t i = 0; from && i < from->n; i++)
        walk(a, arena_printf(a, "%s%s%s", path, dot, from->key[i]), &from->item[i], to ? node_get(to, from->key[i]) : NULL,
             out);
    for (size_t i = 0; to && i < to->n; i++)
        if (!from || !node_get(from, to->key[i]))
            walk(a, arena_printf(a, "%s%s%s", path, dot, to->key[i]), NULL, &to->item[i], out);
}

void diff_inputs(struct arena *a, const struct node *from, const struct node *to, struct comparison *out)
{
    walk(a, "", from, to, out);
}

static void add(struct comparison *out, enum measure m, double a, double b)
{
    double ratio = isfinite(a) && isfinite(b) && a != 0 ? b / a : NAN;
    out->change[out->nchange++] = (struct change){m, a, b, ratio};
}

static double field(const struct candidate *c, enum measure m)
{
    if (!c)
        return NAN;
    switch (m) {
    case MEASURE_DEVICES: return c->devices;
    case MEASURE_USD_H: return c->usd_h;
    case MEASURE_USD_MTOK: return c->usd_mtok;
    case MEASURE_TTFT_P50: return c->ttft_p50.at;
    case MEASURE_TTFT_P99: return c->ttft_p99.at;
    case MEASURE_TPOT_P50: return c->tpot_p50.at;
    case MEASURE_TPOT_P99: return c->tpot_p99.at;
    case MEASURE_E2E_P99: return c->e2e_p99.at;
    case MEASURE_GOODPUT: return c->goodput_req_s;
    case MEASURE_POWER: return c->power_w;
    default: return NAN;
    }
}

static struct shift *shift_of(struct arena *a, struct comparison *out, const struct accelerator *acc)
{
    for (size_t i = 0; i < out->nshift; i++)
        if (strcmp(out->shift[i].acc->id, acc->id) == 0)
            return &out->shift[i];
    out->shift = arena_grow(a, out->shift, out->nshift, out->nshift + 1, sizeof *out->shift);
    out->shift[out->nshift] = (struct shift){.acc = acc, .usd_h_a = NAN, .usd_h_b = NAN};
    return &out->shift[out->nshift++];
}

static int by_rank(const void *x, const void *y)
{
    const struct shift *p = x, *q = y;
    int a = p->rank_b ? p->rank_b : 1 << 20, b = q->rank_b ? q->rank_b : 1 << 20;
    if (a == b) {
        a = p->rank_a ? p->rank_a : 1 << 20;
        b = q->rank_a ? q->rank_a : 1 << 20;
    }
    return a != b ? (a > b) - (a < b) : strcmp(p->acc->id, q->acc->id);
}

void diff_plans(struct arena *a, const struct plan *from, const struct plan *to, struct comparison *out)
{
    static const enum measure asked[] = {MEASURE_DEVICES, MEASURE_USD_H, MEASURE_USD_MTOK, MEASURE_TTFT_P50, MEASURE_TTFT_P99,
                                         MEASURE_TPOT_P50, MEASURE_TPOT_P99, MEASURE_E2E_P99, MEASURE_GOODPUT, MEASURE_POWER};
    out->plan_a = from;
    out->plan_b = to;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        add(out, asked[i], field(from->best, asked[i]), field(to->best, asked[i]));
    add(out, MEASURE_FEASIBLE, (double)from->nfeasible, (double)to->nfeasible);
    for (size_t i = 0; i < from->ncand; i++) {
        struct shift *s = shift_of(a, out, from->cand[i].acc);
        if (from->cand[i].feasible && !s->rank_a) {
            s->rank_a = from->cand[i].rank;
            s->usd_h_a = from->cand[i].usd_h;
        }
    }
    for (size_t i = 0; i < to->ncand; i++) {
        struct shift *s = shift_of(a, out, to->cand[i].acc);
        if (to->cand[i].feasible && !s->rank_b) {
            s->rank_b = to->cand[i].rank;
            s->usd_h_b = to->cand[i].usd_h;
        }
    }
    if (out->nshift)
        qsort(out->shift, out->nshift, sizeof *out->shift, by_rank);
}

void diff_sims(const struct sim_run_out *from, const struct sim_run_out *to, struct comparison *out)
{
    const struct sim_result *x = &from->r, *y = &to->r;
    out->sim_a = from;
    out->sim_b = to;
    add(out, MEASURE_DEVICES, from->devices, to->devices);
    add(out, MEASURE_USD_H, from->usd_h, to->usd_h);
    add(out, MEASURE_USD_MTOK, from->usd_mtok.at, to->usd_mtok.at);
    add(out, MEASURE_TTFT_P50, sim_metric(x, SLO_TTFT, 0.5), sim_metric(y, SLO_TTFT, 0.5));
    add(out, MEASURE_TTFT_P99, sim_metric(x, SLO_TTFT, 0.99), sim_metric(y, SLO_TTFT, 0.99));
    add(out, MEASURE_TPOT_P50, sim_metric(x, SLO_TPOT, 0.5), sim_metric(y, SLO_TPOT, 0.5));
    add(out, MEASURE_TPOT_P99, sim_metric(x, SLO_TPOT, 0.99), sim_metric(y, SLO_TPOT, 0.99));
    add(out, MEASURE_E2E_P99, sim_metric(x, SLO_E2E, 0.99), sim_metric(y, SLO_E2E, 0.99));
    add(out, MEASURE_GOODPUT, x->goodput_req_s, y->goodput_req_s);
    add(out, MEASURE_OUTPUT, x->output_tok_s, y->output_tok_s);
    add(out, MEASURE_UTILISATION, x->busy_frac, y->busy_frac);
    add(out, MEASURE_KV_PEAK, x->kv_peak_frac, y->kv_peak_frac);
    add(out, MEASURE_PREEMPTIONS, (double)x->preemptions, (double)y->preemptions);
    add(out, MEASURE_POWER, from->power_w.at, to->power_w.at);
}

size_t diff_keys(const struct comparison *c, const char **key, size_t max, struct arena *a)
{
    size_t n = 0;
    for (size_t i = 0; i < c->ninput && n < max; i++) {
        const char *k = arena_strndup(a, c->input[i].path, strcspn(c->input[i].path, "."));
        size_t j = 0;
        while (j < n && strcmp(key[j], k) != 0)
            j++;
        if (j == n && strcmp(k, "title") != 0)
            key[n++] = k;
    }
    return n;
}

static void ratio(struct alone *out, double base)
{
    out->usd_mtok_ratio = isfinite(base) && base > 0 ? out->usd_mtok / base : NAN;
}

void diff_alone_plan(struct alone *out, const struct plan *base, const struct plan *mixed)
{
    const struct candidate *c = mixed->best;
    out->best = c ? c->acc->id : NULL;
    out->usd_h = field(c, MEASURE_USD_H);
    out->usd_mtok = field(c, MEASURE_USD_MTOK);
    out->ttft_p99_s = field(c, MEASURE_TTFT_P99);
    out->tpot_p99_s = field(c, MEASURE_TPOT_P99);
    ratio(out, field(base->best, MEASURE_USD_MTOK));
}

void diff_alone_sim(struct alone *out, const struct sim_run_out *base, const struct sim_run_out *mixed)
{
    out->best = mixed->d.acc->id;
    out->usd_h = mixed->usd_h;
    out->usd_mtok = mixed->usd_mtok.at;
    out->ttft_p99_s = sim_metric(&mixed->r, SLO_TTFT, 0.99);
    out->tpot_p99_s = sim_metric(&mixed->r, SLO_TPOT, 0.99);
    ratio(out, base->usd_mtok.at);
}
