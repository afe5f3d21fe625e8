/* milp_branch.c - branch and bound on Clp alone, depth first, for problems with few whole columns.
**
** Each node is one dual simplex from the basis of the node before; the column nearest a half is split, its nearer side first. Land and
** Doig 1960. CBC is stronger, and keeps settings in variables of the whole process: many small problems on threads are solved here,
** and one that does not end within NODES goes to CBC.
*/
#include <coin/Clp_C_Interface.h>
#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "plan/milp_int.h"

#define NODES 1500
#define WHOLE 1e-7

struct branching {
    const struct milp *m;
    Clp_Simplex *clp;
    double gap_frac, best;      /* of the cheapest whole answer */
    double *x;                  /* (cols) its whole columns; found: there is one */
    bool found, gave_up;
    size_t nodes;
};

static void dive(struct branching *b)
{
    const struct milp *m = b->m;
    if (b->gave_up || ++b->nodes > NODES) {
        b->gave_up = true;
        return;
    }
    Clp_dual(b->clp, 0);
    int status = Clp_status(b->clp), split = -1;
    if (status != 0) {
        b->gave_up |= status != 1;
        return;
    }
    if (b->found && Clp_objectiveValue(b->clp) / m->cost_scale >= b->best - b->gap_frac * fabs(b->best))
        return;
    const double *x = Clp_getColSolution(b->clp);
    double far = WHOLE, at = 0;
    for (int j = 0; j < m->cols; j++) {
        double off = m->whole[j] ? fabs(x[j] - nearbyint(x[j])) : 0;
        if (off > far)
            far = off, split = j, at = x[j];
    }
    if (split < 0) {
        for (int j = 0; j < m->cols; j++)
            b->x[j] = m->whole[j] ? nearbyint(x[j]) : 0;
        b->found = true, b->best = Clp_objectiveValue(b->clp) / m->cost_scale;
        return;
    }
    double *lo = Clp_columnLower(b->clp) + split, *hi = Clp_columnUpper(b->clp) + split, was_lo = *lo, was_hi = *hi;
    for (int side = 0; side < 2; side++) {
        bool up = (at - floor(at) > 0.5) == (side == 0);
        if (up)
            *lo = ceil(at);
        else
            *hi = floor(at);
        dive(b);
        *lo = was_lo, *hi = was_hi;
    }
}

bool milp_branch(const struct milp *m, void *clp, const struct milp_limits *lim, double start_usd, double *x,
                 bool *found, size_t *nodes)
{
    struct branching b = {.m = m, .clp = clp, .gap_frac = lim->gap_frac, .best = start_usd, .x = x, .found = *found};
    dive(&b);
    *found = b.found, *nodes = b.nodes;
    return !b.gave_up;
}
