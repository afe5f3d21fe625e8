/* step.h - time of one step of a replica, exactly (with a breakdown) and as a table of integers for the simulator.
**
** The step of a replica computes n_tok tokens of n_seq sequences: each decoding sequence gives one token, each prefill
** chunk several. time = token-wise work(n_tok) + LM head(n_seq) + attention(context) + fixed times + host.
**
** With pipeline parallelism pp micro-batches are in flight: a step over m tokens lasts as the whole model over m/pp.
** With dp attention each rank sees m/dp tokens; the MoE sees m. A sequence is not divided (docs/model.md, "Lone work"):
**
**      decode    of n sequences   1 / min(pp*dp, n) of their context on the busiest rank
**      prompts   in n chunks      1 / (min(dp, n) * S), S = pp stages at work; while the first chunks of prompts fill
**                                 an empty pipeline S = min(pp, sequences and chunks in the step)
**
** struct step_table is what the simulator reads: everything is in units of 2^-20 ns (Q20), so that the sum over any
** number of steps is the same integer whichever way it is added up.
*/
#ifndef MOAT_SPEED_STEP_H
#define MOAT_SPEED_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "speed/deployment.h"
#include "speed/memory.h"
#include "speed/op.h"

struct arena;

struct step_load {              /* one step, whole replica */
    int64_t decode_seqs;        /* sequences that decode one token */
    int64_t decode_full;        /* sum over them of max(context, min_kv) */
    int64_t decode_clip;        /* sum over them of min(max(context, min_kv), clip_window) */
    int64_t prefill_tok;        /* tokens of all chunks */
    int64_t prefill_chunks;     /* sequences that prefill in this step */
    int64_t prefill_first;      /* of them, those that begin a prompt: nothing of it is in the pipeline before them */
    int64_t prefill_done;       /* of them, those whose last chunk this is: they need logits */
    double prefill_pairs;       /* sum over chunks of chunk*past + chunk*(chunk+1)/2 */
    double prefill_pairs_clip;  /* the same with attention limited to the window */
};

/* Stages and ranks among which the prompts of a step are divided. */
struct prefill_ways { int64_t pp, dp; };

static inline struct prefill_ways step_prefill_ways(const struct step_load *l, int64_t pp, int64_t dp)
{
    int64_t chunks = l->prefill_chunks > 1 ? l->prefill_chunks : 1, flight = l->decode_seqs + chunks;
    bool fills = l->prefill_first > 0 && l->prefill_first == l->prefill_chunks;
    return (struct prefill_ways){fills && flight < pp ? flight : pp, chunks < dp ? chunks : dp};
}

struct step_part { const char *op; int count; struct op_time one; };    /* count launches in the step */

#define STEP_PARTS_MAX 64
struct step_time {
    double t_s;
    double by_bound_s[BOUND_N];
    struct step_part part[STEP_PARTS_MAX];      /* sum of count * one.t_s is t_s */
    size_t npart;
};

/* The exact step, from the formulas. */
void step_exact(const struct deployment *d, const struct step_load *load, struct step_time *out);

/* Loads of equal sequences: `seqs` that decode with so much context; chunks of prompts behind `past` tokens. */
struct step_load step_load_decode(const struct deployment *d, int64_t seqs, int64_t context);
struct step_load step_load_prefill(const struct deployment *d, int64_t seqs, int64_t past, int64_t chunk, bool last);
/* (query, key) pairs of one chunk; window 0: none. */
double step_pairs(int64_t past, int64_t chunk, int64_t window);

#define Q20 1048576LL           /* units of a nanosecond */

/* Prompt attention does not add up linearly: each kind of layer keeps its formula (op.h). */
#define STEP_KINDS_MAX 6
struct prefill_kind {
    struct prefill_attention op;
    double full, clip;          /* keys it sees: full * prefill_pairs + clip * prefill_pairs_clip */
    double count;               /* layers */
};

/* Token-wise work beyond max_tok, for steps whose ranks are not equally loaded: up to max_tok on one rank. */
#define WIDE_MAX 96
struct step_wide {
    int32_t n, tok[WIDE_MAX];   /* n 0: one rank, nothing to be unequal */
    int64_t all_q20[WIDE_MAX];  /* as tok_q20 */
    int64_t rank_q20[WIDE_MAX]; /* of it, what depends on the rank's own tokens: the rest are experts */
};

#define STEP_POWERS 4
#define STEP_POWER_RATIO 8

struct step_table {
    int64_t max_tok;            /* largest n_tok it serves */
    int32_t ngrid;
    int32_t *grid_tok;          /* (ngrid) ascending, first is 1 */
    int64_t *grid_q20;          /* (ngrid) token-wise work for so many tokens, fixed times included */
    int64_t *tok_q20;           /* (max_tok + 1) the same for every count, interpolated: one load; [0] = 0 */
    int64_t *graph_q20;         /* (max_seqs * (1 + verify_tok) + 1) token-wise work of steps that only decode; NULL: as tok_q20 */
    int64_t *head_q20;          /* (max_seqs * (1 + verify_tok) + 1) LM head and sampling for so many rows; [0] = 0 */
    int32_t verify_tok;         /* proposed tokens that a decoding sequence verifies in a step, beside its own; 0: none */
    int64_t *draft_q20;         /* (max_seqs + 1) proposing them to so many sequences, contexts apart; NULL: nothing */
    int32_t max_seqs;
    int32_t pp, dp;             /* 0 counts as 1 */
    struct step_wide wide;
    int64_t decode_fixed_q20;   /* attention fixed time when anything decodes */
    int64_t decode_full_q20, decode_clip_q20;   /* per token of context, pp * dp sequences or more: step_decode_q20 */
    int64_t decode_seq_q20;     /* per decoding sequence: recurrent state read and written; the same */
    int64_t clip_window;        /* 0: no clipped layers */
    int64_t min_kv;             /* contexts below count as this */
    int64_t prefill_fixed_q20;  /* when anything prefills */
    int64_t prefill_tok_q20, prefill_chunk_q20; /* linear attention: per token scanned, per chunk's state */
    int64_t prefill_pair_q20;   /* per 2^shift pairs, beside the kinds below: indexers */
    int prefill_pair_shift;     /* pairs are scaled down by this many bits before the product */
    int nkind;
    struct prefill_kind kind[STEP_KINDS_MAX];
    double kind_scale;          /* 1; step_table_scale changes it */
    int64_t prefill_floor_q20;  /* a step with prefill lasts at least this */
    int64_t step_fixed_q20, step_per_seq_q20;   /* host */
    double power_idle_w, power_prefill_w;       /* of the whole replica, between steps and in prompts */
    int npower;
    double power_decode_w[STEP_POWERS];         /* (npower >= 1) of so many sequences: 1, 8, 64, ... */
    /* What the times consist of by bound, without the engine's own host time, for the share of each (sim/bounds.h). */
    double decode_parts_s[STEP_POWERS][BOUND_N];        /* (npower) a step of so many sequences whose contexts take no time */
    double context_frac[BOUND_N];                       /* of the time of a token of context */
    double prefill_parts[BOUND_N];                      /* of a step of prompts */
    double interval_lo, interval_hi;            /* 80 %: truth within [t*(1-lo), t*(1+hi)] */
    double ttft_fixed_s;        /* before and after the engine: stack.request_fixed_s */
    enum grade evidence;
};

/* Watts of a replica that decodes so many sequences: between the entries of the table linear in their logarithm. */
double step_decode_w(const struct step_table *t, double seqs);

void step_table_build(struct arena *a, const struct deployment *d, struct step_table *out);
/* The table of one of `models` on a card by turns (time slicing), of which `active` compute at a time: what the device does takes
** `active` times as long and is drawn from a card whose power the others share; the host's own time stays. */
struct step_table step_table_shared(struct arena *a, const struct step_table *t, double models, double active);
/* Takes the place of every time in t: step_s + token_s a token of prompts and answers + seq_s a sequence, known for certain; sizes
** and power stay. */
void step_table_null(struct arena *a, double step_s, double token_s, double seq_s, struct step_table *t);
/* The same table with every time f times as long (ends of an interval; power is left). */
struct step_table step_table_scale(struct arena *a, const struct step_table *t, double f);

/* Growth of a step of `seqs` decoding sequences for so much more context: in whole numbers, linear while seqs stays. */
static inline int64_t step_decode_q20(const struct step_table *t, int64_t seqs, int64_t full, int64_t clip, int64_t states)
{
    int64_t ways = (int64_t)(t->pp > 1 ? t->pp : 1) * (t->dp > 1 ? t->dp : 1);
    if (seqs >= ways || seqs < 1)
        return t->decode_full_q20 * full + t->decode_clip_q20 * clip + t->decode_seq_q20 * states;
    return t->decode_full_q20 * ways / seqs * full + t->decode_clip_q20 * ways / seqs * clip +
           t->decode_seq_q20 * ways / seqs * states;
}

/* Prompts, Q20 nanoseconds: attention by its formula, scans and indexers by slopes. */
static inline int64_t step_prefill_q20(const struct step_table *t, const struct step_load *l, struct prefill_ways w)
{
    int64_t pp = t->pp > 1 ? t->pp : 1, dp = t->dp > 1 ? t->dp : 1, ways = w.pp * w.dp;
    double share = 1 / (double)ways, tok = (double)l->prefill_tok * share, s = 0;
    double chunks = l->prefill_chunks > ways ? (double)l->prefill_chunks * share : 1;
    for (int i = 0; i < t->nkind; i++) {
        const struct prefill_kind *k = &t->kind[i];
        double pairs = (k->full * l->prefill_pairs + k->clip * l->prefill_pairs_clip) * share;
        s += k->count * prefill_attention_s(&k->op, tok, chunks, pairs);
    }
    int64_t units = (int64_t)(l->prefill_pairs / (double)((int64_t)1 << t->prefill_pair_shift));
    int64_t rows = l->prefill_chunks > ways ? l->prefill_chunks : ways; /* each rank has a chunk, or a part of one */
    int64_t q = units * t->prefill_pair_q20 + t->prefill_tok_q20 * l->prefill_tok + t->prefill_chunk_q20 * rows;
    if (ways < pp * dp)
        q = (int64_t)((double)q * (double)(pp * dp) * share);
    return t->prefill_fixed_q20 + q + (int64_t)(s * t->kind_scale * 1e9 * (double)Q20);
}

/* What token-wise work grows by when the prompts are not spread over all stages and ranks (step_table.c). */
int64_t step_lone_q20(const struct step_table *t, const struct step_load *l, struct prefill_ways w);

/* Q20 nanoseconds of the step; agrees with step_exact within 1 % on the grid and 3 % between (test). Tokens must be at
** most max_tok and the sequences that need logits at most max_seqs. */
static inline int64_t step_q20(const struct step_table *t, const struct step_load *l)
{
    int64_t decode = l->decode_seqs * (1 + t->verify_tok), tok = decode + l->prefill_tok, rows = decode + l->prefill_done;
    const int64_t *work = t->graph_q20 && !l->prefill_tok ? t->graph_q20 : t->tok_q20;
    int64_t q = work[tok] + t->head_q20[rows] + t->step_fixed_q20 +
                t->step_per_seq_q20 * (l->decode_seqs + l->prefill_chunks);
    if (t->draft_q20)
        q += t->draft_q20[l->decode_seqs];
    if (l->decode_seqs)
        q += t->decode_fixed_q20 + step_decode_q20(t, l->decode_seqs, l->decode_full, l->decode_clip, l->decode_seqs);
    if (l->prefill_tok) {
        int64_t pp = t->pp > 1 ? t->pp : 1, dp = t->dp > 1 ? t->dp : 1;
        struct prefill_ways w = step_prefill_ways(l, pp, dp);
        q += step_prefill_q20(t, l, w);
        if (w.pp * w.dp < pp * dp)
            q += step_lone_q20(t, l, w);
        if (q < t->prefill_floor_q20)
            q = t->prefill_floor_q20;
    }
    return q;
}

#endif
