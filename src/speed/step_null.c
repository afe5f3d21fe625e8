/* step_null.c - the null engine: a device that does no work, step = step_s + token_s * tokens + seq_s * sequences.
**
** With it the simulator's queues have known answers (tests/oracle/test_queue.c, docs/simulator.md), as fio's null
** engine measures fio itself: fio(1), ioengine=null.
*/
#include <math.h>

#include "base/arena.h"
#include "speed/step.h"

static int64_t q20(double t_s)
{
    return (int64_t)llround(t_s * 1e9 * (double)Q20);
}

void step_table_null(struct arena *a, double step_s, double token_s, double seq_s, struct step_table *t)
{
    struct step_table n = {.max_tok = t->max_tok, .max_seqs = t->max_seqs, .pp = 1, .dp = 1, .kind_scale = 1};
    n.tok_q20 = ARENA_ARRAY(a, int64_t, (size_t)t->max_tok + 1);
    n.head_q20 = ARENA_ARRAY(a, int64_t, (size_t)t->max_seqs + 1);
    for (int64_t i = 1; i <= t->max_tok; i++)
        n.tok_q20[i] = q20(token_s) * i;
    n.step_fixed_q20 = q20(step_s);
    n.step_per_seq_q20 = q20(seq_s);
    n.power_idle_w = t->power_idle_w, n.power_prefill_w = t->power_prefill_w;
    n.npower = t->npower;
    for (int i = 0; i < t->npower; i++)
        n.power_decode_w[i] = t->power_decode_w[i];
    n.evidence = GRADE_ASSUMED;
    *t = n;
}
