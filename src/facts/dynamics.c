/* dynamics.c - autoscale, failures, spares, lend, cold_start and clock of a scenario, with units removed. */
#include "facts/dynamics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/figures.h"

#define DAY_S 86400.0

bool dynamics_const_read(struct arena *a, const struct node *doc, struct dynamics_const *out, struct err *e)
{
    const struct figure_field f[] = {
        {"boot", UNIT_DURATION_S, &out->boot_s, 0, DAY_S},
        {"load_bw", UNIT_BYTES_S, &out->load_bytes_s, 1e6, 1e15},
        {"warm_up", UNIT_DURATION_S, &out->warm_s, 0, DAY_S},
        {"repair", UNIT_DURATION_S, &out->repair_s, 0, 365 * DAY_S},
        {"notice", UNIT_DURATION_S, &out->notice_s, 0, DAY_S},
        {"checkpoint_interval", UNIT_DURATION_S, &out->checkpoint_s, 0, 30 * DAY_S},
    };
    if (!figures_read(a, doc, f, sizeof f / sizeof *f, &out->source, e))
        return false;
    if (out->load_bytes_s > 0 && out->repair_s > 0)
        return true;
    err_input(e, doc->file, "load_bw or repair is missing");
    return err_mend(e, "copy data/dynamics.yaml");
}

struct reader { struct arena *a; struct err *e; };

static bool need_map(struct reader *r, const struct node *nd, const char *example)
{
    if (nd->kind == NODE_MAP)
        return true;
    err_input(r->e, node_place(r->a, nd), "expected a map");
    return err_mend(r->e, "write %s", example);
}

static bool whole(struct reader *r, const struct node *nd, int lo, int hi, int *out)
{
    int64_t v = *out;
    if (!node_int(r->a, nd, lo, hi, &v, r->e))
        return false;
    *out = (int)v;
    return true;
}

/* A quantity within bounds; lo itself only when `at` says so. */
static bool within(struct reader *r, const struct node *nd, enum unit u, double lo, bool at, double hi, double *out)
{
    if (!nd)
        return true;
    if (!node_unit(r->a, nd, u, out, r->e))
        return false;
    if ((at ? *out >= lo : *out > lo) && *out <= hi)
        return true;
    return err_input(r->e, node_place(r->a, nd), "expected %s %g%s, got %s", at ? "at least" : "more than", lo,
                     isfinite(hi) ? " and not so much" : "", nd->text);
}

static bool duration(struct reader *r, const struct node *nd, double *out)
{
    return within(r, nd, UNIT_DURATION_S, 0, true, 3.2e8, out);
}

/* "08:30", "24:00" */
static bool time_of_day(struct reader *r, const struct node *nd, double *out)
{
    const char *text = NULL;
    if (!nd)
        return true;
    if (!node_str(r->a, nd, &text, r->e))
        return false;
    size_t n = strlen(text), h = strspn(text, "0123456789");
    if ((h == 1 || h == 2) && text[h] == ':' && n == h + 3 && strspn(text + h + 1, "0123456789") == 2) {
        int hours = atoi(text), minutes = atoi(text + h + 1);
        *out = hours * 3600.0 + minutes * 60.0;
        if (minutes < 60 && *out <= DAY_S)
            return true;
    }
    err_input(r->e, node_place(r->a, nd), "expected a time of the day, got \"%.40s\"", text);
    return err_mend(r->e, "write it as \"08:30\"");
}

/* key: the name of the number of replicas; of the map `like` when it is not in the entry itself. */
static bool one_window(struct reader *r, const struct node *nd, const char *key, const struct node *like, struct day_hours *out)
{
    const char *keys[] = {"from", "to", key};
    const struct node *n = node_get(nd, key) ? node_get(nd, key) : like;
    if (!need_map(r, nd, "{from: \"22:00\", to: \"06:00\"}") || !node_keys(r->a, nd, keys, 3, r->e))
        return false;
    if (!node_get(nd, "from") || !node_get(nd, "to") || !n) {
        err_input(r->e, node_place(r->a, nd), "from, to or %s is missing", key);
        return err_mend(r->e, "write {from: \"22:00\", to: \"06:00\", %s: 2}", key);
    }
    return time_of_day(r, node_get(nd, "from"), &out->from_s) && time_of_day(r, node_get(nd, "to"), &out->to_s) &&
           whole(r, n, 0, 1000000, &out->replicas);
}

static bool windows(struct reader *r, const struct node *nd, const char *key, const struct node *like, struct day_hours **out,
                    size_t *n)
{
    size_t many = nd->kind == NODE_SEQ ? nd->n : 1;
    if (!many)
        return err_input(r->e, node_place(r->a, nd), "expected hours such as {from: \"22:00\", to: \"06:00\"}");
    *out = ARENA_ARRAY(r->a, struct day_hours, many);
    for (size_t i = 0; i < many; i++)
        if (!one_window(r, nd->kind == NODE_SEQ ? &nd->item[i] : nd, key, like, &(*out)[(*n)++]))
            return false;
    return true;
}

static bool read_cold(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"boot", "load_bw", "warm_up"};
    if (!nd)
        return true;
    if (nd->kind != NODE_MAP)
        return duration(r, nd, &out->cold_s);
    return node_keys(r->a, nd, keys, 3, r->e) && duration(r, node_get(nd, "boot"), &out->boot_s) &&
           within(r, node_get(nd, "load_bw"), UNIT_BYTES_S, 0, false, INFINITY, &out->load_bytes_s) &&
           duration(r, node_get(nd, "warm_up"), &out->warm_s);
}

static bool share(const struct node *nd)
{
    return nd && nd->text && strchr(nd->text, '%');
}

static bool read_autoscale(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"policy", "min", "max", "target", "interval", "window", "tolerance", "hours"};
    static const char example[] = "autoscale: {policy: kpa, min: 1, max: 8, target: 20}";
    if (!nd)
        return true;
    out->autoscale.given = out->any = true;
    out->autoscale.place = node_place(r->a, nd);
    if (!need_map(r, nd, example) || !node_keys(r->a, nd, keys, 8, r->e))
        return false;
    const struct node *policy = node_get(nd, "policy"), *hours = node_get(nd, "hours");
    if (!policy || !node_get(nd, "max")) {
        err_input(r->e, out->autoscale.place, "%s is missing", policy ? "max" : "policy");
        return err_mend(r->e, "write %s", example);
    }
    out->autoscale.policy_place = node_place(r->a, policy);
    return node_str(r->a, policy, &out->autoscale.policy, r->e) && whole(r, node_get(nd, "min"), 0, 1000000, &out->autoscale.min) &&
           whole(r, node_get(nd, "max"), 1, 1000000, &out->autoscale.max) &&
           within(r, node_get(nd, "target"), share(node_get(nd, "target")) ? UNIT_FRAC : UNIT_COUNT, 0, false, INFINITY, &out->autoscale.target) &&
           within(r, node_get(nd, "interval"), UNIT_DURATION_S, 0, false, DAY_S, &out->autoscale.interval_s) &&
           within(r, node_get(nd, "window"), UNIT_DURATION_S, 0, true, DAY_S, &out->autoscale.window_s) &&
           within(r, node_get(nd, "tolerance"), UNIT_FRAC, 0, true, 10, &out->autoscale.tolerance) &&
           (!hours || windows(r, hours, "replicas", NULL, &out->autoscale.hours, &out->autoscale.nhours));
}

static bool read_spot(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"reclaim_per_hour", "notice", "back"};
    if (!nd)
        return true;
    if (!need_map(r, nd, "spot: {reclaim_per_hour: 0.01, notice: 2min}") || !node_keys(r->a, nd, keys, 3, r->e))
        return false;
    if (!node_get(nd, "reclaim_per_hour")) {
        err_input(r->e, node_place(r->a, nd), "reclaim_per_hour is missing: it differs by cloud, card and week, and has no default");
        return err_mend(r->e, "write spot: {reclaim_per_hour: 0.01}, reclaims of an instance an hour");
    }
    return within(r, node_get(nd, "reclaim_per_hour"), UNIT_COUNT, 0, true, 1000, &out->failures.reclaims_h) &&
           duration(r, node_get(nd, "notice"), &out->failures.notice_s) && duration(r, node_get(nd, "back"), &out->failures.back_s);
}

static bool read_stragglers(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"frac", "slowdown"};
    if (!nd)
        return true;
    if (!need_map(r, nd, "stragglers: {frac: 1%, slowdown: 1.5x}") || !node_keys(r->a, nd, keys, 2, r->e))
        return false;
    if (!node_get(nd, "frac") || !node_get(nd, "slowdown")) {
        err_input(r->e, node_place(r->a, nd), "frac and slowdown go together");
        return err_mend(r->e, "write stragglers: {frac: 1%%, slowdown: 1.5x}");
    }
    return within(r, node_get(nd, "frac"), UNIT_FRAC, 0, true, 1, &out->failures.straggler_frac) &&
           within(r, node_get(nd, "slowdown"), UNIT_FACTOR, 1, true, 1000, &out->failures.slowdown);
}

static bool read_failures(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"mtbf", "repair", "node", "retry", "spot", "stragglers"};
    if (!nd)
        return true;
    out->failures.given = out->any = true;
    out->failures.place = node_place(r->a, nd);
    if (!need_map(r, nd, "failures: {mtbf: 50000h, repair: 4h}") || !node_keys(r->a, nd, keys, 6, r->e))
        return false;
    const struct node *mtbf = node_get(nd, "mtbf");
    out->failures.never = mtbf && mtbf->kind == NODE_SCALAR && strcmp(mtbf->text, "never") == 0;
    return (out->failures.never || within(r, mtbf, UNIT_DURATION_S, 0, false, INFINITY, &out->failures.mtbf_s)) &&
           duration(r, node_get(nd, "repair"), &out->failures.repair_s) &&
           whole(r, node_get(nd, "node"), 1, 100000, &out->failures.node) &&
           node_bool(r->a, node_get(nd, "retry"), &out->failures.retry, r->e) && read_spot(r, node_get(nd, "spot"), out) &&
           read_stragglers(r, node_get(nd, "stragglers"), out);
}

static bool read_lend(struct reader *r, const struct node *nd, struct dynamics_keys *out)
{
    static const char *const keys[] = {"to", "calendar", "keep", "restart", "checkpoint_interval"};
    static const char example[] = "lend: {to: training, calendar: {from: \"22:00\", to: \"06:00\"}, keep: 2}";
    const char *to = NULL;
    if (!nd)
        return true;
    out->any = true;
    out->lend.place = node_place(r->a, nd);
    if (!need_map(r, nd, example) || !node_keys(r->a, nd, keys, 5, r->e) || !node_str(r->a, node_get(nd, "to"), &to, r->e))
        return false;
    if (to && strcmp(to, "training"))
        return err_input(r->e, node_place(r->a, node_get(nd, "to")), "expected training, got \"%.40s\"", to);
    if (!node_get(nd, "calendar")) {
        err_input(r->e, out->lend.place, "calendar is missing");
        return err_mend(r->e, "write %s", example);
    }
    return windows(r, node_get(nd, "calendar"), "keep", node_get(nd, "keep"), &out->lend.hours, &out->lend.nhours) &&
           duration(r, node_get(nd, "restart"), &out->lend.restart_s) &&
           duration(r, node_get(nd, "checkpoint_interval"), &out->lend.checkpoint_s);
}

static bool read_spares(struct reader *r, const struct node *nd, bool sim, struct dynamics_keys *out)
{
    static const char *const keys[] = {"replicas", "state"};
    const char *state = NULL;
    if (!nd)
        return true;
    out->spares_place = node_place(r->a, nd);
    if (nd->kind != NODE_MAP)
        return true;
    if (!sim)
        return err_input(r->e, out->spares_place, "expected a whole number of replicas; only sim tells warm ones from cold");
    if (!node_keys(r->a, nd, keys, 2, r->e) || !node_str(r->a, node_get(nd, "state"), &state, r->e))
        return false;
    out->spares_cold = state && strcmp(state, "cold") == 0;
    return !state || out->spares_cold || strcmp(state, "warm") == 0 ||
           err_input(r->e, node_place(r->a, node_get(nd, "state")), "expected warm or cold, got \"%.40s\"", state);
}

/* `autoscale: null` takes a key of the file out again. */
static const struct node *there(const struct node *doc, const char *key)
{
    const struct node *nd = node_get(doc, key);
    return nd && node_is_null(nd) ? NULL : nd;
}

bool dynamics_read(struct arena *a, const struct node *doc, bool sim, struct dynamics_keys *out, struct err *e)
{
    struct reader r = {a, e};
    *out = (struct dynamics_keys){.cold_s = NAN, .boot_s = NAN, .load_bytes_s = NAN, .warm_s = NAN};
    out->autoscale.min = -1;
    out->autoscale.target = out->autoscale.interval_s = out->autoscale.window_s = out->autoscale.tolerance = NAN;
    out->failures.mtbf_s = out->failures.repair_s = out->failures.notice_s = NAN;
    out->failures.retry = true;
    out->failures.slowdown = 1;
    out->lend.restart_s = out->lend.checkpoint_s = NAN;
    if (!read_spares(&r, there(doc, "spares"), sim, out))
        return false;
    return !sim || (time_of_day(&r, there(doc, "clock"), &out->clock_s) && read_cold(&r, there(doc, "cold_start"), out) &&
                    read_autoscale(&r, there(doc, "autoscale"), out) && read_failures(&r, there(doc, "failures"), out) &&
                    read_lend(&r, there(doc, "lend"), out));
}
