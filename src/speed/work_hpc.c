/* work_hpc.c - scientific computing: dense FP64 products (HPL), sweeps over a grid (lattice Boltzmann, HPCG).
**
**      t = flop / (P64*share) or bytes / (W*share), and what a card sends its neighbours when there are several
**
** P64 is the matrix units' rate where they compute in fp64. The share of HPL is that of whole machines: it holds the
** panels and broadcasts too (Petitet and others, HPL; Dongarra, Heroux and Luszczek 2016, HPCG).
*/
#include "speed/collective.h"
#include "speed/work_class.h"

void work_hpc(struct work_run *r)
{
    const struct workload *w = r->w;
    struct work_rate *o = r->out;
    if (!work_fit(r, w->state_bytes + o->batch * w->unit_bytes))
        return;
    work_add_operators(r);
    double bytes = work_exchange_bytes(w) * o->batch;
    if (o->devices > 1 && bytes > 0)
        work_add(r, "exchange", op_collective(r->acc, r->stack, COLL_P2P, o->devices, bytes));
    work_set_rate(r);
}
