/* fleet_scenario_sku.c - the SKUs of a fleet scenario: what is for sale, what is owned, prices, resale, supply,
*software.
**
** Sections are maps of SKU to row; the row `all` is read first, for every SKU, and the SKU's own goes over it.
*/
#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/note.h"
#include "facts/fleet_read.h"

#define KEYS(x) x, sizeof x / sizeof *x

typedef bool row_fn(struct fleet_reader *r, const struct node *nd, struct fleet_product *p);

/* Every row of a section with its product. */
static bool section(struct fleet_reader *r, const char *key, const char *mend, row_fn *row)
{
    const struct node *nd = node_get(r->doc, key), *all = nd && nd->kind == NODE_MAP ? node_get(nd, "all") : NULL;
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, mend))
        return false;
    for (size_t k = 0; all && k < r->s->nproduct; k++)
        if (!row(r, all, &r->s->product[k]))
            return false;
    for (size_t i = 0; i < nd->n; i++) {
        if (&nd->item[i] == all)
            continue;
        struct fleet_product *p = fleet_product_named(r, nd->key[i], &nd->item[i]);
        if (!p || !row(r, &nd->item[i], p))
            return false;
    }
    return true;
}

static bool one_way(struct fleet_reader *r, const struct node *nd, const char *x, const char *y)
{
    const struct node *both = node_get(nd, x) ? node_get(nd, y) : NULL;
    return !both || err_input(r->e, node_place(r->a, both), "%s and %s exclude each other", x, y);
}

/* A price of nothing is a slip: a card that costs nothing is bought without end. */
#define MOST_USD 1e8             /* a card, or a card-hour: beyond it is a slip, and the solver loses its footing */

static bool priced(struct fleet_reader *r, const struct node *nd, struct series *s)
{
    if (!series_read(r->a, nd, UNIT_USD, false, s, r->e))
        return false;
    for (size_t i = 0; nd && i < s->n; i++)
        if (!(s->v[i] > 0 && s->v[i] <= MOST_USD))
            return err_input(r->e, node_place(r->a, nd), "a price must be above 0, and at most %g USD", MOST_USD);
    return true;
}

static bool price_row(struct fleet_reader *r, const struct node *nd, struct fleet_product *p)
{
    static const char *const keys[] = {"purchase", "installed", "on_demand", "reserved", "term", "lease_out"};
    const char *mend = "write prices: {h100-sxm-80: {purchase: 31000 USD, on_demand: $3.2, reserved: $2.4, term: 1y}}";
    return fleet_need_map(r, nd, mend) && node_keys(r->a, nd, KEYS(keys), r->e) &&
           one_way(r, nd, "purchase", "installed") && priced(r, node_get(nd, "purchase"), &p->purchase) &&
           priced(r, node_get(nd, "installed"), &p->installed) && priced(r, node_get(nd, "on_demand"), &p->on_demand) &&
           priced(r, node_get(nd, "reserved"), &p->reserved) && priced(r, node_get(nd, "lease_out"), &p->lease_out) &&
           node_unit(r->a, node_get(nd, "term"), UNIT_LEAD_MONTHS, &p->reserved_months, r->e);
}

static bool resale_row(struct fleet_reader *r, const struct node *nd, struct fleet_product *p)
{
    static const char *const keys[] = {"half_life", "value"};
    const struct node *half = node_get(nd, "half_life");
    if (!fleet_need_map(r, nd, "write resale: {h100-sxm-80: {half_life: 1.8y}}") ||
        !node_keys(r->a, nd, KEYS(keys), r->e) || !one_way(r, nd, "half_life", "value") ||
        !node_unit(r->a, half, UNIT_DURATION_S, &p->half_life_s, r->e))
        return false;
    if (half && !(p->half_life_s > 0))
        return err_input(r->e, node_place(r->a, half),
                         "expected the time in which a used card loses half its price, such as 1.8y");
    return series_read(r->a, node_get(nd, "value"), UNIT_USD, false, &p->resale, r->e);
}

static bool supply_row(struct fleet_reader *r, const struct node *nd, struct fleet_product *p)
{
    static const char *const keys[] = {"lead", "per_quarter", "rent", "life"};
    p->lead_given |= node_get(nd, "lead") != NULL;
    return fleet_need_map(r, nd, "write supply: {h100-sxm-80: {lead: 2q, per_quarter: 5000}}") &&
           node_keys(r->a, nd, KEYS(keys), r->e) &&
           node_unit(r->a, node_get(nd, "lead"), UNIT_LEAD_MONTHS, &p->lead_months, r->e) &&
           series_read(r->a, node_get(nd, "per_quarter"), UNIT_COUNT, true, &p->per_quarter, r->e) &&
           series_read(r->a, node_get(nd, "rent"), UNIT_COUNT, true, &p->rent_cap, r->e) &&
           node_unit(r->a, node_get(nd, "life"), UNIT_DURATION_S, &p->life_s, r->e);
}

/* Sections of one figure each: {all: 300k USD, h100-sxm-80: 1M USD}, or one figure for all. */
static bool figure(struct fleet_reader *r, const char *key, enum unit u, size_t offset)
{
    const struct node *nd = node_get(r->doc, key);
    double v = 0;
    if (!nd)
        return true;
    bool map = nd->kind == NODE_MAP;
    const struct node *all = map ? node_get(nd, "all") : nd;
    if (!node_unit(r->a, all, u, &v, r->e))
        return false;
    for (size_t k = 0; all && k < r->s->nproduct; k++)
        *(double *)((char *)&r->s->product[k] + offset) = v;
    for (size_t i = 0; map && i < nd->n; i++) {
        if (&nd->item[i] == all)
            continue;
        struct fleet_product *p = fleet_product_named(r, nd->key[i], &nd->item[i]);
        if (!p || !node_unit(r->a, &nd->item[i], u, (double *)((char *)p + offset), r->e))
            return false;
    }
    return true;
}

/* The index of a device's software among the families. */
static int family_of(struct fleet_reader *r, const struct accelerator *acc)
{
    struct fleet_scenario *s = r->s;
    const char *name = acc->software ? acc->software : "own";
    for (size_t f = 0; f < s->nsoftware; f++)
        if (strcasecmp(s->software[f].name, name) == 0)
            return (int)f;
    s->software[s->nsoftware] = (struct fleet_software){.name = name, .ported = true};
    return (int)s->nsoftware++;
}

static bool add_product(struct fleet_reader *r, const char *name, const struct node *nd, bool listed,
                        struct fleet_product **out)
{
    struct fleet_scenario *s = r->s;
    const struct accelerator *acc =
        catalog_accelerator(r->c, scenario_beside(r->a, r->doc->file, name), node_place(r->a, nd), r->notes, r->e);
    if (!acc)
        return false;
    for (size_t k = 0; k < s->nproduct; k++)
        if (s->product[k].acc == acc) {
            *out = &s->product[k];
            return !listed || err_input(r->e, node_place(r->a, nd), "%s stands there twice", acc->id);
        }
    if (s->nproduct == FLEET_SKUS_MAX)
        return err_input(r->e, node_place(r->a, nd), "more than %d SKUs", FLEET_SKUS_MAX);
    *out = &s->product[s->nproduct++];
    **out = (struct fleet_product){.acc = acc,
                                   .place = node_place(r->a, nd),
                                   .listed = listed,
                                   .rack_units = NAN,
                                   .power_w = NAN,
                                   .complexity_usd_y = NAN};
    (*out)->family = family_of(r, acc);
    return true;
}

static bool read_list(struct fleet_reader *r)
{
    const struct node *nd = node_get(r->doc, "skus"), *stock = node_get(r->doc, "stock");
    struct fleet_product *p;
    const char *name = NULL;
    if (!nd)
        return fleet_missing(r, r->doc, "skus",
                             "write skus: [h100-sxm-80, mi300x, l40s], what may be bought or rented");
    if (nd->kind != NODE_SEQ || !nd->n)
        return err_input(r->e, node_place(r->a, nd), "expected a list such as [h100-sxm-80, mi300x, l40s]");
    for (size_t i = 0; i < nd->n; i++)
        if (!node_str(r->a, &nd->item[i], &name, r->e) || !add_product(r, name, &nd->item[i], true, &p))
            return false;
    if (!stock || node_is_null(stock))
        return true;
    if (!fleet_need_map(r, stock, "write stock: {a100-sxm-80: 4000}"))
        return false;
    for (size_t i = 0; i < stock->n; i++)
        if (!add_product(r, stock->key[i], &stock->item[i], false, &p) ||
            !node_unit(r->a, &stock->item[i], UNIT_COUNT, &p->stock, r->e))
            return false;
    return true;
}

static bool maturity(struct fleet_reader *r, const struct node *nd, struct fleet_software *f)
{
    const struct node *step = node_get(nd, "per_quarter");
    if (!series_read_with(r->a, nd, UNIT_FRAC, false, "per_quarter", &f->maturity, r->e) ||
        !node_unit(r->a, step, UNIT_FRAC, &f->maturity_quarter, r->e))
        return false;
    for (size_t i = 0; i < f->maturity.n; i++)
        if (!(f->maturity.v[i] > 0))
            return err_input(r->e, node_place(r->a, nd),
                             "a maturity is above 0: the share of the silicon's speed that the software reaches");
    return true;
}

static bool read_software(struct fleet_reader *r)
{
    static const char *const keys[] = {"port_cost", "lag", "maturity", "ported"};
    const struct node *nd = node_get(r->doc, "software");
    struct fleet_scenario *s = r->s;
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, "write software: {rocm: {port_cost: 8M USD, lag: 1q}}"))
        return false;
    for (size_t i = 0; i < nd->n; i++) {
        const struct node *row = &nd->item[i];
        const char *names[FLEET_SKUS_MAX];
        struct fleet_software *f = NULL;
        for (size_t k = 0; k < s->nsoftware; k++) {
            names[k] = s->software[k].name;
            if (strcasecmp(names[k], nd->key[i]) == 0)
                f = &s->software[k];
        }
        if (!f) {
            const char *close = text_closest(nd->key[i], names, s->nsoftware);
            err_input(r->e, node_place(r->a, row), "none of the skus runs software \"%.40s\"", nd->key[i]);
            return close ? err_mend(r->e, "did you mean \"%s\"?", close) : err_mend(r->e, "here runs %s", names[0]);
        }
        if (!fleet_need_map(r, row, "write software: {rocm: {port_cost: 8M USD, lag: 1q}}") ||
            !node_keys(r->a, row, KEYS(keys), r->e) ||
            !node_unit(r->a, node_get(row, "port_cost"), UNIT_USD, &f->port_usd, r->e) ||
            !node_unit(r->a, node_get(row, "lag"), UNIT_LEAD_MONTHS, &f->lag_months, r->e) ||
            !maturity(r, node_get(row, "maturity"), f))
            return false;
        f->given = true;
        f->ported = !(f->port_usd > 0) && !(f->lag_months > 0);
        if (!node_bool(r->a, node_get(row, "ported"), &f->ported, r->e))
            return false;
    }
    return true;
}

static void say_defaults(struct fleet_reader *r)
{
    for (size_t f = 0; f < r->s->nsoftware; f++)
        if (!r->s->software[f].given && strcasecmp(r->s->software[f].name, "CUDA") != 0)
            note_add(r->notes,
                     "software: nothing is said of %s, so it counts as ported and mature; write software: {%s: "
                     "{port_cost: .., lag: ..}}",
                     r->s->software[f].name, r->s->software[f].name);
}

bool fleet_read_skus(struct fleet_reader *r)
{
    struct fleet_scenario *s = r->s;
    s->product = ARENA_ARRAY(r->a, struct fleet_product, FLEET_SKUS_MAX);
    s->software = ARENA_ARRAY(r->a, struct fleet_software, FLEET_SKUS_MAX);
    if (!read_list(r) ||
        !section(r, "prices", "write prices: {h100-sxm-80: {purchase: 31000 USD, on_demand: $3.2}}", price_row) ||
        !section(r, "resale", "write resale: {h100-sxm-80: {half_life: 1.8y}}", resale_row) ||
        !section(r, "supply", "write supply: {h100-sxm-80: {lead: 2q, per_quarter: 5000}}", supply_row) ||
        !figure(r, "complexity", UNIT_USD, offsetof(struct fleet_product, complexity_usd_y)) ||
        !figure(r, "spares", UNIT_COUNT, offsetof(struct fleet_product, spares)) ||
        !figure(r, "rack_units", UNIT_COUNT, offsetof(struct fleet_product, rack_units)) ||
        !figure(r, "server_power", UNIT_POWER_W, offsetof(struct fleet_product, power_w)) || !read_software(r))
        return false;
    say_defaults(r);
    return true;
}
