/* draft.h - who proposes the tokens of speculative decoding, and what that costs. */
#ifndef MOAT_SPEED_DRAFT_H
#define MOAT_SPEED_DRAFT_H

#include "speed/deployment.h"

struct engine;
struct step_time;

struct proposer {                  /* the proposer as a deployment of its own, on the same devices */
    struct deployment d;
    struct model model;         /* heads: one layer of the target; else the draft model */
    struct layer layer;
    bool head;                  /* shares the embedding and the LM head of the target, and a matrix 2h x h before its layer */
};

/* false: nothing runs on the device (no speculation, or n-grams of the prompt). out stays where it is: it points into itself. */
bool draft_of(const struct deployment *d, struct proposer *out);
/* Tokens a step and sequence on average, its own one with them: 1 without speculation. */
double draft_mean_tok(const struct speculative *s);
/* Accepted share of what is proposed: (mean - 1) / k. */
double draft_accepted_frac(const struct speculative *s);

/* What proposing to `seqs` sequences adds to a step: but for contexts, the contexts' part, and both as one part "draft". */
void draft_tokens(const struct engine *e, double seqs, struct step_time *t);
void draft_attention(const struct engine *e, double seqs, double full, double clip, struct step_time *t);
void draft_walk(const struct engine *e, double seqs, double full, double clip, struct step_time *t);

#endif
