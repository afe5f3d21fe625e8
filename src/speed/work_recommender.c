/* work_recommender.c - embedding tables and small matrices (DLRM, arXiv:1906.00091), served or trained on n cards.
**
**      resident  f = (room/T - 1/n) / (1 - 1/n) in [0, 1]     rows that every card holds, the rest is spread over n
**      exchange  all-to-all of the pooled vectors of what is spread: (1 - f) of them, training twice
**
** Lookups are taken as even over the rows, which is the worst case: real ones prefer few rows, which would be resident.
** Training keeps one copy of each row, so f = 0 on several cards (hybrid parallelism, arXiv:2104.05158).
*/
#include <math.h>

#include "speed/collective.h"
#include "speed/work_class.h"

#define GRADIENT_BYTES 2

/* Share of the rows that each card holds, given room for tables; negative: they do not fit even spread out. */
static double resident(double table_bytes, double room_bytes, int n, bool train)
{
    if (n == 1 || (table_bytes <= room_bytes && !train))
        return table_bytes <= room_bytes ? 1 : -1;
    double own = 1.0 / n;
    if (room_bytes < table_bytes * own)
        return -1;
    return train ? 0 : (room_bytes / table_bytes - own) / (1 - own);
}

void work_recommender(struct work_run *r)
{
    const struct workload *w = r->w;
    struct work_rate *o = r->out;
    int n = o->devices;
    double rest = work_weight_bytes(r) + w->state_bytes + o->batch * w->unit_bytes;
    if (!work_fit(r, rest))
        return;
    double f = w->table_bytes > 0 ? resident(w->table_bytes, o->usable_bytes - rest, n, w->train) : 1;
    if (f < 0) {
        work_fit(r, rest + w->table_bytes / n);
        return;
    }
    o->resident_frac = f;
    o->need_bytes = rest + w->table_bytes * (f + (1 - f) / n);
    work_add_operators(r);
    double bytes = (1 - f) * work_exchange_bytes(w) * o->batch;
    if (n > 1 && bytes > 0)
        for (int pass = 0; pass < 1 + w->train; pass++)
            work_add(r, pass ? "all-to-all, gradients" : "all-to-all",
                     op_collective(r->acc, r->stack, COLL_ALL_TO_ALL, n, bytes));
    if (w->train)
        work_add(r, "all-reduce", op_collective(r->acc, r->stack, COLL_ALL_REDUCE, n, GRADIENT_BYTES * work_params(w)));
    work_add_fixed(r, "fixed", w->train ? r->k.fixed_train_s : r->k.fixed_s);
    work_set_rate(r);
}
