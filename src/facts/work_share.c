/* work_share.c - data/work_shares.yaml: what share of peak each class of work reaches, by software, with its interval.
 */
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/work.h"

static const struct share_key {
    const char *name;
    enum unit unit;
    size_t at;
} share_keys[] = {
    {"compute", UNIT_FRAC, offsetof(struct work_share, compute)},
    {"train", UNIT_FRAC, offsetof(struct work_share, train)},
    {"memory", UNIT_FRAC, offsetof(struct work_share, memory)},
    {"rays", UNIT_FRAC, offsetof(struct work_share, rays)},
    {"fixed", UNIT_DURATION_S, offsetof(struct work_share, fixed_s)},
    {"fixed_train", UNIT_DURATION_S, offsetof(struct work_share, fixed_train_s)},
    {"kernel", UNIT_DURATION_S, offsetof(struct work_share, kernel_s)},
};
#define SHARE_KEYS (sizeof share_keys / sizeof *share_keys)

static double *field(struct work_share *s, size_t i)
{
    return (double *)(void *)((char *)s + share_keys[i].at);
}

static bool read_share(struct arena *a, const char *software, const struct node *nd, struct work_share *out,
                       struct err *e)
{
    const char *names[SHARE_KEYS + 1];
    int64_t rows = 0;
    *out = (struct work_share){.software = software};
    for (size_t i = 0; i < SHARE_KEYS; i++) {
        names[i] = share_keys[i].name;
        *field(out, i) = NAN;
    }
    names[SHARE_KEYS] = "rows";
    if (nd->kind != NODE_MAP)
        return err_input(e, node_place(a, nd), "expected shares such as {compute: 0.4, rows: 2}");
    if (!node_keys(a, nd, names, SHARE_KEYS + 1, e) || !node_int(a, node_get(nd, "rows"), 0, 100000, &rows, e))
        return false;
    out->rows = (int)rows;
    for (size_t i = 0; i < SHARE_KEYS; i++) {
        if (!node_unit(a, node_get(nd, share_keys[i].name), share_keys[i].unit, field(out, i), e))
            return false;
        if (share_keys[i].unit == UNIT_FRAC && *field(out, i) <= 0)
            return err_input(e, node_place(a, node_get(nd, share_keys[i].name)), "a share of 0 never ends"),
                   err_mend(e, "write a share between 0 and 1");
    }
    return true;
}

static bool read_interval(struct arena *a, const struct node *nd, const char *place, double *lo, double *hi,
                          struct err *e)
{
    static const char *const names[] = {"lo", "hi"};
    if (!nd || nd->kind != NODE_MAP)
        return err_input(e, nd ? node_place(a, nd) : place, "the interval is missing"),
               err_mend(e, "write {lo: 0.7, hi: 1.4}");
    if (!node_keys(a, nd, names, 2, e) || !node_f64(a, node_get(nd, "lo"), lo, e) ||
        !node_f64(a, node_get(nd, "hi"), hi, e))
        return false;
    if (*lo > 0 && *lo <= 1 && *hi >= 1)
        return true;
    return err_input(e, node_place(a, nd), "lo must be in (0, 1] and hi at least 1"),
           err_mend(e, "write {lo: 0.7, hi: 1.4}");
}

static bool read_class(struct arena *a, const struct node *nd, struct work_class_shares *out, struct err *e)
{
    if (!nd || nd->kind != NODE_MAP || nd->n < 2 || strcmp(nd->key[0], "interval") != 0 ||
        strcmp(nd->key[1], "pooled") != 0)
        return err_input(e, nd ? node_place(a, nd) : "work_shares.yaml", "a class begins with interval and pooled"),
               err_mend(e, "scripts/work-fit writes this file");
    out->share = ARENA_ARRAY(a, struct work_share, nd->n);
    if (!read_interval(a, &nd->item[0], nd->file, &out->lo, &out->hi, e))
        return false;
    for (size_t i = 1; i < nd->n; i++)
        if (!read_share(a, nd->key[i], &nd->item[i], &out->share[out->nshare++], e))
            return false;
    return true;
}

static bool read_rays(struct arena *a, const struct node *nd, struct work_shares *out, struct err *e)
{
    if (!nd || nd->kind != NODE_MAP || !nd->n)
        return err_input(e, nd ? node_place(a, nd) : "work_shares.yaml", "rays_per_core is missing");
    out->ray = ARENA_ARRAY(a, struct ray_rate, nd->n);
    for (; out->nray < nd->n; out->nray++) {
        out->ray[out->nray].family = nd->key[out->nray];
        if (!node_unit(a, &nd->item[out->nray], UNIT_RATE_S, &out->ray[out->nray].rays_s, e))
            return false;
    }
    return true;
}

bool work_shares_read(struct arena *a, const struct node *doc, struct work_shares *out, struct err *e)
{
    static const char *const more[] = {"source", "date", "other", "encoder_pixels", "rays_per_core"};
    const char *names[WORK_CLASS_N + sizeof more / sizeof *more];
    memcpy(names, work_class_name, sizeof work_class_name);
    memcpy(names + WORK_CLASS_N, more, sizeof more);
    *out = (struct work_shares){0};
    if (!node_keys(a, doc, names, sizeof names / sizeof *names, e) ||
        !read_interval(a, node_get(doc, "other"), doc->file, &out->other_lo, &out->other_hi, e) ||
        !node_unit(a, node_get(doc, "encoder_pixels"), UNIT_RATE_S, &out->encoder_pixel_s, e) ||
        !read_rays(a, node_get(doc, "rays_per_core"), out, e))
        return false;
    for (int k = 0; k < WORK_CLASS_N; k++)
        if (!read_class(a, node_get(doc, work_class_name[k]), &out->cls[k], e))
            return false;
    return true;
}

struct work_share work_share_of(const struct work_shares *s, enum work_class cls, const struct accelerator *acc,
                                bool *other)
{
    const struct work_class_shares *c = &s->cls[cls];
    struct work_share out = c->share[0];
    *other = true;
    for (size_t i = 1; i < c->nshare; i++) {
        struct work_share own = c->share[i];
        if (strcmp(own.software, acc->software) != 0)
            continue;
        *other = own.rows == 0;
        for (size_t k = 0; k < SHARE_KEYS; k++)
            if (!isnan(*field(&own, k)))
                *field(&out, k) = *field(&own, k);
        out.software = own.software;
        out.rows = own.rows;
    }
    for (size_t k = 0; k < SHARE_KEYS; k++)
        if (isnan(*field(&out, k)))
            *field(&out, k) = share_keys[k].unit == UNIT_FRAC ? 1 : 0;
    return out;
}
