/* calibrate_advise.c - which constants the points do not identify, why, and which further point would; the refusal.
**
** Loads around the first point are predicted (nobody has to have measured them): for each, how far the width of the
** constant would shrink with it. The best one that reaches IDENTIFIED_BY is named.
*/
#include <math.h>

#include "base/arena.h"
#include "base/buf.h"
#include "fit/calibrate.h"
#include "speed/collective.h"

struct load {
    double concurrency; /* times that of the first point; 0: one request at a time */
    int64_t isl;        /* 0: as it is */
    int tp;             /* of the first point's, times 2^this */
};

static const struct load tried[] = {
    {0, 0, 0}, {0.25, 0, 0}, {4, 0, 0}, {16, 0, 0}, {0, 8000, 0}, {1, 8000, 0}, {4, 8000, 0}, {0, 128, 0}, {4, 128, 0},
    {0, 0, 1}, {1, 0, 1}, {1, 0, -1},
};
#define TRIED (sizeof tried / sizeof *tried)

static int64_t *load_of(struct fit_point *p)
{
    return p->kind == FIT_STATIC ? &p->batch : &p->concurrency;
}

static bool vary(struct fit_point *p, const struct load *l)
{
    int64_t *at = load_of(p);
    if (*at < 1)
        return false;
    double want = round((double)*at * l->concurrency);
    *at = want < 1 ? 1 : want > 512 ? 512 : (int64_t)want;
    if (l->isl)
        p->isl = l->isl;
    p->requests = 0;
    if (l->tp && (p->disaggregated || p->pp * p->dp > 1 || (l->tp < 0 && p->tp < 2)))
        return false;
    if (l->tp) {
        p->tp = l->tp > 0 ? p->tp * 2 : p->tp / 2;
        p->devices = p->tp * p->pp * p->dp * p->replicas;
    }
    return l->tp <= 0 || p->tp <= link_node(p->acc);
}

static const char *named(struct arena *a, const struct fit_point *p, const struct load *l)
{
    struct fit_point copy = *p;
    int64_t n = *load_of(&copy);
    const char *what = p->kind == FIT_STATIC ? "batch" : "concurrency";
    const char *tp = l->tp ? arena_printf(a, "tp %d, ", p->tp) : "";
    return arena_printf(a, "%s%s %lld with prompts of %lld tokens", tp, what, (long long)n, (long long)p->isl);
}

static bool wanting(const struct fit_constants *c, int k)
{
    return c->state[k] != CONST_IDENTIFIED && c->state[k] != CONST_LEFT;
}

static const char *others(struct arena *a, const struct fit_constants *c, int but)
{
    struct buf b = {.arena = a};
    for (int k = 0; k < SCALE_N; k++)
        if (k != but && c->state[k] == CONST_SHARED)
            buf_fmt(&b, "%s%s", b.n ? ", " : "", scale_name[k]);
    return buf_str(&b);
}

static void reasons(struct arena *a, struct fit_calibration *out)
{
    const struct fit_constants *c = &out->constants;
    for (int k = 0; k < SCALE_N; k++) {
        if (c->state[k] == CONST_SILENT)
            out->because[k] = "no point feels it";
        else if (c->state[k] == CONST_WEAK)
            out->because[k] = "the points say less of it than was known before";
        else if (c->state[k] == CONST_OPEN)
            out->because[k] = "the points say too little of it";
        else if (c->state[k] == CONST_SHARED)
            out->because[k] = arena_printf(a, "one factor with %s: the points cannot tell them apart", others(a, c, k));
    }
}

static bool anything(const struct fit_constants *c)
{
    for (int k = 0; k < SCALE_N; k++)
        if (c->state[k] == CONST_IDENTIFIED || c->state[k] == CONST_SHARED)
            return true;
    return false;
}

static void refuse(struct arena *a, const struct fit_calibrate_options *o, struct fit_calibration *out)
{
    struct buf b = {.arena = a};
    for (int k = 0; k < SCALE_N && o->insist; k++)
        if (out->because[k])
            buf_fmt(&b, "%s%s %s", b.n ? "; " : "", scale_name[k], out->because[k]);
    if (b.n)
        out->refused = buf_str(&b);
    else if (!anything(&out->constants))
        out->refused = "the points identify none of the constants";
}

void fit_advise(struct arena *a, const struct fit_seen *const *seen, size_t n, const struct fit_calibrate_options *o,
                struct fit_calibration *out)
{
    const struct fit_constants *c = &out->constants;
    const struct fit_seen **more = ARENA_ARRAY(a, const struct fit_seen *, n + 1);
    double best[SCALE_N];
    bool any = false;
    reasons(a, out);
    refuse(a, o, out);
    for (int k = 0; k < SCALE_N; k++) {
        best[k] = INFINITY;
        any |= wanting(c, k);
    }
    for (size_t i = 0; i < n; i++)
        more[i] = seen[i];
    for (size_t t = 0; t < TRIED && any; t++) {
        struct fit_point *p = ARENA_NEW(a, struct fit_point);
        struct fit_seen *s = ARENA_NEW(a, struct fit_seen);
        *p = *seen[0]->p;
        if (!vary(p, &tried[t]) || !fit_see_supposed(a, p, o, s))
            continue;
        struct fit_constants with;
        more[n] = s;
        fit_constants_plan(more, n + 1, o->ask, &with);
        for (int k = 0; k < SCALE_N; k++)
            if (wanting(c, k) && with.state[k] == CONST_IDENTIFIED && with.width[k] < best[k]) {
                best[k] = with.width[k];
                out->missing[k] = named(a, p, &tried[t]);
            }
    }
}
