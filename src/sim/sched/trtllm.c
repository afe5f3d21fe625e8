/* trtllm.c - TensorRT-LLM's in-flight batching: generation and context requests share a step of max_tokens tokens.
**
** Two capacity schedulers, both first come first served:
**
**      trtllm-inflight  GUARANTEED_NO_EVICT: a request starts only when KV for all it may make is free; nothing is
**                       paused
**      trtllm-max-util  MAX_UTILIZATION: it starts when its prompt fits; when KV runs out the latest is paused and
**                       recomputes
**
** Prompts longer than the rest of the budget are cut (chunked context).
**
** NVIDIA TensorRT-LLM documentation, "Batch manager" and "Scheduler";
** cpp/tensorrt_llm/batch_manager/capacityScheduler.cpp.
*/
#include "sim/replica.h"
#include "sim/sched.h"

static void plan(struct replica *r)
{
    int32_t budget = r->max_tokens;
    replica_decode(r);
    budget -= replica_decode_tok(r);
    budget -= replica_resume(r, budget);
    enum admit_kv kv = r->sched->reserve ? KV_ALL : KV_PROMPT;
    replica_fill(r, budget, kv, kv);
}

extern const struct sched sched_trtllm, sched_trtllm_max;
const struct sched sched_trtllm = {
    .name = "trtllm-inflight",
    .help = "TensorRT-LLM in-flight batching, guaranteed no evict: KV for the whole request is set aside",
    .paper = "TensorRT-LLM batch manager, GUARANTEED_NO_EVICT",
    .plan = plan,
    .reserve = true,
};

const struct sched sched_trtllm_max = {
    .name = "trtllm-max-util",
    .help = "TensorRT-LLM in-flight batching, max utilisation: starts when the prompt fits, pauses the latest",
    .paper = "TensorRT-LLM batch manager, MAX_UTILIZATION",
    .plan = plan,
};
