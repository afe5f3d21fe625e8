/* walk.h - the operators of one step, one by one: what step_exact adds up and step_table_build samples.
**
** Inside the floor only. A deployment is prepared once (struct engine); every function then adds its operators to a
** struct step_time. Loads are of the whole replica; what one rank and micro-batch sees of them is worked out here: with
** pp micro-batches in flight and dp copies of the attention 1 / (pp * dp) of the tokens, experts 1 / pp, but a sequence
** is not divided (step.h). Token-wise work takes the busiest rank's tokens and those of all ranks, in one micro-batch.
*/
#ifndef MOAT_SPEED_WALK_H
#define MOAT_SPEED_WALK_H

#include "speed/step.h"

struct format {                 /* how the device multiplies weights of one precision */
    struct device_rate rate;
    double weight_bytes, act_bytes;
    const struct op_const *gemm, *moe;
    bool borrowed;              /* weights are unpacked to 16 bits: expert constants are those of 16-bit experts */
};

struct engine {
    const struct deployment *d;
    struct format format[PREC_N];
    double share;
    double kv_bytes;            /* a cached value */
    double window;              /* widest of all layers, in tokens; 0: no clipped layers */
    double min_kv;              /* decode contexts below count as this */
};

void engine_init(struct engine *e, const struct deployment *d);
enum tier engine_tier(const struct engine *e);  /* the farthest among the constants of GEMM, experts and attention */

enum grade engine_evidence(const struct engine *e);

/* Tokens of its context a layer reads for one query: full * context + clip * min(context, engine.window). */
struct reach { double full, clip; };
struct reach layer_reach(const struct engine *e, const struct layer *l);

/* Prefill attention of a layer: constants, and the compute per pair of its indexer (0: none). */
struct prefill_attention layer_prefill(const struct engine *e, const struct layer *l);
double layer_indexer_pair_s(const struct engine *e, const struct layer *l);
/* Linear attention's scan over tok prompt tokens in chunks, on one rank. */
struct op_time layer_scan(const struct engine *e, const struct layer *l, double tok, double chunks);

void time_begin(struct step_time *t);
void time_add(struct step_time *t, const char *op, int count, struct op_time one, enum bound work);

void walk_tokens(const struct engine *e, double rank_tok, double all_tok, struct step_time *t);
void walk_head(const struct engine *e, double seqs, struct step_time *t);   /* LM head, gather of logits, sampling */
void walk_decode(const struct engine *e, double seqs, double full, double clip, struct step_time *t);
void walk_prefill(const struct engine *e, double tok, double chunks, double pairs, double pairs_clip,
                  struct prefill_ways ways, struct step_time *t);

#endif
