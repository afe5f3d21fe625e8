/* milp_int.h - what milp.c and the solver behind it share. */
#ifndef MOAT_PLAN_MILP_INT_H
#define MOAT_PLAN_MILP_INT_H

#include "plan/milp.h"

struct entry { int row, col; double value; };

struct milp {
    struct arena *a;
    struct entry *entry;        /* as they came */
    size_t nentry, cap_entry;
    int rows, cols, cap_rows, cap_cols;
    double *lo, *hi, *cost;     /* (cols) */
    bool *whole;
    const char **col_name;
    double *row_lo, *row_hi;
    const char **row_name;
    /* by columns, made when first solved and when entries were added since */
    bool ready;
    int *start, *index;         /* (cols + 1), (nonzeros) */
    double *value;
    double *row_scale, *col_scale;      /* powers of two: scaled = row * value * col */
    double cost_scale;
    unsigned char *basis;       /* (basis_cols + basis_rows) Clp's codes, columns first; NULL */
    int basis_cols, basis_rows;
};

void milp_ready(struct milp *m);

/* Cheapest whole columns (x) of the problem in clp, as scaled; found: x is an answer of start_usd already. False: not ended. */
bool milp_branch(const struct milp *m, void *clp, const struct milp_limits *lim, double start_usd, double *x, bool *found, size_t *nodes);

#endif
