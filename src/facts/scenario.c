/* scenario.c - a scenario file (or the same keys from flags) becomes struct scenario; every error says file, line, key and mend.
**
** The keys stand in one table; a key that is known but makes no sense for the command is told apart from one that is unknown.
*/
#include "facts/scenario.h"

#include <limits.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"

#define NULL_MOST_S 60.0         /* a sum of steps stays within 63 bits */

enum { P = 1 << SCENARIO_PLAN, S = 1 << SCENARIO_SIM, D = 1 << SCENARIO_PREDICT };

static const struct { const char *name; int uses; const char *instead; } key_table[] = {
    {"title", P | S | D, NULL},       {"model", P | S | D, NULL},      {"precision", P | S | D, NULL},
    {"kv_cache", P | S | D, NULL},    {"traffic", P | S | D, NULL},    {"slo", P | S | D, NULL},
    {"accelerator", P | S | D, NULL}, {"framework", P | S | D, NULL},  {"seed", P | S | D, NULL},
    {"tp", P | S | D, NULL},          {"pp", P | S | D, NULL},         {"dp", P | S | D, NULL},
    {"ep", P | S | D, NULL},          {"replicas", P | S | D, NULL},   {"scheduler", P | S | D, NULL},
    {"router", P | S | D, NULL},      {"memory_fraction", P | S | D, NULL}, {"max_context", P | S | D, NULL},
    {"power_cap", P | S | D, NULL},
    {"speculative", P | S | D, NULL},
    {"cuda_graphs", P | S | D, NULL},
    {"admission", P | S, "it speaks of a queue; it belongs to sim and plan"},
    {"prefix_cache", P | S, "it speaks of many prompts; it belongs to sim and plan"},
    {"null_engine", S, "it tests the simulator: it belongs to sim"},
    {"share", S, "it belongs to sim"},
    {"prices", P | S | D, NULL},      {"as_of", P | S | D, NULL},      {"region", P | S | D, NULL},
    {"provider", P | S | D, NULL},    {"accelerators", P, "name one device with accelerator"},
    {"mig", P, "name one: accelerator: h100/3g.40gb"},
    {"have", P, "it belongs to plan"}, {"spares", P | S, "it belongs to plan and sim"},
    {"cold_start", S, "it belongs to sim"}, {"clock", S, "it belongs to sim"}, {"autoscale", S, "it belongs to sim"},
    {"failures", S, "it belongs to sim"}, {"lend", S, "it belongs to sim"},
    {"limits", P, "it belongs to plan"},
    {"pools", S, "it belongs to sim; here name one deployment: accelerator, tp, replicas"},
    {"services", S, "it belongs to sim; here ask for one model"},
    {"link", S, "it belongs to pools"}, {"link_latency", S, "it belongs to pools"},
    {"seeds", S, "it belongs to sim"}, {"sweep", 0, "it belongs to sweep, or take it out"},
    {"batch", D, "the traffic decides the batch; it belongs to predict"},
    {"isl", D, "lengths come from the traffic; it belongs to predict"},
    {"osl", D, "lengths come from the traffic; it belongs to predict"},
};
enum { NKEYS = sizeof key_table / sizeof *key_table };
static const char *const use_name[] = {"plan", "sim", "predict"};

struct reader {
    struct arena *a;
    struct catalog *c;
    const struct node *doc;
    const char *dir;            /* of the file; "" for the command line */
    struct scenario *s;
    struct notes *notes;
    struct err *e;
};

static bool check_keys(struct reader *r, enum scenario_use use)
{
    const char *names[NKEYS];
    if (r->doc->kind != NODE_MAP)
        return err_input(r->e, node_place(r->a, r->doc), "expected a scenario: a map with model, traffic, slo, ...");
    for (size_t k = 0; k < NKEYS; k++)
        names[k] = key_table[k].name;
    if (!node_keys(r->a, r->doc, names, NKEYS, r->e))
        return false;
    for (size_t k = 0; k < NKEYS; k++) {
        const struct node *nd = node_get(r->doc, key_table[k].name);
        if (nd && !(key_table[k].uses & 1 << use)) {
            err_input(r->e, node_place(r->a, nd), "moat %s does not take this key", use_name[use]);
            return err_mend(r->e, "%s", key_table[k].instead);
        }
    }
    return true;
}

static bool missing(struct reader *r, const char *key, const char *mend)
{
    err_input(r->e, arena_printf(r->a, "%s: %s", r->doc->file ? r->doc->file : "scenario", key), "is missing");
    return err_mend(r->e, "%s", mend);
}

static const struct node *get(const struct reader *r, const char *key)
{
    return node_get(r->doc, key);
}

static const char *folder(struct arena *a, const char *file)
{
    const char *slash = file ? strrchr(file, '/') : NULL;
    return slash ? arena_strndup(a, file, slash == file ? 1 : (size_t)(slash - file)) : "";
}

/* A file beside the scenario is found from anywhere. */
const char *scenario_beside(struct arena *a, const char *file, const char *name)
{
    const char *dot = strrchr(name, '.'), *dir = folder(a, file);
    if (*name == '/' || !*dir)
        return name;
    const char *path = arena_printf(a, "%s/%s", dir, name);
    bool file_name = dot && (strcmp(dot, ".json") == 0 || strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0 ||
                             strcmp(dot, ".gguf") == 0 || strcmp(dot, ".safetensors") == 0);
    bool folder_name = strncmp(name, "./", 2) == 0 || strncmp(name, "../", 3) == 0;
    return (file_name || folder_name) && access(path, F_OK) == 0 ? path : name;
}

static const char *beside(struct reader *r, const char *name)
{
    return scenario_beside(r->a, r->doc->file, name);
}

static bool read_model(struct reader *r)
{
    const struct node *nd = get(r, "model");
    const char *name = NULL;
    if (!nd)
        return missing(r, "model", "write model: llama-3.1-70b, or the path of a config.json, a .gguf or a .safetensors");
    if (!node_str(r->a, nd, &name, r->e))
        return false;
    r->s->model = catalog_model(r->c, beside(r, name), node_place(r->a, nd), r->notes, r->e);
    return r->s->model != NULL;
}

static bool read_precision(struct reader *r)
{
    struct precision_keys k;
    const struct node *nd = get(r, "precision");
    if (!scenario_precision(r->a, nd, get(r, "kv_cache"), r->s->model,
                            arena_printf(r->a, "%s: precision", r->doc->file), &k, r->e))
        return false;
    r->s->precision_best = k.best;
    r->s->precision_exact = k.exact;
    r->s->precision_given = k.given;
    r->s->precision = k.weights;
    r->s->quant = k.quant;
    return true;
}

static const struct accelerator *device(struct reader *r, const struct node *nd)
{
    const char *name = NULL;
    if (!node_str(r->a, nd, &name, r->e))
        return NULL;
    return catalog_accelerator(r->c, beside(r, name), node_place(r->a, nd), r->notes, r->e);
}

static void all_devices(struct reader *r)
{
    struct scenario *s = r->s;
    s->all_accs = true;
    s->accs = ARENA_ARRAY(r->a, const struct accelerator *, r->c->nacc);
    for (size_t i = 0; i < r->c->nacc; i++)
        if (r->c->acc[i].available)
            s->accs[s->naccs++] = &r->c->acc[i];
}

static bool listed_devices(struct reader *r, const struct node *nd)
{
    struct scenario *s = r->s;
    size_t n = nd->kind == NODE_SEQ ? nd->n : 1;
    if (nd->kind == NODE_MAP || !n)
        return err_input(r->e, node_place(r->a, nd), "expected all, or a list such as [h100, l40s]");
    s->accs = ARENA_ARRAY(r->a, const struct accelerator *, n);
    for (size_t i = 0; i < n; i++) {
        const struct accelerator *acc = device(r, nd->kind == NODE_SEQ ? &nd->item[i] : nd);
        size_t k = 0;
        if (!acc)
            return false;
        while (k < s->naccs && s->accs[k] != acc)
            k++;
        if (k == s->naccs)
            s->accs[s->naccs++] = acc;
    }
    return true;
}

/* mig: true: the instances that the devices so far can be cut into are candidates too. */
static bool add_instances(struct reader *r)
{
    struct scenario *s = r->s;
    const struct catalog *c = r->c;
    bool on = false;
    size_t whole_cards = s->naccs;
    if (!node_bool(r->a, get(r, "mig"), &on, r->e))
        return false;
    if (!on)
        return true;
    s->accs = arena_grow(r->a, s->accs, s->naccs, s->naccs + c->nslice, sizeof *s->accs);
    for (size_t i = 0; i < whole_cards; i++)
        for (size_t k = 0; k < c->nslice; k++)
            if (c->slice[k].card == s->accs[i] && c->slice[k].mem_bytes < s->accs[i]->mem_bytes)
                s->accs[s->naccs++] = &c->slice[k];
    return true;
}

static bool read_devices(struct reader *r, enum scenario_use use)
{
    const struct node *one = get(r, "accelerator"), *many = get(r, "accelerators");
    if (one && many)
        return err_input(r->e, node_place(r->a, many), "accelerator and accelerators exclude each other");
    if (one) {
        if (!(r->s->deploy.acc = device(r, one)))
            return false;
        return listed_devices(r, one) && add_instances(r);
    }
    if (use != SCENARIO_PLAN)
        return missing(r, "accelerator", "write accelerator: h100-sxm-80");
    if (!many || (many->kind == NODE_SCALAR && strcmp(many->text, "all") == 0)) {
        all_devices(r);
        return add_instances(r);
    }
    return listed_devices(r, many) && add_instances(r);
}

static bool whole(struct reader *r, const struct node *nd, int64_t lo, int64_t hi, int *out)
{
    int64_t v = *out;
    if (!node_int(r->a, nd, lo, hi, &v, r->e))
        return false;
    *out = (int)v;
    return true;
}

static bool read_scheduler(struct reader *r)
{
    static const char *const keys[] = {ENGINE_SCHEDULER_KEYS};
    struct deployment_keys *d = &r->s->deploy;
    const struct node *nd = get(r, "scheduler"), *policy = nd;
    if (!nd)
        return true;
    if (nd->kind == NODE_MAP) {
        if (!node_keys(r->a, nd, keys, sizeof keys / sizeof *keys, r->e) || !engine_keys_scheduler(r->a, nd, &d->engine, r->e) ||
            !whole(r, node_get(nd, "max_seqs"), 1, 1000000, &d->max_seqs) ||
            !whole(r, node_get(nd, "max_tokens"), 1, 100000000, &d->max_tokens))
            return false;
        policy = node_get(nd, "policy");
    }
    if (policy)
        d->scheduler_place = node_place(r->a, policy);
    return node_str(r->a, policy, &d->scheduler, r->e);
}

static bool read_cache_tiers(struct reader *r, const struct node *nd)
{
    static const char *const keys[] = {"host", "disk", "disk_bw"};
    struct deployment_keys *d = &r->s->deploy;
    const struct node *bw = node_get(nd, "disk_bw");
    if (!node_keys(r->a, nd, keys, 3, r->e) || !node_unit(r->a, node_get(nd, "host"), UNIT_BYTES, &d->cache_host_bytes, r->e) ||
        !node_unit(r->a, node_get(nd, "disk"), UNIT_BYTES, &d->cache_disk_bytes, r->e) ||
        !node_unit(r->a, bw, UNIT_BYTES_S, &d->cache_disk_bytes_s, r->e))
        return false;
    d->prefix_cache = PREFIX_CACHE_ON;
    if ((d->cache_disk_bytes > 0) == (d->cache_disk_bytes_s > 0))
        return true;
    err_input(r->e, node_place(r->a, bw ? bw : nd), "disk and disk_bw go together: how much a replica has, and how fast it is read");
    return err_mend(r->e, "write prefix_cache: {host: 500GB, disk: 4TB, disk_bw: 7GB/s}");
}

static bool read_prefix_cache(struct reader *r)
{
    const struct node *nd = get(r, "prefix_cache");
    bool on = false;
    if (!nd)
        return true;
    if (nd->kind == NODE_MAP)
        return read_cache_tiers(r, nd);
    if (!node_bool(r->a, nd, &on, r->e))
        return false;
    r->s->deploy.prefix_cache = on ? PREFIX_CACHE_ON : PREFIX_CACHE_OFF;
    return true;
}

/* Times of a step that does nothing: {step: 10ms, token: 20us, sequence: 0s}. */
static bool read_null_engine(struct reader *r)
{
    static const char *const keys[] = {"step", "token", "sequence"};
    const struct node *nd = get(r, "null_engine");
    struct null_engine *n = &r->s->deploy.null_engine;
    double *const at[] = {&n->step_s, &n->token_s, &n->seq_s};
    if (!nd || node_is_null(nd))
        return true;
    if (!node_keys(r->a, nd, keys, 3, r->e))
        return false;
    for (int i = 0; i < 3; i++) {
        const struct node *v = node_get(nd, keys[i]);
        if (!node_unit(r->a, v, UNIT_DURATION_S, at[i], r->e))
            return false;
        if (v && !(*at[i] >= 0 && *at[i] <= NULL_MOST_S))
            return err_input(r->e, node_place(r->a, v), "expected 0s to 60s, got %s", v->text);
    }
    n->on = true;
    if (n->step_s + n->token_s + n->seq_s >= 1e-9)
        return true;
    err_input(r->e, node_place(r->a, nd), "a step must last some time, 1 ns at least");
    return err_mend(r->e, "write null_engine: {step: 10ms}, and token: or sequence: for more of each");
}

/* share: 4, or {models: 4, active: 2.5}. */
static bool read_share(struct reader *r)
{
    static const char *const keys[] = {"models", "active"};
    struct deployment_keys *d = &r->s->deploy;
    const struct node *nd = get(r, "share"), *map = nd && nd->kind == NODE_MAP ? nd : NULL, *active = node_get(map, "active");
    if (!nd || node_is_null(nd))
        return true;
    if ((map && !node_keys(r->a, map, keys, 2, r->e)) || !whole(r, map ? node_get(map, "models") : nd, 1, 64, &d->share_models))
        return false;
    if (!d->share_models) {
        err_input(r->e, node_place(r->a, nd), "how many models share the card?");
        return err_mend(r->e, "write share: {models: 4, active: 2.5}");
    }
    d->share_active = d->share_models;
    if (!node_f64(r->a, active, &d->share_active, r->e))
        return false;
    return (d->share_active >= 1 && d->share_active <= d->share_models) ||
           err_input(r->e, node_place(r->a, active), "expected 1 to %d, this model counted, got %g", d->share_models, d->share_active);
}

static bool read_deployment(struct reader *r)
{
    struct deployment_keys *d = &r->s->deploy;
    const struct node *fw = get(r, "framework"), *router = get(r, "router"), *mem = get(r, "memory_fraction");
    const struct node *cap = get(r, "power_cap");
    if (!whole(r, get(r, "tp"), 1, 1024, &d->tp) || !whole(r, get(r, "pp"), 1, 1024, &d->pp) ||
        !whole(r, get(r, "dp"), 1, 1024, &d->dp) || !whole(r, get(r, "ep"), 1, 4096, &d->ep) ||
        !whole(r, get(r, "replicas"), 1, 10000000, &d->replicas) || !read_scheduler(r) || !read_prefix_cache(r) || !read_null_engine(r) ||
        !read_share(r) || !engine_keys_admission(r->a, get(r, "admission"), &d->engine.admission, r->e) ||
        !engine_keys_graphs(r->a, get(r, "cuda_graphs"), &d->engine.graphs, r->e) ||
        !engine_keys_speculative(r->a, r->c, get(r, "speculative"), r->doc->file, &d->engine.speculative, r->notes, r->e) ||
        !node_str(r->a, router, &r->s->router, r->e) || !node_str(r->a, fw, &d->framework, r->e) ||
        !node_unit(r->a, mem, UNIT_FRAC, &d->memory_frac, r->e) ||
        !node_unit(r->a, cap, UNIT_POWER_W, &d->power_cap_w, r->e))
        return false;
    if (cap && !(d->power_cap_w > 0))
        return err_input(r->e, node_place(r->a, cap), "expected the power that a card may draw, such as 400W");
    if (mem && !(d->memory_frac > 0))
        return err_input(r->e, node_place(r->a, mem), "without memory nothing can run: expected a fraction such as 0.9 or 90%%");
    if (router)
        d->router_place = node_place(r->a, router);
    return !fw || catalog_stack(r->c, d->framework, NULL, node_place(r->a, fw), r->e) != NULL;
}

static bool price_kind_read(struct arena *a, const struct node *nd, enum price_kind *out, struct err *e)
{
    static const enum price_kind kinds[] = {PRICE_ON_DEMAND, PRICE_RESERVED_1Y, PRICE_RESERVED_3Y, PRICE_SPOT, PRICE_SURVEY,
                                            PRICE_OWNED};
    const char *name = NULL, *names[6];
    if (!nd)
        return true;
    if (!node_str(a, nd, &name, e))
        return false;
    for (size_t i = 0; i < 6; i++) {
        names[i] = price_kind_name[kinds[i]];
        if (strcmp(name, names[i]) == 0) {
            *out = kinds[i];
            return true;
        }
    }
    const char *close = text_closest(name, names, 6);
    err_input(e, node_place(a, nd), "expected on-demand, reserved-1y, reserved-3y, spot, survey or owned, got \"%s\"", name);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
}

static bool price_keys(struct arena *a, const struct node *map, struct price_query *q, struct err *e)
{
    const struct node *as_of = node_get(map, "as_of");
    const char *date = NULL;
    if (!node_str(a, as_of, &date, e) || !node_str(a, node_get(map, "region"), &q->region, e) ||
        !node_str(a, node_get(map, "provider"), &q->provider, e))
        return false;
    return !date || date_parse_end(date, &q->as_of, node_place(a, as_of), e);
}

/* A region or provider that no price row has would quietly leave everything unpriced. */
static bool price_names(struct arena *a, const struct catalog *c, const struct node *map, const struct price_query *q, struct err *e)
{
    static const char *const regions[] = {"any", "us", "eu", "asia", "other"};
    bool known = !q->region || !strcmp(q->region, "any");
    for (size_t i = 1; i < 5 && !known; i++)
        known = !strcmp(q->region, regions[i]);
    if (!known) {
        const char *close = text_closest(q->region, regions, 5);
        err_input(e, node_place(a, node_get(map, "region")), "expected us, eu, asia, other or any, got \"%s\"", q->region);
        return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
    }
    if (!q->provider || !strcmp(q->provider, "any"))
        return true;
    const char **names = ARENA_ARRAY(a, const char *, c->nprice);
    for (size_t i = 0; i < c->nprice; i++) {
        if (!strcasecmp(q->provider, c->price[i].provider))
            return true;
        names[i] = c->price[i].provider;
    }
    const char *close = text_closest(q->provider, names, c->nprice);
    err_input(e, node_place(a, node_get(map, "provider")), "no price of provider \"%s\" is known", q->provider);
    return close ? err_mend(e, "did you mean \"%s\"?", close) : err_mend(e, "data/prices.csv names them all");
}

bool scenario_prices(struct arena *a, const struct catalog *c, const struct node *nd, const struct node *top,
                     struct price_query *out, struct err *e)
{
    static const char *const keys[] = {"kind", "as_of", "region", "provider"};
    *out = (struct price_query){.kind = PRICE_ON_DEMAND};
    if (top && !(price_keys(a, top, out, e) && price_names(a, c, top, out, e)))
        return false;
    if (nd && nd->kind == NODE_MAP)
        return node_keys(a, nd, keys, 4, e) && price_kind_read(a, node_get(nd, "kind"), &out->kind, e) &&
               price_keys(a, nd, out, e) && price_names(a, c, nd, out, e);
    return price_kind_read(a, nd, &out->kind, e);
}

static bool read_have(struct reader *r)
{
    const struct node *nd = get(r, "have");
    struct scenario *s = r->s;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind != NODE_MAP)
        return err_input(r->e, node_place(r->a, nd), "expected a map such as {a10: 8, rtx-4090: 4}");
    s->have = ARENA_ARRAY(r->a, struct have, nd->n);
    for (size_t i = 0; i < nd->n; i++) {
        int cards = 0;
        const struct accelerator *acc =
            catalog_accelerator(r->c, beside(r, nd->key[i]), node_place(r->a, &nd->item[i]), r->notes, r->e);
        if (!acc || !whole(r, &nd->item[i], 0, 100000000, &cards))
            return false;
        for (size_t k = 0; k < s->nhave; k++)
            if (s->have[k].acc == acc)
                return err_input(r->e, node_place(r->a, &nd->item[i]), "%s is already listed under another name", acc->id);
        s->have[s->nhave++] = (struct have){acc, cards};
    }
    return true;
}

static bool read_limits(struct reader *r)
{
    static const char *const keys[] = {"power", "usd_per_hour", "budget", "cards", "region"};
    const struct node *nd = get(r, "limits");
    struct scenario *s = r->s;
    const char *region = NULL;
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind != NODE_MAP)
        return err_input(r->e, node_place(r->a, nd), "expected a map such as {power: 20kW, usd_per_hour: 100 USD, cards: 64}");
    const struct node *usd = node_get(nd, "usd_per_hour"), *budget = node_get(nd, "budget");
    if (!node_keys(r->a, nd, keys, 5, r->e))
        return false;
    if (usd && budget)
        return err_input(r->e, node_place(r->a, budget), "usd_per_hour and budget are the same limit: write one");
    if (!node_unit(r->a, node_get(nd, "power"), UNIT_POWER_W, &s->max_power_w, r->e) ||
        !node_unit(r->a, usd ? usd : budget, UNIT_USD, &s->max_usd_h, r->e) ||
        !whole(r, node_get(nd, "cards"), 1, INT_MAX, &s->max_cards) ||
        !node_str(r->a, node_get(nd, "region"), &region, r->e))
        return false;
    s->export_cn = region && strcmp(region, "cn") == 0;
    if (region && !s->export_cn && !s->price.region)
        s->price.region = region;
    return true;
}

static bool tokens(struct reader *r, const char *key, int64_t lo, int64_t *out)
{
    const struct node *nd = get(r, key);
    double v = 0;
    if (!node_unit(r->a, nd, UNIT_TOKENS, &v, r->e))
        return false;
    if (nd && !(v >= (double)lo && v <= 1e9))
        return err_input(r->e, node_place(r->a, nd), "expected %lld to 1e9 tokens, got %s", (long long)lo, nd->text);
    *out = (int64_t)v;
    return true;
}

/* sim may say of what kind they are (dynamics.c). */
static bool read_spares(struct reader *r)
{
    const struct node *nd = get(r, "spares");
    return whole(r, nd && nd->kind == NODE_MAP ? node_get(nd, "replicas") : nd, 0, 1000000, &r->s->spares);
}

static bool read_rest(struct reader *r, uint64_t seed)
{
    struct scenario *s = r->s;
    int64_t own = 1;
    if (!node_str(r->a, get(r, "title"), &s->title, r->e) || !node_int(r->a, get(r, "seed"), 0, INT64_MAX, &own, r->e) ||
        !read_spares(r) || !tokens(r, "max_context", 1, &s->max_context) ||
        !tokens(r, "isl", 1, &s->isl) || !tokens(r, "osl", 1, &s->osl) ||
        !node_int(r->a, get(r, "batch"), 1, 1000000, &s->batch, r->e) || !whole(r, get(r, "seeds"), 1, 100000, &s->seeds))
        return false;
    s->seed = seed ? seed : (uint64_t)own;
    return true;
}

bool scenario_keys(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed,
                   struct scenario *out, struct notes *notes, struct err *e)
{
    struct reader r = {.a = a, .c = c, .doc = doc, .dir = folder(a, doc->file), .s = out, .notes = notes, .e = e};
    *out = (struct scenario){.arena = a, .name = doc->file, .doc = doc};
    if (use == SCENARIO_PLAN && doc->kind == NODE_MAP && !node_get(doc, "slo"))
        note_add(notes, "slo: none is given, so only throughput counts; write slo: chat, or {ttft: {p99: 2s}, tpot: {p99: 50ms}}");
    if (!check_keys(&r, use) || !read_rest(&r, seed))
        return false;
    if (get(&r, "services"))
        return scenario_services(a, c, doc, use, out, notes, e);
    return read_model(&r) && read_precision(&r) &&
           (get(&r, "pools") || read_devices(&r, use)) && read_deployment(&r) &&
           dynamics_read(a, doc, use == SCENARIO_SIM, &out->dynamics, e) &&
           scenario_prices(a, c, get(&r, "prices"), doc, &out->price, e) &&
           scenario_slo(a, get(&r, "slo"), &out->slo, &out->nslo, e) && read_have(&r) && read_limits(&r) &&
           (use == SCENARIO_PREDICT || get(&r, "traffic") ||
            missing(&r, "traffic", "write traffic: {preset: azure-2023-conv}, or {trace: FILE.csv}")) &&
           scenario_pools(a, c, doc, use, out, e);
}

bool scenario_traffic(struct arena *a, const struct scenario *s, uint64_t seed, struct traffic *out, struct notes *notes,
                      struct err *e)
{
    return traffic_load(a, node_get(s->doc, "traffic"), folder(a, s->doc->file), seed, out, notes, e);
}

bool scenario_read(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed,
                   struct scenario *out, struct notes *notes, struct err *e)
{
    return scenario_read_up_to(a, c, doc, use, seed, SIZE_MAX, out, notes, e);
}

bool scenario_read_up_to(struct arena *a, struct catalog *c, struct node *doc, enum scenario_use use, uint64_t seed, size_t keep,
                         struct scenario *out, struct notes *notes, struct err *e)
{
    if (!scenario_keys(a, c, doc, use, seed, out, notes, e))
        return false;
    for (size_t i = 0; i < out->nservice; i++) {
        struct scenario *s = out->service[i].own;
        s->traffic = ARENA_NEW(a, struct traffic);
        if (!scenario_traffic(a, s, s->seed, s->traffic, notes, e))
            return false;
    }
    if (out->nservice || !node_get(doc, "traffic"))
        return true;
    out->traffic = ARENA_NEW(a, struct traffic);
    return traffic_load_up_to(a, node_get(doc, "traffic"), folder(a, doc->file), out->seed, keep, out->traffic, notes, e);
}
