/* bench_predict.c - a measured run beside its prediction. */
#include "live/bench_predict.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"

static double measured(const struct bench_span *s, double q)
{
    return q < 0 ? s->mean : q == 0.5 ? s->p50 : s->p99;
}

size_t bench_pairs(const struct bench *b, const struct sim_run_out *r, struct bench_pair pair[BENCH_PAIRS])
{
    static const struct { const char *name, *key; enum bench_metric metric; int slo; double q; } row[] = {
        {"mean TTFT", "mean_ttft_ms", BENCH_TTFT, SLO_TTFT, -1},       {"p50 TTFT", "p50_ttft_ms", BENCH_TTFT, SLO_TTFT, 0.5},
        {"p99 TTFT", "p99_ttft_ms", BENCH_TTFT, SLO_TTFT, 0.99},       {"mean TPOT", "mean_tpot_ms", BENCH_TPOT, SLO_TPOT, -1},
        {"p50 TPOT", "p50_tpot_ms", BENCH_TPOT, SLO_TPOT, 0.5},        {"p99 TPOT", "p99_tpot_ms", BENCH_TPOT, SLO_TPOT, 0.99},
        {"mean E2E latency", "mean_e2el_ms", BENCH_E2EL, SLO_E2E, -1}, {"p99 E2E latency", "p99_e2el_ms", BENCH_E2EL, SLO_E2E, 0.99},
    };
    size_t n = 0;
    for (; n < sizeof row / sizeof *row; n++)
        pair[n] = (struct bench_pair){row[n].name, row[n].key, true, measured(&b->metric[row[n].metric], row[n].q),
                                      sim_metric(&r->r, row[n].slo, row[n].q), sim_metric(&r->lo, row[n].slo, row[n].q),
                                      sim_metric(&r->hi, row[n].slo, row[n].q), 0};
    double rate = b->duration_s > 0 ? 1 / b->duration_s : NAN;
    pair[n++] = (struct bench_pair){"requests/s", "request_throughput", false, (double)b->completed * rate, r->r.req_s, r->hi.req_s, r->lo.req_s, 0};
    pair[n++] = (struct bench_pair){"output tok/s", "output_throughput", false, (double)b->tok_out * rate, r->r.output_tok_s, r->hi.output_tok_s,
                                    r->lo.output_tok_s, 0};
    for (size_t i = 0; i < n; i++)
        pair[i].ratio = pair[i].predicted / pair[i].measured;
    return n;
}

static const char header[] = "id,kind,model,accelerator,accelerators,framework,date,precision,kv_precision,tp,pp,dp,ep,concurrency,"
                             "request_rate_rps,num_prompts,isl,osl,max_seqs,ttft_mean_ms,ttft_p50_ms,tpot_mean_ms,tpot_p50_ms,output_tok_s,total_tok_s\n";

static void cell(struct buf *b, const char *s)
{
    char quoted[512];
    csv_quote(quoted, sizeof quoted, s);
    buf_fmt(b, "%s,", quoted);
}

static void number(struct buf *b, double v, char end)
{
    if (isfinite(v))
        buf_num(b, v);
    buf_addn(b, &end, 1);
}

/* A chip file is named by its path, as in the scenario; what is in the catalog by its id. */
static const char *accelerator_name(const struct scenario *sc)
{
    const struct node *nd = node_get(sc->doc, "accelerator");
    const char *text = nd && nd->text ? nd->text : "", *dot = strrchr(text, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0) ? text : sc->deploy.acc->id;
}

bool bench_point(const struct bench *b, const struct bench_options *o, const struct traffic *t, const struct scenario *sc,
                 const struct sim_run_out *r, const char *date, const char *have, const char *file, struct buf *out, struct err *e)
{
    bool fresh = !have || !*have;
    size_t first = fresh ? 0 : strcspn(have, "\r\n");
    if (!fresh && (first != strlen(header) - 1 || strncmp(have, header, first) != 0))
        return err_input(e, file, "has other columns: name another file for --points");
    buf_add(out, fresh ? header : have);
    if (!fresh && have[strlen(have) - 1] != '\n')
        buf_add(out, "\n");
    double n = (double)b->completed, rate = b->duration_s > 0 ? 1 / b->duration_s : NAN;
    cell(out, arena_printf(out->arena, "bench %s %s x%d %s", date, sc->model->id, r->devices, o->closed ? "closed" : "open"));
    buf_add(out, "serving,");
    cell(out, sc->model->id);
    cell(out, accelerator_name(sc));
    buf_fmt(out, "%d,", r->devices);
    cell(out, r->d.stack.framework);
    cell(out, date);
    cell(out, precision_table[r->d.quant.linear].name);
    cell(out, precision_table[r->d.quant.kv].name);
    buf_fmt(out, "%d,%d,%d,%d,", r->d.tp, r->d.pp, r->d.dp, r->d.ep);
    number(out, o->closed ? (double)o->concurrency : (double)NAN, ',');
    number(out, o->closed ? NAN : t->rate_s, ',');
    number(out, n, ',');
    number(out, (double)b->tok_in / n, ',');
    number(out, (double)b->tok_out / n, ',');
    number(out, r->d.max_seqs, ',');
    number(out, b->metric[BENCH_TTFT].mean * 1e3, ',');
    number(out, b->metric[BENCH_TTFT].p50 * 1e3, ',');
    number(out, b->metric[BENCH_TPOT].mean * 1e3, ',');
    number(out, b->metric[BENCH_TPOT].p50 * 1e3, ',');
    number(out, (double)b->tok_out * rate, ',');
    number(out, (double)(b->tok_in + b->tok_out) * rate, '\n');
    return true;
}
