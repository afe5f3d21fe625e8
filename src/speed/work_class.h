/* work_class.h - what the classes of work share. Inside speed/ only.
**
** A class is one file and one row of the table in work.c: a function that adds the parts of a batch and says what
** memory a card needs. Gates that follow from the operators alone are in work.c.
*/
#ifndef MOAT_SPEED_WORK_CLASS_H
#define MOAT_SPEED_WORK_CLASS_H

#include "speed/work.h"

struct work_run {
    struct arena *arena;
    const struct workload *w;
    const struct work_shares *shares;
    const struct accelerator *acc;
    const struct stack *stack;
    struct work_share k;
    double lo, hi;              /* interval of the rate, as factors */
    double peak_flop_s;         /* of the matrices' arithmetic */
    double value_bytes;         /* of one value in it */
    struct work_rate *out;
};

void work_recommender(struct work_run *r);
void work_diffusion(struct work_run *r);
void work_driving(struct work_run *r);
void work_hpc(struct work_run *r);
void work_graphics(struct work_run *r);

/* Time of an operator for the whole batch, one card. Exchange is the classes' own. */
struct op_time work_op_time(const struct work_run *r, const struct work_op *op);
void work_add(struct work_run *r, const char *name, struct op_time t);
void work_add_fixed(struct work_run *r, const char *name, double t_s);
/* Every operator but encoders and exchange. */
void work_add_operators(struct work_run *r);
double work_time_s(const struct work_run *r);   /* sum of the parts */
double work_params(const struct workload *w);       /* of all gemm operators */
double work_exchange_bytes(const struct workload *w);       /* a unit */
double work_weight_bytes(const struct work_run *r);     /* training: gradients and optimizer too */
/* Copies of the whole model, one a card; training adds the all-reduce of the gradients. */
void work_replicas(struct work_run *r);
/* rate = batch / t with the class's interval. */
void work_set_rate(struct work_run *r);
/* Rate 0: false, so that a caller can return it. */
bool work_refuse(struct work_run *r, const char *binding, double short_by, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* Does need_bytes fit? Else refused. */
bool work_fit(struct work_run *r, double need_bytes);

#endif
