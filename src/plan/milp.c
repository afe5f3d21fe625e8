/* milp.c - a sparse problem built entry by entry, scaled by powers of two, checked and written down.
**
**      scaled a_ij = r_i a_ij s_j,   r_i = 2^-round(mean_j log2 |a_ij s_j|), s_j likewise over i (1 where x_j is whole)
**
** Curtis and Reid's geometric scaling, three sweeps, cut to powers of two so that nothing is rounded.
*/
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "plan/milp_int.h"

struct milp *milp_new(struct arena *a)
{
    struct milp *m = ARENA_NEW(a, struct milp);
    m->a = a;
    return m;
}

static const char *named(struct arena *a, const char *fmt, va_list args)
{
    char text[128];
    vsnprintf(text, sizeof text, fmt, args);
    for (char *c = text; *c; c++)
        if (*c <= ' ' || *c == '$')
            *c = '_';
    return arena_strdup(a, text);
}

#define GROW(field, old, cap, type) m->field = arena_grow(m->a, m->field, (size_t)(old), (size_t)(cap), sizeof(type))

int milp_col(struct milp *m, double lo, double hi, double cost, enum milp_kind kind, const char *name, ...)
{
    if (m->cols == m->cap_cols) {
        m->cap_cols = m->cap_cols ? 2 * m->cap_cols : 256;
        GROW(lo, m->cols, m->cap_cols, double);
        GROW(hi, m->cols, m->cap_cols, double);
        GROW(cost, m->cols, m->cap_cols, double);
        GROW(whole, m->cols, m->cap_cols, bool);
        GROW(col_name, m->cols, m->cap_cols, char *);
    }
    int j = m->cols++;
    m->lo[j] = lo, m->hi[j] = hi, m->cost[j] = cost, m->whole[j] = kind == MILP_INT;
    va_list args;
    va_start(args, name);
    m->col_name[j] = named(m->a, name, args);
    va_end(args);
    m->ready = false;
    return j;
}

int milp_row(struct milp *m, double lo, double hi, const char *name, ...)
{
    if (m->rows == m->cap_rows) {
        m->cap_rows = m->cap_rows ? 2 * m->cap_rows : 256;
        GROW(row_lo, m->rows, m->cap_rows, double);
        GROW(row_hi, m->rows, m->cap_rows, double);
        GROW(row_name, m->rows, m->cap_rows, char *);
    }
    int i = m->rows++;
    m->row_lo[i] = lo, m->row_hi[i] = hi;
    va_list args;
    va_start(args, name);
    m->row_name[i] = named(m->a, name, args);
    va_end(args);
    m->ready = false;
    return i;
}

void milp_put(struct milp *m, int row, int col, double value)
{
    if (value == 0)
        return;
    if (m->nentry == m->cap_entry) {
        m->cap_entry = m->cap_entry ? 2 * m->cap_entry : 1024;
        m->entry = arena_grow(m->a, m->entry, m->nentry, m->cap_entry, sizeof *m->entry);
    }
    m->entry[m->nentry++] = (struct entry){row, col, value};
    m->ready = false;
}

void milp_cost(struct milp *m, int col, double cost)
{
    m->cost[col] = cost;
}

void milp_bounds(struct milp *m, int col, double lo, double hi)
{
    m->lo[col] = lo, m->hi[col] = hi;
}

void milp_kind(struct milp *m, int col, enum milp_kind kind)
{
    m->whole[col] = kind == MILP_INT;
    m->ready = m->ready && (kind == MILP_REAL || m->col_scale[col] == 1); /* whole columns are not scaled */
}

void milp_row_bounds(struct milp *m, int row, double lo, double hi)
{
    m->row_lo[row] = lo, m->row_hi[row] = hi;
}

double milp_lower(const struct milp *m, int col)
{
    return m->lo[col];
}

double milp_upper(const struct milp *m, int col)
{
    return m->hi[col];
}

double milp_row_lower(const struct milp *m, int row)
{
    return m->row_lo[row];
}

double milp_row_upper(const struct milp *m, int row)
{
    return m->row_hi[row];
}

double milp_cost_of(const struct milp *m, int col)
{
    return m->cost[col];
}

bool milp_is_int(const struct milp *m, int col)
{
    return m->whole[col];
}

const char *milp_row_name(const struct milp *m, int row)
{
    return m->row_name[row];
}

const char *milp_col_name(const struct milp *m, int col)
{
    return m->col_name[col];
}

struct milp_size milp_size(const struct milp *m)
{
    struct milp_size s = {.rows = (size_t)m->rows, .cols = (size_t)m->cols};
    s.nonzeros = m->ready ? (size_t)m->start[m->cols] : m->nentry;
    for (int j = 0; j < m->cols; j++)
        s.integers += m->whole[j];
    return s;
}

/* Entries to columns, rows in order within a column, the same place added up. Two stable counting sorts. */
static void by_columns(struct milp *m)
{
    size_t n = m->nentry;
    struct arena *call = arena_child(m->a);
    size_t *at = ARENA_ARRAY(call, size_t, (size_t)(m->rows > m->cols ? m->rows : m->cols) + 1);
    struct entry *sorted = ARENA_ARRAY(call, struct entry, n), *sorted2 = ARENA_ARRAY(call, struct entry, n);
    for (size_t e = 0; e < n; e++)
        at[m->entry[e].row + 1]++;
    for (int i = 0; i < m->rows; i++)
        at[i + 1] += at[i];
    for (size_t e = 0; e < n; e++)
        sorted[at[m->entry[e].row]++] = m->entry[e];
    memset(at, 0, ((size_t)m->cols + 1) * sizeof *at);
    for (size_t e = 0; e < n; e++)
        at[sorted[e].col + 1]++;
    for (int j = 0; j < m->cols; j++)
        at[j + 1] += at[j];
    for (size_t e = 0; e < n; e++)
        sorted2[at[sorted[e].col]++] = sorted[e];

    m->start = ARENA_ARRAY(m->a, int, (size_t)m->cols + 1);
    m->index = ARENA_ARRAY(m->a, int, n);
    m->value = ARENA_ARRAY(m->a, double, n);
    int put = 0, col = 0;
    for (size_t e = 0; e < n; e++) {
        for (; col <= sorted2[e].col; col++)
            m->start[col] = put;
        if (put > m->start[sorted2[e].col] && m->index[put - 1] == sorted2[e].row) {
            m->value[put - 1] += sorted2[e].value;
            continue;
        }
        m->index[put] = sorted2[e].row;
        m->value[put++] = sorted2[e].value;
    }
    for (; col <= m->cols; col++)
        m->start[col] = put;
    arena_reset(call);
}

static double near_one(double sum, int n)
{
    return n ? ldexp(1, -(int)lround(sum / n)) : 1;
}

static void scale(struct milp *m)
{
    m->row_scale = ARENA_ARRAY(m->a, double, (size_t)m->rows);
    m->col_scale = ARENA_ARRAY(m->a, double, (size_t)m->cols);
    struct arena *call = arena_child(m->a);
    double *sum = ARENA_ARRAY(call, double, (size_t)m->rows);
    int *n = ARENA_ARRAY(call, int, (size_t)m->rows);
    for (int j = 0; j < m->cols; j++)
        m->col_scale[j] = 1;
    for (int sweep = 0; sweep < 3; sweep++) {
        memset(sum, 0, (size_t)m->rows * sizeof *sum);
        memset(n, 0, (size_t)m->rows * sizeof *n);
        for (int j = 0; j < m->cols; j++)
            for (int p = m->start[j]; p < m->start[j + 1]; p++)
                if (m->value[p] != 0)
                    sum[m->index[p]] += log2(fabs(m->value[p]) * m->col_scale[j]), n[m->index[p]]++;
        for (int i = 0; i < m->rows; i++)
            m->row_scale[i] = near_one(sum[i], n[i]);
        for (int j = 0; j < m->cols; j++) {
            double s = 0;
            int k = 0;
            for (int p = m->start[j]; p < m->start[j + 1]; p++)
                if (m->value[p] != 0)
                    s += log2(fabs(m->value[p]) * m->row_scale[m->index[p]]), k++;
            m->col_scale[j] = m->whole[j] ? 1 : near_one(s, k);
        }
    }
    arena_reset(call);
}

void milp_ready(struct milp *m)
{
    if (m->ready)
        return;
    by_columns(m);
    scale(m);
    if (m->basis && m->basis_cols == m->cols && m->basis_rows < m->rows) { /* rows that are new hold: basic */
        m->basis = arena_grow(m->a, m->basis, (size_t)(m->cols + m->basis_rows), (size_t)(m->cols + m->rows), 1);
        memset(m->basis + m->cols + m->basis_rows, 1, (size_t)(m->rows - m->basis_rows));
        m->basis_rows = m->rows;
    } else if (m->basis && (m->basis_cols != m->cols || m->basis_rows != m->rows)) {
        m->basis = NULL;
    }
    m->ready = true;
}

double milp_objective(const struct milp *m, const double *x)
{
    double z = 0;
    for (int j = 0; j < m->cols; j++)
        z += m->cost[j] * x[j];
    return z;
}

double milp_breach(const struct milp *m, const double *x, bool whole)
{
    double worst = 0;
    struct arena *call = arena_child(m->a);
    double *sum = ARENA_ARRAY(call, double, (size_t)m->rows), *big = ARENA_ARRAY(call, double, (size_t)m->rows);
    for (size_t e = 0; e < m->nentry; e++) {
        double term = m->entry[e].value * x[m->entry[e].col];
        sum[m->entry[e].row] += term;
        big[m->entry[e].row] = fmax(big[m->entry[e].row], fabs(term));
    }
    for (int i = 0; i < m->rows; i++) {
        double over = fmax(m->row_lo[i] - sum[i], sum[i] - m->row_hi[i]), size = fmax(1, big[i]);
        if (isfinite(m->row_lo[i]))
            size = fmax(size, fabs(m->row_lo[i]));
        if (isfinite(m->row_hi[i]))
            size = fmax(size, fabs(m->row_hi[i]));
        worst = fmax(worst, over / size);
    }
    for (int j = 0; j < m->cols; j++) {
        worst = fmax(worst, fmax(m->lo[j] - x[j], x[j] - m->hi[j]) / fmax(1, fabs(x[j])));
        if (whole && m->whole[j])
            worst = fmax(worst, fabs(x[j] - nearbyint(x[j])));
    }
    arena_reset(call);
    return worst;
}

static void mps_line(struct buf *b, const char *before, const char *name, double value)
{
    buf_fmt(b, "%s %s ", before, name);
    buf_num(b, value);
    buf_add(b, "\n");
}

static void mps_bound(struct buf *b, const struct milp *m, int j)
{
    double lo = m->lo[j], hi = m->hi[j];
    const char *name = m->col_name[j];
    if (lo == hi) {
        mps_line(b, " FX BND", name, lo);
        return;
    }
    if (!isfinite(lo))
        buf_fmt(b, isfinite(hi) ? " MI BND %s\n" : " FR BND %s\n", name);
    else if (lo != 0)
        mps_line(b, " LO BND", name, lo);
    if (isfinite(hi))
        mps_line(b, " UP BND", name, hi);
    else if (m->whole[j])
        buf_fmt(b, " PL BND %s\n", name); /* readers differ on the default of a whole column */
}

static void mps_columns(struct buf *b, const struct milp *m)
{
    bool whole = false;
    for (int j = 0; j < m->cols; j++) {
        if (m->whole[j] != whole) {
            whole = m->whole[j];
            buf_fmt(b, " M%d 'MARKER' '%s'\n", j, whole ? "INTORG" : "INTEND");
        }
        buf_fmt(b, " %s", m->col_name[j]);
        mps_line(b, "", "COST", m->cost[j]);
        for (int p = m->start[j]; p < m->start[j + 1]; p++) {
            buf_fmt(b, " %s", m->col_name[j]);
            mps_line(b, "", m->row_name[m->index[p]], m->value[p]);
        }
    }
    if (whole)
        buf_add(b, " MEND 'MARKER' 'INTEND'\n");
}

static void mps(struct buf *b, const struct milp *m)
{
    buf_add(b, "NAME moat FREE\nROWS\n N COST\n");
    for (int i = 0; i < m->rows; i++) {
        double lo = m->row_lo[i], hi = m->row_hi[i];
        char kind = lo == hi ? 'E' : isfinite(hi) ? 'L' : isfinite(lo) ? 'G' : 'N';
        buf_fmt(b, " %c %s\n", kind, m->row_name[i]);
    }
    buf_add(b, "COLUMNS\n");
    mps_columns(b, m);
    buf_add(b, "RHS\n");
    for (int i = 0; i < m->rows; i++) {
        double rhs = isfinite(m->row_hi[i]) ? m->row_hi[i] : m->row_lo[i];
        if (isfinite(rhs) && rhs != 0)
            mps_line(b, " RHS", m->row_name[i], rhs);
    }
    buf_add(b, "RANGES\n");
    for (int i = 0; i < m->rows; i++)
        if (isfinite(m->row_lo[i]) && isfinite(m->row_hi[i]) && m->row_lo[i] != m->row_hi[i])
            mps_line(b, " RNG", m->row_name[i], m->row_hi[i] - m->row_lo[i]);
    buf_add(b, "BOUNDS\n");
    for (int j = 0; j < m->cols; j++)
        mps_bound(b, m, j);
    buf_add(b, "ENDATA\n");
}

bool milp_write_mps(struct milp *m, const char *path, struct err *e)
{
    milp_ready(m);
    FILE *f = fopen(path, "w");
    if (!f)
        return err_env(e, path, "%s", strerror(errno));
    struct arena *call = arena_child(m->a);
    struct buf b = {.arena = call};
    mps(&b, m);
    bool ok = fwrite(b.at, 1, b.n, f) == b.n;
    arena_reset(call);
    return !fclose(f) && ok ? true : err_env(e, path, "%s", strerror(errno));
}
