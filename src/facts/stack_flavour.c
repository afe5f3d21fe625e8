/* stack_flavour.c - the software of a vendor, or of a bygone year, over the operators of another stack.
**
**      ec' = min(1, ec * compute)     em' = min(1, em * memory)     em' of attention = min(1, em * attention)
**      em' of formats that are only stored (int4, q4_k_m) = min(1, em * memory * unpack)
**      e' of links = min(1, e * link) a0' = a0 + collective         a layer, a step, a sequence: + a fixed time
**
** A file with `base: vllm` says only that: which accelerators it is for (`runs_on`), until which version it holds
** (`until`), its factors and times (`scale`), and on which published groups they were fitted (`fitted_on`). `scale_on`
** adds to them for one device; `scale_without` are those fitted without a device or family, for `validate --without`.
*/
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "facts/stack_file.h"

static const char *const sw_name[SW_N] = {"compute", "memory", "unpack", "attention", "link", "layer", "collective", "step", "seq"};

static bool is_time(int k)
{
    return k >= SW_LAYER;
}

/* ------------------------------------------------------------------ reading */

static bool read_words(struct arena *a, const struct node *nd, struct word_list *out, struct err *e)
{
    *out = (struct word_list){0};
    if (!nd)
        return true;
    out->n = nd->kind == NODE_SEQ ? nd->n : 1;
    out->word = ARENA_ARRAY(a, const char *, out->n);
    for (size_t i = 0; i < out->n; i++)
        if (!node_str(a, nd->kind == NODE_SEQ ? &nd->item[i] : nd, &out->word[i], e))
            return false;
    return true;
}

static bool read_software(struct arena *a, const char *name, const struct node *map, struct software *out, struct err *e)
{
    out->name = name;
    if (!node_keys(a, map, sw_name, SW_N, e))
        return false;
    for (int k = 0; k < SW_N; k++) {
        const struct node *nd = node_get(map, sw_name[k]);
        out->of[k] = NAN;
        if (!(is_time(k) ? node_unit(a, nd, UNIT_DURATION_S, &out->of[k], e) : node_f64(a, nd, &out->of[k], e)))
            return false;
        if (nd && !is_time(k) && !(out->of[k] > 0))
            return err_input(e, node_place(a, nd), "expected a factor above 0, got %g", out->of[k]);
    }
    return true;
}

static bool read_named(struct arena *a, const struct node *map, struct software **out, size_t *n, struct err *e)
{
    *n = map ? map->n : 0;
    *out = ARENA_ARRAY(a, struct software, *n);
    for (size_t i = 0; i < *n; i++)
        if (!read_software(a, map->key[i], &map->item[i], &(*out)[i], e))
            return false;
    return true;
}

bool flavour_read(struct arena *a, const struct node *doc, struct flavour *v, struct err *e)
{
    static const char *const names[] = {"framework", "base",    "version", "scheduler", "date",     "source",        "runs_on",   "default_for",
                                        "until",     "serving", "kernels", "engine",    "interval", "scale",         "scale_on",
                                        "scale_without", "fitted_on"};
    static const char *const until[] = {"version", "date"};
    const struct node *era = node_get(doc, "until"), *scale = node_get(doc, "scale");
    *v = (struct flavour){.doc = doc, .scaled = scale != NULL};
    if (!node_str(a, node_get(era, "version"), &v->until_version, e))
        return false;
    if (v->until_version && !isdigit((unsigned char)*v->until_version))
        return err_input(e, node_place(a, node_get(era, "version")), "expected a version such as \"0.7\", got \"%.40s\"",
                         v->until_version);
    return node_keys(a, doc, names, sizeof names / sizeof *names, e) && node_str(a, node_get(doc, "base"), &v->base, e) &&
           read_words(a, node_get(doc, "runs_on"), &v->runs_on, e) &&
           read_words(a, node_get(doc, "default_for"), &v->default_for, e) &&
           read_words(a, node_get(doc, "fitted_on"), &v->fitted_on, e) && (!era || node_keys(a, era, until, 2, e)) &&
           node_str(a, node_get(era, "date"), &v->until_date, e) &&
           (!scale || read_software(a, NULL, scale, &v->all, e)) &&
           read_named(a, node_get(doc, "scale_on"), &v->on, &v->non, e) &&
           read_named(a, node_get(doc, "scale_without"), &v->without, &v->nwithout, e);
}

bool stack_bind(struct arena *a, struct stack_file *const *file, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct stack_file *f = file[i];
        const struct stack_file *base = NULL;
        const struct flavour own = f->flavour;
        for (size_t k = 0; own.base && k < n; k++)
            if (!file[k]->flavour.base && strcmp(file[k]->base.framework, own.base) == 0)
                base = file[k];
        if (!own.base)
            continue;
        if (!base)
            return err_input(e, node_place(a, node_get(own.doc, "base")), "no stack \"%s\" that stands by itself", own.base);
        *f = *base;
        f->flavour = own;
        if (!stack_read_over(a, own.doc, f, false, e))
            return false;
    }
    return true;
}

/* ------------------------------------------------------------------ laying */

static const struct software *named(const struct software *s, size_t n, const char *name)
{
    for (size_t i = 0; name && i < n; i++)
        if (strcmp(s[i].name, name) == 0)
            return &s[i];
    return NULL;
}

static bool has_word(const struct word_list *l, const char *word)
{
    for (size_t i = 0; word && i < l->n; i++)
        if (strcmp(l->word[i], word) == 0)
            return true;
    return false;
}

/* "llama-3-8b gaudi2" ends in the device. */
static bool fitted_device(const struct flavour *v, const char *acc)
{
    for (size_t i = 0; i < v->fitted_on.n; i++) {
        const char *blank = strrchr(v->fitted_on.word[i], ' ');
        if (blank && strcmp(blank + 1, acc) == 0)
            return true;
    }
    return false;
}

bool stack_fitted_device(const struct stack_file *f, const char *acc)
{
    return fitted_device(&f->flavour, acc);
}

/* Some device that the software was fitted on is not held out. */
static bool fitted_elsewhere(const struct flavour *v, const struct stack_mask *m)
{
    for (size_t i = 0; i < m->nacc; i++)
        if (!stack_mask_holds(m, &m->acc[i]) && fitted_device(v, m->acc[i].id))
            return true;
    return false;
}

static void scale_share(double *share, double by)
{
    *share = fmin(1, *share * by);
}

static void scale_op(struct op_const *c, const double *by, double memory, enum tier tier)
{
    scale_share(&c->ec, by[SW_COMPUTE]);
    scale_share(&c->em, memory);
    c->tier = tier;
}

static void scale_attn(struct attn_const *c, const double *by, double memory, enum tier tier)
{
    scale_share(&c->ec, by[SW_COMPUTE]);
    scale_share(&c->em, memory);
    scale_share(&c->em8, memory);
    c->tier = tier;
}

static void scale_comm(struct comm_const *c, const double *by, enum tier tier)
{
    scale_share(&c->e, by[SW_LINK]);
    c->a0_s += by[SW_COLLECTIVE];
    c->tier = tier;
}

static void scale(struct stack *s, const struct software *w, enum tier tier)
{
    double by[SW_N];
    struct comm_const *comm[] = {&s->all_reduce, &s->all_gather, &s->reduce_scatter, &s->all_to_all, &s->p2p, &s->net};
    for (int k = 0; k < SW_N; k++)
        by[k] = isnan(w->of[k]) ? (is_time(k) ? 0 : 1) : w->of[k];
    for (int p = 0; p < PREC_N; p++) {
        double memory = by[SW_MEMORY] * (precision_table[p].weight_only ? by[SW_UNPACK] : 1);
        scale_op(&s->gemm[p], by, memory, tier);
        scale_op(&s->moe[p], by, memory, tier);
    }
    scale_attn(&s->prefill, by, by[SW_MEMORY], tier);
    scale_attn(&s->mla_prefill, by, by[SW_MEMORY], tier);
    scale_attn(&s->decode, by, by[SW_ATTENTION], tier);
    scale_attn(&s->mla_decode, by, by[SW_ATTENTION], tier);
    scale_attn(&s->linear, by, by[SW_ATTENTION], tier);
    for (size_t k = 0; k < sizeof comm / sizeof *comm; k++)
        scale_comm(comm[k], by, tier);
    s->small_kernel_dense_s += by[SW_LAYER];
    s->small_kernel_moe_s += by[SW_LAYER];
    s->step_fixed_s += by[SW_STEP];
    s->step_per_seq_s += by[SW_SEQ];
}

void flavour_lay(struct stack *s, const struct flavour *v, const struct accelerator *acc, const struct stack_mask *m)
{
    if (!v->scaled)
        return;
    bool own = fitted_device(v, acc->id);
    enum tier tier = own ? TIER_DEVICE : v->fitted_on.n ? TIER_FAMILY : TIER_POOLED;
    struct software w = v->all;
    if (stack_mask_holds(m, acc)) {
        bool device = m->device && strcmp(m->device, acc->id) == 0;
        const struct software *left = named(v->without, v->nwithout, device ? m->device : m->family);
        if (own && !left) /* nothing else tells of this software: the operators as they are */
            return;
        w = left ? *left : w;
        own = false;
        tier = fitted_elsewhere(v, m) ? TIER_FAMILY : TIER_POOLED;
    } else {
        const struct software *on = named(v->on, v->non, acc->id);
        for (int k = 0; on && k < SW_N; k++)
            w.of[k] = isnan(on->of[k]) ? w.of[k] : on->of[k];
    }
    scale(s, &w, tier);
    s->evidence = acc->evidence == GRADE_ASSUMED ? GRADE_ASSUMED : own ? GRADE_MEASURED : GRADE_INFERRED;
}

bool stack_fitted_on(const struct stack_file *f, const char *model, const char *acc)
{
    const struct word_list *l = &f->flavour.fitted_on;
    size_t n = strlen(model);
    for (size_t i = 0; i < l->n; i++)
        if (strncmp(l->word[i], model, n) == 0 && l->word[i][n] == ' ' && strcmp(l->word[i] + n + 1, acc) == 0)
            return true;
    return false;
}

/* ------------------------------------------------------------------ choosing */

/* Dotted numbers: -1, 0 or 1. "0.6" is before "0.6.1" and "0.10". */
static int by_version(const char *x, const char *y)
{
    while (*x || *y) {
        char *ex = NULL, *ey = NULL;
        long a = isdigit((unsigned char)*x) ? strtol(x, &ex, 10) : -1, b = isdigit((unsigned char)*y) ? strtol(y, &ey, 10) : -1;
        if (a != b)
            return a < b ? -1 : 1;
        if (!ex || !ey)
            return 0;
        x = *ex == '.' ? ex + 1 : "";
        y = *ey == '.' ? ey + 1 : "";
    }
    return 0;
}

const char *stack_version(struct arena *a, const char *framework, const char *text)
{
    size_t n = strlen(framework), k = 0;
    const char *at = NULL;
    for (const char *p = text; n && *p && !at; p++) {
        for (k = 0; k < n && tolower((unsigned char)p[k]) == tolower((unsigned char)framework[k]); k++)
            ;
        at = k == n ? p + n : NULL;
    }
    at = at ? at : text;
    while (*at == ' ' || *at == '_' || *at == '-' || *at == 'v')
        at++;
    for (k = 0; isdigit((unsigned char)at[k]) || (at[k] == '.' && isdigit((unsigned char)at[k + 1])); k++)
        ;
    const char *s = arena_strndup(a, at, k);
    return strchr(s, '.') ? s : NULL;
}

/* An era that is over holds what is dated before its end; the version counts where both are known. */
static bool holds(const struct flavour *v, const char *version, const char *date)
{
    if (!v->until_version && !v->until_date)
        return true;
    if (version && v->until_version)
        return by_version(version, v->until_version) < 0;
    return date && *date && v->until_date && strcmp(date, v->until_date) < 0;
}

const struct stack_file *stack_pick(struct stack_file *const *file, size_t n, const char *framework,
                                    const struct accelerator *acc, const char *version, const char *date)
{
    const struct stack_file *best = NULL;
    int rank = -1;
    for (size_t i = 0; i < n; i++) {
        const struct flavour *v = &file[i]->flavour;
        bool era = v->until_version || v->until_date, special = v->runs_on.n > 0;
        if (strcmp(file[i]->base.framework, framework) != 0 || !holds(v, version, date) ||
            (special && acc && !has_word(&v->runs_on, acc->software) && !has_word(&v->runs_on, acc->family)))
            continue;
        int its = acc ? 2 * special + era : 2 * !special + era;
        if (its > rank)
            best = file[i], rank = its;
    }
    return best;
}

bool stack_is_default(const struct stack_file *f, const struct accelerator *acc)
{
    return has_word(&f->flavour.default_for, acc->software);
}

static bool same_text(const char *x, const char *y)
{
    return x && y ? strcmp(x, y) == 0 : x == y;
}

bool stack_same(const struct stack_file *f, const struct stack_file *g)
{
    const struct flavour *v = &f->flavour, *w = &g->flavour;
    bool same = strcmp(f->base.framework, g->base.framework) == 0 && v->runs_on.n == w->runs_on.n &&
                same_text(v->until_version, w->until_version) && same_text(v->until_date, w->until_date);
    for (size_t i = 0; same && i < v->runs_on.n; i++)
        same = strcmp(v->runs_on.word[i], w->runs_on.word[i]) == 0;
    return same;
}

const char *stack_file_for(struct arena *a, const struct stack_file *f)
{
    const struct flavour *v = &f->flavour;
    struct buf b = {.arena = a};
    for (size_t i = 0; i < v->runs_on.n; i++)
        buf_fmt(&b, "%s%s", i ? ", " : " on ", v->runs_on.word[i]);
    if (v->until_version || v->until_date)
        buf_fmt(&b, " before %s", v->until_version ? v->until_version : v->until_date);
    return buf_str(&b);
}

const char *stack_file_label(struct arena *a, const struct stack_file *f)
{
    return arena_printf(a, "%s%s", f->base.framework, stack_file_for(a, f));
}
