/* train_scenario.c - a training scenario file (or the same keys from flags) into struct train_question. */
#include "facts/train_scenario.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/scenario.h"

#define DEVICES_MOST 1000000

struct reader {
    struct arena *a;
    struct catalog *c;
    const struct node *doc;
    struct train_question *q;
    struct notes *notes;
    struct err *e;
};

static const struct node *get(const struct reader *r, const char *key)
{
    return node_get(r->doc, key);
}

static bool need(struct reader *r, const char *key, const char *mend)
{
    if (get(r, key))
        return true;
    err_input(r->e, arena_printf(r->a, "%s: %s", r->doc->file ? r->doc->file : "scenario", key), "is missing");
    return err_mend(r->e, "%s", mend);
}

static bool names(struct reader *r)
{
    const char *model = NULL, *acc = NULL, *precision = NULL;
    struct train_question *q = r->q;
    if (!need(r, "model", "write model: llama-3.1-405b, or the path of a config.json, a .gguf or a .safetensors") ||
        !need(r, "accelerator", "write accelerator: h100-sxm-80") || !node_str(r->a, get(r, "model"), &model, r->e) ||
        !node_str(r->a, get(r, "accelerator"), &acc, r->e) || !node_str(r->a, get(r, "precision"), &precision, r->e) ||
        !node_str(r->a, get(r, "title"), &q->title, r->e) || !node_str(r->a, get(r, "framework"), &q->framework, r->e))
        return false;
    q->model = catalog_model(r->c, scenario_beside(r->a, r->doc->file, model), node_place(r->a, get(r, "model")),
                             r->notes, r->e);
    if (!q->model)
        return false;
    q->acc = catalog_accelerator(r->c, scenario_beside(r->a, r->doc->file, acc),
                                 node_place(r->a, get(r, "accelerator")), r->notes, r->e);
    if (!q->acc)
        return false;
    q->precision = precision ? precision_find(precision) : PREC_BF16;
    bool known = q->precision == PREC_BF16 || q->precision == PREC_FP16 || q->precision == PREC_FP8 ||
                 q->precision == PREC_FP8_BLOCK || q->precision == PREC_NVFP4 || q->precision == PREC_MXFP4 ||
                 q->precision == PREC_FP32;
    return known || err_input(r->e, node_place(r->a, get(r, "precision")),
                              "expected bf16, fp16, fp8, fp8_block, nvfp4, mxfp4 or fp32, got \"%.40s\"", precision);
}

static bool framework(struct reader *r)
{
    const char *name = r->q->framework, *known[TRAIN_STACKS_MAX];
    size_t n = training_stacks(&r->c->training, known);
    for (size_t i = 0; name && i < n; i++)
        if (strcmp(known[i], name) == 0)
            return true;
    if (!name)
        return true;
    const char *close = text_closest(name, known, n);
    err_input(r->e, node_place(r->a, get(r, "framework")), "no training stack \"%.60s\"", name);
    return close ? err_mend(r->e, "did you mean \"%s\"?", close) : err_mend(r->e, "write megatron, fsdp or maxtext");
}

static bool count(struct reader *r, const char *key, double lo, double hi, double *out)
{
    const struct node *nd = get(r, key);
    if (!node_unit(r->a, nd, UNIT_COUNT, out, r->e))
        return false;
    if (nd && (!(*out >= lo && *out <= hi) || *out != floor(*out)))
        return err_input(r->e, node_place(r->a, nd), "expected a whole number from %g to %g, got %s", lo, hi, nd->text);
    return true;
}

static bool small(struct reader *r, const char *key, int hi, int *out)
{
    double v = *out;
    if (!count(r, key, 1, hi, &v))
        return false;
    *out = (int)v;
    return true;
}

static bool sizes(struct reader *r)
{
    struct train_question *q = r->q;
    double tokens = 0, batch = 0,
           seq = (double)(q->model->max_context > 0 && q->model->max_context < 8192 ? q->model->max_context : 8192);
    double micro = 0, rank = 0, steps = 0;
    if (!need(r, "devices", "write devices: 1024") || !small(r, "devices", DEVICES_MOST, &q->devices) ||
        !count(r, "sequence", 1, 1e8, &seq) || !count(r, "global_batch", 1, 1e9, &batch) ||
        !count(r, "tokens", 1, 1e18, &tokens) || !count(r, "steps", 1, 1e12, &steps) ||
        !count(r, "micro_batch", 1, 1e6, &micro) || !count(r, "lora_rank", 1, 65536, &rank) ||
        !need(r, "global_batch", "write global_batch: 2048 (sequences a step)"))
        return false;
    if (!get(r, "tokens") && !get(r, "steps"))
        return need(r, "tokens", "write tokens: 15.6T, or steps: 1000");
    if (get(r, "tokens") && get(r, "steps"))
        return err_input(r->e, node_place(r->a, get(r, "steps")), "tokens and steps exclude each other");
    q->seq_tok = (int64_t)seq, q->global_batch = (int64_t)batch, q->micro_batch = (int64_t)micro,
    q->lora_rank = (int)rank;
    q->tokens = tokens > 0 ? tokens : steps * batch * seq;
    return small(r, "tp", 1024, &q->tp) && small(r, "pp", 1024, &q->pp) && small(r, "vp", 1024, &q->vp) &&
           small(r, "cp", 1024, &q->cp) && small(r, "ep", 4096, &q->ep);
}

static bool one_of(struct reader *r, const char *key, const char *const *names, int n, int *out)
{
    const struct node *nd = get(r, key);
    const char *text = NULL;
    if (!nd)
        return true;
    if (!node_str(r->a, nd, &text, r->e))
        return false;
    for (int i = 0; i < n; i++)
        if (strcmp(text, names[i]) == 0) {
            *out = i;
            return true;
        }
    const char *close = text_closest(text, names, (size_t)n);
    err_input(r->e, node_place(r->a, nd), "expected one of %s, got \"%.40s\"",
              n == 3 ? "none, selective, full" : "none, zero1, zero2, fsdp", text);
    return close ? err_mend(r->e, "did you mean \"%s\"?", close) : false;
}

static bool rest(struct reader *r, uint64_t seed)
{
    static const char *const again[] = {"none", "selective", "full"}, *const limit_keys[] = {"usd", "days"};
    struct train_question *q = r->q;
    const struct node *limits = get(r, "limits");
    int shard = SHARD_N;
    int64_t own = 1;
    if (!one_of(r, "recompute", again, 3, &q->recompute) || !one_of(r, "shard", train_shard_name, SHARD_N, &shard) ||
        !node_unit(r->a, get(r, "mtbf"), UNIT_DURATION_S, &q->mtbf_s, r->e) ||
        !node_unit(r->a, get(r, "restart"), UNIT_DURATION_S, &q->restart_s, r->e) ||
        !node_unit(r->a, get(r, "checkpoint_interval"), UNIT_DURATION_S, &q->checkpoint_interval_s, r->e) ||
        !node_unit(r->a, get(r, "checkpoint_write"), UNIT_DURATION_S, &q->checkpoint_write_s, r->e) ||
        !node_int(r->a, get(r, "seed"), 0, INT64_MAX, &own, r->e))
        return false;
    if (limits && (!node_keys(r->a, limits, limit_keys, 2, r->e) ||
                   !node_unit(r->a, node_get(limits, "usd"), UNIT_USD, &q->max_usd, r->e) ||
                   !node_f64(r->a, node_get(limits, "days"), &q->max_days, r->e)))
        return false;
    if (get(r, "mtbf") && !(q->mtbf_s > 0))
        return err_input(r->e, node_place(r->a, get(r, "mtbf")),
                         "expected hours that an accelerator runs between interruptions, such as 50000h");
    q->shard = (enum train_shard)shard;
    q->seed = seed ? seed : (uint64_t)own;
    return scenario_prices(r->a, r->c, get(r, "prices"), r->doc, &q->price, r->e);
}

bool train_question_read(struct arena *a, struct catalog *c, struct node *doc, uint64_t seed,
                         struct train_question *out, struct notes *notes, struct err *e)
{
    static const char *const keys[] = {"title",
                                       "model",
                                       "accelerator",
                                       "devices",
                                       "tokens",
                                       "steps",
                                       "global_batch",
                                       "sequence",
                                       "precision",
                                       "framework",
                                       "tp",
                                       "pp",
                                       "vp",
                                       "cp",
                                       "ep",
                                       "micro_batch",
                                       "shard",
                                       "recompute",
                                       "lora_rank",
                                       "mtbf",
                                       "restart",
                                       "checkpoint_interval",
                                       "checkpoint_write",
                                       "limits",
                                       "prices",
                                       "as_of",
                                       "region",
                                       "provider",
                                       "seed"};
    struct reader r = {a, c, doc, out, notes, e};
    *out = (struct train_question){.doc = doc, .shard = SHARD_N, .recompute = -1};
    if (doc->kind != NODE_MAP)
        return err_input(e, node_place(a, doc),
                         "expected a training scenario: a map with model, accelerator, devices, tokens, ...");
    return node_keys(a, doc, keys, sizeof keys / sizeof *keys, e) && names(&r) && framework(&r) && sizes(&r) &&
           rest(&r, seed);
}
