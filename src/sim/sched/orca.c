/* orca.c - Orca: iteration-level scheduling. A step runs whole prompts and single tokens together; finished ones leave
** at once.
**
** KV for the whole request is set aside at admission, by its true length (the paper reserves the maximum). Prompts are
** not cut: those of a step share what the decoders leave of max_tokens, and one that is longer runs as the only
** prefill of a step.
**
** Yu et al., "Orca: a distributed serving system for transformer-based generative models", OSDI 2022, algorithm 1.
*/
#include "sim/replica.h"
#include "sim/sched.h"

static void plan(struct replica *r)
{
    replica_decode(r);
    int32_t budget = r->max_tokens - replica_decode_tok(r);
    while (r->look && replica_waiting(r)) {
        int32_t want = replica_next_tok(r) - replica_next_hit(r);
        if ((want > budget && r->batch.nchunk) || !replica_room(r, replica_next_all(r)))
            break;
        replica_admit(r, want, replica_next_all(r));
        budget -= want;
    }
}

extern const struct sched sched_orca;
const struct sched sched_orca = {
    .name = "orca",
    .help = "Orca: iteration-level batching of whole prompts, KV set aside for the whole request",
    .paper = "Yu et al., Orca, OSDI 2022",
    .plan = plan,
    .reserve = true,
};
