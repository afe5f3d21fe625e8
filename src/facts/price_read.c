/* price_read.c - prices.csv (one row a dated list price) and economics.yaml (each value with source and date). */
#include "facts/price_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/csv.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/figures.h"

const char *const price_kind_name[PRICE_KIND_N] = {"on-demand", "spot",   "reserved-1y", "reserved-3y", "survey",
                                                   "purchase",  "resale", "api-in",      "api-out",     "owned"};

enum col { SKU, KIND, DATE, PROVIDER, AREA, CARDS, USD, RECALL, AGGREGATE, SOURCE, NOTE, NCOL };
static const char *const col_name[NCOL] = {"sku", "kind",   "date",      "provider", "area", "cards",
                                           "usd", "recall", "aggregate", "source",   "note"};

/* Texts repeat from row to row (providers, sources, dates of one page): the row before often has the same. */
static const char *text_of(struct arena *a, struct cell v, const char *before)
{
    return before && cell_is(v, before) ? before : cell_dup(a, v);
}

static bool flag(struct cell v)
{
    return cell_is(v, "1") || cell_is(v, "yes") || cell_is(v, "true");
}

static bool read_row(struct arena *a, const struct csv *c, const int at[NCOL], const struct price_row *before,
                     struct price_row *r, struct err *e)
{
    char place[128], word[32];
    const struct cell *cell[NCOL];
    int64_t cards = 0;
    struct err why;
    for (int k = 0; k < NCOL; k++)
        cell[k] = csv_cell(c, at[k]);
    snprintf(place, sizeof place, "%.80s:%llu", c->name, (unsigned long long)c->line);
    *r = (struct price_row){.kind = PRICE_KIND_N};
    for (int k = 0; k < PRICE_OWNED; k++)
        if (cell_is(*cell[KIND], price_kind_name[k]))
            r->kind = (enum price_kind)k;
    if (r->kind == PRICE_KIND_N)
        return err_input(e, place, "kind: unknown kind of price \"%.*s\"", (int)cell[KIND]->n, cell[KIND]->at),
               err_mend(e,
                        "write on-demand, spot, reserved-1y, reserved-3y, survey, purchase, resale, api-in or api-out");
    snprintf(word, sizeof word, "%.*s", (int)(cell[DATE]->n < 31 ? cell[DATE]->n : 31), cell[DATE]->at);
    if (!date_parse(word, &r->date, place, &why))
        return *e = why, false;
    if (!cell_f64(*cell[USD], &r->usd) || r->usd <= 0 || r->usd > 1e9)
        return err_input(e, place, "usd: expected a price above 0, got \"%.*s\"", (int)cell[USD]->n, cell[USD]->at);
    if (cell[CARDS]->n && (!cell_i64(*cell[CARDS], &cards) || cards < 0 || cards > 100000))
        return err_input(e, place, "cards: expected a whole number, got \"%.*s\"", (int)cell[CARDS]->n,
                         cell[CARDS]->at);
    if (!cell[SKU]->n || !cell[SOURCE]->n)
        return err_input(e, place, "a price needs a sku and a source");
    r->cards = (int)cards;
    r->sku = text_of(a, *cell[SKU], before ? before->sku : NULL);
    r->provider = text_of(a, *cell[PROVIDER], before ? before->provider : NULL);
    r->region = text_of(a, *cell[AREA], before ? before->region : NULL);
    r->source = text_of(a, *cell[SOURCE], before ? before->source : NULL);
    r->note = text_of(a, *cell[NOTE], before ? before->note : NULL);
    r->recall = flag(*cell[RECALL]);
    r->aggregate = flag(*cell[AGGREGATE]);
    return true;
}

bool price_read(struct arena *a, const char *name, const char *bytes, size_t n, struct price_list *out,
                struct notes *notes, struct err *e)
{
    struct csv c;
    int at[NCOL];
    const char *shown = name;
    (void)notes;
    if (!csv_open(&c, a, shown, arena_strndup(a, bytes, n), n, e))
        return false;
    for (int k = 0; k < NCOL; k++) {
        at[k] = csv_column(&c, col_name[k]);
        if (at[k] < 0 && k != AREA && k != CARDS && k != RECALL && k != AGGREGATE && k != NOTE)
            return err_input(e, name, "column %s is missing", col_name[k]),
                   err_mend(e, "copy the header of data/prices.csv");
    }
    while (csv_next(&c)) {
        if (out->n == out->cap) {
            out->cap = out->cap ? 2 * out->cap : 2048;
            out->row = arena_grow(a, out->row, out->n, out->cap, sizeof *out->row);
        }
        if (!read_row(a, &c, at, out->n ? &out->row[out->n - 1] : NULL, &out->row[out->n], e))
            return false;
        out->n++;
    }
    return true;
}

static int order(double x, double y)
{
    return (x > y) - (x < y);
}

static int by_key(const void *x, const void *y)
{
    const struct price_row *p = x, *q = y;
    int d = strcmp(p->sku, q->sku);
    d = d ? d : order(p->kind, q->kind);
    d = d ? d : order(p->date, q->date);
    d = d ? d : strcmp(p->provider, q->provider);
    d = d ? d : strcmp(p->region, q->region);
    d = d ? d : order(p->cards, q->cards);
    d = d ? d : order(p->usd, q->usd);
    return d ? d : strcmp(p->note, q->note);
}

void price_sort(struct price_list *l)
{
    bool sorted = true; /* the built-in table is */
    for (size_t i = 1; sorted && i < l->n; i++)
        sorted = by_key(&l->row[i - 1], &l->row[i]) <= 0;
    if (!sorted)
        qsort(l->row, l->n, sizeof *l->row, by_key);
}

bool economics_read(struct arena *a, const struct node *doc, struct economics *out, struct err *e)
{
    double life_s = out->life_y * 31557600;
    const struct figure_field f[] = {
        {"discount", UNIT_FRAC, &out->discount_frac_y, 0, 1},
        {"life", UNIT_DURATION_S, &life_s, 0, 1e10},
        {"residual", UNIT_FRAC, &out->residual_frac, 0, 1},
        {"server_mult", UNIT_FACTOR, &out->server_mult, 0, 10},
        {"network", UNIT_FRAC, &out->network_frac, 0, 1},
        {"server_power_mult", UNIT_FACTOR, &out->server_power_mult, 0, 10},
        {"load", UNIT_FRAC, &out->load_frac, 0, 1},
        {"pue", UNIT_FACTOR, &out->pue, 0, 5},
        {"usd_kwh", UNIT_USD, &out->usd_kwh, 0, 10},
        {"colo_usd_kw_month", UNIT_USD, &out->colo_usd_kw_month, 0, 10000},
        {"ops", UNIT_FRAC, &out->ops_frac_y, 0, 1},
    };
    if (!figures_read(a, doc, f, sizeof f / sizeof *f, &out->source, e))
        return false;
    out->life_y = life_s / 31557600;
    if (out->life_y < 0.5)
        return err_input(e, doc->file, "life is missing or under half a year"), err_mend(e, "write life: 4y");
    return true;
}
