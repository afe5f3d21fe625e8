/* show_plan.c - `moat plan` on a terminal: the answer in a sentence, the ranking, the losers, and what it rests on. */
#include "show/show_plan.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/table.h"
#include "show/text.h"

#define RANKED_ROWS 20          /* more stand behind --verbose */
#define LOSER_ROWS 12           /* more are grouped by reason */

static const char *grade_letter(enum grade g)
{
    static const char *const letter[] = {"m", "i", "a"};
    return letter[g];
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

static const char *plural(int n)
{
    return n == 1 ? "" : "s";
}

/* "3 replicas of tp 2" */
static const char *replicas_text(struct arena *a, const struct candidate *c)
{
    const char *spare = c->spares ? arena_printf(a, ", %d spare", c->spares) : "";
    return arena_printf(a, "%d replica%s, %s%s", c->replicas, plural(c->replicas), deployment_text(a, &c->d), spare);
}

static const char *latencies(struct arena *a, const struct candidate *c)
{
    return arena_printf(a, "p99 TTFT %s, p99 TPOT %s", text_span_time(a, c->ttft_p99), text_span_time(a, c->tpot_p99));
}

static const char *owned_list(struct arena *a, const struct plan *p)
{
    struct buf b = {.arena = a};
    for (size_t i = 0; i < p->nowned; i++)
        buf_fmt(&b, "%s%d x %s", i ? ", " : "", p->owned[i].c.devices, p->owned[i].c.acc->id);
    return buf_str(&b);
}

static const char *no_answer(struct arena *a, const struct plan *p)
{
    const struct scenario *sc = p->scenario;
    const struct candidate *c = p->ncand ? &p->cand[0] : NULL;
    if (!c)
        return "No accelerator is left to choose from.";
    struct buf b = {.arena = a};
    buf_fmt(&b, "No accelerator keeps every promise. The closest is %s (%s): ", c->acc->id, deployment_text(a, &c->d));
    for (size_t i = 0; i < sc->nslo; i++) {
        static const enum binding of[SLO_METRIC_N] = {BIND_TTFT, BIND_TPOT, BIND_E2E, BIND_ITL};
        if (of[sc->slo[i].metric] != c->binding || !c->slo || !isfinite(c->slo[i].s.at) || c->slo[i].met)
            continue;
        buf_fmt(&b, "its %s %s is %s, the limit is %s: %s over.", slo_key(a, &sc->slo[i]), metric_text(sc->slo[i].metric),
                text_span_time(a, c->slo[i].s), text_time(a, sc->slo[i].limit_s), text_times(a, c->short_by));
        return buf_str(&b);
    }
    buf_fmt(&b, "%s (%s binds", c->reason, binding_name[c->binding]);
    if (isfinite(c->short_by) && c->short_by > 1)
        buf_fmt(&b, ", %s over", text_times(a, c->short_by));
    buf_add(&b, ").");
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
    if (p->nowned)
        buf_fmt(&b, "Use the %s you own for %s of the traffic. For the rest: ", owned_list(a, p),
                text_percent(a, p->owned_share_frac));
    int rented = c->billed_devices > c->devices ? c->billed_devices : c->devices;
    buf_fmt(&b, "%s %d x %s (%s%s)", verb(c), rented, c->acc->id,
            rented > c->devices ? arena_printf(a, "%d used: ", c->devices) : "", replicas_text(a, c));
    if (isfinite(c->usd_h))
        buf_fmt(&b, " at %s", text_usd_h(a, c->usd_h));
    buf_fmt(&b, ": %s", latencies(a, c));
    if (isfinite(c->usd_mtok))
        buf_fmt(&b, ", %s per million output tokens", text_usd(a, c->usd_mtok));
    buf_fmt(&b, " (%s).", grade_name(c->evidence));
    return buf_str(&b);
}

/* The footnotes that a ranking needs: * weight-only, + another kind of price than asked. */
struct footnotes { bool fallback, kind, recall; };

static const char *marks(struct arena *a, const struct candidate *c, struct footnotes *f)
{
    bool kind = c->price.found && c->price.note;
    f->fallback |= c->precision.fallback;
    f->kind |= kind;
    f->recall |= c->price.found && c->price.recall;
    return arena_printf(a, "%s%s", c->precision.fallback ? "*" : "", kind ? "+" : "");
}

static void ranked_row(struct table *t, const struct candidate *c, const char *first, struct time_unit ttft,
                       struct time_unit tpot, struct footnotes *f)
{
    struct arena *a = t->show->arena;
    const char *cell[] = {first,
                          c->acc->id,
                          arena_printf(a, "%d x %s%s", c->replicas, deployment_text(a, &c->d), marks(a, c, f)),
                          arena_printf(a, "%d", c->devices),
                          text_span_in(a, c->ttft_p99, ttft.per_s),
                          text_span_in(a, c->tpot_p99, tpot.per_s),
                          isfinite(c->usd_h) ? text_usd(a, c->usd_h) + 1 : "-",
                          isfinite(c->usd_mtok) ? text_usd(a, c->usd_mtok) + 1 : "-",
                          text_num(a, c->power_w / KILO),
                          c->robust ? "yes" : "no",
                          text_big(a, (double)c->simulated_requests),
                          t->show->width >= 110 ? grade_name(c->evidence) : grade_letter(c->evidence)};
    table_row(t, c->rank == 1 ? INK_GOOD : NULL, cell);
}

static void footnote_lines(const struct show *s, const struct plan *p, const struct footnotes *f)
{
    struct buf *b = s->out;
    buf_fmt(b, "  %s", ink(s, INK_DIM));
    text_wrap(b,
              s->width >= 110 ? "[..] 80% interval; holds: the promises hold at the bad end of it too"
                              : "[..] 80% interval; ev: m measured, i inferred, a assumed; holds: the promises hold at the bad end "
                                "of the interval too",
              2, s->width, 2);
    if (f->fallback) {
        const struct candidate *c = NULL;
        for (size_t i = 0; i < p->ncand && !c; i++)
            if (p->cand[i].feasible && p->cand[i].precision.fallback)
                c = &p->cand[i];
        buf_add(b, "\n  ");
        text_wrap(b, arena_printf(s->arena, "* has no %s arithmetic: %s", precision_table[p->scenario->quant.linear].name,
                                  c ? c->precision.text : "weights only"), 2, s->width, 4);
    }
    if (f->kind)
        buf_fmt(b, "\n  + no %s price is listed: %s", price_kind_name[p->scenario->price.kind],
                "capital recovery of an owned card");
    buf_fmt(b, "%s\n", ink_off(s));
}

static void ranking(const struct show *s, const struct plan *p)
{
    struct arena *a = s->arena;
    const struct candidate *top = &p->cand[0];
    struct time_unit ttft = text_time_unit(top->ttft_p99.at), tpot = text_time_unit(top->tpot_p99.at);
    const struct column col[] = {{"#", COL_RIGHT, 0, 0},
                                 {"accelerator", COL_LEFT, 0, 0},
                                 {"replicas", COL_LEFT, 0, 0},
                                 {"cards", COL_RIGHT, 0, 0},
                                 {arena_printf(a, "p99 TTFT\n%s", ttft.name), COL_RIGHT, 0, 0},
                                 {arena_printf(a, "p99 TPOT\n%s", tpot.name), COL_RIGHT, 0, 0},
                                 {"$/h", COL_RIGHT, 0, 0},
                                 {"$ per\nMtok out", COL_RIGHT, 1, 0},
                                 {"kW", COL_RIGHT, 2, 0},
                                 {"holds", COL_LEFT, 4, 0},
                                 {"requests\nsimulated", COL_RIGHT, 5, 0},
                                 {s->width >= 110 ? "evidence" : "ev", COL_LEFT, 0, 0}};
    struct table t;
    struct footnotes f = {0};
    size_t shown = 0, left = 0;
    table_init(&t, s, col, sizeof col / sizeof *col);
    for (size_t i = 0; i < p->ncand; i++) {
        const struct candidate *c = &p->cand[i];
        if (!c->feasible || !c->priced)
            continue;
        if (shown < RANKED_ROWS || s->verbose) {
            ranked_row(&t, c, arena_printf(a, "%d", c->rank), ttft, tpot, &f);
            shown++;
        } else {
            left++;
        }
    }
    size_t unpriced = 0;
    for (size_t i = 0; i < p->ncand; i++)
        if (p->cand[i].feasible && !p->cand[i].priced && (unpriced++ < RANKED_ROWS / 2 || s->verbose))
            ranked_row(&t, &p->cand[i], "-", ttft, tpot, &f);
    table_print(&t);
    if (left || unpriced) {
        struct buf b = {.arena = a};
        const char *sep = "";
        if (unpriced)
            buf_fmt(&b, "%zu without a price (- in the first column)%s", unpriced, left ? ". " : "");
        if (left)
            buf_add(&b, "Dearer still: ");
        size_t skip = 0;
        for (size_t i = 0; i < p->ncand && left; i++)
            if (p->cand[i].feasible && p->cand[i].priced && skip++ >= shown) {
                buf_fmt(&b, "%s%s %s", sep, p->cand[i].acc->id, text_usd_h(a, p->cand[i].usd_h));
                sep = ", ";
            }
        buf_add(s->out, "  ");
        text_wrap(s->out, buf_str(&b), 2, s->width, 2);
        buf_add(s->out, "\n");
    }
    footnote_lines(s, p, &f);
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
        const char *cell[] = {c->acc->id, c->d.tp ? deployment_text(a, &c->d) : "", binding_name[c->binding], missed_by(a, c),
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
            label_line(s, arena_printf(a, "  %s", binding_name[g]), buf_str(&b));
    }
}

static void losers(const struct show *s, const struct plan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ncand; i++)
        n += !p->cand[i].feasible;
    if (!n)
        return;
    buf_fmt(s->out, "\n%s%zu %s not%s%s\n", ink(s, INK_BOLD), n, n == 1 ? "does" : "do", ink_off(s),
            n > LOSER_ROWS && !s->verbose ? ", by what fails and how many times over (--verbose: one line each)" : "");
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
        const char *cell[] = {arena_printf(a, "%d x %s", c->devices, c->acc->id),
                              arena_printf(a, "%d x %s", c->replicas, deployment_text(a, &c->d)),
                              text_percent(a, p->owned[i].share_frac), text_span_time(a, c->ttft_p99),
                              text_span_time(a, c->tpot_p99), isfinite(c->usd_h) ? text_usd(a, c->usd_h) + 1 : "-"};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    buf_add(s->out, "\n");
}

static const char *asked(struct arena *a, const struct plan *p)
{
    const struct scenario *sc = p->scenario;
    struct buf b = {.arena = a};
    buf_fmt(&b, "%s at %s, KV cache %s", sc->model->id, precision_table[sc->quant.linear].name, precision_table[sc->quant.kv].name);
    if (sc->traffic)
        buf_fmt(&b, "; %s: %s requests at %s/s, on average %s tokens in and %s out", sc->traffic->name,
                text_count(a, (double)sc->traffic->n), text_num(a, p->stat.rate_s), text_count(a, p->stat.in_mean),
                text_count(a, p->stat.out_mean));
    return buf_str(&b);
}

static void basis(const struct show *s, const struct plan *p)
{
    struct arena *a = s->arena;
    const struct candidate *c = p->best;
    label_line(s, "asked", asked(a, p));
    if (c && c->price.found)
        label_line(s, "prices", arena_printf(a, "%s%s%s; %s: %s a card (%s to %s), %s", price_kind_name[p->scenario->price.kind],
                                             p->scenario->price.as_of ? " as of " : "",
                                             p->scenario->price.as_of ? text_date(a, p->scenario->price.as_of) : "", c->acc->id,
                                             text_usd_h(a, c->price.usd_h), text_usd(a, c->price.lo_usd_h),
                                             text_usd(a, c->price.hi_usd_h), c->price.source));
    if (p->api_found)
        label_line(s, "API instead", arena_printf(a, "%s for this traffic (%s per million tokens in, %s out); %s",
                                                  text_usd_h(a, p->api_usd_h), text_usd(a, p->api_in_usd_mtok),
                                                  text_usd(a, p->api_out_usd_mtok), p->api_source));
    struct buf front = {.arena = a};
    for (size_t i = 0; i < p->ncand; i++)
        if (p->cand[i].feasible && p->cand[i].pareto)
            buf_fmt(&front, "%s%s %s %s", front.n ? ", " : "", p->cand[i].acc->id, text_usd_h(a, p->cand[i].usd_h),
                    text_time(a, p->cand[i].tpot_p99.at));
    if (front.n)
        label_line(s, "trade-off", arena_printf(a, "cost against p99 TPOT: %s", buf_str(&front)));
    size_t whole = 0;
    for (size_t i = 0; i < p->ncand; i++)
        whole += p->cand[i].verified_full;
    label_line(s, "simulated", arena_printf(a, "%s requests in all; %zu of %zu candidates on the whole trace, the others on a window "
                                               "of it", text_count(a, (double)p->simulated_requests), whole, p->ncand));
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
        buf_fmt(s->out, "%s%zu accelerator%s keep%s %s%s\n", ink(s, INK_BOLD), p->nfeasible, p->nfeasible == 1 ? "" : "s",
                p->nfeasible == 1 ? "s" : "", slo.n ? buf_str(&slo) : "up with the traffic", ink_off(s));
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
