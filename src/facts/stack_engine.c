/* stack_engine.c - what a stack file says beside its operators: host times, kernels, engine defaults, intervals. */
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/units.h"
#include "facts/stack_file.h"

bool stack_say(struct arena *a, const struct node *map, const char *key, double *out, struct err *e)
{
    return node_f64(a, node_get(map, key), out, e);
}

bool stack_say_s(struct arena *a, const struct node *map, const char *key, double *out, struct err *e)
{
    return node_unit(a, node_get(map, key), UNIT_DURATION_S, out, e);
}

/* A share of a peak: in (0, 1]. */
bool stack_share(struct arena *a, const struct node *map, const char *key, double *out, struct err *e)
{
    if (!stack_say(a, map, key, out, e))
        return false;
    if (node_get(map, key) && !(*out > 0 && *out <= 1))
        return err_input(e, node_place(a, node_get(map, key)), "expected a share of the peak from 0 to 1, got %g",
                         *out);
    return true;
}

static bool read_int(struct arena *a, const struct node *map, const char *key, int *out, struct err *e)
{
    int64_t v = *out;
    if (!node_int(a, node_get(map, key), 1, 1000000000, &v, e))
        return false;
    *out = (int)v;
    return true;
}

static bool read_sizes(struct arena *a, const struct node *list, struct stack_file *f, struct err *e)
{
    static const char *const names[] = {"from", "max_seqs", "max_tokens", "except"};
    if (!list)
        return true;
    f->nsize = list->n;
    f->size = ARENA_ARRAY(a, struct size_row, f->nsize);
    for (size_t i = 0; i < f->nsize; i++) {
        const struct node *m = &list->item[i], *except = node_get(m, "except");
        struct size_row *r = &f->size[i];
        if (!node_keys(a, m, names, 4, e) || !node_unit(a, node_get(m, "from"), UNIT_BYTES, &r->from_bytes, e) ||
            !read_int(a, m, "max_seqs", &r->max_seqs, e) || !read_int(a, m, "max_tokens", &r->max_tokens, e))
            return false;
        if (except && except->kind == NODE_SEQ && except->n == 1)
            except = &except->item[0];
        if (!node_str(a, except, &r->except, e))
            return false;
    }
    return true;
}

static bool read_skew(struct arena *a, const struct node *map, double *out, struct err *e)
{
    const struct node *at = node_get(map, "routing_skew");
    return node_f64(a, at, out, e) &&
           (!at || (*out >= 0 && *out < 1) || err_input(e, node_place(a, at), "expected 0 to below 1, got %g", *out));
}

/* 64 is the least tile of the timings that the constants were fitted to; wider ones have no tile of their own. */
static bool node_rows(struct arena *a, const struct node *nd, double *out, struct err *e)
{
    int64_t rows = (int64_t)*out;
    if (!node_int(a, nd, 1, 64, &rows, e))
        return false;
    *out = (double)rows;
    return true;
}

static bool read_engine(struct arena *a, const struct node *doc, struct stack_file *f, bool alone, struct err *e)
{
    const struct node *eng = node_get(doc, "engine"), *srv = node_get(doc, "serving"), *ker = node_get(doc, "kernels");
    static const char *const eng_names[] = {"memory_frac",      "memory_frac_of_free", "workspace",
                                            "workspace_source", "block_tok",           "defaults",
                                            "defaults_source",  "prompts_one_by_one"};
    static const char *const srv_names[] = {
        "step_fixed", "step_per_seq", "request_fixed", "prefill_floor_per_layer", "recv_interval_steps", "source"};
    static const char *const ker_names[] = {"small_dense", "small_moe", "elementwise_passes", "least_rows", "routing_skew", "source"};
    struct stack *s = &f->base;
    if (alone && (!eng || !srv || !ker))
        return err_input(e, doc->file, "a stack needs serving, kernels and engine"),
               err_mend(e, "copy data/stacks/generic.yaml");
    return (!eng || node_keys(a, eng, eng_names, 8, e)) && (!srv || node_keys(a, srv, srv_names, 6, e)) &&
           (!ker || node_keys(a, ker, ker_names, 6, e)) && stack_share(a, eng, "memory_frac", &s->memory_frac, e) &&
           node_bool(a, node_get(eng, "memory_frac_of_free"), &s->memory_frac_of_free, e) &&
           node_unit(a, node_get(eng, "workspace"), UNIT_BYTES, &s->workspace_bytes, e) &&
           node_str(a, node_get(eng, "workspace_source"), &s->workspace_source, e) &&
           read_int(a, eng, "block_tok", &s->block_tok, e) &&
           node_bool(a, node_get(eng, "prompts_one_by_one"), &s->prompts_one_by_one, e) &&
           read_sizes(a, node_get(eng, "defaults"), f, e) &&
           stack_say_s(a, srv, "step_fixed", &s->step_fixed_s, e) && stack_say_s(a, srv, "step_per_seq", &s->step_per_seq_s, e) &&
           stack_say_s(a, srv, "request_fixed", &s->request_fixed_s, e) &&
           stack_say_s(a, srv, "prefill_floor_per_layer", &s->prefill_floor_s_per_layer, e) &&
           read_int(a, srv, "recv_interval_steps", &s->recv_interval_steps, e) &&
           stack_say_s(a, ker, "small_dense", &s->small_kernel_dense_s, e) &&
           stack_say_s(a, ker, "small_moe", &s->small_kernel_moe_s, e) &&
           stack_say(a, ker, "elementwise_passes", &s->elementwise_passes, e) &&
           node_rows(a, node_get(ker, "least_rows"), &s->least_rows, e) && read_skew(a, ker, &s->routing_skew, e);
}

static bool read_interval(struct arena *a, const struct node *map, struct stack *s, struct err *e)
{
    static const char *const tier[] = {"device", "family", "pooled", "vendor"};
    static const char *const names[] = {"source", "device", "family", "pooled", "vendor"};
    static const char *const bounds[] = {"step_lo", "step_hi", "ttft_lo", "ttft_hi"};
    if (!map)
        return true;
    s->vendor = (struct interval){0};
    if (!node_keys(a, map, names, 5, e) || !node_str(a, node_get(map, "source"), &s->interval_source, e))
        return false;
    for (int t = 0; t < 4; t++) {
        const struct node *m = node_get(map, tier[t]);
        struct interval *i = t < 3 ? &s->interval[t] : &s->vendor;
        if (m && (!node_keys(a, m, bounds, 4, e) || !stack_say(a, m, "step_lo", &i->step_lo, e) ||
                  !stack_say(a, m, "step_hi", &i->step_hi, e) || !stack_say(a, m, "ttft_lo", &i->ttft_lo, e) ||
                  !stack_say(a, m, "ttft_hi", &i->ttft_hi, e)))
            return false;
    }
    return true;
}

bool stack_read_over(struct arena *a, const struct node *doc, struct stack_file *f, bool alone, struct err *e)
{
    struct stack *s = &f->base;
    return node_str(a, node_get(doc, "framework"), &s->framework, e) &&
           node_str(a, node_get(doc, "version"), &s->version, e) &&
           node_str(a, node_get(doc, "scheduler"), &s->scheduler, e) && node_str(a, node_get(doc, "date"), &s->date, e) &&
           node_str(a, node_get(doc, "source"), &s->source, e) && read_engine(a, doc, f, alone, e) &&
           read_interval(a, node_get(doc, "interval"), s, e);
}
