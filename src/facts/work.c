/* work.c - one workload file: a table of operator kinds, each with the keys it takes, read into struct workload.
**
**      gemm with widths w0, w1, .., wn:   flop = sum 2*wi*wi+1,  params = sum wi*wi+1
**      rows: r items of a unit go through together: r times all but params
*/
#include "facts/work.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/doc.h"
#include "base/err.h"
#include "base/units.h"

const char *const work_class_name[WORK_CLASS_N] = {"recommender", "diffusion", "driving", "hpc", "graphics"};
const char *const work_op_name[WORK_OP_N] = {"gemm", "lookup", "stream", "shade", "rays", "encode", "exchange"};

#define WIDTHS_MAX 64
#define OPS_MAX 32

static const struct op_key {
    const char *name;
    enum unit unit;
    size_t at;
    unsigned kinds; /* bit k: taken by kind k */
} op_keys[] = {
    {"times", UNIT_COUNT, offsetof(struct work_op, times), ~0u},
    {"flop", UNIT_COUNT, offsetof(struct work_op, flop), 1u << WORK_GEMM | 1u << WORK_STREAM | 1u << WORK_SHADE},
    {"values", UNIT_COUNT, offsetof(struct work_op, values), 1u << WORK_GEMM},
    {"params", UNIT_COUNT, offsetof(struct work_op, params), 1u << WORK_GEMM},
    {"kernels", UNIT_COUNT, offsetof(struct work_op, kernels), 1u << WORK_GEMM},
    {"bytes", UNIT_BYTES, offsetof(struct work_op, bytes), 1u << WORK_LOOKUP | 1u << WORK_STREAM | 1u << WORK_EXCHANGE},
    {"rays", UNIT_COUNT, offsetof(struct work_op, rays), 1u << WORK_RAYS},
    {"pixels", UNIT_COUNT, offsetof(struct work_op, pixels), 1u << WORK_ENCODE},
};
#define OP_KEYS (sizeof op_keys / sizeof *op_keys)

static int index_of(const char *word, const char *const *names, int n)
{
    for (int i = 0; word && i < n; i++)
        if (strcmp(word, names[i]) == 0)
            return i;
    return -1;
}

/* A word of a closed list. */
static bool read_word(struct arena *a, const struct node *nd, const char *const *names, int n, const char *list,
                      int *out, struct err *e)
{
    const char *word = NULL;
    if (!node_str(a, nd, &word, e))
        return false;
    *out = index_of(word, names, n);
    if (*out >= 0)
        return true;
    err_input(e, node_place(a, nd), "expected %s, got \"%.40s\"", list, word ? word : "");
    const char *close = word ? text_closest(word, names, (size_t)n) : NULL;
    return close ? err_mend(e, "did you mean \"%s\"?", close) : false;
}

static bool read_widths(struct arena *a, const struct node *nd, struct work_op *op, struct err *e)
{
    int64_t last = 0;
    if (nd->kind != NODE_SEQ || nd->n < 2 || nd->n > WIDTHS_MAX)
        return err_input(e, node_place(a, nd), "expected a list of layer widths"),
               err_mend(e, "write widths: [13, 512, 256, 128]");
    for (size_t i = 0; i < nd->n; i++) {
        int64_t w = 0;
        if (!node_int(a, &nd->item[i], 1, 100000000, &w, e))
            return false;
        op->flop += 2.0 * (double)last * (double)w;
        op->params += (double)last * (double)w;
        last = w;
    }
    return true;
}

static bool read_op(struct arena *a, const struct node *nd, struct work_op *op, struct err *e)
{
    const char *names[OP_KEYS + 4];
    double rows = 1;
    int kind = -1;
    if (nd->kind != NODE_MAP || !node_get(nd, "op"))
        return err_input(e, node_place(a, nd), "an operator needs op"),
               err_mend(
                   e, "write - {op: gemm, flop: 8.2B}; kinds are gemm, lookup, stream, shade, rays, encode, exchange");
    if (!read_word(a, node_get(nd, "op"), work_op_name, WORK_OP_N,
                   "gemm, lookup, stream, shade, rays, encode or exchange", &kind, e))
        return false;
    *op = (struct work_op){.kind = (enum work_op_kind)kind, .name = work_op_name[kind], .times = 1};
    size_t n = 0;
    names[n++] = "op", names[n++] = "name", names[n++] = "rows";
    for (size_t i = 0; i < OP_KEYS; i++)
        if (op_keys[i].kinds >> kind & 1)
            names[n++] = op_keys[i].name;
    if (kind == WORK_GEMM)
        names[n++] = "widths";
    if (!node_keys(a, nd, names, n, e) || !node_str(a, node_get(nd, "name"), &op->name, e))
        return false;
    const struct node *widths = node_get(nd, "widths");
    if (widths && (node_get(nd, "flop") || node_get(nd, "params")))
        return err_input(e, node_place(a, widths), "widths already say flop and params"),
               err_mend(e, "keep one of the two");
    if (widths && !read_widths(a, widths, op, e))
        return false;
    for (size_t i = 0; i < OP_KEYS; i++)
        if (!node_unit(a, node_get(nd, op_keys[i].name), op_keys[i].unit,
                       (double *)(void *)((char *)op + op_keys[i].at), e))
            return false;
    if (!node_unit(a, node_get(nd, "rows"), UNIT_COUNT, &rows, e))
        return false;
    if (!(op->times > 0) || !(rows > 0))
        return err_input(e, node_place(a, node_get(nd, rows > 0 ? "times" : "rows")), "is 0"),
               err_mend(e, "leave the operator out");
    op->flop *= rows;
    op->values *= rows;
    op->bytes *= rows;
    op->rays *= rows;
    op->pixels *= rows;
    if (op->flop + op->bytes + op->rays + op->pixels > 0)
        return true;
    return err_input(e, node_place(a, nd), "%s does nothing", work_op_name[kind]),
           err_mend(e, "give what one unit takes: flop, widths, bytes, rays or pixels");
}

static bool read_ops(struct arena *a, const struct node *nd, struct workload *w, struct err *e)
{
    if (!nd || nd->kind != NODE_SEQ || !nd->n || nd->n > OPS_MAX)
        return err_input(e, nd ? node_place(a, nd) : w->place, "operators are missing"),
               err_mend(e, "write operators: with a list such as - {op: gemm, flop: 8.2B}");
    w->op = ARENA_ARRAY(a, struct work_op, nd->n);
    for (; w->nop < nd->n; w->nop++)
        if (!read_op(a, &nd->item[w->nop], &w->op[w->nop], e))
            return false;
    return true;
}

static bool read_arith(struct arena *a, const struct node *nd, struct workload *w, struct err *e)
{
    size_t n = !nd ? 0 : nd->kind == NODE_SEQ ? nd->n : 1;
    if (nd && (nd->kind == NODE_MAP || n > ARITH_N))
        return err_input(e, node_place(a, nd), "expected a list of formats"),
               err_mend(e, "write arithmetic: [int8, bf16, fp16]");
    for (size_t i = 0; i < n; i++) {
        int k = -1;
        if (!read_word(a, nd->kind == NODE_SEQ ? &nd->item[i] : nd, arith_name, ARITH_N,
                       "fp64, fp32, bf16, fp16, fp8, int8 or fp4", &k, e))
            return false;
        w->arith[w->narith++] = (enum arith)k;
    }
    return true;
}

static bool read_aliases(struct arena *a, const struct node *nd, struct workload *w, struct err *e)
{
    if (!nd)
        return true;
    if (nd->kind != NODE_SEQ)
        return err_input(e, node_place(a, nd), "expected a list such as [dlrm-dcnv2]");
    w->alias = ARENA_ARRAY(a, const char *, nd->n);
    for (; w->nalias < nd->n; w->nalias++)
        if (!node_str(a, &nd->item[w->nalias], &w->alias[w->nalias], e))
            return false;
    return true;
}

/* Does an operator want what is not said, or is something said that none wants? */
static bool check(struct arena *a, const struct node *doc, const struct workload *w, struct err *e)
{
    bool gemm = false, drawn = false;
    for (size_t i = 0; i < w->nop; i++) {
        gemm |= w->op[i].kind == WORK_GEMM;
        drawn |= w->op[i].kind == WORK_SHADE;
    }
    if (gemm != (w->narith > 0))
        return err_input(e, w->place, gemm ? "gemm needs arithmetic" : "arithmetic is said and no operator is a gemm"),
               err_mend(e, gemm ? "write arithmetic: [bf16, fp16]" : "leave it out");
    if (drawn != (w->cls == WORK_GRAPHICS))
        return err_input(e, w->place, "class graphics and operators that shade go together"),
               err_mend(e, "check class");
    if (w->session_fps > 0 && w->cls != WORK_GRAPHICS)
        return err_input(e, node_place(a, node_get(doc, "session_fps")), "only class graphics has sessions"),
               err_mend(e, "leave it out");
    return true;
}

bool work_read(struct arena *a, const struct node *doc, struct workload *out, struct err *e)
{
    static const char *const names[] = {"id",     "name",       "aliases",     "class",       "train",
                                        "unit",   "arithmetic", "fp64",        "batch",       "operators",
                                        "tables", "state",      "unit_memory", "session_fps", "session_max",
                                        "recall", "source",     "date",        "notes"};
    int cls = -1;
    int64_t most = 0;
    *out = (struct workload){.batch = 1, .place = doc->file, .notes = "", .source = "", .date = ""};
    if (doc->kind != NODE_MAP || !node_get(doc, "id") || !node_get(doc, "class") || !node_get(doc, "unit"))
        return err_input(e, doc->file, "a workload needs id, class, unit and operators"),
               err_mend(e, "`moat catalog show sdxl --yaml` prints one to start from");
    if (!node_keys(a, doc, names, sizeof names / sizeof *names, e) || !node_str(a, node_get(doc, "id"), &out->id, e) ||
        !node_str(a, node_get(doc, "name"), &out->name, e) || !read_aliases(a, node_get(doc, "aliases"), out, e) ||
        !read_word(a, node_get(doc, "class"), work_class_name, WORK_CLASS_N,
                   "recommender, diffusion, driving, hpc or graphics", &cls, e) ||
        !node_bool(a, node_get(doc, "train"), &out->train, e) || !node_str(a, node_get(doc, "unit"), &out->unit, e) ||
        !read_arith(a, node_get(doc, "arithmetic"), out, e) || !node_bool(a, node_get(doc, "fp64"), &out->fp64, e) ||
        !node_unit(a, node_get(doc, "batch"), UNIT_COUNT, &out->batch, e) ||
        !read_ops(a, node_get(doc, "operators"), out, e) ||
        !node_unit(a, node_get(doc, "tables"), UNIT_BYTES, &out->table_bytes, e) ||
        !node_unit(a, node_get(doc, "state"), UNIT_BYTES, &out->state_bytes, e) ||
        !node_unit(a, node_get(doc, "unit_memory"), UNIT_BYTES, &out->unit_bytes, e) ||
        !node_f64(a, node_get(doc, "session_fps"), &out->session_fps, e) ||
        !node_int(a, node_get(doc, "session_max"), 1, 100000, &most, e) ||
        !node_bool(a, node_get(doc, "recall"), &out->recall, e) ||
        !node_str(a, node_get(doc, "source"), &out->source, e) || !node_str(a, node_get(doc, "date"), &out->date, e) ||
        !node_str(a, node_get(doc, "notes"), &out->notes, e))
        return false;
    out->cls = (enum work_class)cls;
    out->session_max = (int)most;
    if (!out->name)
        out->name = out->id;
    if (!(out->batch >= 1) || out->session_fps < 0)
        return err_input(e, doc->file, out->session_fps < 0 ? "session_fps is negative" : "batch is less than 1"),
               err_mend(e, "leave it out");
    return check(a, doc, out, e);
}
