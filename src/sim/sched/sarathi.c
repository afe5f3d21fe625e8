/* sarathi.c - Sarathi-Serve: stall-free batches. Decodes first, the rest of a fixed token budget is filled with
** prefill chunks.
**
** Differs from vllm-v1 in the KV of a prompt, which is taken whole at admission (it grew out of vLLM's first engine),
** so a partial prefill never fails. The chunk size of the paper is the token budget: 512 on an A100 for strict, 2048
** for relaxed SLOs.
**
** Agrawal et al., "Taming throughput-latency tradeoff in LLM inference with Sarathi-Serve", OSDI 2024, algorithm 3.
*/
#include "sim/replica.h"
#include "sim/sched.h"

static void plan(struct replica *r)
{
    int32_t budget = r->max_tokens;
    replica_decode(r);
    budget -= replica_decode_tok(r);
    budget -= replica_resume(r, budget);
    replica_fill(r, budget, KV_PROMPT, KV_PROMPT);
}

extern const struct sched sched_sarathi;
const struct sched sched_sarathi = {
    .name = "sarathi",
    .help = "Sarathi-Serve: decodes first, prefill chunks fill a fixed token budget",
    .paper = "Agrawal et al., Sarathi-Serve, OSDI 2024",
    .plan = plan,
};
