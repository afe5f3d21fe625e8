/* sglang.c - SGLang: prefill first. While a waiting prompt can be admitted, steps prefill only and decoders stall.
**
** A prompt is admitted when it and the tokens it may make fit beside a share rho of what the running ones are still to
** make:
**
**      prompt + out <= free - rho * sum(remaining)
**
** SGLang starts at rho = 0.7 (schedule_conservativeness 1), lets it fall to 0.14 of that over 600 decode steps and
** raises it after a retraction; here it is the floor it settles at, 0.098. What it cannot keep it retracts
** (recompute), the latest first. The chunk size is max_tokens (chunked_prefill_size).
**
** Zheng et al., "SGLang", NeurIPS 2024; python/sglang/srt/managers/schedule_policy.py, PrefillAdder.
*/
#include "sim/replica.h"
#include "sim/sched.h"

#define RHO 0.098
#define OUT_CLIP 4096 /* CLIP_MAX_NEW_TOKENS: what one request is thought to make at most */

static bool fits(struct replica *r, int64_t promised)
{
    int32_t want = replica_next_tok(r);
    int64_t out = replica_next_all(r) - want;
    if (!r->nrun)
        return replica_room(r, want);
    return replica_room(r, want + (out < OUT_CLIP ? out : OUT_CLIP) + promised);
}

static void plan(struct replica *r)
{
    int32_t budget = r->max_tokens;
    int64_t left = (r->finish_sum - r->ndec * r->d) / r->parts;
    int64_t promised = (int64_t)(RHO * (double)left);
    budget -= replica_resume(r, budget);
    while (r->look && budget > 0 && !r->planned_preemption && replica_waiting(r) && fits(r, promised)) {
        int32_t want = replica_next_tok(r), hit = replica_next_hit(r);
        int32_t tok = want - hit < budget ? want - hit : budget;
        promised += replica_next_all(r) - want;
        replica_admit(r, tok, hit + tok);
        budget -= tok;
    }
    if (!r->batch.nchunk)
        replica_decode(r);
}

extern const struct sched sched_sglang;
const struct sched sched_sglang = {
    .name = "sglang",
    .help = "SGLang: prefill first, decoders wait while prompts can be admitted",
    .paper = "Zheng et al., SGLang, NeurIPS 2024",
    .plan = plan,
    .cache = CACHE_COMPUTED,
};
