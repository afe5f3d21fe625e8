/* show_fleet_sum.c - what the documents of `moat fleet` share: cards over the blocks, names, dollars a unit, headings.
 */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "show/document.h"
#include "show/show_fleet.h"
#include "show/text.h"

#define SOME 0.5 /* cards; less is the solver's rounding */

double show_fleet_peak(const struct fleet_result *r, const double *nbk, size_t n, size_t k)
{
    const struct fleet *f = &r->x.f;
    double most = 0;
    for (size_t b = 0; b < f->nb; b++)
        most = fmax(most, nbk[(n * f->nb + b) * f->nk + k]);
    return most;
}

double show_fleet_mean(const struct fleet_result *r, const double *nbk, size_t n, size_t k)
{
    const struct fleet *f = &r->x.f;
    double sum = 0, hours = 0;
    for (size_t b = 0; b < f->nb; b++)
        sum += f->block_h[b] * nbk[(n * f->nb + b) * f->nk + k], hours += f->block_h[b];
    return hours > 0 ? sum / hours : 0;
}

double show_fleet_work_cards(const struct fleet_result *r, size_t n, size_t k, size_t w)
{
    const struct fleet *f = &r->x.f;
    const struct fleet_plan *p = &r->plan;
    double sum = 0, hours = 0;
    if (w >= f->nw) {
        size_t at = n * f->nc + (w - f->nw);
        return p->campaign_sku[at] == (int)k ? p->campaign_cards[at] : 0;
    }
    for (size_t b = 0; b < f->nb; b++)
        sum += f->block_h[b] * p->assign[((n * f->nb + b) * f->nk + k) * f->nw + w], hours += f->block_h[b];
    return hours > 0 ? sum / hours : 0;
}

const char *show_fleet_work_name(const struct fleet_result *r, size_t w)
{
    const struct fleet *f = &r->x.f;
    return w < f->nw ? f->work[w].id : f->campaign[w - f->nw].id;
}

double show_fleet_unit_usd(struct arena *a, const struct fleet_result *r, size_t w, const char **unit)
{
    const struct fleet_job *j = &r->x.scenario->job[r->x.job_of_work[w]];
    double units = r->plan.work_units[w], usd = r->work_usd[w];
    *unit = "";
    if (!(units > 0))
        return NAN;
    if (j->serving) {
        struct traffic_stat st = traffic_stats(a, j->serving->traffic);
        *unit = "Mtok";
        return usd / (units * 3600 * st.out_mean) * 1e6;
    }
    size_t n = strlen(j->unit);
    if (n > 2 && strcmp(j->unit + n - 2, "/s") == 0) {
        *unit = arena_printf(a, "M %.*s", (int)(n - 2), j->unit);
        return usd / (units * 3600) * 1e6;
    }
    *unit = arena_printf(a, "%.*s-hour", (int)(n && j->unit[n - 1] == 's' ? n - 1 : n), j->unit);
    return usd / units;
}

void show_fleet_head(const struct show *s, const char *text)
{
    buf_fmt(s->out, "\n%s", ink(s, INK_BOLD));
    text_wrap(s->out, text, 0, s->width, 0);
    buf_fmt(s->out, "%s\n", ink_off(s));
}

const char *show_fleet_period(const struct show *s, const struct fleet_result *r, int t)
{
    return horizon_name(s->arena, &r->x.scenario->horizon, t);
}

const char *show_fleet_cards(struct arena *a, double v)
{
    return v < SOME ? "" : v < 10 && fabs(v - round(v)) > 0.05 ? text_num(a, v) : text_count(a, round(v));
}
