/* train.h - one training step of a model on many devices: its time by part, its memory, and what must divide what.
**
**      devices = tp * cp * pp * dp        micro-batches m = global batch / (micro batch * dp)
**      t = m * t_stage + (pp - 1) / v * t_stage + exposed gradient reduction + optimizer + fixed, times the straggler
*factor
**
** Pipeline with interleaving, bubble (pp-1)/(m*v + pp-1): Narayanan and others 2021, arXiv:2104.04473. Sequence
** parallelism, activation memory and selective recomputation: Korthikanti and others 2022, arXiv:2205.05198. Sharding
*of
** optimizer, gradients and parameters: Rajbhandari and others 2020 (ZeRO), arXiv:1910.02054. Experts are spread over ep
** of the tp * cp * dp ranks of a stage, each expert whole. Context parallelism: Liu and others 2023, arXiv:2310.01889.
*/
#ifndef MOAT_SPEED_TRAIN_H
#define MOAT_SPEED_TRAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/model.h"
#include "facts/training.h"
#include "speed/op.h"
#include "speed/predict.h"

struct err;

enum train_recompute {
    RECOMPUTE_NONE,
    RECOMPUTE_SELECTIVE, /* attention and elementwise work again */
    RECOMPUTE_FULL,      /* the whole forward pass of some layers, or of all, again */
    RECOMPUTE_N
};
extern const char *const train_recompute_name[RECOMPUTE_N]; /* "none", "selective", "full" */

struct train_job { /* what is trained, on what */
    const struct accelerator *acc;
    const struct model *model;
    struct stack ops; /* constants of the operators: train_ops() of stack_constants() of generic */
    struct train_const c;
    enum precision precision; /* of the matrix products; master weights are fp32 */
    int devices;
    int64_t global_batch, seq_tok; /* sequences a step; tokens of each */
    int lora_rank;                 /* 0: all weights are trained */
    bool scores_kept;              /* no flash attention: the s x s scores are stored (Korthikanti's 5as/h term) */
};

struct train_split {
    int tp, pp, vp, cp, ep, dp; /* vp: interleaved model chunks a stage; dp follows from devices */
    int64_t micro_batch;
    enum train_shard shard;
    enum train_recompute recompute;
    int recompute_layers; /* full: so many layers of a stage (Megatron recompute_num_layers); 0: all */
};

struct train_memory { /* of the fullest device */
    double weight_bytes, gradient_bytes, optimizer_bytes, activation_bytes, workspace_bytes;
    double total_bytes, usable_bytes;
    bool fits;
    double short_by_bytes; /* 0 when it fits */
};

enum train_part { /* seconds of a step that nothing else hides */
                  TRAIN_FORWARD,
                  TRAIN_BACKWARD,
                  TRAIN_RECOMPUTE,
                  TRAIN_HEAD,
                  TRAIN_TP,
                  TRAIN_CP,
                  TRAIN_EP,
                  TRAIN_PP,
                  TRAIN_BUBBLE,
                  TRAIN_DP,
                  TRAIN_OPTIMIZER,
                  TRAIN_FIXED,
                  TRAIN_STRAGGLER,
                  TRAIN_PART_N
};
extern const char *const train_part_name[TRAIN_PART_N];

struct train_step {
    double part_s[TRAIN_PART_N]; /* adds up to t_s */
    double t_s;
    int64_t micro_batches;
    double bubble_frac;   /* (pp-1)/(m*v + pp-1) */
    double hardware_flop; /* of the whole step, all devices: causal attention once, recomputation counted */
    double mem_bytes;     /* read and written by one device, roughly: for its power */
    double power_w;       /* of one device, mean */
};

/* A step sends large messages: its collectives reach c->links times the benchmarked share of a link, at most 0.9. */
struct stack train_ops(struct stack s, const struct train_const *c);
double train_recomputed(const struct train_job *j,
                        const struct train_split *s); /* share of layers, of full recomputation */
int train_micro_batches(const struct train_job *j, const struct train_split *s); /* rounded up */
bool train_runs(const struct train_job *j, struct err *e);                       /* the device has the arithmetic */
/* false with a reason: heads, layers, experts, batch or devices do not divide, or no arithmetic for the format. */
bool train_check(const struct train_job *j, const struct train_split *s, struct err *e);
struct train_memory train_memory(const struct train_job *j, const struct train_split *s);
void train_step(const struct train_job *j, const struct train_split *s, struct train_step *out);

/* FLOP of training one token as papers count them: 6 * active weights + 12 * layers * heads * head_dim * s, attention
*not
** halved for the causal mask (Chowdhery and others 2022, PaLM, appendix B, arXiv:2204.02311; Megatron, MaxText and NeMo
** count alike). half: with the causal half only. */
double train_model_flop_tok(const struct model *m, int64_t seq_tok, bool half);
double train_mfu(const struct train_job *j,
                 double step_s); /* of the 16-bit peak, or of the fp8 or fp4 peak it runs at */

#endif
