/* fleet_relax.c - an infeasible problem: the smallest way out of it.
**
**      min sum_i slack_i / size_i     over the linear problem, slack only in rows that a person can change
**
** Rows that hold by definition (balance, capacity, gates) get no slack. What must be served gets one at ten times the
** weight: a limit is lifted first, demand is given up last.
*/
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "plan/fleet_model.h"
#include "plan/milp_int.h"

struct soft {
    const char *prefix, *limit, *unit;
};

static const struct soft soft[] = {
    {"power_", "power", "kW"},        {"space_", "space", "rack units"},
    {"budget_", "budget", "USD"},     {"supply_", "supply", "cards"},
    {"rent_", "rent cap", "cards"},   {"vendor_", "second source", "USD of owned cards"},
    {"life_", "max life", "cards"},   {"demand_", "demand", "units of demand"},
    {"campaign_", "campaign", "run"},
};

/* Names are limit_node, or limit_of_node and perhaps a block. */
static void name(const struct fleet_model *m, const struct soft *s, const char *row, struct fleet_relax *r)
{
    int at[4] = {0, 0, 0, 0}, n = 0;
    for (const char *c = row + strlen(s->prefix); *c && n < 4; c += *c == '_') {
        char *end;
        at[n++] = (int)strtol(c, &end, 10);
        if (end == c)
            break;
        c = end;
    }
    r->limit = s->limit, r->unit = s->unit, r->of = "";
    r->node = n == 1 ? at[0] : at[1];
    if (n == 1 || !strcmp(s->prefix, "vendor_"))
        return;
    r->of = !strcmp(s->prefix, "demand_")     ? m->f.work[at[0]].id
            : !strcmp(s->prefix, "campaign_") ? m->f.campaign[at[0]].id
                                              : m->f.sku[(size_t)at[0] % m->f.nk].id;
}

bool fleet_relax(struct fleet_model *m, struct arena *a, struct fleet_plan *out, struct err *e)
{
    struct arena *call = arena_child(a);
    struct milp *p = milp_new(call);
    const struct milp *of = m->p;
    for (int j = 0; j < of->cols; j++)
        milp_col(p, of->lo[j], of->hi[j], 0, of->whole[j] ? MILP_INT : MILP_REAL, "%s", of->col_name[j]);
    for (int i = 0; i < of->rows; i++)
        milp_row(p, of->row_lo[i], of->row_hi[i], "%s", of->row_name[i]);
    for (size_t i = 0; i < of->nentry; i++)
        milp_put(p, of->entry[i].row, of->entry[i].col, of->entry[i].value);
    double *size = ARENA_ARRAY(call, double, (size_t)of->rows);
    for (size_t i = 0; i < of->nentry; i++)
        size[of->entry[i].row] = fmax(size[of->entry[i].row], fabs(of->entry[i].value));
    int *slack = ARENA_ARRAY(call, int, (size_t)of->rows);
    const struct soft **kind = ARENA_ARRAY(call, const struct soft *, (size_t)of->rows);
    for (int i = 0; i < of->rows; i++)
        for (size_t s = 0; s < sizeof soft / sizeof *soft; s++)
            if (!strncmp(of->row_name[i], soft[s].prefix, strlen(soft[s].prefix))) {
                kind[i] = &soft[s];
                double side = isfinite(of->row_hi[i]) ? of->row_hi[i] : of->row_lo[i];
                bool wanted = of->row_lo[i] > 0;
                slack[i] = milp_col(p, 0, HUGE_VAL, (wanted ? 10 : 1) / fmax(1e-9, fmax(size[i], fabs(side))),
                                    MILP_REAL, "slack_%d", i);
                milp_put(p, i, slack[i], wanted ? 1 : -1);
            }
    struct milp_answer s;
    bool ok = milp_solve(p, call, &(struct milp_limits){.gap_frac = 1e-3, .nodes = 2000, .wall_s = 30}, &s, e);
    if (ok && s.x) {
        struct fleet_relax *r = ARENA_ARRAY(a, struct fleet_relax, (size_t)of->rows);
        for (int i = 0; i < of->rows; i++)
            if (kind[i] && s.x[slack[i]] > 1e-6) {
                name(m, kind[i], of->row_name[i], &r[out->nrelax]);
                r[out->nrelax++].by = s.x[slack[i]];
            }
        out->relax = r;
    }
    arena_reset(call);
    return ok;
}
