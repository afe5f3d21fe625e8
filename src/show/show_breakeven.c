/* show_breakeven.c - `moat breakeven` as text: the answer in a sentence, what must be delivered, contours, who is not bought and why. */
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_breakeven.h"
#include "show/table.h"
#include "show/text.h"

static void head(const struct show *s, const char *text)
{
    buf_fmt(s->out, "\n%s", ink(s, INK_BOLD));
    text_wrap(s->out, text, 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

static const char *usd(struct arena *a, double v)
{
    return v == 0 ? "not for nothing" : v == HUGE_VAL ? "any price" : text_usd(a, v);
}

static const char *factor(struct arena *a, double v)
{
    return v == HUGE_VAL ? "more than 64x" : text_times(a, v);
}

static const char *share(struct arena *a, double v)
{
    return v == HUGE_VAL ? "not when mature" : text_percent(a, v);
}

static const char *money(struct arena *a, double v)
{
    return v < 0 ? arena_printf(a, "-%s", text_usd(a, -v)) : text_usd(a, v);
}

typedef const char *say_fn(struct arena *a, double v);

static const char *with_ends(struct arena *a, say_fn *say, const struct be_value *v)
{
    const char *at = say(a, v->at);
    bool same = v->lo == v->at && v->hi == v->at;
    return same || isnan(v->lo) || isnan(v->hi) ? at : arena_printf(a, "%s [%s to %s]", at, say(a, v->lo), say(a, v->hi));
}

static void answer(const struct show *s, const struct breakeven_result *r)
{
    struct arena *a = s->arena;
    const struct breakeven *b = &r->b;
    const char *x = r->x.f.sku[r->q.x].id, *inc = r->x.f.sku[r->q.incumbent].id, *at = text_usd(a, b->price_usd);
    const char *what = b->enters ? arena_printf(a, "%s at %s a card is bought: it pays up to %s.", x, at, usd(a, b->entry_usd.at))
                       : b->entry_usd.at > 0
                           ? arena_printf(a, "%s at %s a card is not bought beside %s: it would be at %s.", x, at, inc,
                                          usd(a, b->entry_usd.at))
                           : arena_printf(a, "%s is not bought beside %s, not even for nothing.", x, inc);
    const char *sure = isnan(b->entry_usd.lo) ? ""
                       : b->surely            ? " That holds at both ends of its speed's 80% interval."
                                              : " At one end of its speed's 80% interval the answer is the other one.";
    buf_add(s->out, ink(s, INK_BOLD));
    text_wrap(s->out, arena_printf(a, "%s%s", what, sure), 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

static void must(const struct show *s, const struct breakeven_result *r)
{
    static const struct column col[] = {{"", COL_LEFT, 0, 0}, {"", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    const struct breakeven *b = &r->b;
    struct table t;
    head(s, "What it must deliver [rates at their slow end to their fast one]");
    table_init(&t, s, col, 2);
    const char *now = b->first_purchase < -1  ? "not found within the limits"
                      : b->first_purchase < 0 ? "never in this horizon"
                                            : horizon_name(a, &r->x.scenario->horizon, b->first_purchase);
    const char *row[][2] = {
        {"entry price", with_ends(a, usd, &b->entry_usd)},
        {"majority price", arena_printf(a, "%s%s", with_ends(a, usd, &b->majority_usd),
                                        b->majority_monotone ? "" : " (its share does not fall steadily with price)")},
        {"speed at the incumbent's price",
         arena_printf(a, "%s of its own (%s)", with_ends(a, factor, &b->speed_x), text_usd(a, b->incumbent_price_usd))},
        {"software budget", arena_printf(a, "%s%s", with_ends(a, money, &b->software_usd),
                                         b->port_usd > 0 ? arena_printf(a, " (a port costs %s)", text_usd(a, b->port_usd)) : "")},
        {"maturity at its price", with_ends(a, share, &b->maturity)},
        {"first purchase", now},
        {"waiting is worth", text_usd(a, b->waiting_usd)},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        table_row(&t, NULL, row[i]);
    table_print(&t);
}

static void flips(const struct show *s, const struct breakeven_result *r)
{
    struct arena *a = s->arena;
    const struct breakeven *b = &r->b;
    head(s, "The answer flips");
    if (b->entry_usd.at > 0 && isfinite(b->entry_usd.at))
        label_line(s, "price", arena_printf(a, "%s %s", b->enters ? "above" : "below", text_usd(a, b->entry_usd.at)));
    if (isfinite(b->maturity.at) && b->maturity.at > 0)
        label_line(s, "maturity", arena_printf(a, "%s %s", b->enters ? "below" : "at", text_percent(a, b->maturity.at)));
    if (b->software_usd.at > 0)
        label_line(s, "software", arena_printf(a, "a port that costs %s than %s", b->enters ? "more" : "less",
                                               text_usd(a, b->software_usd.at)));
    else
        label_line(s, "software", arena_printf(a, "no port is cheap enough: %s short with a free one",
                                               text_usd(a, -b->software_usd.at)));
}

static void contours(const struct show *s, const struct breakeven_result *r)
{
    static const struct column speed[] = {{"speed", COL_RIGHT, 0, 0}, {"entry price", COL_RIGHT, 0, 0}, {"majority price", COL_RIGHT, 0, 0}},
                               mature[] = {{"maturity", COL_RIGHT, 0, 0}, {"entry price", COL_RIGHT, 0, 0}},
                               mem[] = {{"memory", COL_RIGHT, 0, 0}, {"entry price", COL_RIGHT, 0, 0}};
    struct arena *a = s->arena;
    const struct breakeven *b = &r->b;
    struct table t;
    head(s, "Price by speed (of its own)");
    table_init(&t, s, speed, 3);
    for (size_t i = 0; i < BE_SPEEDS; i++) {
        const char *cell[] = {text_times(a, b->by_speed[i].speed), usd(a, b->by_speed[i].entry_usd), usd(a, b->by_speed[i].majority_usd)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    head(s, "Price by maturity (share of mature speed, flat)");
    table_init(&t, s, mature, 2);
    for (size_t i = 0; i < BE_MATURITIES; i++) {
        const char *cell[] = {text_percent(a, b->by_maturity[i].maturity), usd(a, b->by_maturity[i].entry_usd)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
    if (r->q.nmemory) {
        head(s, "Price by memory (at its bandwidth)");
        table_init(&t, s, mem, 2);
        for (size_t i = 0; i < r->q.nmemory; i++) {
            const char *cell[] = {text_gb(a, r->q.memory_bytes[i]), usd(a, b->by_memory_usd[i])};
            table_row(&t, NULL, cell);
        }
        table_print(&t);
    }
}

static void supply(const struct show *s, const struct breakeven_result *r)
{
    struct arena *a = s->arena;
    const struct breakeven *b = &r->b;
    struct column col[BE_LEADS + 1] = {{"cards a period", COL_RIGHT, 0, 0}};
    struct table t;
    head(s, "Entry price by supply and lead time (periods)");
    for (size_t j = 0; j < BE_LEADS; j++)
        col[j + 1] = (struct column){arena_printf(a, "lead %d", b->lead[j]), COL_RIGHT, (int)j, 0};
    table_init(&t, s, col, BE_LEADS + 1);
    for (size_t i = 0; i < BE_SUPPLIES; i++) {
        const char *cell[BE_LEADS + 1] = {text_num(a, b->by_supply[i].cards)};
        for (size_t j = 0; j < BE_LEADS; j++)
            cell[j + 1] = usd(a, b->by_supply[i].entry_usd[j]);
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

const char *show_breakeven_why(struct arena *a, const struct breakeven_result *r, size_t k)
{
    const struct be_loser *l = &r->b.loser[k];
    switch (l->why) {
    case LOST_BOUGHT:
        return "bought or rented";
    case LOST_EXPORT:
        return r->x.scenario->product[k].listed ? "export rules" : "only in stock";
    case LOST_UNPRICED:
        return "not sold";
    case LOST_CAPABILITY:
        return "can do none of the work";
    case LOST_REASON:
        return moat_reason_name(l->reason);
    case LOST_PRICE:
        return l->entry_usd > 0 ? "price" : "speed";
    }
    return arena_strdup(a, "");
}

static void losers(const struct show *s, const struct breakeven_result *r)
{
    static const struct column col[] = {{"SKU", COL_LEFT, 0, 0}, {"price", COL_RIGHT, 0, 0}, {"enters at", COL_RIGHT, 0, 0},
                                        {"held back by", COL_LEFT, 0, 1}};
    struct arena *a = s->arena;
    struct table t;
    head(s, "Why not");
    table_init(&t, s, col, 4);
    for (size_t k = 0; k < r->x.f.nk; k++) {
        const struct be_loser *l = &r->b.loser[k];
        const char *cell[] = {r->x.f.sku[k].id, text_usd(a, l->price_usd), isnan(l->entry_usd) ? "-" : usd(a, l->entry_usd),
                              show_breakeven_why(a, r, k)};
        table_row(&t, NULL, cell);
    }
    table_print(&t);
}

void show_breakeven(const struct show *s, const struct breakeven_result *r)
{
    if (s->format == FORMAT_JSON) {
        show_breakeven_json(s, r);
        return;
    }
    if (s->format == FORMAT_CSV) {
        show_breakeven_csv(s, r);
        return;
    }
    answer(s, r);
    must(s, r);
    flips(s, r);
    if (r->has_moat)
        show_breakeven_moat(s, r);
    losers(s, r);
    contours(s, r);
    supply(s, r);
    buf_add(s->out, "\n");
    label_line(s, "incumbent", arena_printf(s->arena, "%s%s", r->x.f.sku[r->q.incumbent].id,
                                            *r->incumbent_from == 'p' ? ", which takes most of the money without the challenger" : ""));
    label_line(s, "price", "of a card with its share of server and network; its later and used prices move with it; it is bought, not rented");
    label_line(s, "solves", arena_printf(s->arena, "%zu plans", r->b.solves + (r->has_moat ? r->moat.solves : 0)));
}
