/* scenario_pools.c - scenarios made of scenarios: `pools:`, several deployments that serve one model together, and `services:`,
** several models with traffic and promises of their own.
**
** A pool takes the keys of a deployment, a service those of a scenario; what it does not say stands at the top and counts for all. A
** pool that is called prefill or decode, or says so in `role`, does only that: there must be one of each then, and KV moves between
** them.
*/
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/scenario.h"

const char *const pool_role_name[POOL_ROLES] = {"both", "prefill", "decode"};

static const char *const own_keys[] = {"role", "link", "link_latency", "pools"};
static const char *const pool_keys[] = {
    "accelerator", "tp", "pp", "dp", "ep", "replicas", "framework", "scheduler", "prefix_cache", "memory_fraction", "power_cap",
    "precision", "kv_cache", "max_context", "role", "link", "link_latency",
};
enum { OWN = sizeof own_keys / sizeof *own_keys, KEYS = sizeof pool_keys / sizeof *pool_keys };

/* The part's keys, then those of the top that it does not say itself, but for (n) `without`. Items are shared: their places are
** those of the file. */
static struct node *merged(struct arena *a, const struct node *top, const struct node *part, const char *const *without, size_t n)
{
    struct node *m = ARENA_NEW(a, struct node);
    *m = *part;
    m->path = "";
    m->n = 0;
    m->item = ARENA_ARRAY(a, struct node, top->n + part->n);
    m->key = ARENA_ARRAY(a, const char *, top->n + part->n);
    const struct node *from[] = {part, top};
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < from[k]->n; i++) {
            bool out = k && node_get(part, from[k]->key[i]);
            for (size_t j = 0; j < n; j++)
                out |= !strcmp(from[k]->key[i], without[j]);
            if (out)
                continue;
            m->key[m->n] = from[k]->key[i];
            m->item[m->n++] = from[k]->item[i];
        }
    return m;
}

static bool read_role(struct arena *a, const struct node *nd, struct pool_keys *p, struct err *e)
{
    const char *name = NULL;
    p->role = !strcmp(p->name, "prefill") ? POOL_PREFILL : !strcmp(p->name, "decode") ? POOL_DECODE : POOL_BOTH;
    if (!node_str(a, nd, &name, e))
        return false;
    for (int i = 0; name && i < POOL_ROLES; i++)
        if (!strcmp(name, pool_role_name[i])) {
            p->role = (enum pool_role)i;
            return true;
        }
    return !name || err_input(e, node_place(a, nd), "expected prefill, decode or both, got \"%s\"", name);
}

static bool read_link(struct arena *a, const struct node *pool, const struct node *top, struct pool_keys *p, struct err *e)
{
    const struct node *bw = node_get(pool, "link"), *latency = node_get(pool, "link_latency");
    bw = bw ? bw : node_get(top, "link");
    latency = latency ? latency : node_get(top, "link_latency");
    if (!node_unit(a, bw, UNIT_BYTES_S, &p->link_bytes_s, e) || !node_unit(a, latency, UNIT_DURATION_S, &p->link_latency_s, e))
        return false;
    if (bw && !(p->link_bytes_s > 0))
        return err_input(e, node_place(a, bw), "expected what one device can send or take, such as 50GB/s");
    if (latency && !(p->link_latency_s >= 0 && p->link_latency_s < 1000))
        return err_input(e, node_place(a, latency), "expected a time such as 1ms");
    return true;
}

static bool check_roles(struct arena *a, const struct scenario *s, const struct node *nd, struct err *e)
{
    size_t n[POOL_ROLES] = {0};
    for (size_t i = 0; i < s->npool; i++)
        n[s->pool[i].role]++;
    if (!n[POOL_PREFILL] && !n[POOL_DECODE])
        return true;
    if (!n[POOL_PREFILL] || !n[POOL_DECODE]) {
        err_input(e, node_place(a, nd), "prefill and decode go together: there is no pool that does %s",
                  n[POOL_PREFILL] ? "decode" : "prefill");
        return err_mend(e, "write pools: {prefill: {accelerator: ..}, decode: {accelerator: ..}}, or role: prefill in a pool of another name");
    }
    return !n[POOL_BOTH] || err_input(e, node_place(a, nd), "a pool that does both cannot stand beside prefill and decode pools");
}

bool scenario_pools(struct arena *a, struct catalog *c, const struct node *doc, enum scenario_use use, struct scenario *out,
                    struct err *e)
{
    const struct node *nd = node_get(doc, "pools");
    for (size_t i = 1; i < 3 && !nd; i++)
        if (node_get(doc, own_keys[i])) {
            err_input(e, node_place(a, node_get(doc, own_keys[i])), "KV moves between pools, and there are none");
            return err_mend(e, "write pools: {prefill: {accelerator: ..}, decode: {accelerator: ..}}, or take it out");
        }
    if (!nd)
        return true;
    if (nd->kind != NODE_MAP || !nd->n)
        return err_input(e, node_place(a, nd), "expected a map of pools such as {big: {accelerator: h100, tp: 4}, small: {accelerator: l40s}}");
    if (nd->n > SCENARIO_POOLS)
        return err_input(e, node_place(a, nd), "expected at most %d pools, got %zu", SCENARIO_POOLS, nd->n);
    out->pool = ARENA_ARRAY(a, struct pool_keys, nd->n);
    for (size_t i = 0; i < nd->n; i++) {
        struct pool_keys *p = &out->pool[out->npool++];
        const struct node *item = &nd->item[i];
        *p = (struct pool_keys){.name = nd->key[i], .own = ARENA_NEW(a, struct scenario)};
        if (item->kind != NODE_MAP)
            return err_input(e, node_place(a, item), "expected a deployment such as {accelerator: h100, tp: 4, replicas: 2}");
        if (!node_keys(a, item, pool_keys, KEYS, e) || !read_role(a, node_get(item, "role"), p, e) || !read_link(a, item, doc, p, e) ||
            !scenario_keys(a, c, merged(a, doc, item, own_keys, OWN), use, out->seed, p->own, NULL, e))
            return false;
    }
    out->deploy = out->pool[0].own->deploy;
    out->accs = out->pool[0].own->accs, out->naccs = out->pool[0].own->naccs;
    return check_roles(a, out, nd, e);
}

/* Services with the same preset must not get the same draws. */
static uint64_t seed_of(uint64_t seed, size_t service)
{
    return seed + service * UINT64_C(1000003);
}

bool scenario_services(struct arena *a, struct catalog *c, const struct node *doc, enum scenario_use use, struct scenario *out,
                       struct notes *notes, struct err *e)
{
    static const char *const without[] = {"services", "name"};
    const struct node *nd = node_get(doc, "services");
    if (nd->kind != NODE_SEQ || !nd->n)
        return err_input(e, node_place(a, nd), "expected a list such as [{name: chat, model: llama-3.1-70b, traffic: .., accelerator: h100}]");
    out->service = ARENA_ARRAY(a, struct service_keys, nd->n);
    for (size_t i = 0; i < nd->n; i++) {
        struct service_keys *s = &out->service[out->nservice++];
        const struct node *item = &nd->item[i], *name = node_get(item, "name");
        *s = (struct service_keys){.own = ARENA_NEW(a, struct scenario)};
        if (item->kind != NODE_MAP)
            return err_input(e, node_place(a, item), "expected a service such as {name: chat, model: llama-3.1-70b, traffic: .., accelerator: h100}");
        if (!name)
            return err_input(e, arena_printf(a, "%s.name", node_place(a, item)), "is missing: results are told by it");
        if (!node_str(a, name, &s->name, e))
            return false;
        for (size_t k = 0; k < i; k++)
            if (!strcmp(out->service[k].name, s->name))
                return err_input(e, node_place(a, name), "two services are called %s", s->name);
        if (!scenario_keys(a, c, merged(a, doc, item, without, 2), use, seed_of(out->seed, i), s->own, notes, e))
            return false;
        s->own->name = arena_printf(a, "%s: services.%s", out->name, s->name);
    }
    return true;
}
