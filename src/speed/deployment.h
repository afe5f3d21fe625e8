/* deployment.h - one replica of a model on devices: the thing whose speed and memory are asked.
**
** A replica is tp x pp x dp devices. Attention is split over tp; dp copies of the attention share the
** requests ("data-parallel attention"); experts are spread ep ways and each split moe_tp ways, with
** ep * moe_tp = tp * dp. For dense models dp is 1.
*/
#ifndef MOAT_SPEED_DEPLOYMENT_H
#define MOAT_SPEED_DEPLOYMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "facts/accelerator.h"
#include "facts/engine_keys.h"
#include "facts/model.h"
#include "facts/precision.h"
#include "facts/stack.h"

struct err;

struct deployment {
    const struct accelerator *acc;
    const struct model *model;
    struct quant quant;
    struct stack stack;         /* stack_constants() for this framework and device */
    int tp, pp, dp, ep;
    int max_seqs, max_tokens;   /* of one replica and step */
    double memory_frac;         /* share of device memory that may be used */
    int64_t max_context;        /* tokens one sequence must be able to reach */
    struct graph_sizes graphs;
    struct speculative spec;    /* tokens 0: every step gives a sequence one token */
    double power_cap_w;         /* a device may draw so much; 0: its TDP */
    double clock_frac, bandwidth_frac;  /* of what the device could do uncapped (power_cap_apply); 0 counts as 1 */
};

int deployment_devices(const struct deployment *d);     /* tp * pp * dp */
int deployment_moe_tp(const struct deployment *d);
bool deployment_spans_nodes(const struct deployment *d);        /* tp * dp reach beyond one node or scale-up domain */
/* false with a reason when the split is impossible: heads, widths or experts do not divide, more stages than layers, no
** arithmetic for a format, no known link between the devices. Tensor parallelism across nodes is slow but no error. */
bool deployment_check(const struct deployment *d, struct err *e);
/* What the weights run as, in words: precision_on() of the linear layers. */
struct precision_run deployment_precision(const struct deployment *d);

#endif
