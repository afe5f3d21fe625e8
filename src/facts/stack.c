/* stack.c - constants of a framework for one device: pooled, then its family's, then its own laid over them.
**
** Each block of the file (pool, family, device) may leave any constant out; a constant not written is NaN, and the
** next block up shows through. The tier of an operator is that of the nearest block that says anything about it.
*/
#include "facts/stack.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/note.h"
#include "base/units.h"
#include "facts/stack_file.h"

static const char *const attn_name[A_N] = {"prefill", "decode", "mla_prefill", "mla_decode", "linear"};
static const char *const comm_name[C_N] = {"all_reduce", "all_gather", "reduce_scatter", "all_to_all", "p2p", "net"};

static bool read_ops(struct arena *a, const struct node *map, struct op_const *op, struct err *e)
{
    static const char *const names[] = {"ec", "em", "t0", "waves", "quant"};
    for (size_t i = 0; map && i < map->n; i++) {
        enum precision p = precision_find(map->key[i]);
        const struct node *m = &map->item[i];
        if (p == PREC_N)
            return err_input(e, node_place(a, m), "unknown number format \"%s\"", map->key[i]);
        if (!node_keys(a, m, names, 5, e) || !stack_share(a, m, "ec", &op[p].ec, e) || !stack_share(a, m, "em", &op[p].em, e) ||
            !stack_say_s(a, m, "t0", &op[p].t0_s, e) || !stack_say(a, m, "waves", &op[p].waves, e) ||
            !stack_say(a, m, "quant", &op[p].quant, e))
            return false;
    }
    return true;
}

static bool read_attn(struct arena *a, const struct node *map, struct attn_const *at, struct err *e)
{
    static const char *const names[] = {"ec", "em", "em8", "t0", "waves", "min_kv"};
    if (map && !node_keys(a, map, attn_name, A_N, e))
        return false;
    for (int k = 0; map && k < A_N; k++) {
        const struct node *m = node_get(map, attn_name[k]);
        if (m &&
            (!node_keys(a, m, names, 6, e) || !stack_share(a, m, "ec", &at[k].ec, e) || !stack_share(a, m, "em", &at[k].em, e) ||
             !stack_share(a, m, "em8", &at[k].em8, e) || !stack_say_s(a, m, "t0", &at[k].t0_s, e) ||
             !stack_say(a, m, "waves", &at[k].waves, e) || !stack_say(a, m, "min_kv", &at[k].min_kv, e)))
            return false;
    }
    return true;
}

static bool read_comm(struct arena *a, const struct node *map, struct comm_const *c, struct err *e)
{
    static const char *const names[] = {"a0", "a1", "e"};
    if (map && !node_keys(a, map, comm_name, C_N, e))
        return false;
    for (int k = 0; map && k < C_N; k++) {
        const struct node *m = node_get(map, comm_name[k]);
        if (m && (!node_keys(a, m, names, 3, e) || !stack_say_s(a, m, "a0", &c[k].a0_s, e) ||
                  !stack_say_s(a, m, "a1", &c[k].a1_s, e) || !stack_share(a, m, "e", &c[k].e, e)))
            return false;
    }
    return true;
}

static bool read_block(struct arena *a, const char *name, const struct node *map, struct block *b, struct err *e)
{
    static const char *const names[] = {"evidence", "gemm", "moe", "attention", "comm", "comm_pcie"};
    const struct op_const op = {NAN, NAN, NAN, NAN, NAN, TIER_POOLED};
    const struct attn_const attn = {NAN, NAN, NAN, NAN, NAN, NAN, TIER_POOLED};
    const struct comm_const comm = {NAN, NAN, NAN, TIER_POOLED};
    const char *evidence = NULL;
    b->name = name;
    for (int p = 0; p < PREC_N; p++)
        b->gemm[p] = b->moe[p] = op;
    for (int k = 0; k < A_N; k++)
        b->attn[k] = attn;
    for (int k = 0; k < C_N; k++)
        b->comm[0][k] = b->comm[1][k] = comm;
    if (!node_keys(a, map, names, 6, e) || !node_str(a, node_get(map, "evidence"), &evidence, e))
        return false;
    b->inferred = evidence && strcmp(evidence, "measured") != 0;
    return read_ops(a, node_get(map, "gemm"), b->gemm, e) && read_ops(a, node_get(map, "moe"), b->moe, e) &&
           read_attn(a, node_get(map, "attention"), b->attn, e) && read_comm(a, node_get(map, "comm"), b->comm[0], e) &&
           read_comm(a, node_get(map, "comm_pcie"), b->comm[1], e);
}

static bool read_blocks(struct arena *a, const struct node *map, struct block **out, size_t *n, struct err *e)
{
    *n = map ? map->n : 0;
    *out = ARENA_ARRAY(a, struct block, *n);
    for (size_t i = 0; i < *n; i++)
        if (!read_block(a, map->key[i], &map->item[i], &(*out)[i], e))
            return false;
    return true;
}

/* The pool must say everything, or a device without a tier of its own would compute with NaN. */
static bool pool_complete(const struct node *doc, const struct block *p, struct err *e)
{
    static const enum precision needed[] = {PREC_BF16, PREC_FP8, PREC_NVFP4, PREC_INT4};
    bool ok = true;
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        const struct op_const *g = &p->gemm[needed[i]], *m = &p->moe[needed[i]];
        ok = ok && isfinite(g->ec + g->em + g->t0_s + g->waves + g->quant);
        ok = ok && isfinite(m->ec + m->em + m->t0_s + m->waves + m->quant);
    }
    for (int k = 0; k < A_N; k++)
        ok = ok && isfinite(p->attn[k].em + p->attn[k].t0_s);
    for (int k = 0; k < C_N; k++)
        for (int h = 0; h < 2; h++)
            ok = ok && isfinite(p->comm[h][k].a0_s + p->comm[h][k].a1_s + p->comm[h][k].e);
    if (ok)
        return true;
    return err_input(e, doc->file, "pooled leaves constants out"),
           err_mend(e, "it needs gemm and moe of bf16, fp8, nvfp4 and int4, every attention and every collective");
}

bool stack_read(struct arena *a, const struct node *doc, struct stack_file **out, struct notes *notes, struct err *e)
{
    static const char *const names[] = {"framework", "version", "scheduler", "date",   "source",   "serving",
                                        "kernels",   "engine",  "interval",  "pooled", "families", "devices"};
    struct stack_file *f = ARENA_NEW(a, struct stack_file);
    struct stack *s = &f->base;
    (void)notes;
    *s = (struct stack){.version = "",
                        .scheduler = "vllm-v1",
                        .source = "",
                        .date = "",
                        .memory_frac = 0.9,
                        .least_rows = 64,
                        .workspace_source = "",
                        .interval_source = "",
                        .recv_interval_steps = 1,
                        .block_tok = 16};
    if (node_get(doc, "base")) { /* bound to it when all files are read */
        *out = f;
        if (!node_str(a, node_get(doc, "framework"), &s->framework, e) || !flavour_read(a, doc, &f->flavour, e))
            return false;
        return s->framework != NULL || (err_input(e, doc->file, "a stack needs framework"), err_mend(e, "write framework: NAME"));
    }
    if (doc->kind != NODE_MAP || !node_get(doc, "framework") || !node_get(doc, "pooled"))
        return err_input(e, doc->file, "a stack needs framework and pooled"),
               err_mend(e, "copy data/stacks/generic.yaml");
    if (!node_keys(a, doc, names, sizeof names / sizeof *names, e) || !stack_read_over(a, doc, f, true, e) ||
        !read_block(a, "pooled", node_get(doc, "pooled"), &f->pooled, e) ||
        !read_blocks(a, node_get(doc, "families"), &f->family, &f->nfamily, e) ||
        !read_blocks(a, node_get(doc, "devices"), &f->device, &f->ndevice, e) || !pool_complete(doc, &f->pooled, e))
        return false;
    *out = f;
    return true;
}

const char *stack_file_name(const struct stack_file *f)
{
    return f->base.framework;
}

void stack_file_power(struct stack_file *f, const struct power_const *power)
{
    f->base.power = *power;
}

/* Whose constants serve a format where a block has none of its own; PREC_N ends the row. */
static const enum precision stand_in[PREC_N][3] = {
    [PREC_FP32] = {PREC_FP32, PREC_BF16, PREC_N},
    [PREC_BF16] = {PREC_BF16, PREC_N},
    [PREC_FP16] = {PREC_FP16, PREC_BF16, PREC_N},
    [PREC_FP8] = {PREC_FP8, PREC_N},
    [PREC_FP8_BLOCK] = {PREC_FP8_BLOCK, PREC_FP8, PREC_N},
    [PREC_NVFP4] = {PREC_NVFP4, PREC_N},
    [PREC_MXFP4] = {PREC_MXFP4, PREC_NVFP4, PREC_N},
    [PREC_INT8] = {PREC_INT8, PREC_FP8, PREC_N},
    [PREC_INT4] = {PREC_INT4, PREC_N},
    [PREC_Q4_K_M] = {PREC_Q4_K_M, PREC_INT4, PREC_N},
    [PREC_BFP8] = {PREC_BFP8, PREC_FP8, PREC_N},
    [PREC_Q8_0] = {PREC_Q8_0, PREC_INT4, PREC_N},
    [PREC_Q6_K] = {PREC_Q6_K, PREC_INT4, PREC_N},
    [PREC_Q5_K] = {PREC_Q5_K, PREC_INT4, PREC_N},
    [PREC_Q3_K] = {PREC_Q3_K, PREC_INT4, PREC_N},
    [PREC_Q2_K] = {PREC_Q2_K, PREC_INT4, PREC_N},
};

static bool over(double *to, double from)
{
    if (isnan(from))
        return false;
    *to = from;
    return true;
}

static bool over_op(struct op_const *to, const struct op_const *from, enum tier tier)
{
    bool said = over(&to->ec, from->ec);
    said |= over(&to->em, from->em);
    said |= over(&to->t0_s, from->t0_s);
    said |= over(&to->waves, from->waves);
    said |= over(&to->quant, from->quant);
    if (said)
        to->tier = tier;
    return said;
}

static void over_attn(struct attn_const *to, const struct attn_const *from, enum tier tier)
{
    bool said = over(&to->ec, from->ec);
    bool em = over(&to->em, from->em);
    if (!over(&to->em8, from->em8) && em) /* 8-bit KV not measured here: no better than 16-bit */
        to->em8 = isnan(to->em8) ? to->em : fmin(to->em8, to->em);
    said |= over(&to->t0_s, from->t0_s);
    said |= over(&to->waves, from->waves);
    said |= over(&to->min_kv, from->min_kv);
    if (said || em)
        to->tier = tier;
}

static void over_comm(struct comm_const *to, const struct comm_const *from, enum tier tier)
{
    bool said = over(&to->a0_s, from->a0_s);
    said |= over(&to->a1_s, from->a1_s);
    said |= over(&to->e, from->e);
    if (said)
        to->tier = tier;
}

static void over_format(struct op_const *to, const struct op_const *from, const enum precision *chain, enum tier tier)
{
    for (int i = 0; i < 3 && chain[i] != PREC_N; i++)
        if (over_op(to, &from[chain[i]], tier))
            return;
}

/* Lay one block over what is there. own: the device's block, which speaks for weight-only formats too. */
static void lay(struct stack *s, const struct block *b, enum tier tier, const struct accelerator *acc, bool own)
{
    bool host = acc->scaleup.topology == TOPO_NONE;
    struct comm_const *comm[C_N] = {&s->all_reduce, &s->all_gather, &s->reduce_scatter,
                                    &s->all_to_all, &s->p2p,        &s->net};
    struct attn_const *attn[A_N] = {&s->prefill, &s->decode, &s->mla_prefill, &s->mla_decode, &s->linear};
    for (int p = 0; p < PREC_N; p++) {
        bool unpacked = precision_on((enum precision)p, acc).fallback && precision_table[p].bits < 16;
        const enum precision *chain = stand_in[unpacked ? PREC_INT4 : p];
        over_format(&s->gemm[p], b->gemm, chain, tier);
        over_format(&s->moe[p], b->moe, chain, tier);
        if (unpacked && own) {
            over_op(&s->gemm[p], &b->gemm[p], tier);
            over_op(&s->moe[p], &b->moe[p], tier);
        }
    }
    for (int k = 0; k < A_N; k++)
        over_attn(attn[k], &b->attn[k], tier);
    for (int k = 0; k < C_N; k++)
        over_comm(comm[k], &b->comm[host][k], tier);
}

static const struct block *find(const struct block *b, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(b[i].name, name) == 0)
            return &b[i];
    return NULL;
}

/* What the pool leaves open because the formula has no such term. */
static void close_gaps(struct attn_const *at)
{
    at->ec = isnan(at->ec) ? 1 : at->ec;
    at->em8 = isnan(at->em8) ? at->em : at->em8;
    at->waves = isnan(at->waves) ? 0 : at->waves;
    at->min_kv = isnan(at->min_kv) ? 0 : at->min_kv;
}

/* The pool, then the blocks nearer to the device; NULL: none. */
/* A MIG instance runs the kernels of its card; that they reach the same shares of its peaks is inferred. */
static const char *measured_as(const struct accelerator *acc)
{
    return acc->card ? acc->card->id : acc->id;
}

static struct stack laid(const struct stack_file *f, const struct accelerator *acc, const struct block *rest,
                         const struct block *family, const struct block *device)
{
    struct stack s = f->base;
    struct attn_const none = {NAN, NAN, NAN, NAN, NAN, NAN, TIER_POOLED};
    s.prefill = s.decode = s.mla_prefill = s.mla_decode = s.linear = none;
    lay(&s, &f->pooled, TIER_POOLED, acc, false);
    if (rest)
        lay(&s, rest, TIER_POOLED, acc, false);
    if (family)
        lay(&s, family, TIER_FAMILY, acc, false);
    if (device)
        lay(&s, device, device->inferred || acc->card ? TIER_FAMILY : TIER_DEVICE, acc, true);
    close_gaps(&s.prefill);
    close_gaps(&s.decode);
    close_gaps(&s.mla_prefill);
    close_gaps(&s.mla_decode);
    close_gaps(&s.linear);
    if (s.vendor.step_hi > 0 && (!acc->software || strcmp(acc->software, "CUDA") != 0))
        s.interval[TIER_FAMILY] = s.interval[TIER_POOLED] = s.vendor;
    s.evidence = device && !device->inferred && !acc->card ? GRADE_MEASURED : acc->evidence;
    double usable = acc->mem_usable_bytes > 0 ? acc->mem_usable_bytes : acc->mem_bytes;
    s.max_seqs = 256;
    s.max_tokens = 2048;
    for (size_t i = 0; i < f->nsize; i++) {
        const struct size_row *r = &f->size[i];
        if (usable >= r->from_bytes && !(r->except && strcmp(r->except, acc->family) == 0)) {
            s.max_seqs = r->max_seqs;
            s.max_tokens = r->max_tokens;
        }
    }
    return s;
}

struct stack stack_constants(const struct stack_file *f, const struct accelerator *acc)
{
    struct stack s =
        laid(f, acc, NULL, find(f->family, f->nfamily, acc->family), find(f->device, f->ndevice, measured_as(acc)));
    flavour_lay(&s, &f->flavour, acc, NULL);
    return s;
}

/* ------------------------------------------------------------------ held out */

static bool family_in(const char *family, const char *held)
{
    size_t n = held ? strlen(held) : 0;
    return n > 0 && family && strncmp(family, held, n) == 0 && (!family[n] || family[n] == '-');
}

bool stack_mask_holds(const struct stack_mask *m, const struct accelerator *acc)
{
    return m && ((m->device && strcmp(m->device, acc->id) == 0) || family_in(acc->family, m->family));
}

/* Where the constants of a block stand, so that one loop takes them all. */
struct field {
    size_t at;
};
#define BLOCK_FIELDS (2 * PREC_N * 5 + A_N * 6 + 2 * C_N * 3)

static size_t block_fields(struct field out[BLOCK_FIELDS])
{
    size_t n = 0;
    for (size_t p = 0; p < PREC_N; p++) {
        const size_t op[] = {offsetof(struct block, gemm) + p * sizeof(struct op_const),
                             offsetof(struct block, moe) + p * sizeof(struct op_const)};
        for (int i = 0; i < 2; i++) {
            out[n++].at = op[i] + offsetof(struct op_const, ec);
            out[n++].at = op[i] + offsetof(struct op_const, em);
            out[n++].at = op[i] + offsetof(struct op_const, t0_s);
            out[n++].at = op[i] + offsetof(struct op_const, waves);
            out[n++].at = op[i] + offsetof(struct op_const, quant);
        }
    }
    for (size_t k = 0; k < A_N; k++) {
        size_t at = offsetof(struct block, attn) + k * sizeof(struct attn_const);
        out[n++].at = at + offsetof(struct attn_const, ec);
        out[n++].at = at + offsetof(struct attn_const, em);
        out[n++].at = at + offsetof(struct attn_const, em8);
        out[n++].at = at + offsetof(struct attn_const, t0_s);
        out[n++].at = at + offsetof(struct attn_const, waves);
        out[n++].at = at + offsetof(struct attn_const, min_kv);
    }
    for (size_t k = 0; k < 2 * (size_t)C_N; k++) {
        size_t at = offsetof(struct block, comm) + k * sizeof(struct comm_const);
        out[n++].at = at + offsetof(struct comm_const, a0_s);
        out[n++].at = at + offsetof(struct comm_const, a1_s);
        out[n++].at = at + offsetof(struct comm_const, e);
    }
    return n;
}

/* Median of v (n > 0), which is sorted in place. */
static double median(double *v, size_t n)
{
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0 && v[j] < v[j - 1]; j--) {
            double t = v[j];
            v[j] = v[j - 1], v[j - 1] = t;
        }
    return n % 2 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

#define KIN_MAX 64

/* Each constant's median over the blocks that say it; NaN where none does. */
static void block_median(const struct block *const *kin, size_t n, struct block *out)
{
    struct field field[BLOCK_FIELDS];
    size_t nfield = block_fields(field);
    *out = (struct block){.name = ""};
    for (size_t i = 0; i < nfield; i++) {
        double v[KIN_MAX];
        size_t have = 0;
        for (size_t k = 0; k < n; k++) {
            double one = *(const double *)(const void *)((const char *)kin[k] + field[i].at);
            if (!isnan(one))
                v[have++] = one;
        }
        *(double *)(void *)((char *)out + field[i].at) = have ? median(v, have) : NAN;
    }
}

static const char *family_of(const struct stack_mask *m, const char *id)
{
    for (size_t i = 0; i < m->nacc; i++)
        if (strcmp(m->acc[i].id, id) == 0)
            return m->acc[i].family;
    return NULL;
}

/* Device blocks that are left: of one family, or (NULL) all that were measured. */
static size_t left(const struct stack_file *f, const struct stack_mask *m, const char *family,
                   const struct block *out[KIN_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < f->ndevice && n < KIN_MAX; i++) {
        const struct block *b = &f->device[i];
        const char *its = family_of(m, b->name);
        bool held = (m->device && strcmp(b->name, m->device) == 0) || family_in(its, m->family);
        if (!held && (family ? its && strcmp(its, family) == 0 : !b->inferred))
            out[n++] = b;
    }
    return n;
}

struct stack stack_constants_without(const struct stack_file *f, const struct accelerator *acc,
                                     const struct stack_mask *m)
{
    if (!stack_mask_holds(m, acc))
        return stack_constants(f, acc);
    const struct block *kin[KIN_MAX];
    struct block rest, family;
    size_t n = left(f, m, NULL, kin);
    if (n)
        block_median(kin, n, &rest);
    size_t near = left(f, m, acc->family, kin);
    if (near)
        block_median(kin, near, &family);
    struct stack s = laid(f, acc, n ? &rest : NULL, near ? &family : NULL, NULL);
    flavour_lay(&s, &f->flavour, acc, m);
    return s;
}
