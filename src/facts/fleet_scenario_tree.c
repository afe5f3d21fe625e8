/* fleet_scenario_tree.c - how the future branches: each row of `scenarios` leaves its parent at a date, with a
*probability.
**
**      sum over the rows of one parent and one date <= 1; what is left goes on as the parent
**
** Factors multiply along the way: demand of a row = its factor * that of its parent.
*/
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "facts/fleet_read.h"

#define ROUNDING 1e-9

static struct fleet_future *add(struct fleet_reader *r, const char *name, const char *place)
{
    struct fleet_scenario *s = r->s;
    struct fleet_future *f = &s->future[s->nfuture++];
    *f = (struct fleet_future){.name = name, .place = place, .parent = -1, .probability = 1};
    f->factor = ARENA_ARRAY(r->a, double, s->njob);
    f->demand = ARENA_ARRAY(r->a, struct series, s->njob);
    f->resale = ARENA_ARRAY(r->a, double, s->nproduct);
    for (size_t w = 0; w < s->njob; w++)
        f->factor[w] = 1;
    for (size_t k = 0; k < s->nproduct; k++)
        f->resale[k] = 1;
    return f;
}

static bool parent(struct fleet_reader *r, const struct node *nd, struct fleet_future *f)
{
    const char *name = NULL, *names[FLEET_FUTURES_MAX];
    struct fleet_scenario *s = r->s;
    f->parent = 0;
    if (!nd)
        return true;
    if (!node_str(r->a, nd, &name, r->e))
        return false;
    size_t n = s->nfuture - 1; /* not itself */
    for (size_t i = 0; i < n; i++) {
        names[i] = s->future[i].name;
        if (strcmp(names[i], name) == 0) {
            f->parent = (int)i;
            return true;
        }
    }
    const char *close = text_closest(name, names, n);
    err_input(r->e, node_place(r->a, nd), "no scenario above this one is called \"%.40s\"", name);
    return close ? err_mend(r->e, "did you mean \"%s\"?", close)
                 : err_mend(r->e, "a parent stands before its children");
}

/* "1.5x" is a factor on what the parent has; anything else is a demand of its own. */
static bool is_factor(const struct node *nd)
{
    size_t n = nd->kind == NODE_SCALAR && nd->text ? strlen(nd->text) : 0;
    return n > 1 && nd->text[n - 1] == 'x';
}

static bool demand(struct fleet_reader *r, const struct node *nd, struct fleet_future *f)
{
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, "write demand: {chat: 1.5x}"))
        return false;
    for (size_t i = 0; i < nd->n; i++) {
        const struct node *v = &nd->item[i];
        struct fleet_job *j = fleet_job_named(r, nd->key[i], v);
        if (!j)
            return false;
        size_t w = (size_t)(j - r->s->job);
        if (j->kind == FLEET_TRAINING)
            return err_input(r->e, node_place(r->a, v),
                             "a training campaign is run in every future: it has no demand to change");
        if (is_factor(v)) {
            if (!node_unit(r->a, v, UNIT_FACTOR, &f->factor[w], r->e))
                return false;
        } else if (!fleet_demand_read(r, v, j, &f->demand[w]))
            return r->e->mend[0] ? false : err_mend(r->e, "or write a factor such as 1.5x");
    }
    return true;
}

static bool resale(struct fleet_reader *r, const struct node *nd, struct fleet_future *f)
{
    if (!nd)
        return true;
    if (!fleet_need_map(r, nd, "write resale: {h100-sxm-80: 0.5x}"))
        return false;
    for (size_t i = 0; i < nd->n; i++) {
        struct fleet_product *p = fleet_product_named(r, nd->key[i], &nd->item[i]);
        double *to = p ? &f->resale[p - r->s->product] : NULL;
        if (!p || !node_unit(r->a, &nd->item[i], UNIT_FACTOR, to, r->e))
            return false;
        if (*to > 1)
            return err_input(r->e, node_place(r->a, &nd->item[i]),
                             "a factor above 1 could make a used card dearer than a new one");
    }
    return true;
}

/* Of a parent, the probability that branches off at a period. */
static double branching(const struct fleet_scenario *s, int parent_index, int period)
{
    double sum = 0;
    for (size_t i = 1; i < s->nfuture; i++)
        if (s->future[i].parent == parent_index && s->future[i].from == period)
            sum += s->future[i].probability;
    return sum;
}

/* Is anything of its parent left when f branches off? */
static bool parent_lives(const struct fleet_scenario *s, const struct fleet_future *f)
{
    for (int t = 0; t < f->from; t++)
        if (branching(s, f->parent, t) > 1 - ROUNDING)
            return false;
    return true;
}

static bool row(struct fleet_reader *r, const struct node *nd)
{
    static const char *const keys[] = {"name", "parent", "from", "probability", "demand", "resale"};
    struct fleet_scenario *s = r->s;
    const char *name = NULL, *mend = "write {name: boom, probability: 0.6, from: 2027-Q1, demand: {chat: 1.5x}}";
    if (!fleet_need_map(r, nd, mend) || !node_keys(r->a, nd, keys, 6, r->e) ||
        !node_str(r->a, node_get(nd, "name"), &name, r->e))
        return false;
    for (int i = 0; i < 4; i++)
        if (i != 1 && !node_get(nd, keys[i]))
            return fleet_missing(r, nd, keys[i], mend);
    for (size_t i = 0; i < s->nfuture; i++)
        if (strcmp(s->future[i].name, name) == 0)
            return err_input(r->e, node_place(r->a, node_get(nd, "name")),
                             i ? "%s stands there twice" : "%s is the future without any of these", name);
    if (s->nfuture == FLEET_FUTURES_MAX)
        return err_input(r->e, node_place(r->a, nd), "more than %d scenarios", FLEET_FUTURES_MAX - 1);
    struct fleet_future *f = add(r, name, node_place(r->a, nd));
    const struct node *from = node_get(nd, "from"), *p = node_get(nd, "probability");
    const char *date = NULL;
    if (!parent(r, node_get(nd, "parent"), f) || !node_str(r->a, from, &date, r->e) ||
        !fleet_period_of(r, from, date, &f->from) || !node_unit(r->a, p, UNIT_FRAC, &f->probability, r->e))
        return false;
    int first = f->parent > 0 ? s->future[f->parent].from : 0;
    if (f->from <= first)
        return err_input(r->e, node_place(r->a, from),
                         f->parent > 0 ? "a scenario branches off after its parent does"
                                       : "the first period is known: branch off after it");
    if (!(f->probability > 0))
        return err_input(r->e, node_place(r->a, p), "a future of probability 0 is none: take it out");
    return demand(r, node_get(nd, "demand"), f) && resale(r, node_get(nd, "resale"), f);
}

static bool check(struct fleet_reader *r)
{
    struct fleet_scenario *s = r->s;
    for (size_t i = 1; i < s->nfuture; i++) {
        struct fleet_future *f = &s->future[i];
        double sum = branching(s, f->parent, f->from);
        if (sum > 1 + ROUNDING) {
            err_input(r->e, f->place, "scenarios of the same parent and date add up to %g", sum);
            return err_mend(r->e, "probabilities are conditional: together at most 1, the rest goes on as the parent");
        }
        if (!parent_lives(s, f)) {
            err_input(r->e, f->place, "no probability is left of its parent %s: all of it has branched off before",
                      s->future[f->parent].name);
            return err_mend(r->e, "name one of those as its parent");
        }
    }
    return true;
}

bool fleet_read_futures(struct fleet_reader *r)
{
    const struct node *nd = node_get(r->doc, "scenarios");
    r->s->future = ARENA_ARRAY(r->a, struct fleet_future, FLEET_FUTURES_MAX);
    add(r, "base", r->doc->file);
    if (!nd || node_is_null(nd))
        return true;
    if (nd->kind != NODE_SEQ) {
        err_input(r->e, node_place(r->a, nd), "expected a list");
        return err_mend(r->e, "write scenarios: [{name: boom, probability: 0.6, from: 2027-Q1, demand: {chat: 1.5x}}]");
    }
    for (size_t i = 0; i < nd->n; i++)
        if (!row(r, &nd->item[i]))
            return false;
    return check(r);
}
