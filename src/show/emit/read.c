/* read.c - the JSON of `moat plan` into what a deployment needs. Whatever the file lacks or twists is an error that names its key. */
#include <ctype.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/catalog.h"
#include "show/emit.h"

static const struct node *chosen(struct arena *a, const struct node *doc, int rank, struct err *e)
{
    const struct node *best = node_get(doc, "best"), *all = node_get(doc, "candidates");
    if (!rank && best && !node_is_null(best))
        return best;
    if (!rank)
        return err_input(e, node_place(a, doc), "this plan has no answer: nothing feasible was found"), NULL;
    for (size_t i = 0; all && all->kind == NODE_SEQ && i < all->n; i++) {
        int64_t r = 0;
        const struct node *nd = node_get(&all->item[i], "rank");
        if (nd && !node_is_null(nd) && !node_int(a, nd, 1, INT32_MAX, &r, e))
            return NULL;
        if (r == rank)
            return &all->item[i];
    }
    return err_input(e, node_place(a, doc), "no candidate has rank %d", rank), NULL;
}

static const struct node *need(struct arena *a, const struct node *map, const char *key, struct err *e)
{
    const struct node *nd = node_get(map, key);
    if (nd && !node_is_null(nd))
        return nd;
    err_input(e, node_place(a, map), "has no \"%s\"", key);
    err_mend(e, "expected the document that `moat plan --json` prints");
    return NULL;
}

static bool text(struct arena *a, const struct node *map, const char *key, const char **out, struct err *e)
{
    const struct node *nd = need(a, map, key, e);
    return nd && node_str(a, nd, out, e);
}

static bool count(struct arena *a, const struct node *map, const char *key, int64_t lo, int64_t *out, struct err *e)
{
    const struct node *nd = need(a, map, key, e);
    return nd && node_int(a, nd, lo, 1000000000, out, e);
}

static bool counts(struct arena *a, const struct node *map, struct emit_plan *p, struct err *e)
{
    const struct { const char *key; int *to; int64_t lo; } row[] = {
        {"tp", &p->tp, 1}, {"pp", &p->pp, 1}, {"dp", &p->dp, 1}, {"ep", &p->ep, 1}, {"replicas", &p->replicas, 1}, {"spares", &p->spares, 0},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        int64_t v = 0;
        if (!count(a, map, row[i].key, row[i].lo, &v, e))
            return false;
        *row[i].to = (int)v;
    }
    int64_t most = p->replicas;
    const struct node *robust = node_get(map, "replicas_robust");
    if (robust && !node_is_null(robust) && !node_int(a, robust, 0, 1000000000, &most, e))
        return false;
    p->replicas_robust = (int)most;
    if (!count(a, map, "max_seqs", 1, &p->max_seqs, e) || !count(a, map, "max_tokens", 1, &p->max_tokens, e) ||
        !count(a, map, "max_context", 1, &p->max_context, e))
        return false;
    if (p->max_seqs > p->max_tokens)
        p->max_seqs = p->max_tokens; /* as it is simulated; engines refuse more sequences than tokens of a step */
    return true;
}

static bool number(struct arena *a, const struct node *map, const char *key, double lo, double hi, double *out, struct err *e)
{
    const struct node *nd = need(a, map, key, e);
    if (!nd || !node_f64(a, nd, out, e))
        return false;
    return (*out >= lo && *out <= hi) || err_input(e, node_place(a, nd), "expected %g to %g, got %g", lo, hi, *out);
}

static bool limits(struct arena *a, const struct node *best, struct emit_plan *p, struct err *e)
{
    const struct node *slo = node_get(best, "slo");
    if (!slo || slo->kind != NODE_SEQ || !slo->n)
        return true;
    struct emit_limit *l = ARENA_ARRAY(a, struct emit_limit, slo->n);
    for (size_t i = 0; i < slo->n; i++)
        if (!text(a, &slo->item[i], "metric", &l[i].metric, e) || !text(a, &slo->item[i], "at", &l[i].at, e) ||
            !number(a, &slo->item[i], "limit_ms", 0, 1e12, &l[i].limit_ms, e))
            return false;
    p->limit = l;
    p->nlimit = slo->n;
    return true;
}

/* A DNS label of RFC 1123: lower case, digits and dashes, 40 characters so that suffixes fit. */
static const char *label(struct arena *a, const char *id)
{
    char out[41];
    size_t n = 0;
    for (const char *c = id; *c && n < 40; c++)
        if (isalnum((unsigned char)*c))
            out[n++] = (char)tolower((unsigned char)*c);
        else if (n && out[n - 1] != '-')
            out[n++] = '-';
    while (n && out[n - 1] == '-')
        n--;
    return n ? arena_strndup(a, out, n) : "model";
}

/* What the engine must do to a checkpoint to run it as planned. */
static void quantisation(struct emit_plan *p, struct notes *notes)
{
    enum precision declared = p->known ? p->known->quant.linear : PREC_BF16;
    bool same = p->precision == declared || ((p->precision == PREC_BF16 || p->precision == PREC_FP16) && declared <= PREC_FP16);
    if (same)
        return;
    if (p->precision == PREC_FP8 && declared <= PREC_FP16 && p->engine != &emit_trtllm)
        p->quantize = "fp8";
    else
        note_add(notes, "%s is planned in %s: name a checkpoint in that format with --model", p->model, precision_table[p->precision].name);
}

static bool spread(struct arena *a, struct emit_plan *p, const struct node *best, struct err *e)
{
    int host = p->acc->host_cards > 0 ? p->acc->host_cards : 1;
    int64_t devices = (int64_t)p->tp * p->pp * p->dp;
    if (devices > 100000)
        return err_input(e, node_place(a, best), "a replica of %lld devices is not one", (long long)devices);
    p->devices = (int)devices;
    p->nodes = (p->devices + host - 1) / host;
    p->node_devices = p->devices / p->nodes;
    if (p->node_devices * p->nodes != p->devices)
        return err_input(e, node_place(a, best), "a replica of %d devices does not divide over hosts of %d", p->devices, host);
    return true;
}

bool emit_read(struct arena *a, struct catalog *c, const struct node *doc, const char *file, const struct emit_target *t,
               struct emit_choice choice, struct emit_plan *out, struct notes *notes, struct err *e)
{
    const char *schema = NULL, *acc = NULL, *framework = NULL, *precision = NULL, *kv = NULL, *mode = NULL;
    if (doc->kind != NODE_MAP || !node_get(doc, "schema") || !node_str(a, node_get(doc, "schema"), &schema, e) ||
        strcmp(schema, "moat.plan/1") != 0) {
        err_input(e, file, "expected the document that `moat plan --json` prints");
        return false;
    }
    const struct node *best = chosen(a, doc, choice.rank, e), *traffic = best ? need(a, doc, "traffic", e) : NULL;
    *out = (struct emit_plan){.arena = a, .file = file, .answer = "", .extra = "extra.yaml"};
    if (!traffic || !text(a, best, "accelerator", &acc, e) || !text(a, best, "model", &out->model, e) ||
        !text(a, best, "framework", &framework, e) || !text(a, best, "precision", &precision, e) || !text(a, best, "kv_cache", &kv, e) ||
        !text(a, best, "scheduler", &out->scheduler, e) || !text(a, best, "mode", &mode, e) || !counts(a, best, out, e) ||
        !number(a, best, "memory_frac", 0.01, 1, &out->memory_frac, e) || !number(a, traffic, "req_s", 0, 1e12, &out->req_s, e) ||
        !number(a, traffic, "in_tok_mean", 1, 1e9, &out->in_tok, e) || !number(a, traffic, "out_tok_mean", 1, 1e9, &out->out_tok, e) ||
        !limits(a, best, out, e))
        return false;
    const struct node *weights = node_at(best, "memory.weights_gb"), *fw = node_get(best, "framework_version"), *answer = node_get(doc, "answer");
    double gb = 0;
    if (!node_f64(a, weights, &gb, e) || (fw && !node_is_null(fw) && !node_str(a, fw, &out->framework_version, e)) ||
        (answer && !choice.rank && !node_str(a, answer, &out->answer, e)))
        return false;
    out->weights_bytes = gb * 1e9;
    if (strcmp(mode, "aggregated") != 0)
        return err_input(e, node_place(a, best), "mode %s: only aggregated plans can be emitted", mode);
    out->acc = catalog_accelerator(c, acc, node_place(a, best), notes, e);
    if (!out->acc)
        return false;
    out->precision = precision_find(precision);
    if (out->precision == PREC_N)
        return err_input(e, node_place(a, best), "precision: \"%s\" is no format", precision);
    enum precision in_cache = precision_find(kv);
    out->kv_fp8 = in_cache == PREC_FP8 || in_cache == PREC_FP8_BLOCK;
    out->engine = t->only ? t->only : emit_engine_find(framework);
    if (!out->engine) {
        err_input(e, node_place(a, best), "framework %s has no flags here", framework);
        return err_mend(e, "name one with --target vllm, sglang or trtllm, or plan with --framework");
    }
    if (t->only && emit_engine_find(framework) != t->only) {
        out->framework_version = NULL;
        note_add(notes, "the plan is for %s: speeds of %s differ", framework, t->only->help);
    }
    struct err none = {0};
    out->known = catalog_model(c, out->model, "", NULL, &none);
    out->repo = choice.model ? choice.model : out->known ? out->known->name : out->model;
    out->name = label(a, out->model);
    out->port = out->engine->port;
    quantisation(out, notes);
    if (!spread(a, out, best, e))
        return false;
    out->image = choice.image ? choice.image : out->engine->image(a, out);
    return true;
}
