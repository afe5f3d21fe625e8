/* show_plan.c - `moat plan` on a terminal: the answer in a sentence, the ranking, the losers, and what it rests on. */
#include "show/show_plan.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "plan/apart.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

#define RANKED_ROWS 12          /* more stand behind --verbose */
#define LOSER_ROWS 12           /* more are grouped by reason */
#define METRICS_MAX 3           /* latencies shown: those promised, else p99 TTFT and TPOT */

static const char *grade_letter(enum grade g)
{
    static const char *const letter[] = {"m", "i", "a"};
    return letter[g];
}

/* A latency that is shown: a promise of the scenario, or one of the two that always matter; of an estimate their medians. */
struct shown { const char *title; int slo; bool ttft, median; };

static size_t shown_metrics(struct arena *a, const struct plan *p, struct shown out[METRICS_MAX])
{
    const struct scenario *sc = p->scenario;
    size_t n = 0;
    if (p->estimate) {
        out[n++] = (struct shown){"p50 TTFT", -1, true, true};
        out[n++] = (struct shown){"p50 TPOT", -1, false, true};
        return n;
    }
    for (size_t i = 0; i < sc->nslo && n < METRICS_MAX; i++) {
        const struct slo *o = &sc->slo[i];
        const char *name = o->metric == SLO_E2E ? "E2E" : metric_text(o->metric);
        out[n++] = (struct shown){arena_printf(a, "%s %s", slo_key(a, o), name), (int)i, false, false};
    }
    if (!n) {
        out[n++] = (struct shown){"p99 TTFT", -1, true, false};
        out[n++] = (struct shown){"p99 TPOT", -1, false, false};
    }
    return n;
}

static struct span shown_value(const struct candidate *c, const struct shown *m)
{
    if (m->slo >= 0)
        return c->slo ? c->slo[m->slo].s : (struct span){NAN, NAN, NAN};
    if (m->median)
        return m->ttft ? c->ttft_p50 : c->tpot_p50;
    return m->ttft ? c->ttft_p99 : c->tpot_p99;
}

static const char *verb(const struct candidate *c)
{
    switch (c->price.found ? c->price.kind : PRICE_ON_DEMAND) {
    case PRICE_RESERVED_1Y: return "Reserve for a year";
    case PRICE_RESERVED_3Y: return "Reserve for three years";
    case PRICE_OWNED: case PRICE_PURCHASE: case PRICE_RESALE: return "Own";
    default: return c->priced ? "Rent" : "Use (unpriced)";
    }
}

/* "3 replicas, tp 2" */
static const char *replicas_text(struct arena *a, const struct candidate *c)
{
    const char *spare = c->spares ? arena_printf(a, ", %d spare", c->spares) : "";
    return arena_printf(a, "%s replica%s, %s%s", text_count(a, c->replicas), c->replicas == 1 ? "" : "s", deployment_text(a, &c->d),
                        spare);
}

static const char *latencies(struct arena *a, const struct plan *p, const struct candidate *c)
{
    struct shown m[METRICS_MAX];
    struct buf b = {.arena = a};
    size_t n = shown_metrics(a, p, m);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&b, "%s%s %s", i ? ", " : "", m[i].title, text_span_time(a, shown_value(c, &m[i])));
    return buf_str(&b);
}

static const char *owned_list(struct arena *a, const struct plan *p)
{
    struct buf b = {.arena = a};
    for (size_t i = 0; i < p->nowned; i++)
        if (p->owned[i].share_frac > 0)
            buf_fmt(&b, "%s%s x %s", b.n ? ", " : "", text_count(a, p->owned[i].c.devices), p->owned[i].c.acc->id);
    return buf_str(&b);
}

static const char *binding_text(enum binding b)
{
    static const char *const text[BIND_N] = {
        [BIND_NONE] = "other", [BIND_MEMORY] = "memory", [BIND_TTFT] = "TTFT",   [BIND_TPOT] = "TPOT",
        [BIND_E2E] = "E2E",    [BIND_ITL] = "ITL",       [BIND_SUPPLY] = "supply", [BIND_CAPABILITY] = "cannot run",
        [BIND_POWER] = "power", [BIND_BUDGET] = "budget", [BIND_EXPORT] = "export"};
    return text[b] ? text[b] : binding_name[b];
}

static const char *no_answer(struct arena *a, const struct plan *p)
{
    const struct scenario *sc = p->scenario;
    const struct candidate *c = p->ncand ? &p->cand[0] : NULL;
    if (!c)
        return "No accelerator is left to choose from.";
    struct buf b = {.arena = a};
    buf_fmt(&b, "No accelerator keeps every promise. The closest, %s%s, ", c->acc->id,
            c->d.tp > 0 ? arena_printf(a, " (%s)", deployment_text(a, &c->d)) : "");
    for (size_t i = 0; i < sc->nslo; i++) {
        static const enum binding of[SLO_METRIC_N] = {BIND_TTFT, BIND_TPOT, BIND_E2E, BIND_ITL};
        if (of[sc->slo[i].metric] != c->binding || !c->slo || !isfinite(c->slo[i].s.at) || c->slo[i].met)
            continue;
        buf_fmt(&b, "has a %s %s of %s, %s the limit of %s.", slo_key(a, &sc->slo[i]), metric_text(sc->slo[i].metric),
                text_span_time(a, c->slo[i].s), text_times(a, c->short_by), text_limit(a, sc->slo[i].limit_s));
        return buf_str(&b);
    }
    buf_add(&b, c->reason);
    if (isfinite(c->short_by) && c->short_by > 1)
        buf_fmt(&b, " (over by a factor of %s)", text_num(a, c->short_by));
    buf_add(&b, ".");
    return buf_str(&b);
}

const char *plan_answer(struct arena *a, const struct plan *p)
{
    const struct candidate *c = p->best;
    if (!p->answered)
        return no_answer(a, p);
    if (!c)
        return arena_printf(a, "What you own is enough: %s carry all of this traffic, at %s for power and upkeep.", owned_list(a, p),
                            text_usd_h(a, p->owned_usd_h));
    struct buf b = {.arena = a};
    if (p->nowned && !(p->owned_share_frac > 0))
        buf_add(&b, "What you own cannot keep the promises. ");
    else if (p->nowned)
        buf_fmt(&b, "Use the %s you own for %s of the traffic. For the rest: ", owned_list(a, p),
                text_percent(a, p->owned_share_frac));
    int rented = c->billed_devices > c->devices ? c->billed_devices : c->devices;
    buf_fmt(&b, "%s %s x %s (%s%s)", verb(c), text_count(a, rented), c->acc->id,
            rented > c->devices ? arena_printf(a, "%d used: ", c->devices) : "", replicas_text(a, c));
    if (isfinite(c->usd_h))
        buf_fmt(&b, " at %s", text_usd_h(a, c->usd_h));
    buf_fmt(&b, ": %s", latencies(a, p, c));
    if (isfinite(c->usd_mtok))
        buf_fmt(&b, ", %s per million output tokens", text_usd(a, c->usd_mtok));
    buf_fmt(&b, " (%s%s).", grade_name(c->evidence), p->estimate ? "; an estimate, not simulated" : "");
    return buf_str(&b);
}

/* The footnotes that a ranking needs: * weight-only, + another kind of price than asked, ~ not simulated in full. */
struct footnotes { bool fallback, kind, holds, window, format; };

static const char *marks(struct arena *a, const struct candidate *c, struct footnotes *f)
{
    bool kind = c->priced && !c->price_as_asked;
    f->fallback |= c->precision.fallback;
    f->kind |= kind;
    bool window = c->simulated_requests && !c->verified_full;
    f->window |= window;
    return arena_printf(a, "%s%s%s", c->precision.fallback ? "*" : "", kind ? "+" : "", window ? "~" : "");
}

static void footnote_lines(const struct show *s, const struct plan *p, const struct footnotes *f)
{
    struct buf text = {.arena = s->arena};
    buf_add(&text, "[..] 80% interval");
    if (s->width < 110)
        buf_add(&text, "; ev: m measured, i inferred, a assumed");
    if (f->holds)
        buf_add(&text, "; holds: the promises hold at the bad end of the interval too");
    if (p->estimate)
        buf_add(&text, "\nAn estimate from bounds and steady state: no promise is verified; without --estimate everything is simulated");
    else if (f->window)
        buf_add(&text, "\n~ settled on a window of the traffic; the first five and those within 20% of the best are simulated in full");
    if (f->kind)
        buf_fmt(&text, "\n+ no %s price is listed: capital recovery of an owned card", price_kind_name[p->scenario->price.kind]);
    if (f->fallback) {
        const struct candidate *c = NULL;
        for (size_t i = 0; i < p->ncand && !c; i++)
            if (p->cand[i].feasible && p->cand[i].precision.fallback)
                c = &p->cand[i];
        buf_fmt(&text, "\n* no %s arithmetic: %s", precision_table[p->scenario->quant.linear].name, c ? c->precision.text : "weights only");
    }
    buf_add(s->out, ink(s, INK_DIM));
    text_wrap(s->out, buf_str(&text), 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

/* Columns of the ranking: three before the latencies and six behind them. */
enum { COL_LATENCY = 3, COL_AFTER = 6 };

static void ranked_row(struct table *t, const struct candidate *c, const struct shown *m, const struct time_unit *unit, size_t n,
                       struct footnotes *f)
{
    struct arena *a = t->show->arena;
    const char *cell[COL_LATENCY + METRICS_MAX + COL_AFTER];
    size_t k = 0;
    cell[k++] = c->acc->id;
    const char *format = f->format ? arena_printf(a, " %s", precision_table[c->d.quant.linear].name) : "";
    cell[k++] = arena_printf(a, "%s x %s%s%s", text_count(a, c->replicas), deployment_text(a, &c->d), format, marks(a, c, f));
    cell[k++] = text_count(a, c->devices);
    for (size_t i = 0; i < n; i++)
        cell[k++] = text_span_in(a, shown_value(c, &m[i]), unit[i].per_s);
    cell[k++] = isfinite(c->usd_h) ? text_usd(a, c->usd_h) + 1 : "-";
    cell[k++] = isfinite(c->usd_mtok) ? text_usd(a, c->usd_mtok) + 1 : "-";
    cell[k++] = text_num(a, c->power_w / KILO);
    cell[k++] = c->robust ? "yes" : "no";
    cell[k++] = text_big(a, (double)c->simulated_requests);
    cell[k++] = t->show->width >= 110 ? grade_name(c->evidence) : grade_letter(c->evidence);
    table_row(t, c->rank == 1 ? INK_GOOD : NULL, cell);
}

static size_t ranking_columns(const struct show *s, const struct plan *p, const struct shown *m, size_t n, struct time_unit *unit,
                              struct column *col)
{
    struct arena *a = s->arena;
    size_t k = 0;
    col[k++] = (struct column){"accelerator", COL_LEFT, 0, 0};
    col[k++] = (struct column){"replicas", COL_LEFT, 0, 0};
    col[k++] = (struct column){"cards", COL_RIGHT, 0, 0};
    for (size_t i = 0; i < n; i++) {
        unit[i] = text_time_unit(shown_value(&p->cand[0], &m[i]).at);
        col[k++] = (struct column){arena_printf(a, "%s\n%s", m[i].title, unit[i].name), COL_RIGHT, 0, 0};
    }
    col[k++] = (struct column){"$/h", COL_RIGHT, 0, 0};
    col[k++] = (struct column){"$ per\nMtok", COL_RIGHT, 1, 0};
    col[k++] = (struct column){"kW", COL_RIGHT, 2, 0};
    col[k++] = (struct column){"holds", COL_LEFT, 4, 0};
    col[k++] = (struct column){"requests\nsimulated", COL_RIGHT, 5, 0};
    col[k++] = (struct column){s->width >= 110 ? "evidence" : "ev", COL_LEFT, 0, 0};
    return k;
}

/* "costs 2.1x" -> "2.1x" */
static const char *dearer_by(struct arena *a, const struct candidate *c)
{
    static const char costs[] = "costs ";
    if (strncmp(c->reason, costs, sizeof costs - 1) == 0)
        return c->reason + sizeof costs - 1;
    return c->priced ? text_usd_h(a, c->usd_h) : "";
}

/* Those that keep every promise but have no row: the dear and the unpriced. */
static void the_rest(const struct show *s, const struct plan *p, const bool *has_row)
{
    struct arena *a = s->arena;
    struct buf dear = {.arena = a}, own = {.arena = a}, unpriced = {.arena = a};
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        if (!c->feasible || has_row[i])
            continue;
        if (!c->priced)
            buf_fmt(&unpriced, "%s%s (%s)", unpriced.n ? ", " : "", c->acc->id, text_count(a, c->devices));
        else if (!c->price_as_asked)
            buf_fmt(&own, "%s%s %s", own.n ? ", " : "", c->acc->id, text_usd_h(a, c->usd_h));
        else
            buf_fmt(&dear, "%s%s %s", dear.n ? ", " : "", c->acc->id, dearer_by(a, c));
    }
    if (dear.n)
        label_line(s, "dearer", buf_str(&dear));
    if (own.n)
        label_line(s, "to own", arena_printf(a, "(no %s price is listed; capital recovery) %s", price_kind_name[p->scenario->price.kind],
                                             buf_str(&own)));
    if (unpriced.n)
        label_line(s, "no price", arena_printf(a, "(cards needed in brackets) %s", buf_str(&unpriced)));
}

static void ranking(const struct show *s, const struct plan *p)
{
    struct shown m[METRICS_MAX];
    struct time_unit unit[METRICS_MAX];
    struct column col[COL_LATENCY + METRICS_MAX + COL_AFTER];
    struct table t;
    struct footnotes f = {.format = p->scenario->precision_best};
    size_t n = shown_metrics(s->arena, p, m), rows = 0;
    size_t ncol = ranking_columns(s, p, m, n, unit, col);
    bool *has_row = ARENA_ARRAY(s->arena, bool, p->ncand);
    const struct candidate *top = &p->cand[0];
    table_init(&t, s, col, ncol);
    t.indent = 0;
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        bool like_best = c->priced == top->priced && c->price_as_asked == top->price_as_asked;
        if (c->feasible && (s->verbose || (like_best && rows < RANKED_ROWS))) {
            ranked_row(&t, c, m, unit, n, &f);
            has_row[i] = true;
            rows++;
        }
    }
    table_print(&t);
    f.holds = table_has(&t, COL_LATENCY + n + 3);
    footnote_lines(s, p, &f);
    the_rest(s, p, has_row);
}

static const char *missed_by(struct arena *a, const struct candidate *c)
{
    return isfinite(c->short_by) && c->short_by > 1 ? text_times(a, c->short_by) : "";
}

static void losers_table(const struct show *s, const struct plan *p)
{
    static const struct column col[] = {{"accelerator", COL_LEFT, 0, 0}, {"tried", COL_LEFT, 1, 0}, {"fails on", COL_LEFT, 0, 0},
                                        {"by", COL_RIGHT, 0, 0}, {"why", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    struct table t;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        if (c->feasible)
            continue;
        const char *cell[] = {c->acc->id, c->d.tp ? deployment_text(a, &c->d) : "", binding_text(c->binding), missed_by(a, c),
                              c->reason};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

/* One paragraph a reason: "misses TPOT  gaudi3 1.2x, l40s 1.4x, ..." */
static void losers_grouped(const struct show *s, const struct plan *p)
{
    struct arena *a = s->arena;
    for (int g = 0; g < BIND_N; g++) {
        struct buf b = {.arena = a};
        for (size_t i = 0; i < p->ncand; i++) {
            const struct candidate *c = &p->cand[i];
            if (c->feasible || (int)c->binding != g)
                continue;
            const char *by = missed_by(a, c);
            buf_fmt(&b, "%s%s%s%s", b.n ? ", " : "", c->acc->id, *by ? " " : "", by);
        }
        if (b.n)
            label_line(s, binding_text((enum binding)g), buf_str(&b));
    }
}

static void losers(const struct show *s, const struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ncand; i++)
        n += !p->cand[i].feasible;
    if (!n)
        return;
    buf_fmt(s->out, "%s%s%zu %s not%s%s\n", p->nfeasible ? "\n" : "", ink(s, INK_BOLD), n, n == 1 ? "does" : "do", ink_off(s),
            n > LOSER_ROWS && !s->verbose ? ": what fails, and by what factor (--verbose: a line each)" : "");
    if (n > LOSER_ROWS && !s->verbose)
        losers_grouped(s, p);
    else
        losers_table(s, p);
}

static void owned_part(const struct show *s, const struct plan *p)
{
    static const struct column col[] = {{"you own", COL_LEFT, 0, 0}, {"replicas", COL_LEFT, 0, 0}, {"traffic", COL_RIGHT, 0, 0},
                                        {"p99 TTFT", COL_LEFT, 0, 0}, {"p99 TPOT", COL_LEFT, 0, 0}, {"$/h", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!p->nowned)
        return;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < p->nowned; i++) {
        const struct candidate *c = &p->owned[i].c;
        bool used = p->owned[i].share_frac > 0;
        const char *cell[] = {used ? arena_printf(a, "%d x %s", c->devices, c->acc->id) : c->acc->id,
                              used ? arena_printf(a, "%d x %s", c->replicas, deployment_text(a, &c->d)) : *c->reason ? c->reason : "not used",
                              text_percent(a, p->owned[i].share_frac), text_span_time(a, c->ttft_p99),
                              text_span_time(a, c->tpot_p99), isfinite(c->usd_h) ? text_usd(a, c->usd_h) + 1 : "-"};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    if (p->ncand)
        buf_add(s->out, "\n");
}

static const char *asked(struct arena *a, const struct plan *p)
{
    const struct scenario *sc = p->scenario;
    struct buf b = {.arena = a};
    buf_fmt(&b, "%s at %s, KV cache %s", sc->model->id, sc->precision_best ? "the best format of each" : quant_text(a, &sc->quant),
            precision_table[sc->quant.kv].name);
    if (sc->traffic)
        buf_fmt(&b, "; %s: %s requests at %s/s, on average %s tokens in and %s out", sc->traffic->name,
                text_count(a, (double)sc->traffic->n), text_num(a, p->stat.rate_s), text_count(a, p->stat.in_mean),
                text_count(a, p->stat.out_mean));
    return buf_str(&b);
}

static const char *side_text(struct arena *a, const struct apart_side *x)
{
    return arena_printf(a, "%d of %s on %s", x->replicas, deployment_text(a, &x->d), x->d.acc->id);
}

static const char *apart_text(struct arena *a, const struct apart *x)
{
    if (!x->found)
        return arena_printf(a, "prefill and decode apart: %s", x->why);
    return arena_printf(a, "prefill %s, decode %s keep every promise for %s, %s per million output tokens: %s the best above; "
                        "p99 TTFT %s, p99 TPOT %s, transfers %s on average", side_text(a, &x->prefill), side_text(a, &x->decode),
                        text_usd_h(a, x->usd_h), text_usd(a, x->usd_mtok), text_times(a, x->ratio), text_time(a, x->ttft_p99_s),
                        text_time(a, x->tpot_p99_s), text_time(a, x->transfer_mean_s));
}

static void basis(const struct show *s, const struct plan *p)
{
    struct arena *a = s->arena;
    const struct candidate *c = p->best;
    label_line(s, "asked", asked(a, p));
    if (c)
        label_line(s, "runs", arena_printf(a, "%s %s, scheduler %s, at most %s sequences and %s tokens a step, %s", c->d.stack.framework,
                                                    c->d.stack.version, c->scheduler, text_count(a, c->d.max_seqs),
                                                    text_count(a, c->d.max_tokens), c->precision.text));
    if (c && c->price.found)
        label_line(s, "prices", arena_printf(a, "%s%s%s; %s: %s a card (%s to %s), %s", price_kind_name[p->scenario->price.kind],
                                             p->scenario->price.as_of ? " as of " : "",
                                             p->scenario->price.as_of ? text_date(a, p->scenario->price.as_of) : "", c->acc->id,
                                             text_usd_h(a, c->price.usd_h), text_usd(a, c->price.lo_usd_h),
                                             text_usd(a, c->price.hi_usd_h), c->price.source));
    if (c && c->robust)
        label_line(s, "safe", "the best holds every promise at the bad end of the interval too");
    else if (c && c->replicas_robust)
        label_line(s, "to be safe", arena_printf(a, "%s replicas of %s%s%s, hold every promise at the bad end of the interval too",
                                                 text_count(a, c->replicas_robust), c->acc->id, isfinite(c->usd_h_robust) ? ", " : "",
                                                 isfinite(c->usd_h_robust) ? text_usd_h(a, c->usd_h_robust) : ""));
    if (p->api_found)
        label_line(s, "API instead", arena_printf(a, "%s for this traffic (%s per million tokens in, %s out); %s",
                                                  text_usd_h(a, p->api_usd_h), text_usd(a, p->api_in_usd_mtok),
                                                  text_usd(a, p->api_out_usd_mtok), p->api_source));
    struct buf front = {.arena = a};
    for (size_t i = 0; i < p->ncand; i++)
        if (p->cand[i].feasible && p->cand[i].pareto)
            buf_fmt(&front, "%s%s %s %s", front.n ? ", " : "", p->cand[i].acc->id, text_usd_h(a, p->cand[i].usd_h),
                    text_time(a, p->cand[i].e2e_p50.at));
    if (front.n)
        label_line(s, "trade-off", arena_printf(a, "cost against p50 E2E latency: %s", buf_str(&front)));
    if (p->apart)
        label_line(s, "apart", apart_text(a, p->apart));
    size_t whole = 0;
    for (size_t i = 0; i < p->ncand; i++)
        whole += p->cand[i].verified_full;
    label_line(s, "simulated", arena_printf(a, "%s requests%s", text_count(a, (double)p->simulated_requests),
                                            whole ? arena_printf(a, "; %zu of %zu candidates on the whole trace, others on a window", whole,
                                                                 p->ncand) : ""));
}

static void plan_text(const struct show *s, const struct plan *p)
{
    struct arena *a = s->arena;
    const struct scenario *sc = p->scenario;
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, plan_answer(a, p), 0, s->width, 0);
    buf_fmt(s->out, "%s\n\n", ink_off(s));
    owned_part(s, p);
    struct buf slo = {.arena = a};
    for (size_t i = 0; i < sc->nslo; i++)
        buf_fmt(&slo, "%s%s", i ? ", " : "", slo_text(a, &sc->slo[i]));
    if (p->nfeasible) {
        buf_fmt(s->out, "%s%zu accelerator%s %s %s%s\n", ink(s, INK_BOLD), p->nfeasible, p->nfeasible == 1 ? "" : "s",
                p->estimate ? "may keep" : p->nfeasible == 1 ? "keeps" : "keep", slo.n ? buf_str(&slo) : "up with the traffic", ink_off(s));
        ranking(s, p);
    }
    losers(s, p);
    buf_add(s->out, "\n");
    basis(s, p);
}

void show_plan(const struct show *s, const struct plan *p)
{
    if (s->format == FORMAT_JSON)
        plan_json(s, p);
    else if (s->format == FORMAT_CSV)
        plan_csv(s, p);
    else
        plan_text(s, p);
}
