/* speculation.h - speculative decoding inside a replica: how many steps a request's tokens take, and how far it has come.
**
** Each step proposes k tokens to every decoder and verifies them; 1 to k + 1 become output (Leviathan, Kalman and Matias,
** "Fast inference from transformers via speculative decoding", ICML 2023: each proposal is accepted with probability a as
** long as those before it were, so P(n tokens or more) = a^(n-1), and E = (1 - a^(k+1)) / (1 - a) on average).
**
** What is random and what is not. When a request begins to decode, its own random stream says in how many steps it will
** be done: exactly the sum of its draws. In between its context and its KV blocks grow by the mean of E a step, in 1/16 of a
** token, and stop at its last token should the draws be late. So all decoders of a replica advance alike, one counter and
** one wheel of blocks serve them (kvpool.h), a stretch of steps is still one addition, and TTFT, TPOT and E2E have the
** spread that the draws give them. What is smoothed is how the context wavers between: a few tokens of hundreds.
*/
#ifndef MOAT_SIM_SPECULATION_H
#define MOAT_SIM_SPECULATION_H

#include "sim/replica.h"

#define SPECULATION_PARTS 16

struct speculation {
    int tokens;                 /* k */
    uint64_t *reach;            /* (k) 2^64 * a^(i+1): a draw below it accepts so many and more */
};

void speculation_init(struct replica *r, struct arena *a);
void speculation_join(struct replica *r, struct slot *s);       /* it decodes from d on: sets finish and cap */
void speculation_leave(struct replica *r, struct slot *s);      /* sets cached, made and steps */
void speculation_check(const struct replica *r, const struct slot *s);
/* Steps until `tok` tokens or more are made, by the stream of a request that has made `made` so far. */
int64_t speculation_steps(const struct speculation *p, uint64_t seed, uint32_t request, int32_t made, int64_t tok);

#endif
