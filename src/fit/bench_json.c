/* bench_json.c - model_id, max_concurrency, total_input_tokens, mean_ttft_ms, ... become columns of a point file.
**
**      isl = total_input_tokens / completed        osl = total_output_tokens / completed
**
** Keys as vllm/benchmarks/serve.py writes them (SGLang's bench_serving has most of them). A request_rate of "inf" with
** max_concurrency is a closed loop, without it everything is sent at once; a finite rate is an open loop.
*/
#include "fit/bench_json.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"

struct result {
    double prompts, completed, input_tok, output_tok, rate_s, concurrency;
    const char *model, *backend;
};

static const struct {
    const char *key, *column;
} metric[] = {
    {"mean_ttft_ms", "ttft_mean_ms"},      {"median_ttft_ms", "ttft_p50_ms"},
    {"mean_tpot_ms", "tpot_mean_ms"},      {"median_tpot_ms", "tpot_p50_ms"},
    {"output_throughput", "output_tok_s"}, {"total_token_throughput", "total_tok_s"},
};
#define METRICS (sizeof metric / sizeof *metric)

/* A number of 0 or more; 0 where the key is absent, null, or an endless rate ("inf"). */
static bool number(struct arena *a, const struct node *doc, const char *key, double *out, struct err *e)
{
    const struct node *nd = node_get(doc, key);
    *out = 0;
    if (!nd || node_is_null(nd) || (nd->kind == NODE_SCALAR && strcmp(nd->text, "inf") == 0))
        return true;
    if (!node_f64(a, nd, out, e))
        return false;
    return (*out >= 0 && isfinite(*out)) || err_input(e, node_place(a, nd), "expected 0 or more, got %g", *out);
}

static const char *word(const struct node *doc, const char *key)
{
    const struct node *nd = node_get(doc, key);
    return nd && nd->kind == NODE_SCALAR && !node_is_null(nd) ? nd->text : NULL;
}

static bool read_result(struct arena *a, const char *path, const struct node *doc, struct result *r, struct err *e)
{
    *r = (struct result){
        .model = word(doc, "model_id"),
        .backend = word(doc, node_get(doc, "backend") ? "backend" : "endpoint_type"),
    };
    if (doc->kind != NODE_MAP || !node_get(doc, "completed") || !node_get(doc, "total_input_tokens"))
        return err_input(e, path, "is no benchmark result: it lacks completed or total_input_tokens"),
               err_mend(e, "vllm bench serve --save-result writes one");
    if (!number(a, doc, "num_prompts", &r->prompts, e) || !number(a, doc, "completed", &r->completed, e) ||
        !number(a, doc, "total_input_tokens", &r->input_tok, e) ||
        !number(a, doc, "total_output_tokens", &r->output_tok, e) ||
        !number(a, doc, "request_rate", &r->rate_s, e) || !number(a, doc, "max_concurrency", &r->concurrency, e))
        return false;
    if (r->completed < 1)
        return err_input(e, path, "no request was completed");
    return true;
}

static const char *framework_of(const struct fit_given *g, const char *backend)
{
    if (g->framework)
        return g->framework;
    if (backend && strncmp(backend, "sglang", 6) == 0)
        return "sglang";
    return backend && strncmp(backend, "tensorrt", 8) == 0 ? "trtllm" : "vllm";
}

static bool complete(struct arena *a, const char *path, const struct fit_given *g, struct err *e)
{
    if (g->accelerator && g->precision && g->tp)
        return true;
    const char *all = arena_printf(a, "%s%s%s", g->accelerator ? "" : ", accelerator",
                                   g->precision ? "" : ", precision", g->tp ? "" : ", tp");
    err_input(e, path, "a benchmark result does not say %s", all + 2);
    return err_mend(e, "give%s%s%s", g->accelerator ? "" : " --accelerator ID",
                    g->precision ? "" : " --precision FORMAT", g->tp ? "" : " --tp N");
}

static void cell(struct buf *b, const char *s)
{
    char quoted[512];
    csv_quote(quoted, sizeof quoted, s);
    buf_fmt(b, "%s,", quoted);
}

static void count(struct buf *b, double v)
{
    if (v > 0)
        buf_num(b, v);
    buf_add(b, ",");
}

static void load(struct buf *b, const struct result *r)
{
    bool open = r->rate_s > 0, loop = !open && r->concurrency > 0;
    count(b, loop ? r->concurrency : 0);
    count(b, open ? r->rate_s : 0);
    buf_add(b, open || loop ? "no," : "yes,");
    count(b, r->completed);
    count(b, r->input_tok / r->completed);
    count(b, r->output_tok / r->completed);
}

bool fit_bench_csv(struct arena *a, const char *path, const char *bytes, size_t n, const struct fit_given *g,
                   struct buf *csv, struct notes *notes, struct err *e)
{
    struct node *doc;
    struct result r;
    const char *slash = strrchr(path, '/');
    if (!doc_json(a, path, bytes, n, &doc, e) || !read_result(a, path, doc, &r, e) || !complete(a, path, g, e))
        return false;
    if (!g->model && !r.model)
        return err_input(e, path, "does not say the model"), err_mend(e, "give --model MODEL");
    if (r.prompts > r.completed)
        note_add(notes, "%s: %g of %g requests were completed", path, r.completed, r.prompts);
    if (r.rate_s > 0 && r.concurrency > 0)
        note_add(notes, "%s: request_rate and max_concurrency: taken for an open loop at %g a second", path, r.rate_s);
    buf_add(csv, "id,model,accelerator,framework,precision,tp,pp,dp,ep,concurrency,request_rate_rps,all_queued,"
                 "num_prompts,isl,osl");
    for (size_t i = 0; i < METRICS; i++)
        buf_fmt(csv, ",%s", metric[i].column);
    buf_add(csv, "\n");
    cell(csv, slash ? slash + 1 : path);
    cell(csv, g->model ? g->model : r.model);
    cell(csv, g->accelerator);
    cell(csv, framework_of(g, r.backend));
    cell(csv, g->precision);
    count(csv, (double)g->tp);
    count(csv, (double)g->pp);
    count(csv, (double)g->dp);
    count(csv, (double)g->ep);
    load(csv, &r);
    for (size_t i = 0; i < METRICS; i++) {
        double v;
        if (!number(a, doc, metric[i].key, &v, e))
            return false;
        if (node_get(doc, metric[i].key) && !node_is_null(node_get(doc, metric[i].key)))
            buf_num(csv, v);
        buf_add(csv, i + 1 < METRICS ? "," : "\n");
    }
    return true;
}
