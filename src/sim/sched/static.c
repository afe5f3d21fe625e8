/* static.c - request-level batching: a batch is formed when nothing runs, and the next one only when all of it is done.
**
** The batch takes from the queue, in order, up to max_seqs requests whose prompts fit in one step of max_tokens (the
** first always) and whose whole KV fits. A request's tokens are streamed and its sequence costs nothing once it is
** done; its place stays empty. With max_seqs = 1 and constant times this is the M/D/1 queue.
**
** The baseline of Yu et al., Orca, OSDI 2022, section 3.1 (FasterTransformer under Triton).
*/
#include "sim/replica.h"
#include "sim/sched.h"

static void plan(struct replica *r)
{
    int32_t budget = r->max_tokens;
    replica_decode(r);
    bool empty = r->nrun == 0;
    while (empty && replica_waiting(r)) {
        int32_t want = replica_next_tok(r) - replica_next_hit(r);
        if ((want > budget && r->batch.nchunk) || !replica_room(r, replica_next_all(r)))
            break;
        replica_admit(r, want, replica_next_all(r));
        budget -= want;
    }
}

extern const struct sched sched_static;
const struct sched sched_static = {
    .name = "static",
    .help = "static batches: the next one starts when all of the last one is done",
    .paper = "request-level batching, the baseline of Yu et al., Orca, OSDI 2022",
    .plan = plan,
    .reserve = true,
    .when_empty = true,
};
