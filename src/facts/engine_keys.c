/* engine_keys.c - the keys of an engine beside its policy, read and checked. */
#include "facts/engine_keys.h"

#include <string.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/units.h"
#include "facts/catalog.h"
#include "facts/scenario.h"

/* One of n words; a key that is absent leaves *out alone. */
static bool word(struct arena *a, const struct node *nd, const char *const *words, size_t n, const char *expected, int *out, struct err *e)
{
    const char *text = NULL;
    if (!node_str(a, nd, &text, e))
        return false;
    for (size_t i = 0; text && i < n; i++)
        if (!strcmp(text, words[i])) {
            *out = (int)i;
            return true;
        }
    if (!text)
        return true;
    const char *close = text_closest(text, words, n);
    err_input(e, node_place(a, nd), "expected %s, got \"%s\"", expected, text);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
}

bool engine_keys_scheduler(struct arena *a, const struct node *map, struct engine_keys *out, struct err *e)
{
    static const char *const preemptions[] = {"recompute", "swap"};
    const struct node *space = node_get(map, "swap_space");
    static const char *const orders[] = {"fcfs", "priority"};
    int p = PREEMPT_RECOMPUTE, order = 0;
    if (!word(a, node_get(map, "order"), orders, 2, "fcfs or priority", &order, e) ||
        !word(a, node_get(map, "preemption"), preemptions, 2, "recompute or swap", &p, e) ||
        !node_unit(a, space, UNIT_BYTES, &out->swap_bytes, e))
        return false;
    out->by_priority = order == 1;
    out->preemption = (enum preemption)p;
    if (space && p != PREEMPT_SWAP) {
        err_input(e, node_place(a, space), "nothing is swapped");
        return err_mend(e, "write scheduler: {preemption: swap, swap_space: %s}", space->text ? space->text : "64GB");
    }
    if (space && !(out->swap_bytes > 0))
        return err_input(e, node_place(a, space), "expected the host memory of a replica, such as 64GB");
    return true;
}

bool engine_keys_admission(struct arena *a, const struct node *nd, struct admission *out, struct err *e)
{
    static const char *const keys[] = {"max_queue", "max_wait", "shed"}, *const sheds[] = {"newest", "lowest"};
    const struct node *queue = node_get(nd, "max_queue"), *wait = node_get(nd, "max_wait"), *shed = node_get(nd, "shed");
    int64_t most = 0;
    int lowest = 0;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind != NODE_MAP || (nd->n && !queue && !wait && !shed && node_keys(a, nd, keys, 3, e))) {
        err_input(e, node_place(a, nd), "expected a map with max_queue or max_wait");
        return err_mend(e, "write admission: {max_queue: 100, max_wait: 5s}");
    }
    if (!node_keys(a, nd, keys, 3, e) || !node_int(a, queue, 1, 1000000000, &most, e) ||
        !node_unit(a, wait, UNIT_DURATION_S, &out->max_wait_s, e) ||
        !word(a, shed, sheds, 2, "newest or lowest", &lowest, e))
        return false;
    if (wait && !(out->max_wait_s > 0 && out->max_wait_s < 1e8))
        return err_input(e, node_place(a, wait), "expected how long a request may wait, such as 5s");
    if (shed && !queue) {
        err_input(e, node_place(a, shed), "whom a full queue turns away matters only where the queue has a limit");
        return err_mend(e, "add max_queue: 100");
    }
    out->max_queue = (int)most;
    out->shed_lowest = lowest == 1;
    return true;
}

/* vllm/config/compilation.py (cudagraph_capture_sizes): 1, 2, 4, then by 8 to 256, then by 16. */
static void vllm_sizes(int64_t most, struct graph_sizes *out)
{
    for (int64_t n = 1; n <= most && out->n < GRAPH_SIZES_MAX; n += n < 4 ? n : n < 8 ? 4 : n < 256 ? 8 : 16)
        out->size[out->n++] = (int)n;
    if (out->n && out->size[out->n - 1] < most && out->n < GRAPH_SIZES_MAX)
        out->size[out->n++] = (int)most;
}

bool engine_keys_graphs(struct arena *a, const struct node *nd, struct graph_sizes *out, struct err *e)
{
    static const char *const keys[] = {"sizes", "max"};
    const struct node *sizes = node_get(nd, "sizes"), *max = node_get(nd, "max");
    int64_t most = 0;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind == NODE_MAP && !node_keys(a, nd, keys, 2, e))
        return false;
    if (!sizes == !max || (sizes && (sizes->kind != NODE_SEQ || !sizes->n || sizes->n > GRAPH_SIZES_MAX))) {
        err_input(e, node_place(a, nd), "expected the sizes that are captured, %d at most, or the largest of vLLM's", GRAPH_SIZES_MAX);
        return err_mend(e, "write cuda_graphs: {max: 512}, or {sizes: [1, 2, 4, 8, 16]}");
    }
    if (max) {
        if (!node_int(a, max, 1, 1024, &most, e))
            return false;
        vllm_sizes(most, out);
        return true;
    }
    for (size_t i = 0; i < sizes->n; i++) {
        int64_t last = most;
        if (!node_int(a, &sizes->item[i], 1, 1000000, &most, e))
            return false;
        if (most <= last)
            return err_input(e, node_place(a, &sizes->item[i]), "expected sizes in ascending order, got %lld behind %lld",
                             (long long)most, (long long)last);
        out->size[out->n++] = (int)most;
    }
    return true;
}

const char *const draft_name[] = {"model", "ngram", "eagle", "mtp"};

static bool read_draft(struct arena *a, struct catalog *c, const struct node *nd, const char *file, struct speculative *out,
                       struct notes *notes, struct err *e)
{
    const char *name = NULL;
    if (!node_str(a, nd, &name, e))
        return false;
    for (int k = DRAFT_NGRAM; k <= DRAFT_MTP; k++)
        if (!strcmp(name, draft_name[k])) {
            out->draft = (enum draft)k;
            return true;
        }
    struct precision_keys own;
    out->draft = DRAFT_MODEL;
    out->model = catalog_model(c, scenario_beside(a, file, name), node_place(a, nd), notes, e);
    if (!out->model)
        return e->mend[0] ? false : err_mend(e, "a draft is ngram, eagle, mtp, or a model");
    if (!scenario_precision(a, NULL, NULL, out->model, node_place(a, nd), &own, e))
        return false;
    out->quant = own.quant;
    return true;
}

bool engine_keys_speculative(struct arena *a, struct catalog *c, const struct node *nd, const char *file, struct speculative *out,
                             struct notes *notes, struct err *e)
{
    static const char *const keys[] = {"draft", "tokens", "acceptance"};
    int64_t tokens = 0;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind == NODE_MAP && !node_keys(a, nd, keys, 3, e))
        return false;
    for (int i = 0; i < 3; i++)
        if (nd->kind != NODE_MAP || !node_get(nd, keys[i])) {
            err_input(e, node_place(a, nd), nd->kind == NODE_MAP ? "%s is missing" : "expected a map with %s", keys[i]);
            return err_mend(e, "write speculative: {draft: eagle, tokens: 3, acceptance: 0.7}; the draft is ngram, eagle, mtp or a model");
        }
    if (!read_draft(a, c, node_get(nd, "draft"), file, out, notes, e) ||
        !node_int(a, node_get(nd, "tokens"), 1, SPECULATIVE_MAX, &tokens, e) ||
        !node_unit(a, node_get(nd, "acceptance"), UNIT_FRAC, &out->acceptance, e))
        return false;
    out->tokens = (int)tokens;
    if (out->acceptance >= 0 && out->acceptance <= 1)
        return true;
    return err_input(e, node_place(a, node_get(nd, "acceptance")), "expected the share of proposed tokens that is accepted, 0 to 1");
}
