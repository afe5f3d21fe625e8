/* fleet_scenario.c - a fleet scenario file into struct fleet_scenario: horizon, limits, policy; the rest is read by its
*parts.
**
** Dates become periods: t = (months from the start) / (months of a period).
*/
#include "facts/fleet_scenario.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/fleet_read.h"

#define HOURS_Y 8766.0

bool fleet_missing(struct fleet_reader *r, const struct node *map, const char *key, const char *mend)
{
    const char *place = map == r->doc ? arena_printf(r->a, "%s: %s", r->doc->file ? r->doc->file : "scenario", key)
                                      : arena_printf(r->a, "%s.%s", node_place(r->a, map), key);
    err_input(r->e, place, "is missing");
    return err_mend(r->e, "%s", mend);
}

bool fleet_need_map(struct fleet_reader *r, const struct node *nd, const char *mend)
{
    if (nd->kind == NODE_MAP)
        return true;
    err_input(r->e, node_place(r->a, nd), "expected a map");
    return err_mend(r->e, "%s", mend);
}

int32_t horizon_day(const struct horizon *h, int t)
{
    int m = h->month - 1 + t * h->months;
    return date_to_days((h->year + m / 12) * 10000 + (m % 12 + 1) * 100 + 1);
}

const char *horizon_name(struct arena *a, const struct horizon *h, int t)
{
    int m = h->month - 1 + t * h->months, y = h->year + m / 12;
    m %= 12;
    if (h->months == 12 && m == 0)
        return arena_printf(a, "%d", y);
    if (h->months == 6 && m % 6 == 0)
        return arena_printf(a, "%d-H%d", y, m / 6 + 1);
    if (h->months == 3 && m % 3 == 0)
        return arena_printf(a, "%d-Q%d", y, m / 3 + 1);
    return arena_printf(a, "%d-%02d", y, m + 1);
}

double horizon_years(const struct horizon *h)
{
    return h->months / 12.0;
}

double horizon_hours(const struct horizon *h)
{
    return horizon_years(h) * HOURS_Y;
}

/* A word among others; absent leaves *out. */
static bool word(struct fleet_reader *r, const struct node *nd, const char *const *names, size_t n, size_t *out)
{
    const char *text = NULL;
    if (!nd)
        return true;
    if (!node_str(r->a, nd, &text, r->e))
        return false;
    struct buf b = {.arena = r->a};
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = i;
            return true;
        }
        buf_fmt(&b, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", names[i]);
    }
    const char *close = text_closest(text, names, n);
    err_input(r->e, node_place(r->a, nd), "expected %s, got \"%.40s\"", buf_str(&b), text);
    return close ? err_mend(r->e, "did you mean \"%s\"?", close) : false;
}

static bool read_horizon(struct fleet_reader *r)
{
    static const char *const keys[] = {"start", "periods", "period"}, *const periods[] = {"month", "quarter", "half",
                                                                                          "year"};
    static const int months[] = {1, 3, 6, 12};
    const struct node *nd = node_get(r->doc, "horizon"), *start = node_get(nd, "start");
    const char *date = NULL, *mend = "write horizon: {start: 2026-Q1, periods: 12, period: quarter}";
    size_t which = 1;
    int64_t n = 0;
    int32_t ymd;
    if (!nd)
        return fleet_missing(r, r->doc, "horizon", mend);
    if (!fleet_need_map(r, nd, mend) || !node_keys(r->a, nd, keys, 3, r->e))
        return false;
    if (!start || !node_get(nd, "periods"))
        return fleet_missing(r, nd, start ? "periods" : "start", mend);
    if (!node_str(r->a, start, &date, r->e) || !date_parse(date, &ymd, node_place(r->a, start), r->e) ||
        !node_int(r->a, node_get(nd, "periods"), 1, FLEET_PERIODS_MAX, &n, r->e) ||
        !word(r, node_get(nd, "period"), periods, 4, &which))
        return false;
    r->s->horizon = (struct horizon){ymd / 10000, ymd / 100 % 100, months[which], (int)n, periods[which]};
    if (ymd % 100 != 1)
        return err_input(r->e, node_place(r->a, start), "expected the start of a %s, such as 2026-Q1 or 2026-07",
                         periods[which]);
    return true;
}

bool fleet_period_of(struct fleet_reader *r, const struct node *nd, const char *date, int *out)
{
    const struct horizon *h = &r->s->horizon;
    int32_t ymd;
    if (!date_parse(date, &ymd, node_place(r->a, nd), r->e))
        return false;
    int m = (ymd / 10000 - h->year) * 12 + ymd / 100 % 100 - h->month;
    int t = m < 0 ? -1 : m / h->months;
    if (t < 0 || t >= h->n) {
        err_input(r->e, node_place(r->a, nd), "%s is outside the horizon", date);
        return err_mend(r->e, "it goes from %s to %s", horizon_name(r->a, h, 0), horizon_name(r->a, h, h->n - 1));
    }
    *out = t;
    return true;
}

struct fleet_product *fleet_product_named(struct fleet_reader *r, const char *name, const struct node *nd)
{
    struct fleet_scenario *s = r->s;
    const struct accelerator *acc =
        catalog_accelerator(r->c, scenario_beside(r->a, r->doc->file, name), node_place(r->a, nd), r->notes, r->e);
    const char *names[FLEET_SKUS_MAX * 2];
    size_t n = 0;
    for (size_t k = 0; acc && k < s->nproduct; k++) {
        if (s->product[k].acc == acc || strcmp(s->product[k].acc->id, acc->id) == 0)
            return &s->product[k];
        names[n++] = s->product[k].acc->id;
    }
    if (!acc)
        return NULL;
    const char *close = text_closest(name, names, n);
    err_input(r->e, node_place(r->a, nd), "%s is neither among skus nor in stock", acc->id);
    if (close)
        err_mend(r->e, "did you mean \"%s\"?", close);
    else
        err_mend(r->e, "add it to skus, or take this out");
    return NULL;
}

struct fleet_job *fleet_job_named(struct fleet_reader *r, const char *name, const struct node *nd)
{
    const char *names[FLEET_WORKS_MAX];
    for (size_t w = 0; w < r->s->njob; w++) {
        names[w] = r->s->job[w].id;
        if (strcmp(name, names[w]) == 0)
            return &r->s->job[w];
    }
    const char *close = text_closest(name, names, r->s->njob);
    err_input(r->e, node_place(r->a, nd), "no workload has the id \"%.40s\"", name);
    if (close)
        err_mend(r->e, "did you mean \"%s\"?", close);
    return NULL;
}

static bool read_limits(struct fleet_reader *r)
{
    static const char *const keys[] = {"power", "budget", "space", "region"};
    struct fleet_scenario *s = r->s;
    const struct node *nd = node_get(r->doc, "limits");
    const char *region = NULL;
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, "write limits: {power: 20MW, budget: {2026-Q1: 300M USD}, region: us}") ||
        !node_keys(r->a, nd, keys, 4, r->e) ||
        !series_read(r->a, node_get(nd, "power"), UNIT_POWER_W, true, &s->power_w, r->e) ||
        !series_read(r->a, node_get(nd, "budget"), UNIT_USD, true, &s->budget_usd, r->e) ||
        !series_read(r->a, node_get(nd, "space"), UNIT_COUNT, true, &s->space_u, r->e) ||
        !node_str(r->a, node_get(nd, "region"), &region, r->e))
        return false;
    s->export_cn = region && strcmp(region, "cn") == 0;
    if (!region || s->export_cn)
        return true;
    static const char *const regions[] = {"us", "eu", "asia", "other", "any", "cn"};
    size_t at = 0;
    if (!word(r, node_get(nd, "region"), regions, 6, &at))
        return false;
    if (!s->price.region)
        s->price.region = region;
    return true;
}

static bool read_risk(struct fleet_reader *r, const struct node *nd)
{
    static const char *const names[] = {"expected", "cvar", "regret"}, *const keys[] = {"measure", "tail", "weight"};
    struct fleet_defaults *d = &r->s->defaults;
    const struct node *name = nd;
    size_t at = 0;
    if (nd && nd->kind == NODE_MAP) {
        const struct node *tail = node_get(nd, "tail");
        if (!node_keys(r->a, nd, keys, 3, r->e) || !node_unit(r->a, tail, UNIT_FRAC, &d->cvar_tail_frac, r->e) ||
            !node_unit(r->a, node_get(nd, "weight"), UNIT_FRAC, &d->cvar_weight, r->e))
            return false;
        if (tail && !(d->cvar_tail_frac > 0))
            return err_input(r->e, node_place(r->a, tail),
                             "expected the probability of the dearest futures, such as 20%%");
        name = node_get(nd, "measure");
        at = 1;
    }
    if (!word(r, name, names, 3, &at))
        return false;
    r->s->risk = (enum fleet_risk_key)at;
    return true;
}

static bool read_policy(struct fleet_reader *r)
{
    static const char *const keys[] = {"share", "lease_out", "risk", "second_source", "entry"}, *const entries[] = {
                                                                                                    "ever", "when"};
    struct fleet_scenario *s = r->s;
    const struct node *nd = node_get(r->doc, "policy");
    size_t entry = 0;
    s->share = s->lease_out = true;
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, "write policy: {share: true, lease_out: true, risk: expected}") ||
        !node_keys(r->a, nd, keys, 5, r->e) || !node_bool(r->a, node_get(nd, "share"), &s->share, r->e) ||
        !node_bool(r->a, node_get(nd, "lease_out"), &s->lease_out, r->e) || !read_risk(r, node_get(nd, "risk")) ||
        !node_unit(r->a, node_get(nd, "second_source"), UNIT_FRAC, &s->second_source_frac, r->e) ||
        !word(r, node_get(nd, "entry"), entries, 2, &entry))
        return false;
    s->entry_when = entry == 1;
    if (s->second_source_frac > 0.5)
        return err_input(r->e, node_place(r->a, node_get(nd, "second_source")),
                         "expected the share of the money that goes to others than the first vendor, at most 50%%");
    return true;
}

static bool read_money(struct fleet_reader *r)
{
    struct fleet_scenario *s = r->s;
    struct economics *ec = &s->economics;
    const struct node *kwh = node_get(r->doc, "energy_price");
    s->economics = r->c->economics;
    s->defaults = r->c->fleet;
    return node_unit(r->a, node_get(r->doc, "discount"), UNIT_FRAC, &ec->discount_frac_y, r->e) &&
           node_unit(r->a, kwh, UNIT_USD, &ec->usd_kwh, r->e) &&
           node_unit(r->a, node_get(r->doc, "pue"), UNIT_FACTOR, &ec->pue, r->e) &&
           node_unit(r->a, node_get(r->doc, "server"), UNIT_FACTOR, &ec->server_mult, r->e) &&
           node_unit(r->a, node_get(r->doc, "network"), UNIT_FRAC, &ec->network_frac, r->e) &&
           node_unit(r->a, node_get(r->doc, "colocation"), UNIT_USD, &ec->colo_usd_kw_month, r->e) &&
           node_unit(r->a, node_get(r->doc, "maintenance"), UNIT_FRAC, &ec->ops_frac_y, r->e) &&
           node_unit(r->a, node_get(r->doc, "salvage"), UNIT_FRAC, &s->defaults.salvage_frac, r->e) &&
           (!(kwh && ec->usd_kwh > 3) ||
            (err_input(r->e, node_place(r->a, kwh), "%g USD for a kWh is more than anyone pays", ec->usd_kwh),
             err_mend(r->e, "is it the price of a MWh? write 0.08 USD"))) &&
           (ec->pue >= 1 || (err_input(r->e, node_place(r->a, node_get(r->doc, "pue")), "a PUE is at least 1"), false));
}

static bool read_rest(struct fleet_reader *r, uint64_t seed)
{
    struct fleet_scenario *s = r->s;
    int64_t blocks = 3, own = 1;
    if (!node_str(r->a, node_get(r->doc, "title"), &s->title, r->e) ||
        !node_int(r->a, node_get(r->doc, "blocks"), 1, FLEET_BLOCKS_MAX, &blocks, r->e) ||
        !node_int(r->a, node_get(r->doc, "seed"), 0, INT64_MAX, &own, r->e))
        return false;
    s->blocks = (int)blocks;
    s->seed = seed ? seed : (uint64_t)own;
    if (!scenario_prices(r->a, r->c, NULL, r->doc, &s->price, r->e))
        return false;
    s->as_of_given = s->price.as_of != 0;
    if (!s->as_of_given)
        s->price.as_of = date_from_days(horizon_day(&s->horizon, 0));
    return true;
}

bool fleet_scenario_read(struct arena *a, struct catalog *c, struct node *doc, uint64_t seed,
                         struct fleet_scenario *out, struct notes *notes, struct err *e)
{
    static const char *const keys[] = {"title",   "horizon",    "skus",     "workloads",  "scenarios",
                                       "stock",   "prices",     "resale",   "supply",     "software",
                                       "limits",  "policy",     "blocks",   "discount",   "energy_price",
                                       "pue",     "server",     "network",  "colocation", "maintenance",
                                       "salvage", "complexity", "spares",   "rack_units", "server_power",
                                       "as_of",   "region",     "provider", "seed",       "challenger"};
    struct fleet_reader r = {a, c, doc, out, notes, e};
    *out = (struct fleet_scenario){.doc = doc, .name = doc->file};
    if (doc->kind != NODE_MAP)
        return err_input(e, node_place(a, doc), "expected a fleet scenario: a map with horizon, skus, workloads, ...");
    return node_keys(a, doc, keys, sizeof keys / sizeof *keys, e) && read_horizon(&r) && read_rest(&r, seed) &&
           read_money(&r) && read_limits(&r) && read_policy(&r) && fleet_read_skus(&r) && fleet_read_workloads(&r) &&
           fleet_read_futures(&r);
}
