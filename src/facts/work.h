/* work.h - work that is no language model: recommenders, diffusion, perception, HPC, graphics sessions.
**
** A workload is a list of operators with what one unit of it (a query, an image, a frame, a TFLOP) computes and moves.
** Read from data/work/<id>.yaml or a user's file. How much of a device's peak a class of work reaches is in struct
** work_shares (data/work_shares.yaml), fitted by scripts/work-fit on the rows of data/work/points.csv that say so.
*/
#ifndef MOAT_FACTS_WORK_H
#define MOAT_FACTS_WORK_H

#include <stdbool.h>
#include <stddef.h>

#include "facts/accelerator.h"

struct arena;
struct err;
struct node;

enum work_class { WORK_RECOMMENDER, WORK_DIFFUSION, WORK_DRIVING, WORK_HPC, WORK_GRAPHICS, WORK_CLASS_N };
extern const char *const work_class_name[WORK_CLASS_N];

enum work_op_kind {
    WORK_GEMM,                  /* matrices and convolutions: flop, values moved, params read once a batch */
    WORK_LOOKUP,                /* rows gathered from embedding tables: bytes */
    WORK_STREAM,                /* sweeps over memory: bytes, flop */
    WORK_SHADE,                 /* fp32 shading and raster: flop; needs a graphics pipeline */
    WORK_RAYS,                  /* ray traversal: rays; needs ray tracing cores */
    WORK_ENCODE,                /* video encoding: pixels; needs encoders, runs beside the rest */
    WORK_EXCHANGE,              /* bytes a card sends to its neighbours */
    WORK_OP_N
};
extern const char *const work_op_name[WORK_OP_N];

struct work_op {
    enum work_op_kind kind;
    const char *name;
    double times;               /* a unit, one after the other */
    double flop, bytes, values, params, rays, pixels;   /* of one time */
    double kernels;             /* launched one after the other, of one time */
};

struct workload {
    const char *id, *name;
    const char **alias; size_t nalias;
    enum work_class cls;
    bool train;                 /* forward, backward and update; else forward only */
    const char *unit;           /* of demand, as a rate: "images/s", "sessions" */
    enum arith arith[ARITH_N]; size_t narith;   /* arithmetic that the matrices take: the device's fastest counts */
    bool fp64;                  /* streams compute in fp64, else fp32 */
    double batch;               /* units a card works on at once, unless asked otherwise */
    struct work_op *op; size_t nop;
    double table_bytes;         /* embedding tables: spread over the cards where they do not fit into one */
    double state_bytes;         /* what a card holds besides weights and tables */
    double unit_bytes;          /* what a unit in the batch takes: activations, a session's frame buffer */
    double session_fps;         /* graphics: frames/s that each session is promised; 0: frames are the unit */
    int session_max;            /* most sessions that the driver shares a card among; 0: no limit */
    bool recall;                /* a figure that decides is somebody's memory */
    const char *source, *date, *notes;
    const char *place;          /* "data/work/sdxl.yaml" */
};

/* Shares of peak that the devices of one software reach; NaN: not said. */
struct work_share {
    const char *software;       /* "CUDA"; "pooled": any that is not listed */
    double compute, train;      /* of peak FLOP/s, forward only and training */
    double memory;              /* of bandwidth */
    double rays;                /* of the ray rate */
    double fixed_s, fixed_train_s;      /* of a batch, of a training step; graphics: of a frame, on the host */
    double kernel_s;            /* fixed time of a kernel; 0: the stack's for a 16-bit GEMM */
    int rows;                   /* fitted points behind it; 0: stands in */
};

struct work_class_shares {
    struct work_share *share; size_t nshare;    /* the first is pooled */
    double lo, hi;              /* 80 % interval of the rate, as factors; from held-out points, software known */
};

struct ray_rate { const char *family; double rays_s; };         /* of one ray tracing core */

struct work_shares {
    struct work_class_shares cls[WORK_CLASS_N];
    double other_lo, other_hi;  /* the same where no device of that software was fitted */
    double encoder_pixel_s;     /* of one video encoder */
    struct ray_rate *ray; size_t nray;          /* the first stands for families not listed */
};

/* One workload; every mistake names file:line: key. */
bool work_read(struct arena *a, const struct node *doc, struct workload *out, struct err *e);
bool work_shares_read(struct arena *a, const struct node *doc, struct work_shares *out, struct err *e);
/* The constants of a class for a device: those of its software over the pooled ones. *other: its software has none. */
struct work_share work_share_of(const struct work_shares *s, enum work_class cls, const struct accelerator *acc,
                                bool *other);

#endif
