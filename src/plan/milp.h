/* milp.h - the solver's door: minimise c'x, lo <= Ax <= hi, l <= x <= u, some x whole. CBC and Clp stand behind it (milp_cbc.c).
**
**      struct milp *m = milp_new(a);
**      int x = milp_col(m, 0, HUGE_VAL, 3.0, MILP_REAL, "own_%s", id);
**      int r = milp_row(m, 5, HUGE_VAL, "demand_%d", t);
**      milp_put(m, r, x, 2.5);
**      milp_solve(m, a, &limits, &answer, &e);
**
** Numbers go in and come out in the caller's units. Inside, rows and real columns are scaled by powers of two (exact) towards 1,
** and every answer is checked against the rows as given: `worst` is the largest breach. A problem may be changed (cost,
** bounds) and solved again; the last basis is where the next linear solve starts.
*/
#ifndef MOAT_PLAN_MILP_H
#define MOAT_PLAN_MILP_H

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct milp;

enum milp_kind { MILP_REAL, MILP_INT };

struct milp *milp_new(struct arena *a);
int milp_col(struct milp *m, double lo, double hi, double cost, enum milp_kind kind, const char *name, ...)
    __attribute__((format(printf, 6, 7)));
int milp_row(struct milp *m, double lo, double hi, const char *name, ...) __attribute__((format(printf, 4, 5)));
void milp_put(struct milp *m, int row, int col, double value);  /* adds to what is there; 0 is left out */

void milp_cost(struct milp *m, int col, double cost);
void milp_bounds(struct milp *m, int col, double lo, double hi);
void milp_kind(struct milp *m, int col, enum milp_kind kind);
void milp_row_bounds(struct milp *m, int row, double lo, double hi);
double milp_lower(const struct milp *m, int col);
double milp_upper(const struct milp *m, int col);
double milp_row_lower(const struct milp *m, int row);
double milp_row_upper(const struct milp *m, int row);
double milp_cost_of(const struct milp *m, int col);
bool milp_is_int(const struct milp *m, int col);
const char *milp_row_name(const struct milp *m, int row);
const char *milp_col_name(const struct milp *m, int col);

struct milp_size { size_t rows, cols, nonzeros, integers; };
struct milp_size milp_size(const struct milp *m);

enum milp_status {
    MILP_OPTIMAL,       /* within gap_frac, proved */
    MILP_FEASIBLE,      /* a limit came first */
    MILP_INFEASIBLE,
    MILP_UNBOUNDED,
    MILP_NONE,          /* a limit came before any answer */
};

struct milp_limits {
    double gap_frac;    /* stop when proved so near */
    int nodes;          /* of branch and bound; 0: the root only */
    double wall_s;      /* elapsed; 0: none */
    const double *start;        /* (cols) a whole answer to begin with; NULL */
    bool relax;         /* take every column as real */
    bool beside;        /* other problems are solved on other threads: first without CBC, which takes one at a time */
};

struct milp_answer {
    enum milp_status status;
    bool timed_out;     /* the wall limit decided: not to be repeated */
    double objective, bound;
    const double *x;    /* (cols) */
    const double *dual; /* (rows) of the linear problem with the whole columns fixed: cost of one more on the right side; NULL */
    const double *reduced;      /* (cols) */
    size_t nodes, iterations;
    double worst;       /* breach of a row, of max(1, |largest term of the row|) */
};

/* False only when the solver itself breaks, or its answer does not hold in the rows as given. */
bool milp_solve(struct milp *m, struct arena *a, const struct milp_limits *lim, struct milp_answer *out, struct err *e);

/* Largest breach of rows, bounds and (whole) wholeness by x, relative to the row's largest term. */
double milp_breach(const struct milp *m, const double *x, bool whole);
double milp_objective(const struct milp *m, const double *x);
bool milp_write_mps(struct milp *m, const char *path, struct err *e);     /* free MPS */

#endif
