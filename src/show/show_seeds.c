/* show_seeds.c - what several seeds say: the interval of the draw beside that of the prediction. */
#include "show/show_seeds.h"

#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/table.h"
#include "show/text.h"

static const struct { enum slo_metric metric; enum outcome_key first; const char *key; } latency[] = {
    {SLO_TTFT, OUT_TTFT_MEAN, "ttft_ms"}, {SLO_TPOT, OUT_TPOT_MEAN, "tpot_ms"}, {SLO_ITL, OUT_ITL_MEAN, "itl_ms"},
    {SLO_E2E, OUT_E2E_MEAN, "e2e_ms"}};
static const char *const at[] = {"mean", "p50", "p90", "p99"};
enum { LATENCIES = sizeof latency / sizeof *latency, AT = sizeof at / sizeof *at };

const char *outcome_name(struct arena *a, enum outcome_key k)
{
    return arena_printf(a, "%s%s", outcome_table[k].name, outcome_table[k].time ? "_ms" : "");
}

double outcome_scale(enum outcome_key k)
{
    return outcome_table[k].time ? MS_PER_S : 1;
}

static void kept(const struct show *s, const struct scenario *sc, const struct seeds *all)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    if (!sc->nslo)
        return;
    buf_add(s->out, "\n");
    table_init(&t, s, col, 2);
    for (size_t i = 0; i < sc->nslo; i++) {
        const char *cell[] = {slo_text(a, &sc->slo[i]), arena_printf(a, "kept in %zu of %zu seeds", all->kept[i], all->n)};
        table_row(&t, all->kept[i] == all->n ? INK_GOOD : INK_BAD, cell);
    }
    table_print(&t);
}

void seeds_text(const struct show *s, const struct scenario *sc, const struct seeds *all)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"mean", COL_LEFT, 0, 0}, {"p50", COL_LEFT, 0, 0},
                                        {"p90", COL_LEFT, 1, 0}, {"p99", COL_LEFT, 0, 0}};
    struct arena *a = s->arena;
    struct table t;
    buf_add(s->out, "\n");
    if (all->same) {
        text_wrap(s->out, arena_printf(a, "All %zu seeds give the same: nothing is drawn here.", all->n), 0, s->width, 0);
        buf_add(s->out, "\n");
        return;
    }
    text_wrap(s->out, arena_printf(a, "Over %zu seeds (%llu to %llu), with the %s interval of the draw alone (quantiles: median, %s):",
                                   all->n, (unsigned long long)all->first, (unsigned long long)(all->first + all->n - 1),
                                   text_percent(a, SEEDS_LEVEL), text_percent(a, all->order_level)), 0, s->width, 0);
    buf_add(s->out, "\n\n");
    table_init(&t, s, col, 5);
    for (int i = 0; i < LATENCIES; i++) {
        const char *cell[AT + 1] = {metric_text(latency[i].metric)};
        for (int k = 0; k < AT; k++)
            cell[k + 1] = text_span_time(a, all->over[(int)latency[i].first + k]);
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    kept(s, sc, all);
    if (all->saturated) {
        text_wrap(s->out, arena_printf(a, "The queue grew without end in %zu of %zu seeds: their latencies are lower bounds.",
                                       all->saturated, all->n), 0, s->width, 0);
        buf_add(s->out, "\n");
    }
}

void seeds_json(struct jw *w, const struct scenario *sc, const struct seeds *all)
{
    jw_obj(w, "seeds");
    jw_int(w, "n", (int64_t)all->n);
    jw_int(w, "first", (int64_t)all->first);
    jw_num(w, "level_frac", SEEDS_LEVEL);
    jw_num(w, "quantile_level_frac", all->order_level);
    jw_bool(w, "same", all->same);
    jw_int(w, "held", (int64_t)all->held);
    jw_int(w, "saturated", (int64_t)all->saturated);
    jw_arr(w, "slo_kept");
    for (size_t i = 0; i < sc->nslo; i++)
        jw_int(w, NULL, (int64_t)all->kept[i]);
    jw_end(w);
    for (int i = 0; i < LATENCIES; i++) {
        jw_obj(w, latency[i].key);
        for (int k = 0; k < AT; k++)
            jw_span(w, at[k], all->over[(int)latency[i].first + k], MS_PER_S);
        jw_end(w);
    }
    for (int k = OUT_REQ_S; k < OUT_N; k++)
        jw_span(w, outcome_table[k].name, all->over[k], 1);
    jw_end(w);
}

void seeds_csv_head(struct buf *b)
{
    buf_add(b, ",seeds,seeds_held");
    for (int k = OUT_TTFT_MEAN; k < OUT_N; k++) {
        const char *name = outcome_name(b->arena, (enum outcome_key)k);
        buf_fmt(b, ",seeds_%s,seeds_%s_lo,seeds_%s_hi", name, name, name);
    }
}

void seeds_csv(struct buf *b, const struct seeds *all)
{
    csv_int(b, (int64_t)all->n);
    csv_int(b, (int64_t)all->held);
    for (int k = OUT_TTFT_MEAN; k < OUT_N; k++) {
        double scale = outcome_scale((enum outcome_key)k);
        csv_num(b, all->over[k].at * scale);
        csv_num(b, all->over[k].lo * scale);
        csv_num(b, all->over[k].hi * scale);
    }
}
