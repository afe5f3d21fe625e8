/* vllm_v1.c - vLLM's V1 engine: one token budget a step, running requests first, then waiting ones, first come first
** served.
**
**      budget = max_tokens
**      decoders: 1 token each; the partial prefill: what is left of its prompt or of the budget
**      nobody preempted: admit from the queue while budget, sequences and KV last; the last one may be cut (chunked
**        prefill)
**
** A running request that finds no KV block preempts the last of the running ones, which goes to the front of the queue
** and later recomputes prompt and output, but for those of its blocks that nobody has reused (its own prefix-cache
** hit). Prompts share blocks by hash (prefix.h), from the moment they are scheduled. A waiting request is admitted only when its whole prompt fits (scheduler_reserve_full_isl), though blocks are
** taken chunk by chunk. One block of the pool is the null block.
**
** vllm/v1/core/sched/scheduler.py, versions 0.11 to 0.19.
*/
#include "sim/cluster.h"
#include "sim/sched.h"

static void plan(struct replica *r)
{
    int32_t budget = r->max_tokens;
    replica_decode(r);
    budget -= replica_decode_tok(r);
    budget -= replica_resume(r, budget);
    replica_fill(r, budget, r->pool->first_chunk_admits ? KV_CHUNK : KV_PROMPT, KV_CHUNK);
}

extern const struct sched sched_vllm_v1;
const struct sched sched_vllm_v1 = {
    .name = "vllm-v1",
    .help = "vLLM V1: token budget, running first, chunked prefill mixed with decode",
    .paper = "vLLM V1 scheduler, 2025; Kwon et al., PagedAttention, SOSP 2023",
    .plan = plan,
    .cache = CACHE_SCHEDULED,
    .held_back_blocks = 1,
};
