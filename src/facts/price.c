/* price.c - what a card costs on a day.
**
**      rent   = median over providers of the cheapest row of each provider's newest date, dates within 18 months of the
*newest
**      owned  = [ CRF * P * (server + network - residual * (1+r)^-n) + ops * P ] / 8760 + kW * (load * PUE * $/kWh +
*colocation)
**      CRF    = r / (1 - (1+r)^-n),   kW = TDP * server power / 1000,   colocation = $/kW-month * 12 / 8760
*/
#include "facts/price.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/units.h"
#include "facts/catalog.h"

#define HOURS_Y 8760.0
#define WINDOW_DAYS 548 /* 18 months */
#define STALE_DAYS 731 /* 24 months */

struct offer { /* one provider's newest day */
    const char *provider, *source;
    double usd; /* cheapest row of that day */
    int32_t date;
    int cards; /* smallest instance of that day; 0: not said */
    bool recall;
};

/* First row of a sku and kind in the sorted list. */
static size_t first_row(const struct catalog *c, const char *sku, enum price_kind kind)
{
    size_t lo = 0, hi = c->nprice;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int d = strcmp(c->price[mid].sku, sku);
        if (d < 0 || (d == 0 && c->price[mid].kind < kind))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

static bool counts(const struct price_row *r, const struct price_query *q)
{
    if (r->aggregate || (q->as_of && r->date > q->as_of))
        return false;
    if (q->region && strcmp(q->region, "any") != 0 && *r->region && strcmp(r->region, q->region) != 0)
        return false;
    return !q->provider || strcmp(q->provider, "any") == 0 || strcasecmp(q->provider, r->provider) == 0;
}

/* Fold a row into its provider's offer; rows come in order of date. */
static void fold(struct offer *o, const struct price_row *r)
{
    if (r->date > o->date || r->usd < o->usd) {
        if (r->date > o->date)
            o->cards = 0;
        *o = (struct offer){r->provider, r->source, r->usd, r->date, o->cards, r->recall};
    }
    if (r->cards && (!o->cards || r->cards < o->cards))
        o->cards = r->cards;
}

/* One offer a provider, none older than the window. Returns how many. */
static size_t collect(const struct catalog *c, const char *sku, enum price_kind kind, const struct price_query *q,
                      struct offer *out)
{
    size_t n = 0, kept = 0;
    int32_t newest = 0;
    for (size_t i = first_row(c, sku, kind); i < c->nprice; i++) {
        const struct price_row *r = &c->price[i];
        size_t k = 0;
        if (strcmp(r->sku, sku) != 0 || r->kind != kind)
            break;
        if (!counts(r, q))
            continue;
        while (k < n && strcmp(out[k].provider, r->provider) != 0)
            k++;
        if (k == n)
            out[n++] = (struct offer){.provider = r->provider};
        fold(&out[k], r);
        newest = r->date > newest ? r->date : newest;
    }
    for (size_t k = 0; k < n; k++)
        if (date_to_days(newest) - date_to_days(out[k].date) <= WINDOW_DAYS)
            out[kept++] = out[k];
    return kept;
}

static size_t row_count(const struct catalog *c, const char *sku, enum price_kind kind)
{
    size_t first = first_row(c, sku, kind), i = first;
    while (i < c->nprice && c->price[i].kind == kind && strcmp(c->price[i].sku, sku) == 0)
        i++;
    return i - first;
}

static int by_usd(const void *x, const void *y)
{
    double p = ((const struct offer *)x)->usd, q = ((const struct offer *)y)->usd;
    return p != q ? (p > q) - (p < q)
                  : strcmp(((const struct offer *)x)->provider, ((const struct offer *)y)->provider);
}

/* Most common smallest instance; a tie goes to the smaller one. */
static int instance(const struct offer *o, size_t n, int otherwise)
{
    int best = 0, times = 0;
    for (size_t i = 0; i < n; i++) {
        int same = 0;
        for (size_t k = 0; k < n; k++)
            same += o[k].cards == o[i].cards;
        if (o[i].cards && (same > times || (same == times && o[i].cards < best))) {
            best = o[i].cards;
            times = same;
        }
    }
    return best ? best : otherwise;
}

/* A source as people know it: the repository, the host of an address, else its text. */
static void short_source(char *out, size_t size, const char *s)
{
    const char *from = strstr(s, "://"), *stop;
    from = from && from - s < 8 ? from + 3 : s;
    stop = from + strcspn(from, from == s ? ":;@," : "/;, ");
    snprintf(out, size, "%.*s", (int)(stop - from < 60 ? stop - from : 60), from);
}

static const char *month(struct arena *a, int32_t date)
{
    return arena_printf(a, "%04d-%02d", date / 10000, date / 100 % 100);
}

/* "median of 9 providers, 2026-07..2026-10; ewyluda/gpu-price-index and others" */
static const char *source_line(struct arena *a, const struct offer *o, size_t n, const struct price *p)
{
    char name[64], other[64];
    const char *d0 = month(a, p->date_first), *d1 = month(a, p->date_last);
    size_t best = 0, times = 0, same = 0;
    for (size_t i = 0; i < n; i++) {
        short_source(name, sizeof name, o[i].source);
        same = 0;
        for (size_t k = 0; k < n; k++) {
            short_source(other, sizeof other, o[k].source);
            same += strcmp(name, other) == 0;
        }
        if (same > times) {
            best = i;
            times = same;
        }
    }
    short_source(name, sizeof name, o[best].source);
    const char *what = n == 1 ? o[0].provider : arena_printf(a, "median of %zu providers", n);
    return arena_printf(a, "%s, %s%s%s; %s%s", what, d0, strcmp(d0, d1) ? ".." : "", strcmp(d0, d1) ? d1 : "", name,
                        times < n ? " and others" : "");
}

static struct price listed(struct arena *a, const struct catalog *c, const char *sku, enum price_kind kind,
                           const struct price_query *q, int otherwise)
{
    struct offer *o = ARENA_ARRAY(a, struct offer, row_count(c, sku, kind));
    size_t n = collect(c, sku, kind, q, o);
    struct price p = {.kind = kind, .instance_cards = otherwise};
    if (!n)
        return p;
    p.instance_cards = instance(o, n, otherwise);
    qsort(o, n, sizeof *o, by_usd);
    p.found = p.recall = true;
    p.n = (int)n;
    p.usd_h = n % 2 ? o[n / 2].usd : (o[n / 2 - 1].usd + o[n / 2].usd) / 2;
    p.lo_usd_h = o[0].usd;
    p.hi_usd_h = o[n - 1].usd;
    p.date_first = p.date_last = o[0].date;
    for (size_t i = 0; i < n; i++) {
        p.recall &= o[i].recall;
        p.date_first = o[i].date < p.date_first ? o[i].date : p.date_first;
        p.date_last = o[i].date > p.date_last ? o[i].date : p.date_last;
    }
    p.source = source_line(a, o, n, &p);
    return p;
}

double price_owned_usd_h(const struct economics *ec, double purchase_usd, double tdp_w)
{
    double r = ec->discount_frac_y, n = ec->life_y;
    double later = pow(1 + r, -n);
    double crf = r > 0 ? r / (1 - later) : 1 / n;
    double capital = crf * purchase_usd * (ec->server_mult + ec->network_frac - ec->residual_frac * later);
    double kw = tdp_w * ec->server_power_mult / 1000;
    return (capital + ec->ops_frac_y * purchase_usd) / HOURS_Y +
           kw * (ec->load_frac * ec->pue * ec->usd_kwh + ec->colo_usd_kw_month * 12 / HOURS_Y);
}

static struct price owned(struct arena *a, const struct catalog *c, const struct accelerator *acc,
                          const struct price_query *q)
{
    struct price_query any = {PRICE_PURCHASE, q->as_of, NULL, NULL};
    struct price p = listed(a, c, acc->id, PRICE_PURCHASE, &any, acc->node_cards);
    const struct economics *ec = &c->economics;
    p.kind = PRICE_OWNED;
    p.instance_cards = acc->node_cards;
    if (!p.found)
        return p;
    p.purchase_usd = p.usd_h;
    p.usd_h = price_owned_usd_h(ec, p.usd_h, acc->tdp_w);
    p.lo_usd_h = price_owned_usd_h(ec, p.lo_usd_h, acc->tdp_w);
    p.hi_usd_h = price_owned_usd_h(ec, p.hi_usd_h, acc->tdp_w);
    p.source = arena_printf(a, "capital recovery of %.0f USD over %g years (%s)", p.purchase_usd, ec->life_y, p.source);
    if (acc->tdp_w == 0)
        p.note = "power is not counted: the vendor publishes no TDP";
    return p;
}

/* The day prices are asked for: as_of, or that of the newest price known. */
static int32_t today(const struct catalog *c, const struct price_query *q)
{
    int32_t newest = q->as_of;
    for (size_t i = 0; !q->as_of && i < c->nprice; i++)
        newest = c->price[i].date > newest ? c->price[i].date : newest;
    return newest;
}

static struct price of_device(struct arena *a, const struct catalog *c, const struct accelerator *acc, const struct price_query *q)
{
    if (q->kind == PRICE_OWNED)
        return owned(a, c, acc, q);
    struct price p = listed(a, c, acc->id, q->kind, q, acc->node_cards);
    p.stale = p.found && date_to_days(today(c, q)) - date_to_days(p.date_last) > STALE_DAYS;
    if (p.stale)
        p.note = arena_printf(a, "the newest %s price is of %s", price_kind_name[q->kind], month(a, p.date_last));
    if (p.found || q->kind > PRICE_SURVEY)
        return p;
    struct price own = owned(a, c, acc, q);
    if (own.found)
        own.note = arena_printf(a, "no %s price is listed: owned instead%s%s", price_kind_name[q->kind],
                                own.note ? "; " : "", own.note ? own.note : "");
    else
        own.note = arena_printf(a, "no %s and no purchase price is listed", price_kind_name[q->kind]);
    if (!own.found)
        own.kind = q->kind;
    return own;
}

/* The price of an instance is its part of a card that holds nothing else, and whole cards are paid for. */
struct price price_find(struct arena *a, const struct catalog *c, const struct accelerator *acc, const struct price_query *q)
{
    if (!acc->card)
        return of_device(a, c, acc, q);
    struct price p = of_device(a, c, acc->card, q);
    double part = 1.0 / acc->per_card;
    p.usd_h *= part, p.lo_usd_h *= part, p.hi_usd_h *= part, p.purchase_usd *= part;
    p.instance_cards = (p.instance_cards > 1 ? p.instance_cards : 1) * acc->per_card;
    if (p.found)
        p.note = arena_printf(a, "1/%d of a card, and whole cards are paid for%s%s", acc->per_card, p.note ? "; " : "", p.note ? p.note : "");
    return p;
}

bool price_api(struct arena *a, const struct catalog *c, const char *model_id, int32_t as_of, double *in_usd_mtok,
               double *out_usd_mtok, const char **source)
{
    const struct price_query q = {PRICE_API_IN, as_of, NULL, NULL};
    const struct price_query to = {PRICE_API_OUT, as_of, NULL, NULL};
    struct price in = listed(a, c, model_id, PRICE_API_IN, &q, 1);
    struct price out = listed(a, c, model_id, PRICE_API_OUT, &to, 1);
    if (!in.found || !out.found)
        return false;
    *in_usd_mtok = in.usd_h;
    *out_usd_mtok = out.usd_h;
    if (source)
        *source = arena_printf(a, "%s%s", in.source, in.recall && out.recall ? " (recall)" : "");
    return true;
}
